//! Deciding from a terminal, through the service's API for approvers.

mod view;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::{Certificate, Client, Method, Response};
use serde_json::{Value, json};

use crate::exit::{self, Exit, Failure};
use view::{line, plain, pretty, whole};

/// For one answer; an event stream has no end.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of one event: a summary is a few KiB.
const EVENT: usize = 1024 * 1024;

#[derive(Debug, clap::Args)]
pub struct Remote {
    /// The service's address [default: PORTCULLIS_APPROVALS_URL]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A file with your token [default: the token in PORTCULLIS_APPROVALS_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// An authority to trust besides those of this system (PEM)
    #[arg(long, value_name = "FILE")]
    pub cacert: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    remote: Remote,
    /// `waiting`, `reviews`, `all`, `approved`, `consumed`, `denied`, `expired` or `cancelled`
    #[arg(long, value_name = "WHICH", default_value = "waiting")]
    view: String,
    /// Only those with this in tool, person, agent, rule or id
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// At most so many, newest first
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    /// As the service tells it
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct One {
    #[command(flatten)]
    remote: Remote,
    #[arg(value_name = "ID")]
    id: String,
    /// As the service tells it
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Approve {
    #[command(flatten)]
    remote: Remote,
    #[arg(value_name = "ID")]
    id: String,
    /// Why; the policy may demand one
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Alone, outside of the request's groups, in an emergency; somebody will look at it later
    #[arg(long, requires = "reason")]
    break_glass: bool,
}

#[derive(Debug, clap::Args)]
pub struct Refuse {
    #[command(flatten)]
    remote: Remote,
    #[arg(value_name = "ID")]
    id: String,
    /// Why; the policy may demand one
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("opinion").required(true))]
pub struct Review {
    #[command(flatten)]
    remote: Remote,
    #[arg(value_name = "ID")]
    id: String,
    #[arg(long, group = "opinion")]
    justified: bool,
    #[arg(long, group = "opinion")]
    not_justified: bool,
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, clap::Args)]
pub struct Watch {
    #[command(flatten)]
    remote: Remote,
    /// As the service tells it, an event a line
    #[arg(long)]
    json: bool,
}

struct Api {
    client: Client,
    url: String,
    token: String,
}

impl Api {
    fn new(remote: &Remote) -> Result<Self> {
        let (url, token) = remote.resolve()?;
        let mut builder = Client::builder().redirect(reqwest::redirect::Policy::none());
        if let Some(file) = &remote.cacert {
            let pem = std::fs::read(file).map_err(|err| Failure::environment(format!("cannot read `{}`: {err}", file.display())))?;
            let authority = Certificate::from_pem(&pem).with_context(|| format!("`{}` is no certificate (PEM)", file.display()))?;
            builder = builder.tls_certs_merge([authority]);
        }
        Ok(Self { client: builder.build()?, url, token })
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let mut request = self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token).timeout(TIMEOUT);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = checked(request.send().await.map_err(unreachable)?).await?;
        response.json().await.map_err(|err| Failure::environment(format!("the service's answer cannot be read: {err}")).into())
    }
}

fn unreachable(err: reqwest::Error) -> Failure {
    Failure::environment(format!("the service does not answer: {err}"))
}

async fn checked(response: Response) -> Result<Response> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body: Value = response.json().await.unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    Err(Failure::wrong(format!("{} ({} {})", plain(text("message")), status.as_u16(), plain(text("error")))).into())
}

pub async fn list(args: List) -> Result<ExitCode> {
    let api = Api::new(&args.remote)?;
    let mut query = reqwest::Url::parse("http://x/approver/v1/requests")?;
    query.query_pairs_mut().append_pair("view", &args.view).append_pair("limit", &args.limit.to_string());
    if let Some(search) = &args.search {
        query.query_pairs_mut().append_pair("q", search);
    }
    let found = api.ask(Method::GET, &format!("{}?{}", query.path(), query.query().unwrap_or_default()), None).await?;
    if args.json {
        exit::print(&pretty(&found)?)?;
        return Ok(Exit::Fine.into());
    }
    let requests = found.get("requests").and_then(Value::as_array).cloned().unwrap_or_default();
    if requests.is_empty() {
        tell_user!("nothing");
    }
    for request in &requests {
        exit::print(&line(request))?;
    }
    Ok(Exit::Fine.into())
}

