//! Commands that make text: what they write is worked out, where it can be.

use super::Class;
use super::command::Call;
use super::decode;
use super::expand::unescape;
use super::state::{MAX_VALUE, Shell};
use super::value::{HOLE, Taint, Value};

impl Shell {
    pub(super) fn text_tool(&mut self, call: &Call<'_>) -> Option<Value> {
        let input = &call.io.stdin;
        let inherited = input.taint.without(Taint::SHELL);
        Some(match call.name {
            "echo" => {
                let mut said = echo(call);
                // `echo $GITHUB_TOKEN`
                let name = self
                    .showing
                    .strip_prefix("echo ")
                    .map(|word| word.trim().trim_matches('"').trim_start_matches(['$', '{']).trim_end_matches('}'));
                if said.is_all_hole() && name.is_some_and(|name| names_secret(name) && super::parameter::name(name).len() == name.len()) {
                    said.taint = said.taint.with(Taint::TOKEN);
                }
                said
            }
            "printf" => self.printf(call),
            "print" => Value { text: format!("{}\n", unescape(&operands(call), false)), taint: call.taint() },
            "cat" | "tac" | "zcat" | "bat" | "batcat" => self.cat(call),
            "tee" | "sponge" => {
                for path in call.operands() {
                    let append = call.letter('a');
                    if !(append && super::rcfile::is_kept(&path.text) && super::rcfile::is_everyday(&input.text)) {
                        self.writes(&path.text, inherited);
                    }
                    self.hijacks(&path.text, &input.text);
                    self.write_file(&path.text, input.clone(), append);
                }
                let escaping = call.operands().any(|path| super::redirect::is_connection(&path.text));
                if escaping {
                    self.mark(Class::Network);
                }
                input.clone()
            }
            "whoami" | "id" | "hostname" | "logname" | "ifconfig" => Value::hole(Taint::WHO),
            "uname" if call.has("-n") => Value::hole(Taint::WHO),
            // Whole databases, on their way somewhere.
            "mysqldump" | "mariadb-dump" | "pg_dump" | "pg_dumpall" | "mongodump" => {
                self.dumps(call);
                Value::hole(Taint::WHO)
            }
            "sqlite3" if call.texts().any(|text| text.trim_start_matches('.').starts_with("dump")) => Value::hole(Taint::WHO),
            "psql" | "mysql" | "mariadb" | "sqlite3" | "sqlcmd"
                if call
                    .option(&["-c", "-e", "--command", "--execute"])
                    .is_some_and(|query| names_secret(&query.text) && !query.text.contains("information_schema")) =>
            {
                self.escape(call);
                Value::hole(Taint::WHO)
            }
            "printenv" => {
                let wanted = call.operands().any(|name| names_secret(&name.text));
                if wanted {
                    self.mark(Class::CredentialRead);
                }
                Value::hole(Taint::SECRET.with(Taint::ENVIRONMENT))
            }
            "ps" if call.texts().any(|text| matches!(text, "auxe" | "auxeww" | "eww" | "axe" | "axeww" | "auxwwe")) => {
                Value::hole(Taint::SECRET.with(Taint::ENVIRONMENT))
            }
            "pwd" => Value::known(format!("/{HOLE}\n")),
            "yes" => Value::known(format!("{}\n", if call.args.is_empty() { "y".to_owned() } else { operands(call) })),
            "basename" => {
                let text = call.operands().next().map_or("", |path| path.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
                let suffix = call.operands().nth(1).map_or("", |suffix| suffix.text.as_str());
                Value { text: format!("{}\n", text.strip_suffix(suffix).unwrap_or(text)), taint: call.taint() }
            }
            "dirname" => {
                let path = call.operands().next().cloned().unwrap_or_default();
                let bare = path.text.trim_end_matches('/');
                let folder = bare.rfind('/').map_or(".", |at| if at == 0 { "/" } else { super::value::part(bare, 0, at) });
                Value { text: format!("{folder}\n"), taint: path.taint }
            }
            // `date +'rm -rf /'` writes what it is told.
            "date" if call.args.len() == 1 && call.text(0).starts_with('+') && !call.text(0).contains('%') => {
                Value { text: format!("{}\n", call.text(0).trim_start_matches('+')), taint: call.taint() }
            }
            "ls" => match call
                .operands()
                .next()
                .filter(|path| super::paths::is_vital(&path.text, self.cwd.as_deref()) && !path.text.contains(HOLE))
            {
                Some(path) => Value::known(path.text.clone()),
                None => match call.operands().find(|path| super::paths::is_secret(&path.text, self.cwd.as_deref())) {
                    Some(path) => path.clone(),
                    None => Value::hole(Taint::NONE),
                },
            },
            "mktemp" => Value::known(format!("/tmp/{}\n", self.fresh_name())),
            "seq" => self.seq(call),
            "base64" | "base32" | "xxd" | "openssl" | "uudecode" | "gbase64" | "basenc" | "gunzip" | "gzip" | "bunzip2" | "unxz" | "xz"
            | "zstd" | "unzstd" | "bzip2" | "rot13" | "caesar" => return self.decoder(call),
            "rev" | "tr" if input.is_known() && !input.text.is_empty() && call.args.iter().all(Value::is_known) => {
                let text = match call.name {
                    "rev" => input.text.lines().map(|line| line.chars().rev().collect::<String>() + "\n").collect(),
                    _ => translate(call, &input.text),
                };
                Value { text, taint: inherited.with(Taint::DECODED) }
            }
            "sed" if input.is_known() && !input.text.is_empty() => {
                self.sed_scripts(call);
                match substitute(call, &input.text) {
                    Some(text) => Value { text, taint: inherited },
                    None => Value::hole(inherited.with(Taint::DECODED)),
                }
            }
            // Whatever came in, every line becomes this.
            "sed" if !input.is_known() && self.replaces_lines(call).is_some() => {
                self.sed_scripts(call);
                Value { text: self.replaces_lines(call).unwrap_or_default(), taint: inherited.with(Taint::DECODED) }
            }
            "cut" if input.is_known() && !input.text.is_empty() => match cut(call, &input.text) {
                Some(text) => Value { text, taint: inherited },
                None => Value::hole(inherited.with(Taint::DECODED)),
            },
            _ => return None,
        })
    }

    /// `s/.*/text/`.
    fn replaces_lines(&self, call: &Call<'_>) -> Option<String> {
        let script = call.operands().next().filter(|script| call.args.len() == 1 && script.is_known())?;
        let (pattern, with, _) = super::escape::substitution(&script.text)?;
        (matches!(pattern, ".*" | "^.*$" | "^.*" | ".*$") && !with.contains(['&', HOLE]))
            .then(|| format!("{}\n", with.replace("\\/", "/").replace("\\|", "|")))
    }

    fn cat(&mut self, call: &Call<'_>) -> Value {
        let endless = call.operands().any(|path| matches!(path.text.as_str(), "/dev/zero" | "/dev/urandom" | "/dev/random"));
        if endless && call.io.outputs.iter().any(|(path, _)| !path.starts_with("/dev/")) {
            self.mark(Class::Destructive);
        }
        let mut output = Value::default();
        let mut any = false;
        for path in call.operands() {
            any = true;
            if path.text == "-" {
                output.append(&call.io.stdin, MAX_VALUE);
                continue;
            }
            let contents = self.read_file(path);
            output.append(&contents, MAX_VALUE);
        }
        if !any || matches!(call.text(0), "-") {
            output.append(&call.io.stdin, MAX_VALUE);
        }
        if call.name == "tac" {
            output.text = output.text.lines().rev().map(|line| [line, "\n"].concat()).collect();
        }
        output
    }

    fn printf(&mut self, call: &Call<'_>) -> Value {
        let mut at = 0;
        let mut variable = None;
        if call.text(0) == "-v" {
            variable = call.args.get(1).map(|name| name.text.clone());
            at = 2;
        }
        at += usize::from(call.text(at) == "--");
        let format = call.text(at).to_owned();
        let args = call.args.get(at + 1..).unwrap_or_default();
        let given = format.contains("%b") && args.iter().any(|arg| has_codes(&arg.text));
        let number = |digits: &str| (2..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let single = format.len() == 4 && format.starts_with("\\x") || format.strip_prefix('\\').is_some_and(number);
        let taint = if has_codes(&format) || given || single { call.taint().with(Taint::DECODED) } else { call.taint() };
        let value = Value { text: format_text(&format, args), taint };
        if !self.burn(value.text.len()) {
            return Value::hole(Taint::NONE);
        }
        match variable {
            Some(name) => {
                self.assign(&name, value);
                Value::default()
            }
            None => value,
        }
    }

    fn seq(&mut self, call: &Call<'_>) -> Value {
        let numbers: Vec<i64> = call.operands().filter_map(|number| number.text.parse().ok()).collect();
        let (from, step, to) = match numbers.as_slice() {
            [to] => (1, 1, *to),
            [from, to] => (*from, 1, *to),
            [from, step, to] => (*from, *step, *to),
            _ => return Value::hole(Taint::NONE),
        };
        if step < 1 || to.saturating_sub(from) > 64 {
            return Value::hole(Taint::NONE);
        }
        let mut text = String::new();
        let mut number = from;
        while number <= to {
            text.push_str(&number.to_string());
            text.push('\n');
            number = number.saturating_add(step);
        }
        Value::known(text)
    }

    fn decoder(&mut self, call: &Call<'_>) -> Option<Value> {
        let name = call.name;
        let decodes = match name {
            "xxd" => call.letter('r'),
            "openssl" => {
                if !matches!(call.text(0), "enc" | "base64" | "aes-256-cbc" | "zlib") {
                    return None;
                }
                call.has("-d")
            }
            "base64" | "base32" | "gbase64" | "basenc" => {
                call.letter('d') || call.letter('D') || call.texts().any(|text| text.starts_with("--d"))
            }
            "gzip" | "xz" | "zstd" | "bzip2" => call.letter('d') || call.texts().any(|text| text.starts_with("--d")),
            _ => true,
        };
        let mut input = call.io.stdin.clone();
        let file = call
            .option(&["-in"])
            .or_else(|| call.operands().filter(|path| !matches!(path.text.as_str(), "enc" | "base64")).last().cloned());
        if let Some(path) = file.filter(|path| name != "openssl" || path.text != "-") {
            if input.text.is_empty() {
                input = self.read_file(&path);
            }
            if let Some(out) = call.option(&["-out"]).filter(|_| name == "openssl") {
                self.write_file(&out.text, Value::hole(Taint::DECODED), false);
            }
        }
        let taint = input.taint.without(Taint::SHELL);
        if !decodes {
            let text = match name {
                // What is in a file, in letters that names and addresses can have.
                "base64" | "gbase64" | "base32" | "basenc" | "xxd" if !input.is_known() => {
                    return Some(Value::hole(taint.with(Taint::DECODED)));
                }
                _ if !input.is_known() => return Some(Value::hole(taint)),
                "base64" | "gbase64" => decode::to_base64(&input.text),
                "xxd" if call.letter('p') => decode::to_hex(&input.text),
                _ => return Some(Value::hole(taint)),
            };
            return Some(Value { text, taint });
        }
        let taint = taint.with(Taint::DECODED);
        if !input.is_known() || input.text.is_empty() {
            return Some(Value::hole(taint));
        }
        let text = match name {
            "base64" | "gbase64" => decode::base64(&input.text),
            "basenc" if call.has("--base16") => Some(decode::hex(&input.text)),
            "basenc" => decode::base64(&input.text),
            "openssl"
                if call.text(0) == "base64" || call.has("-base64") || call.has("-a") && !call.texts().any(|text| text.contains("aes")) =>
            {
                decode::base64(&input.text)
            }
            "base32" => Some(decode::base32(&input.text)),
            "xxd" => Some(decode::hex(&input.text)),
            "rot13" | "caesar" => Some(decode::rot13(&input.text)),
            _ => None,
        };
        Some(text.map_or_else(|| Value::hole(taint), |text| Value { text, taint }))
    }
}

/// Whether a name, or a pattern that looks for one, is that of a secret.
pub(super) fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "passw", "token", "api_key", "apikey", "credential", "private_key", "access_key"].iter().any(|word| name.contains(word))
}

