//! Files that something loads and acts on later: settings and instructions of agents, projects' files that run code, recipes of builds.

/// How a file is read by what loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loaded {
    /// Settings of an agent or an editor, in which programs to start and permissions stand.
    Settings,
    /// Prose that an agent takes for what its user wants.
    Instructions,
    /// Code and settings of a project or an account that tools run unasked.
    Project,
    /// Recipes that download what they build with: only what nobody builds with counts.
    Recipe,
}

const SETTINGS: &[&str] = &[
    "/.claude/settings",
    "/.claude.json",
    "/.mcp.json",
    "/mcp.json",
    "/mcp_config.json",
    "/mcp_settings.json",
    "/claude_desktop_config.json",
    "/.cursor/hooks.json",
    "/.cursor/cli-config.json",
    "/.gemini/settings.json",
    "/.codex/config.toml",
    "/.continue/config",
    "/.aider.conf.yml",
    "/.vscode/tasks.json",
    "/.vscode/settings.json",
    "/.vscode/launch.json",
    "/Code/User/settings.json",
    "/Code/User/tasks.json",
    "/.zed/tasks.json",
    "/zed/settings.json",
    "/.idea/",
    "/devcontainer.json",
    "/.config/opencode/",
    "/opencode.json",
    "/.amazonq/",
    "/.windsurf/",
    "/.codeium/",
];

const INSTRUCTIONS: &[&str] = &[
    "/CLAUDE.md",
    "/CLAUDE.local.md",
    "/AGENTS.md",
    "/AGENT.md",
    "/GEMINI.md",
    "/CONVENTIONS.md",
    "/.cursorrules",
    "/.windsurfrules",
    "/.clinerules",
    "/.goosehints",
    "/copilot-instructions.md",
    "/.cursor/rules/",
    "/.claude/commands/",
    "/.claude/agents/",
    "/.claude/skills/",
    "/SKILL.md",
    "/.github/prompts/",
    "/.github/instructions/",
];

const PROJECT: &[&str] = &[
    "/.vimrc",
    "/.nvimrc",
    "/.exrc",
    "/init.vim",
    "/init.lua",
    "/.emacs",
    "/init.el",
    "/.dir-locals.el",
    "/.tmux.conf",
    "/.screenrc",
    "/.gitconfig",
    "/.git/config",
    "/.npmrc",
    "/.yarnrc",
    "/pip.conf",
    "/setup.py",
    "/setup.cfg",
    "/conftest.py",
    "/build.rs",
    "/Gemfile",
    "/Rakefile",
    "/.envrc",
    "/.ssh/config",
    "/.gdbinit",
    "/.lldbinit",
    "/.pdbrc",
    "/.pryrc",
    "/.irbrc",
    "/.ipython/",
    "/.pre-commit-config.yaml",
    "/.cargo/config",
    "/.husky/",
    "/webpack.config.",
    "/vite.config.",
    "/next.config.",
    "/jest.config.",
    "/.eslintrc",
    "/eslint.config.",
    "/babel.config.",
    "/postcss.config.",
    "/tailwind.config.",
    "/build.gradle",
    "/init.gradle",
    "/settings.gradle",
    "/pom.xml",
    "/.Rprofile",
    "/.julia/config/startup.jl",
    "/.psqlrc",
    "/.sqliterc",
    "/.curlrc",
    "/.wgetrc",
    "/.inputrc",
    "/.mailcap",
    "/.gemspec",
    "/.bazelrc",
    "/kitty.conf",
    "/.hgrc",
    "/.config/git/",
    "/manage.py",
    "/__init__.py",
    "/tox.ini",
    "/noxfile.py",
    "/.desktop",
    "/composer.json",
    "/package.json",
    "/binding.gyp",
    "/.envrc",
    "/.direnvrc",
    "/starship.toml",
    "/fish/conf.d/",
    "/fish/functions/",
    "/.bashrc.d/",
    "/.zshrc.d/",
    "/.oh-my-zsh/custom/",
    "/etc/default/grub",
    "/alacritty.toml",
    "/node_modules/",
    "/site-packages/",
    "/dist-packages/",
    "/.cargo/registry/",
    "/go/pkg/mod/",
];

const RECIPES: &[&str] = &[
    "/Dockerfile",
    "/Containerfile",
    "/docker-compose",
    "/compose.y",
    "/Makefile",
    "/GNUmakefile",
    "/justfile",
    "/Justfile",
    "/Taskfile",
    "/.github/workflows/",
    "/.github/actions/",
    "/.gitlab-ci.yml",
    "/.circleci/",
    "/Jenkinsfile",
    "/azure-pipelines.yml",
    "/bitbucket-pipelines.yml",
    "/.travis.yml",
    "/.drone.yml",
    "/buildspec.yml",
    "/cloudbuild.yaml",
    "/action.yml",
];

pub(super) fn loaded(path: &str) -> Option<Loaded> {
    if path.len() > 4096 || path.starts_with("/dev/") {
        return None;
    }
    let anywhere = format!("/{}", path.trim_start_matches("./"));
    let among = |places: &[&str]| places.iter().any(|place| anywhere.contains(place));
    if among(SETTINGS) {
        Some(Loaded::Settings)
    } else if among(INSTRUCTIONS) {
        Some(Loaded::Instructions)
    } else if among(RECIPES) {
        Some(Loaded::Recipe)
    } else if among(PROJECT) || anywhere.ends_with(".pth") {
        Some(Loaded::Project)
    } else {
        None
    }
}
