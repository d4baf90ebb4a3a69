//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another legal
//! way.

mod sweep;
mod way;

use crate::evidence::{Direction, Event, Protocol};
use crate::rules::messages::tests::{PHONE, Page, Post};

/// The words of the message.
pub const WORDS: &str = "Shall we?";

/// Alice writes to Bob, whose phone gets it.
pub fn delivered() -> Post {
    let mut post = Post::comes(&Page::to_bob().on_to(PHONE));
    post.event(Event::Person {
        name: "Eve".to_owned(),
        served: true,
        identities: vec!["sip:eve@example.com".to_owned()],
        class: None,
    });
    post
}

/// An object of a message store, as its owner may find it.
pub fn object(head: &str, from: &str, date_time: &str, id: &str, words: &str) -> String {
    format!(
        "From: <{from}>\r\nTo: <sip:bob@example.com>\r\nConversation-ID: conversation-lunch\r\n\
         Contribution-ID: contribution-lunch\r\nIMDN-Message-ID: {id}\r\n{head}Content-Type: message/cpim\r\n\r\n\
         From: <{from}>\r\nTo: <sip:bob@example.com>\r\nDateTime: {date_time}\r\nNS: imdn <urn:ietf:params:imdn>\r\n\
         imdn.Message-ID: {id}\r\n\r\nContent-Type: text/plain\r\n\r\n{words}"
    )
}

/// What Alice wrote.
pub fn right() -> String {
    object(DIRECTION, "sip:alice@example.com", TIME, "m-lunch", WORDS)
}

pub const DIRECTION: &str = "Message-Direction: received\r\n";
pub const TIME: &str = "2026-01-02T03:04:05Z";

/// The target puts an object into the store as this user, and hears this.
pub fn keeps(post: &mut Post, user: &str, object: &str, outcome: &str) {
    keeps_in(post, "conversation-lunch/contribution-lunch", user, object, outcome);
}

/// The same in this folder.
pub fn keeps_in(post: &mut Post, folder: &str, user: &str, object: &str, outcome: &str) {
    // A connection for each object.
    let port = post.frame();
    let append = format!("a1 LOGIN {user} \"\"\r\na2 APPEND \"{folder}\" {{{}+}}\r\n{object}\r\n", object.len());
    let mut says = |direction: Direction, octets: String| {
        post.octets(Protocol::Imap, "message_store", Some(port), direction, octets);
    };
    says(Direction::Received, append);
    says(Direction::Sent, format!("a1 OK logged in\r\na2 {outcome} done\r\n"));
}
