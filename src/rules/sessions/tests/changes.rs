use super::super::{ChangeCarried, ChangeRefused, SettledAfterGlare};
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::verdict::Blame;

const HOLD: &str = "sendonly";
const HELD: &str = "recvonly";
const BOTH: &str = "sendrecv";

fn carried(by_device: bool) -> ChangeCarried {
    ChangeCarried { session: LUNCH.to_owned(), person: "Bob".to_owned(), by_device }
}

fn refused() -> ChangeRefused {
    ChangeRefused { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn settled() -> SettledAfterGlare {
    SettledAfterGlare { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// A session, with the leg of who changes it and the other one.
fn standing(by_device: bool) -> (Talk, Line, Line) {
    let mut talk = Talk::new();
    let (near, far) = talk.stands(LUNCH, Alice);
    if by_device { (talk, far, near) } else { (talk, near, far) }
}

#[test]
fn a_change_comes_to_be_on_both_sides_by_either_method() {
    for (method, onward) in [("INVITE", "INVITE"), ("UPDATE", "UPDATE"), ("UPDATE", "INVITE")] {
        for by_device in [false, true] {
            let (mut talk, own, other) = standing(by_device);
            talk.unseen(&carried(by_device), Blame::Harness);
            talk.changes(&own, Sent, (method, HOLD), (200, HELD));
            talk.undecided(&carried(by_device));
            talk.failed(&carried(by_device));
            talk.changes(&other, Received, (onward, HOLD), (200, HELD));
            assert_eq!(talk.met(&carried(by_device)), (2, vec![]));
            talk.unseen(&carried(!by_device), Blame::Harness);
        }
    }
}

#[test]
fn an_offer_may_be_asked_for_and_answered_in_the_acknowledgement() {
    let (mut talk, own, other) = standing(false);
    talk.changes(&own, Sent, ("INVITE", HOLD), (200, HELD));
    let asked = talk.asks(&other, Received, "INVITE", "", "");
    talk.replies(&asked, 200, "", &offer(&other.wire.own_path, BOTH));
    talk.failed(&carried(false));
    talk.asks(&other, Received, "ACK", "", &offer(&other.wire.target_path, HOLD));
    talk.met(&carried(false));
}

#[test]
fn a_change_that_comes_otherwise_or_not_at_all_is_broken() {
    let (mut talk, own, other) = standing(false);
    talk.changes(&own, Sent, ("INVITE", HOLD), (200, HELD));
    talk.changes(&other, Received, ("INVITE", BOTH), (200, BOTH));
    assert!(talk.failed(&carried(false)).observed.contains("came there as sendrecv"));
    let (mut talk, own, other) = standing(false);
    talk.changes(&own, Sent, ("INVITE", HOLD), (200, BOTH));
    talk.changes(&other, Received, ("INVITE", HOLD), (200, HELD));
    assert!(talk.failed(&carried(false)).observed.contains("answered sendrecv"));
    let (mut talk, own, _) = standing(false);
    talk.changes(&own, Sent, ("INVITE", HOLD), (0, ""));
    assert!(talk.failed(&carried(false)).observed.contains("never answered"));
    for status in [486, 500] {
        let (mut talk, own, _) = standing(false);
        talk.changes(&own, Sent, ("UPDATE", HOLD), (status, ""));
        talk.failed(&carried(false));
    }
    let (mut talk, own, other) = standing(false);
    talk.changes(&own, Sent, ("INVITE", HOLD), (488, ""));
    talk.changes(&other, Received, ("INVITE", HOLD), (488, ""));
    talk.unseen(&carried(false), Blame::Harness);
}

#[test]
fn the_last_change_before_the_question_counts() {
    let (mut talk, own, other) = standing(false);
    talk.changes(&own, Sent, ("INVITE", HOLD), (200, HELD));
    talk.changes(&other, Received, ("INVITE", HOLD), (200, HELD));
    talk.awaits(&carried(false));
    talk.changes(&own, Sent, ("INVITE", BOTH), (200, BOTH));
    talk.met(&carried(false));
    talk.awaits(&carried(false));
    talk.failed(&carried(false));
    talk.changes(&other, Received, ("INVITE", BOTH), (200, BOTH));
    talk.met(&carried(false));
}

#[test]
fn a_refused_change_leaves_the_session() {
    for (theirs, ours) in [(488, 488), (488, 606)] {
        let (mut talk, own, other) = standing(true);
        talk.unseen(&refused(), Blame::Harness);
        talk.changes(&other, Received, ("INVITE", HOLD), (theirs, ""));
        talk.changes(&own, Sent, ("INVITE", HOLD), (0, ""));
        talk.failed(&refused());
        let (mut talk, own, other) = standing(true);
        let asked = talk.asks(&own, Sent, "INVITE", "", &offer(&own.wire.own_path, HOLD));
        talk.changes(&other, Received, ("INVITE", HOLD), (theirs, ""));
        talk.undecided(&refused());
        talk.failed(&refused());
        talk.replies(&asked, ours, "", "");
        assert_eq!(talk.met(&refused()), (3, vec![]));
        talk.byes(&own, Sent, 200);
        talk.byes(&other, Received, 200);
        talk.met(&refused());
    }
}

#[test]
fn a_change_is_refused_by_who_is_asked_and_ends_nothing() {
    let with = |theirs: u16, ours: u16| {
        let (mut talk, own, other) = standing(false);
        let asked = talk.asks(&own, Sent, "UPDATE", "", &offer(&own.wire.own_path, HOLD));
        if theirs > 0 {
            talk.changes(&other, Received, ("UPDATE", HOLD), (theirs, HELD));
        }
        let back = if ours < 300 { offer(&own.wire.target_path, HELD) } else { String::new() };
        talk.replies(&asked, ours, "", &back);
        (talk, own)
    };
    for (theirs, ours) in [(0, 488), (0, 200), (488, 200), (488, 481), (488, 408)] {
        with(theirs, ours).0.failed(&refused());
    }
    with(200, 200).0.unseen(&refused(), Blame::Harness);
    let (mut ended, own) = with(488, 488);
    ended.byes(&own, Received, 200);
    assert!(ended.failed(&refused()).observed.contains("ended the session"));
}

#[test]
fn changes_that_cross_settle() {
    let crossing = |near: u16, far: u16, again: u16| {
        let (mut talk, one, other) = standing(false);
        let first = talk.asks(&one, Sent, "INVITE", "", &offer(&one.wire.own_path, BOTH));
        let second = talk.asks(&other, Sent, "INVITE", "", &offer(&other.wire.own_path, BOTH));
        for (asked, line, status) in [(&first, &one, near), (&second, &other, far)] {
            let back = if status == 200 { offer(&line.wire.target_path, BOTH) } else { String::new() };
            if status > 0 {
                talk.replies(asked, status, "", &back);
            }
        }
        if again > 0 {
            talk.changes(&one, Sent, ("INVITE", BOTH), (again, BOTH));
        }
        (talk, one)
    };
    for (near, far, again) in [(200, 491, 0), (491, 491, 200), (491, 200, 200), (200, 200, 0)] {
        crossing(near, far, again).0.met(&settled());
    }
    crossing(491, 0, 200).0.undecided(&settled());
    for (near, far, again) in [(491, 0, 200), (491, 491, 0), (491, 491, 500), (481, 200, 0), (200, 408, 200)] {
        crossing(near, far, again).0.failed(&settled());
    }
    let (mut ended, line) = crossing(491, 491, 200);
    ended.byes(&line, Received, 200);
    ended.failed(&settled());
    let (mut apart, one, other) = standing(false);
    apart.changes(&one, Sent, ("INVITE", BOTH), (200, BOTH));
    apart.changes(&other, Sent, ("INVITE", BOTH), (200, BOTH));
    apart.unseen(&settled(), Blame::Harness);
}

#[test]
fn who_sets_nothing_up_changes_nothing() {
    let mut agreeing = Talk::new();
    let near = agreeing.calls(LUNCH, Alice);
    agreeing.answers(&near, 200);
    agreeing.acknowledges(&near);
    agreeing.changes(&near, Sent, ("INVITE", HOLD), (200, HELD));
    agreeing.failed(&carried(false));
    agreeing.failed(&refused());
    agreeing.failed(&settled());
    let mut originating = Talk::new();
    let (near, far) = originating.stands(LUNCH, Bob);
    originating.changes(&near, Sent, ("INVITE", HOLD), (200, HELD));
    originating.changes(&far, Received, ("INVITE", HOLD), (200, HELD));
    originating.met(&carried(true));
}
