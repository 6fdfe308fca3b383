//! Clients of data stores that nothing else here knows word by word: what they are told on their command line or on their input, in any dialect.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::Names;
use super::super::state::Shell;
use super::accounts::is_production;
use super::verbs::is_trial;

/// Clients by their names; what ends in `sql`, `-cli` or `-client` is one as well.
static CLIENTS: Names = Names::of(&[
    "cqlsh",
    "cypher-shell",
    "hive",
    "beeline",
    "impala-shell",
    "spark-sql",
    "trino",
    "presto",
    "bq",
    "hbase",
    "cbq",
    "surreal",
    "arangosh",
    "mongo",
    "mongosh",
    "influx",
    "influx3",
    "clickhouse",
    "clickhouse-client",
    "clickhouse-local",
    "snowsql",
    "snow",
    "cockroach",
    "isql",
    "usql",
    "litecli",
    "iredis",
    "redis-cli",
    "valkey-cli",
    "keydb-cli",
    "dragonfly",
    "dragonfly-cli",
    "memcached-tool",
    "tarantool",
    "tarantoolctl",
    "asinfo",
    "aql",
    "asadm",
    "fauna",
    "edgedb",
    "gel",
    "ksql",
    "ysqlsh",
    "ycqlsh",
    "tidb",
    "vtctlclient",
    "singlestore",
    "memsql",
    "crash",
    "questdb",
    "dgraph",
    "neo4j-admin",
    "nodetool",
    "aws",
    "az",
    "gcloud",
    "databricks",
    "athena",
    "turso",
    "wrangler",
    "pscale",
    "supabase",
    "neonctl",
    "sqlplus",
    "sql",
    "vsql",
    "nzsql",
    "exaplus",
    "db2",
    "dbaccess",
    "rqlite",
    "zkCli.sh",
    "zkCli",
    "zookeeper-shell",
    "zookeeper-shell.sh",
]);

/// What ends data, as a statement begins. Blanks are single, letters large.
const ENDS: [&str; 24] = [
    "DROP DATABASE",
    "DROP SCHEMA",
    "DROP KEYSPACE",
    "DROP TABLE",
    "DROP BUCKET",
    "DROP COLLECTION",
    "DROP INDEX",
    "DROP TENANT",
    "DROP WAREHOUSE",
    "DROP SCOPE",
    "DROP USER",
    "DROP MEASUREMENT",
    "DROP CATALOG",
    "DROP NAMESPACE",
    "DROP GRAPH",
    "REMOVE DATABASE",
    "REMOVE NAMESPACE",
    "REMOVE TABLE",
    "TRUNCATE TABLE",
    "TRUNCATE ",
    "FLUSHALL",
    "FLUSHDB",
    "FLUSH_ALL",
    "DELETEALL /",
];

/// The same within code of a store's own.
const CALLED: [&str; 10] = [
    "_dropdatabase(",
    ".dropdatabase(",
    "detach delete n",
    "detach delete (",
    ":drop()",
    ".drop()",
    "._drop(",
    "truncate:namespace=",
    "truncate-namespace:",
    "rmr /",
];

/// Ports on which stores listen that take lines of plain text.
const PORTS: [&str; 4] = ["6379", "11211", "2181", "6380"];

fn is_client(name: &str) -> bool {
    CLIENTS.has(name) || ["sql", "-cli", "-client", "-shell"].iter().any(|end| name.len() > end.len() + 1 && name.ends_with(end))
}

/// Whether a text, as a whole or behind a `;`, ends data.
fn ends(text: &str) -> bool {
    if text.len() < 5 || text.len() > 64 * 1024 {
        return false;
    }
    let upper = text.to_ascii_uppercase();
    let mut quoted = false;
    let parts = upper.split(|c: char| {
        quoted ^= c == '\'';
        !quoted && matches!(c, ';' | '\n')
    });
    let statement = parts.take(256).any(|part| {
        let part = part.trim_start();
        let ends = ENDS.iter().any(|verb| part.starts_with(verb));
        // A table that only this session has.
        ends && !part.contains(" TEMP") && !part.contains("IF EXISTS TMP") && !part.contains("_TMP")
    });
    let lower = || text.to_ascii_lowercase();
    // HBase: `disable 't'; drop 't'`.
    let hbase = || lower().contains("drop '") || lower().contains("drop_all");
    statement || CALLED.iter().any(|call| lower().contains(call)) || hbase() && lower().contains("disable")
}

/// A row too many: `ALTER TABLE t DELETE WHERE 1`.
fn deletes_all(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let upper = upper.trim_end_matches([';', ' ', '"', '\'']);
    upper.starts_with("ALTER TABLE")
        && (upper.ends_with("DELETE WHERE 1") || upper.ends_with("DELETE WHERE 1=1") || upper.ends_with("DELETE WHERE TRUE"))
}

impl Shell {
    pub(super) fn told_stores(&mut self, call: &Call<'_>) {
        let passes = matches!(call.name, "nc" | "ncat" | "netcat" | "telnet" | "socat");
        if passes {
            let port = call.texts().any(|text| PORTS.iter().any(|port| text == *port || text.ends_with(&[":", port].concat())));
            if port && ends(&call.io.stdin.text) {
                self.mark(Class::Destructive);
            }
            return;
        }
        // Read as their database would read it.
        const READ: [&str; 10] = ["psql", "mysql", "mariadb", "sqlite3", "duckdb", "sqlcmd", "osql", "mycli", "pgcli", "mssql-cli"];
        if !is_client(call.name) || READ.contains(&call.name) {
            return;
        }
        let asks = call.texts().any(|text| matches!(text, "--help" | "help" | "--dry-run" | "-h") && text != "-h");
        let near = call.texts().take(8).any(|text| is_trial(text) && !text.contains(' ')) && !is_production(call);
        if asks || near && !matches!(call.name, "redis-cli" | "valkey-cli") {
            return;
        }
        let cloud = matches!(call.name, "aws" | "az" | "gcloud" | "databricks" | "wrangler" | "supabase");
        let told = call.texts().filter(|text| !cloud || text.contains(' ')).any(|text| {
            let trial = is_trial(text) || text.to_ascii_lowercase().contains("temp");
            !trial && (text.contains(' ') || text.contains(['(', ':'])) && (ends(text) || deletes_all(text))
        });
        // `dragonfly-cli flushall`, `memcached-tool host:11211 flush`, `zookeeper-shell zk:2181 deleteall /x`.
        let words = || {
            let mut words = call.texts().map(str::to_ascii_lowercase);
            match call.name {
                "memcached-tool" => words.any(|word| matches!(word.as_str(), "flush" | "flush_all")),
                "zkCli.sh" | "zkCli" | "zookeeper-shell" | "zookeeper-shell.sh" => {
                    words.any(|word| matches!(word.as_str(), "deleteall" | "rmr"))
                }
                "redis-cli" | "valkey-cli" | "keydb-cli" => false,
                _ => words.any(|word| matches!(word.as_str(), "flushall" | "flush_all")),
            }
        };
        let input = call.io.stdin.is_known() && !is_trial(&call.io.stdin.text) && ends(&call.io.stdin.text);
        if told || input || words() {
            self.mark(Class::Destructive);
        }
    }
}
