//! Interception on lawful order: who may order it, what is handed over, and that nobody else can tell. [PF-LI-01]

use crate::scene::Scene;
use crate::scene::interception::{ADMINISTRATION, TASK, destination, task};
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_reference::config::Interception;
use cpm_reference::core::Input;
use cpm_reference::faults::Fault;
use cpm_wire::cpim;
use cpm_wire::io::{self, Closing};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::uuid::Uuid;
use cpm_wire::x1::{Asked, Delivery, Outcome, error};
use cpm_wire::x2x3::{Direction, Kind, Pdu};
use pretty_assertions::assert_eq;
use std::time::Duration;

const ALICE: &str = "sip:alice@example.com";

fn scene() -> Scene {
    faulty(None)
}

fn faulty(fault: Option<&str>) -> Scene {
    let fault = fault.map(|id| Fault::named(id).unwrap_or_else(|| panic!("{id}")));
    Scene::faulty(fault, |config| {
        config.interception = Some(Interception::at("127.0.0.1:7002".parse().unwrap(), ADMINISTRATION));
    })
}

/// A message for somebody, from Alice.
fn message(to: &str, call_id: &str, registered: bool) -> Message {
    let state = if registered { "sescase=term;regstate=reg" } else { "sescase=term;regstate=unreg" };
    let body = cpim::Builder::new(ALICE, to).message_id(call_id).content("text/plain", format!("text of {call_id}"));
    initial(Method::Message, to, ALICE, to, call_id, state)
        .header(Name::ContributionId, format!("contribution-{call_id}"))
        .header(Name::ConversationId, "conversation")
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .body("message/cpim", body.build())
        .build()
        .edit()
        .set(Name::PServedUser, format!("<{to}>;{state}"))
        .finish()
}

/// A message for Bob goes on, and he takes it.
fn passes(scene: &mut Scene, to: &str, call_id: &str) {
    scene.send(&message(to, call_id, true));
    let onward = scene.request(Method::Message);
    scene.send(&response(&onward, 200, "", None));
    let _ = scene.response(Method::Message, 200);
}

fn directions(scene: &Scene) -> Vec<(Direction, Method, Option<u16>)> {
    let events = scene.interception.pdus.iter().zip(scene.interception.events());
    events.map(|(pdu, event)| (pdu.direction, event.method(), event.status())).collect()
}

#[test]
fn a_message_is_an_event_on_both_sides_with_its_answer() {
    let mut scene = scene();
    scene.intercept(BOB);
    passes(&mut scene, BOB, "m-1");
    let (to, from) = (Direction::ToTarget, Direction::FromTarget);
    let expected = [
        (to, Method::Message, None),
        (to, Method::Message, None),
        (from, Method::Message, Some(200)),
        (from, Method::Message, Some(200)),
    ];
    assert_eq!(directions(&scene), expected);
    let pdus = &scene.interception.pdus;
    let numbers: Vec<_> = pdus.iter().map(|pdu| pdu.sequence_number().unwrap()).collect();
    assert_eq!(numbers, [0, 1, 2, 3]);
    assert!(pdus.iter().all(|pdu| pdu.xid == TASK && pdu.correlation == pdus[0].correlation));
    assert!(pdus.iter().all(|pdu| pdu.matched_target() == Some(BOB) && pdu.timestamp() == Some(scene.now)));
    assert_eq!(pdus[0].source().unwrap().port(), 5060);
    assert_eq!(scene.interception.events()[0].octets(), message(BOB, "m-1", true).octets());
}

#[test]
fn nobody_but_the_target_is_intercepted_and_not_after_the_end() {
    let mut scene = scene();
    passes(&mut scene, BOB, "before");
    scene.intercept(BOB);
    passes(&mut scene, "sip:carol@example.com", "carol");
    assert_eq!(scene.interception.pdus, []);
    passes(&mut scene, BOB, "during");
    let count = scene.interception.pdus.len();
    assert_eq!(count, 4);
    scene.order(Asked::DeactivateTask(TASK));
    passes(&mut scene, BOB, "after");
    assert_eq!(scene.interception.pdus.len(), count);
}

