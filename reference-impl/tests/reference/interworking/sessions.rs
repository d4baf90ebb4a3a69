//! Large messages, and chats of two.

use super::*;
use crate::scene::messages::in_dialog;
use pretty_assertions::assert_eq;
use std::time::Duration;

const LARGE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg";
const CHAT: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session";

/// The caller's end is `sender`.
fn calls(scene: &mut Scene, service: &str, from: &str, to: &str, registered: bool) -> Message {
    let direction = if service == LARGE { "sendonly" } else { "sendrecv" };
    let invite = between(Method::Invite, from, to, "c", registered)
        .header(Name::PAssertedService, service)
        .header(Name::Contact, "<sip:caller@192.0.2.1>")
        .body("application/sdp", scene.end("sender", "actpass", direction))
        .build();
    scene.send(&invite);
    invite
}

fn refused_by_cpm(scene: &mut Scene, status: u16) {
    let onward = scene.request(Method::Invite);
    assert!(!is_interworked(&onward));
    scene.answer(&onward, status, "", None);
    scene.request(Method::Ack);
}

/// The interworking function answers, and one message goes through.
fn carries(scene: &mut Scene, sent: &Message, request: &Message) {
    let sdp = scene.end("iwf", "passive", "recvonly");
    scene.answer(request, 200, "<sip:iwf@192.0.2.9>", Some(sdp));
    scene.request(Method::Ack);
    scene.start("iwf", request, false);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, sent, &ok, 1).build());
    scene.start("sender", &ok, false);
    let message = envelope("m");
    scene.say("sender", "m", &message);
    assert_eq!((scene.status_of("sender", "m"), scene.heard("iwf")), (Some(200), &[message][..]));
    scene.send(&in_dialog(Method::Bye, sent, &ok, 2).build());
    scene.response(Method::Bye, 200);
    scene.request(Method::Bye);
}

#[test]
fn a_code_of_the_list_leads_to_the_interworking_function_on_either_side() {
    for service in [LARGE, CHAT] {
        for (from, to) in [(BOB, ALICE), (ALICE, BOB)] {
            for status in [404, 410, 415, 488, 606] {
                let mut scene = with_phone(|_| {});
                let sent = calls(&mut scene, service, from, to, true);
                refused_by_cpm(&mut scene, status);
                let request = interworked(&mut scene, &sent);
                carries(&mut scene, &sent, &request);
            }
        }
    }
}

#[test]
fn another_code_goes_back() {
    for (from, to) in [(BOB, ALICE), (ALICE, BOB)] {
        for status in [403, 486, 603] {
            let mut scene = with_phone(|_| {});
            calls(&mut scene, CHAT, from, to, true);
            refused_by_cpm(&mut scene, status);
            not_interworked(&scene);
            scene.response(Method::Invite, status);
        }
    }
}

#[test]
fn one_final_code_goes_back_when_interworking_fails() {
    for (theirs, heard) in [(Some(403), 403), (Some(503), 415), (None, 415)] {
        let mut scene = with_phone(|_| {});
        let sent = calls(&mut scene, LARGE, BOB, ALICE, true);
        refused_by_cpm(&mut scene, 415);
        let request = interworked(&mut scene, &sent);
        match theirs {
            Some(status) => drop(scene.answer(&request, status, "", None)),
            None => scene.pass(Duration::from_secs(6)),
        }
        scene.response(Method::Invite, heard);
        not_interworked(&scene);
    }
}

#[test]
fn who_is_offline_is_deferred_for_or_interworked_with_as_configured() {
    use OfflinePrecedence::{Deferral, Interworking};
    for service in [LARGE, CHAT] {
        for (precedence, taken) in [(Deferral, false), (Interworking, true), (Interworking, false)] {
            let mut scene = with_function(|config| config.offline_precedence = precedence);
            let sent = calls(&mut scene, service, ALICE, BOB, false);
            if precedence == Interworking {
                let request = interworked(&mut scene, &sent);
                if taken {
                    carries(&mut scene, &sent, &request);
                    continue;
                }
                scene.answer(&request, 503, "", None);
                scene.request(Method::Ack);
            }
            not_interworked(&scene);
            // The function takes the content, and defers it.
            let ok = scene.response(Method::Invite, 200);
            scene.send(&in_dialog(Method::Ack, &sent, &ok, 1).build());
            scene.start("sender", &ok, false);
            scene.say("sender", "m", &envelope("m"));
            assert_eq!(scene.status_of("sender", "m"), Some(200), "{service} {precedence:?}");
        }
    }
}

#[test]
fn who_is_offline_is_interworked_with_where_nothing_is_stored() {
    let mut scene = with_function(storing_nothing);
    let sent = calls(&mut scene, LARGE, ALICE, BOB, false);
    let request = interworked(&mut scene, &sent);
    carries(&mut scene, &sent, &request);
}

#[test]
fn a_device_that_registers_meanwhile_is_not_called() {
    let mut scene = with_function(|config| config.offline_precedence = OfflinePrecedence::Interworking);
    let sent = calls(&mut scene, LARGE, ALICE, BOB, false);
    let request = interworked(&mut scene, &sent);
    scene.register("reg-1");
    scene.none(Method::Invite);
    carries(&mut scene, &sent, &request);
}
