//! The MSRP side of the function: one listener, the sessions at it, and the connections that carry them (RFC 4975,
//! RFC 6135).
//!
//! A session belongs to an owner, who answers each complete message by its reply. A request finds its session by the
//! identifier in its To-Path, and binds the session to the connection that it came over.

use super::Owner;
use super::schedule::Schedule;
use bytes::Bytes;
use cpm_wire::io::{self, ConnectionId};
use cpm_wire::msrp::{self, FailureReport, MsrpUri};
use cpm_wire::msrp_session::{Config, Outgoing, Reply, Session, SessionEvent, SessionOutput};
use cpm_wire::offer_answer::Role;
use cpm_wire::time::Time;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// Names a media session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaId(u64);

/// What happened to a media session.
#[derive(Debug)]
pub enum MediaEvent {
    /// The session is bound to a connection: messages can be sent.
    Ready,
    /// A message is complete, and waits for its answer.
    Received(Box<Received>),
    /// A message that was sent is answered, or was not in time.
    Answered {
        /// Its Message-ID.
        message_id: String,
        /// The status; none when nothing came.
        status: Option<u16>,
    },
    /// The connection broke or was closed by the peer. The session can be closed, or started anew.
    Lost,
}

/// A complete message.
#[derive(Debug)]
pub struct Received {
    /// Over which session.
    pub media: MediaId,
    /// Its Message-ID.
    pub message_id: String,
    /// Content-Type.
    pub content_type: String,
    /// The octets.
    pub octets: Bytes,
    /// True when a report of success was asked for.
    pub success_report: bool,
    /// For the answer.
    pub reply: Reply,
}

struct Hosted {
    owner: Owner,
    session_id: String,
    local_path: String,
    config: Config,
    session: Option<Session>,
    connection: Option<ConnectionId>,
    early: Vec<(ConnectionId, msrp::Message)>,
}

struct Link {
    framer: msrp::Framer,
    carries: HashSet<MediaId>,
}

/// All media sessions.
pub struct Media {
    local: SocketAddr,
    sessions: HashMap<MediaId, Hosted>,
    by_session_id: HashMap<String, MediaId>,
    links: HashMap<ConnectionId, Link>,
    /// When connections that carry no session are closed.
    idle: Schedule<ConnectionId>,
    due: Schedule<MediaId>,
    events: VecDeque<(MediaId, Owner, MediaEvent)>,
    outputs: VecDeque<io::Output>,
    last: u64,
}

/// A connection that carries no session is closed after this time.
const IDLE: Duration = Duration::from_secs(30);
/// The most connections that carry no session; one more is closed at once.
const MOST_IDLE: usize = 1024;
/// Requests that came before the answer to the own offer, at most.
const MOST_EARLY: usize = 64;

impl Media {
    /// The MSRP side at `local`.
    pub fn new(local: SocketAddr) -> Media {
        Media {
            local,
            sessions: HashMap::new(),
            by_session_id: HashMap::new(),
            links: HashMap::new(),
            idle: Schedule::default(),
            due: Schedule::default(),
            events: VecDeque::new(),
            outputs: VecDeque::new(),
            last: 0,
        }
    }

    /// The own address.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Makes a session whose peer is not known yet.
    pub fn open(&mut self, owner: Owner, session_id: String, config: Config) -> MediaId {
        self.last += 1;
        let id = MediaId(self.last);
        let local_path = format!("msrp://{}/{session_id};tcp", self.local);
        self.by_session_id.insert(session_id.clone(), id);
        let hosted =
            Hosted { owner, session_id, local_path, config, session: None, connection: None, early: Vec::new() };
        self.sessions.insert(id, hosted);
        id
    }

    /// The path of a session.
    pub fn path(&self, id: MediaId) -> Option<&str> {
        self.sessions.get(&id).map(|hosted| hosted.local_path.as_str())
    }

    /// The peer is known: connects to it, or waits for it.
    pub fn start(&mut self, now: Time, id: MediaId, remote_path: Vec<String>, role: Role) {
        let Some(hosted) = self.sessions.get_mut(&id) else { return };
        let next = remote_path.first().and_then(|uri| address_of(uri));
        hosted.session = Some(Session::new(&hosted.local_path, remote_path, hosted.config.clone()));
        let early = std::mem::take(&mut hosted.early);
        if role == Role::Connect && hosted.connection.is_none() {
            match next {
                Some(remote) => self.connect(now, id, remote),
                None => self.tell(id, MediaEvent::Lost),
            }
        }
        for (connection, request) in early {
            self.request(now, connection, id, request);
        }
    }

