//! How a session comes to be: provisional answers, withdrawals, forks, what is refused.

use super::{ALICE, call};
use crate::pair::*;
use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_reference::config::MissingIds;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::{assert_eq, assert_ne};
use std::time::Duration;

fn ring(onward: &Message, status: u16, reliable: Option<u32>, sdp: Option<String>) -> Message {
    let response = response(onward, status, &format!("<{CONTACT}>"), sdp);
    let edit = response.edit().append(Name::Other("X-Ring".into()), format!("ring {status}"));
    match reliable {
        Some(rseq) => edit.append(Name::Require, "100rel").append(Name::RSeq, rseq).finish(),
        None => edit.finish(),
    }
}

fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene
}

#[test]
fn every_provisional_answer_goes_back_and_plain_ones_stay_plain() {
    let mut scene = scene();
    let (invite, onward) = ringing(&mut scene, "1", |invite| invite.header(Name::Supported, "100rel"));
    assert_eq!(header(&onward, Name::Supported), "100rel, timer");
    for status in [183, 180, 199] {
        scene.send(&ring(&onward, status, None, None));
        let back = scene.response(Method::Invite, status);
        assert_eq!(back.header(&Name::Other("X-Ring".into())), Some(format!("ring {status}").as_str()));
        assert_eq!((back.header(&Name::Require), back.call_id()), (None, invite.call_id()));
        assert_eq!(header(&back, Name::Contact), format!("<sip:{TARGET}>"));
    }
    scene.none(Method::Prack);
}

#[test]
fn a_reliable_provisional_answer_is_acknowledged_on_each_leg_by_itself() {
    let mut scene = scene();
    let call = ringing(&mut scene, "1", |invite| invite.header(Name::Supported, "100rel"));
    scene.send(&ring(&call.1, 180, Some(7), None));
    let prack = scene.request(Method::Prack);
    assert_eq!((header(&prack, Name::RAck), prack.call_id()), ("7 1 INVITE", call.1.call_id()));
    assert_eq!(header(&prack, Name::CSeq), "2 PRACK");
    scene.accept(&prack);
    let back = scene.response(Method::Invite, 180);
    assert_eq!((header(&back, Name::Require), header(&back, Name::RSeq)), ("100rel", "1"));

    // It came once more: nothing new. One before its turn is not taken.
    scene.send(&ring(&call.1, 180, Some(7), None));
    scene.send(&ring(&call.1, 183, Some(9), None));
    scene.none(Method::Prack);
    // The caller has not acknowledged: it comes again, each time later.
    scene.pass(Duration::from_millis(1600));
    scene.response(Method::Invite, 180);
    scene.response(Method::Invite, 180);
    // A second one waits for the PRACK of the first.
    scene.send(&ring(&call.1, 183, Some(8), None));
    let prack = scene.request(Method::Prack);
    scene.accept(&prack);
    assert!(!scene.sip.iter().any(|one| one.status() == Some(183)));
    let acknowledge =
        |rack: &str, cseq| in_dialog(Method::Prack, &call.0, &back, cseq).header(Name::RAck, rack).build();
    scene.send(&acknowledge("5 1 INVITE", 2));
    scene.response(Method::Prack, 481);
    scene.send(&acknowledge("1 1 INVITE", 3));
    scene.response(Method::Prack, 200);
    assert_eq!(header(&scene.response(Method::Invite, 183), Name::RSeq), "2");
    scene.send(&acknowledge("2 1 INVITE", 4));
    scene.response(Method::Prack, 200);
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.starts(), Vec::<String>::new());

    let answer = accepting(&scene, "1", &call.1);
    let pair = picked_up(&mut scene, "1", call, answer);
    pair.is_usable(&mut scene, "caller-1", "callee-1", "m");
    scene.send(&pair.by_caller(Method::Bye, 5).build());
    let bye = scene.request(Method::Bye);
    assert_eq!(header(&bye, Name::CSeq), "4 BYE");
}

#[test]
fn an_unacknowledged_provisional_answer_ends_the_call() {
    let mut scene = Scene::with(|config| config.no_answer = Duration::from_secs(90));
    scene.register("reg-1");
    let (_, onward) = ringing(&mut scene, "1", |invite| invite.header(Name::Require, "100rel"));
    assert_eq!(onward.header(&Name::Require), None);
    scene.send(&ring(&onward, 180, None, None));
    assert_eq!(header(&scene.response(Method::Invite, 180), Name::RSeq), "1");
    scene.pass(Duration::from_secs(33));
    scene.response(Method::Invite, 504);
    scene.request(Method::Cancel);
}

