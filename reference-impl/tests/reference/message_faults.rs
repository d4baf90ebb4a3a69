//! Each seeded fault with messages is to be seen on the wire: what the served users' neighbourhood gets is other than without
//! it. [PF-MSG-01], [PF-MSG-02], [PF-DEV-02], [PF-PRF-01].

use crate::scene::messages::*;
use bytes::Bytes;
use cpm_reference::config::{Config, Policy, Preset};
use cpm_reference::core::{Addresses, Input, Output};
use cpm_reference::faults::{Fault, Faulty};
use cpm_reference::store::Contents;
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::time::Time;
use cpm_wire::{cpim, io};
use pretty_assertions::assert_eq;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::Duration;

const ALICE: &str = "sip:alice@example.com";
const CAROL: &str = "sip:carol@example.com";

/// A function, with a fault or without, and what it has sent.
struct Wire {
    faulty: Faulty,
    now: Time,
    sent: Vec<Message>,
    seen: HashSet<Bytes>,
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

impl Wire {
    fn new(fault: Option<&str>, preferences: Preset) -> Wire {
        let at = Addresses { sip: address(7000), msrp: address(7001), x1: None };
        let mut config = Config::at(at.sip, at.msrp, address(5060));
        config.policies = [("plain".to_owned(), Policy { preferences, ..Policy::default() })].into();
        config.max_pager_octets = Some(400);
        let fault = fault.map(|id| Fault::named(id).unwrap_or_else(|| panic!("{id}")));
        let faulty = Faulty::new(config, at, Contents::default(), 1, fault);
        let mut wire = Wire { faulty, now: Time::from_nanos(1_000_000_000), sent: Vec::new(), seen: HashSet::new() };
        wire.registers(INSTANCE, CONTACT, "reg-1");
        wire.registers(TABLET_INSTANCE, TABLET, "reg-2");
        wire
    }

    fn registers(&mut self, instance: &str, contact: &str, call_id: &str) {
        self.send(&register(call_id, instance, contact, &format!(";{GROUP_TAG}"), 600_000));
        self.sent.retain(|one| one.method() != Method::Register);
    }

    fn send(&mut self, message: &Message) {
        let octets = message.octets().clone();
        let input = io::Input::Datagram { local: address(7000), remote: address(5060), octets };
        self.faulty.handle_input(self.now, Input::Net(input));
        self.run();
        self.now += Duration::from_millis(100);
        self.faulty.handle_timeout(self.now);
        self.run();
    }

    fn run(&mut self) {
        while let Some(output) = self.faulty.poll_output(self.now) {
            match output {
                Output::Persist { token, .. } => self.faulty.handle_input(self.now, Input::Persisted(token)),
                Output::Load(load) => self.faulty.handle_input(self.now, Input::Loaded(load.token, Vec::new())),
                Output::Net(io::Output::Datagram { octets, .. }) => {
                    if self.seen.insert(octets.clone()) {
                        self.sent.push(Message::parse(octets).unwrap());
                    }
                }
                Output::Net(other) => panic!("{other:?}"),
            }
        }
    }

