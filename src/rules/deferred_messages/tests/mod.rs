//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another legal
//! way.

mod delivery;
mod sweep;
mod waiting;

use crate::evidence::Direction::{Received, Sent};
use crate::evidence::Event;
use crate::rules::messages::tests::{LUNCH, Page, Post};
use crate::rules::missed_group_content::tests::script::octets::Request;
use crate::rules::missed_group_content::tests::script::{BOOKS, Wire};

/// The Contribution-ID of the message, which is that of a group in the script, so that a device can call with it.
const CONTRIBUTION: &str = "contribution-books";

/// Alice's message to Bob.
pub fn page() -> Page {
    Page { contribution: CONTRIBUTION.to_owned(), ..Page::to_bob() }
}

/// The envelope of a message that asks to be told of this.
pub fn asking(words: &str, asks: &str) -> Option<(String, String)> {
    let envelope = format!(
        "From: <sip:alice@example.com>\r\nTo: <sip:bob@example.com>\r\nDateTime: 2026-01-02T03:04:05Z\r\n\
         NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: m-lunch\r\nimdn.Disposition-Notification: {asks}\r\n\r\n\
         Content-Type: text/plain\r\n\r\n{words}"
    );
    Some(("message/cpim".to_owned(), envelope))
}

/// Alice writes to Bob, whose phone was there once; the answer is this.
pub fn written(page: &Page, status: Option<u16>) -> Post {
    let mut post = Post::announced("Alice", &["Bob"]);
    post.event(Event::Standalone {
        label: LUNCH.to_owned(),
        message_id: Some("m-lunch".to_owned()),
        contribution: CONTRIBUTION.to_owned(),
        conversation: "conversation-books".to_owned(),
        author: "Alice".to_owned(),
        to: vec!["Bob".to_owned()],
    });
    post.page(page, status);
    post
}

/// The same, taken.
pub fn kept() -> Post {
    written(&page(), Some(202))
}

/// A device asks to be told what waits; gives the Call-ID.
pub fn watches(post: &mut Post, device: &str, port: u16) -> String {
    let n = post.upcoming() + 700;
    let request = Request::new("SUBSCRIBE", "sip:bob@example.com", n).headers(&format!(
        "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\nEvent: deferred-messages\r\nExpires: 3600\r\n\
         Contact: <sip:bob@192.0.2.10:{port}>;+sip.instance=\"<urn:uuid:bob-{device}>\"\r\n"
    ));
    post.sip(Sent, request.octets());
    post.sip(Received, request.answer(200, "Expires: 3600\r\n", ""));
    format!("call-{n}")
}

/// Word to a device: in the subscription with this Call-ID, or in none.
pub fn word(post: &mut Post, call_id: Option<&str>, port: u16, body: &str) -> u64 {
    let n = post.frame();
    let (call_id, tag) = call_id.map_or((format!("word-{n}"), ""), |call_id| (call_id.to_owned(), ";tag=tag-a"));
    let octets = format!(
        "NOTIFY sip:bob@192.0.2.10:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKword{n}\r\n\
         From: <sip:bob@example.com>;tag=tag-b\r\nTo: <sip:bob@example.com>{tag}\r\nCall-ID: {call_id}\r\nCSeq: {n} NOTIFY\r\n\
         Max-Forwards: 70\r\nEvent: deferred-messages\r\nSubscription-State: active;expires=600\r\n\
         Contact: <sip:target.example.com>\r\nContent-Type: application/x-cpm-deferred-messages+xml\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    post.sip(Received, octets)
}

/// The ledger's document about the message, in this state.
pub fn document(status: &str) -> String {
    format!(
        "<deferred-messages xmlns=\"urn:cpm-conformance:deferred-messages\" user=\"sip:bob@example.com\">\
         <message message-id=\"m-lunch\" contribution-id=\"{CONTRIBUTION}\" status=\"{status}\"/></deferred-messages>"
    )
}

/// A device asks for the message, and gets this answer.
pub fn fetches(post: &mut Post, device: &str, status: u16) -> Wire {
    post.originates("sip:deferred@example.com", BOOKS, "Bob", device, None, status)
}
