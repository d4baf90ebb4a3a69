//! How sessions end, and how many there may be.

use crate::pair::*;
use crate::scene::messages::*;
use crate::scene::{Scene, header};
use cpm_reference::config::Policy;
use cpm_wire::io::Closing;
use cpm_wire::sip::{Method, Name};
use pretty_assertions::assert_eq;

fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene
}

/// Nothing is kept for absent users.
fn without_store() -> Scene {
    let store_off = Policy { store: false, ..Policy::default() };
    let mut scene = Scene::with(|config| config.policies = [("plain".to_owned(), store_off)].into());
    scene.register("reg-1");
    scene
}

#[test]
fn either_side_ends_the_session_and_the_reason_is_passed() {
    for caller in [true, false] {
        let mut scene = scene();
        let pair = up(&mut scene, "1");
        let reason = "SIP;cause=200;text=\"Call completed\"";
        scene.send(&pair.by(caller, Method::Bye, 2).header(Name::Reason, reason).build());
        scene.response(Method::Bye, 200);
        let bye = scene.request(Method::Bye);
        assert_eq!((bye.call_id(), header(&bye, Name::Reason)), (pair.leg(!caller), reason));
        scene.accept(&bye);
        scene.send(&pair.by(caller, Method::Bye, 3).build());
        scene.response(Method::Bye, 481);
    }
}

#[test]
fn both_sides_may_hang_up_at_once() {
    let mut scene = scene();
    let pair = up(&mut scene, "1");
    scene.send(&pair.by_caller(Method::Bye, 2).build());
    scene.response(Method::Bye, 200);
    scene.send(&pair.by_callee(Method::Bye, 2).build());
    assert_eq!(scene.response(Method::Bye, 200).call_id(), pair.leg(false));
}

#[test]
fn another_tag_is_another_dialog() {
    let mut scene = scene();
    let pair = up(&mut scene, "1");
    let stranger =
        pair.by_caller(Method::Bye, 2).build().edit().set(Name::From, format!("<{ALICE}>;tag=other")).finish();
    scene.send(&stranger);
    scene.response(Method::Bye, 481);
    scene.none(Method::Bye);
    pair.is_usable(&mut scene, "caller-1", "callee-1", "m");
}

#[test]
fn the_operator_ends_a_session_of_a_user_and_no_other() {
    let mut scene = scene();
    let (one, other) = (up(&mut scene, "1"), up(&mut scene, "2"));
    assert_eq!(scene.core.release(scene.now, BOB, "contribution-9"), 0);
    assert_eq!(scene.core.release(scene.now, ALICE, "contribution-1"), 0);
    assert_eq!(scene.core.release(scene.now, BOB, "contribution-1"), 1);
    scene.run();
    assert!(one.ended_on_both_sides(&mut scene).unwrap().contains("operator"));
    scene.none(Method::Bye);
    other.is_usable(&mut scene, "caller-2", "callee-2", "m");
}

#[test]
fn the_operator_ends_a_call_that_rings() {
    let mut scene = scene();
    let (_, onward) = ringing(&mut scene, "1", |invite| invite);
    scene.answer(&onward, 180, "", None);
    scene.response(Method::Invite, 180);
    assert_eq!(scene.core.release(scene.now, BOB, "contribution-1"), 1);
    scene.run();
    scene.response(Method::Invite, 480);
    scene.request(Method::Cancel);
}

#[test]
fn a_session_ends_with_the_registration_of_its_device() {
    let gone = register("reg-2", INSTANCE, CONTACT, "", 0);
    for originating in [false, true] {
        let mut scene = without_store();
        let invite = chat(&scene, "1", originating).build();
        scene.send(&invite);
        let onward = onward(&mut scene);
        let answer = accepting(&scene, "1", &onward);
        let pair = picked_up(&mut scene, "1", (invite, onward), answer);
        // Another device of the user goes: the session does not care.
        let tablet = register("reg-3", TABLET_INSTANCE, TABLET, "", 0);
        scene.send(&tablet);
        scene.response(Method::Register, 200);
        scene.none(Method::Bye);
        scene.send(&gone);
        scene.response(Method::Register, 200);
        assert!(pair.ended_on_both_sides(&mut scene).unwrap().contains("Deregistered"));
    }
}

