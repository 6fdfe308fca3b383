//! Section `audit` and `record` of a rule: what goes on record, and what shows that nothing was taken out of it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value as Json, json};

use super::form::{Fields, Form, Placed, Reading, described, section, word, words, wrong_word};
use super::model::Credential;
use super::report::{Place, Report};
use super::tree::{Node, Value};
use super::value::{Bytes, Duration, Secret};
use super::words::UrlPath;
use crate::limits;

/// Who keeps records of calls that must be on record before they are made.
#[derive(Clone, Debug)]
pub struct Collector {
    /// Name of the Envoy cluster.
    pub cluster: String,
    /// `:path` of the request.
    pub path: String,
    /// `:authority` of the request.
    pub host: String,
    pub timeout: Duration,
    pub credential: Option<Credential>,
}

/// `audit`
#[derive(Clone, Debug)]
pub struct Audit {
    pub payload: Payload,
    /// At most this much of each side.
    pub max_payload: Bytes,
    /// Between two records of an exchange that still runs; none: it has one, at its end.
    pub interim: Option<Duration>,
    /// None: records stand alone.
    pub chain: Option<Chain>,
    /// Who called what with which outcome, as properties of their own.
    pub attributes: bool,
    pub collector: Option<Collector>,
}

impl Default for Audit {
    fn default() -> Self {
        Self {
            payload: Payload::Masked,
            max_payload: Bytes(limits::RECORD_PAYLOAD_BYTES),
            interim: None,
            chain: Some(Chain::default()),
            attributes: false,
            collector: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    None,
    Masked,
}

words!(Payload { "none" => Payload::None, "masked" => Payload::Masked });

/// How much of an exchange goes on record; from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing, of a call that is allowed and goes well.
    None,
    /// Who, what, when and the decision.
    Metadata,
    /// The arguments, too.
    Request,
    /// The answer, too.
    All,
}

/// What `record` of a rule says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// The record of a call is kept before it is forwarded, or it is not forwarded.
    pub before: bool,
    /// Of all rules that match the most detailed counts.
    pub level: Option<Level>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::policy) enum RecordWord {
    Before,
    Level(Level),
}

words!(RecordWord {
    "none" => RecordWord::Level(Level::None),
    "metadata" => RecordWord::Level(Level::Metadata),
    "request" => RecordWord::Level(Level::Request),
    "all" => RecordWord::Level(Level::All),
    "before" => RecordWord::Before,
});

words!(Level { "none" => Level::None, "metadata" => Level::Metadata, "request" => Level::Request, "all" => Level::All });

/// Each record holds the fingerprint of the one before.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// Fingerprints are HMACs with this key; plain SHA-256 without.
    pub key: Option<Secret>,
    pub sign: Option<Sign>,
    /// Only with `sign`.
    pub notary: Option<Notary>,
}

/// Signed statements of how far the chain has come.
#[derive(Clone, Debug)]
pub struct Sign {
    pub seed: Seed,
    pub interval: Duration,
}

/// Who keeps the statements.
#[derive(Clone, Debug)]
pub struct Notary {
    /// Name of the Envoy cluster.
    pub cluster: String,
    /// `:path` of the request.
    pub path: String,
    /// `:authority` of the request.
    pub host: String,
    pub timeout: Duration,
}

/// The seed of an Ed25519 key (RFC 8032, section 5.1.5), never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl Seed {
    /// Base64 in either alphabet, padded or not. All zeros are no secret: somebody has left it out.
    fn decode(text: &[u8]) -> Option<Self> {
        const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let alphabet = if text.iter().any(|byte| matches!(byte, b'-' | b'_')) { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
        let bytes = GeneralPurpose::new(alphabet, CONFIG).decode(text).ok()?;
        bytes.try_into().ok().filter(|seed| *seed != [0; 32]).map(Self)
    }
}

section! {
    /// The record of every exchange. See `docs/audit.md`.
    AuditWritten {
        /// `masked` (default) keeps arguments and answers, masked; `none` keeps neither. `record` of a rule says otherwise for its calls.
        optional payload: Payload,
        /// At most this much of each side. Default 64KiB, at most 1MiB.
        optional max_payload: Bytes,
        /// Streams that run for long are on record while they run: when they begin and every so often, each message once. From 10s to 1d; not unless written. Envoy has to flush its access log as often (`access_log_flush_interval`).
        optional interim: Duration,
        optional chain: ChainWritten,
        /// Set the properties that access loggers take attributes of records from, in the names of OpenTelemetry. Default false.
        optional attributes: bool,
        /// Keeps the records of calls that must be on record before they are made (`record: before` in a rule).
        optional collector: super::written::Collector,
    }
}

#[derive(Debug)]
pub(in crate::policy) enum ChainWritten {
    Off,
    On(Box<ChainSection>),
}

/// `off`, or a section.
impl Form for ChainWritten {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        match (word(node), &node.value) {
            (Some("off"), _) => Some(Self::Off),
            (None, Value::Map(_)) => ChainSection::read(node, at, reading).map(|section| Self::On(Box::new(section))),
            (found, _) => {
                wrong_word(node, found, &["off", "{ key: \"${env:KEY}\" }"], at, reading);
                None
            }
        }
    }

    fn schema() -> Json {
        json!({ "oneOf": [{ "const": "off" }, ChainSection::schema()] })
    }
}

section! {
    /// Each record holds the fingerprint of the one before, so that what is changed or taken out shows. Always, unless `off`.
    ChainSection {
        /// A secret of at least 32 bytes, such as `${env:PORTCULLIS_AUDIT_KEY}`: fingerprints are HMACs with it (HMAC-SHA-256), which nobody can make anew without. Without it they are plain SHA-256.
        optional key: Secret,
        optional sign: SignSection,
        optional notary: NotarySection,
    }
}

