//! Golden octets typed from RFC 4975, and properties of the framer.

use super::*;
use bytes::Bytes;
use pretty_assertions::assert_eq;
use proptest::prelude::*;

/// RFC 4975 section 4: Alice to Bob.
const SEND: &str = "MSRP a786hjs2 SEND\r\n\
To-Path: msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp\r\n\
From-Path: msrp://atlanta.example.com:7654/jshA7weztas;tcp\r\n\
Message-ID: 87652491\r\n\
Byte-Range: 1-25/25\r\n\
Content-Type: text/plain\r\n\
\r\n\
Hey Bob, are you there?\r\n\r\n\
-------a786hjs2$\r\n";

const OK: &str = "MSRP a786hjs2 200 OK\r\n\
To-Path: msrp://atlanta.example.com:7654/jshA7weztas;tcp\r\n\
From-Path: msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp\r\n\
-------a786hjs2$\r\n";

/// RFC 4975 section 5.1: a message of eight octets in two chunks, the first of them interrupted.
const CHUNKS: &str = "MSRP dkei38sd SEND\r\n\
To-Path: msrp://bobpc.example.com:8888/9di4eae923wzd;tcp\r\n\
From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n\
Message-ID: 4564dpWd\r\n\
Byte-Range: 1-*/8\r\n\
Content-Type: text/plain\r\n\
\r\n\
abcd\r\n\
-------dkei38sd+\r\n\
MSRP dkei38ia SEND\r\n\
To-Path: msrp://bobpc.example.com:8888/9di4eae923wzd;tcp\r\n\
From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n\
Message-ID: 4564dpWd\r\n\
Byte-Range: 5-8/8\r\n\
Content-Type: text/plain\r\n\
\r\n\
EFGH\r\n\
-------dkei38ia$\r\n";

/// A chunk that its sender gave up, in the shape of RFC 4975 section 5.1.
const ABORTED: &str = "MSRP d93kswow SEND\r\n\
To-Path: msrp://bobpc.example.com:8888/9di4eae923wzd;tcp\r\n\
From-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n\
Message-ID: 12339sdqwer\r\n\
Byte-Range: 1-*/16\r\n\
Failure-Report: no\r\n\
Success-Report: yes\r\n\
Content-Type: text/plain\r\n\
\r\n\
Hi, I'm Al\r\n\
-------d93kswow#\r\n";

/// RFC 4975 section 7.1.2 in shape.
const REPORT: &str = "MSRP dkei38sd REPORT\r\n\
To-Path: msrp://alicepc.example.com:7777/iau39soe2843z;tcp\r\n\
From-Path: msrp://bob.example.com:8888/9di4eae923wzd;tcp\r\n\
Message-ID: 12339sdqwer\r\n\
Byte-Range: 1-106/106\r\n\
Status: 000 200 OK\r\n\
-------dkei38sd$\r\n";

fn read(segments: &[&[u8]]) -> Vec<Message> {
    let mut framer = Framer::default();
    let mut found = Vec::new();
    for segment in segments {
        framer.push(Bytes::copy_from_slice(segment));
        while let Some(message) = framer.next() {
            found.push(message.unwrap());
        }
    }
    found
}

#[test]
fn reads_the_examples_of_rfc_4975() {
    let all = read(&[SEND.as_bytes(), OK.as_bytes(), REPORT.as_bytes()]);
    let [send, ok, report] = all.as_slice() else { panic!("{all:?}") };
    assert!(send.is(&Method::Send));
    assert_eq!(send.body().unwrap().as_ref(), b"Hey Bob, are you there?\r\n");
    assert_eq!(send.byte_range(), Some(ByteRange { start: 1, end: Some(25), total: Some(25) }));
    assert_eq!(send.local_session_id(), Some("kjhd37s2s20w2a"));
    assert_eq!((send.flag, send.failure_report(), send.success_report()), (Flag::Complete, FailureReport::Yes, false));
    assert_eq!(send.octets().as_ref(), SEND.as_bytes());
    assert_eq!((ok.status(), ok.body()), (Some(200), None));
    assert_eq!(report.status_header(), Some(200));
    assert_eq!(response(send, 200).as_ref(), OK.as_bytes());
    assert!(refusal(report, 481).is_none());
}

#[test]
fn reads_chunks_flags_and_spans() {
    let all = read(&[CHUNKS.as_bytes(), ABORTED.as_bytes()]);
    let flags: Vec<_> = all.iter().map(|message| (message.flag, message.body().unwrap())).collect();
    let body = |text: &'static str| Bytes::from_static(text.as_bytes());
    let expected = [(Flag::More, body("abcd")), (Flag::Complete, body("EFGH")), (Flag::Abort, body("Hi, I'm Al"))];
    assert_eq!(flags, expected);
    assert_eq!(all[0].byte_range(), Some(ByteRange { start: 1, end: None, total: Some(8) }));
    assert_eq!((all[2].success_report(), all[2].failure_report()), (true, FailureReport::No));
    let field = &all[2].fields()[4];
    assert_eq!((&ABORTED[field.name.clone()], &ABORTED[field.value.clone()]), ("Failure-Report", "no"));
    assert_eq!(&ABORTED[all[2].body_range().unwrap()], "Hi, I'm Al");
}