fn operands(call: &Call<'_>) -> String {
    call.operands().map(|value| value.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Characters written as numbers, more than one: `\x69\x64`.
pub(super) fn has_codes(text: &str) -> bool {
    let code = |at: usize| {
        let behind = super::value::rest(text, at + 1);
        let digits = |text: &str| text.chars().take(2).filter(char::is_ascii_hexdigit).count() == 2;
        behind.strip_prefix(['x', 'u', 'U']).is_some_and(digits) || behind.starts_with(['0', '1']) && digits(behind)
    };
    // `\x1b[0m` and the like are colours.
    let printable = |at: usize| !["\\x1b", "\\x1B", "\\033", "\\u00"].iter().any(|escape| super::value::rest(text, at).starts_with(escape));
    text.match_indices('\\').filter(|(at, _)| code(*at) && printable(*at)).count() >= 2
}

fn echo(call: &Call<'_>) -> Value {
    let mut escapes = false;
    let mut newline = true;
    let mut at = 0;
    while let Some(letters) =
        call.text(at).strip_prefix('-').filter(|letters| !letters.is_empty() && letters.chars().all(|c| matches!(c, 'n' | 'e' | 'E')))
    {
        escapes |= letters.contains('e');
        newline &= !letters.contains('n');
        at += 1;
    }
    let mut value = call.joined(at);
    if escapes {
        if has_codes(&value.text) {
            value.taint = value.taint.with(Taint::DECODED);
        }
        value.text = unescape(&value.text, false);
    }
    if newline {
        value.text.push('\n');
    }
    value
}

fn format_text(format: &str, args: &[Value]) -> String {
    let mut text = String::new();
    let mut args = args.iter();
    // Bytes of zero end words as line ends do.
    let format = if format.ends_with("\\0") { format.replace("\\0", "\\n") } else { format.to_owned() };
    let unescaped = unescape(&format.replace("\\\\", "\u{1}"), false).replace('\u{1}', "\\");
    loop {
        let before = args.len();
        let mut chars = unescaped.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                text.push(c);
                continue;
            }
            let mut directive = chars.next();
            while directive.is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | ' ' | '#' | '.' | '\'' | 'l' | 'h')) {
                directive = chars.next();
            }
            let mut arg = || args.next().map_or("", |value| value.text.as_str());
            match directive {
                Some('%') => text.push('%'),
                Some('b') => text.push_str(&unescape(arg(), false)),
                Some('c') => text.extend(arg().chars().next()),
                Some('s' | 'q' | 'd' | 'i' | 'u') => text.push_str(arg()),
                Some('o') => match arg().parse::<u64>() {
                    Ok(number) => text.push_str(&format!("{number:o}")),
                    Err(_) => text.push(HOLE),
                },
                Some('x' | 'X') => match arg().parse::<u64>() {
                    Ok(number) => text.push_str(&format!("{number:02x}")),
                    Err(_) => text.push(HOLE),
                },
                _ => text.push(HOLE),
            }
        }
        if args.len() == 0 || args.len() == before || text.len() > MAX_VALUE {
            return text;
        }
    }
}

