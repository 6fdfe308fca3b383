//! The functions the module imports. Status codes: 0 ok, 1 not found, 2 bad argument, 8 another version.

use super::{Call, Pairs, Verifies, state};

const OK: u32 = 0;
const NOT_FOUND: u32 = 1;
const BAD_ARGUMENT: u32 = 2;
const CAS_MISMATCH: u32 = 8;

/// # Safety
/// `data` points to `size` readable bytes, or `size` is 0.
unsafe fn bytes(data: *const u8, size: usize) -> Vec<u8> {
    // SAFETY: the caller's promise.
    if size == 0 || data.is_null() { Vec::new() } else { unsafe { std::slice::from_raw_parts(data, size) }.to_vec() }
}

/// Hands bytes to the module, which frees them as a vector of exactly that capacity.
///
/// # Safety
/// Both pointers may be written.
unsafe fn give(value: Vec<u8>, data: *mut *mut u8, size: *mut usize) {
    let boxed = value.into_boxed_slice();
    let length = boxed.len();
    // SAFETY: the caller's promise.
    unsafe {
        *size = length;
        *data = if length == 0 { std::ptr::null_mut() } else { Box::into_raw(boxed).cast::<u8>() };
    }
}

fn serialize(pairs: &Pairs) -> Vec<u8> {
    let number = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let mut out = number(pairs.len()).to_vec();
    for (name, value) in pairs {
        out.extend(number(name.len()));
        out.extend(number(value.len()));
    }
    for (name, value) in pairs {
        out.extend(name.as_bytes());
        out.push(0);
        out.extend(value);
        out.push(0);
    }
    out
}

fn deserialize(data: &[u8]) -> Pairs {
    let number = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().unwrap()) as usize;
    if data.is_empty() {
        return Vec::new();
    }
    let count = number(0);
    let mut at = 4 + count * 8;
    let mut take = |length: usize| {
        let part = data[at..at + length].to_vec();
        at += length + 1;
        part
    };
    (0..count)
        .map(|index| {
            let (name, value) = (take(number(4 + index * 8)), take(number(8 + index * 8)));
            (String::from_utf8(name).unwrap(), value)
        })
        .collect()
}

fn map<R>(kind: u32, f: impl FnOnce(&mut Pairs) -> R) -> R {
    state(|state| match kind {
        0 => f(&mut state.request_headers),
        2 => f(&mut state.response_headers),
        6 => f(&mut state.call_headers),
        other => panic!("the filter asked for map {other}"),
    })
}

