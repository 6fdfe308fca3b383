//! A PostgreSQL server of our own in a folder, if this machine has one.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// `nobody` on Debian and others: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

pub struct Postgres {
    server: Option<Child>,
    programs: PathBuf,
    port: u16,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// None when there is none to be had, which `PORTCULLIS_TEST_POSTGRES` forbids.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("PORTCULLIS_TEST_POSTGRES").is_none(), "PORTCULLIS_TEST_POSTGRES is set, and there is no PostgreSQL");
            println!("skipped: there is no PostgreSQL on this machine");
            return None;
        };
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        if rustix::process::geteuid().is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let port = super::free_port();
        let mut postgres = Self { server: None, programs, port, folder };
        let mut initdb = postgres.command("initdb");
        initdb.args(["--auth=trust", "--username=portcullis", "--encoding=UTF8", "--no-sync", "--pgdata"]).arg(postgres.data());
        assert!(initdb.status().unwrap().success(), "initdb failed");
        postgres.run();
        Some(postgres)
    }

    /// Starts the server on its data, wherever it left them.
    pub fn run(&mut self) {
        let mut server = self.command("postgres");
        server.args([
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=60",
            "-p",
            &self.port.to_string(),
            "-k",
        ]);
        server.arg(self.folder.path()).arg("-D").arg(self.data());
        self.server = Some(server.spawn().unwrap());
    }

    /// An immediate shutdown, its children with it: as after a crash, the next start recovers from the log.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        if let Some(pid) = i32::try_from(server.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
        let _ = server.wait();
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgresql://portcullis@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// A database of its own, as the configuration names it.
    pub async fn store(&self, database: &str) -> String {
        let client = self.connect("postgres").await;
        client.batch_execute(&format!("CREATE DATABASE {database}")).await.unwrap();
        format!("{{ postgres: \"{}\" }}", self.url(database))
    }

    pub async fn connect(&self, database: &str) -> tokio_postgres::Client {
        for _ in 0..150 {
            if let Ok((client, connection)) = tokio_postgres::connect(&self.url(database), tokio_postgres::NoTls).await {
                tokio::spawn(connection);
                return client;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("PostgreSQL does not come up");
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where `initdb` and `postgres` are: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let both = |folder: &Path| folder.join("initdb").exists() && folder.join("postgres").exists();
    debian.chain(std::env::split_paths(&path)).find(|folder| both(folder))
}
