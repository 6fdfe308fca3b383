//! Texts of a server that speak to the model behind the user's back.
//!
//! Two kinds of signs: characters that nobody sees (any is a finding, where it does not belong to a script or an emoji), and phrases.
//! One phrase is rarely enough: real servers do say "call this first". Each has a weight, and a text is a finding from [`ENOUGH`] on.
//! Phrases are looked for in lower case, with invisible characters taken out and white space folded, so that neither hides one.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use serde_json::Value;

/// What was found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Zero-width characters, direction overrides, tags, rows of variation selectors.
    Invisible,
    /// Control characters that a terminal acts upon.
    Control,
    /// Phrases that order the model about.
    Instructions,
    /// Base64 of readable text.
    Encoded,
    /// A schema that refers to another host.
    RemoteRef,
}

impl Kind {
    /// Stable word for records and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Invisible => "invisible_characters",
            Self::Control => "control_characters",
            Self::Instructions => "instructions",
            Self::Encoded => "encoded_text",
            Self::RemoteRef => "remote_ref",
        }
    }
}

/// A finding and the JSON pointer to its text, within the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    pub place: String,
}

/// Findings told of one definition at most.
const FINDINGS: usize = 8;

/// Weight from which phrases are a finding.
const ENOUGH: u32 = 3;

/// A phrase, words one of which is in whatever it matches, and its weight. In lower case, one space between words.
struct Phrase {
    words: &'static [&'static str],
    pattern: &'static str,
    weight: u32,
}

const fn phrase(weight: u32, words: &'static [&'static str], pattern: &'static str) -> Phrase {
    Phrase { words, pattern, weight }
}

#[rustfmt::skip]
const PHRASES: &[Phrase] = &[
    // To set aside what the user or the client has said.
    phrase(3, &["ignore", "disregard", "forget", "override", "bypass"], r"\b(ignore|disregard|forget|override|bypass)\b[^.]{0,24}\b(previous|prior|above|earlier|preceding|all other|existing|original|your)\b[^.]{0,24}\b(instruction|prompt|rule|guideline|direction|constraint|polic)"),
    phrase(2, &["new ", "updated ", "real ", "actual "], r"\b(new|updated|real|actual) (system )?instructions? ?:"),
    phrase(1, &["system ", "developer "], r"\b(system|developer) (prompt|message)\b"),
    phrase(2, &["you are now", "from now on", "act as "], r"\byou are now\b|\bfrom now on,? (you|always|never)\b|\bact as (if you|an? unrestricted)\b"),
    // To keep it from the user.
    phrase(3, &["do not ", "don't ", "dont ", "never ", "must not ", "avoid ", "should not "], r"\b(do not|don't|dont|never|must not|avoid|should not) (ever )?(tell|inform|mention|notify|alert|telling|informing|mentioning)[^.]{0,40}\b(user|human|person|anyone)\b"),
    phrase(3, &["without "], r"\bwithout (ever )?(telling|informing|asking) (the |your )?(user|human)\b"),
    phrase(1, &["do not ", "don't ", "dont ", "never ", "must not ", "without ", "avoid ", "should not "], r"\b(do not|don't|dont|never|must not|without|avoid|should not) (ever )?(reveal|disclos|show|notifying|revealing|showing|alerting)[^.]{0,40}\b(user|human|person|anyone)\b"),
    phrase(3, &["hide ", "conceal ", "keep "], r"\b(hide|conceal|keep) (this|it|these)[^.]{0,30}\b(from the user|from the human|secret|hidden)\b"),
    phrase(1, &["silently", "secretly", "quietly", "covertly"], r"\b(silently|secretly|quietly|covertly)\b"),
    phrase(2, &["user ", "human "], r"\b(user|human) (must|should|does|need)( not|n't)[^.]{0,20}\b(know|see|notice|be told|be informed)\b"),
    // Markup that stands out to a model and not on a page.
    phrase(2, &["<"], r"</?(important|critical|system|secret|hidden|instructions?|admin|override)>"),
    phrase(1, &["<!--"], r"<!--[^>]{8,}"),
    phrase(2, &["display:", "visibility:", "font-size:", "opacity:", "[//]"], r"display: ?none|visibility: ?hidden|font-size: ?0|opacity: ?0[^.1-9]|\[//\]: # ?[(\x22]"),
    phrase(3, &["inst]", "<|", "human:", "assistant:", "system:", "human :", "assistant :", "system :"], r"\[/?inst\]|<\|(im_start|im_end|system|endoftext)\|>|\b(human|assistant|system) ?: ?(ignore|you|do|please)\b"),
    // What other tools are to do.
    phrase(1, &["tool", "function"], r"\b(before|after|prior to|whenever|when|every time|each time)\b[^.]{0,20}\b(using|calling|invoking|running|use|call|invoke|run)[^.]{0,16}\b(any|this|other|every|all|another)( other)? (tool|function)"),
    phrase(1, &["you must", "must first", "always first", "mandatory", "required"], r"\b(you must|must first|always first|it is mandatory|this is required|required step|mandatory step)\b"),
    phrase(2, &["instead of", "rather than", "in place of", "do not use", "never use", "don't use"], r"\b(instead of|rather than|in place of|do not use|never use|don't use)\b[^.]{0,24}\b(other|another|any|the original|the real|official)[^.]{0,16}\b(tool|server|function)"),
    phrase(2, &["this tool is", "other tools"], r"\bwhen this tool is (available|present|loaded|listed)\b|\b(affects?|changes?|modif(y|ies)) (how|the behaviou?r of) (the )?other tools\b"),
    // What is to be taken, and where to.
    phrase(2, &[".ssh", "id_", ".aws", "/etc/", "mcp.json", ".cursor", "claude_desktop", ".netrc", ".git-cred", ".kube", "wallet.dat"], r"~/\.ssh|\.ssh/id_|\bid_(rsa|ed25519|ecdsa)\b|\.aws/credentials|/etc/(passwd|shadow)|\.cursor/mcp|mcp\.json|claude_desktop_config|\.netrc|\.git-credentials|\.kube/config|wallet\.dat"),
    phrase(1, &["private key", "api key", "access token", "password", "credential", "environment variable", "secret"], r"\b(private key|api keys?|access tokens?|passwords?|credentials?|environment variables?|secrets?)\b"),
    phrase(2, &["history", "conversation", "chat", "context", "messages"], r"\b(conversation|chat|message) history\b|\b(entire|full|whole|all (of )?(the|your|previous)) (conversation|chat|context|messages)\b"),
    phrase(1, &["read ", "open ", "cat ", "load ", "fetch ", "get "], r"\b(read|open|cat|load|fetch|get)\b([^.]|\.[^ ]){0,60}\b(and|then)\b[^.]{0,30}\b(pass|send|include|append|forward|upload|attach|post|put|insert|add)\b"),
    phrase(2, &["exfiltrat", "leak", "smuggl"], r"\b(exfiltrat|leak|smuggl)"),
    phrase(1, &["http", "@"], r"\b(send|forward|upload|post|transmit|submit|email|bcc|cc)\b[^.]{0,60}(https?://|\b[a-z0-9._-]+@[a-z0-9-]+\.[a-z])"),
    phrase(2, &["otherwise", " else"], r"\b(as|in|into|through|via) (the|a|an|this) [`'\x22]?[a-z_]+[`'\x22]? (parameter|argument|field)[^.]{0,40}\b(otherwise|or else|else)\b[^.]{0,24}\b(not work|fail|refuse|crash|error)"),
];

