//! The document server: asked for each session, and harmless when it misbehaves.

use super::*;
use crate::scene::document_server::one;
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn a_change_holds_for_the_next_session_and_what_has_not_changed_is_not_sent_again() {
    let mut scene = with_server(|_| {});
    calls(&mut scene, CAROL, BOB, "a");
    goes_on(&mut scene);
    scene.documents.put(BOB, "index", &[(&one(CAROL), REJECT)]);
    for call in ["b", "c"] {
        calls(&mut scene, CAROL, BOB, call);
        refused(&mut scene, 603);
    }
    let asked = std::mem::take(&mut scene.documents.asked);
    let tags: Vec<_> =
        asked.iter().filter(|(line, _)| line.contains("/index ")).map(|(_, tag)| tag.as_deref()).collect();
    assert_eq!(tags, [None, None, Some("\"1\"")]);
    let bob = "GET /xcap-root/org.openmobilealliance.im-rules/users/sip%3Abob%40example.com/";
    assert!(asked.iter().all(|(line, _)| line.starts_with(bob)), "{asked:?}");
    scene.documents.put(BOB, "index", &[]);
    calls(&mut scene, CAROL, BOB, "d");
    goes_on(&mut scene);
}

#[test]
fn a_document_may_be_used_for_a_while() {
    let mut scene = with_server(|config| {
        config.preferences.iter_mut().for_each(|access| access.fresh = Duration::from_secs(10));
    });
    calls(&mut scene, CAROL, BOB, "a");
    goes_on(&mut scene);
    scene.documents.put(BOB, "index", &[(&one(CAROL), REJECT)]);
    calls(&mut scene, CAROL, BOB, "b");
    goes_on(&mut scene);
    assert_eq!(scene.documents.asked.len(), 2);
    scene.pass(Duration::from_secs(10));
    scene.sip.clear();
    calls(&mut scene, CAROL, BOB, "c");
    refused(&mut scene, 603);
}

#[test]
fn without_the_server_calls_go_on_by_what_was_known_last() {
    let mut scene = with_server(|_| {});
    scene.documents.is_there = false;
    calls(&mut scene, CAROL, BOB, "a");
    goes_on(&mut scene);
    scene.pass(Duration::from_secs(1));
    scene.documents.put(BOB, "index", &[(&one(CAROL), REJECT)]);
    scene.sip.clear();
    calls(&mut scene, CAROL, BOB, "b");
    refused(&mut scene, 603);
    scene.documents.silent = true;
    calls(&mut scene, CAROL, BOB, "c");
    scene.none(Method::Invite);
    scene.pass(Duration::from_millis(500));
    refused(&mut scene, 603);
    calls(&mut scene, ALICE, BOB, "d");
    scene.pass(Duration::from_millis(500));
    goes_on(&mut scene);
}

#[test]
fn a_slow_server_delays_calls_for_a_moment_and_then_none_for_a_while() {
    let mut scene = with_server(|_| {});
    scene.documents.silent = true;
    calls(&mut scene, ALICE, BOB, "a");
    scene.pass(Duration::from_millis(300));
    scene.response(Method::Invite, 100);
    scene.none(Method::Invite);
    scene.pass(Duration::from_millis(200));
    goes_on(&mut scene);
    // After two seconds the server counts as one that is away.
    scene.pass(Duration::from_millis(1500));
    scene.sip.clear();
    calls(&mut scene, ALICE, BOB, "b");
    goes_on(&mut scene);
}

#[test]
fn rubbish_huge_and_endless_bodies_hold_up_nobody() {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/auth-policy+xml\r\n\r\n";
    const RUBBISH: [&[u8]; 6] = [
        b"",
        b"\x00\xff\xfe\r\n\r\n",
        HEAD,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/auth-policy+xml\r\nContent-Length: 4294967296\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/auth-policy+xml\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/auth-policy+xml\r\nContent-Length: 5\r\n\r\n<rule",
    ];
    for rubbish in RUBBISH {
        let mut scene = with_server(|_| {});
        scene.documents.rubbish = Some(rubbish);
        calls(&mut scene, ALICE, BOB, "a");
        scene.pass(Duration::from_millis(500));
        goes_on(&mut scene);
        // Nor does it do any harm later.
        scene.documents.rubbish = None;
        scene.pass(Duration::from_secs(4));
        scene.documents.put(BOB, "index", &[(&one(ALICE), REJECT)]);
        scene.sip.clear();
        calls(&mut scene, ALICE, BOB, "b");
        scene.pass(Duration::from_millis(500));
        refused(&mut scene, 603);
    }
}

#[test]
fn a_call_that_waits_can_be_withdrawn() {
    let mut scene = with_server(|_| {});
    scene.documents.silent = true;
    let invite = calls(&mut scene, ALICE, BOB, "a");
    let cancel = Builder::request(Method::Cancel, BOB)
        .header(Name::Via, invite.header(&Name::Via).unwrap())
        .header(Name::MaxForwards, 68)
        .header(Name::From, invite.header(&Name::From).unwrap())
        .header(Name::To, invite.header(&Name::To).unwrap())
        .header(Name::CallId, "a")
        .header(Name::CSeq, "1 CANCEL");
    scene.send(&cancel.build());
    scene.response(Method::Cancel, 200);
    scene.response(Method::Invite, 487);
    scene.pass(Duration::from_secs(1));
    scene.none(Method::Invite);
}