/// All that the neighbourhood hears of a user's messages and sessions.
fn heard(intercepted: bool) -> Vec<Bytes> {
    let mut scene = scene();
    scene.order(destination());
    if intercepted {
        scene.order(task(TASK, BOB, Delivery::X2andX3));
    }
    let mut octets = Vec::new();
    let mut hear = |scene: &mut Scene| octets.extend(scene.sip.drain(..).map(|one| one.octets().clone()));
    scene.send(&message(BOB, "m-1", true));
    let onward = scene.sip.iter().find(|one| one.is_request()).unwrap().clone();
    hear(&mut scene);
    scene.send(&response(&onward, 200, "", None));
    hear(&mut scene);
    let (bye, ok) = calls(&mut scene);
    scene.sip.push_front(ok);
    scene.say("alice", "m1", &said("m1"));
    scene.pass(Duration::from_secs(1));
    scene.send(&bye);
    hear(&mut scene);
    scene.send(&message(BOB, "m-2", false));
    hear(&mut scene);
    registers(&mut scene);
    scene.pass(Duration::from_secs(40));
    hear(&mut scene);
    assert_eq!(scene.interception.pdus.is_empty(), !intercepted);
    octets
}

#[test]
fn all_that_others_hear_is_the_same_with_and_without_a_task() {
    let without = heard(false);
    let starts: Vec<_> = without.iter().map(|one| one.split(|octet| *octet == b'\r').next().unwrap()).collect();
    assert!(starts.iter().any(|start| start.starts_with(b"INVITE")) && without.len() > 6, "{starts:?}");
    assert_eq!(heard(true), without);
}

/// Alice calls Bob, who is not there, for a chat of two; the function stands in for him. Gives her BYE for later, and its answer.
fn calls(scene: &mut Scene) -> (Message, Message) {
    let sdp = scene.end("alice", "actpass", "sendrecv");
    let invite = initial(Method::Invite, BOB, ALICE, BOB, "call-a", "sescase=term;regstate=unreg")
        .header(Name::ContributionId, "contribution-a")
        .header(Name::ConversationId, "conversation-a")
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session")
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .header(Name::Contact, "<sip:alice@192.0.2.1>")
        .body("application/sdp", sdp)
        .build();
    scene.send(&invite);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    scene.start("alice", &ok, false);
    (in_dialog(Method::Bye, &invite, &ok, 2).build(), ok)
}

fn said(id: &str) -> Bytes {
    let envelope = cpim::Builder::new(ALICE, BOB).date_time("2026-01-02T03:04:05Z").message_id(id);
    envelope.content("text/plain", format!("text of {id}")).build()
}

#[test]
fn what_is_kept_for_an_absent_user_is_content_once_when_it_is_taken() {
    let mut scene = scene();
    scene.intercept(BOB);
    let (bye, _) = calls(&mut scene);
    let said: Vec<Bytes> = ["m1", "m2"].map(said).to_vec();
    scene.say("alice", "m1", &said[0]);
    scene.say("alice", "m2", &said[1]);
    let contents = |scene: &Scene| -> Vec<Bytes> {
        let chunks = scene.interception.contents();
        chunks.iter().map(|pdu| pdu.payload.clone()).collect()
    };
    let taken = contents(&scene);
    assert_eq!(taken.len(), 2);
    for (chunk, envelope) in taken.iter().zip(&said) {
        assert!(chunk.windows(envelope.len()).any(|part| part == envelope), "{chunk:?}");
    }
    let pdus = &scene.interception.pdus;
    assert!(pdus.iter().all(|pdu| pdu.correlation == pdus[0].correlation), "one communication");
    let is_content = |kind: Kind| kind == Kind::X3;
    assert!(pdus.iter().filter(|pdu| is_content(pdu.kind)).all(|pdu| pdu.direction == Direction::ToTarget));
    // It is delivered, which is an event and no content.
    scene.send(&bye);
    let before = scene.interception.events().len();
    registers(&mut scene);
    scene.pass(Duration::from_secs(2));
    let events = scene.interception.events();
    assert!(events[before..].iter().any(|event| event.method() == Method::Invite && event.is_request()));
    assert_eq!(contents(&scene).len(), 2);
}

/// Bob's phone registers.
fn registers(scene: &mut Scene) {
    let tag = ";+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.session\"";
    scene.send(&register("reg-1", INSTANCE, CONTACT, tag, 600_000));
}

#[test]
fn who_is_not_the_administration_is_refused() {
    let mut scene = scene();
    scene.order(destination());
    let (status, responses) =
        scene.orders(&["other.example.com"], vec![task(TASK, BOB, Delivery::X2Only), Asked::Ping]);
    assert_eq!((status, responses.len()), (403, 2));
    for response in responses {
        assert!(matches!(response.outcome, Outcome::Refused { code: error::NOT_AUTHORISED, .. }));
    }
    assert_eq!(scene.orders(&[], vec![Asked::Ping]).0, 403);
    assert_eq!(scene.says_to_x1(None, b"POST / HTTP/1.1\r\n\r\n"), "");
    passes(&mut scene, BOB, "m-1");
    assert_eq!(scene.interception.pdus, []);
}

