use proptest::prelude::*;

use super::*;

/// Statements in pieces: anything may be put between two of them.
const PIECES: [&[&str]; 16] = [
    &["DROP", "TABLE", "users"],
    &["SELECT", "*", "FROM", "orders", "WHERE", "id", "=", "5"],
    &["DELETE", "FROM", "users"],
    &["DELETE", "FROM", "users", "WHERE", "id", "=", "5"],
    &["UPDATE", "users", "SET", "a", "=", "1", "WHERE", "a", "=", "a"],
    &["INSERT", "INTO", "t", "(", "a", ")", "VALUES", "(", "'x;y'", ")"],
    &["WITH", "x", "AS", "(", "DELETE", "FROM", "t", "RETURNING", "*", ")", "SELECT", "*", "FROM", "x"],
    &["EXPLAIN", "ANALYZE", "UPDATE", "t", "SET", "a", "=", "1"],
    &["COPY", "t", "FROM", "PROGRAM", "'id'"],
    &["SELECT", "pg_read_file", "(", "'/etc/passwd'", ")"],
    &["EXEC", "(", "'DROP TABLE t'", ")"],
    &["TRUNCATE", "TABLE", "t"],
    &["GRANT", "ALL", "ON", "t", "TO", "joe"],
    &["SET", "GLOBAL", "a", "=", "1"],
    &["ALTER", "TABLE", "t", "DROP", "COLUMN", "c"],
    &["SELECT", "1", ";", "DROP", "TABLE", "t"],
];

fn blank() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        " ",
        "\t",
        "\n",
        "\r\n",
        "  ",
        " /**/ ",
        "/* DROP TABLE x; ' */",
        " -- it's\n",
        "\u{b}",
        "\u{c}",
        " /* a */ ",
    ])
}

fn dialect() -> impl Strategy<Value = Dialect> {
    prop::sample::select(EVERY.to_vec())
}

fn spelled(pieces: &[&str], blanks: &[&str], upper: &[bool]) -> String {
    let mut text = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            text.push_str(blanks[at % blanks.len()]);
        }
        let literal = piece.starts_with('\'');
        text.push_str(&match (literal, upper[at % upper.len()]) {
            (true, _) => (*piece).to_owned(),
            (false, true) => piece.to_uppercase(),
            (false, false) => piece.to_lowercase(),
        });
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Neither the case of letters nor what separates words makes a difference.
    #[test]
    fn case_and_blanks_change_nothing(
        pieces in prop::sample::select(PIECES.to_vec()),
        blanks in prop::collection::vec(blank(), 1..6),
        upper in prop::collection::vec(any::<bool>(), 1..6),
        dialect in dialect(),
    ) {
        let plain = inspect(&pieces.join(" "), dialect);
        let text = spelled(pieces, &blanks, &upper);
        let other = inspect(&text, dialect);
        prop_assert_eq!(plain.classes, other.classes, "{}", text);
        prop_assert_eq!(plain.tables, other.tables, "{}", text);
    }

    /// What stands beside a harmful statement does not hide it.
    #[test]
    fn harmful_beside_harmless_is_harmful(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 1..4),
        dialect in dialect(),
    ) {
        let beside: Classes = [Class::Read, Class::MultiStatement].into_iter().collect();
        let text: Vec<String> = pieces.iter().map(|pieces| pieces.join(" ")).collect();
        let all = inspect(&text.join("; "), dialect);
        for one in &text {
            for class in inspect(one, dialect).classes.iter().filter(|&class| !beside.contains(class)) {
                prop_assert!(all.classes.contains(class), "{class:?} of {one} in {text:?}");
            }
        }
        prop_assert_eq!(all.classes.contains(Class::Read), all.classes.is_subset(beside));
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        fuzz(text.as_bytes());
    }

    #[test]
    fn nothing_made_of_sql_panics(parts in prop::collection::vec(prop::sample::select(FRAGMENTS.to_vec()), 0..60)) {
        fuzz(parts.concat().as_bytes());
        fuzz(parts.join(" ").as_bytes());
    }

    /// Statements that are cut, and have bytes changed.
    #[test]
    fn broken_statements_do_not_panic(pieces in prop::sample::select(PIECES.to_vec()), at in any::<prop::sample::Index>(), with in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = pieces.join(" ").into_bytes();
        let place = at.index(bytes.len());
        bytes[place] = with;
        bytes.truncate(cut.index(bytes.len()) + 1);
        fuzz(&bytes);
    }
}

