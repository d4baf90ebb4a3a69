//! Golden octets typed from RFC 3862, real habits, and properties of the reader.

use super::*;
use pretty_assertions::assert_eq;
use proptest::prelude::*;

/// The example of RFC 3862, without the wrapping MIME header.
const EXAMPLE: &str = "From: MR SANDERS <im:piglet@100akerwood.com>\r\n\
To: Depressed Donkey <im:eeyore@100akerwood.com>\r\n\
DateTime: 2000-12-13T13:40:00-08:00\r\n\
Subject: the weather will be fine today\r\n\
Subject:;lang=fr beau temps prevu pour aujourd'hui\r\n\
NS: MyFeatures <mid:MessageFeatures@id.foo.com>\r\n\
Require: MyFeatures.VitalMessageOption\r\n\
MyFeatures.VitalMessageOption: Confirmation-requested\r\n\
MyFeatures.WackyMessageOption: Use-silly-font\r\n\
\r\n\
Content-type: text/xml; charset=utf-8\r\n\
Content-ID: <1234567890@foo.com>\r\n\
\r\n\
<body>\r\n\
Here is the text of my message.\r\n\
</body>\r\n";

/// RFC 5438 section 6.2 in shape, with another prefix.
const WITH_IMDN: &str = "From: Alice <im:alice@example.com>\r\n\
To: Bob <im:bob@example.com>\r\n\
NS: n <urn:ietf:params:imdn>\r\n\
n.Message-ID: 34jk324j\r\n\
DateTime: 2006-04-04T12:16:49-05:00\r\n\
n.Disposition-Notification: positive-delivery, display\r\n\
\r\n\
Content-type: text/plain\r\n\
Content-ID: <1>\r\n\
\r\n\
Hello World";

