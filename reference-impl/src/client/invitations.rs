//! Invitations: to a group, which are taken without asking the user, to a chat of two, and to sessions that only bring what
//! was stored (RFC 3261 section 13.3, RFC 4579).

use super::control::Reply;
use super::core::{ALLOW, Core, Usage};
use super::legs::{Kind, Leg, MOST_LEGS};
use super::lists::Listing;
use crate::call::bodies;
use crate::call::media::Peer;
use crate::call::offer::{described, description};
use cpm_wire::dialog::Dialog;
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::resource_lists::List;
use cpm_wire::sdp::{self, Direction};
use cpm_wire::sip::{Builder, Message, Name, reason_phrase};
use cpm_wire::transaction::ServerId;

impl Core {
    /// Somebody invites a user.
    pub(super) fn invited(&mut self, server: ServerId, at: usize, invite: &Message) {
        let contribution = invite.header(&Name::ContributionId).unwrap_or_default().to_owned();
        let conversation = invite.header(&Name::ConversationId).unwrap_or_default().to_owned();
        let Some(contact) = invite.contacts().next().and_then(Result::ok) else {
            return self.refuse(server, invite, 400);
        };
        if contribution.is_empty() {
            return self.refuse(server, invite, 400);
        }
        if described(invite).is_none() {
            return self.refuse(server, invite, 488);
        }
        if self.legs.len() >= MOST_LEGS {
            return self.refuse(server, invite, 486);
        }
        let focus = contact.param("isfocus").is_some().then(|| contact.uri.to_owned());
        let from_store = focus.is_none() && is_of_the_store(invite);
        let notifications = from_store && is_bare(invite);
        if from_store && !is_asserted(invite) || notifications && !self.config.stored_notifications {
            // Whoever says that it is the store has to be vouched for by the network.
            return self.refuse(server, invite, 403);
        }
        let kind = if notifications { Kind::Notifications } else { Kind::Chat };
        if kind == Kind::Chat && !self.introduce(at, invite, &contribution, &conversation, focus.as_deref()) {
            return self.refuse(server, invite, 486);
        }
        let number = self.number();
        let mut leg = Leg::new(at, &contribution, kind, invite.clone());
        leg.tag = self.tokens.tag();
        let asks = invite.header(&Name::AnswerMode).is_some_and(|mode| mode.to_ascii_lowercase().starts_with("manual"));
        leg.asks = asks.then_some(server);
        let ringing = Builder::response(invite, 180, reason_phrase(180)).to_tag(&leg.tag);
        self.legs.insert(number, leg);
        match asks {
            // RFC 5373: the caller wants the user to be asked.
            true => {
                let contact = self.contact(at);
                self.sip.respond(self.now, server, ringing.header(Name::Contact, contact).build());
            }
            false => self.accept(server, number),
        }
    }

    /// Keeps what an invitation tells of its chat; false when the user has too many chats.
    fn introduce(
        &mut self,
        at: usize,
        invite: &Message,
        contribution: &str,
        conversation: &str,
        focus: Option<&str>,
    ) -> bool {
        let Some(chat) = self.chat_or_new(at, contribution, conversation) else { return false };
        if let Some(focus) = focus {
            chat.focus = focus.to_owned();
        }
        if let Some(subject) = invite.header(&Name::Subject) {
            chat.subject = subject.to_owned();
        }
        let only_sends = described(invite).is_some_and(|offer| offer.direction == Direction::SendOnly);
        let alone = !self.legs.values().any(|leg| leg.account == at && leg.contribution == contribution);
        let parts = bodies::parts(invite);
        let list = parts.iter().find(|part| part.essence == "application/resource-lists+xml");
        let list = list.and_then(|part| List::parse(&part.octets).ok());
        let Some(chat) = self.chat_mut(at, contribution) else { return false };
        if let Some(list) = list
            && (chat.is_unlisted() || only_sends && alone)
        {
            // The list of a delivery is the last word on the members, unless a document follows.
            chat.listed(Listing::of_uris(list.uris()));
        }
        true
    }

