//! Changes of a session, by either side and by both.

use crate::pair::*;
use crate::scene::messages::*;
use crate::scene::{Scene, header, media};
use cpm_wire::io::Closing;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Builder, Message, Method, Name};
use pretty_assertions::assert_eq;

fn ready() -> (Scene, Pair) {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let pair = up(&mut scene, "1");
    (scene, pair)
}

fn ends(caller: bool) -> [&'static str; 2] {
    if caller { ["caller-1", "callee-1"] } else { ["callee-1", "caller-1"] }
}

fn offering(scene: &Scene, request: Builder, end: &str, direction: &str) -> Message {
    let sdp = scene.end(end, "actpass", direction);
    request.body("application/sdp", sdp).build()
}

/// The request for a change as it reached the other side.
fn passed_on(scene: &mut Scene, pair: &Pair, method: Method, caller: bool) -> Message {
    let onward = scene.request(method);
    assert_eq!(onward.call_id(), pair.leg(!caller));
    onward
}

#[test]
fn a_change_of_direction_is_carried_whoever_asks_and_by_either_method() {
    for caller in [true, false] {
        for method in [Method::Invite, Method::Update] {
            let (mut scene, pair) = ready();
            let [from, to] = ends(caller);
            let paths = [&pair.ok, &pair.onward].map(|one| media(one).path);
            let request = offering(&scene, pair.by(caller, method.clone(), 2), from, "sendonly");
            scene.send(&request);
            let onward = passed_on(&mut scene, &pair, method.clone(), caller);
            assert_eq!(media(&onward).direction, Direction::SendOnly);
            assert_eq!(onward.max_forwards(), Some(Ok(69)));
            let sdp = scene.end(to, "passive", "recvonly");
            scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
            let answer = scene.response(method.clone(), 200);
            assert_eq!((media(&answer).direction, answer.call_id()), (Direction::RecvOnly, request.call_id()));
            assert!(answer.header(&Name::Contact).is_some());
            let (own, other) = if caller { (&paths[0], &paths[1]) } else { (&paths[1], &paths[0]) };
            assert_eq!((&media(&answer).path, &media(&onward).path), (own, other));
            if method == Method::Invite {
                scene.request(Method::Ack);
                scene.send(&pair.by(caller, Method::Ack, 2).build());
            }
            pair.is_usable(&mut scene, "caller-1", "callee-1", "after");
        }
    }
}

#[test]
fn both_ends_may_move() {
    let (mut scene, pair) = ready();
    let request = offering(&scene, pair.by_caller(Method::Invite, 2), "caller-moved", "sendrecv");
    scene.send(&request);
    let onward = passed_on(&mut scene, &pair, Method::Invite, true);
    let sdp = scene.end("callee-moved", "passive", "sendrecv");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.start("callee-moved", &onward, false);
    let answer = scene.response(Method::Invite, 200);
    scene.send(&pair.by_caller(Method::Ack, 2).build());
    scene.start("caller-moved", &answer, false);
    pair.is_usable(&mut scene, "caller-moved", "callee-moved", "moved");
    scene.none(Method::Bye);
}

#[test]
fn who_moves_may_come_before_its_answer() {
    let (mut scene, pair) = ready();
    let request = offering(&scene, pair.by_caller(Method::Invite, 2), "caller-moved", "sendrecv");
    scene.send(&request);
    let onward = passed_on(&mut scene, &pair, Method::Invite, true);
    scene.drop_connection("callee-1", Closing::Finished);
    let sdp = scene.end("callee-moved", "active", "sendrecv");
    scene.start("callee-moved", &onward, true);
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.request(Method::Ack);
    let answer = scene.response(Method::Invite, 200);
    scene.send(&pair.by_caller(Method::Ack, 2).build());
    scene.start("caller-moved", &answer, false);
    pair.is_usable(&mut scene, "caller-moved", "callee-moved", "moved");
    scene.none(Method::Bye);
}

