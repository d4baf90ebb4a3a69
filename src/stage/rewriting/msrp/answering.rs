//! What comes back from the peer, told to the core in the terms of what the core sent: one answer for each of its
//! transactions, and reports on its octets.

use bytes::Bytes;
use cpm_wire::msrp::{ByteRange, Message};
use std::collections::{BTreeMap, HashMap};

/// A transaction of the core, and how much of it is open.
#[derive(Debug)]
struct Asked {
    /// None when the core knows nothing of it.
    transaction: Option<String>,
    open: usize,
    told: bool,
}

/// Transactions on the wire, and those of the core that they stand for.
#[derive(Debug, Default)]
pub struct Answers {
    asked: BTreeMap<u64, Asked>,
    by_wire: HashMap<String, u64>,
    last: u64,
}

impl Answers {
    /// These stand for one of the core, or for none.
    pub fn expect(&mut self, transaction: Option<&str>, wire: Vec<String>) {
        self.last += 1;
        let asked = Asked { transaction: transaction.map(str::to_owned), open: wire.len(), told: false };
        self.asked.insert(self.last, asked);
        self.by_wire.extend(wire.into_iter().map(|id| (id, self.last)));
    }

    /// What the core is told when this comes: the first error, or the last success.
    pub fn take(&mut self, response: &Message) -> Option<Bytes> {
        let Some(number) = self.by_wire.remove(&response.transaction) else { return Some(response.octets().clone()) };
        let asked = self.asked.get_mut(&number)?;
        asked.open = asked.open.saturating_sub(1);
        let is_done = asked.open == 0;
        let is_due = !asked.told && (is_done || response.status() != Some(200));
        asked.told |= is_due;
        let told = asked.transaction.as_ref().filter(|_| is_due).map(|transaction| renamed(response, transaction));
        if is_done {
            self.asked.remove(&number);
        }
        told
    }
}

/// The same message under another transaction id, which stands in its first and its last line.
pub fn renamed(message: &Message, transaction: &str) -> Bytes {
    let octets = message.octets();
    let old = message.transaction.len();
    let first = "MSRP ".len();
    // The end-line: hyphens, id, flag, line end.
    let last = octets.len().saturating_sub(old + 3);
    let mut other = Vec::with_capacity(octets.len() + transaction.len());
    other.extend_from_slice(b"MSRP ");
    other.extend_from_slice(transaction.as_bytes());
    other.extend_from_slice(octets.get(first + old..last).unwrap_or_default());
    other.extend_from_slice(transaction.as_bytes());
    other.extend_from_slice(octets.get(last + old..).unwrap_or_default());
    other.into()
}

/// A message whose octets are not those that the core sent.
#[derive(Debug)]
struct Sent {
    by_core: u64,
    on_wire: u64,
    /// The octets on the wire that success was reported of, from, to.
    covered: Vec<(u64, u64)>,
}

/// Messages by the session and their id.
#[derive(Debug, Default)]
pub struct Reports {
    sent: HashMap<(String, String), Sent>,
}

impl Reports {
    /// A message went out with another length.
    pub fn expect(&mut self, key: (String, String), by_core: usize, on_wire: usize) {
        let number = |octets: usize| u64::try_from(octets).unwrap_or(u64::MAX);
        self.sent.insert(key, Sent { by_core: number(by_core), on_wire: number(on_wire), covered: Vec::new() });
    }

    /// A message went out as it was.
    pub fn forget(&mut self, key: &(String, String)) {
        self.sent.remove(key);
    }

    /// What the core is told when this REPORT comes. Octets of the one text are not those of the other, so that success
    /// is told when all is covered, and a failure is one of the whole.
    pub fn take(&mut self, report: &Message) -> Option<Bytes> {
        let unchanged = || Some(report.octets().clone());
        let Some(path) = report.to_path().first().map(|path| (*path).to_owned()) else { return unchanged() };
        let Some(id) = report.message_id().map(str::to_owned) else { return unchanged() };
        let Some(sent) = self.sent.get_mut(&(path, id)) else { return unchanged() };
        let Some(range) = report.byte_range() else { return unchanged() };
        let is_success = report.status_header().is_some_and(|status| (200..300).contains(&status));
        if is_success && !sent.is_covered_with(range) {
            return None;
        }
        let whole = ByteRange { start: 1, end: Some(sent.by_core), total: Some(sent.by_core) };
        Some(with_range(report, &whole.to_string()))
    }
}

impl Sent {
    fn is_covered_with(&mut self, range: ByteRange) -> bool {
        self.covered.push((range.start, range.end.unwrap_or(self.on_wire)));
        self.covered.sort_unstable();
        let reach =
            |reached: u64, (from, to): &(u64, u64)| if *from <= reached + 1 { reached.max(*to) } else { reached };
        self.covered.iter().fold(0, reach) >= self.on_wire
    }
}

fn with_range(report: &Message, range: &str) -> Bytes {
    let named = report.fields().iter().find(|field| report.text(&field.name).eq_ignore_ascii_case("Byte-Range"));
    let mut octets = report.octets().to_vec();
    if let Some(field) = named {
        octets.splice(field.value.clone(), range.bytes());
    }
    octets.into()
}
