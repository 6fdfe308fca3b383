//! What an operator writes: the schema, loading it, and telling every mistake at once.
//!
//! A document goes through three shapes: a [`tree`] with lines (from JSON, YAML or a protobuf Struct), the [`written`] policy
//! (every member typed, nothing related to anything else), and the [`Policy`] that runs (defaults set, bounds checked). The rooms
//! of the filter then compile their own sections of it.

#[cfg(feature = "yaml")]
pub mod approval_service;
mod audit;
mod budgets;
mod conditions;
mod detector;
mod finding;
mod form;
pub mod host;
mod listing;
mod load;
mod lower;
mod model;
mod operator;
mod read_json;
mod read_struct;
#[cfg(feature = "yaml")]
mod read_yaml;
mod recognizers;
mod report;
mod suggest;
#[cfg(feature = "yaml")]
pub mod suite;
mod tree;
pub mod value;
mod words;
mod written;

pub use audit::{Audit, Chain, Level, Notary, Payload, Seed, Sign};
pub use budgets::{Budget, Limit, Per};
pub use conditions::*;
pub use finding::FindingName;
pub use listing::{Asking, Fingerprint, HiddenInstructions, Listing, Server, Tools, Unpinned};
pub use load::{Env, Loaded, from_configuration, from_json};
#[cfg(feature = "yaml")]
pub use load::{from_yaml, yaml_as_json};
pub use model::*;
pub use recognizers::{Otherwise, Recognizer, Remote};
pub use report::{Place, Problem, Report};
pub(crate) use suggest::nearest;
pub use words::variables;
pub use written::schema;

#[cfg(test)]
mod tests;
