//! Lists of participants in the session that brings what was missed, in virtual time. [CPM-CONV-058a, CPM-CONV-058b,
//! L11, L23]

use crate::scene::Scene;
use crate::scene::conference::*;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_reference::config::{Delivery, FinalList, Intermediate, Order, Shape};
use cpm_wire::conference_info::{Document, Roster, State};
use cpm_wire::cpim;
use cpm_wire::io::Closing;
use cpm_wire::sip::{Message, Method};
use pretty_assertions::assert_eq;
use std::time::Duration;

const ACTIVE: &str = "active;expires=3600";

fn declared(intermediate: &[Intermediate], final_list: &[FinalList]) -> impl Fn(&mut Delivery) {
    move |delivery| (delivery.intermediate, delivery.final_list) = (intermediate.to_vec(), final_list.to_vec())
}

fn scene(change: impl FnOnce(&mut Delivery)) -> Scene {
    Scene::with(|config| change(&mut config.delivery))
}

/// Carol leaves between the first message and the second, Dave comes after the second.
fn absence(scene: &mut Scene) -> (Conference, (Message, Message)) {
    let dialog = scene.stand_in("1");
    let mut conference = Conference::accept(scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(scene, ACTIVE, &Document::full(FOCUS, 1, all));
    scene.focus_says("1", &["m1"]);
    conference.tell(scene, ACTIVE, &Document::partial(FOCUS, 2, vec![gone("carol")]));
    scene.focus_says("1", &["m2"]);
    conference.tell(scene, ACTIVE, &Document::partial(FOCUS, 3, vec![connected("dave")]));
    (conference, dialog)
}

/// Bob's phone answers; it takes lists.
fn answer(scene: &mut Scene, end: &str, direction: &str) {
    let invite = scene.request(Method::Invite);
    let sdp = scene.end(end, "active", direction);
    scene.answer_with(invite, end, taking_lists(&sdp));
}

fn taking_lists(sdp: &str) -> String {
    sdp.replace("accept-types:", "accept-types:application/conference-info+xml ")
}

/// What came, in order: the ids of messages, and of lists their kind, their version and who is in by then.
fn story(heard: &[Bytes]) -> Vec<String> {
    let mut roster = Roster::new();
    let mut one = |octets: &Bytes| match Document::parse(octets) {
        Ok(document) => {
            if document.state == State::Full && document.version == Some(1) {
                roster = Roster::new();
            }
            roster.apply(&document).unwrap();
            let kind = if document.state == State::Full { "full" } else { "partial" };
            let present: String = present(&roster).iter().map(|uri| &uri[4..5]).collect();
            format!("{kind} {} {present}", document.version.unwrap())
        }
        Err(_) => {
            let message = cpim::Message::parse(octets.clone()).unwrap();
            message.imdn_message_id().unwrap().to_owned()
        }
    };
    heard.iter().map(&mut one).collect()
}

fn drained(change: impl Fn(&mut Delivery), ended: bool) -> Vec<String> {
    let mut scene = scene(change);
    let (mut conference, (invite, ok)) = absence(&mut scene);
    if ended {
        scene.focus_ends(&invite, &ok);
        conference.tell(&mut scene, "terminated;reason=noresource", &Document::partial(FOCUS, 4, vec![gone("bob")]));
    }
    scene.register("reg-1");
    answer(&mut scene, "phone", if ended { "recvonly" } else { "sendrecv" });
    scene.pass(Duration::from_secs(1));
    if ended {
        let bye = scene.request(Method::Bye);
        scene.accept(&bye);
    } else {
        scene.none(Method::Bye);
        // What is live is told to who subscribes, and the session goes on.
        conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 4, vec![gone("alice")]));
        scene.focus_says("1", &["m3"]);
        assert_eq!(story(scene.heard("phone")).last().unwrap(), "m3");
    }
    let mut heard = story(scene.heard("phone"));
    heard.retain(|one| one != "m3");
    heard
}

#[test]
fn the_final_list_may_come_after_the_last_stored_message() {
    let last = declared(&[], &[FinalList::CarrierMsrp]);
    assert_eq!(drained(&last, false), ["m1", "m2", "full 1 abd"]);
    assert_eq!(drained(&last, true), ["m1", "m2", "full 1 ad"]);
}

