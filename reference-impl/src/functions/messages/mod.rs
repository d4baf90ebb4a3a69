//! Messages outside sessions [PF-MSG-02]: in pager mode, which a MESSAGE carries (RFC 3428), and in large message mode, which a
//! session of their own carries over MSRP; for the served user and from the user. A large message between two who can both be
//! had is a session like others, which the function passes on ([`sessions`](super::sessions)).
//!
//! | file | decides |
//! |---|---|
//! | `kinds` | what a MESSAGE is |
//! | `admission` | which message is taken, and which is put off |
//! | `lists` | who gets a message that is for several |
//! | `taking` | how the content of a large message is taken whose recipient cannot be had, or that is for several |
//! | `sending` | how the function sends a large message by itself |
//! | `converting` | what becomes of a pager message that is too large for one |
//! | `retries` | what becomes of a device's copy that it could not take |
//! | `sent` | what a message is that nobody takes now |

mod admission;
mod converting;
mod kinds;
mod lists;
mod retries;
mod sending;
mod sent;
mod taking;

pub use admission::{is_over_limit, put_off, refusal, refuse_unfit};
pub use converting::{Conversion, Word};
pub use kinds::{Body, Kind, is_large, kind, names_service};
pub use lists::{explode, list_of, recipients};
pub use sending::{LargeMessage, Outcome};
pub use sent::{Answer, Mode, Sent, Why};
pub use taking::{Goal, Taken, ToSeveral};

use crate::call::legs::{LegEvent, LegId};
use crate::call::media::MediaEvent;
use crate::call::registrations::Device;
use crate::call::schedule::Schedule;
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Owner};
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use retries::Retries;
use sending::Sending;
use std::collections::{HashMap, VecDeque};
use taking::Taking;

/// The messages that are under way, but for what is only passed on.
#[derive(Default)]
pub struct Messages {
    last: u64,
    retries: Retries,
    taking: HashMap<u64, Taking>,
    sending: HashMap<u64, (Sending, Purpose)>,
    conversions: HashMap<u64, Conversion>,
    due: Schedule<u64>,
    done: VecDeque<Done>,
}

/// What a large message of the function's own is sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A MESSAGE was too large: the number of its conversion.
    Conversion(u64),
    /// It is a copy for one of several.
    Copy,
    /// It was deferred: the number is whose who defers.
    Deferred(u64),
}

/// What the core has to go on with.
#[derive(Debug)]
pub enum Done {
    /// The content of a large message is here.
    Taken(Taken),
    /// The sender of a MESSAGE is to hear this.
    Converted(Box<Conversion>, Word),
    /// A deferred message was delivered, or was not.
    Deferred(u64, Outcome),
}

impl Messages {
    /// A device that takes messages can be reached.
    pub fn registered(&mut self, m: &mut Mechanics, user: &str, device: &Device) {
        self.retries.deliver(m, user, device);
    }

    /// Of several devices these have not got a message that another one has.
    pub fn missed_by(&mut self, m: &Mechanics, served: &ServedUser, request: &Message, devices: Vec<String>) {
        self.retries.keep(m, (&served.key, &served.identity), request, devices);
    }

    /// A device has answered the copy that it was to have once more.
    pub fn copy_answered(&mut self, id: u64, response: Option<&Message>) {
        self.retries.answered(id, response);
    }

    /// How many large messages the function has under way by itself.
    pub fn sessions(&self) -> usize {
        self.taking.len() + self.sending.len()
    }

    /// Takes the content of a large message. `called` takes the sender's leg for its owner. [`Done::Taken`] gives the content.
    pub fn take(
        &mut self,
        m: &mut Mechanics,
        invite: Message,
        served: ServedUser,
        goal: Goal,
        called: impl FnOnce(&mut Mechanics, Owner) -> LegId,
    ) {
        let id = self.next();
        let owner = Owner::Large(id);
        let leg = called(m, owner);
        if let Some(taking) = Taking::begin(m, owner, leg, invite, served, goal) {
            self.due.set(id, taking.poll_timeout());
            self.taking.insert(id, taking);
        }
    }

    /// Sends a large message in a call of its own.
    pub fn send_large(&mut self, m: &mut Mechanics, message: LargeMessage, purpose: Purpose) {
        let id = self.next();
        let sending = Sending::begin(m, Owner::Large(id), message);
        self.due.set(id, sending.poll_timeout());
        self.sending.insert(id, (sending, purpose));
    }

    /// A MESSAGE goes on to these in large messages, and is answered when the first has it: [`Done::Converted`].
    pub fn convert(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        request: Message,
        served: ServedUser,
        messages: Vec<LargeMessage>,
    ) {
        let id = self.next();
        self.conversions.insert(id, Conversion::new(server, request, served, messages.len()));
        for message in messages {
            self.send_large(m, message, Purpose::Conversion(id));
        }
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Something happened to a leg.
    pub fn leg(&mut self, m: &mut Mechanics, id: u64, event: LegEvent) {
        if let Some(taking) = self.taking.get_mut(&id) {
            taking.leg(m, event);
        } else if let Some((sending, _)) = self.sending.get_mut(&id) {
            sending.leg(m, event);
        }
        self.settle(id);
    }

    /// Something happened to a media session.
    pub fn media(&mut self, m: &mut Mechanics, id: u64, event: MediaEvent) {
        if let Some(taking) = self.taking.get_mut(&id) {
            self.done.extend(taking.media(m, event).map(Done::Taken));
        } else if let Some((sending, _)) = self.sending.get_mut(&id) {
            sending.media(m, event);
        }
        self.settle(id);
    }

    /// When [`Messages::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.next()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        for id in self.due.due(m.now) {
            if let Some(taking) = self.taking.get_mut(&id) {
                taking.handle_timeout(m);
            } else if let Some((sending, _)) = self.sending.get_mut(&id) {
                sending.handle_timeout(m);
            }
            self.settle(id);
        }
    }

    /// What the core has to go on with.
    pub fn poll_done(&mut self) -> Option<Done> {
        self.done.pop_front()
    }

    /// Forgets what is over, and notes when the next thing of it comes due.
    fn settle(&mut self, id: u64) {
        let taking = self.taking.get(&id).map(|taking| (taking.over, taking.poll_timeout()));
        let sending = self.sending.get(&id).map(|(one, _)| (one.outcome.is_some(), one.poll_timeout()));
        match taking.or(sending) {
            Some((false, due)) => self.due.set(id, due),
            Some((true, _)) | None => {
                self.due.set(id, None);
                self.taking.remove(&id);
                if let Some((Sending { outcome: Some(outcome), .. }, purpose)) = self.sending.remove(&id) {
                    self.sent(purpose, outcome);
                }
            }
        }
    }

    fn sent(&mut self, purpose: Purpose, outcome: Outcome) {
        match purpose {
            Purpose::Copy => {}
            Purpose::Deferred(number) => self.done.push_back(Done::Deferred(number, outcome)),
            Purpose::Conversion(id) => {
                let Some(conversion) = self.conversions.get_mut(&id) else { return };
                // What becomes of the others is no matter of the sender's.
                if let Some(word) = conversion.note(outcome)
                    && let Some(conversion) = self.conversions.remove(&id)
                {
                    self.done.push_back(Done::Converted(Box::new(conversion), word));
                }
            }
        }
    }
}
