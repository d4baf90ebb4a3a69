//! The validator: judges what a vendor already has, a capture or a message, with the rules of the live run.
//!
//! A capture may begin in the middle, miss packets and show many speakers. Then a rule says nothing of what lies outside:
//! nobody is accused of a message that was not captured.

mod casting;
mod ends;
mod excerpt;
mod follow;
mod found;
mod hops;
mod input;
mod json;
mod judge;
mod notes;
mod relay;
mod requirements;
mod sarif;
mod text;

#[cfg(test)]
mod tests;

pub use crate::capture::{KeyLog, KeyLogError};
pub use follow::Stop;
pub use found::{Found, Level};
pub use input::{Input, Source};
pub use json::{json, last_line, lines};
pub use requirements::{Known, needed_of_captures};
pub use sarif::sarif;
pub use text::{Shown, text, told};

use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What is to be told, and of whom.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only these rules, by id or by the beginning of it up to a dot; all when empty.
    pub rules: Vec<String>,
    /// None of these, by id or by the beginning of it up to a dot.
    pub exclude: Vec<String>,
    /// Nothing below this level.
    pub level: Level,
    /// The addresses of the element under test: then nobody else is judged.
    pub target: Vec<SocketAddr>,
    /// What else is known of it: then the rules of the requirements are asked as well.
    pub known: Option<Known>,
    /// The secrets of connections over TLS.
    pub secrets: KeyLog,
    /// On how many threads, which makes no difference to what is found; as many as are of use where it is not said.
    pub threads: Option<usize>,
}

impl Options {
    /// Whether a finding of this rule and level is to be told.
    fn tells(&self, rule: &str, level: Level) -> bool {
        let names = |pattern: &String| {
            rule.strip_prefix(pattern.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        level >= self.level
            && (self.rules.is_empty() || self.rules.iter().any(names))
            && !self.exclude.iter().any(names)
    }
}

/// What was found in one file.
#[derive(Debug, Default)]
pub struct Validated {
    /// Its name as given; `-` for standard input.
    pub file: String,
    /// Messages that were judged, by protocol.
    pub messages: BTreeMap<&'static str, u64>,
    /// What was found, in the order of the file.
    pub findings: Vec<Found>,
    /// How often each rule spoke beyond what is told in `findings`, and at which level.
    pub more: BTreeMap<String, (Level, u64)>,
    /// How often each rule of requirements was met, where they were asked.
    pub met: Option<BTreeMap<&'static str, usize>>,
    /// What could not be judged, and why, in words.
    pub notes: Vec<String>,
    /// Why the file could not be read, or not to its end.
    pub error: Option<String>,
}

impl Validated {
    /// All messages.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.messages.values().sum()
    }

    /// How many findings there are of this level, told or not.
    #[must_use]
    pub fn of(&self, level: Level) -> u64 {
        let told = self.findings.iter().filter(|found| found.level == level).count() as u64;
        told + self.more.values().filter(|(of, _)| *of == level).map(|(_, times)| times).sum::<u64>()
    }

    /// How many questions of the requirements were met, where they were asked.
    #[must_use]
    pub fn met(&self) -> Option<usize> {
        self.met.as_ref().map(|met| met.values().sum())
    }

    /// Whether nothing in it could be read.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.count() == 0
    }
}

/// Judges one file. What cannot be read is told in the result; what could be read is judged.
#[must_use]
pub fn validate(input: &Input, options: &Options) -> Validated {
    judge::judge(input, options)
}

/// Judges a capture while it is written, a file that grows or standard input, until it ends or somebody says stop. `tell` is told
/// findings as they are made; all of them stand in the result as well.
#[must_use]
pub fn follow(input: &Input, options: &Options, stop: &Stop, tell: &mut dyn FnMut(&[Found])) -> Validated {
    let mut validated = judge::follow(input, options, stop, tell);
    // A packet that is half written when somebody says stop is no fault of the file.
    if stop.is_set() {
        validated.error = None;
    }
    validated
}
