//! Faults in what goes to the interworking function, and in what comes from it.

use super::is_interworked;
use crate::faults::Fault;
use crate::faults::editing::{answer, with_field};
use crate::faults::messages::{is_pager, with_another_octet};
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method, Name};

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function(
        "interworks-under-another-conversation",
        "What is interworked has another Conversation-ID",
        || {
            Sip::boxed(|way, message| match is_going(way, message) {
                true => Fate::altered(with_field(message, Name::ConversationId, "another-conversation")),
                false => Fate::Pass,
            })
        },
    ),
    Fault::of_function(
        "interworks-under-another-contribution",
        "What is interworked has another Contribution-ID",
        || {
            Sip::boxed(|way, message| match is_going(way, message) {
                true => Fate::altered(with_field(message, Name::ContributionId, "another-contribution")),
                false => Fate::Pass,
            })
        },
    ),
    Fault::of_function(
        "alters-what-is-interworked",
        "The last octet of a message to be interworked is another one",
        || {
            Sip::boxed(|way, message| match is_going(way, message) && is_pager(message) {
                true => Fate::altered(with_another_octet(message)),
                false => Fate::Pass,
            })
        },
    ),
    Fault::of_function("loses-what-is-interworked", "What is to be interworked is accepted and goes nowhere", || {
        Sip::boxed(|way, message| match is_going(way, message) && message.method() == Method::Message {
            true => Fate::Answered(answer(message, 202)),
            false => Fate::Pass,
        })
    }),
    Fault::of_function(
        "drops-interworking-notifications",
        "A notification that a message was interworked is accepted and goes nowhere",
        || {
            Sip::boxed(|way, message| match way == Way::In && tells_of_interworking(message) {
                true => Fate::Answered(answer(message, 200)),
                false => Fate::Pass,
            })
        },
    ),
    Fault::of_function(
        "alters-interworking-notifications",
        "A notification that a message was interworked is about another message",
        || {
            Sip::boxed(|way, message| match way == Way::Out && tells_of_interworking(message) {
                true => Fate::altered(about_another(message)),
                false => Fate::Pass,
            })
        },
    ),
    Fault::of_function(
        "refuses-the-interworking-function",
        "Messages and sessions of those who have but a telephone number are refused",
        || {
            Sip::boxed(|way, message| match way == Way::In && is_of_telephone(message) {
                true => Fate::Answered(answer(message, 403)),
                false => Fate::Pass,
            })
        },
    ),
];

fn is_going(way: Way, message: &Message) -> bool {
    way == Way::Out && is_interworked(message)
}

fn tells_of_interworking(message: &Message) -> bool {
    let text = String::from_utf8_lossy(message.body());
    message.is_request() && message.method() == Method::Message && text.contains("interworking-notification")
}

fn about_another(message: &Message) -> Bytes {
    let text = String::from_utf8_lossy(message.body()).replacen("<message-id>", "<message-id>another-", 1);
    let content_type = message.header(&Name::ContentType).unwrap_or_default();
    message.edit().body(content_type, text.into_bytes().into()).finish().octets().clone()
}

fn is_of_telephone(message: &Message) -> bool {
    let begins = message.is_request() && matches!(message.method(), Method::Message | Method::Invite);
    let mut asserted = message.asserted_identities().filter_map(Result::ok);
    begins && message.to_tag().is_none() && asserted.any(|identity| identity.uri.starts_with("tel:"))
}

/// Does something to SIP messages.
struct Sip(fn(Way, &Message) -> Fate);

impl Sip {
    fn boxed(does: fn(Way, &Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Sip(does))
    }
}

impl Mischief for Sip {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        (self.0)(way, message)
    }
}
