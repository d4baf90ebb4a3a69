//! What is put into the store, and what is not.

use super::{DIRECTION, TIME, WORDS, delivered, keeps, keeps_in, object, right};
use crate::rules::conversation_history::{Kept, KeptOnce, NothingKept, ReportKept, SessionKept};
use crate::rules::messages::tests::{LUNCH, Page, Post};
use crate::rules::missed_group_content::tests::script::BOOKS;
use crate::rules::{Judgement, Moment};
use crate::story::content::Disposition;
use pretty_assertions::assert_eq;

fn kept() -> Kept {
    Kept { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn once() -> KeptOnce {
    KeptOnce { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn nothing(person: &str) -> NothingKept {
    NothingKept { label: LUNCH.to_owned(), person: person.to_owned() }
}

/// The message came, and this object was put into the store.
fn with(object: &str) -> Post {
    let mut post = delivered();
    keeps(&mut post, "bob@example.com", object, "OK");
    post
}

#[test]
fn what_was_said_is_kept_with_all_that_belongs_to_it() {
    assert_eq!(with(&right()).met(&kept()), (5, Vec::new()));
    // Its parts may stand elsewhere: text alone, with all else in the head; or in a body that is coded.
    let plain = format!(
        "From: Alice <sip:alice@example.com>\r\nTo: sip:bob@example.com\r\nDate: Fri, 2 Jan 2026 04:04:05 +0100\r\n\
         IMDN-Message-ID: m-lunch\r\n{DIRECTION}Content-Type: text/plain\r\n\r\n{WORDS}"
    );
    assert_eq!(with(&plain).met(&kept()), (5, Vec::new()));
    let coded = plain.replace(
        &format!("Content-Type: text/plain\r\n\r\n{WORDS}"),
        "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nU2hhbGwgd2U/",
    );
    assert_eq!(with(&coded).met(&kept()), (5, Vec::new()));
    let untold = object("", "sip:alice@example.com", TIME, "m-lunch", WORDS);
    let (_, warnings) = with(&untold).met(&kept());
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L22"));
}

#[test]
fn what_is_missing_or_other_is_not_kept() {
    let alice = "sip:alice@example.com";
    for (wrong, told) in [
        (object(DIRECTION, "sip:mallory@example.com", TIME, "m-lunch", WORDS), "mallory"),
        (object(DIRECTION, alice, "2026-01-02T03:05:05Z", "m-lunch", WORDS), "another time"),
        (object(DIRECTION, alice, TIME, "m-lunch", "Shall I?"), "other words"),
        (object("Message-Direction: sent\r\n", alice, TIME, "m-lunch", WORDS), "says sent"),
        (object(DIRECTION, alice, TIME, "m-other", WORDS), "no object with its message id"),
    ] {
        let finding = with(&wrong).failed(&kept());
        assert!(finding.observed.contains(told), "{told}: {}", finding.observed);
    }
    assert!(delivered().failed(&kept()).observed.contains("no object"));
    let mut refused = delivered();
    keeps(&mut refused, "bob@example.com", &right(), "NO");
    assert!(refused.failed(&kept()).observed.contains("has not taken"));
    let mut of_eve = delivered();
    keeps(&mut of_eve, "eve@example.com", &right(), "OK");
    of_eve.failed(&kept());
    let unsaid = Post::announced("Alice", &["Bob"]).judge(&kept(), Moment::Closed).judgement;
    assert!(matches!(unsaid, Judgement::Unseen { .. }));
}

#[test]
fn who_acts_under_a_name_of_its_own_tells_by_the_object_whose_it_is() {
    let mut post = delivered();
    keeps(&mut post, "function", &right(), "OK");
    assert_eq!(post.met(&kept()).0, 5);
    post.failed(&nothing("Bob"));
    assert_eq!(post.met(&nothing("Eve")).0, 1);
}

#[test]
fn a_second_object_is_one_too_many() {
    let mut twice = with(&right());
    keeps(&mut twice, "bob@example.com", &right(), "OK");
    assert_eq!(twice.met(&kept()).1[0].interpretation.as_deref(), Some("L14"));
    assert!(twice.failed(&once()).observed.contains("and by frame"));
    assert_eq!(with(&right()).met(&once()).0, 5);
    assert_eq!(with(&right()).judge(&once(), Moment::Open).judgement, Judgement::Undecided);
    // What the store did not take, and is put there again, is there once.
    let mut again = delivered();
    keeps(&mut again, "bob@example.com", &right(), "NO");
    keeps(&mut again, "bob@example.com", &right(), "OK");
    assert_eq!(again.met(&once()).0, 5);
}

#[test]
fn nothing_is_nothing_even_where_the_store_refuses() {
    assert_eq!(delivered().met(&nothing("Bob")).0, 1);
    assert_eq!(delivered().judge(&nothing("Bob"), Moment::Open).judgement, Judgement::Undecided);
    let mut tried = delivered();
    keeps(&mut tried, "bob@example.com", &right(), "NO");
    assert!(tried.failed(&nothing("Bob")).observed.contains("put there"));
    let disguised = object(DIRECTION, "sip:alice@example.com", TIME, "m-other", WORDS);
    with(&disguised).failed(&nothing("Bob"));
}

#[test]
fn a_notification_is_kept_beside_its_message() {
    let rule = ReportKept { label: LUNCH.to_owned(), person: "Bob".to_owned(), kind: Disposition::Delivered };
    let report = |about: &str| {
        format!(
            "From: <sip:bob@example.com>\r\nTo: <sip:alice@example.com>\r\nMessage-Direction: sent\r\n\
             Content-Type: message/cpim\r\n\r\nFrom: <sip:bob@example.com>\r\nTo: <sip:alice@example.com>\r\n\
             DateTime: {TIME}\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m-report\r\n\r\n\
             Content-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n\
             <imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id>{about}</message-id><datetime>{TIME}</datetime>\
             <delivery-notification><status><delivered/></status></delivery-notification></imdn>"
        )
    };
    assert_eq!(with(&report("m-lunch")).met(&rule).0, 1);
    with(&report("m-other")).failed(&rule);
    with(&right()).failed(&rule);
    // It is not the message.
    with(&report("m-lunch")).failed(&kept());
}

#[test]
fn a_session_is_recognised_by_its_contribution() {
    let rule = SessionKept { session: BOOKS.to_owned(), person: "Bob".to_owned() };
    let named = right().replace("contribution-lunch", "contribution-books");
    let info = "From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\nContribution-ID: contribution-books\r\n\
                Content-Type: Application/X-CPM-Session\r\n\r\n<session/>";
    let (checks, warnings) = with(&named).met(&rule);
    assert!(checks == 1 && warnings.iter().all(|one| one.interpretation.as_deref() == Some("L22")));
    let mut described = with(&named);
    keeps(&mut described, "bob@example.com", info, "OK");
    assert_eq!(described.met(&rule).1.len() + 1, warnings.len());
    assert!(delivered().failed(&rule).observed.contains("no object"));
    // Its folder may name it, unless its head names another one.
    let folder = |head: &str| {
        let mut post = delivered();
        let object = right().replace("Contribution-ID: contribution-lunch\r\n", head);
        keeps_in(&mut post, "conversation-books/contribution-books", "bob@example.com", &object, "OK");
        post
    };
    assert_eq!(folder("").met(&rule).0, 1);
    folder("Contribution-ID: xxxx\r\n").failed(&rule);
}

#[test]
fn the_way_of_a_message_is_that_of_its_user() {
    let mut post = Post::announced("Bob", &["Alice"]);
    post.page(&Page::of_bob(), Some(200));
    let own = |head: &str| object(head, "sip:bob@example.com", TIME, "m-lunch", WORDS);
    keeps(&mut post, "bob@example.com", &own("Message-Direction: sent\r\n"), "OK");
    assert_eq!(post.met(&kept()), (5, Vec::new()));
    let mut wrong = Post::announced("Bob", &["Alice"]);
    wrong.page(&Page::of_bob(), Some(200));
    keeps(&mut wrong, "bob@example.com", &own(DIRECTION), "OK");
    assert!(wrong.failed(&kept()).observed.contains("says received"));
}
