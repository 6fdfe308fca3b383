//! Strings that are as a whole what is put behind somebody's value, and nothing that people write: `OR 1=1--`, `1 and 1=2`, `'||f()||'`, `1,(select ..)`.
//!
//! Where a value is broken by a quote, [`smuggled`](super::smuggled) puts it into a statement and looks. These have no quote to break, or are
//! too small a part of a statement for that.

use super::smuggled::SMUGGLED;
use super::{Class, Inspection};
use crate::guard::seen::Seen;

/// Longer ones are prose, or a document.
const LONGEST: usize = 1024;

/// What a string does that is such a payload; none for any other.
pub(super) fn payload(text: &str, seen: Seen) -> Option<Inspection> {
    if text.len() > LONGEST {
        return None;
    }
    let trimmed = text.trim();
    let breaks_out = seen.has_quote() && has_short_value(trimmed);
    let begins = may_begin(trimmed);
    let may_be = breaks_out || begins || seen.may_compare_a_number() || seen.may_wait();
    if !may_be || text.contains('\n') {
        return None;
    }
    let lower = trimmed.to_ascii_lowercase().replace("/**/", " ");
    let found = seen.may_compare_a_number() && proves(&lower)
        || breaks_out && (concatenates(&lower) || breaks(&lower))
        || seen.may_wait() && waits(&lower)
        || begins && (compares(&lower) || lists(&lower) || stacks(&lower) || ends(&lower));
    found.then(|| {
        let mut told = Inspection { tables_complete: false, ..Inspection::default() };
        told.add(Class::Unknown, 0, SMUGGLED);
        told
    })
}

/// Whether what stands before the first quote could be the value that it ends, and no sentence: [`concatenates`] and [`breaks`] ask for that.
fn has_short_value(text: &str) -> bool {
    let (mut words, mut blank, mut before) = (0_u8, false, true);
    for byte in text.bytes() {
        if matches!(byte, b'\'' | b'"') {
            return true;
        }
        blank |= byte == b' ';
        let is_blank = byte.is_ascii_whitespace();
        // `/**/` becomes a blank, and is no word.
        words = words.saturating_add(u8::from(before && !is_blank && !matches!(byte, b'/' | b'*')));
        before = is_blank;
        if blank && words > 3 {
            return false;
        }
    }
    false
}

/// Whether the text begins as [`compares`], [`lists`], [`stacks`] or [`ends`] ask: most texts begin with a word, and another behind it.
fn may_begin(text: &str) -> bool {
    let (first, rest) = word(text);
    if !first.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return true;
    }
    let joins = ["and", "or", "xor", "order"].iter().any(|joint| first.eq_ignore_ascii_case(joint));
    let unites = first.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("union"));
    joins || unites || rest.trim_start().starts_with([',', '/'])
}

/// Without the comment that ends it; and whether there was one.
pub(super) fn uncommented(text: &str) -> (&str, bool) {
    let cut = text.trim_end_matches([' ', '+', '-', '#', ';', '/', '*']);
    let tail = text.get(cut.len()..).unwrap_or_default();
    (cut, ["--", "#", "/*"].iter().any(|comment| tail.contains(comment)))
}

