//! `portcullisctl mask`: standard input through the very masker the filter runs; with `--catalogue`, what it looks for.

mod catalogue;

use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use portcullis::mask::{Finding, Form, Masking, Profile, Recipient, Stream};
use serde_json::json;

use crate::exit::{self, Exit, Failure};
use crate::policy;

/// Masks standard input to standard output, in constant memory.
///
/// Without --json, --sse, --lines or --text the first byte decides: `{` and `[` begin JSON, anything else is text.
#[derive(Debug, clap::Args)]
#[command(after_help = exit::HELP, group = clap::ArgGroup::new("form").multiple(false))]
pub struct Args {
    /// The policy whose masking rules apply, YAML or JSON
    #[arg(long, value_name = "FILE", required_unless_present = "catalogue")]
    policy: Option<PathBuf>,
    /// Print everything that can be looked for instead, as a Markdown table; with --json, as JSON
    #[arg(long, conflicts_with_all = ["policy", "sse", "lines", "text", "findings", "groups"])]
    catalogue: bool,
    /// The input is one JSON text
    #[arg(long, group = "form")]
    json: bool,
    /// The input is an event stream (text/event-stream)
    #[arg(long, group = "form")]
    sse: bool,
    /// Every line of the input is a JSON text of its own (NDJSON)
    #[arg(long, group = "form")]
    lines: bool,
    /// The input is text
    #[arg(long, group = "form")]
    text: bool,
    /// Print what was found instead, one JSON object a line: rule, detector, path, len (bytes of the decoded value)
    #[arg(long)]
    findings: bool,
    /// A group of the caller, for rules with `groups` or `unless_groups`; repeat for more
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// The tool whose answer it is, for rules with `tools`; without it those apply, too
    #[arg(long)]
    tool: Option<String>,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(policy) = args.policy.as_ref().filter(|_| !args.catalogue) else {
        exit::print(&if args.json { catalogue::json() } else { catalogue::markdown() })?;
        return Ok(Exit::Fine.into());
    };
    let loaded = policy::for_looking(policy)?;
    let masking = Masking::compile(&loaded.policy.masking).map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(|mistake| format!("masking{}: {}", mistake.path, mistake.message)).collect();
        Failure::wrong(told.join("\n"))
    })?;
    let masking = masking.of_responses(&loaded.policy.responses);
    let mut desk = Desk {
        profile: masking.profile(Recipient { groups: &args.groups, tool: args.tool.as_deref(), ..Recipient::default() }),
        findings: args.findings,
        out: io::BufWriter::new(io::stdout().lock()),
    };
    for asking in desk.profile.askings() {
        tell_user!("rules with the recognizer `{}` are left out: nobody is asked here", asking.recognizer);
    }
    let mut input = io::BufReader::with_capacity(64 * 1024, io::stdin().lock());
    let form = if args.lines { Ok(None) } else { form(args, &mut input).map(Some) };
    let guessed_json = matches!(form, Ok(Some(Form::Json))) && !args.json;
    let done = form.and_then(|form| match form {
        None => desk.lines(&mut input),
        Some(form) => desk.stream(&mut input, form, None),
    });
    match done.and_then(|()| Ok(desk.out.flush()?)) {
        Ok(()) => {}
        Err(Trouble::Io(err)) => exit::or_gone(Err(err))?,
        Err(Trouble::Mask { message, .. }) if guessed_json => {
            let hint = "its first byte looks like JSON; --lines is for one JSON text a line, --text for anything";
            return Err(Failure::wrong(format!("the input cannot be masked: {message} ({hint})")).into());
        }
        Err(trouble) => return Err(trouble.failure().into()),
    }
    Ok(Exit::Fine.into())
}

fn form(args: &Args, input: &mut impl BufRead) -> Result<Form, Trouble> {
    Ok(match (args.json, args.sse, args.text) {
        (true, ..) => Form::Json,
        (_, true, _) => Form::Sse,
        (.., true) => Form::Text,
        _ => {
            let first = input.fill_buf()?.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
            if matches!(first, Some(b'{' | b'[')) { Form::Json } else { Form::Text }
        }
    })
}

struct Desk<W: Write> {
    profile: Profile,
    findings: bool,
    out: W,
}

enum Trouble {
    Io(io::Error),
    Mask { line: Option<u64>, message: String },
}

impl From<io::Error> for Trouble {
    fn from(err: io::Error) -> Self {
        Self::Io(err)
    }
}

impl Trouble {
    fn failure(self) -> Failure {
        match self {
            Self::Io(err) => Failure::environment(format!("standard input or output broke: {err}")),
            Self::Mask { line: Some(line), message } => Failure::wrong(format!("line {line} cannot be masked: {message}")),
            Self::Mask { line: None, message } => Failure::wrong(format!("the input cannot be masked: {message}")),
        }
    }
}

impl<W: Write> Desk<W> {
    fn stream(&mut self, input: &mut impl Read, form: Form, line: Option<u64>) -> Result<(), Trouble> {
        let mut stream = Stream::new(self.profile.clone(), form);
        if self.findings {
            stream.tell_all();
        }
        let wrong = |err: portcullis::mask::MaskError| Trouble::Mask { line, message: err.to_string() };
        let (mut buffer, mut masked) = (vec![0; 64 * 1024], Vec::new());
        loop {
            let count = input.read(&mut buffer)?;
            masked.clear();
            match count {
                0 => stream.finish(&mut masked).map_err(wrong)?,
                _ => stream.push(buffer.get(..count).unwrap_or_default(), &mut masked).map_err(wrong)?,
            }
            if self.findings {
                for finding in stream.take_details() {
                    self.tell(&finding, line)?;
                }
            } else {
                self.out.write_all(&masked)?;
            }
            if count == 0 {
                return Ok(());
            }
        }
    }

    fn lines(&mut self, input: &mut impl BufRead) -> Result<(), Trouble> {
        let mut number = 0;
        let mut line = Vec::new();
        while input.read_until(b'\n', &mut line)? > 0 {
            number += 1;
            match line.trim_ascii().is_empty() {
                // Blank lines, at the end of many files, are no JSON texts.
                true if self.findings => {}
                true => self.out.write_all(&line)?,
                false => self.stream(&mut line.as_slice(), Form::Json, Some(number))?,
            }
            line.clear();
        }
        Ok(())
    }

    fn tell(&mut self, finding: &Finding, line: Option<u64>) -> Result<(), Trouble> {
        let mut told = json!({ "rule": &*finding.rule, "detector": finding.detector, "path": finding.path, "len": finding.len });
        if let (Some(line), Some(members)) = (line, told.as_object_mut()) {
            members.insert("line".to_owned(), line.into());
        }
        Ok(writeln!(self.out, "{told}")?)
    }
}
