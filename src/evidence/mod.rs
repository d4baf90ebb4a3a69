//! Evidence: what was seen and done in a scenario, in order. Every octet of the tester's sockets and every event of the
//! stage is a [`Record`]; rules judge records and nothing else, live or read back from a file. A record number is the
//! *frame* that findings name, counted from 1. [`pcapng`] keeps evidence without loss in a form that Wireshark shows.

mod event;
mod handed;
pub mod pcapng;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::io::Closing;
use cpm_wire::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::verdict::Level;

pub use event::{ChatKind, Event, Member, MemberStatus, ShownChange, ShownChat, ShownMember, ShownMessage, Stop};
pub use handed::{ChargedRole, ChargingRecord, Intercepted, InterceptedAs, RecordOf, StoredItem, Towards};

/// One piece of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it happened.
    pub at: Time,
    /// What happened.
    pub what: What,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Octets that crossed one of the tester's sockets.
    Octets(Octets),
    /// A stream connection came to be, or ended.
    Connection(Connection),
    /// Something that the stage did or knows.
    Event(Event),
}

impl What {
    /// The connection that it is about, for streams.
    #[must_use]
    pub const fn connection(&self) -> Option<u64> {
        match self {
            What::Octets(octets) => octets.connection,
            What::Connection(connection) => Some(connection.connection),
            What::Event(_) => None,
        }
    }

    /// Whether it is the end of a connection.
    #[must_use]
    pub const fn ends_connection(&self) -> bool {
        let What::Connection(connection) = self else { return false };
        matches!(connection.what, ConnectionWhat::Finished { .. } | ConnectionWhat::Reset { .. })
    }
}

/// The protocol spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// RFC 3261. A record is always one whole message: streams are framed before.
    Sip,
    /// RFC 4975. A record is what was read or written at once, cut anywhere; the records of one connection and one
    /// direction in order make the stream.
    Msrp,
    /// RFC 3501. Records are pieces of a stream, as those of MSRP are.
    Imap,
    /// RFC 6733. A record is always one whole message.
    Diameter,
    /// RFC 9112, by which preferences are read (RFC 4825) and interception is ordered (ETSI TS 103 221-1). Records are pieces of
    /// a stream, as those of MSRP are.
    Http,
    /// ETSI TS 103 221-2, by which intercepted events and content are handed over. Records are pieces of a stream, as those of
    /// MSRP are. What crosses it within TLS stands here in clear.
    X2x3,
}

/// The transport below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
}

/// The way that octets went, as the tester sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// By the tester, to the target.
    Sent,
    /// By the target, to the tester.
    Received,
}

/// Octets that crossed a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Octets {
    /// Whose socket: `serving_cscf`, `focus/<group>`, `device/<person>/<device>`.
    pub actor: Arc<str>,
    /// The step of the scenario in which it happened, 0 outside of steps.
    pub step: u32,
    /// What is spoken.
    pub protocol: Protocol,
    /// Over what.
    pub transport: Transport,
    /// Which way.
    pub direction: Direction,
    /// The tester's end.
    pub local: SocketAddr,
    /// The target's end.
    pub remote: SocketAddr,
    /// Which connection of the actor, for streams.
    pub connection: Option<u64>,
    /// The octets themselves.
    pub octets: Bytes,
    /// What is deliberately wrong with them, declared by the step that sends them.
    pub malformed: Option<String>,
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ConnectionWhat {
    /// The tester opened it.
    Opened,
    /// The target opened it.
    Accepted,
    /// One side has ended it in order.
    Finished {
        /// Whether that was the target.
        by_target: bool,
    },
    /// One side has torn it down.
    Reset {
        /// Whether that was the target.
        by_target: bool,
    },
    /// The tester wanted to open it and the target's host refused.
    Refused,
    /// The tester wanted to open it and nobody answered.
    Unreachable,
}

impl From<Closing> for ConnectionWhat {
    /// How the tester's host says that a connection ended without the tester, or never came to be.
    fn from(how: Closing) -> ConnectionWhat {
        match how {
            Closing::Finished => ConnectionWhat::Finished { by_target: true },
            Closing::Reset | Closing::Unauthenticated => ConnectionWhat::Reset { by_target: true },
            Closing::Refused => ConnectionWhat::Refused,
            Closing::Unreachable => ConnectionWhat::Unreachable,
        }
    }
}

/// A stream connection came to be, or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Whose end.
    pub actor: Arc<str>,
    /// The step of the scenario in which it happened, 0 outside of steps.
    pub step: u32,
    /// Which connection of the actor.
    pub connection: u64,
    /// The tester's end.
    pub local: SocketAddr,
    /// The target's end.
    pub remote: SocketAddr,
    /// What became of it.
    pub what: ConnectionWhat,
}

/// Takes down evidence as it comes.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    records: Vec<Record>,
}

impl Recorder {
    /// A recorder with nothing on it.
    pub fn new() -> Recorder {
        Recorder::default()
    }

    /// Takes one record down and gives its frame number, from 1.
    pub fn push(&mut self, at: Time, what: What) -> u64 {
        self.records.push(Record { at, what });
        self.records.len() as u64
    }

    /// Everything so far; the record of frame `n` stands at `n - 1`.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Hands the evidence over.
    pub fn into_records(self) -> Vec<Record> {
        self.records
    }
}

/// Under what circumstances evidence was taken: the comment at the head of the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the suite.
    pub suite_version: String,
    /// The run.
    pub run_id: String,
    /// The scenario.
    pub scenario_id: String,
    /// Its title.
    pub title: String,
    /// The feature that it stands in.
    pub feature: String,
    /// Its line there.
    pub line: u32,
    /// The test purposes that it serves.
    pub test_purposes: Vec<String>,
    /// The requirements that it serves.
    pub requirements: Vec<String>,
    /// How binding it is.
    pub level: Level,
    /// Which side of CPM it tests.
    pub role: String,
    /// The name of the target in its profile.
    pub target_name: String,
    /// The statement (ICS) of the target, by which rules judge.
    pub statement: Value,
    /// The timers of the network (IXIT).
    pub timers: Value,
    /// The seed of the run.
    pub seed: u64,
    /// The profile as the command named it; none for the embedded references.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What the feature says, reached or not: evidence tells of steps that began. Evidence of old has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sentences: Vec<Sentence>,
}

/// A step as it stands in the feature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// `Given`, `When`, `Then`, `And`, `But`.
    pub keyword: String,
    /// The sentence.
    pub text: String,
    /// Its line in the feature.
    pub line: u32,
    /// The table below it, row by row; the first is the heading.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<Vec<String>>,
    /// The text below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_below: Option<String>,
}
