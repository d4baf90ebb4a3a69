//! Messages, and what is charged for them.

use super::*;
use crate::rules::charging::*;
use crate::rules::messages::tests::{LUNCH, PHONE, Page, Post};
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn recorded() -> MessageRecorded {
    MessageRecorded { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn debited() -> MessageDebited {
    MessageDebited { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn unpaid() -> MessageUnpaid {
    MessageUnpaid { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn uncharged() -> MessageUncharged {
    MessageUncharged { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn item() -> ItemCharged {
    ItemCharged { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn to_bob() -> Page {
    Page { more: format!("P-Charging-Vector: icid-value={ICID}\r\n"), ..Page::to_bob() }
}

/// As it comes to the phone of Bob, under an identifier of its own.
fn on() -> Page {
    Page { more: format!("P-Charging-Vector: icid-value={OTHER}\r\n"), ..Page::to_bob().on_to(PHONE) }
}

/// The message comes through, with these requests before it goes on, and with those afterwards.
fn passed(before: &[(&Slip, u32)], after: &[(&Slip, u32)]) -> Post {
    let mut post = Post::announced("Alice", &["Bob"]);
    let branch = post.page(&to_bob(), None);
    for (slip, result) in before {
        charges(&mut post, slip, *result);
    }
    post.page(&on(), Some(200));
    post.answered(&to_bob(), &branch, 200);
    for (slip, result) in after {
        charges(&mut post, slip, *result);
    }
    post
}

/// The message is answered so, and comes nowhere.
fn stopped(slip: &Slip, result: u32, status: u16) -> Post {
    let mut post = Post::announced("Alice", &["Bob"]);
    let branch = post.page(&to_bob(), None);
    charges(&mut post, slip, result);
    post.answered(&to_bob(), &branch, status);
    post
}

#[test]
fn a_message_has_one_record() {
    let event = Slip::record(1);
    assert_eq!(passed(&[], &[(&event, 2001)]).met(&recorded()), (1, Vec::new()));
    // Under the identifier of either side.
    assert_eq!(passed(&[], &[(&Slip { icid: Some(OTHER), ..event.clone() }, 2001)]).met(&recorded()).0, 1);
    assert!(passed(&[], &[]).failed(&recorded()).observed.contains("nothing was charged"));
    let again = Slip { session: "pf.example.com;1;again".to_owned(), ..event.clone() };
    assert!(passed(&[], &[(&event, 2001), (&again, 2001)]).failed(&recorded()).observed.contains("of the same"));
    // The same record once more, as after a failure, is no other.
    assert_eq!(passed(&[], &[(&event, 2001), (&event, 2001)]).met(&recorded()).0, 1);
    passed(&[], &[(&Slip::record(2), 2001)]).outside(&recorded(), "L21");
    passed(&[], &[(&Slip { icid: Some("icid-of-nobody"), ..event }, 2001)]).outside(&recorded(), "L21");
}

#[test]
fn what_is_charged_to_another_or_for_another_is_no_record_of_it() {
    let of_eve = Slip { user: "sip:eve@example.com", ..Slip::record(1) };
    passed(&[], &[(&of_eve, 2001)]).failed(&recorded());
    let mut post = Post::announced("Alice", &["Bob"]);
    // Something else was charged before the message was sent.
    charges(&mut post, &Slip { icid: None, ..Slip::record(1) }, 2001);
    post.page(&to_bob(), Some(200));
    post.failed(&recorded());
}

#[test]
fn a_number_may_stand_for_the_user() {
    let mut post = Post::announced("Alice", &["Bob"]);
    post.page(&to_bob(), Some(200));
    let by_number = Slip { user: "tel:+15550100", ..Slip::record(1) };
    charges(&mut post, &by_number, 2001);
    assert_eq!(post.met(&recorded()).0, 1);
}

#[test]
fn credit_for_a_message_is_asked_for_in_one_request_or_two() {
    assert_eq!(passed(&[(&Slip::request(4), 2001)], &[]).met(&debited()).0, 1);
    assert_eq!(passed(&[(&Slip::request(1), 2001)], &[(&Slip::request(3), 2001)]).met(&debited()).0, 2);
    assert!(passed(&[(&Slip::request(1), 2001)], &[]).failed(&debited()).observed.contains("no last one"));
    passed(&[], &[(&Slip::record(1), 2001)]).failed(&debited());
    assert!(stopped(&Slip::request(4), 2001, 402).failed(&debited()).observed.contains("came nowhere"));
}

#[test]
fn a_message_without_credit_goes_nowhere() {
    let event = Slip::request(4);
    for code in [4012, 4010, 5003, 5030, 5031] {
        assert_eq!(stopped(&event, code, 402).met(&unpaid()), (2, Vec::new()));
        assert!(passed(&[(&event, code)], &[]).failed(&unpaid()).observed.contains("brought it"));
    }
    // Taken and let fall, which the ledger bears.
    assert_eq!(stopped(&event, 4012, 200).met(&unpaid()).1.len(), 1);
    stopped(&event, 4012, 603).outside(&unpaid(), "L21");
    stopped(&event, 2001, 402).unseen(&unpaid(), Blame::Harness);
    stopped(&Slip::record(1), 2001, 402).failed(&unpaid());
}

#[test]
fn a_message_that_costs_nothing_goes_on() {
    let event = Slip::request(4);
    assert_eq!(passed(&[(&event, 4011)], &[]).met(&uncharged()).0, 2);
    stopped(&event, 4011, 402).failed(&uncharged());
    passed(&[(&event, 2001)], &[]).unseen(&uncharged(), Blame::Harness);
}

#[test]
fn a_message_that_waits_is_charged_once_each_way() {
    let (coming, going) = (Slip::record(1), Slip { session: "pf.example.com;2".to_owned(), ..Slip::record(1) });
    assert_eq!(passed(&[(&coming, 2001)], &[]).met(&item()).0, 1);
    assert_eq!(passed(&[], &[(&going, 2001)]).met(&item()).0, 1);
    assert_eq!(passed(&[(&coming, 2001)], &[(&going, 2001)]).met(&item()).0, 2);
    assert!(passed(&[], &[]).failed(&item()).observed.contains("nothing was charged"));
    passed(&[(&coming, 2001), (&going, 2001)], &[]).failed(&item());
    passed(&[], &[(&coming, 2001), (&going, 2001)]).failed(&item());
    // The records of a session that brought it are one.
    let records = [Slip::record(2), Slip::record(4)];
    assert_eq!(passed(&[(&records[0], 2001), (&records[1], 2001)], &[]).met(&item()).0, 1);
    let mut waits = Post::announced("Alice", &["Bob"]);
    waits.page(&to_bob(), Some(202));
    charges(&mut waits, &coming, 2001);
    waits.unseen(&item(), Blame::Harness);
}