    fn connect(&mut self, now: Time, id: MediaId, remote: SocketAddr) {
        self.last += 1;
        let connection = ConnectionId::opened(self.last);
        self.outputs.push_back(io::Output::Connect { connection, remote });
        self.links.insert(connection, Link { framer: msrp::Framer::default(), carries: HashSet::new() });
        self.bind(id, connection);
        if let Some(session) = self.sessions.get_mut(&id).and_then(|hosted| hosted.session.as_mut()) {
            // RFC 4975 section 5.4: the side that connects sends at once, so that the peer knows whose connection it is.
            session.send_bodiless(now);
        }
        self.flush(id);
    }

    fn bind(&mut self, id: MediaId, connection: ConnectionId) {
        if let Some(hosted) = self.sessions.get_mut(&id) {
            hosted.connection = Some(connection);
        }
        if let Some(link) = self.links.get_mut(&connection) {
            link.carries.insert(id);
            self.idle.set(connection, None);
        }
        self.tell(id, MediaEvent::Ready);
    }

    /// True while messages can be sent.
    pub fn is_ready(&self, id: MediaId) -> bool {
        self.sessions.get(&id).is_some_and(|hosted| hosted.session.is_some() && hosted.connection.is_some())
    }

    /// Sends a message.
    pub fn send(&mut self, now: Time, id: MediaId, message: Outgoing) {
        if let Some(session) = self.session(id) {
            session.send(now, message);
        }
        self.flush(id);
    }

    /// Answers the request that completed a message.
    pub fn reply(&mut self, id: MediaId, reply: Reply, status: u16) {
        if let Some(session) = self.session(id) {
            session.reply(reply, status);
        }
        self.flush(id);
    }

    /// Sends the report of a message that was asked for (RFC 4975 section 7.1.2).
    pub fn report(&mut self, id: MediaId, message_id: &str, status: u16) {
        if let Some(session) = self.session(id) {
            session.report(message_id, status);
        }
        self.flush(id);
    }

    /// Ends a session; its connection is closed when it carried nothing else.
    pub fn close(&mut self, id: MediaId) {
        let Some(hosted) = self.sessions.remove(&id) else { return };
        self.due.set(id, None);
        self.by_session_id.remove(&hosted.session_id);
        let Some(connection) = hosted.connection else { return };
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.carries.remove(&id);
        if link.carries.is_empty() {
            self.links.remove(&connection);
            self.outputs.push_back(io::Output::Close { connection });
        }
    }

    fn session(&mut self, id: MediaId) -> Option<&mut Session> {
        self.sessions.get_mut(&id)?.session.as_mut()
    }

    fn tell(&mut self, id: MediaId, event: MediaEvent) {
        if let Some(hosted) = self.sessions.get(&id) {
            self.events.push_back((id, hosted.owner, event));
        }
    }

    /// Moves what a session has to say to its connection and its owner.
    fn flush(&mut self, id: MediaId) {
        let Some(hosted) = self.sessions.get_mut(&id) else { return };
        let (owner, connection) = (hosted.owner, hosted.connection);
        let Some(session) = &mut hosted.session else { return };
        while let Some(output) = session.poll_output() {
            match output {
                SessionOutput::Send(octets) => {
                    if let Some(connection) = connection {
                        self.outputs.push_back(io::Output::Send { connection, octets });
                    }
                }
                SessionOutput::Event(event) => {
                    self.events.extend(told(id, event).map(|event| (id, owner, event)));
                }
            }
        }
        self.due.set(id, session.poll_timeout());
    }

    /// Takes in what came over a connection.
    pub fn receive(&mut self, now: Time, input: io::Input) {
        match input {
            io::Input::Accepted { connection, .. } => self.accept(now, connection),
            io::Input::Received { connection, octets } => self.octets(now, connection, octets),
            io::Input::Closed { connection, .. } => self.closed(connection),
            io::Input::Connected { .. } | io::Input::Datagram { .. } => {}
        }
    }

    fn accept(&mut self, now: Time, connection: ConnectionId) {
        if self.idle.len() >= MOST_IDLE {
            return self.outputs.push_back(io::Output::Reset { connection });
        }
        self.links.insert(connection, Link { framer: msrp::Framer::default(), carries: HashSet::new() });
        self.idle.set(connection, Some(now + IDLE));
    }

