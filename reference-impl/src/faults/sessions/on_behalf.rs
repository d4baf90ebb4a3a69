//! Faults with the sessions that the function holds for a user who asked for none. [PF-SES-02].

use super::setting_up::backwards;
use crate::call::bodies;
use crate::faults::Fault;
use crate::faults::editing::{answer, call, with_field};
use crate::faults::missed::{Chat, chat};
use crate::faults::passage::Way;
use crate::faults::scene::{Scene, Side};
use crate::faults::tampering::{Fate, Mischief};
use cpm_wire::sip::{Builder, Message, Method, Name};
use std::collections::HashMap;
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault::of_function(
        "delivers-in-another-contribution",
        "A delivery has a Contribution-ID that is no chat's",
        || Box::new(Calls(|invite| backwards(invite, Name::ContributionId))),
    ),
    Fault::of_function(
        "delivers-in-another-conversation",
        "A delivery has a Conversation-ID that is no chat's",
        || Box::new(Calls(|invite| backwards(invite, Name::ConversationId))),
    ),
    Fault::of_function("delivers-without-a-conversation", "A delivery has no Conversation-ID", || {
        Box::new(Calls(|invite| Fate::altered(invite.edit().remove(&Name::ConversationId).finish().octets().clone())))
    }),
    Fault::of_function("delivers-for-another-served-user", "A delivery is told to be for somebody else", || {
        Box::new(Calls(|invite| {
            let served = "<sip:somebody@else.example>;sescase=term;regstate=reg";
            Fate::altered(with_field(invite, Name::PServedUser, served))
        }))
    }),
    Fault::of_function("gives-up-its-own-calls", "The function refuses its own calls before they go out", || {
        Box::new(Calls(|invite| Fate::Answered(answer(invite, 480))))
    }),
    Fault::of_function("delivers-in-the-dialog-of-the-focus", "A delivery has the Call-ID of the invitation", || {
        Box::new(SharesCallId::default())
    }),
    Fault::of_function("cancels-what-stands", "The function cancels its call after it was accepted", || {
        Box::new(CancelsWhatStands::default())
    }),
];

/// What becomes of the calls to a device that the function makes in a group by itself.
struct Calls(fn(&Message) -> Fate);

impl Mischief for Calls {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let own = call(scene, way, message).is_some() && bodies::is_group(message);
        if own { (self.0)(message) } else { Fate::Pass }
    }
}

/// The Call-IDs of the invitations of a focus, by chat; and for the calls of the function, by its Call-ID and by its tag,
/// the Call-ID that the other end knows, and its own.
#[derive(Default)]
struct SharesCallId {
    invited: HashMap<Chat, String>,
    shown: HashMap<String, String>,
    own: HashMap<String, String>,
}

impl Mischief for SharesCallId {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        let first = message.is_request() && message.method() == Method::Invite && message.to_tag().is_none();
        if way == Way::In && first && leg.side == Side::Remote && bodies::is_group(message) {
            self.invited.insert(chat(leg), leg.call_id.clone());
        }
        if let Some(own) = call(scene, way, message)
            && let (Some(shown), Some(tag)) = (self.invited.get(&chat(own)), message.from_tag())
        {
            self.shown.insert(own.call_id.clone(), shown.clone());
            self.own.insert(tag.to_owned(), own.call_id.clone());
        }
        let tag = if message.is_request() { message.to_tag() } else { message.from_tag() };
        let call_id = match way {
            Way::Out => self.shown.get(&leg.call_id),
            Way::In => tag.and_then(|tag| self.own.get(tag)),
        };
        call_id.map_or(Fate::Pass, |call_id| Fate::altered(with_field(message, Name::CallId, call_id)))
    }
}

/// The calls of the function, by Call-ID.
#[derive(Default)]
struct CancelsWhatStands(HashMap<String, Message>);

impl Mischief for CancelsWhatStands {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        if let Some(own) = call(scene, way, message).filter(|_| bodies::is_group(message)) {
            self.0.insert(own.call_id.clone(), message.clone());
            return Fate::Pass;
        }
        let acknowledges = way == Way::Out && message.is_request() && message.method() == Method::Ack;
        let invite = message.call_id().filter(|_| acknowledges).and_then(|call_id| self.0.remove(call_id));
        // The ACK of a refusal belongs to the transaction of the INVITE (RFC 3261 section 17.1.1.3).
        let stands = invite.filter(|invite| invite.header(&Name::Via) != message.header(&Name::Via));
        let cancelled = stands.as_ref().and_then(cancellation);
        cancelled.map_or(Fate::Pass, |cancel| Fate::Followed(vec![(Duration::from_millis(1), cancel.octets().clone())]))
    }
}

/// The CANCEL of an INVITE (RFC 3261 section 9.1).
fn cancellation(invite: &Message) -> Option<Message> {
    let cancel = Builder::request(Method::Cancel, invite.request_uri()?);
    let names = [Name::Via, Name::Route, Name::MaxForwards, Name::From, Name::To, Name::CallId];
    let copied = names.into_iter().fold(cancel, |cancel, name| match invite.header(&name) {
        Some(value) => cancel.header(name.clone(), value),
        None => cancel,
    });
    Some(copied.header(Name::CSeq, format!("{} CANCEL", invite.cseq().ok()?.number)).build())
}
