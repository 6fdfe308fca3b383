//! What commands that print one secret answer, and configurations in which a secret stands at a place of its own.

use super::super::View;
use super::words::{Words, in_quotes, unquoted};
use super::{LONGEST, is_blank, name, quoted};

/// Bytes of a command up to the end of its line.
const LINE: usize = 112;

pub(super) const HEADS: &[&str] = &[
    "requirepass",
    "masterauth",
    "securestring",
    "get secret ",
    "get secrets ",
    "secrets versions access",
    "get-secret-value",
    "kv get ",
    "get-parameter ",
    "secret show ",
    "secrets get ",
    "op read ",
    "pass show ",
    "printenv ",
    "echo $",
    "chap-secrets",
    "pap-secrets",
];

/// Where the value stands that the head at `at` leads to.
pub(super) fn place(view: &View<'_>, at: usize) -> Option<(usize, usize)> {
    let head = HEADS.iter().find(|head| view.starts_with_ignoring_case(at, head.as_bytes()))?;
    let from = at + head.len();
    let needs: &[&[u8]] = match *head {
        "requirepass" | "masterauth" => return answer(view, from),
        "securestring" => return parameter(view, from),
        "chap-secrets" | "pap-secrets" => return account(view, from),
        "get secret " | "get secrets " => &[b"{."],
        "kv get " => &[b"-field"],
        "get-secret-value" | "get-parameter " | "secret show " => &[b"--query"],
        "secrets get " => &[b"--plain"],
        "echo $" | "printenv " => return variable(view, from),
        _ => &[b""],
    };
    let end = view.run(from, LINE, |byte| !matches!(byte, b'\r' | b'\n'));
    let line = view.slice(from, end);
    let has = |word: &&[u8]| word.is_empty() || line.windows(word.len()).any(|text| text == *word);
    // What is written to a file, goes on in the next line or is put into another command answers nothing.
    let other = line.contains(&b'>') || line.last().is_some_and(|byte| matches!(byte, b'\\' | b'|')) || is_put_in(view, at);
    (needs.iter().any(has) && !other).then(|| below(view, end))?
}

/// `PASSWORD=$(kubectl get secret ...)`.
fn is_put_in(view: &View<'_>, at: usize) -> bool {
    let before = view.slice(at.saturating_sub(LINE), at);
    before.iter().rev().take_while(|byte| **byte != b'\n').any(|byte| matches!(byte, b'(' | b'`'))
}

/// `printenv DB_PASSWORD`, `echo $DB_PASSWORD`: the name says what is printed.
fn variable(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let begin = view.run(from, 1, |byte| byte == b'{');
    let name = view.run(begin, 40, name::is_name);
    name::of(view.slice(begin, name))?;
    below(view, view.run(name, 1, |byte| byte == b'}'))
}

/// The word that is all of the line behind the one that ends at `end`.
fn below(view: &View<'_>, end: usize) -> Option<(usize, usize)> {
    let start = view.run(end, 2, |byte| matches!(byte, b'\r' | b'\n'));
    (start > end).then_some(())?;
    if let Some(found) = in_quotes(view, start, start + LONGEST) {
        return Some(found);
    }
    let end = view.run(start, LONGEST, |byte| byte > b' ' && byte != b'"');
    view.at(end).is_none_or(|byte| matches!(byte, b'\r' | b'\n' | b'"')).then_some((start, end))
}

/// Redis: `1) "requirepass"` and `2) "..."` below it.
fn answer(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let line = view.run(from + 1, 2, |byte| matches!(byte, b'\r' | b'\n'));
    let number = view.run(line, 3, |byte| byte.is_ascii_digit());
    (view.at(from) == Some(b'"') && line > from + 1 && view.starts_with(number, b") "))
        .then(|| in_quotes(view, number + 2, number + 2 + LONGEST))?
}

