//! Captures in the eyes of a stranger: what tshark finds in a capture with fragments, tags, several links and segments out
//! of order is what is read of it. Without tshark on the machine that test says that it is skipped. And evidence of the
//! suite is a capture, too.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;
use cpm_conformance::capture::{self, Capture, Seen, Skip, Tally};
use cpm_conformance::evidence::{self, Direction, Event, Header, Record, What, pcapng};
use cpm_wire::msrp::Framer;
use cpm_wire::time::Time;
use etherparse::{PacketBuilder, SingleVlanHeader, TcpHeader, VlanId};

const HOSTS: [[u8; 4]; 2] = [[192, 0, 2, 1], [192, 0, 2, 2]];
const CARDS: [[u8; 6]; 2] = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]];
/// The interfaces of the file.
const LINKS: [u16; 3] = [1, 101, 113];
const ETHERNET: u32 = 0;
const RAW: u32 = 1;
const COOKED: u32 = 2;

fn sip(user: &str, size: usize) -> Vec<u8> {
    format!(
        "MESSAGE sip:{user}@home.example SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{user}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:alice@home.example>;tag=1\r\nTo: <sip:{user}@home.example>\r\n\
         Call-ID: {user}\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n{}",
        "x".repeat(size)
    )
    .into_bytes()
}

fn msrp(transaction: &str) -> Vec<u8> {
    format!(
        "MSRP {transaction} SEND\r\nTo-Path: msrp://192.0.2.2:2855/b;tcp\r\nFrom-Path: msrp://192.0.2.1:4001/a;tcp\r\n\
         Message-ID: {transaction}m\r\nByte-Range: 1-2/2\r\nContent-Type: text/plain\r\n\r\nHi\r\n-------{transaction}$\r\n"
    )
    .into_bytes()
}

fn ip_udp(octets: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    PacketBuilder::ipv4(HOSTS[0], HOSTS[1], 64).udp(5060, 5060).write(&mut packet, octets).unwrap();
    packet
}

/// The fragments of an IPv4 packet, each with a checksum of its own.
fn fragments(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (header, _) = etherparse::Ipv4Header::from_slice(packet).unwrap();
    let pieces: Vec<&[u8]> = packet[20..].chunks(size).collect();
    let cut = |(number, piece): (usize, &&[u8])| {
        let mut header = header.clone();
        header.dont_fragment = false;
        header.identification = 77;
        header.more_fragments = number + 1 < pieces.len();
        header.fragment_offset = ((number * size / 8) as u16).try_into().unwrap();
        header.set_payload_len(piece.len()).unwrap();
        header.header_checksum = header.calc_header_checksum();
        [&header.to_bytes()[..], piece].concat()
    };
    pieces.iter().enumerate().map(cut).collect()
}

/// Writes blocks of a pcapng file.
struct File {
    octets: Vec<u8>,
    microseconds: u32,
}

impl File {
    fn new() -> File {
        let mut file = File { octets: Vec::new(), microseconds: 0 };
        file.block(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat());
        for link in LINKS {
            file.block(1, &[&link.to_le_bytes()[..], &[0; 6]].concat());
        }
        file
    }

    fn block(&mut self, kind: u32, body: &[u8]) {
        let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
        let length = ((body.len() + padding.len() + 12) as u32).to_le_bytes();
        self.octets.extend([&kind.to_le_bytes()[..], &length, body, &padding, &length].concat());
    }

    fn packet(&mut self, interface: u32, packet: &[u8]) {
        self.microseconds += 1000;
        let length = packet.len() as u32;
        let head = [interface, 0, self.microseconds, length, length].map(u32::to_le_bytes).concat();
        self.block(6, &[&head, packet].concat());
    }

    fn cooked(&mut self, packet: &[u8]) {
        self.packet(COOKED, &[&[0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0], packet].concat());
    }

    fn tcp(&mut self, ports: [u16; 2], from: usize, numbers: [u32; 2], syn: bool, octets: &[u8]) {
        let mut header = TcpHeader::new(ports[from], ports[1 - from], numbers[from], 65_535);
        header.syn = syn;
        header.ack = !(syn && from == 0);
        header.acknowledgment_number = if header.ack { numbers[1 - from] } else { 0 };
        let mut packet = Vec::new();
        PacketBuilder::ethernet2(CARDS[from], CARDS[1 - from])
            .ipv4(HOSTS[from], HOSTS[1 - from], 64)
            .tcp_header(header)
            .write(&mut packet, octets)
            .unwrap();
        self.packet(ETHERNET, &packet);
    }

    /// A connection whose client sends these pieces of a stream, in this order.
    fn stream(&mut self, ports: [u16; 2], pieces: &[&[u8]], order: &[usize]) {
        self.tcp(ports, 0, [100, 0], true, b"");
        self.tcp(ports, 1, [101, 200], true, b"");
        self.tcp(ports, 0, [101, 201], false, b"");
        for number in order {
            let before: usize = pieces[..*number].iter().map(|piece| piece.len()).sum();
            self.tcp(ports, 0, [101 + before as u32, 201], false, pieces[*number]);
        }
    }
}

