//! What the suite writes, in the eyes of strangers: xmllint judges XML bodies by schemas typed from the RFCs, and Python's
//! standard library reads what `cpm_wire` has written. Bodies made here hold every element that can be written; those of
//! a run are taken out of its evidence, the target's too. Without xmllint or python3 a test says that it is skipped.

mod documents;
mod strangers;
mod wild;

use std::collections::BTreeMap;

use bytes::Bytes;
use cpm_conformance::stage::rewriting::chance::Chance;
use cpm_conformance::stage::rewriting::documents::rewrite;
use cpm_conformance::stage::rewriting::freedoms::{Freedoms, Uses};
use cpm_wire::{conference_info, cpim, imdn, resource_lists};
use pretty_assertions::assert_eq;
use serde_json::json;

use strangers::{Kind, read_by_python, there, valid};

#[test]
fn everything_that_can_be_written_is_valid() {
    if !there("xmllint") {
        return;
    }
    for (kind, xml) in documents::all() {
        valid(kind, &xml).unwrap_or_else(|complaint| panic!("{complaint}\n{xml}"));
    }
}

/// A body with every freedom that a sender has.
fn said_otherwise(content_type: &str, octets: &[u8], seed: u64) -> Bytes {
    let (mut chance, mut uses) = (Chance::new(seed), Uses::default());
    rewrite(content_type, octets, &Freedoms::all(), &mut chance, &mut uses)
}

#[test]
fn what_is_said_otherwise_is_valid() {
    if !there("xmllint") {
        return;
    }
    let mut changed = 0;
    for (seed, (kind, xml)) in (0..12).flat_map(|seed| documents::all().into_iter().map(move |one| (seed, one))) {
        let content_type = match kind {
            Kind::ConferenceInfo => conference_info::MEDIA_TYPE,
            Kind::Imdn => imdn::MEDIA_TYPE,
            Kind::ResourceLists => resource_lists::MEDIA_TYPE,
            Kind::Reginfo | Kind::Presence => continue,
        };
        let other = said_otherwise(content_type, xml.as_bytes(), seed);
        let other = str::from_utf8(&other).unwrap();
        valid(kind, other).unwrap_or_else(|complaint| panic!("{complaint}\n{other}"));
        changed += usize::from(other != xml);
    }
    assert!(changed > 50, "{changed}");
}

#[test]
fn a_second_reader_finds_the_same_in_an_envelope_said_otherwise() {
    if !there("python3") {
        return;
    }
    let envelope = cpim::Builder::new("sip:alice@home.example", "sip:book-club@focus.example")
        .date_time("2026-11-21T12:00:00.5+01:00")
        .message_id("m1")
        .dispositions(&["positive-delivery", "display"])
        .content("text/plain; charset=utf-8", "Größe\r\n\r\n雪")
        .build();
    let before = read_by_python("cpim", &envelope);
    for seed in 0..30 {
        let other = said_otherwise("message/cpim", &envelope, seed);
        let after = read_by_python("cpim", &other);
        for of in ["content_type", "charset", "body"] {
            assert_eq!(after[of], before[of], "{of} of {}", String::from_utf8_lossy(&other));
        }
        let headers = |octets: &Bytes| cpim::Message::parse(octets.clone()).unwrap().fields().len();
        assert_eq!(after["envelope"].as_array().unwrap().len(), headers(&other));
    }
}

#[test]
fn the_schemas_refuse_what_is_wrong() {
    if !there("xmllint") {
        return;
    }
    let documents = documents::all();
    for (kind, right, wrong) in [
        (Kind::ConferenceInfo, "<status>connected</status>", "<status>around</status>"),
        (Kind::ConferenceInfo, "<user-count>3</user-count>", "<user-count>three</user-count>"),
        (Kind::ConferenceInfo, "state=\"full\"", "state=\"whole\""),
        (Kind::ConferenceInfo, "<users ", "<conference-state/><users "),
        (Kind::ConferenceInfo, "urn:ietf:params:xml:ns:conference-info", "urn:ietf:params:xml:ns:conference"),
        (Kind::Imdn, "<delivered/>", "<displayed/>"),
        (Kind::Imdn, "<datetime>", "<subject>early</subject><datetime>"),
        (Kind::Imdn, "delivery-notification", "arrival-notification"),
        (Kind::ResourceLists, "cp:copyControl=\"bcc\"", "cp:copyControl=\"blind\""),
        (Kind::ResourceLists, "<entry uri=", "<entry url="),
        (Kind::ResourceLists, "cp:anonymize=\"true\"", "cp:anonymize=\"yes\""),
        (Kind::Reginfo, "event=\"registered\"", "event=\"here\""),
        (Kind::Reginfo, "version=\"7\"", "version=\"-7\""),
        (Kind::Reginfo, "first-cseq=\"54\"", "first-cseq=\"fifty\""),
        (Kind::Presence, "<basic>open</basic>", "<basic>away</basic>"),
        (Kind::Presence, "priority=\"0.8\"", "priority=\"8\""),
        (Kind::Presence, "id=\"desk\"", "id=\"phone\""),
    ] {
        let whole = documents.iter().find(|(of, xml)| *of == kind && xml.contains(right));
        let (_, whole) = whole.unwrap_or_else(|| panic!("no document with {right}"));
        let broken = whole.replace(right, wrong);
        assert!(valid(kind, &broken).is_err(), "{kind:?} takes {wrong}\n{broken}");
    }
}

