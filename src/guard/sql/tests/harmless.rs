use super::*;
use Dialect::*;

fn each_is(expected: Classes, dialects: &[Dialect], texts: &[&str]) {
    let mut wrong = Vec::new();
    for text in texts {
        for &dialect in dialects {
            let found = inspect(text, dialect);
            if found.classes != expected {
                wrong.push(format!("{dialect:?}: {text}\n    is {:?}", found.notes));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn reads() {
    each_is(
        only(Class::Read),
        &EVERY,
        &[
            "SELECT 1",
            "SELECT * FROM orders WHERE id = 5;",
            "select o.id, sum(i.price) as total from orders o join items i on i.order_id = o.id where o.state in ('open', 'paid') group by o.id having sum(i.price) > 10 order by total desc limit 10",
            "(SELECT 1) UNION ALL (SELECT 2)",
            "((SELECT 1))",
            "WITH x AS (SELECT 1 AS a), y (b) AS (SELECT a FROM x) SELECT * FROM y",
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT n FROM t",
            "WITH a AS (SELECT 1) (SELECT * FROM a)",
            "VALUES (1, 2)",
            "TABLE orders",
            "SHOW TABLES",
            "DESCRIBE orders",
            "EXPLAIN SELECT * FROM orders",
            "EXPLAIN QUERY PLAN SELECT 1",
            "EXPLAIN FORMAT=JSON SELECT 1",
            "EXPLAIN ANALYZE SELECT * FROM orders",
            "-- how many?\nSELECT count(*) FROM orders",
            "/* DROP TABLE x */ SELECT 1",
            "SELECT 'DROP TABLE users; DELETE FROM t'",
            "SELECT 'it''s -- not a comment'",
            "SELECT * FROM logs WHERE message LIKE '%; DROP TABLE%'",
            "SELECT deleted, updated_at, \"update\", created FROM t WHERE dropped = 0",
            "SELECT t.delete, t.update FROM t",
            "SELECT REPLACE(name, 'a', 'b'), TRUNCATE(price, 2), INSERT(a, 1, 2, 'x') FROM t",
            "SELECT EXTRACT(YEAR FROM created) FROM t",
            "SELECT TRIM(BOTH ' ' FROM name), SUBSTRING(name FROM 1 FOR 3) FROM t",
            "SELECT CASE WHEN a = 1 THEN 'drop table' ELSE 'delete' END FROM t",
            "SELECT * FROM t WHERE id = ? AND name = :name",
            "SELECT * FROM (SELECT id FROM a EXCEPT SELECT id FROM b) x",
            "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)",
            "SELECT count(DISTINCT a) FILTER (WHERE b > 1) OVER (PARTITION BY c ORDER BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
            "SELECT a IS NOT DISTINCT FROM b FROM t",
            "SELECT * FROM a LEFT JOIN b USING (id) CROSS JOIN c",
            "SELECT xp, xp_points, sp_level FROM players",
            "SELECT grant_id, revoke_date FROM grants",
            "SELECT * FROM information_schema.tables",
            "SELECT 1 AS \"drop\"",
            "SELECT a AS delete FROM t",
            "SELECT set_name, begin_at, end_at FROM t",
            "SELECT name FROM sys.configurations WHERE name = 'xp_cmdshell'",
            "SELECT sleep_hours, benchmark FROM t",
            "SELECT größe, naïve, 名前 FROM tabelle",
            "SELECT 'naïve \u{200b} \u{ff24}ROP', 'x\u{a0}y'",
            "SELECT -1, +2, 3 - -4, 1e5, .5, 0x1F FROM t WHERE a<>b AND c!=d AND e<=f",
            "SELECT * FROM t ORDER BY a DESC, b ASC OFFSET 10 ROWS FETCH NEXT 5 ROWS ONLY",
            "SELECT TOP 10 * FROM t",
            "SELECT a, b FROM t GROUP BY ROLLUP (a, b)",
            "EXEC sp_help 'orders'",
            "EXEC('SELECT 1')",
            "EXECUTE IMMEDIATE 'SELECT 1'",
            "PREPARE s AS SELECT $1; ",
            "COPY (SELECT * FROM t) TO STDOUT WITH CSV",
            "DECLARE c CURSOR FOR SELECT * FROM t",
            "PRAGMA table_info(orders)",
            "PRAGMA foreign_keys",
        ],
    );
    each_is(
        only(Class::Read),
        &[Generic, PostgreSql],
        &[
            "SELECT ARRAY[1,2,3], ARRAY[[1,2],[3,4]], a[1], '{a,b}'::text[] FROM t",
            "SELECT data->>'a', data #>> '{a,b}', data @> '{\"a\": 1}' FROM t",
            "SELECT $$it's$$, $x$ a $$ b $x$",
            "SELECT $$plain ; text$$ AS body",
            "SELECT $$insert into t values (1)$$ AS snippet",
            "SELECT $$a text; with a semicolon$$ AS s",
            "SELECT $t$one; two$t$, $$three; four$$",
            "SELECT E'it\\'s'",
            "SELECT a::int, b::timestamp with time zone FROM \"Orders\" AS \"o\"",
            "SELECT * FROM generate_series(1, 10) AS g(n)",
            "SELECT a || ' ' || b FROM t",
            "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b",
            "SELECT * FROM t, LATERAL (SELECT * FROM u WHERE u.id = t.id) x",
            "SELECT '\\d+' ~ name, name ~* '^[a-z]+$' FROM t",
            "SELECT * FROM t WHERE path LIKE 'C:\\\\%'",
            "SELECT string_agg(a, ', ' ORDER BY b) FROM t",
        ],
    );
    each_is(
        only(Class::Read),
        &[Generic, MySql],
        &[
            "SELECT `id`, `name` FROM `my-db`.`orders` WHERE `drop` = 1",
            "SELECT 'it\\'s' FROM t",
            "SELECT * FROM t USE INDEX (i) WHERE a = \"b\" LIMIT 5, 10",
            "SELECT IF(a > 1, 'x', 'y') FROM t # comment",
            "SHOW CREATE TABLE orders",
            "# how many?\nSELECT count(*) FROM orders",
            "SELECT * FROM orders WHERE id = 1\\G",
            "SHOW GRANTS FOR 'joe'@'%'",
            "SELECT SQL_CALC_FOUND_ROWS * FROM t LOCK IN SHARE MODE",
            "SELECT /*+ MAX_EXECUTION_TIME(1000) */ * FROM t",
            "SELECT a INTO @x FROM t",
            "SELECT GROUP_CONCAT(a ORDER BY b SEPARATOR ';') FROM t",
            "SELECT /*!40001 SQL_NO_CACHE */ * FROM t",
        ],
    );
    each_is(
        only(Class::Read),
        &[Generic, TSql],
        &[
            "SELECT TOP (10) [Order ID], [Name] FROM [dbo].[Orders] WITH (NOLOCK) WHERE [Drop] = 1",
            "SELECT * FROM t WHERE id = @id",
            "SELECT * FROM #tmp",
            "SELECT a FROM t FOR XML PATH('')",
            "SELECT * FROM t OPTION (RECOMPILE)",
            "SELECT N'text', GETDATE(), DATEADD(day, 1, x) FROM t CROSS APPLY f(t.id) y",
            "SELECT * FROM t PIVOT (SUM(a) FOR b IN ([x], [y])) p",
        ],
    );
    each_is(
        only(Class::Read),
        &[Generic, Sqlite],
        &[
            "SELECT [a], `b`, \"c\" FROM t WHERE d = 'e'",
            "SELECT * FROM pragma_table_info('t')",
            "SELECT * FROM t WHERE a GLOB '*x*' AND b = $name AND c = @c",
        ],
    );
}

#[test]
fn what_is_explained_is_not_run() {
    each_is(
        only(Class::Read),
        &[PostgreSql, MySql, Sqlite],
        &[
            "EXPLAIN DELETE FROM orders",
            "EXPLAIN (FORMAT JSON, VERBOSE) UPDATE orders SET a = 1",
            "EXPLAIN (ANALYZE FALSE) DELETE FROM t",
            "DESCRIBE UPDATE orders SET a = 1",
        ],
    );
}

#[test]
fn writes_of_applications() {
    let texts = [
        "INSERT INTO orders (id, note) VALUES (1, 'DROP TABLE x; --')",
        "INSERT INTO a (b) SELECT c FROM d WHERE e = 1",
        "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = excluded.a",
        "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING RETURNING id",
        "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)",
        "INSERT IGNORE INTO t VALUES (1)",
        "INSERT OR REPLACE INTO t VALUES (1)",
        "REPLACE INTO t (a) VALUES (1)",
        "UPDATE t SET a = 1, b = 'x' WHERE id = 5",
        "UPDATE t SET a = a + 1 WHERE id IN (1, 2, 3)",
        "UPDATE t SET a = s.a FROM s WHERE s.id = t.id",
        "UPDATE t SET a = 1 WHERE id = 1 AND 1 = 1",
        "UPDATE t SET a = 1 WHERE deleted_at IS NULL",
        "UPDATE t JOIN s ON s.id = t.id SET t.a = s.a WHERE s.b = 1",
        "UPDATE t JOIN s ON s.id = t.id SET t.a = s.a",
        "UPDATE t SET a = CASE WHEN b = 1 OR 1=1 THEN 2 ELSE 3 END WHERE c = 4",
        "DELETE FROM t WHERE id = 5",
        "DELETE FROM t WHERE created < now() - interval '30 days'",
        "DELETE FROM t WHERE a = 1 OR b = 2",
        "DELETE FROM t WHERE a = 1 OR a = 2",
        "DELETE FROM t WHERE id = ?",
        "DELETE FROM t WHERE id = $1 AND owner = $2",
        "DELETE FROM t WHERE id NOT IN (SELECT id FROM u WHERE keep = 1)",
        "DELETE FROM t WHERE name LIKE 'tmp%'",
        "DELETE FROM t WHERE a BETWEEN 1 AND 5 AND b = 2",
        "DELETE FROM t WHERE archived",
        "DELETE FROM t WHERE NOT active",
        "DELETE FROM t WHERE (a, b) = (1, 2)",
        "DELETE FROM t WHERE (a + 1) = 2",
        "DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id = t.id)",
        "DELETE FROM t USING u WHERE u.id = t.id AND u.gone = 1",
        "DELETE t FROM t JOIN u ON u.id = t.id WHERE u.gone = 1",
        "DELETE t1 FROM users t1 INNER JOIN users t2 ON t1.id < t2.id AND t1.email = t2.email",
        "DELETE FROM t WHERE lower(name) = 'x' ORDER BY id LIMIT 10",
        "DELETE FROM t WHERE date < '2020-01-01'",
        "DELETE FROM t WHERE id = '5' RETURNING *",
        "DELETE FROM t WHERE price > 0",
        "DELETE FROM t WHERE id > 100",
        "DELETE FROM t WHERE \"orderId\" = 'abc'",
        "DELETE FROM t WHERE other_id > 0",
        "DELETE FROM t WHERE paid IS TRUE OR due IS FALSE",
        "DELETE FROM t WHERE paid = true OR due = false",
        "CREATE TRIGGER x AFTER UPDATE ON t BEGIN UPDATE u SET a = 1 WHERE id = NEW.id; END",
        "DELETE FROM t WHERE a = b + 1",
        "DELETE FROM t WHERE x <> round(x, 2)",
        "DELETE FROM t WHERE id = (SELECT max(id) FROM t)",
        "DELETE FROM t WHERE d < '2019-12-31'",
        "DELETE FROM sqlite_sequence WHERE name = 't'",
        "MERGE INTO t USING s ON t.id = s.id WHEN MATCHED AND s.gone = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET a = s.a WHEN NOT MATCHED THEN INSERT (a) VALUES (s.a);",
        "WITH x AS (SELECT id FROM a WHERE b = 1) UPDATE t SET c = 2 WHERE id IN (SELECT id FROM x)",
        "WITH x AS (SELECT id FROM a WHERE b = 1) DELETE FROM t USING x WHERE x.id = t.id",
        "BEGIN; UPDATE a SET b = b - 1 WHERE id = 1; UPDATE a SET b = b + 1 WHERE id = 2; COMMIT",
        "CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'x', b int REFERENCES u (id) ON DELETE CASCADE ON UPDATE SET NULL, CHECK (a <> ''))",
        "CREATE TEMPORARY TABLE t (a int) ON COMMIT DELETE ROWS",
        "CREATE INDEX CONCURRENTLY i ON t (a)",
        "CREATE VIEW v AS SELECT * FROM t",
        "CREATE TRIGGER x AFTER UPDATE OF a ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE TRIGGER x BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE PROCEDURE f()",
        "SET search_path TO app",
        "SET NOCOUNT ON",
        "START TRANSACTION",
        "INSERT INTO t (a) VALUES (nextval('s'))",
        "SELECT a INTO #tmp FROM t",
        "PREPARE p AS INSERT INTO t VALUES ($1); EXECUTE p(1); DEALLOCATE p",
        "INSERT INTO docs (body) VALUES ('<script>; EXEC xp_cmdshell')",
        "IF NOT EXISTS (SELECT 1 FROM t WHERE id = 1) INSERT INTO t (id) VALUES (1)",
        "IF EXISTS (SELECT 1 FROM t WHERE id = 1) UPDATE t SET a = 1 WHERE id = 1 ELSE INSERT INTO t (id, a) VALUES (1, 1)",
        "DECLARE @id int; SET @id = 5; UPDATE t SET a = 1 WHERE id = @id",
    ];
    let mut refused = Vec::new();
    for text in texts {
        let found = inspect(text, Generic);
        if found.classes.intersects(recommended()) {
            refused.push(format!("{text}\n    is {:?}", found.notes));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

/// What another dialect would make of it is none of a policy's business that names its dialect.
#[test]
fn a_dialect_reads_its_own() {
    assert_eq!(inspect("SELECT '\\'; DROP TABLE t; -- '", MySql).classes, only(Class::Read));
    assert!(inspect("SELECT '\\'; DROP TABLE t; -- '", PostgreSql).classes.contains(Class::Drop));
    assert_eq!(inspect("SELECT $$; DROP TABLE t; $$", PostgreSql).classes, only(Class::Read));
    assert!(inspect("SELECT $$; DROP TABLE t; $$", MySql).classes.contains(Class::Drop));
    assert_eq!(inspect("SELECT 1 # ; DROP TABLE t", MySql).classes, only(Class::Read));
    assert!(inspect("SELECT 1 # ; DROP TABLE t", PostgreSql).classes.contains(Class::Drop));
    assert_eq!(inspect("SELECT /* /* */ 1 */ 2", PostgreSql).classes, only(Class::Read));
    assert_eq!(inspect("SELECT [it's] FROM t", TSql).classes, only(Class::Read));
    assert!(inspect("SELECT [it's] FROM t", PostgreSql).classes.contains(Class::Unknown));
    assert!(inspect("SELECT 1 /*!50000; DROP TABLE t */", MySql).classes.contains(Class::Drop));
    assert_eq!(inspect("SELECT 1 /*!50000; DROP TABLE t */", PostgreSql).classes, only(Class::Read));
}
