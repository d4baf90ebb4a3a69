//! The document server of the users' preferences, from which the function fetches by XCAP (RFC 4825) over HTTP/1.1
//! (RFC 9110, RFC 9112). What a document says is no matter of this room.
//!
//! There are few connections at a time, each of which is asked one thing after the other. A server that is away, slow, or
//! talks rubbish is given up for a while: whoever asks meanwhile is told at once that nothing can be had.

mod path;
mod response;
#[cfg(test)]
mod tests;

pub use path::{Document, named, path_of};

use crate::config::PreferencesAccess;
use bytes::Bytes;
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::time::Time;
use response::{Reader, Response};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The type of the documents.
pub const MEDIA_TYPE: &str = "application/auth-policy+xml";
/// The most that wait to be asked.
const MOST_WAITING: usize = 4096;
/// The most connections at a time.
const MOST_CONNECTIONS: usize = 8;
/// How long the server may take for an answer, the way there included.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a connection without use is kept.
const IDLE: Duration = Duration::from_secs(30);
/// The wait before a server that failed is asked again; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// Connections are numbered in a range of their own, below that of the message store.
const FIRST_CONNECTION: u64 = 1 << 60;

/// A document that somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The user, by the public identity.
    pub user: String,
    /// Which of the documents about the user.
    pub document: Document,
    /// The entity tag of what is known of it: an answer that nothing has changed will do.
    pub etag: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It says this.
    Says {
        /// Its entity tag.
        etag: Option<String>,
        /// Its octets.
        octets: Bytes,
    },
    /// It is as it was.
    Unchanged,
    /// There is none.
    Absent,
    /// The server is away, or makes no sense.
    Unavailable,
}

struct Asked {
    wanted: Wanted,
    reader: Reader,
}

struct Connection {
    asked: Option<Asked>,
    /// It has answered before: that it closes now is no failure.
    used: bool,
    /// When the server has been silent for too long, or the connection without use.
    due: Time,
}

/// The document server, as the function sees it.
pub struct PreferenceServer {
    access: Option<PreferencesAccess>,
    waiting: VecDeque<Wanted>,
    connections: BTreeMap<ConnectionId, Connection>,
    opened: u64,
    failures: u32,
    /// The server has failed, and is asked again then.
    not_before: Option<Time>,
    outputs: VecDeque<Output>,
    outcomes: VecDeque<(Wanted, Outcome)>,
}

impl PreferenceServer {
    /// The server that the configuration names.
    pub fn new(access: Option<&PreferencesAccess>) -> PreferenceServer {
        PreferenceServer {
            access: access.cloned(),
            waiting: VecDeque::new(),
            connections: BTreeMap::new(),
            opened: 0,
            failures: 0,
            not_before: None,
            outputs: VecDeque::new(),
            outcomes: VecDeque::new(),
        }
    }

    /// Asks for a document. [`PreferenceServer::poll_outcome`] tells what became of it.
    pub fn fetch(&mut self, now: Time, wanted: Wanted) {
        let rests = self.not_before.is_some_and(|then| now < then);
        if self.access.is_none() || rests || self.waiting.len() >= MOST_WAITING {
            return self.outcomes.push_back((wanted, Outcome::Unavailable));
        }
        self.waiting.push_back(wanted);
        self.advance(now);
    }

    /// What became of a document that was asked for.
    pub fn poll_outcome(&mut self) -> Option<(Wanted, Outcome)> {
        self.outcomes.pop_front()
    }

