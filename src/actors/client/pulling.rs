//! What a device does by itself, without its user: it comes back to a group once a delivery is over, fetches what it was
//! told of, and where targets wait for that, comes as soon as it is registered.

use super::joining::Joining;
use super::reports::delivered;
use super::{Client, Conduct, LegState};
use crate::actors::message::{Taken, refuse};
use crate::actors::session::GROUP_SERVICE;
use crate::actors::signalling::{Purpose, Signalling};
use crate::evidence::Event;
use bytes::Bytes;
use cpm_wire::conference_info::Roster;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::ServerId;

/// How, by the target's statement, what was missed comes to a device that does not only wait for an invitation.
#[derive(Clone, Debug, Default)]
pub struct Customs {
    /// It rejoins by itself a group that goes on.
    pub pulls_live: bool,
    /// It rejoins by itself a group that has ended.
    pub pulls_ended: bool,
    /// Where it fetches what it was told of.
    pub deferred: String,
    /// It asks to be told of messages that wait.
    pub asks_for_word: bool,
    /// It fetches messages that wait without being told of them.
    pub fetches_unasked: bool,
    /// Where it sends what is for a list.
    pub exploder: String,
}

/// Something that a device is going to do by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be in this chat again, by its Contribution-ID; the URI where it was told that the chat is.
    Rejoin {
        /// The chat.
        contribution: String,
        /// Where.
        focus: Option<String>,
    },
    /// To fetch what waits for it in this chat.
    Fetch {
        /// The chat.
        contribution: String,
        /// Its conversation.
        conversation: String,
    },
    /// To come to every chat that its user was invited to, and to ask what else waits.
    Pull,
    /// To fetch the messages that this word says wait.
    Told(Bytes),
}

/// The trigger as which a device's own coming stands in the evidence.
const BY_ITSELF: &str = "rejoin by the device itself";

impl Client {
    /// True when the device, left to itself, comes to chats.
    pub(in crate::actors) fn is_willing(&self) -> bool {
        self.registered && self.can_chat && self.conduct == Conduct::Accept
    }

    /// What the device wants to do by itself, each wish once.
    pub(in crate::actors) fn take_wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    /// The serving CSCF has told the target of the device.
    pub(in crate::actors) fn registered_anew(&mut self) {
        self.wishes.push(Wish::Pull);
    }

    /// The far end has ended a session. When it only sent in it, that was a delivery: the device goes on in the chat.
    pub(super) fn was_dismissed(&mut self, number: u64) {
        let Some(leg) = self.legs.get(&number).filter(|leg| leg.is_one_way() && leg.belongs_to_chat()) else { return };
        let focus = leg.is_group.then(|| leg.focus.clone());
        self.wishes.push(Wish::Rejoin { contribution: leg.contribution.clone(), focus });
    }

    /// A MESSAGE reached the device: something to read, or word that something waits.
    pub fn message(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) {
        match self.receiving.take(request) {
            Taken::Ignored => return,
            Taken::Refused(status) => return refuse(signalling, server, status),
            Taken::Accepted(None) => signalling.refuse(server, 200),
            Taken::Accepted(Some(received)) => {
                signalling.refuse(server, 200);
                if self.receiving.reports && received.asks_for("positive-delivery") {
                    let sent = received.date_time.clone().unwrap_or_else(|| signalling.now.to_rfc3339());
                    self.reports(signalling, &received, &delivered(&received.message_id, &sent));
                }
                self.received.push(received);
            }
        }
        let kind = request.content_type().and_then(Result::ok).map(|kind| kind.essence()).unwrap_or_default();
        if kind != "application/simple-message-summary" || !self.is_willing() {
            if kind != "message/cpim" {
                self.is_told(request.body_octets());
            }
            return;
        }
        let text = |name: Name| request.header(&name).unwrap_or_default().to_owned();
        self.wishes
            .push(Wish::Fetch { contribution: text(Name::ContributionId), conversation: text(Name::ConversationId) });
    }

    /// True when the device is in a chat, or on its way into it.
    pub(in crate::actors) fn is_about(&self, contribution: &str) -> bool {
        self.legs.values().any(|leg| {
            leg.contribution == contribution
                && matches!(leg.state, LegState::Early | LegState::Established)
                && !leg.is_one_way()
        })
    }

    /// True when it is in a session of a chat in which it only receives.
    pub(in crate::actors) fn is_receiving(&self, contribution: &str) -> bool {
        self.legs
            .values()
            .any(|leg| leg.contribution == contribution && leg.state == LegState::Established && leg.is_one_way())
    }

    /// Comes by itself, which is a trigger of its own.
    pub(in crate::actors) fn come(&mut self, signalling: &mut Signalling, joining: &Joining<'_>) {
        signalling.links.out.event(Event::Reachable {
            person: self.key.0.clone(),
            device: self.key.1.clone(),
            yes: true,
            trigger: BY_ITSELF.to_owned(),
        });
        self.join(signalling, joining);
    }

    /// Rejoins the chat to which it is being invited, before it has answered.
    pub(super) fn cross(&mut self, signalling: &mut Signalling, invitation: &Message) {
        let text = |name: Name| invitation.header(&name).unwrap_or_default().to_owned();
        let Some(contact) = invitation.contacts().next().and_then(Result::ok) else { return };
        let joining = Joining {
            uri: contact.uri,
            contribution: &text(Name::ContributionId),
            conversation: &text(Name::ConversationId),
            subject: &text(Name::Subject),
            list: None,
            replaces: None,
            direction: Direction::SendRecv,
            service: GROUP_SERVICE,
        };
        self.come(signalling, &joining);
    }

    /// Asks the group to add somebody; false when the device is in no session of the chat.
    pub fn ask_to_add(&mut self, signalling: &mut Signalling, contribution: &str, wanted: &str) -> bool {
        let Some(number) = self.leg_of(contribution).map(|(number, _)| number) else { return false };
        let contact = self.contact_value();
        let identity = self.identity.clone();
        let Some(dialog) = self.legs.get_mut(&number).and_then(|leg| leg.dialog.as_mut()) else { return false };
        let request = dialog
            .request(Method::Refer)
            .header(Name::Contact, contact)
            .header(Name::ReferTo, format!("<{wanted}>"))
            .header(Name::ReferSub, "false")
            .header(Name::Supported, "norefersub")
            .header(Name::ReferredBy, format!("<{identity}>"));
        signalling.in_dialog(request, Purpose::Plain);
        true
    }

    /// Where the device was last told that a chat is.
    pub fn whereabouts(&self, contribution: &str) -> Option<&str> {
        let told = self.legs.values().rev().find(|leg| leg.contribution == contribution && leg.is_group);
        told.map(|leg| leg.focus.as_str()).filter(|focus| !focus.is_empty())
    }

    /// The list that a device holds of a chat: from its subscription, else from a document in a session, else from an
    /// invitation. Of rosters, those who are in the chat or on their way into it.
    pub fn list_held(&self, contribution: &str, present: impl Fn(&Roster) -> Vec<String>) -> Vec<String> {
        let subscribed = self.roster_of(contribution).map(&present).unwrap_or_default();
        let legs = || self.legs.values().rev().filter(|leg| leg.contribution == contribution);
        let told = legs().map(|leg| present(&leg.roster)).find(|list| !list.is_empty());
        let invited = legs().map(|leg| leg.list.clone()).find(|list| !list.is_empty());
        [Some(subscribed), told, invited].into_iter().flatten().find(|list| !list.is_empty()).unwrap_or_default()
    }
}
