//! The charging server: records go to it over Rf (base accounting of RFC 6733, TS 32.299), questions about credit over Ro
//! (RFC 8506), both over one connection that the function opens when there is something to be said. What is in them is
//! decided in [`charging`](crate::functions::charging).
//!
//! Records wait until the server has them. A question waits for Tx, and gets no answer where the server is away.

mod records;

use crate::config::ChargingAccess;
use bytes::Bytes;
use cpm_wire::diameter::dictionary::{DESTINATION_HOST, DESTINATION_REALM, RESULT_CODE, SESSION_ID};
use cpm_wire::diameter::peer::{Cause, Event, Identity, Peer};
use cpm_wire::diameter::{Builder, Message, command, result};
use cpm_wire::io::{ConnectionId, Input, Output};
use cpm_wire::time::Time;
use records::{Due, Records};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// What the function calls itself.
const PRODUCT: &str = "cpm-reference";
/// How long a connection may take to open.
const CONNECTING: Duration = Duration::from_secs(5);
/// The wait before a server that could not be reached is tried again for what waits; each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(4);
/// Connections are numbered in a range of their own, below that of the document server.
const FIRST_CONNECTION: u64 = 1 << 59;

/// What the server has said.
#[derive(Debug)]
pub enum Told {
    /// This record need not be kept any more: the server has it, or will not have it ever.
    Done(u64),
    /// The answer to a question; none when there was none in time.
    Answer(u64, Option<Message>),
    /// The server asks something about a session, to be answered by [`ChargingServer::answer`].
    Asked(Message),
}

struct Access {
    config: ChargingAccess,
    identity: Arc<Identity>,
    realm: String,
}

struct Link {
    connection: ConnectionId,
    /// There is one once the connection is open.
    peer: Option<Peer>,
    /// When it is given up if it is not open.
    due: Time,
}

struct Question {
    message: Message,
    due: Time,
    sent: Option<u32>,
}

/// The charging server, as the function sees it.
pub struct ChargingServer {
    access: Option<Access>,
    link: Option<Link>,
    records: Records,
    questions: BTreeMap<u64, Question>,
    by_number: HashMap<u32, u64>,
    last: u64,
    /// Numbers of the messages, end to end, and of the sessions.
    messages: u32,
    sessions: u64,
    failures: u32,
    /// The server could not be reached, and is tried again then.
    not_before: Option<Time>,
    connections: u64,
    /// The function leaves: nothing is opened any more.
    leaves: bool,
    outputs: VecDeque<Output>,
    told: VecDeque<Told>,
}

impl ChargingServer {
    /// The server that the configuration names; without one nothing is charged. `seed` decides the numbers.
    pub fn new(access: Option<&ChargingAccess>, domain: &str, seed: u64) -> ChargingServer {
        let access = access.cloned().map(|config| {
            let host = config.origin_host.clone().unwrap_or_else(|| format!("pf.{domain}"));
            let realm = config.origin_realm.as_deref().unwrap_or(domain);
            let identity = Arc::new(Identity::charging(&host, realm, PRODUCT));
            let realm = config.destination_realm.clone().unwrap_or_else(|| domain.to_owned());
            Access { config, identity, realm }
        });
        let [a, b, c, d, rest @ ..] = seed.to_be_bytes();
        ChargingServer {
            access,
            link: None,
            records: Records::default(),
            questions: BTreeMap::new(),
            by_number: HashMap::new(),
            last: 0,
            messages: u32::from_be_bytes([a, b, c, d]),
            sessions: u64::from(u32::from_be_bytes(rest)),
            failures: 0,
            not_before: None,
            connections: 0,
            leaves: false,
            outputs: VecDeque::new(),
            told: VecDeque::new(),
        }
    }

    /// A new Session-Id (RFC 6733 section 8.8): the time in it keeps those of a function that starts anew apart.
    pub fn session_id(&mut self, now: Time) -> String {
        self.sessions += 1;
        let host = self.access.as_ref().map_or("", |access| access.identity.host.as_str());
        format!("{host};{};{}", seconds(now), self.sessions & u64::from(u32::MAX))
    }

    /// A request of this session to the server, to be filled. Its End-to-End Identifier holds the time (RFC 6733 section 3).
    pub fn request(&mut self, now: Time, command: u32, application: u32, session: &str) -> Builder {
        self.messages = self.messages.wrapping_add(1);
        let end_to_end = (seconds(now) & 0xFFF) << 20 | self.messages & 0x000F_FFFF;
        let request = Message::request(command, application).proxiable().identifiers(0, end_to_end);
        let request = request.avp(&SESSION_ID, session);
        let Some(access) = &self.access else { return request };
        let request = access.identity.sign(request).avp(&DESTINATION_REALM, access.realm.as_str());
        let host = access.config.destination_host.as_deref();
        host.into_iter().fold(request, |request, host| request.avp(&DESTINATION_HOST, host))
    }

