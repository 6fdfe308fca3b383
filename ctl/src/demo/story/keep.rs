//! `--keep`: everything stays up, with commands to try.

use std::{env, fs, time::Duration};

use anyhow::{Context, Result};

use super::stage::{Stage, quoted};
use crate::demo::gateway_seam::Gateway;

/// A call that stands for itself (revision 2026-07-28): no session to open first.
const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"lookup_customer","arguments":{"id":2},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#;

/// Only returns when it cannot begin.
pub(super) async fn running<G: Gateway>(stage: &mut Stage<G>) -> Result<()> {
    let program = env::current_exe().context("this program does not know where it is")?;
    let commands = [
        "# a token (groups: engineering, privacy, dba)".to_owned(),
        format!("TOKEN=$({} token --state {} --user ada --group engineering)", quoted(&program), quoted(&stage.stand.state)),
        "# a guarded call".to_owned(),
        format!("curl -s --cacert {} {} \\", quoted(stage.stand.gateway.ca_path()), stage.stand.gateway.url()),
        "  -H \"authorization: Bearer $TOKEN\" -H 'content-type: application/json' \\".to_owned(),
        "  -H 'accept: application/json, text/event-stream' -H 'mcp-protocol-version: 2026-07-28' \\".to_owned(),
        "  -H 'mcp-method: tools/call' -H 'mcp-name: lookup_customer' \\".to_owned(),
        format!("  -d '{CALL}'"),
        "# the records, as they are written".to_owned(),
        format!("tail -f {}", quoted(stage.records.path())),
        "# take access back; running streams end within two seconds".to_owned(),
        format!(
            "{} revoke --file {} --subject ada --issuer {}",
            quoted(&program),
            quoted(&stage.stand.revocations),
            stage.stand.issuer.issuer
        ),
        "# calls that wait for people: log in as anybody else, in the group `leads`".to_owned(),
        stage.stand.people.as_ref().map(|people| people.url.clone()).unwrap_or_default(),
        "# the policy; saving it puts it in force".to_owned(),
        format!("${{EDITOR:-vi}} {}", quoted(&stage.stand.policy)),
    ];
    stage.screen.plain("\nEverything keeps running until Ctrl-C. In another terminal:\n");
    for command in commands {
        stage.screen.plain(&command);
    }
    stage.screen.plain("");

    let mut current = fs::read_to_string(&stage.stand.policy).unwrap_or_default();
    loop {
        tokio::time::sleep(Duration::from_millis(250)).await;
        // An editor may be between removing the old file and writing the new one.
        let Ok(text) = fs::read_to_string(&stage.stand.policy) else { continue };
        if text == current || text.is_empty() {
            continue;
        }
        match stage.stand.gateway.replace_policy(&text).await {
            Ok(()) => stage.screen.plain("policy reloaded"),
            Err(err) => stage.screen.plain(&format!("the saved policy is not taken, the old one stays: {err:#}")),
        }
        current = text;
    }
}
