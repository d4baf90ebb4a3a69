use super::super::{Carried, NotCarried};
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::Event;
use crate::verdict::Blame;

fn carried() -> Carried {
    Carried { session: LUNCH.to_owned(), person: "Bob".to_owned(), label: "Shall we?".to_owned() }
}

fn not_carried() -> NotCarried {
    NotCarried { session: LUNCH.to_owned(), person: "Bob".to_owned(), label: "Shall we?".to_owned() }
}

fn words() -> Text {
    text("m1", "sip:alice@example.com", "Shall we?")
}

/// A session in which Alice is about to say it.
fn about() -> (Talk, Line, Line) {
    let mut talk = Talk::new();
    let (near, far) = talk.stands(LUNCH, Alice);
    talk.label(LUNCH, &words());
    (talk, near, far)
}

/// She says it, and this comes.
fn came(message: &Text) -> Talk {
    let (mut talk, near, far) = about();
    talk.sends(&near.wire, &words().cpim(), 200);
    talk.gets(&far.wire, &message.cpim(), 200);
    talk
}

#[test]
fn a_message_arrives_as_it_was_said_in_either_direction() {
    assert_eq!(came(&words()).met(&carried()), (2, vec![]));
    // Another prefix, another order of headers, another recipient.
    came(&Text { prefix: "i", date_first: true, to: "sip:bob@example.com".to_owned(), ..words() }).met(&carried());
    let mut back = Talk::new();
    let (near, far) = back.stands(LUNCH, Alice);
    back.label(LUNCH, &words());
    back.says(&far, &near, &words());
    back.met(&carried());
    let mut originating = Talk::new();
    let (near, far) = originating.stands(LUNCH, Bob);
    originating.label(LUNCH, &words());
    originating.says(&near, &far, &words());
    originating.met(&carried());
}

#[test]
fn what_comes_otherwise_is_broken() {
    let observed = |message: Text| came(&message).failed(&carried()).observed;
    assert!(observed(Text { text: "Shall we not?".to_owned(), ..words() }).contains("at octet 8"));
    assert!(observed(words().at("2026-03-03T11:00:00Z")).contains("DateTime"));
    assert!(observed(Text { asks: "display", ..words() }).contains("Disposition-Notification"));
    assert!(observed(Text { from: "sip:eve@example.com", ..words() }).contains("sip:eve"));
    assert!(observed(Text { content_type: "text/html", ..words() }).contains("text/html"));
    assert!(observed(Text { id: "m2".to_owned(), ..words() }).contains("never came"));
}

#[test]
fn what_does_not_come_or_is_not_answered_is_missing() {
    let (mut lost, near, _) = about();
    lost.sends(&near.wire, &words().cpim(), 200);
    lost.undecided(&carried());
    assert!(lost.failed(&carried()).observed.contains("never came"));
    for status in [0, 413, 500] {
        let (mut refused, near, far) = about();
        refused.sends(&near.wire, &words().cpim(), status);
        refused.gets(&far.wire, &words().cpim(), 200);
        refused.failed(&carried());
    }
    let (mut strayed, near, _) = about();
    let (_, tea) = strayed.stands("Tea", Alice);
    strayed.sends(&near.wire, &words().cpim(), 200);
    strayed.gets(&tea.wire, &words().cpim(), 200);
    assert!(strayed.failed(&carried()).observed.contains("Tea"));
    let (mut echoed, near, _) = about();
    echoed.sends(&near.wire, &words().cpim(), 200);
    echoed.gets(&near.wire, &words().cpim(), 200);
    echoed.failed(&carried());
}

#[test]
fn the_same_again_is_a_warning() {
    let (mut twice, near, far) = about();
    twice.says(&near, &far, &words());
    twice.gets(&far.wire, &words().cpim(), 200);
    assert_eq!(twice.met(&carried()).1[0].interpretation.as_deref(), Some("L14"));
}

#[test]
fn what_has_no_envelope_is_known_by_its_octets() {
    let file = |came: &[u8]| {
        let mut talk = Talk::new();
        let (near, far) = talk.stands(LUNCH, Alice);
        let message_id = format!("mid-{}", talk.upcoming());
        talk.announces(LUNCH, &message_id, "Alice", None);
        talk.send(&near.wire, Sent, "image/png", b"octets of a picture", 200);
        talk.send(&far.wire, Received, "image/png", came, 200);
        (talk, Carried { label: message_id, ..carried() })
    };
    let (talk, rule) = file(b"octets of a picture");
    talk.met(&rule);
    let (talk, rule) = file(b"octets of a fixture");
    talk.failed(&rule);
}

#[test]
fn what_was_not_said_proves_nothing() {
    let (talk, ..) = about();
    talk.unseen(&carried(), Blame::Harness);
    let mut nobody = Talk::new();
    nobody.stands(LUNCH, Alice);
    nobody.unseen(&carried(), Blame::Harness);
    let (mut untaken, near, far) = about();
    untaken.sends(&near.wire, &words().cpim(), 200);
    untaken.gets(&far.wire, &words().cpim(), 413);
    untaken.unseen(&carried(), Blame::Harness);
    // A target that sets nothing up carries nothing.
    let mut agreeing = Talk::new();
    let near = agreeing.calls(LUNCH, Alice);
    agreeing.answers(&near, 200);
    agreeing.acknowledges(&near);
    agreeing.label(LUNCH, &words());
    agreeing.sends(&near.wire, &words().cpim(), 200);
    agreeing.failed(&carried());
}

#[test]
fn what_is_given_up_never_arrives() {
    let (mut talk, _, far) = about();
    talk.unseen(&not_carried(), Blame::Harness);
    talk.event(Event::Aborted { message_id: "m1".to_owned() });
    talk.undecided(&not_carried());
    talk.met(&not_carried());
    talk.gets(&far.wire, &words().cpim(), 200);
    talk.failed(&not_carried());
}
