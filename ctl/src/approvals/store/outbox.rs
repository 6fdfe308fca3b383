//! Notices on their way: written with what they tell of, in one transaction, and sent afterwards.

use portcullis::time::Time;

use super::{Param, StoreError, Tx};

/// One message to one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: String,
    pub request: String,
    /// The channel's id in the configuration.
    pub channel: String,
    /// `Happening::word`.
    pub happening: String,
    /// With the one under way.
    pub attempts: i64,
}

/// What became of a message, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub channel: String,
    pub happening: String,
    /// `due`, `sent`, `failed` or `dropped`.
    pub status: String,
    pub attempts: i64,
    pub finished: Option<Time>,
    pub error: Option<String>,
}

impl Tx {
    pub async fn enqueue(&mut self, id: &str, request: &str, channel: &str, happening: &str, now: Time) -> Result<(), StoreError> {
        let sql = "INSERT INTO notices (id, request, channel, happening, status, attempts, created, due) VALUES ($1, $2, $3, $4, 'due', 0, $5, $6)";
        self.rows(sql, vec![id.into(), request.into(), channel.into(), happening.into(), now.into(), now.into()]).await.map(drop)
    }

    /// Takes messages that are due; nobody else gets them before `lease`, and whoever dies with them loses none.
    pub async fn claim(&mut self, now: Time, lease: Time, most: usize) -> Result<Vec<Notice>, StoreError> {
        let sql = "UPDATE notices SET due = $1, attempts = attempts + 1 WHERE id IN \
                   (SELECT id FROM notices WHERE status = 'due' AND due <= $2 ORDER BY due LIMIT $3 FOR UPDATE SKIP LOCKED) \
                   RETURNING id, request, channel, happening, attempts";
        let mut claimed = Vec::new();
        for mut row in self.rows(sql, vec![lease.into(), now.into(), most.into()]).await? {
            let (id, request, channel, happening) = (row.text()?, row.text()?, row.text()?, row.text()?);
            claimed.push(Notice { id, request, channel, happening, attempts: row.int()? });
        }
        Ok(claimed)
    }

    /// It is over: `sent`, `failed` or `dropped`.
    pub async fn finish(&mut self, id: &str, status: &str, error: Option<&str>, now: Time) -> Result<(), StoreError> {
        let sql = "UPDATE notices SET status = $1, error = $2, finished = $3 WHERE id = $4";
        self.rows(sql, vec![status.into(), error.into(), now.into(), id.into()]).await.map(drop)
    }

    /// It is tried again.
    pub async fn put_off(&mut self, id: &str, due: Time, error: &str) -> Result<(), StoreError> {
        let sql = "UPDATE notices SET due = $1, error = $2 WHERE id = $3";
        self.rows(sql, vec![due.into(), error.into(), id.into()]).await.map(drop)
    }

    pub async fn notices_of(&mut self, request: &str) -> Result<Vec<Sent>, StoreError> {
        let sql =
            "SELECT channel, happening, status, attempts, finished, error FROM notices WHERE request = $1 ORDER BY created, id LIMIT 200";
        let mut sent = Vec::new();
        for mut row in self.rows(sql, vec![Param::from(request)]).await? {
            let (channel, happening, status) = (row.text()?, row.text()?, row.text()?);
            sent.push(Sent { channel, happening, status, attempts: row.int()?, finished: row.maybe_time()?, error: row.maybe_text()? });
        }
        Ok(sent)
    }
}
