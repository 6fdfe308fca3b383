//! Whether a text is for Windows, told by the programs, cmdlets and folders it names.

use super::super::Flavour;
use super::super::value::rest;

/// Programs that only Windows has.
const PROGRAMS: &[&str] = &[
    "winrs",
    "mstsc",
    "taskkill",
    "tasklist",
    "auditpol",
    "dnscmd",
    "certreq",
    "control",
    "xcopy",
    "robocopy",
    "powercat",
    "msdt",
    "hh",
    "vaultcmd",
    "dsquery",
    "nltest",
    "setspn",
    "manage-bde",
    "reagentc",
    "logman",
    "mountvol",
    "fltmc",
    "w32tm",
    "dism",
    "regini",
    "regedit",
    "rdrleakdiag",
    "tttracer",
    "cdb",
    "diantz",
    "makecab",
    "xwizard",
    "ieexec",
    "verclsid",
    "pnputil",
    "scriptrunner",
    "cmdl32",
    "conhost",
    "eventvwr",
    "fodhelper",
    "computerdefaults",
    "sdclt",
    "wsreset",
    "rasautou",
    "wmic.exe",
    "mpcmdrun",
    "certoc",
    "bginfo",
    "dnx",
    "runscripthelper",
    "sqldumper",
    "createdump",
    "winget",
    "netdom",
    "dsadd",
    "dsmod",
    "gpupdate",
    "appcmd",
    "iisreset",
    "sdelete",
    "wecutil",
    "sysmon",
    "sysmon64",
    "findstr",
    "cmd",
    "powershell",
    "pwsh",
    "reg",
    "schtasks",
    "wmic",
    "certutil",
    "bitsadmin",
    "mshta",
    "regsvr32",
    "rundll32",
    "vssadmin",
    "wevtutil",
    "bcdedit",
    "netsh",
    "sc",
    "net",
    "net1",
    "icacls",
    "takeown",
    "cipher",
    "fsutil",
    "diskpart",
    "cscript",
    "wscript",
    "msiexec",
    "wbadmin",
    "cmdkey",
    "ntdsutil",
    "esentutl",
    "forfiles",
    "installutil",
    "msbuild",
    "runas",
    "psexec",
    "psexec64",
    "odbcconf",
    "cmstp",
    "mavinject",
    "regasm",
    "regsvcs",
    "pcalua",
    "presentationhost",
    "desktopimgdownldr",
    "extrac32",
];

pub(in crate::guard::shell) fn is_program(name: &str) -> bool {
    PROGRAMS.contains(&name)
}

/// The language of a text that is plainly for Windows, whoever it was sent to. A shell would take its backslashes for quotes.
pub(in crate::guard::shell) fn speaks(text: &str) -> Option<Flavour> {
    let whole = text.trim_start();
    let text = text.trim_start_matches(['@', '&', '(', ' ', '\t', '\n', '"']);
    let first = text.split([' ', '\t', '\n', '"', ';', '|']).next().unwrap_or_default();
    // Carets are nothing to cmd.
    let plain = if first.contains('^') { std::borrow::Cow::Owned(first.replace('^', "")) } else { std::borrow::Cow::Borrowed(first) };
    let name = plain.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
    let sets = name == "set" && text.matches('%').count() > 1 && text.contains('&');
    let bare = name.strip_suffix(".exe").unwrap_or(&name);
    let behind = rest(text, first.len());
    let on_drive = |text: &str| {
        let drive = |at: &[u8]| matches!(at, [b' ' | b'"' | b'\'', letter, b':', b'\\' | b' ' | b'/' | b'*' | b'"'] if letter.is_ascii_alphabetic());
        text.as_bytes().windows(4).any(drive)
    };
    let cmdlet = first.split_once('-').is_some_and(|(verb, noun)| {
        [verb, noun].iter().all(|word| {
            word.len() > 2 && word.starts_with(|c: char| c.is_ascii_uppercase()) && word.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    });
    let lower = || text.to_ascii_lowercase();
    if matches!(bare, "powershell" | "pwsh" | "iex" | "iwr" | "irm")
        || cmdlet
        || first.starts_with(['$', '[']) && lower().contains("::")
        || first.starts_with('$')
            && (lower().contains("new-object")
                || [";&(", "; &(", ";.(", "|iex", "| iex", ";iex", "; iex"].iter().any(|call| lower().contains(call)))
        || whole.starts_with("&(")
        || whole.starts_with("& (")
        || whole.starts_with(".('")
    {
        return Some(Flavour::PowerShell);
    }
    const PLACES: [&str; 7] =
        ["%temp%\\", "%appdata%\\", "%userprofile%\\", "%public%\\", "c:\\users\\", "c:\\windows\\", "%computername%"];
    if text.contains(['\\', '%']) && PLACES.iter().any(|place| lower().contains(place)) {
        return Some(Flavour::Cmd);
    }
    let local = matches!(
        bare,
        "format"
            | "del"
            | "erase"
            | "rd"
            | "rmdir"
            | "copy"
            | "expand"
            | "xcopy"
            | "robocopy"
            | "type"
            | "attrib"
            | "start"
            | "echo"
            | "icacls"
            | "findstr"
            | "dir"
            | "cd"
            | "move"
            | "ren"
    );
    const FOLDERS: [&str; 8] =
        ["%userprofile%", "%systemdrive%", "%systemroot%", "%windir%", "%programdata%", "%appdata%", "%localappdata%", "%temp%"];
    let on_drive =
        |text: &str| on_drive(text) || text.contains("\\\\") || text.contains('%') && FOLDERS.iter().any(|folder| lower().contains(folder));
    (sets || PROGRAMS.contains(&bare) || name.ends_with(".exe") || local && on_drive(behind)).then_some(Flavour::Cmd)
}
