//! Synthetic IP packets around the octets of a record, so that a dissector sees datagrams and whole TCP connections:
//! handshake, sequence numbers, FIN and RST (RFC 9293). Only payload, addresses and ports are evidence; the rest is
//! made here, and a packet that no record stands behind is marked as filled in.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use etherparse::{
    IpHeaders, IpNumber, Ipv4Header, Ipv6Header, PacketBuilder, PacketBuilderStep, SlicedPacket, TcpHeader,
    TcpOptionElement, TransportSlice,
};

use super::EvidenceError;
use crate::evidence::Transport;

/// The most octets of payload in one packet: what IPv4 and IPv6 carry below any header used here.
pub(super) const MAX_PAYLOAD: usize = 65_000;
const HOP_LIMIT: u8 = 64;
/// Seen as `window << scale` by a dissector: no connection is ever shown as full.
const WINDOW: u16 = u16::MAX;
const WINDOW_SCALE: u8 = 14;
/// Initial sequence numbers of successive connections differ, so that a port used again is a new connection.
const SEQUENCE_STEP: u32 = 0x0100_0001;

/// Which connection, as evidence tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flow {
    pub ends: Pair,
    pub connection: Option<u64>,
}

/// The tester's end and the target's end.
pub(super) type Pair = (SocketAddr, SocketAddr);

/// The next sequence numbers of a connection, of the tester and of the target.
#[derive(Clone, Copy, Debug)]
struct Sequence {
    tester: u32,
    target: u32,
}

/// Who sends a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    Tester,
    Target,
}

impl Sender {
    pub fn other(self) -> Sender {
        match self {
            Sender::Tester => Sender::Target,
            Sender::Target => Sender::Tester,
        }
    }
}

/// Makes the packets of one file, and remembers how far each TCP connection is.
#[derive(Default)]
pub(super) struct Packets {
    sequences: HashMap<Flow, Sequence>,
    connections: u32,
}

/// The flags of a segment that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment {
    Syn,
    SynAck,
    Data,
    Ack,
    Fin,
    Reset,
}

impl Packets {
    /// A datagram.
    pub fn datagram(&self, ends: Pair, from: Sender, payload: &[u8]) -> Result<Vec<u8>, EvidenceError> {
        let (source, destination) = oriented(ends, from);
        let step = PacketBuilder::ip(ip(source, destination)).udp(source.port(), destination.port());
        let mut packet = Vec::with_capacity(step.size(payload.len()));
        step.write(&mut packet, payload).map_err(|error| EvidenceError::Packet(error.to_string()))?;
        Ok(packet)
    }

    /// A segment with octets of the stream.
    pub fn data(&mut self, flow: Flow, from: Sender, payload: &[u8]) -> Result<Vec<u8>, EvidenceError> {
        self.segment(flow, from, Segment::Data, payload)
    }

    /// The three packets by which `from` opens a connection.
    pub fn opening(&mut self, flow: Flow, from: Sender) -> Result<Vec<Vec<u8>>, EvidenceError> {
        self.begin(flow);
        Ok(vec![
            self.segment(flow, from, Segment::Syn, &[])?,
            self.segment(flow, from.other(), Segment::SynAck, &[])?,
            self.segment(flow, from, Segment::Ack, &[])?,
        ])
    }

    /// The tester wants a connection, and is refused, or hears nothing.
    pub fn in_vain(&mut self, flow: Flow, refused: bool) -> Result<Vec<Vec<u8>>, EvidenceError> {
        self.begin(flow);
        let mut packets = vec![self.segment(flow, Sender::Tester, Segment::Syn, &[])?];
        if refused {
            packets.push(self.segment(flow, Sender::Target, Segment::Reset, &[])?);
        }
        Ok(packets)
    }

    /// `from` ends its side in order, which the other side acknowledges.
    pub fn finish(&mut self, flow: Flow, from: Sender) -> Result<Vec<Vec<u8>>, EvidenceError> {
        Ok(vec![self.segment(flow, from, Segment::Fin, &[])?, self.segment(flow, from.other(), Segment::Ack, &[])?])
    }

    /// `from` tears the connection down.
    pub fn reset(&mut self, flow: Flow, from: Sender) -> Result<Vec<Vec<u8>>, EvidenceError> {
        Ok(vec![self.segment(flow, from, Segment::Reset, &[])?])
    }

    fn begin(&mut self, flow: Flow) -> Sequence {
        self.connections = self.connections.wrapping_add(1);
        let tester = self.connections.wrapping_mul(SEQUENCE_STEP);
        let sequence = Sequence { tester, target: tester.wrapping_add(SEQUENCE_STEP / 2) };
        self.sequences.insert(flow, sequence);
        sequence
    }

