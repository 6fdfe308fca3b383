//! Names that secrets are assigned to.

use super::super::View;
use super::super::text::{is_alnum, is_word};
use super::other::{is_plain, tells_another};
use super::phrases;

/// What kind of secret a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Chosen by a person: short, in letters, digits and signs.
    Password,
    /// Made by a machine: long and random.
    Key,
    /// Likewise, under a name that has other things as well, which are short.
    LongKey,
    /// Of a variable, which may be another thing's as well.
    EnvKey,
}

/// A name with a word for a secret in it.
pub(super) struct Name {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where to look: [`word_at`] tells which of them count.
pub(super) const HEADS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "credential",
    "_key",
    "-key",
    "api key",
    "secret key",
    "private key",
    "master key",
    "access key",
    "global key",
    "apikey",
    "accesskey",
    "authkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "sharedkey",
    "accountkey",
    "subscriptionkey",
    "licensekey",
    "appkey",
    "adminkey",
    "primarykey",
    "secondarykey",
    ".key",
    "_auth",
    "\"auth",
    "_pat",
    "_psk",
    "psk=",
    "psk:",
    "_pw",
    "pw=",
    "pw:",
    "pw for ",
    "pw is ",
    "pw of ",
    "pat: ",
    "pat = ",
    "key is ",
    "the key",
    "this key",
    "?key",
    "&key",
    "&appid=",
    "?appid=",
    "unseal key",
    "shared key",
    "presharedkey",
    "license key",
    "serverkey",
    "webhookkey",
    "sessionkey",
    "hmackey",
    "integrationkey",
    "functionkey",
    "clave: ",
    "clave es ",
    "jeton",
    "mdp:",
    "mdp ",
    "api : ",
    "api: ",
    "api est ",
    "api «",
    "ndpw ",
    "otpw ",
    "encryption key",
    "signing key",
    "hmac key",
    "auth key",
    "kennwort",
    "asło",
    "haslo",
    "пароль",
    "Пароль",
    "密码",
    "密碼",
    "비밀번호",
    "şifre",
    "sifre",
    "senord",
    "adgangskode",
    "salasana",
    "heslo",
    "jelsz",
    "parol",
    "contrase",
    "senha",
    "wachtwoord",
    "d'api",
    "api-schl",
    "api-sleutel",
    "clave de ",
    "clave del ",
    "clave api",
    "chiave api",
    "chave d",
    "mot de passe",
    "mot_de_passe",
    "motdepasse",
    "sessid",
    "samlresponse",
];

/// What makes a key a secret one, when it stands before `key`.
const KEYS: &[&[u8]] = &[
    b"api",
    b"access",
    b"auth",
    b"private",
    b"signing",
    b"encryption",
    b"master",
    b"shared",
    b"account",
    b"subscription",
    b"license",
    b"secret",
    b"app",
    b"application",
    b"service",
    b"deploy",
    b"storage",
    b"admin",
    b"write",
    b"read",
    b"ingest",
    b"personal",
    b"client",
    b"server",
    b"webhook",
    b"hmac",
    b"jwt",
    b"session",
    b"cookie",
    b"fernet",
    b"aes",
    b"cipher",
    b"crypto",
    b"decryption",
    b"unseal",
    b"recovery",
    b"preshared",
    b"pre_shared",
    b"pre-shared",
    b"function",
    b"function_host",
    b"integration",
];

/// Those of them that may stand apart from `key`: texts are searched for the two words.
const APART: &[&[u8]] =
    &[b"api", b"secret", b"private", b"master", b"access", b"encryption", b"signing", b"hmac", b"auth", b"unseal", b"shared", b"license"];

/// What tells which of two keys it is, of storage and brokers (Azure); of tables, it names a column.
const RANKS: &[&[u8]] = &[b"primary", b"secondary"];

/// Longest of the heads.
const HEAD: usize = 16;

/// Bytes before the word that may belong to the name.
pub(super) const BEFORE: usize = 32;

/// Bytes of the word and after it.
pub(super) const AFTER: usize = 40;

