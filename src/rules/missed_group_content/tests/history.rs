use pretty_assertions::assert_eq;
use serde_json::json;

use super::super::{InitialList, NotToldAgain, RosterHistory};
use super::script::*;
use crate::evidence::Direction;
use crate::evidence::MemberStatus::{Connected, Departed};
use crate::rules::Judgement;
use crate::verdict::{Blame, Finding};

fn message(id: &str) -> Text {
    text(id, "sip:alice@example.com", &format!("words of {id}"))
}

fn history() -> RosterHistory {
    RosterHistory { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn initial() -> InitialList {
    InitialList { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

type Users<'a> = &'a [(&'a str, &'a str)];

const FIRST: Users<'_> = &[("alice", "connected"), ("carol", "connected"), ("bob", "connected")];
const LEFT: Users<'_> = &[("carol", "disconnected")];
const CAME: Users<'_> = &[("dave", "connected")];
const LAST: Users<'_> = &[("alice", "connected"), ("carol", "disconnected"), ("dave", "connected")];

/// Carol leaves after m1, Dave joins after m2; then Bob returns.
pub(super) fn away() -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message("m1").cpim(), 200);
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("bob", Connected)]);
    script.sends(&focus, &message("m2").cpim(), 200);
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("dave", Connected), ("bob", Connected)]);
    script.sends(&focus, &message("m3").cpim(), 200);
    script.registers("Bob", "phone");
    script
}

/// What comes to the phone, in order.
enum Comes<'a> {
    Said(&'a str),
    List(&'a str, Users<'a>),
}
use Comes::{List, Said};

/// Over notifications, or in the session.
fn told(chain: bool, list: Option<&[&str]>, what: &[Comes<'_>]) -> Script {
    let mut script = away();
    let drain = script.drains_with(BOOKS, "Bob", "phone", "sendrecv", 200, list);
    let call_id = if chain { script.subscribes(BOOKS, "Bob", "phone", 200) } else { String::new() };
    let mut version = 0;
    for one in what {
        match one {
            Said(id) => {
                script.gets(&drain, &message(id).cpim(), 200);
            }
            List(state, users) => {
                version += 1;
                let document = document(state, version, users);
                if chain {
                    script.notifies(&call_id, &document);
                } else {
                    let kind = "application/conference-info+xml";
                    script.send(&drain, Direction::Received, kind, document.as_bytes(), 200);
                }
            }
        }
    }
    script
}

fn at_their_place() -> Vec<Comes<'static>> {
    vec![List("full", FIRST), Said("m1"), List("partial", LEFT), Said("m2"), List("partial", CAME), Said("m3")]
}

fn ledger(warnings: &[Finding]) -> Vec<&str> {
    warnings.iter().filter_map(|warning| warning.interpretation.as_deref()).collect()
}

#[test]
fn a_chain_that_alternates_with_the_messages_tells_everything() {
    assert_eq!(told(true, None, &at_their_place()).met(&history()), (6, vec![]));
    assert_eq!(told(true, None, &at_their_place()).met(&initial()).1, vec![]);
    told(true, None, &at_their_place()[..4]).undecided(&history());
}

#[test]
fn documents_in_the_session_are_another_form() {
    let script = told(false, None, &at_their_place());
    let declared = stating("intermediate", json!(["msrp_documents"]));
    let assessment = script.judge_with(&history(), &declared);
    assert_eq!(assessment.judgement, Judgement::Met { checks: 6 });
    assert_eq!(assessment.warnings, vec![]);
    assert_eq!(ledger(&script.met(&history()).1), ["L23"]);
    assert_eq!(ledger(&script.met(&initial()).1), ["L23"]);
    let each = [
        List("full", FIRST),
        Said("m1"),
        List("full", &[("alice", "connected")]),
        Said("m2"),
        List("full", LAST),
        Said("m3"),
    ];
    let assessment =
        told(false, None, &each).judge_with(&history(), &stating("intermediate", json!(["per_message_list"])));
    assert_eq!((assessment.judgement, assessment.warnings), (Judgement::Met { checks: 6 }, vec![]));
}

