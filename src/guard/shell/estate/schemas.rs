//! Tools that keep the tables of applications, told to throw them all away. Developers do so every day with what is on their machine, and are asked first; what
//! says that nobody is to be asked, or names production, is another thing.

use super::super::Class;
use super::super::command::Call;
use super::super::consoles::Names;
use super::super::state::Shell;
use super::accounts::is_production;
use super::verbs::is_trial;

/// Tools, which may stand behind the name of what runs them: `npx prisma`, `bundle exec rails`, `python manage.py`.
static TOOLS: Names = Names::of(&[
    "prisma",
    "rails",
    "rake",
    "artisan",
    "manage.py",
    "django-admin",
    "sequelize",
    "sequelize-cli",
    "typeorm",
    "knex",
    "alembic",
    "flyway",
    "liquibase",
    "ef",
    "dotnet-ef",
    "console",
    "mix",
    "drizzle-kit",
    "dbmate",
    "migrate",
    "sqlx",
    "diesel",
    "goose",
    "hasura",
    "supabase",
    "wp",
    "drush",
    "phinx",
    "mikro-orm",
    "sea-orm-cli",
    "ecto",
]);

/// What ends all tables, in one word or two.
const WIPES: [&str; 40] = [
    "db:drop",
    "db:reset",
    "db:drop:all",
    "db:purge",
    "db:truncate_all",
    "db:migrate:reset",
    "migrate:fresh",
    "migrate:reset",
    "migrate:refresh",
    "db:wipe",
    "flush",
    "reset_db",
    "schema:drop",
    "database:drop",
    "doctrine:database:drop",
    "doctrine:schema:drop",
    "ecto.drop",
    "ecto.reset",
    "drop-all",
    "dropall",
    "migrate reset",
    "db reset",
    "database reset",
    "database drop",
    "schema drop",
    "sql:drop",
    "sql-drop",
    "downgrade base",
    "dbmate drop",
    "migrate drop",
    "goose reset",
    "flyway clean",
    "rollback --all",
    "push --force-reset",
    "db:schema:drop",
    "migrate down",
    "db clean",
    "schema:fresh",
    "migration:fresh",
    "db:fresh",
];

/// That nobody is to be asked.
const UNASKED: [&str; 13] = [
    "--force",
    "-f",
    "-y",
    "--yes",
    "--noinput",
    "--no-input",
    "--no-interaction",
    "--force-reset",
    "--accept-data-loss",
    "--non-interactive",
    "--skip-confirmation",
    "--force-drop",
    "--linked",
];

impl Shell {
    pub(super) fn wipes_tables(&mut self, call: &Call<'_>) {
        let last = |text: &str| TOOLS.has(text.rsplit('/').next().unwrap_or_default());
        if !last(call.name) && !call.texts().take(4).any(last) {
            return;
        }
        let words: Vec<&str> = std::iter::once(call.name).chain(call.texts().take(12)).collect();
        let wipes = words.iter().any(|word| WIPES.contains(word))
            || words
                .windows(2)
                .any(|pair| WIPES.iter().any(|wipe| wipe.split_once(' ').is_some_and(|(first, second)| pair == [first, second])));
        if !wipes || call.texts().any(|text| matches!(text, "--help" | "-h" | "--dry-run" | "--pretend" | "--dump-sql" | "--sql")) {
            return;
        }
        let unasked = call.texts().any(|text| UNASKED.contains(&text));
        let shown: String = self.showing.chars().take(512).collect();
        let production =
            is_production(call) || ["production", "DISABLE_DATABASE_ENVIRONMENT_CHECK", "ENV=prod"].iter().any(|word| shown.contains(word));
        let trial = is_trial(&shown) && !production;
        if production || unasked && !trial {
            self.mark(Class::Destructive);
        }
    }
}
