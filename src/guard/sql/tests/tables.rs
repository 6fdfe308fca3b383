use super::*;
use Dialect::*;

fn named(text: &str, dialect: Dialect) -> (String, bool) {
    let found = inspect(text, dialect);
    let mut names: Vec<String> = found
        .tables
        .iter()
        .map(|table| table.schema.iter().chain([&table.name]).map(String::as_str).collect::<Vec<_>>().join("."))
        .collect();
    names.sort();
    (names.join(" "), found.tables_complete)
}

#[test]
fn tables_are_found_where_they_are_named() {
    for (text, expected) in [
        ("SELECT * FROM a", "a"),
        ("SELECT * FROM A, b.C x, (SELECT * FROM d) y", "a b.c d"),
        ("SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (x), d", "a b c d"),
        ("SELECT * FROM (a JOIN b ON a.x = b.x)", "a b"),
        ("SELECT * FROM \"Big Table\" WHERE x IN (SELECT y FROM \"s\".\"t\")", "big table s.t"),
        ("SELECT EXTRACT(YEAR FROM created), TRIM(x FROM y), a IS DISTINCT FROM b FROM t", "t"),
        ("WITH x AS (SELECT * FROM a) SELECT * FROM x, b", "a b"),
        ("WITH a AS (SELECT * FROM a) SELECT * FROM a", "a"),
        ("SELECT * FROM x; WITH x AS (SELECT 1) SELECT * FROM x", "x"),
        ("SELECT * FROM x, (WITH x AS (SELECT 1) SELECT * FROM x) y", "x"),
        ("WITH x AS (SELECT 1) SELECT * FROM s.x", "s.x"),
        ("WITH x AS (SELECT 1 a) SELECT 1 SELECT * FROM x", "x"),
        ("WITH x AS (SELECT 1 a) SELECT 1 INSERT INTO t SELECT * FROM x", "t x"),
        ("WITH x AS (SELECT a FROM b) INSERT INTO t SELECT * FROM x", "b t"),
        ("PREPARE p AS SELECT * FROM a", "a"),
        ("SELECT * FROM ((a)), (b)", "a b"),
        ("SELECT (TABLE a)", "a"),
        ("SELECT * FROM information_schema.tables WHERE a = 1", "information_schema.tables"),
        ("SELECT * FROM generate_series(1, 2) g, t", "t"),
        ("SELECT * FROM t FOR UPDATE OF t", "t"),
        ("INSERT INTO a (b) SELECT c FROM d", "a d"),
        ("INSERT INTO a VALUES (1)", "a"),
        ("UPDATE a SET b = 1 FROM c WHERE c.i = a.i", "a c"),
        ("UPDATE a, b SET a.x = 1 WHERE a.i = b.i", "a b"),
        ("UPDATE x SET b = 1 FROM customers x WHERE x.i = 1", "customers"),
        ("DELETE FROM a USING b WHERE a.i = b.i", "a b"),
        ("DELETE x FROM a x JOIN b ON b.i = x.i", "a b"),
        ("DELETE a WHERE i = 1", "a"),
        ("DELETE FROM a OUTPUT deleted.id, deleted.x WHERE i = 1", "a"),
        ("MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN DELETE", "a b"),
        ("MERGE a USING (SELECT * FROM b) s ON a.i = s.i WHEN MATCHED THEN UPDATE SET x = 1", "a b"),
        ("TRUNCATE TABLE a, b.c", "a b.c"),
        ("TRUNCATE a", "a"),
        ("DROP TABLE IF EXISTS a, b CASCADE", "a b"),
        ("CREATE TABLE IF NOT EXISTS a (i int REFERENCES b (i))", "a b"),
        ("CREATE INDEX i ON a (x)", "a"),
        ("CREATE TABLE a (LIKE b)", "a b"),
        ("CREATE TABLE a LIKE b", "a b"),
        ("ALTER TABLE a ADD b int", "a"),
        ("ALTER TABLE a DROP COLUMN b, DROP COLUMN c, ADD d int", "a"),
        ("SELECT a FROM b FOR XML EXPLICIT, BINARY BASE64", "b"),
        ("GRANT SELECT ON a, s.b TO joe", "a s.b"),
        ("REVOKE ALL ON TABLE a FROM joe", "a"),
        ("COPY a (b) TO STDOUT", "a"),
        ("COPY (SELECT * FROM a) TO STDOUT", "a"),
        ("LOCK TABLE a, b IN SHARE MODE", "a b"),
        ("DESCRIBE a", "a"),
        ("TABLE a", "a"),
        ("SHOW COLUMNS FROM a", "a"),
        ("EXPLAIN DELETE FROM a", "a"),
        ("EXEC('SELECT * FROM a')", "a"),
        ("SELECT (SELECT max(x) FROM a) FROM b WHERE y = ANY (SELECT z FROM c)", "a b c"),
        ("SELECT * FROM a UNION SELECT * FROM b ORDER BY 1, 2", "a b"),
        ("SELECT * FROM db.s.t", "db.s.t"),
        ("SELECT * FROM 'a'", "a"),
        ("SELECT a, b FROM t WHERE (x, y) IN (SELECT p, q FROM u)", "t u"),
    ] {
        assert_eq!(named(text, Generic), (expected.to_owned(), true), "{text}");
    }
    assert_eq!(named("SELECT * FROM `a`.`b`, `c`", MySql), ("a.b c".to_owned(), true));
    assert_eq!(named("SELECT * FROM `a`.`b`, `c`", Generic), ("a.b c".to_owned(), true));
    assert_eq!(named("SELECT * FROM [a b] x, [d].[e]", TSql), ("a b d.e".to_owned(), true));
    assert_eq!(named("SELECT * FROM secret (NOLOCK)", TSql), ("secret".to_owned(), true));
    assert_eq!(named("SELECT * FROM db..t WITH (NOLOCK), @v", TSql), ("db..t".to_owned(), true));
    assert_eq!(named("SELECT * FROM t /*!50000 JOIN secret */", MySql).0, "secret t");
}

#[test]
fn what_cannot_be_told_is_said() {
    for text in [
        "CALL p()",
        "EXEC(@x)",
        "SELECT table_to_xml('secret', true, true, '')",
        "SELECT * FROM :t",
        "DO $$ BEGIN PERFORM f(); END $$",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO joe",
        "FROBNICATE t",
        "SHOW STATUS",
    ] {
        assert!(!named(text, Generic).1, "{text}");
    }
    let many: String = (0..100).map(|n| format!("t{n},")).collect();
    let found = inspect(&format!("SELECT * FROM {many} z"), Generic);
    assert_eq!((found.tables.len(), found.tables_complete), (limits::TABLES, false));
}
