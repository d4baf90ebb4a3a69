//! What is true of every rule: none that asks for something passes a target that has not shown anything.

use super::super::*;
use super::{TERM, asking, reports};
use crate::evidence::Direction::Sent;
use crate::rules::messages::tests::{LUNCH, Post};
use crate::rules::missed_group_content::tests::script::delivered;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::story::content::Disposition;

fn all() -> Vec<Box<dyn Rule>> {
    let (person, label, kind) = (|| "Bob".to_owned(), || LUNCH.to_owned(), Disposition::Delivered);
    vec![
        Box::new(ReachesAuthor { person: person(), label: label(), kind }),
        Box::new(ReachesUser { person: person(), about: "d1".to_owned(), label: label(), kind }),
        Box::new(FailureTold { person: person(), label: label() }),
        Box::new(NoFailureTold { person: person(), label: label() }),
        Box::new(Unaltered { person: person() }),
        Box::new(NoneOnReports { person: person() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_absences_alone() {
    for status in [200, 202, 480] {
        let mut post = Post::announced("Alice", &["Bob"]);
        post.page(&asking(), Some(status));
        reports(&mut post, "delivered");
        post.pages(Sent, "sip:bob@example.com", TERM, &delivered("d1", "sip:carol@example.com").cpim());
        for rule in all() {
            let judgement = post.judge(rule.as_ref(), Moment::Closed).judgement;
            // An error as answer tells of a failure.
            let refused = rule.id() == "disposition_reports.failure_told" && status >= 300;
            let met = matches!(judgement, Judgement::Met { .. });
            assert!(!met || rule.absence() || refused, "{status}: {}: {judgement:?}", rule.id());
        }
    }
}
