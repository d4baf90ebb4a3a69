//! The sessions of the client: their media, what becomes of them, their end (RFC 3261 sections 12 to 15).

use super::config::DrainAnswer;
use super::core::{ALLOW, Core, Purpose};
use super::lists::Listing;
use super::reports::Unanswered;
use crate::call::Owner;
use crate::call::media::{MediaId, Peer};
use crate::call::offer::{described, description};
use cpm_wire::conference_info;
use cpm_wire::dialog::Dialog;
use cpm_wire::msrp_session;
use cpm_wire::offer_answer::{self, LocalMedia, Side};
use cpm_wire::sdp::{self, Direction, MsrpMedia, Origin, Session};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::{ClientId, ServerId};

/// What a SEND may carry.
const ACCEPT_TYPES: [&str; 3] = ["message/cpim", "application/im-iscomposing+xml", conference_info::MEDIA_TYPE];
/// The largest message that is taken.
const MOST_OCTETS: u64 = 10 * 1024 * 1024;
/// Sessions at a time of one process.
pub(super) const MOST_LEGS: usize = 1000;

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
    /// What the peer said of its media.
    pub peer: Option<MsrpMedia>,
    /// The INVITE of the client, until it is answered for good.
    pub calling: Option<ClientId>,
    pub ack: Option<Message>,
    /// Nobody wants it any more: an answer to it is cleaned away.
    pub given_up: bool,
    /// What documents in it tell of the members.
    pub listing: Listing,
    /// The reports in it that are not answered yet, by their MSRP Message-ID.
    pub reports: Unanswered,
    /// The own tag.
    pub tag: String,
    /// The version of the own session description.
    version: u64,
}

impl Leg {
    pub(super) fn new(account: usize, contribution: &str, kind: Kind, invite: Message) -> Leg {
        Leg {
            account,
            contribution: contribution.to_owned(),
            kind,
            invite,
            asks: None,
            accepted: None,
            dialog: None,
            media: None,
            own: None,
            peer: None,
            calling: None,
            ack: None,
            given_up: false,
            listing: Listing::default(),
            reports: Unanswered::default(),
            tag: String::new(),
            version: 1,
        }
    }

    /// True while it can carry words of the user: this side sends and the other listens.
    pub(super) fn sends(&self) -> bool {
        let own = self.own.as_ref().is_some_and(|own| own.direction.sends());
        self.dialog.is_some() && own && self.peer.as_ref().is_some_and(|peer| peer.direction.receives())
    }
}

impl Core {
    /// The direction in which an offer to receive alone is answered.
    pub(super) fn turned(&self, mut answer: MsrpMedia, offered: Direction) -> MsrpMedia {
        if offered == Direction::SendOnly {
            answer.direction = match self.config.drain_answer {
                DrainAnswer::Recvonly => Direction::RecvOnly,
                DrainAnswer::Sendrecv => Direction::SendRecv,
                DrainAnswer::Mirror => offered,
            };
        }
        answer
    }

    pub(super) fn media_of(&mut self, number: u64, direction: Direction) -> (MediaId, LocalMedia) {
        let config = msrp_session::Config {
            response_timeout: self.config.msrp_response,
            max_message_octets: MOST_OCTETS,
            ..msrp_session::Config::default()
        };
        let media = self.media.open(Owner::Session(number), self.tokens.token(), config);
        (media, self.local_media(media, direction))
    }

    fn local_media(&self, media: MediaId, direction: Direction) -> LocalMedia {
        let address = self.media.local();
        LocalMedia {
            address: address.ip().to_string(),
            port: address.port(),
            path: self.media.path(media).map(str::to_owned).into_iter().collect(),
            prefer_active: true,
            direction,
            accept_types: ACCEPT_TYPES.map(str::to_owned).to_vec(),
            accept_wrapped_types: vec!["*".to_owned()],
            max_size: Some(MOST_OCTETS),
            ..LocalMedia::default()
        }
    }

