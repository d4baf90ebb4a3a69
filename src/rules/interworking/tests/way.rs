//! What goes to the interworking function, and what comes of it.

use super::{FUNCTION, announced, on_its_route, refused};
use crate::rules::interworking::{FailsWell, Interworked, NotInterworked, Precedence, Terminated, Told, Unnamed};
use crate::rules::messages::tests::{LUNCH, PHONE, Page, Post};
use crate::rules::missed_group_content::tests::script::stating;
use crate::rules::{Judgement, Moment, Rule};
use pretty_assertions::assert_eq;

fn interworked() -> Interworked {
    Interworked { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn not_interworked() -> NotInterworked {
    NotInterworked { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn fails_well() -> FailsWell {
    FailsWell { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn precedence(wished: bool) -> Precedence {
    Precedence { label: LUNCH.to_owned(), person: "Bob".to_owned(), wished }
}

fn on() -> Page {
    on_its_route(&Page::to_bob())
}

/// What a rule says under another answer of the statement.
fn under(post: &Post, rule: &dyn Rule, key: &str, value: serde_json::Value) -> Judgement {
    post.judge_with(rule, &stating(key, value)).judgement
}

#[test]
fn what_is_refused_with_a_code_of_the_list_goes_on_as_it_was() {
    let to_it = Page { uri: FUNCTION.to_owned(), more: String::new(), ..on() };
    let called = Page { more: "P-Called-Party-ID: <sip:bob@example.com>\r\n".to_owned(), ..to_it };
    for gone in [on(), called] {
        assert_eq!(refused(404, Some((&gone, 200)), Some(200)).met(&interworked()), (3, Vec::new()));
    }
    let mut wrong = [on(), on(), on()];
    wrong[0].words = "Shall I?".to_owned();
    wrong[1].contribution = "contribution-other".to_owned();
    wrong[2].message_id = "m-other".to_owned();
    for (gone, told) in wrong.iter().zip(["octets", "Contribution-ID", "message id m-other"]) {
        let finding = refused(404, Some((gone, 200)), Some(200)).failed(&interworked());
        assert!(finding.observed.contains(told), "{told}: {}", finding.observed);
    }
    let nobody = Page { uri: FUNCTION.to_owned(), ..on() };
    assert!(refused(404, Some((&nobody, 200)), Some(200)).failed(&interworked()).observed.contains("names"));
}

#[test]
fn what_stays_where_it_is_or_is_told_wrongly_is_not_interworked() {
    assert!(refused(404, None, Some(404)).failed(&interworked()).observed.contains("nothing went on"));
    assert!(refused(404, Some((&on(), 200)), Some(404)).failed(&interworked()).observed.contains("took it"));
    assert!(refused(404, Some((&on(), 200)), None).failed(&interworked()).observed.contains("never answered"));
    // Who may be there later may have it kept.
    refused(480, None, Some(202)).outside(&interworked(), "L12");
    let told_twice = {
        let mut post = refused(404, Some((&on(), 200)), None);
        post.page(&Page { call_id: "call-again".to_owned(), ..on() }, Some(200));
        post.answered(&Page::to_bob(), "page-1", 200);
        post
    };
    assert_eq!(told_twice.met(&interworked()).1.len(), 1);
    let unseen = |post: Post| matches!(post.judge(&interworked(), Moment::Closed).judgement, Judgement::Unseen { .. });
    assert!(unseen(refused(486, Some((&on(), 200)), Some(200))));
    assert!(unseen(refused(404, Some((&on(), 404)), Some(404))));
}

#[test]
fn another_code_leads_nowhere_and_an_extra_one_is_worth_a_word() {
    let rule = not_interworked();
    assert_eq!(refused(486, None, Some(486)).judge(&rule, Moment::Open).judgement, Judgement::Undecided);
    assert_eq!(refused(486, None, Some(486)).met(&rule), (1, Vec::new()));
    let extra = refused(486, Some((&on(), 200)), Some(200));
    let (_, warnings) = extra.met(&rule);
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L20"));
    let declared = under(&extra, &rule, "iwf_codes", serde_json::json!([404]));
    assert!(matches!(declared, Judgement::Broken(finding) if finding.observed.contains("after a 486")));
    assert!(refused(486, None, None).failed(&rule).observed.contains("never answered"));
    let listed = refused(404, None, Some(404)).judge(&rule, Moment::Closed).judgement;
    assert!(matches!(listed, Judgement::Unseen { .. }));
    let mut untried = announced("Alice", "Bob");
    untried.page(&Page::to_bob(), Some(486));
    assert!(untried.failed(&rule).observed.contains("nobody was asked"));
}

#[test]
fn where_the_interworking_function_refuses_one_of_two_refusals_is_heard() {
    for (heard, warnings) in [(404, 0), (503, 0), (500, 1)] {
        let post = refused(404, Some((&on(), 503)), Some(heard));
        let (checks, warned) = post.met(&fails_well());
        assert_eq!((checks, warned.len()), (2, warnings), "{heard}");
    }
    assert!(refused(404, Some((&on(), 503)), Some(200)).failed(&fails_well()).observed.contains("answered 200"));
    refused(404, Some((&on(), 503)), Some(202)).outside(&fails_well(), "L12");
    assert!(refused(404, None, Some(404)).failed(&fails_well()).observed.contains("nothing went on"));
    let taken = refused(404, Some((&on(), 200)), Some(200)).judge(&fails_well(), Moment::Closed).judgement;
    assert!(matches!(taken, Judgement::Unseen { .. }));
}

#[test]
fn what_comes_first_for_who_is_offline_is_the_statements_to_say() {
    let kept = || {
        let mut post = announced("Alice", "Bob");
        post.page(&Page::to_bob(), Some(202));
        post
    };
    let gone = || {
        let mut post = announced("Alice", "Bob");
        let branch = post.page(&Page::to_bob(), None);
        post.page(&on(), Some(200));
        post.answered(&Page::to_bob(), &branch, 200);
        post
    };
    assert_eq!(kept().met(&precedence(false)).0, 2);
    assert_eq!(gone().met(&precedence(true)).0, 2);
    assert!(kept().failed(&precedence(true)).observed.contains("nothing went on"));
    assert!(gone().failed(&precedence(false)).observed.contains("it went"));
    let first = |post: &Post, word: &str, wished: bool| {
        under(post, &precedence(wished), "offline_precedence", serde_json::json!(word))
    };
    assert_eq!(first(&gone(), "interworking", false), Judgement::Met { checks: 2 });
    assert_eq!(first(&kept(), "deferral", true), Judgement::Met { checks: 2 });
    assert!(matches!(first(&kept(), "interworking", false), Judgement::Broken(_)));
}

/// Word about Bob's message to Alice, in this status.
fn word(page: &Page, status: &str) -> Page {
    let document = format!(
        "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>m-lunch</message-id>\
         <datetime>2026-01-02T03:04:05Z</datetime><recipient-uri>sip:alice@example.com</recipient-uri>\
         <interworking-notification><status><{status}/></status></interworking-notification></imdn>"
    );
    let envelope = format!(
        "From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\nDateTime: 2026-01-02T03:04:06Z\r\n\
         NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m-word\r\n\r\nContent-Type: message/imdn+xml\r\n\
         Content-Disposition: notification\r\n\r\n{document}"
    );
    let contribution = "contribution-word".to_owned();
    Page { body: Some(("message/cpim".to_owned(), envelope)), contribution, ..page.clone() }
}

#[test]
fn word_of_the_interworking_function_comes_to_the_author_and_says_the_same() {
    let rule = Told { person: "Bob".to_owned(), label: LUNCH.to_owned() };
    let told = |came: Option<&str>| {
        let mut post = announced("Bob", "Alice");
        post.page(&Page::of_bob(), Some(200));
        let sent = word(&Page { call_id: "call-word".to_owned(), ..Page::to_bob() }, "legacy-sms");
        let branch = post.page(&sent, None);
        if let Some(status) = came {
            post.page(&word(&Page::to_bob().on_to(PHONE), status), Some(200));
        }
        post.answered(&sent, &branch, 200);
        post
    };
    assert_eq!(told(Some("legacy-sms")).met(&rule).0, 2);
    assert!(told(Some("legacy-mms")).failed(&rule).observed.contains("legacy-mms"));
    assert!(told(None).failed(&rule).observed.contains("never came"));
    let unsaid = announced("Bob", "Alice").judge(&rule, Moment::Closed).judgement;
    assert!(matches!(unsaid, Judgement::Unseen { .. }));
}

#[test]
fn what_comes_from_another_service_ends_as_cpm() {
    let (label, person) = (LUNCH.to_owned(), "Bob".to_owned());
    let rule = Terminated { label, person, device: "phone".to_owned() };
    let sent = Page { asserted: "<tel:+4930123>".to_owned(), from: "tel:+4930123".to_owned(), ..Page::to_bob() };
    let through = |came: &Page| {
        let mut post = announced("Alice", "Bob");
        let branch = post.page(&sent, None);
        post.page(came, Some(200));
        post.answered(&sent, &branch, 200);
        post
    };
    assert_eq!(through(&sent.on_to(PHONE)).met(&rule).0, 3);
    let other = Page { asserted: "<tel:+4930456>".to_owned(), ..sent.on_to(PHONE) };
    assert!(through(&other).failed(&rule).observed.contains("P-Asserted-Identity"));
    let mut lost = announced("Alice", "Bob");
    lost.page(&sent, Some(200));
    assert!(lost.failed(&rule).observed.contains("nothing of it came"));
}

#[test]
fn without_names_it_is_refused_or_delivered() {
    let rule = Unnamed { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    let sent = Page { contribution: String::new(), ..Page::to_bob() };
    for (status, right) in [(400, true), (404, true), (500, false), (200, false)] {
        let mut post = announced("Alice", "Bob");
        post.page(&sent, Some(status));
        match right {
            true => assert_eq!(post.met(&rule).0, 1),
            false => assert!(post.failed(&rule).observed.contains("nothing of it came")),
        }
    }
    for (contribution, warnings) in [("", 1), ("made-by-the-target", 1)] {
        let mut post = announced("Alice", "Bob");
        let branch = post.page(&sent, None);
        post.page(&Page { contribution: contribution.to_owned(), ..sent.on_to(PHONE) }, Some(200));
        post.answered(&sent, &branch, 200);
        assert_eq!(post.met(&rule).1.len(), warnings, "{contribution}");
    }
}
