//! Who may say that access was taken back: a JWS (RFC 7515, compact) by one of the policy's keys, unless the policy wants none.

use super::list::ListProblem;
use crate::identity::Mistake;
use crate::identity::accelerate::Accelerator;
use crate::identity::jws::{Jws, Purpose};
use crate::identity::keys::{KeySet, Signed};
use crate::policy::{self, Algorithm};

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
        let jws = Jws::parse(text, Purpose::Revocations).map_err(|problem| ListProblem::NotSigned(problem.describe()))?;
        // Once in a while and not with every request: the host's help is not asked for.
        match keys.check(&jws, &Accelerator::default()) {
            Signed::By(_) => Ok(jws.payload),
            Signed::UnknownKey | Signed::NotForKey => Err(ListProblem::UnknownKey),
            Signed::Badly => Err(ListProblem::BadSignature),
        }
    }
}
