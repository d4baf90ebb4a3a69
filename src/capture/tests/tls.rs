//! TLS as a capture shows it, and the keys of the RFCs' own examples. Whole talks are in `tests/strangers/tls.rs`.

use super::making::{CLIENT, SERVER, Talk, sip};
use super::*;
use crate::capture::tls::testing::{handshake_of, prf_of, traffic_of};

fn octets(digits: &str) -> Vec<u8> {
    let digits: Vec<char> = digits.split_whitespace().flat_map(str::chars).collect();
    let pair = |pair: &[char]| (pair[0].to_digit(16).unwrap() << 4 | pair[1].to_digit(16).unwrap()) as u8;
    digits.chunks(2).map(pair).collect()
}

#[test]
fn keys_are_those_of_the_trace_of_rfc_8448() {
    for (secret, key, iv) in [
        (
            "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
            "dbfaa693d1762c5b666af5d950258d01",
            "5bd3c71b836e0b76bb73265f",
        ),
        (
            "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
            "3fce516009c21727d0f2e4e86ee403bc",
            "5d313eb2671276ee13000b30",
        ),
        (
            "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
            "17422dda596ed5d9acd890e3c63f5051",
            "5b78923dee08579033e523d9",
        ),
        (
            "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
            "9f02283b6c9c07efc26bb9f2ac92e356",
            "cf782b88dd83549aadf1e984",
        ),
    ] {
        assert_eq!(traffic_of(&octets(secret)), (octets(key), octets(iv)));
    }
}

/// The examples of the function that the working group of TLS has passed round.
#[test]
fn the_pseudorandom_function_is_that_of_tls_1_2() {
    let made =
        prf_of(32, &octets("9bbe436ba940f017b17652849a71db35"), &octets("a0ba9f936cda311827a6f796ffd5198c"), 100);
    assert_eq!(
        made,
        octets(
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7
             077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66"
        )
    );
    let made = prf_of(48, &octets("b80b733d6ceefcdc71566ea48e5567df"), &octets("cd665cf6a8447dd6ff8b27555edb7465"), 32);
    assert_eq!(made, octets("7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd"));
}

#[test]
fn messages_of_the_handshake_are_put_together_from_any_pieces() {
    let hello = [&[1, 0, 0, 5][..], b"hello"].concat();
    let certificate = [&[11, 0, 1, 0][..], &[7; 256]].concat();
    let stream = [&hello[..], &certificate, &[20, 0, 0, 0], &hello].concat();
    for size in [1, 3, 4, 5, 9, 100, 1000] {
        let pieces: Vec<&[u8]> = stream.chunks(size).collect();
        let expected = [(1, b"hello".to_vec()), (11, vec![]), (20, vec![]), (1, b"hello".to_vec())];
        assert_eq!(handshake_of(&pieces).unwrap(), expected, "{size}");
    }
    assert!(handshake_of(&[&[1, 1, 0, 1]]).is_none());
}

fn sealed(tally: &Tally) -> Vec<(Sealed, u64, u64)> {
    tally.sealed.iter().map(|(why, at)| (*why, at.connections, at.frame)).collect()
}

/// A record, and a hello of a server that has agreed to this version and suite.
fn record(kind: u8, octets: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3][..], &(octets.len() as u16).to_be_bytes(), octets].concat()
}

fn client_hello() -> Vec<u8> {
    let body = [&[3, 3][..], &[0xab; 32], &[0, 0, 2, 0x13, 1, 1, 0]].concat();
    record(22, &[&[1, 0, 0, body.len() as u8][..], &body].concat())
}

fn server_hello(version: [u8; 2], suite: u16) -> Vec<u8> {
    let body = [&version[..], &[0xcd; 32], &[0], &suite.to_be_bytes(), &[0]].concat();
    record(22, &[&[2, 0, 0, body.len() as u8][..], &body].concat())
}

fn log() -> KeyLog {
    KeyLog::read(format!("CLIENT_RANDOM {} {}", "ab".repeat(32), "01".repeat(48)).as_bytes()).unwrap()
}

/// What is told of a connection that says this, by whoever has secrets.
fn told(secrets: KeyLog, said: &[(usize, Vec<u8>)]) -> Tally {
    let mut talk = Talk::new(4000);
    let mut packets = talk.handshake();
    packets.extend(said.iter().map(|(from, octets)| talk.says(*from, octets)));
    let file = Pcap::of(101, &packets);
    let mut capture = Capture::with_secrets(&file[..], secrets);
    let octets = capture.by_ref().filter(|seen| matches!(seen, Ok(Seen::Octets(_)))).count();
    assert_eq!((octets, capture.tally().unrecognised), (0, 0));
    capture.tally().clone()
}

#[test]
fn every_reason_why_nothing_is_read_is_counted_once() {
    let application = || record(23, &[9; 40]);
    let hellos = |version, suite| vec![(CLIENT, client_hello()), (SERVER, server_hello(version, suite))];
    let tls12 = hellos([3, 3], 0xc02b);
    let then = |said: (usize, Vec<u8>)| [tls12.clone(), vec![said]].concat();
    let known = || log();
    for (secrets, said, expected) in [
        (KeyLog::default(), tls12.clone(), vec![(Sealed::NoKeyLog, 1, 5)]),
        (known(), tls12.clone(), vec![]),
        (known(), hellos([3, 1], 0xc02b), vec![(Sealed::Version(0x0301), 1, 5)]),
        (known(), hellos([3, 3], 0xc0ac), vec![(Sealed::Suite(0xc0ac), 1, 5)]),
        (known(), vec![(CLIENT, application()), (CLIENT, application())], vec![(Sealed::NoHandshake, 1, 4)]),
        (known(), vec![(CLIENT, client_hello()), (CLIENT, application())], vec![(Sealed::NoHandshake, 1, 5)]),
        (known(), vec![(CLIENT, client_hello()), (SERVER, record(21, &[2, 40]))], vec![(Sealed::Refused, 1, 5)]),
        (known(), then((CLIENT, application())), vec![(Sealed::Malformed, 1, 6)]),
        (known(), then((SERVER, b"garbage".to_vec())), vec![(Sealed::Malformed, 1, 6)]),
        (known(), then((SERVER, [record(20, &[1]), application()].concat())), vec![(Sealed::Undecryptable, 1, 6)]),
    ] {
        let tally = told(secrets, &said);
        assert_eq!((tally.tls, sealed(&tally)), (1, expected), "{said:x?}");
    }
}

#[test]
fn what_waits_for_the_other_side_has_a_bound() {
    let mut said = vec![(CLIENT, client_hello())];
    said.extend((0..20).map(|_| (CLIENT, record(23, &[9; 15_000]))));
    let tally = told(log(), &said);
    // 128 KiB are reached with the ninth.
    assert_eq!(sealed(&tally), [(Sealed::NoHandshake, 1, 13)]);
}

#[test]
fn other_connections_are_read_as_ever() {
    let mut secured = Talk::new(4000);
    let mut clear = Talk::new(4001);
    let packets = [
        secured.says(CLIENT, &client_hello()),
        clear.says(CLIENT, &sip("a")),
        secured.says(CLIENT, &record(23, &[9; 40])),
        clear.says(CLIENT, &sip("b")),
    ];
    let (seen, tally) = seen_of(&packets);
    assert_eq!(said(&seen, Protocol::Sip), [sip("a"), sip("b")]);
    assert_eq!((tally.tls, sealed(&tally)), (1, vec![(Sealed::NoKeyLog, 1, 3)]));
}
