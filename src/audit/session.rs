//! Which calls belong together.

use sha2::{Digest, Sha256};

use super::facts::Facts;
use super::text::hex;

/// A name for the session, and what it was derived from. MCP 2026-07-28 has no session of its own, so a reader has to
/// know what holds these calls together.
pub(super) fn session(facts: &Facts) -> Option<(String, &'static str)> {
    if let Some(id) = &facts.mcp.session_id {
        return Some((name([id]), "mcp_session_id"));
    }
    let principal = facts.principal.as_ref()?;
    if let Some(sid) = &principal.session {
        return Some((name([&principal.issuer, sid]), "token_sid"));
    }
    principal.token_id.as_ref().map(|jti| (name([&principal.issuer, jti]), "token_jti"))
}

/// The name of a protocol's session, by its id.
pub fn session_name(id: &str) -> String {
    name([id])
}

/// The first 16 hexadecimal digits of SHA-256: enough to tell sessions apart, too little to be one.
fn name<const N: usize>(parts: [&str; N]) -> String {
    let mut hash = Sha256::new();
    let mut first = true;
    for part in parts {
        // Issuers and ids hold no NUL: no two pairs run together into the same bytes.
        if !std::mem::take(&mut first) {
            hash.update([0]);
        }
        hash.update(part.as_bytes());
    }
    hash.finalize().first_chunk::<8>().map(|head| hex(head)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::facts::{Mcp, Principal};
    use super::*;

    #[test]
    fn the_protocols_own_session_comes_first_and_is_hashed() {
        let mcp = Mcp { session_id: Some("abc".into()), ..Mcp::default() };
        let principal = Principal { session: Some("s".into()), ..Principal::default() };
        // SHA-256("abc"), FIPS 180-4 example
        let facts = Facts { mcp, principal: Some(principal), ..Facts::default() };
        assert_eq!(session(&facts), Some(("ba7816bf8f01cfea".into(), "mcp_session_id")));
    }

    #[test]
    fn the_token_stands_in_and_says_so() {
        let principal =
            Principal { issuer: "https://id".into(), session: Some("s".into()), token_id: Some("j".into()), ..Principal::default() };
        let mut facts = Facts { principal: Some(principal), ..Facts::default() };
        let by_sid = session(&facts).unwrap();
        assert_eq!(by_sid.1, "token_sid");
        facts.principal.as_mut().unwrap().session = None;
        let by_jti = session(&facts).unwrap();
        assert_eq!(by_jti.1, "token_jti");
        assert_ne!(by_sid.0, by_jti.0);
        facts.principal = None;
        assert_eq!(session(&facts), None);
    }
}
