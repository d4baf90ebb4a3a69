//! One MSRP session (RFC 4975), sans-IO. The connection is its owner's: several sessions may share one, and a session
//! may lose its connection and get another.

mod assembly;
mod incoming;
mod outgoing;
#[cfg(test)]
mod tests;

use crate::msrp::{self, FailureReport, Kind, Message, Method, MsrpUri};
use crate::time::Time;
use assembly::Assembly;
use bytes::Bytes;
use outgoing::{Sending, Sent, Waiting};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How a session conducts itself.
#[derive(Clone, Debug)]
pub struct Config {
    /// The size of a chunk, unless a message says otherwise.
    pub chunk_octets: usize,
    /// The largest message that is taken; larger ones are refused with 413.
    pub max_message_octets: u64,
    /// How long a SEND may stay unanswered (RFC 4975 section 7.1: 30 s).
    pub response_timeout: Duration,
    /// Requests that may wait for their response at a time.
    pub window: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            chunk_octets: 64 * 1024,
            max_message_octets: 10 * 1024 * 1024,
            response_timeout: Duration::from_secs(30),
            window: 64,
        }
    }
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its Message-ID.
    pub message_id: String,
    /// Its type.
    pub content_type: String,
    /// Its content.
    pub octets: Bytes,
    /// Ask for a report of success.
    pub success_report: bool,
    /// Which failures are to be told.
    pub failure_report: FailureReport,
    /// The size of a chunk; None for the session's default.
    pub chunk_octets: Option<usize>,
}

/// The answer that a received message waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply(Message);

/// What a session tells its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// A message is complete. The chunk that completed it is not answered yet: [`Session::reply`] does.
    Received {
        /// Its Message-ID.
        message_id: String,
        /// Its type.
        content_type: String,
        /// Its content.
        octets: Bytes,
        /// A report of success was asked for: [`Session::report`] gives it.
        success_report: bool,
        /// Which failures are to be told.
        failure_report: FailureReport,
        /// To be given to [`Session::reply`].
        reply: Reply,
    },
    /// A SEND without content; answered already.
    Bodiless {
        /// Its Message-ID.
        message_id: String,
    },
    /// The sender gave a message up.
    Aborted {
        /// Its Message-ID.
        message_id: String,
    },
    /// Every chunk of a message of ours was answered 200.
    Acknowledged {
        /// Its Message-ID.
        message_id: String,
    },
    /// A message of ours was refused; what was left of it is not sent.
    Refused {
        /// Its Message-ID.
        message_id: String,
        /// The status.
        status: u16,
    },
    /// A message of ours was not answered in time.
    Unanswered {
        /// Its Message-ID.
        message_id: String,
    },
    /// A REPORT on a message of ours.
    Reported {
        /// Its Message-ID.
        message_id: String,
        /// What became of it.
        status: u16,
        /// The octets meant.
        byte_range: Option<msrp::ByteRange>,
    },
}

/// What a session wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOutput {
    /// Octets for the connection.
    Send(Bytes),
    /// News for the owner.
    Event(SessionEvent),
}

/// One MSRP session.
#[derive(Debug)]
pub struct Session {
    local_path: String,
    remote_path: Vec<String>,
    config: Config,
    output: VecDeque<SessionOutput>,
    /// Messages of ours of which something is still to be sent, in turn.
    sending: VecDeque<Sending>,
    /// Messages of ours of which something was sent and not answered, by their number.
    sent: BTreeMap<u64, Sent>,
    /// Our requests that must be answered in time, the oldest first.
    waiting: VecDeque<Waiting>,
    /// Our requests whose failure would be answered, the oldest first (Failure-Report: partial).
    watched: VecDeque<Waiting>,
    assemblies: BTreeMap<String, Assembly>,
    /// Messages that were refused before they were complete, and how.
    refused: VecDeque<(String, u16)>,
    /// Sizes of messages received, for reports.
    received: VecDeque<(String, u64)>,
    counter: u64,
}

impl Session {
    /// A session between our path and the peer's.
    pub fn new(local_path: &str, remote_path: Vec<String>, config: Config) -> Session {
        Session {
            local_path: local_path.to_owned(),
            remote_path,
            config,
            output: VecDeque::new(),
            sending: VecDeque::new(),
            sent: BTreeMap::new(),
            waiting: VecDeque::new(),
            watched: VecDeque::new(),
            assemblies: BTreeMap::new(),
            refused: VecDeque::new(),
            received: VecDeque::new(),
            counter: 0,
        }
    }

