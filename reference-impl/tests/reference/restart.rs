//! The process is killed and starts again over its store, in virtual time. [CPM-CONV-058]

use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

/// The function stands in, has acknowledged two messages, and is killed and started again.
fn killed() -> (Scene, Vec<bytes::Bytes>, Message) {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    scene.restart();
    scene.ends.remove("focus-1");
    let invite = scene.request(Method::Invite);
    assert_eq!(invite.call_id(), Some("call-1"));
    assert_eq!(header(&invite, Name::Route), format!("<sip:{CSCF};lr>"));
    (scene, sent, invite)
}

#[test]
fn the_session_with_the_focus_goes_on_in_its_dialog() {
    let (mut scene, mut sent, invite) = killed();
    let sdp = scene.end("focus-1", "passive", "sendrecv");
    scene.answer(&invite, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp));
    scene.request(Method::Ack);
    scene.start("focus-1", &invite, false);
    scene.request(Method::Subscribe);
    sent.extend(scene.focus_says("1", &["m3"]));
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_focus_that_forgot_the_dialog_is_called_anew() {
    let (mut scene, sent, invite) = killed();
    scene.answer(&invite, 481, "", None);
    let join = scene.take("INVITE to the focus", |one| one.request_uri() == Some(FOCUS) && one.to_tag().is_none());
    let sdp = scene.end("focus-1", "passive", "sendrecv");
    scene.answer(&join, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp));
    scene.start("focus-1", &join, false);
    let more = scene.focus_says("1", &["m3"]);
    scene.register("reg-1");
    let drain = scene.take("a drain", |one| one.request_uri() == Some(CONTACT));
    let sdp = scene.end("phone", "active", "sendrecv");
    scene.answer_with(drain, "phone", sdp);
    assert_eq!(scene.heard("phone"), [sent, more].concat());
}

#[test]
fn a_focus_that_refuses_has_ended_the_chat() {
    let (mut scene, sent, invite) = killed();
    scene.answer(&invite, 481, "", None);
    let join = scene.take("INVITE to the focus", |one| one.request_uri() == Some(FOCUS) && one.to_tag().is_none());
    scene.answer(&join, 404, "", None);
    scene.register("reg-1");
    let drain = scene.take("a drain", |one| one.request_uri() == Some(CONTACT));
    assert_eq!(crate::scene::media(&drain).direction, cpm_wire::sdp::Direction::SendOnly);
    let sdp = scene.end("phone", "active", "recvonly");
    scene.answer_with(drain, "phone", sdp);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_silent_focus_does_not_keep_the_user_from_what_is_stored() {
    let (mut scene, sent, _) = killed();
    scene.pass(Duration::from_secs(1));
    scene.register("reg-1");
    let drain = scene.take("a drain", |one| one.request_uri() == Some(CONTACT));
    let sdp = scene.end("phone", "active", "sendrecv");
    scene.answer_with(drain, "phone", sdp);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn what_a_device_has_it_does_not_get_again_after_a_restart() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    scene.restart();
    scene.register("reg-2");
    scene.none(Method::Invite);
}

#[test]
fn registrations_outlive_a_restart() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.restart();
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    scene.send(&invitation("1", "call-1", &sdp, true));
    assert_eq!(scene.request(Method::Invite).request_uri(), Some(CONTACT));
}

#[test]
fn a_device_that_rejoins_while_the_session_is_taken_up_again_gets_what_it_missed() {
    for late in [false, true] {
        let mut scene = Scene::new();
        scene.stand_in("1");
        let sent = scene.focus_says("1", &["m1", "m2"]);
        scene.restart();
        let resumed = scene.request(Method::Invite);
        let sdp = scene.end("focus-2", "passive", "sendrecv");
        if !late {
            scene.answer(&resumed, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp.clone()));
        }
        let rejoin = scene.device_calls(FOCUS, "rejoin-1", "phone", None);
        if late {
            scene.answer(&resumed, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp));
        }
        scene.start("focus-2", &resumed, false);
        scene.device_let_in("phone", &rejoin);
        assert_eq!(scene.heard("phone"), sent);
    }
}
