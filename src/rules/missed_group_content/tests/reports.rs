use pretty_assertions::assert_eq;

use super::super::{NoPrematureReport, NoReportInSession, ReportReachesAuthor, ReportReachesUser};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::Event;
use crate::rules::{Judgement, Moment};
use crate::story::content::Disposition;
use crate::verdict::{Blame, FindingVerdict};

const BOB: &str = "sip:bob@example.com";
const CAROL: &str = "sip:carol@example.com";
const ALICE: &str = "sip:alice@example.com";
const TO_PHONE: &str = "sip:bob@192.0.2.10:5101";

fn to_user() -> ReportReachesUser {
    ReportReachesUser {
        person: "Bob".to_owned(),
        group: BOOKS.to_owned(),
        about: "m0".to_owned(),
        kind: Disposition::Delivered,
    }
}

/// Carol's report on Bob's m0 comes while Bob is away.
fn reported() -> Script {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &delivered("m0", CAROL).cpim(), 200);
    script.registers("Bob", "phone");
    script
}

#[test]
fn a_report_reaches_the_user_in_the_session() {
    let mut script = reported();
    script.undecided(&to_user());
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &delivered("m0", CAROL).cpim(), 200);
    assert_eq!(script.judge(&to_user(), Moment::Open).judgement, Judgement::Met { checks: 1 });
    assert_eq!(script.met(&to_user()), (1, vec![]));
}

#[test]
fn a_report_reaches_the_user_as_a_message_or_aggregated() {
    let mut paged = reported();
    paged.pages(Received, TO_PHONE, "", &delivered("m0", CAROL).cpim());
    paged.met(&to_user());

    let mut many = reported();
    let drain = many.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    many.gets(&drain, &aggregated(&[delivered("m7", ALICE), delivered("m0", CAROL)]), 200);
    many.met(&to_user());

    let mut list = reported();
    let of = |notice: Notice| format!("--limit\r\nContent-Type: message/cpim\r\n\r\n{}\r\n", notice.cpim());
    let body = format!("{}{}--limit--\r\n", of(delivered("m7", ALICE)), of(delivered("m0", CAROL)));
    list.pages_as(Received, TO_PHONE, "", "multipart/mixed; boundary=limit", &body);
    list.met(&to_user());
}

#[test]
fn a_report_that_comes_as_undeclared_or_twice_is_a_warning() {
    let mut script = reported();
    script.pages(Received, TO_PHONE, "", &delivered("m0", CAROL).cpim());
    let statement = stating("notification_path", serde_json::json!(["drain_leg"]));
    let assessment = script.judge_with(&to_user(), &statement);
    assert_eq!(assessment.warnings[0].interpretation.as_deref(), Some("L04"));
    script.pages(Received, TO_PHONE, "", &delivered("m0", CAROL).cpim());
    let (_, warnings) = script.met(&to_user());
    assert_eq!((warnings.len(), warnings[0].interpretation.as_deref()), (1, Some("L14")));
}

#[test]
fn broken_when_no_report_comes_or_another_one() {
    reported().failed(&to_user());
    let instead = |notice: Notice| {
        let mut script = reported();
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        script.gets(&drain, &notice.cpim(), 200);
        script.failed(&to_user());
    };
    instead(delivered("m1", CAROL));
    instead(Notice { status: "displayed", ..delivered("m0", CAROL) });
    let mut refused = reported();
    let drain = refused.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    refused.gets(&drain, &delivered("m0", CAROL).cpim(), 415);
    refused.failed(&to_user());
    let mut elsewhere = reported();
    let drain = elsewhere.drains(CHESS, "Bob", "phone", "sendrecv", 200);
    elsewhere.gets(&drain, &delivered("m0", CAROL).cpim(), 200);
    elsewhere.failed(&to_user());
}

