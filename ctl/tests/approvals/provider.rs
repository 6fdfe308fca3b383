//! An OpenID provider that wants to know which program asks, as a function: it writes down what its token endpoint is shown.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jwt_simple::prelude::{ECDSAP256KeyPairLike, ES256KeyPair};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const CLIENT: &str = "approvals page";

/// Put together so that no scanner takes it for a real one; with characters that have to be escaped.
pub fn secret() -> String {
    ["p@ge", "secret+of", "the test:&="].join(" ")
}

pub struct Provider {
    pub issuer: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    issuer: String,
    key: ES256KeyPair,
    /// `token_endpoint_auth_methods_supported`
    methods: Vec<&'static str>,
    nonce: Mutex<String>,
    shown: Mutex<Vec<(String, String)>>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    pub async fn start(methods: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            issuer: issuer.clone(),
            key: ES256KeyPair::generate().with_key_id("k"),
            methods: methods.to_vec(),
            nonce: Mutex::default(),
            shown: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/jwks.json", get(keys))
            .route("/token", post(token))
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { issuer, shared, task }
    }

    /// `approvers.issuers`, as one more line of the stand's.
    pub fn trusted(&self) -> String {
        format!("    - {{ issuer: \"{0}\", jwks_url: \"{0}/jwks.json\" }}\n", self.issuer)
    }

    /// Where the browser is sent back to, by whoever has logged in as Bob.
    pub fn logged_in(&self, sent_to: &str) -> String {
        let sent = reqwest::Url::parse(sent_to).unwrap();
        let asked = |name: &str| sent.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap();
        assert!(sent_to.starts_with(&format!("{}/authorize?", self.issuer)), "{sent_to}");
        assert_eq!((asked("client_id"), asked("code_challenge_method")), (CLIENT.to_owned(), "S256".to_owned()));
        *self.shared.nonce.lock().unwrap() = asked("nonce");
        let mut back = reqwest::Url::parse(&asked("redirect_uri")).unwrap();
        back.query_pairs_mut().append_pair("code", "c-1").append_pair("state", &asked("state")).append_pair("iss", &self.issuer);
        back.to_string()
    }

    /// `Authorization` and body of each request for a token.
    pub fn shown(&self) -> Vec<(String, String)> {
        self.shared.shown.lock().unwrap().clone()
    }
}

async fn metadata(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", shared.issuer);
    Json(json!({
        "issuer": shared.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/jwks.json"),
        "token_endpoint_auth_methods_supported": shared.methods,
    }))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let point = shared.key.key_pair().public_key().to_bytes_uncompressed();
    let half = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
    Json(
        json!({ "keys": [{ "kty": "EC", "crv": "P-256", "kid": "k", "alg": "ES256", "use": "sig", "x": half(1..33), "y": half(33..65) }] }),
    )
}

/// RFC 6749, section 2.3.1: one of the two ways, never both.
async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: String) -> (StatusCode, Json<Value>) {
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    shared.shown.lock().unwrap().push((authorization.clone(), body.clone()));
    let form: Vec<(String, String)> = reqwest::Url::parse(&format!("http://form?{body}")).unwrap().query_pairs().into_owned().collect();
    let posted = form.iter().find(|(name, _)| name == "client_secret").map(|(_, value)| value.clone());
    let known = if shared.methods == ["client_secret_post"] {
        authorization.is_empty() && posted.as_deref() == Some(&secret())
    } else {
        let half = |text: &str| reqwest::Url::parse_with_params("http://form", [("x", text)]).unwrap().query().unwrap()[2..].to_owned();
        let expected = STANDARD.encode(format!("{}:{}", half(CLIENT), half(&secret())));
        posted.is_none() && authorization == format!("Basic {expected}")
    };
    if !known {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" })));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": shared.issuer, "sub": "bob", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": *shared.nonce.lock().unwrap(),
        "email": "bob@example.com", "groups": ["leads"], "sid": "idp-session-1",
    });
    let header = json!({ "alg": "ES256", "typ": "JWT", "kid": "k" });
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = p256::ecdsa::signature::Signer::<p256::ecdsa::Signature>::sign(
        &p256::ecdsa::SigningKey::from_slice(&shared.key.key_pair().to_bytes()).unwrap(),
        signed.as_bytes(),
    );
    let id_token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()));
    (StatusCode::OK, Json(json!({ "access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": id_token })))
}
