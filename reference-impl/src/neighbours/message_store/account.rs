//! What waits for the store in the name of one user, and the connection that it goes over.

use super::session::{Outcome, Session};
use super::{SILENCE, wait};
use bytes::Bytes;
use cpm_wire::io::ConnectionId;
use cpm_wire::time::Time;
use std::collections::VecDeque;
use std::time::Duration;

/// How often the store may refuse an object before it is given up.
const MOST_REFUSALS: u32 = 3;

/// An object that waits for the store.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Its place in the order of arrival.
    pub(super) number: u64,
    /// Its number on the disk, where it is there.
    pub(super) kept: Option<u64>,
    pub(super) conversation: String,
    pub(super) contribution: String,
    pub(super) object: Bytes,
    pub(super) refusals: u32,
}

pub(super) struct Link {
    pub(super) connection: ConnectionId,
    pub(super) session: Session,
    /// The front of the queue is being stored.
    storing: bool,
    pub(super) leaving: bool,
    /// When the store has been silent, or the connection without use, for too long.
    pub(super) due: Time,
}

impl Link {
    pub(super) fn new(now: Time, connection: ConnectionId, session: Session) -> Link {
        Link { connection, session, storing: false, leaving: false, due: now + SILENCE }
    }

    /// True when the next thing can be asked of it.
    fn is_free(&self) -> bool {
        self.session.is_idle() && !self.storing && !self.leaving
    }

    fn leave(&mut self, now: Time) {
        self.leaving = true;
        self.due = now + SILENCE;
        self.session.log_out();
    }
}

#[derive(Default)]
pub(super) struct Account {
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) link: Option<Link>,
    /// The store has refused what comes next, and is asked again then.
    pub(super) not_before: Option<Time>,
    /// How often the store has let the user not in since it last did.
    locked_out: u32,
}

/// What octets of the store came to.
#[derive(Default)]
pub(super) struct Heard {
    /// True when the store took an object.
    pub(super) stored: bool,
    /// Objects that wait no more.
    pub(super) gone: Vec<Waiting>,
    /// The store does not let this user in.
    pub(super) locked_out: bool,
    /// Nothing can be had of the connection any more.
    pub(super) broken: bool,
}

impl Account {
    /// True when nobody needs to know of it.
    pub(super) fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.link.is_none()
    }

    /// Takes in what the store said.
    pub(super) fn octets(&mut self, now: Time, octets: &[u8], longest_wait: Duration) -> Heard {
        let mut heard = Heard::default();
        let Some(link) = &mut self.link else { return heard };
        link.due = now + SILENCE;
        link.session.receive(octets);
        while let Some(outcome) = link.session.poll_outcome() {
            link.storing = false;
            let again = match outcome {
                Outcome::Stored => false,
                Outcome::Refused { for_ever } => match self.waiting.front_mut() {
                    Some(front) => {
                        front.refusals += 1;
                        !for_ever && (front.kept.is_some() || front.refusals < MOST_REFUSALS)
                    }
                    None => false,
                },
                Outcome::LockedOut => {
                    self.not_before = Some(now + wait(self.locked_out, longest_wait));
                    self.locked_out += 1;
                    heard.locked_out = true;
                    return heard;
                }
                Outcome::Broken => {
                    heard.broken = true;
                    return heard;
                }
            };
            if outcome == Outcome::Stored {
                heard.stored = true;
                self.locked_out = 0;
            }
            match again {
                true => {
                    let refusals = self.waiting.front().map_or(0, |front| front.refusals - 1);
                    self.not_before = Some(now + wait(refusals, longest_wait));
                }
                false => heard.gone.extend(self.waiting.pop_front()),
            }
        }
        heard
    }

    /// What has waited longest of what is on the disk, unless it is on its way.
    pub(super) fn oldest(&self) -> Option<&Waiting> {
        self.waiting.get(self.first_at_rest()).filter(|waiting| waiting.kept.is_some())
    }

    /// Takes it out.
    pub(super) fn take_oldest(&mut self) -> Option<Waiting> {
        self.oldest()?;
        self.waiting.remove(self.first_at_rest())
    }

    fn first_at_rest(&self) -> usize {
        usize::from(self.link.as_ref().is_some_and(|link| link.storing))
    }

    /// Asks the next thing of the store, if there is anything and nothing is in its way.
    pub(super) fn advance(&mut self, now: Time) {
        self.not_before = self.not_before.filter(|then| now < *then);
        let Some(link) = self.link.as_mut().filter(|link| link.is_free()) else { return };
        if let Some(next) = self.waiting.front().filter(|_| self.not_before.is_none()) {
            link.storing = true;
            link.due = now + SILENCE;
            link.session.store(&next.conversation, &next.contribution, next.object.clone());
        }
    }

    /// Lets the connection go, when it is there and nothing waits for it. True when it goes.
    pub(super) fn make_room(&mut self, now: Time) -> bool {
        let free = self.waiting.is_empty();
        let Some(link) = self.link.as_mut().filter(|link| free && link.is_free()) else { return false };
        link.leave(now);
        true
    }

    /// True when the store has been silent for too long; a connection without use is ended in order.
    pub(super) fn is_silent(&mut self, now: Time) -> bool {
        let Some(link) = self.link.as_mut().filter(|link| link.due <= now) else { return false };
        if !link.is_free() {
            return true;
        }
        link.leave(now);
        false
    }

    /// When something is due here.
    pub(super) fn due(&self) -> Option<Time> {
        let again = self.not_before.filter(|_| !self.waiting.is_empty());
        self.link.as_ref().map(|link| link.due).into_iter().chain(again).min()
    }
}
