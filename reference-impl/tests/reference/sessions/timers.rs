//! Session timers (RFC 4028), on each leg by itself.

use crate::pair::*;
use crate::scene::messages::*;
use crate::scene::{Scene, header, media};
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

const EXPIRED: &str = "SIP;cause=408;text=\"Session timer expired\"";

fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene
}

fn timed(scene: &mut Scene, expires: &str) -> Pair {
    up_with(scene, "1", |invite| invite.header(Name::Supported, "timer").header(Name::SessionExpires, expires))
}

/// Bob's phone agrees to an interval of its leg.
fn agreed(scene: &mut Scene, expires: &str, allow: &str) -> Pair {
    let call = ringing(scene, "1", |invite| invite);
    let answer = accepting(scene, "1", &call.1).edit();
    let answer = answer.append(Name::SessionExpires, expires).append(Name::Require, "timer").append(Name::Allow, allow);
    picked_up(scene, "1", call, answer.finish())
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn an_interval_is_agreed_with_who_asks_for_it_and_asked_of_the_other() {
    for (asked, granted) in [("90", "90;refresher=uac"), ("1800;refresher=uas", "1800;refresher=uas")] {
        let mut scene = scene();
        let pair = timed(&mut scene, asked);
        assert_eq!(header(&pair.ok, Name::SessionExpires), granted);
        assert_eq!(header(&pair.ok, Name::Require), "timer");
        assert_eq!(header(&pair.onward, Name::SessionExpires), asked.split(';').next().unwrap());
    }
    let mut scene = scene();
    let pair = up_with(&mut scene, "1", |invite| invite.header(Name::SessionExpires, 120));
    assert_eq!(header(&pair.ok, Name::SessionExpires), "120;refresher=uas");
    assert_eq!(pair.ok.header(&Name::Require), None);
}

#[test]
fn too_short_an_interval_is_refused_in_a_call_and_in_a_refresh() {
    let mut scene = scene();
    let short = chat(&scene, "short", false).header(Name::Supported, "timer").header(Name::SessionExpires, 60).build();
    scene.send(&short);
    assert_eq!(header(&scene.response(Method::Invite, 422), Name::MinSe), "90");
    let pair = timed(&mut scene, "90");
    let refresh = pair.by_caller(Method::Update, 2).header(Name::Supported, "timer");
    scene.send(&refresh.header(Name::SessionExpires, "30;refresher=uac").build());
    assert_eq!(header(&scene.response(Method::Update, 422), Name::MinSe), "90");
}

#[test]
fn a_session_that_nobody_refreshes_ends_on_both_sides_in_time() {
    let mut scene = scene();
    let pair = timed(&mut scene, "90");
    scene.pass(seconds(60));
    scene.none(Method::Bye);
    scene.pass(seconds(29));
    assert_eq!(pair.ended_on_both_sides(&mut scene).as_deref(), Some(EXPIRED));
}

#[test]
fn a_refresh_by_either_method_counts() {
    for method in [Method::Update, Method::Invite] {
        let mut scene = scene();
        let pair = timed(&mut scene, "90");
        for round in 0..3 {
            scene.pass(seconds(50));
            let refresh = pair
                .by_caller(method.clone(), 2 + round)
                .header(Name::Supported, "timer")
                .header(Name::SessionExpires, "90;refresher=uac");
            if method == Method::Update {
                scene.send(&refresh.build());
            } else {
                let sdp = scene.end("caller-1", "actpass", "sendrecv");
                scene.send(&refresh.body("application/sdp", sdp).build());
                let onward = scene.request(Method::Invite);
                let sdp = scene.end("callee-1", "passive", "sendrecv");
                scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
            }
            let ok = scene.response(method.clone(), 200);
            assert_eq!(header(&ok, Name::SessionExpires), "90;refresher=uac");
            scene.send(&pair.by_caller(Method::Ack, 2 + round).build());
        }
        scene.none(Method::Bye);
        scene.pass(seconds(89));
        pair.ended_on_both_sides(&mut scene);
    }
}

#[test]
fn the_function_refreshes_at_half_where_that_falls_to_it() {
    for (allow, method) in [("INVITE, ACK, BYE, UPDATE", Method::Update), ("INVITE, ACK, BYE", Method::Invite)] {
        let mut scene = scene();
        let pair = agreed(&mut scene, "100;refresher=uac", allow);
        for _ in 0..3 {
            scene.pass(seconds(49));
            scene.none(method.clone());
            scene.pass(seconds(1));
            let refresh = scene.request(method.clone());
            assert_eq!(refresh.call_id(), pair.leg(false));
            assert_eq!(header(&refresh, Name::SessionExpires), "100;refresher=uac");
            let sdp = (method == Method::Invite).then(|| scene.end("callee-1", "passive", "sendrecv"));
            if method == Method::Invite {
                assert_eq!(media(&refresh), media(&pair.onward));
            }
            let ok = response(&refresh, 200, &format!("<{CONTACT}>"), sdp);
            scene.send(&ok.edit().append(Name::SessionExpires, "100;refresher=uac").finish());
        }
        pair.is_usable(&mut scene, "caller-1", "callee-1", "after");
    }
}

#[test]
fn a_refused_refresh_is_tried_again_until_the_session_expires() {
    let mut scene = scene();
    let pair = agreed(&mut scene, "96;refresher=uac", "INVITE, ACK, BYE, UPDATE");
    let refuse = |scene: &mut Scene, status| -> Message {
        let refresh = scene.request(Method::Update);
        let refusal = response(&refresh, status, "", None);
        scene.send(&refusal.edit().append(Name::MinSe, 120).finish());
        refresh
    };
    scene.pass(seconds(48));
    refuse(&mut scene, 422);
    scene.pass(seconds(1));
    let raised = refuse(&mut scene, 500);
    assert_eq!(header(&raised, Name::SessionExpires), "120;refresher=uac");
    for _ in 0..8 {
        scene.pass(seconds(8));
        if scene.sip.iter().any(|one| one.method() == Method::Update) {
            refuse(&mut scene, 500);
        }
    }
    assert_eq!(pair.ended_on_both_sides(&mut scene).as_deref(), Some(EXPIRED));
}

#[test]
fn a_callee_that_wants_a_longer_interval_gets_it() {
    let mut scene = scene();
    let invite = chat(&scene, "1", false).header(Name::Supported, "timer").header(Name::SessionExpires, 90).build();
    scene.send(&invite);
    let first = onward(&mut scene);
    scene.send(&response(&first, 422, "", None).edit().append(Name::MinSe, 600).finish());
    let second = onward(&mut scene);
    assert_eq!((header(&second, Name::SessionExpires), header(&second, Name::MinSe)), ("600", "90"));
    assert_ne!(second.call_id(), first.call_id());
    scene.send(&response(&second, 422, "", None).edit().append(Name::MinSe, 700).finish());
    scene.response(Method::Invite, 422);
}

#[test]
fn without_timers_nobody_hears_of_them() {
    let mut scene = Scene::with(|config| config.session_timer = false);
    scene.register("reg-1");
    let pair = timed(&mut scene, "90");
    for name in [Name::SessionExpires, Name::Require] {
        assert_eq!((pair.ok.header(&name), pair.onward.header(&name)), (None, None));
    }
    assert_eq!(header(&pair.onward, Name::Supported), "100rel");
    scene.pass(seconds(200));
    scene.none(Method::Bye);
    let required = chat(&scene, "2", false).header(Name::Require, "timer").build();
    scene.send(&required);
    assert_eq!(header(&scene.response(Method::Invite, 420), Name::Unsupported), "timer");
}