/// The error that an order leads to.
fn error_of(scene: &mut Scene, asked: Asked) -> Option<u32> {
    match scene.orders(&["x", "ADMF.example.com"], vec![asked]).1.remove(0).outcome {
        Outcome::Refused { code, .. } => Some(code),
        _ => None,
    }
}

#[test]
fn orders_that_cannot_be_obeyed_are_refused_by_their_reason() {
    let mut scene = scene();
    let plain = || task(TASK, BOB, Delivery::X2Only);
    assert_eq!(error_of(&mut scene, plain()), Some(error::NO_DID));
    assert_eq!(error_of(&mut scene, destination()), None);
    assert_eq!(error_of(&mut scene, destination()), Some(error::DID_EXISTS));
    assert_eq!(error_of(&mut scene, plain()), None);
    assert_eq!(error_of(&mut scene, plain()), Some(error::XID_EXISTS));
    for target in ["bob", "http://example.com", "sip:example.com", ""] {
        assert_eq!(
            error_of(&mut scene, task(Uuid([1; 16]), target, Delivery::X2Only)),
            Some(error::TARGET),
            "{target}"
        );
    }
    let did = crate::scene::interception::DESTINATION;
    assert_eq!(error_of(&mut scene, Asked::RemoveDestination(did)), Some(error::DID_IN_USE));
    assert_eq!(error_of(&mut scene, Asked::DeactivateTask(Uuid([2; 16]))), Some(error::NO_XID));
    assert_eq!(error_of(&mut scene, Asked::DeactivateTask(TASK)), None);
    assert_eq!(error_of(&mut scene, Asked::RemoveDestination(did)), None);
    assert_eq!(error_of(&mut scene, Asked::Other("InventTask".to_owned())), Some(error::UNSUPPORTED));
    assert_eq!(error_of(&mut scene, Asked::Ping), None);
}

