//! Lines that people put into the start-up files of their shells every day: a directory for `PATH`, a variable, the hook of a tool.

use super::builtin::COMMANDS;
use super::hostile::PUBLIC;
use super::value::{HOLE, rest};

/// Start-up files of shells that people keep by hand, by their last names.
const KEPT: &[&str] =
    &[".bashrc", ".bash_profile", ".bash_aliases", ".profile", ".zshrc", ".zprofile", ".zshenv", ".zlogin", ".kshrc", "config.fish"];

/// Tools that print what a shell is to load, as their manuals ask for.
const HOOKS: &[&str] = &[
    "direnv",
    "starship",
    "zoxide",
    "pyenv",
    "rbenv",
    "nodenv",
    "goenv",
    "jenv",
    "tfenv",
    "fnm",
    "mise",
    "rtx",
    "asdf",
    "brew",
    "/opt/homebrew/bin/brew",
    "/usr/local/bin/brew",
    "/home/linuxbrew/.linuxbrew/bin/brew",
    "atuin",
    "mcfly",
    "thefuck",
    "kubectl",
    "helm",
    "gh",
    "register-python-argcomplete",
    "pip",
    "poetry",
    "pdm",
    "uv",
    "rustup",
    "ssh-agent",
    "dircolors",
    "lesspipe",
    "fzf",
    "npm",
    "pnpm",
    "volta",
    "hub",
    "oh-my-posh",
    "nodenv",
    "opam",
    "luarocks",
    "perl",
    "go",
    "jump",
    "navi",
    "conda",
    "micromamba",
    "mamba",
    "pipenv",
    "_PIPENV_COMPLETE=bash_source",
    "docker",
    "minikube",
    "kind",
    "flux",
];

/// Parts of the paths of what such files load.
const SOURCED: &[&str] = &[
    "nvm.sh",
    ".nvm/",
    ".cargo/env",
    "bash_completion",
    "bash-completion",
    "completion",
    ".fzf",
    ".bash_aliases",
    ".bashrc",
    ".profile",
    ".zshrc",
    ".aliases",
    "asdf.sh",
    "sdkman",
    "google-cloud-sdk",
    "p10k",
    "powerlevel10k",
    "zsh-autosuggestions",
    "zsh-syntax-highlighting",
    "oh-my-zsh",
    ".ghcup/env",
    "git-prompt",
    "venv/",
    "virtualenvwrapper",
    "conda.sh",
    "emsdk_env",
    "opam-init",
    "git-completion",
    ".deno/env",
    ".local/bin/env",
    "rustup",
    "autojump",
    "autoenv",
    "/opt/ros/",
    "z.sh",
    "fish",
];

pub(super) fn is_kept(path: &str) -> bool {
    KEPT.contains(&path.rsplit('/').next().unwrap_or_default())
}

/// `npm completion >> ~/.bashrc`: a tool's own completions.
pub(super) fn is_completion(command: &str) -> bool {
    let (command, _) = command.split_once(">>").unwrap_or((command, ""));
    prints_a_hook(command.trim()) && command.contains("complet")
}

/// Whether nothing but such lines is in a text.
pub(super) fn is_everyday(text: &str) -> bool {
    text.len() < 4096 && !text.trim().is_empty() && text.lines().all(|line| line_is_everyday(line.trim()))
}

fn line_is_everyday(line: &str) -> bool {
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    if line.len() > 512 {
        return false;
    }
    if let Some(inner) = line.strip_prefix("eval ").map(|inner| inner.trim_matches(['"', '\''])) {
        let inner = inner.strip_prefix("$(").or_else(|| inner.strip_prefix('`')).map(|inner| inner.trim_end_matches([')', '`']));
        return inner.is_some_and(prints_a_hook);
    }
    let line = line.strip_suffix("| source").map_or(line, str::trim);
    if let Some(sourced) = sourced(line) {
        return sourced.strip_prefix("<(").map_or_else(
            || !is_public(sourced) && SOURCED.iter().any(|part| sourced.contains(part)),
            |inner| prints_a_hook(inner.trim_end_matches(')')),
        );
    }
    if let Some(alias) = line.strip_prefix("alias ") {
        return alias.split_once(['=', ' ']).is_some_and(|(name, value)| alias_is_everyday(name, value.trim_matches(['"', '\''])));
    }
    if let Some(folder) = line.strip_prefix("fish_add_path ") {
        return !is_public(folder) && plain(folder);
    }
    let set = line.strip_prefix("set -gx ").or_else(|| line.strip_prefix("set -x ")).map(|set| set.replacen(' ', "=", 1));
    let set = set.unwrap_or_else(|| line.strip_prefix("export ").unwrap_or(line).to_owned());
    let Some((name, value)) = set.split_once('=') else {
        return prints_a_hook(line);
    };
    assignment_is_everyday(name, value)
}

