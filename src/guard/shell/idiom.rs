//! Reverse shells and `curl | sh` in texts that nobody declared as commands: few forms, none of which prose has.

use std::sync::LazyLock;

use aho_corasick::Anchored;
use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;

use super::value::{byte, part, rest};
use super::{Class, Flavour, MAX_TEXT};
use crate::guard::seen::Seen;

/// What an idiom was taken for, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idiom {
    pub class: Class,
    /// Byte offset of the line.
    pub offset: usize,
}

/// Looks for a reverse shell, or for a text that is as a whole a command that runs what it downloads.
///
/// Made for arguments of any kind, documentation and code included: a false alarm is worse here than a miss.
pub fn reverse_shell_idiom(text: &str) -> Option<Idiom> {
    reverse_shell_idiom_in(text, Seen::of(text))
}

/// The same, in a text that was looked at.
pub(in crate::guard) fn reverse_shell_idiom_in(text: &str, seen: Seen) -> Option<Idiom> {
    let text = if text.len() > MAX_TEXT { cut(text) } else { text };
    let offset = if seen.may_be_a_shell() { reverse_shell(text) } else { None };
    match offset {
        Some(offset) => Some(Idiom { class: Class::ReverseShell, offset }),
        None if seen.may_end_a_command() => whole(text),
        None => None,
    }
}

/// The line of a text that has the idiom of a reverse shell.
pub(super) fn reverse_shell(text: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split('\n') {
        if line.len() >= 12 && line_has(line) {
            return Some(offset);
        }
        offset += line.len() + 1;
    }
    None
}

