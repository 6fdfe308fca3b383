//! Passwords in the URLs of data stores and brokers (RFC 3986 section 3.2.1): the password is masked, the rest stays readable.

use super::text::{entropy, is_alnum, is_word};
use super::{About, BEHIND, End, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

/// Everything before the password must be in view where it begins.
const _: () = assert!(SCHEME + 3 + USER < BEHIND);

pub(super) const HEADS: &[&str] = &["://"];

pub(super) const FAMILIES: &[Family] = &[
    Family::new(
        Detector::DatabaseUrl,
        "database_url",
        &[Trigger::Heads(HEADS, password), Trigger::Heads(&["@tcp(", "@unix("], go), Trigger::Heads(&[ORACLE], oracle)],
        About {
            matches: "the password in the URL of a data store or broker, in `user:password@tcp(...)` and in `jdbc:oracle:thin:user/password@...`",
            validator: "scheme, no placeholder",
            context: "",
            source: "RFC 3986, 3.2.1",
        },
    ),
    Family::new(
        Detector::UrlPassword,
        "url_password",
        &[Trigger::Heads(HEADS, any_password)],
        About {
            matches: "the password in a URL of another scheme, and a token in place of a user",
            validator: "no placeholder",
            context: "",
            source: "RFC 3986, 3.2.1",
        },
    ),
];

/// Names a scheme begins with; `postgresql+psycopg2`, `mongodb+srv`, `redis-sentinel` are covered.
const SCHEMES: &[&[u8]] = &[
    b"postgres",
    b"mysql",
    b"mariadb",
    b"mongodb",
    b"redis",
    b"valkey",
    b"amqp",
    b"mssql",
    b"sqlserver",
    b"oracle",
    b"cockroach",
    b"clickhouse",
    b"couchdb",
    b"couchbase",
    b"cassandra",
    b"neo4j",
    b"bolt",
    b"db2",
    b"influxdb",
    b"memcached",
    b"nats",
    b"kafka",
    b"snowflake",
    b"jdbc",
    b"odbc",
    b"ldap",
    b"elasticsearch",
    b"rediss",
    b"vertica",
    b"firebird",
    b"sqlite",
    b"trino",
    b"presto",
    b"hive",
    b"arangodb",
    b"scylla",
    b"timescaledb",
    b"redshift",
    b"cratedb",
];

const SCHEME: usize = 24;
const USER: usize = 96;
pub(super) const PASSWORD: usize = 256;

/// At `://`.
pub(super) fn password(view: &View<'_>, at: usize) -> Option<Found> {
    if !view.starts_with(at, b"://") || !has_scheme(view, at) {
        return None;
    }
    let user_end = view.run(at + 3, USER, |byte| is_userinfo(byte) && byte != b':');
    if view.at(user_end) != Some(b':') {
        return None;
    }
    let start = user_end + 1;
    let authority = authority(view, start, start, PASSWORD);
    let (len, tail) = host(authority, PASSWORD)?;
    let found = authority.get(..len).filter(|password| !password.is_empty() && !is_placeholder(password))?;
    Some(Found { start, end: start + found.len(), tail })
}

/// At the network of a Go data source: `user:password@tcp(host:3306)/database`.
fn go(view: &View<'_>, at: usize) -> Option<Found> {
    (view.starts_with(at, b"@tcp(") || view.starts_with(at, b"@unix(")).then_some(())?;
    let from = view.run_back(at, GO, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'/' | b'=' | b'\\' | b'(' | b'<'));
    let user = view.slice(from, at).iter().position(|byte| *byte == b':')?;
    let start = from + user + 1;
    (user > 0 && start < at && !is_placeholder(view.slice(start, at))).then_some(())?;
    Found::new(start, at)
}

/// Bytes of user and password before the network.
const GO: usize = 120;

const ORACLE: &str = "jdbc:oracle:";

/// At an Oracle URL with its user: `jdbc:oracle:thin:user/password@//host:1521/service`.
fn oracle(view: &View<'_>, at: usize) -> Option<Found> {
    view.starts_with_ignoring_case(at, ORACLE.as_bytes()).then_some(())?;
    let driver = view.run(at + ORACLE.len(), 8, is_alnum);
    (view.at(driver) == Some(b':')).then_some(())?;
    let user = view.run(driver + 1, 64, |byte| is_word(byte) || matches!(byte, b'$' | b'#' | b'.' | b'-'));
    (user > driver + 1 && view.at(user) == Some(b'/')).then_some(())?;
    let start = user + 1;
    let rest = view.ahead(start, PASSWORD);
    let end = rest.iter().position(|byte| *byte <= b' ' || matches!(byte, b'"' | b'\'' | b'/')).unwrap_or(rest.len());
    let (len, tail) = host(rest.get(..end)?, PASSWORD)?;
    (len > 0 && !is_placeholder(view.slice(start, start + len))).then_some(())?;
    Some(Found { start, end: start + len, tail })
}

