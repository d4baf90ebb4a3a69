//! The documents by which an administration function tasks a network function with interception (ETSI TS 103 221-1, X1), and
//! the HTTP/1.1 that carries them ([`http`]).
//!
//! Of the requests those are known that a task needs: of tasks, of destinations, and the question whether anybody is there.
//! Element names are those of the schema as public implementations write them; the numbers of errors are a reading of
//! section 6.7 that no public source confirms.

pub mod http;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Wrong, read_requests, read_responses};
pub use write::{write_requests, write_responses};

use crate::uuid::Uuid;
use std::net::SocketAddr;

/// The namespace of the documents.
pub const NAMESPACE: &str = "http://uri.etsi.org/03221/X1/2017/10";
/// The namespace of addresses and ports (TS 103 280).
pub const COMMON_NAMESPACE: &str = "http://uri.etsi.org/03280/common/2017/07";
/// The namespace of the attribute that tells the type of a message.
pub const INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// The version that is written.
pub const VERSION: &str = "v1.6.1";
/// The media type of the documents.
pub const MEDIA_TYPE: &str = "application/xml";

/// What every message begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The administration function.
    pub admf: String,
    /// The network function.
    pub ne: String,
    /// When it was sent, RFC 3339.
    pub timestamp: String,
    /// The version of its sender.
    pub version: String,
    /// Pairs request and response.
    pub transaction: Uuid,
}

/// What is to be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// Events alone.
    X2Only,
    /// Content alone.
    X3Only,
    /// Both.
    X2andX3,
}

impl Delivery {
    /// The word in the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Delivery::X2Only => "X2Only",
            Delivery::X3Only => "X3Only",
            Delivery::X2andX3 => "X2andX3",
        }
    }

    /// Whether events are.
    #[must_use]
    pub const fn has_events(self) -> bool {
        matches!(self, Delivery::X2Only | Delivery::X2andX3)
    }

    /// Whether content is.
    #[must_use]
    pub const fn has_content(self) -> bool {
        matches!(self, Delivery::X3Only | Delivery::X2andX3)
    }
}

/// The name of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetIdentifier {
    /// Which kind of name it is: the element that holds it, such as `sipUri`, `telUri` or `impu`.
    pub kind: String,
    /// The name.
    pub value: String,
}

/// Somebody is to be intercepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub xid: Uuid,
    /// Who: all of these names are of one target.
    pub targets: Vec<TargetIdentifier>,
    /// What of it.
    pub delivery: Delivery,
    /// Where it goes to.
    pub destinations: Vec<Uuid>,
}

/// Where what was intercepted goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// Its name.
    pub did: Uuid,
    /// Its name for people.
    pub friendly_name: Option<String>,
    /// What it takes.
    pub delivery: Delivery,
    /// Its address and TCP port.
    pub address: SocketAddr,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A task begins.
    ActivateTask(Task),
    /// A task ends.
    DeactivateTask(Uuid),
    /// There is a destination.
    CreateDestination(Destination),
    /// There is one no more.
    RemoveDestination(Uuid),
    /// Whether anybody is there.
    Ping,
    /// Something else of this name, without `Request` at its end.
    Other(String),
}

impl Asked {
    /// Its name, without `Request` at its end.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Asked::ActivateTask(_) => "ActivateTask",
            Asked::DeactivateTask(_) => "DeactivateTask",
            Asked::CreateDestination(_) => "CreateDestination",
            Asked::RemoveDestination(_) => "RemoveDestination",
            Asked::Ping => "Ping",
            Asked::Other(name) => name,
        }
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it begins with.
    pub header: Header,
    /// What it asks for.
    pub asked: Asked,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Completed,
    /// It will be done.
    Acknowledged,
    /// It is not done.
    Refused {
        /// The number of the error.
        code: u32,
        /// What is wrong, for people.
        description: String,
    },
}

/// One response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What it begins with: that of the request, but for the time.
    pub header: Header,
    /// The name of the request, without `Request` at its end; none where the response does not tell.
    pub request: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// Numbers of errors (section 6.7; see the beginning).
pub mod error {
    /// Something is wrong, and nothing more is said.
    pub const GENERIC: u32 = 1000;
    /// The message breaks the schema.
    pub const SYNTAX: u32 = 1010;
    /// There is no such request here.
    pub const UNSUPPORTED: u32 = 1020;
    /// Who asks may not.
    pub const NOT_AUTHORISED: u32 = 1030;
    /// There is a task of that name.
    pub const XID_EXISTS: u32 = 2010;
    /// There is no task of that name.
    pub const NO_XID: u32 = 2020;
    /// There is a destination of that name.
    pub const DID_EXISTS: u32 = 2030;
    /// There is no destination of that name.
    pub const NO_DID: u32 = 2040;
    /// A task goes to that destination.
    pub const DID_IN_USE: u32 = 2050;
    /// The names of the target are not of a kind that can be found here.
    pub const TARGET: u32 = 3010;
    /// There is no room for one more.
    pub const FULL: u32 = 3020;
}
