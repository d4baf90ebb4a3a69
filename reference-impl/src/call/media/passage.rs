//! What one session receives and another sends on, chunk by chunk (RFC 4975 section 7).
//!
//! A chunk goes on as it came but for its paths: under its own transaction, Message-ID and Byte-Range, so that a REPORT
//! on it needs no translation. It is answered when the next hop has answered it, with the same status. If that takes
//! half as long as it may, the previous hop gets the 200 that is due to it, and a failure is told by a REPORT later
//! (section 7.1.2). What the next hop cannot take yet is held and not answered, which holds the sender, up to a bound.

mod succession;

use bytes::Bytes;
use cpm_wire::msrp::{ByteRange, FailureReport, Flag, Message};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use succession::Acknowledged;

/// Octets, and requests, that may wait for the answer of the next hop.
const WINDOW_OCTETS: usize = 1024 * 1024;
const WINDOW: usize = 256;
/// Octets, and requests, that may be held for a next hop that cannot take them yet.
const HELD_OCTETS: usize = 16 * 1024 * 1024;
const HELD: usize = 4096;
/// Messages of which more is to come.
const UNFINISHED: usize = 256;
/// Chunks with Failure-Report: partial whose refusal can still be carried back.
const WATCHED: usize = 64;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Answer the previous hop.
    Answer { transaction: String, status: u16 },
    /// Send the previous hop a REPORT.
    Report { message_id: String, byte_range: ByteRange, status: u16 },
    /// Send the next hop a SEND of this transaction, with this after its paths.
    Forward { transaction: String, rest: Bytes },
    /// Tell the next hop that no more of a message comes than these octets.
    GiveUp { message_id: String, octets: u64, total: Option<u64> },
}

/// A message of which more is to come.
#[derive(Debug, Default)]
struct Unfinished {
    octets: u64,
    total: Option<u64>,
    /// What is left of it is answered so.
    refused: Option<u16>,
}

/// A chunk on its way.
#[derive(Debug)]
struct Chunk {
    transaction: String,
    message_id: String,
    byte_range: ByteRange,
    failure_report: FailureReport,
    /// No more of the message comes after it.
    last: bool,
    size: usize,
    since: Time,
    /// The previous hop has its 200.
    answered: bool,
}

/// One direction between two sessions.
#[derive(Debug)]
pub(super) struct Passage {
    response_timeout: Duration,
    most_octets: Option<u64>,
    unfinished: BTreeMap<String, Unfinished>,
    /// Sent and not answered, the oldest first.
    waiting: VecDeque<(Chunk, Bytes)>,
    /// The octets of those that are to be answered in any case.
    in_flight: usize,
    /// How many are answered only when they are refused.
    watched: usize,
    held: VecDeque<(Chunk, Bytes)>,
    held_octets: usize,
    /// By the Message-ID of what is not acknowledged as a whole.
    acknowledged: BTreeMap<String, Acknowledged>,
    kept_octets: usize,
    acts: VecDeque<Act>,
}

impl Passage {
    /// Each SEND is to be answered within this time.
    pub(super) fn new(response_timeout: Duration) -> Passage {
        Passage {
            response_timeout,
            most_octets: None,
            unfinished: BTreeMap::new(),
            waiting: VecDeque::new(),
            in_flight: 0,
            watched: 0,
            held: VecDeque::new(),
            held_octets: 0,
            acknowledged: BTreeMap::new(),
            kept_octets: 0,
            acts: VecDeque::new(),
        }
    }

    /// Larger messages are refused.
    pub(super) fn limit(&mut self, most_octets: Option<u64>) {
        self.most_octets = most_octets;
    }

    /// Takes a SEND; `ready` says that the next hop can be reached now.
    pub(super) fn take(&mut self, now: Time, send: &Message, ready: bool) {
        match self.received(now, send) {
            Ok((chunk, rest)) if ready && self.held.is_empty() && self.has_window(&chunk) => self.forward(chunk, rest),
            Ok((chunk, rest)) => {
                self.held_octets += chunk.size;
                self.held.push_back((chunk, rest));
            }
            Err(status) => self.answer(&send.transaction, send.failure_report(), status),
        }
    }

