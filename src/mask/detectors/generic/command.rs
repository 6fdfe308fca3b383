//! Passwords that stand without a name: as arguments of commands, statements and calls, by their place.

use super::super::tail::{LONGEST, Tail};
use super::super::text::{contains_ignoring_case, is_alnum, is_word};
use super::super::{About, BEHIND, Family, Found, Trigger, View};
use super::Detector;
use super::ends::{plain, quoted};
use super::name::Kind;
use super::places::{HEADS, Takes, head_at, takes};
use super::replies;
use super::value::{self, Written};
use super::words::{Word, Words, in_quotes, nth_argument, unquoted};

pub(super) const FAMILY: Family = Family::new(
    Detector::GenericSecret,
    "command_password",
    &[
        Trigger::Heads(HEADS, argument),
        Trigger::Heads(HEADS_OF_LINES, pgpass),
        Trigger::Heads(PIPES, piped),
        Trigger::Heads(replies::HEADS, replied),
    ],
    About {
        matches: "the password of `mysql -p...`, `sshpass -p`, `redis-cli -a`, `docker login -p`, `htpasswd -b`, `net use ... /user:x`, `IDENTIFIED BY '...'`, `new PDO(..., ..., '...')`, `ConvertTo-SecureString '...'`, `requirepass ...`, `login: x / ...`, a line of a .pgpass, and the like; what is given to a store of secrets (`gh secret set ... --body`, `az keyvault secret set ... --value`, `fly secrets set`, `vault kv put`, `--from-literal`), and what commands print that read one from there (`kubectl get secret ... -o jsonpath=`, `gcloud secrets versions access`, `CONFIG GET requirepass`)",
        validator: "as for a password by its name",
        context: "the command, statement or call at most 128 bytes before it",
        source: "the manuals of these programs",
    },
);

/// Usual ports in a .pgpass.
const HEADS_OF_LINES: &[&str] = &[":5432:", ":5433:", ":6432:"];

/// Bytes behind the head in which a password begins: what is further away a window may not see.
pub(super) const NEAR: usize = BEHIND - 1;

/// A value of so many bytes may go on behind its word, of which no more is read than a check looks at.
pub(super) const LONG: usize = 256;

