//! Captures of others, the evidence of the suite, and the packets in both.

use std::io::Read;

use bytes::Bytes;
use cpm_conformance::capture::{Capture, KeyLog, Protocol, Seen, Tally};
use cpm_conformance::evidence::pcapng;

use super::cutting;

/// A file, pcap or pcapng. What is seen in it is no more than it holds, an error comes last, and it matters nothing in what
/// pieces the file is read.
pub fn file(octets: &[u8]) {
    let (seen, tally) = read(octets);
    let pieces = cutting::pieces(octets);
    assert_eq!(read(Pieces(pieces)), (seen.clone(), tally.clone()), "read in pieces");
    assert!(seen.iter().rev().skip(1).all(Result::is_ok), "an error comes last");
    let mut held = 0;
    let mut counted = [0_u64; 3];
    for seen in seen.iter().flatten() {
        if let Seen::Octets(seen) = seen {
            assert!(seen.frame >= 1 && seen.frame <= tally.packets);
            held += seen.octets.len();
            match seen.protocol {
                Protocol::Sip => counted[0] += 1,
                Protocol::Msrp => counted[1] += 1,
                Protocol::Diameter => counted[2] += 1,
            }
        }
    }
    assert!(held <= octets.len(), "{held} octets were seen in {}", octets.len());
    assert_eq!(counted, [tally.sip, tally.msrp_pieces, tally.diameter]);
}

type Told = (Vec<Result<Seen, String>>, Tally);

fn read(octets: impl Read) -> Told {
    let mut capture = Capture::new(octets);
    let seen = capture.by_ref().map(|seen| seen.map_err(|error| error.to_string())).collect();
    (seen, capture.tally().clone())
}

/// A reader that gives a piece at a time.
struct Pieces<'a>(Vec<&'a [u8]>);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let Some(piece) = self.0.first_mut() else { return Ok(0) };
        let read = piece.read(into)?;
        if piece.is_empty() {
            self.0.remove(0);
        }
        Ok(read)
    }
}

/// Packets of IP, each after its length in two octets: a capture without the trouble of a file.
pub fn packets(octets: &[u8]) {
    let mut capture = raw_ip();
    let mut rest = octets;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (packet, after) = after.split_at(usize::from(u16::from_be_bytes(*length)).min(after.len()));
        self::packet(&mut capture, packet);
        rest = after;
    }
    file(&capture);
}

/// The beginning of a capture of packets of IP.
fn raw_ip() -> Vec<u8> {
    const RAW_IP: u32 = 101;
    let mut capture = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0];
    capture.extend(RAW_IP.to_le_bytes());
    capture
}

/// Adds a packet, later than those before.
fn packet(capture: &mut Vec<u8>, packet: &[u8]) {
    let (second, length) = (capture.len() as u32, packet.len() as u32);
    for number in [second, 0, length, length] {
        capture.extend(number.to_le_bytes());
    }
    capture.extend(packet);
}

/// Evidence of the suite: what is read is written and read again the same.
pub fn evidence(octets: &[u8]) {
    let Ok((header, records)) = pcapng::read(octets) else { return };
    let written = pcapng::write(&header, &records).map(Bytes::from);
    let again = written.ok().and_then(|written| pcapng::read(&written).ok());
    assert_eq!(again, Some((header, records)));
}

/// A connection over TLS: a key log up to the first zero, then what both ends send, each piece after two octets, whose highest bit
/// tells who and whose others tell how much. No more is said than was sent.
pub fn tls(octets: &[u8]) {
    let end = octets.iter().position(|octet| *octet == 0).unwrap_or(octets.len());
    let (log, rest) = octets.split_at(end);
    let secrets = KeyLog::read(log).unwrap_or_default();
    let mut next = [0_u32; 2];
    let mut capture = raw_ip();
    let mut rest = rest.get(1..).unwrap_or_default();
    while let Some((head, after)) = rest.split_first_chunk::<2>() {
        let head = u16::from_be_bytes(*head);
        let (said, after) = after.split_at(usize::from(head & 0x7fff).min(after.len()));
        let from = usize::from(head >> 15);
        packet(&mut capture, &segment(from, next[from], said));
        next[from] = next[from].wrapping_add(said.len() as u32);
        rest = after;
    }
    let mut capture = Capture::with_secrets(&capture[..], secrets);
    let said: usize =
        capture.by_ref().map(|seen| if let Ok(Seen::Octets(seen)) = seen { seen.octets.len() } else { 0 }).sum();
    assert!(said <= octets.len(), "{said} octets were seen in {}", octets.len());
    assert!(capture.tally().tls <= 1);
}

/// A packet of IPv4 with a segment of TCP.
fn segment(from: usize, sequence: u32, octets: &[u8]) -> Vec<u8> {
    let hosts = [[192, 0, 2, 1], [192, 0, 2, 2]];
    let length = (octets.len() as u16 + 40).to_be_bytes();
    let ports = [[0x9c, 0x40, 0x13, 0xc5], [0x13, 0xc5, 0x9c, 0x40]];
    let ip = [&[0x45, 0][..], &length, &[0, 0, 0, 0, 64, 6, 0, 0], &hosts[from], &hosts[1 - from]].concat();
    let flags = [0x50, 0x18, 0xff, 0xff, 0, 0, 0, 0];
    [&ip, &ports[from][..], &sequence.to_be_bytes(), &[0; 4], &flags, octets].concat()
}
