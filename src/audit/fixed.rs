//! What all records of a VM say alike, written once.

use super::json::{Object, Ready, Sealed};
use super::settings::Settings;
use super::text::{ID, NAME, URI};

#[derive(Clone, Debug)]
pub(super) struct Fixed {
    /// `api.service`
    service: String,
    /// The policy in force: its endpoint and its digest.
    policy: String,
    /// `metadata.product`
    product: String,
    /// `metadata.reporter`: which replica, and which of its workers since when.
    reporter: String,
}

impl Fixed {
    pub(super) fn new(settings: &Settings) -> Self {
        let written = |members: &dyn Fn(&mut Object<'_>)| Sealed::object(0, members).text;
        Self {
            service: written(&|service| service.put("name", URI.cut(&settings.resource))),
            policy: written(&|policy| {
                policy.put("uid", URI.cut(&settings.resource));
                policy.put("version", ID.cut(&settings.policy_digest));
            }),
            product: written(&|product| {
                product.put("name", "Portcullis");
                product.put("vendor_name", "Portcullis");
                // SemVer build metadata: the same version from another commit is another program.
                product.joined("version", &[&settings.version, "+", &settings.git]);
            }),
            reporter: written(&|reporter| {
                reporter.put("name", NAME.cut(&settings.node));
                reporter.put("uid", NAME.cut(&settings.vm));
            }),
        }
    }

    pub(super) fn service(&self) -> Ready<'_> {
        Ready(&self.service)
    }

    pub(super) fn policy(&self) -> Ready<'_> {
        Ready(&self.policy)
    }

    pub(super) fn product(&self) -> Ready<'_> {
        Ready(&self.product)
    }

    pub(super) fn reporter(&self) -> Ready<'_> {
        Ready(&self.reporter)
    }
}
