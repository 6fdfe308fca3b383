//! What the kernel says of a running Envoy: CPU time of its worker and of all its threads, and memory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

/// Envoy's name for the thread of its only worker.
const WORKER: &str = "wrk:worker_0";

#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    pub worker: Duration,
    /// The worker, the main thread, the one that writes the access log, V8's own.
    pub process: Duration,
}

impl Cpu {
    pub fn since(self, earlier: Self) -> Self {
        Self { worker: self.worker.saturating_sub(earlier.worker), process: self.process.saturating_sub(earlier.process) }
    }
}

pub fn cpu(pid: u32) -> Result<Cpu> {
    let mut cpu = Cpu::default();
    let mut found = false;
    for task in fs::read_dir(format!("/proc/{pid}/task")).context("Envoy is gone")? {
        let task = task?.path();
        let Ok(used) = used(&task) else { continue };
        cpu.process = cpu.process.saturating_add(used);
        if fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == WORKER) {
            cpu.worker = used;
            found = true;
        }
    }
    found.then_some(cpu).with_context(|| format!("Envoy has no thread `{WORKER}`"))
}

/// In nanoseconds from the scheduler; `stat` counts in ticks of 10 ms.
fn used(task: &Path) -> Result<Duration> {
    let text = fs::read_to_string(task.join("schedstat"))?;
    let on_cpu = text.split_whitespace().next().context("an empty schedstat")?.parse()?;
    Ok(Duration::from_nanos(on_cpu))
}

/// Resident memory in bytes.
pub fn memory(pid: u32) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib.saturating_mul(1024))
}