fn translate(call: &Call<'_>, text: &str) -> String {
    let mut sets = call.operands();
    let from = sets.next().map_or("", |set| set.text.as_str());
    let to = sets.next().map_or("", |set| set.text.as_str());
    if call.letter('d') { decode::without(text, from, call.letter('c') || call.letter('C')) } else { decode::translate(text, from, to) }
}

/// `sed s/x/y/g` with plain texts, once or several times.
fn substitute(call: &Call<'_>, text: &str) -> Option<String> {
    let scripts: Vec<String> = match call.option(&["-e", "--expression"]) {
        Some(_) => {
            call.texts().zip(call.texts().skip(1)).filter(|(option, _)| *option == "-e").map(|(_, script)| script.to_owned()).collect()
        }
        None => vec![call.operands().next()?.text.clone()],
    };
    let mut text = text.to_owned();
    for script in scripts.iter().flat_map(|script| script.split(';')) {
        let (pattern, with, flags) = super::escape::substitution(script.trim())?;
        if pattern.is_empty() || pattern.contains(['*', '[', '.', '\\', '^', '$']) || with.contains(['&', '\\']) {
            return None;
        }
        text = if flags.contains('g') {
            text.replace(pattern, with)
        } else {
            text.lines().map(|line| line.replacen(pattern, with, 1) + "\n").collect()
        };
        if text.len() > MAX_VALUE {
            return None;
        }
    }
    Some(text)
}

