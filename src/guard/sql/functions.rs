//! Functions and procedures that do more than their place in a statement tells.
//!
//! From the manuals of PostgreSQL 17 (9.27, F.11, F.37), MySQL 8.4 (14), SQLite 3.50 (core functions, shell), SQL Server 2022 (system stored
//! procedures), DuckDB 1.3, and what MySQL UDF libraries are known to install.

use super::Class;

/// What a function does beside giving a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Is(Class),
    /// Runs the text it is given.
    Runs,
    /// Runs the text it is given elsewhere: another server is reached.
    RunsElsewhere,
    /// Reads tables that the text does not name as such.
    ReadsTables,
}

/// Functions that every dialect has and that only compute. They are most of those that are called, and the lists here are long.
pub(super) fn only_computes(name: &str) -> bool {
    const PLAIN: [&str; 12] = ["count", "sum", "avg", "min", "max", "round", "abs", "coalesce", "nullif", "lower", "upper", "now"];
    PLAIN.iter().any(|plain| name.eq_ignore_ascii_case(plain))
}

/// `name` is in lower case, without its schema.
pub(super) fn function(name: &str) -> Option<Effect> {
    use Class::{Administrative, FileAccess, ProgramExecution, Unknown, Write};
    use Effect::{Is, ReadsTables, Runs, RunsElsewhere};
    Some(match name {
        // PostgreSQL
        "pg_read_file"
        | "pg_read_binary_file"
        | "pg_stat_file"
        | "pg_file_write"
        | "pg_file_read"
        | "pg_file_rename"
        | "pg_file_unlink"
        | "pg_file_sync"
        | "pg_file_length"
        | "pg_logdir_ls"
        | "lo_import"
        | "lo_export"
        | "pg_current_logfile"
        | "pg_dump"
        | "pg_read_file_v2"
        | "pg_read_file_old" => Is(FileAccess),
        _ if name.starts_with("pg_ls_") => Is(FileAccess),
        "lo_create" | "lo_creat" | "lo_unlink" | "lowrite" | "lo_put" | "lo_from_bytea" | "lo_truncate" | "lo_truncate64" | "nextval"
        | "setval" => Is(Write),
        "pg_sleep"
        | "pg_sleep_for"
        | "pg_sleep_until"
        | "set_config"
        | "pg_terminate_backend"
        | "pg_cancel_backend"
        | "pg_reload_conf"
        | "pg_rotate_logfile"
        | "pg_switch_wal"
        | "pg_switch_xlog"
        | "pg_create_restore_point"
        | "pg_promote"
        | "pg_start_backup"
        | "pg_stop_backup"
        | "pg_backup_start"
        | "pg_backup_stop"
        | "pg_notify"
        | "pg_export_snapshot"
        | "pg_wal_replay_pause"
        | "pg_wal_replay_resume"
        | "pg_import_system_collations"
        | "pg_log_backend_memory_contexts"
        | "pg_drop_replication_slot"
        | "pg_logical_emit_message"
        | "pg_log_standby_snapshot"
        | "pg_sync_replication_slots" => Is(Administrative),
        _ if (name.starts_with("pg_advisory_")
            || name.starts_with("pg_try_advisory_")
            || name.starts_with("pg_stat_reset")
            || name.starts_with("pg_replication_origin_"))
            || (name.starts_with("pg_create_") && name.ends_with("_replication_slot"))
            || (name.starts_with("pg_copy_") && name.ends_with("_replication_slot"))
            || (name.starts_with("pg_logical_slot_") && !name.contains("peek")) =>
        {
            Is(Administrative)
        }
        "query_to_xml"
        | "query_to_xmlschema"
        | "query_to_xml_and_xmlschema"
        | "ts_stat"
        | "ts_rewrite"
        | "crosstab"
        | "crosstab2"
        | "crosstab3"
        | "crosstab4"
        | "connectby"
        | "xpath_table"
        | "run_command_on_workers"
        | "run_command_on_shards"
        | "eval"
        | "pg_execute_sql" => Runs,
        "table_to_xml" | "table_to_xmlschema" | "table_to_xml_and_xmlschema" | "cursor_to_xml" | "query_table" => ReadsTables,
        // All tables there are.
        "schema_to_xml" | "schema_to_xml_and_xmlschema" | "database_to_xml" | "database_to_xml_and_xmlschema" => Is(Unknown),
        "schema_to_xmlschema" | "database_to_xmlschema" => ReadsTables,
        "dblink" | "dblink_exec" | "dblink_open" | "dblink_send_query" | "openquery" | "openrowset" | "opendatasource"
        | "postgres_query" | "mysql_query" | "postgres_execute" | "mysql_execute" | "sqlite_query" => RunsElsewhere,
        _ if name.starts_with("dblink_connect")
            || name == "http"
            || name.starts_with("http_")
                && matches!(name, "http_get" | "http_post" | "http_put" | "http_delete" | "http_patch" | "http_head") =>
        {
            Is(FileAccess)
        }
        // MySQL
        "load_file" => Is(FileAccess),
        "sleep"
        | "benchmark"
        | "get_lock"
        | "release_lock"
        | "release_all_locks"
        | "master_pos_wait"
        | "source_pos_wait"
        | "wait_for_executed_gtid_set"
        | "service_get_write_locks"
        | "service_get_read_locks"
        | "group_replication_switch_to_single_primary_mode"
        | "group_replication_set_as_primary" => Is(Administrative),
        "sys_exec"
        | "sys_eval"
        | "sys_get"
        | "sys_set"
        | "sys_bineval"
        | "do_system"
        | "cmdshell"
        | "backshell"
        | "downloader"
        | "my_exec"
        | "execute_command"
        | "plpython_call_handler"
        | "java_method"
        | "reflect"
        | "reflect2"
        | "fts3_tokenizer"
        | "load_extension"
        | "sqlite3_load_extension"
        | "shell_exec"
        | "xp_cmdshell"
        | "executable" => Is(ProgramExecution),
        // SQLite's shell and extensions, DuckDB, ClickHouse
        "readfile"
        | "writefile"
        | "edit"
        | "fsdir"
        | "lsdir"
        | "lsmode"
        | "zipfile"
        | "sqlar_uncompress"
        | "csv_scan"
        | "read_csv"
        | "read_csv_auto"
        | "read_parquet"
        | "parquet_scan"
        | "parquet_metadata"
        | "parquet_schema"
        | "read_json"
        | "read_json_auto"
        | "read_json_objects"
        | "read_json_objects_auto"
        | "read_ndjson"
        | "read_ndjson_auto"
        | "read_ndjson_objects"
        | "read_text"
        | "read_blob"
        | "read_xlsx"
        | "read_files"
        | "sniff_csv"
        | "st_read"
        | "iceberg_scan"
        | "delta_scan"
        | "sqlite_scan"
        | "sqlite_attach"
        | "postgres_scan"
        | "postgres_scan_pushdown"
        | "postgres_attach"
        | "mysql_scan"
        | "s3"
        | "s3cluster"
        | "hdfs"
        | "hdfscluster"
        | "urlcluster"
        | "filecluster"
        | "azureblobstorage"
        | "gcs"
        | "jdbc"
        | "odbc" => Is(FileAccess),
        // Oracle, for the texts of those who say generic
        "bfilename" | "httpuritype" => Is(FileAccess),
        // SQL Server
        "dm_os_file_exists"
        | "dm_os_enumerate_filesystem"
        | "dm_os_enumerate_fixed_drives"
        | "fn_get_audit_file"
        | "fn_trace_gettable"
        | "fn_xe_file_target_read_file"
        | "fn_dump_dblog"
        | "fn_dblog" => Is(FileAccess),
        _ if name.starts_with("xp_") => return procedure(name),
        "exec_sql" | "run_sql" | "execute_sql" => Is(Unknown),
        _ => return None,
    })
}