fn word(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A number or a text at the beginning, and what follows it.
fn literal(text: &str) -> Option<&str> {
    let text = text.trim_start();
    if let Some(mark) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        let inner = text.get(1..)?;
        // The last one is closed by the statement.
        return Some(inner.find(mark).and_then(|end| inner.get(end + 1..)).unwrap_or_default());
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    (rest.len() < text.len()).then_some(rest)
}

/// `(CASE WHEN (8017=8017) THEN ..`, `1 ,IIF(3004=3004,1,1/0)`: a number that equals itself, where SQL asks for a condition.
fn proves(text: &str) -> bool {
    const ASKS: [&str; 12] = ["select", "case", "and ", "or ", "elt(", "make_set(", "iif(", "if(", "having", "rlike", ")*", "when"];
    text.match_indices('=').take(32).any(|(at, _)| {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
        let left = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let number = before.get(before.len() - left..).unwrap_or_default();
        let opened = before.get(..before.len() - left).unwrap_or_default();
        let stands = opened.is_empty() || opened.ends_with(['(', ' ', ',', '\'']);
        let same = after.strip_prefix(number).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.'));
        left >= 3 && stands && same && ASKS.iter().any(|word| text.contains(word))
    })
}

/// `1 and 1=2`, `OR 1=1--`: two literals compared, and nothing else.
fn compares(text: &str) -> bool {
    let (text, _) = uncommented(text);
    let text = text.trim_start_matches(['-', '+', '\'', '"']);
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches([')', ' ']);
    let (joint, rest) = word(text);
    if !matches!(joint, "and" | "or" | "xor") || !rest.starts_with([' ', '(', '\'', '"', '+']) {
        return false;
    }
    let rest = rest.trim_start_matches([' ', '(', '+']);
    let Some(operator) = literal(rest).map(str::trim_start) else { return false };
    let by = ["<=>", "!=", "<>", "<=", ">=", "=", "<", ">", "like "].iter().find_map(|by| operator.strip_prefix(by));
    by.and_then(literal).is_some_and(|behind| behind.trim_matches([')', ' ']).is_empty())
}

/// `'||utl_http.request('..')||'`.
fn concatenates(text: &str) -> bool {
    ['\'', '"'].iter().any(|mark| {
        let inner = text.split_once(*mark).filter(|(value, _)| value.len() < 32 && !value.contains(' ')).map(|(_, inner)| inner);
        let inner = inner.and_then(|inner| inner.trim_start().strip_prefix("||").or_else(|| inner.trim_start().strip_prefix('+')));
        let inner = inner.map(|inner| uncommented(inner).0.trim_end_matches(*mark).trim_end());
        inner.is_some_and(|inner| {
            let inner = inner.trim_end_matches(['|', '+', ' ']).trim_start_matches([' ', '(']);
            let (name, behind) = word(inner);
            let called = name == "select" || behind.starts_with(['(', '.']);
            !name.is_empty() && called && inner.ends_with(')') && text.ends_with(*mark)
        })
    })
}

/// `1,(select case ..)`.
fn lists(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let taken = text.len() - rest.len();
    (1..=32).contains(&taken)
        && rest.trim_start().strip_prefix(',').map(str::trim_start).is_some_and(|rest| {
            rest.strip_prefix('(').is_some_and(|rest| rest.trim_start().starts_with("select"))
                && rest.trim_end_matches(['-', '#', ' ']).ends_with(')')
        })
}

/// `sleep(5)#`, `if(now()=sysdate(),sleep(15),0)`, `(select(0)from(select(sleep(15)))v)`.
fn waits(text: &str) -> bool {
    const WAITS: [&str; 6] = ["sleep(", "benchmark(", "pg_sleep(", "dbms_pipe.receive_message(", "waitfor delay", "user_lock.sleep("];
    if !WAITS.iter().any(|call| text.contains(call)) {
        return false;
    }
    let (bare, comment) = uncommented(text);
    if text.starts_with("(select") && bare.ends_with(')') {
        return true;
    }
    // `1;BEGIN DBMS_LOCK.SLEEP(5); END`
    let block = text
        .split_once(';')
        .is_some_and(|(value, block)| value.len() < 16 && !value.contains(' ') && block.trim_start().starts_with("begin "));
    if block {
        return true;
    }
    // `1-SLEEP(5)`
    let sum = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let added = sum.len() < text.len() && sum.starts_with(['-', '+', '*', '/', '^', '|', '&', '%']);
    if added && WAITS.iter().any(|call| sum.get(1..).unwrap_or_default().trim_start().starts_with(call)) {
        return true;
    }
    let (name, _) = word(bare.trim_start_matches(['(', ' ', '\'', '"']));
    let alone = bare.ends_with(')') || bare.ends_with(['\'', '"']);
    alone
        && (comment && WAITS.iter().any(|call| call.starts_with(name) && !name.is_empty())
            || text.starts_with("if(") && text.contains("sysdate()"))
}

/// A quote broken, and a condition on a column, a versioned comment or a statement right behind it.
fn breaks(text: &str) -> bool {
    let Some(at) = text.find(['\'', '"']) else { return false };
    let (value, rest) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
    if value.len() > 64 || value.split_whitespace().count() > 3 || value.ends_with(' ') {
        return false;
    }
    let mark = text.get(at..at + 1).unwrap_or("'");
    let behind = rest.trim_start_matches([' ', ')', '+']);
    if let Some(comment) = behind.strip_prefix("/*") {
        return comment.is_empty() || comment.starts_with('!');
    }
    // `'=''or'`
    if behind.starts_with('=') && behind.ends_with("or'") {
        return true;
    }
    // `'; shutdown --`
    if let Some(statement) = behind.strip_prefix(';') {
        const VERBS: [&str; 24] = [
            "select", "insert", "update", "delete", "drop", "exec", "execute", "declare", "create", "alter", "truncate", "grant",
            "shutdown", "copy", "waitfor", "kill", "backup", "call", "begin", "merge", "set", "use", "load", "attach",
        ];
        let (verb, more) = word(statement.trim_start());
        // The statement's own quote closes what is open, or a comment hides it.
        let open = rest.matches(mark).count() % 2 == 1;
        let comment = uncommented(text).1;
        let says = [" from ", " into ", " set ", " table ", "("].iter().any(|word| more.contains(word));
        return comment && uncommented(statement).0.is_empty()
            || VERBS.contains(&verb) && more.starts_with([' ', '-', ';', '(']) && (comment || open && says);
    }
    // `x' OR name LIKE '%b%`
    let (joint, rest) = word(behind);
    if !matches!(joint, "and" | "or") || text.matches(mark).count() % 2 == 1 && !uncommented(text).1 && !rest.contains(" like ") {
        return false;
    }
    let (column, rest) = word(rest.trim_start());
    let by = ["=", "<>", "!=", "like ", "is not null", "is null", "in (", "in("].iter().find_map(|by| rest.trim_start().strip_prefix(by));
    !column.is_empty()
        && by.is_some_and(|with| {
            let with = with.trim_start();
            with.starts_with(mark) && (!with.get(1..).unwrap_or_default().contains(mark) || uncommented(text).1)
                || with.is_empty() && uncommented(text).1
        })
}

/// `1;CALL f(..)--`, `1);DECLARE @x ..`: a number, and a statement behind it.
fn stacks(text: &str) -> bool {
    const VERBS: [&str; 8] = ["select", "declare", "call", "begin", "exec", "waitfor", "if", "drop"];
    let behind = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let statement = behind.trim_start_matches([')', '%', '\'', '"', ' ']).strip_prefix(';').map(str::trim_start);
    behind.len() < text.len()
        && statement.is_some_and(|statement| {
            let (verb, more) = word(statement);
            VERBS.contains(&verb)
                && more.starts_with([' ', '('])
                && more.contains(['(', '@'])
                && (more.contains([')', ',']) || uncommented(text).1)
        })
}

/// `ORDER BY 10--`, `UNION SELECT NULL`, `; SELECT * FROM users`: the second half of a statement.
fn ends(text: &str) -> bool {
    let (bare, comment) = uncommented(text);
    let numbered = bare
        .strip_prefix("order by ")
        .is_some_and(|column| !column.is_empty() && column.bytes().all(|byte| byte.is_ascii_digit() || byte == b','));
    if numbered && comment {
        return true;
    }
    // `*/ DROP TABLE users; --`
    if text
        .strip_prefix("*/")
        .is_some_and(|rest| comment && matches!(word(rest.trim_start()).0, "drop" | "select" | "union" | "delete" | "or" | "and"))
    {
        return true;
    }
    let statement = text.strip_prefix(';').map(|rest| word(rest.trim_start()));
    if let Some(("select", rest)) = statement {
        return rest.starts_with(' ') && rest.contains(" from ") || rest.contains('(');
    }
    let union = bare.strip_prefix("union").map(str::trim_start).map(|rest| rest.strip_prefix("all ").unwrap_or(rest).trim_start());
    union.and_then(|rest| rest.strip_prefix("select ")).is_some_and(|list| {
        list.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '\'' | '@' | '('))
            || list.starts_with("null")
            || list.contains(',') && list.contains(" from ")
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::guard::sql::open::opening;
    use crate::guard::sql::{Dialect, inspect};

    /// Every question, whatever the text looks like.
    fn asked_for_all(text: &str) -> bool {
        let lower = text.trim().to_ascii_lowercase().replace("/**/", " ");
        let ways = [proves, compares, concatenates, lists, waits, breaks, stacks, ends];
        text.len() <= LONGEST && !text.contains('\n') && ways.into_iter().any(|way| way(&lower))
    }

    proptest! {
        /// What is left out after a look at the bytes is what would not be found.
        #[test]
        fn the_quick_look_decides_nothing(
            odd in "(AND |or |Xor|union |unionselect |ORDER BY |select |case|case when|1=1|777=777|[0-9]|=|Sleep\\(|benchmark\\(|\
                    waitfor delay |/\\*\\*/|/\\*|\\*/|--|#|'|\"|\\|\\||\\+|;|,|\\(|\\)|a|b_|null|begin | |\t|\n|\u{a0}|é){0,12}",
            any in any::<String>(),
        ) {
            for text in [&odd, &any] {
                let seen = Seen::of(text);
                prop_assert_eq!(payload(text, seen).is_some(), asked_for_all(text), "{:?}", text);
                let opens = |seen| opening(text, seen, || inspect(text, Dialect::Generic)).map(|found| (found.classes, found.notes));
                prop_assert_eq!(opens(seen), opens(Seen::ANYTHING), "{:?}", text);
            }
        }
    }
}
