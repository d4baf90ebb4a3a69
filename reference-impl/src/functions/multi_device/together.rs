//! Several devices of a user in one session [PF-DEV-05]: who answers later joins, who leaves leaves alone, and the last one's
//! leave ends the session. What one device says the others get a copy of.

use crate::call::Mechanics;
use crate::call::legs::LegId;
use crate::call::registrations::{ANY, Device};
use crate::functions::media_negotiation;
use crate::functions::sessions::session::Session;
use crate::functions::sessions::timer;
use cpm_wire::sip::Message;

impl Session {
    /// A further device has answered: it has a part in what the first has agreed on.
    pub fn joins(&mut self, m: &mut Mechanics, leg: LegId, response: &Message) {
        let Some(invite) = m.leg(self.caller.leg).map(|caller| caller.invite().clone()) else { return };
        let Some(side) = self.side(leg) else { return };
        side.told(response);
        side.timer = timer::agreed(m, response);
        let early = side.early.take().filter(|_| response.body().is_empty());
        let Some(media) = &mut side.media else { return };
        if media_negotiation::joining(m, media, &invite, early.as_deref().unwrap_or(response)).is_err() {
            m.drop_leg(leg, 488, None);
            return self.refused(m, leg, 488, None);
        }
        side.joined = true;
        self.meet(m, leg, response);
        if let Some((own, far)) = self.media_of(leg) {
            media_negotiation::start(m, own, far);
        }
        self.share(m, leg);
        m.shed_invite(leg);
        self.settle(m);
    }

    /// What this device says the others in the session get, and it gets what they say.
    fn share(&self, m: &mut Mechanics, leg: LegId) {
        let media = |own: bool| {
            let sides = self.called.iter().filter(move |side| side.joined && (side.leg == leg) == own);
            sides.filter_map(|side| side.media.as_ref())
        };
        for (own, other) in media(true).flat_map(|own| media(false).map(move |other| (own, other))) {
            media_negotiation::share(m, own, other);
        }
    }

    /// The device that the serving CSCF chose says by its Contact which it is.
    pub fn meet(&mut self, m: &Mechanics, leg: LegId, response: &Message) {
        let user = self.served.key.clone();
        let unknown = |device: &&mut Device| device.key == ANY;
        let Some(device) = self.side(leg).and_then(|side| side.device.as_mut()).filter(unknown) else { return };
        if let Some(Ok(contact)) = response.contacts().next() {
            *device = m.registrations.known(m.now, &user, Device::of_contact(&contact, m.now));
        }
    }

    /// A side is gone: of several devices it leaves alone, otherwise the session ends.
    pub fn lose(&mut self, m: &mut Mechanics, leg: LegId, status: u16, reason: Option<&str>) {
        if self.moves_from(m, leg, reason) {
            return;
        }
        let others = self.called.iter().any(|side| side.joined && side.leg != leg);
        let at = self.called.iter().position(|side| side.leg == leg).filter(|_| self.is_up() && others);
        let Some(at) = at else { return self.give_up(m, status, reason) };
        let side = self.called.remove(at);
        self.leave_change(m, leg);
        self.drop_side(m, &side, status, reason);
        self.settle(m);
    }
}
