//! The sessions that the client opens by itself: back into a group at its identity (RFC 4579), or a group begun anew at the
//! conference factory (RFC 5366); and leaving one.

use super::control::Reply;
use super::core::{ALLOW, Core, Purpose, Usage};
use super::legs::{Kind, Leg};
use crate::call::media::Peer;
use crate::call::offer::described;
use crate::call::{GROUP_SERVICE, GROUP_TAG};
use cpm_wire::dialog::Dialog;
use cpm_wire::multipart;
use cpm_wire::offer_answer::{self, Side};
use cpm_wire::resource_lists::{Entry, List};
use cpm_wire::sdp::{self, Direction};
use cpm_wire::sip::{Message, Method, Name};

impl Core {
    /// The user goes back into a chat: an INVITE to the identity of the group session.
    pub(super) fn rejoin(&mut self, at: usize, contribution: &str) -> Reply {
        let Some(focus) = self.chat(at, contribution).map(|chat| chat.focus.clone()).filter(|uri| !uri.is_empty())
        else {
            return Reply::cannot("the focus of this chat is not known");
        };
        self.call(at, contribution, &focus, None)
    }

    /// The user begins a chat anew, with those whom the final list names.
    pub(super) fn restart(&mut self, at: usize, contribution: &str) -> Reply {
        let Some(account) = self.accounts.get(at) else { return Reply::cannot("no such user") };
        let Some(chat) = account.chats.get(contribution) else { return Reply::cannot("this chat is not known") };
        let others: Vec<String> = chat.others().filter(|uri| !account.is(uri)).map(str::to_owned).collect();
        if others.is_empty() {
            return Reply::cannot("nobody else is known in this chat");
        }
        let factory = self.config.factory.clone();
        self.call(at, contribution, &factory, Some(others))
    }

    fn call(&mut self, at: usize, contribution: &str, uri: &str, list: Option<Vec<String>>) -> Reply {
        let number = self.number();
        let (media, local) = self.media_of(number, Direction::SendRecv);
        let offer = local.offer();
        let sdp = offer.to_sdp(&self.origin(&offer, 1));
        let contact = self.contact(at);
        let chat = self.chat(at, contribution);
        let (conversation, subject) =
            chat.map(|chat| (chat.conversation.clone(), chat.subject.clone())).unwrap_or_default();
        let Some(request) = self.initial(at, Method::Invite, uri) else { return Reply::cannot("no such user") };
        let mut request = request
            .header(Name::Contact, contact)
            .header(Name::PPreferredService, GROUP_SERVICE)
            .header(Name::AcceptContact, format!("*;{GROUP_TAG}"))
            .header(Name::ConversationId, conversation)
            .header(Name::ContributionId, contribution)
            .header(Name::Allow, ALLOW);
        if !subject.is_empty() {
            request = request.header(Name::Subject, subject);
        }
        let request = match list {
            None => request.body(sdp::MEDIA_TYPE, sdp),
            Some(members) => {
                let entries = members.iter().map(|member| Entry::new(member)).collect();
                let list = multipart::Part::new("application/resource-lists+xml", List { entries }.to_xml().into())
                    .header("Content-Disposition", "recipient-list");
                let (content_type, body) = multipart::build(&[multipart::Part::new(sdp::MEDIA_TYPE, sdp.into()), list]);
                request.header(Name::Require, "recipient-list-invite").body(&content_type, body)
            }
        };
        let request = request.build();
        let mut leg = Leg::new(at, contribution, Kind::Chat, request.clone());
        (leg.media, leg.own) = (Some(media), Some(offer));
        self.legs.insert(number, leg);
        let client = self.send(request, Purpose::Invite(number));
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.calling = Some(client);
        }
        Reply::done()
    }

    /// Somebody has answered an INVITE of the client.
    pub(super) fn invite_answered(&mut self, number: u64, response: Option<&Message>, repeated: bool) {
        let status = response.and_then(Message::status).unwrap_or(408);
        let Some(leg) = self.legs.get_mut(&number) else { return };
        match response {
            Some(_) if status < 200 => {}
            Some(_) if repeated => {
                if let Some(ack) = leg.ack.clone() {
                    self.sip.repeat(&ack);
                }
            }
            Some(response) if status < 300 && leg.dialog.is_some() => self.end_at_once(number, response),
            Some(response) if status < 300 => self.call_accepted(number, response),
            _ if leg.dialog.is_some() => {}
            _ => {
                if let Some(leg) = self.legs.remove(&number) {
                    self.forget(&leg);
                    leg.media.into_iter().for_each(|media| self.media.close(media));
                }
            }
        }
    }

    /// A fork that answered too: one session is enough (RFC 3261 section 13.2.2.4).
    fn end_at_once(&mut self, number: u64, response: &Message) {
        let invite = self.legs.get(&number).map(|leg| leg.invite.clone());
        if let Some(mut dialog) = invite.and_then(|invite| Dialog::uac(&invite, response).ok()) {
            self.sip.acknowledge(dialog.ack(1).build());
            let bye = dialog.request(Method::Bye).build();
            self.send(bye, Purpose::Plain);
        }
    }

    fn call_accepted(&mut self, number: u64, response: &Message) {
        let Some(leg) = self.legs.get_mut(&number) else { return };
        let Ok(dialog) = Dialog::uac(&leg.invite, response) else { return };
        leg.ack = Some(self.sip.acknowledge(dialog.ack(1).build()));
        let (at, contribution, given_up) = (leg.account, leg.contribution.clone(), leg.given_up);
        self.dialogs.insert((dialog.id.call_id.clone(), dialog.id.local_tag.clone()), Usage::Leg(number));
        leg.dialog = Some(dialog);
        let answer = described(response).filter(|_| !given_up);
        let (Some(own), Some(media), Some(answer)) = (leg.own.clone(), leg.media, answer) else {
            return self.hang_up(number);
        };
        let role = offer_answer::role(&own, &answer, Side::Offerer);
        self.media.start(self.now, media, &Peer::of(&answer, role));
        leg.peer = Some(answer);
        let contact = response.contacts().next().and_then(Result::ok);
        let focus = contact.filter(|contact| contact.param("isfocus").is_some()).map(|contact| contact.uri.to_owned());
        if let (Some(focus), Some(chat)) = (focus, self.chat_mut(at, &contribution)) {
            // The factory may have made another focus: from now on the chat is there (RFC 4579 section 5.5).
            chat.focus = focus;
            self.watch(at, &contribution);
        }
    }

    /// The user leaves a chat for good.
    pub(super) fn leave(&mut self, at: usize, contribution: &str) -> Reply {
        let own = |leg: &Leg| leg.account == at && leg.contribution == contribution && leg.asks.is_none();
        let legs: Vec<u64> = self.legs.iter().filter(|(_, leg)| own(leg)).map(|(number, _)| *number).collect();
        if legs.is_empty() {
            return Reply::cannot("the user is not in this chat");
        }
        self.unwatch(at, contribution);
        legs.into_iter().for_each(|number| self.hang_up(number));
        Reply::done()
    }
}
