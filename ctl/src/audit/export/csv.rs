//! RFC 4180, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::audit::clean;
use crate::audit::entry::{Entry, Payload};
use crate::audit::when::rfc3339;

type Column = (&'static str, fn(&Entry) -> String);

const COLUMNS: [Column; 32] = [
    ("time", |entry| rfc3339(entry.start)),
    ("end_time", |entry| rfc3339(entry.end)),
    ("duration_ms", |entry| entry.took().to_string()),
    ("kind", |entry| entry.kind.word().to_owned()),
    ("user", |entry| entry.user.clone()),
    ("subject", |entry| entry.subject.clone()),
    ("email", |entry| entry.email.clone()),
    ("groups", |entry| entry.groups.join(" ")),
    ("client", |entry| entry.client.clone()),
    ("agent", |entry| entry.agent.clone()),
    ("session", |entry| entry.session.clone()),
    ("operation", |entry| entry.operation.clone()),
    ("target", |entry| entry.target.clone()),
    ("action", |entry| entry.action.clone()),
    ("disposition", |entry| entry.disposition.clone()),
    ("rule", |entry| entry.rule.clone()),
    ("code", |entry| entry.code.clone()),
    ("detail", |entry| entry.detail.clone()),
    ("alerts", |entry| entry.alerts.join(" ")),
    ("masked", Entry::masked_in_words),
    ("http_status", |entry| entry.http.status.map(|status| status.to_string()).unwrap_or_default()),
    ("rpc_error", |entry| {
        entry.rpc_error.as_ref().map(|(code, message)| format!("{code} {message}").trim().to_owned()).unwrap_or_default()
    }),
    ("stage", |entry| entry.stage.clone()),
    ("source", |entry| entry.source.clone()),
    ("upstream", |entry| entry.upstream.clone()),
    ("tls", |entry| entry.tls.clone()),
    ("request", |entry| text(entry.request.as_ref())),
    ("response", |entry| text(entry.response.as_ref())),
    ("approval", |entry| entry.approval.clone()),
    ("node", |entry| entry.node.clone()),
    ("policy", |entry| entry.policy.clone()),
    ("record", |entry| entry.uid.clone()),
];

fn text(payload: Option<&Payload>) -> String {
    payload.and_then(|payload| payload.text.clone()).unwrap_or_default()
}

pub(super) fn write(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    let head: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    write!(out, "{}\r\n", head.join(","))?;
    for entry in entries {
        let row: Vec<String> = COLUMNS.iter().map(|(_, cell)| quoted(&cell(entry))).collect();
        write!(out, "{}\r\n", row.join(","))?;
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", harmless(text).replace('"', "\"\""))
}

/// Spreadsheets run what begins with these, also behind blanks, in full width, and after a line break of a cell that they take apart (CWE-1236). A quote before
/// it makes it a text. Other control characters are spelt out.
fn harmless(text: &str) -> Cow<'_, str> {
    let begins = |text: &str| text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']);
    let number = text.parse::<i64>().is_ok();
    let lines: Vec<Cow<'_, str>> = clean::lines(text);
    let lines = lines.iter().map(|line| if begins(line) && !number { format!("'{line}") } else { line.to_string() });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, expected) in [
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("  +1+1", "\"'  +1+1\""),
            ("-2+3", "\"'-2+3\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("＝1", "\"'＝1\""),
            ("\t=1", "\"'    =1\""),
            ("a\r\n=1", "\"a\n'=1\""),
            ("-32602", "\"-32602\""),
            ("say \"hi\", you", "\"say \"\"hi\"\", you\""),
            ("\u{1b}[31m", "\"\\u{1b}[31m\""),
        ] {
            assert_eq!(quoted(text), expected, "{text:?}");
        }
    }
}
