//! What PowerShell and cmd put together from pieces, put together: escapes, variables, characters by number, literals out of order.

use super::Flavour;
use super::value::{part, rest};

/// Variables of one text that are known, of cmd and of PowerShell, where each takes a look at all of it.
const MAX_VARIABLES: usize = 64;
const MAX_ASSIGNED: usize = 16;

/// The longest value: cmd takes no longer line.
const MAX_VALUE: usize = 8191;

/// The longest text that values may make.
const MAX_LENGTH: usize = 64 * 1024;

/// Lower case, one blank for many, escapes of the flavour removed, empty quotes of cmd as well.
pub(super) fn normalise(text: &str, flavour: Flavour) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '`' if flavour == Flavour::PowerShell => {
                if matches!(chars.peek(), Some('\n' | '\r')) {
                    chars.next();
                    plain.push(' ');
                }
            }
            '^' if flavour == Flavour::Cmd => {
                if matches!(chars.peek(), Some('\n' | '\r')) {
                    chars.next();
                }
            }
            '\t' | '\r' | '\u{a0}' => plain.push(' '),
            '–' | '—' | '―' => plain.push('-'),
            c => plain.extend(c.to_lowercase()),
        }
    }
    let plain = if flavour == Flavour::Cmd {
        plain.replace("\"\"", "").replace("%comspec%", "cmd")
    } else {
        plain.replace("''", "").replace("\"\"", "")
    };
    let plain = if flavour == Flavour::Cmd { with_values(&plain) } else { told_apart(&plain) };
    // `('{1}{0}' -f 'ex','i')`: literals out of order are put in order.
    let plain = ordered(&plain);
    let mut single = String::with_capacity(plain.len());
    for c in plain.chars() {
        if !(c == ' ' && single.ends_with(' ')) {
            single.push(c);
        }
    }
    if flavour == Flavour::PowerShell { called(&single) } else { single }
}

/// cmd: `set a=ne&& set b=t&& call %a%%b% user`, `%comspec:~0,1%`, `!a!`.
fn with_values(text: &str) -> String {
    if !text.contains(['%', '!']) {
        return text.to_owned();
    }
    let mut values: Vec<(String, String)> = vec![
        ("comspec".to_owned(), "c:\\windows\\system32\\cmd.exe".to_owned()),
        ("systemroot".to_owned(), "c:\\windows".to_owned()),
        ("windir".to_owned(), "c:\\windows".to_owned()),
        ("pathext".to_owned(), ".com;.exe;.bat;.cmd;.vbs;.vbe;.js".to_owned()),
        ("os".to_owned(), "windows_nt".to_owned()),
        ("programdata".to_owned(), "c:\\programdata".to_owned()),
    ];
    for statement in text.split(['&', '|', '\n', '(', ')']) {
        let Some(set) = statement.trim_start_matches(['@', ' ', '"']).strip_prefix("set ") else { continue };
        let set = set.trim_start().trim_start_matches("/a ").trim_matches('"');
        if let Some((name, value)) = set.split_once('=').filter(|(name, _)| !name.contains(['%', '!'])) {
            if values.len() >= MAX_VARIABLES {
                break;
            }
            let value = put_in(value.trim_end_matches('"'), &values);
            if value.len() <= MAX_VALUE {
                values.insert(0, (name.trim().to_owned(), value));
            }
        }
    }
    put_in(text, &values)
}

/// `%name%`, `%name:~from,count%`, `%name:old=new%`.
fn put_in(text: &str, values: &[(String, String)]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = rest(text, at).find(['%', '!']) {
        let open = at + found;
        let mark = part(text, open, open + 1);
        result.push_str(part(text, at, open));
        let inner = rest(text, open + 1).split(mark).next().unwrap_or_default();
        let (name, change) = inner.split_once(':').unwrap_or((inner, ""));
        let value = values.iter().find(|(known, _)| known == name.trim_start_matches('%')).map(|(_, value)| changed(value, change));
        match value.filter(|_| inner.len() < 128 && open + 1 + inner.len() < text.len()) {
            Some(value) => {
                result.push_str(&value);
                at = open + inner.len() + 2;
            }
            None => {
                result.push_str(mark);
                at = open + 1;
            }
        }
        if result.len() > MAX_LENGTH {
            break;
        }
    }
    result.push_str(rest(text, at));
    result
}

