//! Evidence is written and read back without loss, and what is no evidence is refused by name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::packets::MAX_PAYLOAD;
use super::*;
use crate::evidence::{
    Connection, ConnectionWhat, Direction, Event, Header, Member, MemberStatus, Octets, Protocol, Record, Transport,
    What,
};
use crate::verdict::{Blame, Finding, FindingVerdict, Level};

fn header() -> Header {
    Header {
        suite_version: "0.1.0".to_owned(),
        run_id: "run".to_owned(),
        scenario_id: "058a-01".to_owned(),
        title: "Bob gets what he missed, \"in order\"".to_owned(),
        feature: "features/missed.feature".to_owned(),
        line: 7,
        test_purposes: vec!["058a-01".to_owned()],
        requirements: vec!["058a".to_owned(), "058".to_owned()],
        level: Level::Shall,
        role: "client".to_owned(),
        target_name: "reference".to_owned(),
        statement: serde_json::json!({"drain_order": ["arrival"]}),
        timers: serde_json::json!({"answer_ms": 1000}),
        seed: u64::MAX,
        ..Header::default()
    }
}

fn octets(transport: Transport, connection: Option<u64>, octets: impl Into<Bytes>) -> Record {
    Record {
        at: Time::from_nanos(1_700_000_000_123_456_789),
        what: What::Octets(Octets {
            actor: Arc::from("serving_cscf"),
            step: 3,
            protocol: Protocol::Sip,
            transport,
            direction: Direction::Received,
            local: "127.0.0.1:5060".parse().unwrap(),
            remote: "127.0.0.1:5070".parse().unwrap(),
            connection,
            octets: octets.into(),
            malformed: None,
        }),
    }
}

fn note(text: &str) -> Record {
    Record { at: Time::ZERO, what: What::Event(Event::Note { text: text.to_owned() }) }
}

fn written(records: &[Record]) -> Vec<u8> {
    write(&header(), records).unwrap()
}

fn address() -> impl Strategy<Value = SocketAddr> {
    prop_oneof![
        (any::<[u8; 4]>(), any::<u16>()).prop_map(|(ip, port)| SocketAddr::new(IpAddr::V4(Ipv4Addr::from(ip)), port)),
        (any::<[u8; 16]>(), any::<u16>(), prop_oneof![Just(0), any::<u32>()])
            .prop_map(|(ip, port, scope)| SocketAddrV6::new(Ipv6Addr::from(ip), port, 0, scope).into()),
    ]
}