#[test]
fn a_connection_that_breaks_during_a_change_that_is_refused_is_missing() {
    let (mut scene, pair) = ready();
    let request = offering(&scene, pair.by_caller(Method::Invite, 2), "caller-1", "sendonly");
    scene.send(&request);
    let onward = passed_on(&mut scene, &pair, Method::Invite, true);
    scene.drop_connection("callee-1", Closing::Reset);
    scene.none(Method::Bye);
    scene.answer(&onward, 488, "", None);
    assert!(pair.ended_on_both_sides(&mut scene).unwrap().contains("Bearer Unavailable"));
}

#[test]
fn a_refused_change_leaves_the_session_as_it_was() {
    for caller in [true, false] {
        let (mut scene, pair) = ready();
        let request = offering(&scene, pair.by(caller, Method::Invite, 2), "moved", "sendonly");
        scene.send(&request);
        let onward = passed_on(&mut scene, &pair, Method::Invite, caller);
        scene.answer(&onward, 488, "", None);
        let refusal = scene.response(Method::Invite, 488);
        assert_eq!(refusal.call_id(), request.call_id());
        pair.is_usable(&mut scene, "caller-1", "callee-1", "after");
        // What is offered next is seen as new.
        let [from, _] = ends(caller);
        let request = offering(&scene, pair.by(caller, Method::Update, 3), from, "inactive");
        scene.send(&request);
        let again = passed_on(&mut scene, &pair, Method::Update, caller);
        assert_eq!(media(&again).direction, Direction::Inactive);
    }
}

#[test]
fn what_is_no_description_is_refused_here() {
    let (mut scene, pair) = ready();
    scene.send(&pair.by_caller(Method::Update, 2).body("application/sdp", "none\r\n").build());
    scene.response(Method::Update, 488);
    scene.none(Method::Update);
    pair.is_usable(&mut scene, "caller-1", "callee-1", "after");
}

#[test]
fn without_an_offer_the_other_side_makes_one_and_the_answer_comes_with_the_ack() {
    for caller in [true, false] {
        let (mut scene, pair) = ready();
        let [from, to] = ends(caller);
        scene.send(&pair.by(caller, Method::Invite, 2).build());
        let onward = passed_on(&mut scene, &pair, Method::Invite, caller);
        assert!(onward.body().is_empty());
        let sdp = scene.end(to, "actpass", "sendonly");
        let theirs = scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
        scene.none(Method::Ack);
        let offer = scene.response(Method::Invite, 200);
        assert_eq!(media(&offer).direction, Direction::SendOnly);
        // The 2xx comes again: there is no answer to acknowledge it with yet.
        scene.send(&theirs);
        scene.none(Method::Ack);
        let sdp = scene.end(from, "passive", "recvonly");
        scene.send(&pair.by(caller, Method::Ack, 2).body("application/sdp", sdp).build());
        let ack = scene.request(Method::Ack);
        assert_eq!((media(&ack).direction, ack.call_id()), (Direction::RecvOnly, pair.leg(!caller)));
        pair.is_usable(&mut scene, "caller-1", "callee-1", "after");
    }
}

#[test]
fn who_hangs_up_instead_of_answering_leaves_what_held_in_a_new_version() {
    let (mut scene, pair) = ready();
    scene.send(&pair.by_caller(Method::Invite, 2).build());
    let onward = passed_on(&mut scene, &pair, Method::Invite, true);
    let sdp = scene.end("callee-1", "actpass", "sendonly");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.response(Method::Invite, 200);
    scene.send(&pair.by_caller(Method::Bye, 3).build());
    let ack = scene.request(Method::Ack);
    assert_eq!(ack.call_id(), pair.leg(false));
    // An answer chooses who connects, which the offer of before had left open: that is another description.
    let [before, after] = [&pair.onward, &ack].map(|one| String::from_utf8(one.body().to_vec()).unwrap());
    let version = |sdp: &str| sdp.split(' ').nth(2).unwrap().parse::<u64>().unwrap();
    assert_eq!(version(&after), version(&before) + 1);
    let chosen = before.replace("a=setup:actpass", "a=setup:passive").replacen(
        &format!(" {} ", version(&before)),
        &format!(" {} ", version(&after)),
        1,
    );
    assert_eq!(after, chosen);
    scene.request(Method::Bye);
}

