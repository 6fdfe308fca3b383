//! The guarded server: it counts what reaches it, and can be killed.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::{Json, Router, routing::post};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// Calls that arrived, by the `key` among their arguments. It outlives the server.
type Arrived = Arc<Mutex<HashMap<String, u64>>>;

pub struct Upstream {
    pub address: SocketAddr,
    arrived: Arrived,
    life: Option<Runtime>,
}

impl Upstream {
    pub fn start() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, super::support::free_port()));
        let mut upstream = Self { address, arrived: Arc::default(), life: None };
        upstream.revive();
        upstream
    }

    pub fn revive(&mut self) {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (address, arrived) = (self.address, Arc::clone(&self.arrived));
        runtime.spawn(async move {
            let listener = loop {
                match tokio::net::TcpListener::bind(address).await {
                    Ok(listener) => break listener,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            };
            let _ = axum::serve(listener, Router::new().route("/mcp", post(answer)).with_state(arrived)).await;
        });
        self.life = Some(runtime);
    }

    /// All its connections break, whatever it was doing.
    pub fn kill(&mut self) {
        if let Some(runtime) = self.life.take() {
            runtime.shutdown_background();
        }
    }

    pub fn arrivals(&self, key: &str) -> u64 {
        self.arrived.lock().unwrap().get(key).copied().unwrap_or_default()
    }

    pub fn all(&self) -> u64 {
        self.arrived.lock().unwrap().values().sum()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Counted first, and answered a moment later: it may die in between.
async fn answer(State(arrived): State<Arrived>, Json(call): Json<Value>) -> Json<Value> {
    let key = call.pointer("/params/arguments/key").and_then(Value::as_str).unwrap_or("none").to_owned();
    *arrived.lock().unwrap().entry(key).or_default() += 1;
    tokio::time::sleep(Duration::from_millis(3)).await;
    let result = json!({ "resultType": "complete", "content": [{ "type": "text", "text": "it was made" }] });
    Json(json!({ "jsonrpc": "2.0", "id": call["id"], "result": result }))
}
