//! Commands of the class `obfuscation`.

pub(super) const TEXTS: &[&str] = &[
    "echo aWQ= | base64 -d | sh",
    "base64 -d x.b64 | bash",
    "xxd -r -p x | sh",
    "openssl enc -d -aes-256-cbc -in x -k k | sh",
    "gunzip -c x.gz | bash",
    "eval \"$(base64 -d payload)\"",
    "python -c 'import base64;exec(base64.b64decode(\"aW1wb3J0IG9z\"))'",
    "perl -e 'eval unpack u=>q{x}'",
    "php -r 'eval(gzinflate(base64_decode(\"x\")));'",
    "node -e 'eval(Buffer.from(\"aWQ=\",\"base64\").toString())'",
    "/???/c?t /etc/hosts",
    "$(echo di | rev)",
    "python -c 'getattr(__import__(\"o\"+\"s\"),\"sys\"+\"tem\")(\"id\")'; python3 -c 'exec(chr(105)+chr(109))'",
    "$(python -c 'print(\"id\")')",
    "$(awk 'BEGIN{printf \"%c%c\",105,100}')",
    "tail -n +5 $0 | base64 -d | sh",
];
