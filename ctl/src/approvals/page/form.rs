//! What forms send.

/// What is missing is empty.
#[derive(Default)]
pub struct Fields {
    pub csrf: String,
    pub decision: String,
    pub reason: String,
}

pub fn fields(body: &[u8]) -> Fields {
    let mut found = Fields::default();
    // A form's body is written as a query is (WHATWG URL, section 5).
    let text = String::from_utf8_lossy(body).replace('#', "%23");
    let Ok(url) = reqwest::Url::parse(&format!("http://form/?{text}")) else { return found };
    for (name, value) in url.query_pairs() {
        match &*name {
            "csrf" => found.csrf = value.into_owned(),
            "decision" => found.decision = value.into_owned(),
            "reason" => found.reason = value.into_owned(),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_write_them() {
        let found = fields("decision=approve&reason=a%26b+%C3%A9%0D%0A%23&csrf=x-_&other=1".as_bytes());
        assert_eq!((found.decision.as_str(), found.reason.as_str(), found.csrf.as_str()), ("approve", "a&b é\r\n#", "x-_"));
        assert_eq!(fields(&[0xff, b'&', b'=']).decision, "");
    }
}
