//! Word of what waits, what is kept back, refused, expired or asked for in vain.

use super::super::{Expired, FetchYieldsNothing, KeptBack, Refused, Told};
use super::{CONTRIBUTION, asking, document, fetches, kept, page, watches, word, written};
use crate::evidence::Event;
use crate::rules::messages::tests::{LUNCH, PHONE, Page, Post};
use crate::rules::missed_group_content::tests::script::delivered;
use crate::rules::{Judgement, Moment};
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn told() -> Told {
    Told { person: "Bob".to_owned(), device: "phone".to_owned(), label: LUNCH.to_owned() }
}

fn asked_for(device: &str) -> FetchYieldsNothing {
    FetchYieldsNothing {
        person: "Bob".to_owned(),
        device: device.to_owned(),
        label: LUNCH.to_owned(),
        contribution: CONTRIBUTION.to_owned(),
    }
}

#[test]
fn a_device_is_told_by_any_word_that_names_the_message_or_by_the_message_itself() {
    let mut post = kept();
    post.undecided(&told());
    assert!(post.failed(&told()).observed.contains("neither word of it"));
    let call_id = watches(&mut post, "phone", 5101);
    word(&mut post, Some(&call_id), 5101, &document("fetched"));
    post.failed(&told());
    word(&mut post, Some(&call_id), 5101, &document("pending"));
    assert_eq!(post.met(&told()), (1, Vec::new()));
    post.failed(&Told { device: "watch".to_owned(), ..told() });

    let mut other = kept();
    word(&mut other, None, 5101, "waiting: id=m-lunch");
    assert_eq!(other.met(&told()).1.len(), 2, "not in a subscription, and not as declared");
    let mut pushed = kept();
    pushed.page(&page().on_to(PHONE), Some(480));
    pushed.met(&told());
}

#[test]
fn word_from_which_nobody_can_tell_is_left_to_the_ledger() {
    let mut post = kept();
    let call_id = watches(&mut post, "phone", 5101);
    word(&mut post, Some(&call_id), 5101, "something waits");
    post.outside(&told(), "L35");
}

#[test]
fn who_asks_in_vain_gets_a_refusal_or_nothing() {
    for status in [404, 481, 200] {
        let mut post = kept();
        let wire = fetches(&mut post, "watch", status);
        post.undecided(&asked_for("watch"));
        assert_eq!(post.met(&asked_for("watch")), (1, Vec::new()), "{status}");
        assert!(post.unseen(&asked_for("phone"), Blame::Harness).contains("asked for nothing"));
        if status == 200 {
            post.gets(&wire, "From: <sip:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\nit", 200);
            assert!(post.failed(&asked_for("watch")).observed.contains("content came"));
        }
    }
    let mut silent = kept();
    fetches(&mut silent, "watch", 0);
    assert!(silent.failed(&asked_for("watch")).observed.contains("never answered"));
}

#[test]
fn a_device_that_was_not_told_that_another_has_the_message_is_a_warning() {
    let mut post = kept();
    let call_id = watches(&mut post, "watch", 5102);
    word(&mut post, Some(&call_id), 5102, &document("pending"));
    let wire = fetches(&mut post, "phone", 200);
    post.gets(&wire, "From: <sip:a@b>\r\n\r\nContent-Type: text/plain\r\n\r\nit", 200);
    let mut updated = Post::announced("Alice", &["Bob"]);
    *updated = post.clone_records();
    fetches(&mut post, "watch", 404);
    let (_, warnings) = post.met(&asked_for("watch"));
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L35"));
    word(&mut updated, Some(&call_id), 5102, &document("fetched"));
    fetches(&mut updated, "watch", 404);
    assert_eq!(updated.met(&asked_for("watch")).1, Vec::new());
}

#[test]
fn what_is_to_wait_is_taken_and_not_offered_until_something_changes() {
    let rule = KeptBack { person: "Bob".to_owned(), label: LUNCH.to_owned() };
    let arguments = serde_json::to_value(&rule).unwrap();
    let mut post = kept();
    post.event(Event::Awaited { rule: "deferred_messages.kept_back".to_owned(), arguments, ms: 100 });
    assert_eq!(post.judge(&rule, Moment::Open).judgement, Judgement::Undecided);
    assert_eq!(post.met(&rule).0, 1);
    let wish = Event::Preferred { person: "Bob".to_owned(), owner: "index".to_owned(), document: None };
    post.event(wish);
    post.page(&page().on_to(PHONE), Some(200));
    post.met(&rule);

    let mut early = kept();
    early.page(&page().on_to(PHONE), Some(480));
    assert!(early.failed(&rule).observed.contains("offers it to Bob's phone"));
    assert!(written(&page(), Some(480)).failed(&rule).observed.contains("was refused"));
    assert!(written(&page(), None).failed(&rule).observed.contains("never answered"));
}

#[test]
fn for_whom_nothing_is_kept_nothing_comes() {
    let rule = Refused { person: "Bob".to_owned(), label: LUNCH.to_owned() };
    for status in [480, 403, 202] {
        let mut post = written(&page(), Some(status));
        assert_eq!(post.judge(&rule, Moment::Open).judgement, Judgement::Undecided);
        post.met(&rule);
        post.page(&page().on_to(PHONE), Some(480));
        assert!(post.failed(&rule).observed.contains("offers it"));
    }
    assert!(written(&page(), None).failed(&rule).observed.contains("never answered"));
}

#[test]
fn what_has_outlived_its_time_never_comes_and_who_asked_is_told() {
    let rule = Expired { person: "Bob".to_owned(), label: LUNCH.to_owned() };
    assert_eq!(kept().met(&rule), (1, Vec::new()));
    let asked = Page { body: asking("Shall we?", "negative-delivery"), ..page() };
    let mut post = written(&asked, Some(202));
    assert_eq!(post.met(&rule).1[0].interpretation.as_deref(), Some("L26"));
    let mut failed = delivered("m-lunch", "sip:bob@example.com");
    failed.status = "failed";
    let headers = "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=unreg\r\n";
    post.pages(crate::evidence::Direction::Received, "sip:alice@example.com", headers, &failed.cpim());
    assert_eq!(post.met(&rule), (1, Vec::new()));
    let told = delivered("m-lunch", "sip:bob@example.com").cpim();
    post.pages(crate::evidence::Direction::Received, "sip:alice@example.com", headers, &told);
    assert!(post.failed(&rule).observed.contains("told that it was delivered"));
    let mut came = kept();
    came.page(&page().on_to(PHONE), Some(480));
    came.failed(&rule);
}
