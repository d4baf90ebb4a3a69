//! The one serving-CSCF socket of a run, and whose each message is.
//!
//! Names made for a scenario carry its mark (actors::ids): the branch of what it sent, the tags of its dialogs, its
//! contact addresses. Requests that the target starts are told by the user they are for. What belongs to nobody is kept
//! as a finding of the run.

use super::link::LinkInput;
use crate::actors::ids::mark_of;
use cpm_wire::endpoint::{Peer, Transport, TransportEvent, response_peer};
use cpm_wire::net::{Binding, Clock, Driver};
use cpm_wire::sip::{Builder, Message, Method, Name, NameAddr, Uri, identity_key, reason_phrase};
use cpm_wire::time::Time;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

/// How many messages may wait for one scenario before further ones are dropped: a flooding target fills no memory.
const WAITING: usize = 20_000;
/// As much as is kept of what belongs to nobody.
const MOST_STRAYS: usize = 1000;

/// Traffic of the target that belongs to no scenario.
#[derive(Clone, Debug)]
pub struct Stray {
    /// When it came.
    pub at: Time,
    /// The first line, or the first octets.
    pub what: String,
    /// From where.
    pub from: SocketAddr,
}

#[derive(Debug, Default)]
struct Directory {
    scenarios: HashMap<String, mpsc::Sender<(Time, LinkInput)>>,
    identities: HashMap<String, String>,
    /// The home domain, where the target is a client that registers when it likes.
    registers: Option<String>,
    registrations: HashMap<String, (Message, Peer)>,
    strays: Vec<Stray>,
    overflow: u64,
}

enum Request {
    Send { message: Message, peer: Peer },
}

/// A handle to the serving-CSCF socket of the run.
#[derive(Clone)]
pub struct Switchboard {
    /// Its address.
    pub address: SocketAddr,
    /// The octets of receive buffer that the kernel gave.
    pub receive_buffer: Option<usize>,
    clock: Clock,
    directory: Arc<Mutex<Directory>>,
    requests: mpsc::UnboundedSender<Request>,
    driver: Arc<Driver>,
}

impl Switchboard {
    /// Opens the socket, UDP and TCP at one port.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn open(address: SocketAddr, clock: Clock) -> std::io::Result<Switchboard> {
        let (driver, mut inputs) = Driver::new(clock);
        let address = driver.bind(Binding { udp: true, tcp: true, address }).await?;
        let receive_buffer = driver.receive_buffer_octets();
        let driver = Arc::new(driver);
        let directory = Arc::new(Mutex::new(Directory::default()));
        let (requests, mut wishes) = mpsc::unbounded_channel();
        let board = Switchboard {
            address,
            receive_buffer,
            clock,
            directory: directory.clone(),
            requests,
            driver: driver.clone(),
        };
        let mut transport = Transport::new(address);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    input = inputs.recv() => match input {
                        Some((at, input)) => {
                            transport.receive(input);
                            deliver(&directory, &mut transport, at);
                        }
                        None => return,
                    },
                    wish = wishes.recv() => match wish {
                        Some(Request::Send { message, peer }) => transport.send(&message, &peer),
                        None => return,
                    },
                }
                while let Some(output) = transport.poll_output() {
                    driver.perform(output);
                }
            }
        });
        Ok(board)
    }

    /// The clock of the run.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Opens a line for the scenario with this mark.
    pub fn join(&self, mark: &str) -> mpsc::Receiver<(Time, LinkInput)> {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.with(|directory| directory.scenarios.insert(mark.to_owned(), sender));
        receiver
    }

    /// Requests from and to these identities belong to the scenario with this mark.
    pub fn claim(&self, mark: &str, identities: &[String]) {
        self.with(|directory| {
            for identity in identities {
                directory.identities.insert(identity_key(identity), mark.to_owned());
            }
        });
    }

    /// From now on every registration is taken, also between two scenarios: a client under test comes when it likes.
    pub fn register_everybody(&self, domain: &str) {
        self.with(|directory| directory.registers = Some(domain.to_owned()));
    }

    /// The latest REGISTER for this identity, and where it came from.
    pub fn registration_of(&self, identity: &str) -> Option<(Message, Peer)> {
        self.with(|directory| directory.registrations.get(&identity_key(identity)).cloned())
    }

    /// The scenario is over; what still comes for it is nobody's concern.
    pub fn leave(&self, mark: &str) {
        self.with(|directory| directory.scenarios.remove(mark));
    }

    /// Sends a message from the serving-CSCF socket.
    pub fn send(&self, message: Message, peer: Peer) {
        // The task lives as long as the run; after it nobody waits for the message.
        let _ = self.requests.send(Request::Send { message, peer });
    }

    /// The mark of the scenario to which an identity, or a URI made for it, belongs.
    pub fn owner_of(&self, uri: &str) -> Option<String> {
        self.with(|directory| directory.identities.get(&identity_key(uri)).cloned().or_else(|| mark_in(uri)))
    }

    /// Gives a scenario what another socket of the run brought for it.
    pub fn give(&self, mark: &str, at: Time, input: LinkInput) {
        self.with(|directory| {
            // A scenario that is over has no line, and what comes late for it is nobody's concern.
            let Some(line) = directory.scenarios.get(mark) else { return };
            if line.try_send((at, input)).is_err() {
                directory.overflow += 1;
            }
        });
    }

    /// Notes what belongs to nobody.
    pub fn note_stray(&self, stray: Stray) {
        self.with(|directory| {
            if directory.strays.len() < MOST_STRAYS {
                directory.strays.push(stray);
            }
        });
    }

    /// Traffic that belonged to nobody so far.
    pub fn strays(&self) -> Vec<Stray> {
        self.with(|directory| directory.strays.clone())
    }

    /// Datagrams that the kernel, or a full line, dropped.
    pub fn dropped(&self) -> u64 {
        self.driver.dropped_datagrams() + self.with(|directory| directory.overflow)
    }

    fn with<R>(&self, work: impl FnOnce(&mut Directory) -> R) -> R {
        let mut directory = self.directory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        work(&mut directory)
    }
}

