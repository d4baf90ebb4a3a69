use super::*;
use pretty_assertions::assert_eq;
use proptest::prelude::*;

/// The offer of the examples of RFC 4975.
const RFC_4975: &str = "v=0\r\n\
    o=alice 2890844526 2890844526 IN IP4 alicepc.example.com\r\n\
    s= -\r\n\
    c=IN IP4 alicepc.example.com\r\n\
    t=0 0\r\n\
    m=message 7777 TCP/MSRP *\r\n\
    a=accept-types:message/cpim text/plain text/html\r\n\
    a=path:msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n";

/// RFC 8866 section 5, the example, without its white space.
const RFC_8866: &str = "v=0\r\n\
    o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n\
    s=Call to John Smith\r\n\
    i=SDP Offer #1\r\n\
    u=http://www.jdoe.example.com/home.html\r\n\
    e=Jane Doe <jane@jdoe.example.com>\r\n\
    p=+1 617 555-6011\r\n\
    c=IN IP4 198.51.100.1\r\n\
    t=0 0\r\n\
    m=audio 49170 RTP/AVP 0\r\n\
    m=audio 49180 RTP/AVP 0\r\n\
    m=video 51372 RTP/AVP 99\r\n\
    c=IN IP6 2001:db8::2\r\n\
    a=rtpmap:99 h263-1998/90000\r\n";

/// A group offer as clients of the field send it.
const RCS: &str = "v=0\n\
    o=- 3851162183 3851162183 IN IP6 2001:db8::7\n\
    s=\n\
    c=IN IP6 2001:db8::7\n\
    b=AS:64\n\
    t=0 0\n\
    a=sendonly\n\
    m=message 9 TCP/TLS/MSRP *\n\
    a=path:msrps://[2001:db8::7]:9/s1;tcp\n\
    a=connection:new\n\
    a=setup:actpass\n\
    a=accept-types:message/cpim application/im-iscomposing+xml\n\
    a=accept-wrapped-types:text/plain message/imdn+xml\n\
    a=max-size:10485760\n\
    a=msrp-cema\n\
    a=fingerprint:SHA-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB\n\
    a=recvonly\n\n";

fn parse(text: &str) -> Result<Session<'_>, SdpError> {
    Session::parse(text.as_bytes())
}

fn msrp(text: &str) -> Result<MsrpMedia, MediaError> {
    MsrpMedia::from_session(&parse(text).unwrap())
}

fn why(text: &str) -> (u32, Fault) {
    let error = parse(text).unwrap_err();
    (error.line, error.why)
}

#[test]
fn reads_the_example_of_rfc_4975() {
    let session = parse(RFC_4975).unwrap();
    assert_eq!(session.octets(), RFC_4975.as_bytes());
    let origin = session.origin();
    assert_eq!((origin.username, origin.session_id, origin.version), ("alice", 2_890_844_526, 2_890_844_526));
    let expected = MsrpMedia {
        address: "alicepc.example.com".into(),
        port: 7777,
        path: vec!["msrp://alicepc.example.com:7777/iau39soe2843z;tcp".into()],
        accept_types: ["message/cpim", "text/plain", "text/html"].map(str::to_owned).to_vec(),
        ..MsrpMedia::default()
    };
    assert_eq!(MsrpMedia::from_session(&session), Ok(expected));
}

#[test]
fn reads_the_example_of_rfc_8866() {
    let session = parse(RFC_8866).unwrap();
    let media: Vec<(&str, u16, u32)> = session.media().map(|m| (m.kind, m.port, m.line)).collect();
    assert_eq!(media, [("audio", 49170, 10), ("audio", 49180, 11), ("video", 51372, 12)]);
    let addresses = session.media().map(|media| session.connection_of(&media).unwrap().address);
    assert_eq!(addresses.collect::<Vec<_>>(), ["198.51.100.1", "198.51.100.1", "2001:db8::2"]);
    let video = session.media().nth(2).unwrap();
    let rtpmap = session.attribute_of(&video, "rtpmap").unwrap();
    assert_eq!((rtpmap.value, rtpmap.line), (Some("99 h263-1998/90000"), 14));
    assert_eq!(session.session_value(b'i'), Some("SDP Offer #1"));
    assert_eq!(MsrpMedia::from_session(&session), Err(MediaError::NoMsrp));
}

