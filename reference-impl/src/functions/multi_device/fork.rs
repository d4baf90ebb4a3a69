//! Who is called when, and whose refusal goes back: all devices at once or one after the other (RFC 3261 section 16.7) [L16,
//! L17].

use super::preference::{DevicePreference, Order};
use crate::call::legs::LegId;
use crate::call::registrations::{ANY, Device};
use crate::call::{Mechanics, is_absence, sip};
use crate::config::{DeviceMode, MediaPath, SixXx};
use crate::functions::interworking::rules_out_deferral;
use crate::functions::sessions::session::Session;
use crate::functions::sessions::side::Side;
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use std::collections::VecDeque;

/// Why a device is called no longer that did not answer first.
const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";

/// The devices by which a user may be reached, as the user wishes it.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Those that are called, in their order.
    pub devices: Vec<Device>,
    wish: DevicePreference,
}

impl Reach {
    /// Of these devices those that are wished. With `mode` one request goes to the public identity instead, for the serving
    /// CSCF to fork, unless the user tells devices apart.
    pub fn new(now: Time, mode: Option<DeviceMode>, wish: DevicePreference, devices: Vec<Device>) -> Reach {
        let mut devices = wish.arranged(devices);
        let alike = wish.order == Order::Parallel && wish.devices.is_empty();
        if mode == Some(DeviceMode::SCscfForks) && alike && !devices.is_empty() {
            devices = vec![Device::any(now)];
        }
        Reach { devices, wish }
    }
}

/// What is known of the devices of the user who is called.
#[derive(Default)]
pub(in crate::functions) struct Fork {
    wish: DevicePreference,
    /// Those that are still to be called.
    waiting: VecDeque<Device>,
    /// The keys of all that were, are or will be called.
    known: Vec<String>,
}

impl From<Reach> for Fork {
    fn from(Reach { devices, wish }: Reach) -> Fork {
        let known = devices.iter().map(|device| device.key.clone()).collect();
        Fork { wish, waiting: devices.into(), known }
    }
}

impl Fork {
    /// True where no device is left to be called.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

impl Session {
    /// There is no device to be called: the interworking function is, or nobody.
    pub fn call_nobody(&mut self, m: &mut Mechanics) {
        if !self.is_interworked(m, 480, None) {
            self.give_up(m, 480, None);
        }
    }

    /// Calls the devices of the user, or the first of them.
    pub fn call_devices(&mut self, m: &mut Mechanics, invite: &Message) {
        while let Some(device) = self.fork.waiting.pop_front() {
            self.call_device(m, invite, device);
            if self.over || self.fork.wish.order == Order::Sequential {
                return;
            }
        }
    }

    fn call_device(&mut self, m: &mut Mechanics, invite: &Message, device: Device) {
        let target = device.contact.clone().unwrap_or_else(|| self.served.identity.clone());
        self.call(m, invite, &target, Some(device), None);
    }

    /// Of those that are called one after the other it is the next one's turn; false when there is none.
    fn call_next(&mut self, m: &mut Mechanics) -> bool {
        let Some(invite) = m.leg(self.caller.leg).map(|caller| caller.invite().clone()) else { return false };
        let Some(device) = self.fork.waiting.pop_front() else { return false };
        self.until = Some(m.now + m.config.no_answer);
        self.call_device(m, &invite, device);
        true
    }

    /// A device registers while others ring: it is called too, unless it was.
    pub fn registered(&mut self, m: &mut Mechanics, device: &Device) {
        let ringing = !self.is_up() && self.until.is_some() && self.interworked.is_none();
        let known = |key: &String| *key == device.key || key == ANY || device.key == ANY;
        if !ringing || self.fork.known.iter().any(known) || self.fork.wish.arranged(vec![device.clone()]).is_empty() {
            return;
        }
        self.fork.known.push(device.key.clone());
        match self.fork.wish.order {
            Order::Sequential => self.fork.waiting.push_back(device.clone()),
            Order::Parallel | Order::All => {
                if let Some(invite) = m.leg(self.caller.leg).map(|caller| caller.invite().clone()) {
                    self.call_device(m, &invite, device.clone());
                }
            }
        }
    }

    /// True where the devices that answer later are in the session too.
    fn admits_several(&self, m: &Mechanics) -> bool {
        self.fork.wish.order == Order::All && m.config.media.path == MediaPath::In
    }

    /// A device has answered first: the others are called on, or no more.
    pub fn first_answered(&mut self, m: &mut Mechanics, answered: LegId) {
        if !self.admits_several(m) {
            self.stop_calling(m, Some(answered));
        }
    }