    /// True for what concerns a connection to the server.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Connected { connection, .. }
            | Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => self.connections.contains_key(connection),
            Input::Accepted { .. } | Input::Datagram { .. } => false,
        }
    }

    /// Takes in what came over a connection.
    pub fn receive(&mut self, now: Time, input: Input) {
        match input {
            Input::Received { connection, octets } => self.octets(now, connection, &octets),
            Input::Closed { connection, how } => self.closed(now, connection, how),
            Input::Connected { .. } | Input::Authenticated { .. } | Input::Accepted { .. } | Input::Datagram { .. } => {
            }
        }
        self.advance(now);
    }

    fn octets(&mut self, now: Time, id: ConnectionId, octets: &[u8]) {
        let Some(connection) = self.connections.get_mut(&id) else { return };
        // What nobody asked for is no answer.
        let Some(asked) = &mut connection.asked else { return self.drop_connection(id) };
        match asked.reader.push(octets) {
            Ok(None) => {}
            Ok(Some(response)) => self.answered(now, id, response),
            Err(_) => self.give_up(now, id),
        }
    }

    fn answered(&mut self, now: Time, id: ConnectionId, response: Response) {
        let persists = response.persists;
        let Some(connection) = self.connections.get_mut(&id) else { return };
        let Some(Asked { wanted, .. }) = connection.asked.take() else { return };
        connection.used = true;
        connection.due = now + IDLE;
        if !persists {
            self.drop_connection(id);
        }
        match outcome(&wanted, response) {
            Outcome::Unavailable => self.failed(now, wanted),
            outcome => {
                self.failures = 0;
                self.not_before = None;
                self.outcomes.push_back((wanted, outcome));
            }
        }
    }

    fn closed(&mut self, now: Time, id: ConnectionId, how: Closing) {
        let Some(Connection { asked, used, .. }) = self.connections.remove(&id) else { return };
        let Some(Asked { wanted, reader }) = asked else { return };
        // RFC 9112 section 9.3.1: the server did not wait for the request.
        if used && reader.is_untouched() {
            return self.waiting.push_front(wanted);
        }
        match reader.closed() {
            Ok(response) if how == Closing::Finished => match outcome(&wanted, response) {
                Outcome::Unavailable => self.failed(now, wanted),
                outcome => self.outcomes.push_back((wanted, outcome)),
            },
            _ => self.failed(now, wanted),
        }
    }

    /// The server speaks no sense, or is silent.
    fn give_up(&mut self, now: Time, id: ConnectionId) {
        let asked = self.connections.get_mut(&id).and_then(|connection| connection.asked.take());
        self.drop_connection(id);
        if let Some(Asked { wanted, .. }) = asked {
            self.failed(now, wanted);
        }
    }

    fn drop_connection(&mut self, id: ConnectionId) {
        if self.connections.remove(&id).is_some() {
            self.outputs.push_back(Output::Reset { connection: id });
        }
    }

    /// Nothing can be had: neither this nor what waits. Several that fail for one reason count once.
    fn failed(&mut self, now: Time, wanted: Wanted) {
        if self.not_before.is_none_or(|then| then <= now) {
            self.not_before = Some(now + wait(self.failures));
            self.failures += 1;
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.outcomes.extend([wanted].into_iter().chain(waiting).map(|wanted| (wanted, Outcome::Unavailable)));
    }

    /// Asks for what waits, as far as there are connections to be had.
    fn advance(&mut self, now: Time) {
        let Some(access) = &self.access else { return };
        while !self.waiting.is_empty() {
            let free = self.connections.iter().find(|(_, connection)| connection.asked.is_none());
            let id = match free.map(|(id, _)| *id) {
                Some(id) => id,
                None if self.connections.len() < MOST_CONNECTIONS => {
                    self.opened += 1;
                    let id = ConnectionId::opened(FIRST_CONNECTION + self.opened);
                    self.outputs.push_back(Output::Connect { connection: id, remote: access.root.address });
                    self.connections.insert(id, Connection { asked: None, used: false, due: now });
                    id
                }
                None => return,
            };
            let (Some(wanted), Some(connection)) = (self.waiting.pop_front(), self.connections.get_mut(&id)) else {
                return;
            };
            self.outputs.push_back(Output::Send { connection: id, octets: path::request(access, &wanted) });
            connection.asked = Some(Asked { wanted, reader: Reader::default() });
            connection.due = now + PATIENCE;
        }
    }

    /// When [`PreferenceServer::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.connections.values().map(|connection| connection.due).min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, now: Time) {
        let due = self.connections.iter().filter(|(_, connection)| connection.due <= now);
        for id in due.map(|(id, _)| *id).collect::<Vec<_>>() {
            match self.connections.get(&id).is_some_and(|connection| connection.asked.is_some()) {
                true => self.give_up(now, id),
                false => {
                    self.connections.remove(&id);
                    self.outputs.push_back(Output::Close { connection: id });
                }
            }
        }
        self.advance(now);
    }

    /// The next octets to be moved.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}

/// What a response says of a document.
fn outcome(wanted: &Wanted, response: Response) -> Outcome {
    match response.status {
        200 if response.content_type == MEDIA_TYPE => Outcome::Says { etag: response.etag, octets: response.body },
        304 if wanted.etag.is_some() => Outcome::Unchanged,
        404 | 410 => Outcome::Absent,
        _ => Outcome::Unavailable,
    }
}

/// How long to wait after so many failures.
fn wait(failures: u32) -> Duration {
    FIRST_WAIT.saturating_mul(1 << failures.min(10)).min(LONGEST_WAIT)
}
