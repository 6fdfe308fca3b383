//! Claims that Envoy's `jwt_authn` filter has verified, from the request's dynamic metadata.
//!
//! The attribute `metadata` is a serialized `envoy.config.core.v3.Metadata`, whose field 1 maps a filter's name to a `google.protobuf.Struct`. It is read
//! whole: paths below it give values without their types, and fail on a null or an empty object (Envoy 1.40).

use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use prost_types::value::Kind;
use serde_json::{Map, Number, Value};

use crate::policy::JwtAuthn;

const FILTER: &str = "envoy.filters.http.jwt_authn";

/// What the filter left behind.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    Claims(Map<String, Value>),
    /// `jwt_verify_lib::Status` as a number, if it was told.
    Nothing {
        status: Option<u32>,
    },
}

/// Reads serialized metadata; what cannot be read holds nothing.
pub(super) fn read(metadata: &[u8], names: &JwtAuthn) -> Found {
    let Some(mut left) = filter_metadata(metadata) else { return Found::Nothing { status: None } };
    if let Some(Kind::StructValue(payload)) = left.fields.remove(&names.payload_in_metadata).and_then(|value| value.kind) {
        return Found::Claims(object(payload));
    }
    let status = names.failed_status_in_metadata.as_ref().and_then(|name| left.fields.remove(name)).and_then(|value| value.kind);
    let code = match status {
        Some(Kind::StructValue(status)) => status.fields.get("code").and_then(|code| code.kind.clone()),
        _ => None,
    };
    match code {
        // Whole and small, or nothing.
        Some(Kind::NumberValue(code)) if (0.0..1e6).contains(&code) => Found::Nothing { status: Some(code as u32) },
        _ => Found::Nothing { status: None },
    }
}

/// The last entry of the filter's name, as protobuf has it for maps.
fn filter_metadata(metadata: &[u8]) -> Option<prost_types::Struct> {
    let mut found = None;
    let mut rest = metadata;
    while !rest.is_empty() {
        let (number, value) = field(&mut rest)?;
        let (1, Some(entry)) = (number, value) else { continue };
        let (mut name, mut fields): (&[u8], &[u8]) = (&[], &[]);
        let mut rest = entry;
        while !rest.is_empty() {
            match field(&mut rest)? {
                (1, Some(bytes)) => name = bytes,
                (2, Some(bytes)) => fields = bytes,
                _ => {}
            }
        }
        if name == FILTER.as_bytes() {
            found = Some(prost_types::Struct::decode(fields).ok()?);
        }
    }
    found
}