/// Everything that networks do to messages.
fn sample() -> Vec<u8> {
    let mut file = File::new();
    let mut tagged = Vec::new();
    PacketBuilder::ethernet2(CARDS[0], CARDS[1])
        .vlan(etherparse::VlanHeader::Single(SingleVlanHeader {
            vlan_id: VlanId::try_new(7).unwrap(),
            ..SingleVlanHeader::default()
        }))
        .ipv4(HOSTS[0], HOSTS[1], 64)
        .udp(5060, 5060)
        .write(&mut tagged, &sip("tagged", 5))
        .unwrap();
    file.packet(ETHERNET, &tagged);
    file.packet(RAW, &ip_udp(&sip("raw", 5)));
    file.cooked(&ip_udp(&sip("cooked", 5)));
    let mut pieces = fragments(&ip_udp(&sip("cut", 4000)), 1200);
    pieces.swap(1, 2);
    for piece in pieces {
        file.packet(RAW, &piece);
    }
    let stream = [sip("one", 10), sip("two", 3000), sip("three", 7)].concat();
    let pieces: Vec<&[u8]> = stream.chunks(1000).collect();
    file.stream([4000, 5060], &pieces, &[0, 2, 1, 1, 3]);
    let media = [msrp("aaaa1"), msrp("bbbb2"), msrp("cccc3")];
    file.stream([4001, 2855], &[&media[0], &media[1], &media[2]], &[0, 1, 2]);
    file.packet(RAW, &ip_udp(b"\r\n\r\n"));
    file.octets
}

fn read(file: &[u8]) -> (Vec<capture::Octets>, Tally) {
    let mut capture = Capture::new(file);
    let octets = capture.by_ref().filter_map(|seen| match seen.unwrap() {
        Seen::Octets(octets) => Some(octets),
        _ => None,
    });
    (octets.collect(), capture.tally().clone())
}

/// Call-IDs as a header tells them.
fn call_ids(octets: &[capture::Octets]) -> Vec<String> {
    let sip = octets.iter().filter(|octets| octets.protocol == capture::Protocol::Sip);
    let value = |octets: &capture::Octets| {
        let text = String::from_utf8_lossy(&octets.octets).into_owned();
        text.lines().find_map(|line| line.strip_prefix("Call-ID: ")).unwrap().to_owned()
    };
    sip.map(value).collect()
}

fn transactions(octets: &[capture::Octets]) -> usize {
    let mut framer = Framer::default();
    for one in octets.iter().filter(|octets| octets.protocol == capture::Protocol::Msrp) {
        framer.push(one.octets.clone());
    }
    std::iter::from_fn(|| framer.next()).map(Result::unwrap).count()
}

fn tshark(file: &Path, filter: &str, field: &str) -> Vec<String> {
    let output = Command::new("tshark")
        .args(["-r".as_ref(), file.as_os_str()])
        .args(["-o", "tcp.reassemble_out_of_order:TRUE", "-d", "tcp.port==2855,msrp"])
        .args(["-Y", filter, "-T", "fields", "-e", field])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    // Several messages of one frame stand on one line.
    lines.split(['\n', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn tshark_sees_the_same_messages() {
    let (octets, tally) = read(&sample());
    assert_eq!(call_ids(&octets), ["tagged", "raw", "cooked", "cut", "one", "two", "three"]);
    assert_eq!((transactions(&octets), tally.lost), (3, 0));
    assert_eq!(tally.skipped, [(Skip::KeepAlive, 1)].into());
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("skipped: tshark is not installed");
        return;
    }
    let file = std::env::temp_dir().join(format!("cpm-capture-{}.pcapng", std::process::id()));
    std::fs::write(&file, sample()).unwrap();
    assert_eq!(tshark(&file, "sip", "sip.Call-ID"), call_ids(&octets));
    assert_eq!(tshark(&file, "msrp.request.line", "msrp.messageid"), ["aaaa1m", "bbbb2m", "cccc3m"]);
    let sip = octets.iter().filter(|octets| octets.protocol == capture::Protocol::Sip);
    let mut told: Vec<String> = sip.map(|octets| octets.frame.to_string()).collect();
    let mut shown = tshark(&file, "sip", "frame.number");
    shown.dedup();
    told.dedup();
    assert_eq!(shown, told);
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn evidence_is_a_capture() {
    let [local, remote]: [SocketAddr; 2] = ["127.0.0.1:5061", "[::1]:40060"].map(|end| end.parse().unwrap());
    let octets = |transport, connection, octets: Vec<u8>| Record {
        at: Time::from_nanos(1_700_000_000_000_000_001),
        what: What::Octets(evidence::Octets {
            actor: Arc::from("focus/friends"),
            step: 1,
            protocol: evidence::Protocol::Sip,
            transport,
            direction: Direction::Sent,
            local,
            remote: if connection == Some(8) { remote } else { SocketAddr::new(local.ip(), 40_060) },
            connection,
            octets: Bytes::from(octets),
            malformed: None,
        }),
    };
    let note = Record { at: Time::ZERO, what: What::Event(Event::Note { text: "a note".to_owned() }) };
    let records = [
        note,
        octets(evidence::Transport::Udp, None, sip("datagram", 9)),
        octets(evidence::Transport::Tcp, Some(7), sip("long", 150_000)),
        octets(evidence::Transport::Tcp, Some(8), sip("mapped", 9)),
    ];
    let (seen, tally) = read(&pcapng::write(&Header::default(), &records).unwrap());
    let octets: Vec<&Bytes> = seen.iter().map(|octets| &octets.octets).collect();
    assert_eq!(octets, [&sip("datagram", 9), &sip("long", 150_000), &sip("mapped", 9)]);
    assert_eq!(seen[0].at.as_nanos(), 1_700_000_000_000_000_001);
    assert_eq!((seen[0].frame, tally.skipped), (2, [(Skip::LinkType, 1)].into()));
}
