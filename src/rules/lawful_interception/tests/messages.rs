//! Messages of a user under interception, and of one who is not.

use super::{OF_BOB, OF_EVE, Passed, content, event, hands, orders, watched};
use crate::rules::lawful_interception::{
    ContentHandedOver, EventsHandedOver, HandedOverOnce, NothingElse, NothingHandedOver, Unnoticed,
};
use crate::rules::messages::tests::{LUNCH, Page, Post};
use crate::rules::{Judgement, Moment};
use cpm_wire::x2x3::{Direction, Kind, Pdu, format};
use pretty_assertions::assert_eq;

fn events() -> EventsHandedOver {
    EventsHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn words() -> ContentHandedOver {
    ContentHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn once() -> HandedOverOnce {
    HandedOverOnce { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn nothing() -> NothingHandedOver {
    NothingHandedOver { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn nothing_else() -> NothingElse {
    NothingElse { person: "Bob".to_owned() }
}

#[test]
fn what_passed_on_one_side_is_enough() {
    assert_eq!(Passed::handed_over().post.met(&events()), (2, Vec::new()));
    let mut of_device = Passed::to_bob();
    of_device.hand(of_device.went, Direction::ToTarget);
    assert!(of_device.post.failed(&events()).observed.contains("handed over nowhere"));
    of_device.hand(of_device.taken, Direction::FromTarget);
    assert_eq!(of_device.post.met(&events()), (2, Vec::new()));
    assert!(Passed::to_bob().post.failed(&events()).observed.contains("handed over nowhere"));
    assert_eq!(Passed::to_bob().post.judge(&events(), Moment::Open).judgement, Judgement::Undecided);
}

#[test]
fn what_is_handed_over_is_as_it_passed() {
    let mut altered = Passed::to_bob();
    let text = String::from_utf8(altered.octets(altered.came).to_vec()).unwrap();
    hands(&mut altered.post, &event(text.replace("Shall we?", "Shall I??"), Direction::ToTarget));
    altered.hand(altered.answered, Direction::FromTarget);
    assert!(altered.post.failed(&events()).observed.contains("another body"));
    assert!(altered.post.failed(&words()).observed.contains("other words"));
    assert_eq!(Passed::handed_over().post.met(&words()).0, 1);
}

#[test]
fn details_of_the_form_are_worth_a_word() {
    let mut other = Passed::to_bob();
    let pdu = Pdu { kind: Kind::X3, format: 99, ..event(other.octets(other.came), Direction::FromTarget) };
    hands(&mut other.post, &pdu);
    let pdu = Pdu { correlation: 8, ..event(other.octets(other.answered), Direction::FromTarget) };
    hands(&mut other.post, &pdu);
    let (checks, warnings) = other.post.met(&events());
    assert_eq!((checks, warnings.len()), (2, 3));
    assert!(warnings.iter().all(|finding| finding.interpretation.as_deref() == Some("L30")));
}

#[test]
fn a_payload_that_nobody_can_read_is_undecided() {
    let mut unread = Passed::to_bob();
    let pdu = Pdu { format: 1, ..event(&b"\x30\x03call-in\x00Shall we?"[..], Direction::ToTarget) };
    hands(&mut unread.post, &pdu);
    for judgement in
        [unread.post.judge(&events(), Moment::Closed).judgement, unread.post.judge(&words(), Moment::Closed).judgement]
    {
        let Judgement::Broken(finding) = judgement else { panic!("{judgement:?}") };
        assert_eq!(finding.interpretation.as_deref(), Some("L30"));
    }
}

#[test]
fn nothing_is_nothing_under_whatever_task() {
    assert_eq!(Passed::to_bob().post.met(&nothing()).0, 1);
    assert_eq!(Passed::to_bob().post.judge(&nothing(), Moment::Open).judgement, Judgement::Undecided);
    assert!(Passed::handed_over().post.failed(&nothing()).observed.contains("MESSAGE of it"));
    let mut stray = Passed::to_bob();
    let pdu = Pdu { xid: super::uuid(OF_EVE), ..event(stray.octets(stray.came), Direction::ToTarget) };
    hands(&mut stray.post, &pdu);
    stray.post.failed(&nothing());
}

#[test]
fn what_is_handed_over_is_of_the_user() {
    assert_eq!(Passed::handed_over().post.met(&nothing_else()).0, 2);
    let mut others = Passed::handed_over();
    let text = String::from_utf8(others.octets(others.came).to_vec()).unwrap();
    let text = text.replace("sip:bob@", "sip:eve@").replace("call-in", "call-of-eve");
    hands(&mut others.post, &event(text, Direction::ToTarget));
    assert!(others.post.failed(&nothing_else()).observed.contains("MESSAGE of Eve"));
}

#[test]
fn what_waited_is_content_once() {
    assert_eq!(Passed::handed_over().post.met(&once()).0, 1);
    assert_eq!(Passed::handed_over().post.judge(&once(), Moment::Open).judgement, Judgement::Undecided);
    // That it goes to the phone is an event.
    let mut delivered = Passed::handed_over();
    delivered.hand(delivered.went, Direction::ToTarget);
    assert_eq!(delivered.post.met(&once()).0, 1);
    let mut again = Passed::handed_over();
    again.hand(again.came, Direction::ToTarget);
    assert!(again.post.failed(&once()).observed.contains("and again"));
    let mut as_content = Passed::handed_over();
    hands(&mut as_content.post, &content(send("a1", "msrp://192.0.2.10:8000/x;tcp", "Shall we?")));
    assert!(as_content.post.failed(&once()).observed.contains("and again"));
    assert!(Passed::to_bob().post.failed(&once()).observed.contains("nowhere"));
}

/// A SEND with the message.
pub fn send(transaction: &str, to: &str, words: &str) -> String {
    let envelope = format!(
        "From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\nDateTime: 2026-01-02T03:04:05Z\r\n\
         NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m-lunch\r\n\r\nContent-Type: text/plain\r\n\r\n{words}"
    );
    format!(
        "MSRP {transaction}bcd SEND\r\nTo-Path: {to}\r\nFrom-Path: msrp://198.51.100.1:2855/t;tcp\r\nMessage-ID: {transaction}mid\r\n\
         Byte-Range: 1-{0}/{0}\r\nContent-Type: message/cpim\r\n\r\n{envelope}\r\n-------{transaction}bcd$\r\n",
        envelope.len()
    )
}

#[test]
fn one_transfer_is_handed_over_once() {
    let mut twice = Passed::to_bob();
    let path = "msrp://192.0.2.10:8000/x;tcp";
    hands(&mut twice.post, &content(send("a1", path, "Shall we?")));
    assert_eq!(twice.post.met(&words()), (1, Vec::new()));
    // On the other side of the target it is another one.
    hands(&mut twice.post, &content(send("a2", "msrp://192.0.2.10:8001/y;tcp", "Shall we?")));
    assert_eq!(twice.post.met(&words()), (1, Vec::new()));
    hands(&mut twice.post, &content(send("a1", path, "Shall we?")));
    assert!(twice.post.failed(&words()).observed.contains("one and the same transfer"));
    let mut other = Passed::to_bob();
    let pdu = Pdu { format: format::MIME, ..content(send("a1", path, "Shall we?")) };
    hands(&mut other.post, &pdu);
    assert_eq!(other.post.met(&words()).1.len(), 1);
}

/// The same happens to Bob and to Eve; what goes to Bob has these headers besides.
fn both(to_bob: &str, times: usize) -> Post {
    let mut post = Post::announced("Alice", &["Bob"]);
    watched(&mut post);
    for (user, more) in [("bob", to_bob), ("eve", "")] {
        for time in 0..times {
            let mut page = Page::to_bob();
            page.uri = page.uri.replace("bob", user);
            page.served = page.served.replace("bob", user);
            page.call_id = format!("in-{user}-{time}");
            page.message_id = format!("m-{user}-{time}");
            let branch = post.page(&page, None);
            let mut on = page.on_to(&format!("sip:{user}@example.com"));
            on.call_id = format!("on-{user}-{time}");
            on.more = more.to_owned();
            post.page(&on, Some(200));
            post.answered(&page, &branch, 200);
        }
    }
    post
}

#[test]
fn what_passes_for_two_users_looks_alike() {
    let rule = Unnoticed { person: "Bob".to_owned(), other: "Eve".to_owned() };
    assert_eq!(both("", 5).met(&rule).0, 2);
    assert_eq!(both("", 5).judge(&rule, Moment::Open).judgement, Judgement::Undecided);
    // What nobody knows may stand in a message by chance, and in all of them it does not; what says nothing may always.
    assert_eq!(both("X-Unheard: of\r\n", 4).met(&rule).0, 2);
    assert_eq!(both("User-Agent: x\r\n", 5).met(&rule).0, 2);
    assert!(both("X-Watched: yes\r\n", 5).failed(&rule).observed.contains("x-watched"));
    assert!(both("Warning: 399 x \"watched\"\r\n", 1).failed(&rule).observed.contains("Warning"));
    let mut more = both("", 2);
    let mut page = Page::to_bob().on_to("sip:bob@example.com");
    page.call_id = "one-more".to_owned();
    more.page(&page, Some(200));
    assert!(more.failed(&rule).observed.contains("3 messages of the kind MESSAGE for Bob, and 2 for Eve"));
    let nobody = Unnoticed { person: "Bob".to_owned(), other: "Dave".to_owned() };
    assert!(matches!(both("", 1).judge(&nobody, Moment::Closed).judgement, Judgement::Unseen { .. }));
}

#[test]
fn what_was_never_said_or_ordered_is_our_own_fault() {
    let mut unsaid = Post::announced("Alice", &["Bob"]);
    orders(&mut unsaid, "Bob", OF_BOB, true);
    for judgement in [unsaid.judge(&events(), Moment::Closed), unsaid.judge(&words(), Moment::Closed)] {
        assert!(matches!(judgement.judgement, Judgement::Unseen { .. }));
    }
}
