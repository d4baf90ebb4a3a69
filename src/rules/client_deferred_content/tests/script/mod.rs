//! Evidence by hand, of a client and its network: every octet of these scenarios is typed, none comes from an actor.

mod judgement;
mod sessions;

use std::net::SocketAddr;

use bytes::Bytes;
use cpm_wire::time::Time;
use proptest::sample::Index;

pub use super::super::super::missed_group_content::tests::script::{Notice, Wire, delivered, document, text};
use crate::evidence::{
    ChatKind, Connection, ConnectionWhat, Direction, Event, Member, MemberStatus, Octets, Protocol, Record,
    ShownChange, ShownChat, ShownMember, ShownMessage, Transport, What,
};
pub use sessions::Offer;

pub const BOOKS: &str = "Book club";
pub const FOCUS: &str = "sip:conf-books@focus.example.com";
pub const NEW_FOCUS: &str = "sip:conf-books-2@focus.example.com";
pub const FACTORY: &str = "sip:conference-factory@example.com";
pub const CONTRIBUTION: &str = "contribution-books";
pub const ALICE: &str = "sip:alice@example.com";
pub const CAROL: &str = "sip:carol@example.com";
pub const STORE: &str = "sip:rcse-standfw@example.com";

/// Records, one after the other.
#[derive(Clone)]
pub struct Script {
    records: Vec<Record>,
    count: u32,
}

impl Script {
    /// Bob, whose phone is under test; Alice and Carol in the chat, Dave outside of it.
    pub fn new() -> Script {
        let mut script = Script { records: Vec::new(), count: 0 };
        for name in ["Bob", "Alice", "Carol", "Dave"] {
            let mut identities = vec![format!("sip:{}@example.com", name.to_lowercase())];
            if name == "Bob" {
                identities.push("tel:+15550100".to_owned());
            }
            script.event(Event::Person { name: name.to_owned(), served: name == "Bob", identities, class: None });
        }
        script.event(Event::ClientUnderTest { person: "Bob".to_owned(), device: "phone".to_owned() });
        script.at_focus(FOCUS);
        script.roster(&[("bob", MemberStatus::Connected), ("alice", MemberStatus::Connected)]);
        script.roster(&[
            ("bob", MemberStatus::Connected),
            ("alice", MemberStatus::Connected),
            ("carol", MemberStatus::Connected),
        ]);
        script
    }

    /// The chat is at this focus.
    pub fn at_focus(&mut self, focus: &str) {
        self.event(Event::Group {
            group: BOOKS.to_owned(),
            contribution: CONTRIBUTION.to_owned(),
            conversation: "conversation-books".to_owned(),
            focus: focus.to_owned(),
            subject: BOOKS.to_owned(),
            kind: ChatKind::Open,
        });
    }

    fn next(&mut self) -> u32 {
        self.count += 1;
        self.count
    }

    fn push(&mut self, what: What) -> u64 {
        let frame = self.records.len() as u64 + 1;
        self.records.push(Record { at: Time::from_nanos(frame * 1_000_000), what });
        frame
    }

    /// What `act` adds is written otherwise.
    pub fn readdressed<T>(&mut self, rewrite: impl Fn(&str) -> String, act: impl FnOnce(&mut Script) -> T) -> T {
        let from = self.records.len();
        let made = act(self);
        for record in &mut self.records[from..] {
            if let What::Octets(octets) = &mut record.what {
                octets.octets = rewrite(std::str::from_utf8(&octets.octets).unwrap()).into();
            }
        }
        made
    }

    /// A record is lost.
    pub fn drop_record(&mut self, which: Index) {
        self.records.remove(which.index(self.records.len()));
    }

    /// The record that so many others follow comes only now.
    pub fn comes_late(&mut self, others: usize) {
        let late = self.records.remove(self.records.len() - 1 - others);
        self.push(late.what);
    }

