//! What the service keeps, in SQLite or in PostgreSQL.
//!
//! The statements are written once, in the part of SQL that both understand (`requests.rs`, `journal.rs`, `outbox.rs`); the two engines differ in how a
//! transaction is begun and in how a row is locked. Every change is one transaction: what happened and that it happened are written together.

pub mod journal;
pub mod outbox;
mod postgres;
pub mod requests;
mod schema;
pub mod sessions;
mod sqlite;

use std::io;
use std::path::{Path, PathBuf};

use portcullis::policy::approval_service as config;
use portcullis::time::Time;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("`{file}` cannot be opened: {source}")]
    File { file: PathBuf, source: io::Error },
    #[error("PostgreSQL: {0}")]
    Postgres(String),
    #[error("the store holds what this version cannot read: {0}")]
    Unreadable(&'static str),
    #[error("the store was made by a later version ({found}, this one knows {known}); use that version")]
    TooNew { found: i64, known: i64 },
    #[error("the store was closed")]
    Closed,
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(err: tokio_postgres::Error) -> Self {
        // What the server says (`as_db_error`) is not in the error's own text.
        Self::Postgres(err.as_db_error().map_or_else(|| err.to_string(), |said| said.message().to_owned()))
    }
}

/// A value on its way in.
#[derive(Clone, Debug)]
pub enum Param {
    Text(String),
    Int(i64),
    Null,
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Param {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<usize> for Param {
    fn from(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Time> for Param {
    fn from(time: Time) -> Self {
        Self::Int(i64::try_from(time.millis()).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Values of one row in the order of the statement.
#[derive(Debug)]
pub struct Row(std::vec::IntoIter<Param>);

impl Row {
    fn new(values: Vec<Param>) -> Self {
        Self(values.into_iter())
    }

    pub fn text(&mut self) -> Result<String, StoreError> {
        self.maybe_text()?.ok_or(StoreError::Unreadable("nothing where text should be"))
    }

    pub fn maybe_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Param::Text(text)) => Ok(Some(text)),
            Some(Param::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("a column is not text")),
        }
    }

    pub fn int(&mut self) -> Result<i64, StoreError> {
        self.maybe_int()?.ok_or(StoreError::Unreadable("nothing where a number should be"))
    }

    pub fn maybe_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Param::Int(number)) => Ok(Some(number)),
            Some(Param::Null) => Ok(None),
            _ => Err(StoreError::Unreadable("a column is not a number")),
        }
    }

    pub fn time(&mut self) -> Result<Time, StoreError> {
        self.int().map(time)
    }

    pub fn maybe_time(&mut self) -> Result<Option<Time>, StoreError> {
        self.maybe_int().map(|millis| millis.map(time))
    }
}

fn time(millis: i64) -> Time {
    Time::from_millis(u64::try_from(millis).unwrap_or_default())
}

/// An open store. Clones share it.
#[derive(Clone)]
pub enum Store {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
}

impl Store {
    /// Opens it and brings its tables up to this version.
    pub async fn open(settings: &config::Store) -> Result<Self, StoreError> {
        let store = match settings {
            config::Store::Sqlite(file) => Self::Sqlite(sqlite::Database::open(Path::new(file)).await?),
            config::Store::Postgres(url) => Self::Postgres(postgres::Database::open(&String::from_utf8_lossy(url.expose())).await?),
        };
        schema::migrate(&store).await?;
        Ok(store)
    }

    /// The same for looking at one that must be there.
    pub async fn open_existing(settings: &config::Store) -> Result<Self, StoreError> {
        if let config::Store::Sqlite(file) = settings
            && !Path::new(file).exists()
        {
            return Err(StoreError::File { file: PathBuf::from(file), source: io::ErrorKind::NotFound.into() });
        }
        Self::open(settings).await
    }

    /// Begins a transaction; one that is dropped without [`Tx::commit`] has done nothing.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite(database) => Tx::Sqlite(database.begin().await?),
            Self::Postgres(database) => Tx::Postgres(Box::new(database.begin().await?)),
        })
    }
}

/// A transaction.
pub enum Tx {
    Sqlite(sqlite::Tx),
    Postgres(Box<postgres::Tx>),
}

impl Tx {
    /// Runs one statement with parameters `$1`, `$2` ...
    pub async fn rows(&mut self, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, StoreError> {
        match self {
            Self::Sqlite(tx) => tx.rows(sql, params).await,
            Self::Postgres(tx) => tx.rows(sql, params).await,
        }
    }

    /// The first row.
    pub async fn row(&mut self, sql: &str, params: Vec<Param>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql, params).await?.into_iter().next())
    }

    /// Several statements without parameters or results.
    async fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.batch(sql).await,
            Self::Postgres(tx) => tx.batch(sql).await,
        }
    }

    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}
