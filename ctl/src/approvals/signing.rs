//! What the service signs: states for filters, links for people. Ed25519 (RFC 8037), JWS in compact serialization (RFC 7515).

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use jwt_simple::prelude::{
    Ed25519KeyPair, Ed25519PublicKey, EdDSAKeyPairLike, EdDSAPublicKeyLike, HeaderOptions, JWTClaims, UnixTimeStamp, VerificationOptions,
};
use portcullis::policy::approval_service::{Config, Store};
use portcullis::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::{State, Task, Verdict};
use super::moment;
use super::store::requests::Use;

/// `typ` of what filters believe.
const STATE: &str = "portcullis-approval+jwt";

/// `typ` of what a link carries: never to be taken for the other.
const LINK: &str = "portcullis-approval-link+jwt";

/// How long a filter may act on a use it was given.
pub const USE_SECONDS: u64 = 60;

/// One key that signs, and all that are published.
pub struct Signer {
    issuer: String,
    key: Ed25519KeyPair,
    published: Vec<Ed25519PublicKey>,
}

/// What a link was made for.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Link {
    pub task: String,
    /// The channel it was sent to.
    pub channel: String,
}

impl Signer {
    /// Reads the key files. With SQLite, the first is made when it is not there.
    pub fn open(config: &Config) -> Result<Self> {
        let mut keys = Vec::new();
        for (index, file) in config.signing_keys.iter().enumerate() {
            let path = Path::new(file);
            if index == 0 && matches!(config.store, Store::Sqlite(_)) && !path.exists() {
                make_key(path)?;
            }
            keys.push(read_key(path)?);
        }
        let published = keys.iter().map(|key| key.public_key().with_key_id(&key.jwk_thumbprint())).collect();
        let Some(key) = keys.into_iter().next() else { bail!("`signing_keys` names no file") };
        let name = key.jwk_thumbprint();
        Ok(Self { issuer: config.public_url.clone(), key: key.with_key_id(&name), published })
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The JWK Set, the key that signs first.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.published.iter().filter_map(public_jwk).collect();
        json!({ "keys": keys })
    }

    /// That a request is approved; `None` for one that is not.
    pub fn state(&self, task: &Task, now: Time) -> Option<Result<String>> {
        let (State::Approved { until, .. } | State::Consumed { until }) = task.state else { return None };
        let said = json!({
            "task": task.id,
            "binding": task.asked.binding,
            "shown_digest": task.asked.shown_digest,
            "status": "approved",
            "approved_until": until.secs(),
            "decisions": decisions(task),
        });
        Some(self.sign(STATE, said, now.secs(), None))
    }

    /// That one use is given. It says the same for the same use, however often it is asked for.
    pub fn used(&self, task: &Task, name: &str, given: &Use) -> Result<String> {
        let said = json!({
            "task": task.id,
            "binding": task.asked.binding,
            "use": name,
            "shown_digest": task.asked.shown_digest,
            "decisions": decisions(task),
            "status": "consumed",
        });
        let at = given.at.secs();
        self.sign(STATE, said, at, Some(at.saturating_add(USE_SECONDS)))
    }

    /// What a link to a request carries.
    pub fn link(&self, link: &Link, now: Time, until: Time) -> Result<String> {
        self.sign(LINK, serde_json::to_value(link)?, now.secs(), Some(until.secs()))
    }

    /// What a link was made for, if it is one of ours and its time is not over.
    pub fn open_link(&self, text: &str, now: Time) -> Option<Link> {
        let options = || VerificationOptions {
            artificial_time: Some(UnixTimeStamp::from_secs(now.secs())),
            time_tolerance: None,
            required_signature_type: Some(LINK.to_owned()),
            allowed_issuers: Some([self.issuer.clone()].into()),
            ..VerificationOptions::default()
        };
        let verified = self.published.iter().find_map(|key| key.verify_token::<Link>(text, Some(options())).ok());
        verified.map(|claims| claims.custom)
    }

    fn sign(&self, kind: &str, custom: Value, iat: u64, exp: Option<u64>) -> Result<String> {
        let claims = JWTClaims {
            issued_at: Some(UnixTimeStamp::from_secs(iat)),
            expires_at: exp.map(UnixTimeStamp::from_secs),
            invalid_before: None,
            issuer: Some(self.issuer.clone()),
            subject: None,
            audiences: None,
            jwt_id: None,
            nonce: None,
            custom,
        };
        let options = HeaderOptions { signature_type: Some(kind.to_owned()), ..HeaderOptions::default() };
        self.key.sign_with_options(claims, &options).context("the state cannot be signed")
    }
}

/// Who approved, for filters and their records.
pub fn decisions(task: &Task) -> Vec<Value> {
    let approvals = task.decisions.iter().filter(|decision| {
        // A refusal that ended it is told with those before; of an approval only those who approved count.
        decision.verdict == Verdict::Approve || task.state == State::Denied
    });
    approvals
        .map(|decision| {
            json!({
                "by": decision.by.id(),
                "name": decision.by.name(),
                "groups": decision.groups,
                "at": moment(Time::from_millis(decision.at)),
                "reason": decision.reason,
                "decision": decision.verdict,
                "break_glass": decision.break_glass,
            })
        })
        .collect()
}

/// Makes a key file that only its owner can read. One that is there is not touched.
pub fn make_key(path: &Path) -> Result<()> {
    let write = || -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // Mode 0600: what a temporary file is made with.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(Ed25519KeyPair::generate().to_jwk().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        Ok(())
    };
    write().with_context(|| format!("the key `{}` cannot be made", path.display()))
}

fn read_key(path: &Path) -> Result<Ed25519KeyPair> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(err) if err.kind() == io::ErrorKind::NotFound => bail!(
            "there is no key `{0}`; make one with `portcullisctl approvals key {0}`, and give the same file to all replicas",
            path.display()
        ),
        Err(err) => return Err(err).with_context(|| format!("the key `{}` cannot be read", path.display())),
    };
    Ed25519KeyPair::from_jwk(&text)
        .with_context(|| format!("`{}` is no private JWK of Ed25519 (`portcullisctl approvals key`)", path.display()))
}

/// The public half of a key file, a JWK for the policy.
pub fn public_half(path: &Path) -> Result<Value> {
    let key = read_key(path)?;
    public_jwk(&key.public_key().with_key_id(&key.jwk_thumbprint())).context("the key cannot be written down")
}

fn public_jwk(key: &Ed25519PublicKey) -> Option<Value> {
    let mut jwk: Value = serde_json::from_str(&key.to_jwk()).ok()?;
    let members = jwk.as_object_mut()?;
    members.insert("use".to_owned(), json!("sig"));
    members.insert("alg".to_owned(), json!("EdDSA"));
    Some(jwk)
}
