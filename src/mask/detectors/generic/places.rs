//! Which commands, statements and calls have a password, and where.

use std::sync::LazyLock;

use super::super::View;

/// Where a command has its password.
pub(super) enum Takes {
    /// Right behind an option of one letter.
    Glued(&'static [u8]),
    /// After one of these options.
    Option(&'static [&'static [u8]]),
    /// The word at this place, options and what they take aside.
    Word(usize),
    /// The next text in quotes.
    Quoted,
    /// The first word that is no option, where it is in quotes.
    InQuotes,
    /// The next word, where it has letters and digits.
    Told,
    /// A call's argument at this place, in quotes.
    Argument(usize),
    /// Likewise, where it is as random as keys are.
    Random(usize),
    /// The part of such a word behind this sign.
    Behind(&'static [u8], u8),
    /// `user:password`.
    Colon,
    /// The word behind a network's share.
    Share,
    /// `user/password@host`.
    Slash,
    /// `user / password`.
    Pair,
    /// After one of these options, or as the line that is put in: `<<< "..."`.
    Given(&'static [&'static [u8]]),
    /// `NAME=value`, or the word behind the name, where it is as keys are.
    Assigned,
}

pub(super) const HEADS: &[&str] = &[
    "sshpass",
    "mysql",
    "mariadb",
    "redis-cli",
    "docker login",
    "podman login",
    "registry login",
    "skopeo login",
    "oc login",
    "az login",
    "mongo",
    "cqlsh",
    "sqlcmd",
    "ldapsearch",
    "ldapmodify",
    "ldapadd",
    "kinit",
    "htpasswd",
    "add_user ",
    "change_password ",
    "/user:",
    "net user ",
    "ftp> user ",
    "identified by",
    "identified with",
    "new pdo(",
    "new mysqli(",
    "mysqli_connect(",
    "getconnection(",
    "sqlplus ",
    "login: ",
    "credentials are ",
    "credentials: ",
    "creds: ",
    "logins: ",
    "zugangsdaten: ",
    "requirepass ",
    "masterauth ",
    "snmp-server community ",
    "networkcredential(",
    "pscredential(",
    "convertto-securestring ",
    "schtasks",
    "ssh-keygen",
    "psexec",
    "openssl enc",
    "zip -p ",
    "mosquitto_",
    "ipmitool",
    "cf login",
    "twine upload",
    "pw ",
    "pwd ",
    "identifiants : ",
    "credenciales: ",
    "creds are ",
    "creds ",
    "wifi: ",
    "login with ",
    "auth=(",
    "auth = (",
    "basicauth(",
    "httpbasicauth(",
    "setbasicauth(",
    "basic_auth(",
    "basic.auth(",
    "credentials.basic(",
    "passwordauthentication(",
    "login(",
    "jwt.sign(",
    "jwt.encode(",
    "jwt.verify(",
    "jwt.decode(",
    "hmac.new(",
    "hmac.hexdigest(",
    "secretkeyspec(",
    "fernet(",
    "cookieparser(",
    "newclient(",
    "twilio(",
    "crackmapexec ",
    "netexec ",
    "smbmap ",
    "evil-winrm ",
    "rdesktop ",
    "hydra -",
    "xfreerdp",
    "mstsc ",
    "plink ",
    "pscp ",
    "psftp ",
    "putty ",
    "unzip ",
    "7za ",
    "7z a ",
    "7z x ",
    "unrar ",
    "rar a ",
    "mc alias set ",
    "mc config host add ",
    "smbclient ",
    "net use ",
    "iwconfig ",
    "impacket-",
    "secretsdump.py ",
    "vault login ",
    "snyk auth ",
    "cargo login ",
    "wandb login ",
    "doctl auth init",
    "nuget push ",
    "choco apikey ",
    "choco push ",
    "gem push ",
    "poetry config ",
    "secret set ",
    "secret put ",
    "secrets set ",
    "user-secrets set ",
    "vault kv put ",
    "vault write ",
    "--from-literal",
    "ssm put-parameter ",
    "encrypt_string ",
    "-generic-password ",
    "config set --secret ",
    "chamber write ",
    "travis encrypt ",
    "functions:config:set ",
];

/// Those of them that begin with a letter, by the last five bits of it, which are the same in either case; the longest first.
static BEGUN: LazyLock<[Vec<&str>; 32]> = LazyLock::new(|| {
    let mut begun = [const { Vec::new() }; 32];
    let slot = |head: &str| head.as_bytes().first().map_or(0, |first| usize::from(first & 31));
    HEADS.iter().for_each(|head| begun.iter_mut().skip(slot(head)).take(1).for_each(|begun: &mut Vec<&str>| begun.push(head)));
    begun.iter_mut().for_each(|begun| begun.sort_by_key(|head| std::cmp::Reverse(head.len())));
    begun
});

