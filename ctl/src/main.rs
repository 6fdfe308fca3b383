//! The companion program of Portcullis.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullisctl::cli::main()
}
