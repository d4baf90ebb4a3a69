//! What becomes of a message on its way.

use super::{LUNCH, PHONE, Page, Post, WATCH};
use crate::rules::messages::{Delivered, NoMessage, OverLimit, Unaltered};
use crate::rules::multi_device::{Copied, CopiedInSpite, MessageOnlyThere};
use crate::rules::policies_and_preferences::{MessageNotLetOut, MessageRefused};
use crate::rules::{Judgement, Moment};
use pretty_assertions::assert_eq;

fn delivered() -> Delivered {
    Delivered { label: LUNCH.to_owned(), person: "Bob".to_owned(), device: Some("phone".to_owned()) }
}

fn unaltered() -> Unaltered {
    Unaltered { label: LUNCH.to_owned() }
}

fn refused() -> MessageRefused {
    MessageRefused { label: LUNCH.to_owned(), person: "Bob".to_owned(), case: "block".to_owned() }
}

#[test]
fn a_message_that_comes_as_it_was_sent_is_delivered() {
    let post = Post::comes(&Page::to_bob().on_to(PHONE));
    assert_eq!(post.met(&delivered()), (3, Vec::new()));
    assert_eq!(post.met(&unaltered()), (1, Vec::new()));
    assert_eq!(post.judge(&delivered(), Moment::Open).judgement, Judgement::Met { checks: 3 });
    let on_the_watch = Delivered { device: Some("watch".to_owned()), ..delivered() };
    assert!(post.failed(&on_the_watch).observed.contains("nothing of it came"));
}

#[test]
fn another_text_author_name_or_conversation_is_another_message() {
    let came = Page::to_bob().on_to(PHONE);
    let mut other = [came.clone(), came.clone(), came.clone(), came.clone()];
    other[0].words = "Shall I?".to_owned();
    other[1].asserted = "<sip:mallory@example.com>".to_owned();
    other[2].message_id = "m-other".to_owned();
    other[3].contribution = "contribution-other".to_owned();
    let told = ["octets", "P-Asserted-Identity", "message id m-other", "Contribution-ID"];
    for (page, told) in other.iter().zip(told) {
        let post = Post::comes(page);
        let finding = post.failed(&delivered());
        assert!(finding.observed.contains(told), "{told}: {}", finding.observed);
        post.failed(&unaltered());
    }
}

#[test]
fn who_asked_to_be_hidden_is_named_to_the_network_alone() {
    let private = Page { more: "Privacy: id\r\n".to_owned(), ..Page::to_bob() };
    let through = |came: &Page| {
        let mut post = Post::announced("Alice", &["Bob"]);
        let branch = post.page(&private, None);
        post.page(came, Some(200));
        post.answered(&private, &branch, 200);
        post
    };
    let kept = Page { more: "Privacy: id\r\n".to_owned(), ..private.on_to(PHONE) };
    assert_eq!(through(&kept).met(&delivered()).0, 3);
    assert!(through(&private.on_to(PHONE)).failed(&delivered()).observed.contains("Privacy"));
}

#[test]
fn what_is_lost_or_refused_is_not_delivered() {
    let mut lost = Post::announced("Alice", &["Bob"]);
    lost.page(&Page::to_bob(), Some(200));
    assert!(lost.failed(&delivered()).observed.contains("answered 200"));
    let mut refused = Post::announced("Alice", &["Bob"]);
    refused.page(&Page::to_bob(), Some(403));
    assert!(refused.failed(&delivered()).observed.contains("answered 403"));
    // What the device itself refuses is none of the target's.
    let mut by_device = Post::announced("Alice", &["Bob"]);
    by_device.page(&Page::to_bob().on_to(PHONE), Some(415));
    let branch = by_device.page(&Page::to_bob(), None);
    by_device.page(&Page::to_bob().on_to(PHONE), Some(415));
    by_device.answered(&Page::to_bob(), &branch, 415);
    assert!(matches!(by_device.judge(&delivered(), Moment::Closed).judgement, Judgement::Unseen { .. }));
}

#[test]
fn a_message_that_only_passed_by_is_nothing_that_the_target_did() {
    let mut passed = Page::to_bob().on_to("sip:bob@example.com");
    passed.call_id = "call-in".to_owned();
    passed.served = Page::to_bob().served;
    Post::comes(&passed).outside(&delivered(), "L16");
    // A message of the target's own may be left for the serving CSCF to fork.
    passed.call_id = "call-own".to_owned();
    assert_eq!(Post::comes(&passed).met(&delivered()).0, 3);
}