    fn octets(&mut self, now: Time, connection: ConnectionId, octets: Bytes) {
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.framer.push(octets);
        loop {
            let Some(link) = self.links.get_mut(&connection) else { return };
            match link.framer.next() {
                None => return,
                Some(Ok(message)) => self.message(now, connection, message),
                Some(Err(_)) => return self.broken(connection),
            }
        }
    }

    /// The stream makes no sense any more: it is closed, and the sessions on it are lost.
    fn broken(&mut self, connection: ConnectionId) {
        self.outputs.push_back(io::Output::Close { connection });
        self.closed(connection);
    }

    fn closed(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.remove(&connection) else { return };
        self.idle.set(connection, None);
        let mut lost: Vec<MediaId> = link.carries.into_iter().collect();
        lost.sort();
        for id in lost {
            if let Some(hosted) = self.sessions.get_mut(&id) {
                hosted.connection = None;
            }
            self.tell(id, MediaEvent::Lost);
        }
    }

    fn message(&mut self, now: Time, connection: ConnectionId, message: msrp::Message) {
        let found = message.local_session_id().and_then(|session_id| self.by_session_id.get(session_id)).copied();
        match found {
            Some(id) => self.request(now, connection, id, message),
            // A path that cannot be read names no session that could be missing (RFC 4975 section 10: 400).
            None if message.local_session_id().is_none() => self.answer(connection, &message, 400),
            None => self.answer(connection, &message, 481),
        }
    }

    /// Answers a request that belongs to no session; responses and REPORTs are never answered.
    fn answer(&mut self, connection: ConnectionId, message: &msrp::Message, status: u16) {
        if let Some(octets) = msrp::refusal(message, status) {
            self.outputs.push_back(io::Output::Send { connection, octets });
        }
    }

    fn request(&mut self, now: Time, connection: ConnectionId, id: MediaId, message: msrp::Message) {
        let Some(hosted) = self.sessions.get_mut(&id) else { return };
        match hosted.connection {
            // RFC 4975 section 7.3: the session is in use over another connection.
            Some(bound) if bound != connection => return self.answer(connection, &message, 506),
            Some(_) => {}
            None if hosted.session.is_none() => {
                if hosted.early.len() < MOST_EARLY {
                    hosted.early.push((connection, message));
                }
                return;
            }
            None => self.bind(id, connection),
        }
        if let Some(session) = self.session(id) {
            session.receive(now, message);
        }
        self.flush(id);
    }

    /// When [`Media::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        [self.due.next(), self.idle.next()].into_iter().flatten().min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, now: Time) {
        for id in self.due.due(now) {
            if let Some(session) = self.session(id) {
                session.handle_timeout(now);
            }
            self.flush(id);
        }
        for connection in self.idle.due(now) {
            self.broken(connection);
        }
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<(MediaId, Owner, MediaEvent)> {
        self.events.pop_front()
    }

    /// The next octets to be moved.
    pub fn poll_output(&mut self) -> Option<io::Output> {
        self.outputs.pop_front()
    }
}

/// What of a session's news its owner wants to know. A SEND without content and a message that was given up are none.
fn told(media: MediaId, event: SessionEvent) -> Option<MediaEvent> {
    match event {
        SessionEvent::Received { message_id, content_type, octets, success_report, reply, .. } => {
            let received = Received { media, message_id, content_type, octets, success_report, reply };
            Some(MediaEvent::Received(Box::new(received)))
        }
        SessionEvent::Acknowledged { message_id } => Some(MediaEvent::Answered { message_id, status: Some(200) }),
        SessionEvent::Refused { message_id, status } => Some(MediaEvent::Answered { message_id, status: Some(status) }),
        SessionEvent::Unanswered { message_id } => Some(MediaEvent::Answered { message_id, status: None }),
        SessionEvent::Bodiless { .. } | SessionEvent::Aborted { .. } | SessionEvent::Reported { .. } => None,
    }
}

/// A message to be sent, of whose failure the function wants to know.
pub fn outgoing(message_id: String, content_type: String, octets: Bytes) -> Outgoing {
    let failure_report = FailureReport::Yes;
    Outgoing { message_id, content_type, octets, success_report: false, failure_report, chunk_octets: None }
}

/// Where an MSRP URI points, when its host is an address.
fn address_of(uri: &str) -> Option<SocketAddr> {
    let uri = MsrpUri::parse(uri).ok()?;
    let host = uri.host.trim_start_matches('[').trim_end_matches(']');
    Some(SocketAddr::new(host.parse().ok()?, uri.port.unwrap_or(2855)))
}