#[test]
fn offers_that_cross_are_both_refused_and_may_come_again() {
    for caller in [true, false] {
        for method in [Method::Invite, Method::Update] {
            let (mut scene, pair) = ready();
            let [from, to] = ends(caller);
            let request = offering(&scene, pair.by(caller, Method::Invite, 2), from, "sendonly");
            scene.send(&request);
            let onward = passed_on(&mut scene, &pair, Method::Invite, caller);
            let crossing = offering(&scene, pair.by(!caller, method.clone(), 2), to, "inactive");
            scene.send(&crossing);
            let refusal = scene.take("491", |one| one.status() == Some(491));
            assert_eq!(refusal.call_id(), crossing.call_id());
            scene.answer(&onward, 491, "", None);
            assert_eq!(scene.response(Method::Invite, 491).call_id(), request.call_id());
            let request = offering(&scene, pair.by(!caller, Method::Update, 3), to, "sendonly");
            scene.send(&request);
            let onward = passed_on(&mut scene, &pair, Method::Update, !caller);
            let sdp = scene.end(from, "passive", "recvonly");
            scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
            scene.response(Method::Update, 200);
            pair.is_usable(&mut scene, "caller-1", "callee-1", "after");
        }
    }
}

#[test]
fn a_second_change_of_one_side_waits_for_the_first() {
    let (mut scene, pair) = ready();
    let first = offering(&scene, pair.by_caller(Method::Invite, 2), "caller-1", "sendonly");
    scene.send(&first);
    let onward = scene.request(Method::Invite);
    for (method, cseq) in [(Method::Invite, 3), (Method::Update, 4)] {
        let second = offering(&scene, pair.by_caller(method.clone(), cseq), "caller-1", "inactive");
        scene.send(&second);
        assert!(scene.response(method, 500).seconds(&Name::RetryAfter).unwrap() <= 10);
    }
    // Its target may be told at any time.
    scene.send(&pair.by_caller(Method::Update, 5).build());
    scene.response(Method::Update, 200);
    let sdp = scene.end("callee-1", "passive", "recvonly");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.response(Method::Invite, 200);
}

#[test]
fn a_change_that_is_withdrawn_is_withdrawn_on_the_other_side() {
    let (mut scene, pair) = ready();
    let request = offering(&scene, pair.by_caller(Method::Invite, 2), "caller-1", "sendonly");
    scene.send(&request);
    let onward = scene.request(Method::Invite);
    let ringing = response(&onward, 180, "", None);
    scene.send(&ringing);
    scene.response(Method::Invite, 180);
    let cancel = pair.by_caller(Method::Cancel, 2).build().edit().set(Name::Via, header(&request, Name::Via)).finish();
    scene.send(&cancel);
    scene.response(Method::Cancel, 200);
    let cancel = scene.request(Method::Cancel);
    scene.accept(&cancel);
    scene.answer(&onward, 487, "", None);
    assert_eq!(scene.response(Method::Invite, 487).call_id(), request.call_id());
    pair.is_usable(&mut scene, "caller-1", "callee-1", "after");
}

#[test]
fn a_peer_that_knows_no_update_is_asked_by_invite() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    let call = ringing(&mut scene, "1", |invite| invite);
    let answer = accepting(&scene, "1", &call.1).edit().append(Name::Allow, "INVITE, ACK, BYE, CANCEL").finish();
    let pair = picked_up(&mut scene, "1", call, answer);
    let request = offering(&scene, pair.by_caller(Method::Update, 2), "caller-1", "sendonly");
    scene.send(&request);
    let onward = scene.request(Method::Invite);
    let sdp = scene.end("callee-1", "passive", "recvonly");
    scene.answer(&onward, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.request(Method::Ack);
    assert_eq!(media(&scene.response(Method::Update, 200)).direction, Direction::RecvOnly);
}

#[test]
fn a_session_that_ends_answers_what_is_open() {
    let (mut scene, pair) = ready();
    let request = offering(&scene, pair.by_caller(Method::Invite, 2), "caller-1", "sendonly");
    scene.send(&request);
    scene.request(Method::Invite);
    scene.send(&pair.by_callee(Method::Bye, 2).build());
    scene.response(Method::Bye, 200);
    scene.response(Method::Invite, 487);
    assert_eq!(scene.request(Method::Bye).call_id(), pair.leg(true));
}
