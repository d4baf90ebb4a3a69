//! The message store of the served users (OMA-TS-CPM_MessageStorage), to which the function appends objects by
//! IMAP4rev1 (RFC 3501) on behalf of a user: into the folder of the conversation, there into that of the session.
//!
//! One connection at a time, authenticated for one user; objects wait in one bounded queue, and leave it when the store
//! has acknowledged them. A store that is away is tried again, later each time; messaging never waits for it. What
//! waits is not kept over a restart.

mod folder;
mod object;
mod session;
#[cfg(test)]
mod tests;

pub use object::Heading;

use crate::config::MessageStoreAccess;
use bytes::Bytes;
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::time::Time;
use session::{Outcome, Session};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// The most objects that wait.
const MOST_WAITING: usize = 4096;
/// The most octets that wait.
const MOST_OCTETS: usize = 32 * 1024 * 1024;
/// How often the store may refuse an object before it is given up.
const MOST_REFUSALS: u32 = 3;
/// How long the store may be silent while something is asked of it, and how long a connection without use is kept.
const SILENCE: Duration = Duration::from_secs(30);
/// The wait before the second try; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Connections are numbered in a range of their own: that of MSRP begins below, those of SIP above.
const FIRST_CONNECTION: u64 = 1 << 61;

/// An object that waits for the store.
#[derive(Debug)]
struct Waiting {
    user: String,
    conversation: String,
    contribution: String,
    object: Bytes,
    refusals: u32,
}

struct Link {
    connection: ConnectionId,
    user: String,
    session: Session,
    /// The front of the queue is being stored.
    storing: bool,
    leaving: bool,
    due: Time,
}

/// The message store, as the function sees it.
pub struct MessageStore {
    access: Option<Access>,
    waiting: VecDeque<Waiting>,
    octets: usize,
    link: Option<Link>,
    failures: u32,
    not_before: Option<Time>,
    connections: u64,
    outputs: VecDeque<Output>,
}

struct Access {
    address: SocketAddr,
    user: String,
    password: String,
}

impl MessageStore {
    /// The store that the configuration names; without one nothing is kept.
    pub fn new(access: Option<&MessageStoreAccess>) -> MessageStore {
        let access = access.map(|access| Access {
            address: access.address,
            user: access.user.clone(),
            password: access.password(),
        });
        MessageStore {
            access,
            waiting: VecDeque::new(),
            octets: 0,
            link: None,
            failures: 0,
            not_before: None,
            connections: 0,
            outputs: VecDeque::new(),
        }
    }

    /// True when there is a store at all.
    pub fn exists(&self) -> bool {
        self.access.is_some()
    }

    /// Has an object stored for a user, a public identity, in the folder of a session. False when it cannot be: there is
    /// no store, or too much waits for it already.
    pub fn append(&mut self, now: Time, user: &str, conversation: &str, contribution: &str, object: Bytes) -> bool {
        let octets = self.octets.saturating_add(object.len());
        let fits = self.waiting.len() < MOST_WAITING && octets <= MOST_OCTETS;
        if self.access.is_none() || !fits || object.contains(&0) {
            return false;
        }
        self.octets = octets;
        self.waiting.push_back(Waiting {
            user: user.to_owned(),
            conversation: conversation.to_owned(),
            contribution: contribution.to_owned(),
            object,
            refusals: 0,
        });
        self.advance(now);
        true
    }