/// At the head of a command.
fn argument(view: &View<'_>, at: usize) -> Option<Found> {
    let head = head_at(view, at)?;
    let begins_word = head.as_bytes().first().is_some_and(|byte| is_alnum(*byte));
    (!begins_word || !view.was(at, |byte| is_word(byte) || byte == b'-')).then_some(())?;
    let from = at + head.len();
    let words = Words { view, at: if head == "/user:" { at } else { from }, end: at + NEAR };
    let (start, end) = match takes(head) {
        Takes::Glued(option) => {
            let word = words.map(|word| (word.start, word.end)).find(|(start, end)| view.starts_with(*start, option) && end - start > 2)?;
            unquoted(view, word.0 + option.len(), word.1)
        }
        Takes::Option(options) => {
            let mut words = words;
            // `-p x`, `-p'x'`.
            let led = |word: &Word| {
                let option = options.iter().filter(|option| view.starts_with(word.start, option)).max_by_key(|option| option.len())?;
                let behind = word.start + option.len();
                (behind == word.end || view.is(behind, |byte| matches!(byte, b'"' | b'\''))).then_some((behind, word.end))
            };
            let (behind, end) = words.find_map(|word| led(&word))?;
            if behind < end { unquoted(view, behind, end) } else { words.next().map(|word| unquoted(view, word.start, word.end))? }
        }
        Takes::Word(place) => {
            if head == "htpasswd" {
                htpasswd(view, words, place)?
            } else {
                let word = words.filter(|word| !view.starts_with(word.start, b"-")).nth(place)?;
                let option = if view.starts_with(word.start, b"/pass:") { b"/pass:".len() } else { 0 };
                unquoted(view, word.start + option, word.end)
            }
        }
        Takes::Quoted => {
            let quote = view.ahead(from, 48).iter().position(|byte| matches!(byte, b'\'' | b'"' | b';' | b'\n')).map(|quote| from + quote);
            quote.and_then(|quote| in_quotes(view, quote, quote + LONGEST)).or_else(|| of_user(view, at, words))?
        }
        Takes::InQuotes => {
            let mut words = words;
            let word = words.find(|word| !view.starts_with(word.start, b"-"))?;
            in_quotes(view, word.start, word.start + LONGEST)?
        }
        Takes::Told => {
            let word = words.into_iter().next()?;
            let end =
                word.end - view.slice(word.start, word.end).iter().rev().take_while(|byte| matches!(byte, b',' | b'.' | b')')).count();
            let text = view.slice(word.start, end);
            let has = |class: fn(&u8) -> bool| text.iter().any(class);
            (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && has(|byte| !byte.is_ascii_lowercase())).then_some(())?;
            (word.start, end)
        }
        Takes::Argument(place) => {
            let (start, end) = nth_argument(view, from, place)?;
            // Of those who log in as nobody, the address.
            (head != "login(" || view.slice(start, end).iter().any(u8::is_ascii_digit)).then_some((start, end))?
        }
        Takes::Random(place) => {
            let is_key = |(start, end): &(usize, usize)| value::is_secret(view.slice(*start, *end), Kind::EnvKey, Written::Quoted(b'"'));
            nth_argument(view, from, place).filter(is_key).or_else(|| nth_argument(view, from, place + 1).filter(is_key))?
        }
        Takes::Behind(option, sign) => {
            let mut words = words;
            if !option.is_empty() {
                words.find(|word| view.slice(word.start, word.end) == option)?;
            }
            let word = words.find(|word| !view.starts_with(word.start, b"-") && view.slice(word.start, word.end).contains(&sign))?;
            let (start, end) = unquoted(view, word.start, word.end);
            let text = view.slice(start, end);
            let behind = text.iter().position(|byte| *byte == sign)? + 1;
            // `domain/user:password@host`.
            let host = text.iter().rposition(|byte| *byte == b'@').filter(|host| option.is_empty() && *host > behind);
            (start + behind, host.map_or(end, |host| start + host))
        }
        // Behind some of these words other things stand, too.
        Takes::Colon => return colon(view, at, from, matches!(head, "creds " | "login with ")),
        Takes::Share => {
            let mut words = words;
            words.find(|word| view.starts_with(word.start, b"\\\\"))?;
            let word = words.next().filter(|word| !view.starts_with(word.start, b"/"))?;
            unquoted(view, word.start, word.end)
        }
        Takes::Slash => {
            let word = words.into_iter().next()?;
            let text = view.slice(word.start, word.end);
            let slash = text.iter().position(|byte| *byte == b'/')? + 1;
            let end = text.iter().rposition(|byte| *byte == b'@').filter(|end| *end > slash)?;
            (word.start + slash, word.start + end)
        }
        Takes::Pair => {
            let user = view.run(from, 48, |byte| byte > b' ' && byte != b'/');
            if !view.starts_with(user, b" / ") {
                return colon(view, at, from, true);
            }
            (user > from).then_some(())?;
            let end = view.run(user + 3, LONGEST, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'\\' | b')'));
            (user + 3, end - usize::from(view.was(end, |byte| byte == b',')))
        }
        Takes::Given(options) => {
            // Of parameters only some are secrets.
            let is_secret = head != "ssm put-parameter " || view.ahead(at, NEAR).windows(12).any(|text| text == b"SecureString");
            is_secret.then(|| given(view, words, options)).flatten()?
        }
        Takes::Assigned => {
            // A map of a configuration is filled likewise.
            let is_secret = head != "--from-literal" || view.slice(at.saturating_sub(NEAR), at).windows(8).any(|text| text == b" secret ");
            is_secret.then(|| assigned(view, words)).flatten()?
        }
    };
    secret(view, at, start, end)
}

