//! What is made of what is told.

use super::{told, watches};
use crate::evidence::Direction::{Received, Sent};
use crate::rules::messages::tests::{LUNCH, PHONE, Page, Post};
use crate::rules::missed_group_content::tests::script::text;
use crate::rules::missed_group_content::tests::script::{BOOKS, Script};
use crate::rules::presence::{CallWithheld, ChatComes, ChatWithheld, MessageComes, MessageWithheld, Watched};
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn watched() -> Watched {
    Watched { person: "Bob".to_owned() }
}

fn withheld() -> MessageWithheld {
    MessageWithheld { person: "Bob".to_owned(), label: LUNCH.to_owned() }
}

fn comes() -> MessageComes {
    MessageComes { person: "Bob".to_owned(), label: LUNCH.to_owned() }
}

/// The target was told that Bob is not there; gives the Call-ID.
fn closed(script: &mut Script) -> String {
    let call_id = watches(script, 200);
    told(script, &call_id, "open", Some(200));
    told(script, &call_id, "closed", Some(200));
    call_id
}

/// The same, and Alice writes to Bob, and hears this.
fn written(heard: Option<u16>) -> (Post, String) {
    let mut post = Post::announced("Alice", &["Bob"]);
    let call_id = closed(&mut post);
    post.page(&Page::to_bob(), heard);
    (post, call_id)
}

#[test]
fn who_watches_has_asked_and_takes_each_word() {
    let mut script = super::there();
    assert!(script.failed(&watched()).observed.contains("nobody asked"));
    let call_id = watches(&mut script, 200);
    assert!(script.failed(&watched()).observed.contains("came to nothing"));
    told(&mut script, &call_id, "open", None);
    assert!(script.failed(&watched()).observed.contains("not answered"));
    told(&mut script, &call_id, "closed", Some(200));
    assert_eq!(script.met(&watched()).0, 2);
    told(&mut script, &call_id, "closed", Some(500));
    assert!(script.failed(&watched()).observed.contains("500"));
}

#[test]
fn a_message_waits_while_presence_is_closed() {
    for heard in [202, 480] {
        let (post, _) = written(Some(heard));
        post.undecided(&withheld());
        assert_eq!(post.met(&withheld()).0, 2);
    }
    assert!(written(None).0.failed(&withheld()).observed.contains("never answered"));
    let (mut post, _) = written(Some(200));
    post.page(&Page::to_bob().on_to(PHONE), Some(200));
    assert!(post.failed(&withheld()).observed.contains("offers it"));
}

#[test]
fn who_was_not_told_that_nobody_is_there_is_the_targets_to_blame() {
    let mut post = Post::announced("Alice", &["Bob"]);
    post.page(&Page::to_bob(), Some(202));
    assert!(post.failed(&withheld()).observed.contains("no longer"));
    let mut post = Post::announced("Alice", &["Bob"]);
    let call_id = watches(&mut post, 200);
    told(&mut post, &call_id, "closed", Some(500));
    post.page(&Page::to_bob(), Some(202));
    assert!(post.failed(&withheld()).observed.contains("did not take"));
}

#[test]
fn what_was_taken_comes_when_presence_is_open() {
    let (mut post, call_id) = written(Some(202));
    post.unseen(&comes(), Blame::Harness);
    told(&mut post, &call_id, "open", Some(200));
    assert!(post.failed(&comes()).observed.contains("was taken"));
    post.page(&Page::to_bob().on_to(PHONE), Some(200));
    assert_eq!(post.met(&comes()).0, 1);
    let (mut early, call_id) = written(Some(202));
    early.page(&Page::to_bob().on_to(PHONE), Some(200));
    told(&mut early, &call_id, "open", Some(200));
    assert!(early.failed(&comes()).observed.contains("before presence was open"));
    let (mut refused, call_id) = written(Some(480));
    told(&mut refused, &call_id, "open", Some(200));
    assert_eq!(refused.met(&comes()).0, 1);
}

#[test]
fn a_call_reaches_no_device_while_presence_is_closed() {
    let rule = CallWithheld { session: BOOKS.to_owned(), person: "Bob".to_owned() };
    let mut script = super::there();
    script.unseen(&rule, Blame::Harness);
    closed(&mut script);
    script.invites(BOOKS, "Bob", 480);
    script.undecided(&rule);
    assert_eq!(script.met(&rule).0, 2);
    script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    assert!(script.failed(&rule).observed.contains("was called"));
}

#[test]
fn a_group_is_heard_of_when_presence_is_open() {
    let withheld = ChatWithheld { person: "Bob".to_owned(), group: BOOKS.to_owned() };
    let comes = ChatComes { person: "Bob".to_owned(), group: BOOKS.to_owned() };
    let mut script = super::there();
    script.unseen(&withheld, Blame::Harness);
    let call_id = closed(&mut script);
    let leg = script.invites(BOOKS, "Bob", 200);
    let said = text("m1", "alice", "Is Bob there?");
    script.sends(&leg, &said.cpim(), 200);
    script.undecided(&withheld);
    assert_eq!(script.met(&withheld).0, 2);
    script.unseen(&comes, Blame::Harness);
    told(&mut script, &call_id, "open", Some(200));
    assert!(script.failed(&comes).observed.contains("1 of 1"));
    let leg = script.drains(BOOKS, "Bob", "phone", "sendonly", 200);
    script.gets(&leg, &said.cpim(), 200);
    assert_eq!(script.met(&comes).0, 1);
    assert!(script.failed(&withheld).observed.contains("was invited"));
    let mut refused = super::there();
    let call_id = closed(&mut refused);
    refused.invites(BOOKS, "Bob", 480);
    told(&mut refused, &call_id, "open", Some(200));
    assert_eq!(refused.met(&comes).0, 1);
}

#[test]
fn what_others_are_told_is_nothing_about_bob() {
    let mut script = super::there();
    let n = script.upcoming();
    let eve = "sip:eve@example.com";
    let request = crate::rules::missed_group_content::tests::script::octets::Request::new("SUBSCRIBE", eve, n + 900);
    let request = request.headers("Event: presence\r\nExpires: 3600\r\n");
    script.sip(Received, request.octets());
    script.sip(Sent, request.answer(200, "Expires: 3600\r\n", ""));
    assert!(script.failed(&watched()).observed.contains("nobody asked"));
}
