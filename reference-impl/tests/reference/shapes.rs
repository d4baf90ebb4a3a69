//! The shapes, identities, lists and orders in which what was missed may be delivered, in virtual time.
//! [CPM-CONV-058a, L07, L08, L10, L27]

use crate::scene::conference::*;
use crate::scene::messages::*;
use crate::scene::{Scene, header, media};
use cpm_reference::config::{Identity, InviteList, Order, Shape};
use cpm_wire::conference_info::Document;
use cpm_wire::cpim;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

const DEFERRED: &str = "sip:deferred@example.com";

fn shaped(shape: Shape) -> Scene {
    Scene::with(|config| (config.delivery.shape_live, config.delivery.shape_ended) = (shape, shape))
}

fn bye(scene: &mut Scene, of: &Message) {
    let bye = scene.request(Method::Bye);
    assert_eq!(bye.call_id(), of.call_id());
    scene.accept(&bye);
}

fn reports(scene: &mut Scene, end: &str, ids: &[&str]) {
    for id in ids {
        scene.say(end, &format!("r-{id}"), &report("bob", "alice", id, "delivered"));
    }
}

#[test]
fn a_chat_that_goes_on_may_be_drained_apart_and_rejoined() {
    let mut scene = shaped(Shape::SendonlyThenRejoin);
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    scene.register("reg-1");
    let (drain, _) = scene.answer_drain("phone", "recvonly");
    assert_eq!(media(&drain).direction, Direction::SendOnly);
    assert_eq!(scene.heard("phone"), sent);
    reports(&mut scene, "phone", &["m1", "m2"]);
    assert_eq!(scene.heard("focus-1").len(), 2);
    bye(&mut scene, &drain);
    // The user is still a member; what comes now waits for the rejoin.
    let then = scene.focus_says("1", &["m3"]);
    scene.none(Method::Invite);
    let rejoin = scene.device_calls(FOCUS, "rejoin-1", "live", None);
    let ok = scene.device_let_in("live", &rejoin);
    assert_eq!(media(&ok).direction, Direction::SendRecv);
    assert_eq!(scene.heard("live"), then);
    scene.focus_says("1", &["m4"]);
    assert_eq!(scene.heard("live").len(), 2);
    scene.none(Method::Bye);
}

#[test]
fn a_device_that_does_not_rejoin_is_drained_at_the_next_trigger_and_not_called_for_nothing() {
    let mut scene = shaped(Shape::SendonlyThenRejoin);
    scene.stand_in("1");
    scene.register("reg-1");
    // It has to hear of the chat, once.
    let (drain, _) = scene.answer_drain("phone", "recvonly");
    bye(&mut scene, &drain);
    scene.register("reg-2");
    scene.none(Method::Invite);
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-3");
    scene.answer_drain("again", "recvonly");
    assert_eq!(scene.heard("again"), sent);
}

#[test]
fn what_was_missed_may_wait_for_the_call_of_the_device() {
    let mut scene = shaped(Shape::ClientRejoinLeg);
    let (invite, ok) = scene.stand_in("1");
    let mut sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    scene.none(Method::Invite);
    let rejoin = scene.device_calls(FOCUS, "rejoin-1", "phone", None);
    scene.device_let_in("phone", &rejoin);
    sent.extend(scene.focus_says("1", &["m2"]));
    assert_eq!(scene.heard("phone"), sent);
    scene.drop_connection("phone", cpm_wire::io::Closing::Reset);
    let missed = scene.focus_says("1", &["m3"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-2");
    scene.none(Method::Invite);
    // The chat has ended: the device gets what there is, and is told by the end of the session.
    let rejoin = scene.device_calls(FOCUS, "rejoin-2", "again", None);
    scene.none(Method::Invite);
    scene.device_let_in("again", &rejoin);
    assert_eq!(scene.heard("again"), missed);
    reports(&mut scene, "again", &["m3"]);
    bye(&mut scene, &rejoin);
    // With nothing left the focus is asked.
    scene.device_calls(FOCUS, "rejoin-3", "nothing", None);
    let onward = scene.request(Method::Invite);
    scene.answer(&onward, 404, "", None);
    scene.response(Method::Invite, 404);
}

/// Bob's phone comes for what is stored.
fn fetch(scene: &mut Scene, call_id: &str, end: &str) -> Message {
    let sdp = scene.end(end, "active", "recvonly");
    let fetch = from_device("1", DEFERRED, call_id, &sdp, None);
    scene.send(&fetch);
    fetch
}

#[test]
fn a_device_may_be_told_and_fetch() {
    for ended in [false, true] {
        let mut scene = shaped(Shape::StoreAndNotify);
        let (invite, ok) = scene.stand_in("1");
        let sent = scene.focus_says("1", &["m1", "m2"]);
        if ended {
            scene.focus_ends(&invite, &ok);
        }
        scene.register("reg-1");
        scene.none(Method::Invite);
        let notice = scene.request(Method::Message);
        assert_eq!(notice.request_uri(), Some(CONTACT));
        assert_eq!(header(&notice, Name::ContributionId), "contribution-1");
        assert_eq!(header(&notice, Name::ConversationId), "conversation-1");
        assert_eq!(header(&notice, Name::ContentType), "application/simple-message-summary");
        assert!(String::from_utf8_lossy(notice.body()).contains("Text-Message: 2/0\r\n"));
        scene.accept(&notice);

        let asked = fetch(&mut scene, "fetch-1", "phone");
        let answer = scene.device_let_in("phone", &asked);
        assert_eq!(media(&answer).direction, Direction::SendOnly);
        assert_eq!(scene.heard("phone"), sent);
        scene.pass(Duration::from_secs(1));
        bye(&mut scene, &asked);
        fetch(&mut scene, "fetch-2", "nothing");
        scene.response(Method::Invite, 404);
        scene.register("reg-2");
        scene.none(Method::Message);
        if !ended {
            let rejoin = scene.device_calls(FOCUS, "rejoin-1", "live", None);
            scene.device_let_in("live", &rejoin);
            let live = scene.focus_says("1", &["m3"]);
            assert_eq!(scene.heard("live"), live);
        }
    }
}

#[test]
fn a_fetch_of_what_nobody_knows_yields_nothing() {
    let mut scene = shaped(Shape::StoreAndNotify);
    fetch(&mut scene, "fetch-1", "phone");
    scene.response(Method::Invite, 404);
    assert_eq!(scene.store.contents().chats.len(), 0);
}

fn drain_with(change: impl FnOnce(&mut cpm_reference::config::Delivery)) -> Message {
    let mut scene = Scene::with(|config| {
        config.delivery.intermediate.clear();
        change(&mut config.delivery);
    });
    scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, "active;expires=3600", &Document::full(FOCUS, 1, all));
    conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, 2, vec![gone("carol")]));
    conference.tell(&mut scene, "active;expires=3600", &Document::partial(FOCUS, 3, vec![connected("dave")]));
    scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv").0
}