#[test]
fn no_truncation_is_a_message() {
    for whole in [SEND, OK, REPORT, ABORTED] {
        for end in 0..whole.len() {
            assert_eq!(read(&[&whole.as_bytes()[..end]]), [], "{end} of {whole}");
        }
        let octet_by_octet: Vec<&[u8]> = whole.as_bytes().chunks(1).collect();
        assert_eq!(read(&octet_by_octet), read(&[whole.as_bytes()]));
    }
}

#[test]
fn an_end_line_in_a_header_value_ends_nothing() {
    let sly = REPORT.replace("12339sdqwer", "x-------dkei38sd$");
    let all = read(&[sly.as_bytes()]);
    assert_eq!((all.len(), all[0].message_id()), (1, Some("x-------dkei38sd$")));
}

#[test]
fn bodies_are_not_copied_out_of_the_stream() {
    let octets = bytes::BytesMut::from(SEND.as_bytes()).freeze();
    let place = octets.as_ptr();
    let mut framer = Framer::default();
    framer.push(octets);
    let message = framer.next().unwrap().unwrap();
    assert_eq!(message.octets().as_ptr(), place);
    assert_eq!(message.body().unwrap().as_ptr(), place.wrapping_add(message.body_range().unwrap().start));
}

#[test]
fn heads_and_chunks_have_a_bound() {
    let fault = |parts: &[&[u8]]| {
        let mut framer = Framer::default();
        for part in parts {
            framer.push(Bytes::copy_from_slice(part));
            if let Some(next) = framer.next() {
                return Some(next.unwrap_err());
            }
        }
        None
    };
    let long = "x".repeat(17_000);
    assert_eq!(fault(&[format!("MSRP a1b2 SEND\r\nX: {long}").as_bytes()]), Some(FrameError::TooLong("head")));
    assert_eq!(fault(&[format!("MSRP a1b2 SEND\r\nX: {long}\r\n").as_bytes()]), Some(FrameError::TooLong("head")));
    let open = b"MSRP a1b2 SEND\r\nTo-Path: msrp://b:1/x;tcp\r\n\r\n";
    let mega = vec![b'x'; 1 << 20];
    let mut parts: Vec<&[u8]> = vec![open];
    parts.extend(std::iter::repeat_n(mega.as_slice(), 16));
    assert_eq!(fault(&parts), Some(FrameError::TooLong("chunk")));
}

#[test]
fn a_body_that_holds_an_end_line_does_not_end_the_chunk() {
    let other = SEND.replace("there?", "there?\r\n-------zzzz$\r\n-------a786hjs2\r\n x-------a786hjs2$\r\n");
    let all = read(&[other.as_bytes()]);
    assert_eq!(all.len(), 1);
    assert!(all[0].body().unwrap().ends_with(b"x-------a786hjs2$\r\n\r\n"));
}

#[test]
fn an_empty_send_has_no_body_and_an_empty_body_is_one() {
    let bodiless = "MSRP d93kswow SEND\r\nTo-Path: msrp://b:1/x;tcp\r\nFrom-Path: msrp://a:1/y;tcp\r\nMessage-ID: 1\r\nByte-Range: 1-0/0\r\n-------d93kswow$\r\n";
    assert_eq!(read(&[bodiless.as_bytes()])[0].body(), None);
    let empty = bodiless.replace("1-0/0\r\n", "1-0/0\r\nContent-Type: text/plain\r\n\r\n\r\n");
    assert_eq!(read(&[empty.as_bytes()])[0].body().unwrap().len(), 0);
}

#[test]
fn the_sender_takes_an_id_that_its_content_does_not_hold() {
    let body = b"text\r\n-------tid1$\r\n";
    let (id, octets) = send(&Chunk {
        transaction: "tid1",
        to_path: &["msrp://b:1/x;tcp".to_owned()],
        from_path: "msrp://a:1/y;tcp",
        message_id: "m",
        success_report: true,
        failure_report: FailureReport::Partial,
        byte_range: ByteRange { start: 1, end: Some(20), total: None },
        content: Some(("text/plain", body)),
        flag: Flag::More,
    });
    assert_ne!(id, "tid1");
    let all = read(&[&octets]);
    assert_eq!(all[0].body().unwrap().as_ref(), body);
    assert_eq!(
        (all[0].flag, all[0].success_report(), all[0].failure_report()),
        (Flag::More, true, FailureReport::Partial)
    );
    assert_eq!(all[0].header("byte-range"), Some("1-20/*"));
}

