//! The other device is called for the session: the old one asks for it by REFER (RFC 3515), or is gone.

use super::{Move, Way};
use crate::call::admission::ALLOW;
use crate::call::invite::Body;
use crate::call::legs::LegId;
use crate::call::registrations::Device;
use crate::call::sip::without_tag;
use crate::call::{Mechanics, offer};
use crate::config::{Continuity, MediaPath};
use crate::functions::media_negotiation;
use crate::functions::sessions::session::Session;
use crate::functions::sessions::set_up::contact_like;
use crate::functions::sessions::side::Side;
use crate::functions::sessions::timer;
use cpm_wire::sip::{Message, Method, Name, NameAddr, Uri, identity_key, reason_phrase};
use cpm_wire::transaction::ServerId;
use std::collections::VecDeque;

impl Session {
    /// True for a REFER of a device in session to another device of its user, which the function sees to.
    pub fn refers(&self, m: &Mechanics, leg: LegId, refer: &Message) -> bool {
        let own = self.near().iter().any(|side| side.leg == leg);
        own && self.may_call(m, Continuity::Refer) && self.referred_to(m, refer).is_some()
    }

    fn may_call(&self, m: &Mechanics, way: Continuity) -> bool {
        m.config.continuity.contains(&way) && m.config.media.path == MediaPath::In && self.is_up()
    }

    /// The devices of the user that are not in the session.
    fn other_devices(&self, m: &Mechanics) -> VecDeque<Device> {
        let devices = m.registrations.devices(m.now, &self.served.key).into_iter().filter(|device| device.chat);
        let within = |device: &Device| {
            self.near().iter().filter_map(|side| side.device.as_ref()).any(|known| known.may_be(device))
        };
        devices.filter(|device| !within(device)).collect()
    }

    /// The device that Refer-To names: by its contact, by its GRUU (RFC 5627), or by its user alone.
    fn referred_to(&self, m: &Mechanics, refer: &Message) -> Option<Device> {
        let target = NameAddr::parse(refer.header(&Name::ReferTo)?).ok()?.uri;
        let target = target.split('?').next().unwrap_or(target);
        let others = self.other_devices(m);
        let named = |device: &&Device| {
            let contact = device.contact.as_deref().is_some_and(|contact| same_place(contact, target));
            contact || device.instance.as_deref().is_some_and(|instance| names_instance(target, instance))
        };
        let by_user = || others.front().filter(|_| identity_key(target) == self.served.key && !target.contains(";gr"));
        others.iter().find(named).or_else(by_user).cloned()
    }

    /// A device in session wants the session to move.
    pub fn referred(&mut self, m: &mut Mechanics, leg: LegId, server: ServerId, refer: Message) {
        let busy = self.moving.is_some() || self.change.is_some() || !self.followers.is_empty();
        let device = self.referred_to(m, &refer).filter(|_| !busy);
        let moving = device.and_then(|device| self.calls(m, leg, VecDeque::from([device]), false));
        let Some(mut moving) = moving else { return m.refuse_for_now(server, &refer) };
        let contact = m.contact_of(leg);
        let told = !refer.header(&Name::ReferSub).is_some_and(|value| value.trim().eq_ignore_ascii_case("false"));
        m.reply_in(leg, server, &refer, 202, |response| {
            let response = response.header(Name::Contact, contact);
            if told { response } else { response.header(Name::ReferSub, "false") }
        });
        if let Way::Calling { referred, .. } = &mut moving.way {
            *referred = told;
        }
        self.moving = Some(Box::new(moving));
        if told {
            self.notify(m, leg, 100);
        }
    }

    /// What has become of a REFER (RFC 3515 section 2.4.4).
    fn notify(&self, m: &mut Mechanics, leg: LegId, status: u16) {
        let state = if status < 200 { "active;expires=60" } else { "terminated;reason=noresource" };
        m.request_in(leg, Method::Notify, |notify| {
            notify
                .header(Name::Event, "refer")
                .header(Name::SubscriptionState, state)
                .body("message/sipfrag;version=2.0", format!("SIP/2.0 {status} {}\r\n", reason_phrase(status)))
        });
    }

    /// A device in session is gone: true when another one is called in its place.
    pub fn switches(&mut self, m: &mut Mechanics, leg: LegId, reason: &str) -> bool {
        let alone = self.near().iter().all(|side| side.leg == leg);
        if !alone || self.change.is_some() || self.moving.is_some() || !self.may_call(m, Continuity::InternalSwitch) {
            return false;
        }
        let others = self.other_devices(m);
        let Some(moving) = self.calls(m, leg, others, true) else { return false };
        self.let_go(m, leg, &moving.side, Some(reason));
        self.moving = Some(Box::new(moving));
        true
    }