/// The phrases. Each is compiled when one of its words turns up first: most never do.
#[derive(Default)]
pub struct Detector {
    words: OnceLock<Words>,
    phrases: [OnceLock<Option<Regex>>; PHRASES.len()],
}

/// Finds the words of all phrases in one pass: few texts have any, and no phrase is looked for without.
struct Words {
    search: Option<AhoCorasick>,
    /// The phrase of each word.
    phrase_of: Vec<usize>,
}

impl Default for Words {
    fn default() -> Self {
        let all = || PHRASES.iter().enumerate().flat_map(|(at, phrase)| phrase.words.iter().map(move |word| (at, *word)));
        Self { search: AhoCorasick::new(all().map(|(_, word)| word)).ok(), phrase_of: all().map(|(at, _)| at).collect() }
    }
}

/// That every phrase compiles is seen to by the tests.
fn compile(pattern: &str) -> Option<Regex> {
    let plain = syntax::Config::new().unicode(false).utf8(false);
    Regex::builder().configure(Regex::config().utf8_empty(false)).syntax(plain).build(pattern).ok()
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Detector").finish_non_exhaustive()
    }
}

impl Detector {
    /// Looks at every text of a definition: names of members, too, for a parameter's name is read like its description.
    pub fn definition(&self, definition: &Value) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut open = vec![(String::new(), definition)];
        while let Some((place, value)) = open.pop() {
            if found.len() >= FINDINGS {
                break;
            }
            let child = |name: &str| format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
            match value {
                Value::String(text) => {
                    let is_ref = place.ends_with("/$ref") || place.ends_with("/$dynamicRef");
                    let kind = if is_ref && is_remote(text) { Some(Kind::RemoteRef) } else { self.text(text) };
                    found.extend(kind.map(|kind| Finding { kind, place }));
                }
                Value::Array(items) => open.extend(items.iter().enumerate().rev().map(|(at, item)| (child(&at.to_string()), item))),
                Value::Object(members) => {
                    for (name, value) in members.iter().rev() {
                        if let Some(kind) = self.text(name) {
                            // The name may itself be what must not be on record.
                            found.push(Finding { kind, place: place.clone() });
                        }
                        open.push((child(name), value));
                    }
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        found.truncate(FINDINGS);
        found
    }

    /// The weight of all phrases in a folded text.
    fn weight(&self, folded: &str) -> u32 {
        let mut found = [false; PHRASES.len()];
        let Words { search, phrase_of } = self.words.get_or_init(Words::default);
        for word in search.iter().flat_map(|search| search.find_overlapping_iter(folded)) {
            if let Some(found) = phrase_of.get(word.pattern().as_usize()).and_then(|at| found.get_mut(*at)) {
                *found = true;
            }
        }
        let mut weight = 0_u32;
        for ((phrase, compiled), _) in PHRASES.iter().zip(&self.phrases).zip(found).filter(|(_, found)| *found) {
            let compiled = compiled.get_or_init(|| compile(phrase.pattern));
            if compiled.as_ref().is_some_and(|compiled| compiled.is_match(folded.as_bytes())) {
                weight = weight.saturating_add(phrase.weight);
            }
        }
        weight
    }

    /// Looks at one text.
    pub fn text(&self, text: &str) -> Option<Kind> {
        if let Some(kind) = unseen(text) {
            return Some(kind);
        }
        // Nothing that short orders anybody about.
        if text.len() < 12 {
            return None;
        }
        if self.weight(&folded(text)) >= ENOUGH {
            return Some(Kind::Instructions);
        }
        has_encoded_text(text).then_some(Kind::Encoded)
    }
}

fn is_remote(reference: &str) -> bool {
    let reference = reference.trim_start();
    let has = |scheme: &str| reference.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    has("http:") || has("https:") || has("ftp:") || has("file:") || reference.starts_with("//")
}

/// Characters that are there and not seen.
fn unseen(text: &str) -> Option<Kind> {
    let mut zero_width = 0_u32;
    let mut soft_hyphens = 0_u32;
    let mut selectors = 0_u32;
    let mut in_flag = false;
    let mut before = '\0';
    for c in text.chars() {
        let is_selector = matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
        selectors = if is_selector { selectors.saturating_add(1) } else { 0 };
        // Flags of regions are a black flag and tags.
        in_flag = c == '\u{1f3f4}' || (in_flag && matches!(c, '\u{e0020}'..='\u{e007f}'));
        match c {
            '\t' | '\n' | '\r' => {}
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => return Some(Kind::Control),
            '\u{e0000}'..='\u{e007f}' if !in_flag => return Some(Kind::Invisible),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => return Some(Kind::Invisible),
            '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => {
                zero_width = zero_width.saturating_add(1);
            }
            // Joiners belong to emoji and to scripts other than Latin.
            '\u{200c}' | '\u{200d}' if before.is_ascii() => zero_width = zero_width.saturating_add(1),
            '\u{ad}' => soft_hyphens = soft_hyphens.saturating_add(if before == c { 4 } else { 1 }),
            _ => {}
        }
        // One that strayed in with a copied text is nobody's code; three are.
        if zero_width >= 3 || soft_hyphens >= 5 || selectors >= 2 {
            return Some(Kind::Invisible);
        }
        before = c;
    }
    None
}

/// As phrases are looked for.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        let c = match c {
            '\u{2018}' | '\u{2019}' => '\'',
            '\u{201c}' | '\u{201d}' => '"',
            c => c,
        };
        match c {
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' => {}
            '*' | '_' if folded.ends_with([' ', '*']) || folded.is_empty() => {}
            c if c.is_whitespace() => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
            }
            c => folded.push(c.to_ascii_lowercase()),
        }
    }
    folded
}

/// A row of base64 that says something in plain letters.
fn has_encoded_text(text: &str) -> bool {
    use base64::Engine as _;
    const ROW: usize = 48;
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    text.split(|c| !is_base64(c)).filter(|row| row.len() >= ROW).any(|row| {
        let whole = row.len().saturating_sub(row.len() % 4).min(4096);
        let Some(row) = row.get(..whole) else { return false };
        let engines = [base64::engine::general_purpose::STANDARD_NO_PAD, base64::engine::general_purpose::URL_SAFE_NO_PAD];
        engines.iter().filter_map(|engine| engine.decode(row).ok()).any(|bytes| {
            let plain = bytes.iter().filter(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')).count();
            let spaces = bytes.iter().filter(|byte| **byte == b' ').count();
            plain == bytes.len() && spaces >= 4
        })
    })
}

#[cfg(test)]
mod tests;
