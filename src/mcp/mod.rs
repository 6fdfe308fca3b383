//! The protocol: messages, methods, revisions, and the shapes of refusals.

pub mod reply;