    pub(super) fn origin<'a>(&self, own: &'a MsrpMedia, version: u64) -> Origin<'a> {
        let session_id = self.now.as_nanos() / 1_000_000;
        Origin { session_id, version, address: &own.address, ..Origin::default() }
    }

    /// The description of an answer to the offer in these octets.
    pub(super) fn answer_sdp(&self, answer: &MsrpMedia, version: u64, offered: &[u8]) -> String {
        let origin = self.origin(answer, version);
        Session::parse(offered).map_or_else(|_| answer.to_sdp(&origin), |offer| answer.to_answer_sdp(&origin, &offer))
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

    /// The peer refreshes a session, changes its direction, or moves its end (RFC 3261 section 14.2, RFC 3311).
    fn changed(&mut self, server: ServerId, number: u64, request: &Message) {
        let Some(leg) = self.legs.get_mut(&number) else { return };
        let Some((own, media, at)) = leg.own.clone().zip(leg.media).map(|(own, media)| (own, media, leg.account))
        else {
            return self.refuse(server, request, 491);
        };
        let (Some(offer), Some(offered)) = (described(request), description(request)) else {
            return self.unchanged(server, number, request, &own);
        };
        leg.version += 1;
        let version = leg.version;
        let moved = leg.peer.as_ref().is_none_or(|peer| peer.path != offer.path);
        let (new, local) = match moved {
            true => self.media_of(number, offer.direction.mirrored()),
            false => (media, self.local_media(media, offer.direction.mirrored())),
        };
        let answer = match offer_answer::answer(&offer, &local) {
            Ok(answer) => self.turned(answer, offer.direction),
            Err(refused) => {
                if moved {
                    self.media.close(new);
                }
                return self.refuse(server, request, refused.status);
            }
        };
        let sdp = self.answer_sdp(&answer, version, &offered);
        let contact = self.contact(at);
        self.reply(server, request, 200, |response| response.header(Name::Contact, contact).body(sdp::MEDIA_TYPE, sdp));
        if moved {
            self.media.close(media);
            let role = offer_answer::role(&offer, &answer, Side::Answerer);
            self.media.start(self.now, new, &Peer::of(&offer, role));
        }
        if let Some(leg) = self.legs.get_mut(&number) {
            (leg.media, leg.own, leg.peer) = (Some(new), Some(answer), Some(offer));
        }
    }

    /// A request that offers nothing: UPDATE refreshes, INVITE wants an offer, which is what holds already.
    fn unchanged(&mut self, server: ServerId, number: u64, request: &Message, own: &MsrpMedia) {
        let contact = self.legs.get(&number).map(|leg| self.contact(leg.account)).unwrap_or_default();
        match (request.body().is_empty(), request.method()) {
            (true, Method::Update) => {
                self.reply(server, request, 200, |response| response.header(Name::Contact, contact));
            }
            (true, _) => {
                let version = self.legs.get(&number).map_or(1, |leg| leg.version);
                let sdp = own.to_sdp(&self.origin(own, version));
                self.reply(server, request, 200, |response| {
                    response.header(Name::Contact, contact).body(sdp::MEDIA_TYPE, sdp)
                });
            }
            (false, _) => self.refuse(server, request, 488),
        }
    }

    /// The far end has ended a session.
    fn ended(&mut self, number: u64) {
        let Some(leg) = self.legs.remove(&number) else { return };
        let drained = leg.peer.as_ref().is_some_and(|peer| !peer.direction.receives());
        let (at, contribution, kind) = (leg.account, leg.contribution.clone(), leg.kind);
        self.close(number, leg);
        let alone = !self.legs.values().any(|other| other.account == at && other.contribution == contribution);
        if self.config.rejoin_after_drain && drained && alone && kind == Kind::Chat {
            self.rejoin(at, &contribution);
        }
    }

    /// Ends a session from this side.
    pub(super) fn hang_up(&mut self, number: u64) {
        if let Some(leg) = self.legs.get_mut(&number).filter(|leg| leg.dialog.is_none()) {
            leg.given_up = true;
            if let Some(client) = leg.calling {
                // The CANCEL's own answer tells nothing: the INVITE gets its 487.
                let _ = self.sip.cancel(self.now, client, None);
            }
            return;
        }
        let Some(mut leg) = self.legs.remove(&number) else { return };
        if let Some(bye) = leg.dialog.as_mut().map(|dialog| dialog.request(Method::Bye)) {
            let bye = bye.header(Name::Reason, "SIP;cause=200;text=\"Call completed\"").build();
            self.send(bye, Purpose::Plain);
        }
        self.close(number, leg);
    }

    /// The device is switched off: what it had is gone, and nobody is told, for to end a session would be to leave the chat.
    pub(super) fn vanish(&mut self, at: usize) {
        let own = |leg: &Leg| leg.account == at;
        let numbers: Vec<u64> = self.legs.iter().filter(|(_, leg)| own(leg)).map(|(number, _)| *number).collect();
        for number in numbers {
            if self.legs.get(&number).is_some_and(|leg| leg.dialog.is_none() && leg.calling.is_some()) {
                self.hang_up(number);
            } else if let Some(leg) = self.legs.remove(&number) {
                if let Some(asks) = leg.asks {
                    self.refuse(asks, &leg.invite, 480);
                }
                self.forget(&leg);
                leg.media.into_iter().for_each(|media| self.media.close(media));
            }
        }
    }

    /// A session is over. Its media stay until the reports in it are answered: they may have arrived.
    fn close(&mut self, number: u64, leg: Leg) {
        self.forget(&leg);
        match leg.media {
            Some(media) if !leg.reports.is_empty() && self.media.is_ready(media) => {
                self.closing.insert(number, (media, leg.reports));
            }
            Some(media) => self.media.close(media),
            None => {}
        }
    }

    /// Forgets the dialog of a session.
    pub(super) fn forget(&mut self, leg: &Leg) {
        if let Some(dialog) = &leg.dialog {
            self.dialogs.remove(&(dialog.id.call_id.clone(), dialog.id.local_tag.clone()));
        }
        if let Some(client) = leg.calling {
            self.purposes.remove(&client);
        }
    }
}
