//! The issuer as the network sees it: its keys, and the documents that say where they are.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};

use super::{Fault, Shared, locked, oauth};

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/jwks.json", get(jwks))
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/oauth-authorization-server", get(discovery))
        .merge(oauth::router(&shared))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), misbehave))
        .with_state(shared)
}

async fn jwks(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(locked(&shared.keys).jwks())
}

/// OpenID Connect Discovery 1.0 and RFC 8414 in one: this issuer has nothing where they differ.
async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    let mut document = json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks.json"),
        "response_types_supported": [],
        "grant_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    });
    oauth::describe(&shared, &mut document);
    Json(document)
}

async fn misbehave(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if request.uri().path() == "/jwks.json" {
        shared.jwks_requests.fetch_add(1, Ordering::Relaxed);
    }
    // Read before waiting: a lock is not held across an await.
    let fault = *locked(&shared.fault);
    match fault {
        Fault::None => {}
        Fault::Down => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Fault::Slow(delay) => tokio::time::sleep(delay).await,
        Fault::Garbage => return "these are not the keys you are looking for".into_response(),
    }
    next.run(request).await
}
