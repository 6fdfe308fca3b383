//! What the policy's words stand for.

use super::all;
use crate::policy::Detector;

/// The words of single families a word stands for: itself, and what a group has beside its own.
pub(crate) fn families(detector: Detector) -> Vec<Detector> {
    detector.also().into_iter().chain(all().map(|family| family.detector).find(|one| *one == detector)).collect()
}

/// The policy's word for what findings name by the label of its family; `pattern` and `field` are their own.
pub fn word(label: &'static str) -> &'static str {
    all().find(|family| family.label == label).map_or(label, |family| family.detector.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_for_something() {
        for detector in Detector::ALL {
            assert!(!families(*detector).is_empty(), "{detector:?}");
        }
    }

    #[test]
    fn secrets_are_all_credentials_and_nothing_else() {
        let secrets = families(Detector::Secrets);
        for one in [Detector::AwsAccessKey, Detector::DatabaseUrl, Detector::AiKeys, Detector::GenericSecret] {
            assert!(secrets.contains(&one), "{one:?}");
        }
        for one in [Detector::Email, Detector::CreditCard, Detector::UsSsn, Detector::Iban] {
            assert!(!secrets.contains(&one), "{one:?}");
        }
    }

    #[test]
    fn labels_are_plain_and_no_one_elses() {
        let labels: Vec<&str> = all().map(|family| family.label).collect();
        for (at, label) in labels.iter().enumerate() {
            assert!(label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{label}");
            assert!(!labels.iter().take(at).any(|other| other == label), "{label} twice");
        }
    }
}
