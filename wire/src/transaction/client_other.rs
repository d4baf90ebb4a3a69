//! The non-INVITE client transaction: RFC 3261 section 17.1.2 (figure 6).

use super::Timers;
use super::machine::{ClientAction, Machine, earliest};
use crate::sip::Message;
use crate::time::Time;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
}

pub(super) struct ClientOther {
    state: State,
    /// Until the outcome is here.
    request: Option<Message>,
    reliable: bool,
    /// Timer E and the interval that led to it.
    retransmit: Option<(Time, Duration)>,
    /// Timer F.
    give_up: Option<Time>,
    /// Timer K.
    end: Option<Time>,
}

impl ClientOther {
    pub(super) fn start(
        now: Time,
        timers: &Timers,
        request: Message,
        reliable: bool,
    ) -> (ClientOther, Vec<ClientAction>) {
        let machine = ClientOther {
            state: State::Trying,
            request: Some(request.clone()),
            reliable,
            retransmit: (!reliable).then(|| (now + timers.t1, timers.t1)),
            give_up: Some(now + timers.transaction()),
            end: None,
        };
        (machine, vec![ClientAction::Send(request)])
    }

    /// The request as it was sent, until the outcome is here.
    pub(super) fn request(&self) -> Option<&Message> {
        self.request.as_ref()
    }

    /// True before any response.
    pub(super) fn is_trying(&self) -> bool {
        self.state == State::Trying
    }

    pub(super) fn receive(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ClientAction> {
        match (self.state, response.status().unwrap_or_default()) {
            (State::Completed, _) => return Vec::new(),
            // Timer E runs on and is set to T2 when it fires next; so does F.
            (_, 100..=199) => self.state = State::Proceeding,
            _ => {
                self.state = State::Completed;
                // What lingers only swallows what comes again.
                self.request = None;
                self.retransmit = None;
                self.give_up = None;
                self.end = Some(now + timers.t4(self.reliable));
            }
        }
        vec![ClientAction::Deliver { message: response, repeated: false }]
    }
}

impl Machine for ClientOther {
    type Action = ClientAction;

    fn deadline(&self) -> Option<Time> {
        earliest([self.retransmit.map(|(at, _)| at), self.give_up, self.end])
    }

    fn handle_timeout(&mut self, now: Time, timers: &Timers) -> Vec<ClientAction> {
        if self.end.is_some_and(|at| at <= now) {
            return vec![ClientAction::End];
        }
        if self.give_up.is_some_and(|at| at <= now) {
            return vec![ClientAction::Timeout, ClientAction::End];
        }
        match self.retransmit {
            Some((at, interval)) if at <= now => {
                let proceeding = self.state == State::Proceeding;
                let interval = if proceeding { timers.t2 } else { timers.doubled(interval) };
                self.retransmit = Some((now + interval, interval));
                self.request.clone().map(ClientAction::Send).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_over(&self) -> bool {
        self.state == State::Completed
    }
}
