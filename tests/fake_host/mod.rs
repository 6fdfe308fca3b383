//! A host for the filter's ABI inside the test's own process: the `proxy_*` functions the module imports, over plain state.
//!
//! One "VM" per thread, as the filter's side keeps its contexts per thread too. Buffering follows Envoy: what is paused is kept and
//! the next callback sees all of it; what continues is forwarded.

#![allow(unsafe_code, reason = "the ABI is C functions over pointers; there is no other way to stand in for Envoy")]

mod imports;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

pub type Pairs = Vec<(String, Vec<u8>)>;

/// An HTTP call the filter made.
#[derive(Clone, Debug)]
pub struct Call {
    pub token: u32,
    pub cluster: String,
    pub headers: Pairs,
    pub body: Vec<u8>,
}

/// How the host's `verify_signature` behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verifies {
    /// There is no such function.
    #[default]
    Absent,
    /// A status that Envoy does not have.
    Unimplemented,
    Everything,
    Nothing,
    /// Its answers are not protobuf.
    Broken,
    /// For keys on P-256 and P-384.
    Rightly,
}

/// Everything the filter can see or change.
#[derive(Default)]
pub struct State {
    root: u32,
    pub configuration: Vec<u8>,
    pub time_nanos: u64,
    pub request_headers: Pairs,
    pub response_headers: Pairs,
    pub request_body: Vec<u8>,
    pub response_body: Vec<u8>,
    /// A chunk of the answer passes: only then can it be replaced.
    pub response_chunk: bool,
    pub call_headers: Pairs,
    pub call_body: Vec<u8>,
    pub properties: HashMap<String, Vec<u8>>,
    pub log: Vec<String>,
    pub calls: Vec<Call>,
    /// Clusters that can be called.
    pub clusters: Vec<String>,
    pub reply: Option<(u32, Pairs, Vec<u8>)>,
    pub resumed: Vec<u32>,
    pub cut: bool,
    /// Streams ended by the filter, and how, by the context it was in.
    pub ended: Vec<(u32, &'static str)>,
    pub effective: u32,
    pub metrics: Vec<(String, i64)>,
    pub verifies: Verifies,
    /// Signatures verified for the filter.
    pub verified: usize,
    /// Values with their versions.
    pub shared: HashMap<String, (Vec<u8>, u32)>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
    /// The filter's side lives as long as the thread: no context and no call may have an id twice.
    static LAST: Cell<u32> = const { Cell::new(0) };
}

fn fresh() -> u32 {
    LAST.set(LAST.get() + 1);
    LAST.get()
}

pub fn state<R>(f: impl FnOnce(&mut State) -> R) -> R {
    STATE.with(|state| f(&mut state.borrow_mut()))
}

// The module's exports. Actions: 0 continue, 1 pause.
unsafe extern "C" {
    fn _initialize();
    fn proxy_on_context_create(context: u32, root: u32);
    fn proxy_on_vm_start(context: u32, size: usize) -> bool;
    fn proxy_on_configure(context: u32, size: usize) -> bool;
    fn proxy_on_tick(context: u32);
    fn proxy_on_request_headers(context: u32, count: usize, end: bool) -> u32;
    fn proxy_on_request_body(context: u32, size: usize, end: bool) -> u32;
    fn proxy_on_request_trailers(context: u32, count: usize) -> u32;
    fn proxy_on_response_headers(context: u32, count: usize, end: bool) -> u32;
    fn proxy_on_response_body(context: u32, size: usize, end: bool) -> u32;
    fn proxy_on_response_trailers(context: u32, count: usize) -> u32;
    fn proxy_on_http_call_response(context: u32, token: u32, headers: usize, body: usize, trailers: usize);
    fn proxy_on_done(context: u32) -> bool;
    fn proxy_on_log(context: u32);
    fn proxy_on_delete(context: u32);
}

/// A VM with this plugin configuration; false when the filter refuses it. What is shared stays, as in the process of several VMs.
pub fn start(configuration: &[u8]) -> bool {
    state(|state| {
        let (verifies, shared) = (state.verifies, std::mem::take(&mut state.shared));
        let (configuration, clusters) = (configuration.to_vec(), vec!["idp".into()]);
        *state = State { root: fresh(), configuration, clusters, verifies, shared, ..State::default() };
    });
    set_clock();
    let root = root();
    // SAFETY: the exports are called as the ABI says: initialize, create the root, start, configure.
    unsafe {
        _initialize();
        proxy_on_context_create(root, 0);
        proxy_on_vm_start(root, 0) && proxy_on_configure(root, configuration.len())
    }
}

fn root() -> u32 {
    state(|state| state.root)
}

pub fn set_clock() {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    state(|state| state.time_nanos = u64::try_from(since.as_nanos()).unwrap());
}

pub fn tick() {
    // SAFETY: the root context exists after `start`.
    unsafe { proxy_on_tick(root()) }
}

/// Answers a call; `None` is how the ABI tells a failure.
pub fn answer_call(token: u32, answer: Option<(u16, &[u8])>) {
    let headers: Pairs = answer.map(|(status, _)| vec![(":status".to_owned(), status.to_string().into_bytes())]).unwrap_or_default();
    let body = answer.map(|(_, body)| body.to_vec()).unwrap_or_default();
    let (count, size) = (headers.len(), body.len());
    state(|state| {
        state.call_headers = headers;
        state.call_body = body;
    });
    // SAFETY: the token came from `proxy_http_call` and is answered once.
    unsafe { proxy_on_http_call_response(root(), token, count, size, 0) }
}

/// One HTTP stream, driven as Envoy drives it.
pub struct Stream {
    id: u32,
    pub forwarded: Vec<u8>,
    pub headers_forwarded: bool,
    buffered: Vec<u8>,
}

impl Stream {
    pub fn open() -> Self {
        let id = fresh();
        state(|state| {
            state.reply = None;
            state.cut = false;
            state.resumed.clear();
        });
        // SAFETY: a fresh id under the root.
        unsafe { proxy_on_context_create(id, root()) }
        Self { id, forwarded: Vec::new(), headers_forwarded: false, buffered: Vec::new() }
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    pub fn answered(&self) -> bool {
        state(|state| state.reply.is_some())
    }

    pub fn request_headers(&mut self, headers: Pairs, end: bool) {
        let count = headers.len();
        state(|state| {
            state.request_headers = headers;
            state.effective = self.id;
        });
        // SAFETY: the context was created by `open`.
        self.headers_forwarded = unsafe { proxy_on_request_headers(self.id, count, end) } == 0;
    }

    pub fn request_body(&mut self, chunk: &[u8], end: bool) {
        self.buffered.extend_from_slice(chunk);
        let size = self.buffered.len();
        state(|state| {
            state.request_body = std::mem::take(&mut self.buffered);
            state.effective = self.id;
        });
        // SAFETY: as above.
        let action = unsafe { proxy_on_request_body(self.id, size, end) };
        self.buffered = state(|state| std::mem::take(&mut state.request_body));
        if action == 0 && !self.answered() {
            self.release();
        }
    }

    pub fn request_trailers(&mut self) {
        // SAFETY: as above.
        let _ = unsafe { proxy_on_request_trailers(self.id, 1) };
    }

    /// Whether the filter has released this stream from outside its own callbacks; then Envoy forwards what it buffered.
    pub fn resume_if_released(&mut self) -> bool {
        let released = state(|state| state.resumed.contains(&self.id));
        if released {
            self.release();
        }
        released
    }

    fn release(&mut self) {
        self.headers_forwarded = true;
        self.forwarded.append(&mut self.buffered);
    }

    pub fn response_headers(&mut self, headers: Pairs, end: bool) {
        let count = headers.len();
        state(|state| {
            state.response_headers = headers;
            state.effective = self.id;
        });
        // SAFETY: as above.
        let _ = unsafe { proxy_on_response_headers(self.id, count, end) };
    }

    /// What leaves in place of the chunk.
    pub fn response_body(&mut self, chunk: &[u8], end: bool) -> Vec<u8> {
        state(|state| {
            state.response_body = chunk.to_vec();
            state.response_chunk = true;
            state.effective = self.id;
        });
        // SAFETY: as above.
        let action = unsafe { proxy_on_response_body(self.id, chunk.len(), end) };
        let out = state(|state| {
            state.response_chunk = false;
            std::mem::take(&mut state.response_body)
        });
        if action == 0 { out } else { Vec::new() }
    }

    pub fn response_trailers(&mut self) {
        // SAFETY: as above.
        let _ = unsafe { proxy_on_response_trailers(self.id, 1) };
    }

    /// Ends the stream; the record it left.
    pub fn close(self) -> Option<String> {
        state(|state| {
            state.properties.remove("portcullis_record");
            state.effective = self.id;
        });
        // SAFETY: the end of the context's life: done, log, delete, each once.
        unsafe {
            let _ = proxy_on_done(self.id);
            proxy_on_log(self.id);
            proxy_on_delete(self.id);
        }
        state(|state| state.properties.remove("portcullis_record")).map(|bytes| String::from_utf8(bytes).unwrap())
    }
}
