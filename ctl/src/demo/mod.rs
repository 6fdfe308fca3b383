//! The whole story on one machine: an MCP server with tools worth guarding, real clients, and the filter between them.

pub mod client;
pub mod gateway_seam;
pub mod people;
pub mod ports;
pub mod records;
pub mod server;
pub mod stand;
pub mod story;
pub mod tls;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, Result};

/// See the filter at work: a server, a gateway and real clients on this machine, nothing to set up.
///
/// Each step says what is asked, what was decided and what is on record, and checks it.
/// Exit code 0: everything happened as told. 1: something did not. 3: it cannot be set up here. 130: interrupted.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// Leave everything running at the end, with commands to try, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Do not wait for a click: the call that needs a person is approved after a moment, as it is without a terminal
    #[arg(long)]
    yes: bool,
}

pub fn run(args: Args) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the asynchronous runtime does not start")?;
    let by_hand = !args.yes && io::stdin().is_terminal() && io::stdout().is_terminal();
    let manner = story::Manner { keep: args.keep, by_hand };
    let ending = runtime.block_on(story::tell(story::Screen::stdout(), manner, gateway_seam::Envoy::start));
    // Streams still open must not keep the program from ending.
    runtime.shutdown_background();
    let ending = ending.context("the demo cannot be set up")?;
    Ok(match ending.unkept.as_slice() {
        // As shells have it: 128 and the number of SIGINT.
        _ if ending.interrupted => ExitCode::from(130),
        [] => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}
