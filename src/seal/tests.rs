//! Against tags computed here, byte by byte, from the description in `mod.rs` and nothing else of this room.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::*;

const KEY: &str = "a key of the tests, 32 bytes long";
const OTHER: &str = "another key, just as long as that";
const ANA: Owner<'static> = Owner { issuer: "https://id.example.com", subject: "ana", client: Some("agent") };

fn keys(texts: &[&str]) -> Keys {
    Keys::new(&texts.iter().map(|text| Secret::new(*text)).collect::<Vec<_>>())
}

/// RFC 2104, from SHA-256 alone.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn long(text: &str) -> Vec<u8> {
    [&u64::try_from(text.len()).unwrap().to_be_bytes()[..], text.as_bytes()].concat()
}

#[test]
fn the_tag_is_what_the_description_says() {
    let head = [long("portcullis handle seal 1"), long(ANA.issuer), long("ana"), vec![1], long("agent")].concat();
    let seals = keys(&[KEY]).of(&ANA);
    for (what, kind) in [(What::Session, 1u8), (What::StreamSession, 2), (What::Task, 3), (What::SessionWithPages, 5)] {
        let tag = hmac(KEY.as_bytes(), &[&head[..], &[kind], b"s-123"].concat());
        assert_eq!(seals.seal(what, "s-123").unwrap(), format!("pc1.s-123.{}", URL_SAFE_NO_PAD.encode(tag)), "{what:?}");
    }
    let tag = hmac(KEY.as_bytes(), &[&head[..], &[4, 0], b"state"].concat());
    assert_eq!(seals.seal(What::State, "state").unwrap(), format!("pc1.state.{}", URL_SAFE_NO_PAD.encode(tag)));
    let tag = hmac(KEY.as_bytes(), &[&head[..], &[4, 1], &long("tools/call"), &long("pay"), b"state"].concat());
    let bound = seals.within("tools/call", "pay");
    assert_eq!(bound.seal(What::State, "state").unwrap(), format!("pc1.state.{}", URL_SAFE_NO_PAD.encode(tag)));
    let nobody = [long("portcullis handle seal 1"), long(ANA.issuer), long("ana"), vec![0], vec![1], b"s".to_vec()].concat();
    let absent = keys(&[KEY]).of(&Owner { client: None, ..ANA }).seal(What::Session, "s").unwrap();
    assert_eq!(absent, format!("pc1.s.{}", URL_SAFE_NO_PAD.encode(hmac(KEY.as_bytes(), &nobody))));
}

#[test]
fn only_the_owner_opens_and_only_as_what_it_is() {
    let keys = keys(&[KEY]);
    let seals = keys.of(&ANA).within("tools/call", "pay");
    let sealed = seals.seal(What::State, "s.1").unwrap();
    assert_eq!(seals.open(What::State, &sealed), Ok("s.1"));
    for owner in [
        Owner { issuer: "https://id.example.co", subject: "mana", ..ANA },
        Owner { issuer: "https://id.example.comana", subject: "", ..ANA },
        Owner { subject: "anaagent", client: Some(""), ..ANA },
        Owner { client: Some(""), ..ANA },
        Owner { client: None, ..ANA },
        Owner { client: Some("agent2"), ..ANA },
        Owner { issuer: "ana", subject: "https://id.example.com", ..ANA },
    ] {
        assert_eq!(keys.of(&owner).within("tools/call", "pay").open(What::State, &sealed), Err(Broken::Mismatch), "{owner:?}");
    }
    for what in [What::Session, What::SessionWithPages, What::StreamSession, What::Task] {
        assert_eq!(seals.open(what, &sealed), Err(Broken::Mismatch), "{what:?}");
    }
    for call in [("tools/call", "pay2"), ("prompts/get", "pay"), ("tools/callp", "ay"), ("", "")] {
        assert_eq!(seals.within(call.0, call.1).open(What::State, &sealed), Err(Broken::Mismatch), "{call:?}");
    }
    assert_eq!(keys.of(&ANA).open(What::State, &sealed), Err(Broken::Mismatch));
}

#[test]
fn every_changed_byte_is_noticed() {
    let seals = keys(&[KEY]).of(&ANA);
    let sealed = seals.seal(What::Session, "session").unwrap();
    for at in 0..sealed.len() {
        for change in [1u8, 2, 16, 32] {
            let mut bytes = sealed.clone().into_bytes();
            bytes[at] ^= change;
            let forged = String::from_utf8(bytes).unwrap();
            assert!(seals.open(What::Session, &forged).is_err(), "{forged}");
        }
    }
    for at in 0..sealed.len() {
        assert!(seals.open(What::Session, &sealed[..at]).is_err());
        assert!(seals.open(What::Session, &sealed[at + 1..]).is_err());
    }
    assert!(seals.open(What::Session, &format!("{sealed}=")).is_err());
    assert!(seals.open(What::Session, &format!("{sealed}A")).is_err());
    for unsealed in ["", "session", "pc1.", "pc1..", "pc2.session", "PC1.session", &format!("pc1.{}", "é".repeat(22))] {
        assert_eq!(seals.open(What::Session, unsealed), Err(Broken::Unsealed), "{unsealed}");
    }
}

#[test]
fn the_first_key_seals_and_all_open() {
    let (old, new, rotated) = (keys(&[KEY]).of(&ANA), keys(&[OTHER]).of(&ANA), keys(&[OTHER, KEY]).of(&ANA));
    let before = old.seal(What::Session, "s").unwrap();
    assert_eq!(rotated.open(What::Session, &before), Ok("s"));
    let after = rotated.seal(What::Session, "s").unwrap();
    assert_eq!(after, new.seal(What::Session, "s").unwrap());
    assert_eq!(new.open(What::Session, &before), Err(Broken::Mismatch));
    assert_eq!(old.open(What::Session, &after), Err(Broken::Mismatch));
}

#[test]
fn gateways_behind_one_another_take_off_their_own() {
    let (outer, inner) = (keys(&[KEY]).of(&ANA), keys(&[OTHER]).of(&ANA));
    let twice = outer.seal(What::Session, &inner.seal(What::Session, "s.1").unwrap()).unwrap();
    assert_eq!(inner.open(What::Session, outer.open(What::Session, &twice).unwrap()), Ok("s.1"));
}

#[test]
fn pieces_make_the_same_seal() {
    let seals = keys(&[KEY]).of(&ANA);
    let mut running = seals.begin(What::Task).unwrap();
    b"a-task".iter().for_each(|byte| running.update(&[*byte]));
    assert_eq!(seals.seal(What::Task, "a-task").unwrap(), format!("pc1.a-task{}", running.tail()));
    assert_eq!(seals.seal(What::Task, "").unwrap().len(), OVERHEAD);
    assert_eq!(value(&seals.seal(What::Task, "x.y").unwrap()), Some("x.y"));
}