fn buffer<R>(kind: u32, f: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    state(|state| match kind {
        0 => f(&mut state.request_body),
        1 => f(&mut state.response_body),
        4 => f(&mut state.call_body),
        7 => f(&mut state.configuration),
        other => panic!("the filter asked for buffer {other}"),
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_log(level: u32, data: *const u8, size: usize) -> u32 {
    // SAFETY: the module's own memory.
    let line = String::from_utf8(unsafe { bytes(data, size) }).unwrap();
    const CRITICAL: u32 = 5;
    if level >= CRITICAL {
        // The SDK's panic hook: nobody sees the log of a test that aborts.
        eprintln!("{line}");
    }
    state(|state| state.log.push(line));
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32 {
    // SAFETY: the module's own memory.
    unsafe { *time = state(|state| state.time_nanos) };
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_set_tick_period_milliseconds(_period: u32) -> u32 {
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_get_buffer_bytes(kind: u32, start: usize, most: usize, data: *mut *mut u8, size: *mut usize) -> u32 {
    let value = buffer(kind, |buffer| buffer.iter().skip(start).take(most).copied().collect());
    // SAFETY: the module's own memory.
    unsafe { give(value, data, size) };
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_set_buffer_bytes(kind: u32, start: usize, size: usize, data: *const u8, length: usize) -> u32 {
    // SAFETY: the module's own memory.
    let value = unsafe { bytes(data, length) };
    const RESPONSE_BODY: u32 = 1;
    if kind == RESPONSE_BODY && !state(|state| state.response_chunk) {
        // As Envoy says it in a trailers callback; the SDK then panics.
        return BAD_ARGUMENT;
    }
    buffer(kind, |buffer| {
        let end = start.saturating_add(size).min(buffer.len());
        buffer.splice(start..end, value);
    });
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_get_header_map_pairs(kind: u32, data: *mut *mut u8, size: *mut usize) -> u32 {
    let value = map(kind, |pairs| serialize(pairs));
    // SAFETY: the module's own memory.
    unsafe { give(value, data, size) };
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_replace_header_map_value(
    kind: u32,
    name: *const u8,
    name_size: usize,
    value: *const u8,
    value_size: usize,
) -> u32 {
    // SAFETY: the module's own memory.
    let (name, value) = unsafe { (bytes(name, name_size), bytes(value, value_size)) };
    let name = String::from_utf8(name).unwrap();
    map(kind, |pairs| {
        pairs.retain(|(have, _)| *have != name);
        pairs.push((name, value));
    });
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_remove_header_map_value(kind: u32, name: *const u8, name_size: usize) -> u32 {
    // SAFETY: the module's own memory.
    let name = String::from_utf8(unsafe { bytes(name, name_size) }).unwrap();
    map(kind, |pairs| pairs.retain(|(have, _)| *have != name));
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32 {
    // SAFETY: the module's own memory.
    let path = String::from_utf8(unsafe { bytes(path, path_size) }).unwrap().replace('\0', ".");
    match state(|state| state.properties.get(&path).cloned()) {
        Some(value) => {
            // SAFETY: the module's own memory.
            unsafe { give(value, data, size) };
            OK
        }
        None => NOT_FOUND,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_set_property(path: *const u8, path_size: usize, data: *const u8, size: usize) -> u32 {
    // SAFETY: the module's own memory.
    let (path, value) = unsafe { (bytes(path, path_size), bytes(data, size)) };
    state(|state| state.properties.insert(String::from_utf8(path).unwrap().replace('\0', "."), value));
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_continue_stream(_kind: u32) -> u32 {
    state(|state| state.resumed.push(state.effective));
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_close_stream(_kind: u32) -> u32 {
    state(|state| {
        state.cut = true;
        state.ended.push((state.effective, "cut"));
    });
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_send_local_response(
    status: u32,
    _details: *const u8,
    _details_size: usize,
    body: *const u8,
    body_size: usize,
    headers: *const u8,
    headers_size: usize,
    _grpc: i32,
) -> u32 {
    // SAFETY: the module's own memory.
    let (body, headers) = unsafe { (bytes(body, body_size), bytes(headers, headers_size)) };
    state(|state| {
        state.reply = Some((status, deserialize(&headers), body));
        state.ended.push((state.effective, "reply"));
    });
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_http_call(
    cluster: *const u8,
    cluster_size: usize,
    headers: *const u8,
    headers_size: usize,
    body: *const u8,
    body_size: usize,
    _trailers: *const u8,
    _trailers_size: usize,
    _timeout: u32,
    token: *mut u32,
) -> u32 {
    // SAFETY: the module's own memory.
    let (cluster, headers, body) = unsafe { (bytes(cluster, cluster_size), bytes(headers, headers_size), bytes(body, body_size)) };
    let cluster = String::from_utf8(cluster).unwrap();
    state(|state| {
        if !state.clusters.contains(&cluster) {
            return BAD_ARGUMENT;
        }
        let number = super::fresh();
        state.calls.push(Call { token: number, cluster, headers: deserialize(&headers), body });
        // SAFETY: the module's own memory.
        unsafe { *token = number };
        OK
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_set_effective_context(context: u32) -> u32 {
    state(|state| state.effective = context);
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_define_metric(_kind: u32, name: *const u8, size: usize, id: *mut u32) -> u32 {
    // SAFETY: the module's own memory.
    let name = String::from_utf8(unsafe { bytes(name, size) }).unwrap();
    state(|state| {
        state.metrics.push((name, 0));
        // SAFETY: the module's own memory.
        unsafe { *id = u32::try_from(state.metrics.len()).unwrap() };
    });
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_increment_metric(id: u32, offset: i64) -> u32 {
    state(|state| state.metrics[id as usize - 1].1 += offset);
    OK
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_get_shared_data(
    key: *const u8,
    key_size: usize,
    data: *mut *mut u8,
    size: *mut usize,
    version: *mut u32,
) -> u32 {
    // SAFETY: the module's own memory.
    let key = String::from_utf8(unsafe { bytes(key, key_size) }).unwrap();
    match state(|state| state.shared.get(&key).cloned()) {
        Some((value, written)) => {
            // SAFETY: the module's own memory.
            unsafe {
                give(value, data, size);
                *version = written;
            }
            OK
        }
        None => NOT_FOUND,
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_set_shared_data(key: *const u8, key_size: usize, data: *const u8, size: usize, version: u32) -> u32 {
    // SAFETY: the module's own memory.
    let (key, value) = unsafe { (bytes(key, key_size), bytes(data, size)) };
    let key = String::from_utf8(key).unwrap();
    state(|state| {
        let have = state.shared.get(&key).map(|(_, have)| *have);
        // As Envoy does it: a version of something that is not there is not compared.
        if version != 0 && have.is_some_and(|have| have != version) {
            return CAS_MISMATCH;
        }
        state.shared.insert(key, (value, super::fresh()));
        OK
    })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn proxy_call_foreign_function(
    name: *const u8,
    name_size: usize,
    arguments: *const u8,
    arguments_size: usize,
    results: *mut *mut u8,
    results_size: *mut usize,
) -> u32 {
    const UNIMPLEMENTED: u32 = 12;
    // SAFETY: the module's own memory.
    let (name, arguments) = unsafe { (bytes(name, name_size), bytes(arguments, arguments_size)) };
    assert_eq!(name, b"verify_signature");
    let answer = match state(|state| state.verifies) {
        Verifies::Absent => return NOT_FOUND,
        Verifies::Unimplemented => return UNIMPLEMENTED,
        Verifies::Everything => vec![8, 1],
        Verifies::Nothing => Vec::new(),
        Verifies::Broken => vec![0xff; 3],
        Verifies::Rightly => match verify(&arguments) {
            Some(true) => vec![8, 1],
            Some(false) => b"\x12\x05wrong".to_vec(),
            None => return BAD_ARGUMENT,
        },
    };
    state(|state| state.verified += 1);
    // SAFETY: the module's own memory.
    unsafe { give(answer, results, results_size) };
    OK
}

/// As Envoy: the fields by their numbers, and a key whose kind it knows.
fn verify(arguments: &[u8]) -> Option<bool> {
    use p256::ecdsa::signature::Verifier as _;
    use prost::encoding::{decode_key, decode_varint};
    let mut fields: [&[u8]; 5] = [b""; 5];
    let mut rest = arguments;
    while !rest.is_empty() {
        let (number, _) = decode_key(&mut rest).ok()?;
        let length = usize::try_from(decode_varint(&mut rest).ok()?).ok()?;
        let (field, after) = rest.split_at(length);
        fields[number as usize] = field;
        rest = after;
    }
    let [_, hash, key, signature, text] = fields;
    // The point is the last of a SubjectPublicKeyInfo.
    let point = |length: usize| key.get(key.len().checked_sub(length)?..);
    match (hash, key.len()) {
        (b"sha256", 91) => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point(65)?).ok()?;
            Some(p256::ecdsa::DerSignature::try_from(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok()))
        }
        (b"sha384", 120) => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point(97)?).ok()?;
            Some(p384::ecdsa::DerSignature::try_from(signature).is_ok_and(|signature| key.verify(text, &signature).is_ok()))
        }
        _ => None,
    }
}

/// Imports the filter must not use: a call is a failed test.
macro_rules! unused {
    ($($name:ident),* $(,)?) => {
        $(
            #[unsafe(no_mangle)]
            extern "C" fn $name() -> u32 {
                panic!(concat!("the filter called ", stringify!($name)));
            }
        )*
    };
}

unused!(
    proxy_get_log_level,
    proxy_set_header_map_pairs,
    proxy_get_header_map_value,
    proxy_add_header_map_value,
    proxy_register_shared_queue,
    proxy_resolve_shared_queue,
    proxy_dequeue_shared_queue,
    proxy_enqueue_shared_queue,
    proxy_grpc_call,
    proxy_grpc_stream,
    proxy_grpc_send,
    proxy_grpc_cancel,
    proxy_grpc_close,
    proxy_get_status,
    proxy_done,
    proxy_get_metric,
    proxy_record_metric,
);
