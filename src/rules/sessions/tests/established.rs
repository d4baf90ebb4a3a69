use super::super::Established;
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::Received;
use crate::verdict::Blame;
use std::time::Duration;

fn rule() -> Established {
    Established { session: LUNCH.to_owned(), person: "Bob".to_owned(), device: "phone".to_owned() }
}

/// Alice's call, set up; what the target sends to the phone is edited.
fn set_up(edit: impl Fn(String) -> String) -> Talk {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let far = talk.reaches_as(LUNCH, Bob, edit);
    finish(&mut talk, &near, &far);
    talk
}

fn finish(talk: &mut Talk, near: &Line, far: &Line) {
    talk.answers(far, 200);
    talk.answers(near, 200);
    talk.acknowledges(near);
    talk.acknowledges(far);
    for line in [near, far] {
        talk.bodiless(&line.wire, 200);
    }
}

#[test]
fn it_stands_whoever_calls_and_goes_on_being_met_when_it_has_ended() {
    for who in [Alice, Bob] {
        let mut talk = Talk::new();
        talk.undecided(&rule());
        let (near, far) = talk.stands(LUNCH, who);
        assert_eq!(talk.met(&rule()), (8, vec![]));
        talk.byes(&near, crate::evidence::Direction::Sent, 200);
        talk.byes(&far, Received, 200);
        talk.met(&rule());
    }
}

#[test]
fn identifiers_and_identities_are_kept() {
    let edited = |from: &'static str, to: &'static str| set_up(move |invite| invite.replace(from, to));
    let seen = |talk: Talk| talk.failed(&rule()).observed;
    assert!(seen(edited("conversation-Lunch", "conversation-x")).contains("conversation-x"));
    assert!(seen(edited("Contribution-ID: contribution-Lunch\r\n", "")).contains("Contribution-ID none"));
    assert!(seen(edited("From: <sip:alice@", "From: <sip:other@")).contains("sip:other"));
    assert!(seen(edited("P-Asserted-Identity: <sip:alice@example.com>\r\n", "")).contains("P-Asserted-Identity []"));
    // Another identity of the same caller may be added, and the service named otherwise towards a device.
    let service = "P-Asserted-Service: urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session\r\n";
    let more = "P-Asserted-Identity: <sip:alice@example.com>, <tel:+15550199>";
    edited("P-Asserted-Identity: <sip:alice@example.com>", more).met(&rule());
    edited(service, "").met(&rule());
    let mut originating = Talk::new();
    let near = originating.calls(LUNCH, Bob);
    let far = originating.reaches_as(LUNCH, Alice, |invite| invite.replace(service, ""));
    finish(&mut originating, &near, &far);
    assert!(originating.failed(&rule()).observed.contains("P-Asserted-Service none"));
}

#[test]
fn each_side_is_accepted_and_acknowledged_and_its_media_work() {
    let upto = |steps: usize| {
        let mut talk = Talk::new();
        let near = talk.calls(LUNCH, Alice);
        let far = talk.reaches(LUNCH, Bob);
        let all: [&dyn Fn(&mut Talk) -> u64; 6] = [
            &|talk| talk.answers(&far, 200),
            &|talk| talk.answers(&near, 200),
            &|talk| talk.acknowledges(&near),
            &|talk| talk.acknowledges(&far),
            &|talk| talk.bodiless(&near.wire, 200),
            &|talk| talk.bodiless(&far.wire, 200),
        ];
        for step in all.iter().take(steps) {
            step(&mut talk);
        }
        talk.undecided_unless(steps == 6, &rule());
        talk
    };
    assert!(upto(0).failed(&rule()).observed.contains("never answered"));
    assert!(upto(1).failed(&rule()).observed.contains("its caller never heard"));
    upto(2).unseen(&rule(), Blame::Harness);
    assert!(upto(3).failed(&rule()).observed.contains("never acknowledged"));
    assert!(upto(4).failed(&rule()).observed.contains("network's side"));
    assert!(upto(5).failed(&rule()).observed.contains("device's side"));
    upto(6).met(&rule());
}

#[test]
fn who_does_not_ask_the_other_side_sets_up_nothing() {
    for status in [200, 486, 500] {
        let mut talk = Talk::new();
        let near = talk.calls(LUNCH, Alice);
        talk.answers(&near, status);
        talk.acknowledges(&near);
        talk.failed(&rule());
    }
    // The caller's own INVITE, sent back.
    let mut echo = Talk::new();
    let near = echo.calls(LUNCH, Alice);
    let own = |invite: String| {
        let headers = [("z9hG4bKinvite2", "z9hG4bKinvite1"), ("Lunch-2", "Lunch-1"), ("tag=target2", "tag=own1")];
        headers.iter().fold(invite, |invite, (own, other)| invite.replace(own, other))
    };
    let far = echo.reaches_as(LUNCH, Bob, own);
    finish(&mut echo, &near, &far);
    echo.failed(&rule());
    Talk::new().registered().unseen(&rule(), Blame::Harness);
}

#[test]
fn it_stands_with_the_device_that_is_named() {
    let watch = Established { device: "watch".to_owned(), ..rule() };
    let mut talk = Talk::new();
    talk.stands(LUNCH, Alice);
    assert!(talk.failed(&watch).observed.contains("phone"));
    let mut originating = Talk::new();
    originating.stands(LUNCH, Bob);
    originating.failed(&watch);
}

#[test]
fn a_caller_who_waits_is_a_warning() {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    talk.later += Duration::from_millis(900);
    let far = talk.reaches(LUNCH, Bob);
    finish(&mut talk, &near, &far);
    let warnings = talk.met(&rule()).1;
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L28"));
    let mut told = Talk::new();
    let near = told.calls(LUNCH, Alice);
    told.answers(&near, 100);
    told.later += Duration::from_millis(900);
    let far = told.reaches(LUNCH, Bob);
    finish(&mut told, &near, &far);
    assert_eq!(told.met(&rule()).1, vec![]);
}

#[test]
fn media_may_pass_by_where_the_statement_says_so() {
    let past = set_up(|invite| invite.replace("198.51.100.1:2855/target2", "192.0.2.10:8000/own1"));
    past.outside(&rule(), "L29");
    let out = past.judge_with(&rule(), &stating("media_path", "out".into()));
    assert!(matches!(out.judgement, crate::rules::Judgement::Met { .. }), "{out:?}");
}