    /// The MESSAGEs that went on, each answered as it is to be for its Request-URI.
    fn answered(&mut self, status: impl Fn(&str) -> u16) -> Vec<Message> {
        let mut onward = Vec::new();
        while let Some(at) = self.sent.iter().position(Message::is_request) {
            let request = self.sent.remove(at);
            let status = status(request.request_uri().unwrap());
            self.send(&response(&request, status, "", None));
            onward.push(request);
        }
        onward
    }
}

/// A short message in its envelope.
fn envelope(octets: usize) -> Bytes {
    let text =
        |text: String| cpim::Builder::new("sip:a@e", "sip:b@e").message_id("m").content("text/plain", text).build();
    let more = text("x".repeat(100)).len() - 100;
    text("x".repeat(octets - more))
}

fn bare(from: &str, to: &str) -> Builder {
    let case = if from == BOB { "sescase=orig;regstate=reg" } else { "sescase=term;regstate=reg" };
    initial(Method::Message, to, from, to, "a", case)
        .header(Name::ContributionId, "c")
        .header(Name::ConversationId, "v")
        .header(Name::PAssertedIdentity, format!("<{from}>"))
}

fn pager(from: &str, to: &str) -> Message {
    bare(from, to).body("message/cpim", envelope(200)).build()
}

fn to_list() -> Message {
    let list = List::to_recipients([ALICE, CAROL]).to_xml();
    let body = format!(
        "--b\r\nContent-Type: application/resource-lists+xml\r\nContent-Disposition: recipient-list\r\n\r\n{list}\r\n\
         --b\r\nContent-Type: message/cpim\r\n\r\n{}\r\n--b--\r\n",
        std::str::from_utf8(&envelope(200)).unwrap()
    );
    bare(BOB, "sip:exploder@example.com").body("multipart/mixed;boundary=b", body).build()
}

/// What the neighbourhood sees: where the message went on to with which body and headers, and what its sender heard.
fn seen(fault: Option<&str>, preferences: &Preset, message: &Message, tablet: u16) -> Vec<String> {
    let mut wire = Wire::new(fault, preferences.clone());
    wire.send(message);
    let status = |target: &str| if target == TABLET { tablet } else { 200 };
    let mut onward = wire.answered(status);
    // Whoever failed comes back.
    wire.registers(TABLET_INSTANCE, TABLET, "reg-3");
    onward.extend(wire.answered(|_| 200));
    let names = [Name::ConversationId, Name::PAssertedIdentity, Name::Privacy];
    let told = |one: &Message| {
        let headers: Vec<_> = names.iter().map(|name| one.header(name).unwrap_or("none")).collect();
        format!("to {:?}: {headers:?} {}", one.request_uri(), String::from_utf8_lossy(one.body()))
    };
    let heard = wire.sent.iter().filter(|one| one.method() == Method::Message);
    let heard = heard.map(|one| format!("answer {:?}", one.status()));
    onward.iter().map(told).chain(heard).collect()
}

/// The fault is to be seen with this message.
fn shows(fault: &str, preferences: &Preset, message: &Message, tablet: u16) {
    let (right, wrong) = (seen(None, preferences, message, tablet), seen(Some(fault), preferences, message, tablet));
    assert_ne!(right, wrong, "{fault} is not to be seen");
    assert_eq!(right, seen(None, preferences, message, tablet), "without a fault the same comes again");
}

#[test]
fn faults_with_what_is_carried() {
    let nothing = Preset::default();
    for fault in [
        "alters-a-message",
        "loses-a-pager-message",
        "sends-a-message-twice",
        "drops-the-conversation-of-a-message",
        "sends-messages-in-another-name",
        "takes-no-pager-messages",
    ] {
        for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
            shows(fault, &nothing, &pager(from, to), 200);
        }
    }
    for fault in ["explodes-to-all-but-one", "explodes-twice", "alters-one-copy-of-a-list", "refuses-lists"] {
        shows(fault, &nothing, &to_list(), 200);
    }
}

#[test]
fn faults_with_what_is_taken() {
    let nothing = Preset::default();
    let of = |octets| bare(ALICE, BOB).body("message/cpim", envelope(octets)).build();
    shows("refuses-at-the-limit", &nothing, &of(400), 200);
    shows("passes-over-the-limit", &nothing, &of(401), 200);
    let bodies = [("text/plain", "hello"), ("message/cpim", "rubbish")];
    for (content_type, body) in bodies {
        shows("takes-a-body-without-envelope", &nothing, &bare(ALICE, BOB).body(content_type, body).build(), 200);
    }
}

#[test]
fn faults_with_authors_and_addressees() {
    let nothing = Preset::default();
    let blocking = Preset { blocked: vec![CAROL.to_owned()], ..Preset::default() };
    for fault in ["passes-a-blocked-author", "hands-over-before-it-refuses"] {
        shows(fault, &blocking, &pager(CAROL, BOB), 200);
        assert_eq!(
            seen(Some(fault), &blocking, &pager(ALICE, BOB), 200),
            seen(None, &blocking, &pager(ALICE, BOB), 200)
        );
    }
    let refusing = Preset { anonymous_refused: true, ..Preset::default() };
    let secret = pager(ALICE, BOB).edit().set(Name::Privacy, "id").finish();
    shows("passes-an-anonymous-author", &refusing, &secret, 200);
    let away = Preset { unavailable: true, ..Preset::default() };
    shows("hands-over-to-the-unavailable", &away, &pager(ALICE, BOB), 200);
    shows("refuses-all-authors", &nothing, &pager(ALICE, BOB), 200);
    let barring = Preset { barred_callees: vec![CAROL.to_owned()], ..Preset::default() };
    for fault in ["lets-out-a-barred-message", "tells-the-barred-before-it-refuses"] {
        shows(fault, &barring, &pager(BOB, CAROL), 200);
    }
    shows("lets-no-message-out", &nothing, &pager(BOB, ALICE), 200);
    let hiding = Preset { hides_identity: true, ..Preset::default() };
    for fault in ["drops-privacy-of-messages", "drops-the-identity-of-hidden-authors"] {
        shows(fault, &hiding, &pager(BOB, ALICE), 200);
    }
}

#[test]
fn faults_with_devices() {
    let nothing = Preset::default();
    for fault in ["forgets-a-device", "gives-one-device-another-text", "disowns-a-copied-message"] {
        shows(fault, &nothing, &pager(ALICE, BOB), 200);
    }
    shows("fails-with-the-failing-device", &nothing, &pager(ALICE, BOB), 500);
    assert_eq!(
        seen(Some("fails-with-the-failing-device"), &nothing, &pager(ALICE, BOB), 200).len(),
        seen(None, &nothing, &pager(ALICE, BOB), 200).len()
    );
}
