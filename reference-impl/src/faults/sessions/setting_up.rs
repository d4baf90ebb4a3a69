//! Faults in how a session between two comes to be. [PF-SES-01].

use super::{Signalled, acceptance, begins, begins_between_two, refuses};
use crate::call::offer::described;
use crate::faults::Fault;
use crate::faults::editing::{answer, with_field};
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashMap;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function(
        "calls-under-another-conversation-id",
        "A call goes on with a Conversation-ID of its own",
        || Signalled::boxed(|_, way, message| onward(way, message, |invite| backwards(invite, Name::ConversationId))),
    ),
    Fault::of_function(
        "calls-under-another-contribution-id",
        "A call goes on with a Contribution-ID of its own",
        || Signalled::boxed(|_, way, message| onward(way, message, |invite| backwards(invite, Name::ContributionId))),
    ),
    Fault::of_function("asserts-somebody-else", "A call goes on with another identity asserted", || {
        Signalled::boxed(|_, way, message| {
            onward(way, message, |invite| {
                Fate::altered(with_field(invite, Name::PAssertedIdentity, "<sip:somebody@else.example>"))
            })
        })
    }),
    Fault::of_function("calls-in-another-name", "A call goes on with another originator in From", || {
        Signalled::boxed(calls_in_another_name)
    }),
    Fault::of_function("drops-the-asserted-service", "A user's call goes on without its asserted service", || {
        Signalled::boxed(|scene, way, message| {
            let to_network = scene.leg(message).is_some_and(|leg| leg.side == Side::Remote);
            onward(way, message, |invite| match to_network {
                true => Fate::altered(invite.edit().remove(&Name::PAssertedService).finish().octets().clone()),
                false => Fate::Pass,
            })
        })
    }),
    Fault::of_function("never-acknowledges-an-acceptance", "Who is called accepts, and gets no ACK", || {
        Signalled::boxed(|_, way, message| {
            let acknowledges = way == Way::Out && message.is_request() && message.method() == Method::Ack;
            if acknowledges { Fate::LOST } else { Fate::Pass }
        })
    }),
    Fault::of_function("swallows-an-acceptance", "The caller never hears that the call was accepted", || {
        Signalled::boxed(|_, way, message| {
            let accepts = message.method() == Method::Invite && message.status() == Some(200);
            if accepts && way == Way::Out { Fate::LOST } else { Fate::Pass }
        })
    }),
    Fault::of_function("swallows-a-refusal", "The caller never hears that the call was refused", || {
        Signalled::boxed(|_, way, message| {
            let refused = refuses(message) && message.method() == Method::Invite;
            if refused && way == Way::Out { Fate::LOST } else { Fate::Pass }
        })
    }),
    Fault::of_function("accepts-what-the-callee-refuses", "A call that is refused is accepted to its caller", || {
        Box::new(Accepts { which: |invite| described(invite).is_some(), invites: HashMap::new() })
    }),
    Fault::of_function("accepts-a-bad-description", "A call whose description is none is accepted", || {
        Box::new(Accepts { which: |invite| !has_media(invite), invites: HashMap::new() })
    }),
    Fault::of_function("accepts-an-unknown-dialog", "An INVITE in a dialog that does not exist is accepted", || {
        Box::new(AcceptsUnknown)
    }),
    Fault::of_function("ignores-the-last-hop", "A call with no hops left goes on", || {
        Signalled::boxed(|_, way, message| {
            let none_left = message.max_forwards().is_some_and(|hops| hops == Ok(0));
            let goes_on = way == Way::In && begins(message) && none_left;
            if goes_on { Fate::altered(with_field(message, Name::MaxForwards, 70)) } else { Fate::Pass }
        })
    }),
];

/// What becomes of a call where it goes on.
fn onward(way: Way, message: &Message, becomes: impl FnOnce(&Message) -> Fate) -> Fate {
    if way == Way::Out && begins_between_two(message) { becomes(message) } else { Fate::Pass }
}

/// An identifier read backwards is another one of the same form.
pub(super) fn backwards(message: &Message, name: Name) -> Fate {
    let Some(id) = message.header(&name) else { return Fate::Pass };
    let other: String = id.chars().rev().collect();
    Fate::altered(with_field(message, name, other))
}

fn calls_in_another_name(_: &Scene, way: Way, message: &Message) -> Fate {
    onward(way, message, |invite| {
        let from = format!("<sip:somebody@else.example>;tag={}", invite.from_tag().unwrap_or_default());
        Fate::altered(with_field(invite, Name::From, from))
    })
}

/// True when an invitation describes any medium.
fn has_media(invite: &Message) -> bool {
    String::from_utf8_lossy(invite.body()).contains("m=")
}

/// Of the invitations that come, some are accepted although the function refuses them.
pub(super) struct Accepts {
    /// Which.
    pub which: fn(&Message) -> bool,
    /// The invitations, by Call-ID.
    pub invites: HashMap<String, Message>,
}

impl Mischief for Accepts {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        if way == Way::In && begins_between_two(message) && (self.which)(message) {
            self.invites.insert(leg.call_id.clone(), message.clone());
        }
        let refused = way == Way::Out && refuses(message) && message.method() == Method::Invite;
        match self.invites.get(&leg.call_id).filter(|_| refused) {
            Some(invite) => Fate::altered(acceptance(invite, message)),
            None => Fate::Pass,
        }
    }
}

struct AcceptsUnknown;

impl Mischief for AcceptsUnknown {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let within = message.is_request() && message.method() == Method::Invite && message.to_tag().is_some();
        let unknown = way == Way::In && within && scene.leg(message).is_none();
        if unknown { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
    }
}
