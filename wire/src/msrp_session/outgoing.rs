//! Sending: messages in chunks that take turns, as many at a time as the window lets, and what becomes of them
//! (RFC 4975 section 7.1).

use super::{Outgoing, Session, SessionEvent, SessionOutput};
use crate::msrp::{self, ByteRange, Chunk, FailureReport, Flag};
use crate::time::Time;
use std::collections::VecDeque;

/// A longer chunk must be one that may be interrupted, which `*` for its last octet says (RFC 4975 section 7.1).
const LONGEST_UNINTERRUPTED: usize = 2048;

/// A message of which something is still to be sent.
#[derive(Debug)]
pub(super) struct Sending {
    number: u64,
    outgoing: Outgoing,
    /// So many octets were sent.
    at: usize,
    bodiless: bool,
}

/// A message of which something was sent and not answered.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) message_id: String,
    /// Chunks that wait for their response.
    open: usize,
    all_sent: bool,
    bodiless: bool,
}

/// A request of ours.
#[derive(Debug)]
pub(super) struct Waiting {
    transaction: String,
    /// The number of its message.
    message: u64,
    pub(super) until: Time,
}

impl Session {
    /// Sends a message. Messages that are sent together take turns, chunk by chunk.
    pub fn send(&mut self, now: Time, outgoing: Outgoing) {
        let number = self.number();
        self.sending.push_back(Sending { number, outgoing, at: 0, bodiless: false });
        self.pump(now);
    }

    /// Sends a SEND without content, as the side does that opened the connection (RFC 4975 section 5.4); gives its
    /// Message-ID.
    pub fn send_bodiless(&mut self, now: Time) -> String {
        let message_id = self.transaction();
        let outgoing = Outgoing {
            message_id: message_id.clone(),
            content_type: String::new(),
            octets: bytes::Bytes::new(),
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: None,
        };
        let number = self.number();
        // It binds the connection, so it goes before what waits.
        self.sending.push_front(Sending { number, outgoing, at: 0, bodiless: true });
        self.pump(now);
        message_id
    }

    /// Gives a message up: what was not sent of it is not, and the peer is told with an empty chunk flagged `#`. A
    /// message that was sent altogether cannot be given up any more.
    pub fn abort(&mut self, now: Time, message_id: &str) {
        let found = self.sending.iter().position(|sending| sending.outgoing.message_id == message_id);
        let Some(sending) = found.and_then(|at| self.sending.remove(at)) else { return };
        self.drop_message(sending.number);
        if sending.at > 0 {
            self.chunk(&sending, sending.at, Flag::Abort);
        }
        self.pump(now);
    }

    /// Gives a message up of which somebody else sent `octets` in our name: an empty chunk flagged `#` tells the peer.
    pub fn give_up(&mut self, message_id: &str, octets: u64, total: Option<u64>) {
        let transaction = self.transaction();
        let (_, chunk) = msrp::send(&Chunk {
            transaction: &transaction,
            to_path: &self.remote_path,
            from_path: &self.local_path,
            message_id,
            success_report: false,
            failure_report: FailureReport::Yes,
            byte_range: ByteRange { start: octets.saturating_add(1), end: Some(octets), total },
            content: None,
            flag: Flag::Abort,
        });
        self.output.push_back(SessionOutput::Send(chunk));
    }

    /// Sends what the window lets, a chunk of each message in turn.
    pub(super) fn pump(&mut self, now: Time) {
        while self.waiting.len() < self.config.window.max(1) {
            let Some(mut sending) = self.sending.pop_front() else { return };
            let size = sending.outgoing.chunk_octets.unwrap_or(self.config.chunk_octets).max(1);
            let total = sending.outgoing.octets.len();
            let end = sending.at.saturating_add(size).min(total);
            let all_sent = end == total;
            let transaction = self.chunk(&sending, end, if all_sent { Flag::Complete } else { Flag::More });
            self.expect(now, &sending, transaction, all_sent);
            if !all_sent {
                sending.at = end;
                self.sending.push_back(sending);
            }
        }
    }

