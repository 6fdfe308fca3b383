//! The style sheet and the script, part of the program.

use axum::http::header;
use axum::response::{IntoResponse, Response};

pub async fn style() -> Response {
    kept("text/css; charset=utf-8", include_str!("assets/page.css"))
}

pub async fn script() -> Response {
    kept("text/javascript; charset=utf-8", include_str!("assets/page.js"))
}

/// Asked for again with each page after five minutes: a new version of the program has new ones under the same names.
fn kept(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text).into_response()
}