#[test]
fn a_message_that_nobody_wants_is_seen_by_nobody() {
    let mut post = Post::announced("Alice", &["Bob"]);
    post.page(&Page::to_bob(), Some(403));
    assert_eq!(post.judge(&refused(), Moment::Open).judgement, Judgement::Undecided);
    assert_eq!(post.met(&refused()).0, 1);
    let mut dropped = Post::announced("Alice", &["Bob"]);
    dropped.page(&Page::to_bob(), Some(200));
    assert_eq!(dropped.met(&refused()).0, 1);
    let seen = Post::comes(&Page::to_bob().on_to(PHONE));
    assert!(seen.failed(&refused()).observed.contains("brought it"));
    let mut silent = Post::announced("Alice", &["Bob"]);
    silent.page(&Page::to_bob(), None);
    assert!(silent.failed(&refused()).observed.contains("never answered"));
}

#[test]
fn a_barred_message_does_not_go_out() {
    let rule = MessageNotLetOut { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    let mut post = Post::announced("Bob", &["Alice"]);
    post.page(&Page::of_bob(), Some(603));
    assert_eq!(post.met(&rule).0, 1);
    let mut out = Post::announced("Bob", &["Alice"]);
    let branch = out.page(&Page::of_bob(), None);
    let mut on = Page::of_bob().on_to("sip:alice@example.com");
    on.served = Page::of_bob().served;
    out.page(&on, Some(200));
    out.answered(&Page::of_bob(), &branch, 603);
    assert!(out.failed(&rule).observed.contains("brought it"));
}

#[test]
fn over_the_limit_it_is_refused_or_becomes_large() {
    let rule = OverLimit { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    for (status, warnings) in [(413, 0), (513, 0), (400, 1)] {
        let mut post = Post::announced("Alice", &["Bob"]);
        post.page(&Page::to_bob(), Some(status));
        let (checks, warned) = post.met(&rule);
        assert_eq!((checks, warned.len()), (1, warnings), "{status}");
    }
    let came = Post::comes(&Page::to_bob().on_to(PHONE));
    assert!(came.failed(&rule).observed.contains("brought all"));
    let mut lost = Post::announced("Alice", &["Bob"]);
    lost.page(&Page::to_bob(), Some(202));
    lost.outside(&rule, "L19");
}

#[test]
fn what_is_no_message_is_refused() {
    let rule = NoMessage { label: LUNCH.to_owned() };
    let bare = Page { body: Some(("text/plain".to_owned(), "Shall we?".to_owned())), ..Page::to_bob() };
    for (status, warnings) in [(415, 0), (400, 0), (500, 1)] {
        let mut post = Post::announced("Alice", &["Bob"]);
        post.page(&bare, Some(status));
        assert_eq!(post.met(&rule).1.len(), warnings, "{status}");
    }
    let mut dropped = Post::announced("Alice", &["Bob"]);
    dropped.page(&bare, Some(202));
    assert!(dropped.failed(&rule).observed.contains("nothing of it came"));
    // Passed on for the device to refuse is as good; accepted on its behalf is not.
    for (device, sender, right) in [(415, 415, true), (415, 200, false), (200, 200, false)] {
        let mut post = Post::announced("Alice", &["Bob"]);
        let branch = post.page(&bare, None);
        post.page(&bare.on_to(PHONE), Some(device));
        post.answered(&bare, &branch, sender);
        match right {
            true => assert_eq!(post.met(&rule).0, 1),
            false => assert!(post.failed(&rule).observed.contains("brought it")),
        }
    }
}

#[test]
fn each_device_gets_a_copy_and_one_that_fails_spoils_nothing() {
    let devices = vec!["phone".to_owned(), "watch".to_owned()];
    let all = Copied { label: LUNCH.to_owned(), person: "Bob".to_owned(), devices };
    let (person, device, other) = ("Bob".to_owned(), "phone".to_owned(), "watch".to_owned());
    let in_spite = CopiedInSpite { label: LUNCH.to_owned(), person: person.clone(), device: device.clone(), other };
    let only = MessageOnlyThere { label: LUNCH.to_owned(), person, device };
    let sent = Page::to_bob();
    let with = |watch: Option<u16>, answer: u16| {
        let mut post = Post::announced("Alice", &["Bob"]);
        let branch = post.page(&sent, None);
        post.page(&sent.on_to(PHONE), Some(200));
        if let Some(status) = watch {
            post.page(&sent.on_to(WATCH), Some(status));
        }
        post.answered(&sent, &branch, answer);
        post
    };
    let both = with(Some(200), 200);
    assert_eq!(both.met(&all).0, 3);
    assert!(both.failed(&only).observed.contains("watch"));
    let one = with(None, 200);
    assert!(one.failed(&all).observed.contains("nothing of it came"));
    assert!(one.failed(&in_spite).observed.contains("watch"));
    assert_eq!(one.met(&only).0, 2);
    assert_eq!(with(Some(500), 200).met(&in_spite).0, 3);
    assert!(with(Some(500), 500).failed(&in_spite).observed.contains("answered 500"));
}
