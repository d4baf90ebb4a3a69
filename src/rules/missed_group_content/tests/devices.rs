use pretty_assertions::assert_eq;
use serde_json::json;

use super::super::{EachDevice, OneStream, ReportsCollapsed, ReturnsByPreference};
use super::script::*;
use crate::evidence::Direction;
use crate::evidence::MemberStatus::{Connected, Departed};
use crate::rules::{Judgement, Rule};
use crate::verdict::{Blame, FindingVerdict};

fn message(id: &str) -> Text {
    text(id, "sip:alice@example.com", &format!("words of {id}"))
}

fn each() -> EachDevice {
    let (person, group) = ("Bob".to_owned(), BOOKS.to_owned());
    EachDevice { person, group, first: "phone".to_owned(), second: "watch".to_owned() }
}

const NOW: &[(&str, &str)] = &[("alice", "connected"), ("carol", "disconnected"), ("bob", "connected")];

fn delivers(script: &mut Script, device: &str, ids: &[&str]) -> Wire {
    let drain = script.drains(BOOKS, "Bob", device, "sendrecv", 200);
    let call_id = script.subscribes(BOOKS, "Bob", device, 200);
    script.notifies(&call_id, &document("full", 1, NOW));
    for id in ids {
        script.gets(&drain, &message(id).cpim(), 200);
    }
    drain
}

/// Three messages wait; the phone returns and gets some of them, then the watch.
fn both(phone: &[&str], watch: Option<&[&str]>) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    for id in ["m1", "m2", "m3"] {
        script.sends(&focus, &message(id).cpim(), 200);
    }
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("bob", Connected)]);
    script.registers("Bob", "phone");
    delivers(&mut script, "phone", phone);
    script.registers("Bob", "watch");
    if let Some(ids) = watch {
        delivers(&mut script, "watch", ids);
    }
    script
}

const ALL: &[&str] = &["m1", "m2", "m3"];

#[test]
fn each_device_gets_the_content_and_the_list() {
    let (checks, warnings) = both(ALL, Some(ALL)).met(&each());
    assert_eq!((checks, warnings.len()), (7, 0));
    both(ALL, Some(&["m1"])).undecided(&each());
    assert!(both(ALL, Some(&["m1", "m3"])).failed(&each()).expected.contains("watch"));
    assert!(both(&["m1", "m3"], Some(ALL)).failed(&each()).expected.contains("phone"));
}

#[test]
fn the_first_device_alone_may_get_it_where_that_is_declared() {
    let statement = stating("drain_devices", "first".into());
    let first = both(ALL, None).judge_with(&each(), &statement);
    assert!(matches!(first.judgement, Judgement::Met { checks: 5 }), "{first:?}");
    assert_eq!(first.warnings, vec![]);
    both(ALL, None).undecided(&each());
    let (_, warnings) = both(ALL, None).met(&each());
    assert_eq!(warnings[0].observed, "drain_devices: first");
    let other = both(ALL, Some(ALL)).judge_with(&each(), &statement);
    assert_eq!(other.warnings[0].interpretation.as_deref(), Some("L16"));
    let Judgement::Broken(part) = both(ALL, Some(&["m1"])).judge_with(&each(), &statement).judgement else { panic!() };
    assert_eq!((part.verdict, part.interpretation.as_deref()), (FindingVerdict::Inconclusive, Some("L16")));
}

#[test]
fn one_device_never_gets_it_twice() {
    let mut script = both(ALL, Some(ALL));
    let again = script.drains(BOOKS, "Bob", "watch", "sendrecv", 200);
    script.gets(&again, &message("m1").cpim(), 200);
    assert_eq!(script.met(&each()).1[0].interpretation.as_deref(), Some("L14"));
    script.gets(&again, &message("m2").cpim(), 200);
    script.gets(&again, &message("m3").cpim(), 200);
    assert!(script.failed(&each()).observed.contains("as did all others"));
}

#[test]
fn a_device_without_the_final_list_is_not_served() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message("m1").cpim(), 200);
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("bob", Connected)]);
    for (device, users) in [("phone", NOW), ("watch", &[("alice", "connected"), ("carol", "connected")][..])] {
        script.registers("Bob", device);
        let drain = script.drains(BOOKS, "Bob", device, "sendrecv", 200);
        script.gets(&drain, &message("m1").cpim(), 200);
        let call_id = script.subscribes(BOOKS, "Bob", device, 200);
        script.notifies(&call_id, &document("full", 1, users));
    }
    let finding = script.failed(&each());
    assert!(finding.expected.contains("watch") && finding.observed.contains("Carol is connected"), "{finding:#?}");
    let mut one = Script::new();
    one.invites(BOOKS, "Bob", 200);
    one.registers("Bob", "phone");
    one.unseen(&each(), Blame::Harness);
}

fn returns() -> ReturnsByPreference {
    let (person, group) = ("Bob".to_owned(), BOOKS.to_owned());
    ReturnsByPreference { person, group, live: "watch".to_owned(), returning: "phone".to_owned() }
}

/// The watch is in the chat; the phone returns.
fn live(watch: &[&str], phone: &[&str]) -> Script {
    let mut script = Script::new();
    script.registers("Bob", "watch");
    let focus = script.invites(BOOKS, "Bob", 200);
    let leg = script.drains(BOOKS, "Bob", "watch", "sendrecv", 200);
    for id in ALL {
        script.sends(&focus, &message(id).cpim(), 200);
        if watch.contains(id) {
            script.gets(&leg, &message(id).cpim(), 200);
        }
    }
    script.registers("Bob", "phone");
    if !phone.is_empty() {
        delivers(&mut script, "phone", phone);
    }
    script
}