fn changed(value: &str, change: &str) -> String {
    if let Some(cut) = change.strip_prefix('~') {
        let mut numbers = cut.split(',').map(|number| number.trim().parse::<i64>().unwrap_or(0));
        let length = i64::try_from(value.chars().count()).unwrap_or(0);
        let from = |number: i64| usize::try_from(if number < 0 { length.saturating_add(number) } else { number }.max(0)).unwrap_or(0);
        let start = from(numbers.next().unwrap_or(0));
        let end = match numbers.next() {
            Some(count) if count < 0 => from(count),
            Some(count) => start.saturating_add(usize::try_from(count).unwrap_or(0)),
            None => usize::MAX,
        };
        return value.chars().skip(start).take(end.saturating_sub(start)).collect();
    }
    match change.split_once('=') {
        Some((old, new)) if !old.is_empty() && new.len() < 64 => value.replace(old.trim_start_matches('*'), new),
        _ => value.to_owned(),
    }
}

/// What PowerShell's short names stand for.
const ALIASES: [(&str, &str); 26] = [
    ("sp", "set-itemproperty"),
    ("gp", "get-itemproperty"),
    ("rp", "remove-itemproperty"),
    ("ni", "new-item"),
    ("si", "set-item"),
    ("ri", "remove-item"),
    ("gc", "get-content"),
    ("ac", "add-content"),
    ("gci", "get-childitem"),
    ("saps", "start-process"),
    ("spps", "stop-process"),
    ("sasv", "start-service"),
    ("spsv", "stop-service"),
    ("icm", "invoke-command"),
    ("ipmo", "import-module"),
    ("gwmi", "get-wmiobject"),
    ("iwmi", "invoke-wmimethod"),
    ("rwmi", "remove-wmiobject"),
    ("etsn", "enter-pssession"),
    ("nsn", "new-pssession"),
    ("ii", "invoke-item"),
    ("cpi", "copy-item"),
    ("mi", "move-item"),
    ("clc", "clear-content"),
    ("clhy", "clear-history"),
    ("rvpa", "resolve-path"),
];

/// Short names where a command begins, written out.
fn spelled_out(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut begins = true;
    let mut at = 0;
    while at < text.len() {
        let tail = rest(text, at);
        let word = tail.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().unwrap_or_default();
        if word.is_empty() {
            let Some(c) = tail.chars().next() else { break };
            begins = matches!(c, ';' | '|' | '{' | '(' | '\n' | '&' | '=') || begins && c == ' ';
            result.push(c);
            at += c.len_utf8();
            continue;
        }
        let long = ALIASES.iter().find(|(short, _)| begins && *short == word && rest(tail, word.len()).starts_with(' '));
        result.push_str(long.map_or(word, |(_, long)| long));
        begins = false;
        at += word.len();
    }
    result
}

