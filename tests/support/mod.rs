//! What the three runners of the corpus share: its cases, its tokens, its secrets put together from parts, and the comparison.

#![allow(dead_code, reason = "each runner uses its part")]

pub mod approver;
pub mod case;
pub mod check;
pub mod proof;
pub mod seal;
pub mod secrets;
pub mod token;