    /// The chunk in a SEND, if it goes on; else its answer.
    fn received(&mut self, now: Time, send: &Message) -> Result<(Chunk, Bytes), u16> {
        let message_id = send.message_id().filter(|id| !id.is_empty()).ok_or(400_u16)?;
        let rest = send.after_paths().ok_or(400_u16)?;
        let told = send.header("Byte-Range").map(|text| ByteRange::parse(text).ok_or(400_u16)).transpose()?;
        let size = send.body_range().map(|range| range.len());
        self.refused_before(message_id, told, send.flag)?;
        // Without content and of no message: it binds a connection, or gives up what never came. Either is this hop's.
        if !self.unfinished.contains_key(message_id) && (size.is_none() || send.flag == Flag::Abort) {
            return Err(200);
        }
        let octets = u64::try_from(size.unwrap_or_default()).unwrap_or(u64::MAX);
        let before = self.unfinished.get(message_id).map_or(0, |message| message.octets);
        // A chunk without content stands behind all that came.
        let start = told.map_or(if size.is_some() { 1 } else { before + 1 }, |range| range.start).max(1);
        let end = (start - 1).saturating_add(octets);
        let total = told.and_then(|range| range.total);
        let too_many = |octets: u64| self.most_octets.is_some_and(|most| octets > most);
        let has_room = self.held.len() < HELD && self.held_octets + rest.len() <= HELD_OCTETS;
        if too_many(end) || total.is_some_and(too_many) || !has_room {
            self.refuse_rest(message_id, send.flag, 413);
            return Err(413);
        }
        self.note(message_id, send.flag, end, total)?;
        let chunk = Chunk {
            transaction: send.transaction.clone(),
            message_id: message_id.to_owned(),
            byte_range: ByteRange { start, end: Some(end), total },
            failure_report: send.failure_report(),
            last: send.flag != Flag::More,
            size: rest.len(),
            since: now,
            answered: false,
        };
        Ok((chunk, rest))
    }

    /// What follows of a message that was refused gets the same answer (RFC 4975 section 10.5). One that begins anew is
    /// another message, even under an id that was used.
    fn refused_before(&mut self, message_id: &str, told: Option<ByteRange>, flag: Flag) -> Result<(), u16> {
        let Some(status) = self.unfinished.get(message_id).and_then(|message| message.refused) else { return Ok(()) };
        let anew = flag != Flag::Abort && told.is_none_or(|range| range.start <= 1);
        if anew || flag != Flag::More {
            self.unfinished.remove(message_id);
        }
        match (anew, flag) {
            (true, _) => Ok(()),
            (false, Flag::Abort) => Err(200),
            (false, _) => Err(status),
        }
    }

    fn note(&mut self, message_id: &str, flag: Flag, end: u64, total: Option<u64>) -> Result<(), u16> {
        if flag != Flag::More {
            self.unfinished.remove(message_id);
            return Ok(());
        }
        if let Some(message) = self.unfinished.get_mut(message_id) {
            message.octets = message.octets.max(end);
            return Ok(());
        }
        if self.unfinished.len() >= UNFINISHED {
            return Err(413);
        }
        self.unfinished.insert(message_id.to_owned(), Unfinished { octets: end, total, refused: None });
        Ok(())
    }

    fn has_window(&self, chunk: &Chunk) -> bool {
        let fits = self.waiting.len() - self.watched < WINDOW && self.in_flight + chunk.size <= WINDOW_OCTETS;
        fits || self.in_flight == 0 || chunk.failure_report != FailureReport::Yes
    }

    fn forward(&mut self, chunk: Chunk, rest: Bytes) {
        self.acts.push_back(Act::Forward { transaction: chunk.transaction.clone(), rest: rest.clone() });
        match chunk.failure_report {
            FailureReport::Yes => self.in_flight += chunk.size,
            FailureReport::Partial => self.watch(),
            FailureReport::No => return,
        }
        self.waiting.push_back((chunk, rest));
    }

    /// Silence is what a chunk with Failure-Report: partial gets when all is well: the oldest of too many has got it.
    fn watch(&mut self) {
        self.watched += 1;
        if self.watched > WATCHED
            && let Some(at) = self.waiting.iter().position(|(chunk, _)| chunk.failure_report == FailureReport::Partial)
        {
            self.unwait(at);
        }
    }

    fn unwait(&mut self, at: usize) -> Option<(Chunk, Bytes)> {
        let (chunk, rest) = self.waiting.remove(at)?;
        match chunk.failure_report {
            FailureReport::Yes => self.in_flight -= chunk.size,
            FailureReport::Partial => self.watched -= 1,
            FailureReport::No => {}
        }
        Some((chunk, rest))
    }

    /// The next hop can take more: gives it what it can take.
    pub(super) fn release(&mut self) {
        while let Some((chunk, _)) = self.held.front()
            && self.has_window(chunk)
            && let Some((chunk, rest)) = self.held.pop_front()
        {
            self.held_octets -= chunk.size;
            self.forward(chunk, rest);
        }
    }

    /// The next hop has answered; false when this answers nothing of here.
    pub(super) fn answered(&mut self, transaction: &str, status: u16) -> bool {
        // Responses come mostly in the order of the requests.
        let at = self.waiting.iter().position(|(chunk, _)| chunk.transaction == transaction);
        let Some((chunk, rest)) = at.and_then(|at| self.unwait(at)) else { return false };
        if status != 200 {
            // Whatever refuses a chunk ends the message (RFC 4975 section 10).
            self.failed(&chunk, status);
            return true;
        }
        if !chunk.answered {
            self.answer(&chunk.transaction, chunk.failure_report, 200);
        }
        self.keep(chunk, rest);
        true
    }

    /// True for a message of which more is to come.
    pub(super) fn has_begun(&self, message_id: &str) -> bool {
        self.unfinished.contains_key(message_id)
    }