/// The value of an option, in a word of its own or behind a `=`, or the word behind `<<<`.
fn given(view: &View<'_>, words: Words<'_>, options: &[&[u8]]) -> Option<(usize, usize)> {
    let Words { at, end, .. } = words;
    let mut words = words;
    while let Some(word) = words.next() {
        let Some(option) = options.iter().find(|option| view.starts_with(word.start, option)) else { continue };
        let behind = word.start + option.len();
        if behind == word.end {
            return words.next().map(|word| unquoted(view, word.start, word.end));
        }
        if view.at(behind) == Some(b'=') {
            return Some(unquoted(view, behind + 1, word.end));
        }
    }
    let line = view.ahead(at, end.saturating_sub(at)).split(|byte| *byte == b'\n').next()?;
    let put = line.windows(3).position(|text| text == b"<<<")?;
    Words { view, at: at + put + 3, end }.next().map(|word| unquoted(view, word.start, word.end))
}

/// `CREATE USER jo IDENTIFIED BY ...`, without quotes.
fn of_user(view: &View<'_>, at: usize, mut words: Words<'_>) -> Option<(usize, usize)> {
    let before = view.slice(at.saturating_sub(64), at);
    let statement = [&b"create user "[..], b"alter user ", b"create role ", b"alter role "];
    statement.iter().any(|words| contains_ignoring_case(before, words)).then_some(())?;
    let word = words.next()?;
    let end = word.end - usize::from(view.was(word.end, |byte| byte == b';'));
    (!view.is(word.start, |byte| matches!(byte, b'\'' | b'"' | b':' | b'@' | b'&' | b'?'))
        && view.slice(word.start, end).iter().any(u8::is_ascii_digit))
    .then_some((word.start, end))
}

/// `NAME=value`, or `NAME value`: the first value that is as keys are or as nothing but a password is.
fn assigned(view: &View<'_>, words: Words<'_>) -> Option<(usize, usize)> {
    let is_kept = |(start, end): &(usize, usize)| {
        let text = view.slice(*start, *end);
        value::is_strong(text) || (text.len() >= 20 && value::is_secret(text, Kind::Key, Written::Quoted(b'"')))
    };
    let named = words.filter(|word| !view.starts_with(word.start, b"-")).enumerate();
    let values = named.filter_map(|(place, word)| {
        let (start, end) = unquoted(view, word.start, word.end);
        // The sign behind an option begins its word.
        let start = start + usize::from(view.at(start) == Some(b'='));
        match view.slice(start, end).iter().position(|byte| *byte == b'=') {
            Some(sign) => Some(unquoted(view, start + sign + 1, end)),
            None => (place == 1).then_some((start, end)),
        }
    });
    values.into_iter().find(is_kept)
}

/// Longest word of a sentence.
const LONGEST_WORD: usize = 64;

/// `user:password` at `from`; `talk` where a sentence may stand there.
fn colon(view: &View<'_>, at: usize, from: usize, talk: bool) -> Option<Found> {
    let user = view.run(from, 64, |byte| byte > b' ' && !matches!(byte, b':' | b'/' | b'"' | b'\'' | b'`' | b'<'));
    (user > from && view.at(user) == Some(b':')).then_some(())?;
    let end = view.run(user + 1, LONGEST, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'\\'));
    let end = end - view.slice(user + 1, end).iter().rev().take_while(|byte| matches!(byte, b',' | b'.' | b')')).count();
    let is_meant = || end > user + 1 + LONGEST_WORD || value::is_strong(view.slice(user + 1, end));
    (!talk || is_meant()).then_some(())?;
    secret(view, at, user + 1, end)
}

/// Bytes of the names of columns behind one of them.
const COLUMNS: usize = 48;

/// Where the values of a statement begin, in the list of whose columns a name ends at `at`; of text that may have its escapes in it.
pub(super) fn values(view: &View<'_>, at: usize) -> Option<usize> {
    let closed = view.run(at, COLUMNS, |byte| !matches!(byte, b'(' | b')' | b';'));
    let word = view.run(closed + 1, 4, |byte| byte.is_ascii_whitespace() || matches!(byte, b'\\' | b'n' | b'r'));
    (view.at(closed) == Some(b')') && view.starts_with_ignoring_case(word, b"values")).then_some(())?;
    let opened = view.run(word + 6, 2, |byte| byte.is_ascii_whitespace());
    (view.at(opened) == Some(b'(')).then_some(opened + 1)
}

