//! Whole exchanges through the engine: any body, any answer, cut anywhere.

use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

use jwt_simple::prelude::{Claims, Duration, ECDSAP256KeyPairLike, ES256KeyPair};
use portcullis::exchange::{Closing, Connection, Effect, Engine, Event, Exchange, Flow, Identification, StreamId};
use portcullis::policy;
use portcullis::time::Time;
use serde_json::json;

/// With a rule of every kind that there is.
const POLICY: &str = include_str!("exchange.yaml");

struct Desk {
    engine: Engine,
    authorization: String,
    now: Time,
}

fn desk() -> Desk {
    let key = ES256KeyPair::generate();
    let jwk = key.public_key().to_jwk();
    let text = POLICY.replace("KEYS", &jwk);
    let loaded = policy::from_yaml(&text, &|_| None).unwrap_or_else(|report| panic!("{report}"));
    let identification = Identification { node: String::new(), vm: String::new(), version: "0", git_hash: "0" };
    let engine = Engine::new(&loaded, identification).unwrap_or_else(|report| panic!("{report}"));
    let claims = Claims::with_custom_claims(json!({ "groups": ["staff"] }), Duration::from_hours(12));
    let claims = claims.with_issuer("https://id.example.com").with_subject("ana").with_audience("https://mcp.example.com/mcp");
    let token = key.sign(claims).expect("a token");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Desk { engine, authorization: format!("Bearer {token}"), now: Time::from_secs(now) }
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::new(desk());
}

/// The first byte chooses the answer's media type, the second how both bodies are cut; a zero byte parts request and answer.
pub fn body(data: &[u8]) {
    let [media, cut, bodies @ ..] = data else { return };
    let media = ["application/json", "text/event-stream", "text/plain", "application/octet-stream"][usize::from(media % 4)];
    let at = bodies.iter().position(|byte| *byte == 0).unwrap_or(bodies.len());
    let (request, answer) = bodies.split_at(at);
    DESK.with_borrow_mut(|desk| one(desk, media, usize::from(*cut).max(1), request, answer));
}

fn one(desk: &mut Desk, media: &str, cut: usize, request: &[u8], answer: &[u8]) {
    let Desk { engine, authorization, now } = desk;
    let mut exchange = Exchange::new(StreamId(1), *now);
    let headers = [
        (":method", "POST"),
        (":path", "/mcp"),
        (":authority", "mcp.example.com"),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("authorization", authorization.as_str()),
        ("mcp-session-id", "s-1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let connection = Connection { tls_version: Some("TLSv1.3".to_owned()), ..Connection::default() };
    let step = exchange.on(engine, Event::RequestHeaders { headers, end: false, connection }, *now);
    assert!(step.flow == Flow::Pause && step.effects.is_empty(), "a good token is no reason to refuse: {:?}", step.effects);
    let mut sent = None;
    let pieces: Vec<&[u8]> = request.chunks(cut).chain([&[][..]]).collect();
    for (index, piece) in pieces.iter().enumerate() {
        let step = exchange.on(engine, Event::RequestBody { chunk: piece.to_vec(), end: index + 1 == pieces.len() }, *now);
        let replied = step.effects.iter().any(|effect| matches!(effect, Effect::Reply(_)));
        if replied {
            break;
        }
        if step.flow == Flow::Continue {
            let body = step.effects.into_iter().find_map(|effect| if let Effect::Body(body) = effect { Some(body) } else { None });
            sent = Some(body.unwrap_or_default());
        }
    }
    assert!(exchange.decision().is_some(), "nothing was decided");
    if let Some(sent) = sent {
        assert_eq!(sent, request, "what was decided on is not what is sent");
        respond(engine, &mut exchange, media, cut, answer, *now);
    }
    let closed = exchange.on(engine, Event::Closed(Closing::default()), *now);
    let record = closed.effects.iter().find_map(|effect| if let Effect::Record(line) = effect { Some(line) } else { None });
    let record = record.expect("every exchange leaves a record");
    assert!(!record.contains('\n') && serde_json::from_str::<serde_json::Value>(record).is_ok(), "{record}");
    exchange.release(engine);
    assert_eq!(engine.held(), 0, "memory is not given back");
}

fn respond(engine: &mut Engine, exchange: &mut Exchange, media: &str, cut: usize, answer: &[u8], now: Time) {
    let headers = [(":status", "200"), ("content-type", media)].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let step = exchange.on(engine, Event::ResponseHeaders { headers, end: false }, now);
    if step.effects.iter().any(|effect| matches!(effect, Effect::Reply(_))) {
        return;
    }
    let pieces: Vec<&[u8]> = answer.chunks(cut).chain([&[][..]]).collect();
    let mut is_cut = false;
    for (index, piece) in pieces.iter().enumerate() {
        let step = exchange.on(engine, Event::ResponseBody { chunk: piece.to_vec(), end: index + 1 == pieces.len() }, now);
        if is_cut {
            assert!(step.effects.iter().all(|effect| !matches!(effect, Effect::Body(body) if !body.is_empty())), "bytes after the cut");
        }
        is_cut |= step.effects.contains(&Effect::Cut);
    }
}
