//! What was asked and what was answered.

use std::borrow::Cow;

use super::facts::{Facts, Http, Mcp, Payload, Target};
use super::json::{Object, Ready, Word};
use super::text::{ID, LINE, NAME, URI, prefix};

/// OCSF `http_method` knows these; another is on record in `unmapped`.
const HTTP_METHODS: [&str; 9] = ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT", "PATCH"];

/// `api.operation`: the MCP method; before the body was read, what HTTP says.
pub(super) fn operation(facts: &Facts) -> Cow<'_, str> {
    match (&facts.mcp.method, &facts.http.method) {
        (Some(method), _) => NAME.cut(method),
        (None, Some(method)) => Cow::Owned(format!("http/{}", NAME.cut(&method.to_ascii_lowercase()))),
        (None, None) => Cow::Borrowed("unknown"),
    }
}

/// The type of a target as OCSF's `resource_details` has it, and its name.
pub(super) fn target(target: &Target) -> Option<(&'static str, Cow<'_, str>)> {
    match target {
        Target::None => None,
        Target::Tool(name) => Some(("mcp.tool", NAME.cut(name))),
        Target::Resource(uri) => Some(("mcp.resource", URI.cut(uri))),
        Target::Prompt(name) => Some(("mcp.prompt", NAME.cut(name))),
    }
}

/// OCSF `api`. `own_id` stands in where the request has no id of its own: OCSF requires one.
pub(super) fn api(api: &mut Object<'_>, facts: &Facts, service: Ready<'_>, own_id: &str, [request, response]: [Option<&Text<'_>>; 2]) {
    let Mcp { method: _, id, target: _, protocol_version, era: _, session_id: _, progress_token: _, rpc_error, tool_error } = &facts.mcp;
    api.put("operation", operation(facts));
    api.object("request", |sent| {
        sent.some("data", request.and_then(Text::shown));
        sent.put("uid", ID.cut(id.as_deref().or(facts.http.request_id.as_deref()).unwrap_or(own_id)));
    });
    api.some_object("response", |answered| {
        answered.some("code", rpc_error.as_ref().map(|error| error.code));
        answered.some("data", response.and_then(Text::shown));
        // OCSF has no word for a tool that ran and says it failed; its result calls itself by this one.
        answered.some("error", tool_error.then_some("isError"));
        answered.some("error_message", rpc_error.as_ref().and_then(|error| error.message.as_deref()).map(|message| LINE.cut(message)));
    });
    api.put("service", service);
    api.some("version", protocol_version.as_deref().map(|version| NAME.cut(version)));
}

/// A method that OCSF's `http_method` does not know.
pub(super) fn odd_method(http: &Http) -> Option<&str> {
    http.method.as_deref().filter(|method| !HTTP_METHODS.contains(method))
}

/// The path, and whether something stood behind it.
fn path(http: &Http) -> Option<(&str, bool)> {
    let path = http.path.as_deref()?;
    let (path, query) = path.split_at_checked(path.find(['?', '#']).unwrap_or(path.len())).unwrap_or_default();
    Some((path, !query.is_empty()))
}

/// Whether something of the path is not on record.
pub(super) fn drops_query(http: &Http) -> bool {
    path(http).is_some_and(|(_, has_query)| has_query)
}

/// OCSF `http_request`; what of it has no place there is told by [`odd_method`] and [`drops_query`].
pub(super) fn http_request(request: &mut Object<'_>, http: &Http, scheme: Option<&'static str>) {
    let Http { method, path: _, host, user_agent, request_id, status: _ } = http;
    request.some("http_method", method.as_deref().filter(|method| HTTP_METHODS.contains(method)));
    request.some("uid", request_id.as_deref().map(|id| ID.cut(id)));
    if let Some((path, _)) = path(http) {
        let (hostname, port) = host.as_deref().map(host_and_port).unwrap_or_default();
        request.object("url", |url| {
            url.some("hostname", hostname.map(|name| NAME.cut(name)));
            url.put("path", URI.cut(path));
            url.some("port", port);
            url.some("scheme", scheme);
        });
    }
    request.some("user_agent", user_agent.as_deref().map(|agent| LINE.cut(agent)));
}

/// `mcp.example.com:8443`, `[::1]:443`; a part that is not a port stays with the name.
fn host_and_port(host: &str) -> (Option<&str>, Option<u16>) {
    match host.rsplit_once(':').map(|(name, port)| (name, port.parse())) {
        Some((name, Ok(port))) => (Some(name), Some(port)),
        _ => (Some(host), None),
    }
}

/// A payload as it goes on record.
pub(super) struct Text<'a> {
    /// `None` where the policy keeps payloads off the record.
    shown: Option<Cow<'a, str>>,
    pub(super) truncated: bool,
    invalid_utf8: bool,
    size: u64,
}

