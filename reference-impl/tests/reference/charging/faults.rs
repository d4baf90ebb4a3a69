//! Seeded faults, one by one: each is seen by what it does, and does nothing else.

use super::*;
use crate::pair::{chat, onward, up};
use crate::scene::charging_server::{Credit, told, used};
use cpm_reference::faults::Fault;
use cpm_wire::diameter::dictionary::*;
use cpm_wire::diameter::result;
use pretty_assertions::{assert_eq, assert_ne};
use std::time::Duration;

fn faulty(id: &str, how: Charging) -> Scene {
    let fault = Fault::named(id).unwrap_or_else(|| panic!("{id} is no fault"));
    let mut scene = Scene::faulty(Some(fault), |config| configure(config, how, |_| {}));
    begin(&mut scene);
    scene
}

/// A session that is changed and ends, and a message; what was recorded of them.
fn recorded(scene: &mut Scene) -> Vec<(u32, u32)> {
    let pair = crate::pair::up_with(scene, "1", vector("ab-12"));
    changed(scene, &pair, 2);
    hung_up(scene, &pair);
    carried(scene, &pager(ALICE, BOB, "a").build(), 200);
    scene.pass(Duration::from_secs(5));
    scene.charging.records()
}

#[test]
fn records_lack_what_a_fault_leaves_out() {
    let all = [(START, 0), (INTERIM, 1), (STOP, 2), (ALONE, 0)];
    for (fault, left_out) in [
        ("records-no-sessions", &[START, INTERIM, STOP][..]),
        ("records-no-end-of-sessions", &[STOP]),
        ("records-no-change-of-sessions", &[INTERIM]),
        ("records-no-messages", &[ALONE]),
    ] {
        let mut scene = faulty(fault, Charging::Offline);
        let left: Vec<_> = all.into_iter().filter(|(kind, _)| !left_out.contains(kind)).collect();
        assert_eq!(recorded(&mut scene), left, "{fault}");
    }
}

#[test]
fn records_say_what_a_fault_has_them_say() {
    let mut scene = faulty("ends-the-record-of-another-session", Charging::Offline);
    recorded(&mut scene);
    assert_ne!(scene.charging.asked[2].session_id(), scene.charging.asked[0].session_id());
    let mut scene = faulty("records-another-charging-identifier", Charging::Offline);
    recorded(&mut scene);
    assert_eq!(told(&scene.charging.asked[0], &IMS_CHARGING_IDENTIFIER).as_deref(), Some("x1-ba"));
    let mut scene = faulty("numbers-all-records-alike", Charging::Offline);
    assert_eq!(recorded(&mut scene), [(START, 0), (INTERIM, 0), (STOP, 0), (ALONE, 0)]);
    let mut scene = faulty("records-messages-twice", Charging::Offline);
    assert_eq!(recorded(&mut scene)[3..], [(ALONE, 0), (ALONE, 0)]);
    assert_ne!(scene.charging.asked[4].session_id(), scene.charging.asked[3].session_id());
}

#[test]
fn credit_is_not_asked_for_or_too_late_or_not_returned() {
    let mut scene = faulty("asks-for-no-credit", Charging::Online);
    recorded(&mut scene);
    assert_eq!(scene.charging.questions(), []);
    let mut scene = faulty("asks-for-credit-too-late", Charging::Online);
    scene.charging.credit = Some(Credit::Result(result::CREDIT_LIMIT_REACHED));
    scene.send(&chat(&scene, "1", false).build());
    onward(&mut scene);
    assert_eq!(scene.charging.questions(), []);
    scene.pass(Duration::from_secs(1));
    assert_eq!(scene.charging.questions(), [(INITIAL, 0)]);
    let mut scene = faulty("returns-no-credit", Charging::Online);
    recorded(&mut scene);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (UPDATE, 1), (ONE_TIME, 0)]);
    let mut scene = faulty("records-no-change-of-sessions", Charging::Online);
    recorded(&mut scene);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (TERMINATION, 2), (ONE_TIME, 0)]);
}

#[test]
fn what_the_server_says_of_credit_counts_for_nothing() {
    for (fault, code, goes_on) in [
        ("serves-without-credit", Some(result::CREDIT_LIMIT_REACHED), true),
        ("refuses-what-is-not-charged", Some(result::CREDIT_CONTROL_NOT_APPLICABLE), false),
        ("refuses-whoever-pays-by-credit", None, false),
    ] {
        let mut scene = faulty(fault, Charging::Online);
        scene.charging.credit = code.map(Credit::Result);
        scene.send(&chat(&scene, "1", false).build());
        scene.send(&pager(BOB, ALICE, "a").build());
        match goes_on {
            true => {
                onward(&mut scene);
                scene.request(Method::Message);
            }
            false => {
                scene.response(Method::Invite, 402);
                scene.response(Method::Message, 402);
                scene.none(Method::Invite);
            }
        }
    }
}

#[test]
fn credit_that_is_used_up_ends_nothing_or_one_side_or_is_not_reported() {
    let used_up = |fault: &str| {
        let mut scene = faulty(fault, Charging::Online);
        scene.charging.credit = Some(Credit::Units(CC_TIME, 5, true));
        let pair = up(&mut scene, "1");
        scene.pass(Duration::from_secs(6));
        (scene, pair)
    };
    let (scene, _) = used_up("goes-on-when-credit-is-used-up");
    scene.none(Method::Bye);
    let (mut scene, pair) = used_up("ends-one-side-when-credit-is-used-up");
    assert_eq!(scene.request(Method::Bye).call_id(), pair.leg(true));
    scene.none(Method::Bye);
    let (mut scene, pair) = used_up("reports-no-use");
    pair.ended_on_both_sides(&mut scene);
    assert_eq!(scene.charging.questions(), [(INITIAL, 0), (TERMINATION, 1)]);
    assert_eq!(scene.charging.credits().last().map(used), Some(None));
}

#[test]
fn without_a_server_records_are_lost_or_traffic_or_what_was_configured() {
    for reset in [true, false] {
        let mut scene = faulty("forgets-records-without-a-server", Charging::Offline);
        (scene.charging.is_there, scene.charging.is_silent) = (!reset, !reset);
        let pair = up(&mut scene, "1");
        hung_up(&mut scene, &pair);
        scene.pass(Duration::from_secs(5));
        scene.charging.asked.clear();
        (scene.charging.is_there, scene.charging.is_silent) = (true, false);
        scene.pass(Duration::from_secs(20));
        assert_eq!(scene.charging.records(), []);
    }
    let mut scene = faulty("holds-up-traffic-without-a-server", Charging::Offline);
    scene.charging.is_there = false;
    scene.send(&chat(&scene, "1", false).build());
    scene.pass(Duration::from_secs(3));
    scene.response(Method::Invite, 480);
    let mut scene = faulty("turns-failure-handling-round", Charging::Online);
    scene.charging.is_there = false;
    scene.send(&chat(&scene, "1", false).build());
    scene.pass(Duration::from_secs(3));
    onward(&mut scene);
}
