//! Who may say that access was taken back: a JWS (RFC 7515, compact) by one of the policy's keys, unless the policy wants none.

use super::list::ListProblem;
use crate::identity::Mistake;
use crate::identity::jws::Jws;
use crate::identity::keys::{KeySet, Signed};
use crate::policy::{self, Algorithm};

/// `typ` of a signed list: no token of another purpose can stand for one, and it for no token (RFC 8725, 3.11).
const TYPE: &str = "portcullis-revocations+jwt";

/// The keys are the operator's own: each says itself what it is for.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
    Algorithm::EdDsa,
];

pub(super) enum Trust {
    Keys(KeySet),
    Anyone,
}

impl Trust {
    pub(super) fn compile(signed: &policy::Signed) -> Result<Self, Vec<Mistake>> {
        let entries = match signed {
            policy::Signed::Not => return Ok(Self::Anyone),
            policy::Signed::By(entries) => entries,
        };
        let keys = KeySet::inline(entries, &ALGORITHMS).map_err(|problems| {
            let mistake =
                |(index, problem): (usize, _)| Mistake { path: format!("revocation.keys[{index}]"), message: format!("{problem}") };
            problems.into_iter().map(mistake).collect::<Vec<_>>()
        })?;
        Ok(Self::Keys(KeySet::new(keys)))
    }

    /// The JSON inside, if whoever is trusted signed it.
    pub(super) fn payload(&self, raw: &[u8]) -> Result<Vec<u8>, ListProblem> {
        let raw = raw.trim_ascii();
        let keys = match self {
            Self::Anyone => return Ok(raw.to_vec()),
            Self::Keys(keys) => keys,
        };
        let text = std::str::from_utf8(raw).map_err(|_| ListProblem::NotSigned("it is not text".to_owned()))?;
        let jws = Jws::of_kind(text, |kind| kind.is_some_and(|kind| kind.eq_ignore_ascii_case(TYPE)))
            .map_err(|problem| ListProblem::NotSigned(problem.describe()))?;
        match keys.check(&jws) {
            Signed::By(_) => Ok(jws.payload),
            Signed::UnknownKey | Signed::NotForKey => Err(ListProblem::UnknownKey),
            Signed::Badly => Err(ListProblem::BadSignature),
        }
    }
}
