//! Whatever comes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::making::{CLIENT, Talk, enhanced, msrp, section, sip, sip_with, udp, udp6};
use super::*;

/// Cuts octets at these places.
fn cut<'a>(octets: &'a [u8], places: &[Index]) -> Vec<(usize, &'a [u8])> {
    let mut ends: Vec<usize> = places.iter().map(|place| place.index(octets.len())).chain([0, octets.len()]).collect();
    ends.sort_unstable();
    ends.dedup();
    ends.windows(2).map(|pair| (pair[0], &octets[pair[0]..pair[1]])).collect()
}

/// The pieces of a stream behind its handshake, in the order of the numbers, each as often as told.
fn carried(stream: &[u8], places: &[Index], order: &[(u32, bool)]) -> Vec<Vec<u8>> {
    let mut talk = Talk::new(4000);
    let handshake = talk.handshake();
    let begin = talk.next[CLIENT];
    let mut pieces = Vec::new();
    for ((at, piece), (place, twice)) in cut(stream, places).into_iter().zip(order.iter().cycle()) {
        talk.next[CLIENT] = begin.wrapping_add(at as u32);
        let packet = talk.packet(CLIENT, |_| (), piece);
        pieces.extend(vec![(*place, packet); 1 + usize::from(*twice)]);
    }
    pieces.sort_by_key(|(place, _)| *place);
    handshake.into_iter().chain(pieces.into_iter().map(|(_, packet)| packet)).collect()
}

fn some_file() -> Vec<u8> {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    packets.extend([udp(&sip("a")), udp6(&sip("b")), talk.says(CLIENT, &msrp("abcd")), talk.finishes(CLIENT)]);
    let blocks: Vec<Vec<u8>> = packets.iter().map(|packet| enhanced(0, 1, packet)).collect();
    [section(&[9, 0, 1, 0, 9, 0, 0, 0]), blocks.concat()].concat()
}

/// Reads to the end, and tells how much octets were seen.
fn read_all(file: &[u8]) -> usize {
    let mut octets = 0;
    for seen in Capture::new(file).take(10_000) {
        match seen {
            Ok(Seen::Octets(one)) => octets += one.octets.len(),
            Ok(_) => {}
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    octets
}

proptest! {
    #[test]
    fn a_stream_is_the_same_however_it_is_carried(
        bodies in vec(0_usize..300, 1..6),
        places in vec(any::<Index>(), 0..30),
        order in vec((any::<u32>(), any::<bool>()), 1..40),
    ) {
        let messages: Vec<Vec<u8>> =
            bodies.iter().enumerate().map(|(n, size)| sip_with(&format!("u{n}"), &"x".repeat(*size))).collect();
        let (seen, tally) = seen_of(&carried(&messages.concat(), &places, &order));
        prop_assert_eq!(said(&seen, Protocol::Sip), messages);
        prop_assert_eq!((tally.lost, tally.unrecognised, tally.unfinished), (0, 0, 0));
        let pieces = [msrp("first"), msrp("second"), msrp("third")].concat();
        let (seen, tally) = seen_of(&carried(&pieces, &places, &order));
        prop_assert_eq!(said(&seen, Protocol::Msrp).concat(), pieces);
        prop_assert_eq!(tally.lost, 0);
    }

    #[test]
    fn what_is_left_of_a_stream_with_holes_is_true(
        places in vec(any::<Index>(), 5..30),
        order in vec((any::<u32>(), any::<bool>()), 1..40),
        gone in vec(any::<Index>(), 1..4),
    ) {
        let messages: Vec<Vec<u8>> = (0..9).map(|n| sip(&format!("u{n}"))).collect();
        let mut packets = carried(&messages.concat(), &places, &order);
        for gone in gone {
            packets.remove(3 + gone.index(packets.len() - 3));
        }
        let (seen, _) = seen_of(&packets);
        let mut left = messages.iter();
        for one in said(&seen, Protocol::Sip) {
            prop_assert!(left.any(|message| message == one), "{}", String::from_utf8_lossy(one));
        }
    }

    #[test]
    fn random_octets_bring_nothing_down(octets in vec(any::<u8>(), 0..2000), kind in 0..6_usize) {
        let file = match kind {
            0 => octets,
            1 => [section(&[]), octets].concat(),
            2 => making::Pcap::of(1, &[octets]),
            3 => seen_file(udp(&octets)),
            4 => seen_file(Talk::new(1).says(CLIENT, &octets)),
            _ => seen_file(octets),
        };
        read_all(&file);
    }

    #[test]
    fn a_damaged_file_brings_nothing_down_and_no_more_than_it_holds(
        places in vec((any::<Index>(), any::<u8>()), 1..8),
    ) {
        let mut file = some_file();
        for (at, octet) in places {
            let at = at.index(file.len());
            file[at] = octet;
        }
        prop_assert!(read_all(&file) <= file.len());
    }

    #[test]
    fn a_cut_file_gives_what_stands_before(at in any::<Index>()) {
        let file = some_file();
        prop_assert!(read_all(&file[..at.index(file.len())]) <= read_all(&file));
    }
}

fn seen_file(packet: Vec<u8>) -> Vec<u8> {
    making::Pcap::of(101, &[packet])
}
