//! Values of which masking finds each, wherever it stands: what texts made at random are planted with, in the crate's own tests, too.

/// None needs an escape in JSON.
pub fn values() -> Vec<String> {
    vec![
        ["AKIA", "IOSFODNN7EXAMPLE"].concat(),
        ["gh", "p_wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"].concat(),
        ["eyJ0eXAiOiJKV1QiLA0KICJhbGci", "OiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAi.dBjftJeZ4C"].concat(),
        ["sk_", "live_4eC39HqLyjWDarjtT1zdp7dc"].concat(),
        ["postgres://app:", "s3cret@db.example.com/x"].concat(),
        "4242 4242 4242 4242".to_owned(),
        "378282246310005".to_owned(),
        "078-05-1123".to_owned(),
        "SSN 078051123".to_owned(),
        "GB29 NWBK 6016 1331 9268 19".to_owned(),
        "jo.o'neil@mail.example.com".to_owned(),
    ]
}

/// A private key in lines, which `end` ends.
pub fn private_key(end: &str) -> String {
    format!("{0}BEGIN PRIVATE KEY{0}{end}MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj{end}{0}END PRIVATE KEY{0}", "-".repeat(5))
}