const FRAGMENTS: [&str; 84] = [
    "SELECT",
    "DELETE",
    "UPDATE",
    "INSERT",
    "INTO",
    "FROM",
    "WHERE",
    "SET",
    "DROP",
    "TABLE",
    "(",
    ")",
    ";",
    ",",
    ".",
    "'",
    "''",
    "\"",
    "`",
    "[",
    "]",
    "$$",
    "$a$",
    "/*",
    "*/",
    "/*!50000",
    "--",
    "#",
    "\n",
    "\\",
    "E'",
    "N'",
    "U&'",
    "X'",
    "0x",
    "1e",
    "1",
    ".5",
    "a",
    "b",
    "x.y",
    "OR",
    "AND",
    "NOT",
    "1=1",
    "=",
    "<",
    ">",
    "!",
    "|",
    "||",
    "+",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "BEGIN",
    "IF",
    "EXEC",
    "EXECUTE",
    "IMMEDIATE",
    "PREPARE",
    "AS",
    "WITH",
    "EXPLAIN",
    "ANALYZE",
    "MERGE",
    "USING",
    "ON",
    "MATCHED",
    "EXISTS",
    "IN",
    "LIKE '%'",
    "BETWEEN",
    "IS NULL",
    "DO",
    "GO\n",
    "DELIMITER //\n",
    "CONCAT(",
    "CHAR(",
    "@x",
    ":a",
    "\u{200b}",
];

/// Long and nested texts take a number of steps that grows with their length: the tokens are counted, and looking ahead has a budget of its own.
#[test]
fn work_grows_with_the_text() {
    let size = limits::BYTES / 16;
    let full = |unit: &str| unit.repeat(size / unit.len());
    for unit in [
        "(",
        ")",
        "((",
        "'",
        "\"",
        "`",
        "[",
        "/*",
        "*/",
        "/*!",
        "--",
        "-",
        "$$",
        "$a$",
        "$a",
        "\\",
        ";",
        "a",
        "a ",
        "1",
        "1 ",
        "1e",
        ".",
        ",",
        "@",
        ":",
        "#",
        "!!",
        "\n",
        " ",
        "x(",
        "(SELECT ",
        "WITH a AS (",
        "WITH ",
        "BEGIN ",
        "IF ",
        "THEN ",
        "CASE ",
        "END ",
        "EXPLAIN ",
        "DELETE FROM t ",
        "DELETE FROM t WHERE ",
        "DELETE FROM t WHERE (",
        "DELETE FROM t WHERE a OR ",
        "UPDATE t SET ",
        "UPDATE ",
        "MERGE ",
        "MERGE t USING s ON (",
        "DROP TABLE a,",
        "ALTER TABLE a ",
        "CREATE ",
        "CREATE OR REPLACE ",
        "GRANT ",
        "EXEC(",
        "EXEC('a'+",
        "EXEC '",
        "dblink(",
        "dblink('a',",
        "CONCAT(",
        "CHAR(1)+",
        "NOT ",
        "NOT (",
        "! ",
        "a = a OR ",
        "OR ",
        "a.",
        "FROM a,",
        "FROM (",
        "SELECT FROM ",
        "GO\n",
        "GO ",
        "DELIMITER x\n",
        "x",
        "U&'",
        "E'\\'",
        "0x",
        "/*/*",
        "é",
        "\u{200b}",
        "SET a = 1, ",
        "COPY t (",
        "PREPARE a AS ",
        "DO ",
        "DECLARE ",
        "EXECUTE a ",
        "EXPLAIN (",
        "WHEN MATCHED ",
        "JOIN a ON ",
        "x = 'y' || ",
        "SELECT 1 DELETE FROM t WHERE a = (",
        "WITH a AS (), ",
    ] {
        for text in [full(unit), format!("DELETE FROM t WHERE {}", full(unit)), format!("EXEC({}", full(unit))] {
            let text = &text[..text.floor_char_boundary(size)];
            for lexis in [Lexis::TSQL, Lexis::POSTGRESQL, Lexis::MYSQL, Lexis::SQLITE] {
                assert!(tokens(text, lexis).list.len() <= limits::TOKENS, "{unit}");
            }
            let found = inspect(text, Dialect::Generic);
            assert!(!found.classes.is_empty(), "{unit}");
        }
    }
    let words = inspect(&"1 ".repeat(limits::BYTES / 2), Dialect::Generic);
    assert!(words.classes.contains(Class::Unknown) && tokens(&"1 ".repeat(limits::BYTES / 2), Lexis::TSQL).too_many);
    assert_eq!(inspect(&"x".repeat(limits::BYTES + 1), Dialect::Generic).classes, only(Class::Unknown));
}

#[test]
fn what_was_found_by_fuzzing() {
    for text in [
        "",
        "\\",
        "'\\",
        "$$",
        "1e",
        "0x",
        ".",
        "@",
        ":",
        "/*",
        "/*!",
        "--",
        "U&\"",
        "E'",
        "DELIMITER",
        "DELIMITER \n",
        "EXEC",
        "EXEC(",
        "PREPARE",
        "WITH",
        "EXPLAIN (",
        "DELETE",
        "UPDATE",
        "MERGE",
        "DELETE FROM t WHERE",
        "X'a'",
        "EXEC(X'a')",
        "EXEC('\\",
        "EXEC(0x6)",
    ] {
        fuzz(text.as_bytes());
    }
}