/// PowerShell: `$a='ie'; $b='x'; & ($a+$b)`, `[char]105`, `'iQeQx'.replace('Q','')`.
fn told_apart(text: &str) -> String {
    let mut plain = spelled_out(&characters(text).replace("\"+\"", "").replace("\" + \"", ""));
    if plain.contains('$') {
        let mut values: Vec<(String, String)> = Vec::new();
        for statement in plain.split([';', '\n', '{', '|']) {
            let Some((name, value)) = statement.split_once('=') else { continue };
            let (name, value) = (name.trim(), value.trim());
            let Some(quote) = value.chars().next().filter(|c| matches!(c, '\'' | '"')) else { continue };
            let literal = rest(value, 1).strip_suffix(quote).filter(|literal| !literal.contains([quote, '$']) && literal.len() < 4096);
            let plain_name = name.len() > 1 && rest(name, 1).chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if let (Some(literal), true) = (literal, name.starts_with('$') && plain_name && values.len() < MAX_ASSIGNED) {
                values.push((name.to_owned(), format!("'{literal}'")));
            }
        }
        // Longer names first: `$ab` is not `$a` and a letter.
        values.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, literal) in &values {
            if let Some((head, tail)) = plain.split_once(&format!("{name}=")).or_else(|| plain.split_once(&format!("{name} ="))) {
                // What comes behind the assignment; within double quotes a variable stands without quotes of its own.
                let bare = literal.trim_matches('\'');
                let tail = tail.replace(&format!("\"{name}\""), literal).replace(&format!("{name}."), &format!("{literal}."));
                let tail = tail.replace(&format!("({name}+"), &format!("({literal}+")).replace(&format!("+{name}"), &format!("+{literal}"));
                let tail = tail.replace(&format!("{name}+"), &format!("{literal}+")).replace(&format!("&{name}"), &format!("&{bare}"));
                let tail = tail.replace(&format!("& {name}"), &format!("& {bare}")).replace(name.as_str(), bare);
                let joined = format!("{head}{name}={tail}");
                if joined.len() > MAX_LENGTH {
                    break;
                }
                plain = joined;
            }
        }
    }
    replaced(&plain)
}

/// `[char]0x69` and `[char]105` as the literals they are.
fn characters(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = rest(text, at).find("[char]") {
        let open = at + found;
        result.push_str(part(text, at, open));
        let behind = rest(text, open + 6).trim_start_matches(['(', ' ']);
        let (digits, radix) = behind.strip_prefix("0x").map_or((behind, 10), |digits| (digits, 16));
        let digits = digits.split(|c: char| !c.is_digit(radix)).next().unwrap_or_default();
        let code = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|c| !c.is_control() && *c != '\'');
        match code {
            Some(c) => {
                result.push('\'');
                result.extend(c.to_lowercase());
                result.push('\'');
                let skipped = text.len() - open - 6 - behind.len();
                at = open + 6 + skipped + if radix == 16 { 2 } else { 0 } + digits.len();
                if skipped > 0 && rest(text, at).starts_with(')') {
                    at += 1;
                }
            }
            None => {
                result.push_str("[char]");
                at = open + 6;
            }
        }
    }
    result.push_str(rest(text, at));
    result.replace("'+'", "").replace("' + '", "")
}

/// `'..'.replace('a','b')`, as often as it says so.
fn replaced(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..8 {
        let Some(found) = text.find("'.replace(") else { break };
        let Some(start) = part(&text, 0, found).rfind('\'') else { break };
        let literal = part(&text, start + 1, found).to_owned();
        let behind = rest(&text, found + "'.replace(".len());
        let Some(end) = behind.find(')') else { break };
        let arguments: Vec<&str> = part(behind, 0, end).split(',').map(|argument| argument.trim().trim_matches(['\'', '"'])).collect();
        let (Some(old), Some(new)) = (arguments.first().filter(|old| !old.is_empty()), arguments.get(1)) else { break };
        let literal = literal.replace(*old, new);
        if literal.len() > MAX_LENGTH {
            break;
        }
        text = format!("{}'{literal}'{}", part(&text, 0, start), rest(behind, end + 1));
    }
    text
}

/// `& ('iex') x`, `.('iex') x`, `&"iex" x`: a name in quotes that is called.
fn called(text: &str) -> String {
    let mut text =
        text.replace("'+'", "").replace("\"+\"", "").replace("' + '", "").replace("& (", "&(").replace(". (", ".(").replace("( ", "(");
    for mark in ["&('", ".('", "&(\"", ".(\"", "&'", "&\""] {
        for _ in 0..16 {
            let Some(open) = text.find(mark) else { break };
            let inner = rest(&text, open + mark.len());
            let quote = if mark.ends_with('"') { '"' } else { '\'' };
            let name = inner.split(quote).next().unwrap_or_default();
            let plain = !name.is_empty()
                && name.len() < 64
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '\\' | ':'));
            if !plain {
                break;
            }
            let behind = rest(inner, name.len() + 1).trim_start_matches(')');
            text = format!("{}&{name} {}", part(&text, 0, open), behind.trim_start());
        }
    }
    text
}

