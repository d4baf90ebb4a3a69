//! The other device calls and names the session: the far end is asked for what it offers, and agrees or does not.

use super::{Move, Way};
use crate::call::Mechanics;
use crate::call::legs::LegId;
use crate::call::offer::described_text;
use crate::call::registrations::Device;
use crate::call::sip;
use crate::functions::media_negotiation::{self, Side as Media};
use crate::functions::sessions::Sessions;
use crate::functions::sessions::session::Session;
use crate::functions::sessions::set_up::contact_like;
use crate::functions::sessions::side::Side;
use crate::functions::sessions::timer::{self, Asked};
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::transaction::{ClientId, ServerId};

impl Sessions {
    /// Another device of the user takes the place of a leg of this session.
    pub fn take_over(&mut self, m: &mut Mechanics, (id, old): (u64, LegId), server: ServerId, invite: Message) {
        self.with(m, id, |session, m| session.taken_over(m, old, server, invite));
    }
}

impl Session {
    fn taken_over(&mut self, m: &mut Mechanics, old: LegId, server: ServerId, invite: Message) {
        let refreshing = self.far().is_some_and(|far| far.refreshing.is_some());
        if refreshing || self.change.is_some() || self.moving.is_some() || !self.followers.is_empty() {
            return m.refuse_for_now(server, &invite);
        }
        let timer = match timer::asked(m, &invite, None) {
            Asked::TooShort => return timer::refuse_short(m, server, &invite),
            Asked::For(timer) => Some(timer),
            Asked::Nothing => None,
        };
        let owner = self.owner();
        let Some(far) = self.far() else { return m.refuse(server, &invite, 480) };
        let (far_leg, far_timer) = (far.leg, far.timer);
        let Some(media) = &mut far.media else { return m.refuse(server, &invite, 480) };
        let before = Box::new(media.clone());
        let sdp = match media_negotiation::offered_on(m, owner, media, &invite) {
            Ok(sdp) => sdp.or_else(|| described_text(&invite)).unwrap_or_default(),
            Err(refused) => return m.refuse(server, &invite, refused.status),
        };
        let known = m.config.session_timer;
        let ids = self.identifiers(&invite);
        let asked = m.request_in(far_leg, Method::Invite, |request| {
            let request = ids.into_iter().fold(request, |request, (name, value)| request.header(name, value));
            timer::continued(known, far_timer.as_ref(), request).body(cpm_wire::sdp::MEDIA_TYPE, sdp)
        });
        let Some(asked) = asked else { return m.refuse(server, &invite, 480) };
        let device = invite.contacts().next().and_then(Result::ok).map(|contact| Device::of_contact(&contact, m.now));
        let device = device.map(|device| m.registrations.known(m.now, &self.served.key, device));
        let mut side = Side::new(m.called(owner, server, invite.clone()), None, device);
        side.told(&invite);
        side.timer = timer;
        self.may_move(m, far_leg, true);
        let way = Way::Taking { invite: Box::new(invite), asked, before, withdrawn: false };
        self.moving = Some(Box::new(Move { side, old, gone: false, way }));
    }

    /// The session's own, also where the other device names it by its dialog and says others.
    fn identifiers(&self, invite: &Message) -> Vec<(Name, String)> {
        let alike = invite.header(&Name::ContributionId) == Some(self.contribution.as_str());
        let conversation = invite.header(&Name::ConversationId).filter(|_| alike);
        let contribution = Some(self.contribution.as_str()).filter(|contribution| !contribution.is_empty());
        let ids = [(Name::ConversationId, conversation), (Name::ContributionId, contribution)];
        ids.into_iter().filter_map(|(name, id)| Some((name, id?.to_owned()))).collect()
    }

    /// True when this is the far end's answer to what the other device offered.
    pub fn far_answered(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) -> bool {
        let ours = |moving: &Move| matches!(moving.way, Way::Taking { asked, .. } if asked == client);
        if !self.moving.as_ref().is_some_and(|moving| ours(moving)) {
            return false;
        }
        match (response.and_then(Message::status).unwrap_or(480), response) {
            (..200, _) => {}
            (..300, Some(response)) => self.far_agreed(m, response),
            (status, _) => self.not_moved(m, status),
        }
        true
    }

    fn far_agreed(&mut self, m: &mut Mechanics, response: &Message) {
        let owner = self.owner();
        let Some(far_leg) = self.far().map(|far| far.leg) else { return };
        self.hear(far_leg, response);
        let Some(far) = self.far() else { return };
        far.timer = timer::agreed(m, response);
        let Some(mut moving) = self.moving.take() else { return };
        let Way::Taking { invite, withdrawn: false, .. } = &moving.way else {
            self.moving = Some(moving);
            return self.not_moved(m, 487);
        };
        let Some(media) = self.far().and_then(|far| far.media.as_mut()) else { return };
        match media_negotiation::answering(m, owner, invite, media, response) {
            Ok((media, sdp)) => {
                let timer = moving.side.timer.map(|timer| timer.again(m.now));
                let (contact, known) = (contact_like(m, response), m.config.session_timer);
                m.answer(moving.side.leg, 200, &contact, |ok| {
                    timer::granted(known, timer.as_ref(), invite, sip::copied_with(response, ok, sdp))
                });
                moving.side.timer = timer;
                moving.side.media = Some(media);
                self.moved(m, *moving);
                self.may_move(m, far_leg, false);
                self.regained(far_leg);
                self.still_lost(m);
            }
            Err(refused) => {
                self.moving = Some(moving);
                self.not_moved(m, refused.status);
            }
        }
    }

    /// The other device has given up: the far end's answer changes nothing.
    pub fn taking_withdrawn(&mut self, m: &mut Mechanics) {
        if let Some(Way::Taking { asked, withdrawn, .. }) = self.moving.as_mut().map(|moving| &mut moving.way) {
            *withdrawn = true;
            m.withdraw_in(*asked);
        }
    }

    pub(super) fn far_falls_back(&mut self, m: &mut Mechanics, before: Media) {
        let Some(far) = self.far() else { return };
        let leg = far.leg;
        if let Some(media) = &mut far.media {
            media.fall_back(before);
        }
        self.may_move(m, leg, false);
        self.still_lost(m);
    }

    /// True while the far end is asked for what another device offers.
    pub fn is_taken(&self) -> bool {
        self.moving.as_ref().is_some_and(|moving| matches!(moving.way, Way::Taking { .. }))
    }
}
