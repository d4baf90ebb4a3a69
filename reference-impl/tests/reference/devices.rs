//! Several devices of one user, in virtual time. [CPM-CONV-058a, L15, L16]

use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_reference::config::{DeviceMode, DrainDevices, Policy, Reports};
use cpm_wire::io::Closing;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

/// The phone is in the chat, the tablet joins it.
fn both(scene: &mut Scene) {
    scene.register("reg-1");
    scene.join("1");
    scene.focus_says("1", &["m0"]);
    scene.register_tablet("reg-2");
    scene.answer_tablet("tablet", "sendrecv");
}

#[test]
fn each_device_gets_the_set_once_as_it_returns() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    scene.pass(Duration::from_secs(1));
    scene.request(Method::Bye);
    scene.restart();
    scene.register("reg-2");
    scene.none(Method::Invite);
    scene.register_tablet("reg-3");
    scene.answer_tablet("tablet", "recvonly");
    assert_eq!(scene.heard("phone"), sent);
    assert_eq!(scene.heard("tablet"), sent);
    scene.pass(Duration::from_secs(1));
    scene.request(Method::Bye);
    scene.register("reg-4");
    scene.register_tablet("reg-5");
    scene.none(Method::Invite);
}

#[test]
fn the_first_device_may_have_it_all_and_the_others_still_hear_who_is_there() {
    let mut scene = Scene::with(|config| config.delivery.devices = DrainDevices::First);
    let (invite, ok) = scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    scene.pass(Duration::from_secs(1));
    scene.request(Method::Bye);
    assert_eq!(scene.heard("phone"), sent);
    assert_eq!(scene.store.contents().items.len(), 0);
    scene.restart();
    scene.register_tablet("reg-2");
    scene.answer_tablet("tablet", "recvonly");
    assert_eq!(scene.heard("tablet").len(), 0);
    scene.request(Method::Bye);
    let subscribe = initial(Method::Subscribe, FOCUS, BOB, FOCUS, "sub-1", "sescase=orig;regstate=reg")
        .header(Name::Contact, format!("<{TABLET}>"))
        .header(Name::Event, "conference")
        .build();
    scene.send(&subscribe);
    scene.response(Method::Subscribe, 200);
    let told = scene.request(Method::Notify);
    assert!(String::from_utf8_lossy(told.body()).contains("carol@example.com"));
    scene.accept(&told);
    scene.register("reg-3");
    scene.register_tablet("reg-4");
    scene.none(Method::Invite);
}

#[test]
fn a_device_that_was_away_gets_what_the_other_saw_live() {
    let mut scene = Scene::new();
    scene.register_tablet("reg-1");
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, true);
    scene.send(&invite);
    scene.answer_tablet("tablet", "sendrecv");
    scene.invitation_accepted("1", &invite);
    let mut sent = scene.focus_says("1", &["m1", "m2"]);
    assert_eq!(scene.heard("tablet"), sent);
    scene.register("reg-2");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
    sent.extend(scene.focus_says("1", &["m3"]));
    assert_eq!(scene.heard("phone"), sent);
    assert_eq!(scene.heard("tablet"), sent);
    // The author hears it once.
    let told = report("bob", "alice", "m3", "delivered");
    scene.say("tablet", "t1", &told);
    scene.say("phone", "p1", &told);
    assert_eq!(scene.status_of("phone", "p1"), Some(200));
    assert_eq!(scene.heard("focus-1"), [told]);
}

#[test]
fn each_device_may_report_for_itself() {
    let mut scene = Scene::with(|config| config.delivery.reports = Reports::PerDevice);
    both(&mut scene);
    let told = report("bob", "alice", "m0", "delivered");
    for (end, id) in [("tablet", "t1"), ("phone", "p1"), ("phone", "p2")] {
        scene.say(end, id, &told);
        assert_eq!(scene.status_of(end, id), Some(200));
    }
    assert_eq!(scene.heard("focus-1"), [told.clone(), told]);
}

