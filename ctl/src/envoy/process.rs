//! Envoy as a child: in a process group of its own, and gone when this program is.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{config, log};

/// How long Envoy may take to write its last lines.
const GRACE: Duration = Duration::from_secs(3);

/// Reads until the program at the other end of the pipe is gone, however it went, and cleans up after it.
const WATCHDOG: &str = r#"trap '' INT TERM HUP; read -r _; kill -KILL "-$1" 2>/dev/null; rm -rf -- "$2""#;

/// How to start it.
#[derive(Clone, Debug)]
pub struct Start<'a> {
    pub envoy: &'a Path,
    pub bootstrap: &'a Path,
    /// Takes Envoy's log, and whatever it prints.
    pub log: &'a Path,
    /// Removed when this program dies without a chance to do so itself.
    pub run_folder: &'a Path,
    pub concurrency: u32,
    /// Set for Envoy beside what this program was started with.
    pub env: &'a [(String, String)],
}

/// A running Envoy; dropping it stops it.
#[derive(Debug)]
pub struct EnvoyProcess {
    child: Child,
    watchdog: Child,
}

impl EnvoyProcess {
    pub fn start(start: &Start<'_>) -> io::Result<Self> {
        let log = File::create(start.log)?;
        let mut command = Command::new(start.envoy);
        command
            .arg("--config-path")
            .arg(start.bootstrap)
            .args(["--service-node", config::NAME, "--service-cluster", config::NAME])
            // No shared memory: any number of Envoys beside each other, nothing left behind by a killed one.
            .arg("--disable-hot-restart")
            // The default keeps up to 10 s of records in memory, which a kill loses.
            .args(["--file-flush-interval-msec", "100"])
            .args(["--log-level", "info", "--log-format", log::FORMAT])
            .args(["--concurrency", &start.concurrency.to_string()])
            .envs(start.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C in the terminal is for this program, which stops Envoy in its own time.
            .process_group(0);
        let mut child = command.spawn()?;
        let watchdog = Command::new("/bin/sh")
            .args(["-c", WATCHDOG, "portcullis-watchdog", &child.id().to_string()])
            .arg(start.run_folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        match watchdog {
            Ok(watchdog) => Ok(Self { child, watchdog }),
            Err(err) => {
                // Nothing may run unwatched.
                let _ = child.kill();
                let _ = child.wait();
                Err(err)
            }
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its end, when it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    fn signal(&self, signal: Signal) {
        // The child leads its group, and is not reaped before the last signal: the number cannot be another's.
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for EnvoyProcess {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.signal(Signal::TERM);
            let patience = Instant::now() + GRACE;
            while self.ended().is_none() && Instant::now() < patience {
                sleep(Duration::from_millis(10));
            }
            if self.ended().is_none() {
                self.signal(Signal::KILL);
                let _ = self.child.wait();
            }
        }
        // Before its pipe is closed, so that it does not clean up what another program has by now.
        let _ = self.watchdog.kill();
        let _ = self.watchdog.wait();
    }
}
