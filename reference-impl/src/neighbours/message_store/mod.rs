//! The message store of the served users (OMA-TS-CPM_MessageStorage), to which the function appends objects by
//! IMAP4rev1 (RFC 3501) on behalf of a user: into the folder of the conversation, there into that of the session.
//!
//! Each user has a connection of its own, of which there are few at a time; objects wait in a bounded queue, and leave it
//! when the store has acknowledged them. A store that is away is tried again, later each time; messaging never waits for
//! it. What is to be kept for good waits on the disk, too, until the store has it; group states wait in memory alone.

mod account;
mod folder;
mod object;
mod session;
#[cfg(test)]
mod tests;

pub use object::{Heading, base64, encoded, plain};

use crate::config::MessageStoreAccess;
use crate::store::HistoryRecord;
use crate::trouble;
use account::{Account, Link, Waiting};
use bytes::Bytes;
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::time::Time;
use session::Session;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// The most objects that wait.
const MOST_WAITING: usize = 4096;
/// The most octets that wait.
const MOST_OCTETS: usize = 32 * 1024 * 1024;
/// The most objects that wait and are on the disk; one more takes the place of the oldest.
const MOST_KEPT: usize = 1_000_000;
/// The most connections at a time.
const MOST_CONNECTIONS: usize = 64;
/// How long the store may be silent while something is asked of it, and how long a connection without use is kept.
const SILENCE: Duration = Duration::from_secs(30);
/// The wait before the second try; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Connections are numbered in a range of their own: that of MSRP begins below, those of SIP above.
const FIRST_CONNECTION: u64 = 1 << 61;

struct Access {
    address: SocketAddr,
    user: String,
    password: String,
}

/// The message store, as the function sees it.
pub struct MessageStore {
    access: Option<Access>,
    /// By the public identity of the user.
    accounts: BTreeMap<String, Account>,
    /// The longest wait before it is tried again.
    longest_wait: Duration,
    /// How many of those that wait are on the disk.
    kept: usize,
    /// Those that are on the disk and need not be any more.
    settled: VecDeque<u64>,
    users: HashMap<ConnectionId, String>,
    waiting: usize,
    octets: usize,
    /// How many objects there were.
    objects: u64,
    failures: u32,
    /// The store could not be reached, and is tried again then.
    not_before: Option<Time>,
    connections: u64,
    outputs: VecDeque<Output>,
}

impl MessageStore {
    /// The store that the configuration names; without one nothing is kept.
    pub fn new(access: Option<&MessageStoreAccess>, longest_wait: Duration) -> MessageStore {
        let access = access.map(|access| Access {
            address: access.address,
            user: access.user.clone(),
            password: access.password(),
        });
        MessageStore {
            access,
            accounts: BTreeMap::new(),
            longest_wait,
            kept: 0,
            settled: VecDeque::new(),
            users: HashMap::new(),
            waiting: 0,
            octets: 0,
            objects: 0,
            failures: 0,
            not_before: None,
            connections: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Has an object stored for a user, a public identity, in the folder of a session. False when it cannot be: there is
    /// no store, or too much waits for it already.
    pub fn append(&mut self, now: Time, user: &str, conversation: &str, contribution: &str, object: Bytes) -> bool {
        let octets = self.octets.saturating_add(object.len());
        let fits = self.waiting < MOST_WAITING && octets <= MOST_OCTETS;
        if self.access.is_none() || !fits || object.contains(&0) {
            return false;
        }
        let (conversation, contribution) = (conversation.to_owned(), contribution.to_owned());
        self.wait_for(now, user, Waiting { number: 0, kept: None, conversation, contribution, object, refusals: 0 });
        true
    }

    /// Has an object stored that is on the disk until then: [`MessageStore::poll_settled`] names it when it need not be there
    /// any more.
    pub fn keep(&mut self, now: Time, record: HistoryRecord) {
        if self.access.is_none() || record.object.contains(&0) {
            return self.settled.push_back(record.id);
        }
        if self.kept >= MOST_KEPT {
            self.drop_oldest();
        }
        self.kept += 1;
        let HistoryRecord { id, user, conversation, contribution, object } = record;
        let waiting = Waiting { number: 0, kept: Some(id), conversation, contribution, object, refusals: 0 };
        self.wait_for(now, &user, waiting);
    }

    fn wait_for(&mut self, now: Time, user: &str, waiting: Waiting) {
        self.waiting += 1;
        self.octets = self.octets.saturating_add(waiting.object.len());
        self.objects += 1;
        let account = self.accounts.entry(user.to_owned()).or_default();
        account.waiting.push_back(Waiting { number: self.objects, ..waiting });
        self.advance(now);
    }

    /// What has waited longest makes room.
    fn drop_oldest(&mut self) {
        let first = |account: &&mut Account| account.oldest().map_or(u64::MAX, |waiting| waiting.number);
        let oldest = self.accounts.values_mut().min_by_key(first).and_then(Account::take_oldest);
        if let Some(oldest) = oldest {
            trouble::tell(format_args!("message store: an object is dropped, since {MOST_KEPT} wait"));
            self.gone(&oldest);
        }
    }

    fn gone(&mut self, gone: &Waiting) {
        self.waiting -= 1;
        self.octets -= gone.object.len();
        if let Some(number) = gone.kept {
            self.kept -= 1;
            self.settled.push_back(number);
        }
    }

    /// The next object that need not be on the disk any more.
    pub fn poll_settled(&mut self) -> Option<u64> {
        self.settled.pop_front()
    }

    /// How many objects wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// True for what concerns a connection to the store.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Connected { connection, .. }
            | Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => self.users.contains_key(connection),
            Input::Accepted { .. } | Input::Datagram { .. } => false,
        }
    }

