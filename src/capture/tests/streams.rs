//! TCP, and the protocols in it.

use super::making::{CLIENT, SERVER, Talk, msrp, sip, sip_with};
use super::*;

/// What became of connections, and who did it.
fn ends(seen: &[Seen]) -> Vec<(u64, u16, ConnectionWhat)> {
    let ends = seen.iter().filter_map(|seen| match seen {
        Seen::Connection(one) => Some((one.connection, one.source.port(), one.what)),
        _ => None,
    });
    ends.collect()
}

fn lost(seen: &[Seen]) -> Vec<u64> {
    let lost = seen.iter().filter_map(|seen| match seen {
        Seen::Lost(lost) => Some(lost.octets),
        _ => None,
    });
    lost.collect()
}

#[test]
fn messages_of_one_stream_are_told_apart_across_a_wrap_of_numbers() {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    let stream =
        [sip("a"), b"\r\n\r\n".to_vec(), sip_with("b", &"x".repeat(5000)), b"\r\n".to_vec(), sip("c")].concat();
    packets.extend(stream.chunks(700).map(|piece| talk.says(CLIENT, piece)));
    packets.push(talk.says(SERVER, b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    packets.extend([talk.finishes(CLIENT), talk.finishes(SERVER)]);
    // What comes after the end is of no stream.
    packets.push(talk.packet(CLIENT, |_| (), b"late"));
    let (seen, tally) = seen_of(&packets);
    let expected =
        [&sip("a")[..], &sip_with("b", &"x".repeat(5000)), &sip("c"), b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"];
    assert_eq!(said(&seen, Protocol::Sip), expected);
    let (opened, finished) = (ConnectionWhat::Opened, ConnectionWhat::Finished);
    assert_eq!(ends(&seen), [(1, 4000, opened), (1, 4000, finished), (1, 5060, finished)]);
    let Seen::Octets(first) = &seen[1] else { panic!("{seen:?}") };
    assert_eq!((first.frame, first.connection, first.transport), (4, Some(1), Transport::Tcp));
    assert_eq!(tally.skipped, [(Skip::OutsideConnection, 1)].into());
    assert_eq!((tally.sip, tally.lost, tally.unrecognised, tally.unfinished), (4, 0, 0, 0));
}

#[test]
fn what_is_doubled_overlaps_or_is_out_of_order_is_put_right() {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    let stream = [sip("a"), sip("b")].concat();
    let begin = talk.next[CLIENT];
    for (from, to) in [(90, 200), (0, 50), (0, 50), (180, stream.len()), (40, 100)] {
        talk.next[CLIENT] = begin.wrapping_add(from as u32);
        packets.push(talk.says(CLIENT, &stream[from..to]));
    }
    let (seen, tally) = seen_of(&packets);
    assert_eq!(said(&seen, Protocol::Sip), [sip("a"), sip("b")]);
    assert_eq!((lost(&seen), tally.lost), (vec![], 0));
    // Both are complete with the packet that fills the hole.
    let Some(Seen::Octets(last)) = seen.last() else { panic!() };
    assert_eq!(last.frame, packets.len() as u64);
}

#[test]
fn a_hole_that_the_receiver_does_not_see_is_given_up_soon() {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    packets.push(talk.says(CLIENT, &sip("a")));
    talk.next[CLIENT] = talk.next[CLIENT].wrapping_add(100);
    packets.push(talk.says(CLIENT, &sip("b")));
    let held = packets.len() as u64;
    for number in 0..12 {
        packets.push(talk.says(CLIENT, &sip(&format!("later{number}"))));
        packets.push(talk.packet(SERVER, |_| (), b""));
    }
    let (seen, tally) = seen_of(&packets);
    assert_eq!(said(&seen, Protocol::Sip).len(), 14);
    assert_eq!((lost(&seen), tally.lost), (vec![100], 100));
    let at = seen.iter().position(|seen| matches!(seen, Seen::Lost(_))).unwrap();
    match (&seen[at], &seen[at + 1]) {
        (Seen::Lost(lost), Seen::Octets(next)) => assert_eq!((lost.frame, next.frame), (held, held)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_hole_before_much_is_given_up_and_one_at_the_end_as_well() {
    let mut talk = Talk::new(4000);
    let mut packets = vec![talk.says(CLIENT, &msrp("first"))];
    talk.next[CLIENT] = talk.next[CLIENT].wrapping_add(7);
    // The rest of a message whose beginning is lost.
    packets.push(talk.says(CLIENT, &[b"x\r\n-------lost$\r\n".to_vec(), msrp("again")].concat()));
    let filler = vec![b'x'; 60_000];
    packets.extend((0..20).map(|_| talk.says(CLIENT, &filler)));
    talk.next[CLIENT] = talk.next[CLIENT].wrapping_add(9);
    packets.push(talk.says(CLIENT, &msrp("last")));
    let (seen, tally) = seen_of(&packets);
    let said = said(&seen, Protocol::Msrp);
    assert_eq!((said[0], said[1]), (&msrp("first")[..], &msrp("again")[..]));
    assert_eq!((said.len(), said.last().copied()), (23, Some(&msrp("last")[..])));
    assert_eq!(lost(&seen), [7, 9]);
    assert_eq!((tally.lost, tally.unrecognised), (16, 17));
    assert_eq!(ends(&seen), []);
}

#[test]
fn the_rest_of_a_segment_that_is_cut_short_is_lost() {
    let mut talk = Talk::new(4000);
    let mut cut = talk.says(CLIENT, &sip_with("a", &"x".repeat(500)));
    cut.truncate(100);
    let packets = [cut, talk.says(CLIENT, &sip("b"))];
    let (seen, tally) = seen_of(&packets);
    assert_eq!(said(&seen, Protocol::Sip), [sip("b")]);
    let whole = sip_with("a", &"x".repeat(500)).len() as u64;
    assert_eq!((tally.lost, tally.unfinished + tally.unrecognised), (whole - 60, 60));
}

#[test]
fn connections_are_refused_reset_and_opened_again() {
    let mut talk = Talk::new(4000);
    let asked = talk.packet(CLIENT, |header| (header.syn, header.ack) = (true, false), b"");
    let refused = talk.packet(SERVER, |header| header.rst = true, b"");
    let mut packets = vec![asked, refused];
    packets.extend(talk.handshake());
    packets.push(talk.says(CLIENT, &sip("a")[..20]));
    let reset = talk.packet(SERVER, |header| header.rst = true, b"");
    packets.extend([reset.clone(), reset]);
    talk.next = [77, 88];
    packets.extend(talk.handshake());
    packets.push(talk.says(CLIENT, &sip("b")));
    let (seen, tally) = seen_of(&packets);
    assert_eq!(
        ends(&seen),
        [
            (1, 5060, ConnectionWhat::Refused),
            (2, 4000, ConnectionWhat::Opened),
            (2, 5060, ConnectionWhat::Reset),
            (3, 4000, ConnectionWhat::Opened),
        ]
    );
    assert_eq!(said(&seen, Protocol::Sip), [sip("b")]);
    assert_eq!((tally.connections, tally.unrecognised + tally.unfinished), (3, 20));
}

#[test]
fn a_stray_reset_ends_nothing() {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    packets.push(talk.packet(SERVER, |header| (header.rst, header.sequence_number) = (true, 1 << 30), b""));
    packets.push(talk.says(CLIENT, &sip("a")));
    assert_eq!(said(&seen_of(&packets).0, Protocol::Sip), [sip("a")]);
}

#[test]
fn a_broken_message_is_handed_over_and_what_follows_is_read() {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    let no_length = b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n".to_vec();
    let garbage = b"garbage\r\n\r\n".to_vec();
    let strange = b"INVITE sip:a SIP/7.0\r\nContent-Length: 0\r\n\r\n".to_vec();
    for piece in [&sip("a"), &garbage, &strange, &no_length, &sip("b")] {
        packets.push(talk.says(CLIENT, piece));
    }
    assert_eq!(said(&seen_of(&packets).0, Protocol::Sip), [sip("a"), garbage, strange, no_length, sip("b")]);
}

#[test]
fn diameter_is_cut_by_its_length() {
    let diameter = |fill: u8, avps: usize| {
        let length = (20 + avps * 12) as u8;
        let avp = [0, 0, 1, 8, 0x40, 0, 0, 12, fill, fill, fill, fill];
        [&[1, 0, 0, length, 0x80, 0, 1, 1][..], &[fill; 12], &avp.repeat(avps)].concat()
    };
    let mut talk = Talk::new(4000);
    let stream = [diameter(1, 0), diameter(2, 3), diameter(3, 2)].concat();
    let packets: Vec<_> = stream.chunks(30).map(|piece| talk.says(SERVER, piece)).collect();
    let (seen, tally) = seen_of(&packets);
    assert_eq!(said(&seen, Protocol::Diameter), [diameter(1, 0), diameter(2, 3), diameter(3, 2)]);
    assert_eq!((tally.diameter, tally.unrecognised), (3, 0));
}

#[test]
fn http_is_passed_over_by_its_framing() {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    let asked =
        b"PUT /a HTTP/1.1\r\nContent-Length: 30\r\n\r\nINVITE sip:a SIP/2.0\r\nl: 0\r\n\r\nGET /b HTTP/1.1\r\n\r\n";
    let answered = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
        16;x=y\r\nINVITE sip:a SIP/2.0\r\n\r\n0\r\nT: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n\
        HTTP/1.1 200 OK\r\n\r\nINVITE sip:a SIP/2.0\r\n\r\n";
    packets.extend(asked.chunks(25).map(|piece| talk.says(CLIENT, piece)));
    packets.extend(answered.chunks(25).map(|piece| talk.says(SERVER, piece)));
    let (seen, tally) = seen_of(&packets);
    assert_eq!(said(&seen, Protocol::Sip), [b""; 0]);
    assert_eq!((tally.http, tally.unrecognised), (7, 0));
}

#[test]
fn other_streams_are_counted_and_keep_nothing() {
    let mut talk = Talk::new(4000);
    let packets: Vec<_> = (0..9).map(|_| talk.says(CLIENT, &[0x16, 9, 3, 0, 9, 8, 7])).collect();
    let (seen, tally) = seen_of(&packets);
    assert_eq!((seen.len(), tally.unrecognised), (0, 63));
}

#[test]
fn connections_without_end_do_not_fill_memory() {
    let mut packets = Vec::new();
    for host in 0..40_000_u32 {
        let mut packet = Talk::new(4000).packet(CLIENT, |header| (header.syn, header.ack) = (true, false), b"");
        packet[12..16].copy_from_slice(&host.to_be_bytes());
        packets.push(packet);
    }
    let tally = seen_of(&packets).1;
    assert_eq!((tally.connections, tally.forgotten), (40_000, 40_000 - 32_768));
}