/// The name around the word for a secret that stands at `at`.
pub(super) fn around(view: &View<'_>, at: usize) -> Option<Name> {
    // A separator before the word is part of the head that was found.
    let in_query = view.is(at, |byte| matches!(byte, b'?' | b'&'));
    let at = at + usize::from(in_query || view.is(at, |byte| matches!(byte, b'_' | b'-' | b'.' | b'"')));
    let start = view.run_back(at, BEFORE, is_name);
    let end = view.run(at, AFTER, is_name);
    let stray = view.slice(at, end).iter().rev().take_while(|byte| matches!(**byte, b'.' | b'-')).count();
    let end = end - stray;
    let phrase = phrases::at(view, at, in_query);
    // `the public key is ...`.
    let told = phrase.is_some_and(|(phrase, _)| phrase == phrases::KEY_IS);
    if told && (tells_another(view.slice(at.saturating_sub(14), at), Kind::Key) || view.slice(at.saturating_sub(8), at) == b"primary ") {
        return None;
    }
    let (end, text) = phrase.map_or((end, view.slice(start, end)), |(phrase, name)| (at + phrase.len(), name.as_bytes()));
    // The head may be more than the word that counts: of `apikey` it is `key`.
    let place = if text.len() == end - start { at - start } else { 0 };
    let kind = (place..place + HEAD).find_map(|place| counts(text, place))?;
    Some(Name { kind, start, end })
}

/// The first two letters of the words below that are in ASCII.
const BEGINNINGS: &[[u8; 2]] = &[
    *b"pa", *b"pw", *b"ps", *b"se", *b"to", *b"cr", *b"au", *b"ke", *b"co", *b"mo", *b"wa", *b"ad", *b"as", *b"ha", *b"he", *b"je", *b"sa",
    *b"si", *b"md",
];

/// What a member name speaks of.
pub(super) fn of(key: &[u8]) -> Option<Kind> {
    // This runs for every member; the first two letters tell most names from those of secrets.
    let begins = |pair: &[u8; 2]| BEGINNINGS.contains(&pair.map(|byte| byte | 0x20)) || !pair.is_ascii();
    let pairs = key.iter().zip(key.iter().skip(1)).map(|(one, next)| [*one, *next]);
    pairs.enumerate().filter(|(_, pair)| begins(pair)).find_map(|(at, _)| counts(key, at))
}

impl Name {
    /// Whether what stands before it makes it the name of another thing.
    pub(super) fn tells_another(&self, before: &[u8]) -> bool {
        tells_another(before, self.kind)
    }
}

pub(super) fn is_name(byte: u8) -> bool {
    // `contraseña`: letters of other scripts belong to a name.
    is_word(byte) || !byte.is_ascii() || matches!(byte, b'.' | b'-')
}

/// Whether the word at `at` makes `name` the name of a secret.
fn counts(name: &[u8], at: usize) -> Option<Kind> {
    let (kind, len) = word_at(name, at)?;
    let (before, after) = (name.get(..at)?, name.get(at + len..)?);
    let begins = before
        .last()
        .is_none_or(|byte| !byte.is_ascii_lowercase() || name.get(at).is_some_and(u8::is_ascii_uppercase) || kind_of_run(before));
    (begins && is_plain(after) && !tells_another(before, kind)).then_some(kind)
}

/// `mypassword`, `dbtoken`: written in one, so any letters may stand before.
fn kind_of_run(before: &[u8]) -> bool {
    let run = before.iter().rev().take_while(|byte| byte.is_ascii_lowercase()).count();
    run <= 16
}

