//! What an edit is, and how it is made: one place of one message changed, and the lengths of the message mended.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use regex::bytes::{Captures, Regex};
use serde::Deserialize;

use super::mending;
use crate::evidence::{Connection, ConnectionWhat, Direction, Octets, Protocol, Record, What};

/// The edits that there are: `fixtures/edits.yaml` says what their keys mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    patterns: BTreeMap<String, String>,
    /// Of a rule that is broken, the rules that then are broken too.
    pub follows: BTreeMap<String, Vec<String>>,
    pub edits: Vec<Edit>,
}

/// A change that breaks one rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    pub rule: String,
    #[serde(default)]
    on: String,
    from: String,
    pub to: Vec<String>,
    #[serde(default)]
    by: By,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
    #[serde(default)]
    alone: String,
    #[serde(default)]
    how: How,
    #[serde(default = "yes")]
    mends: bool,
    #[serde(default)]
    elsewhere: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    #[default]
    Target,
    Tester,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    #[default]
    Changed,
    Again,
    Dropped,
    Cut,
}

fn yes() -> bool {
    true
}

impl Table {
    /// Read where the tests run, so that a new edit needs no new build.
    pub fn read() -> Table {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/edits.yaml");
        crate::yaml::read(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|fault| panic!("{path}: {fault:?}"))
    }

    /// The edit, ready to be made.
    pub fn editor<'t>(&'t self, edit: &'t Edit) -> Editor<'t> {
        let pattern = |pattern: &'t str| self.patterns.get(pattern).map_or(pattern, String::as_str);
        Editor {
            edit,
            on: regex("s", pattern(&edit.on)),
            from: regex("m", pattern(&edit.from)),
            after: Others::new(pattern(&edit.after)),
            before: Others::new(pattern(&edit.before)),
            alone: Others::new(pattern(&edit.alone)),
        }
    }
}

impl Edit {
    /// Whether the rule points to another place than that of the edit.
    pub fn is_seen_elsewhere(&self) -> bool {
        self.elsewhere || self.by == By::Tester || self.how == How::Dropped
    }
}

fn regex(flags: &str, pattern: &str) -> Regex {
    Regex::new(&format!("(?{flags}R-u){}", crlf(pattern))).unwrap_or_else(|error| panic!("{pattern:?}: {error}"))
}

/// What stands in a pattern for the first group of `on`.
const OWN: &str = "{1}";

/// What other messages are asked for.
struct Others {
    pattern: String,
    /// None where it depends on the message that is edited.
    ready: Option<Regex>,
}

impl Others {
    fn new(pattern: &str) -> Others {
        Others { pattern: pattern.to_owned(), ready: (!pattern.contains(OWN)).then(|| regex("s", pattern)) }
    }

    fn is_nothing(&self) -> bool {
        self.pattern.is_empty()
    }

    fn are_among(&self, records: &[Record], own: &str) -> bool {
        let made = self.ready.is_none().then(|| regex("s", &self.pattern.replace(OWN, &regex::escape(own))));
        let ready = self.ready.as_ref().or(made.as_ref());
        let is = |record: &Record, regex: &Regex| matches!(&record.what, What::Octets(other) if regex.is_match(&other.octets));
        ready.is_some_and(|regex| records.iter().any(|record| is(record, regex)))
    }
}

/// An edit that is ready to be made.
pub(super) struct Editor<'t> {
    pub edit: &'t Edit,
    on: Regex,
    from: Regex,
    after: Others,
    before: Others,
    alone: Others,
}

/// The records with one edit in them.
pub(super) struct Edited {
    pub records: Vec<Record>,
    /// The frame, and the octets in it, that are not as they were.
    pub at: (u64, Range<usize>),
}

