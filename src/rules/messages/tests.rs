//! Messages by hand: every octet of them is typed here.

mod lists;
mod sweep;
mod way;

use std::ops::{Deref, DerefMut};

use crate::evidence::Direction::{self, Received, Sent};
use crate::evidence::Event;
use crate::rules::missed_group_content::tests::script::Script;

pub const LUNCH: &str = "Lunch?";

/// A MESSAGE, before it is on the wire.
#[derive(Clone)]
pub struct Page {
    pub direction: Direction,
    pub uri: String,
    pub from: String,
    pub asserted: String,
    /// P-Served-User; empty for none.
    pub served: String,
    pub contribution: String,
    pub message_id: String,
    pub words: String,
    /// Further header fields, each with its line end.
    pub more: String,
    /// Content-Type and body, if they are no envelope.
    pub body: Option<(String, String)>,
    pub call_id: String,
}

impl Page {
    /// Alice's message to Bob, as the serving CSCF sends it to the target.
    pub fn to_bob() -> Page {
        Page {
            direction: Sent,
            uri: "sip:bob@example.com".to_owned(),
            from: "sip:alice@example.com".to_owned(),
            asserted: "<sip:alice@example.com>".to_owned(),
            served: "P-Served-User: <sip:bob@example.com>;sescase=term;regstate=reg\r\n".to_owned(),
            contribution: "contribution-lunch".to_owned(),
            message_id: "m-lunch".to_owned(),
            words: "Shall we?".to_owned(),
            more: String::new(),
            body: None,
            call_id: "call-in".to_owned(),
        }
    }

    /// The same from the phone of Bob to Alice.
    pub fn of_bob() -> Page {
        Page {
            uri: "sip:alice@example.com".to_owned(),
            from: "sip:bob@example.com".to_owned(),
            asserted: "<sip:bob@example.com>".to_owned(),
            served: "P-Served-User: <sip:bob@example.com>;sescase=orig;regstate=reg\r\n".to_owned(),
            ..Page::to_bob()
        }
    }

    /// As the target sends it on, to this Request-URI.
    pub fn on_to(&self, uri: &str) -> Page {
        let more = String::new();
        let call_id = format!("call-on-{uri}");
        Page { direction: Received, uri: uri.to_owned(), served: String::new(), more, call_id, ..self.clone() }
    }

    fn octets(&self, branch: &str) -> String {
        let envelope = format!(
            "From: <{}>\r\nTo: <sip:somebody@example.com>\r\nDateTime: 2026-01-02T03:04:05Z\r\n\
             NS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: {}\r\n\r\nContent-Type: text/plain\r\n\r\n{}",
            self.from, self.message_id, self.words
        );
        let (kind, body) = self.body.clone().unwrap_or_else(|| ("message/cpim".to_owned(), envelope));
        let Page { uri, from, asserted, served, contribution, more, call_id, .. } = self;
        format!(
            "MESSAGE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK{branch}\r\nMax-Forwards: 69\r\n\
             From: <{from}>;tag=f\r\nTo: <{uri}>\r\nCall-ID: {call_id}\r\nCSeq: 1 MESSAGE\r\n\
             P-Asserted-Identity: {asserted}\r\n{served}Conversation-ID: conversation-lunch\r\n\
             Contribution-ID: {contribution}\r\n{more}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}

/// A script of messages.
pub struct Post {
    script: Script,
    count: u32,
}

impl Deref for Post {
    type Target = Script;
    fn deref(&self) -> &Script {
        &self.script
    }
}

impl DerefMut for Post {
    fn deref_mut(&mut self) -> &mut Script {
        &mut self.script
    }
}

impl Post {
    /// The message is announced.
    pub fn announced(author: &str, to: &[&str]) -> Post {
        let mut post = Post { script: Script::new(), count: 0 };
        post.registers("Bob", "phone");
        post.event(Event::Standalone {
            label: LUNCH.to_owned(),
            message_id: Some("m-lunch".to_owned()),
            contribution: "contribution-lunch".to_owned(),
            conversation: "conversation-lunch".to_owned(),
            author: author.to_owned(),
            to: to.iter().map(|name| (*name).to_owned()).collect(),
        });
        post
    }

    /// A MESSAGE is sent and gets this answer; none for no answer. Gives its branch.
    pub fn page(&mut self, page: &Page, status: Option<u16>) -> String {
        self.count += 1;
        let branch = format!("page-{}", self.count);
        let octets = page.octets(&branch);
        self.sip(page.direction, octets);
        if let Some(status) = status {
            self.answered(page, &branch, status);
        }
        branch
    }

    /// The answer to a MESSAGE.
    pub fn answered(&mut self, page: &Page, branch: &str, status: u16) {
        let other = if page.direction == Sent { Received } else { Sent };
        let octets = format!(
            "SIP/2.0 {status} Whatever\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK{branch}\r\nFrom: <{}>;tag=f\r\n\
             To: <{}>;tag=t\r\nCall-ID: {}\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n",
            page.from, page.uri, page.call_id
        );
        self.sip(other, octets);
    }

    /// What Alice wrote comes to the phone of Bob, in this shape, and is taken.
    pub fn comes(page: &Page) -> Post {
        let mut post = Post::announced("Alice", &["Bob"]);
        let branch = post.page(&Page::to_bob(), None);
        post.page(page, Some(200));
        post.answered(&Page::to_bob(), &branch, 200);
        post
    }
}

/// Where the phone of Bob is.
pub const PHONE: &str = "sip:bob@192.0.2.10:5101";
/// Where his watch is.
pub const WATCH: &str = "sip:bob@192.0.2.10:5102";