    /// Notes down what is to come back for a chunk.
    fn expect(&mut self, now: Time, sending: &Sending, transaction: String, all_sent: bool) {
        let until = now + self.config.response_timeout;
        let waiting = Waiting { transaction, message: sending.number, until };
        let queue = match sending.outgoing.failure_report {
            FailureReport::Yes => &mut self.waiting,
            FailureReport::Partial => &mut self.watched,
            // Nobody answers a message whose failures are not told: it is done when it is sent.
            FailureReport::No => return,
        };
        queue.push_back(waiting);
        let sent = self.sent.entry(sending.number).or_insert_with(|| Sent {
            message_id: sending.outgoing.message_id.clone(),
            open: 0,
            all_sent: false,
            bodiless: sending.bodiless,
        });
        sent.open += 1;
        sent.all_sent = all_sent;
    }

    /// Sends the octets up to `end`, and tells the transaction.
    fn chunk(&mut self, sending: &Sending, end: usize, flag: Flag) -> String {
        let outgoing = &sending.outgoing;
        let transaction = self.transaction();
        let count = |octets: usize| u64::try_from(octets).unwrap_or(u64::MAX);
        let body = outgoing.octets.get(sending.at..end).unwrap_or_default();
        let byte_range = ByteRange {
            start: count(sending.at) + 1,
            end: (body.len() <= LONGEST_UNINTERRUPTED).then_some(count(end)),
            total: Some(count(outgoing.octets.len())),
        };
        let (transaction, octets) = msrp::send(&Chunk {
            transaction: &transaction,
            to_path: &self.remote_path,
            from_path: &self.local_path,
            message_id: &outgoing.message_id,
            success_report: outgoing.success_report,
            failure_report: outgoing.failure_report,
            byte_range,
            content: (!sending.bodiless).then_some((outgoing.content_type.as_str(), body)),
            flag,
        });
        self.output.push_back(SessionOutput::Send(octets));
        transaction
    }

    /// Takes the response to a request of ours.
    pub(super) fn responded(&mut self, now: Time, transaction: &str, status: u16) {
        let Some(number) = take(&mut self.waiting, transaction).or_else(|| take(&mut self.watched, transaction)) else {
            return;
        };
        if status == 200 {
            self.acknowledged(number);
        } else if let Some(sent) = self.drop_message(number) {
            // Whatever refuses a chunk ends the message (RFC 4975 section 10).
            self.event(SessionEvent::Refused { message_id: sent.message_id, status });
        }
        self.pump(now);
    }

    fn acknowledged(&mut self, number: u64) {
        if let Some(sent) = self.settled(number).filter(|sent| !sent.bodiless) {
            self.event(SessionEvent::Acknowledged { message_id: sent.message_id });
        }
    }

    /// One chunk needs nothing any more; gives the message when that was its last.
    pub(super) fn settled(&mut self, number: u64) -> Option<Sent> {
        let sent = self.sent.get_mut(&number)?;
        sent.open = sent.open.saturating_sub(1);
        let done = sent.open == 0 && sent.all_sent;
        if done { self.sent.remove(&number) } else { None }
    }

    /// Sends nothing further of a message, and tells nothing further of it.
    pub(super) fn stop(&mut self, now: Time, message_id: &str) {
        let unsent = self.sending.iter().find(|sending| sending.outgoing.message_id == message_id);
        if let Some(number) = unsent.map(|sending| sending.number) {
            self.drop_message(number);
            self.pump(now);
        }
    }

    /// Forgets a message; tells what was sent of it, if anything was that had to be answered.
    pub(super) fn drop_message(&mut self, number: u64) -> Option<Sent> {
        self.sending.retain(|sending| sending.number != number);
        self.waiting.retain(|waiting| waiting.message != number);
        self.watched.retain(|waiting| waiting.message != number);
        self.sent.remove(&number)
    }

    fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}

/// Responses come mostly in the order of the requests.
fn take(queue: &mut VecDeque<Waiting>, transaction: &str) -> Option<u64> {
    let at = queue.iter().position(|waiting| waiting.transaction == transaction)?;
    queue.remove(at).map(|waiting| waiting.message)
}

/// The message of a request whose time is over.
pub(super) fn due(queue: &mut VecDeque<Waiting>, now: Time) -> Option<u64> {
    let is_due = queue.front().is_some_and(|waiting| waiting.until <= now);
    is_due.then(|| queue.pop_front()).flatten().map(|waiting| waiting.message)
}