#[test]
fn a_form_that_tells_what_was_before_counts_more_than_a_declared_one_with_the_final_list_alone() {
    let mut script = told(false, Some(&["alice", "carol"]), &at_their_place());
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&call_id, &document("full", 1, LAST));
    let (checks, warnings) = script.met(&history());
    assert_eq!((checks, warnings.len()), (6, 1));
    assert_eq!(warnings[0].observed, "intermediate: msrp_documents");
}

#[test]
fn increments_may_be_put_together_and_may_be_late() {
    let late = [
        List("full", FIRST),
        Said("m1"),
        Said("m2"),
        List("partial", &[("carol", "deleted"), ("dave", "connected")]),
        Said("m3"),
    ];
    assert_eq!(ledger(&told(true, None, &late).met(&history()).1), ["L23"]);
    assert_eq!(ledger(&told(false, None, &late).met(&history()).1), ["L23", "L23"]);
    let two_at_once =
        [List("full", FIRST), Said("m1"), Said("m2"), List("partial", LEFT), List("partial", CAME), Said("m3")];
    told(true, None, &two_at_once).met(&history());
}

#[test]
fn a_list_of_the_future_fails_in_a_stream_and_is_a_warning_of_a_chain() {
    let early = [List("full", FIRST), List("partial", LEFT), List("partial", CAME), Said("m1"), Said("m2"), Said("m3")];
    assert_eq!(ledger(&told(true, None, &early).met(&history()).1), ["L23"]);
    let finding = told(false, None, &early).failed(&history());
    assert!(finding.observed.contains("later time") && finding.expected.contains("m1"), "{finding:#?}");
}

#[test]
fn a_history_that_is_wrong_fails() {
    let fails = |what: &[Comes<'_>], word: &str| {
        for chain in [true, false] {
            let finding = told(chain, None, what).failed(&history());
            assert!(finding.observed.contains(word), "{finding:#?}");
        }
    };
    let all = |list: [Comes<'static>; 3]| {
        let [one, two, three] = list;
        [one, Said("m1"), two, Said("m2"), three, Said("m3")]
    };
    let strange = &[("mallory", "connected")];
    fails(
        &all([List("full", FIRST), List("partial", strange), List("full", LAST)]),
        "never was: sip:mallory@example.com is connected",
    );
    fails(&all([List("full", FIRST), List("partial", LEFT), List("partial", LEFT)]), "Dave is missing");
    fails(&[List("full", FIRST), Said("m1"), List("full", LAST), List("full", FIRST), Said("m2")], "goes back");
    fails(&[Said("m1"), Said("m2"), Said("m3"), List("full", LAST)], "only the final list");
}

#[test]
fn the_list_of_the_invitation_may_begin_it() {
    let script = told(true, Some(&["alice", "carol"]), &[Said("m1"), Said("m2"), Said("m3"), List("full", LAST)]);
    assert_eq!(ledger(&script.met(&history()).1), ["L23"]);
    assert_eq!(script.met(&initial()).1, vec![]);
    let none = script.judge_with(&initial(), &stating("drain_invite_list", "none".into()));
    assert_eq!(ledger(&none.warnings), ["L10"]);
}

#[test]
fn another_first_list_is_not_the_initial_one() {
    let last_only = [Said("m1"), Said("m2"), Said("m3"), List("full", LAST)];
    let finding = told(true, None, &last_only).failed(&initial());
    assert!(finding.observed.contains("final list"), "{finding:#?}");
    let finding = told(true, Some(&["alice", "dave"]), &last_only).failed(&initial());
    assert!(finding.observed.contains("Dave"), "{finding:#?}");
    told(true, Some(&["alice"]), &last_only).failed(&initial());
    // The list that the invitation of the focus carried is the initial one, whoever was in by then.
    told(true, Some(&["alice", "carol", "bob"]), &last_only).met(&initial());
}

