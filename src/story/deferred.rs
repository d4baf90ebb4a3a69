//! What devices are told of messages that wait for their user, and where they asked to be told: the event package
//! `deferred-messages` in a subscription (RFC 6665) or without one, or a MESSAGE.
//!
//! No paper fixes the form of such word (L35). The document of the ledger is read as it means; of anything else it counts
//! which identifiers stand in it as words of their own.

use std::collections::HashMap;

use cpm_wire::sip::{Message, Name};
use cpm_wire::xml::harmless;

use super::cast::Cast;
use super::content::essence;
use super::parties::Parties;
use super::session::Answer;

/// The event package.
const PACKAGE: &str = "deferred-messages";
/// The media type of the ledger's document.
pub const NOTICE_TYPE: &str = "application/x-cpm-deferred-messages+xml";
/// The namespace of the ledger's document.
const NAMESPACE: &str = "urn:cpm-conformance:deferred-messages";
/// Notices kept of one scenario, and subscriptions.
const KEPT: usize = 4096;
/// Octets of a notice that are read.
const READ: usize = 256 * 1024;

/// By what word came (the words of the statement).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A NOTIFY in a subscription of the device.
    Subscription,
    /// A NOTIFY without one.
    Unsolicited,
    /// A MESSAGE.
    Message,
}

impl Carrier {
    /// Its word in the statement (`deferred_delivery`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Carrier::Subscription => "notify_subscribed",
            Carrier::Unsolicited => "notify_unsolicited",
            Carrier::Message => "notify_message",
        }
    }
}

/// What a notice says, as far as anybody can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    /// The ledger's document: the identifiers of each message, and whether it waits.
    Listed(Vec<(Vec<String>, bool)>),
    /// Something else.
    Text(String),
}

/// Word of messages that wait, to a device.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The frame.
    pub frame: u64,
    /// The served user.
    pub person: Option<String>,
    /// The device; none where it went to the user at large.
    pub device: Option<String>,
    /// By what it came.
    pub carrier: Carrier,
    said: Said,
}

impl Notice {
    /// Whether it says that a message of any of these identifiers waits.
    pub fn tells(&self, ids: &[&str]) -> bool {
        match &self.said {
            Said::Listed(entries) => {
                entries.iter().any(|(own, waits)| *waits && own.iter().any(|own| ids.contains(&own.as_str())))
            }
            Said::Text(text) => ids.iter().any(|id| stands_in(text, id)),
        }
    }

    /// Whether it names any of these identifiers, in whatever state.
    pub fn names(&self, ids: &[&str]) -> bool {
        match &self.said {
            Said::Listed(entries) => entries.iter().any(|(own, _)| own.iter().any(|own| ids.contains(&own.as_str()))),
            Said::Text(text) => ids.iter().any(|id| stands_in(text, id)),
        }
    }

    /// Whether it is the ledger's document, from which everything can be told.
    pub const fn is_listed(&self) -> bool {
        matches!(self.said, Said::Listed(_))
    }
}

/// A subscription of a device to word of what waits.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The served user.
    pub person: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// The SUBSCRIBE.
    pub frame: u64,
    /// The final answer to it.
    pub answer: Option<Answer>,
}

#[derive(Debug, Default)]
pub(super) struct Deferred {
    notices: Vec<Notice>,
    watches: Vec<Watch>,
    known: HashMap<(String, String), usize>,
}

impl Deferred {
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub fn watches(&self) -> &[Watch] {
        &self.watches
    }

    /// A SUBSCRIBE of a device. None when it is for another package, or refreshes what is known.
    pub fn subscribe(&mut self, frame: u64, message: &Message, cast: &Cast) -> Option<usize> {
        if !is_of_package(message) || self.watches.len() >= KEPT {
            return None;
        }
        let key = (message.call_id()?.to_owned(), message.from_tag()?.to_owned());
        if self.known.contains_key(&key) {
            return None;
        }
        let parties = Parties::of(true, message, cast);
        self.known.insert(key, self.watches.len());
        self.watches.push(Watch { person: parties.person, device: parties.device, frame, answer: None });
        Some(self.watches.len() - 1)
    }

    pub fn subscribed(&mut self, at: usize, answer: Answer) {
        if let Some(watch) = self.watches.get_mut(at) {
            watch.answer = Some(answer);
        }
    }

