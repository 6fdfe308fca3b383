//! Sides of a comparison as they are spelled: which of them every row fulfils.

/// No key is as low.
pub(super) fn is_below_keys(value: &str) -> bool {
    value.parse::<f64>().is_ok_and(|number| number <= 0.0) || matches!(value, "''" | "null" | "'0'" | "'-1'" | "select0" | "select-1")
}

/// No key is as high.
pub(super) fn is_above_keys(value: &str) -> bool {
    value.len() >= 6 && value.bytes().all(|byte| byte == b'9')
        || matches!(value, "2147483647" | "4294967295" | "9223372036854775807" | "18446744073709551615" | "1e9" | "1e10" | "1e12" | "1e18")
}

/// `'x'` and nothing else.
pub(super) fn is_one_text(written: &str) -> bool {
    let mark = if written.starts_with('"') { '"' } else { '\'' };
    written.len() >= 2 && written.starts_with(mark) && written.ends_with(mark) && written.matches(mark).count() == 2
}

/// Before anything was recorded.
pub(super) fn is_long_ago(value: &str) -> bool {
    let date = value.trim_start_matches("date").trim_start_matches("timestamp").trim_matches(['\'', '"']);
    ["0000-", "0001-", "1000-", "1900-01-01", "1970-01-01"].iter().any(|start| date.starts_with(start))
}

/// After everything.
pub(super) fn is_far_ahead(value: &str) -> bool {
    value.trim_start_matches("date").trim_start_matches("timestamp").trim_matches(['\'', '"']).starts_with("9999-")
}

/// `id-id`
pub(super) fn is_difference(value: &str) -> bool {
    value.split_once('-').is_some_and(|(left, right)| left == right)
}

/// `customer_id` of `customers`.
pub(super) fn is_key_of(column: &str, table: &str) -> bool {
    let last = column.rsplit('.').next().unwrap_or(column);
    let stem = last.strip_suffix("id").map(|stem| stem.trim_end_matches('_')).unwrap_or_default();
    stem.len() >= 3 && table.strip_prefix(stem).is_some_and(|rest| matches!(rest, "" | "s" | "es"))
}

/// `id + 0` is `id`.
pub(super) fn is_no_change(left: &str, right: &str) -> bool {
    let adds_nothing = |rest: &str| matches!(rest, "+0" | "-0" | "*1" | "/1" | "||''");
    !left.is_empty()
        && (right.strip_prefix(left).is_some_and(adds_nothing)
            || left.strip_prefix(right).is_some_and(adds_nothing)
            || right.strip_suffix(left).is_some_and(|rest| matches!(rest, "0+" | "1*")))
}

/// `length(name)` is never below 0.
pub(super) fn is_length(value: &str) -> bool {
    ["length(", "len(", "char_length(", "abs(", "count("].iter().any(|function| value.starts_with(function))
}

/// `'%'`, `'%%'`
pub(super) fn is_any_text(text: &str) -> bool {
    let text = text.split_once("escape").map_or(text, |(text, _)| text);
    let inside = text.trim_start_matches(['n', 'N', 'e', 'E']).trim_matches(['\'', '"']);
    inside.contains(['%', '*']) && inside.trim_start_matches('_').chars().all(|c| c == '%' || c == '*')
}

/// `t.id` and `id` are one column, `a.id` and `b.id` are two.
pub(super) fn same_name(left: &str, right: &str) -> bool {
    if left == right {
        return !left.is_empty();
    }
    let plain = |name: &str| {
        name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$')) && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    // The row that a trigger or a `MERGE` has in hand is another one.
    let of_another = |name: &str| {
        name.split_once('.').is_some_and(|(row, _)| matches!(row, "new" | "old" | "excluded" | "inserted" | "deleted" | "source" | "src"))
    };
    !of_another(left)
        && !of_another(right)
        && plain(left)
        && plain(right)
        && (left.ends_with(&format!(".{right}")) || right.ends_with(&format!(".{left}")))
}
