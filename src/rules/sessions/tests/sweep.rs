//! What is true of every rule: none passes a target that has not shown anything.

use super::super::*;
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::Event;
use crate::rules::{Judgement, Moment, Rule, swept_are_all};
use crate::verdict::Blame;

/// One instance of every rule, all about one session.
fn all() -> Vec<Box<dyn Rule>> {
    let mut rules: Vec<Box<dyn Rule>> = Vec::new();
    macro_rules! add {
        ($rule:ident { $($field:ident: $value:expr),* }) => {
            rules.push(Box::new($rule { session: LUNCH.to_owned(), person: "Bob".to_owned(), $($field: $value),* }))
        };
    }
    let text = str::to_owned;
    add!(Established { device: text("phone") });
    add!(NotEstablished {});
    add!(RefusalCarried {});
    add!(Carried { label: text("Shall we?") });
    add!(NotCarried { label: text("Shall we?") });
    add!(ChangeCarried { by_device: false });
    add!(ChangeRefused {});
    add!(SettledAfterGlare {});
    add!(EndedOnBothSides {});
    add!(CallWithdrawn {});
    add!(Released { why: text("deregistered") });
    add!(RefusedWell { what: text("no hops left") });
    add!(ExpiresInTime {});
    add!(RefreshKeeps {});
    add!(SmallIntervalHandled {});
    add!(NoSecondSession {});
    rules.push(Box::new(OnBehalf { group: text(LUNCH), person: text("Bob") }));
    rules.push(Box::new(KeptApart { person: text("Bob"), sessions: vec![text(LUNCH), text("Dinner")] }));
    rules.push(Box::new(LimitKept { person: text("Bob"), refused: text("Dinner"), later: text("Tea") }));
    rules
}

#[test]
fn every_rule_is_in_the_table_once_and_swept_here() {
    swept_are_all(CATALOGUE, &all());
}

/// Everything that the tester can do, to a target that does to each request what `to` says, and nothing else.
fn against(to: &dyn Fn(&mut Talk, &Line)) -> Talk {
    let mut talk = Talk::new().registered();
    let call_id = "talk-Lunch-1".to_owned();
    talk.event(Event::WrongCall { session: LUNCH.to_owned(), what: "no hops left".to_owned(), call_id });
    let wrong = talk.calls(LUNCH, Alice);
    to(&mut talk, &wrong);
    for (session, who) in [(LUNCH, Alice), ("Dinner", Bob), ("Tea", Alice)] {
        let edit = |invite: String| invite.replace("Contribution-ID:", "Session-Expires: 90\r\nContribution-ID:");
        let line = talk.calls_as(session, who, edit);
        to(&mut talk, &line);
        let message = Text { text: "Shall we?".to_owned(), ..text("m1", "sip:alice@example.com", "Shall we?") };
        talk.label(session, &message);
    }
    talk
}

#[test]
fn a_target_that_only_answers_meets_no_rule_that_something_has_to_happen() {
    for status in [0, 100, 180, 200, 202, 486, 487, 500, 603] {
        let script = against(&|talk, line| {
            if status > 0 {
                talk.answers_with(line, status, "Session-Expires: 90;refresher=uac\r\n");
            }
            talk.acknowledges(line);
            talk.bodiless(&line.wire, 200);
            talk.changes(line, Sent, ("INVITE", "sendonly"), (status.max(200), "recvonly"));
            talk.cancels(line);
            talk.byes(line, Sent, status.max(200));
        });
        let limited = stating("max_sessions", 1.into());
        for rule in all().into_iter().filter(|rule| !rule.absence()) {
            for (statement, judgement) in [
                ("the reference's", script.judge(rule.as_ref(), Moment::Closed).judgement),
                ("with a limit", script.judge_with(rule.as_ref(), &limited).judgement),
            ] {
                assert!(!matches!(judgement, Judgement::Met { .. }), "{status} {statement}: {}", rule.id());
            }
        }
    }
}

#[test]
fn a_target_that_sends_back_what_it_gets_meets_no_rule_that_something_has_to_happen() {
    let mut script = Talk::new();
    let near = script.calls(LUNCH, Alice);
    let own = |invite: String| {
        let headers = [("z9hG4bKinvite2", "z9hG4bKinvite1"), ("Lunch-2", "Lunch-1"), ("tag=target2", "tag=own1")];
        headers.iter().fold(invite, |invite, (own, other)| invite.replace(own, other))
    };
    let back = script.reaches_as(LUNCH, Bob, own);
    script.answers(&back, 200);
    script.answers(&near, 200);
    script.acknowledges(&near);
    script.acknowledges(&back);
    for line in [&near, &back] {
        script.bodiless(&line.wire, 200);
        script.changes(line, Sent, ("INVITE", "sendonly"), (200, "recvonly"));
        script.changes(line, Received, ("INVITE", "sendonly"), (200, "recvonly"));
        script.byes(line, Sent, 200);
        script.byes(line, Received, 200);
    }
    for rule in all().into_iter().filter(|rule| !rule.absence()) {
        let judgement = script.judge(rule.as_ref(), Moment::Closed).judgement;
        assert!(!matches!(judgement, Judgement::Met { .. }), "{}: {judgement:?}", rule.id());
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
