//! The list on disk: read, edited, signed and replaced in one step, by one program at a time.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jwt_simple::prelude::{
    ECDSAP256KeyPairLike, ECDSAP256PublicKeyLike, ES256KeyPair, HeaderOptions, JWTClaims, UnixTimeStamp, VerificationOptions,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entry::{Entry, Row};

/// `typ` of the list; what the filter insists on.
const TYPE: &str = "portcullis-revocations+jwt";

/// A list and the key that signs it. Holds a lock beside the file, so that no edit is lost to another.
pub struct ListFile {
    path: PathBuf,
    key: ES256KeyPair,
    list: List,
    is_new: bool,
    _lock: File,
}

/// When and for how long a list is signed.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    /// Since 1970.
    pub now: Duration,
    /// `exp - iat`; as before when none, and without end when there was none.
    pub valid: Option<Duration>,
}

struct List {
    iat: u64,
    exp: Option<u64>,
    content: Content,
}

/// The payload without its times.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Content {
    version: u64,
    sequence: u64,
    #[serde(default)]
    tokens: Vec<Row>,
    #[serde(default)]
    sessions: Vec<Row>,
    #[serde(default)]
    subjects: Vec<Row>,
    #[serde(default)]
    clients: Vec<Row>,
    #[serde(default)]
    issuers: Vec<Row>,
}

impl Content {
    fn empty() -> Self {
        let none = Vec::new;
        Self { version: 1, sequence: 0, tokens: none(), sessions: none(), subjects: none(), clients: none(), issuers: none() }
    }

