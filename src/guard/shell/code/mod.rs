//! A look at code of other languages: not parsed, but searched for what connects, starts processes, evaluates and decodes.

mod deeds;
mod literals;
mod words;

use super::expand::unescape;
use super::supply::is_strange;
use super::{Class, Classes};
use literals::{character_codes, flatten, literals, together, uncovered};
use words::{CALLED, CONNECTS, DECODES, FETCHES, IMPORTS, LOADS, STARTS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    Perl,
    Ruby,
    JavaScript,
    Php,
    Lua,
    Tcl,
    Awk,
    Other,
}

/// What code shows of itself.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) classes: Classes,
    /// Texts between quotes: paths, commands.
    pub(super) literals: Vec<String>,
    /// Literals that were encoded, decoded.
    pub(super) hidden: Vec<String>,
    pub(super) writes: bool,
    pub(super) removes: bool,
    /// Sends something over the network.
    pub(super) sends: bool,
    /// Starts processes.
    pub(super) starts: bool,
}

/// What a text of code shows.
pub(super) fn look(text: &str, language: Language) -> Seen {
    let unescaped = if text.contains('\\') { unescape(text, false) } else { text.to_owned() };
    let flat = flatten(&unescaped);
    let has = |words: &[&str]| words.iter().any(|word| flat.contains(word));
    let word = |word: &str| flat.contains(word);
    let mut seen = Seen { literals: literals(&together(&unescaped)), ..Seen::default() };

    let connects = has(CONNECTS);
    let fetches = has(FETCHES);
    let mut starts = has(STARTS)
        || (language != Language::JavaScript
            && language != Language::Awk
            && (word("system(") || word("system\"") || word("system'") || word("system*")));
    let bare = |name: &str| ["(", "\"", "'", "{", "%", "/", "q("].iter().any(|open| flat.contains(&[name, open].concat()));
    starts |= match language {
        Language::Perl => {
            bare("exec")
                || bare("system")
                || word("execpack")
                || word("systempack")
                || ["system", "exec"].iter().any(|name| {
                    ["join", "map", "reverse", "unpack", "$", "@", "uc", "lc", "sprintf"]
                        .iter()
                        .any(|made| flat.contains(&[*name, *made].concat()))
                })
                || word("qx")
                || word("`")
                || word("|\"")
                || word("\"|")
                || word("'|")
                || word("|-")
        }
        Language::Ruby => bare("exec") || bare("spawn") || bare("system") || word("`") || word("%x") || word("open(\"|") || word("open('|"),
        Language::Php => bare("exec") || word("`"),
        Language::Tcl => word("spawn") || word("exec"),
        Language::Awk => {
            word("system(") && !word("system(\"") || word("system(\"") || word("|getline") || word("|&") || word("\"|") || word("|\"")
        }
        Language::Other => word("system(") || word(".execute(") || word("exec(") || word("`"),
        _ => false,
    };
    let evaluates = match language {
        Language::Python => word("exec(") || word("eval(") || word("compile(") || word("__import__(base"),
        Language::Lua => word("load(") || word("loadstring("),
        Language::Awk => false,
        Language::Perl | Language::Ruby => word("eval") && !word("eval{") && !word("evaluate"),
        _ => {
            word("eval(")
                || word("eval\"")
                || word("eval'")
                || word("eval$")
                || word("evalunpack")
                || word("evaldecode")
                || word("evalpack")
                || word("assert(")
                || word("instance_eval")
                || word("newfunction(")
                || word("function(atob")
                || word("(eval)")
                || word("vm.run")
                || word("createfunction(")
                || word("create_function(")
        }
    };
    // A function that is called by a name which a literal holds.
    let by_name = word("getattr(") || language == Language::Php || word(".send(") || word("call_user_func");
    starts |= by_name && seen.literals.iter().any(|text| CALLED.contains(&text.to_ascii_lowercase().as_str()));
    if has(DECODES) && uncovered(&seen.literals, &flat, language).iter().any(|text| CALLED.contains(&text.to_ascii_lowercase().as_str())) {
        starts = true;
    }
    // Languages we know little of: what names a shell runs it.
    starts |= language == Language::Other && seen.literals.iter().any(|text| text.starts_with('/') && starts_shell(text));
    let imports = word("__import__(")
        || word("getattr(__")
        || word("__builtins__")
        || word("globals()[")
        || word("importlib.import_module")
        || word("__subclasses__");

    if (connects
        && (starts
            || word("dup2")
            || evaluates
            || word("stdio")
            || word("fdopen")
            || bare("exec")
            || (language != Language::JavaScript && word("exec"))))
        || (word("/inet/tcp") && (word("|&") || word("getline")))
    {
        seen.classes.insert(Class::ReverseShell);
    }
    if word("socket") && word("|getline") || word("metasploit") || word("meterpreter") {
        seen.classes.insert(Class::ReverseShell);
    }
    let includes = language == Language::Php
        && ["include'http", "include\"http", "include('http", "include(\"http", "require'http", "require\"http", "require('http"]
            .iter()
            .any(|word| flat.contains(word));
    if fetches && (starts || evaluates) || includes {
        seen.classes.insert(Class::DownloadAndRun);
    }
    // Objects and modules that run as they are loaded, from somewhere else.
    let foreign = |text: &String| text.starts_with("http") && is_strange(text);
    if fetches && has(LOADS) || has(IMPORTS) && seen.literals.iter().any(foreign) {
        seen.classes.insert(Class::DownloadAndRun);
    }
    if (word("pip.main(") || word("pip._internal")) && seen.literals.iter().any(foreign) {
        seen.classes.insert(Class::DownloadAndRun);
    }
    if word("import('data:") || word("import(\"data:") || word("import(`data:") {
        seen.classes.insert(Class::Obfuscation);
    }
    // Machine code, called.
    let memory = word("mmap(") || word("from_buffer") || word("virtualalloc") || word("mprotect");
    if memory && (word("cfunctype") || word("createthread") || word("winfunctype")) {
        seen.classes.insert(Class::ShellEscape);
    }
    if (evaluates || starts || imports) && has(DECODES) && (evaluates || imports || DECODES.iter().take(16).any(|word| flat.contains(word)))
    {
        seen.classes.insert(Class::Obfuscation);
    }
    if imports && language == Language::Python {
        seen.classes.insert(Class::ShellEscape);
    }
    // What a command writes, or was put together from pieces, is run.
    let made = language == Language::Awk && word("system(") && !word("system(\"") && (word("|getline") || word("begin{"));
    let quiet = language == Language::Awk && !made && !seen.literals.iter().any(|text| starts_shell(text));
    let looks = !evaluates && !imports && !connects && !fetches && !has(DECODES) && only_asks(&seen.literals, &flat, language);
    if starts && !quiet && !looks {
        seen.classes.insert(Class::ShellEscape);
    }
    if (word("setuid(0")
        || word("setresuid(0")
        || word("seteuid(0")
        || word("setuid=0")
        || word("setgid(0")
        || word("setreuid(0")
        || word("$<=0")
        || word("$<=$>=0")
        || word("$>=$<=0")
        || word("$>=0")
        || word("uid=0;"))
        && (starts || bare("exec"))
    {
        seen.classes.insert(Class::PrivilegeChange);
    }
    let setuid = ["04755", "0o4755", "04777", "0o4777", "06755", "0o6755", "4755)", "s_isuid"].iter().any(|mode| flat.contains(mode));
    if word("chmod") && setuid {
        seen.classes.insert(Class::PrivilegeChange);
    }
    seen.writes = word("'w'")
        || word("\"w\"")
        || word("'a'")
        || word("\"a\"")
        || word("'wb'")
        || word("'a+'")
        || word("'w+'")
        || word("writefile")
        || word("appendfile")
        || word("file_put_contents")
        || word("file.write")
        || word("file.open")
        || word("write_text")
        || word(">>")
        || word("'>")
        || word("\">")
        || word("copyfile")
        || word("shutil.copy");
    seen.removes = word("rmtree")
        || word("rmsync")
        || word("rmdirsync")
        || word("rm_rf")
        || word("rm_r")
        || word("remove_tree")
        || word("unlink")
        || word("os.remove")
        || word("fs.rm(")
        || word("removedirs")
        || word("file.delete")
        || word("delete-directory")
        || word("delete-file")
        || word("removeall(")
        || word("filedelete-force")
        || word("removedir")
        || word("rimraf")
        || word("fileutils.rm")
        || word("removesync(")
        || word("deno.remove(")
        || word("removeitem(")
        || language == Language::Other && word("rm(");
    seen.sends = connects
        || word("requests.p")
        || word(".post(")
        || word("urlopen(")
        || word("curl_exec")
        || word("http.request")
        || word("').request(")
        || word("\").request(")
        || word("requests.")
        || word("file_get_contents(\"http")
        || word("file_get_contents('http")
        || word("net::http")
        || word("lwp::")
        || word("httpx.")
        || word("https.request")
        || word("dns.lookup(")
        || word("dns.resolve")
        || language == Language::Php && word("mail(")
        || word("fetch(");
    for class in deeds::deeds(&flat, language, connects, seen.sends || fetches).iter() {
        seen.classes.insert(class);
    }
    // The whole environment, not one variable of it.
    let environment = [
        "process.env)",
        "process.env,",
        "process.env}",
        "dict(os.environ)",
        "os.environ)",
        "os.environ}",
        "os.environ.items()",
        "str(os.environ",
        "environ).encode",
        "getenv())",
        "+getenv()",
        "$_env)",
        "env.to_h",
        "env.inspect",
        "env.to_a",
        "env.map",
        "%env",
        "$_server)",
    ];
    if environment.iter().any(|all| flat.contains(all)) && (seen.sends || fetches) {
        seen.classes.insert(Class::Exfiltration);
    }
    let home = [
        "homedir())",
        "homedir(),",
        "process.env.home,",
        "process.env.home)",
        "$env{home})",
        "expanduser('~')",
        "expanduser(\"~\")",
        "path.home())",
        "path.home(),",
        "environ['home'])",
        "environ[\"home\"])",
        "dir.home)",
        "dir.home,",
        "env['home'])",
        "getenv('home'))",
        "getenv(\"home\"))",
        "env.get('home'),",
        "env.get(\"home\"),",
        "rm(homedir(",
        "atpath:nshomedirectory())",
    ];
    if seen.removes && home.iter().any(|place| flat.contains(place)) {
        seen.classes.insert(Class::Destructive);
    }
    if word("keyring.get_password") || word("secretstorage.") || word("keytar.getpassword") {
        seen.classes.insert(Class::CredentialRead);
    }
    if word("dropdatabase(") {
        seen.classes.insert(Class::Destructive);
    }
    // Words that Perl quotes: `rmtree q(/home)`.
    if language == Language::Perl {
        for open in ["q(", "q{", "q[", "q/", "q|", "qw("] {
            for (at, _) in unescaped.match_indices(open).take(32) {
                let behind = unescaped.get(at + open.len()..).unwrap_or_default();
                let word = behind.split([')', '}', ']', '|']).next().unwrap_or_default();
                if !word.is_empty() && word.len() < 1024 && behind.len() > word.len() {
                    seen.literals.push(word.to_owned());
                }
            }
        }
    }
    seen.starts = starts || imports;
    if evaluates || starts || has(DECODES) || word("join(") || word("replace(") || word("unquote") {
        seen.hidden = uncovered(&seen.literals, &flat, language);
        if let Some(numbers) = character_codes(&unescaped) {
            seen.hidden.push(numbers);
        }
    }
    seen
}

