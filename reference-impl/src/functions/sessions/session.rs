//! A session between two: its two sides, and what happens to them.

use super::modification::Through;
use super::offers::Change;
use super::side::Side;
use crate::call::carried::SessionOf;
use crate::call::legs::{LegEvent, LegId};
use crate::call::media::MediaId;
use crate::call::offer::description;
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Owner};
use crate::functions::interworking::{Interworked, Resort};
use crate::functions::media_negotiation::Side as Media;
use crate::functions::multi_device::{Follower, Fork};
use crate::functions::policies_and_preferences::Barred;
use crate::functions::session_continuity::Move;
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use cpm_wire::transaction::ClientId;
use std::collections::BTreeMap;

/// A session between two.
pub(in crate::functions) struct Session {
    pub id: u64,
    pub served: ServedUser,
    pub contribution: String,
    pub caller: Side,
    /// Those who are called; once one has answered, that one alone, or all that have joined.
    pub called: Vec<Side>,
    /// The served user calls: the user's side is the caller's.
    pub originating: bool,
    /// The devices that are to be called.
    pub fork: Fork,
    pub refused: Option<Box<(u16, Option<Message>)>>,
    /// The media that are not had in it.
    pub barred: Barred,
    /// Whether who is called is not to learn who the caller is.
    pub hidden: bool,
    /// The served user is to be stood in for if no device can be had.
    pub stand_in: bool,
    /// When the interworking function is called.
    pub resort: Resort,
    /// It has been called.
    pub interworked: Option<Box<Interworked>>,
    /// The caller has been handed over.
    pub handed_over: bool,
    /// Until when somebody has to answer.
    pub until: Option<Time>,
    pub through: BTreeMap<ClientId, Through>,
    /// The change that is under way.
    pub change: Option<Box<Change>>,
    /// The devices that are asked for a change to which another has agreed.
    pub followers: Vec<Follower>,
    /// The change of devices that is under way.
    pub moving: Option<Box<Move>>,
    /// The invitation, where a device may be called for the session later.
    pub invitation: Option<Box<Message>>,
    /// What is told of it for the user's history, where that is kept.
    pub kept: Option<Box<SessionOf>>,
    /// The media sessions that broke while a change was under way.
    pub lost: Vec<MediaId>,
    pub over: bool,
}

impl Session {
    pub fn owner(&self) -> Owner {
        Owner::Session(self.id)
    }

    /// True once the caller has the 2xx.
    pub fn is_up(&self) -> bool {
        self.caller.media.is_some()
    }

    pub fn side(&mut self, leg: LegId) -> Option<&mut Side> {
        [&mut self.caller].into_iter().chain(&mut self.called).find(|side| side.leg == leg)
    }

    /// Of several devices that are in the session, the first.
    pub fn other(&mut self, leg: LegId) -> Option<&mut Side> {
        match leg == self.caller.leg {
            true => self.called.iter_mut().find(|side| side.joined),
            false => Some(&mut self.caller),
        }
    }

    /// A side has said something about itself.
    pub fn hear(&mut self, leg: LegId, message: &Message) {
        let kept = self.invitation.is_some() && description(message).is_some();
        if let Some(side) = self.side(leg) {
            side.told(message);
            side.described = if kept { Some(Box::new(message.clone())) } else { side.described.take() };
        }
    }

    /// The sides of the served user.
    pub fn near(&self) -> &[Side] {
        if self.originating { std::slice::from_ref(&self.caller) } else { &self.called }
    }

    /// The far end's side.
    pub fn far(&mut self) -> Option<&mut Side> {
        if self.originating { self.called.first_mut() } else { Some(&mut self.caller) }
    }

    pub fn sides(&self) -> impl Iterator<Item = &Side> {
        [&self.caller].into_iter().chain(&self.called)
    }

    /// The media of a side, and of the other.
    pub fn media_of(&mut self, leg: LegId) -> Option<(&mut Media, &mut Media)> {
        let is_caller = leg == self.caller.leg;
        let called = |side: &&mut Side| if is_caller { side.joined } else { side.leg == leg };
        let called = self.called.iter_mut().find(called)?.media.as_mut()?;
        let caller = self.caller.media.as_mut()?;
        Some(if is_caller { (caller, called) } else { (called, caller) })
    }

    /// Something happened to a leg.
    pub fn leg(&mut self, m: &mut Mechanics, leg: LegId, event: LegEvent) {
        if self.moving.as_ref().is_some_and(|moving| moving.side.leg == leg) {
            return self.moving_leg(m, leg, event);
        }
        match event {
            LegEvent::Provisional(response) => self.progressed(m, leg, &response),
            LegEvent::Answered(response) => self.answered(m, leg, &response),
            LegEvent::Refused { status, response } => self.refused(m, leg, status, response),
            LegEvent::Cancelled(request) => self.ended_by(m, leg, 487, Some(&request)),
            LegEvent::Ended(bye) => self.ended_by(m, leg, 480, bye.as_ref()),
            LegEvent::Request { server, request } => self.request(m, leg, server, request),
            LegEvent::Response { client, response } => self.response(m, leg, client, response.as_ref()),
            LegEvent::Withdrawn(server) => self.withdrawn(m, server),
            LegEvent::Acknowledged(ack) => self.acknowledged(m, leg, &ack),
        }
    }

    /// When [`Session::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let moving = self.moving.as_ref().and_then(|moving| moving.until());
        self.sides().filter_map(Side::due).chain(self.until).chain(moving).min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        if self.until.is_some_and(|until| until <= m.now) {
            return self.unanswered(m);
        }
        if self.moving.as_ref().and_then(|moving| moving.until()).is_some_and(|until| until <= m.now) {
            return self.not_moved(m, 408);
        }
        self.keep_time(m);
    }

    /// The media are closed: nothing is said any more.
    pub fn close(&mut self, m: &mut Mechanics) {
        self.drop_change(m);
        self.stay(m);
        self.answer_open_requests(m);
        for media in self.sides().filter_map(|side| side.media.as_ref()) {
            media.close(m);
        }
    }
}
