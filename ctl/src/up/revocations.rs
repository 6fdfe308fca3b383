//! `--revocations FILE`: the list served on this machine, as the cluster that the policy names.

use std::path::Path;

use serde_json::Value;

use crate::exit::Failure;
use crate::revoke::serve::Server;

/// The running server, and the cluster it stands for.
pub(super) async fn serve(file: &Path, policy_json: &str) -> Result<(Server, (String, String)), Failure> {
    let policy: Value = serde_json::from_str(policy_json).unwrap_or_default();
    let cluster = policy.pointer("/identity/revocation/cluster").and_then(Value::as_str).ok_or_else(|| {
        Failure::usage(
            "--revocations: the policy has no `identity.revocation`, so nobody would look at the list; add it or leave the flag out",
        )
    })?;
    if !file.is_file() {
        return Err(Failure::environment(format!(
            "--revocations: there is no `{0}`; `portcullisctl revoke --file {0} --public-key` makes it and prints the key for the policy",
            file.display()
        )));
    }
    let server = Server::start(file).await.map_err(|err| Failure::environment(format!("--revocations: cannot serve the list: {err}")))?;
    let url = server.url.clone();
    Ok((server, (cluster.to_owned(), url)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn says_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("revocations.jwt");
        let policy = r#"{"identity":{"revocation":{"cluster":"control"}}}"#;
        let why = async |policy: &str| serve(&file, policy).await.err().unwrap().to_string();
        assert!(why("{}").await.contains("no `identity.revocation`"));
        assert!(why(policy).await.contains("--public-key"));
        std::fs::write(&file, "a list").unwrap();
        let (server, (cluster, url)) = serve(&file, policy).await.unwrap();
        assert_eq!((cluster.as_str(), url.as_str()), ("control", server.url.as_str()));
    }
}
