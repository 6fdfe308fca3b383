//! Definitions that somebody has looked at, by their fingerprints, and what was last seen of each.
//!
//! A fingerprint is the SHA-256 of the definition in RFC 8785 form, without its members `_meta` and `icons`. All others count, also
//! those that no revision knows: whatever a client may show to the model or act upon. The two that do not count are for programs and
//! for the eye, and servers put addresses with changing parts into them.
//!
//! Lists are the only place where definitions are seen, and a list may differ from caller to caller. What was seen last counts, for
//! all workers of an Envoy within a tick (see `Engine::tick`). A tool that was not listed since the VM began counts as unchanged.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::mcp::json;
use crate::policy::{Fingerprint, Tools, Unpinned};

/// `None` when the definition is no object, or one that readers could read differently: it equals no pin then.
pub fn fingerprint(definition: &str) -> Option<Fingerprint> {
    json::check(definition).ok()?;
    let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(definition).ok()?;
    members.remove("_meta");
    members.remove("icons");
    let canonical = serde_json_canonicalizer::to_vec(&members).ok()?;
    Some(Fingerprint(Sha256::digest(canonical).into()))
}

/// How a definition, or a call, stands to the pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Known,
    /// Pinned with another fingerprint.
    Changed(Unpinned),
    /// Not pinned, where others are.
    New(Unpinned),
}

/// The pins of a policy and what was last seen of their tools.
#[derive(Debug, Default)]
pub struct Pins {
    pins: Option<BTreeMap<String, Fingerprint>>,
    changed: Unpinned,
    new: Unpinned,
    /// Pinned tools that were last seen with another definition.
    differing: BTreeSet<String>,
    /// What was seen since the others were told.
    news: BTreeMap<String, bool>,
    /// The version of the shared state that is in `differing`.
    version: Option<u32>,
}

impl Pins {
    pub fn new(tools: &Tools) -> Self {
        Self { pins: tools.pins.clone(), changed: tools.changed, new: tools.new, ..Self::default() }
    }

    /// A definition passes in a list.
    pub fn see(&mut self, name: &str, definition: &str) -> Standing {
        let Some(pins) = &self.pins else { return Standing::Known };
        let Some(pinned) = pins.get(name) else { return Standing::New(self.new) };
        let differs = fingerprint(definition).as_ref() != Some(pinned);
        if differs != self.differing.contains(name) {
            self.note(name.to_owned(), differs);
        }
        if differs { Standing::Changed(self.changed) } else { Standing::Known }
    }

    /// How a call of the tool stands, by what was seen last.
    pub fn call(&self, name: &str) -> Standing {
        match &self.pins {
            None => Standing::Known,
            Some(pins) if !pins.contains_key(name) => Standing::New(self.new),
            Some(_) if self.differing.contains(name) => Standing::Changed(self.changed),
            Some(_) => Standing::Known,
        }
    }

    /// Pinned tools that are not among these.
    pub fn missing(&self, names: &BTreeSet<String>) -> impl Iterator<Item = &str> {
        self.pins.iter().flat_map(BTreeMap::keys).filter(|name| !names.contains(*name)).map(String::as_str)
    }

    /// Whether there is anything to share.
    pub fn are_shared(&self) -> bool {
        self.pins.is_some()
    }

    /// Takes over what all workers know, with its version; gives what is to be written in its place, if this worker has news.
    /// [`Pins::told`] follows when that was written.
    pub fn sync(&mut self, shared: Option<(&[u8], u32)>) -> Option<Vec<u8>> {
        let (text, version) = shared.map_or((&b""[..], None), |(text, version)| (text, Some(version)));
        if version != self.version {
            let pins = self.pins.as_ref();
            let names = text.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
            self.differing = names.filter(|name| pins.is_some_and(|pins| pins.contains_key(*name))).map(str::to_owned).collect();
            self.version = version;
            let news = std::mem::take(&mut self.news);
            news.into_iter().for_each(|(name, differs)| self.note(name, differs));
        }
        let all = || self.differing.iter().map(String::as_str).collect::<Vec<_>>().join("\0").into_bytes();
        (!self.news.is_empty()).then(all)
    }

