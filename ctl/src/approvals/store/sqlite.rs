//! SQLite: one connection of this process, write-ahead log, every transaction a writer from its first moment.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Param, Row, StoreError};

/// How long another process may hold the file.
const BUSY: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub struct Database(Arc<Mutex<Connection>>);

pub struct Tx {
    connection: Held,
}

/// The connection while somebody has it; empty once the transaction is over. Wherever it is dropped, also on its way through another thread because the
/// caller has gone, nothing is left open for the next.
struct Held(Option<OwnedMutexGuard<Connection>>);

impl Database {
    pub async fn open(file: &Path) -> Result<Self, StoreError> {
        let file = file.to_owned();
        let connection = blocking(move || {
            // What people decided is nobody else's to read; the log beside it gets the same mode.
            let made = OpenOptions::new().create(true).append(true).mode(0o600).open(&file);
            made.map_err(|source| StoreError::File { file: file.clone(), source })?;
            let connection = Connection::open(file)?;
            connection.busy_timeout(BUSY)?;
            // An approval that was answered must not be lost with the power: FULL, not NORMAL.
            connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
            Ok(connection)
        })
        .await?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// IMMEDIATE: two processes never read the same state and both act on it.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let held = Held(Some(Arc::clone(&self.0).lock_owned().await));
        let connection = blocking(move || {
            held.get()?.execute_batch("BEGIN IMMEDIATE")?;
            Ok(held)
        })
        .await?;
        Ok(Tx { connection })
    }
}

impl Held {
    fn get(&self) -> Result<&Connection, StoreError> {
        self.0.as_deref().ok_or(StoreError::Closed)
    }
}

impl Tx {
    pub async fn rows(&mut self, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, StoreError> {
        // One writer at a time: there is no row to lock.
        let sql = sql.replace(" FOR UPDATE SKIP LOCKED", "").replace(" FOR UPDATE", "").replace('$', "?");
        self.with(move |connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let columns = statement.column_count();
            let mut found = statement.query(rusqlite::params_from_iter(params))?;
            let mut rows = Vec::new();
            while let Some(row) = found.next()? {
                let values = (0..columns).map(|index| read(row.get_ref(index)?)).collect::<Result<Vec<_>, StoreError>>()?;
                rows.push(Row::new(values));
            }
            Ok(rows)
        })
        .await
    }

    pub async fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        let sql = sql.to_owned();
        self.with(move |connection| Ok(connection.execute_batch(&sql)?)).await
    }

    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.with(|connection| Ok(connection.execute_batch("COMMIT")?)).await
    }

    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let held = Held(self.connection.0.take());
        let (held, result) = blocking(move || {
            let result = held.get().and_then(work);
            Ok((held, result))
        })
        .await?;
        self.connection = held;
        result
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take()
            && !connection.is_autocommit()
        {
            // Should it fail, the next `BEGIN` fails, and nothing is half done.
            let _ = connection.execute_batch("ROLLBACK");
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, StoreError> + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
}

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Null => ValueRef::Null,
        }))
    }
}

fn read(value: ValueRef<'_>) -> Result<Param, StoreError> {
    match value {
        ValueRef::Null => Ok(Param::Null),
        ValueRef::Integer(number) => Ok(Param::Int(number)),
        ValueRef::Text(text) => {
            String::from_utf8(text.to_vec()).map(Param::Text).map_err(|_| StoreError::Unreadable("text that is not UTF-8"))
        }
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(StoreError::Unreadable("a column that is neither text nor a whole number")),
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;

    use super::*;

    /// Clients hang up at any moment; what they began must not be in the way of the next.
    #[tokio::test(flavor = "multi_thread")]
    async fn who_goes_in_the_middle_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("x.db")).await.unwrap();
        let mut first = database.begin().await.unwrap();
        first.batch("CREATE TABLE t (n BIGINT NOT NULL)").await.unwrap();
        first.commit().await.unwrap();
        let mut gone = 0;
        for patience in 0..300 {
            let mut work = Box::pin(async {
                let mut tx = database.begin().await.unwrap();
                for n in 0..20_i64 {
                    tx.rows("INSERT INTO t (n) VALUES ($1)", vec![n.into()]).await.unwrap();
                }
            });
            // Gone after so many steps, not after so much time: a machine may be slow or quick.
            let mut steps = 0;
            let stays = std::future::poll_fn(|context| match work.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(true),
                Poll::Pending if steps == patience % 25 => Poll::Ready(false),
                Poll::Pending => {
                    steps += 1;
                    Poll::Pending
                }
            });
            gone += usize::from(!stays.await);
        }
        assert!(gone > 0, "nobody went in the middle");
        let mut last = database.begin().await.unwrap();
        assert_eq!(last.rows("SELECT COUNT(*) FROM t", Vec::new()).await.unwrap().pop().unwrap().int().unwrap(), 0);
        last.commit().await.unwrap();
    }
}