/// The longest of them that stands at `at`.
pub(super) fn head_at(view: &View<'_>, at: usize) -> Option<&'static str> {
    let begun = BEGUN.get(usize::from(view.at(at)? & 31))?;
    begun.iter().copied().find(|head| view.starts_with_ignoring_case(at, head.as_bytes()))
}

pub(super) fn takes(head: &str) -> Takes {
    match head {
        "sshpass" | "docker login" | "podman login" | "registry login" | "skopeo login" | "oc login" | "az login" | "mongo" | "cqlsh" => {
            Takes::Option(&[b"-p"])
        }
        "mysql" | "mariadb" => Takes::Glued(b"-p"),
        "cf login" | "twine upload" | "psexec" => Takes::Option(&[b"-p"]),
        "schtasks" => Takes::Option(&[b"/rp", b"/RP", b"/p", b"/P"]),
        "ssh-keygen" => Takes::Option(&[b"-N", b"-P"]),
        "openssl enc" => Takes::Option(&[b"-k"]),
        "mosquitto_" | "ipmitool" => Takes::Option(&[b"-P"]),
        "requirepass " | "masterauth " | "snmp-server community " | "zip -p " => Takes::Word(0),
        "networkcredential(" | "pscredential(" => Takes::Argument(1),
        "convertto-securestring " => Takes::InQuotes,
        "pw " | "pwd " => Takes::Told,
        "creds " | "login with " => Takes::Colon,
        "auth=("
        | "auth = ("
        | "basicauth("
        | "httpbasicauth("
        | "setbasicauth("
        | "basic_auth("
        | "basic.auth("
        | "credentials.basic("
        | "passwordauthentication("
        | "login("
        | "jwt.sign("
        | "jwt.encode("
        | "jwt.verify("
        | "jwt.decode("
        | "hmac.hexdigest(" => Takes::Argument(1),
        "hmac.new(" | "secretkeyspec(" | "fernet(" | "cookieparser(" => Takes::Argument(0),
        "newclient(" | "twilio(" => Takes::Random(0),
        "crackmapexec " | "netexec " | "smbmap " | "evil-winrm " | "rdesktop " | "hydra -" => Takes::Option(&[b"-p"]),
        "xfreerdp" | "mstsc " => Takes::Glued(b"/p:"),
        "plink " | "pscp " | "psftp " | "putty " => Takes::Option(&[b"-pw"]),
        "unzip " => Takes::Option(&[b"-P"]),
        "7za " | "7z a " | "7z x " | "unrar " | "rar a " => Takes::Glued(b"-p"),
        "smbclient " => Takes::Behind(b"-U", b'%'),
        "mc alias set " | "mc config host add " => Takes::Word(3),
        "vault login " | "snyk auth " | "cargo login " | "wandb login " => Takes::Told,
        "doctl auth init" => Takes::Option(&[b"-t", b"--access-token"]),
        "nuget push " | "choco apikey " | "choco push " => Takes::Option(&[b"-k", b"--api-key", b"-ApiKey"]),
        "gem push " => Takes::Option(&[b"--key"]),
        "net use " => Takes::Share,
        "poetry config " => Takes::Word(1),
        "iwconfig " => Takes::Behind(b"key", b':'),
        "impacket-" | "secretsdump.py " => Takes::Behind(b"", b':'),
        "redis-cli" => Takes::Option(&[b"-a", b"--pass"]),
        "sqlcmd" => Takes::Option(&[b"-P"]),
        "ldapsearch" | "ldapmodify" | "ldapadd" => Takes::Option(&[b"-w"]),
        "htpasswd" => Takes::Word(2),
        "add_user " | "change_password " | "net user " | "ftp> user " => Takes::Word(1),
        "/user:" => Takes::Word(1),
        "identified by" | "identified with" => Takes::Quoted,
        "new pdo(" | "new mysqli(" | "mysqli_connect(" | "getconnection(" => Takes::Argument(2),
        "sqlplus " | "kinit" => Takes::Slash,
        "secret set " | "secret put " => Takes::Given(&[b"--body", b"-b", b"--value"]),
        "ssm put-parameter " => Takes::Given(&[b"--value"]),
        "secrets set "
        | "user-secrets set "
        | "vault kv put "
        | "vault write "
        | "--from-literal"
        | "travis encrypt "
        | "functions:config:set " => Takes::Assigned,
        "encrypt_string " => Takes::InQuotes,
        "-generic-password " => Takes::Option(&[b"-w"]),
        "config set --secret " => Takes::Word(1),
        "chamber write " => Takes::Word(2),
        _ => Takes::Pair,
    }
}
