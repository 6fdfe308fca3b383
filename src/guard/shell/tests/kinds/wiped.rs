//! What is wiped, ended and taken out of histories.

use super::Class;

pub(super) const HARM: &[(Class, &[&str])] = &[(
    Class::Destructive,
    &[
        "rm -rf $(git rev-parse --show-toplevel)/.git",
        "newfs /dev/da0",
        "asr restore --source x --target / --erase",
        "nvme delete-ns /dev/nvme0 -n 1",
        "parted /dev/sda mktable msdos -s",
        "gluster volume stop vol0 force",
        "rbd rm pool/image",
        "drbdadm wipe-md all",
        "hdfs dfs -rm -r -f -skipTrash /",
        "echo 'db.dropDatabase()' | mongosh prod",
        "kubectl drain --all --ignore-daemonsets --force",
        "rm -f terraform.tfstate terraform.tfstate.backup",
        "docker-compose -f prod.yml down -v",
        "git filter-repo --path . --invert-paths --force",
        "sed -i d /etc/fstab",
        "borg delete ssh://b/./repo",
        "zip -rmP x x.zip /home",
    ],
)];