#[test]
fn a_delivery_comes_from_whom_it_is_declared_to() {
    for (identity, asserted) in [
        (Identity::Focus, FOCUS),
        (Identity::Inviter, "sip:alice@example.com"),
        (Identity::RcseStandfw, "sip:rcse-standfw@example.com"),
    ] {
        let drain = drain_with(|delivery| delivery.identity = identity);
        assert_eq!(drain.headers(&Name::PAssertedIdentity).collect::<Vec<_>>(), [format!("<{asserted}>")]);
        assert_eq!(header(&drain, Name::ReferredBy), "<sip:alice@example.com>");
        assert!(header(&drain, Name::Contact).contains(";isfocus"));
        assert_eq!(drain.content_type().unwrap().unwrap().essence(), "multipart/mixed");
    }
}

#[test]
fn its_invitation_carries_the_declared_list() {
    for (invite_list, carol, dave) in
        [(InviteList::Initial, true, false), (InviteList::Final, false, true), (InviteList::None, false, false)]
    {
        let drain = drain_with(|delivery| delivery.invite_list = invite_list);
        let text = String::from_utf8_lossy(drain.body()).into_owned();
        assert_eq!(text.contains("carol@example.com"), carol, "{text}");
        assert_eq!(text.contains("dave@example.com"), dave, "{text}");
    }
}

#[test]
fn stored_messages_may_come_in_the_order_in_which_they_were_written() {
    let at = |id: &str, second: u32| {
        cpim::Builder::new("sip:alice@example.com", FOCUS)
            .date_time(&format!("2026-01-02T03:04:{second:02}Z"))
            .message_id(id)
            .content("text/plain", id.to_owned())
            .build()
    };
    let [one, two, three] = [at("m1", 20), at("m2", 10), at("m3", 30)];
    for (order, expected) in [(Order::Completion, [&one, &two, &three]), (Order::Datetime, [&two, &one, &three])] {
        let mut scene = Scene::with(|config| config.delivery.order = order);
        scene.stand_in("1");
        for (id, octets) in [("f1", &one), ("f2", &two), ("f3", &three)] {
            scene.say("focus-1", id, octets);
        }
        scene.register("reg-1");
        scene.answer_drain("phone", "sendrecv");
        assert_eq!(scene.heard("phone").iter().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_device_that_comes_right_after_a_restart_gets_what_was_stored() {
    for shape in [Shape::ClientRejoinLeg, Shape::StoreAndNotify] {
        for answered_first in [false, true] {
            let mut scene = shaped(shape);
            scene.stand_in("1");
            let sent = scene.focus_says("1", &["m1", "m2"]);
            scene.restart();
            scene.ends.remove("focus-1");
            scene.register("reg-1");
            let again = scene.request(Method::Invite);
            if answered_first {
                let sdp = scene.end("focus-1", "passive", "sendrecv");
                scene.answer(&again, 200, &format!("<{FOCUS}>;isfocus"), Some(sdp));
            }
            let target = if shape == Shape::ClientRejoinLeg { FOCUS } else { DEFERRED };
            let invite = scene.device_calls(target, "rejoin-1", "phone", None);
            scene.device_let_in("phone", &invite);
            assert_eq!(scene.heard("phone"), sent, "{shape:?} {answered_first}");
        }
    }
}