fn assignment_is_everyday(name: &str, value: &str) -> bool {
    let is_name = !name.is_empty() && super::parameter::name(name).len() == name.len();
    let history = matches!(name, "HISTTIMEFORMAT" | "HISTCONTROL") && !value.contains("ignore")
        || matches!(name, "HISTSIZE" | "HISTFILESIZE") && value.len() > 2;
    if history {
        return plain(value);
    }
    let special = COMMANDS.contains(&name) && !matches!(name, "EDITOR" | "VISUAL" | "PAGER" | "MANPAGER" | "BROWSER" | "GIT_EDITOR")
        || [
            "LD_",
            "DYLD_",
            "BASH_",
            "ENV",
            "PS",
            "HIST",
            "PROMPT_COMMAND",
            "PERL5",
            "RUBYOPT",
            "NODE_OPTIONS",
            "PYTHONSTARTUP",
            "IFS",
            "http",
            "HTTP",
            "ALL_PROXY",
        ]
        .iter()
        .any(|start| name.starts_with(start));
    let value = value.trim_matches(['"', '\'']);
    let mut bare = value.to_owned();
    for printed in ["$(go env GOPATH)", "$(brew --prefix)", "$(npm config get prefix)", "$(npm prefix -g)", "$(tty)", "$(yarn global bin)"]
    {
        bare = bare.replace(printed, "/x");
    }
    is_name
        && !special
        && plain(&bare)
        && !value.split(':').any(|folder| is_public(folder) || matches!(folder, "." | "..") || name == "PATH" && folder.is_empty())
}

fn prints_a_hook(text: &str) -> bool {
    let mut words = text.split_whitespace();
    plain(text) && words.next().is_some_and(|tool| HOOKS.contains(&tool)) && !text.contains("-e ") && words.next().is_some()
}

/// `. FILE`, `[ -f FILE ] && . FILE`.
fn sourced(line: &str) -> Option<&str> {
    let line = match line.strip_prefix('[') {
        Some(test) => test.split_once("&&").map(|(_, behind)| behind.trim())?,
        None => line,
    };
    let file = line.strip_prefix("source ").or_else(|| line.strip_prefix(". ")).or_else(|| line.strip_prefix("\\. "))?;
    let file = file.split('#').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    (!file.contains([';', '|', '&', '`'])).then_some(file)
}

fn alias_is_everyday(name: &str, value: &str) -> bool {
    const ALIASED: [&str; 22] = [
        "ls",
        "git",
        "cd",
        "grep",
        "kubectl",
        "docker",
        "docker-compose",
        "npm",
        "pnpm",
        "yarn",
        "python3",
        "python",
        "vim",
        "nvim",
        "clear",
        "exa",
        "eza",
        "bat",
        "terraform",
        "cargo",
        "make",
        "code",
    ];
    const TAKEN: [&str; 14] =
        ["sudo", "su", "ssh", "scp", "doas", "passwd", "gpg", "npm", "docker", "kubectl", "curl", "pip", "git", "aws"];
    let first = value.split_whitespace().next().unwrap_or_default();
    !TAKEN.contains(&name) && plain(value) && ALIASED.contains(&first)
}

fn plain(text: &str) -> bool {
    !text.contains([';', '|', '&', '`', '>', '<', HOLE]) && !text.contains("$(")
}

fn is_public(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']);
    PUBLIC.iter().any(|place| path.starts_with(place) || rest(place, 0).trim_end_matches('/') == path)
}
