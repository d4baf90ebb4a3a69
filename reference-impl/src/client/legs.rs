//! The sessions of the client: those that it is invited to, and those that it opens (RFC 3261 sections 12 to 15, RFC 4579).

use super::account::Account;
use super::config::DrainAnswer;
use super::control::Reply;
use super::core::{ALLOW, Core, Purpose, Usage};
use crate::call::Owner;
use crate::call::bodies;
use crate::call::media::MediaId;
use crate::call::offer::described;
use cpm_wire::conference_info;
use cpm_wire::dialog::Dialog;
use cpm_wire::msrp_session;
use cpm_wire::multipart;
use cpm_wire::offer_answer::{self, LocalMedia, Side};
use cpm_wire::resource_lists::{Entry, List};
use cpm_wire::sdp::{self, Direction, MsrpMedia, Origin, Session};
use cpm_wire::sip::{Message, Method, Name, identity_key};
use cpm_wire::transaction::ServerId;

/// The service of group sessions.
pub(super) const GROUP_SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.session.group";
/// What a SEND may carry.
const ACCEPT_TYPES: [&str; 3] = ["message/cpim", "application/im-iscomposing+xml", conference_info::MEDIA_TYPE];
/// The largest message that is taken.
const MOST_OCTETS: u64 = 10 * 1024 * 1024;
/// Sessions at a time of one process.
const MOST_LEGS: usize = 10_000;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A chat.
    Chat,
    /// Notifications that were stored for the user.
    Notifications,
}

/// One session.
#[derive(Debug)]
pub(super) struct Leg {
    pub account: usize,
    pub contribution: String,
    pub kind: Kind,
    /// The INVITE, ours or theirs.
    pub invite: Message,
    /// For as long as the user has not decided.
    pub asks: Option<ServerId>,
    /// The INVITE that was accepted, for as long as nobody acknowledged it.
    pub accepted: Option<ServerId>,
    pub dialog: Option<Dialog>,
    pub media: Option<MediaId>,
    pub own: Option<MsrpMedia>,
    ack: Option<Message>,
    /// The version of the own session description.
    version: u64,
}

impl Leg {
    fn new(account: usize, contribution: &str, kind: Kind, invite: Message) -> Leg {
        let contribution = contribution.to_owned();
        let (dialog, media, own, ack, asks, accepted) = (None, None, None, None, None, None);
        Leg { account, contribution, kind, invite, asks, accepted, dialog, media, own, ack, version: 1 }
    }

