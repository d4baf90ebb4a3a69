//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::{FIRST, LUNCH, Talk, message, owned};
use crate::rules::sessions::tests::script::Who::{Alice, Eve, Watch};
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::verdict::Blame;

/// One instance of every rule, all about one session.
fn all() -> Vec<Box<dyn Rule>> {
    let mut rules: Vec<Box<dyn Rule>> = Vec::new();
    macro_rules! add {
        ($rule:ident { $($field:ident: $value:expr),* }) => {
            rules.push(Box::new($rule { session: owned(LUNCH), person: owned("Bob"), $($field: $value),* }))
        };
    }
    add!(MovedTo { from: owned("phone"), to: owned("watch") });
    add!(StaysAt { device: owned("phone"), other: owned("watch") });
    add!(CarriedOver { label: owned("Shall we?"), device: None });
    add!(StrangerKeptOut { device: owned("phone"), stranger: owned("Eve") });
    rules.push(Box::new(CompleteAtBoth {
        group: owned("Book club"),
        person: owned("Bob"),
        from: owned("phone"),
        to: owned("watch"),
    }));
    rules
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_no_rule() {
    for status in [0, 180, 200, 403, 603] {
        let mut talk = Talk::new().registered();
        for who in [Alice, FIRST, Watch, Eve] {
            let line = talk.calls(LUNCH, who);
            if status > 0 {
                talk.answers(&line, status);
            }
            talk.acknowledges(&line);
            let said = message(who, "Shall we?");
            talk.label(LUNCH, &said);
            talk.sends(&line.wire, &said.cpim(), 200);
        }
        for rule in all() {
            let judgement = talk.judge(rule.as_ref(), Moment::Closed).judgement;
            // Who takes every call for his own has let nobody move.
            assert!(!matches!(judgement, Judgement::Met { .. }), "{status}: {}: {judgement:?}", rule.id());
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
