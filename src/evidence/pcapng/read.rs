//! Reads evidence back, and says clearly why a file is none.

use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::time::Time;
use pcap_file::Endianness;
use pcap_file::pcapng::PcapNgParser;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::blocks::{Block, ENHANCED_PACKET_BLOCK, INTERFACE_DESCRIPTION_BLOCK};

use super::comment::{Comment, Ends, Kind, Part};
use super::packets::{self, Seen};
use super::{APPLICATION, EvidenceError, JSON_PDU, STAGE, WIRE};
use crate::evidence::{Connection, ConnectionWhat, Direction, Header, Octets, Record, Transport, What};

/// The first octets of a pcapng file, whatever its byte order.
const SECTION_HEADER: [u8; 4] = [0x0A, 0x0D, 0x0D, 0x0A];

/// Whether the beginning of a file says that this suite wrote it.
#[must_use]
pub fn is_evidence(head: &[u8]) -> bool {
    head.starts_with(&SECTION_HEADER) && memchr::memmem::find(head, APPLICATION.as_bytes()).is_some()
}

/// Reads evidence from the octets of a file.
pub fn read(file: &[u8]) -> Result<(Header, Vec<Record>), EvidenceError> {
    if !file.starts_with(&SECTION_HEADER) {
        return Err(EvidenceError::NotPcapng(other_kind(file)));
    }
    let (mut rest, mut parser) = PcapNgParser::new(file).map_err(|error| match error {
        pcap_file::PcapError::IncompleteBuffer => EvidenceError::NotPcapng("it ends within its first block"),
        error => EvidenceError::Block(error),
    })?;
    let header = header(parser.section(), rest.len())?;
    let mut reader = Reader::default();
    while !rest.is_empty() {
        let unreadable = |why: String| EvidenceError::Unreadable { number: reader.packets + 1, why };
        match rest.first_chunk().map(|kind| u32::from_le_bytes(*kind)) {
            Some(ENHANCED_PACKET_BLOCK | INTERFACE_DESCRIPTION_BLOCK) => {}
            Some(kind) => return Err(EvidenceError::Foreign(format!("it has a block of type {kind:#x}"))),
            None => return Err(unreadable("it has no whole block header".to_owned())),
        }
        let (after, block) = parser.next_block(rest).map_err(|error| unreadable(error.to_string()))?;
        rest = after;
        if let Block::EnhancedPacket(packet) = block {
            reader.packets += 1;
            let number = reader.packets;
            reader.packet(&packet).map_err(|error| match error {
                EvidenceError::Foreign(_) => error,
                error => EvidenceError::Unreadable { number, why: error.to_string() },
            })?;
        }
    }
    Ok((header, reader.finish()?))
}

fn other_kind(file: &[u8]) -> &'static str {
    match file.first_chunk() {
        Some([0xD4, 0xC3, 0xB2, 0xA1] | [0x4D, 0x3C, 0xB2, 0xA1] | [0xA1, 0xB2, ..]) => "it is an old pcap file",
        Some([0x1F, 0x8B, ..]) => "it is compressed",
        Some(_) => "it begins with other octets",
        None => "it is empty, or as good as",
    }
}

fn header(section: &SectionHeaderBlock<'_>, found: usize) -> Result<Header, EvidenceError> {
    let ours = |option: &SectionHeaderOption<'_>| matches!(option, SectionHeaderOption::UserApplication(name) if name == APPLICATION);
    if !section.options.iter().any(ours) || section.endianness != Endianness::Little {
        return Err(EvidenceError::Foreign(format!("its section header does not say {APPLICATION:?}")));
    }
    let found = found as u64;
    match u64::try_from(section.section_length) {
        Ok(announced) if announced == found => {}
        Ok(announced) => return Err(EvidenceError::Cut { announced, found }),
        Err(_) => return Err(EvidenceError::Foreign("its head does not say how long it is".to_owned())),
    }
    let comment = section.options.iter().find_map(|option| match option {
        SectionHeaderOption::Comment(comment) => Some(comment),
        _ => None,
    });
    let comment = comment.ok_or_else(|| EvidenceError::Foreign("its section header has no comment".to_owned()))?;
    serde_json::from_str(comment).map_err(|error| EvidenceError::Foreign(format!("its header does not read: {error}")))
}

/// Puts records together from packets.
#[derive(Default)]
struct Reader {
    packets: u64,
    records: Vec<Record>,
    /// The last record lacks this many parts, the next of which is the one with this number.
    awaited: Option<Part>,
    /// The payload of the last record, so far.
    payload: Vec<u8>,
}

