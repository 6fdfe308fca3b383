//! The journal in the store: one line for each thing that happened, each with the hash of the one before.

use portcullis::time::Time;
use serde_json::Value;

use super::super::journal::{Entry, chained};
use super::{Param, Row, StoreError, Tx};

const COLUMNS: &str = "seq, at, request, event, body, previous, hash";

impl Tx {
    /// Adds a line. The head is locked until the end of the transaction: lines come one after the other.
    pub async fn note(&mut self, at: Time, request: Option<&str>, event: &str, body: Value) -> Result<i64, StoreError> {
        let head = self.row("SELECT seq, hash FROM journal_head WHERE id = 1 FOR UPDATE", Vec::new()).await?;
        let mut head = head.ok_or(StoreError::Unreadable("the journal has no head"))?;
        let (last, previous) = (head.int()?, head.text()?);
        let entry = chained(last + 1, at.millis(), request, event, body, &previous);
        let Entry { seq, at: _, request, event, body, previous, hash } = entry;
        let values = vec![seq.into(), at.into(), request.into(), event.into(), body.to_string().into(), previous.into(), (&hash).into()];
        self.rows(&format!("INSERT INTO journal ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)"), values).await?;
        self.rows("UPDATE journal_head SET seq = $1, hash = $2 WHERE id = 1", vec![seq.into(), hash.into()]).await?;
        Ok(seq)
    }

    /// How many lines there are, and the hash of the last.
    pub async fn journal_head(&mut self) -> Result<(i64, String), StoreError> {
        let head = self.row("SELECT seq, hash FROM journal_head WHERE id = 1", Vec::new()).await?;
        let mut head = head.ok_or(StoreError::Unreadable("the journal has no head"))?;
        Ok((head.int()?, head.text()?))
    }

    /// Lines after one, in their order.
    pub async fn journal_after(&mut self, seq: i64, most: usize) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2");
        self.rows(&sql, vec![seq.into(), most.into()]).await?.into_iter().map(entry).collect()
    }

    /// What happened to one request.
    pub async fn journal_of(&mut self, request: &str) -> Result<Vec<Entry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE request = $1 ORDER BY seq LIMIT 1000");
        self.rows(&sql, vec![Param::from(request)]).await?.into_iter().map(entry).collect()
    }
}

fn entry(mut row: Row) -> Result<Entry, StoreError> {
    let (seq, at) = (row.int()?, row.time()?.millis());
    let (request, event, body) = (row.maybe_text()?, row.text()?, row.text()?);
    let body = serde_json::from_str(&body).map_err(|_| StoreError::Unreadable("a line of the journal is no JSON"))?;
    Ok(Entry { seq, at, request, event, body, previous: row.text()?, hash: row.text()? })
}
