//! Reading a condition: its parts, and for each part whether it can be false.

use super::limits;
use super::survey::{NO_PAIR, Survey};
use super::token::Kind;
use super::truth::{Comparison, Frame, Truth, is_key_column};
use super::values::{
    is_above_keys, is_any_text, is_below_keys, is_difference, is_far_ahead, is_key_of, is_length, is_long_ago, is_no_change, is_one_text,
    same_name,
};
use super::words::Key;

impl Survey<'_> {
    /// What is known of the condition in these tokens; none if it is too long to tell.
    pub(super) fn truth(&mut self, from: usize, to: usize, target: &str) -> Option<Truth> {
        let mut frames = vec![Frame::new(false)];
        let mut here = from;
        while here < to {
            self.budget = self.budget.checked_sub(1)?;
            let frame = frames.last_mut()?;
            let (kind, key) = (self.tokens.get(here).map(|token| token.kind), self.tokens.get(here).map_or(Key::Other, |token| token.key));
            match (kind, key) {
                (_, Key::Not) | (Some(Kind::Operator(b'!')), _) => {
                    frame.negated = !frame.negated;
                    here += 1;
                }
                (_, Key::And) => here += 1,
                (Some(Kind::Operator(b'&')), _) => here += 1,
                (_, Key::Or) => {
                    frame.alternative();
                    here += 1;
                }
                (Some(Kind::Operator(b'|')), _) => {
                    frame.alternative();
                    here += 1;
                }
                (_, Key::Xor) => {
                    frame.all = Truth::Depends;
                    frame.terms += 2;
                    here += 1;
                }
                (Some(Kind::Close), _) => {
                    let (truth, comparison) = frames.pop()?.close();
                    frames.last_mut()?.operand(truth, comparison);
                    here += 1 + self.says_true(here + 1, to);
                }
                (Some(Kind::Open), _) if self.is_group(here, to) => {
                    if frames.len() >= limits::NESTING {
                        return None;
                    }
                    let negated = std::mem::take(&mut frames.last_mut()?.negated);
                    frames.push(Frame::new(negated));
                    here += 1;
                }
                _ => {
                    let end = self.end_of_operand(here, to)?;
                    let (truth, comparison) = self.operand(here, end, target);
                    frames.last_mut()?.operand(truth, comparison);
                    here = end.max(here + 1);
                }
            }
        }
        // Levels that are still open were cut off.
        let mut truth = Truth::Depends;
        while let Some(frame) = frames.pop() {
            let closed = frame.close();
            truth = closed.0;
            if let Some(outer) = frames.last_mut() {
                outer.operand(truth, closed.1);
            }
        }
        Some(truth)
    }

    /// `IS TRUE`, `= 1` behind a parenthesis: so many tokens.
    fn says_true(&self, at: usize, to: usize) -> usize {
        let rest = |ahead: usize| {
            at + ahead >= to
                || matches!(self.kind(at + ahead), Some(Kind::Close))
                || matches!(self.key(at + ahead), Key::And | Key::Or | Key::Xor)
        };
        let one = |at: usize| self.key(at) == Key::True || self.tokens.get(at).is_some_and(|token| self.text_of(token) == "1");
        if self.key(at) == Key::Is && self.key(at + 1) == Key::True && rest(2) {
            2
        } else if self.key(at) == Key::Is && self.key(at + 1) == Key::Not && matches!(self.key(at + 2), Key::False | Key::Null) && rest(3) {
            3
        } else if self.kind(at) == Some(Kind::Operator(b'=')) && one(at + 1) && rest(2) {
            2
        } else {
            0
        }
    }

    /// The parenthesis at `at` holds a condition, not a value or a query.
    fn is_group(&self, at: usize, to: usize) -> bool {
        if matches!(self.key(at + 1), Key::Select | Key::With | Key::Values | Key::Table) {
            return false;
        }
        let behind = self.behind(at);
        let ends = |at: usize| {
            at >= to
                || matches!(self.kind(at), Some(Kind::Close | Kind::Operator(b'|' | b'&')))
                || matches!(self.key(at), Key::And | Key::Or | Key::Xor)
        };
        let pairs = self.pairs.get(at).is_some_and(|&pair| pair != NO_PAIR);
        pairs && (ends(behind) || ends(behind + self.says_true(behind, to)) && self.says_true(behind, to) > 0)
    }

    /// One comparison alone.
    pub(super) fn truth_of_operand(&mut self, from: usize, to: usize) -> Truth {
        self.operand(from, to, "").0
    }

    fn end_of_operand(&mut self, from: usize, to: usize) -> Option<usize> {
        let mut here = from;
        let mut cases = 0_usize;
        let mut between = false;
        while here < to {
            self.budget = self.budget.checked_sub(1)?;
            match (self.kind(here), self.key(here)) {
                (Some(Kind::Open), _) => {
                    here = self.behind(here);
                    continue;
                }
                (Some(Kind::Close), _) => break,
                (_, Key::Case) => cases += 1,
                (_, Key::End) => cases = cases.saturating_sub(1),
                (_, Key::Between) => between = true,
                (_, Key::And) if cases == 0 && between => between = false,
                (_, Key::And | Key::Or | Key::Xor) if cases == 0 => break,
                (Some(Kind::Operator(b'|')), _)
                    if cases == 0 && self.lexis.pipes_or && self.kind(here + 1) == Some(Kind::Operator(b'|')) =>
                {
                    break;
                }
                (Some(Kind::Operator(b'&')), _)
                    if cases == 0 && self.kind(here + 1) == Some(Kind::Operator(b'&')) && self.lexis.pipes_or =>
                {
                    break;
                }
                _ => {}
            }
            here += 1;
        }
        Some(here.min(to))
    }

    /// One comparison, or whatever else stands between `AND` and `OR`.
    fn operand(&mut self, from: usize, to: usize, target: &str) -> (Truth, Option<Comparison>) {
        if self.key(from) == Key::Exists || self.kind(from) == Some(Kind::Open) && self.key(from + 1) == Key::Select {
            self.budget = self.budget.saturating_sub(to - from);
            return (if self.filters(from, to) { Truth::Depends } else { Truth::Constant }, None);
        }
        self.budget = self.budget.saturating_sub(to - from);
        let comparisons = self.comparisons(from, to);
        let Some(&(left_end, right, operator)) = comparisons.first() else {
            return (
                // `OR id`, where a number is a condition.
                if is_key_column(&self.spelled(from, to)) {
                    Truth::Always
                } else if self.has_column(from, to) {
                    Truth::Depends
                } else {
                    self.constant(from, to)
                },
                Some(Comparison { sides: (self.spelled(from, to), String::new()), operator: "" }),
            );
        };
        if comparisons.len() > 1 {
            // `a = b = c` compares an answer with a value: a trick, not a condition.
            return (Truth::Constant, None);
        }
        let (left, right_text) = (self.spelled(from, left_end), self.spelled(right, to));
        let comparison = |operator| Some(Comparison { sides: (left.clone(), right_text.clone()), operator });
        if !self.has_column(from, to) {
            return (self.compared(&left, operator, &right_text), None);
        }
        let same = same_name(&left, &right_text);
        let key = is_key_column(&left) || is_key_of(&left, target);
        let truth = match operator {
            "=" | "<" | ">" | "<=" | ">=" | "<>" if self.is_of_itself(right, to, &left) => Truth::Always,
            "=" if right_text == "0" && (left.ends_with("*0") || left.ends_with("%1") || is_difference(&left)) => Truth::Always,
            ">=" if key && right_text == "1" => Truth::Always,
            "between" if key && self.is_every_key(right, to) => Truth::Always,
            "<" | "<=" if key && is_above_keys(&right_text) => Truth::Always,
            "is not null" if is_key_of(&left, target) || left == target => Truth::Always,
            ">" | ">=" if is_long_ago(&right_text) => Truth::Always,
            "<" | "<=" if is_far_ahead(&right_text) => Truth::Always,
            ">=" | "<=" if self.is_extreme(right, to, operator, target) => Truth::Always,
            "not in" if self.is_empty_query(right, to) => Truth::Always,
            "=" | "<=" | ">=" | "<=>" | "like" | "is not distinct from" if same || is_no_change(&left, &right_text) => Truth::Always,
            "<>" | "<" | ">" if same => Truth::Never,
            "like" if is_any_text(&right_text) => Truth::Always,
            "regexp" if matches!(right_text.trim_matches(['\'', '"']), "" | "." | ".*" | "^" | "$" | "^.*" | ".*$" | "^.*$") => {
                Truth::Always
            }
            "=" if matches!(self.key(right), Key::Any | Key::SomeWord) && self.is_whole_table(right + 1, to, target) => Truth::Always,
            "=" if self.key(right) == Key::Any && self.word(right + 2, "array") && self.is_whole_table(right + 3, to, target) => {
                Truth::Always
            }
            "not in" if key && is_below_keys(&right_text) => Truth::Always,
            ">" | ">=" if is_length(&left) && is_below_keys(&right_text) && (operator == ">=" || right_text.starts_with('-')) => {
                Truth::Always
            }
            ">" | ">=" | "<>" if key && is_below_keys(&right_text) => Truth::Always,
            "<" | "<=" | "<>" if (is_key_column(&right_text) || is_key_of(&right_text, target)) && is_below_keys(&left) => Truth::Always,
            "in" if self.is_whole_table(right, to, target) || self.lists(right, to, &left) => Truth::Always,
            _ => Truth::Depends,
        };
        (truth, comparison(operator))
    }

    /// The comparisons outside of parentheses: end of the left side, begin of the right one, operator.
    fn comparisons(&self, from: usize, to: usize) -> Vec<(usize, usize, &'static str)> {
        let mut found = Vec::new();
        let mut here = from;
        while here < to && found.len() < 3 {
            let operator = |at: usize| match self.kind(at) {
                Some(Kind::Operator(byte)) => byte,
                _ => 0,
            };
            let pair = (operator(here), operator(here + 1));
            let not = usize::from(self.key(here) == Key::Not);
            let (length, name) = match (pair, self.key(here + not)) {
                (_, Key::Is) if self.key(here + 1) == Key::Not && self.key(here + 2) == Key::Distinct => (4, "is not distinct from"),
                (_, Key::Is) if self.key(here + 1) == Key::Not && self.key(here + 2) == Key::Null => (3, "is not null"),
                (_, Key::Is) if matches!(self.key(here + 1), Key::True | Key::False) => (1, "="),
                (_, Key::Is) if self.key(here + 1) == Key::Not && matches!(self.key(here + 2), Key::True | Key::False) => (2, "<>"),
                (_, Key::Is) if self.key(here + 1) == Key::Null => (2, "is null"),
                (_, Key::Notnull) => (1, "is not null"),
                (_, Key::Isnull) => (1, "is null"),
                (_, Key::Similar) if self.key(here + not + 1) == Key::To => (2 + not, if not > 0 { "not like" } else { "like" }),
                _ if self.word(here + not, "glob") => (1 + not, if not > 0 { "not like" } else { "like" }),
                (_, Key::Like | Key::Ilike) => (1 + not, if not > 0 { "not like" } else { "like" }),
                (_, Key::Regexp | Key::Rlike) => (1 + not, if not > 0 { "not regexp" } else { "regexp" }),
                (_, Key::In) => (1 + not, if not > 0 { "not in" } else { "in" }),
                (_, Key::Between) => (1 + not, "between"),
                ((b'~', b'*'), _) => (2, "regexp"),
                ((b'~', _), _) if here > from && !matches!(self.previous(here).map(|token| token.kind), Some(Kind::Operator(_))) => {
                    (1, "regexp")
                }
                ((b'<', b'='), _) if operator(here + 2) == b'>' => (3, "<=>"),
                ((b'<', b'='), _) => (2, "<="),
                ((b'>', b'='), _) => (2, ">="),
                ((b'<', b'>') | (b'!', b'='), _) => (2, "<>"),
                ((b'=', b'='), _) => (2, "="),
                // `->`, `#>`, `@>`, `<@`, `=>`, `<<` and others of PostgreSQL compare columns.
                ((b'=', 0), _) => (1, "="),
                ((b'=', b'-' | b'+' | b'@' | b'~' | b':' | b'!'), _) => (1, "="),
                ((b'<', 0 | b'-' | b'+'), _) if !matches!(self.previous(here).map(|token| token.kind), Some(Kind::Operator(_))) => (1, "<"),
                ((b'>', 0 | b'-' | b'+'), _) if !matches!(self.previous(here).map(|token| token.kind), Some(Kind::Operator(_))) => (1, ">"),
                _ => (0, ""),
            };
            if length > 0 {
                found.push((here, (here + length).min(to), name));
                here += length;
            } else if self.kind(here) == Some(Kind::Open) {
                here = self.behind(here);
            } else if self.key(here) == Key::Case {
                return found;
            } else {
                here += 1;
            }
        }
        found
    }

    /// Whether a column is named in these tokens.
    fn has_column(&self, from: usize, to: usize) -> bool {
        use Key::*;
        (from..to).any(|at| {
            let Some(token) = self.tokens.get(at) else { return false };
            let called = self.kind(at + 1) == Some(Kind::Open);
            let before = self.previous(at);
            let cast = before.is_some_and(|token| token.kind == Kind::Operator(b':') || token.key == As);
            match token.kind {
                Kind::Quoted => !called && !cast,
                Kind::Word => {
                    let word = matches!(
                        token.key,
                        True | False
                            | Null
                            | Unknown
                            | Is
                            | Not
                            | Like
                            | Ilike
                            | In
                            | Between
                            | And
                            | Or
                            | Xor
                            | Case
                            | When
                            | Then
                            | Else
                            | End
                            | Distinct
                            | From
                            | As
                            | Interval
                            | Exists
                            | Select
                            | All
                            | Any
                            | SomeWord
                            | Limit
                            | Using
                            | Similar
                            | To
                            | Regexp
                            | Rlike
                            | Binary
                            | Div
                            | Mod
                            | Notnull
                            | Isnull
                            | Where
                            | Union
                            | Values
                            | Row
                            | Order
                            | By
                            | Asc
                            | Desc
                            | Group
                    );
                    let name = self.text_of(token);
                    let literal = [
                        "escape",
                        "date",
                        "timestamp",
                        "time",
                        "collate",
                        "glob",
                        "current_date",
                        "current_timestamp",
                        "current_user",
                        "session_user",
                        "current_time",
                        "localtime",
                        "array",
                        "dual",
                    ];
                    // A type's name may be a column's too, but not before a literal.
                    let typed = literal.iter().any(|known| name.eq_ignore_ascii_case(known));
                    !word && !called && !cast && !typed && !name.starts_with('_')
                        || name.starts_with('_') && !matches!(self.kind(at + 1), Some(Kind::Text(_)))
                        || typed
                            && !called
                            && matches!(name.to_ascii_lowercase().as_str(), "date" | "timestamp" | "time")
                            && !matches!(self.kind(at + 1), Some(Kind::Text(_)))
                            && !cast
                }
                _ => false,
            }
        })
    }

    /// A value alone, as a condition.
    fn constant(&self, from: usize, to: usize) -> Truth {
        let Some(token) = self.tokens.get(from).filter(|_| to == from + 1) else { return Truth::Constant };
        let text = self.text_of(token);
        match (token.kind, token.key) {
            (_, Key::False | Key::Null) => Truth::Never,
            (Kind::Number, _) if text.parse::<f64>().is_ok_and(|number| number == 0.0) => Truth::Never,
            (Kind::Text(_), _) => {
                let inside = self.name_of(token);
                let yes = ["t", "true", "y", "yes", "on"].iter().any(|word| inside.eq_ignore_ascii_case(word))
                    || inside.trim_start().starts_with(|c: char| matches!(c, '1'..='9' | '-' | '.'));
                if yes { Truth::Always } else { Truth::Never }
            }
            (Kind::Number, _) | (_, Key::True) => Truth::Always,
            _ => Truth::Constant,
        }
    }

    /// Two values without a column: only what plainly differs is seen to.
    fn compared(&self, left: &str, operator: &str, right: &str) -> Truth {
        let numbers = left.parse::<f64>().ok().zip(right.parse::<f64>().ok());
        let texts = is_one_text(left) && is_one_text(right);
        let holds = match (operator, numbers) {
            ("=", Some((left, right))) => left == right,
            ("<>", Some((left, right))) => left != right,
            ("<", Some((left, right))) => left < right,
            (">", Some((left, right))) => left > right,
            ("<=", Some((left, right))) => left <= right,
            (">=", Some((left, right))) => left >= right,
            // Databases may compare without regard to case and to blanks at the end.
            ("=", None) if texts => left.trim_matches(['\'', '"', ' ']).eq_ignore_ascii_case(right.trim_matches(['\'', '"', ' '])),
            ("<>", None) if texts => left.trim_matches(['\'', '"']) != right.trim_matches(['\'', '"']),
            ("is null", None) => left == "null",
            ("=" | "<>", None) if left == "null" || right == "null" => false,
            ("=", None) if matches!((left, right), ("true", "false") | ("false", "true") | ("1", "false") | ("0", "true")) => false,
            _ => return Truth::Constant,
        };
        if holds { Truth::Always } else { Truth::Never }
    }

    /// Whether a query in a condition picks rows by a column, or counts them.
    pub(super) fn filters(&self, from: usize, to: usize) -> bool {
        (from..to).any(|at| match self.key(at) {
            Key::Where | Key::Having | Key::On => self.has_column(at + 1, to),
            Key::Using | Key::Group => true,
            _ => false,
        })
    }

    /// `(SELECT id FROM t)` of the very table that is changed.
    pub(super) fn is_whole_table(&self, from: usize, to: usize, target: &str) -> bool {
        let query = self.kind(from) == Some(Kind::Open) && self.key(from + 1) == Key::Select;
        let end = to.min(from + 2 * limits::AHEAD);
        if !query
            || end < to
            || self.filters(from, end) && !self.wants_any_key(from, end)
            || (from..end).any(|at| matches!(self.key(at), Key::Join | Key::Limit | Key::Top | Key::Fetch | Key::Offset))
        {
            return false;
        }
        let Some(table) = (from..end).find(|&at| self.key(at) == Key::From) else { return false };
        let mut here = table + 1;
        while self.kind(here + 1) == Some(Kind::Dot) {
            here += 2;
        }
        self.tokens.get(here).is_some_and(|token| self.name_of(token).to_lowercase() == target)
    }

    /// `(id, ..)`: a column in a list with itself.
    fn lists(&self, from: usize, to: usize, column: &str) -> bool {
        self.kind(from) == Some(Kind::Open)
            && (from + 1..to.min(from + limits::AHEAD)).any(|at| {
                let alone = matches!(self.kind(at + 1), Some(Kind::Comma | Kind::Close))
                    && self.key(at) == Key::Other
                    && matches!(self.kind(at), Some(Kind::Word | Kind::Quoted));
                alone && same_name(&self.spelled(at, at + 1), column)
            })
    }

    /// Tokens in one spelling, for comparing; long ones are cut, and differ by where.
    pub(super) fn spelled(&self, from: usize, to: usize) -> String {
        let mut spelled = String::new();
        for at in from..to.min(from + limits::AHEAD) {
            let Some(token) = self.tokens.get(at) else { break };
            let text = self.text_of(token);
            let text = text.get(..text.len().min(64)).unwrap_or(text);
            match token.kind {
                Kind::Word => spelled.push_str(&text.to_lowercase()),
                Kind::Quoted => spelled.push_str(&self.name_of(token).to_lowercase()),
                _ => spelled.push_str(text),
            }
            if matches!(token.kind, Kind::Word) && self.kind(at + 1) == Some(Kind::Word) && at + 1 < to {
                spelled.push(' ');
            }
        }
        // `(id)` is `id`.
        let mut inner = spelled.as_str();
        while let Some(rest) = inner.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).filter(|rest| !rest.contains(['(', ')'])) {
            inner = rest;
        }
        let cut = to > from + limits::AHEAD;
        if cut { format!("{inner}..{from}") } else { inner.to_owned() }
    }
}