section! {
    /// Checkpoints: statements of how far the chain has come, signed with Ed25519. They show that its end was cut off.
    SignSection {
        /// The seed of an Ed25519 key, 32 bytes in base64, such as `${env:PORTCULLIS_AUDIT_SEED}`; `portcullisctl audit keys` makes one.
        required key: Secret,
        /// Time between two checkpoints, also while nothing happens. Default 1m, from 5s to 1d.
        optional interval: Duration,
    }
}

section! {
    /// Where checkpoints are sent as soon as they are made, so that they are out of reach of whoever can change the log: `portcullisctl audit notary`.
    NotarySection {
        /// Name of the Envoy cluster.
        required cluster: String,
        /// Default `/checkpoints`.
        optional path: UrlPath,
        /// Host header of the request. Default: the cluster's name.
        optional host: String,
        /// Time for one answer. Default 5s.
        optional timeout: Duration,
    }
}

pub(super) fn of(written: Option<Placed<AuditWritten>>, report: &mut Report) -> Audit {
    use super::lower::{between, or};
    let usual = Audit::default();
    let Some(Placed { value, .. }) = written else { return usual };
    let AuditWritten { payload, max_payload, interim, chain, attributes, collector } = value;
    let secs = Duration::from_secs;
    Audit {
        payload: or(payload, usual.payload),
        max_payload: between(max_payload, usual.max_payload, Bytes(0), Bytes(1024 * 1024), "from 0B to 1MiB", report),
        interim: interim.map(|interim| between(Some(interim), secs(300), secs(10), secs(86_400), "from 10s to 1d", report)),
        chain: match chain {
            None => usual.chain,
            Some(Placed { value: ChainWritten::Off, .. }) => None,
            Some(Placed { value: ChainWritten::On(section), .. }) => Some(chain_of(*section, report)),
        },
        attributes: or(attributes, usual.attributes),
        collector: collector.and_then(|written| super::lower::collector::of(written, report)),
    }
}

pub(super) fn recording_of(words: Placed<Vec<Placed<RecordWord>>>, report: &mut Report) -> Recording {
    let mut recording = Recording::default();
    for Placed { at, value } in words.value {
        match value {
            RecordWord::Before => recording.before = true,
            RecordWord::Level(level) => {
                if recording.level.replace(level).is_some() {
                    report.add(&at, "says how much a second time; keep one of `none`, `metadata`, `request` and `all`");
                }
            }
        }
    }
    if recording.before && recording.level == Some(Level::None) {
        report.add(&words.at, "cannot be both `before` and `none`: what must be on record leaves a record");
    }
    recording
}

fn chain_of(written: ChainSection, report: &mut Report) -> Chain {
    let ChainSection { key, sign, notary } = written;
    if let (Some(notary), None) = (&notary, &sign) {
        report.add(&notary.at, "has nothing to send without `sign`; add `sign: { key: ... }`, or remove it");
    }
    if let Some(Placed { at, value }) = &key {
        let (len, least) = (value.expose().len(), limits::CHAIN_KEY_BYTES);
        if len < least {
            report.add(at, format!("the key has {len} bytes; it must have {least} or more, such as `portcullisctl audit keys` makes"));
        }
    }
    Chain {
        key: key.map(|key| key.value),
        sign: sign.and_then(|sign| sign_of(sign.value, report)),
        notary: notary.and_then(|notary| notary_of(notary, report)),
    }
}

fn sign_of(written: SignSection, report: &mut Report) -> Option<Sign> {
    use super::lower::between;
    let SignSection { key, interval } = written;
    let secs = Duration::from_secs;
    let interval = between(interval, secs(60), secs(5), secs(86_400), "from 5s to 1d", report);
    let key = key?;
    let seed = Seed::decode(key.value.expose());
    if seed.is_none() {
        report.add(
            &key.at,
            "the key is not 32 bytes in base64, other than zeros: the seed of an Ed25519 key, as `portcullisctl audit keys` makes one",
        );
    }
    Some(Sign { seed: seed?, interval })
}

fn notary_of(written: Placed<NotarySection>, report: &mut Report) -> Option<Notary> {
    use super::lower::{between, or, service_host};
    let Placed { at, value } = written;
    let NotarySection { cluster, path, host, timeout } = value;
    let host = service_host(host, cluster.as_ref(), &at, report);
    let secs = Duration::from_secs;
    let timeout = between(timeout, secs(5), Duration::from_millis(100), secs(30), "from 100ms to 30s", report);
    Some(Notary { cluster: cluster?.value, path: or(path, UrlPath("/checkpoints".to_owned())).0, host: host?, timeout })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_read_in_either_alphabet() {
        let seed = Seed([0xfb; 32]);
        let standard = base64::engine::general_purpose::STANDARD.encode(seed.0);
        let url = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(seed.0);
        assert!(standard.contains('+') && url.contains('-'));
        for text in [standard.as_str(), standard.trim_end_matches('='), url.as_str()] {
            assert_eq!(Seed::decode(text.as_bytes()), Some(seed.clone()), "{text}");
        }
        for text in ["", "AAAA", &"A".repeat(43), &standard[4..], &format!("{standard}AAAA"), "not base64 at all, and of some length.."] {
            assert_eq!(Seed::decode(text.as_bytes()), None, "{text}");
        }
        assert!(!format!("{seed:?}").contains("251"));
    }

    #[test]
    fn levels_have_an_order() {
        assert!(Level::None < Level::Metadata && Level::Metadata < Level::Request && Level::Request < Level::All);
    }
}
