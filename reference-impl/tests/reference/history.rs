//! How a device is told what became of the list of participants while its user was away, in virtual time.
//! [CPM-CONV-058b, L23]

use crate::scene::Scene;
use crate::scene::conference::*;
use crate::scene::messages::*;
use bytes::Bytes;
use cpm_wire::conference_info::{Document, Roster, State};
use cpm_wire::io::Closing;
use cpm_wire::sip::{Message, Method};
use pretty_assertions::assert_eq;
use std::time::Duration;

const ACTIVE: &str = "active;expires=3600";

/// Carol leaves between the first message and the second, Dave comes between the second and the third.
fn absence(scene: &mut Scene) -> (Conference, (Message, Message), Vec<Bytes>) {
    let dialog = scene.stand_in("1");
    let mut conference = Conference::accept(scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(scene, ACTIVE, &Document::full(FOCUS, 1, all));
    let mut sent = scene.focus_says("1", &["m1"]);
    conference.tell(scene, ACTIVE, &Document::partial(FOCUS, 2, vec![gone("carol")]));
    sent.extend(scene.focus_says("1", &["m2"]));
    conference.tell(scene, ACTIVE, &Document::partial(FOCUS, 3, vec![connected("dave")]));
    sent.extend(scene.focus_says("1", &["m3"]));
    (conference, dialog, sent)
}

/// What the phone makes of the next notification, which it answers: state of the subscription, and who is in.
fn hears(scene: &mut Scene, roster: &mut Roster) -> (String, State, String) {
    let (state, document) = notified(scene);
    let document = document.expect("a document");
    roster.apply(&document).unwrap();
    let present = present(roster).iter().map(|uri| &uri[4..5]).collect();
    (state.split(';').next().unwrap().to_owned(), document.state, present)
}

fn told(state: &str, kind: State, present: &str) -> (String, State, String) {
    (state.to_owned(), kind, present.to_owned())
}

#[test]
fn each_change_comes_at_its_place_among_the_messages() {
    for ended in [false, true] {
        let mut scene = Scene::new();
        let (mut conference, (invite, ok), mut sent) = absence(&mut scene);
        if ended {
            scene.focus_ends(&invite, &ok);
            let last = Document::partial(FOCUS, 4, vec![gone("bob")]);
            conference.tell(&mut scene, "terminated;reason=noresource", &last);
        }
        scene.register("reg-1");
        scene.answer_drain("phone", if ended { "recvonly" } else { "sendrecv" });
        assert_eq!(scene.heard("phone").len(), 0, "before the phone has asked for the list");
        subscribe(&mut scene, "sub-1");
        let mut roster = Roster::new();
        assert_eq!(scene.heard("phone").len(), 0, "before the phone has the first list");
        assert_eq!(hears(&mut scene, &mut roster), told("active", State::Full, "abc"));
        assert_eq!(scene.heard("phone"), &sent[..1]);
        assert_eq!(hears(&mut scene, &mut roster), told("active", State::Partial, "ab"));
        assert_eq!(scene.heard("phone"), &sent[..2]);
        assert_eq!(hears(&mut scene, &mut roster), told("active", State::Partial, "abd"));
        assert_eq!(scene.heard("phone"), sent);
        if ended {
            assert_eq!(hears(&mut scene, &mut roster), told("terminated", State::Partial, "ad"));
        } else {
            // The subscription goes on: live changes and messages keep their order, too.
            conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 4, vec![gone("alice")]));
            sent.extend(scene.focus_says("1", &["m4"]));
            assert_eq!(scene.heard("phone").len(), 3);
            assert_eq!(hears(&mut scene, &mut roster), told("active", State::Partial, "bd"));
            assert_eq!(scene.heard("phone"), sent);
        }
        scene.none(Method::Notify);
    }
}

