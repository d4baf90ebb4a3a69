//! Messages to several.

use super::{LUNCH, PHONE, Page, Post};
use crate::rules::messages::{ListReached, NotExploded};
use pretty_assertions::assert_eq;

const EXPLODER: &str = "sip:exploder@example.com";

fn rule() -> ListReached {
    ListReached { label: LUNCH.to_owned(), person: "Bob".to_owned() }
}

/// The envelope beside a list of this disposition.
fn beside(disposition: &str, members: &[&str]) -> (String, String) {
    let entries: String = members.iter().map(|uri| format!("<entry uri=\"{uri}\"/>")).collect();
    let envelope = "From: <sip:bob@example.com>\r\nTo: <sip:somebody@example.com>\r\n\
                    DateTime: 2026-01-02T03:04:05Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
                    imdn.Message-ID: m-lunch\r\n\r\nContent-Type: text/plain\r\n\r\nShall we?";
    let body = format!(
        "--b\r\nContent-Type: application/resource-lists+xml\r\nContent-Disposition: {disposition}\r\n\r\n\
         <?xml version=\"1.0\"?><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>{entries}</list>\
         </resource-lists>\r\n--b\r\nContent-Type: message/cpim\r\n\r\n{envelope}\r\n--b--\r\n"
    );
    ("multipart/mixed;boundary=b".to_owned(), body)
}

const ALICE: &str = "sip:alice@example.com";
const CAROL: &str = "sip:carol@example.com";
const DAVE: &str = "sip:dave@example.com";

fn to_list(members: &[&str]) -> Page {
    let body = Some(beside("recipient-list", members));
    Page { uri: EXPLODER.to_owned(), body, more: "Require: recipient-list-message\r\n".to_owned(), ..Page::of_bob() }
}

/// A copy as the target sends it to a member.
fn copy(uri: &str) -> Page {
    let mut copy = Page::of_bob().on_to(uri);
    copy.served = Page::of_bob().served;
    copy
}

fn exploded(members: &[&str], copies: &[Page]) -> Post {
    let mut post = Post::announced("Bob", &["Alice", "Carol"]);
    let sent = to_list(members);
    post.page(&sent, Some(202));
    for copy in copies {
        post.page(copy, Some(200));
    }
    post
}

#[test]
fn every_member_is_reached_once() {
    assert_eq!(exploded(&[ALICE, CAROL], &[copy(ALICE), copy(CAROL)]).met(&rule()).0, 2);
    // One who is named twice is one.
    assert_eq!(exploded(&[ALICE, CAROL, ALICE], &[copy(ALICE), copy(CAROL)]).met(&rule()).0, 2);
    let lacking = exploded(&[ALICE, CAROL], &[copy(CAROL)]);
    assert!(lacking.failed(&rule()).observed.contains("nothing went to sip:alice@example.com"));
    let twice = exploded(&[ALICE, CAROL], &[copy(ALICE), copy(CAROL), copy(ALICE)]);
    assert!(twice.failed(&rule()).observed.contains("in frame"));
    let stranger = exploded(&[ALICE, CAROL], &[copy(ALICE), copy(CAROL), copy(DAVE)]);
    assert!(stranger.failed(&rule()).observed.contains("sip:dave@example.com"));
}

#[test]
fn a_copy_has_the_message_and_no_list_to_be_sent_to() {
    let altered = Page { words: "Shall I?".to_owned(), ..copy(ALICE) };
    assert!(exploded(&[ALICE], &[altered]).failed(&rule()).observed.contains("octets"));
    let listed = Page { body: Some(beside("recipient-list", &[ALICE])), ..copy(ALICE) };
    assert!(exploded(&[ALICE], &[listed]).failed(&rule()).observed.contains("has a list of recipients"));
    let told = Page { body: Some(beside("recipient-list-history; handling=optional", &[ALICE])), ..copy(ALICE) };
    assert_eq!(exploded(&[ALICE], &[told]).met(&rule()).0, 1);
}

#[test]
fn the_exploder_may_make_the_copies() {
    let mut passed = to_list(&[ALICE, CAROL]).on_to(EXPLODER);
    passed.served = Page::of_bob().served;
    assert_eq!(exploded(&[ALICE, CAROL], &[passed.clone()]).met(&rule()).0, 2);
    // But not besides the target's own.
    assert!(exploded(&[ALICE, CAROL], &[passed, copy(ALICE)]).failed(&rule()).observed.contains("in frame"));
}

#[test]
fn a_copy_for_the_user_goes_to_nobody_else() {
    let rule = NotExploded { label: LUNCH.to_owned(), person: "Bob".to_owned() };
    let body = Some(beside("recipient-list-history", &[CAROL]));
    let sent = Page { body, ..Page::to_bob() };
    let mut post = Post::announced("Alice", &["Bob"]);
    post.page(&sent, Some(200));
    post.page(&sent.on_to(PHONE), Some(200));
    assert_eq!(post.met(&rule).0, 1);
    let mut on = sent.on_to(CAROL);
    on.served = Page::of_bob().served;
    post.page(&on, Some(200));
    assert!(post.failed(&rule).observed.contains(CAROL));
}
