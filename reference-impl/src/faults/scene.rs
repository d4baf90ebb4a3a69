//! What a fault knows of the calls that pass it: which session leads where.

use super::passage::Way;
use crate::call::bodies;
use crate::call::served::{SessionCase, served_user};
use cpm_wire::msrp::{self, MsrpUri};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use std::collections::HashMap;

/// Whom a leg of the element leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// A device of the served user.
    Device,
    /// The focus, or the other user of a chat of two.
    Remote,
}

/// A leg, or a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leg {
    /// Where it leads.
    pub side: Side,
    /// The served user.
    pub user: String,
    /// The chat's Contribution-ID.
    pub contribution: String,
    /// Call-ID.
    pub call_id: String,
    /// True when the element itself began it.
    pub invited: bool,
    /// The Request-URI of the invitation: towards a device, its contact.
    pub target: String,
    /// True for a session of a group.
    pub of_group: bool,
    /// False when the invitation says that its user is not registered.
    pub registered: bool,
}

/// The calls that pass a fault.
#[derive(Debug, Default)]
pub(super) struct Scene {
    /// The time.
    pub now: Time,
    by_call: HashMap<String, Leg>,
    by_session: HashMap<String, String>,
}

impl Scene {
    /// Learns of a leg by the request that begins it, and of its media by what the element describes.
    pub(super) fn watch(&mut self, way: Way, message: &Message) {
        let Some(call_id) = message.call_id().map(str::to_owned) else { return };
        let begins = message.is_request() && matches!(message.method(), Method::Invite | Method::Subscribe);
        if begins && message.to_tag().is_none() {
            self.invited(way, message, &call_id);
        }
        let own = (way == Way::Out).then(|| bodies::own_session(message)).flatten();
        if let Some(session) = own {
            self.by_session.insert(session, call_id);
        }
    }

    fn invited(&mut self, way: Way, invite: &Message, call_id: &str) {
        let Some(served) = served_user(invite) else { return };
        // What comes for a user comes from the far side, and what goes out for him goes to his device.
        let side = match (way, served.case) {
            (Way::In, SessionCase::Terminating) | (Way::Out, SessionCase::Originating) => Side::Remote,
            (Way::In, SessionCase::Originating) | (Way::Out, SessionCase::Terminating) => Side::Device,
        };
        let contribution = invite.header(&Name::ContributionId).unwrap_or_default().to_owned();
        let leg = Leg {
            side,
            user: served.key,
            contribution,
            call_id: call_id.to_owned(),
            invited: way == Way::Out,
            target: invite.request_uri().unwrap_or_default().to_owned(),
            of_group: bodies::is_group(invite),
            registered: served.registered.unwrap_or(true),
        };
        self.by_call.insert(call_id.to_owned(), leg);
    }

    /// The leg that a SIP message belongs to.
    pub(super) fn leg(&self, message: &Message) -> Option<&Leg> {
        self.by_call.get(message.call_id()?)
    }

    /// The leg that an MSRP message belongs to.
    pub(super) fn leg_of(&self, way: Way, message: &msrp::Message) -> Option<&Leg> {
        let path = if way == Way::In { message.to_path() } else { message.from_path() };
        let session = MsrpUri::parse(path.first()?).ok()?.session_id?;
        self.by_call.get(self.by_session.get(session)?)
    }

    /// True for a message of a session with a device.
    pub(super) fn faces_device(&self, way: Way, message: &msrp::Message) -> bool {
        self.leg_of(way, message).is_some_and(|leg| leg.side == Side::Device)
    }
}
