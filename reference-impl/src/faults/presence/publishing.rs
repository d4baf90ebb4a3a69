//! Faults in what is published, and under which entity-tag (RFC 3903 section 4). [PF-PRS-01]

use super::Refused;
use crate::faults::Fault;
use crate::faults::choices::Told;
use crate::faults::editing::{answer, with_field, with_text};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::pidf::{self, Basic, Document, Tuple};
use cpm_wire::sip::{Builder, Message, Method, Name};
use std::collections::{HashMap, HashSet};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("publishes-no-presence", "Nobody's presence is published", || {
        Box::new(Told(|config| config.presence.iter_mut().for_each(|conduct| conduct.source = false)))
    }),
    Fault::of_function("publishes-no-change", "What is published first is never changed", || {
        Box::new(Tagged(|publish| match publish.body().is_empty() {
            true => Fate::Pass,
            false => Fate::Answered(taken(publish)),
        }))
    }),
    Fault::of_function(
        "publishes-anew-for-every-change",
        "A change is published as if nothing had been before",
        || {
            Box::new(Tagged(|publish| match publish.body().is_empty() {
                true => Fate::Pass,
                false => Fate::altered(publish.edit().remove(&Name::SipIfMatch).finish().octets().clone()),
            }))
        },
    ),
    Fault::of_function("publishes-under-a-stale-tag", "A publication is named by the tag before its last one", || {
        Box::new(StaleTag::default())
    }),
    Fault::of_function(
        "publishes-anew-under-the-refused-tag",
        "What is published anew carries the tag that was refused",
        || Box::new(RefusedTag::default()),
    ),
    Fault::of_function("gives-up-after-412", "Who was told that a publication is not known publishes no more", || {
        Box::new(GivesUp::default())
    }),
    Fault::of_function(
        "says-open-when-the-last-device-left",
        "A user without any device is published as one who can be reached",
        || Box::new(SaysOpen),
    ),
    Fault::of_function("refreshes-with-another-state", "A refresh brings a state, and another one", || {
        Box::new(Tagged(|publish| match publish.body().is_empty() && publish.expires() != Some(0) {
            true => refreshed_as_closed(publish),
            false => Fate::Pass,
        }))
    }),
    Fault::of_function(
        "refuses-when-publishing-is-refused",
        "A user whose presence cannot be published gets no messages",
        || Box::new(RefusesWithIt::default()),
    ),
];

/// True for a PUBLISH of the element.
fn is_publish(way: Way, message: &Message) -> bool {
    way == Way::Out && message.is_request() && message.method() == Method::Publish
}

/// The status of an answer to a PUBLISH, and which publication it is about.
fn answered(way: Way, message: &Message) -> Option<(u16, &str)> {
    let status = message.status().filter(|_| way == Way::In && message.method() == Method::Publish)?;
    Some((status, message.call_id()?))
}

/// An answer that takes a PUBLISH, whose tag stays what it is.
fn taken(publish: &Message) -> Bytes {
    let tag = publish.header(&Name::SipIfMatch).unwrap_or("fault");
    let expires = publish.expires().unwrap_or_default();
    let taken = Builder::response(publish, 200, "OK").to_tag("fault");
    taken.header(Name::SipEtag, tag).header(Name::Expires, expires).build().octets().clone()
}

fn refreshed_as_closed(refresh: &Message) -> Fate {
    let entity = refresh.request_uri().unwrap_or_default();
    let document = Document::new(entity, vec![Tuple::new("user", Basic::Closed)]);
    Fate::altered(refresh.edit().body(pidf::MEDIA_TYPE, document.to_xml().into()).finish().octets().clone())
}

/// What becomes of each PUBLISH that names a publication.
struct Tagged(fn(&Message) -> Fate);

impl Mischief for Tagged {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match is_publish(way, message) && message.header(&Name::SipIfMatch).is_some() {
            true => (self.0)(message),
            false => Fate::Pass,
        }
    }
}

/// The tags that each publication has had, in order.
#[derive(Default)]
struct StaleTag(HashMap<String, Vec<String>>);

impl Mischief for StaleTag {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if let (Some((200..=299, call_id)), Some(tag)) = (answered(way, message), message.header(&Name::SipEtag)) {
            let tags = self.0.entry(call_id.to_owned()).or_default();
            if tags.last().is_none_or(|last| last != tag) {
                tags.push(tag.to_owned());
            }
        }
        let named = is_publish(way, message) && message.header(&Name::SipIfMatch).is_some();
        let tags = message.call_id().filter(|_| named).and_then(|call_id| self.0.get(call_id));
        match tags.and_then(|tags| tags.iter().rev().nth(1)) {
            Some(stale) => Fate::altered(with_field(message, Name::SipIfMatch, stale)),
            None => Fate::Pass,
        }
    }
}

/// The tag that each publication was last named by, and whether that was refused.
#[derive(Default)]
struct RefusedTag(HashMap<String, (String, bool)>);

impl Mischief for RefusedTag {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if let Some((status, call_id)) = answered(way, message)
            && let Some((_, refused)) = self.0.get_mut(call_id)
        {
            *refused = *refused && status != 200 || status == 412;
        }
        let Some(call_id) = message.call_id().filter(|_| is_publish(way, message)) else { return Fate::Pass };
        match (message.header(&Name::SipIfMatch), self.0.get(call_id)) {
            (Some(tag), _) => drop(self.0.insert(call_id.to_owned(), (tag.to_owned(), false))),
            (None, Some((tag, true))) => return Fate::altered(with_field(message, Name::SipIfMatch, tag)),
            (None, _) => {}
        }
        Fate::Pass
    }
}

/// The publications that were not known.
#[derive(Default)]
struct GivesUp(HashSet<String>);

impl Mischief for GivesUp {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if let Some((412, call_id)) = answered(way, message) {
            self.0.insert(call_id.to_owned());
        }
        match is_publish(way, message) && message.call_id().is_some_and(|call_id| self.0.contains(call_id)) {
            true => Fate::Answered(answer(message, 403)),
            false => Fate::Pass,
        }
    }
}

struct SaysOpen;

impl Mischief for SaysOpen {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match is_publish(way, message) && !message.body().is_empty() {
            true => Fate::altered(with_text(message, "<basic>closed</basic>", "<basic>open</basic>")),
            false => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct RefusesWithIt(Refused);

impl Mischief for RefusesWithIt {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        self.0.learn(way, message, &Method::Publish);
        self.0.turned_away(way, message, 500)
    }
}