    /// The answer to what the server asked, to be filled.
    pub fn reply(&self, request: &Message, result: u32) -> Builder {
        let answer = request.answer().avp(&RESULT_CODE, result);
        self.access.iter().fold(answer, |answer, access| access.identity.sign(answer))
    }

    /// Has the server told this record. False where too many wait already. [`Told::Done`] tells when it need not be kept.
    pub fn record(&mut self, now: Time, id: u64, record: Message) -> bool {
        let Some(access) = &self.access else { return false };
        if self.records.count() >= access.config.max_queued {
            return false;
        }
        self.records.push(now, id, record, false);
        self.advance(now);
        true
    }

    /// Records that were there before a restart, by their names.
    pub fn restore(&mut self, records: impl IntoIterator<Item = (u64, Message)>) {
        for (id, record) in records {
            self.records.push(Time::ZERO, id, record, true);
            self.not_before = Some(Time::ZERO);
        }
    }

    /// Asks the server. [`Told::Answer`] with the name that this gives tells the answer.
    pub fn ask(&mut self, now: Time, message: Message) -> u64 {
        self.last += 1;
        let tx = self.access.as_ref().map(|access| access.config.tx).unwrap_or_default();
        self.questions.insert(self.last, Question { message, due: now + tx, sent: None });
        // Somebody waits: whether the server is there again is found out now.
        self.not_before = None;
        self.advance(now);
        self.last
    }

    /// Answers what the server asked.
    pub fn answer(&mut self, answer: &Message) {
        if let Some(peer) = self.link.as_mut().and_then(|link| link.peer.as_mut()) {
            peer.answer(answer);
        }
        self.flush();
    }

    /// The function leaves, and says so (RFC 6733 section 5.4).
    pub fn part(&mut self, now: Time) {
        self.leaves = true;
        if let Some(peer) = self.link.as_mut().and_then(|link| link.peer.as_mut()) {
            peer.part(now, Cause::Rebooting);
        }
        self.flush();
        self.peer_events(now);
    }

    /// True once nothing goes to the server any more.
    pub fn has_parted(&self) -> bool {
        self.link.as_ref().is_none_or(|link| link.peer.is_none())
    }

    /// How many records wait.
    pub fn waiting(&self) -> usize {
        self.records.count()
    }

    /// What the server has said next.
    pub fn poll_told(&mut self) -> Option<Told> {
        self.told.pop_front()
    }

    /// True for what concerns the connection to the server.
    pub fn owns(&self, input: &Input) -> bool {
        let own = self.link.as_ref().map(|link| link.connection);
        match input {
            Input::Connected { connection, .. }
            | Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => own == Some(*connection),
            Input::Accepted { .. } | Input::Datagram { .. } => false,
        }
    }

    /// Takes in what came over the connection.
    pub fn receive(&mut self, now: Time, input: Input) {
        match input {
            Input::Connected { local, .. } => self.connected(now, local.ip()),
            Input::Received { octets, .. } => self.octets(now, octets),
            Input::Closed { .. } => self.lost(now),
            Input::Authenticated { .. } | Input::Accepted { .. } | Input::Datagram { .. } => {}
        }
        self.advance(now);
    }

    fn connected(&mut self, now: Time, local: std::net::IpAddr) {
        // Requests of one connection are not taken for those of another.
        let first = self.messages.rotate_left(16);
        if let (Some(access), Some(link)) = (&self.access, &mut self.link) {
            link.peer = Some(Peer::opened(now, Arc::clone(&access.identity), local, first));
        }
    }

    fn octets(&mut self, now: Time, octets: Bytes) {
        let Some(peer) = self.link.as_mut().and_then(|link| link.peer.as_mut()) else { return };
        peer.receive(now, octets);
        self.peer_events(now);
    }

    fn peer_events(&mut self, now: Time) {
        while let Some(event) = self.link.as_mut().and_then(|link| link.peer.as_mut()?.poll_event()) {
            match event {
                Event::Open(_) => (self.failures, self.not_before) = (0, None),
                Event::Answer(number, answer) => self.answered(now, number, answer),
                Event::Request(request) => self.asked(request),
                Event::Over(_) => {
                    self.flush();
                    if let Some(link) = &self.link {
                        self.outputs.push_back(Output::Close { connection: link.connection });
                    }
                    self.lost(now);
                }
            }
        }
    }