fn deliver(directory: &Mutex<Directory>, transport: &mut Transport, at: Time) {
    let mut directory = directory.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    while let Some(event) = transport.poll_event() {
        let (mark, input, what, from) = match event {
            TransportEvent::Message { message, octets, peer } => {
                let what = first_line(&octets);
                let from = peer.address;
                (owner(&directory, &message), LinkInput::Sip { message, octets, peer }, what, from)
            }
            TransportEvent::Malformed { octets, why, peer } => {
                let (what, from) = (first_line(&octets), peer.address);
                // Whose it is cannot be read from what cannot be read: every scenario hears of it at the end.
                (None, LinkInput::Malformed { octets, why, peer }, what, from)
            }
            TransportEvent::WentByUdp { message, peer } => {
                let mark = message.via().ok().and_then(|via| mark_of(via.branch()?).map(str::to_owned));
                let (what, from) = (first_line(message.octets()), peer.address);
                (mark, LinkInput::WentByUdp { message, peer }, what, from)
            }
            TransportEvent::Failed { .. } => continue,
        };
        if let LinkInput::Sip { message, peer, .. } = &input
            && message.method() == Method::Register
            && directory.registers.is_some()
        {
            let served = mark.as_deref().is_some_and(|mark| directory.scenarios.contains_key(mark));
            registered(&mut directory, transport, message, peer, served);
            if !served {
                continue;
            }
        }
        let line = mark.as_deref().and_then(|mark| directory.scenarios.get(mark)).cloned();
        match line {
            Some(line) if line.try_send((at, input)).is_err() => directory.overflow += 1,
            Some(_) => {}
            // A late retransmission for a scenario that is over is no stray: it has an owner.
            None if mark.is_some() => {}
            None if directory.strays.len() < MOST_STRAYS => directory.strays.push(Stray { at, what, from }),
            None => {}
        }
    }
}

/// Remembers a registration, and answers it when no scenario does (RFC 3261 section 10.3).
fn registered(directory: &mut Directory, transport: &mut Transport, message: &Message, peer: &Peer, served: bool) {
    let Some(identity) = message.to().ok().map(|to| identity_key(to.uri)) else { return };
    if message.expires() == Some(0) {
        directory.registrations.remove(&identity);
    } else {
        directory.registrations.insert(identity, (message.clone(), *peer));
    }
    if served {
        return;
    }
    let mut response = Builder::response(message, 200, reason_phrase(200)).to_tag("registrar");
    for contact in message.headers(&Name::Contact) {
        response = response.header(Name::Contact, contact);
    }
    response = message.expires().into_iter().fold(response, |response, s| response.header(Name::Expires, s));
    transport.send(&response.build(), &response_peer(message, peer));
}

fn first_line(octets: &[u8]) -> String {
    let line = octets.split(|octet| *octet == b'\r' || *octet == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(line.get(..line.len().min(120)).unwrap_or_default()).into_owned()
}

/// The mark in the user part of a URI.
fn mark_in(uri: &str) -> Option<String> {
    match Uri::parse(uri) {
        Ok(Uri::Sip(sip)) => sip.user.and_then(mark_of).map(str::to_owned),
        _ => None,
    }
}

/// The mark of the scenario that a message belongs to.
fn owner(directory: &Directory, message: &Message) -> Option<String> {
    if !message.is_request() {
        let via = message.via().ok()?;
        return mark_of(via.branch()?).map(str::to_owned);
    }
    let by_tag = message.to_tag().and_then(mark_of).map(str::to_owned);
    let by_uri = || message.request_uri().and_then(mark_in);
    let by_route = || message.routes().filter_map(Result::ok).find_map(|route| mark_in(route.uri));
    let known = |uri: &str| directory.identities.get(&identity_key(uri)).cloned();
    let by_identity = || {
        let served = message.header(&Name::PServedUser).and_then(|value| NameAddr::parse(value).ok());
        let asserted = message.asserted_identities().filter_map(Result::ok);
        served
            .into_iter()
            .chain(asserted)
            .chain(message.from().ok())
            .chain(message.to().ok())
            .find_map(|address| known(address.uri))
    };
    by_tag
        .or_else(by_uri)
        .or_else(|| message.request_uri().and_then(known))
        .or_else(by_route)
        .or_else(by_identity)
        .or_else(|| message.call_id().and_then(mark_of).map(str::to_owned))
}
