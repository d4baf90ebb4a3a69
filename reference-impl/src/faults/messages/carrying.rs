//! Faults in what goes on of a MESSAGE.

use super::{is_pager, once_more, with_another_octet};
use crate::faults::Fault;
use crate::faults::editing::{answer, with_field};
use crate::faults::multi_device::answers_own;
use crate::faults::passage::Way;
use crate::faults::scene::Scene;
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip::{Message, Name};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function("alters-a-message", "The last octet of a pager message is another one", || {
        Onward::boxed(|message| Fate::altered(with_another_octet(message)))
    }),
    Fault::of_function("loses-a-pager-message", "A pager message is accepted and goes nowhere", || {
        Onward::boxed(|message| Fate::Answered(answer(message, 200)))
    }),
    Fault::of_function("sends-a-message-twice", "A pager message comes again under another Message-ID", || {
        Onward::boxed(|message| Fate::Followed(vec![(Duration::from_millis(1), once_more(message))]))
    }),
    Fault::of_function(
        "drops-the-conversation-of-a-message",
        "A pager message goes on without its Conversation-ID",
        || {
            Onward::boxed(|message| {
                Fate::altered(message.edit().remove(&Name::ConversationId).finish().octets().clone())
            })
        },
    ),
    Fault::of_function("sends-messages-in-another-name", "A pager message goes on as if somebody else sent it", || {
        Onward::boxed(|message| {
            Fate::altered(with_field(message, Name::PAssertedIdentity, "<sip:somebody.else@invalid>"))
        })
    }),
    Fault::of_function("takes-no-pager-messages", "Every pager message is refused", || Box::new(TakesNone)),
];

/// Does the same to every pager message that goes on.
struct Onward(fn(&Message) -> Fate);

impl Onward {
    fn boxed(does: fn(&Message) -> Fate) -> Box<dyn Mischief> {
        Box::new(Onward(does))
    }
}

impl Mischief for Onward {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        match way {
            Way::In if answers_own(message) => Fate::LOST,
            Way::Out if is_pager(message) => (self.0)(message),
            Way::In | Way::Out => Fate::Pass,
        }
    }
}

struct TakesNone;

impl Mischief for TakesNone {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        if way == Way::In && is_pager(message) { Fate::Answered(answer(message, 403)) } else { Fate::Pass }
    }
}