    /// True while it can carry words of the user.
    pub(super) fn sends(&self) -> bool {
        self.dialog.is_some() && self.own.as_ref().is_some_and(|own| own.direction.sends())
    }
}

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
        let notifications = focus.is_none() && is_of_the_store(invite);
        if notifications && !is_asserted(invite) {
            // Whoever says that it is the store has to be vouched for by the network.
            return self.refuse(server, invite, 403);
        }
        let kind = if notifications { Kind::Notifications } else { Kind::Chat };
        if kind == Kind::Chat && !self.introduce(at, invite, &contribution, &conversation, focus.as_deref()) {
            return self.refuse(server, invite, 486);
        }
        let number = self.number();
        let mut leg = Leg::new(at, &contribution, kind, invite.clone());
        if notifications && !self.config.stored_notifications {
            leg.asks = Some(server);
            self.legs.insert(number, leg);
            return self.refuse(server, invite, 180);
        }
        self.legs.insert(number, leg);
        self.accept(server, number);
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
        let chat = self.accounts.get_mut(at).and_then(|account| account.chat(contribution, conversation));
        let Some(chat) = chat else { return false };
        chat.delivered_anew();
        if let Some(focus) = focus {
            chat.focus = focus.to_owned();
        }
        if let Some(subject) = invite.header(&Name::Subject) {
            chat.subject = subject.to_owned();
        }
        let parts = bodies::parts(invite);
        let list = parts.iter().find(|part| part.essence == "application/resource-lists+xml");
        if let Some(list) = list.and_then(|part| List::parse(&part.octets).ok()) {
            let members: Vec<String> = list.uris().map(str::to_owned).collect();
            chat.invited_with(&members);
        }
        true
    }

    /// Answers an invitation with 200, and takes the media.
    fn accept(&mut self, server: ServerId, number: u64) {
        let Some(leg) = self.legs.get(&number) else { return };
        let (at, invite) = (leg.account, leg.invite.clone());
        let (Some(offer), Some(session)) = (described(&invite), session_of(&invite)) else { return };
        let (media, local) = self.media_of(number, offer.direction.mirrored());
        let answer = match offer_answer::answer(&offer, &local) {
            Ok(answer) => self.turned(answer, offer.direction),
            Err(refused) => {
                self.media.close(media);
                self.legs.remove(&number);
                return self.refuse(server, &invite, refused.status);
            }
        };
        let tag = self.tokens.tag();
        let Ok(mut dialog) = Dialog::uas(&invite, &tag) else {
            self.media.close(media);
            self.legs.remove(&number);
            return self.refuse(server, &invite, 400);
        };
        dialog.confirm();
        self.dialogs.insert((dialog.id.call_id.clone(), tag.clone()), Usage::Leg(number));
        let sdp = answer.to_answer_sdp(&self.origin(&answer, 1), &session);
        let contact = self.contact(at);
        let mut response =
            cpm_wire::sip::Builder::response(&invite, 200, cpm_wire::sip::reason_phrase(200)).to_tag(&tag);
        for route in invite.headers(&Name::RecordRoute) {
            response = response.header(Name::RecordRoute, route);
        }
        let response =
            response.header(Name::Contact, contact).header(Name::Allow, ALLOW).body(sdp::MEDIA_TYPE, sdp).build();
        self.sip.respond(self.now, server, response);
        let role = offer_answer::role(&offer, &answer, Side::Answerer);
        self.media.start(self.now, media, offer.path.clone(), role);
        let Some(leg) = self.legs.get_mut(&number) else { return };
        (leg.dialog, leg.media, leg.own) = (Some(dialog), Some(media), Some(answer));
        (leg.accepted, leg.asks) = (Some(server), None);
        if leg.kind == Kind::Chat {
            let contribution = leg.contribution.clone();
            self.watch(at, &contribution);
        }
    }

    /// The direction in which an offer to receive alone is answered.
    fn turned(&self, mut answer: MsrpMedia, offered: Direction) -> MsrpMedia {
        if offered == Direction::SendOnly {
            answer.direction = match self.config.drain_answer {
                DrainAnswer::Recvonly => Direction::RecvOnly,
                DrainAnswer::Sendrecv => Direction::SendRecv,
                DrainAnswer::Mirror => offered,
            };
        }
        answer
    }

    fn media_of(&mut self, number: u64, direction: Direction) -> (MediaId, LocalMedia) {
        let config = msrp_session::Config {
            response_timeout: self.config.msrp_response,
            max_message_octets: MOST_OCTETS,
            ..msrp_session::Config::default()
        };
        let media = self.media.open(Owner::Session(number), self.tokens.token(), config);
        let address = self.media.local();
        let local = LocalMedia {
            address: address.ip().to_string(),
            port: address.port(),
            path: self.media.path(media).map(str::to_owned).into_iter().collect(),
            prefer_active: true,
            direction,
            accept_types: ACCEPT_TYPES.map(str::to_owned).to_vec(),
            accept_wrapped_types: vec!["*".to_owned()],
            max_size: Some(MOST_OCTETS),
            ..LocalMedia::default()
        };
        (media, local)
    }

    fn origin(&self, own: &MsrpMedia, version: u64) -> Origin {
        let session_id = self.now.as_nanos() / 1_000_000;
        Origin { session_id, version, address: own.address.clone(), ..Origin::default() }
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

    /// Nobody acknowledged a session: it is ended (RFC 3261 section 13.3.1.4).
    pub(super) fn unacknowledged(&mut self, server: ServerId) {
        let found = self.legs.iter().find(|(_, leg)| leg.accepted == Some(server)).map(|(number, _)| *number);
        if let Some(number) = found {
            self.hang_up(number);
        }
    }

    /// A request within a session.
    pub(super) fn in_leg(&mut self, server: ServerId, number: u64, request: &Message) {
        let Some(leg) = self.legs.get_mut(&number) else { return self.refuse(server, request, 481) };
        if leg.dialog.as_mut().is_some_and(|dialog| dialog.receive(request).is_err()) {
            return self.refuse(server, request, 500);
        }
        match request.method() {
            Method::Bye => {
                self.refuse(server, request, 200);
                self.ended(number);
            }
            Method::Invite | Method::Update => self.changed(server, number, request),
            Method::Options | Method::Info => self.refuse(server, request, 200),
            Method::Message => {
                let at = leg.account;
                self.pager(server, at, request);
            }
            _ => self.reply(server, request, 405, |response| response.header(Name::Allow, ALLOW)),
        }
    }

    /// The peer refreshes a session, or changes its direction; the media stay where they are.
    fn changed(&mut self, server: ServerId, number: u64, request: &Message) {
        let Some(leg) = self.legs.get_mut(&number) else { return };
        let at = leg.account;
        if let Some(dialog) = &mut leg.dialog {
            dialog.refresh(request);
        }
        let (Some(offer), Some(session)) = (described(request), session_of(request)) else {
            let status = if request.method() == Method::Update && request.body().is_empty() { 200 } else { 488 };
            return self.refuse(server, request, status);
        };
        let Some(own) = leg.own.clone() else { return self.refuse(server, request, 488) };
        leg.version += 1;
        let version = leg.version;
        let own = self.turned(MsrpMedia { direction: offer.direction.mirrored(), ..own }, offer.direction);
        let sdp = own.to_answer_sdp(&self.origin(&own, version), &session);
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.own = Some(own);
        }
        let contact = self.contact(at);
        self.reply(server, request, 200, |response| response.header(Name::Contact, contact).body(sdp::MEDIA_TYPE, sdp));
    }

    /// The far end has ended a session.
    fn ended(&mut self, number: u64) {
        let Some(leg) = self.legs.remove(&number) else { return };
        self.forget(&leg);
        let drained = leg.own.as_ref().is_some_and(|own| !own.direction.sends());
        let alone = !self.legs.values().any(|other| other.contribution == leg.contribution);
        if self.config.rejoin_after_drain && drained && alone && leg.kind == Kind::Chat {
            self.rejoin(leg.account, &leg.contribution);
        }
    }

    /// Ends a session from this side.
    pub(super) fn hang_up(&mut self, number: u64) {
        let Some(mut leg) = self.legs.remove(&number) else { return };
        self.forget(&leg);
        if let Some(bye) = leg.dialog.as_mut().map(|dialog| dialog.request(Method::Bye)) {
            let bye = bye.header(Name::Reason, "SIP;cause=200;text=\"Call completed\"").build();
            self.send(bye, Purpose::Plain);
        }
    }

    fn forget(&mut self, leg: &Leg) {
        if let Some(media) = leg.media {
            self.media.close(media);
        }
        if let Some(dialog) = &leg.dialog {
            self.dialogs.remove(&(dialog.id.call_id.clone(), dialog.id.local_tag.clone()));
        }
    }

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
        let own = |account: &Account, uri: &str| account.is(uri);
        let Some(account) = self.accounts.get(at) else { return Reply::cannot("no such user") };
        let Some(chat) = account.chats.get(contribution) else { return Reply::cannot("this chat is not known") };
        let others: Vec<String> = chat.present().filter(|uri| !own(account, uri)).map(str::to_owned).collect();
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
            .header(Name::AcceptContact, format!("*;+g.3gpp.icsi-ref=\"{}\"", GROUP_SERVICE.replace(':', "%3A")))
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
        self.send(request, Purpose::Invite(number));
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
            Some(response) if status < 300 => self.call_accepted(number, response),
            _ => {
                if let Some(leg) = self.legs.remove(&number) {
                    self.forget(&leg);
                }
            }
        }
    }

    fn call_accepted(&mut self, number: u64, response: &Message) {
        let Some(leg) = self.legs.get_mut(&number) else { return };
        let Ok(dialog) = Dialog::uac(&leg.invite, response) else { return };
        let ack = self.sip.acknowledge(dialog.ack(1).build());
        let Some(leg) = self.legs.get_mut(&number) else { return };
        let (at, contribution) = (leg.account, leg.contribution.clone());
        leg.ack = Some(ack);
        self.dialogs.insert((dialog.id.call_id.clone(), dialog.id.local_tag.clone()), Usage::Leg(number));
        leg.dialog = Some(dialog);
        let (Some(own), Some(media), Some(answer)) = (leg.own.clone(), leg.media, described(response)) else {
            return self.hang_up(number);
        };
        let role = offer_answer::role(&own, &answer, Side::Offerer);
        let sends = own.direction.sends() && answer.direction.receives();
        let receives = own.direction.receives() && answer.direction.sends();
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.own = Some(MsrpMedia { direction: Direction::of(sends, receives), ..own });
        }
        self.media.start(self.now, media, answer.path.clone(), role);
        let contact = response.contacts().next().and_then(Result::ok);
        if let Some(focus) = contact.filter(|contact| contact.param("isfocus").is_some()) {
            let focus = focus.uri.to_owned();
            let moved =
                self.chat(at, &contribution).is_some_and(|chat| identity_key(&chat.focus) != identity_key(&focus));
            if moved {
                self.unwatch(at, &contribution);
            }
            if let Some(chat) = self.chat_mut(at, &contribution) {
                chat.focus = focus;
            }
            self.watch(at, &contribution);
        }
    }

    /// The user leaves a chat for good.
    pub(super) fn leave(&mut self, at: usize, contribution: &str) -> Reply {
        let own = |leg: &Leg| leg.account == at && leg.contribution == contribution && leg.dialog.is_some();
        let legs: Vec<u64> = self.legs.iter().filter(|(_, leg)| own(leg)).map(|(number, _)| *number).collect();
        if legs.is_empty() {
            return Reply::cannot("the user is not in this chat");
        }
        self.unwatch(at, contribution);
        legs.into_iter().for_each(|number| self.hang_up(number));
        Reply::done()
    }
}

fn session_of(message: &Message) -> Option<Session> {
    let part = bodies::parts(message).into_iter().find(|part| part.essence == sdp::MEDIA_TYPE)?;
    Session::parse(&part.octets).ok()
}

const STORE: &str = "rcse-standfw";

/// True for an INVITE that says it comes from what stores for the user, with a session description and nothing more.
fn is_of_the_store(invite: &Message) -> bool {
    let named = invite.from().ok().into_iter().chain(invite.asserted_identities().filter_map(Result::ok));
    let bare = bodies::parts(invite).len() == 1;
    let referred = invite.header(&Name::ReferredBy).is_some();
    bare && !referred && named.into_iter().any(|address| is_store(address.uri))
}

fn is_asserted(invite: &Message) -> bool {
    invite.asserted_identities().filter_map(Result::ok).any(|address| is_store(address.uri))
}

fn is_store(uri: &str) -> bool {
    uri.split_once(':').is_some_and(|(_, rest)| rest.split('@').next() == Some(STORE))
}