/// The value of the column whose name ends at `at`: `INSERT INTO users (name, password) VALUES ('jo', '...')`.
pub(super) fn row(view: &View<'_>, name: usize, at: usize) -> Option<(usize, usize)> {
    let from = values(view, at)?;
    let columns = view.run_back(name, COLUMNS, |byte| !matches!(byte, b'(' | b')' | b';'));
    view.was(columns, |byte| byte == b'(').then_some(())?;
    let place = view.slice(columns, name).iter().filter(|byte| **byte == b',').count();
    nth_argument(view, from, place).filter(|(start, _)| *start < columns + BEHIND)
}

fn secret(view: &View<'_>, at: usize, start: usize, end: usize) -> Option<Found> {
    let (end, tail) = match view.before(start) {
        _ if end < start + LONG => (end, Tail::None),
        Some(quote @ (b'"' | b'\'')) => quoted(view, start, quote)?,
        _ => plain(view, start, false),
    };
    let near = start < at + BEHIND && end > start;
    (near && value::is_secret(view.slice(start, end), Kind::Password, Written::Quoted(b'\''))).then_some(Found { start, end, tail })
}

/// `htpasswd -b file user password`; with `-n` there is no file.
fn htpasswd(view: &View<'_>, mut words: Words<'_>, place: usize) -> Option<(usize, usize)> {
    let options =
        words.next().map(|word| view.slice(word.start, word.end)).filter(|word| word.starts_with(b"-") && word.contains(&b'b'))?;
    let place = place - usize::from(options.contains(&b'n'));
    words.filter(|word| !view.starts_with(word.start, b"-")).nth(place).map(|word| unquoted(view, word.start, word.end))
}

/// At a command that prints a secret, or the name of a place where one stands.
pub(super) fn replied(view: &View<'_>, at: usize) -> Option<Found> {
    (!view.was(at, |byte| is_word(byte) || byte == b'-')).then_some(())?;
    let (start, end) = replies::place(view, at)?;
    secret(view, at, start, end)
}

/// Programs that read a password.
const PIPES: &[&str] = &[
    "| sudo -s",
    "|sudo -s",
    "| docker login",
    "| podman login",
    "| skopeo login",
    "| oras login",
    "| helm registry login",
    "| gh auth login",
    "| az acr login",
    "| passwd --stdin",
    "| gcloud secrets ",
    "| wrangler secret ",
    "| npx wrangler secret ",
    "| gh secret set ",
    "| docker secret create ",
    "| podman secret create ",
    "| vercel env add ",
    CHPASSWD,
];

const CHPASSWD: &str = "| chpasswd";

/// What writes a word into a pipe.
const ECHOES: &[&[u8]] = &[b"echo ", b"echo -n ", b"printf ", b"printf %s ", b"printf '%s' ", b"printf \"%s\" "];

/// At a pipe into such a program: what is echoed into it.
fn piped(view: &View<'_>, at: usize) -> Option<Found> {
    PIPES.iter().any(|pipe| view.starts_with_ignoring_case(at, pipe.as_bytes())).then_some(())?;
    let end = view.run_back(at, 4, |byte| byte == b' ');
    let word = view.run_back(end, 100, |byte| byte > b' ');
    let before = view.slice(word.saturating_sub(12), word);
    ECHOES.iter().any(|echo| before.ends_with(echo)).then_some(())?;
    let (start, end) = unquoted(view, word, end);
    // `user:password`.
    let user =
        if view.starts_with(at, CHPASSWD.as_bytes()) { view.slice(start, end).iter().position(|byte| *byte == b':')? + 1 } else { 0 };
    secret(view, at, start + user, end)
}