/// PowerShell's format operator on literals.
fn ordered(text: &str) -> String {
    let mut result = String::new();
    let mut at = 0;
    while let Some(found) = rest(text, at).find("-f") {
        let operator = at + found;
        let before = part(text, at, operator).trim_end();
        let quote = before.chars().last().filter(|c| matches!(c, '\'' | '"'));
        let format = quote.and_then(|quote| {
            let inner = before.get(..before.len() - 1)?;
            let start = inner.rfind(quote)?;
            inner.get(start + 1..).filter(|format| format.contains("{0}")).map(|format| (at + start, format.to_owned()))
        });
        match format {
            Some((start, mut format)) => {
                let mut behind = operator + 2;
                let mut index = 0;
                loop {
                    let tail = rest(text, behind);
                    let skipped = tail.len() - tail.trim_start_matches([' ', ',']).len();
                    let Some(quote) = rest(text, behind + skipped).chars().next().filter(|c| matches!(c, '\'' | '"')) else { break };
                    let literal = rest(text, behind + skipped + 1).split(quote).next().unwrap_or_default();
                    format = format.replace(&format!("{{{index}}}"), literal);
                    behind += skipped + literal.len() + 2;
                    index += 1;
                    if index > 32 {
                        break;
                    }
                }
                result.push_str(part(text, at, start));
                result.push('\'');
                result.push_str(&format);
                result.push('\'');
                at = behind.min(text.len());
            }
            None => {
                result.push_str(part(text, at, operator + 2));
                at = operator + 2;
            }
        }
    }
    result.push_str(rest(text, at));
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cmd_puts_together() {
        for (text, whole) in [
            ("set a=ne&&set b=t us&&call %a%%b%er x /add", "set a=ne&&set b=t us&&call net user x /add"),
            ("set x=abcdef& %x:~1,3% %x:~-2% %x:cd=-%", "set x=abcdef& bcd ef ab-ef"),
            ("p^o^w^ershell", "powershell"),
            ("echo 100% sure %unknown%", "echo 100% sure %unknown%"),
        ] {
            assert_eq!(normalise(text, Flavour::Cmd), whole);
        }
    }

    #[test]
    fn what_powershell_puts_together() {
        for (text, whole) in [
            ("& ('i'+'ex') x", "&iex x"),
            ("$a='ie'; $b='x'; &($a+$b) y", "$a='ie'; $b='x'; &iex y"),
            ("&([char]105+[char]0x65+[char]120) z", "&iex z"),
            (".('iQeQx'.replace('Q','')) w", "&iex w"),
            ("gc a | sp b", "get-content a | set-itemproperty b"),
            ("write-host $env:x 'a'", "write-host $env:x 'a'"),
        ] {
            assert_eq!(normalise(text, Flavour::PowerShell), whole);
        }
    }

    #[test]
    fn nothing_grows_without_end() {
        for flavour in [Flavour::Cmd, Flavour::PowerShell] {
            let doubling: String = (0..60).map(|n| format!("set v{}=%v{n}%%v{n}%%v{n}%&", n + 1)).collect();
            assert!(normalise(&format!("set v0=0123456789&{doubling}%v60%"), flavour).len() <= 8 * MAX_LENGTH);
            let names = "$a='aaaaaaaa';".to_owned() + &"$a+".repeat(5000);
            assert!(normalise(&names, flavour).len() <= 8 * MAX_LENGTH);
            normalise(&"'.replace(".repeat(3000), flavour);
            normalise(&"&('".repeat(3000), flavour);
        }
    }
}
