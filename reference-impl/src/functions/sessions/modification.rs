//! Requests within a session: a change of what was agreed goes to the other side and its outcome back (RFC 3261 section 14,
//! RFC 3311), a refresh ends here (RFC 4028), everything else is passed on.

use super::session::Session;
use super::timer::{self, Asked};
use crate::call::legs::LegId;
use crate::call::{Mechanics, sip};
use crate::functions::policies_and_preferences::with_privacy;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::{ClientId, ServerId};

/// A request that was passed on, to be answered as the other side answers it.
pub(in crate::functions) struct Through {
    asker: LegId,
    server: ServerId,
    request: Message,
}

impl Session {
    /// A side asks for something.
    pub fn request(&mut self, m: &mut Mechanics, leg: LegId, server: ServerId, request: Message) {
        if !self.is_up() {
            return m.refuse_for_now(server, &request);
        }
        self.hear(leg, &request);
        let hidden = self.hidden && leg == self.caller.leg;
        let request = if hidden { with_privacy(&request) } else { request };
        match request.method() {
            Method::Refer if self.refers(m, leg, &request) => self.referred(m, leg, server, request),
            Method::Update if request.body().is_empty() => self.refreshed_by(m, leg, server, &request),
            Method::Invite | Method::Update => self.asked_to_change(m, leg, server, request),
            _ => self.pass(m, leg, server, request),
        }
    }

    /// What this side's timer is to be; none when the request asked too little and was refused.
    fn timed(&mut self, m: &mut Mechanics, leg: LegId, server: ServerId, request: &Message) -> Option<Asked> {
        let before = self.side(leg).and_then(|side| side.timer);
        match timer::asked(m, request, before.as_ref()) {
            Asked::TooShort => {
                timer::refuse_short(m, server, request);
                None
            }
            asked => Some(asked),
        }
    }

    fn refreshed_by(&mut self, m: &mut Mechanics, leg: LegId, server: ServerId, request: &Message) {
        if let Some(asked) = self.timed(m, leg, server, request) {
            self.agree(m, leg, server, request, asked, None);
        }
    }

    /// Grants a change or a refresh: the side's timer starts anew.
    pub fn agree(
        &mut self,
        m: &mut Mechanics,
        leg: LegId,
        server: ServerId,
        request: &Message,
        asked: Asked,
        answer: Option<(&Message, Option<String>)>,
    ) {
        let Some(side) = self.side(leg) else { return };
        side.timer = match asked {
            Asked::For(timer) => Some(timer.again(m.now)),
            Asked::Nothing | Asked::TooShort => None,
        };
        side.retry = None;
        let (timer, known, contact) = (side.timer, m.config.session_timer, m.contact_of(leg));
        m.reply_in(leg, server, request, 200, |ok| {
            let ok = timer::granted(known, timer.as_ref(), request, ok.header(Name::Contact, contact));
            match answer {
                Some((other, sdp)) => sip::copied_with(other, ok, sdp),
                None => ok,
            }
        });
    }

    fn asked_to_change(&mut self, m: &mut Mechanics, leg: LegId, server: ServerId, request: Message) {
        let other = self.other(leg).map(|other| other.leg);
        let follows = other.is_some_and(|other| self.follows(other));
        let own_refresh = self.other(leg).is_some_and(|other| other.refreshing.is_some());
        match &self.change {
            _ if self.moving.is_some() || follows => return m.refuse_for_now(server, &request),
            // RFC 3261 section 14.2: one change of a side after the other; an offer that is open is not crossed.
            Some(change) if change.offer_is_of(leg) => return m.refuse_for_now(server, &request),
            Some(_) => return m.reply_in(leg, server, &request, 491, |response| response),
            None if own_refresh => return m.reply_in(leg, server, &request, 491, |response| response),
            None => {}
        }
        let Some(asked) = self.timed(m, leg, server, &request) else { return };
        if let Err(unasked) = self.offer_change(m, leg, server, request, asked) {
            let (status, request) = *unasked;
            m.reply_in(leg, server, &request, status, |response| response);
        }
    }

    /// The peer has cancelled its change: so is the own one. Whichever answer comes goes back.
    pub fn withdrawn(&mut self, m: &mut Mechanics, server: ServerId) {
        if let Some(change) = self.change.as_ref().filter(|change| change.server == server) {
            m.withdraw_in(change.client);
        }
    }

    /// The session is over: what was passed on gets no answer of the other side any more.
    pub fn answer_open_requests(&mut self, m: &mut Mechanics) {
        for Through { asker, server, request } in std::mem::take(&mut self.through).into_values() {
            m.reply_in(asker, server, &request, 487, |response| response);
        }
    }

    fn pass(&mut self, m: &mut Mechanics, leg: LegId, server: ServerId, request: Message) {
        let sent = self.other(leg).map(|other| other.leg).and_then(|other| {
            let contact = m.contact_of(other);
            m.pass_in(other, request.method(), &request, |onward| match request.method() {
                // RFC 3515 section 2.2.
                Method::Refer => sip::copied(&request, onward).header(Name::Contact, contact),
                _ => sip::copied(&request, onward),
            })
        });
        match sent {
            Some(client) => {
                self.through.insert(client, Through { asker: leg, server, request });
            }
            None => m.refuse(server, &request, 480),
        }
    }

    /// A request that was sent within a leg is answered, or never will be.
    pub fn response(&mut self, m: &mut Mechanics, leg: LegId, client: ClientId, response: Option<&Message>) {
        if self.refreshed(m, leg, client, response)
            || self.followed(m, client, response)
            || self.far_answered(m, client, response)
        {
            return;
        }
        if self.change.as_ref().is_some_and(|change| change.client == client) {
            return self.change_answered(m, leg, response);
        }
        let status = response.and_then(Message::status).unwrap_or(480);
        if status < 200 {
            return;
        }
        let Some(Through { asker, server, request }) = self.through.remove(&client) else { return };
        let contact = m.contact_of(asker);
        m.reply_in(asker, server, &request, status, |answer| {
            let answer = response.into_iter().fold(answer, |answer, response| sip::copied(response, answer));
            match request.method() {
                Method::Refer | Method::Subscribe if status < 300 => answer.header(Name::Contact, contact),
                _ => answer,
            }
        });
    }
}
