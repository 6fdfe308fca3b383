//! PostgreSQL: for several replicas of the service on one store.

use std::net::IpAddr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime, Timeouts};
use rustls::{ClientConfig, RootCertStore};
use tokio::runtime::Handle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Param, Row, StoreError};

/// Connections of one replica.
const CONNECTIONS: usize = 16;

/// How long a request waits for one of them.
const WAIT: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub struct Database(Pool);

pub struct Tx {
    /// `None` once it is over.
    client: Option<Object>,
}

impl Database {
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let settings: tokio_postgres::Config =
            url.parse().map_err(|err: tokio_postgres::Error| StoreError::Postgres(format!("the URL cannot be read: {err}")))?;
        guarded(&settings)?;
        let manager = Manager::from_config(settings, tls(), ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let timeouts = Timeouts { wait: Some(WAIT), create: Some(WAIT), recycle: Some(WAIT) };
        let pool = Pool::builder(manager).max_size(CONNECTIONS).runtime(Runtime::Tokio1).timeouts(timeouts).build();
        let pool = pool.map_err(|err| StoreError::Postgres(err.to_string()))?;
        Ok(Self(pool))
    }

    /// Nothing has happened when a transaction cannot be begun, so that is tried on another connection: those of before a restart of the server look well until
    /// they are used.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let mut tried = 0;
        loop {
            let client = self.0.get().await.map_err(|err| match err {
                deadpool_postgres::PoolError::Backend(err) => err.into(),
                other => StoreError::Postgres(other.to_string()),
            })?;
            // READ COMMITTED: a statement that waited for a row sees what the other transaction made of it.
            match client.batch_execute("BEGIN ISOLATION LEVEL READ COMMITTED").await {
                Ok(()) => return Ok(Tx { client: Some(client) }),
                Err(err) => {
                    close(client);
                    tried += 1;
                    if tried > CONNECTIONS {
                        return Err(err.into());
                    }
                }
            }
        }
    }
}

impl Tx {
    fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or(StoreError::Closed)
    }

    pub async fn rows(&mut self, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, StoreError> {
        let client = self.client()?;
        let statement = client.prepare_cached(sql).await?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|param| param as &(dyn ToSql + Sync)).collect();
        client.query(&statement, &params).await?.iter().map(read).collect()
    }

    pub async fn batch(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client()?.batch_execute(sql).await?)
    }

    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.client()?.batch_execute("COMMIT").await?;
        // Back to the pool.
        self.client = None;
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(client) = self.client.take() else { return };
        match Handle::try_current() {
            // Behind whatever may still be under way on this connection.
            Ok(runtime) => drop(runtime.spawn(async move {
                if client.batch_execute("ROLLBACK").await.is_err() {
                    close(client);
                }
            })),
            Err(_) => close(client),
        }
    }
}

/// Not given back: the server rolls back, and nobody inherits the transaction.
fn close(client: Object) {
    drop(Object::take(client));
}

/// `prefer`, which is what a URL means that says nothing, goes on in the clear when somebody in between takes TLS away.
fn guarded(settings: &tokio_postgres::Config) -> Result<(), StoreError> {
    let is_here = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        Host::Unix(_) => true,
    };
    if settings.get_ssl_mode() != SslMode::Require && !settings.get_hosts().iter().all(is_here) {
        return Err(StoreError::Postgres("the server is on another machine; add `sslmode=require` to the URL".to_owned()));
    }
    Ok(())
}

/// With the authorities of this system. Whether TLS is used is said by the URL (`sslmode`).
fn tls() -> MakeRustlsConnect {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    MakeRustlsConnect::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

impl ToSql for Param {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Text(text) => text.to_sql_checked(kind, out),
            Self::Int(number) => number.to_sql_checked(kind, out),
            Self::Null => Ok(IsNull::Yes),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn read(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let value = |(index, column): (usize, &tokio_postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(index)?.map_or(Param::Null, Param::Int),
            Type::TEXT => row.try_get::<_, Option<String>>(index)?.map_or(Param::Null, Param::Text),
            _ => return Err(StoreError::Unreadable("a column that is neither text nor a whole number")),
        })
    };
    row.columns().iter().enumerate().map(value).collect::<Result<Vec<_>, StoreError>>().map(Row::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_is_reached_by_tls_only() {
        let guarded = |url: &str| guarded(&url.parse().unwrap()).is_ok();
        for fine in ["postgresql://a@127.0.0.1/x", "postgresql://a@localhost:5433/x", "postgresql://a@db.example.com/x?sslmode=require"] {
            assert!(guarded(fine), "{fine}");
        }
        for wrong in ["postgresql://a@db.example.com/x", "postgresql://a@localhost,10.0.0.1/x", "postgresql://a@db/x?sslmode=disable"] {
            assert!(!guarded(wrong), "{wrong}");
        }
    }
}