#[test]
fn a_call_that_rings_ends_with_the_registration_of_the_last_device() {
    let mut scene = without_store();
    scene.register_tablet("reg-2");
    let invite = chat(&scene, "1", false).build();
    scene.send(&invite);
    let rings = |scene: &mut Scene, at: &str| {
        let onward = scene.take("INVITE", |one| one.is_request() && one.request_uri() == Some(at));
        scene.answer(&onward, 180, "", None);
        scene.response(Method::Invite, 180);
        onward
    };
    let (phone, tablet) = (rings(&mut scene, CONTACT), rings(&mut scene, TABLET));
    scene.send(&register("reg-3", INSTANCE, CONTACT, "", 0));
    assert_eq!(scene.request(Method::Cancel).call_id(), phone.call_id());
    scene.none(Method::Bye);
    assert!(!scene.sip.iter().any(|one| one.status() == Some(480)));
    scene.send(&register("reg-4", TABLET_INSTANCE, TABLET, "", 0));
    assert_eq!(scene.request(Method::Cancel).call_id(), tablet.call_id());
    scene.response(Method::Invite, 480);
}

#[test]
fn lost_media_end_the_session_on_both_sides() {
    for end in ["caller-1", "callee-1"] {
        let mut scene = scene();
        let pair = up(&mut scene, "1");
        scene.drop_connection(end, Closing::Reset);
        assert!(pair.ended_on_both_sides(&mut scene).unwrap().contains("Bearer Unavailable"));
    }
}

#[test]
fn sessions_of_one_conversation_are_independent() {
    let mut scene = scene();
    let (chat, file) = (up(&mut scene, "1"), up(&mut scene, "2"));
    scene.send(&file.by_callee(Method::Bye, 2).build());
    scene.response(Method::Bye, 200);
    let bye = scene.request(Method::Bye);
    assert_eq!(bye.call_id(), file.leg(true));
    scene.accept(&bye);
    chat.is_usable(&mut scene, "caller-1", "callee-1", "m");
}

#[test]
fn a_user_has_as_many_sessions_as_may_be_and_no_more() {
    let mut scene = Scene::with(|config| config.max_sessions_per_user = Some(2));
    scene.register("reg-1");
    let (one, _) = (up(&mut scene, "1"), up(&mut scene, "2"));
    for originating in [false, true] {
        let third = chat(&scene, &format!("3{originating}"), originating).build();
        scene.send(&third);
        scene.response(Method::Invite, 486);
        scene.none(Method::Invite);
    }
    scene.send(&one.by_caller(Method::Bye, 2).build());
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    up(&mut scene, "4").is_usable(&mut scene, "caller-4", "callee-4", "m");
}

#[test]
fn a_full_function_asks_for_patience_and_serves_who_is_there() {
    let mut scene = Scene::with(|config| config.max_sessions = 2);
    scene.register("reg-1");
    let (one, other) = (up(&mut scene, "1"), up(&mut scene, "2"));
    for call in 0..50 {
        let invite = chat(&scene, &format!("storm-{call}"), call % 2 == 0).build();
        scene.send(&invite);
        assert!(scene.response(Method::Invite, 503).header(&Name::RetryAfter).is_some());
        scene.none(Method::Invite);
    }
    other.is_usable(&mut scene, "caller-2", "callee-2", "m");
    scene.send(&one.by_caller(Method::Bye, 2).build());
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    up(&mut scene, "3").is_usable(&mut scene, "caller-3", "callee-3", "m");
    scene.send(&chat(&scene, "4", false).build());
    scene.response(Method::Invite, 503);
}

/// The ACK of the phone's 2xx was lost, and the session is over before the 2xx comes again: the peer has had its BYE (RFC 3261
/// section 13.2.2.4).
#[test]
fn a_2xx_that_comes_again_after_the_end_brings_no_second_bye() {
    let mut scene = scene();
    let pair = up(&mut scene, "1");
    scene.send(&pair.by_caller(Method::Bye, 2).build());
    let bye = scene.take("BYE", |one| one.method() == Method::Bye && one.call_id() == pair.leg(false));
    scene.accept(&bye);
    scene.send(&pair.answer);
    scene.none(Method::Bye);
}
