use super::super::{MediaAgreed, PathsUntouched};
use super::*;
use crate::rules::{Judgement, Moment, Rule};
use crate::verdict::Blame;

fn agreed() -> MediaAgreed {
    MediaAgreed { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn untouched() -> PathsUntouched {
    PathsUntouched { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

#[test]
fn media_that_flow_on_both_sides_are_agreed() {
    for who in [Alice, Bob] {
        let mut talk = Talk::new();
        talk.stands(LUNCH, who);
        talk.stands("Dinner", who);
        assert_eq!(talk.met(&agreed()), (5, vec![]));
    }
}

#[test]
fn a_side_without_a_message_session_or_without_a_message_breaks_it() {
    let refused = |answer: String| answer.replace("m=message 2855", "m=message 0");
    let (talk, ..) = negotiated([&as_it_is, &as_it_is, &as_it_is, &refused]);
    assert!(talk.failed(&agreed()).observed.contains("network's side"));
    let mut silent = Talk::new();
    let near = silent.calls(LUNCH, Alice);
    let far = silent.reaches(LUNCH, Bob);
    silent.answers(&far, 200);
    silent.answers(&near, 200);
    silent.acknowledges(&near);
    silent.bodiless(&near.wire, 200);
    silent.undecided(&agreed());
    assert!(silent.failed(&agreed()).observed.contains("nothing was taken"));
}

#[test]
fn one_path_for_two_sessions_breaks_it() {
    let mut talk = Talk::new();
    let (near, _) = talk.stands("Dinner", Alice);
    let other = near.wire.target_path.clone();
    let mut near = talk.calls(LUNCH, Alice);
    near.wire.target_path = other;
    let far = talk.reaches(LUNCH, Bob);
    talk.answers(&far, 200);
    talk.answers(&near, 200);
    for line in [&near, &far] {
        talk.bodiless(&line.wire, 200);
    }
    assert!(talk.failed(&agreed()).observed.contains("is also that of the session"));
}

#[test]
fn media_that_go_past_a_function_that_claims_to_be_in_their_path_show_nothing() {
    let mut talk = Talk::new();
    past(&mut talk, [&as_it_is, &as_it_is]);
    talk.outside(&agreed(), "L29");
    let out = talk.judge_with(&agreed(), &stating("media_path", "out".into()));
    assert!(matches!(out.judgement, Judgement::Met { .. }), "{out:?}");
}

#[test]
fn roles_that_do_not_fit_end_to_end_break_it() {
    let active = |message: String| message.replace("actpass", "active");
    let mut talk = Talk::new();
    past(&mut talk, [&active, &active]);
    assert!(talk.failed(&agreed()).observed.contains("neither end"));
    let passive = |message: String| message.replace("actpass", "passive");
    let mut talk = Talk::new();
    past(&mut talk, [&passive, &passive]);
    assert!(talk.failed(&agreed()).observed.contains("both ends"));
}

#[test]
fn paths_pass_as_they_are_or_are_the_functions_own() {
    let out = stating("media_path", "out".into());
    let mut talk = Talk::new();
    past(&mut talk, [&as_it_is, &as_it_is]);
    assert_eq!(talk.judge_with(&untouched(), &out).judgement, Judgement::Met { checks: 2 });
    // The function is in the path, which it does not declare.
    let mut talk = Talk::new();
    talk.stands(LUNCH, Alice);
    let judged = talk.judge_with(&untouched(), &out);
    assert_eq!(judged.judgement, Judgement::Met { checks: 2 });
    assert_eq!(judged.warnings[0].interpretation.as_deref(), Some("L29"));
    assert!(talk.met(&untouched()).1.is_empty());
    // It is in the path of one end alone.
    let other = |answer: String| answer.replace("/own2;", "/else;");
    let mut talk = Talk::new();
    past(&mut talk, [&as_it_is, &other]);
    assert!(talk.failed(&untouched()).observed.contains("that of the answer did not"));
}

#[test]
fn what_was_not_called_for_is_not_judged() {
    for rule in [&agreed() as &dyn Rule, &untouched()] {
        Talk::new().registered().unseen(rule, Blame::Harness);
        let mut refused = Talk::new();
        let near = refused.calls(LUNCH, Alice);
        let far = refused.reaches(LUNCH, Bob);
        refused.answers(&far, 486);
        refused.answers(&near, 486);
        refused.unseen(rule, Blame::Harness);
        assert_eq!(refused.judge(rule, Moment::Open).judgement, Judgement::Undecided);
    }
}