impl<'a> Text<'a> {
    /// Only that there was something, and how much.
    pub(super) fn hidden(payload: &'a Payload) -> Self {
        Self { shown: None, truncated: false, invalid_utf8: false, size: payload.size }
    }

    /// JSON stays text: parsed and printed again it would no longer be what was sent.
    pub(super) fn new(payload: &'a Payload, max: usize) -> Self {
        let Payload { text, truncated, size } = payload;
        // Cut as bytes first: a megabyte is not decoded for the sake of its beginning.
        let kept = text.get(..max.min(text.len())).unwrap_or_default();
        let cut = kept.len() < text.len();
        let (shown, invalid_utf8, cut) = match std::str::from_utf8(kept) {
            Ok(kept) => (Cow::Borrowed(kept), false, cut),
            // A character cut in two is the cut's doing, ours or the caller's, not the sender's.
            Err(error) if error.error_len().is_none() && (cut || *truncated) => {
                (String::from_utf8_lossy(kept.get(..error.valid_up_to()).unwrap_or_default()), false, cut)
            }
            Err(_) => {
                // Each bad byte becomes three, so the text may have to be cut a second time.
                let text = String::from_utf8_lossy(kept);
                let shown = prefix(&text, max);
                (Cow::Owned(shown.to_owned()), true, cut || shown.len() < text.len())
            }
        };
        // Masked text may be longer or shorter than the body's size: the flags alone say whether something is missing.
        Self { shown: Some(shown), truncated: *truncated || cut, invalid_utf8, size: *size }
    }

    /// For `metadata.untruncated_size`.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// What there is to say beside the text.
    pub(super) fn about(&self, about: &mut Object<'_>) {
        about.some("invalid_utf8", self.invalid_utf8.then_some(true));
        about.put("size", self.size);
        about.some("truncated", self.truncated.then_some(true));
    }
}

/// OCSF `http_response`
pub(super) fn http_response(answer: &mut Object<'_>, facts: &Facts, status: u16, response: Option<&Text<'_>>) {
    let latency = facts.times.start.zip(facts.times.response_headers).map(|(start, headers)| headers.since(start));
    answer.some("body_length", response.map(Text::size));
    answer.put("code", status);
    answer.some("latency", latency);
}

/// One of OCSF's `resources`.
pub(super) fn resource(resource: &mut Object<'_>, (kind, name): (&'static str, Cow<'_, str>)) {
    resource.put("name", name);
    resource.put("type", Word(kind));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(text: &[u8]) -> Payload {
        Payload { text: text.to_vec(), truncated: false, size: text.len() as u64 }
    }

    #[test]
    fn a_payload_is_cut_at_a_character_and_says_so() {
        let payload = payload("héllo".as_bytes());
        let text = Text::new(&payload, 2);
        assert_eq!((text.shown.as_deref().unwrap(), text.truncated, text.invalid_utf8, text.size), ("h", true, false, 6));
        let text = Text::new(&payload, 6);
        assert_eq!((text.shown.as_deref().unwrap(), text.truncated, text.invalid_utf8), ("héllo", false, false));
    }

    #[test]
    fn bad_bytes_are_replaced_flagged_and_still_capped() {
        let payload = payload(&[0xff; 100]);
        let text = Text::new(&payload, 100);
        assert_eq!(
            (text.shown.as_deref().unwrap().chars().count(), text.invalid_utf8, text.shown.as_deref().unwrap().len(), text.truncated),
            (33, true, 99, true)
        );
    }

    #[test]
    fn a_whole_body_that_ends_inside_a_character_is_bad() {
        let body = payload(b"ok \xc3");
        let text = Text::new(&body, 100);
        assert_eq!((text.shown.as_deref().unwrap(), text.invalid_utf8), ("ok \u{fffd}", true));
    }

    #[test]
    fn hosts_are_taken_apart() {
        assert_eq!(host_and_port("mcp.example.com:8443"), (Some("mcp.example.com"), Some(8443)));
        assert_eq!(host_and_port("mcp.example.com"), (Some("mcp.example.com"), None));
        assert_eq!(host_and_port("[::1]:443"), (Some("[::1]"), Some(443)));
        assert_eq!(host_and_port("[::1]"), (Some("[::1]"), None));
        assert_eq!(host_and_port("x:99999"), (Some("x:99999"), None));
    }
}
