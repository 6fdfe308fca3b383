//! The same on PostgreSQL: a server of our own in a folder, if this machine has one.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::stand::{Plan, SECRET, Stand};
use super::stores;

/// `nobody` on Debian and others: PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

struct Postgres {
    server: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Postgres {
    fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        let data = folder.path().join("data");
        let is_root = rustix::process::geteuid().is_root();
        if is_root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let as_nobody = |command: &mut Command| {
            if is_root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        };
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["--auth=trust", "--username=portcullis", "--encoding=UTF8", "--no-sync", "--pgdata"]).arg(&data);
        as_nobody(&mut initdb);
        assert!(initdb.status().unwrap().success(), "initdb failed");
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Command::new(programs.join("postgres"));
        server.args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=60", "-p", &port.to_string(), "-k"]);
        server.arg(folder.path()).arg("-D").arg(&data);
        as_nobody(&mut server);
        let server = server.spawn().unwrap();
        Some(Self { server, port, _folder: folder })
    }

    fn url(&self, database: &str) -> String {
        format!("postgresql://portcullis@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// A database of its own, as the configuration names it.
    async fn store(&self, database: &str) -> String {
        let client = self.connect("postgres").await;
        client.batch_execute(&format!("CREATE DATABASE {database}")).await.unwrap();
        format!("{{ postgres: \"{}\" }}", self.url(database))
    }

    async fn connect(&self, database: &str) -> tokio_postgres::Client {
        for _ in 0..150 {
            if let Ok((client, connection)) = tokio_postgres::connect(&self.url(database), tokio_postgres::NoTls).await {
                tokio::spawn(connection);
                return client;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        panic!("PostgreSQL does not come up");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGQUIT: at once, its children with it.
        if let Some(pid) = i32::try_from(self.server.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::QUIT);
        }
        let _ = self.server.wait();
    }
}

/// Where `initdb` and `postgres` are: on the path, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let both = |folder: &Path| folder.join("initdb").exists() && folder.join("postgres").exists();
    debian.chain(std::env::split_paths(&path)).find(|folder| both(folder))
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_holds_on_postgresql() {
    let Some(postgres) = Postgres::start() else {
        assert!(std::env::var_os("PORTCULLIS_TEST_POSTGRES").is_none(), "PORTCULLIS_TEST_POSTGRES is set, and there is no PostgreSQL");
        println!("skipped: there is no PostgreSQL on this machine");
        return;
    };
    let on = async |name: &str| Stand::with(Plan { store: Some(postgres.store(name).await), ..Plan::default() }).await;
    stores::one_of_a_thousand_wins(&on("race").await).await;
    stores::nothing_is_lost(&mut on("restart").await).await;
    stores::the_same_question_is_one_request(&on("idempotency").await).await;
    stores::what_ended_long_ago_is_forgotten(Some(postgres.store("keep").await)).await;

    // Replicas that start on an empty database at once.
    let store = postgres.store("together").await;
    let plan = || Plan { store: Some(store.clone()), ..Plan::default() };
    let (one, two, three) = tokio::join!(Stand::with(plan()), Stand::with(plan()), Stand::with(plan()));
    let id = one.asked(&one.request("x")).await;
    assert_eq!(
        (two.status(&id).await["task"]["status"].clone(), three.status(&id).await["task"]["status"].clone()),
        ("pending".into(), "pending".into())
    );

    // Connections that break are made anew.
    let client = postgres.connect("together").await;
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'together' AND pid <> pg_backend_pid()";
    client.batch_execute(others).await.unwrap();
    let path = format!("/access/v1/requests/{id}");
    let mut answered = 503;
    for _ in 0..50 {
        answered = one.call(reqwest::Method::GET, &path, SECRET, &[], None).await.status;
        assert!([200, 503].contains(&answered), "{answered}");
        if answered == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(answered, 200);

    // What the server itself sees to.
    for sql in ["UPDATE journal SET event = 'x'", "DELETE FROM journal", "TRUNCATE journal"] {
        assert!(client.batch_execute(sql).await.unwrap_err().as_db_error().unwrap().message().contains("only added to"), "{sql}");
    }
}
