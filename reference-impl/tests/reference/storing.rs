//! What is stored for a user who does not take part, in virtual time. [CPM-CONV-058]

use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_reference::config::{Absence, Policy, PolicyOfUsers};
use cpm_wire::sip::{Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

fn with_policy(policy: Policy) -> Scene {
    Scene::with(|config| {
        config.policies.insert("special".to_owned(), policy);
        config.users.push(PolicyOfUsers { prefix: "sip:bob@".to_owned(), policy: "special".to_owned() });
    })
}

#[test]
fn nothing_is_acknowledged_before_it_is_on_the_disk() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.hold_disk = true;
    scene.say("focus-1", "f1", &message("alice", "m1", "one"));
    assert_eq!(scene.status_of("focus-1", "f1"), None);
    scene.release_disk();
    assert_eq!(scene.status_of("focus-1", "f1"), Some(200));
    assert_eq!(scene.store.contents().items.len(), 1);
}

#[test]
fn the_invitation_is_accepted_when_the_chat_is_on_the_disk() {
    let mut scene = Scene::new();
    scene.hold_disk = true;
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    scene.send(&invitation("1", "call-1", &sdp, false));
    assert_eq!(scene.starts(), Vec::<String>::new());
    scene.release_disk();
    scene.response(Method::Invite, 200);
    assert_eq!(scene.store.contents().chats.len(), 1);
}

#[test]
fn a_device_that_never_answers_is_stood_in_for() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, true);
    scene.send(&invite);
    let to_phone = scene.request(Method::Invite);
    assert_eq!(to_phone.request_uri(), Some(CONTACT));
    assert_eq!(header(&to_phone, Name::Route), format!("<sip:odi-call-1@{CSCF};lr>"));
    scene.answer(&to_phone, 180, "", None);
    scene.response(Method::Invite, 180);

    scene.pass(Duration::from_secs(6));
    let cancel = scene.request(Method::Cancel);
    scene.accept(&cancel);
    scene.invitation_accepted("1", &invite);
    let sent = scene.focus_says("1", &["m1"]);

    // The phone's 200 crossed the CANCEL: its session is ended at once.
    let late = scene.end("late", "active", "sendrecv");
    scene.answer(&to_phone, 200, &format!("<{CONTACT}>"), Some(late));
    scene.request(Method::Ack);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);

    scene.register("reg-2");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn an_unavailable_device_is_stood_in_for_and_a_busy_one_is_not() {
    for (status, stands_in) in [(480, true), (408, true), (404, true), (486, false), (603, false)] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        let sdp = scene.end("focus-1", "actpass", "sendrecv");
        scene.send(&invitation("1", "call-1", &sdp, true));
        let to_phone = scene.request(Method::Invite);
        scene.answer(&to_phone, status, "", None);
        scene.request(Method::Ack);
        let answered = if stands_in { 200 } else { status };
        scene.response(Method::Invite, answered);
        assert_eq!(scene.store.contents().chats.len(), usize::from(stands_in), "{status}");
    }
}

#[test]
fn without_storing_an_absent_user_is_unavailable() {
    let mut scene = with_policy(Policy { store: false, ..Policy::default() });
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    scene.send(&invitation("1", "call-1", &sdp, false));
    scene.response(Method::Invite, 480);
    scene.register("reg-1");
    scene.none(Method::Invite);
    assert_eq!(scene.store.contents().chats.len(), 0);
}

#[test]
fn a_quota_refuses_what_is_too_much() {
    let mut scene = with_policy(Policy { quota: Some(2), ..Policy::default() });
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    scene.say("focus-1", "f3", &message("alice", "m3", "three"));
    assert_eq!(scene.status_of("focus-1", "f3"), Some(413));
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_message_over_the_size_is_refused() {
    let mut scene = with_policy(Policy { max_message_octets: Some(1000), ..Policy::default() });
    let (_, ok) = scene.stand_in("1");
    assert_eq!(crate::scene::media(&ok).max_size, Some(1000));
    scene.say("focus-1", "f1", &message("alice", "m1", &"x".repeat(2000)));
    assert_eq!(scene.status_of("focus-1", "f1"), Some(413));
    scene.focus_says("1", &["m2"]);
}

#[test]
fn types_that_are_not_taken_are_refused_and_transient_ones_are_not_kept() {
    let refused_types = vec!["image/jpeg".to_owned()];
    let mut scene = with_policy(Policy { refused_types, ..Policy::default() });
    scene.stand_in("1");
    let mut sent = scene.focus_says("1", &["m1"]);
    let bare = bytes::Bytes::from_static(b"no envelope");
    let composing = bytes::Bytes::from_static(b"<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'/>");
    let image = cpm_wire::cpim::Builder::new("sip:alice@example.com", FOCUS).content("image/jpeg", "JFIF").build();
    let wrapped = cpm_wire::cpim::Builder::new("sip:alice@example.com", FOCUS)
        .content("application/im-iscomposing+xml", composing.clone())
        .build();
    for (id, content_type, octets, status) in [
        ("f1", "text/plain", &bare, 415),
        ("f2", "message/cpim", &bare, 400),
        ("f3", "application/octet-stream", &bare, 415),
        ("f4", "application/im-iscomposing+xml", &composing, 200),
        ("f5", "message/cpim", &wrapped, 200),
        ("f6", "message/cpim", &image, 415),
    ] {
        scene.say_as("focus-1", id, content_type, octets, None);
        assert_eq!(scene.status_of("focus-1", id), Some(status), "{id}");
    }
    sent.extend(scene.focus_says("1", &["m2"]));
    assert_eq!(scene.store.contents().items.len(), 2);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn chunks_of_several_messages_are_put_together() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let long = message("alice", "m1", &"abcdefghij".repeat(500));
    let other = message("carol", "m2", &"0123456789".repeat(300));
    scene.say_as("focus-1", "f1", "message/cpim", &long, Some(700));
    scene.say_as("focus-1", "f2", "message/cpim", &other, Some(900));
    assert_eq!(scene.status_of("focus-1", "f1"), Some(200));
    assert_eq!(scene.status_of("focus-1", "f2"), Some(200));
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), [long, other]);
}

