//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another legal
//! way.

mod failing;
mod reaching;
mod sweep;

use crate::evidence::Direction::{Received, Sent};
use crate::rules::messages::tests::{PHONE, Page, Post};
use crate::rules::missed_group_content::tests::script::delivered;

/// What stands in requests of Bob's devices.
pub const ORIG: &str = "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\n";
/// What stands in requests to Bob.
pub const TERM: &str = "P-Served-User: <sip:bob@example.com>;sescase=term;regstate=reg\r\n";

/// Alice's message has come to Bob's phone.
pub fn arrived() -> Post {
    Post::comes(&asking().on_to(PHONE))
}

/// Alice's message, which asks for everything.
pub fn asking() -> Page {
    Page::to_bob()
}

/// A report of Bob's devices on Alice's message.
pub fn reports(post: &mut Post, status: &'static str) -> u64 {
    let mut notice = delivered("m-lunch", "sip:bob@example.com");
    notice.status = status;
    post.pages(Sent, "sip:alice@example.com", ORIG, &notice.cpim())
}

/// What the target tells Alice.
pub fn tells(post: &mut Post, about: &'static str, status: &'static str) -> u64 {
    let mut notice = delivered(about, "sip:bob@example.com");
    notice.status = status;
    post.pages(Received, "sip:alice@example.com", ORIG, &notice.cpim())
}