#[test]
fn a_caller_without_the_extension_hears_plain_answers_and_an_early_answer_counts() {
    let mut scene = scene();
    let call = ringing(&mut scene, "1", |invite| invite);
    let sdp = scene.end("callee-1", "passive", "sendrecv");
    scene.send(&ring(&call.1, 183, Some(1), Some(sdp)));
    let prack = scene.request(Method::Prack);
    scene.accept(&prack);
    let back = scene.response(Method::Invite, 183);
    assert_eq!((back.header(&Name::Require), back.header(&Name::RSeq)), (None, None));
    assert!(back.body().is_empty());
    // The 2xx need not repeat the answer.
    let answer = response(&call.1, 200, &format!("<{CONTACT}>"), None);
    let pair = picked_up(&mut scene, "1", call, answer);
    pair.is_usable(&mut scene, "caller-1", "callee-1", "m");
}

#[test]
fn a_withdrawn_call_is_cancelled_once_it_may_be() {
    let mut scene = scene();
    let (invite, onward) = ringing(&mut scene, "1", |invite| invite);
    let reason = "SIP;cause=200;text=\"Call completed elsewhere\"";
    let cancel = initial(Method::Cancel, BOB, ALICE, BOB, "1", "")
        .build()
        .edit()
        .remove(&Name::PServedUser)
        .set(Name::Via, header(&invite, Name::Via))
        .append(Name::Reason, reason)
        .finish();
    scene.send(&cancel);
    let confirmed = scene.response(Method::Cancel, 200);
    let terminated = scene.response(Method::Invite, 487);
    assert_eq!(confirmed.to_tag(), terminated.to_tag());
    scene.none(Method::Cancel);
    scene.send(&ring(&onward, 180, None, None));
    assert_eq!(header(&scene.request(Method::Cancel), Name::Reason), reason);
    // The answer crosses the CANCEL.
    let answer = accepting(&scene, "1", &onward);
    scene.send(&answer);
    scene.request(Method::Ack);
    let bye = scene.request(Method::Bye);
    assert_eq!((bye.call_id(), bye.to_tag()), (onward.call_id(), answer.to_tag()));
}

#[test]
fn a_fork_that_answers_late_is_ended() {
    let mut scene = scene();
    let pair = up(&mut scene, "1");
    let second = pair.answer.edit().set(Name::To, format!("<{BOB}>;tag=second")).finish();
    scene.send(&second);
    assert_eq!(scene.request(Method::Ack).to_tag(), Some("second"));
    let bye = scene.request(Method::Bye);
    assert_eq!(bye.to_tag(), Some("second"));
    scene.accept(&bye);
    scene.send(&pair.by_caller(Method::Bye, 2).build());
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    // The session is over; a third branch answers.
    let third = pair.answer.edit().set(Name::To, format!("<{BOB}>;tag=third")).finish();
    scene.send(&third);
    assert_eq!(scene.request(Method::Ack).to_tag(), Some("third"));
    assert_eq!(scene.request(Method::Bye).to_tag(), Some("third"));
}

#[test]
fn a_bye_before_the_answer_withdraws_the_call() {
    let mut scene = scene();
    let (invite, onward) = ringing(&mut scene, "1", |invite| invite);
    scene.send(&ring(&onward, 180, None, None));
    let early = scene.response(Method::Invite, 180);
    // Within the early dialog nothing can be changed yet.
    let sdp = scene.end("caller-1", "actpass", "sendonly");
    scene.send(&in_dialog(Method::Update, &invite, &early, 2).body("application/sdp", sdp).build());
    assert!(scene.response(Method::Update, 500).seconds(&Name::RetryAfter).unwrap() <= 10);
    scene.send(&in_dialog(Method::Update, &invite, &early, 3).build());
    scene.response(Method::Update, 200);
    scene.send(&in_dialog(Method::Bye, &invite, &early, 4).build());
    scene.response(Method::Bye, 200);
    scene.response(Method::Invite, 487);
    scene.request(Method::Cancel);
}

