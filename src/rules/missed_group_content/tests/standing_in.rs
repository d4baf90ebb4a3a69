use pretty_assertions::assert_eq;
use serde_json::json;

use super::super::{Complete, Since};
use super::script::*;
use crate::target::statement::Statement;
use crate::verdict::FindingVerdict;

/// What was found of the first answer, when Bob's content arrives: expected and observed.
fn found(script: &mut Script, leg: &Wire, statement: &Statement) -> Vec<(String, String)> {
    let one = text("m1", "sip:alice@example.com", "Shall we meet?");
    script.sends(leg, &one.cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &one.cpim(), 200);
    let complete =
        Complete { person: "Bob".to_owned(), group: BOOKS.to_owned(), device: None, since: Since::Invitation };
    let assessment = script.judge_with(&complete, statement);
    let told = assessment.warnings.into_iter().map(|warning| {
        assert_eq!(warning.verdict, FindingVerdict::Warning);
        assert_eq!(warning.interpretation.as_deref(), Some("L02"));
        (warning.expected, warning.observed)
    });
    told.collect()
}

fn named(triggers: &[&str]) -> Statement {
    stating("stand_in_on", json!(triggers))
}

fn differs(named: &str, trigger: &str) -> Vec<(String, String)> {
    vec![(format!("stand_in_on: {named}, as the statement says"), format!("stand_in_on: {trigger}"))]
}

/// Bob's phone is registered and refuses the invitation with this status, or says nothing when it is 0.
fn refused(status: u16) -> (Script, Wire) {
    let mut script = Script::new();
    script.registers("Bob", "phone");
    let leg = script.invites_while(BOOKS, "Bob", 200, None, |script| {
        script.drains(BOOKS, "Bob", "phone", "sendrecv", status);
    });
    (script, leg)
}

#[test]
fn who_stands_in_for_one_who_is_offline_says_so() {
    for (statement, expected) in [
        (named(&["offline"]), vec![]),
        (named(&["no_answer", "timeout_408"]), differs("no_answer, timeout_408", "offline")),
    ] {
        let mut script = Script::new();
        script.registers("Bob", "phone");
        script.deregisters("Bob", "phone");
        let leg = script.invites(BOOKS, "Bob", 200);
        assert_eq!(found(&mut script, &leg, &statement), expected);
    }
}

#[test]
fn who_stands_in_upon_a_refusal_says_so() {
    for (status, trigger) in [(486, "busy_486"), (480, "unavailable_480"), (408, "timeout_408"), (0, "no_answer")] {
        let (mut script, leg) = refused(status);
        assert_eq!(found(&mut script, &leg, &named(&[trigger])), []);
        let (mut script, leg) = refused(status);
        assert_eq!(found(&mut script, &leg, &named(&["offline"])), differs("offline", trigger));
    }
}

#[test]
fn nothing_is_said_of_a_refusal_for_which_there_is_no_word_nor_of_a_user_who_takes_part() {
    for status in [404, 503, 200] {
        let (mut script, leg) = refused(status);
        assert_eq!(found(&mut script, &leg, &named(&["offline"])), [], "{status}");
    }
}

#[test]
fn silence_is_as_good_as_a_time_out() {
    let (mut script, leg) = refused(0);
    assert_eq!(found(&mut script, &leg, &named(&["timeout_408"])), []);
}

#[test]
fn whoever_does_not_stand_in_may_refuse_and_still_owes_the_content() {
    let refusing = || {
        let mut script = Script::new();
        script.invites(BOOKS, "Bob", 480);
        script
    };
    for (statement, expected) in [
        (named(&["no_answer"]), vec![]),
        (
            named(&["offline"]),
            vec![(
                "first_answer: stand_in, as the statement says".to_owned(),
                "first_answer: refuse_then_fetch".to_owned(),
            )],
        ),
    ] {
        let mut script = refusing();
        let fetched = script.invites(BOOKS, "Bob", 200);
        assert_eq!(found(&mut script, &fetched, &statement), expected);
    }
    let complete =
        Complete { person: "Bob".to_owned(), group: BOOKS.to_owned(), device: None, since: Since::Invitation };
    assert!(refusing().failed(&complete).observed.contains("480"));
}