    fn of(&mut self, entry: &Entry) -> &mut Vec<Row> {
        match entry {
            Entry::Token { .. } => &mut self.tokens,
            Entry::Session { .. } => &mut self.sessions,
            Entry::Subject { .. } => &mut self.subjects,
            Entry::Client { .. } => &mut self.clients,
            Entry::Issuer { .. } => &mut self.issuers,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Row> {
        [&self.tokens, &self.sessions, &self.subjects, &self.clients, &self.issuers].into_iter().flatten()
    }
}

impl Renewal {
    /// At this moment, for as long as before.
    pub fn now() -> Result<Self> {
        Ok(Self { now: super::now()?, valid: None })
    }
}

impl ListFile {
    /// The list in `path` with its key; either is made when it is not there. A list that this key did not sign is not touched.
    pub fn open(path: &Path, key: Option<&Path>) -> Result<Self> {
        let beside = |ending: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let lock_path = beside(".lock");
        let lock = File::options()
            .create(true)
            .append(true)
            .open(&lock_path)
            .and_then(|lock| lock.lock().map(|()| lock))
            .with_context(|| format!("`{}` cannot be written", lock_path.display()))?;
        let key = open_key(&key.map_or_else(|| beside(".key"), Path::to_owned))?;
        let list = match fs::read_to_string(path) {
            Ok(text) => Some(verified(text.trim(), &key).with_context(|| {
                format!("`{}` is no list of revocations that this key signed; name another file, or its key with --key", path.display())
            })?),
            Err(err) if err.kind() == io::ErrorKind::NotFound => None,
            Err(err) => return Err(err).with_context(|| format!("`{}` cannot be read", path.display())),
        };
        let is_new = list.is_none();
        Ok(Self {
            path: path.to_owned(),
            key,
            list: list.unwrap_or_else(|| List { iat: 0, exp: None, content: Content::empty() }),
            is_new,
            _lock: lock,
        })
    }

    /// There was no such file, and nothing was saved yet.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Adds an entry, in place of one about the same.
    pub fn add(&mut self, entry: Entry) {
        self.remove(&entry);
        self.list.content.of(&entry).push(entry.row());
    }

    /// Takes entries about the same away; how many there were.
    pub fn remove(&mut self, entry: &Entry) -> usize {
        let row = entry.row();
        let rows = self.list.content.of(entry);
        let before = rows.len();
        rows.retain(|have| !have.is_about(&row));
        before.saturating_sub(rows.len())
    }

    pub fn len(&self) -> usize {
        self.list.content.all().count()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is taken back, a line each.
    pub fn lines(&self) -> Vec<String> {
        self.list.content.all().map(Row::in_words).collect()
    }

    /// The public half of the key, a JWK in one line.
    pub fn public_key(&self) -> Result<Value> {
        let mut jwk: Value = serde_json::from_str(&self.key.public_key().to_jwk()).context("the key cannot be written down")?;
        if let Some(members) = jwk.as_object_mut() {
            members.insert("use".to_owned(), json!("sig"));
            members.insert("alg".to_owned(), json!("ES256"));
        }
        Ok(jwk)
    }

    /// Signs the list under a new number and replaces the file; the number.
    pub fn save(&mut self, renewal: Renewal) -> Result<u64> {
        let Renewal { now, valid } = renewal;
        let list = &mut self.list;
        let span = valid.map(|valid| valid.as_secs()).or_else(|| list.exp.map(|exp| exp.saturating_sub(list.iat)));
        list.iat = now.as_secs();
        list.exp = span.map(|span| list.iat.saturating_add(span));
        // Milliseconds: a list that was lost and begun anew still has a higher number than any before.
        let at_least = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        list.content.sequence = list.content.sequence.saturating_add(1).max(at_least);
        let text = sign(&self.key, list)?;
        write(&self.path, &text, false).with_context(|| format!("`{}` cannot be written", self.path.display()))?;
        self.is_new = false;
        Ok(self.list.content.sequence)
    }
}

fn open_key(path: &Path) -> Result<ES256KeyPair> {
    let key = match fs::read_to_string(path) {
        Ok(text) => ES256KeyPair::from_jwk(&text).with_context(|| format!("`{}` is not a P-256 private JWK", path.display()))?,
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            let key = ES256KeyPair::generate();
            write(path, &key.to_jwk(), true).with_context(|| format!("the key `{}` cannot be written", path.display()))?;
            key
        }
        Err(err) => return Err(err).with_context(|| format!("the key `{}` cannot be read", path.display())),
    };
    let name = key.jwk_thumbprint();
    Ok(key.with_key_id(&name))
}

fn sign(key: &ES256KeyPair, list: &List) -> Result<String> {
    let seconds = |time: u64| Some(UnixTimeStamp::from_secs(time));
    let claims = JWTClaims {
        issued_at: seconds(list.iat),
        expires_at: list.exp.and_then(seconds),
        invalid_before: None,
        issuer: None,
        subject: None,
        audiences: None,
        jwt_id: None,
        nonce: None,
        custom: &list.content,
    };
    let options = HeaderOptions { signature_type: Some(TYPE.to_owned()), ..HeaderOptions::default() };
    key.sign_with_options(claims, &options).context("the list cannot be signed")
}

fn verified(text: &str, key: &ES256KeyPair) -> Result<List> {
    // An expired list can be read and renewed.
    let options = VerificationOptions {
        artificial_time: Some(UnixTimeStamp::from_secs(0)),
        accept_future: true,
        time_tolerance: None,
        max_token_length: Some(text.len()),
        required_signature_type: Some(TYPE.to_owned()),
        ..VerificationOptions::default()
    };
    let claims = key.public_key().verify_token::<Content>(text, Some(options))?;
    if claims.custom.version != 1 {
        bail!("its version is not 1");
    }
    let seconds = |time: Option<UnixTimeStamp>| time.map(|time| time.as_secs());
    Ok(List { iat: seconds(claims.issued_at).unwrap_or_default(), exp: seconds(claims.expires_at), content: claims.custom })
}

/// In one step, so that nobody ever reads half of it.
fn write(path: &Path, text: &str, private: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    // What a temporary file is made with is 0600; the list itself is for all to read.
    if !private {
        file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