#[test]
fn what_is_kept_for_devices_that_may_come_has_a_bound() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.join("1");
    let ids: Vec<String> = (0..400).map(|n| format!("m{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let sent = scene.focus_says("1", &ids);
    assert_eq!(scene.heard("phone"), sent);
    assert_eq!(scene.store.contents().items.len(), 256);
    scene.register_tablet("reg-2");
    scene.answer_tablet("tablet", "sendrecv");
    assert_eq!(scene.heard("tablet"), &sent[400 - 256..]);
}

#[test]
fn what_one_device_says_the_others_see() {
    let mut scene = Scene::new();
    both(&mut scene);
    let own = message("bob", "b1", "from the phone");
    scene.say("phone", "p1", &own);
    assert_eq!(scene.status_of("phone", "p1"), Some(200));
    assert_eq!(scene.heard("focus-1"), std::slice::from_ref(&own));
    assert_eq!(scene.heard("tablet").last(), Some(&own));
    assert_ne!(scene.heard("phone").last(), Some(&own));
    // A device is no recipient of its user's own words.
    scene.say("tablet", "t1", &report("bob", "bob", "b1", "delivered"));
    assert_eq!(scene.status_of("tablet", "t1"), Some(200));
    assert_eq!(scene.heard("focus-1").len(), 1);
    // What the focus refuses nobody has said.
    scene.ends.get_mut("focus-1").unwrap().status = Some(413);
    scene.say("phone", "p2", &message("bob", "b2", "too much"));
    assert_eq!(scene.heard("tablet").last(), Some(&own));
}

#[test]
fn a_slow_device_loses_nothing_to_a_fast_one() {
    let mut scene = Scene::new();
    both(&mut scene);
    scene.ends.get_mut("tablet").unwrap().status = None;
    let sent = scene.focus_says("1", &["m1", "m2", "m3"]);
    assert_eq!(scene.heard("phone").len(), 4);
    scene.ends.get_mut("tablet").unwrap().status = Some(200);
    scene.answer_held("tablet");
    assert_eq!(&scene.heard("tablet")[1..], sent);
}

#[test]
fn a_device_that_leaves_gets_nothing_more_and_the_other_goes_on() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let [_, (invite, ok)] = scene.join("1");
    scene.focus_says("1", &["m0"]);
    scene.register_tablet("reg-2");
    scene.answer_tablet("tablet", "sendrecv");
    scene.send(&back_in_dialog(Method::Bye, &invite, &ok, 1).build());
    scene.response(Method::Bye, 200);
    scene.none(Method::Bye);
    let sent = scene.focus_says("1", &["m1"]);
    assert_eq!(scene.heard("phone").len(), 1);
    assert_eq!(scene.heard("tablet").last(), sent.last());
    // Neither does it when it registers again, unless it comes back by itself.
    scene.register("reg-3");
    scene.none(Method::Invite);
    let rejoin = scene.device_calls(FOCUS, "rejoin-1", "phone-2", None);
    scene.device_let_in("phone-2", &rejoin);
    assert_eq!(scene.heard("phone-2"), sent);
}

fn in_mode(device_mode: DeviceMode) -> Scene {
    Scene::with(|config| {
        config.policies.insert("plain".to_owned(), Policy { device_mode: Some(device_mode), ..Policy::default() });
    })
}

/// The focus invites Bob, whose phone and tablet are registered.
fn invite_both(scene: &mut Scene) -> Message {
    scene.register("reg-1");
    scene.register_tablet("reg-2");
    let sdp = scene.end("focus-1", "actpass", "sendrecv");
    let invite = invitation("1", "call-1", &sdp, true);
    scene.send(&invite);
    invite
}

fn to(scene: &mut Scene, target: &str) -> Message {
    scene.take(target, |one| one.is_request() && one.method() == Method::Invite && one.request_uri() == Some(target))
}

#[test]
fn the_first_device_to_answer_has_the_chat() {
    let mut scene = in_mode(DeviceMode::PfForks);
    let invite = invite_both(&mut scene);
    let tablet = to(&mut scene, TABLET);
    scene.answer(&tablet, 180, "", None);
    scene.response(Method::Invite, 180);
    scene.answer_drain("phone", "sendrecv");
    scene.invitation_accepted("1", &invite);
    let cancel = scene.request(Method::Cancel);
    assert_eq!(cancel.call_id(), tablet.call_id());
}

