//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::{LUNCH, Page, Post};
use crate::rules::{Judgement, Moment, Rule, swept_are_all};

/// One instance of every rule.
fn all() -> Vec<Box<dyn Rule>> {
    let (label, person) = (|| LUNCH.to_owned(), || "Bob".to_owned());
    vec![
        Box::new(Delivered { label: label(), person: person(), device: None }),
        Box::new(OneMessage { label: label(), person: person(), device: None }),
        Box::new(ListReached { label: label(), person: person() }),
        Box::new(NotExploded { label: label(), person: person() }),
        Box::new(OverLimit { label: label(), person: person() }),
        Box::new(NoMessage { label: label() }),
        Box::new(Unaltered { label: label() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_no_rule_that_something_has_to_come() {
    for status in [None, Some(200), Some(202), Some(403), Some(500)] {
        for page in [Page::to_bob(), Page::of_bob()] {
            let mut post = Post::announced("Alice", &["Bob"]);
            post.page(&page, status);
            for rule in all().into_iter().filter(|rule| !rule.absence()) {
                let judgement = post.judge(rule.as_ref(), Moment::Closed).judgement;
                // A refusal is what that rule asks for.
                let refused = rule.id() == "messages.no_message" && status.is_some_and(|status| status >= 400);
                assert!(refused || !matches!(judgement, Judgement::Met { .. }), "{status:?}: {}", rule.id());
            }
        }
    }
}
