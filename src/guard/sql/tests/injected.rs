//! Signs of somebody's text in a statement, and that there are none in what people write.

use super::*;

#[test]
fn signs_are_seen() {
    each_shows(
        Class::Unknown,
        &[Dialect::Generic],
        &[
            "SELECT * FROM members WHERE login = 'x' OR 3=3",
            "SELECT * FROM members WHERE login = 'x' OR ('k'='k')",
            "SELECT * FROM members WHERE login = 'x' OR NOT 1=2",
            "SELECT * FROM members WHERE login = 'x' OR true LIMIT 1",
            "SELECT * FROM members WHERE login = 'x' OR login = login",
            "SELECT * FROM members WHERE login = 'x' AND 'k'='k'",
            "SELECT * FROM members WHERE n = 5 AND 7201=7201",
            "SELECT * FROM members WHERE login = 'root'-- ' AND pin = '1'",
            "SELECT * FROM members WHERE login = 'root'#' AND pin = '1'",
            "SELECT * FROM members WHERE (login = 'root') -- ')",
            "SELECT a FROM goods WHERE id = 4 ORDER BY 9 --",
            "SELECT a, b FROM goods WHERE id = 4 UNION SELECT NULL, NULL",
            "SELECT a, b, c FROM goods WHERE id = 4 UNION ALL SELECT 1, 2, 3",
            "SELECT a, b FROM goods WHERE id = -4 UNION SELECT c, d FROM e",
            "SELECT a, b FROM goods WHERE id = 4 UNION SELECT 1, version()",
            "SELECT a, b FROM goods WHERE id = 4 UNION SELECT login, password FROM members",
            "SELECT a FROM goods WHERE id = 4 UNION SELECT name FROM sqlite_master",
            "SELECT a FROM goods WHERE id = 4 UNION/**/SELECT b FROM c",
            "SELECT a FROM goods WHERE id = 4 /*!50000UNION*/ /*!50000SELECT*/ b FROM c",
            "SELECT a FROM goods WHERE id = 4 AND extractvalue(7, concat(0x5c, database()))",
            "SELECT a FROM goods WHERE id = 4 AND ascii(substr((SELECT login FROM members LIMIT 1), 2, 1)) < 90",
            "SELECT a FROM goods WHERE id = 4 AND 2 = CONVERT(int, @@version)",
            "SELECT a FROM goods WHERE b = CHAR(97)+CHAR(98)+CHAR(99)",
            "SELECT a FROM goods PROCEDURE ANALYSE(1)",
            "SELECT a FROM goods WHERE id = 4 OR NOT 7201=7201",
            "SELECT a FROM goods WHERE id = IIF(7201=7201, 1, 1/0)",
            "SELECT a FROM goods WHERE id = 4 AND 7201=(SELECT count(*) FROM c)",
            "SELECT a FROM goods WHERE id = (CASE 7201 WHEN 7201 THEN 1 ELSE 0 END)",
            "SELECT a FROM goods WHERE id = 4 AND b = upper(hex(randomblob(500000000)))",
            "SELECT a FROM goods WHERE b = 1 AND (SELECT mid(pwd, 3, 1) FROM members LIMIT 1) = 'k'",
            "SELECT a FROM goods WHERE b = 1 AND length(database()) = 6",
            "SELECT a FROM goods WHERE b = 1 AND (SELECT db_name()) = 'k'",
            "SELECT a FROM goods ORDER BY (CASE WHEN (6=6) THEN a ELSE b END)",
            "SELECT a FROM goods WHERE b = 'x' OR c IS NOT NULL OR c = 'y'",
            "SELECT a FROM goods WHERE b = 4 UNION SELECT user FROM dual",
            "SELECT a FROM goods WHERE b = 4 UNION SELECT 0x7879, 0x7a",
            "SELECT a FROM goods WHERE b = 4 AND (SELECT count(*) FROM information_schema.tables) > 9",
            "SELECT a FROM goods WHERE b = 4 AND EXISTS (SELECT 1 FROM members WHERE password LIKE 'k%')",
            "SELECT a FROM goods WHERE b = 4 AND 5*4*3=6*10",
            "SELECT a FROM goods WHERE b = 'x' OR c LIKE '%'",
        ],
    );
    each_shows(
        Class::Administrative,
        &EVERY,
        &["SELECT count(*) FROM information_schema.columns a, information_schema.columns b, information_schema.columns c"],
    );
}

