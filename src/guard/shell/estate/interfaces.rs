//! What consoles do, asked of the interface behind them: `DELETE` of a thing that lasts, a mutation that ends one.

use super::super::Class;
use super::super::command::Call;
use super::super::state::Shell;
use super::nouns::{ENDS, LASTING, OF_PLATFORMS};
use super::verbs::{is_one, is_trial};

/// Interfaces of platforms: what is deleted there is what runs.
const PLATFORMS: [&str; 26] = [
    "api.digitalocean.com",
    "api.heroku.com",
    "api.vercel.com",
    "api.netlify.com",
    "api.cloudflare.com",
    "api.linode.com",
    "api.hetzner.cloud",
    "api.vultr.com",
    "api.machines.dev",
    "railway.app",
    "railway.com",
    "api.github.com",
    "gitlab.com",
    "management.azure.com",
    "googleapis.com",
    "amazonaws.com",
    "api.render.com",
    "api.supabase.com",
    "api.planetscale.com",
    "console.neon.tech",
    "api.scaleway.com",
    "api.fastly.com",
    "api.datadoghq.com",
    "api.pagerduty.com",
    "api.atlassian.com",
    "cloud.mongodb.com",
];

/// The humps of `volumeDelete`, `deleteDatabaseBackup`.
fn humps(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let mut low = false;
    for (at, c) in word.char_indices() {
        if c.is_ascii_uppercase() && low {
            parts.push(word.get(from..at).unwrap_or_default());
            from = at;
        }
        low = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    parts.push(word.get(from..).unwrap_or_default());
    parts
}

/// Whether a text is a mutation of GraphQL that ends something: `mutation { volumeDelete(..) }`.
fn is_ending_mutation(text: &str) -> bool {
    let Some((_, behind)) = text.split_once("mutation") else { return false };
    behind.split(|c: char| !c.is_ascii_alphanumeric()).take(64).filter(|word| word.len() > 5 && word.len() < 64).any(|word| {
        let parts = humps(word);
        let ends = |part: Option<&&str>| part.is_some_and(|part| ENDS.iter().any(|verb| part.eq_ignore_ascii_case(verb)));
        (ends(parts.first()) || ends(parts.last())) && parts.iter().any(|part| is_one(part, &LASTING) || is_one(part, &OF_PLATFORMS))
    })
}

/// Ports on which stores of data answer to HTTP.
const STORES: [&str; 10] = [":9200", ":9243", ":5984", ":6333", ":8983", ":8086", ":8123", ":2379", ":7474", ":8529"];

impl Shell {
    /// A store of data on another machine, asked to end what it holds.
    fn asks_stores(&mut self, call: &Call<'_>) {
        let deletes = call.texts().any(|text| matches!(text, "DELETE" | "-XDELETE" | "--request=DELETE" | "--method=DELETE"));
        let flat: String =
            call.texts().flat_map(str::chars).filter(|c| !c.is_whitespace()).take(4096).flat_map(char::to_lowercase).collect();
        let ends = call.texts().any(|text| {
            let url = text.split_once("://").map_or(text, |(_, url)| url);
            let (host, path) = url.split_once('/').unwrap_or((url, ""));
            let near = host.starts_with("localhost") || host.starts_with("127.") || host.starts_with('[');
            let store = STORES.iter().any(|port| host.ends_with(port)) && !text.starts_with(['-', '{']);
            let thing = path.split('?').next().unwrap_or_default().trim_matches('/');
            let all = matches!(thing, "_all" | "*" | "_all_dbs");
            let passing = thing.contains("/_doc/") || thing.contains("/points") || thing.contains("_local/");
            let asked = path.contains("action=DELETE&") || path.contains("action=UNLOAD&") || path.contains("tsdb/delete_series");
            store && deletes && (!near && !thing.is_empty() && !passing && !is_trial(thing) || all) || asked && !near && !is_trial(path)
        });
        let everything = flat.contains("<delete><query>*:*</query></delete>")
            || flat.contains("\"destructive_requires_name\":false")
            || flat.contains("action.destructive_requires_name\":false");
        if ends || everything {
            self.mark(Class::Destructive);
        }
    }

    pub(super) fn asks_interfaces(&mut self, call: &Call<'_>) {
        if !matches!(call.name, "curl" | "wget" | "http" | "https" | "xh" | "httpie" | "curlie") {
            return;
        }
        self.asks_stores(call);
        let deletes = call.texts().any(|text| matches!(text, "DELETE" | "-XDELETE" | "--request=DELETE" | "--method=DELETE"));
        let mutates = call.texts().any(is_ending_mutation);
        if !deletes && !mutates {
            return;
        }
        let trial = call.texts().any(|text| is_trial(text.split('?').next().unwrap_or_default()));
        let ends = call.texts().filter_map(|text| text.split_once("://")).any(|(_, url)| {
            let (host, path) = url.split_once('/').unwrap_or((url, ""));
            let near = host.starts_with("localhost") || host.starts_with("127.") || !host.contains('.');
            let platform = PLATFORMS.iter().any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')));
            let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
            // `/v2/databases/ID`: the thing, and not what belongs to it.
            let mut names = path.rsplit('/');
            let (last, before) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
            let among = |nouns: &[&str]| [last, before].iter().any(|name| name.len() > 1 && is_one(name, nouns));
            !near && (mutates || deletes && (among(&LASTING) && path.contains('/') || platform && among(&OF_PLATFORMS)))
        });
        if ends && !trial {
            self.mark(Class::Destructive);
        }
    }
}
