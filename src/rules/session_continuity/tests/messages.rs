use super::super::CarriedOver;
use super::*;
use crate::verdict::Blame;

fn rule(label: &str, device: Option<&str>) -> CarriedOver {
    CarriedOver { session: owned(LUNCH), person: owned("Bob"), label: owned(label), device: device.map(owned) }
}

#[test]
fn what_is_said_arrives_where_the_session_is() {
    let (mut talk, near, phone, watch) = moved();
    talk.unseen(&rule("Hello", None), Blame::Harness);
    says(&mut talk, &near, &[], "Hello");
    talk.undecided(&rule("Hello", None));
    assert!(talk.failed(&rule("Hello", None)).observed.contains("it never came"));
    says(&mut talk, &near, &[&phone], "To the phone");
    assert!(talk.failed(&rule("To the phone", Some("watch"))).observed.contains("it came elsewhere"));
    talk.met(&rule("To the phone", None));
    says(&mut talk, &near, &[&watch], "To the watch");
    assert_eq!(talk.met(&rule("To the watch", Some("watch"))), (3, vec![]));
    says(&mut talk, &watch, &[&near], "Back");
    talk.met(&rule("Back", None));
}

#[test]
fn nothing_is_doubled_under_another_name_or_altered() {
    let (mut talk, near, phone, watch) = moved();
    says(&mut talk, &near, &[&phone], "Once");
    let double = Text { id: owned("another"), ..message(Alice, "Once") };
    talk.gets(&watch.wire, &double.cpim(), 200);
    assert!(talk.failed(&rule("Once", None)).observed.contains("the same came as another too"));
    says(&mut talk, &near, &[&phone, &watch], "At both");
    assert_eq!(talk.met(&rule("At both", None)).1, vec![]);
    says(&mut talk, &near, &[&watch, &watch], "Twice");
    assert_eq!(talk.met(&rule("Twice", None)).1[0].interpretation.as_deref(), Some("L14"));
    let original = message(Alice, "Altered");
    talk.label(LUNCH, &original);
    talk.sends(&near.wire, &original.cpim(), 200);
    talk.gets(&watch.wire, &Text { text: owned("Other"), ..original }.cpim(), 200);
    assert!(talk.failed(&rule("Altered", None)).observed.contains("it came with"));
}

#[test]
fn what_nobody_could_say_is_the_targets_doing_where_it_ended_the_session() {
    let (mut talk, near, ..) = moved();
    talk.byes(&near, Received, 200);
    assert!(talk.failed(&rule("Hello", None)).observed.contains("had ended the session"));
}

#[test]
fn who_says_something_is_told_that_it_was_taken() {
    let (mut talk, near, _, watch) = moved();
    let said = message(Alice, "Hello");
    talk.label(LUNCH, &said);
    talk.sends(&near.wire, &said.cpim(), 0);
    talk.gets(&watch.wire, &said.cpim(), 200);
    assert!(talk.failed(&rule("Hello", None)).observed.contains("not told that it was taken"));
}
