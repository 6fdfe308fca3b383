//! Who acts for the subject: the `act` claim (RFC 8693, 4.1), a chain from the current actor back to the first.

use serde_json::Value;

use super::TokenProblem;

/// Actors in one token. Delegations pass through two or three hands; a longer chain is refused, because a rule could not see its end.
const ACTORS: usize = 16;

/// One party that acts, or acted, for the subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// `sub`
    pub subject: Option<String>,
    /// `client_id`
    pub client: Option<String>,
    /// `iss`, where it is not the token's own.
    pub issuer: Option<String>,
}

/// The chain, the current actor first; empty without `act`.
///
/// An actor is named by text or the token is refused: an actor that is left out is one that no rule sees.
pub(super) fn chain(act: Option<&Value>) -> Result<Vec<Actor>, TokenProblem> {
    const WRONG: TokenProblem = TokenProblem::Malformed("its `act` claim does not name an actor");
    let mut actors = Vec::new();
    let mut next = act;
    while let Some(act) = next {
        let members = act.as_object().ok_or(WRONG)?;
        if actors.len() >= ACTORS {
            return Err(TokenProblem::Malformed("its `act` claim names too many actors"));
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
            Some(_) => Err(WRONG),
        };
        let actor = Actor { subject: text("sub")?, client: text("client_id")?, issuer: text("iss")? };
        if actor.subject.is_none() && actor.client.is_none() {
            return Err(WRONG);
        }
        actors.push(actor);
        next = members.get("act");
    }
    Ok(actors)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_chain_is_read_from_the_current_actor_back() {
        let act = json!({"sub": "agent", "iss": "https://a", "act": {"client_id": "portal"}});
        let names: Vec<_> = chain(Some(&act)).unwrap().into_iter().map(|actor| (actor.subject, actor.client)).collect();
        assert_eq!(names, [(Some("agent".to_owned()), None), (None, Some("portal".to_owned()))]);
        assert_eq!(chain(None), Ok(Vec::new()));
    }

    #[test]
    fn what_names_nobody_is_refused() {
        for act in [json!("agent"), json!({}), json!({"sub": ""}), json!({"sub": 7}), json!({"sub": "a", "act": []}), json!(null)] {
            assert!(chain(Some(&act)).is_err(), "{act}");
        }
        let nested = |depth: usize| (0..depth).fold(json!({"sub": "first"}), |act, _| json!({"sub": "x", "act": act}));
        assert!(chain(Some(&nested(ACTORS - 1))).is_ok());
        assert!(chain(Some(&nested(ACTORS))).is_err());
    }
}
