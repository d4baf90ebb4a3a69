use pretty_assertions::assert_eq;

use super::super::RestartRouted;
use super::script::*;
use crate::evidence::Event;
use crate::evidence::MemberStatus::{Connected, Departed};
use crate::verdict::Blame;

const FACTORY: &str = "sip:conference-factory@example.com";
const CONTRIBUTION: &str = "contribution-books";

fn rule() -> RestartRouted {
    RestartRouted { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

/// The chat has ended with Alice and Dave in it; the phone was told so.
fn ended(told: &[(&str, &str)]) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let message = text("m1", "sip:alice@example.com", "one");
    script.sends(&focus, &message.cpim(), 200);
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("dave", Connected), ("bob", Connected)]);
    script.event(Event::GroupEnded { group: BOOKS.to_owned() });
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendonly", 200);
    script.gets(&drain, &message.cpim(), 200);
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&call_id, &document("full", 1, told));
    script
}

const RIGHT: &[(&str, &str)] = &[("alice", "connected"), ("dave", "connected")];

#[test]
fn the_restart_goes_on_with_its_list_and_contribution() {
    let mut script = ended(RIGHT);
    script.originates(FACTORY, BOOKS, "Bob", "phone", Some(&["alice", "dave"]), 0);
    script.undecided(&rule());
    script.sends_on(FACTORY, CONTRIBUTION, Some(&["dave", "alice"]));
    assert_eq!(script.met(&rule()).0, 4);
}

#[test]
fn broken_when_it_is_refused_or_goes_nowhere() {
    for status in [0, 403] {
        let mut script = ended(RIGHT);
        script.originates(FACTORY, BOOKS, "Bob", "phone", Some(&["alice", "dave"]), status);
        script.failed(&rule());
    }
}

#[test]
fn broken_when_contribution_or_list_change() {
    let on = |contribution: &str, list: Option<&[&str]>| {
        let mut script = ended(RIGHT);
        script.originates(FACTORY, BOOKS, "Bob", "phone", Some(&["alice", "dave"]), 0);
        script.sends_on(FACTORY, contribution, list);
        script.failed(&rule())
    };
    assert!(on("another", Some(&["alice", "dave"])).observed.contains("another"));
    assert!(on(CONTRIBUTION, Some(&["alice"])).expected.contains("keeps its list"));
    assert!(on(CONTRIBUTION, Some(&["alice", "dave", "carol"])).expected.contains("keeps its list"));
    assert!(on(CONTRIBUTION, None).observed.contains("without a list"));
}

#[test]
fn a_wrong_list_is_the_targets_when_it_told_it_and_ours_when_not() {
    let restart = |told: &[(&str, &str)]| {
        let mut script = ended(told);
        script.originates(FACTORY, BOOKS, "Bob", "phone", Some(&["alice", "carol"]), 0);
        script.sends_on(FACTORY, CONTRIBUTION, Some(&["alice", "carol"]));
        script
    };
    restart(&[("alice", "connected"), ("carol", "connected")]).failed(&rule());
    restart(RIGHT).unseen(&rule(), Blame::Harness);
}

#[test]
fn unseen_without_a_restart() {
    ended(RIGHT).unseen(&rule(), Blame::Harness);
    Script::new().unseen(&rule(), Blame::Unknown);
}