    fn answered(&mut self, now: Time, number: u32, answer: Message) {
        if let Some(question) = self.by_number.remove(&number) {
            self.questions.remove(&question);
            self.told.push_back(Told::Answer(question, Some(answer)));
        } else if let Some(record) = self.records.answered(now, number, answer.result()) {
            self.told.push_back(Told::Done(record));
        }
    }

    fn asked(&mut self, request: Message) {
        match request.header().command {
            command::RE_AUTH | command::ABORT_SESSION => self.told.push_back(Told::Asked(request)),
            _ => {
                let refusal = self.reply(&request, result::COMMAND_UNSUPPORTED).error().build();
                refusal.iter().for_each(|refusal| self.answer(refusal));
            }
        }
    }

    /// The connection is gone, or could not be had: who waits for an answer gets none.
    fn lost(&mut self, now: Time) {
        if self.link.take().is_none() {
            return;
        }
        let wait = FIRST_WAIT.saturating_mul(1 << self.failures.min(10)).min(LONGEST_WAIT);
        self.not_before = Some(now + wait);
        self.failures += 1;
        self.by_number.clear();
        self.records.disconnected(now);
        let unanswered = std::mem::take(&mut self.questions).into_keys();
        self.told.extend(unanswered.map(|question| Told::Answer(question, None)));
    }

    /// Does whatever nothing is in the way of.
    fn advance(&mut self, now: Time) {
        self.not_before = self.not_before.filter(|then| now < *then);
        let waits = self.records.count() > 0 || !self.questions.is_empty();
        if self.link.is_none() && self.not_before.is_none() && waits && !self.leaves {
            self.connect(now);
        }
        let Some(peer) = self.link.as_mut().and_then(|link| link.peer.as_mut()) else { return };
        for (name, question) in self.questions.iter_mut().filter(|(_, question)| question.sent.is_none()) {
            question.sent = peer.request(&question.message);
            self.by_number.extend(question.sent.map(|number| (number, *name)));
        }
        while peer.is_open()
            && let Some(Due { line, record }) = self.records.poll_due(now)
            && let Some(number) = peer.request(&record)
        {
            self.records.sent(now, line, number);
        }
        self.flush();
    }

    fn connect(&mut self, now: Time) {
        let Some(access) = &self.access else { return };
        self.connections += 1;
        let connection = ConnectionId::opened(FIRST_CONNECTION + self.connections);
        self.outputs.push_back(Output::Connect { connection, remote: access.config.server });
        self.link = Some(Link { connection, peer: None, due: now + CONNECTING });
    }

    fn flush(&mut self) {
        let Some(link) = &mut self.link else { return };
        while let Some(octets) = link.peer.as_mut().and_then(Peer::poll_octets) {
            self.outputs.push_back(Output::Send { connection: link.connection, octets });
        }
    }

    /// When [`ChargingServer::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let questions = self.questions.values().map(|question| question.due).min();
        let link = match &self.link {
            Some(Link { peer: Some(peer), .. }) if peer.is_open() => {
                peer.poll_timeout().into_iter().chain(self.records.poll_timeout()).min()
            }
            Some(Link { peer: Some(peer), .. }) => peer.poll_timeout(),
            Some(link) => Some(link.due),
            None => self.not_before.filter(|_| self.records.count() > 0),
        };
        questions.into_iter().chain(link).min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, now: Time) {
        self.overdue(now);
        match &mut self.link {
            Some(Link { peer: Some(peer), .. }) => {
                self.records.handle_timeout(now).into_iter().for_each(|number| peer.forget(number));
                peer.handle_timeout(now);
                self.peer_events(now);
            }
            Some(link) if link.due <= now => {
                self.outputs.push_back(Output::Reset { connection: link.connection });
                self.lost(now);
            }
            _ => {}
        }
        self.advance(now);
    }

    /// Questions that have waited for Tx.
    fn overdue(&mut self, now: Time) {
        let late = self.questions.iter().filter(|(_, question)| question.due <= now).map(|(name, _)| *name);
        for name in late.collect::<Vec<_>>() {
            if let Some(number) = self.questions.remove(&name).and_then(|question| question.sent) {
                self.by_number.remove(&number);
                if let Some(peer) = self.link.as_mut().and_then(|link| link.peer.as_mut()) {
                    peer.forget(number);
                }
            }
            self.told.push_back(Told::Answer(name, None));
        }
    }

    /// The next octets to be moved.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
}

/// Seconds since 1970, as far as 32 bits hold them.
fn seconds(now: Time) -> u32 {
    ((now.as_nanos() / 1_000_000_000) & u64::from(u32::MAX)) as u32
}
