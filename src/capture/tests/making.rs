//! Files and packets in the making.

use etherparse::{PacketBuilder, TcpHeader};

/// Files of the old format.
pub struct Pcap;

impl Pcap {
    /// Packets a microsecond apart, from the first second on.
    pub fn of(link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
        Pcap::written(0xa1b2_c3d4, u32::to_le_bytes, u16::to_le_bytes, link, packets)
    }

    pub fn written(
        magic: u32,
        word: fn(u32) -> [u8; 4],
        half: fn(u16) -> [u8; 2],
        link: u32,
        packets: &[Vec<u8>],
    ) -> Vec<u8> {
        let mut file = word(magic).to_vec();
        file.extend([half(2), half(4)].concat());
        for number in [0, 0, 65_535, link] {
            file.extend(word(number));
        }
        for (number, packet) in (1..).zip(packets) {
            for number in [1, number, packet.len() as u32, packet.len() as u32] {
                file.extend(word(number));
            }
            file.extend(packet);
        }
        file
    }
}

pub fn sip(user: &str) -> Vec<u8> {
    sip_with(user, "hello")
}

pub fn sip_with(user: &str, body: &str) -> Vec<u8> {
    format!(
        "MESSAGE sip:{user}@home.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{user}\r\n\
         Call-ID: {user}\r\nCSeq: 1 MESSAGE\r\nl: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

pub fn msrp(transaction: &str) -> Vec<u8> {
    format!(
        "MSRP {transaction} SEND\r\nTo-Path: msrp://192.0.2.2:1/b;tcp\r\nFrom-Path: msrp://192.0.2.1:2/a;tcp\r\n\
         Message-ID: {transaction}\r\nByte-Range: 1-2/2\r\nContent-Type: text/plain\r\n\r\nHi\r\n-------{transaction}$\r\n"
    )
    .into_bytes()
}

/// An IPv4 packet with a datagram.
pub fn udp(octets: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv4([192, 0, 2, 1], [192, 0, 2, 2], 64).udp(5060, 5061).write(&mut packet, octets).unwrap();
    packet
}

pub fn udp6(octets: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    let (from, to) = ([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0xfe; 16]);
    PacketBuilder::ipv6(from, to, 64).udp(5060, 5061).write(&mut packet, octets).unwrap();
    packet
}

/// The two ends of one connection, which counts up.
#[derive(Clone, Copy)]
pub struct Talk {
    pub port: u16,
    pub next: [u32; 2],
}

pub const CLIENT: usize = 0;
pub const SERVER: usize = 1;

impl Talk {
    /// Sequence numbers that wrap soon.
    pub fn new(port: u16) -> Talk {
        Talk { port, next: [u32::MAX - 20, 7000] }
    }

    /// A segment as it stands in the sequence; the caller counts.
    pub fn packet(&self, from: usize, change: impl Fn(&mut TcpHeader), octets: &[u8]) -> Vec<u8> {
        let ports = [self.port, 5060];
        let hosts = [[192, 0, 2, 1], [192, 0, 2, 2]];
        let mut header = TcpHeader::new(ports[from], ports[1 - from], self.next[from], 65_535);
        header.ack = true;
        header.acknowledgment_number = self.next[1 - from];
        change(&mut header);
        let mut packet = Vec::new();
        PacketBuilder::ipv4(hosts[from], hosts[1 - from], 64).tcp_header(header).write(&mut packet, octets).unwrap();
        packet
    }

    pub fn handshake(&mut self) -> Vec<Vec<u8>> {
        let asked = self.packet(CLIENT, |header| (header.syn, header.ack) = (true, false), b"");
        self.next[CLIENT] = self.next[CLIENT].wrapping_add(1);
        let answered = self.packet(SERVER, |header| header.syn = true, b"");
        self.next[SERVER] = self.next[SERVER].wrapping_add(1);
        vec![asked, answered, self.packet(CLIENT, |_| (), b"")]
    }

    pub fn says(&mut self, from: usize, octets: &[u8]) -> Vec<u8> {
        let packet = self.packet(from, |_| (), octets);
        self.next[from] = self.next[from].wrapping_add(octets.len() as u32);
        packet
    }

    pub fn finishes(&mut self, from: usize) -> Vec<u8> {
        let packet = self.packet(from, |header| header.fin = true, b"");
        self.next[from] = self.next[from].wrapping_add(1);
        packet
    }
}

/// A block of the new format.
pub fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let body = padded(body);
    let length = (body.len() as u32 + 12).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, &body, &length].concat()
}

pub fn padded(body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    body.resize(body.len().next_multiple_of(4), 0);
    body
}

/// A section header, then an interface of plain IP with these options.
pub fn section(options: &[u8]) -> Vec<u8> {
    let header = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    let interface = [&[101, 0, 0, 0, 0, 0, 0, 0][..], options].concat();
    [block(0x0a0d_0d0a, &header), block(1, &interface)].concat()
}

pub fn enhanced(interface: u32, ticks: u64, packet: &[u8]) -> Vec<u8> {
    let length = packet.len() as u32;
    let numbers = [interface, (ticks >> 32) as u32, ticks as u32, length, length];
    let head: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    block(6, &[&head[..], &padded(packet), &[1, 0, 1, 0, b'x', 0, 0, 0, 0, 0, 0, 0]].concat())
}