/// What precedes a function of Oracle's packages: `UTL_HTTP.REQUEST(..)`.
pub(super) fn package(name: &str) -> Option<Class> {
    Some(match name {
        "utl_file" | "utl_http" | "utl_tcp" | "utl_smtp" | "utl_inaddr" | "utl_mail" | "dbms_lob" | "dbms_xslprocessor"
        | "dbms_advisor" | "dbms_ldap" => Class::FileAccess,
        "aws_s3" | "aws_commons" | "azure_storage" => Class::FileAccess,
        "aws_lambda" | "dbms_export_extension" => Class::ProgramExecution,
        "dbms_xmlgen" | "dbms_xmlquery" => Class::Unknown,
        "dbms_scheduler" | "dbms_java" | "dbms_java_test" | "dbms_job" | "dbms_cloud" => Class::ProgramExecution,
        "ctxsys" | "ordsys" | "dbms_lock" | "dbms_session" | "dbms_pipe" | "dbms_sql" | "dbms_system" | "dbms_network_acl_admin" => {
            Class::Administrative
        }
        _ => return None,
    })
}

/// What a procedure of SQL Server does: none is for the others, of whom nothing is known.
pub(super) fn procedure(name: &str) -> Option<Effect> {
    use Class::{Administrative, Alter, FileAccess, Grant, ProgramExecution, Read};
    use Effect::{Is, Runs};
    Some(match name {
        "sp_executesql" => Runs,
        "xp_cmdshell"
        | "sp_oacreate"
        | "sp_oamethod"
        | "sp_oagetproperty"
        | "sp_oasetproperty"
        | "sp_oadestroy"
        | "sp_execute_external_script"
        | "sp_add_job"
        | "sp_add_jobstep"
        | "sp_start_job"
        | "sp_update_job"
        | "sp_update_jobstep"
        | "sp_add_jobserver"
        | "sp_add_jobschedule"
        | "sp_addextendedproc"
        | "xp_servicecontrol"
        | "sp_procoption"
        | "sp_add_trusted_assembly" => Is(ProgramExecution),
        "xp_dirtree"
        | "xp_fileexist"
        | "xp_subdirs"
        | "xp_create_subdir"
        | "xp_delete_file"
        | "xp_delete_files"
        | "xp_copy_file"
        | "xp_copy_files"
        | "xp_makecab"
        | "xp_availablemedia"
        | "xp_fixeddrives"
        | "xp_readerrorlog"
        | "sp_readerrorlog"
        | "sp_makewebtask"
        | "sp_send_dbmail"
        | "xp_sendmail"
        | "xp_startmail"
        | "sp_attach_db"
        | "sp_attach_single_file_db"
        | "sp_addumpdevice" => Is(FileAccess),
        _ if name.starts_with("xp_reg") || name.starts_with("xp_instance_reg") => Is(Administrative),
        "xp_msver"
        | "xp_logininfo"
        | "xp_loginconfig"
        | "xp_enumgroups"
        | "xp_terminate_process"
        | "xp_getnetname"
        | "xp_enumerrorlogs"
        | "xp_ntsec_enumdomains"
        | "xp_enumdsn"
        | "xp_logevent"
        | "sp_configure"
        | "sp_addlogin"
        | "sp_droplogin"
        | "sp_adduser"
        | "sp_dropuser"
        | "sp_password"
        | "sp_grantlogin"
        | "sp_revokelogin"
        | "sp_denylogin"
        | "sp_defaultdb"
        | "sp_addlinkedserver"
        | "sp_addlinkedsrvlogin"
        | "sp_dropserver"
        | "sp_serveroption"
        | "sp_dboption"
        | "sp_detach_db"
        | "sp_renamedb"
        | "sp_changedbowner"
        | "sp_control_dbmasterkey_password"
        | "sp_trace_create"
        | "sp_delete_job"
        | "sp_stop_job"
        | "sp_cycle_errorlog"
        | "sp_update_agent_profile"
        | "sp_setapprole"
        | "sp_invoke_external_rest_endpoint"
        | "sp_getapplock"
        | "sp_updatestats" => Is(Administrative),
        "sp_addrolemember"
        | "sp_droprolemember"
        | "sp_addsrvrolemember"
        | "sp_dropsrvrolemember"
        | "sp_grantdbaccess"
        | "sp_revokedbaccess"
        | "sp_addrole"
        | "sp_changeobjectowner"
        | "sp_addapprole" => Is(Grant),
        "sp_rename"
        | "sp_addextendedproperty"
        | "sp_updateextendedproperty"
        | "sp_dropextendedproperty"
        | "sp_refreshview"
        | "sp_recompile"
        | "sp_bindrule"
        | "sp_tableoption" => Is(Alter),
        "sp_help"
        | "sp_helptext"
        | "sp_helpindex"
        | "sp_helpconstraint"
        | "sp_helpdb"
        | "sp_helpfile"
        | "sp_columns"
        | "sp_tables"
        | "sp_pkeys"
        | "sp_fkeys"
        | "sp_statistics"
        | "sp_stored_procedures"
        | "sp_depends"
        | "sp_who"
        | "sp_who2"
        | "sp_lock"
        | "sp_spaceused"
        | "sp_databases"
        | "sp_server_info"
        | "sp_describe_first_result_set"
        | "sp_helprole"
        | "sp_helprolemember"
        | "sp_helpsrvrolemember"
        | "sp_helprotect"
        | "sp_helptrigger"
        | "sp_helpstats"
        | "sp_helpfilegroup"
        | "sp_special_columns"
        | "sp_column_privileges"
        | "sp_table_privileges"
        | "sp_linkedservers"
        | "sp_helpuser" => Is(Read),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_computes_has_no_effect() {
        for name in ["count", "sum", "avg", "min", "max", "round", "abs", "coalesce", "nullif", "lower", "upper", "now"] {
            assert!(only_computes(name) && only_computes(&name.to_uppercase()));
            assert_eq!((function(name), procedure(name), package(name)), (None, None, None), "{name}");
        }
        assert!(!only_computes("load_file"));
    }
}