#[test]
fn each_members_report_counts() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &aggregated(&[delivered("m0", CAROL), delivered("m0", ALICE)]), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &delivered("m0", CAROL).cpim(), 200);
    assert!(script.failed(&to_user()).observed.contains(ALICE));
    script.gets(&drain, &delivered("m0", ALICE).cpim(), 200);
    assert_eq!(script.met(&to_user()).0, 2);
}

#[test]
fn unseen_when_nobody_reported_or_the_target_takes_no_report() {
    let mut script = Script::new();
    script.invites(BOOKS, "Bob", 200);
    script.unseen(&to_user(), Blame::Harness);
    Script::new().unseen(&to_user(), Blame::Unknown);
    let mut closed = Script::new();
    closed.accept_wrapped = "text/plain";
    let focus = closed.invites(BOOKS, "Bob", 200);
    closed.sends(&focus, &delivered("m0", CAROL).cpim(), 415);
    closed.unseen(&to_user(), Blame::Configuration);
}

fn to_author() -> ReportReachesAuthor {
    ReportReachesAuthor {
        person: "Bob".to_owned(),
        group: BOOKS.to_owned(),
        about: "m1".to_owned(),
        kind: Disposition::Delivered,
    }
}

/// Alice's m1 is stored and drained; gives the focus's leg and the device's.
fn drained() -> (Script, Wire, Wire) {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let message = text("m1", ALICE, "one");
    script.sends(&focus, &message.cpim(), 200);
    script.registers("Bob", "phone");
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message.cpim(), 200);
    (script, focus, drain)
}

const AS_BOB: &str = "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\n";

#[test]
fn the_report_of_the_device_reaches_the_author_by_the_leg() {
    let (mut script, focus, drain) = drained();
    script.sends(&drain, &delivered("m1", BOB).cpim(), 200);
    script.undecided(&to_author());
    script.gets(&focus, &delivered("m1", BOB).cpim(), 200);
    assert_eq!(script.judge(&to_author(), Moment::Open).judgement, Judgement::Met { checks: 1 });
    assert_eq!(script.met(&to_author()), (1, vec![]));
    script.gets(&focus, &delivered("m1", BOB).cpim(), 200);
    assert_eq!(script.met(&to_author()).1[0].interpretation.as_deref(), Some("L14"));
}

#[test]
fn the_report_reaches_the_author_as_a_message_to_author_or_group() {
    for to in [ALICE, "sip:conf-books@focus.example.com"] {
        let (mut script, ..) = drained();
        script.pages(Sent, to, AS_BOB, &delivered("m1", BOB).cpim());
        script.undecided(&to_author());
        script.pages(Received, to, AS_BOB, &delivered("m1", BOB).cpim());
        script.met(&to_author());
    }
    let (mut script, focus, drain) = drained();
    script.sends(&drain, &delivered("m1", BOB).cpim(), 200);
    script.gets(&focus, &aggregated(&[delivered("m0", BOB), delivered("m1", BOB)]), 200);
    script.met(&to_author());
}

#[test]
fn broken_when_the_report_is_lost_or_goes_to_somebody_else() {
    let (mut script, focus, drain) = drained();
    script.sends(&drain, &delivered("m1", BOB).cpim(), 200);
    script.failed(&to_author());
    script.gets(&focus, &Notice { status: "failed", ..delivered("m1", BOB) }.cpim(), 200);
    script.failed(&to_author());
    script.pages(Received, CAROL, AS_BOB, &delivered("m1", BOB).cpim());
    script.failed(&to_author());
}

#[test]
fn a_report_on_what_never_came_is_the_targets() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    script.sends(&focus, &text("m1", ALICE, "one").cpim(), 200);
    script.failed(&to_author());
    let (script, ..) = drained();
    script.unseen(&to_author(), Blame::Harness);
    Script::new().unseen(&to_author(), Blame::Unknown);
}

