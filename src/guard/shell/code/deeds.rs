//! What code does by itself, without a shell: processes without end, memory without end, stores emptied, clouds taken down, people watched, secrets printed.

use super::super::Class;
use super::super::Classes;
use super::Language;

/// Loops that do not end, as they read when blanks are gone.
const ENDLESS: [&str; 16] = [
    "while",
    "iter(int",
    "loop",
    "for(;;)",
    "until",
    "count()",
    "itertools.repeat",
    "itertools.cycle",
    "cycle{",
    "1..1e",
    "range(10**",
    "range(1000000",
    ".times{",
    "setinterval(",
    "1..inf",
    "1.step{",
];

/// Stores and clouds, and what ends what is in them.
const ENDS: [&str; 34] = [
    ".flushall(",
    ".flush_all(",
    ".drop_database(",
    ".dropdatabase(",
    ".drop_collection(",
    ".drop_all(",
    ".delete_many({})",
    ".deletemany({})",
    ".terminate_instances(",
    ".delete_db_instance(",
    ".delete_db_cluster(",
    ".delete_bucket(",
    ".delete_table(",
    ".delete_snapshot(",
    ".delete_volume(",
    ".delete_backup",
    ".delete_cluster(",
    ".delete_stack(",
    ".delete_user(",
    ".delete_role(",
    ".delete_secret(",
    ".schedule_key_deletion(",
    ".delete_file_system(",
    ".delete_repository(",
    ".delete_hosted_zone(",
    ".delete_log_group(",
    ".delete_namespace(",
    ".delete_collection_namespaced",
    ".delete_node(",
    ".object_versions.delete(",
    ".objects.all().delete(",
    ".indices.delete(index='*'",
    ".indices.delete(index=\"*\"",
    ".indices.delete(index=\"_all\"",
];

/// Where those who watch a cloud or hold its rights are ended or made.
const BLINDS: [&str; 8] = [
    ".stop_logging(",
    ".delete_trail(",
    ".delete_detector(",
    ".stop_configuration_recorder(",
    ".delete_flow_logs(",
    ".delete_alarms(",
    ".disable_security_hub(",
    ".deactivate_mfa_device(",
];

const GRANTS: [&str; 7] = [
    ".create_access_key(",
    ".create_login_profile(",
    ".update_login_profile(",
    ".attach_user_policy(",
    ".attach_role_policy(",
    ".put_user_policy(",
    ".update_assume_role_policy(",
];

/// Keys pressed, screens, cameras and what was copied.
const WATCHES: [&str; 12] = [
    "keyboard.listener(",
    "pynput.keyboard",
    "keyboard.on_press",
    "keyboard.hook(",
    "keyboard.record(",
    "pyxhook",
    "getasynckeystate",
    "evdev.inputdevice",
    "cv2.videocapture(0",
    "sounddevice.rec(",
    "pyaudio(",
    "mss.mss(",
];

/// What hands out what programs keep for those who log in.
const KEPT: [&str; 8] = [
    "get_frozen_credentials(",
    "browser_cookie3",
    "browsercookie",
    "pycookiecheat",
    "cryptunprotectdata",
    "win32crypt",
    "secretservice.",
    "spwd.getsp",
];

fn is_trial(flat: &str) -> bool {
    ["localhost", "127.0.0.1", "test", "mock", "moto", "fake", "localstack", "dry"].iter().any(|word| flat.contains(word))
}

/// Classes of deeds in code whose blanks are gone and whose letters are small.
pub(super) fn deeds(flat: &str, language: Language, connects: bool, sends: bool) -> Classes {
    let has = |words: &[&str]| words.iter().any(|word| flat.contains(word));
    let word = |word: &str| flat.contains(word);
    let mut classes = Classes::default();
    let forks = has(&["fork()", "forkwhile", "fork{", "os.fork", "forkif", "whilefork", "pcntl_fork", "forkfor", "{fork}", "{fork;}"])
        || word("fork(") && language == Language::JavaScript
        || word("fork}") && matches!(language, Language::Ruby | Language::Perl);
    if forks && has(&ENDLESS) && !connects {
        classes.insert(Class::Destructive);
    }
    // Memory that is only taken.
    let grows = has(&["x+=x", "a+=a", "s+=s", "b+=b", ".=$x", ".=$a", ".=$s", ".append(''*10**", "buffer.alloc(1e", "*10**9)", "*10**10)"]);
    let endless = has(&["while1", "whiletrue", "while(1)", "while(true)", "for(;;)", "iter(int", "loop{", "count()"]);
    if grows && endless {
        classes.insert(Class::Destructive);
    }
    // Every process, the first process.
    if has(&["os.kill(-1,", "os.kill(1,", "process.kill(-1", "process.kill(1,", "kill(9,-1)", "kill9,-1", "posix_kill(-1", "posix_kill(1,"])
    {
        classes.insert(Class::Destructive);
    }
    if has(&["os.truncate('/etc/", "os.truncate(\"/etc/", "truncatesync('/etc/", "truncatesync(\"/etc/"]) {
        classes.insert(Class::Destructive);
    }
    let harmless = is_trial(flat);
    let whole = has(&[".buckets.all()"]) && word(".delete()");
    if (has(&ENDS) || whole) && !harmless {
        classes.insert(Class::Destructive);
    }
    if has(&BLINDS) && !harmless {
        classes.insert(Class::ProtectionOff);
    }
    if has(&GRANTS) && !harmless && (word("boto3") || word("iam")) {
        classes.insert(Class::Persistence);
    }
    let statement = ["dropdatabase", "droptable", "dropschema", "truncatetable"]
        .iter()
        .any(|verb| flat.match_indices(verb).any(|(at, _)| flat.get(..at).is_some_and(|before| before.ends_with(['\'', '"', '`', ';']))))
        && has(&["execute(", "query(", ".exec(", "executescript(", ".do(", "raw("]);
    if statement && !harmless && !word(":memory:") {
        classes.insert(Class::Destructive);
    }
    let shows = has(&["imagegrab.grab(", "pyautogui.screenshot(", "pyperclip.paste(", "clipboard.paste("]);
    if has(&WATCHES) && (sends || word("open(") || word("write")) || shows && sends {
        classes.insert(Class::Exfiltration);
    }
    // Keys and stores of passwords, wherever they lie.
    let keys = has(&["*.pem", "*.key'", "*.key\"", "id_rsa", "id_ed25519", "*.kdbx", "*.p12", "*.pfx", "wallet.dat", "*.env'", "*.env\""]);
    if keys && sends && has(&["rglob(", "glob(", "os.walk(", "dir[", "find.find(", "readdirsync("]) {
        classes.insert(Class::Exfiltration);
    }
    // A secret of the environment as part of a name that is asked for.
    let asks = has(&["gethostbyname(", "getaddrinfo(", "dns.lookup(", "dns.resolve", "resolver.query("]);
    if asks && has(&["os.environ", "process.env", "env[", "getenv("]) && super::super::text::names_secret(flat) {
        classes.insert(Class::Exfiltration);
    }
    // Scripts of a package, which run when it is installed.
    let hooked = has(&[
        "scripts.postinstall=",
        "scripts.preinstall=",
        "scripts.prepare=",
        "scripts['postinstall']=",
        "scripts[\"postinstall\"]=",
        "scripts.install=",
    ]);
    if hooked && has(&["curl", "wget", "|sh", "|bash", "base64", "/dev/tcp", "child_process"]) {
        classes.insert(Class::Persistence);
    }
    if has(&KEPT) {
        classes.insert(Class::CredentialRead);
    }
    classes
}
