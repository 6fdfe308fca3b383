//! Settings, pragmas, languages and tables that belong to the server itself.
//!
//! From the same manuals as [`super::functions`].

/// Settings of a session or server that undo a protection or stand for everybody.
pub(super) fn is_guarded_setting(name: &str) -> bool {
    matches!(
        name,
        "sql_mode"
            | "sql_log_bin"
            | "sql_log_off"
            | "general_log"
            | "general_log_file"
            | "slow_query_log_file"
            | "local_infile"
            | "secure_file_priv"
            | "foreign_key_checks"
            | "unique_checks"
            | "sql_safe_updates"
            | "super_read_only"
            | "read_only"
            | "init_connect"
            | "plugin_dir"
            | "event_scheduler"
            | "session_replication_role"
            | "row_security"
            | "standard_conforming_strings"
            | "backslash_quote"
            | "default_transaction_read_only"
            | "transaction_read_only"
            | "session_preload_libraries"
            | "local_preload_libraries"
            | "dynamic_library_path"
            | "jit_provider"
            | "log_statement"
            | "allow_system_table_mods"
            | "zero_damaged_pages"
            | "quoted_identifier"
            | "escape_string_warning"
            | "session_authorization"
            | "role"
            | "enable_external_access"
            | "allow_unsigned_extensions"
            | "context_info"
            | "log_destination"
    )
}

/// Where a server keeps its accounts, its code and its settings: who writes there goes past `GRANT`, `CREATE FUNCTION` and `SET`.
pub(super) fn is_table_of_system(name: &str) -> bool {
    matches!(
        name,
        "pg_authid"
            | "pg_auth_members"
            | "pg_shadow"
            | "pg_roles"
            | "pg_user"
            | "pg_proc"
            | "pg_class"
            | "pg_attribute"
            | "pg_database"
            | "pg_language"
            | "pg_largeobject"
            | "pg_largeobject_metadata"
            | "pg_trigger"
            | "pg_rewrite"
            | "pg_namespace"
            | "pg_settings"
            | "pg_extension"
            | "pg_foreign_server"
            | "pg_user_mapping"
            | "pg_db_role_setting"
            | "pg_default_acl"
            | "pg_policy"
            | "pg_type"
            | "pg_index"
            | "sqlite_master"
            | "sqlite_schema"
            | "sqlite_temp_master"
            | "sqlite_temp_schema"
            | "sysxlogins"
            | "syslogins"
            | "sysusers"
            | "sysobjects"
            | "sysjobs"
            | "sysjobsteps"
            | "user$"
            | "aud$"
    )
}

/// Where a server keeps the passwords of its accounts, and of those it has with others.
pub(super) fn holds_passwords(schema: &str, name: &str) -> bool {
    matches!(
        name,
        "pg_authid" | "pg_shadow" | "pg_user_mapping" | "pg_user_mappings" | "global_priv" | "sql_logins" | "sysxlogins" | "user$"
    ) || schema == "mysql" && matches!(name, "servers" | "slave_master_info")
}

/// PRAGMAs that only tell, with or without an argument.
pub(super) fn is_telling_pragma(name: &str) -> bool {
    matches!(
        name,
        "table_info"
            | "table_xinfo"
            | "table_list"
            | "index_list"
            | "index_info"
            | "index_xinfo"
            | "foreign_key_list"
            | "foreign_key_check"
            | "database_list"
            | "collation_list"
            | "function_list"
            | "module_list"
            | "pragma_list"
            | "compile_options"
            | "integrity_check"
            | "quick_check"
            | "show_tables"
            | "show"
            | "storage_info"
            | "database_size"
            | "version"
    )
}

/// PRAGMAs that act without an argument.
pub(super) fn is_acting_pragma(name: &str) -> bool {
    matches!(
        name,
        "optimize"
            | "wal_checkpoint"
            | "incremental_vacuum"
            | "shrink_memory"
            | "case_sensitive_like"
            | "force_checkpoint"
            | "enable_verification"
            | "disable_verification"
    )
}

/// Languages of routines that run what they like in the server.
pub(super) fn is_native_language(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "c"
        || name == "internal"
        || name == "java"
        || name == "python"
        || name.starts_with("plpython")
        || ["plperlu", "pltclu", "plsh", "pllua_u", "pllualu", "plr", "pljavau", "pljava", "plphpu", "plrubyu", "plrust", "plmono"]
            .contains(&name.as_str())
}
