//! A scripted neighbourhood of the function: one serving CSCF that speaks raw SIP, and MSRP ends for the focus and the
//! devices; joined to the core by a network in which time is a number.
#![allow(dead_code, reason = "a measurement uses a part of it")]

mod acts;
pub mod calls;
pub mod charging_server;
pub mod conference;
pub mod document_server;
mod ends;
pub mod history_store;
pub mod interception;
pub mod messages;

use bytes::Bytes;
use cpm_reference::config::Config;
use cpm_reference::core::{Addresses, Input, Output};
use cpm_reference::faults::{Fault, Faulty};
use cpm_reference::store::{Contents, Memory};
use cpm_wire::endpoint::{Peer, Protocol, Transport, TransportEvent};
use cpm_wire::io::{self, Closing, ConnectionId};
use cpm_wire::msrp::{self, FailureReport};
use cpm_wire::msrp_session::{self, Outgoing, Session, SessionOutput};
use cpm_wire::sdp::MsrpMedia;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// One end of an MSRP session of the neighbourhood.
pub struct End {
    pub session: Session,
    connection: Option<ConnectionId>,
    /// Complete messages, in order.
    pub received: Vec<Bytes>,
    /// What became of the own messages: Message-ID and status, 0 for no answer.
    pub answers: Vec<(String, u16)>,
    /// Reports of success that came.
    pub reports: Vec<String>,
    /// How received messages are answered; none answers nothing.
    pub status: Option<u16>,
    /// Content types that are answered 415.
    pub refused_types: Vec<String>,
    /// How many messages are answered; none sets no bound.
    pub answered: Option<usize>,
    unanswered: Vec<msrp_session::Reply>,
    /// All that came, as it came.
    pub wire: Vec<msrp::Message>,
    /// True for an end that answers nothing by itself: the script writes what it says.
    pub by_hand: bool,
    /// True once the connection is gone.
    pub closed: bool,
}

pub struct Scene {
    pub now: Time,
    pub config: Config,
    pub core: Faulty,
    fault: Option<&'static Fault>,
    pub store: Memory,
    pub history: history_store::HistoryStore,
    pub documents: document_server::DocumentServer,
    pub charging: charging_server::ChargingServer,
    pub interception: interception::Interception,
    /// While true nothing gets on the disk.
    pub hold_disk: bool,
    /// While true nothing can be written or read.
    pub disk_full: bool,
    held: Vec<(cpm_reference::store::Token, Vec<cpm_reference::store::Write>)>,
    transport: Transport,
    msrp: SocketAddr,
    target: Addresses,
    /// SIP messages that the function sent, in order, that the script has not taken yet.
    pub sip: VecDeque<Message>,
    /// Requests that came already, by branch and method: retransmissions are passed over.
    seen: HashSet<String>,
    pub ends: HashMap<String, End>,
    framers: HashMap<ConnectionId, msrp::Framer>,
    /// What came for an end before it was started.
    early: Vec<(String, ConnectionId, msrp::Message)>,
    to_core: VecDeque<io::Input>,
    to_peer: VecDeque<io::Input>,
    /// Connection of the core to that of the peer, and back.
    links: HashMap<ConnectionId, ConnectionId>,
    back: HashMap<ConnectionId, ConnectionId>,
    connections: u64,
    noise: Option<(ConnectionId, Vec<u8>)>,
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Scene {
    pub fn new() -> Scene {
        Scene::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Config)) -> Scene {
        Scene::faulty(None, change)
    }

    /// A function with a fault, or without.
    pub fn faulty(fault: Option<&'static Fault>, change: impl FnOnce(&mut Config)) -> Scene {
        let mut target = Addresses { sip: address(7000), msrp: address(7001), x1: None };
        let mut config = Config::at(target.sip, target.msrp, address(5060));
        config.no_answer = Duration::from_secs(5);
        change(&mut config);
        target.x1 = config.interception.as_ref().map(|own| own.listen);
        Scene {
            now: Time::from_nanos(1_790_000_000_000_000_000),
            core: Faulty::new(config.clone(), target, Contents::default(), 1, fault),
            fault,
            config,
            store: Memory::default(),
            history: history_store::HistoryStore::default(),
            documents: document_server::DocumentServer::default(),
            charging: charging_server::ChargingServer::default(),
            interception: interception::Interception::default(),
            hold_disk: false,
            disk_full: false,
            held: Vec::new(),
            transport: Transport::new(address(5060)),
            msrp: address(9000),
            target,
            sip: VecDeque::new(),
            seen: HashSet::new(),
            ends: HashMap::new(),
            framers: HashMap::new(),
            early: Vec::new(),
            to_core: VecDeque::new(),
            to_peer: VecDeque::new(),
            links: HashMap::new(),
            back: HashMap::new(),
            connections: 0,
            noise: None,
        }
    }

