//! What an attacker asks for: passwords, and what the server knows about itself.

const SECRETS: [&str; 18] = [
    "pass",
    "passwd",
    "password",
    "passwords",
    "pwd",
    "userpassword",
    "user_password",
    "user_pass",
    "passwordhash",
    "password_hash",
    "passwd_hash",
    "pw_hash",
    "authentication_string",
    "credit_card",
    "creditcard",
    "card_number",
    "ssn",
    "api_key",
];

/// Columns that nobody unites with others.
pub(super) fn is_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// Where servers keep what they know about themselves.
pub(super) fn is_catalogue(name: &str) -> bool {
    matches!(
        name,
        "information_schema"
            | "sqlite_master"
            | "sqlite_schema"
            | "sqlite_temp_master"
            | "pg_catalog"
            | "pg_shadow"
            | "pg_authid"
            | "pg_user"
            | "pg_tables"
            | "pg_class"
            | "pg_database"
            | "performance_schema"
            | "sysobjects"
            | "syscolumns"
            | "sysdatabases"
            | "sysusers"
            | "sysxlogins"
            | "syslogins"
            | "sql_logins"
            | "all_tables"
            | "all_tab_columns"
            | "all_users"
            | "dba_users"
            | "user_tables"
            | "user_tab_columns"
            | "msysobjects"
            | "v$version"
    )
}

/// What an attacker asks first. `user` and `version` are columns as well, so only where they are called.
pub(super) fn is_server_question(name: &str, called: bool) -> bool {
    name.starts_with("@@")
        || called
            && matches!(
                name,
                "version"
                    | "database"
                    | "user"
                    | "system_user"
                    | "session_user"
                    | "schema"
                    | "sqlite_version"
                    | "current_database"
                    | "db_name"
                    | "user_name"
                    | "suser_name"
                    | "suser_sname"
                    | "load_file"
            )
}