    /// Calls the first of these devices that can be called.
    fn calls(&mut self, m: &mut Mechanics, old: LegId, mut next: VecDeque<Device>, gone: bool) -> Option<Move> {
        let offer = *self.far()?.described.clone()?;
        let owner = self.owner();
        let device = next.pop_front()?;
        let (media, body) = media_negotiation::onward(m, owner, &offer).ok()?;
        let target = device.contact.clone().unwrap_or_else(|| self.served.identity.clone());
        let invite = self.invitation_to(m, &target, body)?;
        let side = Side::new(m.call(owner, invite), Some(media), Some(device));
        let until = m.now + m.config.no_answer;
        Some(Move { side, old, gone, way: Way::Calling { offer: Box::new(offer), next, until, referred: false } })
    }

    /// The invitation as the far end would send it to this device.
    fn invitation_to(&self, m: &mut Mechanics, target: &str, body: Body) -> Option<Message> {
        let received = self.invitation.as_deref()?;
        let (mut from, mut to) = (received.from().ok()?, received.to().ok()?);
        let mut asserted: Vec<String> = received.headers(&Name::PAssertedIdentity).map(str::to_owned).collect();
        if self.originating {
            std::mem::swap(&mut from, &mut to);
            asserted = vec![format!("<{}>", from.uri)];
        }
        let contact = contact_like(m, received);
        let from = format!("{};tag={}", without_tag(&from), m.tokens.tag());
        let mut invite = m
            .own_request(Method::Invite, target, &self.served.identity, false)
            .header(Name::From, from)
            .header(Name::To, without_tag(&to))
            .header(Name::Contact, contact)
            .header(Name::Allow, ALLOW)
            .header(Name::Supported, if m.config.session_timer { "100rel, timer" } else { "100rel" });
        for name in [Name::ConversationId, Name::ContributionId, Name::AcceptContact, Name::Privacy, Name::Subject] {
            for value in received.headers(&name) {
                invite = invite.header(name.clone(), value);
            }
        }
        let service = [Name::PAssertedService, Name::PPreferredService].iter().find_map(|name| received.header(name));
        let said = asserted.iter().map(|value| (Name::PAssertedIdentity, value.as_str()));
        let said = said.chain(service.map(|value| (Name::PAssertedService, value)));
        let invite = said.fold(invite, |invite, (name, value)| invite.header(name, value));
        Some(invite.body(&body.0, body.1).build())
    }

    /// The device that was called is in the session now, if it takes what it was offered.
    pub fn calling_answered(&mut self, m: &mut Mechanics, leg: LegId, response: &Message) {
        let Some(mut moving) = self.moving.take() else { return };
        let Way::Calling { offer, referred, .. } = &moving.way else { return };
        let referred = *referred && !moving.gone;
        let taken = match &mut moving.side.media {
            Some(media) if offer::description(response).is_some() => {
                media_negotiation::joining(m, media, offer, response).is_ok()
            }
            _ => false,
        };
        moving.side.told(response);
        moving.side.timer = timer::agreed(m, response);
        if !taken {
            m.drop_leg(leg, 488, None);
            return self.calling_failed(m, moving, 488);
        }
        if referred {
            self.notify(m, moving.old, 200);
        }
        self.moved(m, *moving);
    }

    /// The device that was called does not want the session: the next one is called, or the old one keeps it.
    pub(super) fn calling_failed(&mut self, m: &mut Mechanics, moving: Box<Move>, status: u16) {
        let Move { side, old, gone, way } = *moving;
        let Way::Calling { next, referred, .. } = way else { return };
        if let Some(another) = self.calls(m, old, next, gone) {
            if let (Some(former), Some(new)) = (&side.media, &another.side.media) {
                media_negotiation::succeed(m, former, new);
            }
            self.moving = Some(Box::new(another));
            return self.drop_side(m, &side, status, None);
        }
        self.drop_side(m, &side, status, None);
        match gone {
            true => self.give_up(m, 480, None),
            false if referred => self.notify(m, old, status),
            false => {}
        }
    }
}

/// True for URIs of one place: what parameters say of the way there does not matter.
fn same_place(one: &str, other: &str) -> bool {
    match (Uri::parse(one), Uri::parse(other)) {
        (Ok(Uri::Sip(one)), Ok(Uri::Sip(other))) => {
            one.user == other.user && one.host.eq_ignore_ascii_case(other.host) && one.port == other.port
        }
        _ => one == other,
    }
}

/// True for a GRUU that names this instance.
fn names_instance(uri: &str, instance: &str) -> bool {
    let instance = instance.trim_start_matches('<').trim_end_matches('>');
    let named = uri.split(';').find_map(|param| param.strip_prefix("gr="));
    named.is_some_and(|named| named.replace("%3A", ":").replace("%3a", ":").eq_ignore_ascii_case(instance))
}