/// Whether what code starts is known, and is one of the programs that every build asks something: `git rev-parse HEAD`.
fn only_asks(literals: &[String], flat: &str, language: Language) -> bool {
    const ASKED: [&str; 14] =
        ["git", "date", "uname", "pwd", "node", "npm", "cargo", "rustc", "go", "tsc", "python3", "cmake", "which", "sw_vers"];
    let known = matches!(language, Language::Python | Language::JavaScript | Language::Ruby | Language::Php);
    let plain = |text: &String| {
        !text.contains([';', '|', '&', '$', '`', '>', '<', '!', '%', '{'])
            && !text.split_whitespace().any(|word| matches!(word, "-c" | "-e" | "-m" | "-r" | "--eval") || word.contains("/bin/"))
            && !starts_shell(text)
    };
    let told =
        ["argv", "input(", ".format(", "(f'", "(f\"", "environ", "process.env", "stdin", "join("].iter().any(|word| flat.contains(word));
    let asked = literals.iter().any(|text| text.split_whitespace().next().is_some_and(|first| ASKED.contains(&first)));
    known && asked && !told && literals.iter().all(plain)
}

fn starts_shell(text: &str) -> bool {
    let first = text.trim().split([' ', ';', '|', '&']).next().unwrap_or_default();
    super::interpret::is_shell(first.rsplit('/').next().unwrap_or_default())
}