#[test]
fn broken_when_the_message_came_without_the_wish_for_the_report() {
    let mut script = Script::new();
    let focus = script.invites(BOOKS, "Bob", 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    let asking = text("m1", ALICE, "one");
    script.sends(&focus, &asking.cpim(), 200);
    script.gets(&drain, &Text { asks: "display", ..asking.clone() }.cpim(), 200);
    assert!(script.failed(&to_author()).observed.contains("came without the wish"));
    script.gets(&drain, &asking.cpim(), 200);
    script.unseen(&to_author(), Blame::Harness);
}

fn no_premature() -> NoPrematureReport {
    NoPrematureReport { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

#[test]
fn stored_may_be_told_and_delivered_only_afterwards() {
    let (mut script, focus, _) = drained();
    script.gets(&focus, &Notice { status: "stored", ..delivered("m1", BOB) }.cpim(), 200);
    script.gets(&focus, &delivered("m1", BOB).cpim(), 200);
    script.undecided(&no_premature());
    assert_eq!(script.met(&no_premature()).0, 1);
}

#[test]
fn a_report_before_the_delivery_fails_at_once() {
    for status in ["delivered", "displayed"] {
        let mut script = Script::new();
        let focus = script.invites(BOOKS, "Bob", 200);
        let message = text("m1", ALICE, "one");
        script.sends(&focus, &message.cpim(), 200);
        script.gets(&focus, &Notice { status, ..delivered("m1", BOB) }.cpim(), 200);
        assert!(script.failed(&no_premature()).observed.contains("never delivered"));
        let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
        script.gets(&drain, &message.cpim(), 200);
        script.failed(&no_premature());
        assert!(matches!(script.judge(&no_premature(), Moment::Open).judgement, Judgement::Broken(_)));
    }
    let mut paged = Script::new();
    let focus = paged.invites(BOOKS, "Bob", 200);
    paged.sends(&focus, &text("m1", ALICE, "one").cpim(), 200);
    paged.pages(Received, ALICE, AS_BOB, &delivered("m1", BOB).cpim());
    paged.failed(&no_premature());
}

#[test]
fn the_report_of_another_user_is_not_ours() {
    let mut script = Script::new();
    let bobs = script.invites(BOOKS, "Bob", 200);
    let eves = script.invites(BOOKS, "Eve", 200);
    let message = text("m1", ALICE, "one");
    script.sends(&bobs, &message.cpim(), 200);
    script.sends(&eves, &message.cpim(), 200);
    script.gets(&eves, &delivered("m1", "sip:eve@example.com").cpim(), 200);
    script.met(&no_premature());
    script.failed(&NoPrematureReport { person: "Eve".to_owned(), ..no_premature() });
}

#[test]
fn nothing_stored_is_nothing_to_report_early() {
    let mut script = Script::new();
    script.invites(BOOKS, "Bob", 200);
    script.unseen(&no_premature(), Blame::Harness);
    Script::new().unseen(&no_premature(), Blame::Unknown);
    let mut refused = Script::new();
    refused.invites(BOOKS, "Bob", 480);
    refused.failed(&no_premature());
}

#[test]
fn a_session_that_takes_no_report_gets_none() {
    let rule = NoReportInSession { person: "Bob".to_owned(), group: BOOKS.to_owned() };
    let mut script = reported();
    script.accept_wrapped = "text/plain";
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.undecided(&rule);
    assert_eq!(script.met(&rule).0, 1);
    script.pages(Received, TO_PHONE, "", &delivered("m0", CAROL).cpim());
    script.met(&rule);
    script.gets(&drain, &delivered("m0", CAROL).cpim(), 415);
    script.failed(&rule);

    let mut open = reported();
    let drain = open.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    open.gets(&drain, &delivered("m0", CAROL).cpim(), 200);
    open.unseen(&rule, Blame::Harness);
}

#[test]
fn under_dropped_datagrams_a_missing_report_is_not_the_targets() {
    let mut script = reported();
    script.event(Event::Dropped { datagrams: 1 });
    let Judgement::Broken(finding) = script.judge(&to_user(), Moment::Closed).judgement else { panic!("not broken") };
    assert_eq!((finding.verdict, finding.blame), (FindingVerdict::Inconclusive, Blame::Harness));
}
