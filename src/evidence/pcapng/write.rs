//! Writes evidence.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::time::Duration;

use cpm_wire::time::Time;
use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness};

use super::comment::{Comment, Ends, Kind, Part, marks};
use super::packets::{Flow, MAX_PAYLOAD, Packets, Sender};
use super::{APPLICATION, EvidenceError, JSON_PDU, STAGE, WIRE};
use crate::evidence::{Connection, ConnectionWhat, Direction, Header, Octets, Record, Transport, What};
use crate::verdict::Finding;

/// A comment that is longer does not fit its length field.
const MAX_COMMENT: usize = u16::MAX as usize;
/// Wireshark reads no longer packets.
const SNAP_LENGTH: u32 = 262_144;

/// Writes evidence to the octets of a file.
pub fn write(header: &Header, records: &[Record]) -> Result<Vec<u8>, EvidenceError> {
    write_marked(header, records, &[])
}

/// Writes evidence with what was found in it: the comment of a packet then carries the findings that name its record.
pub fn write_marked(header: &Header, records: &[Record], findings: &[Finding]) -> Result<Vec<u8>, EvidenceError> {
    let mut file = File::new()?;
    for (number, record) in (1..).zip(records) {
        file.record(number, record, findings)?;
    }
    file.finish(header)
}

/// The blocks so far, without the section header, which tells their length.
struct File {
    blocks: PcapNgWriter<Vec<u8>>,
    head: usize,
    packets: Packets,
}

impl File {
    fn new() -> Result<File, EvidenceError> {
        let section = SectionHeaderBlock { endianness: Endianness::Little, ..Default::default() };
        let mut blocks = PcapNgWriter::with_section_header(Vec::new(), section)?;
        let head = blocks.get_ref().len();
        blocks.write_pcapng_block(interface(DataLink::RAW, "wire"))?;
        blocks.write_pcapng_block(interface(DataLink::WIRESHARK_UPPER_PDU, "stage"))?;
        Ok(File { blocks, head, packets: Packets::default() })
    }

    fn finish(self, header: &Header) -> Result<Vec<u8>, EvidenceError> {
        let blocks = self.blocks.into_inner();
        let body = blocks.get(self.head..).unwrap_or_default();
        let comment = checked(serde_json::to_string(header)?, || "the file".to_owned())?;
        let section = SectionHeaderBlock {
            endianness: Endianness::Little,
            section_length: i64::try_from(body.len()).unwrap_or(-1),
            options: vec![
                SectionHeaderOption::Comment(Cow::Owned(comment)),
                SectionHeaderOption::UserApplication(Cow::Borrowed(APPLICATION)),
            ],
            ..Default::default()
        };
        let mut file = PcapNgWriter::with_section_header(Vec::new(), section)?.into_inner();
        file.extend_from_slice(body);
        Ok(file)
    }

    fn record(&mut self, number: u64, record: &Record, findings: &[Finding]) -> Result<(), EvidenceError> {
        let comment = |kind, part| Comment { record: number, part, kind, findings: marks(findings, number) };
        match &record.what {
            What::Octets(octets) => {
                for (part, payload) in parts(&octets.octets) {
                    let packet = self.octets(octets, payload)?;
                    self.packet(WIRE, record.at, packet, &comment(octets_kind(octets), part))?;
                }
            }
            What::Connection(connection) => {
                let mut packets = self.connection(connection)?.into_iter();
                if let Some(first) = packets.next() {
                    self.packet(WIRE, record.at, first, &comment(connection_kind(connection), None))?;
                }
                for filled in packets {
                    self.packet(WIRE, record.at, filled, &comment(Kind::Filled, None))?;
                }
            }
            What::Event(event) => {
                for (part, payload) in parts(&serde_json::to_vec(event)?) {
                    let packet = [&JSON_PDU, payload].concat();
                    self.packet(STAGE, record.at, packet, &comment(Kind::Event, part))?;
                }
            }
        }
        Ok(())
    }

