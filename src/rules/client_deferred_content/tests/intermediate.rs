use super::super::super::missed_group_content::tests::script::Wire;
use super::super::{KeepsWhatItKnew, ShowsHistory, TakesNextDelivery, ToleratesIntermediate};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::verdict::Blame;

const LIST: &str = "application/conference-info+xml";

fn history() -> ShowsHistory {
    ShowsHistory { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn tolerates() -> ToleratesIntermediate {
    ToleratesIntermediate { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn keeps() -> KeepsWhatItKnew {
    KeepsWhatItKnew { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn next() -> TakesNextDelivery {
    TakesNextDelivery { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn first() -> String {
    document("full", 1, &[("alice", "connected"), ("carol", "connected")])
}

/// m1, Carol leaves, m2, Dave joins; told by notifications, or by documents in the session.
fn chain(in_session: bool) -> (Script, Wire) {
    let mut script = Script::new();
    let drain = script.drains();
    let asked = script.subscribes(FOCUS);
    let tell = |script: &mut Script, document: &str| {
        if in_session {
            script.send(&drain, Sent, LIST, document, 200);
        } else {
            script.notifies(asked, document, 200);
        }
    };
    tell(&mut script, &first());
    script.sends(&drain, &text("m1", ALICE, "one").cpim(), 200);
    tell(&mut script, &document("partial", 2, &[("carol", "disconnected")]));
    script.sends(&drain, &text("m2", ALICE, "two").cpim(), 200);
    tell(&mut script, &document("partial", 3, &[("dave", "connected")]));
    script.changes();
    (script, drain)
}

const MESSAGES: &[(&str, &str)] = &[("m1", "received"), ("m2", "received")];
const MEMBERS: &[(&str, &str)] = &[("alice", "connected"), ("dave", "connected")];

#[test]
fn who_came_and_who_went_is_shown_where_it_happened() {
    for in_session in [false, true] {
        let (mut script, _) = chain(in_session);
        script.unseen(&history(), Blame::Configuration);
        let mut with_first = script.clone();
        let changes = [("carol", "left", 1), ("dave", "joined", 2)];
        script.shows(&[with_changes(shown(MESSAGES, MEMBERS), &changes)]);
        assert_eq!(script.met(&history()), 4);
        let changes = [("alice", "joined", 0), ("bob", "joined", 0), ("carol", "left", 1), ("dave", "joined", 2)];
        with_first.shows(&[with_changes(shown(MESSAGES, MEMBERS), &changes)]);
        with_first.met(&history());
    }
}

#[test]
fn a_change_that_is_lost_misplaced_or_made_up_fails() {
    for changes in [
        &[("carol", "left", 1)][..],
        &[("carol", "left", 2), ("dave", "joined", 2)],
        &[("carol", "left", 0), ("dave", "joined", 2)],
        &[("carol", "left", 1), ("dave", "joined", 1)],
        &[("carol", "left", 1), ("dave", "joined", 2), ("alice", "left", 2)],
        &[("dave", "joined", 0), ("carol", "left", 1), ("dave", "joined", 2)],
        &[],
    ] {
        let (mut script, _) = chain(false);
        script.shows(&[with_changes(shown(MESSAGES, MEMBERS), changes)]);
        script.failed(&history());
    }
}

#[test]
fn the_final_list_wins() {
    let (mut script, _) = chain(false);
    let changes = [("carol", "left", 1), ("dave", "joined", 2)];
    script.shows(&[with_changes(shown(MESSAGES, &[("alice", "connected"), ("carol", "connected")]), &changes)]);
    script.failed(&history());
}

#[test]
fn without_intermediate_lists_there_is_no_history() {
    let mut script = Script::new();
    script.drains();
    script.unseen(&history(), Blame::Target);
    script.unseen(&tolerates(), Blame::Target);
    script.subscribes(FOCUS);
    script.unseen(&history(), Blame::Harness);
    script.unseen(&tolerates(), Blame::Harness);
}

#[test]
fn intermediate_lists_are_answered_and_the_session_lives() {
    for in_session in [false, true] {
        let (script, _) = chain(in_session);
        assert_eq!(script.met(&tolerates()), 5);
    }
    let mut refused = Script::new();
    let live = refused.goes_on();
    refused.send(&live, Sent, LIST, &first(), 415);
    refused.undecided(&tolerates());
    refused.sends(&live, &text("m1", ALICE, "one").cpim(), 200);
    assert_eq!(refused.met(&tolerates()), 2);
}

#[test]
fn lists_that_are_not_answered_or_cost_the_session_fail() {
    let mut refused = Script::new();
    let asked = refused.subscribes(FOCUS);
    refused.notifies(asked, &first(), 481);
    assert!(refused.failed(&tolerates()).contains("481"));

    let mut silent = Script::new();
    let asked = silent.subscribes(FOCUS);
    silent.notifies(asked, &first(), 0);
    silent.undecided(&tolerates());
    silent.failed(&tolerates());

    let mut other = Script::new();
    let live = other.goes_on();
    other.send(&live, Sent, LIST, &first(), 403);
    other.outside(&tolerates(), "L23");

    let (mut ended, drain) = chain(true);
    ended.ends(&drain, Received, FOCUS);
    ended.failed(&tolerates());

    // Whoever ends the session over a list is not excused by the answer to it.
    other.ends(&live, Received, FOCUS);
    assert!(other.failed(&tolerates()).contains("ended the session"));
}

/// The client knew Alice and Carol; then Carol left by an intermediate list, and the session ended.
fn cut_short() -> Script {
    let mut script = Script::new();
    let live = script.goes_on();
    script.sends(&live, &text("m0", ALICE, "before").cpim(), 200);
    script.ends(&live, Sent, "sip:bob@192.0.2.77:5070");
    script.shows(&[shown(&[("m0", "received")], &[("alice", "connected"), ("carol", "connected")])]);
    let drain = script.drains();
    let asked = script.subscribes(FOCUS);
    script.notifies(asked, &first(), 200);
    script.sends(&drain, &text("m1", ALICE, "one").cpim(), 200);
    script.notifies(asked, &document("partial", 2, &[("carol", "disconnected")]), 200);
    script.ends(&drain, Sent, "sip:bob@192.0.2.77:5070");
    script
}

#[test]
fn a_client_keeps_what_it_knew() {
    let known = [("m0", "received"), ("m1", "received")];
    for members in [&[("alice", "connected")][..], &[("alice", "connected"), ("carol", "connected")]] {
        let mut script = cut_short();
        script.unseen(&keeps(), Blame::Harness);
        script.shows(&[shown(&known, members)]);
        assert_eq!(script.met(&keeps()), 4);
    }
    let mut forgotten = cut_short();
    forgotten.shows(&[shown(&known, &[("carol", "connected")])]);
    assert!(forgotten.failed(&keeps()).contains("Alice"));
    let mut lost = cut_short();
    lost.shows(&[shown(&[("m1", "received")], &[("alice", "connected")])]);
    lost.failed(&keeps());
}

#[test]
fn the_next_delivery_is_taken() {
    let mut script = Script::new();
    script.drains();
    script.unseen(&next(), Blame::Harness);
    let mut script = cut_short();
    let mut refused = script.clone();
    let drain = script.drains();
    script.undecided(&next());
    script.sends(&drain, &text("m2", ALICE, "two").cpim(), 200);
    assert_eq!(script.met(&next()), 2);
    script.sends(&drain, &text("m3", ALICE, "three").cpim(), 400);
    script.failed(&next());
    refused.offers(&Offer { status: 486, ..Offer::default() });
    refused.failed(&next());
}

#[test]
fn a_notification_that_another_one_overtook_may_be_refused() {
    let (mut script, _) = chain(false);
    let asked = script.subscribes(FOCUS);
    script.notifies(asked, &first(), 500);
    script.failed(&tolerates());
    script.notifies(asked, &document("partial", 2, &[("dave", "connected")]), 200);
    script.failed(&tolerates());
    // The refusal comes when the second one is answered already.
    script.comes_late(2);
    script.met(&tolerates());
}
