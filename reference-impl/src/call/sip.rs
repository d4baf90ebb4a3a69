//! The SIP side of the function: one address over UDP and TCP, the transactions on it, where a request goes next.
//!
//! Follows RFC 3261 sections 8.1.2 and 12.2.1.1 for the next hop, without DNS: a hop that is no address goes to the
//! serving CSCF, which resolves it.

use super::seen::{Seen, SipSeen};
use super::tokens::Tokens;
use super::{malformed, served};
use cpm_wire::endpoint::{Peer, Protocol, Transport, TransportEvent, response_peer};
use cpm_wire::io;
use cpm_wire::sip::{Builder, Editor, Message, Name, NameAddr, SipUri, Uri, Via};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, Event, Layer, Output, ServerId, Timers};
use std::collections::{HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

/// What the function calls itself.
pub const PRODUCT: &str = concat!("cpm-reference/", env!("CARGO_PKG_VERSION"));

/// Transport and transactions of one SIP address.
pub struct Sip {
    /// What passes.
    pub seen: Seen<SipSeen>,
    transport: Transport,
    layer: Layer<Peer>,
    local: SocketAddr,
    serving_cscf: SocketAddr,
    tokens: Tokens,
    /// What the marks in branches are made with.
    seed: u64,
    /// The requests that went by TCP and have no outcome yet, by branch: a connection may fail them.
    by_stream: HashMap<String, ClientId>,
    /// The requests whose final answer somebody wants to know of, and those that have theirs.
    watched: HashSet<ServerId>,
    settled: VecDeque<(ServerId, u16)>,
}

impl Sip {
    /// The SIP side at `local`, with the timer T1 of RFC 3261. What names no address goes to the serving CSCF, or to a
    /// client's proxy.
    pub fn new(t1: Duration, local: SocketAddr, serving_cscf: SocketAddr, seed: u64) -> Sip {
        Sip {
            seen: Seen::default(),
            transport: Transport::new(local),
            layer: Layer::new(Timers { t1, ..Timers::default() }),
            local,
            serving_cscf,
            tokens: Tokens::new(seed),
            seed,
            by_stream: HashMap::new(),
            watched: HashSet::new(),
            settled: VecDeque::new(),
        }
    }

    /// The own address.
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// True for input of this side.
    pub fn owns(&self, input: &io::Input) -> bool {
        self.transport.owns(input)
    }

    /// Takes octets in.
    pub fn receive(&mut self, now: Time, input: io::Input) {
        self.transport.receive(input);
        while let Some(event) = self.transport.poll_event() {
            match event {
                TransportEvent::Message { message, peer, .. } => self.message(now, message, peer),
                TransportEvent::Malformed { octets, peer, .. } => {
                    if let Some(refusal) = malformed::refusal(&octets, &self.tokens.tag()) {
                        self.transport.send(&refusal, &peer);
                    }
                }
                TransportEvent::WentByUdp { message, peer } => {
                    if let Some(branch) = branch(&message) {
                        self.by_stream.remove(&branch);
                    }
                    self.layer.went_unreliably(now, message, peer);
                }
                TransportEvent::Failed { messages, .. } => self.failed(now, &messages),
            }
        }
    }

    fn failed(&mut self, now: Time, messages: &[Message]) {
        for branch in messages.iter().filter_map(branch) {
            if let Some(client) = self.by_stream.remove(&branch) {
                self.layer.transport_failed(now, client);
            }
        }
    }

    fn put(&mut self, message: &Message, peer: &Peer) {
        self.seen.note(|| SipSeen { inbound: false, message: message.clone(), remote: peer.address });
        self.transport.send(message, peer);
    }

    fn message(&mut self, now: Time, message: Message, came_from: Peer) {
        self.seen.note(|| SipSeen { inbound: true, message: message.clone(), remote: came_from.address });
        let reliable = came_from.protocol.is_reliable();
        if !message.is_request() {
            if message.check_response().is_ok() {
                self.layer.receive(now, message, came_from, reliable);
            }
            return;
        }
        let peer = response_peer(&message, &came_from);
        match message.check_request() {
            Ok(()) => self.layer.receive(now, message, peer, reliable),
            Err(fault) => {
                if let Some(refusal) = malformed::refusal_of(&message, &fault, &self.tokens.tag()) {
                    self.transport.send(&refusal, &peer);
                }
            }
        }
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event<Peer>> {
        loop {
            match self.layer.poll_output()? {
                Output::Send { message, peer } => self.put(&message, &peer),
                Output::Event(event) => {
                    self.note_outcome(&event);
                    return Some(event);
                }
            }
        }
    }

    fn note_outcome(&mut self, event: &Event<Peer>) {
        let over = match event {
            Event::Response { message, .. } if message.status().is_some_and(|status| status >= 200) => branch(message),
            Event::Timeout { request, .. } | Event::TransportError { request, .. } => branch(request),
            _ => None,
        };
        if let Some(branch) = over {
            self.by_stream.remove(&branch);
        }
    }

    /// The next octets to be sent.
    pub fn poll_output(&mut self) -> Option<io::Output> {
        self.transport.poll_output()
    }

    /// When [`Sip::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.layer.poll_timeout()
    }

    /// Retransmits, and gives up.
    pub fn handle_timeout(&mut self, now: Time) {
        self.layer.handle_timeout(now);
    }

    /// Sends a request that has no Via yet.
    pub fn request(&mut self, now: Time, request: Message) -> ClientId {
        let peer = self.next_hop(&request);
        let request = self.stamped(request, &peer);
        self.request_to(now, request, peer)
    }

    fn request_to(&mut self, now: Time, request: Message, peer: Peer) -> ClientId {
        let reliable = peer.protocol.is_reliable();
        let branch = branch(&request).filter(|_| reliable);
        let client = self.layer.request(now, request, peer, reliable);
        if let Some(branch) = branch {
            self.by_stream.insert(branch, client);
        }
        client
    }

    /// Sends a request on that [`Sip::routed_on`] has begun to change, and that is written once: `received` as it came.
    pub fn request_onward(&mut self, now: Time, received: &Message, onward: Editor) -> ClientId {
        let next = received.routes().nth(1).and_then(Result::ok).and_then(|route| host_of(route.uri));
        let protocol = self.transport.choose(received.octets().len() + VIA_OCTETS, Protocol::Udp);
        let peer = Peer { address: next.unwrap_or(self.serving_cscf), protocol, connection: None };
        let via = self.via(received, &peer);
        self.request_to(now, onward.prepend(Name::Via, via).finish(), peer)
    }

    /// Sends the ACK of a 2xx; gives the message, for retransmissions.
    pub fn acknowledge(&mut self, ack: Message) -> Message {
        let peer = self.next_hop(&ack);
        let ack = self.stamped(ack, &peer);
        self.put(&ack, &peer);
        ack
    }

    /// Sends the ACK of a 2xx once more.
    pub fn repeat(&mut self, ack: &Message) {
        let peer = self.next_hop(ack);
        self.put(ack, &peer);
    }

    /// Answers a request.
    pub fn respond(&mut self, now: Time, server: ServerId, response: Message) {
        let response = match response.header(&Name::Server) {
            Some(_) => response,
            None => response.edit().set(Name::Server, PRODUCT).finish(),
        };
        self.note_answer(server, &response);
        self.layer.respond(now, server, response);
    }

    /// Passes a response on that some other element made, and says nothing of its own in it.
    pub fn pass_response(&mut self, now: Time, server: ServerId, response: Message) {
        self.note_answer(server, &response);
        self.layer.respond(now, server, response);
    }

    /// Wants to know how a request is answered finally: [`Sip::poll_settled`] tells.
    pub fn watch(&mut self, server: ServerId) {
        self.watched.insert(server);
    }

    /// True until such a request has its answer.
    pub fn is_watched(&self, server: ServerId) -> bool {
        self.watched.contains(&server)
    }

    /// The next request that was watched and has its final answer, and the status.
    pub fn poll_settled(&mut self) -> Option<(ServerId, u16)> {
        self.settled.pop_front()
    }

    fn note_answer(&mut self, server: ServerId, response: &Message) {
        let status = response.status().filter(|status| *status >= 200);
        if let Some(status) = status
            && self.watched.remove(&server)
        {
            self.settled.push_back((server, status));
        }
    }

    /// The ACK of a 2xx that this server transaction sent has come.
    pub fn acknowledged(&mut self, now: Time, server: ServerId) {
        self.layer.acknowledged(now, server);
    }

    /// Cancels an INVITE, with a Reason (RFC 3326) if there is one.
    pub fn cancel(&mut self, now: Time, invite: ClientId, reason: Option<&str>) -> Option<ClientId> {
        self.layer.cancel_because(now, invite, reason)
    }

    /// True for a request that came by another way already (RFC 3261 section 8.2.2.2). One that this side has sent on itself, for
    /// another user of the same home, has come by the same way and only further.
    pub fn is_merged(&self, request: &Message) -> bool {
        self.layer.is_merged(request) && self.own_vias(request).next().is_none()
    }

    /// The Record-Route by which a dialog stays with the function although its Contact names someone else: a focus.
    pub fn own_route(&self) -> String {
        format!("<sip:{};lr>", self.local)
    }

    /// True for a Route value that leads here.
    pub fn is_own_route(&self, route: &str) -> bool {
        NameAddr::parse(route).is_ok_and(|route| host_of(route.uri) == Some(self.local))
    }

    /// Takes the own Route off a request that goes on; without another one it goes to the serving CSCF.
    pub fn routed_on(&self, request: &Message) -> Editor {
        match request.routes().count() {
            0 | 1 => request.edit().set(Name::Route, format!("<sip:{};lr>", self.serving_cscf)),
            _ => request.edit().remove_first(&Name::Route),
        }
    }

    /// True for a request of this side that has come back: the serving CSCF runs its filter criteria on what the
    /// function originates, too. One that comes for another user than it was sent for, as from a caller to the called user of
    /// the same home, is a spiral and no loop (RFC 3261 section 16.3 item 4).
    pub fn has_sent(&self, request: &Message) -> bool {
        let for_the_same =
            |via: Via<'_>| match (via.branch().and_then(served::mark_of), served::mark(self.seed, request)) {
                (Some(before), Some(now)) => before == now,
                _ => true,
            };
        self.own_vias(request).any(for_the_same)
    }

    fn own_vias<'a>(&self, request: &'a Message) -> impl Iterator<Item = Via<'a>> {
        let (host, port) = (self.local.ip().to_string(), self.local.port());
        let own = move |via: &Via<'_>| via.host.trim_matches(['[', ']']) == host && via.port == Some(port);
        request.vias().filter_map(Result::ok).filter(own)
    }

    fn stamped(&mut self, request: Message, peer: &Peer) -> Message {
        let via = self.via(&request, peer);
        request.edit().prepend(Name::Via, via).finish()
    }

    /// The own Via for a request of this served user.
    fn via(&mut self, request: &Message, peer: &Peer) -> String {
        let mark = served::mark(self.seed, request).unwrap_or_default();
        let branch = self.tokens.branch() + &mark;
        format!("SIP/2.0/{} {};branch={branch};rport", peer.protocol.as_str(), self.local)
    }

    fn next_hop(&self, request: &Message) -> Peer {
        let route = request.routes().next().and_then(Result::ok).and_then(|route| host_of(route.uri));
        let address = route.or_else(|| match request.header(&Name::Route) {
            Some(_) => None,
            None => request.request_uri().and_then(host_of),
        });
        // A stamped request is longer by its Via.
        let octets = request.octets().len() + VIA_OCTETS;
        let protocol = self.transport.choose(octets, Protocol::Udp);
        Peer { address: address.unwrap_or(self.serving_cscf), protocol, connection: None }
    }
}

