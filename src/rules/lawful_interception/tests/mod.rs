//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another legal
//! way. Bob is under interception; what is handed over of him is what stands in frames of the evidence, or what is made of that.

mod by_hook;
mod messages;
mod orders;
mod sessions;
mod sweep;

use std::str::FromStr;

use crate::evidence::Direction::Received;
use crate::evidence::{Event, Protocol};
use crate::rules::messages::tests::{PHONE, Page, Post};
use crate::rules::missed_group_content::tests::script::Script;
use bytes::Bytes;
use cpm_wire::uuid::Uuid;
use cpm_wire::x1::{self, Header, Outcome, Response};
use cpm_wire::x2x3::{Direction, Kind, Pdu, format};

/// The task about Bob, and one about Eve.
pub const OF_BOB: &str = "29f28e1c-f230-486a-a860-f5a784ab9172";
pub const OF_EVE: &str = "29f28e1c-f230-486a-a860-f5a784ab9173";

fn uuid(text: &str) -> Uuid {
    Uuid::from_str(text).unwrap()
}

/// An order about a person, on a connection of its own.
pub fn orders(script: &mut Script, person: &str, task: &str, authorised: bool) -> u64 {
    let connection = script.frame() + 1000;
    script.event(Event::Interception {
        person: person.to_owned(),
        task: task.to_owned(),
        ends: false,
        authorised,
        connection: Some(connection),
    });
    connection
}

/// The reply to an order.
pub fn replies(script: &mut Script, connection: u64, outcome: Outcome) {
    let header = Header {
        admf: "admf.example.com".to_owned(),
        ne: "pf.example.com".to_owned(),
        timestamp: "2026-01-02T03:04:05Z".to_owned(),
        version: x1::VERSION.to_owned(),
        transaction: uuid(OF_BOB),
    };
    let body = x1::write_responses(&[Response { header, request: Some("ActivateTask".to_owned()), outcome }]);
    let octets = x1::http::answer(200, "OK", x1::MEDIA_TYPE, &body, false);
    script.octets(Protocol::Http, "administration", Some(connection), Received, octets);
}

/// Bob is under interception.
pub fn watched(script: &mut Script) {
    let connection = orders(script, "Bob", OF_BOB, true);
    replies(script, connection, Outcome::Completed);
}

/// An event of this payload.
pub fn event(payload: impl Into<Bytes>, way: Direction) -> Pdu {
    Pdu { correlation: 7, ..Pdu::of(Kind::X2, format::SIP, way, uuid(OF_BOB), payload.into()) }
}

/// Content of this payload.
pub fn content(payload: impl Into<Bytes>) -> Pdu {
    Pdu { correlation: 7, ..Pdu::of(Kind::X3, format::MSRP, Direction::ToTarget, uuid(OF_BOB), payload.into()) }
}

/// Something is handed over.
pub fn hands(script: &mut Script, pdu: &Pdu) -> u64 {
    script.octets(Protocol::X2x3, "mediation_function", Some(1), Received, pdu.to_octets())
}

/// Alice's message to Bob, who is under interception, in these frames: as it came, as it went to his phone, the two answers.
pub struct Passed {
    pub post: Post,
    pub came: u64,
    pub went: u64,
    pub taken: u64,
    pub answered: u64,
}

impl Passed {
    pub fn to_bob() -> Passed {
        let mut post = Post::announced("Alice", &["Bob"]);
        watched(&mut post);
        let branch = post.page(&Page::to_bob(), None);
        let came = post.frame();
        post.page(&Page::to_bob().on_to(PHONE), Some(200));
        let taken = post.frame();
        post.answered(&Page::to_bob(), &branch, 200);
        let answered = post.frame();
        Passed { post, came, went: taken - 1, taken, answered }
    }

    /// The octets of a frame.
    pub fn octets(&self, frame: u64) -> Bytes {
        self.post.octets_of(frame)
    }

    /// What stands in a frame is handed over.
    pub fn hand(&mut self, frame: u64, way: Direction) -> u64 {
        let pdu = event(self.octets(frame), way);
        hands(&mut self.post, &pdu)
    }

    /// The same with all that passed on the side of the network.
    pub fn handed_over() -> Passed {
        let mut passed = Passed::to_bob();
        passed.hand(passed.came, Direction::ToTarget);
        passed.hand(passed.answered, Direction::FromTarget);
        passed
    }
}
