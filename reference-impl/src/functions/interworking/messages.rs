//! What becomes of a MESSAGE that CPM does not take: it goes to the interworking function as a request of its own, and its sender
//! waits for the answer (RFC 3428).

use super::{heard, routed};
use crate::call::schedule::Schedule;
use crate::call::served::{ServedUser, SessionCase};
use crate::call::sip::{copied, with_reasons, without_tag};
use crate::call::{Mechanics, Owner};
use crate::functions::messages::Why;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::ServerId;
use std::collections::HashMap;

/// The messages that the interworking function has not answered yet.
#[derive(Default)]
pub struct Interworking {
    last: u64,
    under_way: HashMap<u64, Attempt>,
    due: Schedule<u64>,
}

/// A message that goes to the interworking function.
#[derive(Debug)]
pub struct Attempt {
    /// The MESSAGE is to be answered here.
    pub server: ServerId,
    /// The MESSAGE.
    pub request: Message,
    /// Whose it is.
    pub served: ServedUser,
    /// What becomes of it if the interworking function does not take it.
    pub fallback: Fallback,
}

/// What becomes of a message that the interworking function does not take.
#[derive(Debug)]
pub enum Fallback {
    /// Its sender hears this status, with the reasons of that answer, unless the interworking function says another.
    Refused(u16, Option<Message>),
    /// It is deferred.
    Deferred(Why),
}

/// What is left to do with a message that the interworking function has not taken.
#[derive(Debug)]
pub enum Outcome {
    /// Its sender is refused with this status, and the reasons of that answer.
    Refused(Attempt, u16, Option<Message>),
    /// It is deferred.
    Deferred(Attempt, Why),
}

impl Interworking {
    /// Sends a message to the interworking function.
    pub fn send(&mut self, m: &mut Mechanics, attempt: Attempt) {
        self.last += 1;
        let request = rerouted(m, &attempt.request, &attempt.served);
        m.send(Owner::Interworked(self.last), request);
        self.due.set(self.last, Some(m.now + m.config.no_answer));
        self.under_way.insert(self.last, attempt);
    }

    /// How many are under way.
    pub fn count(&self) -> usize {
        self.under_way.len()
    }

    /// The interworking function has answered, or never did. Its acceptance goes back to the sender.
    pub fn answered(&mut self, m: &mut Mechanics, id: u64, response: Option<Message>) -> Option<Outcome> {
        let status = response.as_ref().and_then(Message::status).unwrap_or(408);
        if status < 200 {
            return None;
        }
        self.due.set(id, None);
        let attempt = self.under_way.remove(&id)?;
        if status < 300 {
            m.refuse(attempt.server, &attempt.request, status);
            m.carried_request(&attempt.request);
            return None;
        }
        Some(attempt.not_taken(status, response))
    }

    /// When [`Interworking::overdue`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.next()
    }

    /// The next message whose sender would not wait much longer.
    pub fn overdue(&mut self, now: Time) -> Option<Outcome> {
        let id = *self.due.due(now).first()?;
        self.due.set(id, None);
        self.under_way.remove(&id).map(|attempt| attempt.not_taken(408, None))
    }
}

impl Attempt {
    fn not_taken(mut self, status: u16, response: Option<Message>) -> Outcome {
        match std::mem::replace(&mut self.fallback, Fallback::Refused(status, None)) {
            Fallback::Deferred(why) => Outcome::Deferred(self, why),
            Fallback::Refused(original, best) => {
                let status = heard(status, original);
                let said = if status == original { best } else { response };
                Outcome::Refused(self, status, said)
            }
        }
    }

    /// Its sender is refused.
    pub fn refuse(&self, m: &mut Mechanics, status: u16, said: Option<&Message>) {
        // RFC 4320 section 4.2: never 408 to such a request.
        let status = if status == 408 { 480 } else { status };
        m.reply(self.server, &self.request, status, |response| with_reasons(response, said));
    }
}

/// The MESSAGE as a request of the function's own: whoever sent it, whom it is for, what identifies it and its content stay.
fn rerouted(m: &mut Mechanics, request: &Message, served: &ServedUser) -> Message {
    let originating = served.case == SessionCase::Originating;
    let target = request.request_uri().unwrap_or_default();
    let from = request.from().map(|from| without_tag(&from)).unwrap_or_default();
    let to = request.to().map(|to| without_tag(&to)).unwrap_or_default();
    let own = m
        .own_request(Method::Message, target, &served.identity, originating)
        .header(Name::From, format!("{from};tag={}", m.tokens.tag()))
        .header(Name::To, to);
    routed(m, served, copied(request, own).build().edit()).finish()
}