#[test]
fn what_cannot_be_served_is_refused_as_the_rfc_says_and_the_next_call_is_served() {
    let mut scene = scene();
    for (name, value, status) in [
        (Name::Require, "100rel, x-of-nobody", 420),
        (Name::ProxyRequire, "x-of-nobody", 420),
        (Name::MaxForwards, "0", 483),
        (Name::To, "<sip:bob@example.com>;tag=nobody", 481),
        (Name::ContributionId, "", 400),
        (Name::ContentType, "application/pidf+xml", 415),
    ] {
        let invite = chat(&scene, &format!("{status}{name}"), false).build();
        scene.send(&invite.edit().set(name.clone(), value).finish());
        let refusal = scene.response(Method::Invite, status);
        assert_eq!(refusal.header(&Name::Unsupported), (status == 420).then_some("x-of-nobody"));
        scene.none(Method::Invite);
    }
    let broken = chat(&scene, "broken", false).body("application/sdp", "this is none\r\n").build();
    scene.send(&broken);
    scene.response(Method::Invite, 488);
    up(&mut scene, "good").is_usable(&mut scene, "caller-good", "callee-good", "m");
}

#[test]
fn missing_identifiers_are_made_or_left_out_where_that_is_the_policy() {
    for policy in [MissingIds::Insert, MissingIds::PassOn] {
        let mut scene = Scene::with(|config| config.missing_ids = policy);
        scene.register("reg-1");
        let invite = chat(&scene, "1", false).build();
        let invite = invite.edit().remove(&Name::ContributionId).remove(&Name::ConversationId).finish();
        scene.send(&invite);
        let onward = onward(&mut scene);
        let made = [Name::ContributionId, Name::ConversationId].map(|name| onward.header(&name).map(str::len));
        assert_eq!(made, if policy == MissingIds::Insert { [Some(32); 2] } else { [None; 2] });
    }
}

#[test]
fn a_call_that_comes_twice_is_one_call() {
    let mut scene = scene();
    let (invite, onward) = ringing(&mut scene, "1", |invite| invite);
    scene.send(&invite);
    scene.none(Method::Invite);
    let second_way = invite.edit().set(Name::Via, format!("SIP/2.0/UDP {CSCF};branch=z9hG4bK-other")).finish();
    scene.send(&second_way);
    scene.response(Method::Invite, 482);
    scene.none(Method::Invite);
    let answer = accepting(&scene, "1", &onward);
    picked_up(&mut scene, "1", (invite, onward), answer);
}

/// The serving CSCF has this request served once more, for this user and case.
fn back(scene: &mut Scene, request: &Message, user: &str, case: &str) {
    let via = format!("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-back-{}", request.call_id().unwrap_or_default());
    let route = request.header(&Name::Route).unwrap_or_default().to_owned();
    let returned = request.edit().set(Name::Route, format!("<sip:{TARGET};lr>, {route}"));
    let returned = returned.set(Name::PServedUser, format!("<{user}>;{case}"));
    scene.send(&returned.prepend(Name::Via, via).finish());
}

#[test]
fn who_calls_somebody_of_the_same_home_is_served_and_so_is_who_is_called() {
    let mut scene = scene();
    call(&mut scene, true);
    let onward = scene.request(Method::Invite);
    back(&mut scene, &onward, ALICE, "sescase=term;regstate=reg");
    let for_alice = scene.request(Method::Invite);
    assert_ne!(for_alice.call_id(), onward.call_id(), "a session of hers");
    // What comes back for the same user is no other session.
    back(&mut scene, &for_alice, ALICE, "sescase=term;regstate=reg");
    let passed = scene.request(Method::Invite);
    assert_eq!(passed.call_id(), for_alice.call_id());
}

#[test]
fn an_answer_that_crosses_the_cancel_is_ended_by_a_bye_that_counts_on() {
    let mut scene = Scene::with(|config| config.no_answer = Duration::from_secs(5));
    scene.register("reg-1");
    let (_, onward) = ringing(&mut scene, "1", |invite| invite.header(Name::Supported, "100rel"));
    scene.send(&ring(&onward, 180, Some(1), None));
    let prack = scene.request(Method::Prack);
    assert_eq!(header(&prack, Name::CSeq), "2 PRACK");
    scene.accept(&prack);
    scene.pass(Duration::from_secs(6));
    scene.request(Method::Cancel);
    let answer = accepting(&scene, "1", &onward);
    scene.send(&answer);
    scene.request(Method::Ack);
    assert_eq!(header(&scene.request(Method::Bye), Name::CSeq), "3 BYE");
}
