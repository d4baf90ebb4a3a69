//! What a ladder is made of, whatever draws it.

use std::sync::Arc;

use cpm_wire::time::Time;

use super::messages::Told;
use super::rows;
use crate::evidence::{Header, Protocol, Record};

/// An exchange, top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// Everybody who takes part, from left to right.
    pub columns: Vec<Column>,
    /// Which column is the target.
    pub target: usize,
    /// What happened, in order.
    pub rows: Vec<Row>,
    /// What the tester waited for, in order.
    pub waits: Vec<Wait>,
    /// When the first of it was.
    pub began: Time,
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The actor as evidence names it; none for the target.
    pub actor: Option<Arc<str>>,
    /// The name to show.
    pub name: String,
}

/// One line of a ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A step of the scenario begins.
    Step {
        /// Its place in the scenario, from 1.
        index: u32,
        /// Keyword and sentence.
        text: String,
        /// The record.
        frame: u64,
    },
    /// A message.
    Arrow(Arrow),
    /// What became of a connection, or what the tester did.
    Note {
        /// Over which column.
        column: usize,
        /// In words.
        text: String,
        /// The record.
        frame: u64,
        /// When.
        at: Time,
    },
    /// A wait is over: the one with this place among the waits.
    Waited(usize),
}

/// A message between somebody and the target, or several that are one: chunks, and what was sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The column of the tester's end.
    pub column: usize,
    /// Whether the target sent it.
    pub by_target: bool,
    /// What is spoken.
    pub protocol: Protocol,
    /// What it says.
    pub text: String,
    /// Every record with octets of it.
    pub frames: Vec<u64>,
    /// When it was first there.
    pub at: Time,
    /// How often the same octets were sent.
    pub copies: usize,
    /// Of how many chunks it is.
    pub chunks: usize,
}

/// Something that was waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The row before which it began.
    pub from: usize,
    /// What was waited for: a rule, or quiet.
    pub what: String,
    /// The most that was to be waited, in milliseconds.
    pub most_ms: u64,
    /// Since when.
    pub began: Time,
    /// Until when; none where the scenario ended before.
    pub ended: Option<Time>,
    /// The record with which it began.
    pub frame: u64,
    /// Whether its time was over.
    pub over: bool,
}

impl Ladder {
    /// The ladder of a scenario, of its evidence and of the messages in that.
    #[must_use]
    pub fn of(header: &Header, records: &[Record], messages: &[Vec<Told>]) -> Ladder {
        rows::ladder(header, records, messages)
    }
}

impl Arrow {
    /// What it says, with what was folded into it.
    #[must_use]
    pub fn label(&self) -> String {
        let mut label = self.text.clone();
        if self.chunks > 1 {
            label.push_str(&format!(", {} chunks", self.chunks));
        }
        if self.copies > 1 {
            label.push_str(&format!(", sent {} times", self.copies));
        }
        label
    }
}

impl Wait {
    /// How long it took and what for.
    #[must_use]
    pub fn label(&self) -> String {
        let what = &self.what;
        match self.ended {
            Some(ended) if self.over => format!("waited {} ms in vain for {what}", ended.since(self.began).as_millis()),
            Some(ended) => {
                format!("waited {} of {} ms for {what}", ended.since(self.began).as_millis(), self.most_ms)
            }
            None => format!("waited for {what}, {} ms at most", self.most_ms),
        }
    }
}