    /// Takes in what came over a connection.
    pub fn receive(&mut self, now: Time, input: Input) {
        match input {
            Input::Received { connection, octets } => self.octets(now, connection, &octets),
            Input::Closed { connection, .. } => self.closed(now, connection),
            Input::Connected { .. } | Input::Authenticated { .. } | Input::Accepted { .. } | Input::Datagram { .. } => {
            }
        }
        self.advance(now);
    }

    fn octets(&mut self, now: Time, connection: ConnectionId, octets: &[u8]) {
        let Some(account) = self.users.get(&connection).and_then(|user| self.accounts.get_mut(user)) else { return };
        let heard = account.octets(now, octets, self.longest_wait);
        heard.gone.iter().for_each(|gone| self.gone(gone));
        if heard.locked_out {
            self.outputs.push_back(Output::Reset { connection });
            self.forget(connection);
            return;
        }
        if heard.stored {
            self.failures = 0;
            self.not_before = None;
        }
        if heard.broken {
            self.give_up(now, connection);
        }
    }

    /// The store speaks no sense, or is silent.
    fn give_up(&mut self, now: Time, connection: ConnectionId) {
        self.outputs.push_back(Output::Reset { connection });
        self.forget(connection);
        self.failed(now);
    }

    fn closed(&mut self, now: Time, connection: ConnectionId) {
        if self.forget(connection).is_some_and(|link| !link.leaving) {
            self.failed(now);
        }
    }

    fn forget(&mut self, connection: ConnectionId) -> Option<Link> {
        let user = self.users.remove(&connection)?;
        self.accounts.get_mut(&user)?.link.take()
    }

    /// Several connections may fail for one reason: that counts once.
    fn failed(&mut self, now: Time) {
        if self.not_before.is_none_or(|then| then <= now) {
            self.not_before = Some(now + wait(self.failures, self.longest_wait));
            self.failures += 1;
        }
    }

    /// Does whatever nothing is in the way of.
    fn advance(&mut self, now: Time) {
        self.not_before = self.not_before.filter(|then| now < *then);
        let mut lacking = Vec::new();
        for (user, account) in &mut self.accounts {
            account.advance(now);
            let waits = account.waiting.front().filter(|_| account.link.is_none() && account.not_before.is_none());
            lacking.extend(waits.map(|first| (first.number, user.clone())));
        }
        if self.not_before.is_none() {
            // Who has waited longest comes first.
            lacking.sort();
            lacking.into_iter().for_each(|(_, user)| self.connect(now, user));
        }
        self.accounts.retain(|_, account| !account.is_over());
        self.flush();
    }

    /// Opens a connection in the name of a user; when there are too many, one that nobody needs goes first.
    fn connect(&mut self, now: Time, user: String) {
        let Some(access) = &self.access else { return };
        if self.users.len() >= MOST_CONNECTIONS {
            self.accounts.values_mut().any(|account| account.make_room(now));
            return;
        }
        self.connections += 1;
        let connection = ConnectionId::opened(FIRST_CONNECTION + self.connections);
        let session = Session::new(login(&access.user, &user), access.password.clone());
        self.outputs.push_back(Output::Connect { connection, remote: access.address });
        if let Some(account) = self.accounts.get_mut(&user) {
            account.link = Some(Link::new(now, connection, session));
            self.users.insert(connection, user);
        }
    }

    fn flush(&mut self) {
        for link in self.accounts.values_mut().filter_map(|account| account.link.as_mut()) {
            while let Some(octets) = link.session.poll_octets() {
                self.outputs.push_back(Output::Send { connection: link.connection, octets });
            }
        }
    }

    /// When [`MessageStore::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let next_try = self.not_before.filter(|_| self.waiting > 0);
        self.accounts.values().filter_map(Account::due).chain(next_try).min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, now: Time) {
        let silent = self.accounts.values_mut().filter_map(|account| {
            let silent = account.is_silent(now);
            account.link.as_ref().filter(|_| silent).map(|link| link.connection)
        });
        for connection in silent.collect::<Vec<_>>() {
            self.give_up(now, connection);
        }
        self.advance(now);
    }

    /// The next octets to be moved.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}

/// How long to wait after so many failures.
fn wait(failures: u32, longest: Duration) -> Duration {
    FIRST_WAIT.saturating_mul(1 << failures.min(10)).min(longest)
}

/// The name to log in with: the function's own, in which `{user}` stands for the user on whose behalf it acts.
fn login(template: &str, user: &str) -> String {
    let user = user.split_once(':').map_or(user, |(_, rest)| rest);
    template.replace("{user}", user)
}
