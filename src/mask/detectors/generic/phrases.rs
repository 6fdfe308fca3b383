//! Names of several words that secrets are assigned to.

use super::super::View;
use super::super::any_of::AnyOf;

/// Names of several words.
static PHRASES: AnyOf = AnyOf::new(&[
    "api key",
    "secret key",
    "private key",
    "master key",
    "access key",
    "global key",
    "mot de passe",
    KEY_IS,
    "encryption key",
    "signing key",
    "hmac key",
    "auth key",
    "d'api",
    "api-schlüssel",
    "api-schluessel",
    "api-sleutel",
    "clave de api",
    "clave api",
    "clave de acceso",
    "chiave api",
    "chave de api",
    "chave da api",
    "the key",
    "this key",
    "unseal key",
    "shared key",
    "license key",
    "clave",
]);

/// How they count, in the same order.
const COUNTED: &[&str] = &[
    "api_key",
    "secret_key",
    "private_key",
    "master_key",
    "access_key",
    "api_key",
    "mot_de_passe",
    "api_key",
    "encryption_key",
    "signing_key",
    "auth_key",
    "auth_key",
    "api_key",
    "api_key",
    "api_key",
    "api_key",
    "api_key",
    "api_key",
    "password",
    "api_key",
    "api_key",
    "api_key",
    ANY_KEY,
    ANY_KEY,
    "unseal_key",
    "shared_key",
    "license_key",
    "password",
];

const _: () = assert!(COUNTED.len() == PHRASES.len());

/// What ends a phrase whose first letters no text is searched for, and what stands before it.
const ENDINGS: &[(&str, &[&str])] = &[("api", &["clé ", "cle "]), ("secreta", &["clave ", "chave "])];

/// Of a query, where other values have such names, too.
const IN_QUERIES: &[&str] = &["key", "appid"];

/// Counts as that of a variable does.
const ANY_KEY: &str = "ANY_KEY";

/// What leads to a key whose name is told nowhere.
pub(super) const KEY_IS: &str = "key is";

/// The length of a name of several words that stands at `at`.
pub(in super::super) fn phrase(view: &View<'_>, at: usize) -> Option<usize> {
    PHRASES.which_at(view.text(), at).and_then(|which| PHRASES.get(which)).map(str::len)
}

/// The name of several words that stands at `at`, or one that counts in a query alone, and how it counts.
pub(super) fn at(view: &View<'_>, at: usize, in_query: bool) -> Option<(&'static str, &'static str)> {
    let stands = |text: &str| view.starts_with_ignoring_case(at, text.as_bytes());
    let query = || IN_QUERIES.iter().find(|name| in_query && stands(name)).map(|name| (*name, ANY_KEY));
    let ending = || ENDINGS.iter().find(|(end, before)| stands(end) && before.iter().any(|before| was(view, at, before)));
    let phrase = PHRASES.which_at(view.text(), at).and_then(|which| Some((PHRASES.get(which)?, *COUNTED.get(which)?)));
    phrase.or_else(query).or_else(|| ending().map(|(end, _)| (*end, "api_key")))
}

/// Whether a text stands before `at`, case aside.
fn was(view: &View<'_>, at: usize, text: &str) -> bool {
    at.checked_sub(text.len()).is_some_and(|from| view.starts_with_ignoring_case(from, text.as_bytes()))
}
