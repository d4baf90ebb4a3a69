//! Links, IP, UDP, and what is a SIP message.

use super::making::{Pcap, msrp, sip, sip_with, udp, udp6};
use super::*;

fn under(link: u32, header: &[u8]) -> (Vec<Seen>, Tally) {
    seen(&Pcap::of(link, &[[header, &udp(&sip("a"))].concat()]))
}

fn is_seen(octets: &[u8]) -> bool {
    match &seen_of(&[udp(octets)]).0[..] {
        [] => false,
        [Seen::Octets(one)] => {
            assert_eq!(one.octets, octets);
            true
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn ip_is_found_behind_every_link_that_is_read() {
    let ethernet = |tail: &[u8]| [&[2; 12][..], tail].concat();
    let cooked_2 = [&[8, 0][..], &[0; 18]].concat();
    for (link, header) in [
        (1, ethernet(&[8, 0])),
        (1, ethernet(&[0x81, 0, 0, 7, 8, 0])),
        (1, ethernet(&[0x88, 0xa8, 0, 1, 0x81, 0, 0, 7, 8, 0])),
        (12, vec![]),
        (14, vec![]),
        (101, vec![]),
        (228, vec![]),
        (113, [&[0; 14][..], &[8, 0]].concat()),
        (276, cooked_2),
        (0, vec![2, 0, 0, 0]),
        (108, vec![0, 0, 0, 2]),
    ] {
        let (seen, tally) = under(link, &header);
        assert_eq!(said(&seen, Protocol::Sip), [sip("a")], "{link} {tally:?}");
    }
    for (link, why) in [(252, Skip::LinkType), (1, Skip::Malformed), (105, Skip::LinkType)] {
        assert_eq!(seen(&Pcap::of(link, &[vec![1; 9]])).1.skipped, [(why, 1)].into());
    }
    assert_eq!(under(1, &ethernet(&[8, 6])).1.skipped, [(Skip::NotIp, 1)].into());
}

#[test]
fn ends_are_told_and_filling_is_not() {
    let filled = [udp(b"OPTIONS sip:a SIP/2.0\r\n\r\n"), vec![0; 30]].concat();
    let (all, tally) = seen(&Pcap::of(229, &[filled, udp6(&sip("six"))]));
    assert_eq!((tally.packets, tally.sip), (2, 2));
    let [Seen::Octets(four), Seen::Octets(six)] = &all[..] else { panic!("{all:?}") };
    assert_eq!(four.octets, &b"OPTIONS sip:a SIP/2.0\r\n\r\n"[..]);
    assert_eq!(
        (four.source.to_string(), four.destination.to_string()),
        ("192.0.2.1:5060".into(), "192.0.2.2:5061".into())
    );
    assert_eq!((six.source.to_string(), six.connection), ("[2001:db8::1]:5060".to_owned(), None));
}

#[test]
fn options_and_extension_headers_are_passed_over() {
    let mut four = udp(&sip("a"));
    four[0] = 0x46;
    let length = (four.len() as u16 + 4).to_be_bytes();
    four[2..4].copy_from_slice(&length);
    four.splice(20..20, [1, 1, 1, 1]);
    let mut six = udp6(&sip("b"));
    six[6] = 0;
    let length = (six.len() as u16 - 40 + 24).to_be_bytes();
    six[4..6].copy_from_slice(&length);
    // Hop by hop; destination; a fragment that is whole.
    six.splice(40..40, [60, 0, 1, 4, 0, 0, 0, 0, 44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 9]);
    assert_eq!(said(&seen_of(&[four, six]).0, Protocol::Sip), [sip("a"), sip("b")]);
}

/// Cuts an IPv4 packet into fragments of so many octets.
fn fragments(packet: &[u8], size: usize) -> Vec<Vec<u8>> {
    let (header, payload) = packet.split_at(20);
    let pieces: Vec<&[u8]> = payload.chunks(size).collect();
    let cut = |(number, piece): (usize, &&[u8])| {
        let more = if number + 1 < pieces.len() { 0x2000 } else { 0 };
        let place = (number * size / 8) as u16 | more;
        let mut one = [header, piece].concat();
        one[2..4].copy_from_slice(&(20 + piece.len() as u16).to_be_bytes());
        one[6..8].copy_from_slice(&place.to_be_bytes());
        one
    };
    pieces.iter().enumerate().map(cut).collect()
}

#[test]
fn fragments_are_put_together_in_any_order() {
    let mut all = fragments(&udp(&sip_with("a", &"x".repeat(3000))), 504);
    all.rotate_left(2);
    all.insert(1, all[0].clone());
    let (seen, tally) = seen_of(&all);
    assert_eq!(said(&seen, Protocol::Sip), [sip_with("a", &"x".repeat(3000))]);
    let Seen::Octets(octets) = &seen[0] else { panic!() };
    assert_eq!((octets.frame, tally.skipped.len()), (all.len() as u64, 0));
}

#[test]
fn fragments_of_ip_version_6_are_put_together() {
    let whole = udp6(&sip_with("a", &"x".repeat(2000)));
    let mut all = Vec::new();
    for (number, piece) in whole[40..].chunks(1024).enumerate() {
        let more = u16::from((number + 1) * 1024 < whole.len() - 40);
        let mut header = whole[..40].to_vec();
        header[6] = 44;
        header[4..6].copy_from_slice(&(piece.len() as u16 + 8).to_be_bytes());
        let place = ((number * 1024) as u16 | more).to_be_bytes();
        all.push([&header[..], &[17, 0, place[0], place[1], 0, 0, 0, 5], piece].concat());
    }
    assert_eq!(said(&seen_of(&all).0, Protocol::Sip), [sip_with("a", &"x".repeat(2000))]);
}

#[test]
fn fragments_that_overlap_or_never_end_are_counted() {
    let mut all = fragments(&udp(&sip_with("a", &"x".repeat(3000))), 504);
    let mut overlapping = all[1].clone();
    overlapping[7] += 1;
    all.insert(2, overlapping);
    let (seen, tally) = seen_of(&all);
    assert_eq!(said(&seen, Protocol::Sip).len(), 0);
    assert_eq!(tally.skipped, [(Skip::Fragment, all.len() as u64)].into());
    // Other identifications than so many are forgotten.
    let many: Vec<Vec<u8>> = (0..2000_u16)
        .map(|id| {
            let mut one = fragments(&udp(&[b'x'; 1000]), 504).remove(0);
            one[4..6].copy_from_slice(&id.to_be_bytes());
            one
        })
        .collect();
    assert_eq!(seen_of(&many).1.skipped, [(Skip::Fragment, 2000)].into());
}

#[test]
fn what_is_cut_short_is_no_message() {
    let mut packet = udp(&sip("a"));
    packet.truncate(60);
    let mut bare = udp(&sip("a"));
    bare.truncate(24);
    assert_eq!(seen_of(&[packet, bare]).1.skipped, [(Skip::CutShort, 2)].into());
}

#[test]
fn other_transports_are_counted_by_their_kind() {
    let with = |protocol: u8| {
        let mut packet = udp(b"x");
        packet[9] = protocol;
        packet
    };
    let expected = [(Skip::Sctp, 1), (Skip::OtherTransport, 1)].into();
    assert_eq!(seen_of(&[with(132), with(1)]).1.skipped, expected);
}

#[test]
fn what_is_sip_or_nearly_so_is_recognised() {
    let fields = "Via: SIP/2.0/UDP a\r\nCall-ID: x\r\n\r\n";
    for first in [
        "INVITE sip:bob@home.example SIP/2.0",
        "SIP/2.0 200 OK",
        "\r\n\r\nINVITE sip:bob@home.example SIP/2.0",
        "INVITE sip:bob@home.example SIP/7.0",
        "INVITE sip:bob@home.example",
        "SIP/2 200",
        "sip/2.0 200 OK",
        "SIP/2.0",
        "FOO  bar  sip/2.0",
        "INVITE",
        "NEWMETHOD urn:service:sos SIP/2.0",
    ] {
        assert!(is_seen(format!("{first}\r\n{fields}").as_bytes()), "{first}");
    }
    for whole in [
        "INVITE sip:bob@home.example SIP/2.0",
        "???\r\nv : SIP/2.0/UDP a\r\n\r\n",
        "???\r\nX: folded\r\n more\r\ni: x\r\ncseq: 1 MESSAGE\r\n\r\n",
        "OPTIONS sip:a SIP/2.0\n\n",
    ] {
        assert!(is_seen(whole.as_bytes()), "{whole}");
    }
}

#[test]
fn what_is_of_others_is_not() {
    for other in [
        "NOTIFY * HTTP/1.1\r\nHost: 239.255.255.250:1900\r\n\r\n",
        "HTTP/1.1 200 OK\r\nVia: SIP/2.0 x\r\n\r\n",
        "OPTIONS rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\ni: 2\r\n\r\n",
        "<134>proxy: received\nINVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n",
        "\u{1}\u{0}SIP/2.0",
        "plain words",
        "a: b\r\nc: d\r\n",
    ] {
        assert!(!is_seen(other.as_bytes()), "{other}");
    }
    let tally = seen_of(&[udp(&msrp("abcd")), udp(b"\r\n\r\n"), udp(&[0; 4]), udp(b"")]).1;
    assert_eq!(tally.skipped, [(Skip::OtherDatagram, 1), (Skip::KeepAlive, 3)].into());
}
