//! What an operator writes: the schema, loading it, and telling every mistake at once.

mod model;
pub mod value;

pub use model::*;
