//! Faults with sessions between two, with those that the function holds for its user, and with several at a time.
//! [PF-SES-01], [PF-SES-02], [PF-SES-06], [PF-SES-07].

pub(super) mod carrying;
mod changing;
mod conversations;
mod ending;
mod on_behalf;
mod setting_up;
mod several;
mod sharing;
mod timers;

use super::Fault;
use super::passage::Way;
use super::scene::Scene;
use super::tampering::{Fate, Mischief};
use crate::call::bodies;
use bytes::Bytes;
use cpm_wire::msrp;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use std::collections::HashSet;

pub(super) const FAULTS: &[&[Fault]] = &[
    setting_up::FAULTS,
    changing::FAULTS,
    ending::FAULTS,
    timers::FAULTS,
    carrying::FAULTS,
    on_behalf::FAULTS,
    several::FAULTS,
    conversations::FAULTS,
];

/// True for an INVITE that begins a session.
fn begins(message: &Message) -> bool {
    message.is_request() && message.method() == Method::Invite && message.to_tag().is_none()
}

/// True for an INVITE that begins a session between two.
pub(super) fn begins_between_two(message: &Message) -> bool {
    begins(message) && !bodies::is_group(message)
}

/// True for a request by which a side changes what was agreed.
pub(super) fn changes(message: &Message) -> bool {
    let may = message.is_request() && matches!(message.method(), Method::Invite | Method::Update);
    may && message.to_tag().is_some() && !message.body().is_empty()
}

/// True for a final answer to an INVITE or a change that is no success.
pub(super) fn refuses(message: &Message) -> bool {
    matches!(message.method(), Method::Invite | Method::Update) && message.status().is_some_and(|status| status >= 300)
}

/// The answer with another status.
pub(super) fn with_status(answer: &Message, status: u16) -> Bytes {
    let octets = answer.octets();
    let line = octets.iter().position(|octet| *octet == b'\r').unwrap_or_default();
    let first = format!("SIP/2.0 {status} {}", reason_phrase(status));
    Bytes::from([first.as_bytes(), octets.get(line..).unwrap_or_default()].concat())
}

/// The acceptance of an invitation, in the dialog of this refusal, without a description.
pub(super) fn acceptance(invite: &Message, refusal: &Message) -> Bytes {
    let contact = format!("<{}>", invite.request_uri().unwrap_or_default());
    let accepted = Builder::response(invite, 200, reason_phrase(200)).to_tag(refusal.to_tag().unwrap_or("fault"));
    accepted.header(Name::Contact, contact).build().octets().clone()
}

/// Does the same to whatever is signalled in a session between two.
struct Signalled {
    between_two: HashSet<String>,
    does: fn(&Scene, Way, &Message) -> Fate,
}

impl Signalled {
    fn boxed(does: fn(&Scene, Way, &Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Signalled { between_two: HashSet::new(), does })
    }
}

impl Mischief for Signalled {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(call_id) = message.call_id() else { return Fate::Pass };
        if begins_between_two(message) {
            self.between_two.insert(call_id.to_owned());
        }
        if self.between_two.contains(call_id) { (self.does)(scene, way, message) } else { Fate::Pass }
    }
}

/// The sessions between two that pass, in the order in which their legs began.
#[derive(Default)]
struct Conversations {
    legs: Vec<Session>,
}

/// One leg of a session between two.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Session {
    call_id: String,
    user: String,
    conversation: String,
    contribution: String,
    asserted: String,
    over: bool,
}

/// How two sessions of a user are to each other.
type Relation = fn(&Session, &Session) -> bool;

impl Session {
    fn is_beside(&self, other: &Session) -> bool {
        self.user == other.user && self.contribution != other.contribution
    }

    /// Whether it is another session of the same conversation.
    fn shares_with(&self, other: &Session) -> bool {
        self.is_beside(other) && self.conversation == other.conversation
    }

    /// Whether it is a session of another conversation of the same user.
    fn is_apart_from(&self, other: &Session) -> bool {
        self.is_beside(other) && self.conversation != other.conversation
    }
}

impl Conversations {
    /// Learns of what passes.
    fn watch(&mut self, scene: &Scene, message: &Message) {
        let Some(leg) = scene.leg(message) else { return };
        let known = self.legs.iter_mut().find(|session| session.call_id == leg.call_id);
        let ends = message.method() == Method::Bye || refuses(message) && message.method() == Method::Invite;
        match known {
            Some(session) => session.over |= ends,
            None if begins_between_two(message) => self.legs.push(Session {
                call_id: leg.call_id.clone(),
                user: leg.user.clone(),
                conversation: message.header(&Name::ConversationId).unwrap_or_default().to_owned(),
                contribution: leg.contribution.clone(),
                asserted: message.header(&Name::PAssertedIdentity).unwrap_or_default().to_owned(),
                over: false,
            }),
            None => {}
        }
    }

    /// The session of a SIP message.
    fn of(&self, message: &Message) -> Option<&Session> {
        let call_id = message.call_id()?;
        self.legs.iter().find(|session| session.call_id == call_id)
    }

    /// The session of an MSRP message.
    fn of_media(&self, scene: &Scene, way: Way, message: &msrp::Message) -> Option<&Session> {
        let leg = scene.leg_of(way, message)?;
        self.legs.iter().find(|session| session.call_id == leg.call_id)
    }

    /// The first session that is to this one as asked, and stands.
    fn beside(&self, session: &Session, relation: Relation) -> Option<&Session> {
        self.legs.iter().find(|other| !other.over && relation(session, other))
    }
}