    /// Begins anew, with another peer: nothing that was said before matters any more.
    pub fn restart(&mut self, remote_path: Vec<String>) {
        let local_path = std::mem::take(&mut self.local_path);
        *self = Session { local_path, ..Session::new("", remote_path, self.config.clone()) };
    }

    /// Our path.
    pub fn local_path(&self) -> &str {
        &self.local_path
    }

    /// The peer's path, the next hop first.
    pub fn remote_path(&self) -> &[String] {
        &self.remote_path
    }

    /// True for a message of the peer, which names its own session in From-Path. Host and port may be those of somebody between.
    pub fn is_from_peer(&self, message: &Message) -> bool {
        let own = self.remote_path.last().and_then(|path| MsrpUri::parse(path).ok()?.session_id);
        let named = message.from_path().last().and_then(|path| MsrpUri::parse(path).ok()?.session_id);
        own == named
    }

    /// Takes a request whose To-Path is ours, or the response to one of ours.
    pub fn receive(&mut self, now: Time, message: Message) {
        match &message.kind {
            Kind::Response { status, .. } => self.responded(now, &message.transaction, *status),
            Kind::Request { method: Method::Send } => self.incoming(message),
            Kind::Request { method: Method::Report } => self.reported(now, &message),
            Kind::Request { method: Method::Other(_) } => self.respond(&message, 501),
        }
    }

    fn reported(&mut self, now: Time, message: &Message) {
        if let (Some(id), Some(status)) = (message.message_id(), message.status_header()) {
            let event = SessionEvent::Reported { message_id: id.to_owned(), status, byte_range: message.byte_range() };
            self.event(event);
            if status == 413 {
                // Whoever is told to stop by a REPORT stops as well (RFC 4975 section 10.5).
                self.stop(now, id);
            }
        }
    }

    /// Answers the chunk that completed a message.
    pub fn reply(&mut self, reply: Reply, status: u16) {
        self.respond(&reply.0, status);
    }

    /// Sends a REPORT on a message that was received.
    pub fn report(&mut self, message_id: &str, status: u16) {
        let known = self.received.iter().rev().find(|(id, _)| id == message_id);
        let total = known.map_or(0, |(_, octets)| *octets);
        self.report_octets(message_id, msrp::ByteRange { start: 1, end: Some(total), total: Some(total) }, status);
    }

    /// Sends a REPORT on these octets of a message.
    pub fn report_octets(&mut self, message_id: &str, byte_range: msrp::ByteRange, status: u16) {
        let transaction = self.transaction();
        let report = msrp::report(&msrp::Report {
            transaction: &transaction,
            to_path: &self.remote_path,
            from_path: &self.local_path,
            message_id,
            byte_range,
            status,
        });
        self.output.push_back(SessionOutput::Send(report));
    }

    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<SessionOutput> {
        self.output.pop_front()
    }

    /// When [`Session::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let first = |queue: &VecDeque<Waiting>| queue.front().map(|waiting| waiting.until);
        first(&self.waiting).into_iter().chain(first(&self.watched)).min()
    }

    /// Lets time pass: requests without a response count as lost.
    pub fn handle_timeout(&mut self, now: Time) {
        while let Some(number) = outgoing::due(&mut self.watched, now) {
            // Silence is what a message with Failure-Report: partial gets when all is well.
            self.settled(number);
        }
        while let Some(number) = outgoing::due(&mut self.waiting, now) {
            if let Some(sent) = self.drop_message(number) {
                self.event(SessionEvent::Unanswered { message_id: sent.message_id });
            }
        }
        self.pump(now);
    }

    /// Answers a request, if Failure-Report lets: `partial` is told errors alone, `no` nothing (RFC 4975 section 7.2).
    fn respond(&mut self, request: &Message, status: u16) {
        if status == 200 && request.failure_report() == FailureReport::Partial {
            return;
        }
        if let Some(response) = msrp::refusal(request, status) {
            self.output.push_back(SessionOutput::Send(response));
        }
    }

    fn event(&mut self, event: SessionEvent) {
        self.output.push_back(SessionOutput::Event(event));
    }

    /// A transaction id of this session (RFC 4975 section 9: 4 to 32 octets).
    fn transaction(&mut self) -> String {
        self.counter += 1;
        // The tail of our session id makes it differ from those of other sessions on the same connection.
        let tail: String = self
            .local_path
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .chars()
            .take_while(|letter| *letter != ';')
            .filter(char::is_ascii_alphanumeric)
            .collect();
        let tail = tail.get(tail.len().saturating_sub(12)..).unwrap_or_default();
        format!("t{tail}{:06x}", self.counter)
    }
}
