//! Where state lies that nobody can make again: databases, clusters, backups, what people keep in their homes.

use super::super::paths;
use super::super::state::Shell;

/// Directories in which whole databases and clusters lie.
const STATE: &[&str] = &[
    "/var/lib/postgresql",
    "/var/lib/mysql",
    "/var/lib/mongodb",
    "/var/lib/mongo",
    "/var/lib/redis",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/etc/kubernetes",
    "/var/lib/elasticsearch",
    "/var/lib/cassandra",
    "/var/lib/influxdb",
    "/var/lib/clickhouse",
    "/var/lib/ceph",
    "/var/lib/libvirt/images",
    "/var/lib/vault",
    "/var/lib/consul",
    "/var/backups",
    "/var/lib/docker/volumes",
    "/var/lib/containerd",
    "/etc/cni",
    "/etc/letsencrypt",
    "/var/vmail",
];

impl Shell {
    pub(in super::super) fn is_state(&self, path: &str) -> bool {
        let path = paths::canonical(path, self.cwd.as_deref());
        // What people put there to keep.
        const KEPT: [&str; 15] = [
            "data",
            "backup",
            "backups",
            "db",
            "database",
            "databases",
            "mysql",
            "postgres",
            "postgresql",
            "uploads",
            "archive",
            "archives",
            "prod",
            "production",
            "snapshots",
        ];
        let name = path.trim_end_matches("/*").rsplit('/').next().unwrap_or_default();
        if !["/var/cache/", "/var/run/", "/var/tmp/"].iter().any(|place| path.starts_with(place))
            && ["/srv/", "/mnt/", "/data/", "/media/", "/opt/", "/var/", "/backup", "/backups"].iter().any(|place| path.starts_with(place))
            && path.matches('/').count() <= 3
            && KEPT.contains(&name)
        {
            return true;
        }
        keeps_state(&path)
    }
}

/// Whether a database or a cluster keeps there what it lives off.
pub(in super::super) fn keeps_state(path: &str) -> bool {
    STATE.iter().any(|place| path == *place || path.strip_prefix(place).is_some_and(|rest| rest.starts_with('/')))
}
