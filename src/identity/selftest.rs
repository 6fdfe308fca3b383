//! Whether a host tells good signatures from bad ones: signatures made for this, with keys that were thrown away.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::accelerate::ask;
use super::outside::Host;
use crate::policy::Algorithm;

const TEXT: &[u8] = b"portcullis self-test";

/// Good is called good, and every bad one is not. Whoever says yes to everything, or no, or nothing, does not pass.
pub(super) fn passes(host: &dyn Host, algorithm: Algorithm) -> bool {
    let Some((key, signature)) = vector(algorithm) else { return false };
    let says_yes = |key: &[u8], text: &[u8], signature: &[u8]| ask(host, algorithm, key, text, signature) == Some(true);
    let mut flipped = signature.clone();
    if let Some(last) = flipped.last_mut() {
        *last ^= 1;
    }
    let mut shorter = signature.clone();
    shorter.pop();
    let other = vector(match algorithm {
        Algorithm::Rs256 => Algorithm::Rs384,
        _ => Algorithm::Rs256,
    });
    says_yes(&key, TEXT, &signature)
        && !says_yes(&key, b"portcullis self-tesu", &signature)
        && !says_yes(&key, b"", &signature)
        && !says_yes(&key, TEXT, &flipped)
        && !says_yes(&key, TEXT, &shorter)
        && !says_yes(&key, TEXT, &[])
        && other.is_some_and(|(_, other)| !says_yes(&key, TEXT, &other))
        // Once more: a host that only counts calls is found out too.
        && says_yes(&key, TEXT, &signature)
}

/// A key (SubjectPublicKeyInfo) and its signature over [`TEXT`], in the form of JWS.
pub(super) fn vector(algorithm: Algorithm) -> Option<(Vec<u8>, Vec<u8>)> {
    let (key, signature): (&[&str], &[&str]) = match algorithm {
        Algorithm::Es256 => (&P256, &ES256),
        Algorithm::Es384 => (&P384, &ES384),
        Algorithm::Rs256 => (&RSA, &RS256),
        Algorithm::Rs384 => (&RSA, &RS384),
        Algorithm::Rs512 => (&RSA, &RS512),
        Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512 | Algorithm::EdDsa => return None,
    };
    let decode = |lines: &[&str]| URL_SAFE_NO_PAD.decode(lines.concat()).ok();
    Some((decode(key)?, decode(signature)?))
}

const P256: [&str; 2] =
    ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpcVkU7R2jo9S4ebUXybQEKqw1OXBW9H0flXA1MMusViCCEpncIC0CutxiV-FOZlZpHJEnOqtfQrJx7W_qQlE", "bA"];

const P384: [&str; 2] = [
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEMIzFL9G9d1pGSTAvJwpz9TFxB4CbtK_gBvTBFYTDTFcHUlyn573bYcNoJ6U9W2zR2487sWcyPP5uXrHGWBNNH4xl",
    "Ywo4rkerKKjxia8hWp65uS2MX3p0YAaNO2AAtEMm",
];

const RSA: [&str; 4] = [
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAntKwTLEeNN13yB2LgpozrzZFarepFQZPTaUVLrtkQc3szyYH1hSZycAG4A45DAVVQKKkBoLHJ_5h",
    "I3iKxpAlGrtBT44Px2tgsWjBeyk3on1Pyl-uIDEHU4WawVnAdbmW6tUduO0WLYTYH1hv9qLOFeWyf1-YuOHNAiPdTW5k__4zYyBFpwSNAFpBji12fXu-R_iS",
    "3Nc6wc8JD7iLCiISWEkM1MxIyTG4I9HWeHUZJjWwIBMlqMvaoVvDnVShPpt6QOuO-yBMd2JIBdayLgYR8xg3E2vresdF8_8eKDNnSubUdjU2hn0BBM8lAZYQ",
    "FVihk-YGlPeFGwnG2jjeMrOO9wIDAQAB",
];

const ES256: [&str; 1] = ["KnoA0N5KRlmaWHMSG940_UdBqgQ8g825g1KcVDOjlXHlZuCvJP7kUQBCMSmaOIY5HsoSfkOiSCXOhXIUd86GKg"];

const ES384: [&str; 2] = [
    "uDb9wuzch1TDctohw6_TqJe19qAdlBBxM3Aeyk1fDt0CwMouNASDjFF46wTlJg4i6vFEB_Ykiz2tAbPdaJAXbA_z2djrJadgmU3NtiwXsfX5j18fGe5zJBEt",
    "Fr2kIKjR",
];

const RS256: [&str; 3] = [
    "GC2t4csKnyo8Ss9DABINLb6VCLBumOrUu_hKx2sadcrpTxPIOG1REil-9TBMzHndg6Pg_VCyt7kGlY4HMyi0W9s6G8hitNz9CfyJWCMo5y6bVgnhfeqLrzKd",
    "LpDBmj6g_qNT31H199X8quqBkZyi5EPBo-3BZBDsHhNe3-45RI4JGC3k8MzojqZB7g1gKwY1dXi_geHW6rqa3xGu8rQCkWrf7eXnyn2jZJ30hQD4VEqSyZJR",
    "sclCVcS70wM9444aENBwoqn3Z89dXPJBVlZmLsck1P_MwySmZlTwCPPE3XnzexFBRAzx8rzBDfTFfLQwE7DbGydAwMcFD7znIAnEYQ",
];

const RS384: [&str; 3] = [
    "K629PIaoQvE6MSOEDTAxHNR1BC1su76PhENRKFiqyk6ZOg9H_f4oRR_nbe3TyFlgME_E7Vo0lt2BpuZdFzWP1_BN6lNFHFuZt6qYzJ6okgzYzAMPQ_R0dDJc",
    "w76Vq2VYSVDBATwujwOLa39XTMSt3NS2z2WELHd2CwHapF2QG4aNscqgMBTBFTa3XTs9m7zK4_E-14W1b92-KO7DW0__EUHmn3kRGjkcjtlA0b-JG8TxNx5b",
    "or-MVLxt8dMuabvemhBiUzricLsYyUg63vQ0EyfMMiWXe752vRt2nwqt-dJ4kLYQYE7I8lU4hC8Mmf7fXIBsJE7N1QfSCIylAucCcw",
];

const RS512: [&str; 3] = [
    "TsitkLuK2kMgZPfUUBbtrRqlyVC4k9jGjbzAB_0p-zWzzfb-_ru8YJCY8jtPEICG4WDveqOnkplUFTBs3rqOxaqAJ4ejI91YJrAiWMRHG2an_pqq5gDjlBVv",
    "xuc4lytvWTduORPT_MDPn8WiwP6klGupm_qEy4-AKj1fK3b4K5ioXrGGVCuQaWzfwGIUVvg0eNsji1uTBqzb0g_ZZo_ogxQhVl7PuyM26225Gn-_cyDBmZCZ",
    "8Z7l1ij0pqJf2Ovq1dfAYoWO3YgeGkgJ1JzxD6qPmukVxmmHx5B8hJ8aAxqZuuz1SEA7K0pWI3B26vBP3cHhJ03y0BohsyZDfHJH_A",
];
