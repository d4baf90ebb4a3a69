//! Envelopes and multipart bodies said otherwise read as before.

use super::chance::Chance;
use super::documents::rewrite;
use super::freedoms::{Freedom, Freedoms, Uses};
use super::samples::{ENVELOPE, NOTIFICATION, meaning};
use bytes::Bytes;
use cpm_wire::cpim::Message;
use cpm_wire::imdn::Notification;
use cpm_wire::multipart::{self, Part};
use cpm_wire::resource_lists::List;

fn with(kind: &str, octets: &[u8], freedoms: &Freedoms, seed: u64) -> (Bytes, Uses) {
    let (mut chance, mut uses) = (Chance::new(seed), Uses::default());
    let other = rewrite(kind, octets, freedoms, &mut chance, &mut uses);
    (other, uses)
}

fn told() -> String {
    ENVELOPE
        .replace("text/plain; charset=utf-8", "message/imdn+xml")
        .replace("render", "notification")
        .replace("Content-Length: 7", &format!("Content-Length: {}", NOTIFICATION.len()))
        .replace("hello\r\n", NOTIFICATION)
}

#[test]
fn without_a_freedom_nothing_changes() {
    for sample in [ENVELOPE.to_owned(), told()] {
        assert_eq!(with("message/cpim", sample.as_bytes(), &Freedoms::default(), 1).0, sample);
    }
}

#[test]
fn each_freedom_of_envelopes_alone_changes_octets_and_nothing_that_is_read() {
    let of_envelopes =
        |freedom: &&Freedom| freedom.as_str().starts_with("cpim") || freedom.as_str().starts_with("mime");
    for freedom in Freedom::ALL.iter().filter(of_envelopes) {
        let mut changed = 0;
        for seed in 0..60 {
            let (other, uses) = with("Message/CPIM", ENVELOPE.as_bytes(), &Freedoms::only(*freedom), seed);
            assert_eq!(other != ENVELOPE.as_bytes(), uses.of(*freedom) > 0, "{} of seed {seed}", freedom.as_str());
            assert_eq!(meaning(&other), meaning(ENVELOPE.as_bytes()), "{}", String::from_utf8_lossy(&other));
            changed += u32::from(other != ENVELOPE.as_bytes());
        }
        assert!(changed > 8, "{}: {changed}", freedom.as_str());
    }
}

#[test]
fn all_freedoms_together_keep_meaning_names_and_content() {
    for (seed, sample) in (0..300).flat_map(|seed| [(seed, ENVELOPE.to_owned()), (seed, told())]) {
        let (other, _) = with("message/cpim", sample.as_bytes(), &Freedoms::all(), seed);
        assert_eq!(meaning(&other), meaning(sample.as_bytes()), "{}", String::from_utf8_lossy(&other));
        let message = Message::parse(other).unwrap();
        for field in message.fields() {
            let name = message.text(&field.name);
            let own = name.split_once('.').map_or(name, |(_, own)| own);
            let known =
                ["From", "To", "DateTime", "NS", "Message-ID", "Disposition-Notification", "Payload-Type", "Word"];
            assert!(known.contains(&own), "{name}");
        }
        if sample == ENVELOPE {
            assert_eq!(message.body(), b"hello\r\n");
        }
    }
}

#[test]
fn a_prefix_is_declared_before_it_is_used() {
    for seed in 0..200 {
        let (other, _) = with("message/cpim", ENVELOPE.as_bytes(), &Freedoms::all(), seed);
        let message = Message::parse(other).unwrap();
        let mut declared = Vec::new();
        for field in message.fields() {
            let name = message.text(&field.name);
            if name == "NS" {
                declared.push(message.text(&field.value).split(' ').next().unwrap());
            } else if let Some((prefix, _)) = name.split_once('.') {
                assert!(declared.contains(&prefix), "{prefix} of seed {seed}");
            }
        }
    }
}

#[test]
fn what_would_change_its_meaning_stays() {
    let required = ENVELOPE.replace("NS: cpm", "Require: imdn.Message-ID\r\nNS: cpm");
    let foreign = ENVELOPE.replace("NS: imdn <urn:ietf:params:imdn>", "NS: <urn:example:other>");
    for seed in 0..40 {
        let (other, _) = with("message/cpim", required.as_bytes(), &Freedoms::only(Freedom::CpimPrefix), seed);
        assert_eq!(other, required);
        let (other, _) = with("message/cpim", foreign.as_bytes(), &Freedoms::only(Freedom::CpimHeaderOrder), seed);
        assert_eq!(other, foreign);
        for odd in ["", "From: x", "From: <sip:a@b>\r\n\r\n", "From: <sip:a@b>\r\n\r\nhello"] {
            assert_eq!(with("message/cpim", odd.as_bytes(), &Freedoms::all(), seed).0, odd);
        }
        assert_eq!(with("text/plain", ENVELOPE.as_bytes(), &Freedoms::all(), seed).0, ENVELOPE);
    }
}

#[test]
fn parts_of_a_multipart_are_said_otherwise_and_keep_their_place() {
    let list = List::to_recipients(["sip:alice@example.com"]);
    let parts = [
        Part::new("application/sdp", Bytes::from_static(b"v=0\r\n")),
        Part::new("message/cpim", Bytes::from_static(ENVELOPE.as_bytes())),
        Part::new("application/resource-lists+xml", list.to_xml().into())
            .header("Content-Disposition", "recipient-list"),
    ];
    let (kind, octets) = multipart::build(&parts);
    let boundary = kind.split('"').nth(1).unwrap();
    let mut changed = 0;
    for seed in 0..100 {
        let (other, _) = with(&kind, &octets, &Freedoms::all(), seed);
        let read = multipart::parse(&other, boundary).unwrap();
        let [sdp, envelope, recipients] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!(sdp.body(), b"v=0\r\n");
        assert_eq!(meaning(envelope.body()), meaning(ENVELOPE.as_bytes()));
        assert_eq!(List::parse(recipients.body()).as_ref(), Ok(&list));
        assert_eq!(recipients.get("content-disposition"), Some("recipient-list"));
        changed += u32::from(other != octets);
    }
    assert!(changed > 90, "{changed}");
}

#[test]
fn several_notifications_in_one_envelope_are_said_otherwise() {
    let part = || Part::new("message/imdn+xml", Bytes::from_static(NOTIFICATION.as_bytes()));
    let (kind, body) = multipart::build(&[part(), part()]);
    let sample = format!("From: <sip:a@b>\r\n\r\nContent-Type: {kind}\r\n\r\n{}", String::from_utf8_lossy(&body));
    let mut changed = 0;
    for seed in 0..30 {
        let (other, _) = with("message/cpim", sample.as_bytes(), &Freedoms::only(Freedom::XmlQuotes), seed);
        let message = Message::parse(other.clone()).unwrap();
        let parts = multipart::parse(message.body(), kind.split('"').nth(1).unwrap()).unwrap();
        let read: Vec<_> = parts.iter().map(|part| Notification::parse(part.body()).unwrap()).collect();
        assert_eq!(read, [Notification::parse(NOTIFICATION.as_bytes()).unwrap(), read[0].clone()]);
        changed += u32::from(other != sample);
    }
    assert!(changed > 10, "{changed}");
}
