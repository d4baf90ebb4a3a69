//! Faults with what is handed over.

use crate::call::served::served_user;
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::sip::{Message, Method};
use cpm_wire::x2x3::{Attribute, Direction, Kind, Pdu, attribute};
use std::collections::HashMap;
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("loses-intercepted-content", "Of the content of a target nothing is handed over", || {
        Box::new(HandedOver(|pdu| if pdu.kind == Kind::X3 { Fate::LOST } else { Fate::Pass }))
    }),
    Fault::of_function("loses-intercepted-events", "Of what the target sends no event is handed over", || {
        Box::new(HandedOver(|pdu| match (pdu.kind, pdu.direction) {
            (Kind::X2, Direction::FromTarget) => Fate::LOST,
            _ => Fate::Pass,
        }))
    }),
    Fault::of_function("turns-intercepted-directions-round", "What the target sent is said to be for it", || {
        Box::new(HandedOver(|pdu| {
            let direction = match pdu.direction {
                Direction::ToTarget => Direction::FromTarget,
                Direction::FromTarget => Direction::ToTarget,
                other => other,
            };
            Fate::altered(Pdu { direction, ..pdu.clone() }.to_octets())
        }))
    }),
    Fault::of_function("hands-over-another-user", "Events are handed over that are not the target's", || {
        Box::new(AnotherUser::default())
    }),
    Fault::of_function(
        "reports-deferred-content-twice",
        "What was reported when it was taken is reported anew when it is delivered",
        || Box::new(Twice::default()),
    ),
];

/// What becomes of what is handed over.
struct HandedOver(fn(&Pdu) -> Fate);

impl Mischief for HandedOver {
    fn handed_over(&mut self, pdu: &Pdu) -> Fate {
        (self.0)(pdu)
    }
}

/// The last request of each user that began something.
#[derive(Default)]
struct AnotherUser(HashMap<String, Bytes>);

impl Mischief for AnotherUser {
    fn sip(&mut self, _: &Scene, _: Way, message: &Message) -> Fate {
        let begins = message.is_request() && matches!(message.method(), Method::Invite | Method::Message);
        if begins && let Some(served) = served_user(message) {
            self.0.insert(served.key, message.octets().clone());
        }
        Fate::Pass
    }

    fn handed_over(&mut self, pdu: &Pdu) -> Fate {
        let own = pdu.matched_target().map(cpm_wire::sip::identity_key);
        let other = self.0.iter().find(|(user, _)| Some(*user) != own.as_ref()).map(|(_, octets)| octets.clone());
        match other.filter(|_| pdu.kind == Kind::X2) {
            Some(payload) => Fate::altered(Pdu { payload, ..pdu.clone() }.to_octets()),
            None => Fate::Pass,
        }
    }
}

/// What was taken for targets, by the Call-ID of the message, or by that of the session before.
#[derive(Default)]
struct Twice {
    messages: Vec<(String, Bytes, Pdu)>,
    content: Vec<Pdu>,
}

impl Twice {
    /// What had been handed over of what this request delivers now.
    fn delivered(&mut self, request: &Message) -> Vec<Pdu> {
        let call_id = request.call_id().unwrap_or_default();
        if request.method() == Method::Invite {
            return std::mem::take(&mut self.content);
        }
        let again = |(id, body, _): &(String, Bytes, Pdu)| id != call_id && *body == request.body_octets();
        self.messages.iter().filter(|one| again(one)).map(|(.., pdu)| pdu.clone()).collect()
    }
}

impl Mischief for Twice {
    fn handed_over(&mut self, pdu: &Pdu) -> Fate {
        if pdu.kind == Kind::X3 {
            self.content.push(pdu.clone());
            return Fate::Pass;
        }
        let Ok(message) = Message::parse(pdu.payload.clone()) else { return Fate::Pass };
        let begins = message.is_request() && message.to_tag().is_none() && pdu.direction == Direction::ToTarget;
        if !begins || !matches!(message.method(), Method::Invite | Method::Message) {
            return Fate::Pass;
        }
        let again = self.delivered(&message);
        if message.method() == Method::Message && again.is_empty() {
            let call_id = message.call_id().unwrap_or_default().to_owned();
            self.messages.push((call_id, message.body_octets(), pdu.clone()));
        }
        let numbered = |(at, pdu): (usize, Pdu)| {
            let number = u32::try_from(at).unwrap_or(u32::MAX) | 1 << 31;
            let others = pdu.attributes.iter().filter(|one| one.kind != attribute::SEQUENCE_NUMBER).cloned();
            let attributes = std::iter::once(Attribute::sequence_number(number)).chain(others).collect();
            (Duration::from_millis(1), Pdu { attributes, ..pdu.clone() }.to_octets())
        };
        Fate::Followed(again.into_iter().enumerate().map(numbered).collect())
    }
}
