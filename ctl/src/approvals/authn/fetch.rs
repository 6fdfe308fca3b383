//! Documents of others: key sets, lists of revocations.

use std::sync::mpsc;
use std::time::Duration;

use anyhow::Result;
use axum::http::header;
use portcullis::identity::{Fetch, ListFetch, SourceId};
use portcullis::limits::REVOCATIONS_BYTES;
use tokio::runtime::Handle;

/// Key sets of identity providers are some KiB.
const KEYS_BYTES: usize = 1024 * 1024;

/// What a document is for.
#[derive(Clone, Copy)]
pub enum Sought {
    Keys(SourceId),
    Revocations,
}

/// An answer: status, body, `ETag`.
pub type Found = (u16, Vec<u8>, Option<String>);

/// Fetches beside the thread that wants to know, and tells it.
pub struct Fetcher<M> {
    runtime: Handle,
    client: reqwest::Client,
    back: mpsc::Sender<M>,
    message: fn(Sought, Option<Found>) -> M,
}

impl<M: Send + 'static> Fetcher<M> {
    pub fn new(back: mpsc::Sender<M>, message: fn(Sought, Option<Found>) -> M) -> Result<Self> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { runtime: Handle::current(), client, back, message })
    }

    pub fn keys(&self, fetch: Fetch) {
        let url = format!("{}{}", fetch.cluster, fetch.path);
        self.get(Sought::Keys(fetch.source), url, fetch.timeout_ms, fetch.etag, KEYS_BYTES);
    }

    pub fn list(&self, fetch: ListFetch) {
        let url = format!("{}{}", fetch.cluster, fetch.path);
        self.get(Sought::Revocations, url, fetch.timeout_ms, fetch.etag, REVOCATIONS_BYTES);
    }

    fn get(&self, sought: Sought, url: String, timeout_ms: u64, etag: Option<String>, most: usize) {
        let (client, back, message) = (self.client.clone(), self.back.clone(), self.message);
        self.runtime.spawn(async move {
            let mut request = client.get(url).timeout(Duration::from_millis(timeout_ms));
            if let Some(etag) = etag {
                request = request.header(header::IF_NONE_MATCH, etag);
            }
            let found = read(request, most).await;
            // Whoever has gone needs no answer.
            let _ = back.send(message(sought, found));
        });
    }
}

async fn read(request: reqwest::RequestBuilder, most: usize) -> Option<Found> {
    let mut response = request.send().await.ok()?;
    let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > most {
            return None;
        }
    }
    Some((status, body, etag))
}