#[test]
fn documents_stand_at_their_place_among_the_messages() {
    let chain = declared(&[Intermediate::MsrpDocuments], &[]);
    assert_eq!(drained(&chain, false), ["full 1 abc", "m1", "partial 2 ab", "m2", "partial 3 abd"]);
    assert_eq!(drained(&chain, true), ["full 1 abc", "m1", "partial 2 ab", "m2", "partial 3 abd", "partial 4 ad"]);
    let both = declared(&[Intermediate::MsrpDocuments], &[FinalList::CarrierMsrp]);
    assert_eq!(drained(&both, false), ["full 1 abc", "m1", "partial 2 ab", "m2", "partial 3 abd", "full 4 abd"]);
}

#[test]
fn each_message_may_come_with_its_list() {
    let each = declared(&[Intermediate::PerMessageList], &[FinalList::CarrierMsrp]);
    assert_eq!(drained(&each, false), ["full 1 abc", "m1", "full 2 ab", "m2", "full 3 abd"]);
    assert_eq!(drained(&each, true), ["full 1 abc", "m1", "full 2 ab", "m2", "full 3 ad"]);
    // The last change stands at no message, and is told all the same.
    let alone = declared(&[Intermediate::PerMessageList], &[]);
    assert_eq!(drained(&alone, false), ["full 1 abc", "m1", "full 2 ab", "m2", "full 3 abd"]);
}

#[test]
fn what_is_not_declared_is_not_sent() {
    assert_eq!(drained(declared(&[], &[FinalList::CarrierNotify]), false), ["m1", "m2"]);
}

#[test]
fn a_device_that_does_not_take_lists_gets_its_messages() {
    let mut scene = scene(declared(&[Intermediate::MsrpDocuments], &[FinalList::CarrierMsrp]));
    absence(&mut scene);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    let sdp = scene.end("phone", "active", "sendrecv").replace(" application/conference-info+xml", "");
    scene.answer_with(invite, "phone", sdp);
    assert_eq!(story(scene.heard("phone")), ["m1", "m2"]);
}

