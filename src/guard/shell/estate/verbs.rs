//! What ends things, said in any console's words: `CLI noun verb`, `CLI verb noun`, `CLI verb-noun`. The verb and the noun tell; the program may be
//! one nobody here has heard of.

use super::super::Class;
use super::super::command::Call;
use super::super::state::Shell;
use super::accounts::is_production;
use super::nouns::{ENDS, HALTS, LASTING, NEAR, OF_PLATFORMS, PEOPLE, PLATFORMS, WATCHES};

/// Options of consoles whose value comes behind them; before the verb it is no noun.
const VALUED: [&str; 18] = [
    "--profile",
    "--region",
    "--project",
    "--context",
    "--namespace",
    "-n",
    "-o",
    "--output",
    "--subscription",
    "-g",
    "--resource-group",
    "--zone",
    "--account",
    "--token",
    "--config",
    "-c",
    "-p",
    "--cluster",
];

/// Words by which something says that it is there to be lost.
pub(in super::super) fn is_trial(name: &str) -> bool {
    const TRIALS: [&str; 30] = [
        "test",
        "tests",
        "testing",
        "dev",
        "devel",
        "develop",
        "development",
        "tmp",
        "temp",
        "temporary",
        "demo",
        "feature",
        "preview",
        "sandbox",
        "staging",
        "stage",
        "stg",
        "scratch",
        "local",
        "localhost",
        "ci",
        "qa",
        "uat",
        "pr",
        "playground",
        "poc",
        "spike",
        "trial",
        "ephemeral",
        "experiment",
    ];
    name.len() < 256
        && name.split(|c: char| !c.is_ascii_alphabetic()).any(|word| TRIALS.iter().any(|trial| word.eq_ignore_ascii_case(trial)))
        && !name
            .split(|c: char| !c.is_ascii_alphabetic())
            .any(|word| word.eq_ignore_ascii_case("prod") || word.eq_ignore_ascii_case("production"))
}

/// The parts of a word of a console: `delete-db-cluster`, `apps:destroy`, `DeleteInstance`.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|part| {
        let at = part
            .char_indices()
            .skip(1)
            .find(|(at, c)| {
                c.is_ascii_uppercase() && part.get(..*at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_lowercase()))
            })
            .map_or(part.len(), |(at, _)| at);
        [part.get(..at).unwrap_or_default(), part.get(at..).unwrap_or_default()].into_iter().filter(|part| !part.is_empty())
    })
}

/// Whether a part of a word is one of some nouns, in the plural as well.
pub(super) fn is_one(part: &str, nouns: &[&str]) -> bool {
    let same = |bare: &str| nouns.iter().any(|noun| bare.eq_ignore_ascii_case(noun));
    same(part)
        || part.strip_suffix('s').is_some_and(same)
        || part.strip_suffix("es").is_some_and(same)
        || part
            .strip_suffix("ies")
            .is_some_and(|stem| nouns.iter().any(|noun| noun.strip_suffix('y').is_some_and(|noun| stem.eq_ignore_ascii_case(noun))))
}

/// Where the verb stands among the words that come before names.
struct Said<'a> {
    words: Vec<&'a str>,
    verb: usize,
}

/// The words of a console up to its verb and one more.
fn said<'a>(call: &'a Call<'_>, verbs: &[&str]) -> Option<Said<'a>> {
    let mut words: Vec<&str> = Vec::new();
    let mut verb = None;
    let mut skipped = false;
    for text in call.texts().take(12) {
        if std::mem::replace(&mut skipped, VALUED.contains(&text)) || text.starts_with('-') {
            continue;
        }
        let plain = text.len() < 48 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_' | '.'));
        if !plain || words.len() > 5 {
            break;
        }
        words.push(text);
        if verb.is_some() {
            break;
        }
        // The verb opens its word or ends it: `delete-table`, `apps:destroy`, `snapshot.remove`.
        let mut of_word = parts(text);
        let (first, last) = (of_word.next().unwrap_or_default(), of_word.last());
        let ends = |part: &str| {
            let letter = part
                .as_bytes()
                .first()
                .is_some_and(|first| matches!(first | 0x20, b'd' | b'p' | b'w' | b't' | b'n' | b'e' | b'r' | b'u' | b'o' | b's' | b'm'));
            letter && verbs.iter().any(|verb| part.eq_ignore_ascii_case(verb))
        };
        if ends(first) || last.is_some_and(ends) {
            verb = Some(words.len() - 1);
        }
    }
    verb.map(|verb| Said { words, verb })
}

impl Said<'_> {
    /// Whether the thing is named next to the verb: in its word, before it, or behind it.
    fn is_about(&self, nouns: &[&str], behind: bool) -> bool {
        let word = |at: usize| self.words.get(at).copied().unwrap_or_default();
        let before = self.verb.checked_sub(1).map_or("", word);
        parts(word(self.verb)).chain(parts(before)).any(|part| is_one(part, nouns))
            || behind && is_one(word(self.verb + 1), nouns)
            || self.verb == 0 && word(1).split('-').next_back().is_some_and(|last| is_one(last, nouns))
    }
}

impl Shell {
    pub(super) fn ends(&mut self, call: &Call<'_>) {
        if NEAR.has(call.name) || call.args.len() < 2 && !PLATFORMS.has(call.name) || call.name.contains('.') {
            return;
        }
        let platform = PLATFORMS.has(call.name);
        let halts = if platform { said(call, &HALTS) } else { None };
        let Some(ends) = said(call, &ENDS).or(halts) else { return };
        let tried = call.texts().any(|text| {
            text.starts_with("--dry")
                || text.starts_with("--what-if")
                || matches!(text, "help" | "--help" | "-h" | "--generate-cli-skeleton")
        });
        // What is kept of it may be had again.
        let kept = call.texts().any(|text| text.starts_with("--final-"));
        let verb = ends.words.get(ends.verb).copied().unwrap_or_default();
        let trial = call.texts().any(is_trial) && !is_production(call);
        if tried || kept || trial {
            return;
        }
        // Entries of a thing, or what is tied to it, but not the thing.
        const PASSING: [&str; 18] = [
            "tag",
            "label",
            "message",
            "item",
            "object",
            "entity",
            "blob",
            "parameter",
            "target",
            "rule",
            "image",
            "alias",
            "attachment",
            "permission",
            "annotation",
            "binding",
            "comment",
            "invitation",
        ];
        let before = ends.verb.checked_sub(1).and_then(|at| ends.words.get(at)).copied().unwrap_or_default();
        let passing = parts(verb).chain(parts(before)).any(|part| is_one(part, &PASSING));
        let watching = platform && ends.words.iter().take(ends.verb + 1).any(|word| parts(word).any(|part| is_one(part, &WATCHES)));
        let bars = || call.texts().any(|text| ["deny", "block", "drop"].iter().any(|word| text.contains(word)));
        if watching && (!passing || bars()) {
            self.mark(Class::ProtectionOff);
        }
        let halting = parts(verb).any(|part| is_one(part, &HALTS)) && !parts(verb).any(|part| is_one(part, &ENDS));
        let data = ends.is_about(&LASTING, true) || platform && (ends.is_about(&OF_PLATFORMS, true) || ends.is_about(&PEOPLE, true));
        if data && !passing && !halting {
            self.mark(Class::Destructive);
        }
    }
}