    /// The others know.
    pub fn told(&mut self) {
        self.news.clear();
    }

    fn note(&mut self, name: String, differs: bool) {
        if differs {
            self.differing.insert(name.clone());
        } else {
            self.differing.remove(&name);
        }
        self.news.insert(name, differs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"{"name":"a","description":"does a","inputSchema":{"type":"object"}}"#;

    fn pins(tools: &[(&str, &str)]) -> Pins {
        let pins = tools.iter().map(|(name, definition)| ((*name).to_owned(), fingerprint(definition).unwrap())).collect();
        Pins::new(&Tools { pins: Some(pins), changed: Unpinned::Refuse, new: Unpinned::Hide, ..Tools::default() })
    }

    #[test]
    fn a_fingerprint_is_of_what_models_and_clients_see() {
        let same = [
            r#"{ "inputSchema" : {"type":"object"}, "name":"\u0061", "description":"does a" }"#,
            r#"{"name":"a","description":"does a","inputSchema":{"type":"object"},"_meta":{"n":1},"icons":[{"src":"x"}]}"#,
        ];
        for definition in same {
            assert_eq!(fingerprint(definition), fingerprint(ONE), "{definition}");
        }
        let others = [
            r#"{"name":"a","description":"does a.","inputSchema":{"type":"object"}}"#,
            r#"{"name":"a","description":"does a","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}}"#,
            r#"{"name":"a","description":"does a","inputSchema":{"type":"object"},"unheard-of":1}"#,
            r#"{"name":"a","title":"A","description":"does a","inputSchema":{"type":"object"}}"#,
        ];
        for definition in others {
            assert_ne!(fingerprint(definition), fingerprint(ONE), "{definition}");
        }
        for broken in [r#"{"name":"a","name":"a"}"#, "[]", "x", r#"{"description":"\ud800"}"#] {
            assert_eq!(fingerprint(broken), None, "{broken}");
        }
        assert_eq!(fingerprint("{}").unwrap().to_string(), "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }

    #[test]
    fn what_was_seen_last_counts() {
        let mut pins = pins(&[("a", ONE)]);
        let other = ONE.replace("does", "undoes");
        assert_eq!((pins.call("a"), pins.call("b")), (Standing::Known, Standing::New(Unpinned::Hide)));
        assert_eq!(pins.see("a", &other), Standing::Changed(Unpinned::Refuse));
        assert_eq!(pins.call("a"), Standing::Changed(Unpinned::Refuse));
        assert_eq!(pins.see("a", ONE), Standing::Known);
        assert_eq!(pins.call("a"), Standing::Known);
        assert_eq!(pins.missing(&BTreeSet::new()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn workers_come_to_agree() {
        let (mut here, mut there) = (pins(&[("a", ONE), ("b", ONE)]), pins(&[("a", ONE), ("b", ONE)]));
        let other = ONE.replace("does", "undoes");
        here.see("a", &other);
        there.see("b", &other);
        let written = here.sync(None).unwrap();
        here.told();
        // The write of the other worker loses the race, and is made again from what it reads then.
        let written = there.sync(Some((&written, 1))).unwrap();
        assert_eq!(written, b"a\0b");
        there.told();
        assert_eq!(here.sync(Some((&written, 2))), None);
        for pins in [&here, &there] {
            assert!(["a", "b"].iter().all(|name| pins.call(name) == Standing::Changed(Unpinned::Refuse)));
        }
        here.see("a", ONE);
        let written = here.sync(Some((&written, 2))).unwrap();
        assert_eq!(written, b"b");
        here.told();
        assert_eq!(there.sync(Some((&written, 3))), None);
        assert_eq!((there.call("a"), there.call("b")), (Standing::Known, Standing::Changed(Unpinned::Refuse)));
    }
}