    /// Gives up calling, but for one.
    pub fn stop_calling(&mut self, m: &mut Mechanics, but: Option<LegId>) {
        self.until = None;
        self.fork = Fork::default();
        let stays = |side: &Side| side.joined || Some(side.leg) == but;
        let (stay, others) = std::mem::take(&mut self.called).into_iter().partition(stays);
        self.called = stay;
        self.called.shrink_to_fit();
        for other in others {
            self.drop_side(m, &other, 480, Some(ELSEWHERE));
        }
    }

    /// A device has refused. Of all refusals the best goes back; a 6xx may end the call at once.
    pub fn refused(&mut self, m: &mut Mechanics, leg: LegId, status: u16, response: Option<Message>) {
        let Some(side) = self.remove_called(m, leg) else { return };
        if self.is_up() {
            return self.settle(m);
        }
        if self.called_again(m, status, response.as_ref(), side) {
            return;
        }
        if self.interworked.is_some() {
            return self.not_interworked(m, status, response.as_ref());
        }
        if self.refused.as_ref().is_none_or(|best| rank(status) < rank(best.0)) {
            self.refused = Some(Box::new((status, response)));
        }
        if !is_absence(status) || rules_out_deferral(&m.config, status) {
            self.stand_in = false;
        }
        let ends = status >= 600 && m.config.six_xx == SixXx::EndsAll;
        if !ends && (!self.called.is_empty() || self.call_next(m)) {
            return;
        }
        match self.stand_in {
            true => self.unanswered(m),
            false => self.refuse_caller(m),
        }
    }

    fn refuse_caller(&mut self, m: &mut Mechanics) {
        let (status, response) = self.refused.take().map_or((480, None), |refused| *refused);
        if self.is_interworked(m, status, response.as_ref()) {
            return;
        }
        let answer = response.as_ref();
        m.answer(self.caller.leg, status, "", |refusal| sip::with_reasons(refusal, answer));
        for side in std::mem::take(&mut self.called) {
            self.drop_side(m, &side, status, None);
        }
        self.over = true;
    }

    fn remove_called(&mut self, m: &mut Mechanics, leg: LegId) -> Option<Side> {
        let at = self.called.iter().position(|side| side.leg == leg)?;
        let side = self.called.remove(at);
        if let Some(media) = &side.media {
            media.close(m);
        }
        Some(side)
    }

    /// Nobody has answered in time: it is the next device's turn, or nobody's, or who stands in has the caller.
    pub fn unanswered(&mut self, m: &mut Mechanics) {
        if self.is_up() {
            self.stop_calling(m, None);
            return self.settle(m);
        }
        if self.interworked.is_some() {
            return self.not_interworked(m, 408, None);
        }
        if self.fork.waiting.is_empty() && !self.stand_in {
            return match self.refused {
                Some(_) => self.refuse_caller(m),
                None => self.give_up(m, 480, None),
            };
        }
        for side in std::mem::take(&mut self.called) {
            self.drop_side(m, &side, 480, None);
        }
        if !self.call_next(m) && !self.is_interworked_first(m) {
            self.handed_over = true;
            self.over = true;
        }
    }

    /// Nobody is called any more: what that needed is let go.
    pub fn settle(&mut self, m: &mut Mechanics) {
        if self.called.iter().all(|side| side.joined) {
            self.until = None;
            self.fork = Fork::default();
            m.shed_invite(self.caller.leg);
        }
    }
}

/// The better a refusal, the less (RFC 3261 section 16.7 item 6): 6xx before all, else the lowest class, and in it what says how
/// the request might do better.
fn rank(status: u16) -> (u16, bool, u16) {
    let class = if status >= 600 { 0 } else { status / 100 };
    (class, !matches!(status, 401 | 407 | 415 | 420 | 484), status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn the_best_refusal_goes_back() {
        let best = |all: &[u16]| all.iter().copied().min_by_key(|status| rank(*status)).unwrap();
        assert_eq!(best(&[486, 603, 404]), 603);
        assert_eq!(best(&[503, 486]), 486);
        assert_eq!(best(&[404, 486, 415]), 415);
        assert_eq!(best(&[500, 302]), 302);
    }

    #[test]
    fn the_serving_cscf_forks_unless_devices_are_told_apart() {
        let now = Time::from_nanos(1);
        let device = Device { key: "a".to_owned(), ..Device::any(now) };
        let reach = |mode, order| {
            let wish = DevicePreference { order, ..DevicePreference::default() };
            Reach::new(now, mode, wish, vec![device.clone()]).devices.remove(0).key
        };
        assert_eq!(reach(Some(DeviceMode::SCscfForks), Order::Parallel), ANY);
        assert_eq!(reach(Some(DeviceMode::SCscfForks), Order::All), "a");
        assert_eq!(reach(Some(DeviceMode::PfForks), Order::Parallel), "a");
        assert!(Reach::new(now, Some(DeviceMode::SCscfForks), DevicePreference::default(), vec![]).devices.is_empty());
    }
}
