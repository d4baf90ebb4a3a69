//! Faults with messages to several recipients.

use super::{is_pager_of, once_more, with_another_octet};
use crate::call::served::SessionCase;
use crate::faults::Fault;
use crate::faults::editing::answer;
use crate::faults::multi_device::answers_own;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use crate::functions::messages::{Body, Kind, kind};
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashMap;
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("explodes-to-all-but-one", "The first recipient of a list gets nothing", || {
        Exploding::boxed(|message| Fate::Answered(answer(message, 200)))
    }),
    Fault::of_function("explodes-twice", "The first recipient of a list gets the message twice", || {
        Exploding::boxed(|message| Fate::Followed(vec![(Duration::from_millis(1), once_more(message))]))
    }),
    Fault::of_function("alters-one-copy-of-a-list", "The first recipient of a list gets another text", || {
        Exploding::boxed(|message| Fate::altered(with_another_octet(message)))
    }),
    Fault::of_function("refuses-lists", "A message to a list is refused", || Box::new(RefusesLists)),
];

/// Does something to the first of the copies that a message to a list goes on in, or to the list that goes to an exploder.
struct Exploding {
    /// By Contribution-ID: who was the first.
    first: HashMap<String, Option<String>>,
    does: fn(&Message) -> Fate,
}

impl Exploding {
    fn boxed(does: fn(&Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Exploding { first: HashMap::new(), does })
    }
}

impl Mischief for Exploding {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if way == Way::In && answers_own(message) {
            return Fate::LOST;
        }
        let Some(contribution) = message.header(&Name::ContributionId) else { return Fate::Pass };
        if way == Way::In && is_to_list(message) {
            self.first.entry(contribution.to_owned()).or_default();
        }
        if way == Way::In || !is_pager_of(message, SessionCase::Originating) {
            return Fate::Pass;
        }
        let Some(first) = self.first.get_mut(contribution) else { return Fate::Pass };
        let target = message.request_uri().unwrap_or_default();
        match first.get_or_insert_with(|| target.to_owned()) == target {
            true => (self.does)(message),
            false => Fate::Pass,
        }
    }
}

fn is_to_list(message: &Message) -> bool {
    let is_message = message.is_request() && message.method() == Method::Message;
    is_message && matches!(kind(message), Kind::Message(Body { recipients: Some(_), .. }))
}

struct RefusesLists;

impl Mischief for RefusesLists {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if way == Way::In && is_to_list(message) { Fate::Answered(answer(message, 403)) } else { Fate::Pass }
    }
}
