//! The tools.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use rmcp::{
    ErrorData, Json, RoleServer, ServerHandler,
    handler::server::{router::tool::ToolRouter, wrapper::Parameters},
    model::{Implementation, ProgressNotificationParam, ServerCapabilities, ServerConfig},
    service::{Peer, RequestContext},
    tool, tool_handler, tool_router,
};
use rusqlite::{Connection, OptionalExtension, types::ValueRef};
use serde_json::{Map, Value, json};

use super::{
    data, files,
    schema::{Customer, Export, Lookup, Mail, Path, Query, Sql},
};

/// What all sessions of one server share.
pub(super) struct Shared {
    database: Mutex<Connection>,
    outbox: Mutex<Vec<(String, String)>>,
    cancelled: AtomicUsize,
}

impl Shared {
    pub(super) fn new() -> Result<Self> {
        Ok(Self { database: Mutex::new(data::open()?), outbox: Mutex::default(), cancelled: AtomicUsize::new(0) })
    }

    pub(super) fn outbox(&self) -> Vec<(String, String)> {
        locked(&self.outbox).clone()
    }

    pub(super) fn cancelled_exports(&self) -> usize {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// Rows `run_sql` gives at most.
const MAX_ROWS: usize = 200;

#[derive(Clone)]
pub(super) struct Desk {
    shared: Arc<Shared>,
    #[expect(dead_code, reason = "read by the code that `tool_handler` writes")]
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl Desk {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, tool_router: Self::tool_router() }
    }

    #[tool(description = "Run one SQL statement on the orders database and get its rows as JSON", annotations(destructive_hint = true))]
    async fn run_sql(&self, Parameters(Sql { sql }): Parameters<Sql>) -> Result<String, String> {
        let rows = rows(&locked(&self.shared.database), &sql).map_err(|err| format!("SQL error: {err}"))?;
        Ok(Value::Array(rows).to_string())
    }

    #[tool(description = "All that is known about one customer, by number or name", annotations(read_only_hint = true))]
    async fn lookup_customer(&self, Parameters(Lookup { id, name }): Parameters<Lookup>) -> Result<Json<Customer>, String> {
        let database = locked(&self.shared.database);
        let found = match (id, name) {
            (Some(id), _) => database.query_row("SELECT * FROM customers WHERE id = ?1", [id], data::customer),
            (None, Some(name)) => database.query_row(
                "SELECT * FROM customers WHERE instr(lower(name), lower(?1)) > 0 ORDER BY id LIMIT 1",
                [name],
                data::customer,
            ),
            (None, None) => return Err("give `id` or `name`".to_owned()),
        };
        match found.optional() {
            Ok(Some(customer)) => Ok(Json(customer)),
            Ok(None) => Err("no such customer".to_owned()),
            Err(err) => Err(format!("SQL error: {err}")),
        }
    }

    #[tool(description = "Read a file of the orders service", annotations(read_only_hint = true))]
    async fn read_file(&self, Parameters(Path { path }): Parameters<Path>) -> Result<String, String> {
        files::read(&path).ok_or_else(|| format!("no file `{path}`; there are {}", files::PATHS.join(", ")))
    }

    #[tool(description = "Find customers and orders by words", annotations(read_only_hint = true))]
    async fn search(&self, Parameters(Query { query }): Parameters<Query>) -> Result<String, String> {
        const FIND: &str = "SELECT DISTINCT c.id, c.name FROM customers c LEFT JOIN orders o ON o.customer_id = c.id
             WHERE instr(lower(c.name || ' ' || c.notes || ' ' || coalesce(o.item, '')), lower(?1)) > 0 ORDER BY c.id";
        let find = || -> rusqlite::Result<Vec<Value>> {
            let database = locked(&self.shared.database);
            let mut statement = database.prepare(FIND)?;
            let found =
                statement.query_map([&query], |row| Ok(json!({ "id": row.get::<_, i64>(0)?, "name": row.get::<_, String>(1)? })))?;
            found.collect()
        };
        find().map(|found| Value::Array(found).to_string()).map_err(|err| format!("SQL error: {err}"))
    }

    #[tool(description = "Send a mail to a customer", annotations(open_world_hint = true))]
    async fn send_email(&self, Parameters(Mail { to, subject, body }): Parameters<Mail>, context: RequestContext<RoleServer>) -> String {
        let answer = format!("sent {} characters to {to}", body.chars().count());
        locked(&self.shared.outbox).push((to.clone(), subject));
        // Legacy clients hear of it on their GET stream; 2026-07-28 wants logging asked for, request by request.
        if context.protocol_version().is_none_or(|version| version.has_initialize()) {
            tokio::spawn(announce(context.peer.clone(), format!("mail for {to} left the outbox")));
        }
        answer
    }

    #[tool(description = "Export all orders; takes a while and reports its progress", annotations(read_only_hint = true))]
    async fn export_orders(
        &self,
        Parameters(Export { steps, step_ms }): Parameters<Export>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, ErrorData> {
        let steps = steps.unwrap_or(12).clamp(1, 200);
        let pause = Duration::from_millis(step_ms.unwrap_or(250).clamp(10, 5000).into());
        // A future dropped half-way (the connection is gone) counts as cancelled, too.
        let mut running = Running { shared: &self.shared, finished: false };
        let token = context.meta.get_progress_token();
        let emails = emails(&locked(&self.shared.database)).map_err(|err| ErrorData::internal_error(format!("SQL error: {err}"), None))?;
        for step in 1..=steps {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = context.ct.cancelled() => return Err(ErrorData::internal_error("the export was cancelled", None)),
            }
            if let Some(token) = &token {
                let email = emails.get(step as usize % emails.len().max(1)).map_or("nobody", String::as_str);
                let progress = ProgressNotificationParam::new(token.clone(), step.into())
                    .with_total(steps.into())
                    .with_message(format!("orders of {email} exported"));
                let _ = context.peer.notify_progress(progress).await;
            }
        }
        running.finished = true;
        Ok(format!("exported the orders of {} customers in {steps} steps", emails.len()))
    }
}

#[tool_handler]
impl ServerHandler for Desk {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(capabilities())
            .with_server_info(Implementation::new("orders-demo", env!("CARGO_PKG_VERSION")))
            .with_instructions("Customers and orders of a company that does not exist.")
    }
}

