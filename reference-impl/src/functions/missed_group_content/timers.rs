//! What comes due: ringing devices, lingering drains, broken legs, retries, the life of items.

use super::chat::{Chat, DeviceLeg, DeviceState, Focus, Purpose};
use super::deliver::UNAVAILABLE;
use crate::call::Mechanics;
use crate::config::Config;
use cpm_wire::time::Time;

impl Chat {
    /// When [`Chat::handle_timeout`] is due.
    pub fn poll_timeout(&self, config: &Config) -> Option<Time> {
        let standing_in = match &self.focus {
            Focus::Inviting { until, .. } => Some(*until),
            _ => None,
        };
        let devices = self.devices.iter().flat_map(|leg| {
            let state = match leg.state {
                DeviceState::Called(until) if !self.rings_for_focus(leg) => Some(until),
                DeviceState::Lost(until) | DeviceState::Retiring(until) => Some(until),
                _ => None,
            };
            let joined = leg.state == DeviceState::Joined;
            let connects = leg.connect_by.filter(|_| joined);
            [state, connects, leg.list_wait, leg.linger.filter(|_| joined && !leg.owes.is_empty())]
        });
        let retries = self.attempts.values().map(|attempt| attempt.due);
        let apart = self.notification_sessions.poll_timeout();
        let others =
            [standing_in, self.next_expiry(), self.roster.poll_timeout(), self.mend, self.old_at(config), apart];
        devices.chain(retries).chain(others).flatten().min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        if matches!(self.focus, Focus::Inviting { until, .. } if until <= m.now) {
            self.unanswered(m);
        }
        self.expire(m);
        for leg in self.devices.iter().map(|leg| leg.leg).collect::<Vec<_>>() {
            let Some(at) = self.device_at(leg) else { continue };
            self.device_due(m, at);
        }
        self.notification_sessions_due(m);
        self.retry_drains(m);
        self.roster_due(m);
        if self.mend.is_some_and(|at| at <= m.now) {
            self.mend_path(m);
        }
        self.forget_when_old(m);
    }

    /// True for a device whose call lasts as long as the focus has no answer.
    fn rings_for_focus(&self, leg: &DeviceLeg) -> bool {
        leg.purpose == Purpose::Invitation && matches!(self.focus, Focus::Inviting { .. })
    }

    fn device_due(&mut self, m: &mut Mechanics, at: usize) {
        if let Some(leg) = self.devices.get_mut(at).filter(|leg| leg.list_wait.is_some_and(|until| until <= m.now)) {
            leg.list_wait = None;
            self.pump(m);
        }
        let Some(leg) = self.devices.get(at) else { return };
        match leg.state {
            DeviceState::Lost(until) if until <= m.now => self.end_device(m, at, UNAVAILABLE),
            DeviceState::Retiring(until) if until <= m.now => self.lost(m, at),
            DeviceState::Called(until) if until <= m.now && !self.rings_for_focus(leg) => {
                if let Some(leg) = self.remove_device(m, at) {
                    m.drop_leg(leg.leg, 480, None);
                    if leg.purpose == Purpose::Drain {
                        self.drain_refused(m, leg, 408);
                    }
                }
            }
            DeviceState::Joined if leg.connect_by.is_some_and(|until| until <= m.now) => self.lost(m, at),
            DeviceState::Joined if leg.linger.is_some_and(|until| until <= m.now) => {
                if let Some(leg) = self.devices.get_mut(at) {
                    leg.owes.clear();
                    leg.linger = Some(m.now);
                }
                self.pump(m);
            }
            _ => {}
        }
    }

    /// True for an item that is on its way to a device.
    pub fn is_in_flight(&self, id: u64) -> bool {
        self.devices.iter().any(|leg| leg.in_flight.as_ref().is_some_and(|one| one.item() == Some(id)))
            || self.notification_sessions.carry(id)
    }

    /// The items that may expire: those that wait, and are not with a device at this moment.
    fn mortal(&self) -> impl Iterator<Item = (u64, u64)> {
        let waiting = self.items.held.iter().filter(|item| item.stored && !self.is_in_flight(item.record.id));
        waiting.filter_map(|item| Some((item.record.expires?, item.record.id)))
    }

    fn next_expiry(&self) -> Option<Time> {
        self.mortal().map(|(at, _)| at).min().map(Time::from_nanos)
    }

    /// Items that have outlived their retention are not delivered any more.
    fn expire(&mut self, m: &mut Mechanics) {
        let now = m.now.as_nanos();
        for (_, id) in self.mortal().filter(|(at, _)| *at <= now).collect::<Vec<_>>() {
            self.give_up_item(m, id);
        }
    }

    /// An ended chat with nothing left to deliver is kept for its list, for a while.
    fn forget_when_old(&mut self, m: &Mechanics) {
        if let Some(until) = self.old_at(&m.config)
            && until <= m.now
        {
            self.over = true;
        }
    }

    /// When an ended chat may be forgotten.
    fn old_at(&self, config: &Config) -> Option<Time> {
        let idle = matches!(self.focus, Focus::Absent) && self.devices.is_empty() && self.items.held.is_empty();
        let idle = idle && self.notification_sessions.is_empty();
        let ended = self.record.ended.filter(|_| idle)?;
        Some(Time::from_nanos(ended) + config.other_devices)
    }
}
