//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::announced;
use crate::rules::messages::tests::{LUNCH, Page};
use crate::rules::{Judgement, Moment, Rule, swept_are_all};

/// One instance of every rule.
fn all() -> Vec<Box<dyn Rule>> {
    let (label, person) = (|| LUNCH.to_owned(), || "Bob".to_owned());
    vec![
        Box::new(Interworked { label: label(), person: person() }),
        Box::new(NotInterworked { label: label(), person: person() }),
        Box::new(Told { label: label(), person: person() }),
        Box::new(FailsWell { label: label(), person: person() }),
        Box::new(Terminated { label: label(), person: person(), device: "phone".to_owned() }),
        Box::new(Unnamed { label: label(), person: person() }),
        Box::new(Precedence { label: label(), person: person(), wished: true }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_no_rule() {
    for status in [None, Some(200), Some(202), Some(403), Some(500)] {
        for page in [Page::to_bob(), Page::of_bob()] {
            let mut post = announced("Alice", "Bob");
            post.page(&page, status);
            for rule in all() {
                let judgement = post.judge(rule.as_ref(), Moment::Closed).judgement;
                // A refusal of what has no name is what that rule allows.
                let refused = rule.id() == "interworking.unnamed" && status == Some(403);
                assert!(refused || !matches!(judgement, Judgement::Met { .. }), "{status:?}: {}", rule.id());
            }
        }
    }
}
