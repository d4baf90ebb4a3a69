//! The records that wait for the server. Those of one accounting session are sent one after the other, so that they come in
//! order; one that may have been sent before is marked so (RFC 6733 section 3, T). Nothing is given up but what the server
//! refuses for good.

use crate::call::schedule::Schedule;
use cpm_wire::diameter::Message;
use cpm_wire::time::Time;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

/// How long an answer to a record is awaited.
const PATIENCE: Duration = Duration::from_secs(2);
/// The wait before the second try; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// The most records whose answers are awaited at a time.
const MOST_SENT: usize = 512;

struct Waiting {
    id: u64,
    record: Message,
    /// It may have been sent before.
    repeated: bool,
}

/// The records of one accounting session.
#[derive(Default)]
struct Line {
    session: String,
    waiting: VecDeque<Waiting>,
    /// The number of the request by which the first was sent.
    sent: Option<u32>,
    tries: u32,
}

/// All records that wait.
#[derive(Default)]
pub(super) struct Records {
    last: u64,
    lines: BTreeMap<u64, Line>,
    of_session: HashMap<String, u64>,
    by_number: HashMap<u32, u64>,
    /// When the next try of a line is due.
    due: Schedule<u64>,
    /// When the answer to the first of a line is overdue.
    overdue: Schedule<u64>,
    count: usize,
}

/// A record that is to be sent now, and the line that it is of.
pub(super) struct Due {
    pub line: u64,
    pub record: Message,
}

impl Records {
    /// How many wait.
    pub fn count(&self) -> usize {
        self.count
    }

    /// A record waits. `repeated` for one that was there before a restart.
    pub fn push(&mut self, now: Time, id: u64, record: Message, repeated: bool) {
        let session = record.session_id().unwrap_or_default().to_owned();
        let line = *self.of_session.entry(session.clone()).or_insert_with(|| {
            self.last += 1;
            self.last
        });
        let held = self.lines.entry(line).or_insert_with(|| Line { session, ..Line::default() });
        if held.waiting.is_empty() {
            self.due.set(line, Some(now));
        }
        held.waiting.push_back(Waiting { id, record, repeated });
        self.count += 1;
    }

    /// The next record that is due, if another may be sent.
    pub fn poll_due(&mut self, now: Time) -> Option<Due> {
        if self.by_number.len() >= MOST_SENT {
            return None;
        }
        let line = self.due.first_due(now)?;
        let first = self.lines.get_mut(&line)?.waiting.front_mut()?;
        let record = if first.repeated { first.record.repeated() } else { first.record.clone() };
        first.repeated = true;
        Some(Due { line, record })
    }

    /// The first of a line was sent by the request of this number.
    pub fn sent(&mut self, now: Time, line: u64, number: u32) {
        if let Some(held) = self.lines.get_mut(&line) {
            held.sent = Some(number);
            self.by_number.insert(number, line);
            self.due.set(line, None);
            self.overdue.set(line, Some(now + PATIENCE));
        }
    }

    /// A request is answered with this result. Gives the record that needs to wait no more.
    pub fn answered(&mut self, now: Time, number: u32, result: Option<u32>) -> Option<u64> {
        let line = self.by_number.remove(&number)?;
        let held = self.lines.get_mut(&line)?;
        held.sent = None;
        self.overdue.set(line, None);
        // Protocol errors and transient failures pass (RFC 6733 sections 7.1.3 and 7.1.4).
        if !matches!(result, Some(2000..=2999 | 5000..)) {
            self.later(now, line);
            return None;
        }
        held.tries = 0;
        let done = held.waiting.pop_front()?;
        self.count -= 1;
        if held.waiting.is_empty() {
            self.of_session.remove(&held.session);
            self.lines.remove(&line);
        } else {
            self.due.set(line, Some(now));
        }
        Some(done.id)
    }

    fn later(&mut self, now: Time, line: u64) {
        let Some(held) = self.lines.get_mut(&line) else { return };
        held.sent = None;
        let wait = FIRST_WAIT.saturating_mul(1 << held.tries.min(10)).min(LONGEST_WAIT);
        held.tries += 1;
        self.overdue.set(line, None);
        self.due.set(line, Some(now + wait));
    }

    /// The connection is gone: no answer comes over it any more.
    pub fn disconnected(&mut self, now: Time) {
        let mut sent: Vec<u64> = std::mem::take(&mut self.by_number).into_values().collect();
        sent.sort_unstable();
        sent.into_iter().for_each(|line| self.later(now, line));
    }

    /// Answers that are overdue are awaited no more. Gives the numbers of their requests.
    pub fn handle_timeout(&mut self, now: Time) -> Vec<u32> {
        let mut numbers = Vec::new();
        for line in self.overdue.due(now) {
            numbers.extend(self.lines.get(&line).and_then(|held| held.sent));
            self.later(now, line);
        }
        numbers.iter().for_each(|number| {
            self.by_number.remove(number);
        });
        numbers
    }

    /// When something is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let next = self.due.next().filter(|_| self.by_number.len() < MOST_SENT);
        next.into_iter().chain(self.overdue.next()).min()
    }
}
