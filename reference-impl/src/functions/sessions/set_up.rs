//! How a session comes to be: what goes on to who is called, what the caller hears of it.

use super::Terms;
use super::keeping::session_of;
use super::session::Session;
use super::side::Side;
use super::timer::{self, Asked};
use crate::call::invite::features;
use crate::call::legs::LegId;
use crate::call::offer::{described_text, description};
use crate::call::registrations::Device;
use crate::call::served::ServedUser;
use crate::call::{Mechanics, sip};
use crate::config::Continuity;
use crate::functions::media_negotiation;
use crate::functions::multi_device::{Fork, Reach};
use crate::functions::policies_and_preferences::without_name;
use cpm_wire::sip::{Message, Name};
use cpm_wire::transaction::ServerId;
use std::collections::BTreeMap;

impl Session {
    /// A session for a served user.
    pub fn terminating(
        m: &mut Mechanics,
        id: u64,
        server: ServerId,
        invite: Message,
        served: &ServedUser,
        reach: Reach,
        terms: Terms,
    ) -> Session {
        let until = m.now + m.config.no_answer;
        let mut session = Session::begun(m, id, server, invite.clone(), served, terms);
        session.until = Some(until);
        session.fork = reach.into();
        match session.fork.is_empty() {
            true => session.call_nobody(m),
            false => session.call_devices(m, &invite),
        }
        session
    }

    /// A session of a device of a served user.
    pub fn originating(
        m: &mut Mechanics,
        id: u64,
        server: ServerId,
        invite: Message,
        served: &ServedUser,
        terms: Terms,
    ) -> Session {
        let mut session = Session::begun(m, id, server, invite.clone(), served, terms);
        session.originating = true;
        session.caller.joined = true;
        let device = invite.contacts().next().and_then(Result::ok).map(|contact| Device::of_contact(&contact, m.now));
        session.caller.device = device.map(|device| m.registrations.known(m.now, &served.key, device));
        let target = invite.request_uri().unwrap_or_default().to_owned();
        session.call(m, &invite, &target, None, None);
        session
    }

    fn begun(
        m: &mut Mechanics,
        id: u64,
        server: ServerId,
        invite: Message,
        served: &ServedUser,
        terms: Terms,
    ) -> Session {
        let contribution = invite.header(&Name::ContributionId).unwrap_or_default().to_owned();
        let owner = crate::call::Owner::Session(id);
        let timer = timer::asked(m, &invite, None);
        let kept = terms.kept.then(|| Box::new(session_of(m, &invite, served)));
        let mut caller = Side::new(m.called(owner, server, invite.clone()), None, None);
        caller.told(&invite);
        // Whom the session may move to by a call of the function's own is told by it of the session.
        let calls = [Continuity::Refer, Continuity::InternalSwitch].iter().any(|way| m.config.continuity.contains(way));
        let invitation = calls.then(|| Box::new(invite.clone()));
        caller.described = calls.then(|| Box::new(invite.clone()));
        if let Asked::For(timer) = timer {
            caller.timer = Some(timer);
        }
        Session {
            id,
            served: served.clone(),
            contribution,
            caller,
            called: Vec::new(),
            originating: false,
            fork: Fork::default(),
            refused: None,
            barred: terms.barred,
            hidden: terms.hidden,
            stand_in: terms.stand_in,
            resort: terms.resort,
            interworked: None,
            handed_over: false,
            until: None,
            through: BTreeMap::new(),
            change: None,
            followers: Vec::new(),
            moving: None,
            kept,
            invitation,
            lost: Vec::new(),
            over: false,
        }
    }

    /// Calls a device, or the other end, with this interval instead of the caller's if it is named.
    pub fn call(
        &mut self,
        m: &mut Mechanics,
        invite: &Message,
        target: &str,
        device: Option<Device>,
        seconds: Option<u32>,
    ) {
        let (media, body) = match media_negotiation::onward(m, self.owner(), invite) {
            Ok(offer) => offer,
            Err(refused) => return self.give_up(m, refused.status, None),
        };
        let contact = contact_like(m, invite);
        let onward = m.onward(invite, target, &contact, body);
        let own = |tag: &&str| !["timer", "100rel"].iter().any(|own| own.eq_ignore_ascii_case(tag));
        let required: Vec<&str> = invite.tokens(&Name::Require).filter(own).collect();
        let mut onward = match required.is_empty() {
            true => onward.edit().remove(&Name::Require),
            false => onward.edit().set(Name::Require, required.join(", ")),
        };
        onward = onward.set(Name::Supported, if m.config.session_timer { "100rel, timer" } else { "100rel" });
        if let Some(seconds) = seconds.or(self.caller.timer.map(|timer| timer.seconds)) {
            let least = invite.seconds(&Name::MinSe).unwrap_or_default().max(timer::MIN_SE);
            let seconds = seconds.max(least);
            onward = onward.set(Name::SessionExpires, seconds).set(Name::MinSe, least);
        }
        let onward = self.toward_interworking(m, onward).finish();
        let onward = if self.hidden && device.is_none() { without_name(&onward, m.config.hidden_from) } else { onward };
        let leg = m.call(self.owner(), onward);
        self.called.push(Side { raised: seconds.is_some(), ..Side::new(leg, Some(media), device) });
    }

