//! The MSRP side of one actor (RFC 4975): its listener, its connections, its sessions.
//!
//! Which end connects follows from the offer and answer (RFC 6135). The connecting end sends a SEND at once, empty if
//! it has nothing to say; the listening end learns from the first request which session a connection carries.

use super::outbox::{Outbox, Stream};
use crate::evidence::{ConnectionWhat, Protocol};
use bytes::Bytes;
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::msrp::{self, Framer};
use cpm_wire::msrp_session::{Config, Outgoing, Reply, Session, SessionEvent, SessionOutput};
use cpm_wire::offer_answer::Role;
use cpm_wire::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The name of one session within one actor.
pub type SessionKey = u64;

/// What happened in the media of an actor.
#[derive(Debug)]
pub enum MediaEvent {
    /// A session has its connection and can carry messages.
    Bound(SessionKey),
    /// Something of the session itself.
    Session(SessionKey, Box<SessionEvent>),
    /// The connection of a session is gone, not by our own doing.
    Lost(SessionKey, Closing),
}

#[derive(Debug)]
struct Line {
    session: Session,
    local_path: String,
    connection: Option<ConnectionId>,
    waiting: VecDeque<Outgoing>,
    /// The actor no longer reads or answers, though the connection stays open.
    deaf: bool,
}

impl Line {
    /// True for a message of somebody else than whom the session has a connection with.
    fn is_anothers(&self, connection: ConnectionId, message: &msrp::Message) -> bool {
        self.connection.is_some_and(|bound| bound != connection) && !self.session.is_from_peer(message)
    }
}

#[derive(Debug)]
struct Open {
    stream: Stream,
    framer: Framer,
    session: Option<SessionKey>,
    connected: bool,
}

/// All MSRP of one actor.
#[derive(Debug)]
pub struct Media {
    actor: Arc<str>,
    /// What its paths say of where this actor is.
    pub address: SocketAddr,
    /// Where it listens.
    socket: SocketAddr,
    response_timeout: std::time::Duration,
    /// The octets of the largest message that this actor takes, if it says so.
    pub largest: Option<u64>,
    lines: BTreeMap<SessionKey, Line>,
    connections: BTreeMap<ConnectionId, Open>,
    /// Paths that were offered and not answered yet: a peer may connect before its answer is here.
    offered: Vec<String>,
    held: Vec<(ConnectionId, msrp::Message)>,
    next_session: SessionKey,
    events: VecDeque<MediaEvent>,
}

impl Media {
    /// The media of `actor`, which listens at `address`.
    pub fn new(actor: &str, address: SocketAddr, response_timeout: std::time::Duration) -> Media {
        Media {
            actor: actor.into(),
            address,
            socket: address,
            response_timeout,
            largest: None,
            lines: BTreeMap::new(),
            connections: BTreeMap::new(),
            offered: Vec::new(),
            held: Vec::new(),
            next_session: 0,
            events: VecDeque::new(),
        }
    }

    /// The same, where others know this host by another address.
    #[must_use]
    pub fn told_as(mut self, advertised: Option<IpAddr>) -> Media {
        if let Some(advertised) = advertised {
            self.address.set_ip(advertised);
        }
        self
    }

    /// A path of this actor for a new session with this session id.
    pub fn path(&self, session_id: &str) -> String {
        format!("msrp://{}/{};tcp", self.address, session_id)
    }

    /// A path is being offered. Whatever comes for it before the answer waits for [`Media::open`].
    pub fn offer(&mut self, local_path: &str) {
        self.offered.push(local_path.to_owned());
    }

    /// Opens a session once offer and answer are known.
    pub fn open(
        &mut self,
        now: Time,
        local_path: &str,
        remote_path: Vec<String>,
        role: Role,
        links: &mut Links,
    ) -> SessionKey {
        let peer = remote_path.first().and_then(|path| address_of(path));
        self.open_towards(now, local_path, remote_path, role, peer, links)
    }

