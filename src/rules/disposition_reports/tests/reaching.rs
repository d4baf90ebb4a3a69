//! Reports find their way, and stay what they are.

use super::super::{NoneOnReports, ReachesAuthor, ReachesUser, Unaltered};
use super::{TERM, arrived, asking, reports, tells};
use crate::evidence::Direction::{Received, Sent};
use crate::rules::messages::tests::{LUNCH, PHONE, Post, WATCH};
use crate::rules::missed_group_content::tests::script::{aggregated, delivered, stating};
use crate::rules::{Judgement, Moment};
use crate::story::content::Disposition;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;
use serde_json::json;

fn reaches_author() -> ReachesAuthor {
    ReachesAuthor { person: "Bob".to_owned(), label: LUNCH.to_owned(), kind: Disposition::Delivered }
}

fn reaches_bob(about: &str) -> ReachesUser {
    let (person, label) = ("Bob".to_owned(), "Dinner?".to_owned());
    ReachesUser { person, about: about.to_owned(), label, kind: Disposition::Delivered }
}

#[test]
fn what_a_device_reports_reaches_the_author_once() {
    let mut post = arrived();
    assert!(post.unseen(&reaches_author(), Blame::Harness).contains("no device"));
    reports(&mut post, "delivered");
    post.undecided(&reaches_author());
    assert!(post.failed(&reaches_author()).observed.contains("nobody was told"));
    tells(&mut post, "m-lunch", "delivered");
    assert_eq!(post.judge(&reaches_author(), Moment::Open).judgement, Judgement::Undecided);
    assert_eq!(post.met(&reaches_author()), (1, Vec::new()));
    tells(&mut post, "m-lunch", "delivered");
    assert!(post.failed(&reaches_author()).observed.contains("told 2 times"));
}

#[test]
fn of_two_devices_one_report_or_two_are_right() {
    let mut post = arrived();
    post.page(&asking().on_to(WATCH), Some(200));
    reports(&mut post, "delivered");
    reports(&mut post, "delivered");
    tells(&mut post, "m-lunch", "delivered");
    assert_eq!(post.met(&reaches_author()), (1, Vec::new()));
    tells(&mut post, "m-lunch", "delivered");
    let (checks, warnings) = post.met(&reaches_author());
    assert_eq!((checks, warnings[0].interpretation.as_deref()), (2, Some("L15")));
    let declared = stating("multi_device_reports", json!("per_device"));
    assert_eq!(post.judge_with(&reaches_author(), &declared).warnings, Vec::new());
}

#[test]
fn nobody_is_told_of_a_delivery_that_was_none() {
    let mut early = Post::announced("Alice", &["Bob"]);
    early.page(&asking(), Some(202));
    tells(&mut early, "m-lunch", "delivered");
    assert!(early.failed(&reaches_author()).observed.contains("no device had it"));
    let mut both = arrived();
    reports(&mut both, "delivered");
    tells(&mut both, "m-lunch", "delivered");
    tells(&mut both, "m-lunch", "failed");
    assert!(both.failed(&reaches_author()).observed.contains("failed, too"));
}

#[test]
fn each_report_to_a_user_comes() {
    let mut post = arrived();
    assert!(post.unseen(&reaches_bob("d1"), Blame::Harness).contains("nobody sent"));
    post.pages(Sent, "sip:bob@example.com", TERM, &delivered("d1", "sip:carol@example.com").cpim());
    post.pages(Sent, "sip:bob@example.com", TERM, &delivered("d1", "sip:dave@example.com").cpim());
    post.undecided(&reaches_bob("d1"));
    let together = aggregated(&[delivered("d1", "sip:carol@example.com"), delivered("d1", "sip:dave@example.com")]);
    let mut gathered = Post::announced("Alice", &["Bob"]);
    *gathered = post.clone_records();
    post.pages(Received, PHONE, "", &delivered("d1", "sip:carol@example.com").cpim());
    assert!(post.failed(&reaches_bob("d1")).observed.contains("sip:dave@example.com"));
    post.pages(Received, PHONE, "", &delivered("d1", "sip:dave@example.com").cpim());
    assert_eq!(post.met(&reaches_bob("d1")), (2, Vec::new()));
    post.pages(Received, PHONE, "", &delivered("d1", "sip:dave@example.com").cpim());
    assert_eq!(post.met(&reaches_bob("d1")).1[0].interpretation.as_deref(), Some("L14"));
    gathered.pages(Received, PHONE, "", &together);
    assert_eq!(gathered.met(&reaches_bob("d1")), (2, Vec::new()));
}

#[test]
fn a_report_that_nobody_sent_is_an_altered_one() {
    let rule = Unaltered { person: "Bob".to_owned() };
    let mut post = arrived();
    assert!(post.unseen(&rule, Blame::Harness).contains("nobody sent"));
    post.pages(Sent, "sip:bob@example.com", TERM, &delivered("strange", "sip:carol@example.com").cpim());
    assert_eq!(post.met(&rule).0, 1, "it may be dropped");
    post.pages(Received, PHONE, "", &delivered("strange", "sip:carol@example.com").cpim());
    post.met(&rule);
    let mut failed = delivered("m-lunch", "sip:carol@example.com");
    failed.status = "failed";
    post.pages(Received, PHONE, "", &failed.cpim());
    post.met(&rule);
    post.pages(Received, PHONE, "", &delivered("other", "sip:carol@example.com").cpim());
    assert!(post.failed(&rule).observed.contains("other was delivered"));
}

#[test]
fn nobody_reports_on_a_report() {
    let rule = NoneOnReports { person: "Bob".to_owned() };
    let mut post = arrived();
    assert!(post.unseen(&rule, Blame::Harness).contains("has a name"));
    reports(&mut post, "delivered");
    tells(&mut post, "m-lunch", "delivered");
    post.met(&rule);
    tells(&mut post, "n-m-lunch-delivered", "delivered");
    assert!(post.failed(&rule).observed.contains("is a report itself"));
}
