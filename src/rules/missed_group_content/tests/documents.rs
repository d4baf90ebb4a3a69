use pretty_assertions::assert_eq;
use serde_json::json;

use super::super::{ListsEndWell, VersionsGrow};
use super::history::away;
use super::script::*;
use crate::evidence::{Direction, Event};
use crate::rules::Judgement;
use crate::verdict::{Blame, FindingVerdict};

fn grow() -> VersionsGrow {
    VersionsGrow { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn end() -> ListsEndWell {
    ListsEndWell { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

const FIRST: &[(&str, &str)] = &[("alice", "connected"), ("carol", "connected")];
const LEFT: &[(&str, &str)] = &[("carol", "deleted"), ("dave", "connected")];
const LAST: &[(&str, &str)] = &[("alice", "connected"), ("dave", "connected")];

fn drained() -> (Script, String) {
    let mut script = away();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    for id in ["m1", "m2", "m3"] {
        let message = text(id, "sip:alice@example.com", &format!("words of {id}"));
        script.gets(&drain, &message.cpim(), 200);
    }
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    (script, call_id)
}

fn numbered(documents: &[(&str, u32)]) -> Script {
    let (mut script, call_id) = drained();
    for (state, version) in documents {
        let users = if *state == "full" { FIRST } else { LEFT };
        script.notifies(&call_id, &document(state, *version, users));
    }
    script
}

#[test]
fn versions_grow_by_one_and_full_state_comes_first() {
    let well = numbered(&[("full", 1), ("partial", 2), ("partial", 3)]);
    well.undecided(&grow());
    assert_eq!(well.met(&grow()), (3, vec![]));
    numbered(&[("full", 7), ("full", 8)]).met(&grow());
    let fails = |documents: &[(&str, u32)], word: &str| {
        let finding = numbered(documents).failed(&grow());
        assert!(finding.observed.contains(word), "{finding:#?}");
    };
    fails(&[("partial", 1)], "partial state before full state");
    fails(&[("full", 1), ("partial", 3)], "version 3 after 1");
    fails(&[("full", 2), ("partial", 2)], "version 2 after 2");
    fails(&[("full", 2), ("full", 1)], "version 1 after 2");
    fails(&[("full", 1), ("full", 5)], "version 5 after 1");
}

#[test]
fn another_subscription_counts_anew_and_starts_full() {
    let mut script = numbered(&[("full", 1), ("partial", 2)]);
    let again = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&again, &document("full", 1, LAST));
    assert_eq!(script.met(&grow()), (3, vec![]));
    let mut partial = numbered(&[("full", 1), ("partial", 2)]);
    let again = partial.subscribes(BOOKS, "Bob", "phone", 200);
    partial.notifies(&again, &document("partial", 3, LAST));
    partial.failed(&grow());
}

#[test]
fn what_cannot_be_read_or_ordered() {
    let (mut script, call_id) = drained();
    script.notifies(&call_id, "<conference-info");
    script.failed(&grow());
    let (mut script, call_id) = drained();
    for _ in 0..2 {
        script.notifies(&call_id, &document("full", 1, LAST).replace(" version=\"1\"", ""));
    }
    assert_eq!(script.met(&grow()).1[0].interpretation.as_deref(), Some("L23"));
    assert!(numbered(&[]).failed(&grow()).observed.contains("no list came"));
    let mut unasked = away();
    unasked.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    unasked.unseen(&grow(), Blame::Harness);
}

#[test]
fn lists_in_a_session_are_in_sequence_too() {
    let session = |documents: &[(&str, u32)]| {
        let mut script = away();
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        for (state, version) in documents {
            let users = if *state == "full" { FIRST } else { LEFT };
            let document = document(state, *version, users);
            script.send(&drain, Direction::Received, "application/conference-info+xml", document.as_bytes(), 200);
        }
        script
    };
    assert_eq!(session(&[("full", 1), ("partial", 2)]).met(&grow()), (2, vec![]));
    session(&[("partial", 1)]).failed(&grow());
    session(&[("full", 1), ("partial", 3)]).failed(&grow());
    assert_eq!(session(&[("full", 1), ("full", 1)]).met(&grow()).1[0].verdict, FindingVerdict::Warning);
}

fn ending(ended: bool, state: &str, users: &[(&str, &str)]) -> Script {
    let (mut script, call_id) = drained();
    if ended {
        script.event(Event::GroupEnded { group: BOOKS.to_owned() });
    }
    script.notifies_as(&call_id, state, &document("full", 1, users));
    script
}

#[test]
fn lists_end_as_the_chat_does() {
    let (live, over) = ("active;expires=600", "terminated;reason=noresource");
    ending(false, live, LAST).met(&end());
    ending(true, over, LAST).met(&end());
    assert_eq!(ending(true, "terminated", LAST).met(&end()).1[0].interpretation.as_deref(), Some("L23"));
    ending(true, live, LAST).undecided(&end());
    ending(true, live, LAST).outside(&end(), "L23");
    ending(true, "terminated;reason=deactivated", LAST).outside(&end(), "L23");
    ending(false, over, LAST).outside(&end(), "L23");
    assert!(ending(true, over, FIRST).failed(&end()).observed.contains("Carol is connected"));
    ending(false, live, FIRST).failed(&end());
    assert!(drained().0.failed(&end()).observed.contains("no list came"));
}

#[test]
fn lists_in_a_session_end_with_the_final_one() {
    let session = |users: &[(&str, &str)]| {
        let mut script = away();
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        let document = document("full", 1, users);
        script.send(&drain, Direction::Received, "application/conference-info+xml", document.as_bytes(), 200);
        script.judge_with(&end(), &stating("intermediate", json!(["msrp_documents"]))).judgement
    };
    assert!(matches!(session(LAST), Judgement::Met { .. }));
    assert!(matches!(session(FIRST), Judgement::Broken(_)));
}
