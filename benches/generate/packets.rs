//! The packets: Ethernet, IPv4, UDP and TCP, with checksums, 50 microseconds apart.

use std::io::{self, Write};

use etherparse::{IpHeaders, PacketBuilder, PacketBuilderStep, TcpHeader};

const CLIENT: [u8; 4] = [192, 0, 2, 1];
const SERVER: [u8; 4] = [192, 0, 2, 2];
const CLIENT_CARD: [u8; 6] = [2, 0, 0, 0, 0, 1];
const SERVER_CARD: [u8; 6] = [2, 0, 0, 0, 0, 2];
const ETHERNET: u32 = 1;
const WINDOW: u16 = u16::MAX;
/// 2026-01-01.
const BEGIN: u64 = 1_767_225_600_000_000;
const STEP: u64 = 50;

/// Who sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

/// How far a connection is.
pub struct Stream {
    ports: [u16; 2],
    /// The next octets of the client and of the server.
    next: [u32; 2],
}

pub struct Packets<'a, W> {
    out: &'a mut W,
    microseconds: u64,
    packet: Vec<u8>,
    /// The address of the client.
    client: [u8; 4],
}

impl<W: Write> Packets<'_, W> {
    pub fn begin(out: &mut W) -> io::Result<Packets<'_, W>> {
        for word in [0xa1b2_c3d4, 0x0004_0002, 0, 0, 262_144, ETHERNET] {
            out.write_all(&u32::to_le_bytes(word))?;
        }
        Ok(Packets { out, microseconds: BEGIN, packet: Vec::new(), client: CLIENT })
    }

    /// From now on another client sends.
    pub fn come_from(&mut self, client: u16) {
        let [high, low] = client.to_be_bytes();
        self.client = [10, high, low, 1];
    }

    pub fn datagram(&mut self, from: u16, to: u16, octets: &[u8]) -> io::Result<()> {
        self.packet.clear();
        let below = self.below(Side::Client);
        below.udp(from, to).write(&mut self.packet, octets).map_err(io::Error::other)?;
        self.write()
    }

    /// Opens a connection.
    pub fn handshake(&mut self, client: u16, server: u16) -> io::Result<Stream> {
        let mut stream = Stream { ports: [client, server], next: [1000, 5000] };
        self.tcp(Side::Client, TcpHeader { syn: true, ack: false, ..stream.header(Side::Client) }, &[])?;
        stream.pass(Side::Client, 1);
        self.tcp(Side::Server, TcpHeader { syn: true, ..stream.header(Side::Server) }, &[])?;
        stream.pass(Side::Server, 1);
        self.tcp(Side::Client, stream.header(Side::Client), &[])?;
        Ok(stream)
    }

    /// Carries octets on a connection.
    pub fn segment(&mut self, stream: &mut Stream, from: Side, octets: &[u8]) -> io::Result<()> {
        self.tcp(from, TcpHeader { psh: true, ..stream.header(from) }, octets)?;
        stream.pass(from, octets.len() as u32);
        Ok(())
    }

    fn tcp(&mut self, from: Side, header: TcpHeader, octets: &[u8]) -> io::Result<()> {
        self.packet.clear();
        let below = self.below(from);
        below.tcp_header(header).write(&mut self.packet, octets).map_err(io::Error::other)?;
        self.write()
    }

    fn below(&self, from: Side) -> PacketBuilderStep<IpHeaders> {
        let (here, there) = ((CLIENT_CARD, self.client), (SERVER_CARD, SERVER));
        let (source, destination) = if from == Side::Client { (here, there) } else { (there, here) };
        PacketBuilder::ethernet2(source.0, destination.0).ipv4(source.1, destination.1, 64)
    }

    fn write(&mut self) -> io::Result<()> {
        self.microseconds += STEP;
        let length = self.packet.len() as u32;
        for word in [(self.microseconds / 1_000_000) as u32, (self.microseconds % 1_000_000) as u32, length, length] {
            self.out.write_all(&word.to_le_bytes())?;
        }
        self.out.write_all(&self.packet)
    }
}

impl Stream {
    /// The header of the next segment.
    fn header(&self, from: Side) -> TcpHeader {
        let ([client, server], [sent, received]) = (self.ports, self.next);
        let (source, destination, sequence, acknowledged) = match from {
            Side::Client => (client, server, sent, received),
            Side::Server => (server, client, received, sent),
        };
        let header = TcpHeader::new(source, destination, sequence, WINDOW);
        TcpHeader { ack: true, acknowledgment_number: acknowledged, ..header }
    }

    fn pass(&mut self, from: Side, octets: u32) {
        let [client, server] = &mut self.next;
        let next = if from == Side::Client { client } else { server };
        *next = next.wrapping_add(octets);
    }
}