/// The word for a secret at `at`, and its length.
fn word_at(name: &[u8], at: usize) -> Option<(Kind, usize)> {
    let text = name.get(at..)?;
    let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let words: &[(&[u8], Kind)] = match text.first()?.to_ascii_lowercase() {
        b'p' => &[
            (b"password", Kind::Password),
            (b"passwort", Kind::Password),
            (b"passphrase", Kind::Password),
            (b"passwd", Kind::Password),
            (b"passw", Kind::Password),
            (b"passcode", Kind::Password),
            (b"passord", Kind::Password),
            (b"parola", Kind::Password),
            ("parolă".as_bytes(), Kind::Password),
            (b"pass", Kind::Password),
            (b"pwd", Kind::Password),
            (b"pw", Kind::Password),
            (b"psk", Kind::Password),
            (b"pat", Kind::Key),
        ],
        b's' => &[
            (b"secret", Kind::Key),
            (b"senha", Kind::Password),
            (b"sessid", Kind::Key),
            (b"samlresponse", Kind::Key),
            (b"senord", Kind::Password),
            (b"sifre", Kind::Password),
            (b"salasana", Kind::Password),
        ],
        b't' => &[(b"token", Kind::Key)],
        b'c' => &[
            (b"credentials", Kind::Key),
            (b"credential", Kind::Key),
            ("contraseña".as_bytes(), Kind::Password),
            (b"contrasena", Kind::Password),
        ],
        b'a' => &[(b"auth", Kind::Key), ("asło".as_bytes(), Kind::Password), (b"adgangskode", Kind::Password)],
        b'h' => &[(b"haslo", Kind::Password), (b"heslo", Kind::Password)],
        b'j' => &[("jelszó".as_bytes(), Kind::Password), (b"jelszo", Kind::Password), (b"jeton", Kind::Key)],
        0x80.. if at_end(name, at) => FOREIGN,
        b'm' => &[
            (b"mot_de_passe", Kind::Password),
            (b"mot-de-passe", Kind::Password),
            (b"motdepasse", Kind::Password),
            (b"mot de passe", Kind::Password),
            (b"mdp", Kind::Password),
        ],
        b'w' => &[(b"wachtwoord", Kind::Password)],
        b'k' if begins(b"kennwort") => &[(b"kennwort", Kind::Password)],
        b'k' if keyed(name.get(..at)?, KEYS) => &[(b"key", Kind::Key)],
        b'k' if keyed(name.get(..at)?, RANKS) => &[(b"key", Kind::LongKey)],
        b'k' if is_variable(name, at) => &[(b"key", Kind::EnvKey)],
        _ => &[],
    };
    let (word, kind) = words.iter().find(|(word, _)| begins(word))?;
    // Short ones are parts of many words; alone, or after a separator, they are meant.
    let before = name.get(..at)?;
    let apart = before.last().is_none_or(|byte| !is_alnum(*byte)) || name.get(at).is_some_and(u8::is_ascii_uppercase);
    let owned = || matches!(*word, b"pass" | b"pw") && OWNERS.iter().any(|owner| ends_with_ignoring_case(before, owner));
    let short = matches!(*word, b"auth" | b"pass" | b"pw" | b"psk" | b"pat" | b"mdp");
    let whole = !short || ((apart || owned()) && at + word.len() == name.len());
    whole.then_some((*kind, word.len()))
}

/// Words in other letters, which names are not joined of.
const FOREIGN: &[(&[u8], Kind)] = &[
    ("пароль".as_bytes(), Kind::Password),
    ("Пароль".as_bytes(), Kind::Password),
    ("密码".as_bytes(), Kind::Password),
    ("密碼".as_bytes(), Kind::Password),
    ("パスワード".as_bytes(), Kind::Password),
    ("비밀번호".as_bytes(), Kind::Password),
    ("şifre".as_bytes(), Kind::Password),
];

/// Whether one of them is the last of the name.
fn at_end(name: &[u8], at: usize) -> bool {
    name.get(at..).is_some_and(|rest| FOREIGN.iter().any(|(word, _)| rest == *word))
}

/// `FASTLY_KEY`: a variable of an environment.
fn is_variable(name: &[u8], at: usize) -> bool {
    at >= 4 && at + 3 == name.len() && name.get(at - 1) == Some(&b'_') && name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
}

/// Whose `pass` it is, written in one with it.
const OWNERS: &[&[u8]] = &[b"store", b"key", b"user", b"db", b"root", b"admin", b"my", b"login", b"smtp", b"pg", b"bind", b"require"];

