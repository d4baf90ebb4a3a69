//! Messages typed by hand from RFC 6733, messages made and read again, streams, and octets that are nothing.

mod properties;

use super::dictionary::*;
use super::*;
use crate::time::Time;
use bytes::Bytes;
use pretty_assertions::assert_eq;
use std::net::IpAddr;
use std::time::Duration;

/// Octets in hexadecimal; whatever stands behind a `;` is a remark.
fn hex(text: &str) -> Bytes {
    let digits: Vec<u8> = text
        .lines()
        .flat_map(|line| line.split(';').next().unwrap().bytes())
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A Device-Watchdog-Request, octet by octet after RFC 6733 sections 3, 4.1 and 5.5.1.
const WATCHDOG: &str = "
    01 000038          ; version 1, 56 octets
    80 000118          ; R, command 280
    00000000           ; application 0
    00c0ffee 12345678  ; hop by hop, end to end
    00000108 40 00000b ; Origin-Host, M, 8 + 3
    612e62 00          ; a.b, and padding
    00000128 40 000009 ; Origin-Realm, M, 8 + 1
    62 000000          ; b, and padding
    00000116 40 00000c ; Origin-State-Id, M, 8 + 4
    00000007";

/// A value of 3GPP, with its vendor: User-Session-Id in IMS-Information in Service-Information.
const CHARGED: &str = "
    01 000040 c0 00010f 00000003 00000001 00000002
    00000369 c0 00002c 000028af
    0000036c c0 000020 000028af
    0000033e c0 000012 000028af
    63616c6c2d31 0000";

fn watchdog() -> Message {
    Message::parse(hex(WATCHDOG)).unwrap()
}

fn charging() -> Message {
    Message::request(command::CREDIT_CONTROL, application::CREDIT_CONTROL)
        .proxiable()
        .identifiers(7, 8)
        .avp(&SESSION_ID, "as.home1.test;1;2")
        .avp(&ORIGIN_HOST, "as.home1.test")
        .avp(&ORIGIN_REALM, "home1.test")
        .avp(&CC_REQUEST_TYPE, 4)
        .avp(&CC_REQUEST_NUMBER, 0u32)
        .avp(&EVENT_TIMESTAMP, Time::ZERO + Duration::from_secs(1_700_000_000))
        .group(&SUBSCRIPTION_ID, |group| {
            group.avp(&SUBSCRIPTION_ID_TYPE, 2).avp(&SUBSCRIPTION_ID_DATA, "sip:alice@home1.test")
        })
        .group(&SERVICE_INFORMATION, |group| {
            group.group(&IMS_INFORMATION, |group| {
                group.avp(&NODE_FUNCTIONALITY, 6).avp(&IMS_CHARGING_IDENTIFIER, "icid1")
            })
        })
        .group(&PROXY_INFO, |group| group.avp(&PROXY_HOST, "relay").avp(&PROXY_STATE, &[1u8, 2, 3][..]))
        .build()
        .unwrap()
}

#[test]
fn a_watchdog_is_read() {
    let message = watchdog();
    let header = Header {
        length: 56,
        flags: CommandFlags(0x80),
        command: command::DEVICE_WATCHDOG,
        application: application::COMMON,
        hop_by_hop: 0x00c0_ffee,
        end_to_end: 0x1234_5678,
    };
    assert_eq!(message.header(), &header);
    let texts: Vec<_> = message.avps().take(2).map(|avp| avp.text().unwrap()).collect();
    assert_eq!(texts, ["a.b", "b"]);
    assert_eq!(message.find(&ORIGIN_STATE_ID).unwrap().unsigned32(), Ok(7));
    assert_eq!(message.find(&RESULT_CODE), None);
    assert_eq!(command::name(280, true), Some("DWR"));
}

#[test]
fn the_same_watchdog_is_made() {
    let made = Message::request(command::DEVICE_WATCHDOG, application::COMMON)
        .identifiers(0x00c0_ffee, 0x1234_5678)
        .avp(&ORIGIN_HOST, "a.b")
        .avp(&ORIGIN_REALM, "b")
        .avp(&ORIGIN_STATE_ID, 7u32)
        .build();
    assert_eq!(made.unwrap().octets(), &hex(WATCHDOG));
}

#[test]
fn groups_are_read_and_made() {
    let message = Message::parse(hex(CHARGED)).unwrap();
    let information = message.find(&SERVICE_INFORMATION).unwrap();
    let session = information.group().find(&IMS_INFORMATION).unwrap().group().find(&USER_SESSION_ID).unwrap();
    assert_eq!((session.text(), session.vendor), (Ok("call-1"), Some(VENDOR_3GPP)));
    let made = Message::request(command::ACCOUNTING, application::ACCOUNTING)
        .proxiable()
        .identifiers(1, 2)
        .group(&SERVICE_INFORMATION, |group| {
            group.group(&IMS_INFORMATION, |group| group.avp(&USER_SESSION_ID, "call-1"))
        })
        .build();
    assert_eq!(made.unwrap().octets(), &hex(CHARGED));
}

#[test]
fn values_are_shared_and_not_copied() {
    let message = charging();
    let avp = message.find(&SESSION_ID).unwrap();
    let shared = message.share(&avp);
    assert_eq!((shared.as_ptr(), shared.as_ref()), (avp.data.as_ptr(), b"as.home1.test;1;2".as_ref()));
}

#[test]
fn an_answer_takes_over_what_it_has_to() {
    let request = charging();
    let answer = request
        .answer()
        .avp(&RESULT_CODE, 2001u32)
        .avp(&ORIGIN_HOST, "ocs.home1.test")
        .avp(&ORIGIN_REALM, "home1.test")
        .build()
        .unwrap();
    assert_eq!(answer.header().flags, CommandFlags(CommandFlags::PROXIABLE));
    assert_eq!((answer.header().hop_by_hop, answer.header().end_to_end), (7, 8));
    assert_eq!((answer.session_id(), answer.result()), (Some("as.home1.test;1;2"), Some(2001)));
    assert_eq!(answer.avps().next(), request.avps().next());
    assert_eq!(answer.avps().last(), request.avps().last());
    let refused = request.answer().group(&EXPERIMENTAL_RESULT, |group| group.avp(&EXPERIMENTAL_RESULT_CODE, 5030u32));
    assert_eq!(refused.error().build().unwrap().result(), Some(5030));
}

#[test]
fn what_is_cut_or_too_long_is_refused() {
    let whole = hex(WATCHDOG);
    let changed = |at: usize, octet: u8| {
        let mut octets = whole.to_vec();
        octets[at] = octet;
        Message::parse(octets.into()).unwrap_err()
    };
    assert_eq!(Message::parse(whole.slice(..19)), Err(DiameterError::Short(19)));
    assert_eq!(Message::parse(whole.slice(..52)), Err(DiameterError::Octets { said: 56, are: 52 }));
    assert_eq!(changed(0, 2), DiameterError::Version(2));
    assert_eq!(changed(3, 61), DiameterError::Length(61));
    assert_eq!(changed(3, 16), DiameterError::Length(16));
    // Lengths of AVPs: less than the header, over the end, and with the V bit no room for the vendor.
    assert_eq!(changed(27, 7), DiameterError::AvpLength { at: 0, said: 7 });
    assert_eq!(changed(27, 41), DiameterError::AvpLength { at: 0, said: 41 });
    assert_eq!(changed(24, 0xc0), DiameterError::AvpLength { at: 0, said: 11 });
    assert_eq!(changed(51, 8), DiameterError::AvpCut { at: 32 });
}

#[test]
fn values_are_of_their_type() {
    let message = watchdog();
    let host = message.find(&ORIGIN_HOST).unwrap();
    assert_eq!(host.unsigned32(), Err(DiameterError::Type("Unsigned32")));
    assert_eq!(host.time(), Err(DiameterError::Type("Time")));
    let of = |data| Avp { data, ..host };
    assert_eq!(of(b"\xff").text(), Err(DiameterError::Type("UTF8String")));
    assert_eq!(of(b"\xff\xff\xff\xfe").integer32(), Ok(-2));
    assert_eq!(of(b"\xff\xff\xff\xff\xff\xff\xff\xfe").integer64(), Ok(-2));
    assert_eq!(of(b"\0\x01\x7f\0\0\x01").address(), Ok(Address::Ip("127.0.0.1".parse::<IpAddr>().unwrap())));
    assert_eq!(of(b"\0\x01\x7f\0\0").address(), Err(DiameterError::Type("Address")));
    // E.164, a family of its own.
    assert_eq!(of(b"\0\x0849").address(), Ok(Address::Other(8, b"49")));
    assert_eq!(of(b"\0\0").address(), Err(DiameterError::Type("Address")));
}

#[test]
fn time_goes_on_after_2036() {
    let host = watchdog();
    let of = |seconds: u32| Avp { data: &seconds.to_be_bytes(), ..host.avps().next().unwrap() }.time().unwrap();
    assert_eq!(of(2_208_988_800), Time::ZERO);
    // RFC 6733 section 4.3.1: the era ends at 06:28:16 on 7 February 2036.
    let turn = Time::ZERO + Duration::from_secs(2_085_978_496);
    assert_eq!((of(0), of(u32::MAX) + Duration::from_secs(1)), (turn, turn));
}

#[test]
fn a_stream_is_cut_wherever_it_was_cut() {
    let messages = [hex(WATCHDOG), charging().octets().clone(), hex(CHARGED)];
    let stream = messages.concat();
    for piece in 1..stream.len() {
        let mut framer = Framer::default();
        let mut seen = Vec::new();
        for octets in stream.chunks(piece) {
            framer.push(Bytes::copy_from_slice(octets));
            while let Some(message) = framer.next() {
                seen.push(message.unwrap());
            }
        }
        assert_eq!((seen.as_slice(), framer.waiting()), (messages.as_slice(), 0));
    }
}

#[test]
fn a_stream_that_is_none_ends() {
    let first = |octets: &'static [u8]| {
        let mut framer = Framer::default();
        framer.push(Bytes::from_static(octets));
        let first = framer.next();
        framer.push(hex(WATCHDOG));
        assert_eq!(framer.next().filter(|_| first.is_some()), None);
        first
    };
    assert_eq!(first(b"GET / HTTP/1.1"), Some(Err(DiameterError::Version(b'G'))));
    let long = b"\x01\x10\x00\x04\x80\0\x01\x18\0\0\0\0\0\0\0\0\0\0\0\0";
    assert_eq!(first(long), Some(Err(DiameterError::TooLong(MAX_MESSAGE + 4))));
    let odd = b"\x01\0\0\x15\x80\0\x01\x18\0\0\0\0\0\0\0\0\0\0\0\0";
    assert_eq!(first(odd), Some(Err(DiameterError::Length(21))));
    assert_eq!(first(b"\x01\0"), None);
}

#[test]
fn the_dictionary_finds_each_of_its_words() {
    for definition in all() {
        assert_eq!(lookup(definition.vendor, definition.code), Some(definition));
    }
    let names: std::collections::BTreeSet<_> = all().map(|definition| definition.name).collect();
    assert_eq!(names.len(), all().count());
    assert_eq!(lookup(None, 823), None);
    assert_eq!(lookup(Some(1), 1), None);
    assert_eq!(watchdog().avps().next().unwrap().definition(), Some(&ORIGIN_HOST));
}

#[test]
fn a_message_that_no_length_can_say_is_not_made() {
    let octets = vec![0u8; 0x00FF_FFFF];
    let made = Message::request(command::ACCOUNTING, application::ACCOUNTING).avp(&CLASS, &octets[..]).build();
    assert!(matches!(made, Err(DiameterError::TooLong(_))));
}