fn cut(text: &str) -> &str {
    let end = (0..=MAX_TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    part(text, 0, end)
}

/// Lower case, without quotes, with blanks for what expands to blanks, one where there are several.
fn flatten(line: &str) -> String {
    let mut flat = String::with_capacity(line.len());
    flattened(line, &mut |c| flat.push(c));
    flat
}

/// The same, one character after the other.
#[inline(always)]
fn flattened(line: &str, give: &mut impl FnMut(char)) {
    let mut at = 0;
    let mut blank = false;
    while let Some(&byte) = line.as_bytes().get(at) {
        let c = match byte {
            b'+' | b' ' | b'\t'..=b'\r' => {
                at += 1;
                ' '
            }
            b'\'' | b'"' | b'\\' | b'`' => {
                at += 1;
                continue;
            }
            b'$' | b'%' => {
                let (taken, stands_for) = expands(rest(line, at));
                at += taken;
                let Some(c) = stands_for else { continue };
                c
            }
            byte if byte.is_ascii() => {
                at += 1;
                char::from(byte.to_ascii_lowercase())
            }
            _ => {
                let Some(c) = rest(line, at).chars().next() else { return };
                at += c.len_utf8();
                if !c.is_whitespace() {
                    c.to_lowercase().for_each(&mut *give);
                    blank = false;
                    continue;
                }
                ' '
            }
        };
        if c != ' ' || !blank {
            give(c);
        }
        blank = c == ' ';
    }
}

/// How much of the text a parameter or an escaped blank takes, and what it stands for.
fn expands(text: &str) -> (usize, Option<char>) {
    match ["${IFS}", "$IFS$9", "$IFS", "%20"].into_iter().find(|blank| text.starts_with(blank)) {
        Some(blank) => (blank.len(), Some(' ')),
        None if text.starts_with("$@") => (2, None),
        None => (1, text.chars().next()),
    }
}

const SHELLS: [&str; 16] = [
    "/bin/sh",
    "/bin/bash",
    "/bin/zsh",
    "/bin/dash",
    "/bin/ksh",
    "/bin/ash",
    "/usr/bin/bash",
    "/usr/bin/sh",
    "cmd.exe",
    "powershell.exe",
    "/bin/csh",
    "bash",
    "sh",
    "zsh",
    "cmd",
    "powershell",
];

/// Whether any of the words is in the flattened line that every idiom has one of.
fn has_sign(line: &str) -> bool {
    // One pass for all that makes nothing: a search for each, of which a few hundred would follow, costs more where there is no vector code for it.
    static SIGNS: LazyLock<Option<DFA>> = LazyLock::new(|| {
        let words = [
            "/dev/tcp/",
            "/dev/udp/",
            "nc ",
            "nc.",
            "cat ",
            "mkfifo ",
            "mknod ",
            "socket",
            "socat ",
            "sockopen(",
            "child_process",
            "/inet/tcp/",
            "connect(",
            "net.dial(",
        ];
        DFA::builder().build(words).ok()
    });
    let Some(signs) = SIGNS.as_ref() else { return true };
    let Ok(mut state) = signs.start_state(Anchored::No) else { return true };
    let mut found = false;
    let mut next = |byte: u8| {
        state = signs.next_state(Anchored::No, state, byte);
        found |= signs.is_match(state);
    };
    flattened(line, &mut |c| match u8::try_from(u32::from(c)) {
        Ok(byte) if byte.is_ascii() => next(byte),
        _ => c.encode_utf8(&mut [0; 4]).bytes().for_each(&mut next),
    });
    found
}

fn line_has(line: &str) -> bool {
    // Nearly every line ends here.
    if !has_sign(line) {
        return false;
    }
    let flat = flatten(line);
    let near = |from: usize, word: &str, within: usize| {
        let end = (from + within).min(flat.len());
        let end = (end..=flat.len()).find(|end| flat.is_char_boundary(*end)).unwrap_or(flat.len());
        part(&flat, from, end).contains(word)
    };
    // A shell wired to bash's own sockets.
    for (at, found) in flat.match_indices("/dev/tcp/").chain(flat.match_indices("/dev/udp/")) {
        let start = (at.saturating_sub(48)..=at).find(|start| flat.is_char_boundary(*start)).unwrap_or(at);
        let before = part(&flat, start, at);
        let shell = [
            "bash -i",
            "sh -i",
            "zsh -i",
            "bash -l",
            "bash &",
            "sh >&",
            "bash >&",
            "bash<",
            "sh 0<",
            "bash 0>",
            "exec bash",
            "sh>",
            "bash>",
            "sh &>",
            "bash &>",
        ]
        .iter()
        .any(|word| before.contains(word));
        let juggled = before.contains("exec ")
            && before.contains("<>")
            && (near(at, "sh <&", 160) || near(at, "while read", 160) || near(at, "bash <&", 160));
        if is_target(rest(&flat, at + found.len())) && (shell || juggled) {
            return true;
        }
    }
    // `nc -e /bin/sh host port`, `ncat host port --exec`.
    for name in ["nc ", "ncat ", "netcat ", "nc.traditional ", "nc.exe "] {
        for (at, _) in flat.match_indices(name) {
            let stands = at
                .checked_sub(1)
                .is_none_or(|before| matches!(byte(flat.as_bytes(), before), b' ' | b'/' | b';' | b'|' | b'&' | b'(' | b'`'));
            if stands && nc(part_of(&flat, at + name.len(), 120)) {
                return true;
            }
        }
    }
    if let Some(at) = flat.find("mkfifo ").or_else(|| flat.find("mknod ")) {
        let tail = rest(&flat, at);
        let connects = ["| nc ", "|nc ", "| ncat ", "|ncat ", "| telnet ", "s_client ", "telnet "].iter().any(|word| tail.contains(word));
        let shell = ["sh -i", "| /bin/sh", "|/bin/sh", "/bin/sh <", "/bin/bash", "| sh", "|sh", "| bash", "0<"]
            .iter()
            .any(|word| tail.contains(word));
        if connects && shell && tail.contains(['>', '<']) {
            return true;
        }
    }
    if flat.contains("socat ")
        && flat.contains("tcp")
        && ["exec:/bin/", "exec:bash", "exec:sh", "system:/bin/", "system:bash", "exec:cmd", "exec:powershell"]
            .iter()
            .any(|word| flat.contains(word))
    {
        return true;
    }
    in_other_languages(&flat)
}

fn part_of(flat: &str, from: usize, most: usize) -> &str {
    let end = (from + most).min(flat.len());
    let end = (end..=flat.len()).find(|end| flat.is_char_boundary(*end)).unwrap_or(flat.len());
    part(flat, from, end)
}

/// A host and a port behind `/dev/tcp/`.
fn is_target(text: &str) -> bool {
    let word = text.split([' ', ';', '>', '<', ')', '&', '|']).next().unwrap_or_default();
    let Some((host, port)) = word.split_once('/') else { return false };
    !host.is_empty() && !port.is_empty() && (port.starts_with(|c: char| c.is_ascii_digit() || c == '$' || c == '{') || port == "port")
}

/// The arguments of netcat: a program to run, and a place to connect to.
fn nc(args: &str) -> bool {
    let command = args.split([';', '|', '&', '\n']).next().unwrap_or_default();
    let words: Vec<&str> = command.split(' ').filter(|word| !word.is_empty()).collect();
    let mut runs = false;
    for (option, value) in words.iter().zip(words.iter().skip(1)) {
        let letters = option.strip_prefix('-').unwrap_or_default();
        let executes = (letters.len() <= 6 && letters.ends_with(['e', 'c']) && letters.chars().all(char::is_alphanumeric))
            || matches!(*option, "--exec" | "--sh-exec");
        runs |= executes && SHELLS.contains(&value.trim_end_matches([')', ',', '}', ']']));
    }
    let port = words.iter().any(|word| word.parse::<u16>().is_ok() || word.starts_with('$'));
    runs && port
}

/// One-liners of other languages: connected, and a shell on the other end.
fn in_other_languages(flat: &str) -> bool {
    let has = |words: &[&str]| words.iter().all(|word| flat.contains(word));
    let shell = ["/bin/sh", "/bin/bash", "cmd.exe", "sh -i", "bash -i", "/bin/zsh", "powershell.exe", "(sh)", "spawn(sh", "spawn(bash"]
        .iter()
        .any(|word| flat.contains(word));
    let signs: [&[&str]; 25] = [
        &["socket.socket", "connect(", "dup2("],
        &["socket", "connect(", "pty.spawn("],
        &["socket.socket", "connect(", "subprocess."],
        &["use socket", "connect(", "exec"],
        &["io::socket::inet", "fdopen"],
        &["io::socket::inet", "system$_"],
        &["tcpsocket.", "exec"],
        &["tcpsocket.", "popen"],
        &["tcpsocket.", "spawn"],
        &["fsockopen(", "exec("],
        &["fsockopen(", "proc_open("],
        &["fsockopen(", "system("],
        &["fsockopen(", "popen("],
        &["fsockopen(", "passthru("],
        &["child_process", "net.socket", "spawn("],
        &["child_process", "net", "connect(", ".pipe("],
        &["require(socket)", "os.execute("],
        &["socket.tcp(", "io.popen"],
        &["/inet/tcp/", "|&", "getline"],
        &["runtime.getruntime().exec", "/dev/tcp/"],
        &["net.sockets.tcpclient", "getstream", "iex"],
        &["socket.socket", "os.execve("],
        &["processbuilder(", "socket(", "getinputstream"],
        &["connect(", "dup2(", "execve("],
        &["net.dial(", "exec.command("],
    ];
    let powershell = has(&["net.sockets.tcpclient", "getstream"]) && (flat.contains("iex") || flat.contains("invoke-expression"));
    powershell || signs.iter().any(|words| has(words)) && (shell || has(&["/inet/tcp/"]) || has(&["system$_"]))
}

/// A text that is one command from its first word on: judged as such.
fn whole(text: &str) -> Option<Idiom> {
    let trimmed = text.trim();
    if trimmed.len() > 4096 || trimmed.lines().count() > 12 || !trimmed.contains(['|', '<', '$', ';', '&']) {
        return None;
    }
    const FIRST: [&str; 34] = [
        "curl", "wget", "fetch", "bash", "sh", "sudo", "exec", "nc", "ncat", "netcat", "socat", "python", "python3", "perl", "ruby", "php",
        "node", "lua", "rm", "mkfifo", "telnet", "openssl", "busybox", "awk", "gawk", "zsh", "ksh", "dash", "env", "nohup", "setsid",
        "eval", "echo", "0<&196",
    ];
    // A breakout: a command that another was ended for.
    let breakout = trimmed.find([';', '|', '&', '$', '`']).filter(|at| *at < 512).and_then(|at| {
        let tail = rest(trimmed, at).trim_start_matches([';', '|', '&', '$', '(', ' ', '`']);
        let joined = at == 0 || !byte(trimmed.as_bytes(), at + 1).is_ascii_whitespace() || byte(trimmed.as_bytes(), at) != b'&';
        joined.then_some(tail)
    });
    for candidate in [Some(trimmed), breakout].into_iter().flatten() {
        let is_first = begins_with(candidate, &FIRST);
        // Prose may begin with a command's name, but goes on in words. Code is fenced in it.
        if !is_first || candidate.contains('`') || (candidate != trimmed && trimmed.contains("```")) {
            continue;
        }
        // What closed the quotation it broke out of.
        let candidate = if candidate == trimmed { candidate } else { candidate.trim_end_matches([')', '}', '"', '\'', '#', ' ']) };
        let found = super::inspect(candidate, Flavour::Posix);
        let offset = text.len() - rest(text, text.find(candidate).unwrap_or(0)).len();
        if found.classes.contains(Class::ReverseShell) {
            return Some(Idiom { class: Class::ReverseShell, offset });
        }
        let address = candidate.contains("://") || candidate.contains(".sh") || candidate.contains('.');
        if found.classes.contains(Class::DownloadAndRun) && address && !found.classes.contains(Class::Unknown) {
            return Some(Idiom { class: Class::DownloadAndRun, offset });
        }
    }
    None
}

/// Whether a command's first word is one of these names, without quotes and folder.
fn begins_with(command: &str, names: &[&str]) -> bool {
    let mut name = [0_u8; 16];
    let mut len = 0;
    for c in command.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).take(64) {
        match c {
            ' ' | '$' | '<' | '{' | '\t' | '\n' => break,
            '/' => len = 0,
            c => {
                // What is no letter of a name is in none of them.
                if let Some(place) = name.get_mut(len) {
                    *place = u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(0);
                }
                len += 1;
            }
        }
    }
    name.get(..len).is_some_and(|name| names.iter().any(|known| known.as_bytes() == name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Step by step, as it is meant.
    fn flat(line: &str) -> String {
        let plain = line.replace("${IFS}", " ").replace("$IFS$9", " ").replace("$IFS", " ").replace("%20", " ").replace("$@", "");
        let mut flat = String::new();
        for c in plain.chars().filter(|c| !matches!(c, '\'' | '"' | '\\' | '`')) {
            if c.is_whitespace() || c == '+' {
                if !flat.ends_with(' ') {
                    flat.push(' ');
                }
            } else {
                flat.extend(c.to_lowercase());
            }
        }
        flat
    }

    fn first(command: &str) -> String {
        let plain: String = command.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).take(64).collect();
        let word = plain.split([' ', '$', '<', '{', '\t', '\n']).next().unwrap_or_default();
        word.rsplit('/').next().unwrap_or_default().to_owned()
    }

    proptest! {
        #[test]
        fn one_pass_flattens_as_several_do(line in "(\\$|IFS|\\{|\\}|@|9|%|20|[a-cK\u{212a}\u{130}é'\"`\\\\+ \t\u{a0}]){0,24}", any in any::<String>()) {
            prop_assert_eq!(flatten(&line), flat(&line));
            prop_assert_eq!(flatten(&any), flat(&any));
        }

        /// What is left out after a look at the bytes is what would not be found.
        #[test]
        fn the_quick_look_decides_nothing(
            odd in "(bash -i |sh -i|>& ?|/dev/tcp/|/dev/udp/|h/1|n|c|nc |ncat |-e |/bin/sh|\\$IFS|\\$\\{IFS\\}|\\$@|%20|'|\"|\\\\|`|\\+|10.0.0.1 |4444|\
                    mkfifo |mknod |/tmp/f|socat |tcp:h:1|exec:|;|\\|| |\n|\t|\u{212a}|curl |https://h.example/x.sh|import |socket.socket|connect\\(|dup2\\(){0,12}",
            any in any::<String>(),
        ) {
            for text in [&odd, &any] {
                let quick = reverse_shell_idiom_in(text, Seen::of(text));
                prop_assert_eq!(quick, reverse_shell_idiom_in(text, Seen::ANYTHING), "{:?}", text);
            }
        }

        #[test]
        fn the_first_word_is_found_as_it_stands(command in "('|\"|/|curl|sh|x|\\$|é| |\t){0,8}") {
            let names = ["curl", "sh", "curlsh", "x"];
            prop_assert_eq!(begins_with(&command, &names), names.contains(&first(&command).as_str()));
        }
    }
}