#[test]
fn a_live_device_sees_all_and_one_that_returns_gets_it_by_preference() {
    assert_eq!(live(ALL, ALL).met(&returns()), (6, vec![]));
    let (_, warnings) = live(ALL, &[]).met(&returns());
    assert_eq!(warnings[0].observed, "drain_devices: first");
    live(ALL, &[]).undecided(&returns());
    assert!(live(&["m1", "m3"], ALL).failed(&returns()).expected.contains("watch"));
    assert!(live(ALL, &["m1"]).failed(&returns()).expected.contains("phone"));
    let statement = stating("drain_devices", json!("first"));
    let first = live(ALL, &[]).judge_with(&returns(), &statement);
    assert!(matches!(first.judgement, Judgement::Met { .. }) && first.warnings.is_empty(), "{first:?}");
    let Judgement::Broken(part) = live(ALL, &["m2"]).judge_with(&returns(), &statement).judgement else { panic!() };
    assert_eq!(part.interpretation.as_deref(), Some("L16"));
    both(ALL, Some(ALL)).unseen(&ReturnsByPreference { live: "tablet".to_owned(), ..returns() }, Blame::Harness);
}

fn collapsed() -> ReportsCollapsed {
    let (author, person) = ("Alice".to_owned(), "Bob".to_owned());
    ReportsCollapsed { author, person, group: BOOKS.to_owned(), label: "m1".to_owned() }
}

/// These devices report on m1, and so many reports reach the focus.
fn reported(devices: &[&str], onward: usize) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.announces(BOOKS, "m1", "sip:alice@example.com", None);
    script.sends(&focus, &message("m1").cpim(), 200);
    let notice = delivered("m1", "sip:bob@example.com").cpim();
    for device in devices {
        script.registers("Bob", device);
        let leg = script.drains(BOOKS, "Bob", device, "sendrecv", 200);
        script.gets(&leg, &message("m1").cpim(), 200);
        script.sends(&leg, &notice, 200);
    }
    for _ in 0..onward {
        script.gets(&focus, &notice, 200);
    }
    script
}

#[test]
fn the_author_gets_one_report_or_one_for_each_device() {
    assert_eq!(reported(&["phone"], 1).met(&collapsed()).1, vec![]);
    assert_eq!(reported(&["phone", "watch"], 1).met(&collapsed()).1, vec![]);
    let (_, warnings) = reported(&["phone", "watch"], 2).met(&collapsed());
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L15"));
    let statement = stating("multi_device_reports", "per_device".into());
    assert_eq!(reported(&["phone", "watch"], 2).judge_with(&collapsed(), &statement).warnings, vec![]);
    assert!(reported(&["phone", "watch"], 3).failed(&collapsed()).observed.contains("3 came"));
    reported(&["phone"], 2).failed(&collapsed());
    reported(&["phone"], 0).undecided(&collapsed());
    reported(&["phone"], 0).failed(&collapsed());
    assert!(reported(&[], 0).failed(&collapsed()).observed.contains("never came"));
    reported(&["phone"], 1).unseen(&ReportsCollapsed { author: "Carol".to_owned(), ..collapsed() }, Blame::Harness);
}

#[test]
fn what_crosses_the_delivery_ends_in_one_stream() {
    let rule = OneStream { person: "Bob".to_owned(), group: BOOKS.to_owned(), device: "phone".to_owned() };
    let crossing = |first: &[&str], second: &[&str], refused: bool| {
        let mut script = Script::new();
        let focus = script.invites(BOOKS, "Bob", 200);
        for id in ALL {
            script.sends(&focus, &message(id).cpim(), 200);
        }
        script.registers("Bob", "phone");
        let rejoin = script.rejoins(BOOKS, "Bob", "phone");
        if refused {
            script.drains(BOOKS, "Bob", "phone", "sendrecv", 491);
        }
        for id in first {
            script.gets(&rejoin, &message(id).cpim(), 200);
        }
        if !second.is_empty() {
            let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
            for id in second {
                script.gets(&drain, &message(id).cpim(), 200);
            }
        }
        script
    };
    assert_eq!(crossing(ALL, &[], false).met(&rule), (3, vec![]));
    crossing(ALL, &[], true).met(&rule);
    crossing(&["m1"], &["m2", "m3"], true).met(&rule);
    assert_eq!(crossing(ALL, &["m3"], false).met(&rule).1.len(), 1);
    crossing(ALL, ALL, false).failed(&rule);
    crossing(&["m1", "m2"], &[], false).undecided(&rule);
    assert!(crossing(&["m1", "m2"], &[], false).failed(&rule).expected.contains("m3"));
    let on_watch: &dyn Rule = &OneStream { device: "watch".to_owned(), ..rule.clone() };
    crossing(ALL, &[], false).failed(on_watch);
    let mut unasked = Script::new();
    unasked.invites(BOOKS, "Bob", 200);
    unasked.unseen(&rule, Blame::Harness);
}

#[test]
fn reports_by_message_are_of_whichever_device_has_the_message() {
    let paged = |onward: usize| {
        let mut script = reported(&["phone", "watch"], 0);
        let notice = delivered("m1", "sip:bob@example.com").cpim();
        let headers = "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\n";
        for _ in 0..2 {
            script.pages(Direction::Sent, "sip:alice@example.com", headers, &notice);
        }
        for _ in 0..onward {
            script.pages(Direction::Received, "sip:alice@example.com", headers, &notice);
        }
        script
    };
    assert_eq!(paged(1).met(&collapsed()).1, vec![]);
    assert_eq!(paged(2).met(&collapsed()).1[0].interpretation.as_deref(), Some("L15"));
    paged(3).failed(&collapsed());
}
