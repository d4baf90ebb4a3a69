//! The MSRP side of the function: one listener, the sessions at it, and the connections that carry them (RFC 4975,
//! RFC 6135).
//!
//! A session belongs to an owner, who answers each complete message by its reply. A request finds its session by the
//! identifier in its To-Path, and binds the session to the connection that it came over. Of sessions that are joined each
//! gets what the others receive; their owner hears nothing of it.

mod event;
mod joined;
mod meter;
mod passage;
mod peer;
mod tally;
mod watch;

pub use event::{MediaEvent, MediaId, Passed, Received, outgoing};
pub use meter::Volume;
pub use peer::{Peer, next_hop};

use super::Owner;
use super::schedule::Schedule;
use super::seen::Seen;
use bytes::Bytes;
use cpm_wire::io::{self, ConnectionId};
use cpm_wire::msrp::{self, MsrpUri};
use cpm_wire::msrp_session::{Config, Outgoing, Reply, Session, SessionOutput};
use cpm_wire::offer_answer::Role;
use cpm_wire::time::Time;
use event::told;
use joined::Joined;
use meter::Meters;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;
use watch::Watch;

struct Hosted {
    owner: Owner,
    session: Session,
    /// The peer of the session is known.
    met: bool,
    connection: Option<ConnectionId>,
    early: Vec<(ConnectionId, msrp::Message)>,
    /// The peer may come from elsewhere before it is known where that is.
    moving: bool,
    joined: Option<Joined>,
    /// What goes through is put together.
    watch: Option<Box<Watch>>,
}

impl Hosted {
    fn comes_from_elsewhere(&self, message: &msrp::Message) -> bool {
        self.met && !self.session.is_from_peer(message)
    }
}

struct Link {
    framer: msrp::Framer,
    carries: HashSet<MediaId>,
}

