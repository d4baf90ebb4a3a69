//! Messages in pager mode.

use super::*;
use crate::scene::messages::{CONTACT, report};
use pretty_assertions::assert_eq;
use std::time::Duration;

fn sends(scene: &mut Scene, from: &str, to: &str, registered: bool) -> Message {
    let message = between(Method::Message, from, to, "m", registered).body("message/cpim", envelope("m")).build();
    scene.send(&message);
    message
}

/// The MESSAGE goes on by CPM, and is answered so.
fn refused_by_cpm(scene: &mut Scene, status: u16) {
    let onward = scene.request(Method::Message);
    assert!(!is_interworked(&onward));
    scene.answer(&onward, status, "", None);
}

#[test]
fn a_code_of_the_list_leads_to_the_interworking_function_on_either_side() {
    for (from, to) in [(BOB, ALICE), (ALICE, BOB)] {
        for status in [404, 405, 410, 414, 415, 416, 488, 606] {
            let mut scene = with_phone(|_| {});
            let sent = sends(&mut scene, from, to, true);
            refused_by_cpm(&mut scene, status);
            let request = interworked(&mut scene, &sent);
            assert_eq!((request.body(), request.header(&Name::ContentType)), (sent.body(), Some("message/cpim")));
            scene.answer(&request, 202, "", None);
            scene.response(Method::Message, 202);
        }
    }
}

#[test]
fn another_code_goes_back_and_so_does_every_one_without_an_interworking_function() {
    for status in [403, 486, 501, 603] {
        let mut scene = with_phone(|_| {});
        sends(&mut scene, BOB, ALICE, true);
        refused_by_cpm(&mut scene, status);
        not_interworked(&scene);
        scene.response(Method::Message, status);
    }
    let mut scene = Scene::new();
    sends(&mut scene, BOB, ALICE, true);
    refused_by_cpm(&mut scene, 404);
    scene.response(Method::Message, 404);
}

#[test]
fn the_codes_are_those_of_the_configuration() {
    let listed = |config: &mut Config| config.interworking.as_mut().unwrap().codes = vec![501];
    for (status, leads) in [(501, true), (404, false)] {
        let mut scene = with_phone(listed);
        sends(&mut scene, BOB, ALICE, true);
        refused_by_cpm(&mut scene, status);
        assert_eq!(scene.sip.iter().any(is_interworked), leads, "{status}");
    }
}

#[test]
fn one_final_code_goes_back_when_interworking_fails() {
    for (theirs, heard) in [(Some(403), 403), (Some(500), 415), (None, 415)] {
        let mut scene = with_phone(|_| {});
        let sent = sends(&mut scene, BOB, ALICE, true);
        refused_by_cpm(&mut scene, 415);
        let request = interworked(&mut scene, &sent);
        match theirs {
            Some(status) => drop(scene.answer(&request, status, "", None)),
            None => scene.pass(Duration::from_secs(6)),
        }
        scene.response(Method::Message, heard);
        let finals = scene.sip.iter().filter(|one| one.status().is_some_and(|status| status >= 200));
        assert_eq!(finals.count(), 0);
        not_interworked(&scene);
    }
}

#[test]
fn who_is_offline_is_deferred_for_or_interworked_with_as_configured() {
    use OfflinePrecedence::{Deferral, Interworking, Preference};
    for (precedence, first) in [(Preference, false), (Deferral, false), (Interworking, true)] {
        let mut scene = with_function(|config| config.offline_precedence = precedence);
        let sent = sends(&mut scene, ALICE, BOB, false);
        if first {
            let request = interworked(&mut scene, &sent);
            scene.answer(&request, 200, "", None);
            scene.response(Method::Message, 200);
        } else {
            not_interworked(&scene);
            scene.response(Method::Message, 202);
        }
        assert_eq!(scene.store.contents().deferred.len(), usize::from(!first), "{precedence:?}");
    }
}

#[test]
fn who_is_offline_is_interworked_with_where_nothing_is_stored() {
    let mut scene = with_function(storing_nothing);
    let sent = sends(&mut scene, ALICE, BOB, false);
    let request = interworked(&mut scene, &sent);
    scene.answer(&request, 404, "", None);
    scene.response(Method::Message, 404);
}

#[test]
fn what_interworking_does_not_take_is_deferred_where_it_went_first() {
    let mut scene = with_function(|config| config.offline_precedence = OfflinePrecedence::Interworking);
    let sent = sends(&mut scene, ALICE, BOB, false);
    let request = interworked(&mut scene, &sent);
    scene.answer(&request, 503, "", None);
    scene.response(Method::Message, 202);
    assert_eq!(scene.store.contents().deferred.len(), 1);
}

#[test]
fn the_document_of_the_recipient_puts_interworking_first() {
    let mut scene = with_document(INTERWORK);
    let sent = sends(&mut scene, ALICE, BOB, false);
    let request = interworked(&mut scene, &sent);
    scene.answer(&request, 200, "", None);
    scene.response(Method::Message, 200);
    // Who is online has it on the phone.
    let mut scene = with_document(INTERWORK);
    scene.register("reg-1");
    sends(&mut scene, ALICE, BOB, true);
    assert_eq!(scene.request(Method::Message).request_uri(), Some(CONTACT));
    // Who is not to be reached is as one who is offline.
    let mut scene = with_document(&format!("{INTERWORK}{UNAVAILABLE}"));
    scene.register("reg-1");
    let sent = sends(&mut scene, ALICE, BOB, true);
    interworked(&mut scene, &sent);
    let mut scene = with_document(UNAVAILABLE);
    scene.register("reg-1");
    sends(&mut scene, ALICE, BOB, true);
    not_interworked(&scene);
    scene.response(Method::Message, 202);
}

#[test]
fn notifications_are_not_interworked_and_those_about_interworking_come_through() {
    let mut scene = with_phone(|_| {});
    let about =
        between(Method::Message, BOB, ALICE, "r", true).body("message/cpim", report("bob", "alice", "m", "displayed"));
    scene.send(&about.build());
    refused_by_cpm(&mut scene, 404);
    not_interworked(&scene);
    scene.response(Method::Message, 404);
    let said = "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>m</message-id>\
                <datetime>2026-01-02T03:04:05Z</datetime><e:interworking-notification \
                xmlns:e=\"urn:oma:xml:cpm:imdn-extensions:1.0\"><e:status><e:legacy-sms/></e:status>\
                </e:interworking-notification></imdn>";
    let said = cpim::Builder::new("tel:+15550001", BOB).message_id("n").content("message/imdn+xml", said).build();
    let told = between(Method::Message, "tel:+15550001", BOB, "n", true).body("message/cpim", said.clone()).build();
    scene.send(&told);
    let onward = scene.request(Method::Message);
    assert_eq!((onward.request_uri(), onward.body()), (Some(CONTACT), &said[..]));
    scene.answer(&onward, 200, "", None);
    scene.response(Method::Message, 200);
}

#[test]
fn what_comes_from_the_interworking_function_is_a_message_like_others() {
    let mut scene = with_phone(|_| {});
    let sent = sends(&mut scene, "tel:+15550001", BOB, true);
    let onward = scene.request(Method::Message);
    assert_eq!((onward.request_uri(), onward.body()), (Some(CONTACT), sent.body()));
}
