//! The paths by which stored disposition notifications reach a device, in virtual time. [CPM-CONV-058a, L04, L31]

use crate::scene::messages::*;
use crate::scene::{Scene, header, media};
use bytes::Bytes;
use cpm_reference::config::NotificationPath;
use cpm_reference::config::NotificationPath::{DrainLeg, Message as ByMessage, StoredNotificationSession};
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

const STAND_FORWARD: &str = "<sip:rcse-standfw@example.com>";

/// Bob has said m0, and is away when Alice reports on it and says m1.
fn scene(paths: &[NotificationPath], ended: bool) -> (Scene, Bytes, Vec<Bytes>) {
    let mut scene = Scene::with(|config| config.delivery.notifications = paths.to_vec());
    let (invite, ok) = scene.stand_in("1");
    let report = report("alice", "bob", "m0", "delivered");
    scene.say("focus-1", "f0", &report);
    assert_eq!(scene.status_of("focus-1", "f0"), Some(200));
    let sent = scene.focus_says("1", &["m1"]);
    if ended {
        scene.focus_ends(&invite, &ok);
        scene.pass(Duration::from_secs(2));
    }
    scene.register("reg-1");
    (scene, report, sent)
}

fn is_apart(one: &Message) -> bool {
    one.is_request() && one.method() == Method::Invite && header(one, Name::PAssertedIdentity) == STAND_FORWARD
}

fn apart(scene: &mut Scene) -> Message {
    scene.take("a session of notifications", is_apart)
}

fn bye_of(scene: &mut Scene, invite: &Message) {
    let fits = |one: &Message| one.is_request() && one.method() == Method::Bye && one.call_id() == invite.call_id();
    let bye = scene.take("BYE", fits);
    scene.accept(&bye);
}

#[test]
fn they_may_come_with_the_rest() {
    let (mut scene, report, sent) = scene(&[DrainLeg], false);
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), [vec![report], sent].concat());
    scene.none(Method::Message);
}

#[test]
fn each_may_come_as_a_request_and_live_ones_in_the_session() {
    let (mut scene, stored, sent) = scene(&[ByMessage], false);
    scene.answer_drain("phone", "sendrecv");
    let request = scene.request(Method::Message);
    assert_eq!(request.request_uri(), Some(CONTACT));
    assert_eq!(request.body(), stored);
    assert_eq!(header(&request, Name::ContributionId), "contribution-1");
    scene.accept(&request);
    assert_eq!(scene.heard("phone"), sent);
    let live = report("carol", "bob", "m0", "delivered");
    scene.say("focus-1", "f1", &live);
    assert_eq!(scene.heard("phone").last(), Some(&live));
    scene.none(Method::Message);
}

#[test]
fn they_may_come_in_a_session_of_their_own() {
    for ended in [false, true] {
        let (mut scene, report, sent) = scene(&[StoredNotificationSession], ended);
        let drain = scene.take("the drain", |one| one.method() == Method::Invite && !is_apart(one));
        let sdp = scene.end("phone", "active", if ended { "recvonly" } else { "sendrecv" });
        scene.answer_with(drain.clone(), "phone", sdp);
        assert_eq!(scene.heard("phone"), sent);
        let own = apart(&mut scene);
        assert_eq!(own.content_type().unwrap().unwrap().essence(), "application/sdp");
        assert_eq!(media(&own).direction, Direction::SendOnly);
        assert_eq!(header(&own, Name::ContributionId), "contribution-1");
        assert_eq!(header(&own, Name::ConversationId), "conversation-1");
        assert!(!header(&own, Name::Contact).contains("isfocus"));
        let sdp = scene.end("apart", "active", "recvonly");
        scene.answer_with(own.clone(), "apart", sdp);
        assert_eq!(scene.heard("apart"), [report]);
        bye_of(&mut scene, &own);
        scene.pass(Duration::from_secs(1));
        if ended {
            bye_of(&mut scene, &drain);
        }
        // All is with the phone: nothing comes twice.
        scene.none(Method::Message);
        scene.register("reg-2");
        scene.none(Method::Invite);
    }
}

#[test]
fn who_refuses_the_session_gets_them_by_the_next_path_or_at_the_next_trigger() {
    for (paths, by_message) in
        [(&[StoredNotificationSession, ByMessage][..], true), (&[StoredNotificationSession][..], false)]
    {
        let (mut scene, report, sent) = scene(paths, true);
        let drain = scene.take("the drain", |one| one.method() == Method::Invite && !is_apart(one));
        let sdp = scene.end("phone", "active", "recvonly");
        scene.answer_with(drain.clone(), "phone", sdp);
        let own = apart(&mut scene);
        scene.answer(&own, 403, "", None);
        if by_message {
            let request = scene.request(Method::Message);
            assert_eq!(request.body(), report);
            scene.accept(&request);
        }
        scene.pass(Duration::from_secs(1));
        bye_of(&mut scene, &drain);
        assert_eq!(scene.heard("phone"), sent);
        scene.register("reg-2");
        if by_message {
            scene.none(Method::Invite);
        } else {
            // There is nothing else: no drain comes with it.
            let own = apart(&mut scene);
            scene.none(Method::Invite);
            let sdp = scene.end("apart", "active", "recvonly");
            scene.answer_with(own, "apart", sdp);
            assert_eq!(scene.heard("apart"), [report]);
        }
    }
}

#[test]
fn a_session_that_breaks_loses_none_of_them() {
    let (mut scene, stored, _) = scene(&[StoredNotificationSession], true);
    let drain = scene.take("the drain", |one| one.method() == Method::Invite && !is_apart(one));
    let sdp = scene.end("phone", "active", "recvonly");
    scene.answer_with(drain.clone(), "phone", sdp);
    let own = apart(&mut scene);
    let sdp = scene.end("apart", "active", "recvonly");
    scene.answer(&own, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.prepare("apart", &own, true);
    scene.ends.get_mut("apart").unwrap().status = None;
    scene.run();
    assert_eq!(scene.heard("apart"), std::slice::from_ref(&stored));
    scene.restart();
    scene.register("reg-2");
    let own = apart(&mut scene);
    let sdp = scene.end("again", "active", "recvonly");
    scene.answer_with(own, "again", sdp);
    assert_eq!(scene.heard("again"), [stored]);
}

#[test]
fn a_session_that_nobody_answers_is_cancelled() {
    let (mut scene, _, sent) = scene(&[StoredNotificationSession], true);
    let drain = scene.take("the drain", |one| one.method() == Method::Invite && !is_apart(one));
    let sdp = scene.end("phone", "active", "recvonly");
    scene.answer_with(drain.clone(), "phone", sdp);
    let own = apart(&mut scene);
    scene.answer(&own, 180, "", None);
    scene.pass(Duration::from_secs(7));
    let cancel = scene.request(Method::Cancel);
    assert_eq!(cancel.call_id(), own.call_id());
    bye_of(&mut scene, &drain);
    assert_eq!(scene.heard("phone"), sent);
}
