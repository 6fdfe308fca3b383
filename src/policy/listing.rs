//! Sections `tools` and `server`: what lists show, which tool definitions are known, and what a server may ask of its clients.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::form::{Fields, Form, Placed, Reading, described, parsed, section, shown, text, word, words, wrong_word};
use super::report::{Place, Report};
use super::tree::{Node, Value};
use super::value::Glob;
use crate::limits;

/// `tools`
#[derive(Clone, Debug, Default)]
pub struct Tools {
    pub list: Listing,
    /// Fingerprints of definitions by the tool's name. `None`: definitions are not compared.
    pub pins: Option<BTreeMap<String, Fingerprint>>,
    /// What becomes of a pinned tool whose definition is another.
    pub changed: Unpinned,
    /// What becomes of a tool that is not pinned, where others are.
    pub new: Unpinned,
    pub hidden_instructions: HiddenInstructions,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listing {
    /// A caller sees what it may use.
    #[default]
    Filtered,
    AsIs,
}

words!(Listing { "filtered" => Listing::Filtered, "as_is" => Listing::AsIs });

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unpinned {
    /// Not listed, and not called.
    Hide,
    /// Listed, and not called.
    #[default]
    Refuse,
    /// Listed and called, with an alert on record.
    Alert,
}

words!(Unpinned { "hide" => Unpinned::Hide, "refuse" => Unpinned::Refuse, "alert" => Unpinned::Alert });

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HiddenInstructions {
    /// An alert on record.
    #[default]
    Observe,
    /// What carries them is not listed, with an alert on record.
    Hide,
    Off,
}

words!(HiddenInstructions {
    "observe" => HiddenInstructions::Observe, "hide" => HiddenInstructions::Hide, "off" => HiddenInstructions::Off,
});

/// SHA-256 of a definition.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a fingerprint: `sha256:` and 64 hexadecimal digits, as `portcullisctl tools pin` prints it";
        let digits = text.strip_prefix("sha256:").filter(|digits| digits.len() == 64).ok_or(EXPECTED)?;
        let mut bytes = [0; 32];
        let mut nibbles = digits.chars().map(|c| c.to_digit(16).and_then(|value| u8::try_from(value).ok()));
        for byte in &mut bytes {
            let (Some(Some(high)), Some(Some(low))) = (nibbles.next(), nibbles.next()) else { return Err(EXPECTED) };
            *byte = (high << 4) | low;
        }
        Ok(Self(bytes))
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

parsed!(Fingerprint, Fingerprint::parse, { "type": "string", "pattern": "^sha256:[0-9a-fA-F]{64}$" });

/// Names and fingerprints as they are written.
#[derive(Debug)]
pub(in crate::policy) struct Pins(BTreeMap<String, Fingerprint>);

impl Form for Pins {
    fn read(node: &Node, at: &Place, reading: &mut Reading<'_>) -> Option<Self> {
        let Value::Map(members) = &node.value else {
            reading.report.add(at, format!("expected names of tools and their fingerprints, found {}", node.kind()));
            return None;
        };
        if members.len() > limits::PINNED_TOOLS {
            reading.report.add(at, format!("{} tools; at most {} are taken", members.len(), limits::PINNED_TOOLS));
            return None;
        }
        let mut pins = BTreeMap::new();
        let mut whole = true;
        for member in members {
            let place = at.child(&member.name, member.line);
            match Fingerprint::read(&member.node, &place, reading) {
                Some(fingerprint) if pins.insert(member.name.clone(), fingerprint).is_some() => {
                    reading.report.add(&place, "written twice; keep one");
                    whole = false;
                }
                Some(_) => {}
                None => whole = false,
            }
        }
        whole.then_some(Self(pins))
    }

