//! One MSRP session (RFC 4975), sans-IO. The connection is its owner's: several sessions may share one, and a session
//! may lose its connection and get another.

mod incoming;
mod outgoing;
#[cfg(test)]
mod tests;

use crate::msrp::{self, FailureReport, Kind, Message, Method};
use crate::time::Time;
use bytes::Bytes;
use incoming::Assembly;
use outgoing::Sending;
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
    sending: VecDeque<Sending>,
    /// Our requests that wait for a response: by transaction, the message and until when.
    waiting: BTreeMap<String, (String, Time)>,
    assemblies: BTreeMap<String, Assembly>,
    /// Sizes of messages received, for reports.
    received: BTreeMap<String, u64>,
    counter: u64,
}

/// Unfinished incoming messages kept at a time; more are refused.
const MOST_ASSEMBLIES: usize = 256;
/// Sizes kept for reports.
const MOST_RECEIVED: usize = 1024;

impl Session {
    /// A session between our path and the peer's.
    pub fn new(local_path: &str, remote_path: Vec<String>, config: Config) -> Session {
        Session {
            local_path: local_path.to_owned(),
            remote_path,
            config,
            output: VecDeque::new(),
            sending: VecDeque::new(),
            waiting: BTreeMap::new(),
            assemblies: BTreeMap::new(),
            received: BTreeMap::new(),
            counter: 0,
        }
    }

    /// Our path.
    pub fn local_path(&self) -> &str {
        &self.local_path
    }

    /// The peer's path, the next hop first.
    pub fn remote_path(&self) -> &[String] {
        &self.remote_path
    }

    /// Takes a request whose To-Path is ours, or the response to one of ours.
    pub fn receive(&mut self, now: Time, message: Message) {
        match &message.kind {
            Kind::Response { status, .. } => self.responded(now, &message.transaction, *status),
            Kind::Request { method: Method::Send } => self.incoming(message),
            Kind::Request { method: Method::Report } => self.reported(&message),
            Kind::Request { method: Method::Other(_) } => self.refuse(&message, 501),
        }
    }

    fn reported(&mut self, message: &Message) {
        if let (Some(id), Some(status)) = (message.message_id(), message.status_header()) {
            let event = SessionEvent::Reported { message_id: id.to_owned(), status, byte_range: message.byte_range() };
            self.event(event);
        }
    }

    /// Answers the chunk that completed a message.
    pub fn reply(&mut self, reply: Reply, status: u16) {
        self.respond(&reply.0, status);
    }

    /// Sends a REPORT on a message that was received.
    pub fn report(&mut self, message_id: &str, status: u16) {
        let total = self.received.get(message_id).copied().unwrap_or_default();
        let transaction = self.transaction();
        let report = msrp::report(&msrp::Report {
            transaction: &transaction,
            to_path: &self.remote_path,
            from_path: &self.local_path,
            message_id,
            byte_range: msrp::ByteRange { start: 1, end: Some(total), total: Some(total) },
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
        self.waiting.values().map(|(_, until)| *until).min()
    }

    /// Lets time pass: requests without a response count as lost.
    pub fn handle_timeout(&mut self, now: Time) {
        let late: Vec<String> =
            self.waiting.iter().filter(|(_, (_, until))| *until <= now).map(|(id, _)| id.clone()).collect();
        for transaction in late {
            if let Some((message_id, _)) = self.waiting.remove(&transaction) {
                self.drop_message(&message_id);
                self.event(SessionEvent::Unanswered { message_id });
            }
        }
        self.pump(now);
    }

    fn respond(&mut self, request: &Message, status: u16) {
        let silent = match request.failure_report() {
            FailureReport::Yes => false,
            FailureReport::No => true,
            // Errors alone are told (RFC 4975 section 7.1.2).
            FailureReport::Partial => status == 200,
        };
        if !silent {
            self.output.push_back(SessionOutput::Send(msrp::response(request, status)));
        }
    }

    fn refuse(&mut self, request: &Message, status: u16) {
        if let Some(refusal) = msrp::refusal(request, status) {
            self.output.push_back(SessionOutput::Send(refusal));
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
