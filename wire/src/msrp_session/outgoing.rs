//! Sending: messages in chunks that take turns, as many at a time as the window lets, and what becomes of them.

use super::{Outgoing, Session, SessionEvent, SessionOutput};
use crate::msrp::{self, ByteRange, Chunk, FailureReport, Flag};
use crate::time::Time;

#[derive(Debug)]
pub(super) struct Sending {
    outgoing: Outgoing,
    sent: usize,
    /// Chunks that wait for their response.
    open: usize,
    all_sent: bool,
    bodiless: bool,
}

impl Session {
    /// Sends a message. Messages that are sent together take turns, chunk by chunk.
    pub fn send(&mut self, now: Time, outgoing: Outgoing) {
        self.sending.push_back(Sending { outgoing, sent: 0, open: 0, all_sent: false, bodiless: false });
        self.pump(now);
    }

    /// Sends a SEND without content, as the side does that opened the connection (RFC 4975 section 5.4); gives its
    /// Message-ID.
    pub fn send_bodiless(&mut self, now: Time) -> String {
        let message_id = self.transaction();
        let id = message_id.clone();
        let outgoing = Outgoing {
            message_id,
            content_type: String::new(),
            octets: bytes::Bytes::new(),
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: None,
        };
        self.sending.push_front(Sending { outgoing, sent: 0, open: 0, all_sent: false, bodiless: true });
        self.pump(now);
        id
    }

    /// Gives a message up: what was not sent of it is not, and the peer is told with an empty chunk flagged `#`.
    pub fn abort(&mut self, now: Time, message_id: &str) {
        let found = self.sending.iter().position(|sending| sending.outgoing.message_id == message_id);
        let Some(sending) = found.and_then(|at| self.sending.remove(at)) else { return };
        if sending.sent == 0 || sending.all_sent {
            return;
        }
        self.chunk(now, &sending.outgoing, sending.sent, sending.sent, Flag::Abort);
    }

    /// Sends what the window lets, a chunk of each message in turn.
    pub(super) fn pump(&mut self, now: Time) {
        while self.waiting.len() < self.config.window {
            let Some(at) = self.sending.iter().position(|sending| !sending.all_sent) else { return };
            let Some(mut sending) = self.sending.remove(at) else { return };
            let size = sending.outgoing.chunk_octets.unwrap_or(self.config.chunk_octets).max(1);
            let total = sending.outgoing.octets.len();
            let end = sending.sent.saturating_add(size).min(total);
            sending.all_sent = end == total;
            let flag = if sending.all_sent { Flag::Complete } else { Flag::More };
            let waits = if sending.bodiless {
                self.bodiless(now, &sending.outgoing)
            } else {
                self.chunk(now, &sending.outgoing, sending.sent, end, flag)
            };
            sending.sent = end;
            sending.open += usize::from(waits);
            // Nobody answers a message whose failures are not told: it is done when it is sent.
            if waits || !sending.all_sent {
                self.sending.push_back(sending);
            }
        }
    }

    fn bodiless(&mut self, now: Time, outgoing: &Outgoing) -> bool {
        let range = ByteRange { start: 1, end: Some(0), total: Some(0) };
        self.put(now, outgoing, range, None, Flag::Complete)
    }

    fn chunk(&mut self, now: Time, outgoing: &Outgoing, start: usize, end: usize, flag: Flag) -> bool {
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let range =
            ByteRange { start: count(start) + 1, end: Some(count(end)), total: Some(count(outgoing.octets.len())) };
        let body = outgoing.octets.get(start..end).unwrap_or_default().to_vec();
        self.put(now, outgoing, range, Some(&body), flag)
    }

    fn put(&mut self, now: Time, outgoing: &Outgoing, byte_range: ByteRange, body: Option<&[u8]>, flag: Flag) -> bool {
        let transaction = self.transaction();
        let (transaction, octets) = msrp::send(&Chunk {
            transaction: &transaction,
            to_path: &self.remote_path,
            from_path: &self.local_path,
            message_id: &outgoing.message_id,
            success_report: outgoing.success_report,
            failure_report: outgoing.failure_report,
            byte_range,
            content: body.map(|body| (outgoing.content_type.as_str(), body)),
            flag,
        });
        self.output.push_back(SessionOutput::Send(octets));
        let waits = outgoing.failure_report == FailureReport::Yes;
        if waits {
            let until = now + self.config.response_timeout;
            self.waiting.insert(transaction, (outgoing.message_id.clone(), until));
        }
        waits
    }

    pub(super) fn responded(&mut self, now: Time, transaction: &str, status: u16) {
        let Some((message_id, _)) = self.waiting.remove(transaction) else { return };
        if status != 200 {
            // Whatever refuses a chunk ends the message (RFC 4975 section 10.5).
            self.drop_message(&message_id);
            self.event(SessionEvent::Refused { message_id, status });
        } else if let Some(sending) = self.sending.iter_mut().find(|sending| sending.outgoing.message_id == message_id)
        {
            sending.open = sending.open.saturating_sub(1);
            if sending.open == 0 && sending.all_sent {
                let bodiless = sending.bodiless;
                self.sending.retain(|sending| sending.outgoing.message_id != message_id);
                if !bodiless {
                    self.event(SessionEvent::Acknowledged { message_id });
                }
            }
        }
        self.pump(now);
    }

    pub(super) fn drop_message(&mut self, message_id: &str) {
        self.sending.retain(|sending| sending.outgoing.message_id != message_id);
        self.waiting.retain(|_, (own, _)| own != message_id);
    }
}