/// One field of a protobuf message: its number, and its bytes if it has a length.
fn field<'a>(rest: &mut &'a [u8]) -> Option<(u32, Option<&'a [u8]>)> {
    let (number, wire) = decode_key(rest).ok()?;
    if wire != WireType::LengthDelimited {
        skip_field(wire, number, rest, DecodeContext::default()).ok()?;
        return Some((number, None));
    }
    let length = usize::try_from(decode_varint(rest).ok()?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some((number, Some(bytes)))
}

/// The decoder has bounded the depth.
fn object(fields: prost_types::Struct) -> Map<String, Value> {
    fields.fields.into_iter().map(|(name, value)| (name, json(value))).collect()
}

fn json(value: prost_types::Value) -> Value {
    match value.kind {
        None | Some(Kind::NullValue(_)) => Value::Null,
        Some(Kind::BoolValue(value)) => Value::Bool(value),
        Some(Kind::NumberValue(value)) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        Some(Kind::StringValue(value)) => Value::String(value),
        Some(Kind::ListValue(list)) => Value::Array(list.values.into_iter().map(json).collect()),
        Some(Kind::StructValue(fields)) => Value::Object(object(fields)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> JwtAuthn {
        JwtAuthn { payload_in_metadata: "payload".to_owned(), failed_status_in_metadata: Some("failed".to_owned()) }
    }

    /// What Envoy 1.40.0 answered to `get_property(["metadata"])` for a token with claims of every type.
    fn captured() -> Vec<u8> {
        const HEX: [&str; 7] = [
            "0a94030a1c656e766f792e66696c746572732e687474702e6a77745f617574686e12f3020a340a0468656164122c2a2a0a0c0a0374797012051a034a",
            "57540a0e0a03616c6712071a0552533235360a0a0a036b696412031a016b0aba020a077061796c6f616412ae022aab020a1f0a066e65737465641215",
            "2a130a110a0178120c2a0a0a080a017912031a017a0a2d0a03617564122632240a1d1a1b68747470733a2f2f6d63702e6578616d706c652e636f6d2f",
            "6d63700a031a01620a1d0a057265616c6d12142a120a100a03612e62120911000000000000f83f0a100a036961741209110000003303c0da410a080a",
            "02656c120232000a070a0174120220010a1f0a0369737312181a1668747470733a2f2f69642e6578616d706c652e636f6d0a070a016e120208000a10",
            "0a036e756d120911e1639d31956ae5430a130a056569676874120a1a0831323334353637380a0d0a0373756212061a04303075310a160a0667726f75",
            "7073120c320a0a031a01610a031a01620a0b0a05656d70747912022a000a100a03657870120911000000c903c0da41",
        ];
        let digits: Vec<u8> = HEX.concat().chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
        digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect()
    }

    #[test]
    fn the_real_thing_is_read() {
        let Found::Claims(claims) = read(&captured(), &names()) else { panic!() };
        let expected = json!({
            "iss": "https://id.example.com", "sub": "00u1", "aud": ["https://mcp.example.com/mcp", "b"], "iat": 1_795_165_388.0,
            "exp": 1_795_165_988.0, "groups": ["a", "b"], "num": 12_345_678_901_234_567_000.0, "nested": {"x": {"y": "z"}}, "n": null, "t": true,
            "realm": {"a.b": 1.5}, "eight": "12345678", "empty": {}, "el": [],
        });
        assert_eq!(Value::Object(claims), expected);
    }

    /// Metadata as Envoy serializes it.
    pub(in crate::identity) fn metadata(filter: &str, key: &str, value: &Value) -> Vec<u8> {
        let with_length = |tag: u8, bytes: &[u8]| {
            let mut out = vec![tag];
            let mut length = bytes.len();
            while length >= 0x80 {
                out.push((length & 0x7f) as u8 | 0x80);
                length >>= 7;
            }
            out.push(length as u8);
            out.extend(bytes);
            out
        };
        let fields = prost_types::Struct { fields: [(key.to_owned(), proto(value))].into_iter().collect() };
        let entry = [with_length(0x0a, filter.as_bytes()), with_length(0x12, &fields.encode_to_vec())].concat();
        with_length(0x0a, &entry)
    }

    fn proto(value: &Value) -> prost_types::Value {
        let kind = match value {
            Value::Null => Kind::NullValue(0),
            Value::Bool(value) => Kind::BoolValue(*value),
            Value::Number(value) => Kind::NumberValue(value.as_f64().unwrap()),
            Value::String(value) => Kind::StringValue(value.clone()),
            Value::Array(values) => Kind::ListValue(prost_types::ListValue { values: values.iter().map(proto).collect() }),
            Value::Object(members) => Kind::StructValue(prost_types::Struct {
                fields: members.iter().map(|(name, value)| (name.clone(), proto(value))).collect(),
            }),
        };
        prost_types::Value { kind: Some(kind) }
    }

    #[test]
    fn claims_keep_their_types() {
        let claims = json!({"iss": "x", "iat": 1_800_000_000.0, "groups": ["a", "b"], "n": null, "t": true, "nested": {"x": {}}, "eight": "12345678"});
        let bytes = [metadata("other", "payload", &json!({"iss": "evil"})), metadata(FILTER, "payload", &claims)].concat();
        assert_eq!(
            Value::from(match read(&bytes, &names()) {
                Found::Claims(claims) => claims,
                other => panic!("{other:?}"),
            }),
            claims
        );
    }

    #[test]
    fn only_the_filter_and_its_payload_count() {
        let nothing = Found::Nothing { status: None };
        for (filter, key, value) in [
            ("envoy.filters.http.jwt_authn2", "payload", json!({"iss": "x"})),
            ("envoy.lb", "payload", json!({"iss": "x"})),
            (FILTER, "other", json!({"iss": "x"})),
            (FILTER, "payload", json!("x")),
            (FILTER, "payload", json!([{"iss": "x"}])),
            (FILTER, "failed", json!({"code": "3"})),
            (FILTER, "failed", json!({"code": -1})),
        ] {
            assert_eq!(read(&metadata(filter, key, &value), &names()), nothing, "{filter} {key} {value}");
        }
        let failed = json!({"code": 3, "message": "Jwt is expired"});
        assert_eq!(read(&metadata(FILTER, "failed", &failed), &names()), Found::Nothing { status: Some(3) });
    }

    #[test]
    fn broken_bytes_hold_nothing() {
        let whole = metadata(FILTER, "payload", &json!({"iss": "x", "groups": ["a"]}));
        assert!(matches!(read(&whole, &names()), Found::Claims(_)));
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end], &names()), Found::Nothing { status: None }, "{end}");
        }
        for bytes in [&[0xff; 40][..], b"\x0a", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"] {
            assert_eq!(read(bytes, &names()), Found::Nothing { status: None });
        }
    }
}
