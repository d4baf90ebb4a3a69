//! What the target publishes of users (RFC 3903), whom of them it watches (RFC 3856), and what it is told of them.

use std::collections::HashMap;

use cpm_wire::pidf::{Basic, Document, MEDIA_TYPE};
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;

use super::cast::Cast;
use super::legs::{When, part};
use super::parties::Parties;
use super::session::Answer;

/// The event package.
const PACKAGE: &str = "presence";
/// Publications kept of one scenario, subscriptions, and what is told in each.
const KEPT: usize = 4096;

/// What a presence document says of a user (RFC 3863 section 4.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Some tuple is open.
    Open,
    /// Tuples are closed, and none is open.
    Closed,
    /// There is no tuple.
    Nothing,
    /// It cannot be read, or has tuples of which none tells.
    Unknown,
}

impl Said {
    fn of(octets: &[u8]) -> Said {
        match Document::parse(octets).map(|document| (document.basic(), document.tuples.is_empty())) {
            Ok((Some(Basic::Open), _)) => Said::Open,
            Ok((Some(Basic::Closed), _)) => Said::Closed,
            Ok((None, true)) => Said::Nothing,
            Ok((None, false)) | Err(_) => Said::Unknown,
        }
    }

    /// In words, for a finding.
    pub const fn told(self) -> &'static str {
        match self {
            Said::Open => "open",
            Said::Closed => "closed",
            Said::Nothing => "nothing",
            Said::Unknown => "nothing that can be read",
        }
    }
}

/// A PUBLISH of the target.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The request.
    pub frame: u64,
    /// When it came.
    pub at: Time,
    /// The served user.
    pub person: Option<String>,
    /// SIP-If-Match.
    pub before: Option<String>,
    /// Expires.
    pub expires: Option<u32>,
    /// What its body says; none where it has none.
    pub said: Option<Said>,
    /// The final answer.
    pub answer: Option<Answered>,
}

impl Publication {
    /// The answer, if it is a 2xx.
    pub fn accepted(&self) -> Option<&Answered> {
        self.answer.as_ref().filter(|answered| answered.answer.is_success())
    }

    /// Whether it was refused with this status.
    pub fn refused_with(&self, status: u16) -> Option<&Answered> {
        self.answer.as_ref().filter(|answered| answered.answer.status == status)
    }

    /// For a finding.
    pub fn told(&self) -> String {
        format!("the PUBLISH in frame {}", self.frame)
    }
}

/// The answer to a PUBLISH.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Status and frame.
    pub answer: Answer,
    /// When it was sent.
    pub at: Time,
    /// SIP-ETag.
    pub tag: Option<String>,
    /// Expires.
    pub expires: Option<u32>,
    /// Min-Expires.
    pub least: Option<u32>,
}

/// A subscription of the target to a served user.
#[derive(Clone, Debug)]
pub struct Watching {
    /// The SUBSCRIBE.
    pub frame: u64,
    /// The served user.
    pub person: Option<String>,
    /// The answer to it.
    pub answer: Option<Answer>,
    /// What was told in it, in order.
    pub told: Vec<News>,
}

/// A notification in such a subscription.
#[derive(Clone, Copy, Debug)]
pub struct News {
    /// The NOTIFY.
    pub frame: u64,
    /// What its document says; none where it has none.
    pub said: Option<Said>,
    /// The answer to it.
    pub answer: Option<Answer>,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Presence {
    publications: Vec<Publication>,
    watches: Vec<Watching>,
    known: HashMap<(String, String), usize>,
}

impl Presence {
    pub fn publications(&self) -> &[Publication] {
        &self.publications
    }

    pub fn watches(&self) -> &[Watching] {
        &self.watches
    }

