//! What is true of every rule: none passes a target that has not shown anything.

use super::*;
use crate::rules::charging::*;
use crate::rules::messages::tests::{Page, Post};
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::verdict::Blame;

/// One instance of every rule, in the order of the table.
fn all() -> Vec<Box<dyn Rule>> {
    let (session, person) = (|| LUNCH.to_owned(), || "Bob".to_owned());
    let label = || crate::rules::messages::tests::LUNCH.to_owned();
    vec![
        Box::new(SessionRecorded { session: session(), person: person() }),
        Box::new(SessionReserved { session: session(), person: person() }),
        Box::new(SessionUncharged { session: session(), person: person() }),
        Box::new(MessageRecorded { label: label(), person: person() }),
        Box::new(MessageDebited { label: label(), person: person() }),
        Box::new(MessageUncharged { label: label(), person: person() }),
        Box::new(SessionUnpaid { session: session(), person: person() }),
        Box::new(MessageUnpaid { label: label(), person: person() }),
        Box::new(RecordedLater { session: session(), person: person() }),
        Box::new(GoesOnWithout { session: session(), person: person() }),
        Box::new(EndsWithout { session: session(), person: person() }),
        Box::new(ChangeCharged { session: session(), person: person() }),
        Box::new(ItemCharged { label: label(), person: person() }),
        Box::new(EndedWithCredit { session: session(), person: person() }),
        Box::new(KeptAfterCredit { session: session(), person: person() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_charges_and_serves_nobody_meets_no_rule_that_something_has_to_happen() {
    for status in [0, 180, 200, 402, 503] {
        let mut talk = Talk::new().registered();
        let near = called(&mut talk);
        for slip in [Slip::record(2), Slip::record(4), Slip::request(1), Slip::request(2), Slip::request(3)] {
            charges(&mut talk, &slip, 2001);
        }
        if status > 0 {
            talk.answers(&near, status);
        }
        talk.byes(&near, Sent, 200);
        for rule in all().into_iter().filter(|rule| !rule.absence()) {
            let judgement = talk.judge(rule.as_ref(), Moment::Closed).judgement;
            assert!(!matches!(judgement, Judgement::Met { .. }), "{status}: {}", rule.id());
        }
    }
}

#[test]
fn a_target_that_serves_and_charges_nobody_meets_no_rule_but_that_it_serves() {
    let mut talk = Talk::new().registered();
    let near = called(&mut talk);
    let far = goes_on(&mut talk, &near);
    hangs_up(&mut talk, &near, &far);
    let mut post = Post::comes(&Page::to_bob().on_to(crate::rules::messages::tests::PHONE));
    for rule in all() {
        for script in [&mut *talk as &mut Script, &mut *post] {
            let judgement = script.judge(rule.as_ref(), Moment::Closed).judgement;
            assert!(!matches!(judgement, Judgement::Met { .. }), "{}", rule.id());
        }
    }
}

#[test]
fn a_silent_target_is_judged_in_nothing() {
    for rule in all() {
        let mut talk = Talk::new();
        called(&mut talk);
        talk.unseen(rule.as_ref(), Blame::Unknown);
    }
}
