//! What becomes of a change of a session: it is offered to the other side, whose answer goes back; both sides change or
//! neither does (RFC 3264 section 8, RFC 3261 section 14.1).

use super::session::Session;
use super::timer::{self, Asked};
use crate::call::legs::LegId;
use crate::call::offer::{described_text, description};
use crate::call::{Mechanics, sip};
use crate::functions::media_negotiation::{self, Side as Media};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::{ClientId, ServerId};

/// A change that one side wants and the other is asked about.
pub(in crate::functions) struct Change {
    /// Who wants it.
    asker: LegId,
    /// The asker's request.
    pub server: ServerId,
    request: Message,
    /// The request to the other side.
    pub client: ClientId,
    /// Who was asked, the last one last.
    others: Vec<LegId>,
    /// What the asker's timer is to be.
    asked: Asked,
    /// To whom the function has offered what, and what held there before.
    offered: Option<(LegId, Box<Media>)>,
    /// The other side's offer, when the asker made none: the answer comes with the asker's ACK.
    theirs: Option<Message>,
}

/// A request that went to nobody, and the status with which it is to be answered.
pub(in crate::functions) type Unasked = Box<(u16, Message)>;

impl Change {
    /// True when the offer that is open is this side's.
    pub fn offer_is_of(&self, leg: LegId) -> bool {
        (self.asker == leg) == self.theirs.is_none()
    }
}

impl Change {
    /// The offer that waits for the asker's answer.
    pub(super) fn theirs(&self) -> Option<&Message> {
        self.theirs.as_ref()
    }
}

impl Session {
    /// A side wants a change: the other is asked. Gives the request back with a status when that cannot be.
    pub fn offer_change(
        &mut self,
        m: &mut Mechanics,
        asker: LegId,
        server: ServerId,
        request: Message,
        asked: Asked,
    ) -> Result<(), Unasked> {
        if description(&request).is_none() && !request.body().is_empty() {
            return Err(Box::new((488, request)));
        }
        let Some(other) = self.other(asker).map(|side| side.leg) else { return Err(Box::new((480, request))) };
        let request = self.barred.taken_from(request.clone()).map_err(|_| (488, request))?;
        self.offer_to(m, asker, server, request, asked, vec![other])
    }

    /// Asks the last of these.
    fn offer_to(
        &mut self,
        m: &mut Mechanics,
        asker: LegId,
        server: ServerId,
        request: Message,
        asked: Asked,
        others: Vec<LegId>,
    ) -> Result<(), Unasked> {
        let Some(other) = others.last().copied() else { return Err(Box::new((480, request))) };
        let offered = self.media_of(other).map(|(to, _)| (other, Box::new(to.clone())));
        let sdp = match self.described_to(m, other, &request) {
            Ok(sdp) => sdp,
            Err(status) => return Err(Box::new((status, request))),
        };
        let Some(client) = self.ask(m, other, &request, sdp) else { return Err(Box::new((480, request))) };
        self.may_move(m, other, true);
        let theirs = None;
        self.change = Some(Box::new(Change { asker, server, request, client, others, asked, offered, theirs }));
        Ok(())
    }

    /// What a message of one side offers, as it is offered to the side `to`.
    pub fn described_to(&mut self, m: &mut Mechanics, to: LegId, message: &Message) -> Result<Option<String>, u16> {
        let owner = self.owner();
        let Some((to, _)) = self.media_of(to) else { return Ok(None) };
        media_negotiation::offered_on(m, owner, to, message).map_err(|refused| refused.status)
    }

    /// What the message `answer` of the side `by` answers to the message `offer` of the other, as that is answered.
    fn answered_to(
        &mut self,
        m: &mut Mechanics,
        by: LegId,
        offer: &Message,
        answer: &Message,
    ) -> Result<Option<String>, u16> {
        let owner = self.owner();
        let Some((to, from)) = self.media_of(by) else { return Ok(None) };
        media_negotiation::answered_back(m, owner, (from, to), offer, answer).map_err(|refused| refused.status)
    }

    /// The other side has answered the request for a change.
    pub fn change_answered(&mut self, m: &mut Mechanics, leg: LegId, response: Option<&Message>) {
        let status = response.and_then(Message::status).unwrap_or(480);
        let Some(change) = self.change.take() else { return };
        match response {
            Some(response) if status < 200 => {
                if change.request.method() == Method::Invite {
                    m.reply_in(change.asker, change.server, &change.request, status, |onward| {
                        sip::copied_but_body(response, onward)
                    });
                }
                self.change = Some(change);
            }
            Some(response) if status < 300 => {
                self.hear(leg, response);
                if let Some(side) = self.side(leg) {
                    side.timer = timer::agreed(m, response);
                }
                match change.request.body().is_empty() {
                    true => self.offered_in_return(m, leg, change, response),
                    false => self.change_accepted(m, leg, change, response),
                }
            }
            _ => self.change_refused(m, change, status, response),
        }
    }

    fn change_accepted(&mut self, m: &mut Mechanics, leg: LegId, change: Box<Change>, response: &Message) {
        match self.answered_to(m, leg, &change.request, response) {
            Err(status) => self.change_refused(m, change, status, None),
            Ok(sdp) => {
                let Change { asker, server, request, others, asked, .. } = *change;
                self.agree(m, asker, server, &request, asked, Some((response, sdp)));
                self.start(m, leg);
                self.may_move(m, leg, false);
                if asker == self.caller.leg {
                    self.change_others(m, &others, &request);
                }
            }
        }
    }

