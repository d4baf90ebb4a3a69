//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::delivered;
use crate::rules::messages::tests::LUNCH;
use crate::rules::missed_group_content::tests::script::BOOKS;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::story::content::Disposition;

/// One instance of every rule.
fn all() -> Vec<Box<dyn Rule>> {
    let (label, person) = (|| LUNCH.to_owned(), || "Bob".to_owned());
    vec![
        Box::new(Kept { label: label(), person: person() }),
        Box::new(KeptOnce { label: label(), person: person() }),
        Box::new(NothingKept { label: label(), person: person() }),
        Box::new(ReportKept { label: label(), person: person(), kind: Disposition::Delivered }),
        Box::new(SessionKept { session: BOOKS.to_owned(), person: person() }),
        Box::new(FileKept { session: BOOKS.to_owned(), person: person() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_keeps_nothing_meets_no_rule_that_something_is_kept() {
    for rule in all().into_iter().filter(|rule| !rule.absence()) {
        let judgement = delivered().judge(rule.as_ref(), Moment::Closed).judgement;
        assert!(!matches!(judgement, Judgement::Met { .. }), "{}", rule.id());
    }
}
