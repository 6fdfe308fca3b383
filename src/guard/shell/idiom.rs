//! Reverse shells and `curl | sh` in texts that nobody declared as commands: few forms, none of which prose has.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::value::{byte, part, rest};
use super::{Class, Flavour, MAX_TEXT};

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
    let text = if text.len() > MAX_TEXT { cut(text) } else { text };
    match reverse_shell(text) {
        Some(offset) => Some(Idiom { class: Class::ReverseShell, offset }),
        None => whole(text),
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

/// Lower case, without quotes, with blanks for what expands to blanks.
fn flatten(line: &str) -> String {
    let plain = line.replace("${IFS}", " ").replace("$IFS$9", " ").replace("$IFS", " ").replace("%20", " ").replace("$@", "");
    let mut flat = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '\'' | '"' | '\\' | '`' => {}
            c if c.is_whitespace() || c == '+' => {
                if !flat.ends_with(' ') {
                    flat.push(' ');
                }
            }
            c => flat.extend(c.to_lowercase()),
        }
    }
    flat
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

/// Whether any of the words is there that every idiom has one of, in any case.
fn has_sign(line: &str) -> bool {
    // One pass for all: a search for each, of which a few hundred would follow, costs more where there is no vector code for it.
    static SIGNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
        let words =
            ["/dev/", "nc", "cat", "mkfifo", "mknod", "ocket", "sock", "exec", "tcp", "telnet", "s_client", "child_process", "connect("];
        AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).ascii_case_insensitive(true).build(words).ok()
    });
    SIGNS.as_ref().is_none_or(|signs| signs.is_match(line))
}

fn line_has(line: &str) -> bool {
    // Cheap questions first: nearly every line ends here.
    if !has_sign(line) && !line.contains(['\'', '"', '\\', '$']) {
        return false;
    }
    let flat = flatten(line);
    if !has_sign(&flat) {
        return false;
    }
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
        (joined && !trimmed.contains("```")).then_some(tail)
    });
    for candidate in [Some(trimmed), breakout].into_iter().flatten() {
        let plain: String = candidate.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).take(64).collect();
        let first = plain.split([' ', '$', '<', '{', '\t', '\n']).next().unwrap_or_default();
        let name = first.rsplit('/').next().unwrap_or_default();
        // Prose may begin with a command's name, but goes on in words.
        let ticks = candidate.contains('`');
        if !FIRST.contains(&name) || ticks {
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