    /// Kills the function and starts it again over the same store.
    pub fn restart(&mut self) {
        for (core, _) in std::mem::take(&mut self.links) {
            let _ = core;
        }
        for (peer, _) in std::mem::take(&mut self.back) {
            self.peer_input(io::Input::Closed { connection: peer, how: Closing::Reset });
        }
        self.to_core.clear();
        self.sip.clear();
        self.held.clear();
        self.core = Faulty::new(self.config.clone(), self.target, self.store.contents().clone(), 2, self.fault);
        self.run();
    }

    /// Lets everything happen that can happen now.
    pub fn run(&mut self) {
        loop {
            let mut idle = true;
            if self.core.poll_timeout().is_some_and(|due| due <= self.now) {
                self.core.handle_timeout(self.now);
            }
            while let Some(output) = self.core.poll_output(self.now) {
                idle = false;
                self.core_output(output);
            }
            while let Some(input) = self.to_peer.pop_front() {
                idle = false;
                self.peer_input(input);
            }
            self.flush_peer();
            while let Some(input) = self.to_core.pop_front() {
                idle = false;
                self.core.handle_input(self.now, Input::Net(input));
            }
            if idle {
                return;
            }
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        self.run();
        while let Some(due) = self.due().filter(|due| *due <= until) {
            self.now = due.max(self.now);
            for end in self.ends.values_mut() {
                end.session.handle_timeout(self.now);
            }
            self.core.handle_timeout(self.now);
            self.run();
        }
        self.now = until;
    }

    fn due(&self) -> Option<Time> {
        let ends = self.ends.values().filter_map(|end| end.session.poll_timeout());
        ends.chain(self.core.poll_timeout()).min()
    }

    fn core_output(&mut self, output: Output) {
        match output {
            Output::Persist { token, writes } if self.disk_full => {
                self.core.handle_input(self.now, Input::Failed(token, writes));
            }
            Output::Persist { token, writes } if self.hold_disk => self.held.push((token, writes)),
            Output::Load(load) => {
                let input = match self.disk_full {
                    true => Input::Failed(load.token, Vec::new()),
                    false => Input::Loaded(load.token, self.store.load(&load.ids, load.whole)),
                };
                self.core.handle_input(self.now, input);
            }
            Output::Persist { token, writes } => {
                self.store.apply(writes);
                self.core.handle_input(self.now, Input::Persisted(token));
            }
            Output::Net(io::Output::Datagram { local, remote, octets }) => {
                self.to_peer.push_back(io::Input::Datagram { local: remote, remote: local, octets });
            }
            Output::Net(io::Output::Connect { connection, remote }) => self.core_connects(connection, remote),
            Output::Net(io::Output::ConnectSecured { connection, remote, .. }) => {
                self.to_core.extend(self.interception.connects(connection, remote));
            }
            Output::Net(io::Output::Send { connection, octets }) => {
                if self.interception.takes(connection, &octets) {
                    return;
                }
                if let Some(peer) = self.links.get(&connection) {
                    self.to_peer.push_back(io::Input::Received { connection: *peer, octets });
                }
            }
            Output::Net(io::Output::Close { connection } | io::Output::Reset { connection }) => {
                if let Some(peer) = self.links.remove(&connection) {
                    self.back.remove(&peer);
                    self.to_peer.push_back(io::Input::Closed { connection: peer, how: Closing::Finished });
                }
            }
        }
    }

    /// The disk writes what it held back.
    pub fn release_disk(&mut self) {
        self.hold_disk = false;
        for (token, writes) in std::mem::take(&mut self.held) {
            self.store.apply(writes);
            self.core.handle_input(self.now, Input::Persisted(token));
        }
        self.run();
    }

    fn core_connects(&mut self, connection: ConnectionId, remote: SocketAddr) {
        let neighbour = self.history.is_at(remote) || self.documents.is_at(remote) || self.charging.is_at(remote);
        if remote != self.transport.local() && remote != self.msrp && !neighbour {
            let how = Closing::Refused;
            return self.to_core.push_back(io::Input::Closed { connection, how });
        }
        self.connections += 1;
        let peer = ConnectionId::accepted(self.connections);
        self.links.insert(connection, peer);
        self.back.insert(peer, connection);
        let from = address(30_000 + self.connections as u16);
        self.to_peer.push_back(io::Input::Accepted { connection: peer, local: remote, remote: from });
        self.to_core.push_back(io::Input::Connected { connection, local: from, remote });
    }

    fn peer_connects(&mut self, peer: ConnectionId, remote: SocketAddr) {
        self.connections += 1;
        let core = ConnectionId::accepted(self.connections);
        self.links.insert(core, peer);
        self.back.insert(peer, core);
        let from = address(30_000 + self.connections as u16);
        self.to_core.push_back(io::Input::Accepted { connection: core, local: remote, remote: from });
        self.to_peer.push_back(io::Input::Connected { connection: peer, local: from, remote });
    }

    fn peer_output(&mut self, output: io::Output) {
        match output {
            io::Output::Datagram { local, remote, octets } => {
                self.to_core.push_back(io::Input::Datagram { local: remote, remote: local, octets });
            }
            io::Output::Connect { connection, remote } | io::Output::ConnectSecured { connection, remote, .. } => {
                self.peer_connects(connection, remote);
            }
            io::Output::Send { connection, octets } => {
                if let Some(core) = self.back.get(&connection) {
                    self.to_core.push_back(io::Input::Received { connection: *core, octets });
                }
            }
            io::Output::Close { connection } => self.cut(connection, Closing::Finished),
            io::Output::Reset { connection } => self.cut(connection, Closing::Reset),
        }
    }

    fn cut(&mut self, peer: ConnectionId, how: Closing) {
        if let Some(core) = self.back.remove(&peer) {
            self.links.remove(&core);
            self.to_core.push_back(io::Input::Closed { connection: core, how });
        }
    }

    fn peer_input(&mut self, input: io::Input) {
        if self.transport.owns(&input) {
            self.transport.receive(input);
            while let Some(event) = self.transport.poll_event() {
                if let TransportEvent::Message { message, .. } = event {
                    let branch = message.via().unwrap().branch().unwrap_or_default().to_owned();
                    if !message.is_request() || self.seen.insert(format!("{branch} {}", message.method())) {
                        self.sip.push_back(message);
                    }
                }
            }
            return;
        }
        if self.history.owns(&input) {
            let said = self.history.receive(input);
            return said.into_iter().for_each(|output| self.peer_output(output));
        }
        if self.documents.owns(&input) {
            let said = self.documents.receive(input);
            return said.into_iter().for_each(|output| self.peer_output(output));
        }
        if self.charging.owns(&input) {
            let said = self.charging.receive(self.now, input);
            return said.into_iter().for_each(|output| self.peer_output(output));
        }
        match input {
            io::Input::Accepted { connection, .. } | io::Input::Connected { connection, .. } => {
                self.framers.insert(connection, msrp::Framer::default());
            }
            io::Input::Received { connection, octets } => self.msrp_octets(connection, octets),
            io::Input::Closed { connection, .. } => {
                self.framers.remove(&connection);
                for end in self.ends.values_mut().filter(|end| end.connection == Some(connection)) {
                    end.connection = None;
                    end.closed = true;
                }
            }
            io::Input::Authenticated { .. } | io::Input::Datagram { .. } => {}
        }
    }

    fn msrp_octets(&mut self, connection: ConnectionId, octets: Bytes) {
        if let Some((_, heard)) = self.noise.as_mut().filter(|(noise, _)| *noise == connection) {
            return heard.extend_from_slice(&octets);
        }
        let Some(framer) = self.framers.get_mut(&connection) else { return };
        framer.push(octets);
        while let Some(Ok(message)) = self.framers.get_mut(&connection).and_then(msrp::Framer::next) {
            let name = message.local_session_id().unwrap_or_default().to_owned();
            self.msrp_message(name, connection, message);
        }
    }

    fn msrp_message(&mut self, name: String, connection: ConnectionId, message: msrp::Message) {
        let Some(end) = self.ends.get_mut(&name) else { return self.early.push((name, connection, message)) };
        end.connection = Some(connection);
        end.wire.push(message.clone());
        if !end.by_hand {
            end.session.receive(self.now, message);
        }
        self.flush_end(&name);
    }

    fn flush_peer(&mut self) {
        while let Some(output) = self.transport.poll_output() {
            self.peer_output(output);
        }
        for name in self.ends.keys().cloned().collect::<Vec<_>>() {
            self.flush_end(&name);
        }
    }

    fn flush_end(&mut self, name: &str) {
        loop {
            let Some(end) = self.ends.get_mut(name) else { return };
            let connection = end.connection;
            match end.session.poll_output() {
                None => return,
                Some(SessionOutput::Send(octets)) => {
                    if let Some(connection) = connection {
                        self.peer_output(io::Output::Send { connection, octets });
                    }
                }
                Some(SessionOutput::Event(event)) => end.event(event),
            }
        }
    }

    // --- SIP of the neighbourhood ---

    /// Sends a message, with a Via of its own when it is a request.
    pub fn send(&mut self, message: &Message) {
        let peer = Peer { address: self.target.sip, protocol: Protocol::Udp, connection: None };
        self.transport.send(message, &peer);
        self.run();
    }

    /// Sends octets as one datagram.
    pub fn send_octets(&mut self, octets: impl Into<Bytes>) {
        let (local, remote) = (self.target.sip, self.transport.local());
        self.to_core.push_back(io::Input::Datagram { local, remote, octets: octets.into() });
        self.run();
    }

    /// Takes the next message that fits.
    pub fn take(&mut self, what: &str, fits: impl Fn(&Message) -> bool) -> Message {
        match self.sip.iter().position(fits) {
            Some(at) => self.sip.remove(at).unwrap(),
            None => panic!("{what} did not come, but {:#?}", self.starts()),
        }
    }

    /// The first lines of what has come.
    pub fn starts(&self) -> Vec<String> {
        let line = |message: &Message| String::from_utf8_lossy(message.octets()).lines().next().unwrap().to_owned();
        self.sip.iter().map(line).collect()
    }

    pub fn request(&mut self, method: Method) -> Message {
        self.take(method.as_str(), |message| message.is_request() && message.method() == method)
    }

    pub fn response(&mut self, method: Method, status: u16) -> Message {
        self.take(&format!("{status} to {method}"), |one| one.status() == Some(status) && one.method() == method)
    }

    pub fn none(&self, method: Method) {
        let found = self.sip.iter().any(|message| message.is_request() && message.method() == method);
        assert!(!found, "no {method} expected, but {:#?}", self.starts());
    }

    /// Answers a request of the function.
    pub fn answer(&mut self, request: &Message, status: u16, contact: &str, sdp: Option<String>) -> Message {
        let response = messages::response(request, status, contact, sdp);
        self.send(&response);
        response
    }

    // --- MSRP of the neighbourhood ---

    /// An MSRP end by this name; gives its session description.
    pub fn end(&self, name: &str, setup: &str, direction: &str) -> String {
        let path = format!("msrp://{}/{name};tcp", self.msrp);
        messages::sdp(self.msrp, &path, setup, direction)
    }

    /// The peer of an end is known by its description. With `connect` the end opens the connection.
    pub fn start(&mut self, name: &str, description: &Message, connect: bool) {
        self.prepare(name, description, connect);
        self.run();
    }

    /// The same, but nothing moves yet.
    pub fn prepare(&mut self, name: &str, description: &Message, connect: bool) {
        let media = media(description);
        let path = format!("msrp://{}/{name};tcp", self.msrp);
        let mut end = End {
            session: Session::new(&path, media.path, msrp_session::Config::default()),
            connection: None,
            received: Vec::new(),
            answers: Vec::new(),
            reports: Vec::new(),
            status: Some(200),
            refused_types: Vec::new(),
            answered: None,
            unanswered: Vec::new(),
            wire: Vec::new(),
            by_hand: false,
            closed: false,
        };
        if connect {
            self.connections += 1;
            let connection = ConnectionId::opened(self.connections);
            end.connection = Some(connection);
            end.session.send_bodiless(self.now);
            self.framers.insert(connection, msrp::Framer::default());
            self.peer_connects(connection, self.target.msrp);
        }
        self.ends.insert(name.to_owned(), end);
        for (name, connection, message) in std::mem::take(&mut self.early) {
            self.msrp_message(name, connection, message);
        }
    }

    /// Sends a message from an end in chunks, all but the last of which are answered before it is given up.
    pub fn say_and_abort(&mut self, name: &str, id: &str, octets: &Bytes, chunk: usize) {
        self.say_in_part(name, id, octets, chunk);
        self.msrp_octets_to_core(name, id, b"", (chunk + 1, octets.len()), '#');
    }

    /// Sends the first chunk of a message, and no more.
    pub fn say_in_part(&mut self, name: &str, id: &str, octets: &Bytes, chunk: usize) {
        self.msrp_octets_to_core(name, id, &octets[..chunk], (1, octets.len()), '+');
    }

    /// Sends what follows the first chunk of a message.
    pub fn say_rest(&mut self, name: &str, id: &str, octets: &Bytes, chunk: usize) {
        self.msrp_octets_to_core(name, id, &octets[chunk..], (chunk + 1, octets.len()), '$');
    }

    /// Sends one chunk, written out, from an end.
    fn msrp_octets_to_core(&mut self, name: &str, id: &str, body: &[u8], (from, total): (usize, usize), flag: char) {
        let end = &self.ends[name];
        let (connection, transaction) = (end.connection.unwrap(), format!("t{id}{from}"));
        let (to, own) = (end.session.remote_path().join(" "), end.session.local_path().to_owned());
        let head = format!(
            "MSRP {transaction} SEND\r\nTo-Path: {to}\r\nFrom-Path: {own}\r\nMessage-ID: {id}\r\n\
             Byte-Range: {from}-{}/{total}\r\nContent-Type: message/cpim\r\n\r\n",
            from + body.len() - usize::from(!body.is_empty())
        );
        let mut octets = head.into_bytes();
        octets.extend_from_slice(body);
        octets.extend_from_slice(format!("\r\n-------{transaction}{flag}\r\n").as_bytes());
        self.peer_output(io::Output::Send { connection, octets: octets.into() });
        self.run();
    }

    /// Sends a message from an end.
    pub fn say(&mut self, name: &str, id: &str, octets: &Bytes) {
        self.say_as(name, id, "message/cpim", octets, None);
    }

    pub fn say_as(&mut self, name: &str, id: &str, content_type: &str, octets: &Bytes, chunk: Option<usize>) {
        let outgoing = Outgoing {
            message_id: id.to_owned(),
            content_type: content_type.to_owned(),
            octets: octets.clone(),
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: chunk,
        };
        self.ends.get_mut(name).unwrap().session.send(self.now, outgoing);
        self.run();
    }

    /// An end answers what it has not answered.
    pub fn answer_held(&mut self, name: &str) {
        let end = self.ends.get_mut(name).unwrap();
        for reply in std::mem::take(&mut end.unanswered) {
            end.session.reply(reply, 200);
        }
        self.run();
    }

    pub fn has_connection(&self, name: &str) -> bool {
        self.ends[name].connection.is_some()
    }

    /// Resets, or finishes, the connection of an end.
    pub fn drop_connection(&mut self, name: &str, how: Closing) {
        let connection = self.ends.get_mut(name).unwrap().connection.take().unwrap();
        self.cut(connection, how);
        self.run();
    }

    /// Opens a connection of its own, sends these octets, and gives what comes back.
    pub fn media_noise(&mut self, octets: &[&[u8]]) -> String {
        self.connections += 1;
        let connection = ConnectionId::opened(self.connections);
        self.noise = Some((connection, Vec::new()));
        self.peer_connects(connection, self.target.msrp);
        for octets in octets {
            self.peer_output(io::Output::Send { connection, octets: Bytes::copy_from_slice(octets) });
            self.run();
        }
        String::from_utf8_lossy(&self.noise.take().unwrap().1).into_owned()
    }

    pub fn heard(&self, name: &str) -> &[Bytes] {
        &self.ends[name].received
    }

    pub fn status_of(&self, name: &str, id: &str) -> Option<u16> {
        self.ends[name].answers.iter().find(|(own, _)| own == id).map(|(_, status)| *status)
    }
}

/// The description in a message.
pub fn media(message: &Message) -> MsrpMedia {
    cpm_reference::call::offer::described(message).expect("a session description")
}

/// A header that has to be there.
pub fn header(message: &Message, name: Name) -> &str {
    message.header(&name).unwrap_or_else(|| panic!("{name} is missing in {message:?}"))
}
