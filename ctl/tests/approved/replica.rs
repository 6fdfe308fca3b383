//! One replica of the approval service: a process of its own, which can be killed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub struct Replica {
    pub url: String,
    config: PathBuf,
    process: Option<Child>,
}

impl Replica {
    /// `config` is the path of its configuration, `port` the one it says.
    pub async fn start(config: PathBuf, port: u16) -> Self {
        let mut replica = Self { url: format!("http://127.0.0.1:{port}"), config, process: None };
        replica.revive().await;
        replica
    }

    pub async fn revive(&mut self) {
        let log = File::options().create(true).append(true).open(self.config.with_extension("log")).unwrap();
        let mut command = program();
        command.args(["approvals", "serve", "--config"]).arg(&self.config);
        self.process = Some(command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
        self.well().await;
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Until it and its store answer.
    pub async fn well(&self) {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build().unwrap();
        for _ in 0..600 {
            if client.get(format!("{}/healthz", self.url)).send().await.is_ok_and(|answer| answer.status() == 200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the service does not come up; its last words: {:?}", std::fs::read_to_string(self.config.with_extension("log")));
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("{}: {}", self.url, std::fs::read_to_string(self.config.with_extension("log")).unwrap_or_default());
        }
    }
}

/// The companion itself.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_portcullisctl"))
}

/// `portcullisctl approvals verify` on a configuration; what it says.
pub fn verified(config: &Path) -> String {
    let done = program().args(["approvals", "verify", "--config"]).arg(config).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{said}");
    said
}
