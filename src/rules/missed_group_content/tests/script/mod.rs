//! Evidence by hand: every octet of these scenarios is typed here, none comes from an actor of the suite.

mod content;
mod judgement;
mod legs;
mod messages;
pub mod octets;
mod requests;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use cpm_wire::time::Time;

use crate::evidence::{
    Connection, ConnectionWhat, Direction, Event, Member, MemberStatus, Octets, Protocol, Record, Transport, What,
};
pub use content::*;
pub use judgement::stating;
use octets::Request;
pub use octets::chunk;

pub const BOOKS: &str = "Book club";
pub const CHESS: &str = "Chess club";

/// One leg of a script, with what its messages need.
#[derive(Clone)]
pub struct Wire {
    pub call_id: String,
    pub own_path: String,
    pub target_path: String,
    pub actor: String,
    pub connection: u64,
    pub by_target: bool,
}

/// Records, one after the other.
pub struct Script {
    records: Vec<Record>,
    count: u32,
    pub accept: &'static str,
    pub accept_wrapped: &'static str,
    /// Another Contribution-ID than the group's, for what the target sends.
    pub contribution: Option<&'static str>,
    /// Time that passed without anything.
    pub later: Duration,
}

impl Script {
    /// Bob and Eve, served; Alice, Carol and Dave, remote; two groups with nobody invited.
    pub fn new() -> Script {
        let mut script = Script {
            records: Vec::new(),
            count: 0,
            accept: "message/cpim",
            accept_wrapped: "text/plain message/imdn+xml multipart/mixed",
            contribution: None,
            later: Duration::ZERO,
        };
        for (name, served) in [("Bob", true), ("Eve", true), ("Alice", false), ("Carol", false), ("Dave", false)] {
            let user = name.to_lowercase();
            let mut identities = vec![format!("sip:{user}@example.com")];
            if name == "Bob" {
                identities.push("tel:+15550100".to_owned());
            }
            script.event(Event::Person { name: name.to_owned(), served, identities, class: None });
        }
        for (person, device, port) in [("Bob", "phone", 5101), ("Bob", "watch", 5102), ("Eve", "phone", 5103)] {
            let user = person.to_lowercase();
            script.event(Event::Device {
                person: person.to_owned(),
                device: device.to_owned(),
                instance: format!("\"<urn:uuid:{user}-{device}>\""),
                contact: format!("sip:{user}@192.0.2.10:{port}"),
                tags: Vec::new(),
            });
        }
        script.group(BOOKS, "books");
        script.group(CHESS, "chess");
        script
    }

    fn group(&mut self, name: &str, id: &str) {
        self.event(Event::Group {
            group: name.to_owned(),
            contribution: format!("contribution-{id}"),
            conversation: format!("conversation-{id}"),
            focus: format!("sip:conf-{id}@focus.example.com"),
            subject: name.to_owned(),
            kind: crate::evidence::ChatKind::Open,
        });
        self.roster(name, &[("alice", MemberStatus::Connected), ("carol", MemberStatus::Connected)]);
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    fn push(&mut self, what: What) -> u64 {
        let frame = self.records.len() as u64 + 1;
        self.records.push(Record { at: Time::from_nanos(frame * 1_000_000) + self.later, what });
        frame
    }

    /// The octets of a frame.
    pub fn octets_of(&self, frame: u64) -> Bytes {
        match &self.records[usize::try_from(frame).unwrap() - 1].what {
            What::Octets(octets) => octets.octets.clone(),
            other => panic!("{other:?}"),
        }
    }

    pub fn frame(&self) -> u64 {
        self.records.len() as u64
    }

    pub fn event(&mut self, event: Event) -> u64 {
        self.push(What::Event(event))
    }

    pub fn connected(&mut self, actor: &str, connection: u64, what: ConnectionWhat) -> u64 {
        let (local, remote) = (here(), there());
        self.push(What::Connection(Connection { actor: actor.into(), step: 1, connection, local, remote, what }))
    }

    pub fn octets(
        &mut self,
        protocol: Protocol,
        actor: &str,
        connection: Option<u64>,
        direction: Direction,
        octets: impl Into<Bytes>,
    ) -> u64 {
        self.push(What::Octets(Octets {
            actor: actor.into(),
            step: 1,
            protocol,
            transport: if connection.is_some() { Transport::Tcp } else { Transport::Udp },
            direction,
            local: here(),
            remote: there(),
            connection,
            octets: octets.into(),
            malformed: None,
        }))
    }

    pub fn sip(&mut self, direction: Direction, octets: impl Into<Bytes>) -> u64 {
        self.octets(Protocol::Sip, "serving_cscf", None, direction, octets)
    }

    pub fn roster(&mut self, group: &str, members: &[(&str, MemberStatus)]) -> u64 {
        let members = members
            .iter()
            .map(|(user, status)| Member { entity: format!("sip:{user}@example.com"), status: *status })
            .collect();
        self.event(Event::Roster { group: group.to_owned(), members })
    }

    pub fn label(&mut self, group: &str, message: &Text) {
        self.event(Event::Message {
            group: Some(group.to_owned()),
            label: message.text.clone(),
            message_id: message.id.clone(),
            author: message.from.to_owned(),
            private_to: None,
        });
    }

    pub fn registers(&mut self, person: &str, device: &str) -> u64 {
        let frame = self.event(Event::Reachable {
            person: person.to_owned(),
            device: device.to_owned(),
            yes: true,
            trigger: "third_party_register".to_owned(),
        });
        let user = person.to_lowercase();
        let headers =
            format!("To: <sip:{user}@example.com>\r\nContact: <sip:scscf.example.com>\r\nExpires: 600000\r\n");
        let request = Request::new("REGISTER", "sip:target.example.com", self.next());
        let request = request.headers(&headers).without_to();
        self.sip(Direction::Sent, request.octets());
        self.sip(Direction::Received, request.answer(200, "", ""));
        frame
    }

    pub fn deregisters(&mut self, person: &str, device: &str) -> u64 {
        self.event(Event::Reachable {
            person: person.to_owned(),
            device: device.to_owned(),
            yes: false,
            trigger: "third_party_register".to_owned(),
        })
    }

    pub fn loses(&mut self, person: &str, device: &str) -> u64 {
        self.event(Event::Lost { person: person.to_owned(), device: device.to_owned(), how: "reset".to_owned() })
    }
}

fn here() -> SocketAddr {
    "192.0.2.10:5060".parse().unwrap()
}

fn there() -> SocketAddr {
    "198.51.100.1:5060".parse().unwrap()
}

fn short(group: &str) -> &'static str {
    if group == BOOKS { "books" } else { "chess" }
}

fn ids(group: &str) -> String {
    let id = short(group);
    format!("Contribution-ID: contribution-{id}\r\nConversation-ID: conversation-{id}\r\n")
}

fn port_of(person: &str, device: &str) -> u16 {
    match (person, device) {
        ("Bob", "phone") => 5101,
        ("Bob", _) => 5102,
        _ => 5103,
    }
}