#[test]
fn reads_what_the_field_sends() {
    let got = msrp(RCS).unwrap();
    assert_eq!((got.address.as_str(), got.port, got.tls), ("2001:db8::7", 9, true));
    assert_eq!((got.setup, got.direction), (Some(Setup::Actpass), Direction::RecvOnly));
    assert_eq!((got.max_size, got.cema), (Some(10_485_760), true));
    assert_eq!(got.accept_wrapped_types, ["text/plain", "message/imdn+xml"]);
    assert!(got.fingerprint.unwrap().starts_with("SHA-1 4A:AD"));
}

#[test]
fn attributes_of_the_session_hold_for_the_media_that_have_none() {
    assert_eq!(msrp(&RCS.replace("a=recvonly\n", "")).unwrap().direction, Direction::SendOnly);
}

#[test]
fn lines_know_their_places() {
    let session = parse(RFC_4975).unwrap();
    let joined: Vec<&str> = session.lines().map(|line| line.text).collect();
    assert_eq!(joined.join("\r\n") + "\r\n", RFC_4975);
    let media = session.lines().nth(5).unwrap();
    assert_eq!((media.letter(), media.number), (b'm', 6));
    assert_eq!(media.value(), "message 7777 TCP/MSRP *");
    assert_eq!(&RFC_4975[media.octets()], media.text);
}

#[test]
fn splitting_never_fails() {
    let letters: Vec<u8> = lines("v\nxy\r\n\r\n=\rz").map(|line| line.letter()).collect();
    assert_eq!(letters, [b'v', b'x', 0, b'=']);
}

#[test]
fn departures_from_the_grammar_are_found_with_their_line() {
    let changed = |line: &str, other: &str| why(&RFC_8866.replacen(line, other, 1));
    assert_eq!(changed("v=0\r\n", ""), (1, Fault::Missing('v')));
    assert_eq!(changed("v=0", "v=1"), (1, Fault::Version));
    assert_eq!(changed("t=0 0\r\n", ""), (9, Fault::Missing('t')));
    assert_eq!(changed("t=0 0", "t=now"), (9, Fault::Timing));
    assert_eq!(changed("s=Call to John Smith\r\n", ""), (3, Fault::Missing('s')));
    assert_eq!(changed("i=SDP", "i =SDP"), (4, Fault::NotALine));
    assert_eq!(changed("i=SDP", "x=SDP"), (4, Fault::UnknownLetter));
    assert_eq!(changed("i=SDP", "i=S\rP"), (4, Fault::ControlOctet));
    assert_eq!(changed("u=", "e=a@example.com\r\nu="), (6, Fault::Order));
    assert_eq!(changed("p=", "c=IN IP4 192.0.2.1\r\np="), (8, Fault::Order));
    assert_eq!(changed("c=IN IP4", "c=IN"), (8, Fault::Connection));
    assert_eq!(changed("c=IN", "c=ATM"), (8, Fault::Connection));
    assert_eq!(changed("c=", "b=AS\r\nc="), (9, Fault::Order));
    assert_eq!(changed("t=", "b=AS\r\nt="), (9, Fault::Bandwidth));
    assert_eq!(changed("49170", "70000"), (10, Fault::Media));
    assert_eq!(changed("49170", "+4917"), (10, Fault::Media));
    assert_eq!(changed("RTP/AVP 0", "RTP/AVP"), (10, Fault::Media));
    assert_eq!(changed("a=rtpmap", "a=:rtpmap"), (14, Fault::Attribute));
    assert_eq!(changed("3724394400", "today"), (2, Fault::Origin));
    assert_eq!(changed("m=audio 49170", "t=0 0\r\nt=1 2\r\nr=1 2 3\r\nz=1 2\r\nm=a b").1, Fault::Media);
    assert_eq!(why(""), (1, Fault::Missing('v')));
    assert_eq!(why("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"), (4, Fault::Missing('t')));
    let error = Session::parse(b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=\xff\r\nt=0 0\r\n").unwrap_err();
    assert_eq!((error.line, error.octets, error.why), (3, 31..34, Fault::NotUtf8));
}

#[test]
fn what_a_message_session_needs_must_be_there_and_right() {
    let changed = |from: &str, to: &str| msrp(&RCS.replacen(from, to, 1)).unwrap_err();
    assert_eq!(changed("a=path:msrps://[2001:db8::7]:9/s1;tcp\n", ""), MediaError::Missing { line: 8, what: "a=path" });
    assert_eq!(changed("a=accept-types", "a=accept"), MediaError::Missing { line: 8, what: "a=accept-types" });
    assert_eq!(changed("c=IN IP6 2001:db8::7\n", ""), MediaError::Missing { line: 7, what: "c= line" });
    let attribute = |line, name, expected| MediaError::Attribute { line, name, expected };
    assert_eq!(changed("msrps://", "https://"), attribute(9, "path", "MSRP URIs"));
    let setups = "active, passive, actpass or holdconn";
    assert_eq!(changed("actpass", "either"), attribute(11, "setup", setups));
    assert_eq!(changed("10485760", "10M"), attribute(14, "max-size", "a number of octets"));
    assert_eq!(changed("m=message", "m=text"), MediaError::NoMsrp);
}

#[test]
fn a_refused_session_needs_nothing() {
    let text = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=message 0 TCP/MSRP *\r\n";
    assert!(msrp(text).unwrap().is_refused());
}

#[test]
fn the_first_session_that_is_not_refused_counts() {
    let text = RFC_4975.replace("m=", "m=message 0 TCP/MSRP *\r\nm=");
    assert_eq!(msrp(&text).unwrap().port, 7777);
}

#[test]
fn each_of_several_sessions_can_be_read() {
    let second =
        "m=message 0 TCP/MSRP *\r\nm=message 9 TCP/TLS/MSRP *\r\na=accept-types:*\r\na=path:msrps://h:9/b;tcp\r\n";
    let text = format!("{RFC_4975}{second}m=audio 9 RTP/AVP 0\r\n");
    let session = Session::parse(text.as_bytes()).unwrap();
    let read: Vec<_> = session.media().map(|media| MsrpMedia::of_media(&session, &media)).collect();
    let ports: Vec<_> = read.iter().flatten().map(|media| (media.port, media.tls)).collect();
    assert_eq!(ports, [(7777, false), (0, false), (9, true)]);
    assert_eq!(read.last().unwrap(), &Err(MediaError::NoMsrp));
}

#[test]
fn a_connection_is_written_with_its_address_type() {
    assert_eq!(Connection { address: "2001:db8::2" }.to_string(), "IN IP6 2001:db8::2");
    assert_eq!(Connection { address: "192.0.2.1" }.to_string(), "IN IP4 192.0.2.1");
}

fn origin() -> Origin<'static> {
    Origin { username: "-", session_id: 7, version: 8, address: "192.0.2.1" }
}

