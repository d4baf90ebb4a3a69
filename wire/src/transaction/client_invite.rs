//! The INVITE client transaction: RFC 3261 section 17.1.1 (figure 5) with the Accepted state of RFC 6026 section 8.4.

use super::machine::{ClientAction, Machine, earliest};
use super::{Timers, build};
use crate::sip::Message;
use crate::time::Time;
use std::time::Duration;

/// To tags of 2xx that are remembered to tell a retransmission from the answer of another fork.
const FORKS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Calling,
    Proceeding,
    Completed,
    Accepted,
}

pub(super) struct ClientInvite {
    state: State,
    request: Message,
    reliable: bool,
    /// Timer A and the interval that led to it.
    retransmit: Option<(Time, Duration)>,
    /// Timer B; after CANCEL the time by which a final response must have come (RFC 3261 section 9.1).
    give_up: Option<Time>,
    /// Timer D or M.
    end: Option<Time>,
    ack: Option<Message>,
    accepted: Vec<Box<str>>,
}

impl ClientInvite {
    pub(super) fn start(
        now: Time,
        timers: &Timers,
        request: Message,
        reliable: bool,
    ) -> (ClientInvite, Vec<ClientAction>) {
        let machine = ClientInvite {
            state: State::Calling,
            request: request.clone(),
            reliable,
            retransmit: (!reliable).then(|| (now + timers.t1, timers.t1)),
            give_up: Some(now + timers.transaction()),
            end: None,
            ack: None,
            accepted: Vec::new(),
        };
        (machine, vec![ClientAction::Send(request)])
    }

    /// The INVITE as it was sent.
    pub(super) fn request(&self) -> &Message {
        &self.request
    }

    /// True before any response: a CANCEL must wait (RFC 3261 section 9.1).
    pub(super) fn is_calling(&self) -> bool {
        self.state == State::Calling
    }

    /// True between a provisional and the final response.
    pub(super) fn is_proceeding(&self) -> bool {
        self.state == State::Proceeding
    }

    /// A CANCEL went out: without a final response within 64*T1 the transaction is over (RFC 3261 section 9.1).
    pub(super) fn cancelled(&mut self, now: Time, timers: &Timers) {
        self.give_up = Some(now + timers.transaction());
    }

    pub(super) fn receive(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ClientAction> {
        let status = response.status().unwrap_or_default();
        match (self.state, status) {
            (State::Calling | State::Proceeding, 100..=199) => self.proceed(response),
            (State::Calling | State::Proceeding | State::Accepted, 200..=299) => self.accept(now, timers, response),
            (State::Calling | State::Proceeding, _) => self.complete(now, timers, response),
            (State::Completed, 300..) => self.ack.clone().map(ClientAction::Send).into_iter().collect(),
            // A 2xx of a fork after the refusal of the whole: the owner has to end that dialog.
            (State::Completed, 200..=299) => vec![ClientAction::Stray(response)],
            (State::Completed | State::Accepted, _) => Vec::new(),
        }
    }

    fn proceed(&mut self, response: Message) -> Vec<ClientAction> {
        if self.state == State::Calling {
            self.state = State::Proceeding;
            self.retransmit = None;
            self.give_up = None;
        }
        vec![ClientAction::Deliver { message: response, repeated: false }]
    }

    fn accept(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ClientAction> {
        if self.state != State::Accepted {
            self.state = State::Accepted;
            self.retransmit = None;
            self.give_up = None;
            self.end = Some(now + timers.transaction());
        }
        let tag = response.to_tag().unwrap_or_default();
        let repeated = self.accepted.iter().any(|seen| &**seen == tag);
        if !repeated && self.accepted.len() < FORKS {
            self.accepted.push(tag.into());
        }
        vec![ClientAction::Deliver { message: response, repeated }]
    }

    fn complete(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ClientAction> {
        self.state = State::Completed;
        self.retransmit = None;
        self.give_up = None;
        self.end = Some(now + timers.d(self.reliable));
        let ack = build::ack(&self.request, &response);
        self.ack = Some(ack.clone());
        vec![ClientAction::Send(ack), ClientAction::Deliver { message: response, repeated: false }]
    }
}

impl Machine for ClientInvite {
    type Action = ClientAction;

    fn deadline(&self) -> Option<Time> {
        earliest([self.retransmit.map(|(at, _)| at), self.give_up, self.end])
    }

    fn handle_timeout(&mut self, now: Time, _: &Timers) -> Vec<ClientAction> {
        if self.end.is_some_and(|at| at <= now) {
            return vec![ClientAction::End];
        }
        if self.give_up.is_some_and(|at| at <= now) {
            return vec![ClientAction::Timeout, ClientAction::End];
        }
        match self.retransmit {
            Some((at, interval)) if at <= now => {
                // Timer A has no upper bound but timer B.
                let interval = interval * 2;
                self.retransmit = Some((now + interval, interval));
                vec![ClientAction::Send(self.request.clone())]
            }
            _ => Vec::new(),
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Completed | State::Accepted)
    }
}