#[test]
fn what_a_run_puts_on_the_wire_is_valid_and_reads_the_same() {
    let caught = wild::bodies();
    let mut seen: BTreeMap<Kind, usize> = BTreeMap::new();
    let xmllint = there("xmllint");
    for (kind, xml) in &caught.xml {
        *seen.entry(*kind).or_default() += 1;
        if xmllint {
            valid(*kind, xml).unwrap_or_else(|complaint| panic!("{complaint}\n{xml}"));
        }
    }
    // The reference is told of registrations by third-party REGISTER and subscribes to none: no reginfo.
    for kind in [Kind::ConferenceInfo, Kind::Imdn, Kind::ResourceLists] {
        assert!(seen.contains_key(&kind), "no {kind:?} in {seen:?}");
    }
    assert!(caught.envelopes.len() > 5, "{}", caught.envelopes.len());
    if there("python3") {
        for envelope in &caught.envelopes {
            assert_eq!(read_by_python("cpim", envelope), as_we_read(envelope));
        }
    }
}

/// An envelope as `cpm_wire` reads it, in the words of the second reader.
fn as_we_read(octets: &Bytes) -> serde_json::Value {
    let message = cpim::Message::parse(octets.clone()).unwrap();
    let field = |field: &cpim::Field| [message.text(&field.name).to_owned(), message.text(&field.value).to_owned()];
    let envelope: Vec<[String; 2]> = message.fields().iter().map(field).collect();
    let content_type = message.content_type().unwrap();
    let charset = content_type.split_once("charset=").map(|(_, charset)| charset.to_lowercase());
    let length = message.content_fields().iter().find(|field| message.text(&field.name) == "Content-Length");
    json!({
        "envelope": envelope,
        "content_type": content_type.split(';').next().unwrap().trim(),
        "charset": charset,
        "content_disposition": message.content_disposition(),
        "content_length": length.map(|field| message.text(&field.value).parse::<usize>().unwrap()),
        "body": message.body(),
    })
}

#[test]
fn a_second_reader_finds_in_an_envelope_what_was_put_in() {
    if !there("python3") {
        return;
    }
    let body = "Größe · 雪 <&> \r\n\r\n-------a1b2c3$\r\n";
    let envelope = cpim::Builder::new("sip:alice@home.example", "sip:book-club@focus.example;gr=urn:uuid:1")
        .date_time("2026-11-21T12:00:00.5+01:00")
        .header("Subject", "Tuesday: yes; or no")
        .message_id("Mx7.q-1")
        .dispositions(&["positive-delivery", "display"])
        .content("text/plain; charset=utf-8", body)
        .build();
    let told = json!({
        "envelope": [
            ["From", "<sip:alice@home.example>"],
            ["To", "<sip:book-club@focus.example;gr=urn:uuid:1>"],
            ["DateTime", "2026-11-21T12:00:00.5+01:00"],
            ["Subject", "Tuesday: yes; or no"],
            ["NS", "imdn <urn:ietf:params:imdn>"],
            ["imdn.Message-ID", "Mx7.q-1"],
            ["imdn.Disposition-Notification", "positive-delivery, display"],
        ],
        "content_type": "text/plain",
        "charset": "utf-8",
        "content_disposition": null,
        "content_length": body.len(),
        "body": body.as_bytes(),
    });
    assert_eq!(read_by_python("cpim", &envelope), told);
    assert_eq!(as_we_read(&envelope), told);
}

#[test]
fn a_second_reader_finds_in_a_notification_what_was_put_in() {
    if !there("python3") {
        return;
    }
    for (notification, xml) in documents::notifications() {
        let told = json!({
            "message_id": notification.message_id,
            "datetime": notification.date_time,
            "recipient": notification.recipient_uri,
            "subject": notification.subject,
            "kind": notification.kind.as_str(),
            "status": notification.status.as_str(),
        });
        assert_eq!(read_by_python("imdn", xml.as_bytes()), told);
    }
}

#[test]
fn a_second_reader_finds_in_a_roster_who_was_put_in() {
    if !there("python3") {
        return;
    }
    let endpoint = |entity: &str, status: &str, disconnection: Option<&str>| json!({"entity": entity, "status": status, "disconnection": disconnection});
    let told = json!({
        "entity": "sip:book-club@focus.example",
        "state": "partial",
        "version": 4_294_967_295_u32,
        "subject": null,
        "users_state": "partial",
        "users": [
            {"entity": "sip:alice@home.example", "state": "full", "name": "Alice <\"the\" & first>",
             "endpoints": [endpoint("sip:alice@home.example", "connected", None)]},
            {"entity": "sip:bob@home.example", "state": "full", "name": null,
             "endpoints": [endpoint("sip:bob@home.example", "disconnected", Some("booted"))]},
            {"entity": "tel:+15550100", "state": "deleted", "name": null, "endpoints": []},
        ],
    });
    assert_eq!(read_by_python("conference-info", documents::partial_roster().as_bytes()), told);
}