fn ends_with_ignoring_case(text: &[u8], end: &[u8]) -> bool {
    text.len().checked_sub(end.len()).and_then(|at| text.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// Whether what stands before `key` makes it a secret one.
fn keyed(before: &[u8], words: &[&[u8]]) -> bool {
    // `server.key` is a file.
    if before.ends_with(b".") && [&b"server."[..], b"client."].iter().any(|file| ends_with_ignoring_case(before, file)) {
        return false;
    }
    // `API key`, in the head of a column.
    if let Some(before) = before.strip_suffix(b" ") {
        return words.iter().any(|word| APART.contains(word) && ends_with_ignoring_case(before, word));
    }
    let before = before.strip_suffix(b"_").or_else(|| before.strip_suffix(b"-")).or_else(|| before.strip_suffix(b".")).unwrap_or(before);
    words.iter().any(|word| ends_with_ignoring_case(before, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_names_of_secrets() {
        for (name, kind) in [
            ("password", Kind::Password),
            ("DB_PASSWORD", Kind::Password),
            ("dbPassword", Kind::Password),
            ("mysqlpwd", Kind::Password),
            ("SMTP_PASS", Kind::Password),
            ("password_prod", Kind::Password),
            ("client_secret", Kind::Key),
            ("clientSecret", Kind::Key),
            ("X-Api-Key", Kind::Key),
            ("apiKey", Kind::Key),
            ("aws_secret_access_key", Kind::Key),
            ("_authToken", Kind::Key),
            ("AccountKey", Kind::Key),
            ("adafruitToken", Kind::Key),
            ("credentials", Kind::Key),
            ("secretKey2", Kind::Key),
            ("_auth", Kind::Key),
            ("AZURE_DEVOPS_PAT", Kind::Key),
            ("wifi_psk", Kind::Password),
            ("dbpass", Kind::Password),
            ("-storepass", Kind::Password),
            ("heroku.api.key", Kind::Key),
            ("PAGERDUTY_TOKEN", Kind::Key),
            ("contraseña", Kind::Password),
            ("Kennwort", Kind::Password),
            ("mot_de_passe", Kind::Password),
            ("PHPSESSID", Kind::Key),
            ("SPLUNK_HEC_TOKEN", Kind::Key),
            ("NEXTAUTH_SECRET", Kind::Key),
            ("RSYNC_PASSWORD", Kind::Password),
            ("cache_password", Kind::Password),
            ("cosmosPrimaryKey", Kind::LongKey),
            ("primary_key", Kind::LongKey),
            ("FASTLY_KEY", Kind::EnvKey),
            ("FUNCTION_HOST_KEY", Kind::Key),
            ("adoPat", Kind::Key),
            ("hasło", Kind::Password),
            ("Пароль", Kind::Password),
            ("登录密码", Kind::Password),
            ("lösenord", Kind::Password),
            ("Jelszó", Kind::Password),
            ("passcode", Kind::Password),
            ("API key", Kind::Key),
            ("Private Key", Kind::Key),
        ] {
            assert_eq!(of(name.as_bytes()), Some(kind), "{name}");
        }
    }

    #[test]
    fn leaves_names_of_other_things() {
        for name in [
            "nextPageToken",
            "password_length",
            "secretName",
            "tokenizer",
            "max_tokens",
            "key",
            "monkey",
            "author",
            "authority",
            "csrf-token",
            "public_key",
            "publicToken",
            "credentialsId",
            "apiKeyName",
            "passwordHint",
            "token_type",
            "access_token_url",
            "bypass",
            "compass_id",
            "secretSize",
            "passed",
            "keyPressed",
            "schemaKey",
            "OAuth2Config",
            "file_path",
            "pattern",
            "compass",
            "server.key",
            "author",
            "page_token",
            "密码长度",
            "SORT_KEY",
            "fastly_key",
            "primary key",
            "Server key",
        ] {
            assert_eq!(of(name.as_bytes()), None, "{name}");
        }
    }
}