fn read(text: &str) -> Message {
    Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

#[test]
fn reads_the_example_of_rfc_3862() {
    let message = read(EXAMPLE);
    assert_eq!(message.octets().as_ref(), EXAMPLE.as_bytes());
    assert_eq!(message.from(), Some("MR SANDERS <im:piglet@100akerwood.com>"));
    assert_eq!(message.to().collect::<Vec<_>>(), ["Depressed Donkey <im:eeyore@100akerwood.com>"]);
    assert_eq!(message.date_time(), Some("2000-12-13T13:40:00-08:00"));
    assert_eq!(message.subject(), Some("the weather will be fine today"));
    let french = message.find(None, "Subject").nth(1).unwrap();
    assert_eq!(message.text(&french.params), ";lang=fr");
    assert_eq!(message.text(&french.value), "beau temps prevu pour aujourd'hui");
    let features = Some("mid:MessageFeatures@id.foo.com");
    assert_eq!(message.header(features, "VitalMessageOption"), Some("Confirmation-requested"));
    assert_eq!(message.header(None, "VitalMessageOption"), None, "the name has a namespace");
    assert_eq!(message.content_type(), Some("text/xml; charset=utf-8"));
    assert_eq!(message.body(), b"<body>\r\nHere is the text of my message.\r\n</body>\r\n");
    assert_eq!(message.header(None, "from"), None, "names are case-sensitive");
}

#[test]
fn spans_point_at_the_octets() {
    let message = read(EXAMPLE);
    let field = &message.fields()[2];
    assert_eq!(&EXAMPLE[field.name.clone()], "DateTime");
    assert_eq!(&EXAMPLE[field.value.clone()], "2000-12-13T13:40:00-08:00");
    assert_eq!(&EXAMPLE[message.content_fields()[0].name.clone()], "Content-type");
    assert!(EXAMPLE[message.body_range()].starts_with("<body>"));
}

#[test]
fn a_prefix_means_what_its_declaration_says() {
    const DECLARED: &str = "NS: n <urn:ietf:params:imdn>\r\n";
    let message = read(WITH_IMDN);
    assert_eq!(message.imdn_message_id(), Some("34jk324j"));
    assert!(message.dispositions().eq(["positive-delivery", "display"]));
    let undeclared = WITH_IMDN.replace(DECLARED, "");
    assert_eq!(read(&undeclared).imdn_message_id(), None);
    let late = undeclared.replace("display\r\n", &format!("display\r\n{DECLARED}"));
    assert_eq!(read(&late).imdn_message_id(), Some("34jk324j"));
    let again = read(&WITH_IMDN.replace("n.Message-ID", "NS: n <urn:other>\r\nn.Message-ID"));
    assert_eq!(again.imdn_message_id(), None);
    assert_eq!(again.header(Some("urn:other"), "Message-ID"), Some("34jk324j"));
}

#[test]
fn a_declaration_without_prefix_is_for_names_without_prefix_after_it() {
    let message = read(&WITH_IMDN.replace("NS: n ", "NS: ").replace("n.Message-ID", "Message-ID"));
    assert_eq!((message.imdn_message_id(), message.date_time()), (Some("34jk324j"), None));
    assert_eq!(message.from(), Some("Alice <im:alice@example.com>"));
    let named = WITH_IMDN.replace("DateTime", "NS: c <urn:ietf:params:cpim-headers:>\r\nc.DateTime");
    assert_eq!(read(&named).date_time(), Some("2006-04-04T12:16:49-05:00"));
}

#[test]
fn habits_of_real_stacks_are_read() {
    let text = "From: sip:alice@example.com\r\nTo:sip:bob@example.com\r\nNS: imdn<urn:ietf:params:imdn>\r\n\
        imdn.Message-ID: 1\r\n\r\nContent-type:text/plain;\r\n charset=utf-8\r\n\r\nHi";
    let message = read(text);
    assert_eq!((message.from(), message.to().next()), (Some("sip:alice@example.com"), Some("sip:bob@example.com")));
    assert_eq!(message.imdn_message_id(), Some("1"));
    assert_eq!(message.content_type(), Some("text/plain;\r\n charset=utf-8"));
    assert_eq!(message.body(), b"Hi");
    let bare = read("From: <sip:a@b>\r\n\r\n\r\nno MIME header at all");
    assert_eq!((bare.content_type(), bare.body()), (None, &b"no MIME header at all"[..]));
}

#[test]
fn a_content_length_that_fits_cuts_and_one_that_does_not_is_passed_over() {
    let with = |length: usize| WITH_IMDN.replace("Content-ID", &format!("content-length: {length}\r\nContent-ID"));
    assert_eq!(read(&with(5)).body(), b"Hello");
    assert_eq!(read(&with(5)).body_octets().as_ref(), b"Hello");
    assert_eq!(read(&with(600)).body(), b"Hello World");
}

#[test]
fn says_what_is_wrong_and_where() {
    let fault = |text: &str| Message::parse(Bytes::copy_from_slice(text.as_bytes())).unwrap_err();
    assert_eq!(fault("From: <sip:a@b>"), CpimError { at: 0, why: CpimFault::NoEnd });
    assert_eq!(fault("From: <sip:a@b>\r\nno colon\r\n\r\n"), CpimError { at: 17, why: CpimFault::HeaderLine });
    assert_eq!(fault("a b: c\r\n\r\n"), CpimError { at: 0, why: CpimFault::HeaderLine });
    assert_eq!(fault("A: b\r\n\r\nContent-Type: t"), CpimError { at: 8, why: CpimFault::NoEnd });
    let long = format!("A: b\r\nB: {}\r\n\r\n", "x".repeat(70_000));
    assert_eq!(fault(&long), CpimError { at: 6, why: CpimFault::TooLong });
    let not_utf8 = Message::parse(Bytes::from_static(b"A: \xff\r\n\r\n")).unwrap_err();
    assert_eq!(not_utf8, CpimError { at: 0, why: CpimFault::NotUtf8 });
    let not_utf8 = Message::parse(Bytes::from_static(b"A: b\r\n\r\nC: d\r\nE: \xff\r\n\r\n\xff")).unwrap_err();
    assert_eq!(not_utf8, CpimError { at: 14, why: CpimFault::NotUtf8 });
    assert_eq!(fault("A: b\r\n\r\n folded: nothing\r\n\r\n"), CpimError { at: 8, why: CpimFault::HeaderLine });
}

#[test]
fn no_name_has_white_space_in_it() {
    for name in ["a b", "a\tb", "a.b c", "a b.c", "imdn.a\tb", "imdn.Message-ID "] {
        let fault = |text: String| Message::parse(Bytes::from(text)).unwrap_err();
        let wrong = |at| CpimError { at, why: CpimFault::HeaderLine };
        assert_eq!(fault(format!("{name}: c\r\n\r\n")), wrong(0), "{name}");
        assert_eq!(fault(format!("A: b\r\n\r\n{name}: c\r\n\r\n")), wrong(8), "{name}");
    }
}

#[test]
fn content_is_no_text_of_the_headers() {
    let message = read(EXAMPLE);
    let start = message.body_range().start;
    assert_eq!(message.text(&(start - 4..start)), "\r\n\r\n");
    assert_eq!(message.text(&(start - 4..start + 1)), "");
    assert_eq!(message.text(&(start..start + 6)), "");
}

#[test]
fn a_value_cannot_add_a_header() {
    let octets = Builder::new("sip:a@b>\r\nX: y", "sip:c@d").header("Subject", "one\r\nX: y").message_id("1\r\nX: y");
    assert_eq!(Message::parse(octets.build()).unwrap().header(None, "X"), None);
}

#[test]
fn every_truncation_is_an_error_or_a_shorter_body() {
    let head = WITH_IMDN.len() - "Hello World".len();
    for end in 0..WITH_IMDN.len() {
        let read = Message::parse(Bytes::copy_from_slice(&WITH_IMDN.as_bytes()[..end]));
        match read {
            Ok(message) if end >= head => assert_eq!(message.body(), &WITH_IMDN.as_bytes()[head..end]),
            // Content may end with its headers.
            Ok(message) => assert!(message.body().is_empty() && WITH_IMDN[..end].ends_with("\r\n"), "{end}"),
            Err(_) => assert!(end < head, "{end}"),
        }
    }
}

proptest! {
    #[test]
    fn what_is_built_reads_back(id in "[!-~]{1,30}", body in prop::collection::vec(any::<u8>(), 0..200)) {
        let octets = Builder::new("sip:a@b", "sip:c@d")
            .date_time("2026-01-01T00:00:00.000Z")
            .message_id(&id)
            .dispositions(&["display"])
            .content("text/plain", body.clone())
            .build();
        let read = Message::parse(octets).unwrap();
        prop_assert_eq!(read.imdn_message_id(), Some(id.as_str()));
        prop_assert!(read.dispositions().eq(["display"]));
        prop_assert_eq!(read.body(), body.as_slice());
        prop_assert_eq!(read.from(), Some("<sip:a@b>"));
    }

    #[test]
    fn headers_of_any_length_are_told(prefix in "[a-z]{1,40}", name in "[A-Z]{1,40}", value in "[!-~]{1,90}", rest in ".{0,70}") {
        let head = format!("{prefix}.{name}: {value}\r\nNS: {prefix} <urn:x>\r\n{prefix}.Subject: {value}\r\n");
        let message = read(&format!("{head}\r\nContent-Type: {value}\r\n\r\n{rest}"));
        prop_assert_eq!(message.header(Some("urn:x"), &name), Some(value.as_str()));
        prop_assert_eq!(message.header(Some("urn:x"), "Subject"), Some(value.as_str()));
        prop_assert_eq!((message.subject(), message.content_type()), (None, Some(value.as_str())));
        prop_assert_eq!(message.body(), rest.as_bytes());
    }

    #[test]
    fn header_order_is_free(order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle()) {
        let (head, rest) = WITH_IMDN.split_once("\r\n\r\n").unwrap();
        let lines: Vec<&str> = head.split("\r\n").collect();
        let shuffled: Vec<&str> = order.into_iter().map(|at| lines[at]).collect();
        let message = read(&format!("{}\r\n\r\n{rest}", shuffled.join("\r\n")));
        prop_assert_eq!(message.imdn_message_id(), Some("34jk324j"));
        prop_assert!(message.dispositions().eq(["positive-delivery", "display"]));
        prop_assert_eq!(message.date_time(), Some("2006-04-04T12:16:49-05:00"));
        prop_assert_eq!(message.body(), b"Hello World");
    }

    #[test]
    fn noise_never_panics(at in 0usize..500, noise in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut octets = EXAMPLE.as_bytes().to_vec();
        let at = at.min(octets.len());
        octets.splice(at..at, noise);
        if let Ok(message) = Message::parse(Bytes::from(octets)) {
            let _ = (message.body_octets(), message.dispositions().count(), message.imdn_message_id(), message.content_type());
        }
    }
}