#[test]
fn a_message_that_outlives_its_retention_is_reported_as_failed() {
    let mut scene = with_policy(Policy { retention: Some(Duration::from_secs(10)), ..Policy::default() });
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.pass(Duration::from_secs(6));
    let young = scene.focus_says("1", &["m2"]);
    scene.pass(Duration::from_secs(6));
    let failed = scene.heard("focus-1").last().cloned().expect("a notification");
    let text = String::from_utf8(failed.to_vec()).unwrap();
    assert!(text.contains("<message-id>m1</message-id>") && text.contains("<failed/>"), "{text}");
    assert!(text.starts_with("From: <sip:bob@example.com>\r\nTo: <sip:alice@example.com>\r\n"), "{text}");
    assert!(text.contains("<recipient-uri>sip:bob@example.com</recipient-uri>"), "{text}");
    assert!(text.contains(&format!("<original-recipient-uri>{FOCUS}</original-recipient-uri>")), "{text}");
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), young);
    assert_eq!(scene.heard("focus-1").len(), 1);
}

#[test]
fn an_invitation_without_the_names_of_its_chat_is_refused() {
    let mut scene = Scene::new();
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    for name in [Name::ContributionId, Name::ConversationId] {
        let invite = invitation("1", &format!("call-{name}"), &sdp, false).edit().remove(&name).finish();
        scene.send(&invite);
        scene.response(Method::Invite, 400);
    }
}

#[test]
fn when_the_focus_gives_up_first_the_function_joins_by_itself() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, true);
    scene.send(&invite);
    let to_phone = scene.request(Method::Invite);
    scene.answer(&to_phone, 180, "", None);
    let ringing = scene.response(Method::Invite, 180);
    let via = header(&invite, Name::Via).to_owned();
    let cancel = in_dialog(Method::Cancel, &invite, &ringing, 1).build();
    let cancel = cancel.edit().set(Name::Via, via).set(Name::To, format!("<{BOB}>")).set_request_uri(BOB).finish();
    scene.send(&cancel);
    scene.response(Method::Cancel, 200);
    scene.response(Method::Invite, 487);
    scene.request(Method::Cancel);
    let join = scene.take("INVITE to the focus", |one| one.request_uri() == Some(FOCUS));
    assert!(header(&join, Name::PServedUser).contains("sescase=orig"));
    assert_eq!(header(&join, Name::ContributionId), "contribution-1");
    let sdp = scene.end("focus-1", "passive", "sendrecv");
    scene.answer(&join, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp));
    scene.start("focus-1", &join, false);
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-2");
    let drain = scene.take("a drain", |one| one.request_uri() == Some(CONTACT) && one.method() == Method::Invite);
    let sdp = scene.end("phone", "active", "sendrecv");
    scene.answer_with(drain, "phone", sdp);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn what_the_function_does_not_stand_in_upon_goes_back_to_the_focus() {
    let mut offline = Scene::with(|config| config.stand_in_on = vec![Absence::NoAnswer]);
    let sdp = offline.end("focus-1", "actpass", "sendrecv");
    offline.send(&invitation("1", "call-1", &sdp, false));
    offline.response(Method::Invite, 480);

    let mut ringing = Scene::with(|config| config.stand_in_on = vec![Absence::Offline]);
    ringing.register("reg-1");
    let sdp = ringing.end("focus-1", "actpass", "sendrecv");
    ringing.send(&invitation("1", "call-1", &sdp, true));
    let to_phone = ringing.request(Method::Invite);
    ringing.answer(&to_phone, 180, "", None);
    ringing.response(Method::Invite, 180);
    ringing.pass(Duration::from_secs(6));
    let cancel = ringing.request(Method::Cancel);
    ringing.accept(&cancel);
    ringing.response(Method::Invite, 480);
    for scene in [&offline, &ringing] {
        assert_eq!(scene.store.contents().chats.len(), 0);
    }
}

#[test]
fn each_refusal_of_a_device_is_stood_in_upon_as_configured_or_passed_on() {
    for (status, absence) in [(486, Absence::Busy), (480, Absence::Unavailable), (408, Absence::Timeout)] {
        for stands_in in [true, false] {
            let mut scene = Scene::with(|config| {
                config.stand_in_on = if stands_in { vec![absence] } else { vec![Absence::Offline, Absence::NoAnswer] };
            });
            scene.register("reg-1");
            let sdp = scene.end("focus-1", "actpass", "sendrecv");
            scene.send(&invitation("1", "call-1", &sdp, true));
            let to_phone = scene.request(Method::Invite);
            scene.answer(&to_phone, status, "", None);
            scene.response(Method::Invite, if stands_in { 200 } else { status });
            assert_eq!(scene.store.contents().chats.len(), usize::from(stands_in), "{status}");
        }
    }
}