#[test]
fn a_list_that_is_refused_holds_up_nothing() {
    let mut scene = scene(declared(&[Intermediate::MsrpDocuments], &[FinalList::CarrierMsrp]));
    absence(&mut scene);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    let sdp = taking_lists(&scene.end("phone", "active", "sendrecv"));
    scene.answer(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.prepare("phone", &invite, true);
    scene.ends.get_mut("phone").unwrap().refused_types.push("application/conference-info+xml".to_owned());
    scene.run();
    assert_eq!(story(scene.heard("phone")), ["full 1 abc", "m1", "m2"]);
}

#[test]
fn a_device_that_was_lost_is_told_from_where_it_was() {
    for restart in [false, true] {
        let mut scene = scene(declared(&[Intermediate::MsrpDocuments], &[FinalList::CarrierMsrp]));
        let (_, (invite, ok)) = absence(&mut scene);
        scene.focus_ends(&invite, &ok);
        scene.pass(Duration::from_secs(2));
        scene.register("reg-1");
        let invite = scene.request(Method::Invite);
        let sdp = taking_lists(&scene.end("phone", "active", "recvonly"));
        scene.answer(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
        scene.request(Method::Ack);
        scene.prepare("phone", &invite, true);
        scene.ends.get_mut("phone").unwrap().answered = Some(3);
        scene.run();
        assert_eq!(story(scene.heard("phone")), ["full 1 abc", "m1", "partial 2 ab", "m2"]);
        if restart {
            scene.restart();
        } else {
            scene.drop_connection("phone", Closing::Reset);
        }
        scene.register("reg-2");
        answer(&mut scene, "again", "recvonly");
        assert_eq!(story(scene.heard("again")), ["full 1 ab", "m2", "partial 2 abd", "full 3 abd"], "{restart}");
    }
}

/// The phone takes this many messages and lists, and is lost; the next leg is `again`.
fn lost_after(scene: &mut Scene, taken: usize) {
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    let sdp = taking_lists(&scene.end("phone", "active", "sendrecv"));
    scene.answer(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.request(Method::Ack);
    scene.prepare("phone", &invite, true);
    scene.ends.get_mut("phone").unwrap().answered = Some(taken);
    scene.run();
}

#[test]
fn what_a_subscription_told_meanwhile_does_not_take_the_place_of_documents() {
    let mut scene = scene(declared(&[Intermediate::MsrpDocuments], &[]));
    absence(&mut scene);
    lost_after(&mut scene, 2);
    subscribe(&mut scene, "sub-1");
    notified(&mut scene);
    scene.drop_connection("phone", Closing::Reset);
    scene.register("reg-2");
    answer(&mut scene, "again", "sendrecv");
    assert_eq!(story(scene.heard("again")), ["full 1 abc", "partial 2 ab", "m2", "partial 3 abd"]);
}

#[test]
fn no_list_is_older_than_what_the_device_knew() {
    let mut scene = scene(declared(&[Intermediate::PerMessageList], &[]));
    scene.register("reg-1");
    scene.join("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, ACTIVE, &Document::full(FOCUS, 1, all));
    subscribe(&mut scene, "sub-1");
    notified(&mut scene);
    // The phone hears that Carol has left, but does not answer the message before that.
    scene.ends.get_mut("phone").unwrap().answered = Some(0);
    scene.focus_says("1", &["m1"]);
    conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 2, vec![gone("carol")]));
    notified(&mut scene);
    scene.drop_connection("phone", Closing::Reset);
    scene.register("reg-2");
    answer(&mut scene, "again", "sendrecv");
    assert_eq!(story(scene.heard("again")), ["full 1 ab", "m1"]);
}

#[test]
fn who_rejoins_and_missed_nothing_is_told_nothing() {
    let mut scene = scene(|delivery| {
        declared(&[Intermediate::MsrpDocuments], &[FinalList::CarrierMsrp])(delivery);
        delivery.shape_live = Shape::SendonlyThenRejoin;
    });
    absence(&mut scene);
    scene.register("reg-1");
    answer(&mut scene, "phone", "recvonly");
    assert_eq!(story(scene.heard("phone")).last().unwrap(), "full 4 abd");
    scene.pass(Duration::from_secs(1));
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    let sdp = taking_lists(&scene.end("live", "active", "sendrecv"));
    let rejoin = from_device("1", FOCUS, "rejoin-1", &sdp, None);
    scene.send(&rejoin);
    scene.device_let_in("live", &rejoin);
    scene.focus_says("1", &["m3"]);
    assert_eq!(story(scene.heard("live")), ["m3"]);
}

#[test]
fn the_call_of_the_device_brings_the_lists_too() {
    let mut scene = scene(|delivery| {
        declared(&[Intermediate::MsrpDocuments], &[])(delivery);
        delivery.shape_live = Shape::ClientRejoinLeg;
    });
    absence(&mut scene);
    let sdp = taking_lists(&scene.end("phone", "active", "sendrecv"));
    let rejoin = from_device("1", FOCUS, "rejoin-1", &sdp, None);
    scene.send(&rejoin);
    scene.device_let_in("phone", &rejoin);
    assert_eq!(story(scene.heard("phone")), ["full 1 abc", "m1", "partial 2 ab", "m2", "partial 3 abd"]);
}

#[test]
fn messages_in_the_order_of_their_time_are_not_held_up_by_lists() {
    let at = |id: &str, second: u32| {
        cpim::Builder::new("sip:alice@example.com", FOCUS)
            .date_time(&format!("2026-01-02T03:04:{second:02}Z"))
            .message_id(id)
            .content("text/plain", id.to_owned())
            .build()
    };
    for intermediate in [Intermediate::MsrpDocuments, Intermediate::NotifyChain] {
        let mut scene = scene(|delivery| {
            declared(&[intermediate], &[])(delivery);
            delivery.order = Order::Datetime;
        });
        scene.stand_in("1");
        let mut conference = Conference::accept(&mut scene);
        let all = ["alice", "bob", "carol"].map(connected).to_vec();
        conference.tell(&mut scene, ACTIVE, &Document::full(FOCUS, 1, all));
        scene.say("focus-1", "f1", &at("m1", 20));
        conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 2, vec![gone("carol")]));
        scene.say("focus-1", "f2", &at("m2", 10));
        scene.register("reg-1");
        answer(&mut scene, "phone", "sendrecv");
        if intermediate == Intermediate::NotifyChain {
            subscribe(&mut scene, "sub-1");
            notified(&mut scene);
            assert_eq!(story(scene.heard("phone")), ["m2", "m1"]);
            notified(&mut scene);
        } else {
            assert_eq!(story(scene.heard("phone")), ["full 1 abc", "m2", "m1", "partial 2 ab"]);
        }
    }
}
