//! What is said to a recognizer, and what of its answer is believed: the HTTP contract of Presidio's analyzer (`POST /analyze`, with a list of texts).
//!
//! Its answer has one list for each text, of `{"entity_type", "start", "end", "score", ...}`, with places in characters (Unicode code points), which is how
//! Python counts. Anything else is no answer.

use serde::{Deserialize, Serialize};

use super::super::event::Answer;
use crate::limits::ANSWER_BYTES;
use crate::mask::remote::{Asking, Found};
use crate::mcp::http;
use crate::policy::Recognizer;

/// Why a message was not looked at by a recognizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::exchange) enum Problem {
    #[error("it did not answer in time")]
    NoAnswer,
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("its answer is not what an analyzer says")]
    NotTheContract,
    #[error("it found something outside of the text")]
    OutOfRange,
    #[error("it has too many calls already")]
    Busy,
    #[error("the message is too long for it")]
    TooLong,
    #[error("the message has too many texts for it")]
    TooManyTexts,
    #[error("the message is no JSON")]
    NoJson,
}

impl Problem {
    /// Stable word for the record.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Status(_) => "status",
            Self::NotTheContract => "not_the_contract",
            Self::OutOfRange => "out_of_range",
            Self::Busy => "busy",
            Self::TooLong => "too_long",
            Self::TooManyTexts => "too_many_texts",
            Self::NoJson => "no_json",
        }
    }

    /// Whether it is the recognizer that fails, and not the message.
    pub(super) fn is_unavailable(self) -> bool {
        match self {
            Self::NoAnswer | Self::Status(_) | Self::NotTheContract | Self::OutOfRange | Self::Busy => true,
            Self::TooLong | Self::TooManyTexts | Self::NoJson => false,
        }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    text: &'a [&'a str],
    language: &'a str,
    entities: &'a [String],
    score_threshold: f64,
}

pub(super) fn request(recognizer: &Recognizer, asking: &Asking, texts: &[&str]) -> Vec<u8> {
    let request = Request { text: texts, language: &recognizer.language, entities: &asking.entities, score_threshold: recognizer.score };
    // Texts and numbers: there is nothing in it that could fail.
    serde_json::to_vec(&request).unwrap_or_default()
}

#[derive(Deserialize)]
struct Finding {
    entity_type: String,
    start: usize,
    end: usize,
    score: f64,
}

/// One list of findings for each of the texts.
pub(super) fn read(recognizer: &Recognizer, answer: &Answer, texts: usize) -> Result<Vec<Vec<Found>>, Problem> {
    let Answer::Response { headers, body } = answer else { return Err(Problem::NoAnswer) };
    match http::values(headers, ":status").next().and_then(|status| status.parse::<u16>().ok()) {
        Some(200) => {}
        // Envoy's own words for a connection that failed, and for time that ran out.
        Some(503 | 504) if !is_json(body) => return Err(Problem::NoAnswer),
        status => return Err(Problem::Status(status.unwrap_or_default())),
    }
    if body.len() > ANSWER_BYTES {
        return Err(Problem::NotTheContract);
    }
    let lists: Vec<Vec<Finding>> = serde_json::from_slice(body).map_err(|_| Problem::NotTheContract)?;
    if lists.len() != texts {
        return Err(Problem::NotTheContract);
    }
    let found = |result: Finding| Found { start: result.start, end: result.end, entity: result.entity_type };
    let counts = |result: &Finding| result.score >= recognizer.score;
    Ok(lists.into_iter().map(|list| list.into_iter().filter(counts).map(found).collect()).collect())
}

fn is_json(body: &[u8]) -> bool {
    matches!(body.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Otherwise;
    use crate::policy::value::{Bytes, Duration};

    fn recognizer() -> Recognizer {
        Recognizer {
            id: "presidio".to_owned(),
            cluster: "presidio".to_owned(),
            path: "/analyze".to_owned(),
            host: "presidio".to_owned(),
            credential: None,
            language: "en".to_owned(),
            score: 0.5,
            timeout: Duration::from_secs(2),
            max_message: Bytes(1024),
            in_flight: 1,
            unavailable: Otherwise::Refuse,
            too_long: Otherwise::Refuse,
        }
    }

    type Places = Vec<(usize, usize, String)>;

    fn says(status: &str, body: &str) -> Result<Vec<Places>, Problem> {
        let answer = Answer::Response { headers: vec![(":status".to_owned(), status.to_owned())], body: body.as_bytes().to_vec() };
        let plain = |found: Found| (found.start, found.end, found.entity);
        read(&recognizer(), &answer, 2).map(|lists| lists.into_iter().map(|list| list.into_iter().map(plain).collect()).collect())
    }

    #[test]
    fn asks_as_the_analyzer_is_asked() {
        let asking = Asking { recognizer: "presidio".into(), entities: vec!["PERSON".to_owned()] };
        let said: serde_json::Value = serde_json::from_slice(&request(&recognizer(), &asking, &["a\n\"", "é😀"])).unwrap();
        let expected = serde_json::json!({ "text": ["a\n\"", "é😀"], "language": "en", "entities": ["PERSON"], "score_threshold": 0.5 });
        assert_eq!(said, expected);
    }

    #[test]
    fn believes_the_contract_only() {
        let one = |more: &str| format!(r#"[[{{"entity_type":"PERSON","start":0,"end":3,"score":0.85{more}}}],[]]"#);
        let found = vec![vec![(0, 3, "PERSON".to_owned())], Vec::new()];
        assert_eq!(says("200", &one("")), Ok(found.clone()));
        assert_eq!(says("200", &one(r#","analysis_explanation":null,"x":[1]"#)), Ok(found));
        assert_eq!(says("200", &one("").replace("0.85", "0.49")), Ok(vec![Vec::new(), Vec::new()]));
        for body in [
            "",
            "[]",
            "[[]]",
            "[[],[],[]]",
            "{}",
            r#"{"error":"No text provided"}"#,
            "[[],{}]",
            "[[1],[]]",
            r#"[{"entity_type":"PERSON","start":0,"end":3,"score":1}]"#,
            &one("").replace("0.85", "NaN"),
            &one("").replace("0.85", "1e999"),
            &one("").replace("0.85", "null"),
            &one("").replace("\"end\":3", "\"end\":-1"),
            &one("").replace("\"end\":3", "\"end\":3.5"),
            &one("").replace("\"end\":3", "\"end\":\"3\""),
            &one("").replace("\"end\":3", "\"end\":99999999999999999999999"),
            &one("").replace("\"end\":3", "\"end\":3,\"end\":4"),
            &one("").replace(",\"end\":3", ""),
            &one("").replace("\"PERSON\"", "7"),
            "<html>sign in</html>",
        ] {
            assert_eq!(says("200", body), Err(Problem::NotTheContract), "{body}");
        }
        for (status, problem) in [
            ("500", Problem::Status(500)),
            ("302", Problem::Status(302)),
            ("201", Problem::Status(201)),
            ("", Problem::Status(0)),
            ("503", Problem::NoAnswer),
            ("504", Problem::NoAnswer),
        ] {
            assert_eq!(says(status, ""), Err(problem), "{status}");
        }
        assert_eq!(says("503", r#"{"error":"x"}"#), Err(Problem::Status(503)));
        assert_eq!(read(&recognizer(), &Answer::Failed, 2).err(), Some(Problem::NoAnswer));
        assert_eq!(says("200", &format!("[[],[]]{}", " ".repeat(ANSWER_BYTES))), Err(Problem::NotTheContract));
    }
}