#[test]
fn objects_in_the_message_store_tell_it_too() {
    let stored = |objects: &[&[&str]]| {
        let mut script = away();
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        for id in ["m1", "m2", "m3"] {
            script.gets(&drain, &message(id).cpim(), 200);
        }
        for members in objects {
            script.keeps("Open", members);
        }
        script
    };
    let statement = stating("intermediate", json!(["group_state_objects"]));
    let three = stored(&[&["alice", "carol"], &["alice"], &["alice", "dave"]]);
    let assessment = three.judge_with(&history(), &statement);
    assert_eq!((assessment.judgement, assessment.warnings), (Judgement::Met { checks: 3 }, vec![]));
    assert!(matches!(three.judge_with(&initial(), &statement).judgement, Judgement::Met { .. }));
    let broken = |objects: &[&[&str]]| {
        let Judgement::Broken(finding) = stored(objects).judge_with(&history(), &statement).judgement else { panic!() };
        finding.observed
    };
    assert!(broken(&[&["alice", "carol"], &["alice", "dave"], &["alice"]]).contains("goes back"));
    assert!(broken(&[&["alice", "carol"], &["alice"]]).contains("Dave is missing"));
    assert!(broken(&[&["alice", "dave"]]).contains("only the final list"));
}

#[test]
fn without_a_question_or_a_change_nothing_is_judged() {
    let mut script = away();
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message("m1").cpim(), 200);
    script.unseen(&history(), Blame::Harness);
    script.unseen(&initial(), Blame::Harness);
    // A device that was refused has asked.
    script.subscribes(BOOKS, "Bob", "phone", 489);
    assert!(script.failed(&history()).observed.contains("489"));
    assert!(script.failed(&initial()).observed.contains("489"));
    away().failed(&history());
    let mut still = Script::new();
    let focus = still.invites(BOOKS, "Bob", 200);
    still.sends(&focus, &message("m1").cpim(), 200);
    still.registers("Bob", "phone");
    let drain = still.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    still.gets(&drain, &message("m1").cpim(), 200);
    let call_id = still.subscribes(BOOKS, "Bob", "phone", 200);
    still.notifies(&call_id, &document("full", 1, FIRST));
    still.unseen(&history(), Blame::Harness);
}

/// Bob sees Carol leave, loses the connection, and Dave joins; then these documents come to a new subscription.
fn lost(documents: &[(&str, Users<'_>)]) -> Script {
    let mut script = Script::new();
    script.registers("Bob", "phone");
    let focus = script.invites(BOOKS, "Bob", 200);
    let live = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&call_id, &document("full", 1, FIRST));
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("bob", Connected)]);
    script.notifies(&call_id, &document("partial", 2, LEFT));
    script.sends(&focus, &message("m1").cpim(), 200);
    script.gets(&live, &message("m1").cpim(), 200);
    script.loses("Bob", "phone");
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("dave", Connected), ("bob", Connected)]);
    script.sends(&focus, &message("m2").cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message("m2").cpim(), 200);
    let again = script.subscribes(BOOKS, "Bob", "phone", 200);
    for (version, (state, users)) in documents.iter().enumerate() {
        script.notifies(&again, &document(state, version as u32 + 1, users));
    }
    script
}

#[test]
fn what_was_seen_before_a_loss_is_not_told_again() {
    let rule = NotToldAgain { person: "Bob".to_owned(), group: BOOKS.to_owned() };
    let seen: Users<'_> = &[("alice", "connected"), ("carol", "disconnected"), ("bob", "connected")];
    let well = lost(&[("full", seen), ("partial", CAME)]);
    well.undecided(&rule);
    assert_eq!(well.met(&rule).0, 2);
    lost(&[("full", LAST)]).met(&rule);
    let finding = lost(&[("full", FIRST), ("partial", LEFT), ("partial", CAME)]).failed(&rule);
    assert!(finding.observed.contains("older"), "{finding:#?}");
    assert!(lost(&[]).failed(&rule).observed.contains("no list"));
    told(true, None, &at_their_place()).unseen(&rule, Blame::Harness);
}
