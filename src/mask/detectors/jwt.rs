//! JSON Web Tokens in compact form (RFC 7515 section 7.1, RFC 7516): known by a header that decodes to JSON with `alg`, or by
//! a header and a payload that both begin as `{"` does in base64url. The rest is swallowed, whatever its length.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::set::BASE64URL;
use super::text::is_base64url;
use super::{AHEAD, About, Family, Found, Tail, Trigger, View};
use crate::policy::Detector;

/// `{"`, `{ ` and `{\n`, encoded.
pub(super) const HEADS: &[&str] = &["eyJ", "eyA", "ewo", "ewk", "ew0"];

/// The second part begins.
pub(super) const PAYLOAD_HEADS: &[&str] = &[".ey"];

pub(super) const FAMILIES: &[Family] = &[Family::new(
    Detector::Jwt,
    "jwt",
    &[Trigger::Heads(HEADS, by_header), Trigger::Heads(PAYLOAD_HEADS, by_shape)],
    About {
        matches: "a signed or encrypted token in compact form",
        validator: "header decodes to JSON with `alg`, or header and payload begin as JSON does",
        context: "",
        source: "RFC 7515, 7.1; RFC 7516",
    },
)];

/// Longest header seen whole; of a longer one (certificates inside) its beginning is checked.
const HEADER: usize = AHEAD - 8;

/// Longest header before a payload that counts by its shape alone.
const SHAPED: usize = 400;
const SHORTEST: usize = 17;

/// At the start of a header.
pub(super) fn by_header(view: &View<'_>, at: usize) -> Option<Found> {
    if view.was(at, |byte| is_base64url(byte) || byte == b'.') {
        return None;
    }
    let end = view.span(at, HEADER, &BASE64URL);
    let header = view.slice(at, end);
    let cut = header.len() == HEADER;
    let followed = cut || (view.at(end) == Some(b'.') && view.is(end + 1, |byte| is_base64url(byte) || byte == b'.'));
    if header.len() < 16 || !followed || !is_header(header, cut) {
        return None;
    }
    Some(Found { start: at, end, tail: Tail::Token })
}

/// At the dot between header and payload.
pub(super) fn by_shape(view: &View<'_>, at: usize) -> Option<Found> {
    let payload = view.run(at + 1, SHORTEST, is_base64url) - at - 1;
    if !view.starts_with(at, b".ey") || payload < SHORTEST {
        return None;
    }
    let start = view.run_back(at, SHAPED, is_base64url);
    let header = at - start;
    let shaped = (SHORTEST..SHAPED).contains(&header) && view.starts_with(start, b"ey") && view.before(start) != Some(b'.');
    shaped.then_some(Found { start, end: at + 1 + payload, tail: Tail::Token })
}

/// At the start of a header, by the payload after it.
pub(super) fn by_shape_from(view: &View<'_>, at: usize) -> Option<Found> {
    let dot = view.span(at, SHAPED, &BASE64URL);
    by_shape(view, dot).filter(|found| found.start == at)
}

fn is_header(header: &[u8], cut: bool) -> bool {
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::URL_SAFE, lenient);
    let whole = if cut { header.get(..header.len() / 4 * 4).unwrap_or_default() } else { header };
    let Ok(json) = engine.decode(whole) else { return false };
    if cut {
        return std::str::from_utf8(&json).is_ok_and(|json| json.contains("\":"));
    }
    serde_json::from_slice::<serde_json::Map<_, serde_json::Value>>(&json).is_ok_and(|members| members.contains_key("alg"))
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "the texts are ASCII")]
mod tests {
    use super::super::tests::all;
    use super::*;

    // RFC 7515, appendix A.1, with its payload and signature cut short.
    fn token() -> String {
        ["eyJ0eXAiOiJKV1QiLA0KICJhbGci", "OiJIUzI1NiJ9", ".", "eyJpc3MiOiJqb2UiLA0KICJleHAi", ".", "dBjftJeZ4CVPmB92K27uhbUJU1p1r"].concat()
    }

    #[test]
    fn finds_a_header_with_alg() {
        let found = all(by_header, &format!("Bearer {}", token()));
        assert_eq!(found, ["eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"]);
        // An encrypted token: its second part is no JSON. RFC 7516, appendix A.1.
        let encrypted = ["eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6", "IkEyNTZHQ00ifQ.OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZ"].concat();
        assert_eq!(all(by_header, &encrypted).len(), 1);
        let spaced = ["eyAiYWxnIjogIkhTMjU2IiB9", ".e30.x"].concat();
        assert_eq!(all(by_header, &spaced).len(), 1);
    }

    #[test]
    fn finds_two_parts_of_json() {
        let found = all(by_shape, &token());
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("eyJ0eXAi"));
    }

    #[test]
    fn leaves_other_base64() {
        let lone = token()[..40].to_owned();
        let no_alg = ["eyJ0eXAiOiJKV1QiLCJhIjoxfQ", ".e30.x"].concat();
        let not_json = "bm90X3ZhbGlkX2pzb25fYXRfYWxs.bm90X3ZhbGlkX2pzb25fYXRfYWxs.SflKxwRJSM".to_owned();
        for other in [lone, no_alg, not_json, format!("x{}", token()), "eyJBB.eyJCC.eyJDDDD".to_owned()] {
            assert!(all(by_header, &other).is_empty(), "{other}");
        }
        assert!(all(by_shape, "eyJBB.eyJCC.eyJDDDD").is_empty());
        assert!(all(by_shape, "go.eyes.of.eyesight.everywhere.eyelashes").is_empty());
    }
}
