//! Answers that a recognizer looks through before they leave, at every split, on a host that buffers as Envoy does; and recognizers that fail, are slow, or lie.

#![allow(clippy::string_slice, reason = "a test fails loudly, its helpers too")]

#[cfg(test)]
mod shown;
#[cfg(test)]
mod stand;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod withheld;