impl Reader {
    fn packet(&mut self, packet: &EnhancedPacketBlock<'_>) -> Result<(), EvidenceError> {
        let comment = packet.options.iter().find_map(|option| match option {
            EnhancedPacketOption::Comment(comment) => Some(comment),
            _ => None,
        });
        let foreign = |why: String| EvidenceError::Foreign(format!("packet {} {why}", self.packets));
        let comment = comment.ok_or_else(|| foreign("has no comment".to_owned()))?;
        let comment: Comment = serde_json::from_str(comment)
            .map_err(|error| foreign(format!("has a comment that is not ours: {error}")))?;
        if comment.kind == Kind::Filled {
            return Ok(());
        }
        self.in_order(&comment)?;
        let at = Time::from_nanos(u64::try_from(packet.timestamp.as_nanos()).unwrap_or(u64::MAX));
        let (what, payload) = match packet.interface_id {
            WIRE => wire(&comment, &packet.data)?,
            STAGE => (None, packet.data.strip_prefix(&JSON_PDU).ok_or_else(|| not(&comment, "an event"))?),
            _ => return Err(not(&comment, "on one of the two interfaces")),
        };
        self.payload.extend_from_slice(payload);
        if self.awaited.is_some() {
            return Ok(());
        }
        let payload = std::mem::take(&mut self.payload);
        let what = match what {
            Some(What::Octets(octets)) => What::Octets(Octets { octets: Bytes::from(payload), ..octets }),
            Some(what) => what,
            None => What::Event(serde_json::from_slice(&payload)?),
        };
        self.records.push(Record { at, what });
        Ok(())
    }

    /// Checks that the packet is the next part, or the next record, and notes which part is awaited after it.
    fn in_order(&mut self, comment: &Comment) -> Result<(), EvidenceError> {
        let expected = self.awaited.map_or(1, |part| part.number);
        let number = comment.part.map_or(1, |part| part.number);
        let next = self.records.len() as u64 + 1;
        if comment.record != next || number != expected {
            let why = format!("record {next} part {expected} is missing before record {}", comment.record);
            return Err(EvidenceError::Foreign(why));
        }
        self.awaited = match comment.part {
            Some(part) if part.number < part.of => Some(Part { number: part.number + 1, ..part }),
            _ => None,
        };
        Ok(())
    }

    fn finish(self) -> Result<Vec<Record>, EvidenceError> {
        match self.awaited {
            Some(_) => Err(EvidenceError::Foreign("its last record is not whole".to_owned())),
            None => Ok(self.records),
        }
    }
}

fn not(comment: &Comment, what: &str) -> EvidenceError {
    EvidenceError::Packet(format!("record {} is not {what}", comment.record))
}

/// A packet of interface 0: the record without its octets, and the octets.
fn wire<'a>(comment: &Comment, data: &'a [u8]) -> Result<(Option<What>, &'a [u8]), EvidenceError> {
    let seen = packets::read(data)?;
    let payload = seen.payload;
    let what = match comment.kind.clone() {
        Kind::Octets { step, actor, protocol, direction, connection, malformed, ends } => {
            let Ends { local, remote } = ends.unwrap_or_else(|| oriented(&seen, direction));
            What::Octets(Octets {
                actor: Arc::from(actor),
                step,
                protocol,
                transport: seen.transport,
                direction,
                local,
                remote,
                connection,
                octets: Bytes::new(),
                malformed,
            })
        }
        Kind::Connection { step, actor, connection, what, ends } => {
            let Ends { local, remote } = ends.unwrap_or_else(|| oriented(&seen, begun_by(what)));
            What::Connection(Connection { actor: Arc::from(actor), step, connection, local, remote, what })
        }
        Kind::Event | Kind::Filled => return Err(not(comment, "on the wire")),
    };
    if matches!(what, What::Connection(_)) && seen.transport == Transport::Udp {
        return Err(not(comment, "a connection"));
    }
    Ok((Some(what), payload))
}

fn oriented(seen: &Seen<'_>, direction: Direction) -> Ends {
    match direction {
        Direction::Sent => Ends { local: seen.source, remote: seen.destination },
        Direction::Received => Ends { local: seen.destination, remote: seen.source },
    }
}

/// Who sent the first packet of what became of a connection.
fn begun_by(what: ConnectionWhat) -> Direction {
    match what {
        ConnectionWhat::Opened | ConnectionWhat::Refused | ConnectionWhat::Unreachable => Direction::Sent,
        ConnectionWhat::Accepted => Direction::Received,
        ConnectionWhat::Finished { by_target } | ConnectionWhat::Reset { by_target } => match by_target {
            true => Direction::Received,
            false => Direction::Sent,
        },
    }
}
