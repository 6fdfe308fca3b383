//! The companion program of Portcullis, as a library: what the subcommands share with the tests.

pub mod demo;
pub mod issuer;
mod random;
pub mod token;
