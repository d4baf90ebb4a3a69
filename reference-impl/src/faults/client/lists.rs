//! Faults in bearing documents about the members. [CPM-CONV-058c]

use super::{Wishes, fault};
use crate::client::control::{Act, Request};
use crate::faults::Fault;
use crate::faults::editing;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::conference_info::{Document, MEDIA_TYPE, State};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::{HashMap, HashSet};

pub(in crate::faults) const FAULTS: &[Fault] = &[
    fault("dies-on-a-broken-document", "After a document that is no XML nothing of its chat is answered", || {
        Box::new(Dies::default())
    }),
    fault("gives-up-on-a-broken-document", "A document that is no XML ends the subscription", || {
        Box::new(GivesUp::default())
    }),
    fault("leaves-on-a-broken-document", "At a document that is no XML the session is ended", || {
        Box::new(Leaves::at(is_broken))
    }),
    fault("believes-a-stale-version", "A whole list counts, however old its version", || Box::new(Believes::default())),
];

/// The document about members in a NOTIFY.
pub(super) fn notified(message: &Message) -> Option<Bytes> {
    let is_one = message.is_request()
        && message.method() == Method::Notify
        && message.header(&Name::ContentType).is_some_and(|kind| kind.starts_with(MEDIA_TYPE));
    Some(message.body_octets()).filter(|_| is_one)
}

/// The document about members in a SEND, in an envelope or not.
pub(super) fn sent(message: &msrp::Message) -> Option<Bytes> {
    if let Some(envelope) = editing::envelope(message) {
        let is_one = envelope.content_type().is_some_and(|kind| kind.starts_with(MEDIA_TYPE));
        return Some(envelope.body_octets()).filter(|_| is_one);
    }
    message.body().filter(|_| message.content_type().is_some_and(|kind| kind.starts_with(MEDIA_TYPE)))
}

fn is_broken(document: &[u8]) -> bool {
    Document::parse(document).is_err()
}

/// True for a list of what has changed.
pub(super) fn is_change(document: &[u8]) -> bool {
    Document::parse(document).is_ok_and(|document| document.state == State::Partial)
}

/// The chats that are dead.
#[derive(Default)]
struct Dies(HashSet<String>);

impl Mischief for Dies {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        if way == Way::In && notified(message).is_some_and(|document| is_broken(&document)) {
            self.0.insert(leg.contribution.clone());
        }
        if self.0.contains(&leg.contribution) { Fate::LOST } else { Fate::Pass }
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let dead = scene.leg_of(way, message).is_some_and(|leg| self.0.contains(&leg.contribution));
        if dead { Fate::LOST } else { Fate::Pass }
    }

    fn acts(&mut self, request: &Request) -> bool {
        !request.chat.as_ref().is_some_and(|chat| self.0.contains(chat))
    }
}

/// The Call-IDs of subscriptions that are no more.
#[derive(Default)]
struct GivesUp(HashSet<String>);

impl Mischief for GivesUp {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &Message) -> Fate {
        let (Some(document), Way::In, Some(call_id)) = (notified(message), way, message.call_id()) else {
            return Fate::Pass;
        };
        if is_broken(&document) {
            self.0.insert(call_id.to_owned());
        }
        if self.0.contains(call_id) { Fate::Answered(editing::answer(message, 481)) } else { Fate::Pass }
    }
}

/// Leaves a chat at certain documents.
pub(super) struct Leaves {
    wishes: Wishes,
    at: fn(&[u8]) -> bool,
}

impl Leaves {
    /// At documents of which this is true.
    pub(super) fn at(at: fn(&[u8]) -> bool) -> Leaves {
        Leaves { wishes: Wishes::default(), at }
    }
}

impl Mischief for Leaves {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        self.wishes.watch(scene, message);
        let seen = way == Way::In && notified(message).is_some_and(|document| (self.at)(&document));
        if let Some(leg) = scene.leg(message).filter(|_| seen) {
            self.wishes.wish(&leg.contribution, Act::Leave);
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let seen = way == Way::In && sent(message).is_some_and(|document| (self.at)(&document));
        match scene.leg_of(way, message).filter(|_| seen) {
            Some(leg) => {
                self.wishes.wish(&leg.contribution, Act::Leave);
                Fate::Answered(msrp::response(message, 400))
            }
            None => Fate::Pass,
        }
    }

    fn wishes(&mut self) -> Option<Request> {
        self.wishes.next()
    }
}

/// The version of the last document, by Call-ID.
#[derive(Default)]
struct Believes(HashMap<String, u32>);

impl Mischief for Believes {
    fn sip(&mut self, _scene: &Scene, way: Way, message: &Message) -> Fate {
        let document = notified(message).filter(|_| way == Way::In).map(|octets| Document::parse(&octets));
        let (Some(Ok(document)), Some(call_id)) = (document, message.call_id()) else { return Fate::Pass };
        let last = self.0.get(call_id).copied();
        let version = document.version.unwrap_or_default();
        if document.state == State::Full && last.is_some_and(|last| version <= last) {
            let unversioned = Document { version: None, ..document }.to_xml();
            return Fate::altered(message.edit().body(MEDIA_TYPE, unversioned.into()).finish().octets().clone());
        }
        self.0.insert(call_id.to_owned(), version);
        Fate::Pass
    }
}