#[test]
fn what_happened_outlives_the_process() {
    let mut scene = Scene::new();
    let (_, (invite, ok), sent) = absence(&mut scene);
    scene.focus_ends(&invite, &ok);
    scene.restart();
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    subscribe(&mut scene, "sub-1");
    let mut roster = Roster::new();
    let heard: Vec<String> = (0..3).map(|_| hears(&mut scene, &mut roster).2).collect();
    assert_eq!(heard, ["abc", "ab", "abd"]);
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_device_that_does_not_ask_is_not_kept_waiting() {
    let mut scene = Scene::new();
    let (_, _, sent) = absence(&mut scene);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    scene.pass(Duration::from_millis(299));
    assert_eq!(scene.heard("phone").len(), 0);
    scene.pass(Duration::from_millis(2));
    assert_eq!(scene.heard("phone"), sent);
    // Who asks late hears it all the same.
    subscribe(&mut scene, "sub-1");
    let mut roster = Roster::new();
    let heard: Vec<String> = (0..3).map(|_| hears(&mut scene, &mut roster).2).collect();
    assert_eq!(heard, ["abc", "ab", "abd"]);
}

#[test]
fn a_device_that_answers_no_notification_gets_its_messages_all_the_same() {
    let mut scene = Scene::new();
    let (_, _, sent) = absence(&mut scene);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    subscribe(&mut scene, "sub-1");
    scene.pass(Duration::from_secs(1));
    assert_eq!(scene.heard("phone").len(), 0);
    scene.pass(Duration::from_secs(2));
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn where_nothing_changed_nobody_waits() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, ACTIVE, &Document::full(FOCUS, 1, all));
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn what_a_device_saw_before_it_was_lost_is_not_told_again() {
    let mut scene = Scene::new();
    scene.register("reg-1");
    scene.join("1");
    let mut conference = Conference::accept(&mut scene);
    let all = ["alice", "bob", "carol"].map(connected).to_vec();
    conference.tell(&mut scene, ACTIVE, &Document::full(FOCUS, 1, all));
    subscribe(&mut scene, "sub-1");
    let mut roster = Roster::new();
    assert_eq!(hears(&mut scene, &mut roster), told("active", State::Full, "abc"));
    conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 2, vec![gone("carol")]));
    assert_eq!(hears(&mut scene, &mut roster), told("active", State::Partial, "ab"));

    // The old subscription hears nothing any more, and is given up with its first unanswered notification.
    scene.drop_connection("phone", Closing::Reset);
    let mut sent = scene.focus_says("1", &["m1"]);
    conference.tell(&mut scene, ACTIVE, &Document::partial(FOCUS, 3, vec![connected("dave")]));
    let lost = scene.request(Method::Notify);
    scene.answer(&lost, 481, "", None);
    sent.extend(scene.focus_says("1", &["m2"]));
    scene.register("reg-2");
    scene.answer_drain("again", "sendrecv");
    subscribe(&mut scene, "sub-2");
    let mut roster = Roster::new();
    assert_eq!(hears(&mut scene, &mut roster), told("active", State::Full, "ab"));
    assert_eq!(scene.heard("again"), &sent[..1]);
    assert_eq!(hears(&mut scene, &mut roster), told("active", State::Partial, "abd"));
    assert_eq!(scene.heard("again"), sent);

    // Another subscription starts with what is known by now.
    subscribe(&mut scene, "sub-3");
    let mut roster = Roster::new();
    assert_eq!(hears(&mut scene, &mut roster), told("active", State::Full, "abd"));
    scene.none(Method::Notify);
}

#[test]
fn where_history_is_not_told_the_list_is_the_final_one_at_once() {
    let mut scene = Scene::with(|config| config.delivery.intermediate.clear());
    let (_, (invite, ok), sent) = absence(&mut scene);
    scene.focus_ends(&invite, &ok);
    scene.pass(Duration::from_secs(2));
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    assert_eq!(scene.heard("phone"), sent);
    subscribe(&mut scene, "sub-1");
    assert_eq!(hears(&mut scene, &mut Roster::new()), told("terminated", State::Full, "abd"));
}