    fn octets(&mut self, octets: &Octets, payload: &[u8]) -> Result<Vec<u8>, EvidenceError> {
        let ends = (octets.local, octets.remote);
        let from = match octets.direction {
            Direction::Sent => Sender::Tester,
            Direction::Received => Sender::Target,
        };
        match octets.transport {
            Transport::Udp => self.packets.datagram(ends, from, payload),
            Transport::Tcp => self.packets.data(Flow { ends, connection: octets.connection }, from, payload),
        }
    }

    fn connection(&mut self, connection: &Connection) -> Result<Vec<Vec<u8>>, EvidenceError> {
        let ends = (connection.local, connection.remote);
        let flow = Flow { ends, connection: Some(connection.connection) };
        let side = |by_target| if by_target { Sender::Target } else { Sender::Tester };
        match connection.what {
            ConnectionWhat::Opened => self.packets.opening(flow, Sender::Tester),
            ConnectionWhat::Accepted => self.packets.opening(flow, Sender::Target),
            ConnectionWhat::Finished { by_target } => self.packets.finish(flow, side(by_target)),
            ConnectionWhat::Reset { by_target } => self.packets.reset(flow, side(by_target)),
            ConnectionWhat::Refused => self.packets.in_vain(flow, true),
            ConnectionWhat::Unreachable => self.packets.in_vain(flow, false),
        }
    }

    fn packet(&mut self, interface: u32, at: Time, data: Vec<u8>, comment: &Comment) -> Result<(), EvidenceError> {
        let text = checked(serde_json::to_string(comment)?, || format!("record {}", comment.record))?;
        self.blocks.write_pcapng_block(EnhancedPacketBlock {
            interface_id: interface,
            timestamp: Duration::from_nanos(at.as_nanos()),
            // Bounded by MAX_PAYLOAD and the headers.
            original_len: data.len() as u32,
            data: Cow::Owned(data),
            options: vec![EnhancedPacketOption::Comment(Cow::Owned(text))],
        })?;
        Ok(())
    }
}

fn interface(linktype: DataLink, name: &'static str) -> InterfaceDescriptionBlock<'static> {
    InterfaceDescriptionBlock {
        linktype,
        snaplen: SNAP_LENGTH,
        // Without it a reader takes nanoseconds for microseconds.
        options: vec![
            InterfaceDescriptionOption::IfName(Cow::Borrowed(name)),
            InterfaceDescriptionOption::IfTsResol(9),
        ],
    }
}

fn checked(comment: String, what: impl FnOnce() -> String) -> Result<String, EvidenceError> {
    match comment.len() {
        ..=MAX_COMMENT => Ok(comment),
        octets => Err(EvidenceError::CommentTooLong { what: what(), octets }),
    }
}

/// The payloads of the packets of one record; parts are numbered when there are several.
fn parts(octets: &[u8]) -> Vec<(Option<Part>, &[u8])> {
    if octets.len() <= MAX_PAYLOAD {
        return vec![(None, octets)];
    }
    let of = u32::try_from(octets.len().div_ceil(MAX_PAYLOAD)).unwrap_or(u32::MAX);
    (1..).zip(octets.chunks(MAX_PAYLOAD)).map(|(number, payload)| (Some(Part { number, of }), payload)).collect()
}

fn octets_kind(octets: &Octets) -> Kind {
    Kind::Octets {
        step: octets.step,
        actor: octets.actor.to_string(),
        protocol: octets.protocol,
        direction: octets.direction,
        connection: octets.connection,
        malformed: octets.malformed.clone(),
        ends: odd_ends(octets.local, octets.remote),
    }
}

fn connection_kind(connection: &Connection) -> Kind {
    Kind::Connection {
        step: connection.step,
        actor: connection.actor.to_string(),
        connection: connection.connection,
        what: connection.what,
        ends: odd_ends(connection.local, connection.remote),
    }
}

/// The ends, if IP headers do not tell them exactly.
fn odd_ends(local: SocketAddr, remote: SocketAddr) -> Option<Ends> {
    let scoped = |end: &SocketAddr| matches!(end, SocketAddr::V6(end) if end.scope_id() != 0);
    let odd = local.is_ipv4() != remote.is_ipv4() || scoped(&local) || scoped(&remote);
    odd.then_some(Ends { local, remote })
}