/// `cut -c2-5`, `cut -d: -f2`.
fn cut(call: &Call<'_>, text: &str) -> Option<String> {
    let numbers = |list: &str| -> Option<(usize, usize)> {
        let (low, high) = list.split_once('-').unwrap_or((list, list));
        Some((if low.is_empty() { 1 } else { low.parse().ok()? }, if high.is_empty() { usize::MAX } else { high.parse().ok()? }))
    };
    let lines = text.lines();
    if let Some(list) = call.option(&["-c", "-b"]) {
        let mut output = String::new();
        for line in lines {
            for range in list.text.split(',') {
                let (low, high) = numbers(range)?;
                output.extend(line.chars().skip(low.checked_sub(1)?).take(high.saturating_sub(low).saturating_add(1)));
            }
            output.push('\n');
        }
        return Some(output);
    }
    let list = call.option(&["-f"])?;
    let by = call.option(&["-d"]).map_or_else(|| "\t".to_owned(), |by| by.text);
    let (low, high) = numbers(&list.text)?;
    let fields = |line: &str| {
        line.split(by.as_str()).skip(low.saturating_sub(1)).take(high.saturating_sub(low).saturating_add(1)).collect::<Vec<_>>().join(&by)
    };
    (!by.is_empty()).then(|| lines.map(|line| fields(line) + "\n").collect())
}
