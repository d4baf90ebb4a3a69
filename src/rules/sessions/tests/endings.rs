use super::super::{CallWithdrawn, EndedOnBothSides, Released};
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::verdict::{Blame, FindingVerdict};

fn ended() -> EndedOnBothSides {
    EndedOnBothSides { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn withdrawn() -> CallWithdrawn {
    CallWithdrawn { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn released(why: &str) -> Released {
    Released { session: LUNCH.to_owned(), person: "Bob".to_owned(), why: why.to_owned() }
}

#[test]
fn who_hangs_up_ends_it_on_both_sides() {
    for who in [Alice, Bob] {
        for by_caller in [true, false] {
            let mut talk = Talk::new();
            let (near, far) = talk.stands(LUNCH, who);
            let (own, other) = if by_caller { (near, far) } else { (far, near) };
            talk.unseen(&ended(), Blame::Harness);
            talk.byes(&own, Sent, 200);
            talk.undecided(&ended());
            talk.failed(&ended());
            talk.byes(&other, Received, 200);
            assert_eq!(talk.met(&ended()), (2, vec![]));
        }
    }
}

#[test]
fn an_end_is_answered_and_not_made_up() {
    for status in [0, 481, 500] {
        let mut talk = Talk::new();
        let (near, far) = talk.stands(LUNCH, Alice);
        talk.byes(&near, Sent, status);
        talk.byes(&far, Received, 200);
        talk.failed(&ended());
    }
    let mut broken_off = Talk::new();
    let (near, far) = broken_off.stands(LUNCH, Alice);
    broken_off.byes(&near, Received, 200);
    broken_off.byes(&far, Received, 200);
    assert!(broken_off.failed(&ended()).observed.contains("before anybody hung up"));
    // Who agrees to everything has nobody on the other side.
    let mut agreeing = Talk::new();
    let near = agreeing.calls(LUNCH, Alice);
    agreeing.answers(&near, 200);
    agreeing.acknowledges(&near);
    agreeing.byes(&near, Sent, 200);
    agreeing.failed(&ended());
    Talk::new().registered().unseen(&ended(), Blame::Harness);
}

/// Alice calls, Bob's phone rings, Alice takes it back.
fn taken_back() -> (Talk, Line, Line) {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let far = talk.reaches(LUNCH, Bob);
    talk.answers(&far, 180);
    talk.answers(&near, 180);
    talk.unseen(&withdrawn(), Blame::Harness);
    talk.cancels(&near);
    (talk, near, far)
}

#[test]
fn a_call_is_taken_back_on_both_sides() {
    let (mut talk, near, far) = taken_back();
    talk.answers(&near, 487);
    talk.failed(&withdrawn());
    talk.cancels(&far);
    talk.undecided(&withdrawn());
    talk.answers(&far, 487);
    assert_eq!(talk.met(&withdrawn()), (2, vec![]));
    let (mut unanswered, _, far) = taken_back();
    unanswered.cancels(&far);
    unanswered.answers(&far, 487);
    assert!(unanswered.failed(&withdrawn()).observed.contains("was not answered"));
    let (mut accepted, near, far) = taken_back();
    accepted.cancels(&far);
    accepted.answers(&far, 487);
    accepted.answers(&near, 200);
    accepted.failed(&withdrawn());
}

#[test]
fn an_acceptance_that_crosses_is_ended_and_another_refusal_is_told() {
    let (mut crossed, near, far) = taken_back();
    crossed.answers(&far, 200);
    crossed.answers(&near, 487);
    crossed.acknowledges(&far);
    crossed.failed(&withdrawn());
    crossed.byes(&far, Received, 200);
    crossed.met(&withdrawn());
    let (mut other, near, far) = taken_back();
    other.cancels(&far);
    other.answers(&far, 487);
    other.answers(&near, 480);
    let warning = &other.met(&withdrawn()).1[0];
    assert_eq!((warning.verdict, warning.observed.as_str()), (FindingVerdict::Warning, "the caller got 480"));
}

#[test]
fn who_calls_nobody_takes_nothing_back() {
    for status in [200, 486, 487, 500] {
        let mut talk = Talk::new();
        let near = talk.calls(LUNCH, Alice);
        talk.answers(&near, 180);
        talk.cancels(&near);
        talk.answers(&near, status);
        talk.failed(&withdrawn());
    }
    let mut answered = Talk::new();
    let (near, _) = answered.stands(LUNCH, Alice);
    answered.cancels(&near);
    answered.unseen(&withdrawn(), Blame::Harness);
}

#[test]
fn a_session_of_a_device_that_is_gone_is_ended_towards_the_other_side() {
    let mut talk = Talk::new();
    let (near, far) = talk.stands(LUNCH, Alice);
    talk.unseen(&released("deregistered"), Blame::Harness);
    talk.deregisters("Bob", "phone");
    talk.undecided(&released("deregistered"));
    talk.failed(&released("deregistered"));
    talk.byes(&near, Received, 200);
    talk.met(&released("deregistered"));
    // The operator ends it on both sides.
    talk.failed(&released("operator"));
    talk.byes(&far, Received, 200);
    talk.met(&released("operator"));
    let mut before = Talk::new();
    let (near, _) = before.stands(LUNCH, Alice);
    before.byes(&near, Received, 200);
    before.deregisters("Bob", "phone");
    before.failed(&released("deregistered"));
    let mut hung_up = Talk::new();
    let (near, _) = hung_up.stands(LUNCH, Alice);
    hung_up.deregisters("Bob", "phone");
    hung_up.byes(&near, Sent, 200);
    hung_up.unseen(&released("deregistered"), Blame::Harness);
}

#[test]
fn a_call_that_rings_is_given_up_when_the_device_is_gone() {
    let rings = |cancelled: bool, status: u16| {
        let mut talk = Talk::new();
        let near = talk.calls(LUNCH, Alice);
        let far = talk.reaches(LUNCH, Bob);
        talk.answers(&far, 180);
        talk.deregisters("Bob", "phone");
        if cancelled {
            talk.cancels(&far);
            talk.answers(&far, 487);
        }
        if status > 0 {
            talk.answers(&near, status);
        }
        talk
    };
    rings(true, 480).met(&released("deregistered"));
    rings(false, 480).failed(&released("deregistered"));
    rings(true, 0).failed(&released("deregistered"));
    let mut nobody = Talk::new();
    let near = nobody.calls(LUNCH, Alice);
    nobody.deregisters("Bob", "phone");
    nobody.answers(&near, 486);
    nobody.failed(&released("deregistered"));
}