fn kind() -> impl Strategy<Value = ConnectionWhat> {
    prop_oneof![
        Just(ConnectionWhat::Opened),
        Just(ConnectionWhat::Accepted),
        any::<bool>().prop_map(|by_target| ConnectionWhat::Finished { by_target }),
        any::<bool>().prop_map(|by_target| ConnectionWhat::Reset { by_target }),
        Just(ConnectionWhat::Refused),
        Just(ConnectionWhat::Unreachable),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let member = (".*", prop_oneof![Just(MemberStatus::Connected), Just(MemberStatus::Removed)])
        .prop_map(|(entity, status)| Member { entity, status });
    prop_oneof![
        (any::<u32>(), ".*", ".*", any::<u32>()).prop_map(|(index, keyword, text, line)| Event::Step {
            index,
            keyword,
            text,
            line
        }),
        (".*", any::<bool>(), vec(".*", 0..3), option::of(".*"))
            .prop_map(|(name, served, identities, class)| Event::Person { name, served, identities, class }),
        (".*", vec(member, 0..4)).prop_map(|(group, members)| Event::Roster { group, members }),
        (option::of(".*"), ".*", ".*", ".*", option::of(".*")).prop_map(
            |(group, label, message_id, author, private_to)| Event::Message {
                group,
                label,
                message_id,
                author,
                private_to
            }
        ),
        (".*", ".*", any::<bool>(), ".*").prop_map(|(person, device, yes, trigger)| Event::Reachable {
            person,
            device,
            yes,
            trigger
        }),
        Just(Event::QuietEnded),
        any::<u64>().prop_map(|ms| Event::Lag { ms }),
        any::<u64>().prop_map(|datagrams| Event::Dropped { datagrams }),
        any::<u64>().prop_map(|datagrams| Event::NetworkLost { datagrams }),
        ".*".prop_map(|text| Event::Note { text }),
    ]
}

prop_compose! {
    fn some_octets()(
        actor in ".{0,20}",
        step in any::<u32>(),
        protocol in prop_oneof![
            Just(Protocol::Sip),
            Just(Protocol::Msrp),
            Just(Protocol::Imap),
            Just(Protocol::Diameter),
            Just(Protocol::Http),
            Just(Protocol::X2x3)
        ],
        udp in any::<bool>(),
        sent in any::<bool>(),
        local in address(),
        remote in address(),
        connection in option::of(any::<u64>()),
        octets in vec(any::<u8>(), 0..200),
        malformed in option::of(".*"),
    ) -> Octets {
        Octets {
            actor: Arc::from(actor),
            step,
            protocol,
            transport: if udp { Transport::Udp } else { Transport::Tcp },
            direction: if sent { Direction::Sent } else { Direction::Received },
            local,
            remote,
            connection,
            octets: Bytes::from(octets),
            malformed,
        }
    }
}

prop_compose! {
    fn some_connection()(
        actor in ".{0,20}",
        step in any::<u32>(),
        connection in any::<u64>(),
        local in address(),
        remote in address(),
        what in kind(),
    ) -> Connection {
        Connection { actor: Arc::from(actor), step, connection, local, remote, what }
    }
}

fn record() -> impl Strategy<Value = Record> {
    let what = prop_oneof![
        some_octets().prop_map(What::Octets),
        some_connection().prop_map(What::Connection),
        event().prop_map(What::Event),
    ];
    (any::<u64>(), what).prop_map(|(at, what)| Record { at: Time::from_nanos(at), what })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(records in vec(record(), 0..20)) {
        let (head, back) = read(&written(&records)).unwrap();
        prop_assert_eq!(head, header());
        prop_assert_eq!(back, records);
    }

    #[test]
    fn a_cut_file_is_refused_wherever_it_is_cut(records in vec(record(), 1..4), at in any::<prop::sample::Index>()) {
        let file = written(&records);
        prop_assert!(read(&file[..at.index(file.len())]).is_err());
    }

    #[test]
    fn a_damaged_file_never_brings_the_reader_down(records in vec(record(), 1..4), at in any::<prop::sample::Index>(), octet in any::<u8>()) {
        let mut file = written(&records);
        let at = at.index(file.len());
        file[at] = octet;
        let _ = read(&file);
    }
}

#[test]
fn a_record_longer_than_a_packet_is_several_parts() {
    let long: Vec<u8> = (0..MAX_PAYLOAD * 2 + 17).map(|n| n as u8).collect();
    let text = "x".repeat(MAX_PAYLOAD + 1);
    let records = [octets(Transport::Tcp, Some(1), long), octets(Transport::Udp, None, Bytes::new()), note(&text)];
    let file = written(&records);
    assert!(memchr::memmem::find(&file, br#"{"record":1,"part":{"number":3,"of":3}"#).is_some());
    assert_eq!(read(&file).unwrap().1, records);
}

#[test]
fn the_marks_of_findings_are_shown_and_not_read_back() {
    let records = [octets(Transport::Udp, None, "x")];
    let finding = Finding {
        rule: "base.sip.start_line".to_owned(),
        requirement: None,
        level: Level::Shall,
        verdict: FindingVerdict::Fail,
        expected: "a start line".to_owned(),
        observed: "x".repeat(100_000),
        frame: Some(1),
        octets: Some((0, 1)),
        source: "RFC 3261 section 7".to_owned(),
        interpretation: None,
        blame: Blame::Target,
    };
    let file = write_marked(&header(), &records, &vec![finding; 1000]).unwrap();
    assert!(memchr::memmem::find(&file, b"base.sip.start_line").is_some());
    assert_eq!(read(&file).unwrap().1, records);
}

#[test]
fn files_of_others_are_refused_by_name() {
    let why = |file: &[u8]| read(file).unwrap_err().to_string();
    assert_eq!(why(b""), "not a pcapng file: it is empty, or as good as");
    assert_eq!(why(b"\xD4\xC3\xB2\xA1\x02\x00\x04\x00"), "not a pcapng file: it is an old pcap file");
    assert_eq!(why(b"INVITE sip:bob@home.example SIP/2.0"), "not a pcapng file: it begins with other octets");
    assert_eq!(why(&written(&[])[..9]), "not a pcapng file: it ends within its first block");
    let strange = pcap_file::pcapng::PcapNgWriter::new(Vec::new()).unwrap().into_inner();
    assert!(why(&strange).starts_with("not evidence of this suite: its section header"), "{}", why(&strange));
}

#[test]
fn a_cut_at_a_block_boundary_is_seen() {
    let short = written(&[note("one")]).len();
    let file = written(&[note("one"), note("two")]);
    match read(&file[..short]) {
        Err(EvidenceError::Cut { announced, found }) => assert_eq!(announced - found, (file.len() - short) as u64),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_missing_record_is_seen() {
    let file = written(&[note("one"), note("two")]);
    let at = memchr::memmem::find(&file, br#"{"record":2"#).unwrap() + 10;
    let mut odd = file.clone();
    odd[at] = b'3';
    let why = read(&odd).unwrap_err().to_string();
    assert_eq!(why, "not evidence of this suite: record 2 part 1 is missing before record 3");
}

#[test]
fn a_comment_that_does_not_fit_is_an_error_and_not_a_broken_file() {
    let mut record = octets(Transport::Udp, None, "x");
    if let What::Octets(octets) = &mut record.what {
        octets.malformed = Some("y".repeat(70_000));
    }
    assert!(matches!(write(&header(), &[record]), Err(EvidenceError::CommentTooLong { .. })));
}

#[test]
fn a_record_is_found_by_its_number() {
    assert_eq!(display_filter(17), r#"frame.comment contains "\"record\":17,""#);
}
