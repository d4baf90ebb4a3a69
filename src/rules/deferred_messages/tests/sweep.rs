//! What is true of every rule: none that asks for something passes a target that has not shown anything.

use super::super::*;
use super::{CONTRIBUTION, page, written};
use crate::rules::messages::tests::LUNCH;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};

fn all() -> Vec<Box<dyn Rule>> {
    let (person, label) = (|| "Bob".to_owned(), || LUNCH.to_owned());
    vec![
        Box::new(Delivered { person: person(), label: label(), device: None }),
        Box::new(NotLost { person: person(), label: label() }),
        Box::new(Told { person: person(), device: "phone".to_owned(), label: label() }),
        Box::new(FetchYieldsNothing {
            person: person(),
            device: "phone".to_owned(),
            label: label(),
            contribution: CONTRIBUTION.to_owned(),
        }),
        Box::new(KeptBack { person: person(), label: label() }),
        Box::new(Refused { person: person(), label: label() }),
        Box::new(Expired { person: person(), label: label() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_absences_alone() {
    for status in [None, Some(200), Some(202), Some(480), Some(603)] {
        let post = written(&page(), status);
        for rule in all() {
            let judgement = post.judge(rule.as_ref(), Moment::Closed).judgement;
            // That it is refused is one of the two things that may become of a message that no device takes.
            let refused = rule.id() == "deferred_messages.not_lost" && status >= Some(300);
            let met = matches!(judgement, Judgement::Met { .. });
            assert!(!met || rule.absence() || refused, "{status:?}: {}: {judgement:?}", rule.id());
        }
    }
}