    /// The same, where somebody else is to be connected to than the path names (RFC 6714 section 4.2).
    pub fn open_towards(
        &mut self,
        now: Time,
        local_path: &str,
        remote_path: Vec<String>,
        role: Role,
        peer: Option<SocketAddr>,
        links: &mut Links,
    ) -> SessionKey {
        let key = self.next_session;
        self.next_session += 1;
        // A small window: messages that are sent together take turns at their chunks.
        let plain = Config { response_timeout: self.response_timeout, window: 4, ..Config::default() };
        let config = Config { max_message_octets: self.largest.unwrap_or(plain.max_message_octets), ..plain };
        let mut line = Line {
            session: Session::new(local_path, remote_path, config),
            local_path: local_path.to_owned(),
            connection: None,
            waiting: VecDeque::new(),
            deaf: false,
        };
        if let (Role::Connect, Some(remote)) = (role, peer) {
            let connection = links.open();
            line.connection = Some(connection);
            let stream = self.stream(links.number(), self.socket, remote);
            self.connections
                .insert(connection, Open { stream, framer: Framer::default(), session: Some(key), connected: false });
            links.out.net(Output::Connect { connection, remote });
        }
        self.lines.insert(key, line);
        self.offered.retain(|offered| offered != local_path);
        for (connection, message) in std::mem::take(&mut self.held) {
            self.message(now, connection, message, links);
        }
        key
    }

    fn stream(&self, number: u64, local: SocketAddr, remote: SocketAddr) -> Stream {
        Stream { actor: self.actor.clone(), protocol: Protocol::Msrp, number, local, remote }
    }