const VIA_OCTETS: usize = 90;

/// The branch of a message's topmost Via.
fn branch(message: &Message) -> Option<String> {
    message.via().ok()?.branch().map(str::to_owned)
}

/// The address in a URI, when it is one.
fn host_of(uri: &str) -> Option<SocketAddr> {
    let Ok(Uri::Sip(SipUri { host, port, .. })) = Uri::parse(uri) else { return None };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some(SocketAddr::new(host.parse().ok()?, port.unwrap_or(5060)))
}

/// A name-addr without its tag: what From and To keep from one leg to the other.
pub fn without_tag(value: &NameAddr<'_>) -> String {
    match value.display {
        Some(display) if !display.is_empty() => format!("{display} <{}>", value.uri),
        _ => format!("<{}>", value.uri),
    }
}

/// What belongs to the dialog, the transaction or the way of a message, and so is made anew on another leg.
const OF_THE_LEG: [Name; 22] = [
    Name::Via,
    Name::Route,
    Name::RecordRoute,
    Name::From,
    Name::To,
    Name::CallId,
    Name::CSeq,
    Name::Contact,
    Name::MaxForwards,
    Name::ContentLength,
    Name::ContentType,
    Name::Allow,
    Name::Supported,
    Name::Require,
    Name::UserAgent,
    Name::Server,
    Name::PServedUser,
    Name::RAck,
    Name::RSeq,
    Name::SessionExpires,
    Name::MinSe,
    Name::Timestamp,
];

