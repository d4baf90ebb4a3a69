use pretty_assertions::assert_eq;

use super::super::InOrder;
use super::script::*;
use crate::evidence::{Direction, Protocol};
use crate::rules::{Judgement, Moment};
use crate::verdict::{Blame, FindingVerdict};

fn rule() -> InOrder {
    InOrder { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

/// Sent in the order m1, m2, m3; written in the order m2, m3, m1.
fn messages() -> [Text; 3] {
    [
        text("m1", "sip:alice@example.com", "one").at("2026-03-03T10:00:09Z"),
        text("m2", "sip:carol@example.com", "two").at("2026-03-03T10:00:01Z"),
        text("m3", "sip:alice@example.com", "three").at("2026-03-03T10:00:05Z"),
    ]
}

fn came(order: &[usize]) -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    for message in messages() {
        script.sends(&focus, &message.cpim(), 200);
    }
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    for at in order {
        script.gets(&drain, &messages()[*at].cpim(), 200);
    }
    script
}

#[test]
fn the_order_of_completion_is_in_order() {
    let script = came(&[0, 1, 2]);
    assert_eq!(script.met(&rule()), (3, vec![]));
    assert_eq!(script.judge(&rule(), Moment::Open).judgement, Judgement::Met { checks: 3 });
    script.judge_with(&rule(), &stating("drain_order", "datetime".into()));
}

#[test]
fn the_order_of_date_time_is_in_order_with_a_word_when_undeclared() {
    let script = came(&[1, 2, 0]);
    let (_, warnings) = script.met(&rule());
    assert_eq!(warnings.len(), 1);
    assert_eq!((warnings[0].interpretation.as_deref(), warnings[0].verdict), (Some("L08"), FindingVerdict::Warning));
    let declared = script.judge_with(&rule(), &stating("drain_order", "datetime".into()));
    assert_eq!(declared.warnings, vec![]);
}

#[test]
fn any_other_order_is_inconclusive_and_certain_at_once() {
    for order in [[0, 2, 1], [1, 0, 2], [2, 1, 0], [2, 0, 1]] {
        let script = came(&order);
        script.outside(&rule(), "L08");
        assert!(matches!(script.judge(&rule(), Moment::Open).judgement, Judgement::Broken(_)));
    }
}

#[test]
fn equal_times_come_in_any_order() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let [mut one, mut two, three] = messages();
    (one.date, two.date) = (three.date, three.date);
    for message in [&one, &two, &three] {
        script.sends(&focus, &message.cpim(), 200);
    }
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    for message in [&three, &one, &two] {
        script.gets(&drain, &message.cpim(), 200);
    }
    script.met(&rule());
}

#[test]
fn each_leg_is_judged_by_itself() {
    let mut script = came(&[0, 2]);
    let again = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&again, &messages()[1].cpim(), 200);
    assert_eq!(script.met(&rule()).0, 3);
}

#[test]
fn completion_counts_and_not_the_beginning() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let [long, short, _] = messages();
    let octets = long.cpim().into_bytes();
    let (head, tail) = octets.split_at(40);
    for (n, (part, start, flag)) in [(head, 1, '+'), (tail, 41, '$')].into_iter().enumerate() {
        let n = 900 + n as u32;
        let piece = chunk(&focus, Direction::Sent, n, "long", "message/cpim", part, (start, octets.len()), flag);
        script.octets(Protocol::Msrp, &focus.actor, Some(focus.connection), Direction::Sent, piece);
        script.answers(&focus, Direction::Sent, n, 200);
        if flag == '+' {
            script.sends(&focus, &short.cpim(), 200);
        }
    }
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &short.cpim(), 200);
    script.gets(&drain, &long.cpim(), 200);
    assert_eq!(script.met(&rule()), (2, vec![]));
}

#[test]
fn one_message_has_no_order_and_none_is_a_fail() {
    let mut one = Script::new();
    let focus = one.invites(BOOKS, "Bob", 200);
    one.sends(&focus, &messages()[0].cpim(), 200);
    let drain = one.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    one.gets(&drain, &messages()[0].cpim(), 200);
    assert!(matches!(one.judge(&rule(), Moment::Closed).judgement, Judgement::Unseen { blame: Blame::Harness, .. }));
    came(&[]).failed(&rule());
    let mut unasked = Script::new();
    unasked.invites(BOOKS, "Bob", 200);
    unasked.unseen(&rule(), Blame::Harness);
}