#[expect(deprecated, reason = "deprecated in 2026-07-28 only; legacy clients have nothing else")]
fn capabilities() -> ServerCapabilities {
    ServerCapabilities::builder().enable_tools().enable_logging().build()
}

/// A log message of its own, tied to no request: it goes out on the session's GET stream.
#[expect(deprecated, reason = "deprecated in 2026-07-28 only; legacy clients have nothing else")]
async fn announce(peer: Peer<RoleServer>, text: String) {
    let note = rmcp::model::LoggingMessageNotificationParam::new(rmcp::model::LoggingLevel::Info, json!(text));
    // A session without a GET stream has nobody who listens.
    let _ = peer.notify_logging_message(note).await;
}

struct Running<'a> {
    shared: &'a Shared,
    finished: bool,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.finished {
            self.shared.cancelled.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn rows(database: &Connection, sql: &str) -> rusqlite::Result<Vec<Value>> {
    let mut statement = database.prepare(sql)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.query([])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()?
        && rows.len() < MAX_ROWS
    {
        let mut object = Map::new();
        for (index, name) in names.iter().enumerate() {
            let value = match row.get_ref(index)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => json!(number),
                ValueRef::Real(number) => json!(number),
                ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => json!(format!("{} bytes", bytes.len())),
            };
            object.insert(name.clone(), value);
        }
        rows.push(Value::Object(object));
    }
    Ok(rows)
}

fn emails(database: &Connection) -> rusqlite::Result<Vec<String>> {
    database.prepare("SELECT email FROM customers ORDER BY id")?.query_map([], |row| row.get(0))?.collect()
}

/// A poisoned lock only says that another call panicked; SQLite and the list are whole all the same.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
