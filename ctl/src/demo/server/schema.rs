//! What the tools take and give.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

/// A customer record, all of it personal data.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub(super) struct Customer {
    pub(super) id: i64,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) card: String,
    pub(super) ssn: String,
    pub(super) iban: String,
    pub(super) date_of_birth: String,
    pub(super) contract: String,
    pub(super) notes: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Sql {
    /// One SQL statement; tables are `customers` and `orders`
    pub(super) sql: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Lookup {
    /// The customer's number
    pub(super) id: Option<i64>,
    /// Or part of the name
    pub(super) name: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Path {
    /// `README.md`, `.env` or `config/app.json`
    pub(super) path: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Query {
    /// Words to look for in names, items and notes
    pub(super) query: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Mail {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) body: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Export {
    /// Steps of the export, 1 to 200; 12 when left out
    pub(super) steps: Option<u32>,
    /// Milliseconds each step takes, 10 to 5000; 250 when left out
    pub(super) step_ms: Option<u32>,
}