/// AWS: `SecureString`, and behind it `"Value": "..."` or a tab and the value.
fn parameter(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    if view.at(from) == Some(b'\t') {
        return Some((from + 1, view.run(from + 1, LONGEST, |byte| byte > b' ')));
    }
    let closed = view.run(from, 3, |byte| matches!(byte, b'"' | b'\\'));
    let key = view.run(closed + 1, 24, |byte| byte.is_ascii_whitespace());
    let key = view.run(key, 3, |byte| matches!(byte, b'"' | b'\\'));
    (closed > from && view.at(closed) == Some(b',') && view.starts_with(key, b"Value")).then_some(())?;
    let sign = view.run(key + 5, 3, |byte| matches!(byte, b'"' | b'\\'));
    let open = view.run(view.run(sign + 1, 2, is_blank), 3, |byte| byte == b'\\');
    (view.at(sign) == Some(b':') && view.at(open) == Some(b'"')).then_some(())?;
    quoted(view, open + 1, b'"').map(|(end, _)| (open + 1, end))
}

/// pppd: the third word of the first line that is no comment.
fn account(view: &View<'_>, from: usize) -> Option<(usize, usize)> {
    let text = view.ahead(from, LINE);
    let mut at = from;
    for line in text.split_inclusive(|byte| *byte == b'\n').take(4) {
        if at > from && !line.starts_with(b"#") {
            let word = Words { view, at, end: at + line.len() }.nth(2)?;
            return (word.end <= at + line.len()).then(|| unquoted(view, word.start, word.end));
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::all;
    use super::super::command::replied;

    #[test]
    fn finds_what_commands_print() {
        for text in [
            "$ kubectl get secret db -o jsonpath={.data.password}\nThunder2021x\n",
            "$ kubectl get secret db -o jsonpath='{.data.password}' | base64 -d\nThunder2021x\n",
            "$ gcloud secrets versions access latest --secret=db\nThunder2021x\n",
            "$ vault kv get -field=password secret/db\r\nThunder2021x",
            "$ aws secretsmanager get-secret-value --secret-id db --query SecretString\n\"Thunder2021x\"\n",
            "$ op read op://vault/db/password\nThunder2021x\n",
            "$ printenv DB_PASSWORD\nThunder2021x\n",
            "$ echo $DB_PASSWORD\nThunder2021x\n",
            "$ echo ${DB_PASSWORD}\nThunder2021x\n",
            "1) \"requirepass\"\n2) \"Thunder2021x\"",
            "3) \"masterauth\"\n4) \"Thunder2021x\"\n5) \"port\"",
            "PARAMETER\tarn:aws:x\t/p/x\tSecureString\tThunder2021x\t2",
            "{\"Name\":\"/p/x\",\n \"Type\": \"SecureString\",\n \"Value\": \"Thunder2021x\"}",
            "# cat /etc/ppp/chap-secrets\n# client server secret IP\njo * Thunder2021x *\n",
        ] {
            assert_eq!(all(replied, text), ["Thunder2021x"], "{text}");
        }
    }

    #[test]
    fn leaves_what_they_do_not() {
        for text in [
            "$ kubectl get secret db\nthunder2021x\n",
            "get secret by jsonpath\nthunder2021x\n",
            "PW=$(kubectl get secret db -o jsonpath={.data.password})\nrun2021x\n",
            "$ kubectl get secret db -o jsonpath={.data.password} > x\nrun2021x\n",
            "kubectl get secret db -o jsonpath={.data.password} \\\n--namespace2021x\n",
            "$ printenv HOME\nThunder2021x\n",
            "$ echo $PATH\nThunder2021x\n",
            "$ echo $DB_PASSWORD\nbash: Thunder2021x: not found\n",
            "the op read timeout\nThunder2021 is",
            "1) \"requirepass\"\n2) \"\"",
            "--type SecureString --name Thunder2021x",
            "\"Type\":\"SecureString\",\"Name\":\"Thunder2021x\"",
            "edit chap-secrets and then see Thunder2021x",
        ] {
            assert!(all(replied, text).is_empty(), "{text}: {:?}", all(replied, text));
        }
    }
}