    /// A device rings, or says something else before it answers: the caller hears all of it, as reliably as it can.
    pub fn progressed(&mut self, m: &mut Mechanics, leg: LegId, response: &Message) {
        if self.is_up() {
            return;
        }
        let reliable = response.tokens(&Name::Require).any(|tag| tag.eq_ignore_ascii_case("100rel"));
        if let Some(side) = self.side(leg).filter(|_| reliable) {
            side.early = description(response).map(|_| Box::new(response.clone())).or(side.early.take());
        }
        let contact = contact_like(m, response);
        let status = response.status().unwrap_or(180);
        m.progress(self.caller.leg, status, &contact, reliable, |onward| sip::copied_but_body(response, onward));
    }

    /// A device has answered first: the session is its own, unless others may join.
    pub fn answered(&mut self, m: &mut Mechanics, leg: LegId, response: &Message) {
        if self.is_up() {
            return self.joins(m, leg, response);
        }
        let Some(invite) = m.leg(self.caller.leg).map(|caller| caller.invite().clone()) else { return };
        let owner = self.owner();
        self.hear(leg, response);
        let Some(side) = self.side(leg) else { return };
        side.timer = timer::agreed(m, response);
        let early = side.early.take().filter(|_| description(response).is_none());
        let answer = early.as_deref().unwrap_or(response);
        let Some(called) = &mut side.media else { return };
        let (mut media, sdp) = match media_negotiation::answering(m, owner, &invite, called, answer) {
            Ok(answer) => answer,
            Err(refused) => {
                m.drop_leg(leg, 480, None);
                return self.refused(m, leg, refused.status, None);
            }
        };
        // Where descriptions go end to end, an early answer is the caller's too.
        let sdp = sdp.or_else(|| early.as_deref().and_then(described_text));
        side.joined = true;
        self.meet(m, leg, response);
        self.first_answered(m, leg);
        self.caller.timer = self.caller.timer.map(|timer| timer.again(m.now));
        let (contact, timer, known) = (contact_like(m, response), self.caller.timer, m.config.session_timer);
        m.answer(self.caller.leg, 200, &contact, |ok| {
            timer::granted(known, timer.as_ref(), &invite, sip::copied_with(response, ok, sdp))
        });
        if let Some(called) = self.side(leg).and_then(|side| side.media.as_mut()) {
            media_negotiation::start(m, &mut media, called);
        }
        self.caller.media = Some(media);
        m.shed_invite(leg);
        self.settle(m);
    }

    /// Ends one side and its media.
    pub fn drop_side(&mut self, m: &mut Mechanics, side: &Side, status: u16, reason: Option<&str>) {
        if let Some(media) = &side.media {
            media.close(m);
        }
        m.drop_leg(side.leg, status, reason);
    }

    /// RFC 4028 section 7.4: an interval that is too short for the callee is raised, once.
    pub fn called_again(&mut self, m: &mut Mechanics, status: u16, response: Option<&Message>, side: Side) -> bool {
        let least = response.filter(|_| status == 422 && !side.raised);
        let Some(least) = least.and_then(|response| response.seconds(&Name::MinSe)) else { return false };
        let Some(invite) = m.leg(self.caller.leg).map(|caller| caller.invite().clone()) else { return false };
        let target = match &side.device {
            Some(device) => device.contact.clone().unwrap_or_else(|| self.served.identity.clone()),
            None => invite.request_uri().unwrap_or_default().to_owned(),
        };
        self.call(m, &invite, &target, side.device, Some(least));
        true
    }
}

/// The own Contact for a session that the other end describes by these feature tags.
pub fn contact_like(m: &Mechanics, received: &Message) -> String {
    let features = received.contacts().next().and_then(Result::ok).map(|contact| features(&contact));
    format!("<{}>{}", m.contact_uri(), features.unwrap_or_default())
}
