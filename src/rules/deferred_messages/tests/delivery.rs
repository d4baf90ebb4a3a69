//! What waited comes, once and as it was sent, or is refused at first.

use super::super::{Delivered, NotLost};
use super::{asking, document, fetches, kept, page, watches, word, written};
use crate::rules::messages::tests::{LUNCH, PHONE, Page, WATCH};
use crate::rules::missed_group_content::tests::script::stating;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;
use serde_json::json;

fn delivered() -> Delivered {
    Delivered { person: "Bob".to_owned(), label: LUNCH.to_owned(), device: None }
}

fn not_lost() -> NotLost {
    NotLost { person: "Bob".to_owned(), label: LUNCH.to_owned() }
}

#[test]
fn a_message_that_is_pushed_is_delivered() {
    let mut post = kept();
    post.undecided(&delivered());
    assert!(post.failed(&delivered()).observed.contains("was taken (202"));
    post.page(&page().on_to(PHONE), Some(200));
    assert_eq!(post.met(&delivered()), (1, Vec::new()));
    assert_eq!(post.met(&Delivered { device: Some("phone".to_owned()), ..delivered() }).0, 1);
    post.failed(&Delivered { device: Some("watch".to_owned()), ..delivered() });
    post.met(&not_lost());
}

#[test]
fn a_push_that_no_device_takes_delivers_nothing() {
    let mut post = kept();
    post.page(&page().on_to(PHONE), Some(480));
    assert!(post.failed(&delivered()).observed.contains("refused by the device"));
    post.failed(&not_lost());
    post.page(&Page { call_id: "call-again".to_owned(), ..page().on_to(PHONE) }, Some(200));
    post.met(&delivered());
}

#[test]
fn what_is_fetched_is_delivered_in_the_way_that_word_of_it_came() {
    let mut post = kept();
    let call_id = watches(&mut post, "phone", 5101);
    word(&mut post, Some(&call_id), 5101, &document("pending"));
    let wire = fetches(&mut post, "phone", 200);
    post.undecided(&delivered());
    let envelope = "From: <sip:alice@example.com>\r\nTo: <sip:somebody@example.com>\r\nDateTime: 2026-01-02T03:04:05Z\r\n\
        NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m-lunch\r\n\r\nContent-Type: text/plain\r\n\r\nShall we?";
    post.gets(&wire, envelope, 200);
    assert_eq!(post.met(&delivered()), (1, Vec::new()));
    let declared = stating("deferred_delivery", json!(["fetch"]));
    let warnings = post.judge_with(&delivered(), &declared).warnings;
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L32"));
    assert_eq!(warnings[0].observed, "deferred_delivery: notify_subscribed");
}

#[test]
fn what_comes_altered_renamed_or_to_somebody_else_is_not_what_waited() {
    let came = page().on_to(PHONE);
    let mut altered = came.clone();
    altered.words = "Shall I?".to_owned();
    let mut renamed = came.clone();
    renamed.message_id = "m-other".to_owned();
    let mut eve = came.clone();
    eve.uri = "sip:eve@192.0.2.10:5103".to_owned();
    for (page, told) in [(altered, "octets"), (renamed, "came as m-other"), (eve, "came to Eve")] {
        let mut post = kept();
        post.page(&page, Some(200));
        let finding = post.failed(&delivered());
        assert!(finding.observed.contains(told), "{told}: {}", finding.observed);
    }
    let mut post = written(&super::Page { body: asking("Shall we?", "positive-delivery"), ..page() }, Some(202));
    post.page(&came, Some(200));
    assert!(post.failed(&delivered()).expected.contains("requested disposition notifications"));
}

#[test]
fn what_comes_twice_to_one_device_is_a_warning() {
    let mut post = kept();
    post.page(&page().on_to(PHONE), Some(200));
    post.page(&page().on_to(WATCH), Some(200));
    assert_eq!(post.met(&delivered()), (2, Vec::new()));
    post.page(&Page { call_id: "call-again".to_owned(), ..page().on_to(PHONE) }, Some(200));
    let (_, warnings) = post.met(&delivered());
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L14"));
}

#[test]
fn word_without_a_subscription_is_a_warning() {
    let mut post = kept();
    word(&mut post, None, 5101, &document("pending"));
    let wire = fetches(&mut post, "phone", 200);
    post.gets(
        &wire,
        "From: <sip:alice@example.com>\r\nDateTime: 2026-01-02T03:04:05Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
         imdn.Message-ID: m-lunch\r\n\r\nContent-Type: text/plain\r\n\r\nShall we?",
        200,
    );
    let declared = stating("deferred_delivery", json!(["notify_unsolicited"]));
    let warnings = post.judge_with(&delivered(), &declared).warnings;
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].expected.contains("RFC 6665"));
}

#[test]
fn a_refusal_loses_nothing() {
    let post = written(&page(), Some(480));
    post.met(&not_lost());
    post.failed(&delivered());
    let silent = written(&page(), None);
    assert!(silent.failed(&not_lost()).observed.contains("never answered"));
    let nobody = Delivered { label: "Never said".to_owned(), ..delivered() };
    assert!(silent.unseen(&nobody, Blame::Harness).contains("nobody sent"));
}
