use super::super::{KeepsHistory, ShownOnce, ShowsOneChat, ShowsRoster, ShowsState};
use super::script::*;
use crate::evidence::{Event, ShownChat};
use crate::rules::{Judgement, Moment};
use crate::verdict::Blame;

const BOB: &str = "sip:bob@example.com";

fn state(of: &str, state: &str) -> ShowsState {
    let (person, group, label) = ("Bob".to_owned(), BOOKS.to_owned(), of.to_owned());
    ShowsState { person, group, label, state: state.to_owned() }
}

fn once(label: &str) -> ShownOnce {
    ShownOnce { person: "Bob".to_owned(), group: BOOKS.to_owned(), label: label.to_owned() }
}

fn history() -> KeepsHistory {
    KeepsHistory { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn one_chat() -> ShowsOneChat {
    ShowsOneChat { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn roster() -> ShowsRoster {
    ShowsRoster { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn label(script: &mut Script, label: &str, id: &str) {
    script.event(Event::Message {
        group: Some(BOOKS.to_owned()),
        label: label.to_owned(),
        message_id: id.to_owned(),
        author: "Alice".to_owned(),
        private_to: None,
    });
}

/// Bob said two things; Carol reports on the first.
fn reported() -> Script {
    let mut script = Script::new();
    let live = script.goes_on();
    script.says(&live, &text("o1", BOB, "first words").cpim());
    script.says(&live, &text("o2", BOB, "second words").cpim());
    label(&mut script, "the first", "o1");
    let drain = script.drains();
    script.sends(&drain, &delivered("o1", CAROL).cpim(), 200);
    script
}

#[test]
fn a_report_changes_the_state_of_its_message() {
    let mut script = reported();
    script.shows(&[shown(&[("o1", "delivered"), ("o2", "sent")], &[])]);
    script.met(&state("the first", "delivered"));
    script.met(&state("first words", "delivered"));
    script.met(&state("second words", "sent"));
    script.unseen(&state("the first", "displayed"), Blame::Harness);
    script.unseen(&state("third words", "delivered"), Blame::Harness);
}

#[test]
fn a_state_that_does_not_change_or_changes_elsewhere_fails() {
    let mut unchanged = reported();
    unchanged.shows(&[shown(&[("o1", "sent"), ("o2", "sent")], &[])]);
    unchanged.undecided(&state("the first", "delivered"));
    assert!(unchanged.failed(&state("the first", "delivered")).contains("shown as sent"));

    let mut other = reported();
    other.shows(&[shown(&[("o1", "delivered"), ("o2", "delivered")], &[])]);
    other.failed(&state("the first", "delivered"));

    let mut gone = reported();
    gone.shows(&[shown(&[("o2", "sent")], &[])]);
    gone.failed(&state("the first", "delivered"));
}

#[test]
fn nobody_who_has_not_looked_can_tell() {
    let mut script = Script::new();
    script.drains();
    script.shows(&[shown(&[("o1", "sent"), ("o2", "sent")], &[])]);
    reported().unseen(&state("the first", "delivered"), Blame::Configuration);
    let live = script.goes_on();
    script.says(&live, &text("o1", BOB, "first words").cpim());
    script.sends(&live, &delivered("o1", CAROL).cpim(), 200);
    script.unseen(&state("first words", "delivered"), Blame::Harness);
}

/// Alice's message came twice, and another one once.
fn doubled() -> Script {
    let mut script = Script::new();
    let drain = script.drains();
    for (id, words) in [("m1", "one"), ("m1", "one"), ("m2", "two")] {
        script.sends(&drain, &text(id, ALICE, words).cpim(), 200);
    }
    label(&mut script, "one", "m1");
    label(&mut script, "two", "m2");
    script
}

#[test]
fn a_message_that_came_twice_is_shown_once() {
    let mut script = doubled();
    script.unseen(&once("one"), Blame::Configuration);
    script.shows(&[shown(&[("m1", "received"), ("m2", "received")], &[])]);
    assert_eq!(script.met(&once("one")), 3);
    assert_eq!(script.met(&once("two")), 2);
    script.unseen(&once("three"), Blame::Harness);
}

#[test]
fn a_message_that_is_shown_twice_or_not_at_all_fails() {
    let mut script = doubled();
    script.shows(&[shown(&[("m1", "received"), ("m1", "received")], &[])]);
    assert!(script.failed(&once("one")).contains("2 times"));
    assert!(script.failed(&once("two")).contains("not shown"));

    let mut elsewhere = doubled();
    let other = ShownChat { contribution: "another".to_owned(), ..shown(&[("m1", "received")], &[]) };
    elsewhere.shows(&[shown(&[("m1", "received"), ("m2", "received")], &[]), other]);
    elsewhere.failed(&once("one"));
}

#[test]
fn a_copy_that_is_not_acknowledged_fails() {
    let mut script = Script::new();
    let drain = script.drains();
    script.sends(&drain, &text("m1", ALICE, "one").cpim(), 200);
    script.sends(&drain, &text("m1", ALICE, "one").cpim(), 400);
    label(&mut script, "one", "m1");
    script.shows(&[shown(&[("m1", "received")], &[])]);
    assert!(script.failed(&once("one")).contains("400"));
}

#[test]
fn what_was_delivered_is_still_shown_after_a_restart() {
    let mut script = doubled();
    let early = [shown(&[("m1", "received"), ("m2", "received")], &[])];
    script.shows(&early);
    script.met(&history());
    script.acts("restart");
    script.unseen(&history(), Blame::Harness);
    let mut lost = script.clone();
    script.shows(&early);
    assert_eq!(script.met(&history()), 2);
    lost.shows(&[shown(&[("m2", "received")], &[])]);
    lost.failed(&history());
}

#[test]
fn a_chat_that_is_gone_fails() {
    let mut script = doubled();
    script.shows(&[]);
    assert!(script.failed(&history()).contains("no chat"));
    assert!(script.failed(&one_chat()).contains("no chat"));
}

#[test]
fn sessions_of_one_chat_are_one_chat() {
    let mut script = doubled();
    let live = script.goes_on();
    script.sends(&live, &text("m3", ALICE, "three").cpim(), 200);
    let mut split = script.clone();
    let mut stray = script.clone();
    let mut lost = script.clone();
    let whole = shown(&[("m1", "received"), ("m2", "received"), ("m3", "received")], &[]);
    script.shows(std::slice::from_ref(&whole));
    assert_eq!(script.met(&one_chat()), 4);
    split.shows(&[whole.clone(), shown(&[("m3", "received")], &[])]);
    assert!(split.failed(&one_chat()).contains("2 chats"));
    let other = ShownChat { contribution: "another".to_owned(), ..shown(&[("m3", "received")], &[]) };
    stray.shows(&[whole, other]);
    assert!(stray.failed(&one_chat()).contains("another"));
    lost.shows(&[shown(&[("m1", "received"), ("m2", "received")], &[])]);
    lost.failed(&one_chat());
}

/// Odd lists came, and a good one last: Alice and Dave.
fn told() -> Script {
    let mut script = Script::new();
    script.drains();
    let asked = script.subscribes(FOCUS);
    script.notifies(asked, &document("full", 4, &[("alice", "connected"), ("carol", "connected")]), 200);
    script.changes();
    script.notifies(asked, &document("full", 2, &[("mallory", "connected")]), 200);
    script.notifies(asked, &document("partial", 9, &[("mallory", "connected")]), 200);
    script.notifies(asked, "<conference-info", 200);
    let good = [("bob", "connected"), ("alice", "connected"), ("dave", "connected"), ("carol", "disconnected")];
    script.notifies(asked, &document("full", 10, &good), 200);
    script
}

#[test]
fn the_members_shown_are_those_of_the_last_good_list() {
    for members in [
        &[("alice", "connected"), ("dave", "connected")][..],
        &[("bob", "connected"), ("alice", "connected"), ("dave", "connected"), ("carol", "departed")],
    ] {
        let mut script = told();
        script.shows(&[shown(&[], members)]);
        assert_eq!(script.met(&roster()), 2);
    }
    let mut unsure = told();
    unsure.shows(&[shown(&[], &[("alice", "connected"), ("dave", "invited")])]);
    assert_eq!(unsure.warned(&roster()).1.len(), 1);
}

#[test]
fn other_members_fail() {
    for members in [
        &[("alice", "connected"), ("carol", "connected")][..],
        &[("mallory", "connected")],
        &[("alice", "connected"), ("dave", "connected"), ("carol", "connected")],
        &[("alice", "connected"), ("dave", "departed")],
        &[],
    ] {
        let mut script = told();
        script.shows(&[shown(&[], members)]);
        script.undecided(&roster());
        script.failed(&roster());
    }
}

#[test]
fn members_that_nobody_told_are_not_judged() {
    let mut unasked = Script::new();
    unasked.drains();
    unasked.changes();
    unasked.shows(&[shown(&[], &[("alice", "connected"), ("carol", "connected")])]);
    unasked.outside(&roster(), "L11");

    let mut untold = Script::new();
    untold.drains();
    let asked = untold.subscribes(FOCUS);
    untold.notifies(asked, &document("full", 1, &[("alice", "connected"), ("carol", "connected")]), 200);
    untold.changes();
    untold.shows(&[shown(&[], &[("alice", "connected"), ("carol", "connected")])]);
    untold.unseen(&roster(), Blame::Harness);

    let mut early = told();
    early.unseen(&roster(), Blame::Configuration);
    early.shows(&[shown(&[], &[("alice", "connected"), ("dave", "connected")])]);
    assert_eq!(early.judge(&roster(), Moment::Open).judgement, Judgement::Met { checks: 2 });
}