/// At the port of a line `host:port:database:user:password` (PostgreSQL's password file).
fn pgpass(view: &View<'_>, at: usize) -> Option<Found> {
    let is_port = HEADS_OF_LINES.iter().any(|head| view.starts_with(at, head.as_bytes()));
    let host = view.run_back(at, 100, |byte| is_alnum(byte) || matches!(byte, b'.' | b'-' | b'*' | b'_'));
    (is_port && host < at && view.before(host).is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b' ' | b'"' | b'\'' | b'`')))
        .then_some(())?;
    let field = |from: usize| {
        let end = view.run(from, 40, |byte| is_word(byte) || matches!(byte, b'-' | b'*' | b'.'));
        (end > from && view.at(end) == Some(b':')).then_some(end + 1)
    };
    let port = at + 1 + view.ahead(at + 1, 6).iter().position(|byte| *byte == b':')? + 1;
    let start = field(field(port)?)?;
    let end = view.run(start, LONGEST, |byte| byte > b' ' && !matches!(byte, b'"' | b'\'' | b'`'));
    secret(view, at, start, end)
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::all;
    use super::*;

    #[test]
    fn finds_passwords_by_their_place() {
        for (text, password) in [
            ("mysql -h db.example.com -u root -p'Winter2024!' shop", "Winter2024!"),
            ("mysqldump -pWinter2024! shop > x", "Winter2024!"),
            ("sshpass -p 'Winter2024!' ssh jo@host", "Winter2024!"),
            ("redis-cli -h cache -a .PldX*8?6s8J ping", ".PldX*8?6s8J"),
            ("docker login -u ci -p wlr@79VQmyB registry.example.com", "wlr@79VQmyB"),
            ("htpasswd -b /etc/nginx/.htpasswd jo Winter2024!", "Winter2024!"),
            ("htpasswd -nb jo Winter2024!", "Winter2024!"),
            ("rabbitmqctl add_user worker kgewccyW7XaK", "kgewccyW7XaK"),
            ("net use Z: \\\\fs01\\share /user:CORP\\svc cbPSbKp9S0x", "cbPSbKp9S0x"),
            ("CREATE USER 'etl'@'%' IDENTIFIED BY 'Dragon2022#';", "Dragon2022#"),
            ("IDENTIFIED WITH caching_sha2_password BY 'Dragon2022#'", "Dragon2022#"),
            ("$pdo = new PDO('mysql:host=db;dbname=shop', 'app', 'herbst709!mha');", "herbst709!mha"),
            ("DriverManager.getConnection(url, \"app\", \"herbst709!mha\")", "herbst709!mha"),
            ("sqlplus scott/tiger99x@//db:1521/ORCL", "tiger99x"),
            ("CREATE USER jo IDENTIFIED BY Thunder2021! DEFAULT TABLESPACE users;", "Thunder2021!"),
            ("alter user jo identified by Thunder2021x;", "Thunder2021x"),
            ("sshpass -p azul.Thunder30 ssh jo@host", "azul.Thunder30"),
            ("login: root / Thunder2021x", "Thunder2021x"),
            ("requirepass 8bc7280bc9aa0a80d982ba1d", "8bc7280bc9aa0a80d982ba1d"),
            ("new NetworkCredential(\"svc\", \"Act-audience122\", \"CORP\")", "Act-audience122"),
            ("$pw = ConvertTo-SecureString \"ZtHQ9iIx9B_47\" -AsPlainText -Force", "ZtHQ9iIx9B_47"),
            ("ConvertTo-SecureString -String 'ZtHQ9iIx9B_47' -Force", "ZtHQ9iIx9B_47"),
            ("schtasks /create /tn x /ru CORP\\svc /rp Success5263%21 /sc daily", "Success5263%21"),
            ("ssh-keygen -t ed25519 -N 'Deborah_i6Cts47' -f key", "Deborah_i6Cts47"),
            ("user admin pw 1oQ02CJZmbIKI", "1oQ02CJZmbIKI"),
            ("the credentials are jo / Thunder2021x (staging)", "Thunder2021x"),
            ("session.auth = (\"svc\", \"Thunder2021x\")", "Thunder2021x"),
            ("requests.get(url, auth=HTTPBasicAuth('jo', 'Thunder2021x'))", "Thunder2021x"),
            ("smtp.login('jo@example.com', 'Thunder2021x')", "Thunder2021x"),
            ("jwt.sign({ id: user.id, role: 'x' }, 'Thunder2021x', { algorithm: 'HS256' })", "Thunder2021x"),
            ("hmac.new(b'Thunder2021x', message, hashlib.sha256)", "Thunder2021x"),
            (".basic_auth(\"jo\", Some(\"Thunder2021x\"))", "Thunder2021x"),
            ("netexec smb 10.0.0.5 -u jo -p Thunder2021x", "Thunder2021x"),
            ("xfreerdp /u:jo /p:Thunder2021x /v:host", "Thunder2021x"),
            ("plink -ssh jo@host -pw Thunder2021x", "Thunder2021x"),
            ("7z a -pThunder2021x x.7z folder", "Thunder2021x"),
            ("smbclient //fs/share -U jo%Thunder2021x", "Thunder2021x"),
            ("mc alias set store https://s3.example.com minio Thunder2021x", "Thunder2021x"),
            ("impacket-psexec corp/jo:Thunder2021x@10.0.0.5", "Thunder2021x"),
            ("vault login 9f2c41d8E07b4a5f8c3d2e1b6a7f", "9f2c41d8E07b4a5f8c3d2e1b6a7f"),
            ("doctl auth init -t 9f2c41d8e07b4a5f8c3d2e1b6a7f", "9f2c41d8e07b4a5f8c3d2e1b6a7f"),
            ("dotnet nuget push x.nupkg -k 9f2c41d8e07b4a5f8c3d2e1b6a7f -s https://x", "9f2c41d8e07b4a5f8c3d2e1b6a7f"),
            ("creds: jo:Thunder2021x", "Thunder2021x"),
            ("please login with jo:Thunder2021x and look", "Thunder2021x"),
            ("c := NewClient(\"9f2c41d8e07b4a5f8c3d2e1b6a7f\")", "9f2c41d8e07b4a5f8c3d2e1b6a7f"),
            ("new Twilio(account, \"9f2c41d8e07b4a5f8c3d2e1b6a7f\")", "9f2c41d8e07b4a5f8c3d2e1b6a7f"),
            ("sshpass -p'Thunder2021x' ssh jo@host", "Thunder2021x"),
            ("net use \\\\fs01\\share Thunder2021x /user:jo", "Thunder2021x"),
            ("gh secret set DEPLOY --body \"ae5c3e0e-f8b0-4d65-a11a-364b7f3e1931\"", "ae5c3e0e-f8b0-4d65-a11a-364b7f3e1931"),
            ("gh secret set STRIPE --env prod --body=Thunder2021x", "Thunder2021x"),
            ("gh secret set STRIPE <<< \"Thunder2021x\"", "Thunder2021x"),
            ("az keyvault secret set --vault-name v --name n --value Thunder2021x", "Thunder2021x"),
            ("{\"run\":\"fly secrets set STRIPE=Thunder2021x\"}", "Thunder2021x"),
            ("vault write auth/x password=BT98AKAmbyaYN", "BT98AKAmbyaYN"),
            ("fly secrets set STRIPE=Thunder2021x", "Thunder2021x"),
            ("doppler secrets set STRIPE Thunder2021x --project x", "Thunder2021x"),
            ("supabase secrets set MODE=live STRIPE=\"9f2c41d8e07b4a5f8c3d2e1b6a7f\"", "9f2c41d8e07b4a5f8c3d2e1b6a7f"),
            ("dotnet user-secrets set \"Stripe:Live\" \"Thunder2021x\"", "Thunder2021x"),
            ("vault kv put secret/shop ttl=30m value=9f2c41d8e07b4a5f8c3d2e1b6a7f", "9f2c41d8e07b4a5f8c3d2e1b6a7f"),
            ("kubectl create secret generic x --from-literal=stripe=Thunder2021x", "Thunder2021x"),
            ("kubectl -n x create secret generic x --from-literal stripe='Thunder2021x'", "Thunder2021x"),
            ("aws ssm put-parameter --name /x --type SecureString --value Thunder2021x", "Thunder2021x"),
            ("ansible-vault encrypt_string 'Thunder2021x' --name 'stripe'", "Thunder2021x"),
            ("security add-generic-password -a jo -s shop -w Thunder2021x", "Thunder2021x"),
            ("cmdkey /add:fs01 /user:jo /pass:Thunder2021x", "Thunder2021x"),
            ("pulumi config set --secret stripe Thunder2021x", "Thunder2021x"),
            ("chamber write shop stripe Thunder2021x", "Thunder2021x"),
        ] {
            assert_eq!(all(argument, text), [password], "{text}");
        }
        assert_eq!(all(piped, "$ echo Marble2002q | sudo -S systemctl restart app"), ["Marble2002q"]);
        assert_eq!(all(piped, "echo Marble_2002q | docker login -u jo --password-stdin"), ["Marble_2002q"]);
        assert_eq!(all(piped, "echo 'jo:Marble_2002q' | chpasswd"), ["Marble_2002q"]);
        assert_eq!(all(piped, "printf '%s' 'Marble_2002q' | gcloud secrets create x --data-file=-"), ["Marble_2002q"]);
        assert_eq!(all(piped, "echo -n Marble_2002q | docker secret create db -"), ["Marble_2002q"]);
        assert_eq!(all(piped, "echo Marble_2002q | npx wrangler secret put STRIPE"), ["Marble_2002q"]);
        assert!(all(piped, "echo $TOKEN | docker login -u jo --password-stdin").is_empty());
        assert_eq!(all(pgpass, "db.example.com:5432:shop:app:Sunset2022?"), ["Sunset2022?"]);
    }

    #[test]
    fn leaves_commands_without_one() {
        for text in [
            "mysql -u root -p shop",
            "mysql -p$DB_PASSWORD",
            "mysql -p\"$PW\" -P 3306",
            "sshpass -p \"$PASS\" ssh jo@host",
            "sshpass -e ssh -p 2222 host",
            "docker login -u ci --password-stdin",
            "redis-cli -h cache ping",
            "htpasswd -c file jo",
            "net use Z: \\\\fs01\\share /user:svc *",
            "IDENTIFIED BY ?",
            "each user is identified by Thunder2021x",
            "CREATE USER jo IDENTIFIED BY password",
            "CREATE USER jo IDENTIFIED BY :password1",
            "IDENTIFIED BY '<password>'",
            "new PDO($dsn, $user, $password)",
            "login: see page / section 12",
            "mkdir -p Winter2024!",
            "the mysql -patch",
            "requirepass foobared",
            "ConvertTo-SecureString $pw -AsPlainText; echo \"ZtHQ9iIx9B_47\"",
            "ConvertTo-SecureString (Get-Content f1) -Key 'ZtHQ9iIx9B_47'",
            "ssh-keygen -t ed25519 -N '' -f deploy_key2",
            "see pw protected pages",
            "gh secret set DEPLOY --body \"$DEPLOY\" --env prod2021x",
            "gh secret set DEPLOY < key2021x.pem",
            "fly secrets set MODE=production REGION=eu-west-1",
            "vault kv put secret/team-a/service-2021x ttl=30m",
            "kubectl create configmap x --from-literal=stripe=Thunder2021x",
            "kubectl create secret generic x --from-literal=user=reader",
            "aws ssm put-parameter --name /x --type String --value Thunder2021x",
            "ansible-vault encrypt_string --name stripe",
            "the secret set aside for Thunder2021x",
            "run pwd && ls2",
        ] {
            assert!(all(argument, text).is_empty(), "{text}: {:?}", all(argument, text));
        }
        assert!(all(pgpass, "http://db.example.com:5432:x").is_empty());
    }
}