/// All media sessions.
pub struct Media {
    local: SocketAddr,
    sessions: HashMap<MediaId, Box<Hosted>>,
    by_session_id: HashMap<Box<str>, MediaId>,
    links: HashMap<ConnectionId, Link>,
    /// When connections that carry no session are closed.
    idle: Schedule<ConnectionId>,
    due: Schedule<MediaId>,
    meters: Meters,
    /// The chunks that come.
    pub seen: Seen<msrp::Message>,
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
            meters: Meters::default(),
            seen: Seen::default(),
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
        self.by_session_id.insert(session_id.into(), id);
        let hosted = Hosted {
            owner,
            session: Session::new(&local_path, Vec::new(), config),
            met: false,
            connection: None,
            early: Vec::new(),
            moving: false,
            joined: None,
            watch: None,
        };
        self.sessions.insert(id, Box::new(hosted));
        id
    }

    /// The path of a session.
    pub fn path(&self, id: MediaId) -> Option<&str> {
        self.sessions.get(&id).map(|hosted| hosted.session.local_path())
    }

    /// The peer is known: connects to it, or waits for it. A peer that was there already has moved.
    pub fn start(&mut self, now: Time, id: MediaId, peer: &Peer) {
        self.disconnect(id);
        let Some(hosted) = self.sessions.get_mut(&id) else { return };
        (hosted.moving, hosted.met) = (false, true);
        hosted.session.restart(peer.path.to_vec());
        let early = std::mem::take(&mut hosted.early);
        if peer.role == Role::Connect && hosted.connection.is_none() {
            match peer.next_hop {
                Some(remote) => self.connect(now, id, remote),
                None => self.tell(id, MediaEvent::Lost),
            }
        }
        for (connection, request) in early {
            self.request(now, connection, id, request);
        }
    }

    /// The peer is offered a change, and may come from elsewhere before its answer is here; or it may no more.
    pub fn may_move(&mut self, now: Time, id: MediaId, moving: bool) {
        let Some(hosted) = self.sessions.get_mut(&id) else { return };
        hosted.moving = moving;
        if !moving && hosted.met {
            for (connection, request) in std::mem::take(&mut hosted.early) {
                self.request(now, connection, id, request);
            }
        }
    }

    fn connect(&mut self, now: Time, id: MediaId, remote: SocketAddr) {
        self.last += 1;
        let connection = ConnectionId::opened(self.last);
        self.outputs.push_back(io::Output::Connect { connection, remote });
        self.links.insert(connection, Link { framer: msrp::Framer::default(), carries: HashSet::new() });
        self.bind(id, connection);
        if let Some(session) = self.session(id) {
            // RFC 4975 section 5.4: the side that connects sends at once, so that the peer knows whose connection it is.
            session.send_bodiless(now);
        }
        self.flush(id);
        self.release_to(id);
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
        self.sessions.get(&id).is_some_and(|hosted| hosted.met && hosted.connection.is_some())
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
        self.part(id);
        let Some(hosted) = self.sessions.remove(&id) else { return };
        self.due.set(id, None);
        if let Ok(MsrpUri { session_id: Some(session_id), .. }) = MsrpUri::parse(hosted.session.local_path()) {
            self.by_session_id.remove(session_id);
        }
        self.leave(id, hosted.connection);
    }

    /// Nothing goes on over the connection that a session had.
    fn disconnect(&mut self, id: MediaId) {
        let connection = self.sessions.get_mut(&id).and_then(|hosted| hosted.connection);
        if connection.is_some() {
            self.end_passages(id);
            if let Some(hosted) = self.sessions.get_mut(&id) {
                hosted.connection = None;
            }
            self.leave(id, connection);
        }
    }

    /// A connection that carries nothing any more is closed.
    fn leave(&mut self, id: MediaId, connection: Option<ConnectionId>) {
        let Some(connection) = connection else { return };
        let Some(link) = self.links.get_mut(&connection) else { return };
        link.carries.remove(&id);
        if link.carries.is_empty() {
            self.links.remove(&connection);
            self.outputs.push_back(io::Output::Close { connection });
        }
    }

    fn session(&mut self, id: MediaId) -> Option<&mut Session> {
        self.sessions.get_mut(&id).filter(|hosted| hosted.met).map(|hosted| &mut hosted.session)
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
        while let Some(output) = hosted.session.poll_output() {
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
        self.set_due(id);
    }

    fn set_due(&mut self, id: MediaId) {
        let Some(hosted) = self.sessions.get(&id) else { return };
        let session = hosted.session.poll_timeout();
        let onward = hosted.joined.as_ref().and_then(Joined::poll_timeout);
        self.due.set(id, session.into_iter().chain(onward).min());
    }

    /// Takes in what came over a connection.
    pub fn receive(&mut self, now: Time, input: io::Input) {
        match input {
            io::Input::Accepted { connection, .. } => self.accept(now, connection),
            io::Input::Received { connection, octets } => self.octets(now, connection, octets),
            io::Input::Closed { connection, .. } => self.closed(connection),
            io::Input::Connected { .. } | io::Input::Authenticated { .. } | io::Input::Datagram { .. } => {}
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
            self.end_passages(id);
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
        if !hosted.met || hosted.moving && hosted.comes_from_elsewhere(&message) {
            if hosted.early.len() < MOST_EARLY {
                hosted.early.push((connection, message));
            }
            return;
        }
        let owner = hosted.owner;
        match hosted.connection {
            // RFC 4975 section 7.3: the session is in use over another connection.
            Some(bound) if bound != connection => return self.answer(connection, &message, 506),
            Some(_) => {}
            // Whose answer to the offer was not the one that counts comes to the same path.
            None if hosted.comes_from_elsewhere(&message) => return self.answer(connection, &message, 481),
            None => {
                self.bind(id, connection);
                self.release_to(id);
            }
        }
        self.meters.count(owner, &message);
        if message.is(&msrp::Method::Send) && message.body_range().is_some_and(|body| !body.is_empty()) {
            self.seen.note(|| message.clone());
        }
        if let Some(message) = self.relay(now, id, message)
            && let Some(session) = self.session(id)
        {
            session.receive(now, message);
            self.flush(id);
        }
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
            self.passages_due(now, id);
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
