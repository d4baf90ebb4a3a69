use pretty_assertions::assert_eq;

use super::super::{InputTolerated, NotTwice, Once, Unchanged};
use super::script::*;
use crate::evidence::Direction;
use crate::rules::{Judgement, Moment};
use crate::verdict::{Blame, FindingVerdict};

fn unchanged() -> Unchanged {
    Unchanged { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn once() -> Once {
    Once { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn message() -> Text {
    text("m1", "sip:alice@example.com", "Grüße an alle")
}

/// One message is stored, and this one comes instead.
fn came(other: &Text) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &other.cpim(), 200);
    script
}

#[test]
fn the_same_message_is_unchanged_however_its_headers_are_written() {
    let script = came(&message());
    assert_eq!(script.judge(&unchanged(), Moment::Open).judgement, Judgement::Met { checks: 1 });
    script.met(&unchanged());
    came(&Text { prefix: "n", ..message() }).met(&unchanged());
    came(&Text { to: "sip:bob@example.com".to_owned(), ..message() }).met(&unchanged());
    came(&Text { date_first: true, ..message() }).met(&unchanged());
    came(&Text { asks: "display, positive-delivery", ..message() }).met(&unchanged());
    came(&Text { content_type: "Text/Plain;charset=\"utf-8\"", ..message() }).met(&unchanged());
    came(&message().at("2026-03-03T12:00:00.000+02:00")).met(&unchanged());
}

#[test]
fn any_other_difference_is_a_change() {
    let fails = |other: Text, word: &str| {
        let finding = came(&other).failed(&unchanged());
        assert!(finding.expected.contains(word), "{finding:#?}");
    };
    fails(Text { from: "sip:carol@example.com", ..message() }, "author");
    fails(message().at("2026-03-03T10:00:01Z"), "DateTime");
    fails(Text { asks: "positive-delivery", ..message() }, "disposition");
    fails(Text { asks: "", ..message() }, "disposition");
    fails(Text { content_type: "text/html", ..message() }, "content type");
    fails(Text { text: "Gruesse an alle".to_owned(), ..message() }, "octets");
    fails(Text { id: "other".to_owned(), ..message() }, "Message-ID");
}

#[test]
fn a_change_is_told_with_its_octets() {
    let finding = came(&Text { text: "Grüße an ALLE".to_owned(), ..message() }).failed(&unchanged());
    assert!(finding.expected.contains("at octet 11"), "{finding:#?}");
    assert!(finding.observed.contains("ALLE"), "{finding:#?}");
}

#[test]
fn nothing_delivered_is_no_unchanged_delivery() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    script.undecided(&unchanged());
    script.failed(&unchanged());
    let mut unasked = Script::new();
    unasked.invites(BOOKS, "Bob", 200);
    unasked.unseen(&unchanged(), Blame::Harness);
}

#[test]
fn a_repetition_is_a_warning_and_a_new_name_is_not() {
    let mut script = came(&message());
    assert_eq!(script.met(&once()), (1, vec![]));
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    let (_, warnings) = script.met(&once());
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L14"));
    assert_eq!(warnings[0].verdict, FindingVerdict::Warning);
    script.gets(&drain, &Text { id: "m1-again".to_owned(), ..message() }.cpim(), 200);
    let finding = script.failed(&once());
    assert!(finding.observed.contains("m1-again"), "{finding:#?}");
}

#[test]
fn a_new_name_for_a_later_time_is_still_a_new_name() {
    let mut script = came(&message());
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &Text { id: "m9".to_owned(), ..message() }.at("2026-03-03T11:00:00Z").cpim(), 200);
    script.failed(&once());
}