    /// The other side was asked for an offer, and makes it: it is for the asker to answer.
    fn offered_in_return(&mut self, m: &mut Mechanics, leg: LegId, mut change: Box<Change>, response: &Message) {
        let asker = change.asker;
        change.offered = self.media_of(asker).map(|(to, _)| (asker, Box::new(to.clone())));
        let offer = self.barred.taken_from(response.clone()).ok().filter(|offer| description(offer).is_some());
        let described = offer.map(|offer| self.described_to(m, asker, &offer).map(|sdp| (offer, sdp)));
        match described.unwrap_or(Err(488)) {
            Err(status) => {
                self.leave_unanswered(m, leg, Some(response));
                self.change_refused(m, change, status, None);
            }
            Ok((offer, sdp)) => {
                self.may_move(m, asker, true);
                self.agree(m, asker, change.server, &change.request, change.asked, Some((&offer, sdp)));
                change.theirs = Some(offer);
                self.change = Some(change);
            }
        }
    }

    /// An offer of this side cannot be answered: its 2xx is acknowledged with what held before.
    pub(super) fn leave_unanswered(&mut self, m: &mut Mechanics, leg: LegId, offer: Option<&Message>) {
        let own = self.media_of(leg).and_then(|(own, _)| own.said_again(|own| as_answer(own, offer)));
        m.acknowledge_in(leg, own);
    }

    /// What was agreed before holds on.
    fn change_refused(&mut self, m: &mut Mechanics, change: Box<Change>, status: u16, response: Option<&Message>) {
        let Change { asker, server, mut request, mut others, asked, offered, .. } = *change;
        self.fall_back(m, offered);
        if asker == self.caller.leg
            && let Some(next) = self.next_to_change(&others)
        {
            others.push(next);
            match self.offer_to(m, asker, server, request, asked, others) {
                Ok(()) => return,
                Err(unasked) => request = unasked.1,
            }
        }
        let least = response.and_then(|response| response.seconds(&Name::MinSe)).filter(|_| status == 422);
        if let Some(least) = least {
            // The interval of the other side's leg is none of the asker's: it is raised, and the change may come again.
            if let Some(timer) = self.other(asker).and_then(|side| side.timer.as_mut()) {
                timer.seconds = timer.seconds.max(least);
            }
            return m.refuse_for_now(server, &request);
        }
        m.reply_in(asker, server, &request, status, |refusal| sip::with_reasons(refusal, response));
    }

    fn fall_back(&mut self, m: &mut Mechanics, offered: Option<(LegId, Box<Media>)>) {
        if let Some((leg, before)) = offered
            && let Some((media, _)) = self.media_of(leg)
        {
            media.fall_back(*before);
            self.may_move(m, leg, false);
        }
        self.still_lost(m);
    }

    pub fn may_move(&mut self, m: &mut Mechanics, leg: LegId, moving: bool) {
        if let Some((media, _)) = self.media_of(leg) {
            media.may_move(m, moving);
        }
    }

    fn start(&mut self, m: &mut Mechanics, leg: LegId) {
        for leg in [Some(leg), self.other(leg).map(|other| other.leg)].into_iter().flatten() {
            self.regained(leg);
        }
        if let Some((own, other)) = self.media_of(leg) {
            media_negotiation::start(m, own, other);
        }
    }

    /// The asker has acknowledged the 2xx: with its answer, if it was asked for one.
    pub fn acknowledged(&mut self, m: &mut Mechanics, leg: LegId, ack: &Message) {
        let number = |message: &Message| message.cseq().map(|cseq| cseq.number).ok();
        let awaited = |change: &mut Box<Change>| {
            change.theirs.is_some() && change.asker == leg && number(&change.request) == number(ack)
        };
        let Some(change) = self.change.take_if(awaited) else { return };
        let Change { theirs, offered, .. } = *change;
        let (Some(offer), Some(other)) = (theirs, self.other(leg).map(|side| side.leg)) else { return };
        match self.answered_to(m, leg, &offer, ack) {
            Ok(sdp) => {
                m.acknowledge_in(other, sdp.or_else(|| described_text(ack)));
                self.start(m, leg);
                self.may_move(m, leg, false);
            }
            Err(_) => {
                self.leave_unanswered(m, other, Some(&offer));
                self.fall_back(m, offered);
            }
        }
    }

    /// A device has left: a change that it wants is not wanted any more, and one that it was asked for another is asked for.
    pub fn leave_change(&mut self, m: &mut Mechanics, leg: LegId) {
        self.followers.retain(|follower| !follower.is_of(leg));
        let Some(change) = self.change.take() else { return };
        if change.asker == leg {
            self.change = Some(change);
            self.drop_change(m);
        } else if change.others.last() == Some(&leg) && change.theirs.is_none() {
            self.change_refused(m, change, 480, None);
        } else {
            self.change = Some(change);
        }
    }

    /// The session is over, and so is its change. What is open is answered (RFC 3261 section 15.1.2).
    pub fn drop_change(&mut self, m: &mut Mechanics) {
        if let Some(change) = self.change.take().filter(|change| change.theirs.is_none()) {
            m.reply_in(change.asker, change.server, &change.request, 487, |response| response);
        }
    }
}

/// What held before may have been an offer, which leaves open who connects. An answer says it (RFC 4145 section 4.1).
fn as_answer(own: &str, offer: Option<&Message>) -> String {
    let offered = offer.and_then(described_text).unwrap_or_default();
    let is = |setup: &str| offered.contains(&format!("a=setup:{setup}\r"));
    let chosen = if is("holdconn") {
        "holdconn"
    } else if is("passive") {
        "active"
    } else {
        "passive"
    };
    own.replace("a=setup:actpass", &format!("a=setup:{chosen}"))
}
