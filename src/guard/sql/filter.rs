//! Whether a `DELETE` or `UPDATE` is limited to some rows: there is a condition, and it is not one that always holds.
//!
//! Best effort, on the side of caution: what compares no column is taken to hold, unless it plainly does not. A condition that holds for every
//! row only because of what is in the table (`price >= 0`) is not seen as such, but for columns that are plainly keys.

use super::survey::Survey;
use super::token::Kind;
use super::truth::Truth;
use super::words::Key;
use super::{Class, limits};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filtered {
    Yes,
    /// There is no condition.
    No,
    /// There is one that always holds.
    Always,
    /// It is too long to tell.
    Unsure,
}

impl Survey<'_> {
    /// Whether the statement whose verb is at `at` is limited to some rows.
    pub(super) fn filtered(&mut self, at: usize) -> Filtered {
        use Key::*;
        let mut here = at + 1;
        let mut cases = 0_usize;
        let mut condition = None;
        let mut joined = false;
        let mut outer = false;
        let target = self.target(at);
        loop {
            let Some(left) = self.budget.checked_sub(1) else { return Filtered::Unsure };
            self.budget = left;
            let key = self.key(here);
            match self.kind(here) {
                None | Some(Kind::Semicolon | Kind::Batch | Kind::Close | Kind::Meta) => break,
                Some(Kind::Open) => {
                    here = self.behind(here);
                    continue;
                }
                Some(Kind::Word) => match key {
                    Case => cases += 1,
                    End if cases > 0 => cases -= 1,
                    Where if condition.is_none() => condition = Some(here),
                    Returning | Order | Limit | OptionWord if condition.is_some() => break,
                    Left | Right | Full | Outer | Cross if condition.is_none() && self.kind(here + 1) != Some(Kind::Open) => outer = true,
                    Natural => joined = true,
                    Using if condition.is_none() && self.kind(here + 1) == Some(Kind::Open) && !outer => joined = true,
                    On if condition.is_none() && !outer => {
                        let end = self.end_of_condition(here + 1);
                        joined |= self.truth(here + 1, end, &target) == Some(Truth::Depends);
                        // A cross join beside it is none of this one's business.
                        here = end.max(here + 1);
                        continue;
                    }
                    _ if cases == 0 && here > at + 1 && self.stops(here) => break,
                    _ => {}
                },
                _ => {}
            }
            here += 1;
        }
        let Some(condition) = condition else { return if joined { Filtered::Yes } else { Filtered::No } };
        if self.key(condition + 1) == Current && self.key(condition + 2) == Of {
            return Filtered::Yes;
        }
        match self.truth(condition + 1, here, &target) {
            None => Filtered::Unsure,
            Some(Truth::Always | Truth::Constant) if !joined => Filtered::Always,
            Some(_) => Filtered::Yes,
        }
    }

    /// The table that is changed, for `id IN (SELECT id FROM it)`.
    fn target(&self, at: usize) -> String {
        let mut here = at + 1;
        while matches!(self.key(here), Key::From | Key::Only | Key::LowPriority | Key::Ignore | Key::Quick) {
            here += 1;
        }
        while self.kind(here + 1) == Some(Kind::Dot) {
            here += 2;
        }
        self.tokens.get(here).map(|token| self.name_of(token).to_lowercase()).unwrap_or_default()
    }

    /// Another statement begins here, without a `;`, or another part of a bigger one.
    fn stops(&mut self, at: usize) -> bool {
        use Key::*;
        let hard = matches!(
            self.key(at),
            Select
                | Insert
                | Delete
                | Exec
                | Execute
                | Declare
                | Print
                | Begin
                | Else
                | End
                | Truncate
                | Drop
                | Create
                | Alter
                | While
                | Waitfor
                | Elsif
                | Elseif
                | Update
                | Grant
                | Revoke
                | Return
                | Shutdown
        );
        if !hard || self.kind(at + 1) == Some(Kind::Open) && self.key(at) != Select {
            return false;
        }
        let unions = matches!(self.key(at.wrapping_sub(1)), Union | All | Except | Intersect);
        let whole = self.ends_operand(at) || matches!(self.key(at.wrapping_sub(1)), Where | Then | Cascade);
        !unions && (whole || self.begins_within(at))
    }

    fn end_of_condition(&mut self, from: usize) -> usize {
        use Key::*;
        let mut here = from;
        loop {
            let Some(left) = self.budget.checked_sub(1) else { return here };
            self.budget = left;
            match self.kind(here) {
                None | Some(Kind::Semicolon | Kind::Batch | Kind::Close | Kind::Comma | Kind::Meta) => return here,
                Some(Kind::Open) => here = self.behind(here),
                Some(Kind::Word)
                    if matches!(
                        self.key(here),
                        Where
                            | Set
                            | Join
                            | Inner
                            | Left
                            | Right
                            | Full
                            | Cross
                            | Natural
                            | Order
                            | Limit
                            | When
                            | Returning
                            | Using
                            | Select
                            | On
                    ) =>
                {
                    return here;
                }
                _ => here += 1,
            }
        }
    }

    /// `MERGE .. WHEN MATCHED THEN DELETE`: its condition is that of `ON`, and of `WHEN`.
    pub(super) fn merges(&mut self, at: usize) {
        use Key::*;
        let mut here = at + 1;
        let mut open_ended = false;
        let mut every = false;
        while here < self.tokens.len() && self.budget > 0 {
            self.budget -= 1;
            match (self.kind(here), self.key(here)) {
                (None | Some(Kind::Semicolon | Kind::Batch | Kind::Close), _) => break,
                (Some(Kind::Open), _) => {
                    here = self.behind(here);
                    continue;
                }
                (_, On) => {
                    let end = self.end_of_condition(here + 1);
                    every = self.truth(here + 1, end, "") != Some(Truth::Depends);
                    here = end.max(here + 1);
                    continue;
                }
                (_, When) => open_ended = every || self.is_by_source(here),
                (_, And) => {
                    let end = self.then(here);
                    if self.truth(here + 1, end, "") == Some(Truth::Depends) {
                        open_ended = false;
                    }
                }
                (_, Delete) if self.key(here - 1) == Then && open_ended => {
                    self.add(Class::DeleteWithoutWhere, here, "MERGE that deletes without a condition")
                }
                (_, Update) if self.key(here - 1) == Then && open_ended => {
                    self.add(Class::UpdateWithoutWhere, here, "MERGE that updates without a condition")
                }
                _ => {}
            }
            here += 1;
        }
    }

    fn then(&self, from: usize) -> usize {
        (from..from + 4 * limits::AHEAD).find(|&at| self.key(at) == Key::Then || self.kind(at).is_none()).unwrap_or(from)
    }

    /// `WHEN NOT MATCHED BY SOURCE` is every row that the source lacks.
    fn is_by_source(&self, at: usize) -> bool {
        (at..at + 6).any(|at| self.key(at) == Key::By && self.key(at + 1) == Key::Source)
    }
}
