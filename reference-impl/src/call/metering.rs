//! What charging follows: how a request was answered finally, and of the session that it made whether it was changed, how
//! much was said in it, and its end. Whoever is not followed leaves no trace here.

use super::legs::LegId;
use super::{Event, Mechanics, Owner};
use cpm_wire::transaction::ServerId;
use std::collections::HashMap;

/// Something that is followed, by the request that began it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metered {
    /// The request was answered finally, with this status.
    Answered(ServerId, u16),
    /// Its session was changed: a description in it was accepted.
    Changed(ServerId),
    /// As much was said in its session as was to be told of.
    Used(ServerId),
    /// Its session is over.
    Over(ServerId),
}

/// The sessions that are followed.
#[derive(Debug, Default)]
pub(super) struct Metering {
    /// By the request, the legs that carry the session on the side of who asked for it: one, or for a moment the one that takes it
    /// over, too.
    sessions: HashMap<ServerId, Vec<LegId>>,
    legs: HashMap<LegId, ServerId>,
}

impl Metering {
    fn carry(&mut self, server: ServerId, leg: LegId) {
        self.legs.insert(leg, server);
        self.sessions.entry(server).or_default().push(leg);
    }

    fn of(&self, leg: LegId) -> Option<ServerId> {
        self.legs.get(&leg).copied()
    }

    /// A leg is gone. Gives the session, if it was the last.
    fn gone(&mut self, leg: LegId) -> Option<ServerId> {
        let server = self.legs.remove(&leg)?;
        let left = self.sessions.get_mut(&server)?;
        left.retain(|left| *left != leg);
        left.is_empty().then(|| self.sessions.remove(&server)).map(|_| server)
    }
}

impl Mechanics {
    /// Follows a request that is not answered yet.
    pub fn meter(&mut self, server: ServerId) {
        self.sip.watch(server);
    }

    /// The leg and the owner of a session that is followed.
    pub fn metered_leg(&self, server: ServerId) -> Option<(LegId, Owner)> {
        let leg = *self.metering.sessions.get(&server)?.first()?;
        Some((leg, self.legs.get(&leg)?.owner()))
    }

    /// Another leg carries on the session of one.
    pub fn succeed_leg(&mut self, old: LegId, new: LegId) {
        if let Some(server) = self.metering.of(old) {
            self.metering.carry(server, new);
        }
    }

    /// A leg was made of a request.
    pub(super) fn metered_call(&mut self, server: ServerId, leg: LegId) {
        if self.sip.is_watched(server) {
            self.metering.carry(server, leg);
        }
    }

    /// A session description was accepted within a leg.
    pub(super) fn metered_change(&mut self, leg: LegId) {
        if let Some(server) = self.metering.of(leg) {
            self.events.push_back(Event::Metered(Metered::Changed(server)));
        }
    }

    /// A leg is gone.
    pub(super) fn metered_end(&mut self, leg: LegId) {
        if let Some(server) = self.metering.gone(leg) {
            self.events.push_back(Event::Metered(Metered::Over(server)));
        }
    }

    /// What the sides below have to tell of what is followed.
    pub(super) fn poll_metered(&mut self) -> Option<Event> {
        if let Some((server, status)) = self.sip.poll_settled() {
            return Some(Event::Metered(Metered::Answered(server, status)));
        }
        let owner = self.media.poll_reached()?;
        let of_owner = |leg: &LegId| self.legs.get(leg).is_some_and(|held| held.owner() == owner);
        let mut sessions = self.metering.legs.iter().filter(|(leg, _)| of_owner(leg)).map(|(_, server)| *server);
        sessions.next().map(|server| Event::Metered(Metered::Used(server)))
    }

    /// A session that is followed is to end: its owner hears so.
    pub fn spend(&mut self, server: ServerId) {
        if let Some((leg, owner)) = self.metered_leg(server) {
            self.events.push_back(Event::Spent { owner, leg });
        }
    }

    /// Ends the session of a leg; its owner hears that it is gone.
    pub fn cut(&mut self, leg: LegId, reason: &str) {
        if let Some(held) = self.legs.get(&leg) {
            let owner = held.owner();
            self.drop_leg(leg, 480, Some(reason));
            self.events.push_back(Event::Leg { owner, leg, event: super::legs::LegEvent::Ended(None) });
        }
    }
}