    fn schema() -> Json {
        json!({ "type": "object", "additionalProperties": Fingerprint::schema() })
    }
}

section! {
    /// What lists of tools, prompts and resources show, and which tools are known. See `docs/tools.md`.
    ToolsWritten {
        /// `filtered` (default): a caller sees what the rules could ever allow it. `as_is`: lists pass as the server gives them.
        optional list: Listing,
        /// Fingerprints of the definitions of known tools, as `portcullisctl tools pin` prints them.
        optional pins: Pins,
        /// A pinned tool whose definition is another: `refuse` (default; listed and not called), `hide` or `alert`.
        optional changed: Unpinned,
        /// A tool that is not pinned: `hide` (default; neither listed nor called), `refuse` or `alert`.
        optional new: Unpinned,
        /// Texts that speak to the model behind the user's back: `observe` (default) puts an alert on record, `hide` takes what carries them off lists besides, `off` does not look.
        optional hidden_instructions: HiddenInstructions,
    }
}

pub(in crate::policy) fn tools_of(written: Option<Placed<ToolsWritten>>, report: &mut Report) -> Tools {
    let Some(Placed { value: ToolsWritten { list, pins, changed, new, hidden_instructions }, .. }) = written else {
        return Tools { new: Unpinned::Hide, ..Tools::default() };
    };
    for placed in [&changed, &new].into_iter().flatten().filter(|_| pins.is_none()) {
        report.add(&placed.at, "has no effect without `pins`; `portcullisctl tools pin` prints them");
    }
    Tools {
        list: list.map(|placed| placed.value).unwrap_or_default(),
        pins: pins.map(|placed| placed.value.0),
        changed: changed.map(|placed| placed.value).unwrap_or_default(),
        new: new.map_or(Unpinned::Hide, |placed| placed.value),
        hidden_instructions: hidden_instructions.map(|placed| placed.value).unwrap_or_default(),
    }
}

/// `server`
#[derive(Clone, Debug)]
pub struct Server {
    pub sampling: Asking,
    pub roots: Asking,
    pub form: Asking,
    pub url: Asking,
    /// Hosts that a URL may have; empty when the policy does not say.
    pub hosts: Vec<Glob>,
    pub sensitive_fields: Asking,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            sampling: Asking::Allow,
            roots: Asking::Allow,
            form: Asking::Allow,
            url: Asking::Allow,
            hosts: Vec::new(),
            sensitive_fields: Asking::Refuse,
        }
    }
}

/// Whether a server may ask for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    Allow,
    Refuse,
}

words!(Asking { "allow" => Asking::Allow, "refuse" => Asking::Refuse });

section! {
    /// What the server may ask of a client while it answers. See `docs/tools.md`.
    ServerWritten {
        /// `sampling/createMessage`: to use the client's model. Default `allow`: clients ask their user.
        optional sampling: Asking,
        optional elicitation: Elicitation,
        /// `roots/list`: which folders the client works in. Default `allow`.
        optional roots: Asking,
    }
}

section! {
    /// `elicitation/create`: to ask the person at the client.
    Elicitation {
        /// Through a form in the client. Default `allow`.
        optional form: Asking,
        /// By opening a page, whose address must be `https`. Default `allow`.
        optional url: Asking,
        /// Hosts a page may be on, such as `*.example.com`. Default: any.
        optional hosts: Vec<Glob>,
        /// Forms that ask for passwords, keys, card numbers and the like, which the specification forbids. Default `refuse`.
        optional sensitive_fields: Asking,
    }
}

pub(in crate::policy) fn server_of(written: Option<Placed<ServerWritten>>, report: &mut Report) -> Server {
    let Some(Placed { value: ServerWritten { sampling, elicitation, roots }, .. }) = written else { return Server::default() };
    let or = |placed: Option<Placed<Asking>>, default| placed.map_or(default, |placed| placed.value);
    let Elicitation { form, url, hosts, sensitive_fields } =
        elicitation.map_or_else(|| Elicitation { form: None, url: None, hosts: None, sensitive_fields: None }, |placed| placed.value);
    if let (Some(hosts), Some(Placed { value: Asking::Refuse, .. })) = (&hosts, &url) {
        report.add(&hosts.at, "has no effect with `url: refuse`; remove one of them");
    }
    let usual = Server::default();
    Server {
        sampling: or(sampling, usual.sampling),
        roots: or(roots, usual.roots),
        form: or(form, usual.form),
        url: or(url, usual.url),
        hosts: hosts.map(|placed| placed.value).unwrap_or_default(),
        sensitive_fields: or(sensitive_fields, usual.sensitive_fields),
    }
}
