//! The two formats, whole and damaged.

use super::making::{Pcap, block, enhanced, padded, section, sip, udp};
use super::*;

fn times(file: &[u8]) -> Vec<(u64, u64)> {
    let octets = seen(file).0.into_iter().filter_map(|seen| match seen {
        Seen::Octets(octets) => Some((octets.frame, octets.at.as_nanos())),
        _ => None,
    });
    octets.collect()
}

fn fault(file: &[u8]) -> (usize, String) {
    let all: Vec<_> = Capture::new(file).collect();
    let before = all.iter().filter(|one| one.is_ok()).count();
    assert_eq!(all.len(), before + 1, "an error comes last, and once");
    (before, all.last().unwrap().as_ref().unwrap_err().to_string())
}

#[test]
fn the_old_format_is_read_in_both_orders_and_both_units() {
    let packets = [udp(&sip("a")), udp(&sip("b"))];
    for (magic, unit) in [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1)] {
        let expected = [(1, 1_000_000_000 + unit), (2, 1_000_000_000 + 2 * unit)];
        assert_eq!(times(&Pcap::written(magic, u32::to_le_bytes, u16::to_le_bytes, 101, &packets)), expected);
        assert_eq!(times(&Pcap::written(magic, u32::to_be_bytes, u16::to_be_bytes, 101, &packets)), expected);
    }
}

#[test]
fn every_kind_of_packet_block_is_read_and_others_are_passed_over() {
    let packet = udp(&sip("a"));
    let length = (packet.len() as u32).to_le_bytes();
    let file = [
        section(&[]),
        enhanced(0, 5_000_000, &packet),
        block(5, &[7; 20]),
        block(3, &[&length[..], &padded(&packet)].concat()),
        block(
            2,
            &[&[0, 0, 9, 9][..], &[0; 4], &6_000_000_u32.to_le_bytes(), &length, &length, &padded(&packet)].concat(),
        ),
        // Nanoseconds, and a second to be added.
        section(&[9, 0, 1, 0, 9, 0, 0, 0, 14, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
        block(0x0bad, &[1; 400_000]),
        enhanced(0, 2_000_000_003, &packet),
        // 1/1024 of a second.
        section(&[9, 0, 1, 0, 0x8a, 0, 0, 0]),
        enhanced(0, 1536, &packet),
    ]
    .concat();
    let expected = [5_000_000_000, 5_000_000_000, 6_000_000_000, 3_000_000_003, 1_500_000_000];
    assert_eq!(times(&file), (1..).zip(expected).collect::<Vec<_>>());
}

#[test]
fn a_section_of_the_other_order_is_read() {
    let packet = udp(&sip("a"));
    let big = |kind: u32, body: &[u8]| {
        let length = (padded(body).len() as u32 + 12).to_be_bytes();
        [&kind.to_be_bytes()[..], &length, &padded(body), &length].concat()
    };
    let numbers = [0, 0, 9, packet.len() as u32, packet.len() as u32].map(u32::to_be_bytes).concat();
    let file = [
        section(&[]),
        big(0x0a0d_0d0a, &[&0x1a2b_3c4d_u32.to_be_bytes()[..], &[0, 1, 0, 0], &[0xff; 8]].concat()),
        big(1, &[0, 101, 0, 0, 0, 0, 0, 0]),
        big(6, &[&numbers[..], &padded(&packet)].concat()),
    ]
    .concat();
    assert_eq!(times(&file), [(1, 9000)]);
}

#[test]
fn what_is_no_capture_is_said_to_be_none() {
    assert_eq!(fault(b"").1, "not a capture: the file is empty");
    let strange = "not a capture: the file begins neither as pcap nor as pcapng does";
    assert_eq!(fault(b"INVITE sip:bob@home.example SIP/2.0").1, strange);
    assert_eq!(fault(b"x").1, strange);
    assert_eq!(fault(&[0x1f, 0x8b, 8, 0]).1, format!("{strange}, but as gzip does: unpack it first"));
    assert_eq!(
        fault(&Pcap::of(1, &[])[..20]).1,
        "the file is cut: the header of the file that begins at octet 0 needs 24 octets, and 20 are there"
    );
}

#[test]
fn what_stands_before_damage_is_seen() {
    let packet = udp(&sip("a"));
    let old = Pcap::of(101, &[packet.clone(), packet.clone()]);
    let second = 24 + 16 + packet.len();
    let told = format!("that begins at octet {second} needs");
    let (before, why) = fault(&old[..old.len() - 1]);
    assert!(before == 1 && why.starts_with(&format!("the file is cut: a packet {told}")), "{why}");
    let (before, why) = fault(&old[..second + 3]);
    assert_eq!(
        (before, why),
        (1, format!("the file is cut: the header of a packet {told} 16 octets, and 3 are there"))
    );
    let mut damaged = old.clone();
    damaged[second + 11] = 0x7f;
    let (before, why) = fault(&damaged);
    assert!(before == 1 && why.starts_with(&format!("octet {second}: a packet of 21")), "{why}");

    let new = [section(&[]), enhanced(0, 1, &packet), enhanced(0, 1, &packet)].concat();
    let second = section(&[]).len() + enhanced(0, 1, &packet).len();
    for (at, octet, expected) in [
        (4, 3, "a block whose length is"),
        (8, 4, "a packet of interface 4, which is not described before it"),
        (21, 0xff, "a packet of "),
        (new.len() - second - 4, 0, "a block whose length is"),
    ] {
        let mut damaged = new.clone();
        damaged[second + at] = octet;
        let (before, why) = fault(&damaged);
        assert!(before == 1 && why.starts_with(&format!("octet {second}: {expected}")), "{why}");
    }
    let (before, why) = fault(&new[..new.len() - 2]);
    assert!(
        before == 1 && why.starts_with(&format!("the file is cut: a block that begins at octet {second}")),
        "{why}"
    );
    let unknown = [section(&[]), block(77, &[0; 100])].concat();
    assert!(fault(&unknown[..unknown.len() - 50]).1.starts_with("the file is cut: a block"));
    assert_eq!(fault(&[section(&[]), vec![0; 12]].concat()).1, "octet 48: a block whose length is 0");
}

#[test]
fn a_failing_disk_is_told() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("worn out"))
        }
    }
    let why = Capture::new(Pcap::of(1, &[]).chain(Broken)).next().unwrap().unwrap_err().to_string();
    assert_eq!(why, "cannot read on at octet 24: worn out");
}
