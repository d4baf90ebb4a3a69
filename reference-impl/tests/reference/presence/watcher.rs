//! What is made of what users say of themselves.

use super::*;
use crate::scene::header;
use pretty_assertions::{assert_eq, assert_ne};
use std::time::Duration;

fn watcher() -> Scene {
    with(|conduct| conduct.source = false)
}

/// Bob's phone is registered, and the presence server tells of him.
fn watching() -> (Scene, (Message, Message)) {
    let mut scene = watcher();
    scene.register("reg-1");
    let dialog = subscribed(&mut scene);
    (scene, dialog)
}

#[test]
fn the_function_subscribes_to_the_presence_of_a_user_who_registers() {
    let mut scene = watcher();
    scene.register("reg-1");
    let subscribe = scene.request(Method::Subscribe);
    scene.none(Method::Publish);
    assert_eq!(subscribe.request_uri(), Some(BOB));
    for (name, value) in [
        (Name::Route, &*format!("<sip:{CSCF};lr;orig>")),
        (Name::Event, "presence"),
        (Name::Accept, "application/pidf+xml"),
        (Name::Expires, "3600"),
        (Name::PAssertedIdentity, &*format!("<{BOB}>")),
    ] {
        assert_eq!(header(&subscribe, name.clone()), value, "{name}");
    }
    scene.register_tablet("reg-2");
    scene.none(Method::Subscribe);
}

#[test]
fn who_is_closed_gets_messages_when_open_again() {
    let (mut scene, dialog) = watching();
    comes_at_once(&mut scene, "before");
    notify(&mut scene, &dialog, 1, &open(), 200);
    comes_at_once(&mut scene, "a");
    notify(&mut scene, &dialog, 2, &closed(), 200);
    waits(&mut scene, "b");
    scene.register("reg-2");
    scene.none(Method::Message);
    notify(&mut scene, &dialog, 3, &said(BOB, &[Basic::Closed, Basic::Open]), 200);
    arrives(&mut scene, "b");
    comes_at_once(&mut scene, "c");
}

#[test]
fn who_says_nothing_any_more_is_reached_as_registered() {
    let (mut scene, dialog) = watching();
    notify(&mut scene, &dialog, 1, &closed(), 200);
    waits(&mut scene, "a");
    notify(&mut scene, &dialog, 2, &said(BOB, &[]), 200);
    arrives(&mut scene, "a");
}

#[test]
fn the_function_stands_in_in_chats_of_who_is_closed() {
    let (mut scene, dialog) = watching();
    notify(&mut scene, &dialog, 1, &closed(), 200);
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, true);
    scene.send(&invite);
    scene.none(Method::Invite);
    scene.invitation_accepted("1", &invite);
    scene.focus_says("1", &["m1"]);
    scene.register("reg-2");
    scene.register_tablet("reg-3");
    scene.none(Method::Invite);
    notify(&mut scene, &dialog, 2, &open(), 200);
    let drained = scene.take("the drain", |one| one.method() == Method::Invite && one.is_request());
    assert!([CONTACT, TABLET].contains(&drained.request_uri().unwrap()));
}

#[test]
fn what_cannot_be_understood_changes_nothing() {
    let (mut scene, dialog) = watching();
    notify(&mut scene, &dialog, 1, &closed(), 200);
    let bomb = open().replacen("<presence", "<!DOCTYPE p [<!ENTITY a 'ha'>]><presence", 1);
    let other = said("sip:carol@example.com", &[Basic::Open]);
    for (cseq, body) in (3..).zip(["", "<presence", "\u{0}", &bomb, &other]) {
        notify(&mut scene, &dialog, cseq, body, 200);
    }
    notify_state(&mut scene, (&dialog.0, &dialog.1), 8, "active", ("text/plain", &open()));
    scene.response(Method::Notify, 200);
    // One that was overtaken.
    notify(&mut scene, &dialog, 2, &open(), 500);
    waits(&mut scene, "a");
    notify(&mut scene, &dialog, 9, &open(), 200);
    arrives(&mut scene, "a");
}

#[test]
fn a_flood_of_notifications_leaves_messages_alone() {
    let (mut scene, dialog) = watching();
    for cseq in 1..500 {
        let body = if cseq % 2 == 0 { open() } else { closed() };
        notify(&mut scene, &dialog, cseq, &body, 200);
    }
    notify(&mut scene, &dialog, 500, &open(), 200);
    comes_at_once(&mut scene, "a");
}

#[test]
fn a_refusal_or_silence_leaves_it_to_the_registration() {
    for status in [489, 403, 500, 0] {
        let mut scene = watcher();
        scene.register("reg-1");
        let subscribe = scene.request(Method::Subscribe);
        match status {
            0 => scene.pass(Duration::from_secs(33)),
            _ => drop(scene.answer(&subscribe, status, "", None)),
        }
        comes_at_once(&mut scene, "a");
        scene.register("reg-2");
        scene.none(Method::Subscribe);
        scene.send(&register("reg-3", INSTANCE, CONTACT, "", 0));
        scene.register("reg-4");
        let dialog = subscribed(&mut scene);
        notify(&mut scene, &dialog, 1, &closed(), 200);
        waits(&mut scene, "b");
    }
}

#[test]
fn a_subscription_that_ends_frees_what_waits_and_is_begun_again_unless_that_is_useless() {
    for (reason, again) in [("deactivated", true), ("probation;retry-after=90", true), ("rejected", false)] {
        let (mut scene, (subscribe, ok)) = watching();
        notify(&mut scene, &(subscribe.clone(), ok.clone()), 1, &closed(), 200);
        waits(&mut scene, "a");
        let state = format!("terminated;reason={reason}");
        notify_state(&mut scene, (&subscribe, &ok), 2, &state, (MEDIA_TYPE, &closed()));
        scene.response(Method::Notify, 200);
        arrives(&mut scene, "a");
        scene.none(Method::Subscribe);
        scene.pass(Duration::from_secs(100));
        match again {
            true => assert_ne!(scene.request(Method::Subscribe).call_id(), subscribe.call_id()),
            false => scene.none(Method::Subscribe),
        }
    }
}

#[test]
fn a_subscription_lasts_as_long_as_the_user_is_there() {
    let (mut scene, (subscribe, ok)) = watching();
    notify(&mut scene, &(subscribe.clone(), ok), 1, &closed(), 200);
    scene.pass(Duration::from_secs(3590));
    let refresh = scene.request(Method::Subscribe);
    assert_eq!((refresh.call_id(), refresh.to_tag().is_some()), (subscribe.call_id(), true));
    let ok = response(&refresh, 200, "", None).edit().set(Name::Expires, 3600).finish();
    scene.send(&ok);
    scene.sip.clear();
    scene.send(&register("reg-2", INSTANCE, CONTACT, "", 0));
    let last = scene.request(Method::Subscribe);
    assert_eq!((last.call_id(), header(&last, Name::Expires)), (subscribe.call_id(), "0"));
    // What was said then does not hold for who comes back.
    scene.sip.clear();
    scene.register("reg-3");
    comes_at_once(&mut scene, "a");
}
