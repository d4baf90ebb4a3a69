//! Each timer at its exact instant, in virtual time.

mod client;
mod layer;
mod network;
mod server;

use super::{ClientId, Event, Layer, Output, ServerId, Timers};
use crate::sip::{Builder, Message, Method, Name, reason_phrase};
use crate::time::Time;
use bytes::Bytes;
use std::time::Duration;

const PEER: &str = "peer";
const UDP: bool = false;
const TCP: bool = true;

/// A layer whose time is milliseconds since the bench began, and which says in words what it does.
struct Bench {
    layer: Layer<&'static str>,
    now: u64,
    last_server: Option<ServerId>,
    last_cancelled: Option<ServerId>,
}

fn time(ms: u64) -> Time {
    Time::from_nanos(1_700_000_000_000_000_000) + Duration::from_millis(ms)
}

impl Bench {
    fn new() -> Bench {
        Bench::with_layer(Layer::new(Timers::default()))
    }

    fn with_layer(layer: Layer<&'static str>) -> Bench {
        Bench { layer, now: 0, last_server: None, last_cancelled: None }
    }

    /// Runs until `until` has been handled, waking the layer exactly when it asks; gives what happened when.
    fn run(&mut self, until: u64) -> Vec<(u64, String)> {
        let mut log = Vec::new();
        loop {
            while let Some(output) = self.layer.poll_output() {
                log.push((self.now, self.words(output)));
            }
            match self.layer.poll_timeout() {
                Some(at) if at <= time(until) => {
                    let span = at.since(time(0));
                    assert_eq!(span.subsec_nanos() % 1_000_000, 0, "timers of whole milliseconds");
                    self.now = u64::try_from(span.as_millis()).unwrap();
                    self.layer.handle_timeout(at);
                }
                _ => break,
            }
        }
        self.now = until;
        log
    }

    /// What happens at once.
    fn words_now(&mut self) -> Vec<String> {
        let now = self.now;
        self.run(now).into_iter().map(|(_, words)| words).collect()
    }

    /// When a message of these words went out, or an event of them happened, until `until`.
    fn times(&mut self, words: &str, until: u64) -> Vec<u64> {
        let log = self.run(until);
        let times = log.iter().filter(|(_, said)| said == words).map(|(at, _)| *at).collect();
        assert!(log.iter().all(|(_, said)| said == words), "something else than {words}: {log:?}");
        times
    }

    fn words(&mut self, output: Output<&'static str>) -> String {
        match output {
            Output::Send { message, peer } => {
                assert_eq!(peer, PEER);
                format!("send {}", name(&message))
            }
            Output::Event(Event::Request { server, message, .. }) => {
                self.last_server = Some(server);
                format!("request {}", name(&message))
            }
            Output::Event(Event::Cancel { server, invite, .. }) => {
                self.last_server = Some(server);
                self.last_cancelled = invite;
                format!("cancel {}", if invite.is_some() { "known" } else { "unknown" })
            }
            Output::Event(Event::Ack { server, .. }) => {
                format!("ack {}", if server.is_some() { "known" } else { "unknown" })
            }
            Output::Event(Event::Response { message, repeated, .. }) => {
                format!("{} {}", if repeated { "repeated" } else { "response" }, name(&message))
            }
            Output::Event(Event::Timeout { request, .. }) => format!("timeout {}", name(&request)),
            Output::Event(Event::TransportError { request, .. }) => format!("transport error {}", name(&request)),
            Output::Event(Event::Unacknowledged { .. }) => "unacknowledged".to_owned(),
            Output::Event(Event::StrayResponse { message, .. }) => format!("stray {}", name(&message)),
        }
    }

    fn send(&mut self, message: &Message, reliable: bool) -> ClientId {
        self.layer.request(time(self.now), message.clone(), PEER, reliable)
    }

    fn receive(&mut self, message: &Message, reliable: bool) {
        self.layer.receive(time(self.now), message.clone(), PEER, reliable);
    }

    /// Receives a new request and gives its transaction.
    fn serve(&mut self, message: &Message, reliable: bool) -> ServerId {
        self.receive(message, reliable);
        let said = self.words_now();
        assert_eq!(said, [format!("request {}", message.method())]);
        self.last_server.unwrap()
    }

    fn respond(&mut self, server: ServerId, request: &Message, status: u16) {
        self.layer.respond(time(self.now), server, answer(request, status, "b"));
    }
}

/// The method of a request, the status of a response.
fn name(message: &Message) -> String {
    message.status().map_or_else(|| message.method().to_string(), |status| status.to_string())
}

fn request(method: Method, branch: &str) -> Message {
    let cseq = format!("7 {method}");
    Builder::request(method, "sip:bob@example.com")
        .header(Name::Via, format!("SIP/2.0/UDP client.example.com:5070;branch={branch}"))
        .header(Name::Via, "SIP/2.0/UDP upstream.example.com;branch=z9hG4bKup")
        .header(Name::Route, "<sip:p1.example.com;lr>")
        .header(Name::Route, "<sip:p2.example.com;lr>")
        .header(Name::MaxForwards, 70)
        .header(Name::From, "Alice <sip:alice@example.com>;tag=a")
        .header(Name::To, "Bob <sip:bob@example.com>")
        .header(Name::CallId, "call")
        .header(Name::CSeq, cseq)
        .header(Name::Contact, "<sip:alice@client.example.com>")
        .body("text/plain", Bytes::from_static(b"hello"))
        .build()
}

fn invite() -> Message {
    request(Method::Invite, "z9hG4bKinvite")
}

fn plain() -> Message {
    request(Method::Message, "z9hG4bKplain")
}

fn answer(request: &Message, status: u16, tag: &str) -> Message {
    Builder::response(request, status, reason_phrase(status)).to_tag(tag).build()
}

/// The ACK of an answer: of a refusal with the branch of the INVITE, of a 2xx with one of its own.
fn ack_of(response: &Message, branch: &str) -> Message {
    request(Method::Ack, branch).edit().set(Name::To, response.header(&Name::To).unwrap()).finish()
}

fn log(said: &[(u64, &str)]) -> Vec<(u64, String)> {
    said.iter().map(|(at, words)| (*at, (*words).to_owned())).collect()
}