/// Adds to `onward` what a message of one leg says to the other end: all that is not of the leg, and the body.
pub fn copied(message: &Message, onward: Builder) -> Builder {
    let onward = copied_but_body(message, onward);
    match message.header(&Name::ContentType) {
        Some(content_type) if !message.body().is_empty() => onward.body(content_type, message.body_octets()),
        _ => onward,
    }
}

/// The same without the body.
pub fn copied_but_body(message: &Message, onward: Builder) -> Builder {
    let fields = message.fields().iter().filter(|field| !OF_THE_LEG.contains(&field.name));
    fields.fold(onward, |onward, field| onward.header(field.name.clone(), message.text(field.value)))
}

/// The same with an own session description in place of the body, where there is one.
pub fn copied_with(message: &Message, onward: Builder, sdp: Option<String>) -> Builder {
    match sdp {
        Some(sdp) => copied_but_body(message, onward).body(cpm_wire::sdp::MEDIA_TYPE, sdp),
        None => copied(message, onward),
    }
}

/// Adds to a refusal what the other leg's refusal says of its reasons.
pub fn with_reasons(refusal: Builder, other: Option<&Message>) -> Builder {
    let reasons =
        [Name::Warning, Name::Reason, Name::RetryAfter, Name::ErrorInfo, Name::Unsupported, Name::Accept, Name::Allow];
    let Some(other) = other else { return refusal };
    reasons.into_iter().fold(refusal, |refusal, name| match other.header(&name) {
        Some(value) => refusal.header(name.clone(), value),
        None => refusal,
    })
}
