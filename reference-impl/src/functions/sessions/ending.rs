//! How a session ends: by either side, by the operator, for want of a device or of media. Both sides hear of it, with the
//! reason (RFC 3326).

use super::session::Session;
use super::side::Side;
use crate::call::Mechanics;
use crate::call::legs::LegId;
use crate::call::media::{MediaEvent, MediaId};
use crate::call::registrations::ANY;
use cpm_wire::sip::{Message, Name};

/// The operator ends the session.
pub const BY_OPERATOR: &str = "SIP;cause=480;text=\"Released by the operator\"";
/// Nobody has refreshed the session (RFC 4028 section 10).
pub const EXPIRED: &str = "SIP;cause=408;text=\"Session timer expired\"";
const DEREGISTERED: &str = "SIP;cause=480;text=\"Deregistered\"";
const BEARER_LOST: &str = "SIP;cause=480;text=\"Bearer Unavailable\"";

impl Session {
    /// Ends whatever there is. Who called and has no answer yet gets this status.
    pub fn give_up(&mut self, m: &mut Mechanics, status: u16, reason: Option<&str>) {
        let offer = self.change.as_ref().and_then(|change| change.theirs().cloned());
        for leg in self.sides().map(|side| side.leg).collect::<Vec<_>>() {
            // An offer that waits for the asker's answer is answered all the same.
            self.leave_unanswered(m, leg, offer.as_ref());
            m.drop_leg(leg, status, reason);
        }
        self.over = true;
    }

    /// A side has ended the session, or withdrawn its call, by this request; or its dialog broke.
    pub fn ended_by(&mut self, m: &mut Mechanics, leg: LegId, status: u16, request: Option<&Message>) {
        if self.side(leg).is_none() {
            return;
        }
        let reasons = request.map(|request| request.headers(&Name::Reason).collect::<Vec<_>>().join(", "));
        self.lose(m, leg, status, reasons.as_deref().filter(|reasons| !reasons.is_empty()));
    }

    /// A device of the served user cannot be reached any more; none means all.
    pub fn deregistered(&mut self, m: &mut Mechanics, device: Option<&str>) {
        let all = device.is_none() || !m.registrations.has(m.now, &self.served.key);
        let gone = |key: &str| device.is_none_or(|device| device == key) || all && key == ANY;
        let meant = self.sides().filter(|side| side.device.as_ref().is_some_and(|device| gone(&device.key)));
        let legs: Vec<LegId> = meant.map(|side| side.leg).collect();
        for leg in legs {
            if self.over {
                return;
            }
            if self.is_up() || leg == self.caller.leg {
                self.left_behind(m, leg, DEREGISTERED);
                continue;
            }
            m.drop_leg(leg, 480, Some(DEREGISTERED));
            self.refused(m, leg, 480, None);
        }
    }

    /// Something happened to a media session. What breaks while a change is under way may be what the change replaces.
    pub fn media(&mut self, m: &mut Mechanics, media: MediaId, event: &MediaEvent) {
        let own = |side: &&Side| side.media.as_ref().is_some_and(|own| own.is(media));
        let leg = self.sides().find(own).map(|side| side.leg).filter(|_| matches!(event, MediaEvent::Lost));
        match leg {
            Some(leg) if self.change.is_some() || self.is_taken() || self.follows(leg) => self.lost.push(media),
            Some(leg) => self.left_behind(m, leg, BEARER_LOST),
            None => {}
        }
    }

    /// What is described anew on a leg is not missing.
    pub fn regained(&mut self, leg: LegId) {
        let media = self.side(leg).and_then(|side| side.media.clone());
        self.lost.retain(|lost| !media.as_ref().is_some_and(|media| media.is(*lost)));
    }

    /// The change came to nothing: what broke meanwhile is missing.
    pub fn still_lost(&mut self, m: &mut Mechanics) {
        for media in std::mem::take(&mut self.lost) {
            if !m.media.is_ready(media) {
                self.media(m, media, &MediaEvent::Lost);
            }
        }
    }
}
