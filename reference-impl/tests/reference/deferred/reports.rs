//! Disposition notifications outside sessions. [PF-MSG-03, L15, L26]

use super::*;
use crate::scene::header;
use cpm_reference::config::Reports;
use pretty_assertions::assert_eq;

/// A device of Bob's reports on a message of Alice's.
fn reports(scene: &mut Scene, contact: &str, call_id: &str, about: &str, status: &str) {
    let message = initial(Method::Message, ALICE, BOB, ALICE, call_id, "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{contact}>"))
        .header(Name::PAssertedIdentity, format!("<{BOB}>"))
        .body("message/cpim", report("bob", "alice", about, status));
    scene.send(&message.build());
}

/// Alice's side reports on a message of Bob's.
fn reported(scene: &mut Scene, call_id: &str, case: &str, about: &str) -> Message {
    let message = initial(Method::Message, BOB, ALICE, BOB, call_id, case)
        .header(Name::PAssertedIdentity, format!("<{ALICE}>"))
        .header(Name::ContentDisposition, "notification")
        .body("message/cpim", report("alice", "bob", about, "delivered"))
        .build();
    scene.send(&message);
    message
}

#[test]
fn a_report_for_who_is_away_waits_and_comes_as_it_was() {
    let mut scene = Scene::new();
    let sent = reported(&mut scene, "r1", ABSENT, "m0");
    scene.response(Method::Message, 202);
    scene.restart();
    scene.register("reg-1");
    let delivered = pushed_to(&mut scene, CONTACT);
    assert_eq!(delivered.body(), sent.body());
    assert_eq!(header(&delivered, Name::ContentDisposition), "notification");
    scene.accept(&delivered);
    scene.register("reg-2");
    scene.none(Method::Message);
}

#[test]
fn a_subscriber_is_not_told_of_reports_but_gets_them() {
    let mut scene = Scene::new();
    subscribe(&mut scene, CONTACT, INSTANCE, "sub-1", 600);
    assert!(!told(&mut scene, CONTACT).contains("<message"));
    reported(&mut scene, "r1", ABSENT, "m0");
    scene.response(Method::Message, 202);
    scene.register("reg-1");
    let delivered = pushed_to(&mut scene, CONTACT);
    scene.accept(&delivered);
}

#[test]
fn of_several_devices_each_kind_of_report_goes_on_once() {
    for (config, copies) in [(Reports::One, 1), (Reports::PerDevice, 2)] {
        let mut scene = Scene::with(|all| all.delivery.reports = config);
        for status in ["delivered", "displayed"] {
            for (n, contact) in [CONTACT, TABLET].into_iter().enumerate() {
                reports(&mut scene, contact, &format!("{status}-{n}"), "m1", status);
            }
            for _ in 0..copies {
                let onward = pushed_to(&mut scene, ALICE);
                assert_eq!(onward.body(), report("bob", "alice", "m1", status));
                scene.accept(&onward);
            }
            scene.none(Method::Message);
            scene.sip.clear();
        }
    }
}

#[test]
fn a_report_that_did_not_get_through_may_be_made_again() {
    let mut scene = Scene::new();
    reports(&mut scene, CONTACT, "r1", "m1", "delivered");
    let onward = pushed_to(&mut scene, ALICE);
    scene.answer(&onward, 503, "", None);
    reports(&mut scene, TABLET, "r2", "m1", "delivered");
    pushed_to(&mut scene, ALICE);
}

#[test]
fn a_foreign_report_and_a_gathering_are_passed_as_they_are() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sent = reported(&mut scene, "r1", PRESENT, "never-heard-of");
    let onward = pushed_to(&mut scene, CONTACT);
    assert_eq!(onward.body(), sent.body());
    scene.accept(&onward);
    let told = |id: &str| String::from_utf8(report("alice", "bob", id, "delivered").to_vec()).unwrap();
    let part = |id: &str| {
        let body = told(id).split("\r\n\r\n").last().unwrap().to_owned();
        format!("--b\r\nContent-Type: message/imdn+xml\r\n\r\n{body}\r\n")
    };
    let gathered = format!("{}{}--b--\r\n", part("m1"), part("m2"));
    let envelope = cpim::Builder::new(ALICE, BOB).content("multipart/mixed;boundary=b", gathered).build();
    let message = from_alice("r2", PRESENT).body("message/cpim", envelope.clone()).build();
    scene.send(&message);
    assert_eq!(pushed_to(&mut scene, CONTACT).body(), envelope);
}

#[test]
fn a_refused_message_fails_in_the_form_that_was_asked_for() {
    for (asked, told) in [(&["negative-delivery"][..], true), (&["positive-delivery"][..], false)] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        scene.send(&from_alice("m1", PRESENT).body("message/cpim", envelope("m1", asked)).build());
        let onward = pushed_to(&mut scene, CONTACT);
        scene.answer(&onward, 603, "", None);
        scene.response(Method::Message, 603);
        if told {
            let failed = pushed_to(&mut scene, ALICE);
            let text = String::from_utf8_lossy(failed.body()).into_owned();
            assert!(text.contains("<failed/>") && !text.contains("Disposition-Notification"), "{text}");
            scene.accept(&failed);
            // Whoever says now that it was delivered is not heard.
            reports(&mut scene, CONTACT, "r1", "m1", "delivered");
        }
        scene.none(Method::Message);
    }
}

#[test]
fn a_hostile_report_does_no_harm() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><imdn \
                xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>&b;</message-id></imdn>";
    let long = format!("<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\" x=\"{}\"/>", "x".repeat(1 << 20));
    let deep = format!("<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">{}", "<a>".repeat(10_000));
    for (n, body) in [bomb, &long, &deep, "rubbish"].into_iter().enumerate() {
        let envelope = cpim::Builder::new(BOB, ALICE).content("message/imdn+xml", body.to_owned()).build();
        let message = initial(Method::Message, ALICE, BOB, ALICE, &format!("h{n}"), "sescase=orig;regstate=reg");
        scene.send(&message.body("message/cpim", envelope).build());
    }
    scene.sip.clear();
    reports(&mut scene, CONTACT, "r1", "m1", "delivered");
    pushed_to(&mut scene, ALICE);
}

#[test]
fn a_report_is_not_given_up_because_a_device_is_busy() {
    let mut scene = Scene::new();
    let sent = reported(&mut scene, "r1", ABSENT, "m0");
    scene.response(Method::Message, 202);
    for (n, status) in [480, 486, 603, 415].into_iter().enumerate() {
        scene.register(&format!("reg-{n}"));
        let delivered = pushed_to(&mut scene, CONTACT);
        assert_eq!(delivered.body(), sent.body());
        scene.answer(&delivered, status, "", None);
    }
    // No device of this kind will ever take it.
    scene.register("reg-9");
    scene.none(Method::Message);
    assert_eq!(scene.store.contents().deferred.len(), 0);
}
