//! Tables, and how they came to be.

use super::{Store, StoreError, Tx};

/// One step for each version; what was released is never changed, only added to.
const STEPS: &[Step] =
    &[Step { both: FIRST, sqlite: FIRST_SQLITE, postgres: FIRST_POSTGRES }, Step { both: SESSIONS, sqlite: "", postgres: "" }];

struct Step {
    both: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Times are milliseconds since 1970. BIGINT throughout, so that a number is the same in both.
const FIRST: &str = "
CREATE TABLE requests (
    id TEXT PRIMARY KEY,
    filter TEXT NOT NULL,
    binding TEXT NOT NULL,
    status TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    ended BIGINT,
    approved_until BIGINT,
    remaining BIGINT NOT NULL,
    review TEXT NOT NULL,
    subject TEXT NOT NULL,
    client TEXT,
    search TEXT NOT NULL,
    asked TEXT NOT NULL,
    reviewed TEXT
);
CREATE INDEX requests_by_time ON requests (created, id);
CREATE INDEX requests_by_status ON requests (status, expires);
CREATE INDEX requests_by_subject ON requests (filter, subject, status);
CREATE INDEX requests_by_person ON requests (subject, created);
CREATE TABLE request_groups (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    PRIMARY KEY (request, name)
);
CREATE TABLE idempotency_keys (
    filter TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    PRIMARY KEY (filter, name)
);
CREATE TABLE decisions (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    decision TEXT NOT NULL,
    PRIMARY KEY (request, number)
);
CREATE TABLE uses (
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    at BIGINT NOT NULL,
    remaining BIGINT NOT NULL,
    PRIMARY KEY (request, name)
);
CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    request TEXT,
    event TEXT NOT NULL,
    body TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX journal_by_request ON journal (request, seq);
CREATE TABLE journal_head (
    id BIGINT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO journal_head (id, seq, hash) VALUES (1, 0, '');
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    request TEXT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    happening TEXT NOT NULL,
    status TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    created BIGINT NOT NULL,
    due BIGINT NOT NULL,
    finished BIGINT,
    error TEXT
);
CREATE INDEX notices_by_due ON notices (status, due);
CREATE INDEX notices_by_request ON notices (request);
";

const FIRST_SQLITE: &str = "
CREATE TRIGGER journal_stays BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
CREATE TRIGGER journal_keeps BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;
";

const FIRST_POSTGRES: &str = "
CREATE FUNCTION journal_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is only added to'; END $$;
CREATE TRIGGER journal_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION journal_is_kept();
";

/// Logins of the page. `id` is the SHA-256 of what the browser holds: whoever reads the store can be nobody by that.
const SESSIONS: &str = "
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    until BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX sessions_by_time ON sessions (until);
";

/// Names this service among the locks of a PostgreSQL server.
const LOCK: &str = "SELECT pg_advisory_xact_lock(8012026001)";

pub(super) async fn migrate(store: &Store) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    if let Tx::Postgres(_) = tx {
        // Replicas that start together: one makes the tables, the others find them.
        tx.batch(LOCK).await?;
    }
    tx.batch("CREATE TABLE IF NOT EXISTS schema_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL)").await?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let found = match tx.row("SELECT version FROM schema_version WHERE id = 1", Vec::new()).await? {
        Some(mut row) => row.int()?,
        None => 0,
    };
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or_default()) {
        tx.batch(step.both).await?;
        tx.batch(if matches!(tx, Tx::Postgres(_)) { step.postgres } else { step.sqlite }).await?;
    }
    let version = "INSERT INTO schema_version (id, version) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET version = excluded.version";
    tx.rows(version, vec![known.into()]).await?;
    tx.commit().await
}