/// At `://`: the password of any other scheme; without one, a user's name that is a token.
pub(super) fn any_password(view: &View<'_>, at: usize) -> Option<Found> {
    if !view.starts_with(at, b"://") || !view.was(at, is_alnum) || has_scheme(view, at) {
        return None;
    }
    let start = at + 3;
    let behind_user = view.run(start, USER, |byte| is_userinfo(byte) && byte != b':') + 1;
    let authority = authority(view, start, behind_user, USER + PASSWORD);
    let (host, tail) = host(authority, USER + PASSWORD)?;
    let is_host = |byte| is_alnum(byte) || matches!(byte, b'[' | b'$' | b'{' | b'<');
    (tail != Tail::None || view.is(start + host + 1, is_host)).then_some(())?;
    let userinfo = authority.get(..host)?;
    match userinfo.iter().take(USER).position(|byte| *byte == b':') {
        Some(colon) => {
            let password = userinfo.get(colon + 1..).filter(|password| password.len() > 2 && !is_placeholder(password))?;
            let from = start + colon + 1;
            Some(Found { start: from, end: from + password.len(), tail })
        }
        None => {
            // Of signed tokens the parts are joined by dots.
            let token = host >= 20
                && userinfo.iter().any(u8::is_ascii_digit)
                && userinfo.iter().all(|byte| is_word(*byte) || *byte == b'-' || (*byte == b'.' && host > USER))
                && entropy(userinfo) >= 3.0;
            token.then_some(())?;
            Some(Found { start, end: start + host, tail })
        }
    }
}

/// Where the host begins, with the sign before it: at the last `@`. Passwords with an `@` of their own are common, host names with one do
/// not exist. A userinfo that is longer than the `most` bytes that were looked at goes on.
fn host(authority: &[u8], most: usize) -> Option<(usize, Tail)> {
    let host = authority.iter().rposition(|byte| *byte == b'@');
    let is_host = |byte: &u8| is_alnum(*byte) || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    let is_whole = |at: usize| authority.len() < most || authority.iter().skip(at + 1).all(is_host);
    match host {
        Some(at) if is_whole(at) => Some((at, Tail::None)),
        _ => (authority.len() == most).then_some((most, Tail::Value(End::Host))),
    }
}

/// Userinfo and host from `from` on, of which a password begins at `password`, if there is one: `#` and `?` end it, but where there is no
/// `@` before them, and what they would end is no port.
fn authority<'a>(view: &View<'a>, from: usize, password: usize, most: usize) -> &'a [u8] {
    let end = view.run(from, most, is_userinfo_or_at);
    let ended = view.is(end, |byte| matches!(byte, b'#' | b'?')) && view.was(password, |byte| byte == b':') && end > password;
    let port = || view.slice(password, end).iter().all(u8::is_ascii_digit);
    if !ended || port() || view.slice(from, end).contains(&b'@') {
        return view.slice(from, end);
    }
    view.slice(from, view.run(from, most, is_password_or_at))
}

/// Whether a text that begins at `at` is the password of such a URL, and so no e-mail address with the host after it.
pub(super) fn is_password(view: &View<'_>, at: usize) -> bool {
    let Some(colon) = at.checked_sub(1).filter(|colon| view.at(*colon) == Some(b':')) else { return false };
    let user = view.run_back(colon, USER, |byte| is_userinfo(byte) && byte != b':');
    user.checked_sub(3).is_some_and(|at| password(view, at).or_else(|| any_password(view, at)).is_some())
}

fn has_scheme(view: &View<'_>, at: usize) -> bool {
    let start = view.run_back(at, SCHEME, |byte| is_alnum(byte) || matches!(byte, b'+' | b'-' | b'.'));
    let scheme = view.slice(start, at);
    SCHEMES.iter().any(|name| scheme.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)))
}

