//! Captures made by hand.

mod datagrams;
mod files;
mod making;
mod properties;
mod sipp;
mod streams;
mod tls;

use super::*;
use making::Pcap;

/// Everything that is seen of a file without a fault.
fn seen(file: &[u8]) -> (Vec<Seen>, Tally) {
    let mut capture = Capture::new(file);
    let seen = capture.by_ref().map(Result::unwrap).collect();
    (seen, capture.tally().clone())
}

/// The octets that are seen of a protocol.
fn said(seen: &[Seen], protocol: Protocol) -> Vec<&[u8]> {
    let octets = seen.iter().filter_map(|seen| match seen {
        Seen::Octets(octets) if octets.protocol == protocol => Some(&octets.octets[..]),
        _ => None,
    });
    octets.collect()
}

/// What is seen of packets of plain IP.
fn seen_of(packets: &[Vec<u8>]) -> (Vec<Seen>, Tally) {
    seen(&Pcap::of(101, packets))
}