impl Editor<'_> {
    /// The records of which the edit can be made.
    pub fn places(&self, records: &[Record]) -> impl Iterator<Item = usize> {
        (0..records.len()).filter(|place| self.fits(records, *place))
    }

    fn fits(&self, records: &[Record], place: usize) -> bool {
        let What::Octets(octets) = &records[place].what else { return false };
        let whole = octets.protocol != Protocol::Msrp || mending::is_one_message(&octets.octets);
        let direction = if self.edit.by == By::Target { Direction::Received } else { Direction::Sent };
        // What is sent again to the octet is judged once.
        let alone = || !twins(records, place, octets);
        octets.direction == direction
            // No rule is held against what goes to a server of documents, or to a message store.
            && !matches!(octets.protocol, Protocol::Http | Protocol::Imap | Protocol::X2x3)
            && whole
            && self.on.is_match(&octets.octets)
            && self.from.is_match(&octets.octets)
            && (self.edit.how != How::Cut || is_last(records, place, octets))
            && self.is_among(records, place, &octets.octets)
            && alone()
    }

    fn is_among(&self, records: &[Record], place: usize, octets: &[u8]) -> bool {
        let found = self.on.captures(octets).and_then(|found| found.get(1));
        let own = found.map_or_else(String::new, |group| String::from_utf8_lossy(group.as_bytes()).into_owned());
        let (earlier, later) = (&records[..place], &records[place + 1..]);
        (self.after.is_nothing() || self.after.are_among(earlier, &own))
            && (self.before.is_nothing() || self.before.are_among(later, &own))
            && (self.alone.is_nothing() || !self.alone.are_among(later, &own))
    }

    /// Makes the edit, with one of the replacements.
    pub fn make(&self, records: &[Record], place: usize, to: &str) -> Edited {
        let What::Octets(octets) = &records[place].what else { unreachable!("an edit fits octets") };
        let found = self.from.captures(&octets.octets).unwrap();
        let replaced = found.get(0).unwrap().range();
        let with = expanded(to, &found);
        let mut changed = octets.octets.to_vec();
        changed.splice(replaced.clone(), with.iter().copied());
        let mut span = apart(&octets.octets[replaced.clone()], &with, replaced.start);
        if self.edit.mends {
            changed = mending::mended(octets.protocol, (&octets.octets, &replaced), changed, &mut span);
        }
        let mut records = records.to_vec();
        let other = Octets { octets: Bytes::from(changed), ..octets.clone() };
        let length = other.octets.len();
        let record = Record { what: What::Octets(other), ..records[place].clone() };
        let frame = place as u64 + 1;
        let at = match self.edit.how {
            How::Changed => {
                records[place] = record;
                (frame, span)
            }
            How::Again => {
                records.insert(place + 1, record);
                (frame + 1, 0..length)
            }
            How::Dropped => {
                records.remove(place);
                (frame, 0..0)
            }
            How::Cut => {
                let end = Record { what: end(octets), ..record.clone() };
                records[place] = record;
                records.insert(place + 1, end);
                (frame, span)
            }
        };
        Edited { records, at }
    }
}

/// `\n` is CRLF in patterns as it is in replacements.
fn crlf(pattern: &str) -> String {
    pattern.replace(r"\n", r"\r\n")
}

/// Whether the same octets cross the wire another time.
fn twins(records: &[Record], place: usize, own: &Octets) -> bool {
    let same = |record: &Record| matches!(&record.what, What::Octets(other) if other.octets == own.octets);
    records.iter().enumerate().any(|(other, record)| other != place && same(record))
}

/// Whether its sender says nothing more on its connection.
fn is_last(records: &[Record], place: usize, own: &Octets) -> bool {
    let more = |record: &Record| {
        matches!(&record.what, What::Octets(other)
            if (&other.actor, other.connection, other.direction) == (&own.actor, own.connection, own.direction))
    };
    !records[place + 1..].iter().any(more)
}

/// The end of the connection by the sender of these octets.
fn end(own: &Octets) -> What {
    What::Connection(Connection {
        actor: own.actor.clone(),
        step: own.step,
        connection: own.connection.unwrap_or_default(),
        local: own.local,
        remote: own.remote,
        what: ConnectionWhat::Finished { by_target: own.direction == Direction::Received },
    })
}

/// The replacement with what the groups matched.
fn expanded(to: &str, found: &Captures<'_>) -> Vec<u8> {
    let mut octets = Vec::new();
    let to = to.replace(r"\n", "\r\n");
    let mut rest = to.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let (inside, after) = after.split_once('}').expect("a group is closed");
        let (group, step) = inside.split_at(1);
        let matched = found.get(group.parse().expect("a group is a digit")).map_or(&b""[..], |group| group.as_bytes());
        literal(before, &mut octets);
        match step {
            "" => octets.extend_from_slice(matched),
            step => {
                let number: i64 = std::str::from_utf8(matched).unwrap().parse().expect("a number is counted on");
                octets.extend_from_slice((number + step.parse::<i64>().unwrap()).to_string().as_bytes());
            }
        }
        rest = after;
    }
    literal(rest, &mut octets);
    octets
}

/// Text in which `\x00` to `\xff` stand for octets.
fn literal(text: &str, octets: &mut Vec<u8>) {
    let mut pieces = text.split(r"\x");
    octets.extend_from_slice(pieces.next().unwrap_or_default().as_bytes());
    for piece in pieces {
        let (digits, text) = piece.split_at(2);
        octets.push(u8::from_str_radix(digits, 16).expect("an octet has two digits"));
        octets.extend_from_slice(text.as_bytes());
    }
}

/// Where the new octets, which begin at `start`, differ from the old ones.
fn apart(old: &[u8], new: &[u8], start: usize) -> Range<usize> {
    let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, rest) = (&old[same..], &new[same..]);
    let tail = old.iter().rev().zip(rest.iter().rev()).take_while(|(old, new)| old == new).count();
    start + same..start + new.len() - tail
}
