//! The administration function, which gives orders of interception over X1 (TS 103 221-1): requests of HTTP on connections over
//! TLS that it opens. What becomes of an order is decided in [`lawful_interception`](crate::functions::lawful_interception).

use crate::call::schedule::Schedule;
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::time::Time;
use cpm_wire::x1::http::{self, Framer};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// The most connections at a time.
const MOST: usize = 64;
/// A connection on which no request has become whole for so long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// What happened.
#[derive(Debug)]
pub enum Told {
    /// Somebody asks; to be answered by [`Administration::answer`].
    Asked {
        /// The connection.
        connection: ConnectionId,
        /// The names that who asks has proven to bear.
        names: Vec<String>,
        /// The request.
        request: http::Message,
    },
    /// Somebody was not let in, or said something that is no request.
    Refused {
        /// Who.
        remote: SocketAddr,
        /// Why.
        why: &'static str,
    },
}

struct Line {
    framer: Framer,
    /// None as long as the peer has not proven who it is.
    names: Option<Vec<String>>,
    remote: SocketAddr,
}

/// The administration function, as the function sees it.
#[derive(Default)]
pub struct Administration {
    /// Where it comes to; none where nobody may.
    pub at: Option<SocketAddr>,
    lines: HashMap<ConnectionId, Line>,
    idle: Schedule<ConnectionId>,
    outputs: VecDeque<Output>,
    told: VecDeque<Told>,
}

impl Administration {
    /// True for what concerns connections that it opened.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Accepted { local, .. } => self.at == Some(*local),
            Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => self.lines.contains_key(connection),
            Input::Connected { .. } | Input::Datagram { .. } => false,
        }
    }

    /// Takes in what came.
    pub fn receive(&mut self, now: Time, input: Input) {
        match input {
            Input::Accepted { connection, .. } if self.lines.len() >= MOST => {
                self.outputs.push_back(Output::Reset { connection });
            }
            Input::Accepted { connection, remote, .. } => {
                self.lines.insert(connection, Line { framer: Framer::requests(), names: None, remote });
                self.idle.set(connection, Some(now + IDLE));
            }
            Input::Authenticated { connection, names } => {
                self.lines.entry(connection).and_modify(|line| line.names = Some(names));
            }
            Input::Received { connection, octets } => self.octets(now, connection, &octets),
            Input::Closed { connection, how } => {
                if how == Closing::Unauthenticated {
                    self.refused(connection, "the handshake failed");
                }
                self.forget(connection);
            }
            Input::Connected { .. } | Input::Datagram { .. } => {}
        }
    }

    fn octets(&mut self, now: Time, connection: ConnectionId, octets: &[u8]) {
        let Some(line) = self.lines.get_mut(&connection) else { return };
        let Some(names) = line.names.clone() else {
            self.refused(connection, "nobody has proven who asks");
            return self.close(connection);
        };
        line.framer.push(octets);
        while let Some(next) = line.framer.next() {
            match next {
                Ok(request) => {
                    self.idle.set(connection, Some(now + IDLE));
                    let last = !request.persists();
                    self.told.push_back(Told::Asked { connection, names: names.clone(), request });
                    // What follows a request that says it is the last is none (RFC 9112 section 9.6).
                    if last {
                        return;
                    }
                }
                Err(error) => {
                    self.refused(connection, error.why);
                    return self.answer(connection, error.status, "text/plain", error.why, true);
                }
            }
        }
    }

    /// Answers a request; nothing follows the last answer on a connection.
    pub fn answer(&mut self, connection: ConnectionId, status: u16, media_type: &str, document: &str, last: bool) {
        if !self.lines.contains_key(&connection) {
            return;
        }
        let reason = match status {
            200 => "OK",
            403 => "Forbidden",
            405 => "Method Not Allowed",
            413 => "Content Too Large",
            431 => "Request Header Fields Too Large",
            501 => "Not Implemented",
            505 => "HTTP Version Not Supported",
            _ => "Bad Request",
        };
        let octets = http::answer(status, reason, media_type, document, last);
        self.outputs.push_back(Output::Send { connection, octets });
        if last {
            self.close(connection);
        }
    }

    fn refused(&mut self, connection: ConnectionId, why: &'static str) {
        if let Some(line) = self.lines.get(&connection) {
            self.told.push_back(Told::Refused { remote: line.remote, why });
        }
    }

    fn close(&mut self, connection: ConnectionId) {
        self.forget(connection);
        self.outputs.push_back(Output::Close { connection });
    }

    fn forget(&mut self, connection: ConnectionId) {
        self.lines.remove(&connection);
        self.idle.set(connection, None);
    }

    /// When [`Administration::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.idle.next()
    }

    /// Closes what is idle.
    pub fn handle_timeout(&mut self, now: Time) {
        for connection in self.idle.due(now) {
            self.close(connection);
        }
    }

    /// The next thing that happened.
    pub fn poll_told(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// The next octets to be moved.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}
