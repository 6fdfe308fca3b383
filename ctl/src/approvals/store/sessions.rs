//! Logins of the page in the store, so that all replicas know them and a logout ends one everywhere.

use portcullis::time::Time;

use super::{StoreError, Tx};

impl Tx {
    /// `id`: the hash of what the browser holds.
    pub async fn add_session(&mut self, id: &str, until: Time, body: String) -> Result<(), StoreError> {
        let values = vec![id.into(), until.into(), body.into()];
        self.rows("INSERT INTO sessions (id, until, body) VALUES ($1, $2, $3)", values).await.map(|_| ())
    }

    /// What was kept, and until when it counts; nothing of a session that is over.
    pub async fn session(&mut self, id: &str, now: Time) -> Result<Option<(Time, String)>, StoreError> {
        let row = self.row("SELECT until, body FROM sessions WHERE id = $1 AND until > $2", vec![id.into(), now.into()]).await?;
        row.map(|mut row| Ok((row.time()?, row.text()?))).transpose()
    }

    pub async fn end_session(&mut self, id: &str) -> Result<(), StoreError> {
        self.rows("DELETE FROM sessions WHERE id = $1", vec![id.into()]).await.map(|_| ())
    }

    /// Forgets all that are over.
    pub async fn end_sessions(&mut self, now: Time) -> Result<(), StoreError> {
        self.rows("DELETE FROM sessions WHERE until <= $1", vec![now.into()]).await.map(|_| ())
    }
}
