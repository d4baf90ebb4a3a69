//! A scripted home network of the client: a registrar, a participating function and a focus behind one SIP address, and
//! MSRP ends; joined to the core by a network in which time is a number.

pub mod words;

use bytes::Bytes;
use cpm_reference::client::control::{Act, Reply, Request, ShownChat, Who};
use cpm_reference::client::{Config, Core};
use cpm_reference::core::Addresses;
use cpm_wire::endpoint::{Peer, Protocol, Transport, TransportEvent};
use cpm_wire::io::{Closing, ConnectionId, Input, Output};
use cpm_wire::msrp::{self, FailureReport};
use cpm_wire::msrp_session::{self, Outgoing, Session, SessionEvent, SessionOutput};
use cpm_wire::sdp::{self, MsrpMedia};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;
use words::*;

/// One end of an MSRP session.
pub struct End {
    session: Session,
    connection: Option<ConnectionId>,
    /// Complete messages, in order.
    pub received: Vec<Bytes>,
    /// Message-ID and status of what was sent; 0 for no answer.
    pub answers: Vec<(String, u16)>,
    /// How received messages are answered; none answers nothing.
    pub status: Option<u16>,
}

pub struct Home {
    pub now: Time,
    pub core: Core,
    transport: Transport,
    /// What the client sent, that the script has not taken yet.
    pub sip: VecDeque<Message>,
    seen: HashSet<String>,
    pub ends: HashMap<String, End>,
    framers: HashMap<ConnectionId, msrp::Framer>,
    early: Vec<(String, ConnectionId, msrp::Message)>,
    to_core: VecDeque<Input>,
    to_home: VecDeque<Input>,
    links: HashMap<ConnectionId, ConnectionId>,
    back: HashMap<ConnectionId, ConnectionId>,
    /// The connections of the client that were closed.
    pub closed: usize,
    count: u64,
}