#[test]
fn writes_a_description_in_the_order_of_the_grammar() {
    let media = MsrpMedia {
        address: "192.0.2.1".into(),
        port: 2855,
        path: vec!["msrp://192.0.2.1:2855/abc;tcp".into()],
        setup: Some(Setup::Passive),
        direction: Direction::SendOnly,
        accept_types: vec!["message/cpim".into()],
        accept_wrapped_types: vec!["text/plain".into(), "*".into()],
        max_size: Some(1000),
        cema: true,
        ..MsrpMedia::default()
    };
    let expected = "v=0\r\no=- 7 8 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
        m=message 2855 TCP/MSRP *\r\na=accept-types:message/cpim\r\na=accept-wrapped-types:text/plain *\r\n\
        a=max-size:1000\r\na=path:msrp://192.0.2.1:2855/abc;tcp\r\na=setup:passive\r\na=msrp-cema\r\na=sendonly\r\n";
    assert_eq!(media.to_sdp(&origin()), expected);
    assert_eq!(msrp(expected), Ok(media));
}

#[test]
fn an_answer_has_as_many_media_as_the_offer() {
    let offer = RFC_8866.replace("t=0 0", "t=5 6") + RFC_4975.split_at(RFC_4975.find("m=").unwrap()).1;
    let offer = parse(&offer).unwrap();
    let ours = MsrpMedia::from_session(&offer).unwrap();
    let answer = ours.to_answer_sdp(&origin(), &offer);
    let read = parse(&answer).unwrap();
    let media: Vec<(&str, u16)> = read.media().map(|media| (media.kind, media.port)).collect();
    assert_eq!(media, [("audio", 0), ("audio", 0), ("video", 0), ("message", 7777)]);
    assert_eq!(read.session_value(b't'), Some("5 6"));
    assert_eq!(MsrpMedia::from_session(&read), Ok(ours));
}

#[test]
fn a_description_cut_anywhere_does_not_panic_and_keeps_its_octets() {
    for length in 0..=RCS.len() {
        let cut = &RCS[..length];
        if let Ok(session) = parse(cut) {
            assert_eq!(session.octets(), cut.as_bytes());
            let _ = MsrpMedia::from_session(&session);
        }
    }
}

