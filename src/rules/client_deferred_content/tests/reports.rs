use super::super::{DisplayedAfterOpening, NoReportOnReport, ReportsDelivered};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::rules::{Judgement, Moment};
use crate::verdict::Blame;

const BOB: &str = "sip:bob@example.com";

fn reports() -> ReportsDelivered {
    ReportsDelivered { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn displayed() -> DisplayedAfterOpening {
    DisplayedAfterOpening { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn none_on_reports() -> NoReportOnReport {
    NoReportOnReport { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn on(about: &'static str, status: &'static str) -> String {
    Notice { about, status, from: BOB }.cpim()
}

/// Two messages that ask for both reports, and one that asks for none.
fn drained() -> (Script, super::super::super::missed_group_content::tests::script::Wire) {
    let mut script = Script::new();
    let drain = script.drains();
    script.sends(&drain, &text("m1", ALICE, "one").cpim(), 200);
    script.sends(&drain, &text("m2", CAROL, "two").cpim(), 200);
    let mut quiet = text("m3", CAROL, "three");
    quiet.asks = "";
    script.sends(&drain, &quiet.cpim(), 200);
    (script, drain)
}

#[test]
fn each_message_that_asks_is_reported_by_session_or_by_message() {
    let (mut script, drain) = drained();
    script.says(&drain, &on("m1", "delivered"));
    script.undecided(&reports());
    script.pages(Received, &on("m2", "delivered"));
    assert_eq!(script.judge(&reports(), Moment::Open).judgement, Judgement::Met { checks: 2 });
    assert_eq!(script.met(&reports()), 2);
}

#[test]
fn a_message_that_is_not_reported_fails() {
    let (mut script, drain) = drained();
    script.says(&drain, &on("m2", "delivered"));
    script.says(&drain, &on("m1", "displayed"));
    assert!(script.failed(&reports()).contains("sent no such report"));
    script.says(&drain, &on("m1", "failed"));
    assert!(script.failed(&reports()).contains("as failed"));
}

#[test]
fn a_report_that_may_have_been_lost_with_its_session_cannot_be_told() {
    let (mut script, drain) = drained();
    script.says(&drain, &on("m1", "delivered"));
    script.loses(&drain);
    script.undecided(&reports());
    script.outside(&reports(), "L04");
    script.pages(Received, &on("m2", "delivered"));
    script.met(&reports());
}

#[test]
fn a_report_under_another_message_id_fails() {
    let (mut script, drain) = drained();
    script.says(&drain, &on("m1", "delivered"));
    script.says(&drain, &on("m7", "delivered"));
    assert!(script.failed(&reports()).contains("m7"));
}

#[test]
fn a_report_goes_to_the_author_or_to_the_group() {
    let (mut script, drain) = drained();
    let to = |uri: &str, report: String| report.replace("sip:anonymous@anonymous.invalid", uri);
    script.says(&drain, &to(ALICE, on("m1", "delivered")));
    let mut astray = script.clone();
    script.says(&drain, &to("sip:conf-books@focus.example.com", on("m2", "delivered")));
    assert_eq!(script.met(&reports()), 2);
    astray.says(&drain, &to(ALICE, on("m2", "delivered")));
    assert!(astray.failed(&reports()).contains("addressed to Alice"));
    astray.acts("open");
    astray.says(&drain, &to(CAROL, on("m1", "displayed")));
    assert!(astray.failed(&displayed()).contains("addressed to Carol"));
}

#[test]
fn a_report_that_nobody_asked_for_fails() {
    let (mut script, drain) = drained();
    for about in ["m1", "m2", "m3"] {
        script.says(&drain, &on(about, "delivered"));
    }
    script.failed(&reports());
}

#[test]
fn a_report_comes_once_unless_the_message_came_twice_or_the_first_was_not_answered() {
    let (mut script, drain) = drained();
    script.says(&drain, &on("m2", "delivered"));
    let mut unsure = script.clone();
    script.says(&drain, &on("m1", "delivered"));
    let mut again = script.clone();
    script.says(&drain, &on("m1", "delivered"));
    script.failed(&reports());

    again.sends(&drain, &text("m1", ALICE, "one").cpim(), 200);
    again.says(&drain, &on("m1", "delivered"));
    let (checks, warnings) = again.warned(&reports());
    assert_eq!((checks, warnings.len()), (2, 1));
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L14"));

    unsure.send(&drain, Received, "message/cpim", &on("m1", "delivered"), 0);
    unsure.pages(Received, &on("m1", "delivered"));
    assert_eq!(unsure.warned(&reports()).1.len(), 1);
}

#[test]
fn unseen_when_no_message_asks_and_failed_when_none_is_taken() {
    let mut quiet = Script::new();
    let drain = quiet.drains();
    let mut message = text("m1", ALICE, "one");
    message.asks = "";
    quiet.sends(&drain, &message.cpim(), 200);
    quiet.acts("open");
    quiet.unseen(&reports(), Blame::Harness);
    quiet.unseen(&displayed(), Blame::Harness);

    let mut refused = Script::new();
    refused.offers(&Offer { status: 603, ..Offer::default() });
    refused.failed(&reports());
}

#[test]
fn messages_are_displayed_when_the_user_opens_the_chat() {
    let (mut script, drain) = drained();
    script.says(&drain, &on("m1", "delivered"));
    script.undecided(&displayed());
    script.unseen(&displayed(), Blame::Harness);
    script.acts("open");
    script.says(&drain, &on("m1", "displayed"));
    script.undecided(&displayed());
    script.pages(Received, &on("m2", "displayed"));
    assert_eq!(script.met(&displayed()), 2);
    // What comes into an open chat may be displayed at once, or later.
    script.sends(&drain, &text("m4", ALICE, "four").cpim(), 200);
    script.met(&displayed());
    script.says(&drain, &on("m4", "displayed"));
    script.met(&displayed());
}

#[test]
fn a_message_that_is_displayed_too_soon_or_never_fails() {
    let (mut soon, drain) = drained();
    soon.says(&drain, &on("m1", "displayed"));
    let finding = soon.failed(&displayed());
    assert!(finding.contains("never opened"), "{finding}");
    assert!(matches!(soon.judge(&displayed(), Moment::Open).judgement, Judgement::Broken(_)));
    soon.acts("open");
    soon.says(&drain, &on("m2", "displayed"));
    assert!(soon.failed(&displayed()).contains("opened in frame"));

    let (mut never, drain) = drained();
    never.acts("open");
    never.says(&drain, &on("m1", "displayed"));
    assert!(never.failed(&displayed()).contains("no such report"));
}

#[test]
fn a_display_that_nobody_asked_for_or_of_no_message_fails() {
    for about in ["m3", "m9"] {
        let (mut script, drain) = drained();
        script.acts("open");
        for about in ["m1", "m2", about] {
            script.says(&drain, &on(about, "displayed"));
        }
        script.failed(&displayed());
    }
}

#[test]
fn a_report_on_a_message_of_another_scenario_is_late_and_one_of_this_scenario_is_on_a_message() {
    for (about, accused) in [("s16r00ab-1", false), ("s20r00ab-9", true), ("s16r00cd-1", true)] {
        let mut script = Script::new();
        let drain = script.drains();
        script.sends(&drain, &text("s20r00ab-1", ALICE, "one").cpim(), 200);
        script.pages(Received, &on(about, "delivered"));
        script.says(&drain, &on("s20r00ab-1", "delivered"));
        match accused {
            true => assert!(script.failed(&reports()).contains("no such message was sent")),
            false => assert_eq!(script.met(&reports()), 1),
        }
    }
}

#[test]
fn a_notification_is_not_reported_on() {
    let (mut script, drain) = drained();
    script.says(&drain, &on("m1", "delivered"));
    script.unseen(&none_on_reports(), Blame::Harness);
    script.sends(&drain, &delivered("m0", CAROL).cpim(), 200);
    script.undecided(&none_on_reports());
    assert_eq!(script.met(&none_on_reports()), 1);
    script.pages(Sent, &Notice { about: "m0", status: "displayed", from: CAROL }.cpim());
    assert_eq!(script.met(&none_on_reports()), 2);
}

#[test]
fn a_report_on_a_notification_fails_at_once() {
    let (mut script, drain) = drained();
    script.sends(&drain, &delivered("m0", CAROL).cpim(), 200);
    script.pages(Received, &on("n-m0-delivered", "delivered"));
    assert!(matches!(script.judge(&none_on_reports(), Moment::Open).judgement, Judgement::Broken(_)));
    assert!(script.failed(&none_on_reports()).contains("n-m0-delivered"));
}

#[test]
fn notifications_that_were_not_taken_prove_nothing() {
    let (mut script, drain) = drained();
    script.sends(&drain, &delivered("m0", CAROL).cpim(), 415);
    script.unseen(&none_on_reports(), Blame::Target);
}
