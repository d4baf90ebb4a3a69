//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use crate::rules::sessions::tests::script::Who::{Alice, Bob};
use crate::rules::sessions::tests::script::*;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::verdict::Blame;

/// One instance of every rule.
fn all() -> Vec<Box<dyn Rule>> {
    let (session, person) = (|| LUNCH.to_owned(), || "Bob".to_owned());
    vec![
        Box::new(Refused { session: session(), person: person(), case: "block".to_owned() }),
        Box::new(NotLetOut { session: session(), person: person() }),
        Box::new(MediumBarred { session: session(), person: person(), medium: "audio".to_owned() }),
        Box::new(MediumHad { session: session(), person: person(), medium: "audio".to_owned() }),
        Box::new(Private { session: session(), person: person() }),
        Box::new(Shown { session: session(), person: person() }),
        Box::new(OthersDelivered { group: session(), person: person(), blocked: "Alice".to_owned() }),
        Box::new(MessageRefused { label: session(), person: person(), case: "block".to_owned() }),
        Box::new(MessageNotLetOut { label: session(), person: person() }),
        Box::new(MessagePrivate { label: session(), person: person() }),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_no_rule_that_something_has_to_happen() {
    for (who, status) in [(Alice, 200), (Alice, 486), (Bob, 200), (Bob, 202), (Bob, 403), (Bob, 500)] {
        let mut talk = Talk::new().registered();
        let line = talk.calls_as(LUNCH, who, |invite| format!("{invite}m=audio 4000 RTP/AVP 0\r\n"));
        talk.answers(&line, status);
        talk.acknowledges(&line);
        for rule in all().into_iter().filter(|rule| !rule.absence()) {
            let judgement = talk.judge(rule.as_ref(), Moment::Closed).judgement;
            assert!(!matches!(judgement, Judgement::Met { .. }), "{who:?} {status}: {}", rule.id());
        }
    }
}

#[test]
fn a_silent_target_is_judged_in_nothing() {
    for rule in all() {
        let mut talk = Talk::new();
        talk.calls(LUNCH, Alice);
        talk.unseen(rule.as_ref(), Blame::Unknown);
    }
}