#[test]
fn what_is_not_msrp_is_refused() {
    let bad = [
        "GET / HTTP/1.1\r\n\r\n",
        "GE",
        "MSRP a b c d\r\n",
        "MSRP  SEND\r\n",
        "MSRP abcd SEND\r\nno colon\r\n",
        "MSRP abcd SEND\r\n-------abce$\r\n",
        "MSRP abcd SEND\r\n-------abcd!\r\n",
        "MSRP abcd SEND\nTo-Path: msrp://b:1/x;tcp\n",
    ];
    for bad in bad {
        let mut framer = Framer::default();
        framer.push(Bytes::copy_from_slice(bad.as_bytes()));
        assert!(matches!(framer.next(), Some(Err(_))), "{bad:?}");
        framer.push(Bytes::copy_from_slice(SEND.as_bytes()));
        assert!(framer.next().is_none());
    }
}

#[test]
fn uris_are_equal_as_in_section_6_1() {
    let uri = |text| MsrpUri::parse(text).unwrap();
    assert!(uri("msrp://Host.Example:8493/asfd34;tcp").equals(&uri("MSRP://host.example:8493/asfd34;TCP")));
    assert!(!uri("msrp://h:1/asfd34;tcp").equals(&uri("msrp://h:1/ASFD34;tcp")));
    assert!(!uri("msrp://h:1/a;tcp").equals(&uri("msrps://h:1/a;tcp")));
    let v6 = uri("msrps://user@[::1]:2855/s;tcp;x=y");
    assert_eq!((v6.host, v6.port, v6.session_id, v6.transport), ("[::1]", Some(2855), Some("s"), "tcp"));
    assert!(uri("msrp://[::1]:1/a;tcp").equals(&uri("msrp://bob@[0:0::0:1]:1/a;tcp;x=y")));
    assert!(!uri("msrp://h/a;tcp").equals(&uri("msrp://h:2855/a;tcp")));
    for bad in ["msrp:h:1/a;tcp", "msrp://h:1/a", "http://h/a;tcp", "msrp://:1/a;tcp", "msrp://h:x/a;tcp"] {
        assert!(MsrpUri::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn what_follows_the_paths_is_what_a_hop_leaves_as_it_is() {
    let read = |text: String| {
        let mut framer = Framer::default();
        framer.push(Bytes::from(text));
        framer.next().unwrap().unwrap().after_paths()
    };
    let (_, rest) = SEND.split_once("Message-ID").unwrap();
    assert_eq!(read(SEND.to_owned()), Some(Bytes::from(format!("Message-ID{rest}"))));
    let swapped = SEND.replacen("To-Path", "X", 1).replacen("From-Path", "To-Path", 1).replacen("X:", "From-Path:", 1);
    assert_eq!(read(swapped), None);
    assert_eq!(read(OK.to_owned()), None, "nothing follows");
}

proptest! {
    #[test]
    fn any_segmentation_gives_the_same_messages(cuts in prop::collection::vec(0usize..3000, 0..12)) {
        let stream = format!("{SEND}{OK}{REPORT}{CHUNKS}{ABORTED}{SEND}");
        let octets = stream.as_bytes();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % octets.len()).collect();
        cuts.extend([0, octets.len()]);
        cuts.sort_unstable();
        let segments: Vec<&[u8]> = cuts.windows(2).map(|pair| &octets[pair[0]..pair[1]]).collect();
        prop_assert_eq!(read(&segments), read(&[octets]));
        prop_assert_eq!(read(&segments).len(), 7);
    }

    #[test]
    fn any_body_arrives_as_it_was_sent(
        pieces in prop::collection::vec(prop::sample::select(vec!["\r\n", "-------", "-", "tid1", "$", "+", "#", "\r", "x", "MSRP "]), 0..40),
        read_octets in 1usize..80,
    ) {
        let body = pieces.concat();
        let (id, octets) = send(&Chunk {
            transaction: "tid1",
            to_path: &["msrp://b:1/x;tcp".to_owned()],
            from_path: "msrp://a:1/y;tcp",
            message_id: "m",
            success_report: false,
            failure_report: FailureReport::Yes,
            byte_range: ByteRange { start: 1, end: None, total: None },
            content: Some(("text/plain", body.as_bytes())),
            flag: Flag::Complete,
        });
        let segments: Vec<&[u8]> = octets.chunks(read_octets).collect();
        let all = read(&segments);
        prop_assert_eq!(all.len(), 1);
        prop_assert!(id.len() >= 4 && id.len() <= 32);
        prop_assert_eq!(all[0].body().unwrap(), body.as_bytes());
        prop_assert_eq!(all[0].octets(), &octets);
    }

    #[test]
    fn noise_never_panics(end in 0usize..400, noise in prop::collection::vec(any::<u8>(), 0..100), at in 0usize..400) {
        let mut octets = SEND.as_bytes()[..end.min(SEND.len())].to_vec();
        let at = at.min(octets.len());
        octets.splice(at..at, noise);
        let mut framer = Framer::default();
        framer.push(Bytes::from(octets));
        while let Some(Ok(message)) = framer.next() {
            let _ = (message.body(), message.byte_range(), message.local_session_id());
        }
    }
}