    /// How many objects wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// True for what concerns the connection to the store.
    pub fn owns(&self, input: &Input) -> bool {
        let connection = match input {
            Input::Connected { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => connection,
            Input::Accepted { .. } | Input::Datagram { .. } => return false,
        };
        self.link.as_ref().is_some_and(|link| link.connection == *connection)
    }

    /// Takes in what came over the connection.
    pub fn receive(&mut self, now: Time, input: Input) {
        match input {
            Input::Received { octets, .. } => self.octets(now, &octets),
            Input::Closed { .. } => self.closed(now),
            Input::Connected { .. } | Input::Accepted { .. } | Input::Datagram { .. } => {}
        }
        self.advance(now);
    }

    fn octets(&mut self, now: Time, octets: &[u8]) {
        let Some(link) = &mut self.link else { return };
        link.due = now + SILENCE;
        link.session.receive(octets);
        while let Some(outcome) = self.link.as_mut().and_then(|link| link.session.poll_outcome()) {
            match outcome {
                Outcome::Stored => self.stored(),
                Outcome::Refused { for_ever } => self.refused(now, for_ever),
                Outcome::Broken => self.give_up(now),
            }
        }
    }

    fn stored(&mut self) {
        self.drop_front();
        self.failures = 0;
        self.not_before = None;
    }

    fn refused(&mut self, now: Time, for_ever: bool) {
        if let Some(link) = &mut self.link {
            link.storing = false;
        }
        let Some(front) = self.waiting.front_mut() else { return };
        front.refusals += 1;
        if for_ever || front.refusals >= MOST_REFUSALS {
            self.drop_front();
        } else {
            self.wait(now);
        }
    }

    fn drop_front(&mut self) {
        if let Some(link) = &mut self.link {
            link.storing = false;
        }
        if let Some(gone) = self.waiting.pop_front() {
            self.octets -= gone.object.len();
        }
    }

    /// The store speaks no sense, is silent, or lets nobody in.
    fn give_up(&mut self, now: Time) {
        if let Some(link) = self.link.take() {
            self.outputs.push_back(Output::Reset { connection: link.connection });
            self.wait(now);
        }
    }

    fn closed(&mut self, now: Time) {
        if self.link.take().is_some_and(|link| !link.leaving) {
            self.wait(now);
        }
    }

    fn wait(&mut self, now: Time) {
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(10)).min(LONGEST_WAIT);
        self.failures += 1;
        self.not_before = Some(now + wait);
    }

    /// Does the next thing, when there is one and nothing is in its way.
    fn advance(&mut self, now: Time) {
        if self.not_before.is_some_and(|then| now < then) {
            return self.flush();
        }
        match (&mut self.link, self.waiting.front()) {
            (None, Some(next)) => {
                let user = next.user.clone();
                self.connect(now, user);
            }
            (Some(link), Some(next)) if link.session.is_idle() && !link.storing && !link.leaving => {
                link.due = now + SILENCE;
                if link.user == next.user {
                    link.storing = true;
                    link.session.store(&next.conversation, &next.contribution, next.object.clone());
                } else {
                    link.leaving = true;
                    link.session.log_out();
                }
            }
            _ => {}
        }
        self.flush();
    }

    fn connect(&mut self, now: Time, user: String) {
        let Some(access) = &self.access else { return };
        self.connections += 1;
        let connection = ConnectionId::opened(FIRST_CONNECTION + self.connections);
        let session = Session::new(login(&access.user, &user), access.password.clone());
        let due = now + SILENCE;
        self.link = Some(Link { connection, user, session, storing: false, leaving: false, due });
        self.outputs.push_back(Output::Connect { connection, remote: access.address });
    }

    fn flush(&mut self) {
        let Some(link) = &mut self.link else { return };
        while let Some(octets) = link.session.poll_octets() {
            self.outputs.push_back(Output::Send { connection: link.connection, octets });
        }
    }

    /// When [`MessageStore::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let next_try = self.not_before.filter(|_| !self.waiting.is_empty());
        self.link.as_ref().map(|link| link.due).into_iter().chain(next_try).min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, now: Time) {
        self.not_before = self.not_before.filter(|then| now < *then);
        if let Some(link) = self.link.as_mut().filter(|link| link.due <= now) {
            if link.session.is_idle() && !link.leaving {
                link.leaving = true;
                link.due = now + SILENCE;
                link.session.log_out();
            } else {
                self.give_up(now);
            }
        }
        self.advance(now);
    }

    /// The next octets to be moved.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}

/// The name to log in with: the function's own, in which `{user}` stands for the user on whose behalf it acts.
fn login(template: &str, user: &str) -> String {
    let user = user.split_once(':').map_or(user, |(_, rest)| rest);
    template.replace("{user}", user)
}
