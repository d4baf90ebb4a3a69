use super::super::{NotLetOut, Refused};
use crate::rules::Moment;
use crate::rules::sessions::tests::script::Who::{Alice, Bob};
use crate::rules::sessions::tests::script::*;
use crate::verdict::{Blame, FindingVerdict};
use pretty_assertions::assert_eq;

fn refused(case: &str) -> Refused {
    Refused { session: LUNCH.to_owned(), person: "Bob".to_owned(), case: case.to_owned() }
}

fn not_let_out() -> NotLetOut {
    NotLetOut { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// A call that the target answers by itself, with these statuses; 0 for nothing.
fn answered(who: Who, statuses: &[u16]) -> Talk {
    let mut talk = Talk::new().registered();
    let near = talk.calls(LUNCH, who);
    for status in statuses.iter().filter(|status| **status > 0) {
        talk.answers(&near, *status);
    }
    talk
}

#[test]
fn any_final_refusal_will_do() {
    for status in [403, 404, 480, 486, 488, 500, 603, 607] {
        for case in ["block", "anonymous", "unavailable"] {
            assert_eq!(answered(Alice, &[100, status]).met(&refused(case)).1, []);
        }
        answered(Bob, &[100, status]).met(&not_let_out());
    }
}

#[test]
fn an_absence_is_open_as_long_as_more_may_come() {
    let talk = answered(Alice, &[603]);
    talk.undecided(&refused("block"));
    answered(Bob, &[403]).undecided(&not_let_out());
}

#[test]
fn a_device_that_is_called_breaks_it_whatever_follows() {
    for (who, status) in [(Alice, 603), (Bob, 403)] {
        let mut talk = Talk::new();
        let near = talk.calls(LUNCH, who);
        let far = talk.reaches(LUNCH, who.other());
        talk.answers(&far, 180);
        talk.cancels(&far);
        talk.answers(&far, 487);
        talk.answers(&near, status);
        match who {
            Alice => talk.failed(&refused("block")),
            _ => talk.failed(&not_let_out()),
        };
    }
    let mut stands = Talk::new();
    stands.stands(LUNCH, Alice);
    stands.failed(&refused("anonymous"));
}

#[test]
fn who_is_unavailable_is_not_said_to_ring() {
    let talk = answered(Alice, &[180, 480]);
    assert!(talk.failed(&refused("unavailable")).observed.contains("rings (180)"));
    // To others a target may feign it.
    talk.met(&refused("block"));
    answered(Alice, &[183, 480]).met(&refused("unavailable"));
}

#[test]
fn a_call_that_is_accepted_and_reaches_nobody_is_for_the_ledger() {
    answered(Alice, &[200]).outside(&refused("block"), "L19");
    answered(Alice, &[202]).outside(&refused("unavailable"), "L12");
    answered(Bob, &[200]).outside(&not_let_out(), "L19");
}

#[test]
fn a_call_that_is_never_answered_is_not_refused() {
    for rule in [&refused("block") as &dyn crate::rules::Rule, &refused("unavailable")] {
        answered(Alice, &[100]).unanswered(rule);
    }
    answered(Bob, &[0]).unanswered(&not_let_out());
}

#[test]
fn another_code_than_the_declared_ones_is_a_warning() {
    let declared = stating("refusals", serde_json::json!({"block": [403], "unavailable": [480]}));
    for (case, status, warned) in
        [("block", 403, false), ("block", 603, true), ("unavailable", 486, true), ("anonymous", 433, false)]
    {
        let assessment = answered(Alice, &[status]).judge_with(&refused(case), &declared);
        let verdicts: Vec<_> = assessment.warnings.iter().map(|warning| warning.verdict).collect();
        assert_eq!(verdicts, vec![FindingVerdict::Warning; usize::from(warned)], "{case} {status}");
    }
    let warned = answered(Bob, &[603]).judge_with(&not_let_out(), &declared);
    assert_eq!(warned.warnings[0].interpretation.as_deref(), Some("L19"));
}

#[test]
fn nobody_called_is_the_suites_own_fault() {
    Talk::new().registered().unseen(&refused("block"), Blame::Harness);
    Talk::new().registered().unseen(&not_let_out(), Blame::Harness);
}

#[test]
fn a_question_is_about_the_call_before_it() {
    let mut talk = answered(Alice, &[603]);
    talk.awaits(&refused("block"));
    talk.stands(LUNCH, Alice);
    talk.met(&refused("block"));
    talk.awaits(&refused("block"));
    assert!(!matches!(talk.judge(&refused("block"), Moment::Closed).judgement, crate::rules::Judgement::Met { .. }));
}
