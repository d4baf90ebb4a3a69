//! Word of what waits at several devices.

use super::super::{EachTold, NotTold};
use super::owned;
use crate::rules::deferred_messages::tests::{document, kept, page, watches, word};
use crate::rules::messages::tests::{LUNCH, PHONE, WATCH};
use crate::rules::{Judgement, Moment};
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn each() -> EachTold {
    EachTold { person: owned("Bob"), devices: vec![owned("phone"), owned("watch")], label: owned(LUNCH) }
}

fn not(device: &str) -> NotTold {
    NotTold { person: owned("Bob"), device: owned(device), label: owned(LUNCH) }
}

#[test]
fn each_device_is_told_in_whatever_way() {
    let mut post = kept();
    let call_id = watches(&mut post, "phone", 5101);
    word(&mut post, Some(&call_id), 5101, &document("pending"));
    post.undecided(&each());
    assert!(post.failed(&each()).observed.contains("came to the watch"));
    post.page(&page().on_to(WATCH), Some(200));
    assert_eq!(post.met(&each()), (2, Vec::new()));
}

#[test]
fn a_device_that_is_not_to_be_told_is_not() {
    let mut post = kept();
    assert!(post.unseen(&not("watch"), Blame::Harness).contains("never there"));
    post.registers("Bob", "watch");
    assert_eq!(post.judge(&not("watch"), Moment::Open).judgement, Judgement::Undecided);
    assert_eq!(post.met(&not("watch")), (1, Vec::new()));
    let call_id = watches(&mut post, "watch", 5102);
    word(&mut post, Some(&call_id), 5102, &document("fetched"));
    post.met(&not("watch"));
    word(&mut post, Some(&call_id), 5102, "m-lunch was there");
    post.outside(&not("watch"), "L35");
    word(&mut post, Some(&call_id), 5102, &document("pending"));
    post.outside(&not("watch"), "L35");

    let mut told = kept();
    word(&mut told, None, 5101, &document("pending"));
    assert!(told.failed(&not("phone")).observed.contains("it was told in frame"));
    let mut pushed = kept();
    pushed.page(&page().on_to(PHONE), Some(200));
    assert!(pushed.failed(&not("phone")).observed.contains("offers it"));
}