#[test]
fn every_device_that_answers_may_take_part() {
    let mut scene = in_mode(DeviceMode::AllJoined);
    let invite = invite_both(&mut scene);
    let tablet = to(&mut scene, TABLET);
    scene.answer(&tablet, 180, "", None);
    scene.response(Method::Invite, 180);
    scene.answer_drain("phone", "sendrecv");
    scene.invitation_accepted("1", &invite);
    let mut sent = scene.focus_says("1", &["m1"]);
    // The tablet answers late, and the focus is not troubled again.
    let sdp = scene.end("tablet", "active", "sendrecv");
    scene.answer(&tablet, 200, &format!("<{TABLET}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.start("tablet", &tablet, true);
    scene.none(Method::Cancel);
    sent.extend(scene.focus_says("1", &["m2"]));
    assert_eq!(scene.heard("phone"), sent);
    assert_eq!(scene.heard("tablet"), sent);
}

#[test]
fn a_device_that_never_answers_rings_no_longer_than_it_may() {
    let mut scene = in_mode(DeviceMode::AllJoined);
    let invite = invite_both(&mut scene);
    let tablet = to(&mut scene, TABLET);
    scene.answer(&tablet, 180, "", None);
    scene.answer_drain("phone", "sendrecv");
    scene.response(Method::Invite, 180);
    scene.invitation_accepted("1", &invite);
    scene.pass(Duration::from_secs(6));
    assert_eq!(scene.request(Method::Cancel).call_id(), tablet.call_id());
    scene.none(Method::Bye);
}

#[test]
fn a_device_that_returns_joins_those_that_take_part() {
    let mut scene = in_mode(DeviceMode::AllJoined);
    scene.register("reg-1");
    scene.join("1");
    scene.register_tablet("reg-2");
    scene.answer_tablet("tablet", "sendrecv");
    let sent = scene.focus_says("1", &["m1"]);
    assert_eq!(scene.heard("phone"), sent);
    assert_eq!(scene.heard("tablet"), sent);
}

#[test]
fn one_device_is_called_after_the_other() {
    let mut scene = in_mode(DeviceMode::Sequential);
    let invite = invite_both(&mut scene);
    let phone = to(&mut scene, CONTACT);
    scene.none(Method::Invite);
    scene.answer(&phone, 486, "", None);
    scene.request(Method::Ack);
    scene.answer_tablet("tablet", "sendrecv");
    scene.invitation_accepted("1", &invite);

    // One that does not answer is called for its time, and then the function stands in.
    let mut scene = in_mode(DeviceMode::Sequential);
    let invite = invite_both(&mut scene);
    for target in [CONTACT, TABLET] {
        let call = to(&mut scene, target);
        scene.none(Method::Invite);
        scene.answer(&call, 180, "", None);
        scene.pass(Duration::from_secs(6));
        let cancel = scene.request(Method::Cancel);
        assert_eq!(cancel.call_id(), call.call_id());
        scene.accept(&cancel);
        scene.answer(&call, 487, "", None);
    }
    scene.response(Method::Invite, 180);
    scene.invitation_accepted("1", &invite);
}

#[test]
fn the_serving_cscf_may_call_the_devices() {
    let mut scene = in_mode(DeviceMode::SCscfForks);
    let invite = invite_both(&mut scene);
    let call = to(&mut scene, BOB);
    scene.none(Method::Invite);
    let sdp = scene.end("tablet", "active", "sendrecv");
    scene.answer(&call, 200, &format!("<{TABLET}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.start("tablet", &call, true);
    scene.invitation_accepted("1", &invite);
    let sent = scene.focus_says("1", &["m1"]);
    // It is known who answered: the other one is still to have it.
    scene.register_tablet("reg-3");
    scene.none(Method::Invite);
    scene.register("reg-4");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("tablet"), sent);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_rejoin_from_an_address_is_the_device_that_registers_from_it() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    let sdp = scene.end("phone", "active", "sendrecv");
    let rejoin = from_device("1", FOCUS, "rejoin-1", &sdp, None).edit().set(Name::Contact, format!("<{CONTACT}>"));
    let rejoin: Message = rejoin.finish();
    scene.send(&rejoin);
    scene.device_let_in("phone", &rejoin);
    assert_eq!(scene.heard("phone"), sent);
    scene.register("reg-1");
    scene.none(Method::Invite);
    scene.drop_connection("phone", Closing::Reset);
    let missed = scene.focus_says("1", &["m2"]);
    scene.register("reg-2");
    let (drain, _) = scene.answer_drain("again", "sendrecv");
    assert_eq!(header(&drain, Name::ContributionId), "contribution-1");
    assert_eq!(scene.heard("again"), missed);
}