pub async fn show(args: One) -> Result<ExitCode> {
    let request = Api::new(&args.remote)?.ask(Method::GET, &format!("/approver/v1/requests/{}", segment(&args.id)?), None).await?;
    exit::print(&if args.json { pretty(&request)? } else { whole(&request)? })?;
    Ok(Exit::Fine.into())
}

pub async fn approve(args: Approve) -> Result<ExitCode> {
    let body = json!({ "decision": "approve", "reason": args.reason, "break_glass": args.break_glass });
    decide(&args.remote, &args.id, body).await
}

pub async fn refuse(args: Refuse) -> Result<ExitCode> {
    decide(&args.remote, &args.id, json!({ "decision": "deny", "reason": args.reason })).await
}

async fn decide(remote: &Remote, id: &str, body: Value) -> Result<ExitCode> {
    let path = format!("/access/v1/requests/{}/decisions", segment(id)?);
    let answer = Api::new(remote)?.ask(Method::POST, &path, Some(body)).await?;
    exit::print(&line(answer.get("task").unwrap_or(&Value::Null)))?;
    Ok(Exit::Fine.into())
}

pub async fn review(args: Review) -> Result<ExitCode> {
    let path = format!("/approver/v1/requests/{}/review", segment(&args.id)?);
    let body = json!({ "justified": args.justified, "reason": args.reason });
    let answer = Api::new(&args.remote)?.ask(Method::POST, &path, Some(body)).await?;
    exit::print(&line(answer.get("task").unwrap_or(&Value::Null)))?;
    Ok(Exit::Fine.into())
}

pub async fn watch(args: Watch) -> Result<ExitCode> {
    let api = Api::new(&args.remote)?;
    let mut last: Option<String> = None;
    loop {
        let mut request = api.client.get(format!("{}/approver/v1/events", api.url)).bearer_auth(&api.token);
        if let Some(last) = &last {
            request = request.header("last-event-id", last);
        }
        // What the service refuses ends it; a connection that breaks does not.
        if let Ok(response) = request.send().await {
            let mut response = checked(response).await?;
            let mut buffer = Vec::new();
            while let Ok(Some(chunk)) = response.chunk().await {
                buffer.extend_from_slice(&chunk);
                while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                    let event: Vec<u8> = buffer.drain(..end + 2).collect();
                    last = happened(&String::from_utf8_lossy(&event), args.json)?.or(last);
                }
                if buffer.len() > EVENT {
                    return Err(Failure::environment("the service sends an event without an end").into());
                }
            }
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// Prints an event; its id.
fn happened(event: &str, as_json: bool) -> Result<Option<String>> {
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim_start));
    if field("event") == Some("request") {
        let data: Value = serde_json::from_str(field("data").unwrap_or_default()).unwrap_or_default();
        let what = data.get("event").and_then(Value::as_str).unwrap_or_default();
        let request = data.get("request").unwrap_or(&Value::Null);
        exit::print(&if as_json { data.to_string() } else { format!("{:<10} {}", plain(what), line(request)) })?;
    }
    Ok(field("id").map(str::to_owned))
}

/// An id goes into a path: it is one of ours or none.
fn segment(id: &str) -> Result<&str, Failure> {
    let fine = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if fine { Ok(id) } else { Err(Failure::usage(format!("`{}` is no id of a request, such as `apr_...`", plain(id)))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_no_path() {
        assert!(segment("apr_a-B9").is_ok());
        for id in ["", "../x", "a/b", "a?b", "a b"] {
            assert!(segment(id).is_err(), "{id}");
        }
    }
}
