//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::*;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::verdict::Blame;

/// One instance of every rule, all about one session.
fn all() -> Vec<Box<dyn Rule>> {
    let (session, person) = (LUNCH.to_owned(), "Bob".to_owned());
    let report = |status| {
        let (session, person) = (session.clone(), person.clone());
        Box::new(ReportCarried { session, person, label: "Shall we?".to_owned(), status })
    };
    vec![
        Box::new(MediaAgreed { session: session.clone(), person: person.clone() }),
        Box::new(PathsUntouched { session: session.clone(), person: person.clone() }),
        Box::new(OfferRefused { session: session.clone(), person: person.clone() }),
        Box::new(OfferGiven { session: session.clone(), person: person.clone() }),
        Box::new(LinesAnswered { session: session.clone(), person: person.clone() }),
        report(200),
        report(413),
    ]
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

#[test]
fn a_target_that_only_answers_meets_no_rule_that_something_has_to_happen() {
    for status in [0, 100, 180, 200, 202, 486, 488, 500, 603] {
        let mut talk = Talk::new().registered();
        let near = talk.calls_as(LUNCH, Alice, |invite| format!("{invite}m=audio 4000 RTP/AVP 0\r\n"));
        if status > 0 {
            talk.answers_as(&near, status, |answer| format!("{answer}m=audio 0 RTP/AVP 0\r\n"));
        }
        talk.acknowledges(&near);
        talk.bodiless(&near.wire, 200);
        talk.label(LUNCH, &text("m1", "sip:alice@example.com", "Shall we?"));
        talk.sends(&near.wire, &text("m1", "sip:alice@example.com", "Shall we?").cpim(), status.max(200));
        for rule in all().into_iter().filter(|rule| !rule.absence()) {
            let judgement = talk.judge(rule.as_ref(), Moment::Closed).judgement;
            assert!(!matches!(judgement, Judgement::Met { .. }), "{status}: {}", rule.id());
        }
    }
}

#[test]
fn a_silent_target_is_judged_in_nothing() {
    for rule in all() {
        let mut script = Talk::new();
        script.calls(LUNCH, Alice);
        script.unseen(rule.as_ref(), Blame::Unknown);
    }
}
