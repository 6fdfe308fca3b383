//! Tools as a server defines them: whether a definition is the pinned one, and whether it speaks to the model behind the user's back.

mod hidden;
mod pins;

pub use hidden::{Detector, Finding, Kind};
pub use pins::{Pins, Standing, fingerprint};
