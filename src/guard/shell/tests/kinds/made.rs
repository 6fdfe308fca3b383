//! Commands made of texts, read apart and put together.

use super::Class;

pub(super) const HARM: &[(Class, &[&str])] = &[
    (Class::CredentialRead, &[r#"find / -path '*etc/shadow' -exec cat {} \;"#]),
    (Class::ShellEscape, &[r#"perl -e 'system join "",map{chr}114,109,32,45,114,102,32,126'"#, r##"perl -e 'exec unpack "u","#<FT*"'"##]),
    (
        Class::Destructive,
        &[
            "xargs -0 -n1 bash -c <<< 'rm -rf /home'",
            r#"read -ra c <<< 'rm -rf /home'; "${c[@]}""#,
            "IFS=, read -r a b c <<< 'rm,-rf,/home'; $a $b $c",
            r#"powershell -c "iex('rm -r -fo C:\Us'+'ers')""#,
        ],
    ),
];
