//! Messages of one answer that wait for recognizers, in order: each is shown to one after the other, and leaves when all before it have left.

use std::collections::{HashMap, VecDeque};

use super::contract::Problem;
use super::split::{Piece, Splitter};
use crate::exchange::event::{StreamId, Ticket};
use crate::limits::RECOGNIZED_TEXTS;
use crate::mask::Form;
use crate::mask::remote::{Asking, Texts, Unread};

/// Bytes of messages shown in one call, but for a single one that is longer.
const BATCH: usize = 256 * 1024;

/// A message, or bytes between messages.
#[derive(Debug)]
struct Item {
    number: u64,
    bytes: Vec<u8>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// To be shown to the recognizer of this number.
    Waits(usize),
    /// The rest of it was dropped, and it has to be withheld.
    Cut,
    Done,
}

/// Messages to be shown in one call.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) stage: usize,
    pub(super) items: Vec<(u64, Texts)>,
}

/// Messages that need no answer, for they cannot be shown.
#[derive(Debug)]
pub(super) enum Next {
    Ask(Batch),
    Fail(u64, usize, Problem),
}

/// A call under way.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) ticket: Ticket,
    pub(super) stage: usize,
    pub(super) items: Vec<u64>,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    items: VecDeque<Item>,
    next: u64,
    held: usize,
}

impl Queue {
    pub(super) fn add(&mut self, piece: Piece) {
        let (bytes, state) = match piece {
            Piece::Whole(bytes) => (bytes, State::Waits(0)),
            Piece::Cut(bytes) => (bytes, State::Cut),
            Piece::Part(bytes) => (bytes, State::Done),
        };
        self.held = self.held.saturating_add(bytes.len());
        self.items.push_back(Item { number: self.next, bytes, state });
        self.next = self.next.wrapping_add(1);
    }

    /// What is to be done next; none when all is done.
    pub(super) fn next(&mut self, form: Form, askings: &[Asking]) -> Option<Next> {
        let mut batch: Option<Batch> = None;
        let (mut bytes, mut texts) = (0_usize, 0_usize);
        for item in &mut self.items {
            let stage = match item.state {
                State::Done => continue,
                State::Cut if batch.is_none() => return Some(Next::Fail(item.number, 0, Problem::TooLong)),
                State::Cut => break,
                State::Waits(stage) => stage,
            };
            if stage >= askings.len() {
                item.state = State::Done;
                continue;
            }
            if batch.as_ref().is_some_and(|batch| batch.stage != stage || bytes.saturating_add(item.bytes.len()) > BATCH) {
                break;
            }
            let read = match Texts::of(form, &item.bytes) {
                Ok(read) => read,
                Err(_) if batch.is_some() => break,
                Err(Unread::TooMany) => return Some(Next::Fail(item.number, stage, Problem::TooManyTexts)),
                Err(Unread::Json(_)) => return Some(Next::Fail(item.number, stage, Problem::NoJson)),
            };
            if read.is_empty() {
                item.state = State::Done;
                continue;
            }
            texts = texts.saturating_add(read.shown().len());
            if batch.is_some() && texts > RECOGNIZED_TEXTS {
                break;
            }
            bytes = bytes.saturating_add(item.bytes.len());
            batch.get_or_insert_with(|| Batch { stage, items: Vec::new() }).items.push((item.number, read));
        }
        batch.map(Next::Ask)
    }

    pub(super) fn bytes(&self, number: u64) -> Option<&[u8]> {
        self.items.iter().find(|item| item.number == number).map(|item| item.bytes.as_slice())
    }

    /// It goes on to the next recognizer, as this.
    pub(super) fn pass(&mut self, number: u64, bytes: Option<Vec<u8>>) {
        self.change(number, bytes, |state| match state {
            State::Waits(stage) => State::Waits(stage.saturating_add(1)),
            State::Cut | State::Done => State::Done,
        });
    }

    /// It leaves as this.
    pub(super) fn replace(&mut self, number: u64, bytes: Vec<u8>) {
        self.change(number, Some(bytes), |_| State::Done);
    }

    fn change(&mut self, number: u64, bytes: Option<Vec<u8>>, state: impl Fn(State) -> State) {
        let Some(item) = self.items.iter_mut().find(|item| item.number == number) else { return };
        item.state = state(item.state);
        if let Some(bytes) = bytes {
            self.held = self.held.saturating_sub(item.bytes.len()).saturating_add(bytes.len());
            item.bytes = bytes;
        }
    }

    /// What may leave: all that is done and has nothing before it that is not.
    pub(super) fn take_done(&mut self) -> Vec<u8> {
        let mut done = Vec::new();
        while let Some(mut item) = self.items.pop_front_if(|item| item.state == State::Done) {
            self.held = self.held.saturating_sub(item.bytes.len());
            done.append(&mut item.bytes);
        }
        done
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn held(&self) -> usize {
        self.held
    }
}

/// Calls of a VM to recognizers, by their ticket.
#[derive(Debug, Default)]
pub(in crate::exchange) struct UnderWay(HashMap<Ticket, (StreamId, usize)>);

impl UnderWay {
    /// How many the recognizer of this number has.
    pub(super) fn count(&self, recognizer: usize) -> usize {
        self.0.values().filter(|(_, of)| *of == recognizer).count()
    }

    pub(super) fn add(&mut self, ticket: Ticket, stream: StreamId, recognizer: usize) {
        self.0.insert(ticket, (stream, recognizer));
    }

    pub(in crate::exchange) fn ended(&mut self, ticket: Ticket) {
        self.0.remove(&ticket);
    }

    pub(in crate::exchange) fn forget(&mut self, stream: StreamId) {
        self.0.retain(|_, (asker, _)| *asker != stream);
    }
}

/// Where bytes are cut into messages, once it is known what they are.
#[derive(Debug)]
pub(super) enum Cutting {
    Unknown,
    Known(Splitter),
}