#[test]
fn what_people_write_has_no_signs() {
    for text in [
        "SELECT * FROM t WHERE 1=1 AND a = 2",
        "SELECT * FROM t WHERE a = 2 AND 1=1",
        "SELECT * FROM t WHERE (:x IS NULL OR a = :x)",
        "SELECT * FROM t WHERE a = b OR c = d",
        "SELECT * FROM t WHERE a = 1 OR b.x = c.x",
        "SELECT a FROM t -- don't count these",
        "SELECT a FROM t -- 'open' ones",
        "SELECT a -- first\nFROM t -- last",
        "SELECT id FROM a WHERE b = 1 UNION SELECT id FROM c",
        "SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3",
        "SELECT max(a) FROM t UNION SELECT 0",
        "SELECT id, name, NULL FROM a UNION ALL SELECT id, name, parent FROM b",
        "SELECT table_name FROM information_schema.tables UNION SELECT table_name FROM information_schema.views",
        "SELECT 'a' || CHR(13) || CHR(10)",
        "SELECT version(), database()",
        "SELECT ascii(substr(name, 1, 1)) FROM t",
        "SELECT extractvalue(doc, '/a/b') FROM t",
        "SELECT LEFT(name, 3) FROM t WHERE SUBSTR(name, 1, 1) = 'A'",
        "SELECT /*+ INDEX(t i) */ a FROM t",
        "SELECT a FROM t1, t1 AS t2",
        "SELECT user, host FROM mysql.user",
        "SELECT a FROM t --",
        "SELECT a FROM t WHERE b = 5 AND 10 = 10",
        "SELECT a FROM t WHERE 0 = (SELECT count(*) FROM u)",
        "SELECT a FROM t WHERE 2024 = year AND b = 2024",
        "SELECT CASE status WHEN 1 THEN 'new' ELSE 'old' END, repeat('-', 20) FROM t",
        "SELECT a, b FROM t WHERE c = '' UNION SELECT d, e FROM u WHERE f = 'x'",
        "SELECT 0 AS a, 1 AS b FROM t UNION SELECT 1, 2 FROM u",
        "SELECT id FROM users WHERE a = 1 AND id IN (SELECT user_id FROM staff WHERE ssn = 'x')",
        "SELECT id FROM users WHERE a = 1 AND (SELECT count(*) FROM orders WHERE user_id = users.id) > 5",
        "SELECT a FROM t WHERE b LIKE 'x%' OR c LIKE '%y'",
        "SELECT cron.schedule FROM cron",
        "SELECT IF(a = 1, 2, 3) FROM t",
        "SELECT pass FROM a UNION SELECT pass FROM b",
        "SELECT a FROM t WHERE b IS NOT NULL OR c = 1",
        "SELECT a % 20, b%2 FROM t",
        "SELECT m.name FROM sqlite_master AS m, pragma_index_list(m.name) AS i",
    ] {
        assert_eq!(inspect(text, Dialect::Generic).classes, only(Class::Read), "{text}");
    }
}

#[test]
fn tables_of_the_system() {
    each_shows(
        Class::Administrative,
        &EVERY,
        &[
            "INSERT INTO mysql.user (Host, User) VALUES ('%', 'x')",
            "UPDATE pg_authid SET rolsuper = true WHERE rolname = 'x'",
            "DELETE FROM pg_catalog.pg_proc WHERE oid = 5",
            "UPDATE sqlite_master SET sql = 'x' WHERE name = 'y'",
            "UPDATE performance_schema.setup_consumers SET enabled = 'NO' WHERE name = 'x'",
            "SELECT rolname, rolpassword FROM pg_authid",
            "SELECT * FROM mysql.user",
            "SELECT name, password_hash FROM sys.sql_logins",
        ],
    );
}
