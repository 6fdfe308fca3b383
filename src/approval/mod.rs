//! Calls that people approve first: what the service that asks them is told, and what of its answers is believed.
//!
//! Pure: bodies and signed states in, facts out. Who calls the service when, and what a client is told meanwhile, is the exchange's.
//!
//! * An approval is bound to one call by a **binding** ([`binding`]): an HMAC over who calls what, with all arguments, by which rule of which policy.
//!   The same call again has the same binding and finds its request; another call has another.
//! * The time it is good for is not in the binding but in what the service signs, because a retry could not know it.
//! * Nothing that the service says lets a call go but a **signed state** ([`state`]) that says this binding was consumed for this very use, a name that
//!   the filter has just made up. So an answer that is recorded and played again is one to another use.
//! * What people are shown ([`shown`]) is masked as records are, and its digest is part of what is signed.
//! * A client that can be sent to a page gets a **request state** ([`continuation`]). It says which call it belongs to, and approves nothing.

mod answer;
pub mod binding;
mod canonical;
mod continuation;
mod request;
mod shown;
mod state;

#[cfg(test)]
mod tests;

pub use answer::{NoUse, Status, Task, Used, consumed, consumed_problem, task};
pub use binding::{Bound, Caller};
pub use continuation::{Continuation, Foreign, Returned, has_foreign, question, without_own};
pub use request::Request;
pub use shown::{SHOWN_BYTES, Shown};
pub use state::{About, Decision, Untrue};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::policy;
use crate::time::Time;

/// A key that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Below `approvals`: `keys[1]`.
    pub path: String,
    pub message: String,
}

/// The policy's section, ready to use.
pub struct Approvals {
    key: Hmac<Sha256>,
    keys: state::Keys,
    /// Of the policy, in hex: another policy is another question.
    policy: String,
    endpoint: String,
    /// Names this VM: no two make up the same use.
    vm: String,
    made: u64,
}

impl Approvals {
    /// All mistakes at once. `vm` is made anew whenever a VM starts.
    pub fn compile(section: &policy::Approvals, digest: &str, endpoint: &str, vm: &str) -> Result<Self, Vec<Mistake>> {
        let keys = state::Keys::compile(&section.keys)?;
        let key = Hmac::<Sha256>::new_from_slice(section.key.expose())
            .map_err(|_| vec![Mistake { path: "key".to_owned(), message: "cannot be used as a key".to_owned() }])?;
        Ok(Self { key, keys, policy: digest.to_owned(), endpoint: endpoint.to_owned(), vm: vm.to_owned(), made: 0 })
    }

    /// An HMAC over parts, each with its length in front, so that no two lists of parts write the same bytes. `label` tells what it is for.
    fn mac(&self, label: &str, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        for part in std::iter::once(&label.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }

    fn tag(&self, label: &str, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(label, parts).finalize().into_bytes())
    }

    /// A name for one use of one approval: never the same twice, and nobody without the key can tell the next one.
    pub fn new_use(&mut self, binding: &str, now: Time) -> String {
        self.made = self.made.wrapping_add(1);
        let parts = [self.vm.as_bytes(), &self.made.to_be_bytes(), &now.millis().to_be_bytes(), binding.as_bytes()];
        self.tag("portcullis approval use 1", &parts)
    }
}
