//! `portcullisctl`: runs Portcullis on this machine, and reads what it leaves behind.
//!
//! A library beside the program, so that the demo, the tests and the benches start the very gateway that `up` starts.

/// A line on stderr. `eprintln!` ends the program when nobody reads on (`up ... 2>&1 | head`), which a gateway must not.
macro_rules! tell_user {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}

pub mod approvals;
pub mod audit;
pub mod cli;
pub mod demo;
pub mod envoy;
pub mod exit;
pub mod folders;
pub mod issuer;
mod listen;
pub mod mask;
pub mod policy;
pub mod progress;
mod random;
pub mod revoke;
pub mod tls;
pub mod token;
pub mod tools;
pub mod up;
pub mod wasm;
