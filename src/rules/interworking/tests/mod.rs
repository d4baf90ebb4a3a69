//! Each rule with evidence that meets it, that breaks it, that never put it to the test, and that is merely another legal
//! way.

mod sweep;
mod way;

use crate::evidence::Event;
use crate::rules::messages::tests::{PHONE, Page, Post};

/// Where the interworking function is.
const FUNCTION: &str = "sip:iwf@example.com";

/// There is an interworking function, and a message is announced.
pub fn announced(author: &str, to: &str) -> Post {
    let mut post = Post::announced(author, &[to]);
    post.event(Event::InterworkingFunction { identity: FUNCTION.to_owned() });
    post
}

/// As the target sends a message to the interworking function: by its route.
pub fn on_its_route(page: &Page) -> Page {
    let on = page.on_to(&page.uri);
    let more = format!("Route: <sip:cscf@192.0.2.10;lr>\r\nRoute: <{FUNCTION};lr>\r\n");
    Page { more, call_id: "call-function".to_owned(), ..on }
}

/// Alice writes to Bob, whose phone refuses with this; what goes to the interworking function is this, and gets this answer; and
/// the sender hears that.
pub fn refused(phone: u16, gone: Option<(&Page, u16)>, heard: Option<u16>) -> Post {
    let mut post = announced("Alice", "Bob");
    let branch = post.page(&Page::to_bob(), None);
    post.page(&Page::to_bob().on_to(PHONE), Some(phone));
    if let Some((page, answer)) = gone {
        post.page(page, Some(answer));
    }
    if let Some(heard) = heard {
        post.answered(&Page::to_bob(), &branch, heard);
    }
    post
}
