//! Who is asking: a filter by its secret, an approver by a token of their identity provider or by the session of the page.
//!
//! ```text
//! mod -> { tokens -> { revoked, fetch }, address }
//! ```

mod address;
mod fetch;
mod revoked;
mod tokens;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use portcullis::policy::approval_service::Filter;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::answer::Problem;
use super::rules::Approver;
use super::service::Service;

pub use address::{Peer, name as address_name, prefix};
pub use tokens::Tokens;

/// The filter that sent a request.
pub struct Caller(pub Filter);

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        let unknown = || Problem::unauthorized("expected `Authorization: Bearer` with a filter's secret");
        let secret = bearer(&parts.headers).map(|secret| -> [u8; 32] { Sha256::digest(secret).into() });
        // All are compared, whichever it is.
        let mut found = None;
        for filter in &service.filters {
            for known in &filter.secrets {
                if secret.is_some_and(|secret| bool::from(secret.ct_eq(known))) {
                    found = Some(filter);
                }
            }
        }
        let Some(filter) = found else {
            service.by_address(parts)?;
            service.strangers.check("", service.now()).map_err(Problem::too_often)?;
            return Err(unknown());
        };
        service.by_filter(&filter.id)?;
        Ok(Self(filter.clone()))
    }
}

impl FromRequestParts<Arc<Service>> for Approver {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, service: &Arc<Service>) -> Result<Self, Problem> {
        // Before a signature is looked at: that is what an answer costs most.
        service.by_address(parts)?;
        let found = match &service.page {
            Some(page) if !parts.headers.contains_key(header::AUTHORIZATION) => page.of_program(parts, service).await,
            _ => service.tokens.approver(parts, service.now()).await.and_then(|approver| {
                let admitted = service.rules.admits_client(approver.client.as_deref());
                let refused = || Problem::unauthorized("tokens of this program are not taken here (`approvers.clients`)");
                if admitted { Ok(Some(approver)) } else { Err(refused()) }
            }),
        };
        let approver = match found {
            Ok(Some(approver)) => approver,
            refused => {
                service.strangers.check("", service.now()).map_err(Problem::too_often)?;
                return Err(refused.err().unwrap_or_else(|| Problem::unauthorized("log in, or send a token")));
            }
        };
        service.approvers.check(&approver.login.id(), service.now()).map_err(Problem::too_often)?;
        Ok(approver)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, secret) = value.as_bytes().split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(secret)
}