    /// An octet of a record is another one.
    pub fn garble(&mut self, which: Index, place: Index, octet: u8) {
        let at = which.index(self.records.len());
        if let What::Octets(octets) = &mut self.records[at].what {
            let mut changed = octets.octets.to_vec();
            let place = place.index(changed.len());
            changed[place] = octet;
            octets.octets = changed.into();
        }
    }

    pub fn event(&mut self, event: Event) -> u64 {
        self.push(What::Event(event))
    }

    pub fn connected(&mut self, what: ConnectionWhat) -> u64 {
        let (local, remote) = (here(), there());
        let connection = u64::from(self.count);
        self.push(What::Connection(Connection { actor: "media".into(), step: 1, connection, local, remote, what }))
    }

    /// The tester ends the connection of a session.
    pub fn loses(&mut self, leg: &Wire) {
        let (local, remote, what) = (here(), there(), ConnectionWhat::Finished { by_target: false });
        let connection = leg.connection;
        self.push(What::Connection(Connection { actor: "media".into(), step: 1, connection, local, remote, what }));
    }

    fn octets(
        &mut self,
        protocol: Protocol,
        connection: Option<u64>,
        direction: Direction,
        octets: impl Into<Bytes>,
    ) -> u64 {
        self.push(What::Octets(Octets {
            actor: if connection.is_some() { "media" } else { "participating_function" }.into(),
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
        self.octets(Protocol::Sip, None, direction, octets)
    }

    pub fn roster(&mut self, members: &[(&str, MemberStatus)]) -> u64 {
        let member = |(user, status): &(&str, MemberStatus)| Member {
            entity: format!("sip:{user}@example.com"),
            status: *status,
        };
        self.event(Event::Roster { group: BOOKS.to_owned(), members: members.iter().map(member).collect() })
    }

    /// Carol has left, Dave has come.
    pub fn changes(&mut self) -> u64 {
        self.roster(&[
            ("bob", MemberStatus::Connected),
            ("alice", MemberStatus::Connected),
            ("carol", MemberStatus::Departed),
            ("dave", MemberStatus::Connected),
        ])
    }

    /// The user does something.
    pub fn acts(&mut self, act: &str) -> u64 {
        self.event(Event::Acted {
            person: "Bob".to_owned(),
            device: "phone".to_owned(),
            act: act.to_owned(),
            chat: Some(CONTRIBUTION.to_owned()),
        })
    }

    /// The client shows these chats.
    pub fn shows(&mut self, chats: &[ShownChat]) -> u64 {
        let chats = chats.to_vec();
        self.event(Event::Shown { person: "Bob".to_owned(), device: "phone".to_owned(), chats })
    }
}

/// A chat as it is shown: messages with their states, members with theirs.
pub fn shown(messages: &[(&str, &str)], members: &[(&str, &str)]) -> ShownChat {
    let message = |(id, state): &(&str, &str)| ShownMessage {
        message_id: (*id).to_owned(),
        author: String::new(),
        text: String::new(),
        state: (*state).to_owned(),
    };
    let member = |(user, status): &(&str, &str)| ShownMember {
        entity: format!("sip:{user}@example.com"),
        status: (*status).to_owned(),
    };
    ShownChat {
        contribution: CONTRIBUTION.to_owned(),
        focus: FOCUS.to_owned(),
        members: members.iter().map(member).collect(),
        messages: messages.iter().map(message).collect(),
        changes: Vec::new(),
    }
}

/// Who came and went, as it is shown.
pub fn with_changes(chat: ShownChat, changes: &[(&str, &str, usize)]) -> ShownChat {
    let change = |(user, what, after): &(&str, &str, usize)| ShownChange {
        entity: format!("sip:{user}@example.com"),
        what: (*what).to_owned(),
        after_messages: *after,
    };
    ShownChat { changes: changes.iter().map(change).collect(), ..chat }
}

fn here() -> SocketAddr {
    "192.0.2.10:5060".parse().unwrap()
}

fn there() -> SocketAddr {
    "198.51.100.1:5060".parse().unwrap()
}