    /// True when this input belongs to this actor.
    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Datagram { .. } => false,
            Input::Accepted { local, .. } => *local == self.socket,
            Input::Connected { connection, .. }
            | Input::Authenticated { connection, .. }
            | Input::Received { connection, .. }
            | Input::Closed { connection, .. } => self.connections.contains_key(connection),
        }
    }

    /// Takes what the link brought.
    pub fn receive(&mut self, now: Time, input: Input, links: &mut Links) {
        match input {
            Input::Datagram { .. } | Input::Authenticated { .. } => {}
            Input::Accepted { connection, local, remote } => {
                let stream = self.stream(links.number(), local, remote);
                links.out.connection(&stream, ConnectionWhat::Accepted);
                let open = Open { stream, framer: Framer::default(), session: None, connected: true };
                self.connections.insert(connection, open);
            }
            Input::Connected { connection, local, remote } => self.connected(now, connection, local, remote, links),
            Input::Received { connection, octets } => self.octets(now, connection, octets, links),
            Input::Closed { connection, how } => self.closed(connection, how, links),
        }
    }

    fn connected(
        &mut self,
        now: Time,
        connection: ConnectionId,
        local: SocketAddr,
        remote: SocketAddr,
        links: &mut Links,
    ) {
        let Some(open) = self.connections.get_mut(&connection) else { return };
        open.connected = true;
        open.stream.local = local;
        open.stream.remote = remote;
        links.out.connection(&open.stream, ConnectionWhat::Opened);
        let Some(key) = open.session else { return };
        if let Some(line) = self.lines.get_mut(&key) {
            line.session.send_bodiless(now);
        }
        self.bound(now, key, links);
    }

    fn bound(&mut self, now: Time, key: SessionKey, links: &mut Links) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        while let Some(outgoing) = line.waiting.pop_front() {
            line.session.send(now, outgoing);
        }
        self.events.push_back(MediaEvent::Bound(key));
        self.flush(key, links);
    }

    fn octets(&mut self, now: Time, connection: ConnectionId, octets: Bytes, links: &mut Links) {
        let Some(open) = self.connections.get_mut(&connection) else { return };
        let deaf = open.session.and_then(|key| self.lines.get(&key)).is_some_and(|line| line.deaf);
        links.out.received(&open.stream, octets.clone());
        if deaf {
            return;
        }
        open.framer.push(octets);
        loop {
            let Some(open) = self.connections.get_mut(&connection) else { return };
            match open.framer.next() {
                None => return,
                Some(Ok(message)) => self.message(now, connection, message, links),
                // What the target did wrong is for the rules to say, from the octets; here the stream has just ended.
                Some(Err(_)) => {
                    let stream = open.stream.clone();
                    links.out.connection(&stream, ConnectionWhat::Reset { by_target: false });
                    links.out.net(Output::Reset { connection });
                    self.forget(connection, Closing::Reset);
                    return;
                }
            }
        }
    }

    fn message(&mut self, now: Time, connection: ConnectionId, message: msrp::Message, links: &mut Links) {
        let Some(open) = self.connections.get_mut(&connection) else { return };
        let wanted = message.local_session_id().map(str::to_owned);
        let key = open.session.or_else(|| {
            let wanted = wanted.as_deref()?;
            self.lines.iter().find(|(_, line)| session_id(&line.local_path) == Some(wanted)).map(|(key, _)| *key)
        });
        let Some(key) = key else {
            if self.offered.iter().any(|offered| session_id(offered) == wanted.as_deref()) {
                self.held.push((connection, message));
                return;
            }
            // No session here has that path (RFC 4975 section 7.3: 481).
            if let Some(refusal) = msrp::refusal(&message, 481) {
                let stream = open.stream.clone();
                links.out.stream(&stream, connection, refusal, None);
            }
            return;
        };
        let fresh = open.session.is_none();
        if self.lines.get(&key).is_some_and(|line| line.is_anothers(connection, &message)) {
            // The session is another's, who comes over another connection (RFC 4975 section 7.3).
            if let Some(refusal) = msrp::refusal(&message, 506) {
                let stream = open.stream.clone();
                links.out.stream(&stream, connection, refusal, None);
            }
            return;
        }
        open.session = Some(key);
        if let Some(line) = self.lines.get_mut(&key) {
            line.connection = Some(connection);
            line.session.receive(now, message);
        }
        if fresh {
            self.bound(now, key, links);
        }
        self.flush(key, links);
    }

    fn closed(&mut self, connection: ConnectionId, how: Closing, links: &mut Links) {
        if let Some(open) = self.connections.get(&connection) {
            links.out.connection(&open.stream, how.into());
        }
        self.forget(connection, how);
    }

    fn forget(&mut self, connection: ConnectionId, how: Closing) {
        let Some(open) = self.connections.remove(&connection) else { return };
        let Some(key) = open.session else { return };
        if let Some(line) = self.lines.get_mut(&key)
            && line.connection == Some(connection)
        {
            line.connection = None;
            self.events.push_back(MediaEvent::Lost(key, how));
        }
    }

    /// Sends a message in a session, now or as soon as the session has its connection.
    pub fn send(&mut self, now: Time, key: SessionKey, outgoing: Outgoing, links: &mut Links) {
        let bound = self.is_bound(key);
        let Some(line) = self.lines.get_mut(&key) else { return };
        if bound {
            line.session.send(now, outgoing);
            self.flush(key, links);
        } else {
            line.waiting.push_back(outgoing);
        }
    }

    /// Gives a message up in the middle.
    pub fn abort(&mut self, now: Time, key: SessionKey, message_id: &str, links: &mut Links) {
        if let Some(line) = self.lines.get_mut(&key) {
            line.waiting.retain(|waiting| waiting.message_id != message_id);
            line.session.abort(now, message_id);
        }
        self.flush(key, links);
    }

    /// Sends octets of the tester's own making on a session's connection; false when it has none.
    pub fn send_raw(&mut self, key: SessionKey, octets: Bytes, malformed: Option<String>, links: &mut Links) -> bool {
        let Some(connection) = self.lines.get(&key).and_then(|line| line.connection) else { return false };
        let Some(open) = self.connections.get(&connection) else { return false };
        let stream = open.stream.clone();
        links.out.stream(&stream, connection, octets, malformed);
        true
    }

    /// Sends an empty SEND in a session; gives its Message-ID.
    pub fn send_bodiless(&mut self, now: Time, key: SessionKey, links: &mut Links) -> Option<String> {
        let message_id = self.lines.get_mut(&key).map(|line| line.session.send_bodiless(now));
        self.flush(key, links);
        message_id
    }

    /// Reports on a message that was received.
    pub fn report(&mut self, key: SessionKey, message_id: &str, status: u16, links: &mut Links) {
        if let Some(line) = self.lines.get_mut(&key) {
            line.session.report(message_id, status);
        }
        self.flush(key, links);
    }

    /// Answers a message that [`SessionEvent::Received`] handed over.
    pub fn reply(&mut self, key: SessionKey, reply: Reply, status: u16, links: &mut Links) {
        if let Some(line) = self.lines.get_mut(&key) {
            line.session.reply(reply, status);
        }
        self.flush(key, links);
    }

    /// True when the session has an open connection.
    pub fn is_bound(&self, key: SessionKey) -> bool {
        let connection = self.lines.get(&key).and_then(|line| line.connection);
        connection.and_then(|connection| self.connections.get(&connection)).is_some_and(|open| open.connected)
    }

    /// The paths of a session: ours, then the target's.
    pub fn paths(&self, key: SessionKey) -> Option<(String, Vec<String>)> {
        self.lines.get(&key).map(|line| (line.local_path.clone(), line.session.remote_path().to_vec()))
    }

    /// Tears down a session's connection with a reset, as a lost radio bearer does.
    pub fn reset(&mut self, key: SessionKey, links: &mut Links) {
        self.end(key, true, links);
    }

    /// Finishes a session and its connection.
    pub fn close(&mut self, key: SessionKey, links: &mut Links) {
        self.end(key, false, links);
        self.lines.remove(&key);
    }

    fn end(&mut self, key: SessionKey, reset: bool, links: &mut Links) {
        let Some(connection) = self.lines.get_mut(&key).and_then(|line| line.connection.take()) else { return };
        let Some(open) = self.connections.remove(&connection) else { return };
        let (what, output) = if reset {
            (ConnectionWhat::Reset { by_target: false }, Output::Reset { connection })
        } else {
            (ConnectionWhat::Finished { by_target: false }, Output::Close { connection })
        };
        links.out.connection(&open.stream, what);
        links.out.net(output);
    }

    /// From now on the actor neither reads nor answers in this session, though its connection stays open.
    pub fn fall_silent(&mut self, key: SessionKey) {
        if let Some(line) = self.lines.get_mut(&key) {
            line.deaf = true;
        }
    }

    /// What happened, one after the other.
    pub fn poll_event(&mut self) -> Option<MediaEvent> {
        self.events.pop_front()
    }

    /// When [`Media::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.lines.values().filter(|line| !line.deaf).filter_map(|line| line.session.poll_timeout()).min()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Time, links: &mut Links) {
        let keys: Vec<SessionKey> = self.lines.keys().copied().collect();
        for key in keys {
            if let Some(line) = self.lines.get_mut(&key).filter(|line| !line.deaf) {
                line.session.handle_timeout(now);
            }
            self.flush(key, links);
        }
    }

    fn flush(&mut self, key: SessionKey, links: &mut Links) {
        let Some(line) = self.lines.get_mut(&key) else { return };
        let connection = line.connection.filter(|_| !line.deaf);
        while let Some(output) = line.session.poll_output() {
            match output {
                SessionOutput::Event(event) => self.events.push_back(MediaEvent::Session(key, Box::new(event))),
                SessionOutput::Send(octets) => {
                    let open = connection.and_then(|connection| self.connections.get(&connection));
                    if let (Some(connection), Some(open)) = (connection, open) {
                        links.out.stream(&open.stream, connection, octets, None);
                    }
                }
            }
        }
    }
}

/// What the streams of every actor of a scenario share: the outbox, and the numbers of connections.
#[derive(Debug, Default)]
pub struct Links {
    /// Where octets and evidence go.
    pub out: Outbox,
    opened: u64,
    numbered: u64,
}

impl Links {
    /// The name of one more connection that is opened.
    pub fn open(&mut self) -> ConnectionId {
        self.opened += 1;
        ConnectionId::opened(self.opened)
    }

    /// The number of one more connection in the evidence.
    pub fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }
}

fn address_of(path: &str) -> Option<SocketAddr> {
    let uri = msrp::MsrpUri::parse(path).ok()?;
    let host = uri.host.trim_start_matches('[').trim_end_matches(']');
    Some(SocketAddr::new(host.parse().ok()?, uri.port?))
}

fn session_id(path: &str) -> Option<&str> {
    path.rsplit_once('/').and_then(|(_, rest)| rest.split(';').next())
}
