//! One Envoy with the filter, which can be killed and comes back where it was; and calls through it.

use std::time::Duration;

use portcullisctl::up::{Gateway, Options, Tls};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

pub struct Door {
    options: Options,
    gateway: Option<Gateway>,
    url: String,
    http: reqwest::Client,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The server's own answer.
    Made,
    /// Nobody has decided yet: text for the model, or the address of a page.
    Waits,
    /// The approval was used by another.
    Used,
    /// Anything else the filter says.
    Refused(String),
    /// No answer, or none of the filter's: the client knows nothing.
    Lost(String),
}

/// Which revision of MCP a call speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    Legacy,
    Modern,
}

impl Door {
    pub async fn open(mut options: Options) -> Self {
        let port = super::support::free_port();
        options.listen.set_port(port);
        options.tls = Tls::Off;
        options.concurrency = Some(2);
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(90)).build().unwrap();
        let mut door = Self { options, gateway: None, url: format!("http://127.0.0.1:{port}/mcp"), http };
        door.revive().await;
        door
    }

    pub async fn revive(&mut self) {
        self.gateway = Some(Gateway::start(self.options.clone()).await.unwrap_or_else(|err| panic!("{err}")));
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        let Some(gateway) = self.gateway.take() else { return };
        let pid = i32::try_from(gateway.pid()).ok().and_then(Pid::from_raw).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        drop(gateway);
    }

    /// Puts a policy in force, as an operator does, and for later lives of this Envoy.
    pub async fn replace_policy(&mut self, json: &str) {
        self.options.policy_json = json.to_owned();
        self.gateway.as_mut().unwrap().replace_policy(json).await.unwrap_or_else(|err| panic!("{err}"));
    }

    /// A call of `tool` that arrives under `key`.
    pub fn call(&self, token: &str, tool: &str, key: &str, era: Era) -> impl Future<Output = Told> + Send + use<> {
        let mut params = json!({ "name": tool, "arguments": { "key": key } });
        let mut request = self.http.post(&self.url).bearer_auth(token);
        request = request.header("host", "mcp.example.com").header("accept", "application/json, text/event-stream");
        if era == Era::Modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": { "elicitation": { "url": {} } },
            });
            request = request.header("mcp-protocol-version", "2026-07-28").header("mcp-method", "tools/call").header("mcp-name", tool);
        }
        let request = request.json(&json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }));
        async move {
            let answer = match request.send().await {
                Ok(answer) => (answer.status().as_u16(), answer.text().await),
                Err(err) => return Told::Lost(err.to_string()),
            };
            match answer {
                (200, Ok(text)) => told(&text),
                (status, text) => Told::Lost(format!("{status} {text:?}")),
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.kill();
    }
}

fn told(text: &str) -> Told {
    let answer: Value = serde_json::from_str(text).unwrap_or_else(|err| panic!("{err}: {text}"));
    let result = &answer["result"];
    let said = result["content"][0]["text"].as_str().unwrap_or_default();
    match (result["resultType"].as_str(), result["isError"] == true) {
        (Some("input_required"), _) => Told::Waits,
        (_, false) if said == "it was made" => Told::Made,
        (_, true) if said.contains("nobody has decided yet") => Told::Waits,
        (_, true) if said.contains("has been used by another") => Told::Used,
        _ => Told::Refused(text.to_owned()),
    }
}
