//! What authors are told of failures.

use super::super::{FailureTold, NoFailureTold};
use super::{arrived, asking, tells};
use crate::rules::messages::tests::{LUNCH, PHONE, Post};
use crate::rules::{Judgement, Moment};
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn told() -> FailureTold {
    FailureTold { person: "Bob".to_owned(), label: LUNCH.to_owned() }
}

fn untold() -> NoFailureTold {
    NoFailureTold { person: "Bob".to_owned(), label: LUNCH.to_owned() }
}

fn sent(status: u16) -> Post {
    let mut post = Post::announced("Alice", &["Bob"]);
    post.page(&asking(), Some(status));
    post
}

#[test]
fn an_error_tells_and_so_does_a_report() {
    assert_eq!(sent(603).met(&told()), (1, Vec::new()));
    let mut post = sent(202);
    post.page(&asking().on_to(PHONE), Some(603));
    post.undecided(&told());
    assert!(post.failed(&told()).observed.contains("nobody was told"));
    tells(&mut post, "m-lunch", "failed");
    assert_eq!(post.met(&told()), (1, Vec::new()));
    tells(&mut post, "m-lunch", "delivered");
    assert!(post.failed(&told()).observed.contains("was delivered"));
}

#[test]
fn what_comes_in_the_end_has_not_failed() {
    assert!(arrived().unseen(&told(), Blame::Target).contains("in the end"));
}

#[test]
fn who_has_not_asked_gets_no_report_of_failure() {
    let mut post = sent(603);
    assert_eq!(post.judge(&untold(), Moment::Open).judgement, Judgement::Undecided);
    assert_eq!(post.met(&untold()), (1, Vec::new()));
    tells(&mut post, "m-lunch", "failed");
    assert!(post.failed(&untold()).observed.contains("it got one"));
}
