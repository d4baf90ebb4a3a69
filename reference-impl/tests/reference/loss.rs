//! A user who loses the connection, leaves, or is out of reach: what counts as missed, in virtual time.
//! [CPM-CONV-058, CPM-CONV-058a]

use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_wire::io::Closing;
use cpm_wire::sip::{Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn after_a_reset_the_rest_is_stored_and_drained_at_the_next_registration() {
    for how in [Closing::Reset, Closing::Finished] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        scene.join("1");
        let seen = scene.focus_says("1", &["m1"]);
        assert_eq!(scene.heard("phone"), seen);
        scene.drop_connection("phone", how);
        let missed = scene.focus_says("1", &["m2", "m3"]);
        scene.pass(Duration::from_secs(60));
        let bye = scene.request(Method::Bye);
        assert!(header(&bye, Name::Reason).contains("cause=480"));
        assert!(bye.call_id() != Some("call-1"), "the focus keeps its leg");
        scene.none(Method::Bye);
        scene.none(Method::Invite);
        scene.register("reg-2");
        scene.answer_drain("again", "sendrecv");
        assert_eq!(scene.heard("again"), missed);
    }
}

#[test]
fn after_deregistration_the_rest_is_stored() {
    for body in [true, false] {
        let mut scene = Scene::new();
        scene.register("reg-1");
        scene.join("1");
        let gone = match body {
            true => register("reg-2", INSTANCE, CONTACT, "", 0),
            false => register_of("reg-2", 0).build(),
        };
        scene.send(&gone);
        scene.response(Method::Register, 200);
        let missed = scene.focus_says("1", &["m2", "m3"]);
        scene.pass(Duration::from_secs(60));
        scene.none(Method::Bye);
        scene.register("reg-3");
        scene.answer_drain("again", "sendrecv");
        assert_eq!(scene.heard("again"), missed);
    }
}

#[test]
fn a_deaf_device_counts_as_absent_after_the_time_of_rfc_4975() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.join("1");
    scene.ends.get_mut("phone").unwrap().status = None;
    let missed = scene.focus_says("1", &["m2", "m3"]);
    assert_eq!(scene.heard("phone").len(), 1);
    scene.pass(Duration::from_secs(31));
    let more = scene.focus_says("1", &["m4"]);
    scene.register("reg-2");
    scene.answer_drain("again", "sendrecv");
    assert_eq!(scene.heard("again"), [missed, more].concat());
}

#[test]
fn without_storing_a_lost_user_is_no_member_any_more() {
    let mut scene = Scene::with(|config| {
        let policy = cpm_reference::config::Policy { store: false, ..Default::default() };
        config.policies.insert("plain".to_owned(), policy);
    });
    scene.register("reg-1");
    scene.join("1");
    let seen = scene.focus_says("1", &["m1"]);
    assert_eq!(scene.heard("phone"), seen);
    assert_eq!(scene.store.contents().items.len() + scene.store.contents().chats.len(), 0);
    scene.drop_connection("phone", Closing::Reset);
    let bye = scene.take("a BYE to the focus", |one| one.method() == Method::Bye && one.call_id() == Some("call-1"));
    assert!(header(&bye, Name::Reason).contains("cause=480"));
}

#[test]
fn a_user_who_leaves_has_no_interest_any_more() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let [_, (to_phone, answer)] = scene.join("1");
    scene.focus_says("1", &["m1"]);
    let bye = back_in_dialog(Method::Bye, &to_phone, &answer, 1)
        .header(Name::Reason, "SIP;cause=200;text=\"Call completed\"")
        .build();
    scene.send(&bye);
    scene.response(Method::Bye, 200);
    let bye = scene.request(Method::Bye);
    assert_eq!(bye.call_id(), Some("call-1"));
    assert!(header(&bye, Name::Reason).contains("cause=200"));
    scene.accept(&bye);
    scene.register("reg-2");
    scene.none(Method::Invite);
    assert_eq!(scene.store.contents().chats.len(), 0);
}

#[test]
fn the_focus_gets_no_bye_before_it_has_acknowledged() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, true);
    scene.send(&invite);
    let (to_phone, answer) = scene.answer_drain("phone", "sendrecv");
    let ok = scene.response(Method::Invite, 200);
    scene.send(&back_in_dialog(Method::Bye, &to_phone, &answer, 1).build());
    scene.response(Method::Bye, 200);
    scene.none(Method::Bye);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    assert_eq!(scene.request(Method::Bye).call_id(), Some("call-1"));
}

#[test]
fn the_bye_of_a_leaving_user_may_come_after_the_end_of_the_connection() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let [_, (to_phone, answer)] = scene.join("1");
    scene.drop_connection("phone", Closing::Finished);
    scene.pass(Duration::from_millis(100));
    scene.send(&back_in_dialog(Method::Bye, &to_phone, &answer, 1).build());
    scene.response(Method::Bye, 200);
    assert_eq!(scene.request(Method::Bye).call_id(), Some("call-1"));
}

#[test]
fn a_bye_that_tells_of_a_lost_bearer_is_no_leave() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let [_, (to_phone, answer)] = scene.join("1");
    let bye = back_in_dialog(Method::Bye, &to_phone, &answer, 1)
        .header(Name::Reason, "SIP;cause=480;text=\"Bearer Unavailable\"")
        .build();
    scene.send(&bye);
    scene.response(Method::Bye, 200);
    let missed = scene.focus_says("1", &["m1"]);
    scene.none(Method::Bye);
    scene.register("reg-2");
    scene.answer_drain("again", "sendrecv");
    assert_eq!(scene.heard("again"), missed);
}

#[test]
fn a_device_that_registers_with_a_new_contact_has_left_its_old_session() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.join("1");
    scene.ends.get_mut("phone").unwrap().status = None;
    let missed = scene.focus_says("1", &["m1"]);
    scene.send(&register("reg-2", INSTANCE, "sip:bob@192.0.2.9", &format!(";{GROUP_TAG}"), 600_000));
    let (drain, _) = scene.answer_drain("again", "sendrecv");
    assert_eq!(drain.request_uri(), Some("sip:bob@192.0.2.9"));
    assert_eq!(scene.heard("again"), missed);
}

#[test]
fn the_path_to_the_focus_is_built_anew_when_it_breaks() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.drop_connection("focus-1", Closing::Reset);
    scene.pass(Duration::from_secs(1));
    let invite = scene.request(Method::Invite);
    assert_eq!(invite.call_id(), Some("call-1"));
    scene.ends.remove("focus-1");
    let sdp = scene.end("focus-1", "passive", "sendrecv");
    scene.answer(&invite, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp));
    scene.request(Method::Ack);
    scene.start("focus-1", &invite, false);
    scene.focus_says("1", &["m2"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone").len(), 2);
}
