//! Evidence as a pcapng file (draft-ietf-opsawg-pcapng), without loss both ways.
//!
//! Interface 0 is raw IP (link type 101): octets and connections as packets that a dissector can follow. Interface 1 is
//! Wireshark's upper PDU (link type 252): the events of the stage as JSON. The comment of a packet is a JSON object that
//! begins with the number of its record; the comment of the file is the [`Header`]. What is not kept: the flow label
//! of an IPv6 socket address, which no socket of the tester sets. TLS content is recorded as plaintext, and no key ever.

mod comment;
mod packets;
mod read;
mod write;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use read::{is_evidence, read};
pub use write::{write, write_marked};

/// Why evidence could not be written or read.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// The file is of another kind.
    #[error("not a pcapng file: {0}")]
    NotPcapng(&'static str),
    /// A pcapng file that the suite did not write, or that another program has rewritten.
    #[error("not evidence of this suite: {0}")]
    Foreign(String),
    /// The file ends too early, or goes on too long.
    #[error("the file was cut or added to: its head announces {announced} octets of blocks, there are {found}")]
    Cut {
        /// Octets after the section header, as it says itself.
        announced: u64,
        /// Octets that are there.
        found: u64,
    },
    /// A block or packet that does not read back.
    #[error("packet {number} of the file cannot be read: {why}")]
    Unreadable {
        /// Its place in the file, from 1.
        number: u64,
        /// What is wrong with it.
        why: String,
    },
    /// An IP packet could not be made or taken apart.
    #[error("an IP packet does not work out: {0}")]
    Packet(String),
    /// The format bounds a comment to 64 KiB.
    #[error("the comment of {what} has {octets} octets, more than the 65535 that pcapng allows")]
    CommentTooLong {
        /// Whose comment.
        what: String,
        /// How long it would be.
        octets: usize,
    },
    /// JSON could not be written.
    #[error("a comment cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The blocks could not be written.
    #[error("a block cannot be written: {0}")]
    Block(#[from] pcap_file::PcapError),
}

/// A display filter for Wireshark that shows the packets of a record: the file has more packets than records, since
/// handshakes are filled in.
pub fn display_filter(record: u64) -> String {
    format!("frame.comment contains \"\\\"record\\\":{record},\"")
}

/// The mark of evidence in the section header, with the version of this layout.
const APPLICATION: &str = "cpm-conformance evidence 1";
/// The interface of octets and connections, by its place.
const WIRE: u32 = 0;
/// The interface of events.
const STAGE: u32 = 1;

/// The tags before an upper PDU (epan/exported_pdu.h): the dissector `json`, then the end of tags.
const JSON_PDU: [u8; 12] = [0, 12, 0, 4, b'j', b's', b'o', b'n', 0, 0, 0, 0];
