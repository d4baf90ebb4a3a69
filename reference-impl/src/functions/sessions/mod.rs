//! Sessions between two [PF-SES-01, PF-SES-06, PF-SES-07]: the function stands between caller and callee as a
//! back-to-back agent, with a dialog of its own on each side, and passes on what the one asks of the other. What becomes of the media is
//! decided in [`media_negotiation`](super::media_negotiation).
//!
//! | file | decides |
//! |---|---|
//! | `admission` | which invitation begins a session |
//! | `set_up` | who is called, what the caller hears of it |
//! | `session`, `side` | what a session is |
//! | `index` | which sessions a user has |
//! | `modification`, `offers` | what becomes of a change that a side wants |
//! | `keeping` | what is told of it for the user's history |
//! | `ending` | when a session ends, and what both sides hear |
//! | `timer`, `refreshing` | how long a session lasts of which nobody speaks (RFC 4028) |

mod admission;
mod ending;
mod index;
mod keeping;
mod modification;
pub(in crate::functions) mod offers;
mod refreshing;
pub(in crate::functions) mod session;
pub(in crate::functions) mod set_up;
pub(in crate::functions) mod side;
pub(in crate::functions) mod timer;

use crate::call::Mechanics;
use crate::call::legs::{LegEvent, LegId};
use crate::call::media::{MediaEvent, MediaId};
use crate::call::registrations::Device;
use crate::call::schedule::Schedule;
use crate::call::served::ServedUser;
use crate::functions::charging;
use crate::functions::interworking::Resort;
use crate::functions::multi_device::Reach;
use crate::functions::policies_and_preferences::Barred;
pub use admission::identified;
use cpm_wire::sip::{Message, identity_key};
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use index::Index;
use session::Session;
use std::collections::HashMap;

/// All sessions between two.
#[derive(Default)]
pub struct Sessions {
    last: u64,
    pub(in crate::functions) held: HashMap<u64, Box<Session>>,
    of_user: Index,
    by_contribution: Index,
    due: Schedule<u64>,
    absent: Vec<Absent>,
}

/// On which terms a session begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Whether the caller is handed over when no device can be had.
    pub stand_in: bool,
    /// The media that are not had in it.
    pub barred: Barred,
    /// Whether the other side is not to learn who the served user is.
    pub hidden: bool,
    /// When the interworking function is called for it.
    pub resort: Resort,
    /// Whether what is said in it is kept in the user's history.
    pub kept: bool,
}

/// A caller whose user could not be had, and is to be stood in for.
#[derive(Debug)]
pub struct Absent {
    /// The leg to the caller, not answered yet.
    pub leg: LegId,
    /// The user.
    pub served: ServedUser,
}

impl Sessions {
    /// A session for a served user, who may be reached so.
    pub fn terminating(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        invite: Message,
        served: &ServedUser,
        reach: Reach,
        terms: Terms,
    ) {
        if reach.devices.is_empty() && terms.resort == Resort::Never {
            return m.refuse(server, &invite, 480);
        }
        if self.admits(m, server, &invite, served) {
            let session = Session::terminating(m, self.next(), server, invite, served, reach, terms);
            self.hold(m, session);
        }
    }

    /// A session of a served user's device.
    pub fn originating(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        invite: Message,
        served: &ServedUser,
        terms: Terms,
    ) {
        if self.admits(m, server, &invite, served) {
            let session = Session::originating(m, self.next(), server, invite, served, terms);
            self.hold(m, session);
        }
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn hold(&mut self, m: &mut Mechanics, mut session: Session) {
        if session.over {
            return session.close(m);
        }
        self.of_user.note(&session.served.key, session.id);
        self.by_contribution.note(&session.contribution, session.id);
        self.due.set(session.id, session.poll_timeout());
        self.held.insert(session.id, Box::new(session));
    }

    fn release_hold(&mut self, id: u64) -> Option<Box<Session>> {
        let session = self.held.remove(&id)?;
        self.due.set(id, None);
        self.of_user.forget(&session.served.key, id);
        self.by_contribution.forget(&session.contribution, id);
        Some(session)
    }

    /// The sessions of this contribution, of all users.
    pub(in crate::functions) fn of_contribution(&self, contribution: &str) -> impl Iterator<Item = &Session> {
        self.by_contribution.of(contribution).iter().filter_map(|id| self.held.get(id).map(|session| &**session))
    }

    /// The callers whose users could not be had.
    pub fn take_absent(&mut self) -> Vec<Absent> {
        std::mem::take(&mut self.absent)
    }

    pub(in crate::functions) fn with(
        &mut self,
        m: &mut Mechanics,
        id: u64,
        act: impl FnOnce(&mut Session, &mut Mechanics),
    ) {
        let Some(session) = self.held.get_mut(&id) else { return };
        act(session, m);
        session.watch(m);
        if !session.over {
            let due = session.poll_timeout();
            return self.due.set(id, due);
        }
        session.close(m);
        session.tell_ended(m);
        if let Some(session) = self.release_hold(id).filter(|session| session.handed_over && session.stand_in) {
            self.absent.push(Absent { leg: session.caller.leg, served: session.served });
        }
    }

    /// Something happened to a leg.
    pub fn leg(&mut self, m: &mut Mechanics, id: u64, leg: LegId, event: LegEvent) {
        self.with(m, id, |session, m| session.leg(m, leg, event));
    }

    /// Something happened to a media session.
    pub fn media(&mut self, m: &mut Mechanics, id: u64, media: MediaId, event: MediaEvent) {
        self.with(m, id, |session, m| match event {
            MediaEvent::Passed(passed) => session.passed(m, media, *passed),
            event => session.media(m, media, &event),
        });
    }

    /// A device of a user can be reached.
    pub fn registered(&mut self, m: &mut Mechanics, user: &str, device: &Device) {
        for id in self.those_of(user) {
            self.with(m, id, |session, m| session.registered(m, device));
        }
    }

    /// These devices of a user cannot be reached any more; none means all.
    pub fn deregistered(&mut self, m: &mut Mechanics, user: &str, device: Option<&str>) {
        for id in self.those_of(user) {
            self.with(m, id, |session, m| session.deregistered(m, device));
        }
    }

    /// The operator ends the sessions of a user that have this contribution. Gives how many there were.
    pub fn release(&mut self, m: &mut Mechanics, user: &str, contribution: &str) -> usize {
        let named = |id: &u64| self.held.get(id).is_some_and(|session| session.contribution == contribution);
        let ids: Vec<u64> = self.those_of(&identity_key(user)).into_iter().filter(named).collect();
        for id in &ids {
            self.with(m, *id, |session, m| session.give_up(m, 480, Some(ending::BY_OPERATOR)));
        }
        ids.len()
    }

    /// The credit of a session is used up.
    pub fn spent(&mut self, m: &mut Mechanics, id: u64) {
        self.with(m, id, |session, m| session.give_up(m, 480, Some(charging::SPENT)));
    }

    pub(in crate::functions) fn those_of(&self, user: &str) -> Vec<u64> {
        self.of_user.of(user).to_vec()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.held.len()
    }

    /// When [`Sessions::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.next()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        for id in self.due.due(m.now) {
            self.with(m, id, Session::handle_timeout);
        }
    }
}
