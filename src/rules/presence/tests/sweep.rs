//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::{publishes, there};
use crate::rules::messages::tests::{LUNCH, Page, Post};
use crate::rules::missed_group_content::tests::script::BOOKS;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};

/// One instance of every rule.
fn all() -> Vec<Box<dyn Rule>> {
    let (label, person, group) = (|| LUNCH.to_owned(), || "Bob".to_owned(), || BOOKS.to_owned());
    vec![
        Box::new(Published { person: person(), state: "open".to_owned() }),
        Box::new(EntityTags { person: person() }),
        Box::new(PublishedAnew { person: person() }),
        Box::new(KeptUp { person: person() }),
        Box::new(LongEnough { person: person() }),
        Box::new(Watched { person: person() }),
        Box::new(MessageWithheld { person: person(), label: label() }),
        Box::new(MessageComes { person: person(), label: label() }),
        Box::new(CallWithheld { session: group(), person: person() }),
        Box::new(ChatWithheld { person: person(), group: group() }),
        Box::new(ChatComes { person: person(), group: group() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_or_only_asks_meets_no_rule() {
    for status in [None, Some(200), Some(202), Some(403), Some(500)] {
        let mut post = Post::announced("Alice", &["Bob"]);
        post.page(&Page::to_bob(), status);
        let mut asks = there();
        publishes(&mut asks, None, 3600, Some("open"));
        for rule in all() {
            for judgement in [post.judge(rule.as_ref(), Moment::Closed), asks.judge(rule.as_ref(), Moment::Closed)] {
                assert!(!matches!(judgement.judgement, Judgement::Met { .. }), "{status:?}: {}", rule.id());
            }
        }
    }
}
