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
            "SELECT * FROM t FOR UPDATE",
            "SELECT * FROM t WHERE id = 1 FOR NO KEY UPDATE SKIP LOCKED",
            "SELECT * FROM t FOR SHARE",
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
