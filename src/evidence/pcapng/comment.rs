//! The comment of a packet: all of a record that its octets and headers do not say, as one JSON object.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::evidence::{ConnectionWhat, Direction, Protocol};
use crate::verdict::{Finding, FindingVerdict};

/// The comment of the packet that stands for a record, or for one part of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Comment {
    /// The frame number of the record. Comes first, so that it can be searched for.
    pub record: u64,
    /// Which part of the record the packet carries, when it is too long for one packet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    /// What the record is.
    #[serde(flatten)]
    pub kind: Kind,
    /// What was found in it. For the reader in Wireshark; not evidence, and not read back.
    #[serde(skip_serializing_if = "Vec::is_empty", skip_deserializing, default)]
    pub findings: Vec<Mark>,
}

/// One part of a record that is too long for one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    /// From 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

/// What a packet stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Kind {
    Octets {
        step: u32,
        actor: String,
        protocol: Protocol,
        direction: Direction,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        connection: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        malformed: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        ends: Option<Ends>,
    },
    Connection {
        step: u32,
        actor: String,
        connection: u64,
        #[serde(flatten)]
        what: ConnectionWhat,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        ends: Option<Ends>,
    },
    Event,
    /// A packet that nobody saw: it completes the picture of a TCP connection for a dissector.
    Filled,
}

/// The two ends, when IP headers cannot tell them exactly (scoped addresses, two families).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ends {
    pub local: SocketAddr,
    pub remote: SocketAddr,
}

/// A finding as it stands in a comment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Mark {
    rule: String,
    verdict: FindingVerdict,
    expected: String,
    observed: String,
}

/// A comment is bounded to 64 KiB by the format; so many characters of a finding, and so many findings, fit easily.
const MARK_CHARACTERS: usize = 400;
const MARKS: usize = 20;

/// The findings about one record, shortened to what fits in a comment.
pub(super) fn marks(findings: &[Finding], record: u64) -> Vec<Mark> {
    let short = |text: &str| text.chars().take(MARK_CHARACTERS).collect();
    let about = findings.iter().filter(|finding| finding.frame == Some(record)).take(MARKS);
    about
        .map(|finding| Mark {
            rule: short(&finding.rule),
            verdict: finding.verdict,
            expected: short(&finding.expected),
            observed: short(&finding.observed),
        })
        .collect()
}
