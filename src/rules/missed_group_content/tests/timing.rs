use pretty_assertions::assert_eq;

use super::super::{NotBeforeReachable, NotWhileGone, WithinAttempts};
use super::script::*;
use crate::evidence::{Direction, Event};
use crate::rules::{Judgement, Moment};
use crate::verdict::Blame;

fn rule() -> NotBeforeReachable {
    NotBeforeReachable { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn message() -> Text {
    text("m1", "sip:alice@example.com", "one")
}

fn stored() -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &message().cpim(), 200);
    script
}

#[test]
fn delivery_begins_after_the_trigger() {
    let mut script = stored();
    script.undecided(&rule());
    script.registers("Bob", "phone");
    script.undecided(&rule());
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.undecided(&rule());
    script.gets(&drain, &message().cpim(), 200);
    assert_eq!(script.judge(&rule(), Moment::Open).judgement, Judgement::Met { checks: 2 });
    assert_eq!(script.met(&rule()), (2, vec![]));
}

#[test]
fn an_invitation_or_a_message_before_the_trigger_fails() {
    let mut early = stored();
    early.drains(BOOKS, "Bob", "phone", "sendrecv", 480);
    assert!(matches!(early.judge(&rule(), Moment::Open).judgement, Judgement::Broken(_)));
    early.registers("Bob", "phone");
    let drain = early.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    early.gets(&drain, &message().cpim(), 200);
    early.failed(&rule());

    let mut pushed = stored();
    let leg = pushed.rejoins(BOOKS, "Bob", "phone");
    pushed.gets(&leg, &message().cpim(), 200);
    pushed.registers("Bob", "phone");
    pushed.failed(&rule());

    let mut paged = stored();
    let ids = "Contribution-ID: contribution-books\r\nConversation-ID: conversation-books\r\n";
    paged.pages(Direction::Received, "sip:bob@example.com", ids, &message().cpim());
    paged.registers("Bob", "phone");
    paged.failed(&rule());
}

#[test]
fn nothing_after_the_trigger_fails() {
    let mut script = stored();
    script.registers("Bob", "phone");
    assert!(script.failed(&rule()).observed.contains("nothing came"));
    script.drains(BOOKS, "Bob", "phone", "sendrecv", 486);
    script.failed(&rule());
}

#[test]
fn unseen_when_nothing_waited() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.registers("Bob", "phone");
    script.unseen(&rule(), Blame::Harness);
    script.sends(&focus, &message().cpim(), 200);
    script.unseen(&rule(), Blame::Harness);
    Script::new().unseen(&rule(), Blame::Unknown);
}

#[test]
fn other_shapes_pass_with_a_word_when_undeclared() {
    let mut rejoined = stored();
    rejoined.registers("Bob", "phone");
    let leg = rejoined.rejoins(BOOKS, "Bob", "phone");
    rejoined.gets(&leg, &message().cpim(), 200);
    let (_, warnings) = rejoined.met(&rule());
    assert_eq!((warnings.len(), warnings[0].interpretation.as_deref()), (1, Some("L07")));
    let declared = rejoined.judge_with(&rule(), &stating("drain_shape_live", "client_rejoin_leg".into()));
    assert_eq!(declared.warnings, vec![]);

    let mut one_way = stored();
    one_way.registers("Bob", "phone");
    let mut ended = one_way.clone_records();
    let leg = one_way.drains(BOOKS, "Bob", "phone", "sendonly", 200);
    one_way.gets(&leg, &message().cpim(), 200);
    assert_eq!(one_way.met(&rule()).1.len(), 1);
    ended.event(Event::GroupEnded { group: BOOKS.to_owned() });
    let leg = ended.drains(BOOKS, "Bob", "phone", "sendonly", 200);
    ended.gets(&leg, &message().cpim(), 200);
    assert_eq!(ended.met(&rule()).1, vec![]);
}

#[test]
fn late_is_inconclusive() {
    let mut script = stored();
    script.registers("Bob", "phone");
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    script.outside(&rule(), "L06");
}

#[test]
fn the_registration_of_another_device_is_no_second_trigger() {
    let mut script = stored();
    script.registers("Bob", "watch");
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message().cpim(), 200);
    script.met(&rule());
}

#[test]
fn two_deliveries_at_once_are_a_warning() {
    let mut script = stored();
    script.registers("Bob", "phone");
    let first = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&first, &message().cpim(), 200);
    let (_, warnings) = script.met(&rule());
    assert_eq!((warnings.len(), warnings[0].interpretation.as_deref()), (1, Some("L16")));
}

#[test]
fn attempts_are_counted_between_triggers() {
    let rule = |retries| WithinAttempts { person: "Bob".to_owned(), group: BOOKS.to_owned(), retries };
    let mut script = stored();
    script.unseen(&rule(3), Blame::Harness);
    script.registers("Bob", "phone");
    for _ in 0..3 {
        script.drains(BOOKS, "Bob", "phone", "sendrecv", 486);
    }
    script.undecided(&rule(2));
    assert_eq!(script.met(&rule(2)).0, 3);
    script.failed(&rule(1));
    script.failed(&rule(0));
    script.registers("Bob", "phone");
    script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    assert_eq!(script.met(&rule(2)).0, 4);
    Script::new().unseen(&rule(1), Blame::Unknown);
}

#[test]
fn a_device_that_calls_by_itself_is_neither_late_nor_invited() {
    let mut script = stored();
    script.registers("Bob", "phone");
    script.registers("Bob", "phone");
    let attempts = WithinAttempts { person: "Bob".to_owned(), group: BOOKS.to_owned(), retries: 0 };
    script.unseen(&attempts, Blame::Harness);
    let rejoin = script.rejoins(BOOKS, "Bob", "phone");
    script.gets(&rejoin, &message().cpim(), 200);
    assert_eq!(script.met(&rule()).1[0].observed, "drain_shape_live: client_rejoin_leg");
    assert_eq!(script.met(&attempts).0, 1);
}

#[test]
fn a_device_that_fetches_calls_no_focus() {
    let mut script = stored();
    script.registers("Bob", "phone");
    let fetch = script.originates("sip:deferred@example.com", BOOKS, "Bob", "phone", None, 200);
    script.gets(&fetch, &message().cpim(), 200);
    assert_eq!(script.met(&rule()).1[0].observed, "drain_shape_live: store_and_notify");
}

#[test]
fn nothing_is_delivered_between_farewell_and_return() {
    let gone = NotWhileGone { person: "Bob".to_owned(), group: BOOKS.to_owned(), device: "phone".to_owned() };
    let mut script = stored();
    script.registers("Bob", "phone");
    script.unseen(&gone, Blame::Harness);
    script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.event(Event::Reachable {
        person: "Bob".to_owned(),
        device: "phone".to_owned(),
        yes: false,
        trigger: "deregistration by the user".to_owned(),
    });
    script.undecided(&gone);
    let mut called = script.clone_records();
    script.registers("Bob", "phone");
    script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    assert_eq!(script.met(&gone).0, 1);
    called.drains(BOOKS, "Bob", "phone", "sendrecv", 480);
    assert!(called.failed(&gone).observed.contains("invited it"));
}
