//! A server that is away, or says nothing.

use super::*;
use crate::pair::{chat, onward, up};
use crate::scene::charging_server::Credit;
use cpm_reference::config::FailureHandling;
use cpm_wire::diameter::{CommandFlags, Message as Diameter, result};
use pretty_assertions::assert_eq;
use std::time::Duration;

fn is_repeated(record: &Diameter) -> bool {
    record.header().flags.has(CommandFlags::RETRANSMITTED)
}

#[test]
fn records_wait_for_a_server_that_is_away_and_the_session_goes_on() {
    let mut scene = charging(Charging::Offline);
    scene.charging.is_there = false;
    let pair = up(&mut scene, "1");
    scene.pass(Duration::from_secs(60));
    pair.is_usable(&mut scene, "caller-1", "callee-1", "meanwhile");
    hung_up(&mut scene, &pair);
    assert_eq!((scene.charging.records().len(), scene.store.contents().charging.len()), (0, 2));
    scene.charging.is_there = true;
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.charging.records(), [(START, 0), (STOP, 1)]);
    // They never went anywhere before.
    assert!(!scene.charging.asked.iter().any(is_repeated));
    assert_eq!(scene.store.contents().charging, []);
}

#[test]
fn what_may_have_been_sent_before_says_so_when_it_is_sent_again() {
    let mut scene = charging(Charging::Offline);
    scene.charging.is_silent = true;
    let pair = up(&mut scene, "1");
    hung_up(&mut scene, &pair);
    scene.pass(Duration::from_secs(3));
    let asked = scene.charging.asked.clone();
    assert_eq!(asked.iter().map(is_repeated).collect::<Vec<_>>(), [false, true]);
    assert_eq!(asked[0].header().end_to_end, asked[1].header().end_to_end);
    assert_ne!(asked[0].header().hop_by_hop, asked[1].header().hop_by_hop);
    scene.charging_goes();
    scene.charging.asked.clear();
    (scene.charging.is_there, scene.charging.is_silent) = (true, false);
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.charging.records(), [(START, 0), (STOP, 1)]);
    assert_eq!(scene.charging.asked.iter().map(is_repeated).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn records_outlive_a_restart() {
    let mut scene = charging(Charging::Offline);
    scene.charging.is_there = false;
    carried(&mut scene, &pager(ALICE, BOB, "a").build(), 200);
    scene.restart();
    scene.charging.is_there = true;
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.charging.records(), [(ALONE, 0)]);
    assert!(is_repeated(&scene.charging.asked[0]));
    assert_eq!(scene.store.contents().charging, []);
}

#[test]
fn what_the_server_cannot_take_now_comes_again_and_what_it_never_will_does_not() {
    for (code, again) in [(result::TOO_BUSY, true), (4002, true), (5005, false)] {
        let mut scene = charging(Charging::Offline);
        scene.charging.accounting_result = Some(code);
        carried(&mut scene, &pager(ALICE, BOB, "a").build(), 200);
        scene.charging.accounting_result = None;
        scene.pass(Duration::from_secs(10));
        assert_eq!(scene.charging.records().len(), if again { 2 } else { 1 }, "{code}");
        assert_eq!(scene.store.contents().charging, []);
    }
}

#[test]
fn no_more_records_wait_than_may() {
    let mut scene = charging_with(Charging::Offline, |config| {
        config.charging.as_mut().unwrap().max_queued = 2;
    });
    scene.charging.is_there = false;
    for call_id in ["a", "b", "c"] {
        carried(&mut scene, &pager(ALICE, BOB, call_id).build(), 200);
    }
    assert_eq!(scene.store.contents().charging.len(), 2);
    scene.charging.is_there = true;
    scene.pass(Duration::from_secs(10));
    assert_eq!(scene.charging.records(), [(ALONE, 0); 2]);
}

fn failing(failure: FailureHandling) -> Scene {
    charging_with(Charging::Online, |config| config.charging.as_mut().unwrap().failure = failure)
}

#[test]
fn without_a_server_a_service_is_had_or_not_as_it_is_configured() {
    for silent in [true, false] {
        for (failure, goes_on) in [
            (FailureHandling::Continue, true),
            (FailureHandling::Terminate, false),
            (FailureHandling::RetryAndTerminate, false),
        ] {
            let mut scene = failing(failure);
            (scene.charging.is_there, scene.charging.is_silent) = (silent, silent);
            scene.send(&chat(&scene, "1", false).build());
            scene.send(&pager(BOB, ALICE, "a").build());
            scene.pass(Duration::from_secs(3));
            match goes_on {
                true => {
                    onward(&mut scene);
                    scene.request(Method::Message);
                }
                false => {
                    scene.response(Method::Invite, 480);
                    scene.response(Method::Message, 480);
                    scene.none(Method::Invite);
                    scene.none(Method::Message);
                }
            }
            let retried = silent && failure == FailureHandling::RetryAndTerminate;
            assert_eq!(scene.charging.asked.len(), if retried { 4 } else { 2 * usize::from(silent) }, "{failure:?}");
            assert_eq!(scene.charging.asked.iter().filter(|one| is_repeated(one)).count(), 2 * usize::from(retried));
        }
    }
}

#[test]
fn a_server_that_is_asked_again_may_answer_then() {
    let mut scene = failing(FailureHandling::RetryAndTerminate);
    scene.charging.is_silent = true;
    scene.send(&pager(BOB, ALICE, "a").build());
    scene.charging.is_silent = false;
    scene.pass(Duration::from_secs(3));
    scene.request(Method::Message);
    assert_eq!(scene.charging.questions(), [(ONE_TIME, 0); 2]);
}

#[test]
fn the_server_says_itself_what_becomes_of_a_session_when_it_is_away() {
    for (handling, ends) in [(1, false), (0, true)] {
        let mut scene = failing(if ends { FailureHandling::Continue } else { FailureHandling::Terminate });
        scene.charging.failure_handling = Some(handling);
        scene.charging.credit = Some(Credit::ValidFor(5));
        let pair = up(&mut scene, "1");
        scene.charging_goes();
        scene.pass(Duration::from_secs(10));
        match ends {
            true => drop(pair.ended_on_both_sides(&mut scene)),
            false => pair.is_usable(&mut scene, "caller-1", "callee-1", "still"),
        }
    }
}

#[test]
fn a_function_that_ends_says_so() {
    let mut scene = charging(Charging::Offline);
    assert!(scene.core.has_parted());
    carried(&mut scene, &pager(ALICE, BOB, "a").build(), 200);
    assert!(!scene.core.has_parted());
    scene.core.part(scene.now);
    assert!(!scene.core.has_parted());
    scene.run();
    assert!(scene.core.has_parted());
    assert_eq!(scene.charging.parted, 1);
}

#[test]
fn a_peer_that_makes_no_sense_is_left() {
    let mut scene = charging(Charging::Offline);
    carried(&mut scene, &pager(ALICE, BOB, "a").build(), 200);
    scene.charging_says(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    carried(&mut scene, &pager(ALICE, BOB, "b").build(), 200);
    scene.pass(Duration::from_secs(5));
    assert_eq!(scene.charging.records(), [(ALONE, 0); 2]);
}