    /// A NOTIFY of the target, whatever it is about.
    pub fn notify(&mut self, frame: u64, message: &Message, cast: &Cast) {
        let key = message.call_id().zip(message.to_tag()).map(|(id, tag)| (id.to_owned(), tag.to_owned()));
        let watch = key.and_then(|key| self.known.get(&key)).and_then(|at| self.watches.get(*at)).cloned();
        let (person, device, carrier) = match watch {
            Some(watch) => (watch.person, watch.device, Carrier::Subscription),
            None if is_of_package(message) => {
                let parties = Parties::of(false, message, cast);
                (parties.person, parties.device, Carrier::Unsolicited)
            }
            None => return,
        };
        self.keep(frame, (person, device), carrier, message)
    }

    /// A MESSAGE of the target to a device, if it is no message of somebody but word of the network. Without an envelope
    /// (RFC 3862) nothing of CPM is a message, and in one the type tells.
    pub fn message(&mut self, frame: u64, inner: Option<&str>, message: &Message, cast: &Cast) {
        let outer = message.header(&Name::ContentType).map(super::content::comparable_type).unwrap_or_default();
        let is_word = match inner {
            Some(inner) => essence(inner) == NOTICE_TYPE,
            None => essence(&outer) != "message/cpim" && !message.body_octets().is_empty(),
        };
        if is_word {
            let parties = Parties::of(false, message, cast);
            self.keep(frame, (parties.person, parties.device), Carrier::Message, message);
        }
    }

    fn keep(
        &mut self,
        frame: u64,
        (person, device): (Option<String>, Option<String>),
        carrier: Carrier,
        message: &Message,
    ) {
        let body = message.body_octets();
        if body.is_empty() || self.notices.len() >= KEPT {
            return;
        }
        let body = body.get(..READ).unwrap_or(&body);
        let said = listed(body).unwrap_or_else(|| Said::Text(String::from_utf8_lossy(body).into_owned()));
        self.notices.push(Notice { frame, person, device, carrier, said });
    }
}

fn is_of_package(message: &Message) -> bool {
    message.event().is_some_and(|event| event.value.eq_ignore_ascii_case(PACKAGE))
}

/// The ledger's document. None when it is another.
fn listed(body: &[u8]) -> Option<Said> {
    let text = harmless(body).ok()?;
    let document = roxmltree::Document::parse(text).ok()?;
    let root = document.root_element();
    if !root.has_tag_name((NAMESPACE, "deferred-messages")) {
        return None;
    }
    let entries = root.children().filter(|node| node.has_tag_name((NAMESPACE, "message")));
    let entry = |node: roxmltree::Node<'_, '_>| {
        let ids = ["message-id", "contribution-id"].into_iter().filter_map(|name| node.attribute(name));
        let waits = node.attribute("status").is_none_or(|status| status.trim() == "pending");
        (ids.map(|id| id.trim().to_owned()).collect(), waits)
    };
    Some(Said::Listed(entries.map(entry).collect()))
}

/// Whether an identifier stands in a text as a word of its own.
fn stands_in(text: &str, id: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    !id.is_empty()
        && text.match_indices(id).any(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + id.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(body: &str) -> Notice {
        let said = listed(body.as_bytes()).unwrap_or_else(|| Said::Text(body.to_owned()));
        Notice { frame: 1, person: None, device: None, carrier: Carrier::Message, said }
    }

    #[test]
    fn the_document_of_the_ledger_says_what_waits() {
        let document = notice(
            "<?xml version=\"1.0\"?><d:deferred-messages xmlns:d=\"urn:cpm-conformance:deferred-messages\" user=\"sip:b@x\">\
             <d:message message-id=\"m1\" contribution-id=\"c1\" status=\"pending\"/>\
             <d:message message-id=\"m2\" contribution-id=\"c2\" status=\"fetched\"/><d:message contribution-id=\"c3\"/>\
             </d:deferred-messages>",
        );
        assert!(document.is_listed());
        assert!(document.tells(&["m1"]) && document.tells(&["x", "c1"]) && document.tells(&["c3"]));
        assert!(!document.tells(&["m2", "c2"]) && document.names(&["c2"]));
        assert!(!document.tells(&["m"]) && !document.names(&["m3"]));
    }

    #[test]
    fn in_another_form_what_stands_as_a_word_of_its_own_is_told() {
        let text = notice("waiting: <m-1>, id=\"c22\"; from sip:alice@x");
        assert!(!text.is_listed());
        assert!(text.tells(&["m-1"]) && text.tells(&["c22"]));
        assert!(!text.tells(&["m"]) && !text.tells(&["c2"]) && !text.tells(&["1"]) && !text.tells(&[""]));
        assert!(!notice("<other xmlns=\"urn:x\" id=\"m1\"/>").is_listed());
    }
}