    fn segment(&mut self, flow: Flow, from: Sender, kind: Segment, payload: &[u8]) -> Result<Vec<u8>, EvidenceError> {
        let (source, destination) = oriented(flow.ends, from);
        let sequence = match self.sequences.get(&flow) {
            Some(sequence) => *sequence,
            None => self.begin(flow),
        };
        let (own, other) = match from {
            Sender::Tester => (sequence.tester, sequence.target),
            Sender::Target => (sequence.target, sequence.tester),
        };
        let mut header = TcpHeader::new(source.port(), destination.port(), own, WINDOW);
        flags(&mut header, kind, other)?;
        let step: PacketBuilderStep<TcpHeader> = PacketBuilder::ip(ip(source, destination)).tcp_header(header);
        let mut packet = Vec::with_capacity(step.size(payload.len()));
        step.write(&mut packet, payload).map_err(|error| EvidenceError::Packet(error.to_string()))?;
        self.advance(flow, from, own.wrapping_add(consumed(kind, payload.len())));
        Ok(packet)
    }

    fn advance(&mut self, flow: Flow, from: Sender, to: u32) {
        if let Some(sequence) = self.sequences.get_mut(&flow) {
            match from {
                Sender::Tester => sequence.tester = to,
                Sender::Target => sequence.target = to,
            }
        }
    }
}

/// SYN and FIN take one number of the sequence, each octet takes one.
fn consumed(kind: Segment, payload: usize) -> u32 {
    match kind {
        Segment::Syn | Segment::SynAck | Segment::Fin => 1,
        // A payload is shorter than MAX_PAYLOAD, so nothing is cut here.
        _ => payload as u32,
    }
}

fn flags(header: &mut TcpHeader, kind: Segment, acknowledged: u32) -> Result<(), EvidenceError> {
    header.syn = matches!(kind, Segment::Syn | Segment::SynAck);
    header.fin = kind == Segment::Fin;
    header.rst = kind == Segment::Reset;
    header.psh = kind == Segment::Data;
    header.ack = kind != Segment::Syn;
    if header.ack {
        header.acknowledgment_number = acknowledged;
    }
    if header.syn {
        let options = [TcpOptionElement::MaximumSegmentSize(u16::MAX), TcpOptionElement::WindowScale(WINDOW_SCALE)];
        header.set_options(&options).map_err(|error| EvidenceError::Packet(error.to_string()))?;
    }
    Ok(())
}

fn oriented((tester, target): Pair, from: Sender) -> Pair {
    match from {
        Sender::Tester => (tester, target),
        Sender::Target => (target, tester),
    }
}

/// The IP header; lengths, checksum and next header are filled in by the builder.
fn ip(source: SocketAddr, destination: SocketAddr) -> IpHeaders {
    match (source.ip(), destination.ip()) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let header = Ipv4Header {
                time_to_live: HOP_LIMIT,
                source: source.octets(),
                destination: destination.octets(),
                ..Ipv4Header::default()
            };
            IpHeaders::Ipv4(header, Default::default())
        }
        (source, destination) => {
            let header = Ipv6Header {
                hop_limit: HOP_LIMIT,
                next_header: IpNumber::TCP,
                source: v6(source).octets(),
                destination: v6(destination).octets(),
                ..Ipv6Header::default()
            };
            IpHeaders::Ipv6(header, Default::default())
        }
    }
}

/// An IPv4 address that stands beside an IPv6 one is mapped (RFC 4291 section 2.5.5.2).
fn v6(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// What a packet of a file holds.
pub(super) struct Seen<'a> {
    pub source: SocketAddr,
    pub destination: SocketAddr,
    pub transport: Transport,
    pub payload: &'a [u8],
}

/// Reads a packet back.
pub(super) fn read(packet: &[u8]) -> Result<Seen<'_>, EvidenceError> {
    let sliced = SlicedPacket::from_ip(packet).map_err(|error| EvidenceError::Packet(error.to_string()))?;
    let (source, destination) = match &sliced.net {
        Some(etherparse::NetSlice::Ipv4(ip)) => {
            (IpAddr::V4(ip.header().source_addr()), IpAddr::V4(ip.header().destination_addr()))
        }
        Some(etherparse::NetSlice::Ipv6(ip)) => {
            (IpAddr::V6(ip.header().source_addr()), IpAddr::V6(ip.header().destination_addr()))
        }
        _ => return Err(EvidenceError::Packet("it is not an IP packet".to_owned())),
    };
    let (ports, transport, payload) = match &sliced.transport {
        Some(TransportSlice::Udp(udp)) => ((udp.source_port(), udp.destination_port()), Transport::Udp, udp.payload()),
        Some(TransportSlice::Tcp(tcp)) => ((tcp.source_port(), tcp.destination_port()), Transport::Tcp, tcp.payload()),
        _ => return Err(EvidenceError::Packet("it is neither UDP nor TCP".to_owned())),
    };
    Ok(Seen {
        source: SocketAddr::new(source, ports.0),
        destination: SocketAddr::new(destination, ports.1),
        transport,
        payload,
    })
}