#[test]
fn each_device_may_have_its_own_copy() {
    let mut script = came(&message());
    let drain = script.drains(BOOKS, "Bob", "watch", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    assert_eq!(script.met(&once()), (2, vec![]));
}

#[test]
fn two_equal_texts_of_one_author_are_two_messages() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let again = Text { id: "m2".to_owned(), ..message() };
    script.sends(&focus, &message().cpim(), 200);
    script.sends(&focus, &again.cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    script.gets(&drain, &again.cpim(), 200);
    assert_eq!(script.met(&once()), (2, vec![]));
    script.met(&unchanged());
}

#[test]
fn once_is_unseen_without_a_message_and_broken_without_a_delivery() {
    let mut unasked = Script::new();
    unasked.invites(BOOKS, "Bob", 200);
    unasked.unseen(&once(), Blame::Harness);
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    script.failed(&once());
}

#[test]
fn what_was_taken_does_not_come_again_at_the_next_trigger() {
    let rule = |since| NotTwice { person: "Bob".to_owned(), group: BOOKS.to_owned(), since };
    let mut script = came(&message());
    let since = script.registers("Bob", "phone");
    script.undecided(&rule(since));
    assert_eq!(script.met(&rule(since)).0, 1);
    let again = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.met(&rule(since));
    let mut refused = script;
    refused.gets(&again, &message().cpim(), 413);
    assert_eq!(refused.met(&rule(since)).1.len(), 1, "one alone may have lost its acknowledgement: a warning");
}

#[test]
fn a_second_delivery_of_all_that_was_taken_fails() {
    let other = Text { id: "m2".to_owned(), text: "More".to_owned(), ..message() };
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    script.sends(&focus, &other.cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    script.gets(&drain, &other.cpim(), 200);
    let rule = NotTwice { person: "Bob".to_owned(), group: BOOKS.to_owned(), since: script.registers("Bob", "phone") };
    let again = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let frame = script.gets(&again, &message().cpim(), 200);
    script.met(&rule);
    script.gets(&again, &other.cpim(), 200);
    assert_eq!(script.failed(&rule).frame, Some(frame));
}

#[test]
fn what_was_not_acknowledged_may_come_again() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    let other = Text { id: "m2".to_owned(), text: "More".to_owned(), ..message() };
    script.sends(&focus, &other.cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    script.gets(&drain, &other.cpim(), 0);
    let since = script.registers("Bob", "phone");
    let again = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&again, &other.cpim(), 200);
    let rule = NotTwice { person: "Bob".to_owned(), group: BOOKS.to_owned(), since };
    script.met(&rule);
    script.gets(&again, &message().cpim(), 200);
    assert_eq!(script.met(&rule).1.len(), 1);
}

#[test]
fn nothing_taken_before_is_nothing_to_repeat() {
    let mut script = Script::new();
    script.invites(BOOKS, "Bob", 200);
    let since = script.registers("Bob", "phone");
    script.unseen(&NotTwice { person: "Bob".to_owned(), group: BOOKS.to_owned(), since }, Blame::Harness);
}

fn tolerated(ids: &[&str]) -> InputTolerated {
    InputTolerated {
        person: "Bob".to_owned(),
        group: BOOKS.to_owned(),
        message_ids: ids.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn odd_items_are_answered_and_never_delivered() {
    for excluded in [415, 200, 400, 403] {
        let mut script = Script::new();
        let focus = script.invites(BOOKS, "Bob", 200);
        let bare = format!("mid-{}", script.upcoming());
        script.send(&focus, Direction::Sent, "text/plain", b"no envelope", excluded);
        let empty = format!("mid-{}", script.upcoming());
        script.bodiless(&focus, 200);
        assert_eq!(script.met(&tolerated(&[&bare, &empty])).0, 2);
    }
}

#[test]
fn an_empty_send_is_answered_200() {
    for status in [400, 415] {
        let mut script = Script::new();
        let focus = script.invites(BOOKS, "Bob", 200);
        let empty = format!("mid-{}", script.upcoming());
        script.bodiless(&focus, status);
        script.failed(&tolerated(&[&empty]));
    }
}

#[test]
fn an_odd_item_without_an_answer_or_never_sent() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let bare = format!("mid-{}", script.upcoming());
    script.send(&focus, Direction::Sent, "text/plain", b"no envelope", 0);
    script.undecided(&tolerated(&[&bare]));
    script.failed(&tolerated(&[&bare]));
    script.unseen(&tolerated(&["never-sent"]), Blame::Harness);
    assert!(matches!(script.judge(&tolerated(&[]), Moment::Closed).judgement, Judgement::Unseen { .. }));
}

#[test]
fn an_item_without_an_envelope_may_come_whole_where_its_type_is_offered() {
    let mut script = Script::new();
    script.accept = "message/cpim text/plain";
    let focus = script.invites(BOOKS, "Bob", 200);
    let id = format!("mid-{}", script.upcoming());
    script.send(&focus, Direction::Sent, "text/plain", b"no envelope", 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.send(&drain, Direction::Received, "text/plain", b"no envelope", 200);
    script.met(&tolerated(&[&id]));
}

#[test]
fn a_delivered_item_of_an_excluded_type_is_outside_the_ledger() {
    let mut script = Script::new();
    script.accept_wrapped = "text/plain";
    let focus = script.invites(BOOKS, "Bob", 200);
    let picture = Text { content_type: "image/png", ..message() };
    let id = format!("mid-{}", script.upcoming());
    script.sends(&focus, &picture.cpim(), 200);
    script.met(&tolerated(&[&id]));
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &picture.cpim(), 200);
    script.outside(&tolerated(&[&id]), "L19");
}