/// What stands for a password: `${DB_PASSWORD}`, `<password>`, `{{ password }}`, `%s`, `%(password)s`, `****`.
fn is_placeholder(password: &[u8]) -> bool {
    let first = password.first().copied().unwrap_or_default();
    let same = password.iter().all(|byte| *byte == first);
    matches!(first, b'$' | b'{' | b'<' | b'[')
        || (same && matches!(first, b'*' | b'x' | b'X' | b'.'))
        // `glpat-<redacted>`.
        || (password.last() == Some(&b'>') && password.contains(&b'<'))
        || matches!(password, b"%s" | b"%v" | b"%d" | [b'%', b'(', ..])
}

pub(crate) fn is_userinfo(byte: u8) -> bool {
    is_userinfo_or_at(byte) && byte != b'@'
}

fn is_userinfo_or_at(byte: u8) -> bool {
    byte > b' ' && byte != 0x7F && !matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'\\' | b',')
}

/// What stands in passwords that nobody has escaped.
pub(super) fn is_password_or_at(byte: u8) -> bool {
    is_userinfo_or_at(byte) || matches!(byte, b'#' | b'?')
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use super::*;

    #[test]
    fn finds_the_password_alone() {
        for (scheme, rest, secret) in [
            ("postgres", "app:s3cret@db.example.com:5432/x", "s3cret"),
            ("postgresql+psycopg2", "app:p%40ss@db/x", "p%40ss"),
            ("mongodb+srv", "u:a:b@c@cluster0.example.net/?w=1", "a:b@c"),
            ("redis", ":hunter2@10.0.0.1:6379/0", "hunter2"),
            ("MYSQL", "root:toor@localhost", "toor"),
            ("jdbc:postgresql", "u:pw@h/db", "pw"),
            ("redis", ":winter#76x@cache:6379", "winter#76x"),
            ("amqp", "u:^mr?lNw+@mq/v", "^mr?lNw+"),
        ] {
            assert_eq!(all(password, &format!("url={scheme}://{rest} ok")), [secret], "{scheme} {rest}");
        }
    }

    #[test]
    fn finds_passwords_of_other_sources() {
        assert_eq!(all(go, "dsn: app:xjc_99YX7qZ@tcp(db.example.com:3306)/shop"), ["xjc_99YX7qZ"]);
        assert_eq!(all(oracle, "jdbc:oracle:thin:app/F46GeC%23u@//db:1521/ORCL"), ["F46GeC%23u"]);
        for other in ["app@tcp(db:3306)/x", "app:${PW}@tcp(db:3306)/x", "app:@tcp(db)"] {
            assert!(all(go, other).is_empty(), "{other}");
        }
        for other in ["jdbc:oracle:thin:@//db:1521/ORCL", "jdbc:oracle:thin:app/${PW}@db", "jdbc:oracle:thin:@db:1521:x"] {
            assert!(all(oracle, other).is_empty(), "{other}");
        }
    }

    #[test]
    fn leaves_urls_without_one() {
        for (scheme, rest) in [
            ("postgres", "db.example.com/x"),
            ("postgres", "app@db/x"),
            ("postgres", "app:@db/x"),
            ("postgres", "db:5432/x@y"),
            ("https", "a:b@c.example"),
            ("postgres", "app:${PASSWORD}@db"),
            ("postgres", "app:<password>@db"),
            ("postgresql", "app:%(password)s@db/crm"),
            ("postgres", "app:****@db"),
            ("postgres", "app:pass word@db"),
        ] {
            assert!(all(password, &format!("{scheme}://{rest}")).is_empty(), "{scheme} {rest}");
        }
    }

    #[test]
    fn finds_passwords_of_other_schemes() {
        let token = ["0a1b2c3d4e5f", "60718293a4b5c6d7"].concat();
        for (url, secret) in [
            ("https://jo:s3cret@example.com/x", "s3cret"),
            ("ftp://jo:p@ss@example.com", "p@ss"),
            ("ftp://jo:winter#76x@example.com", "winter#76x"),
            (&*format!("https://{token}@example.com/x.git"), &*token),
        ] {
            assert_eq!(all(any_password, &format!("url='{url}' ok")), [secret], "{url}");
        }
        for other in [
            "https://example.com:8000/@jo",
            "https://jo@example.com",
            "http://localhost:3000?user=jo@example.com",
            "http://localhost:3000#jo@example.com",
            "https://example.com?a=b:c@example.com",
            "http://localhost:5000/<%= @variable %>",
            "\"https://url:8000\";@something else",
            "https://url:8000 @something else",
            "https://jo:$PASSWORD@example.com",
            "https://jo:<password>@example.com",
            "postgres://app:s3cret@db",
        ] {
            assert!(all(any_password, other).is_empty(), "{other}");
        }
    }
}