pub fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Home {
    pub fn new() -> Home {
        Home::with("")
    }

    /// `more` lines are added to the configuration.
    pub fn with(more: &str) -> Home {
        let config = Config::from_yaml(&format!("{CONFIG}{more}"), "test").unwrap();
        Home {
            now: Time::from_nanos(1_790_000_000_000_000_000),
            core: Core::new(config, Addresses { sip: address(7000), msrp: address(7001), x1: None }, 1),
            transport: Transport::new(address(5060)),
            sip: VecDeque::new(),
            seen: HashSet::new(),
            ends: HashMap::new(),
            framers: HashMap::new(),
            early: Vec::new(),
            to_core: VecDeque::new(),
            to_home: VecDeque::new(),
            links: HashMap::new(),
            back: HashMap::new(),
            closed: 0,
            count: 0,
        }
    }

    /// A home whose client is registered for Bob; gives his Contact, too.
    pub fn registered() -> (Home, String) {
        let mut home = Home::new();
        let contact = home.register();
        (home, contact)
    }

    pub fn register(&mut self) -> String {
        assert!(self.act(Act::Register, None).ok);
        let register = self.request(Method::Register);
        self.answer(&register, 200, |response| response.header(Name::Expires, 3600));
        register.contacts().next().unwrap().unwrap().uri.to_owned()
    }

    // --- the user ---

    pub fn act(&mut self, act: Act, text: Option<&str>) -> Reply {
        self.act_as(BOB, act, None, text)
    }

    pub fn act_as(&mut self, user: &str, act: Act, chat: Option<&str>, text: Option<&str>) -> Reply {
        let (user, device) = (user.to_owned(), "phone".to_owned());
        let request = Request { user, device, act, chat: chat.map(str::to_owned), text: text.map(str::to_owned) };
        let reply = self.core.act(self.now, &request);
        self.run();
        reply
    }

    pub fn chats(&self, user: &str) -> Vec<ShownChat> {
        self.core.observe(&Who { user: user.to_owned(), device: "phone".to_owned() }).chats
    }

    /// Bob's only chat.
    pub fn chat(&self) -> ShownChat {
        let mut chats = self.chats(BOB);
        assert_eq!(chats.len(), 1, "one chat is shown");
        chats.remove(0)
    }

    pub fn texts(&self) -> Vec<String> {
        self.chat().messages.into_iter().map(|message| message.text).collect()
    }

    pub fn members(&self) -> Vec<String> {
        let shown = self.chat().members.into_iter();
        shown.filter(|member| member.status != "departed").map(|member| member.entity).collect()
    }

    pub fn changes(&self) -> Vec<String> {
        let shown = self.chat().changes.into_iter();
        shown.map(|change| format!("{} {} after {}", change.entity, change.what, change.after_messages)).collect()
    }

    // --- SIP ---

    pub fn send(&mut self, message: &Message) {
        let peer = Peer { address: address(7000), protocol: Protocol::Udp, connection: None };
        self.transport.send(message, &peer);
        self.run();
    }

    pub fn send_octets(&mut self, octets: impl Into<Bytes>) {
        let (local, remote) = (address(7000), address(5060));
        self.to_core.push_back(Input::Datagram { local, remote, octets: octets.into() });
        self.run();
    }

    pub fn take(&mut self, what: &str, fits: impl Fn(&Message) -> bool) -> Message {
        match self.sip.iter().position(fits) {
            Some(at) => self.sip.remove(at).unwrap(),
            None => panic!("{what} did not come, but {:#?}", self.starts()),
        }
    }

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

    pub fn answer(
        &mut self,
        request: &Message,
        status: u16,
        more: impl FnOnce(cpm_wire::sip::Builder) -> cpm_wire::sip::Builder,
    ) -> Message {
        let reason = cpm_wire::sip::reason_phrase(status);
        let response = cpm_wire::sip::Builder::response(request, status, reason).to_tag("home");
        let response = more(response).build();
        self.send(&response);
        response
    }

    // --- MSRP ---

    /// The description of an MSRP end.
    pub fn description(&self, name: &str, setup: &str, direction: &str) -> String {
        words::sdp(address(9000), name, setup, direction)
    }

    /// The peer of an end is known by its description. With `connect` the end opens the connection.
    pub fn start(&mut self, name: &str, described: &Message, connect: bool) {
        let path = format!("msrp://{}/{name};tcp", address(9000));
        let session = Session::new(&path, media(described).path, msrp_session::Config::default());
        let mut end = End { session, connection: None, received: Vec::new(), answers: Vec::new(), status: Some(200) };
        if connect {
            let connection = self.connect();
            end.connection = Some(connection);
            end.session.send_bodiless(self.now);
        }
        self.ends.insert(name.to_owned(), end);
        for (name, connection, message) in std::mem::take(&mut self.early) {
            self.msrp_message(name, connection, message);
        }
        self.run();
    }

    fn connect(&mut self) -> ConnectionId {
        self.count += 1;
        let (home, core) = (ConnectionId::opened(self.count), ConnectionId::accepted(self.count));
        self.links.insert(core, home);
        self.back.insert(home, core);
        self.framers.insert(home, msrp::Framer::default());
        self.to_core.push_back(Input::Accepted { connection: core, local: address(7001), remote: address(30_000) });
        home
    }

    pub fn say(&mut self, end: &str, id: &str, octets: impl Into<Bytes>) -> Option<u16> {
        self.say_as(end, id, "message/cpim", octets)
    }

    /// Sends a message from an end; gives its status.
    pub fn say_as(&mut self, end: &str, id: &str, content_type: &str, octets: impl Into<Bytes>) -> Option<u16> {
        let outgoing = Outgoing {
            message_id: id.to_owned(),
            content_type: content_type.to_owned(),
            octets: octets.into(),
            success_report: false,
            failure_report: FailureReport::Yes,
            chunk_octets: None,
        };
        self.ends.get_mut(end).unwrap().session.send(self.now, outgoing);
        self.run();
        self.ends[end].answers.iter().rev().find(|(own, _)| own == id).map(|(_, status)| *status)
    }

    /// Sends octets over a connection of their own.
    pub fn noise(&mut self, octets: &[u8]) {
        let home = self.connect();
        let connection = self.back[&home];
        self.to_core.push_back(Input::Received { connection, octets: Bytes::copy_from_slice(octets) });
        self.run();
    }

    pub fn heard(&self, end: &str) -> Vec<String> {
        self.ends[end].received.iter().map(|octets| String::from_utf8_lossy(octets).into_owned()).collect()
    }

    pub fn drop_connection(&mut self, end: &str) {
        let connection = self.ends.get_mut(end).unwrap().connection.take().unwrap();
        self.cut(connection, Closing::Finished);
        self.run();
    }

    // --- the network ---

    pub fn run(&mut self) {
        loop {
            let mut idle = true;
            if self.core.poll_timeout().is_some_and(|due| due <= self.now) {
                self.core.handle_timeout(self.now);
            }
            while let Some(output) = self.core.poll_output() {
                idle = false;
                self.core_output(output);
            }
            while let Some(input) = self.to_home.pop_front() {
                idle = false;
                self.home_input(input);
            }
            while let Some(output) = self.transport.poll_output() {
                self.home_output(output);
            }
            for name in self.ends.keys().cloned().collect::<Vec<_>>() {
                self.flush(&name);
            }
            while let Some(input) = self.to_core.pop_front() {
                idle = false;
                self.core.handle_input(self.now, input);
            }
            if idle {
                return;
            }
        }
    }

    pub fn pass(&mut self, span: Duration) {
        let until = self.now + span;
        self.run();
        while let Some(due) = self.core.poll_timeout().filter(|due| *due <= until) {
            self.now = due.max(self.now);
            self.run();
        }
        self.now = until;
    }

    fn core_output(&mut self, output: Output) {
        match output {
            Output::Datagram { local, remote, octets } => {
                self.to_home.push_back(Input::Datagram { local: remote, remote: local, octets });
            }
            Output::Connect { connection, remote } => {
                self.count += 1;
                let home = ConnectionId::accepted(self.count);
                self.links.insert(connection, home);
                self.back.insert(home, connection);
                let from = address(30_000);
                self.to_home.push_back(Input::Accepted { connection: home, local: remote, remote: from });
                self.to_core.push_back(Input::Connected { connection, local: from, remote });
            }
            Output::Send { connection, octets } => {
                if let Some(home) = self.links.get(&connection) {
                    self.to_home.push_back(Input::Received { connection: *home, octets });
                }
            }
            Output::Close { connection } | Output::Reset { connection } => {
                self.closed += 1;
                if let Some(home) = self.links.remove(&connection) {
                    self.back.remove(&home);
                    self.to_home.push_back(Input::Closed { connection: home, how: Closing::Finished });
                }
            }
            Output::ConnectSecured { .. } => panic!("a client opens no such connection"),
        }
    }

    fn home_output(&mut self, output: Output) {
        match output {
            Output::Datagram { local, remote, octets } => {
                self.to_core.push_back(Input::Datagram { local: remote, remote: local, octets });
            }
            Output::Send { connection, octets } => {
                if let Some(core) = self.back.get(&connection) {
                    self.to_core.push_back(Input::Received { connection: *core, octets });
                }
            }
            Output::Connect { .. } | Output::ConnectSecured { .. } => panic!("the home network sends SIP by UDP"),
            Output::Close { connection } | Output::Reset { connection } => self.cut(connection, Closing::Finished),
        }
    }

    fn cut(&mut self, home: ConnectionId, how: Closing) {
        if let Some(core) = self.back.remove(&home) {
            self.links.remove(&core);
            self.to_core.push_back(Input::Closed { connection: core, how });
        }
    }

    fn home_input(&mut self, input: Input) {
        if self.transport.owns(&input) {
            self.transport.receive(input);
            while let Some(event) = self.transport.poll_event() {
                if let TransportEvent::Message { message, .. } = event {
                    let branch = message.via().unwrap().branch().unwrap_or_default().to_owned();
                    let again = !message.is_request() || message.method() == Method::Ack;
                    if again || self.seen.insert(format!("{branch} {}", message.method())) {
                        self.sip.push_back(message);
                    }
                }
            }
            return;
        }
        match input {
            Input::Accepted { connection, .. } | Input::Connected { connection, .. } => {
                self.framers.insert(connection, msrp::Framer::default());
            }
            Input::Received { connection, octets } => {
                let Some(framer) = self.framers.get_mut(&connection) else { return };
                framer.push(octets);
                while let Some(Ok(message)) = self.framers.get_mut(&connection).and_then(msrp::Framer::next) {
                    let name = message.local_session_id().unwrap_or_default().to_owned();
                    self.msrp_message(name, connection, message);
                }
            }
            Input::Closed { connection, .. } => {
                self.framers.remove(&connection);
            }
            Input::Authenticated { .. } | Input::Datagram { .. } => {}
        }
    }

    fn msrp_message(&mut self, name: String, connection: ConnectionId, message: msrp::Message) {
        let Some(end) = self.ends.get_mut(&name) else { return self.early.push((name, connection, message)) };
        end.connection = Some(connection);
        end.session.receive(self.now, message);
        self.flush(&name);
    }

    fn flush(&mut self, name: &str) {
        while let Some(end) = self.ends.get_mut(name) {
            let connection = end.connection;
            match end.session.poll_output() {
                None => return,
                Some(SessionOutput::Send(octets)) => {
                    if let Some(connection) = connection {
                        self.home_output(Output::Send { connection, octets });
                    }
                }
                Some(SessionOutput::Event(event)) => end.event(event),
            }
        }
    }
}

impl End {
    fn event(&mut self, event: SessionEvent) {
        match event {
            SessionEvent::Received { octets, reply, .. } => {
                self.received.push(octets);
                if let Some(status) = self.status {
                    self.session.reply(reply, status);
                }
            }
            SessionEvent::Acknowledged { message_id } => self.answers.push((message_id, 200)),
            SessionEvent::Refused { message_id, status } => self.answers.push((message_id, status)),
            SessionEvent::Unanswered { message_id } => self.answers.push((message_id, 0)),
            _ => {}
        }
    }
}

/// The session description in a message, alone or in a multipart.
pub fn media(message: &Message) -> MsrpMedia {
    let body = String::from_utf8_lossy(message.body()).into_owned();
    let from = body.find("v=0").unwrap();
    let text = body[from..].split("\r\n--").next().unwrap();
    MsrpMedia::from_session(&sdp::Session::parse(text.as_bytes()).unwrap()).unwrap()
}