fn media() -> impl Strategy<Value = MsrpMedia> {
    let words = || prop::collection::vec("[a-z]{1,5}/[a-z+]{1,5}", 1..4);
    let path = prop::collection::vec("msrps?://[a-z.]{1,9}:[1-9][0-9]{0,3}/[a-z0-9]{1,9};tcp", 1..3);
    let setup = prop::option::of(prop::sample::select(Setup::ALL.to_vec()));
    let direction = (any::<bool>(), any::<bool>()).prop_map(|(sends, receives)| Direction::of(sends, receives));
    let address = prop::sample::select(vec!["192.0.2.1", "2001:db8::1", "host.example.com"]);
    let rest = (any::<Option<u64>>(), any::<bool>(), prop::option::of("sha-256 [0-9A-F:]{5}"), any::<bool>());
    (address, 1u16.., path, setup, direction, words(), words(), rest).prop_map(
        |(
            address,
            port,
            path,
            setup,
            direction,
            accept_types,
            accept_wrapped_types,
            (max_size, cema, fingerprint, tls),
        )| {
            let address = address.to_owned();
            MsrpMedia {
                address,
                port,
                tls,
                path,
                setup,
                direction,
                accept_types,
                accept_wrapped_types,
                max_size,
                cema,
                fingerprint,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(media in media()) {
        prop_assert_eq!(msrp(&media.to_sdp(&origin())), Ok(media));
    }

    #[test]
    fn what_is_written_has_the_lines_in_order(media in media()) {
        let text = media.to_sdp(&origin());
        let letters: String = lines(&text).map(|line| char::from(line.letter())).collect();
        prop_assert!(letters.starts_with("vosctma"), "{}", letters);
        prop_assert!(letters.trim_end_matches('a').ends_with('m'));
        prop_assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n")));
    }

    #[test]
    fn no_octets_panic(octets: Vec<u8>, at in 0..RCS.len(), octet: u8) {
        let _ = Session::parse(&octets);
        let mut bent = RCS.as_bytes().to_vec();
        bent[at] = octet;
        if let Ok(session) = Session::parse(&bent) {
            let _ = MsrpMedia::from_session(&session);
        }
    }

    #[test]
    fn lines_cover_all_octets(text in "([a-z=é]{0,3}(\r|\n|\r\n)?){0,9}") {
        let mut end = 0;
        let between = |start: usize, end: usize| text[start..end].chars().all(|letter| "\r\n".contains(letter));
        for line in lines(&text) {
            prop_assert!(line.at >= end && between(end, line.at));
            prop_assert_eq!(&text[line.octets()], line.text);
            end = line.octets().end;
        }
        prop_assert!(between(end, text.len()));
    }

    /// Lines that end as usual and those that do not tell of the same control octets as a look into each.
    #[test]
    fn control_octets_are_found_wherever_they_stand(text in "([ab\t]{0,20}[\r\n\0]{0,2}){0,4}") {
        let mut spans = lines(&text);
        for line in lines(&text) {
            let stray = spans.next_span().map(|span| span.stray);
            prop_assert_eq!(stray, Some(line.text.contains(['\r', '\0'])));
        }
        prop_assert!(spans.next_span().is_none());
    }

    /// Attributes are told alike whether their ends were noted or not: there may be many, with odd names and line ends.
    #[test]
    fn attributes_are_those_of_their_lines(
        own in prop::collection::vec(("[a-z-]{1,20}|[A-Za-z0-9_]{1,9}", prop::option::of("[a-z: é]{0,40}"), "\r?\n"), 0..12),
        head in "(i=x\r\n)?(c=IN IP4 h\r\n)?",
    ) {
        let written = |(name, value, end): &(String, Option<String>, String)| {
            let value = value.as_ref().map(|value| format!(":{value}")).unwrap_or_default();
            format!("a={name}{value}{end}")
        };
        let own_lines: String = own.iter().map(written).collect();
        let before = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
        let medium = "m=message 9 TCP/MSRP *\r\n";
        let text = format!("{before}{own_lines}{medium}{head}{own_lines}{medium}{head}{own_lines}");
        let session = parse(&text).unwrap();
        let all: Vec<_> = own.iter().map(|(name, value, _)| (name.as_str(), value.as_deref())).collect();
        prop_assert_eq!(session.attributes().map(|a| (a.name, a.value)).collect::<Vec<_>>(), all.clone());
        for media in session.media() {
            prop_assert_eq!(media.attributes().map(|a| (a.name, a.value)).collect::<Vec<_>>(), all.clone());
        }
    }

    /// Digits are a number if the standard library says so.
    #[test]
    fn numbers_are_digits_alone(text in "[0-9]{1,22}|[0-9]{0,9}[+/:a ]?[0-9]{0,9}") {
        let digits = text.bytes().all(|octet| octet.is_ascii_digit());
        prop_assert_eq!(fields::number(&text), text.parse().ok().filter(|_| digits));
    }
}