    /// A PUBLISH of the target. None when it is for another package, or too many came.
    pub fn publish(&mut self, when: When, message: &Message, cast: &Cast) -> Option<usize> {
        if !is_of_package(message) || self.publications.len() >= KEPT {
            return None;
        }
        self.publications.push(Publication {
            frame: when.frame,
            at: when.at,
            person: Parties::of(false, message, cast).person,
            before: message.header(&Name::SipIfMatch).map(|tag| tag.trim().to_owned()),
            expires: message.expires(),
            said: said(message),
            answer: None,
        });
        Some(self.publications.len() - 1)
    }

    /// The final answer to a PUBLISH.
    pub fn published(&mut self, at: usize, when: When, answer: Answer, message: &Message) {
        let Some(publication) = self.publications.get_mut(at) else { return };
        publication.answer.get_or_insert(Answered {
            answer,
            at: when.at,
            tag: message.header(&Name::SipEtag).map(|tag| tag.trim().to_owned()),
            expires: message.expires(),
            least: message.header(&Name::MinExpires).and_then(|least| least.trim().parse().ok()),
        });
    }

    /// A SUBSCRIBE of the target. None when it is for another package, or refreshes what is known.
    pub fn subscribe(&mut self, frame: u64, message: &Message, cast: &Cast) -> Option<usize> {
        if !is_of_package(message) || self.watches.len() >= KEPT {
            return None;
        }
        let key = (message.call_id()?.to_owned(), message.from_tag()?.to_owned());
        if self.known.contains_key(&key) {
            return None;
        }
        let person = Parties::of(false, message, cast).person;
        self.known.insert(key, self.watches.len());
        self.watches.push(Watching { frame, person, answer: None, told: Vec::new() });
        Some(self.watches.len() - 1)
    }

    /// The final answer to a SUBSCRIBE.
    pub fn subscribed(&mut self, at: usize, answer: Answer) {
        if let Some(watch) = self.watches.get_mut(at) {
            watch.answer = Some(answer);
        }
    }

    /// A NOTIFY of the tester: its subscription, and its place there. None when it is in no such subscription.
    pub fn notify(&mut self, frame: u64, message: &Message) -> Option<(usize, usize)> {
        let key = (message.call_id()?.to_owned(), message.to_tag()?.to_owned());
        let at = *self.known.get(&key)?;
        let told = &mut self.watches.get_mut(at)?.told;
        if told.len() >= KEPT {
            return None;
        }
        told.push(News { frame, said: said(message), answer: None });
        Some((at, told.len() - 1))
    }

    /// The final answer to a NOTIFY.
    pub fn told(&mut self, (at, place): (usize, usize), answer: Answer) {
        if let Some(news) = self.watches.get_mut(at).and_then(|watch| watch.told.get_mut(place)) {
            news.answer.get_or_insert(answer);
        }
    }
}

fn is_of_package(message: &Message) -> bool {
    message.event().is_some_and(|event| event.value.eq_ignore_ascii_case(PACKAGE))
}

/// What the body of a request says; none where it has none.
fn said(message: &Message) -> Option<Said> {
    if message.body_octets().is_empty() {
        return None;
    }
    Some(part(message, MEDIA_TYPE).map_or(Said::Unknown, |octets| Said::of(&octets)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(tuples: &str) -> Said {
        Said::of(
            format!("<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"sip:b@x\">{tuples}</presence>")
                .as_bytes(),
        )
    }

    #[test]
    fn a_document_says_open_where_any_tuple_does() {
        let tuple = |id: &str, status: &str| format!("<tuple id=\"{id}\"><status>{status}</status></tuple>");
        let [open, closed] = ["open", "closed"].map(|basic| format!("<basic>{basic}</basic>"));
        assert_eq!(document(&(tuple("a", &closed) + &tuple("b", &open))), Said::Open);
        assert_eq!(document(&(tuple("a", &closed) + &tuple("b", ""))), Said::Closed);
        assert_eq!(document(""), Said::Nothing);
        assert_eq!(document(&tuple("a", "")), Said::Unknown);
        assert_eq!(document("<tuple/>"), Said::Unknown);
        assert_eq!(Said::of(b"open"), Said::Unknown);
    }
}