#[test]
fn rubbish_on_x1_is_answered_and_does_no_harm() {
    let mut scene = scene();
    let with = |body: &str| {
        let length = body.len();
        format!("POST /X1 HTTP/1.1\r\nHost: pf\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
    };
    let laughs = "<!DOCTYPE a [<!ENTITY b 'ha'>]><a>&b;</a>";
    let smuggled =
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    let large = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", (1 << 20) + 1);
    let cases: [(Vec<u8>, &str); 7] = [
        (with(laughs), "400"),
        (with(""), "400"),
        (with("<X1Request xmlns='http://uri.etsi.org/03221/X1/2017/10'><x1RequestMessage/></X1Request>"), "200"),
        (smuggled.into(), "400"),
        (large.into(), "413"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "405"),
        (vec![0x16, 3, 1, 0, 200], "400"),
    ];
    for (octets, status) in cases {
        let back = scene.says_to_x1(Some(&[ADMINISTRATION]), &octets);
        assert!(back.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {back}");
        assert_eq!(back.matches("HTTP/1.1 ").count(), 1, "{back}");
    }
    scene.intercept(BOB);
}

#[test]
fn what_cannot_be_handed_over_waits_in_order_and_holds_nobody_up() {
    let mut scene = scene();
    scene.intercept(BOB);
    scene.interception.away = true;
    passes(&mut scene, BOB, "m-1");
    passes(&mut scene, BOB, "m-2");
    scene.pass(Duration::from_secs(20));
    assert_eq!(scene.interception.pdus, []);
    scene.interception.away = false;
    scene.pass(Duration::from_secs(5));
    let ids: Vec<String> =
        scene.interception.events().iter().map(|event| event.call_id().unwrap().to_owned()).collect();
    assert_eq!(ids, ["m-1", "m-1", "m-1", "m-1", "m-2", "m-2", "m-2", "m-2"]);
    // The connection breaks, and another one is opened for what comes then.
    for connection in scene.interception.breaks() {
        let closed = io::Input::Closed { connection, how: Closing::Reset };
        scene.core.handle_input(scene.now, Input::Net(closed));
    }
    passes(&mut scene, BOB, "m-3");
    scene.pass(Duration::from_secs(5));
    assert_eq!(scene.interception.pdus.len(), 12);
}

#[test]
fn no_more_waits_than_may() {
    let mut scene = scene();
    scene = {
        let mut config = scene.config.clone();
        config.interception.as_mut().unwrap().max_buffered_octets = 1000;
        Scene::with(|own| *own = config)
    };
    scene.intercept(BOB);
    scene.interception.away = true;
    (0..10).for_each(|n| passes(&mut scene, BOB, &format!("m-{n}")));
    scene.interception.away = false;
    scene.pass(Duration::from_secs(10));
    let octets: usize = scene.interception.pdus.iter().map(|pdu| pdu.to_octets().len()).sum();
    assert!((1..=1000).contains(&octets), "{octets}");
    passes(&mut scene, BOB, "later");
    assert_eq!(scene.interception.events().last().unwrap().call_id(), Some("later"));
}

#[test]
fn a_mediation_function_that_talks_rubbish_is_left_and_one_that_asks_is_answered() {
    let mut scene = scene();
    scene.intercept(BOB);
    passes(&mut scene, BOB, "m-1");
    let says = |scene: &mut Scene, octets: Bytes| {
        let connection = scene.interception.breaks()[0];
        scene.interception.listens_again(connection);
        scene.core.handle_input(scene.now, Input::Net(io::Input::Received { connection, octets }));
        scene.run();
    };
    says(&mut scene, Pdu::keepalive(Kind::Keepalive, 7).to_octets());
    let answer = scene.interception.pdus.pop().unwrap();
    assert_eq!((answer.kind, answer.sequence_number()), (Kind::KeepaliveAck, Some(7)));
    says(&mut scene, Bytes::from_static(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    passes(&mut scene, BOB, "m-2");
    scene.pass(Duration::from_secs(5));
    assert_eq!(scene.interception.pdus.len(), 8);
}

/// What is handed over, and what Bob's side hears, of a message with a fault.
fn with_fault(id: &str) -> (Scene, usize) {
    let mut scene = faulty(Some(id));
    scene.intercept(BOB);
    scene.send(&message("sip:carol@example.com", "carol", true));
    scene.sip.clear();
    scene.send(&message(BOB, "m-1", true));
    scene.pass(Duration::from_millis(10));
    let onward = scene.sip.iter().filter(|one| one.is_request()).count();
    (scene, onward)
}

#[test]
fn faults_with_interception_do_what_they_are_for() {
    let (plain, onward) = with_fault("loses-intercepted-content");
    assert_eq!((plain.interception.events().len() > 1, onward), (true, 1));
    let (turned, _) = with_fault("turns-intercepted-directions-round");
    assert_eq!(turned.interception.pdus[0].direction, Direction::FromTarget);
    let (mixed, _) = with_fault("hands-over-another-user");
    assert_eq!(mixed.interception.events()[0].call_id(), Some("carol"));
    let (marked, _) = with_fault("marks-intercepted-legs");
    let onward = marked.sip.iter().find(|one| one.is_request()).unwrap();
    assert!(String::from_utf8_lossy(onward.octets()).contains("X-Monitored: 1"));
    let (asked, onward) = with_fault("asks-after-intercepted-users");
    assert!(asked.sip.iter().any(|one| one.method() == Method::Options && one.is_request()), "{onward}");
    let (_, onward) = with_fault("delays-intercepted-users");
    assert_eq!(onward, 0);
    let mut lost = faulty(Some("loses-intercepted-events"));
    lost.intercept(BOB);
    passes(&mut lost, BOB, "m-1");
    assert!(lost.interception.pdus.iter().all(|pdu| pdu.direction == Direction::ToTarget));
}

#[test]
fn faults_with_orders_do_what_they_are_for() {
    let mut scene = faulty(Some("obeys-anybody"));
    let (status, _) = scene.orders(&["other.example.com"], vec![destination(), task(TASK, BOB, Delivery::X2Only)]);
    assert_eq!(status, 200);
    passes(&mut scene, BOB, "m-1");
    assert_eq!(scene.interception.pdus.len(), 4);
    let mut scene = faulty(Some("intercepts-after-the-end"));
    scene.intercept(BOB);
    let (status, responses) = scene.orders(&[ADMINISTRATION], vec![Asked::DeactivateTask(TASK)]);
    assert_eq!((status, responses[0].request.as_deref()), (200, Some("DeactivateTask")));
    assert_eq!(responses[0].header.admf, ADMINISTRATION);
    passes(&mut scene, BOB, "m-1");
    assert_eq!(scene.interception.pdus.len(), 4);
}

#[test]
fn a_fault_reports_anew_what_is_delivered() {
    let content = |fault: Option<&str>| {
        let mut scene = faulty(fault);
        scene.intercept(BOB);
        let (bye, _) = calls(&mut scene);
        scene.say("alice", "m1", &said("m1"));
        scene.send(&bye);
        registers(&mut scene);
        scene.pass(Duration::from_secs(2));
        scene.interception.contents().len()
    };
    assert_eq!(content(None), 1);
    assert_eq!(content(Some("reports-deferred-content-twice")), 2);
}