    /// Answers an invitation with 200, and takes the media.
    fn accept(&mut self, server: ServerId, number: u64) {
        let Some(leg) = self.legs.get(&number) else { return };
        let (at, invite, leg_tag) = (leg.account, leg.invite.clone(), leg.tag.clone());
        let (Some(offer), Some(offered)) = (described(&invite), description(&invite)) else { return };
        let (media, local) = self.media_of(number, offer.direction.mirrored());
        let answer = match offer_answer::answer(&offer, &local) {
            Ok(answer) => self.turned(answer, offer.direction),
            Err(refused) => {
                self.media.close(media);
                self.legs.remove(&number);
                return self.refuse(server, &invite, refused.status);
            }
        };
        let tag = leg_tag;
        let Ok(mut dialog) = Dialog::uas(&invite, &tag) else {
            self.media.close(media);
            self.legs.remove(&number);
            return self.refuse(server, &invite, 400);
        };
        dialog.confirm();
        self.dialogs.insert((dialog.id.call_id.clone(), tag.clone()), Usage::Leg(number));
        let sdp = self.answer_sdp(&answer, 1, &offered);
        let contact = self.contact(at);
        let response = Builder::response(&invite, 200, reason_phrase(200)).to_tag(&tag);
        let response = response.header(Name::Contact, contact).header(Name::Allow, ALLOW);
        let response = response.body(sdp::MEDIA_TYPE, sdp).build();
        self.sip.respond(self.now, server, response);
        let role = offer_answer::role(&offer, &answer, Side::Answerer);
        self.media.start(self.now, media, &Peer::of(&offer, role));
        let Some(leg) = self.legs.get_mut(&number) else { return };
        (leg.dialog, leg.media, leg.own) = (Some(dialog), Some(media), Some(answer));
        (leg.accepted, leg.asks, leg.peer) = (Some(server), None, Some(offer));
        if leg.kind == Kind::Chat {
            let contribution = leg.contribution.clone();
            self.watch(at, &contribution);
        }
    }

    /// The user answers what the device asks about.
    pub(super) fn decide(&mut self, at: usize, contribution: &str, yes: bool) -> Reply {
        let asking = |leg: &&Leg| leg.account == at && leg.contribution == contribution;
        let found = self.legs.iter().find(|(_, leg)| asking(leg) && leg.asks.is_some());
        let Some((number, server)) = found.and_then(|(number, leg)| Some((*number, leg.asks?))) else {
            return Reply::cannot("nothing is asked in this chat");
        };
        if yes {
            self.accept(server, number);
        } else if let Some(leg) = self.legs.remove(&number) {
            self.refuse(server, &leg.invite, 603);
        }
        Reply::done()
    }

    /// An INVITE was withdrawn before the user decided.
    pub(super) fn cancelled(&mut self, invite: ServerId) {
        let asking = self.legs.iter().find(|(_, leg)| leg.asks == Some(invite)).map(|(number, _)| *number);
        if let Some(leg) = asking.and_then(|number| self.legs.remove(&number)) {
            self.refuse(invite, &leg.invite, 487);
        }
    }
}

const STORE: &str = "rcse-standfw";

/// True for an INVITE that says it comes from what stores for the user.
fn is_of_the_store(invite: &Message) -> bool {
    let named = invite.from().ok().into_iter().chain(invite.asserted_identities().filter_map(Result::ok));
    named.into_iter().any(|address| is_store(address.uri))
}

/// True for a session description and nothing more, on behalf of nobody else.
fn is_bare(invite: &Message) -> bool {
    bodies::parts(invite).len() == 1 && invite.header(&Name::ReferredBy).is_none()
}

fn is_asserted(invite: &Message) -> bool {
    invite.asserted_identities().filter_map(Result::ok).any(|address| is_store(address.uri))
}

fn is_store(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(_, rest)| rest.split('@').next() == Some(STORE))
}
