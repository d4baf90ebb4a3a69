//! A session goes on while it moves from one device of a user to another [PF-DEV-04, L18].
//!
//! The other device calls, and names the session (`taking`): by Replaces (RFC 3891), or by its contribution; or it is called,
//! since the old device asks for that (RFC 3515), or is gone (`calling`). Whom a session belongs to is decided in `claims`.
//! The old device stays in the session until the other one is in it; what it has not acknowledged by then is sent to the
//! other one again.

mod calling;
mod claims;
mod taking;

pub use claims::Claim;

use crate::call::Mechanics;
use crate::call::legs::{LegEvent, LegId};
use crate::call::registrations::Device;
use crate::functions::media_negotiation::{self, Side as Media};
use crate::functions::sessions::session::Session;
use crate::functions::sessions::side::Side;
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use cpm_wire::transaction::ClientId;
use std::collections::VecDeque;

/// Why the old device's leg ends.
const MOVED: &str = "SIP;cause=200;text=\"Moved to another device\"";

/// A change of devices that is under way.
pub(in crate::functions) struct Move {
    /// The side that is to be in the session.
    pub side: Side,
    /// The side whose place it takes.
    old: LegId,
    /// That one is gone already.
    gone: bool,
    way: Way,
}

enum Way {
    /// The other device has called, and the far end is asked.
    Taking {
        invite: Box<Message>,
        asked: ClientId,
        /// What was agreed with the far end.
        before: Box<Media>,
        /// The other device has given up.
        withdrawn: bool,
    },
    /// The other device is called.
    Calling {
        /// What the far end is known to have offered or answered.
        offer: Box<Message>,
        /// Who is called next.
        next: VecDeque<Device>,
        until: Time,
        /// The old device has asked for it, and hears of it.
        referred: bool,
    },
}

impl Move {
    /// Until when the device has to answer that is called.
    pub fn until(&self) -> Option<Time> {
        match self.way {
            Way::Calling { until, .. } => Some(until),
            Way::Taking { .. } => None,
        }
    }
}

impl Session {
    /// Something happened to the leg of the device that the session is to move to.
    pub fn moving_leg(&mut self, m: &mut Mechanics, leg: LegId, event: LegEvent) {
        match event {
            LegEvent::Answered(response) => self.calling_answered(m, leg, &response),
            LegEvent::Refused { status, .. } => self.not_moved(m, status),
            LegEvent::Cancelled(_) => self.taking_withdrawn(m),
            LegEvent::Ended(_) => self.not_moved(m, 480),
            LegEvent::Request { server, request } => m.refuse_for_now(server, &request),
            LegEvent::Provisional(_)
            | LegEvent::Acknowledged(_)
            | LegEvent::Response { .. }
            | LegEvent::Withdrawn(_) => {}
        }
    }

    /// The other device has taken the place of the old one.
    fn moved(&mut self, m: &mut Mechanics, moving: Move) {
        let Move { mut side, old, gone, .. } = moving;
        side.joined = true;
        let new = side.leg;
        let Some(place) = self.side(old) else { return };
        let former = std::mem::replace(place, side);
        if let Some((own, far)) = self.media_of(new) {
            if let Some(former) = &former.media {
                media_negotiation::succeed(m, former, own);
            }
            media_negotiation::start(m, own, far);
        }
        if !gone {
            self.drop_side(m, &former, 480, Some(MOVED));
        }
        m.shed_invite(new);
    }

    /// The session did not move: the old device stays in it, if it is there.
    pub fn not_moved(&mut self, m: &mut Mechanics, status: u16) {
        let Some(moving) = self.moving.take() else { return };
        match moving.way {
            Way::Taking { before, withdrawn, .. } => {
                self.far_falls_back(m, *before);
                if !withdrawn {
                    m.answer(moving.side.leg, status, "", |response| response);
                }
                if moving.gone {
                    self.give_up(m, 480, None);
                }
            }
            Way::Calling { .. } => self.calling_failed(m, moving, status),
        }
    }

    /// The session is over: it moves nowhere.
    pub fn stay(&mut self, m: &mut Mechanics) {
        if let Some(moving) = self.moving.take() {
            self.drop_side(m, &moving.side, 487, None);
        }
    }

    /// True when this side is the one whose place another is about to take: it may go before that.
    pub fn moves_from(&mut self, m: &mut Mechanics, leg: LegId, reason: Option<&str>) -> bool {
        let Some(mut moving) = self.moving.take_if(|moving| moving.old == leg) else { return false };
        if !moving.gone {
            moving.gone = true;
            self.let_go(m, leg, &moving.side, reason);
        }
        self.moving = Some(moving);
        true
    }

    /// The old device is gone. What it has not acknowledged waits for the other.
    fn let_go(&mut self, m: &mut Mechanics, leg: LegId, successor: &Side, reason: Option<&str>) {
        let Some(side) = self.side(leg) else { return };
        (side.timer, side.refreshing) = (None, None);
        let media = side.media.clone();
        if let (Some(old), Some(new)) = (&media, &successor.media) {
            media_negotiation::succeed(m, old, new);
        }
        if let Some(media) = media {
            media.close(m);
        }
        m.succeed_leg(leg, successor.leg);
        m.drop_leg(leg, 480, reason);
    }

    /// A side cannot be had any more: another device of the user has its place, or the side is lost.
    pub fn left_behind(&mut self, m: &mut Mechanics, leg: LegId, reason: &str) {
        if !self.moves_from(m, leg, Some(reason)) && !self.switches(m, leg, reason) {
            self.lose(m, leg, 480, Some(reason));
        }
    }
}