    fn failed(&mut self, chunk: &Chunk, status: u16) {
        match chunk.answered {
            true => self.acts.push_back(Act::Report {
                message_id: chunk.message_id.clone(),
                byte_range: chunk.byte_range,
                status,
            }),
            false => self.answer(&chunk.transaction, chunk.failure_report, status),
        }
        if let Some(message) = self.unfinished.get_mut(&chunk.message_id) {
            message.refused = Some(status);
        }
        self.forget(&chunk.message_id);
        self.drop_held(&chunk.message_id, status);
    }

    fn drop_held(&mut self, message_id: &str, status: u16) {
        let (dropped, kept) =
            std::mem::take(&mut self.held).into_iter().partition(|(chunk, _)| chunk.message_id == message_id);
        self.held = kept;
        for (chunk, _) in dropped {
            self.held_octets -= chunk.size;
            self.turn_away(&chunk, status);
        }
    }

    /// What was held does not go on.
    fn turn_away(&mut self, chunk: &Chunk, status: u16) {
        if !chunk.answered {
            self.answer(&chunk.transaction, chunk.failure_report, status);
        }
    }

    /// Ends a message here: the next hop is told that no more comes, and what follows is answered so.
    fn refuse_rest(&mut self, message_id: &str, flag: Flag, status: u16) {
        let known = self.unfinished.remove(message_id).filter(|message| message.refused.is_none());
        if let Some(Unfinished { octets, total, .. }) = known {
            self.forget(message_id);
            self.drop_held(message_id, status);
            self.acts.push_back(Act::GiveUp { message_id: message_id.to_owned(), octets, total });
        }
        if flag == Flag::More && self.unfinished.len() < UNFINISHED {
            self.unfinished
                .insert(message_id.to_owned(), Unfinished { refused: Some(status), ..Unfinished::default() });
        }
    }

    /// Nothing goes this way any more: the next hop is told which messages stay unfinished, the previous one what
    /// became of what is not answered.
    pub(super) fn close(&mut self, status: u16) {
        let begun = self.unfinished.iter().filter(|(_, message)| message.refused.is_none());
        for message_id in begun.map(|(message_id, _)| message_id.clone()).collect::<Vec<_>>() {
            self.refuse_rest(&message_id, Flag::More, status);
        }
        for (chunk, _) in std::mem::take(&mut self.held) {
            self.turn_away(&chunk, status);
        }
        self.held_octets = 0;
        while let Some((chunk, _)) = self.unwait(0) {
            self.failed(&chunk, status);
        }
        self.acknowledged.clear();
        self.kept_octets = 0;
    }

    /// Answers the previous hop, if Failure-Report lets: `partial` is told errors alone, `no` nothing (section 7.2).
    fn answer(&mut self, transaction: &str, failure_report: FailureReport, status: u16) {
        let told = match failure_report {
            FailureReport::Yes => true,
            FailureReport::Partial => status != 200,
            FailureReport::No => false,
        };
        if told {
            self.acts.push_back(Act::Answer { transaction: transaction.to_owned(), status });
        }
    }

    /// What is to be done next.
    pub(super) fn poll_act(&mut self) -> Option<Act> {
        self.acts.pop_front()
    }

    /// When [`Passage::handle_timeout`] is due.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let lost = self.waiting.front().into_iter().chain(self.held.front());
        let lost = lost.map(|(chunk, _)| chunk.since + self.response_timeout);
        let late = self.waiting.iter().map(|(chunk, _)| chunk).find(|chunk| is_owed(chunk));
        let late = late.map(|chunk| chunk.since + self.response_timeout / 2);
        lost.chain(late).min()
    }

    /// The clock has moved on.
    pub(super) fn handle_timeout(&mut self, now: Time) {
        let (timeout, half) = (self.response_timeout, self.response_timeout / 2);
        let lost = |chunk: &Chunk| chunk.since + timeout <= now;
        while self.waiting.front().is_some_and(|(chunk, _)| lost(chunk))
            && let Some((chunk, _)) = self.unwait(0)
        {
            self.unanswered(&chunk);
        }
        while self.held.front().is_some_and(|(chunk, _)| lost(chunk))
            && let Some((chunk, _)) = self.held.pop_front()
        {
            self.held_octets -= chunk.size;
            self.unanswered(&chunk);
        }
        let late = |chunk: &&mut Chunk| is_owed(chunk) && chunk.since + half <= now;
        let mut owed = Vec::new();
        for chunk in self.waiting.iter_mut().map(|(chunk, _)| chunk).filter(late) {
            chunk.answered = true;
            owed.push(chunk.transaction.clone());
        }
        self.acts.extend(owed.into_iter().map(|transaction| Act::Answer { transaction, status: 200 }));
    }

    /// No answer came in time. Of a time-out nobody is told who asked for errors alone.
    fn unanswered(&mut self, chunk: &Chunk) {
        if chunk.failure_report != FailureReport::Yes {
            return;
        }
        if self.unfinished.get(&chunk.message_id).is_some_and(|message| message.refused.is_none()) {
            self.refuse_rest(&chunk.message_id, Flag::More, 408);
        }
        self.failed(chunk, 408);
    }
}

/// True while the previous hop waits for its 200.
fn is_owed(chunk: &Chunk) -> bool {
    chunk.failure_report == FailureReport::Yes && !chunk.answered
}
