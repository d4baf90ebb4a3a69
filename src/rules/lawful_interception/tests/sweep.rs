//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::Passed;
use crate::rules::messages::tests::LUNCH;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};

/// One instance of every rule.
fn all() -> Vec<Box<dyn Rule>> {
    let (label, person) = (|| LUNCH.to_owned(), || "Bob".to_owned());
    vec![
        Box::new(InForce { person: "Eve".to_owned() }),
        Box::new(Refused { person: person() }),
        Box::new(EventsHandedOver { label: label(), person: person() }),
        Box::new(ContentHandedOver { label: label(), person: person() }),
        Box::new(HandedOverOnce { label: label(), person: person() }),
        Box::new(NothingHandedOver { label: label(), person: person() }),
        Box::new(NothingElse { person: person() }),
        Box::new(Unnoticed { person: person(), other: "Eve".to_owned() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_hands_nothing_over_meets_no_rule_that_something_is_handed_over() {
    for rule in all().into_iter().filter(|rule| !rule.absence()) {
        let judgement = Passed::to_bob().post.judge(rule.as_ref(), Moment::Closed).judgement;
        assert!(!matches!(judgement, Judgement::Met { .. }), "{}", rule.id());
    }
}
