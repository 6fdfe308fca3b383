//! What goes wrong, as an answer: one shape for all.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::machine::{NoUse, Refused};
use super::rules::Not;
use super::store::StoreError;

/// `{"error": WORD, "message": TEXT}` with its status.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    /// Stable, for programs.
    pub error: &'static str,
    /// For people.
    pub message: String,
    /// Seconds.
    pub retry_after: Option<u64>,
}

impl Problem {
    pub fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, error, message: message.into(), retry_after: None }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub fn unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such request, or it is not yours to see")
    }

    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// `what` was taken back before its time.
    pub fn revoked(what: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "revoked", format!("{what} was taken back"))
    }

    pub fn is_revoked(&self) -> bool {
        self.error == "revoked"
    }

    pub fn too_often(seconds: u64) -> Self {
        let problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "too many requests; try again later");
        Self { retry_after: Some(seconds), ..problem }
    }

    /// Nothing of what went wrong inside is told to a caller; it is on stderr.
    pub fn inside(what: &dyn std::fmt::Display) -> Self {
        tell_user!("portcullisctl approvals: {what}");
        let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the service cannot answer now; try again later");
        Self { retry_after: Some(5), ..problem }
    }
}

impl From<StoreError> for Problem {
    fn from(err: StoreError) -> Self {
        Self::inside(&err)
    }
}

impl From<anyhow::Error> for Problem {
    fn from(err: anyhow::Error) -> Self {
        Self::inside(&format!("{err:#}"))
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (status, error) = match refused {
            Refused::Not(Not::OwnRequest | Not::OwnProgram) => (StatusCode::FORBIDDEN, "own_request"),
            Refused::Not(Not::Outsider) => (StatusCode::FORBIDDEN, "not_an_approver"),
            Refused::NotAnEmergency => (StatusCode::FORBIDDEN, "break_glass_only"),
            Refused::AlreadyDecided => (StatusCode::CONFLICT, "already_decided"),
            Refused::AlreadySaid => (StatusCode::CONFLICT, "already_said"),
            Refused::NoReview => (StatusCode::CONFLICT, "no_review"),
            Refused::ReasonMissing => (StatusCode::UNPROCESSABLE_ENTITY, "reason_missing"),
        };
        Self::new(status, error, refused.to_string())
    }
}

impl From<NoUse> for Problem {
    fn from(no: NoUse) -> Self {
        match no {
            NoUse::Consumed => Self::new(StatusCode::CONFLICT, "consumed", "all uses of this approval were taken"),
            NoUse::NotApproved => Self::new(StatusCode::CONFLICT, "not_approved", "this request is not approved"),
            NoUse::Expired => Self::new(StatusCode::GONE, "expired", "the time for this request is over"),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, error, message, retry_after } = self;
        let mut response = (status, Json(json!({ "error": error, "message": message }))).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 6750, section 3.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"portcullis-approvals\""));
        }
        response
    }
}

/// The body of a request, in one piece.
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state).await.map(Self).map_err(|refused| match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is larger than 256 KiB"),
            _ => Problem::invalid("the body did not come whole"),
        })
    }
}

/// The id in a path. What is not one of ours is not there.
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(id) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Problem::unknown())?;
        let fine =
            id.len() <= 64 && id.starts_with("apr_") && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        if fine { Ok(Self(id)) } else { Err(Problem::unknown()) }
    }
}

/// The query of an address.
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(query)| Self(query)).map_err(|refused| Problem::invalid(refused.body_text()))
    }
}
