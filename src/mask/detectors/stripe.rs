//! Stripe keys and webhook secrets (docs.stripe.com/keys). Publishable keys (`pk_live_`) are made to be published.

use super::text::{entropy, is_alnum, is_word};
use super::{About, Family, Found, Trigger, View};
use crate::policy::Detector;

pub(super) const HEADS: &[&str] = &["sk_live_", "sk_test_", "sk_prod_", "rk_live_", "rk_test_", "rk_prod_", "whsec_"];

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::StripeKey,
    "stripe_key",
    &[Trigger::Heads(HEADS, key)],
    About {
        matches: "secret and restricted keys (`sk_live_`, `rk_test_`, ...), webhook secrets (`whsec_`)",
        validator: "length, entropy",
        context: "",
        source: "docs.stripe.com/keys",
    },
)];

pub(super) fn key(view: &View<'_>, at: usize) -> Option<Found> {
    let head = HEADS.iter().find(|head| view.starts_with(at, head.as_bytes()))?;
    let from = at + head.len();
    let end = view.run(from, 255, is_alnum);
    let body = view.slice(from, end);
    (body.len() >= 10 && entropy(body) >= 2.5 && !view.was(at, is_word)).then_some(())?;
    Found::new(at, end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::all;
    use super::*;

    #[test]
    fn finds_keys() {
        for head in HEADS {
            let written = [head, "4eC39HqLyjWDarjtT1zdp7dc"].concat();
            assert_eq!(all(key, &format!("key: {written}.")), [written.as_str()]);
            assert!(all(key, &format!("ta{written}")).is_empty());
            assert!(all(key, &[head, "4eC39HqLy"].concat()).is_empty());
            assert!(all(key, &[head, "xxxxxxxxxxxxxxxxxxxxxxxx"].concat()).is_empty());
        }
    }
}
