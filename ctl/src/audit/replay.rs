//! `portcullisctl audit replay`: a session, call by call, at the pace it had.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::time::Duration;

use super::paint::{self, Painter};
use super::select::Select;
use super::timeline::{self, Beat, Measure};
use super::when::{Millis, Zone, span};
use crate::exit::{self, Exit, Failure};

/// Play a session in the terminal: calls, arguments, decisions, masked answers, at the pace they had.
///
/// Long pauses are shortened. Into a file or a pipe everything is written at once. Records hold what clients and servers sent, so control
/// characters are spelt out and never reach the terminal.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: Select,
    /// How much faster than it was; 0 writes everything at once [default: 1 on a terminal, else 0]
    #[arg(long, value_name = "N", value_parser = speed)]
    speed: Option<f64>,
    /// Wait for Enter before each step; `q` and Enter ends
    #[arg(long, conflicts_with = "speed")]
    step: bool,
    /// The longest pause, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    pause: u64,
    /// Lines shown of the arguments and of the answer of a call
    #[arg(long, value_name = "N", default_value_t = 12)]
    lines: usize,
    /// The time zone that times are shown in
    #[arg(long, value_enum, default_value_t)]
    zone: Zone,
}

fn speed(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|speed: &f64| speed.is_finite() && (0.0..=1e6).contains(speed))
        .ok_or_else(|| "expected a number from 0 on, such as 2.5".to_owned())
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    if args.select.session().is_none() {
        return Err(Failure::usage("which session? `--session ID`; `portcullisctl audit show FILE` has them in its column SESSION"));
    }
    let entries = args.select.in_time()?;
    if entries.is_empty() {
        return Err(Failure::wrong("no record of this session fits; `audit show` shows what there is"));
    }
    let measure = Measure { columns: paint::columns().unwrap_or(100).clamp(40, 160), lines: args.lines, zone: args.zone };
    let mut stage = Stage::open(args)?;
    let heading = Beat { at: 0, lines: timeline::heading(&entries, measure) };
    let played = stage.show(&heading).and_then(|()| stage.play(&timeline::beats(&entries, measure)));
    exit::or_gone(played)?;
    Ok(Exit::Fine)
}

struct Stage {
    painter: Painter,
    pace: Pace,
    pause: Duration,
}

enum Pace {
    AtOnce,
    Times(f64),
    /// Somebody says when to go on.
    Steps(BufReader<File>),
}

impl Stage {
    fn open(args: &Args) -> Result<Self, Failure> {
        let pace = match (args.step, args.speed) {
            // Standard input may be the log.
            (true, _) => {
                let terminal = File::open("/dev/tty").map_err(|err| Failure::environment(format!("--step needs a terminal: {err}")))?;
                tell_user!("Enter goes on, q and Enter ends");
                Pace::Steps(BufReader::new(terminal))
            }
            (false, Some(0.0)) => Pace::AtOnce,
            (false, Some(speed)) => Pace::Times(speed),
            (false, None) if io::stdout().is_terminal() => Pace::Times(1.0),
            (false, None) => Pace::AtOnce,
        };
        Ok(Self { painter: Painter::for_stdout(), pace, pause: Duration::from_secs(args.pause) })
    }

    fn play(&mut self, beats: &[Beat]) -> io::Result<()> {
        let mut before: Option<Millis> = None;
        for beat in beats {
            let gap = before.map_or(0, |before| beat.at.saturating_sub(before));
            before = Some(beat.at);
            if !self.wait(gap)? {
                return Ok(());
            }
            self.show(beat)?;
        }
        Ok(())
    }

    /// False when it is to end here.
    fn wait(&mut self, gap: Millis) -> io::Result<bool> {
        match &mut self.pace {
            Pace::AtOnce => {}
            Pace::Times(speed) => {
                #[expect(clippy::cast_precision_loss, reason = "a pause of three hundred thousand years may be off by a millisecond")]
                let scaled = Duration::try_from_secs_f64(gap as f64 / 1000.0 / *speed).unwrap_or(Duration::MAX);
                if scaled > self.pause {
                    writeln!(io::stdout(), "{}", self.painter.paint(paint::Style::Dim, &format!("    … {} later", span(gap))))?;
                }
                std::thread::sleep(scaled.min(self.pause));
            }
            Pace::Steps(terminal) => {
                let mut line = String::new();
                return Ok(terminal.read_line(&mut line)? > 0 && line.trim() != "q");
            }
        }
        Ok(true)
    }

    fn show(&self, beat: &Beat) -> io::Result<()> {
        let mut out = io::stdout().lock();
        for line in &beat.lines {
            writeln!(out, "{}", self.painter.line(line))?;
        }
        out.flush()
    }
}
