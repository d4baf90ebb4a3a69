//! The INVITE server transaction: RFC 3261 section 17.2.1 (figure 7) with the Accepted state of RFC 6026 section
//! 8.5, and the retransmission of the 2xx that RFC 3261 section 13.3.1.4 asks of the core.

use super::machine::{Machine, ServerAction, earliest};
use super::{Timers, build};
use crate::sip::Message;
use crate::time::Time;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Proceeding,
    Completed,
    Confirmed,
    Accepted,
}

pub(super) struct ServerInvite {
    state: State,
    request: Message,
    reliable: bool,
    /// When 100 is due.
    trying: Option<Time>,
    /// The last response, for retransmissions of the request; the final one also by timer.
    response: Option<Message>,
    /// Timer G, or the next retransmission of the 2xx, and the interval that led to it.
    retransmit: Option<(Time, Duration)>,
    /// Timer H, I or L.
    end: Option<Time>,
    acknowledged: bool,
}

impl ServerInvite {
    pub(super) fn start(now: Time, timers: &Timers, request: Message, reliable: bool) -> ServerInvite {
        ServerInvite {
            state: State::Proceeding,
            request,
            reliable,
            trying: Some(now + timers.trying),
            response: None,
            retransmit: None,
            end: None,
            acknowledged: false,
        }
    }

    /// The INVITE came once more.
    pub(super) fn repeat(&self) -> Vec<ServerAction> {
        match self.state {
            State::Proceeding | State::Completed => self.response.clone().map(ServerAction::Send).into_iter().collect(),
            State::Confirmed | State::Accepted => Vec::new(),
        }
    }

    /// An ACK with the branch of the INVITE. True when it is for the owner: the ACK of a 2xx (RFC 6026 section 7.1).
    pub(super) fn receive_ack(&mut self, now: Time, timers: &Timers) -> bool {
        match self.state {
            State::Completed => {
                self.state = State::Confirmed;
                self.retransmit = None;
                self.end = Some(now + timers.t4(self.reliable));
                false
            }
            State::Accepted => {
                self.acknowledged();
                true
            }
            State::Proceeding | State::Confirmed => false,
        }
    }

    /// The ACK of the 2xx is here: no more retransmissions of it.
    pub(super) fn acknowledged(&mut self) {
        if self.state == State::Accepted {
            self.acknowledged = true;
            self.retransmit = None;
        }
    }

    pub(super) fn respond(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ServerAction> {
        match (self.state, response.status().unwrap_or_default()) {
            (State::Proceeding, 100..=199) => {}
            (State::Proceeding, 200..=299) => {
                self.state = State::Accepted;
                self.retransmit = Some((now + timers.t1, timers.t1));
                self.end = Some(now + timers.transaction());
            }
            (State::Proceeding, _) => {
                self.state = State::Completed;
                self.retransmit = (!self.reliable).then(|| (now + timers.t1, timers.t1));
                self.end = Some(now + timers.transaction());
            }
            // A further 2xx passes (RFC 6026 section 8.7); it is the owner's to repeat.
            (State::Accepted, 200..=299) => return vec![ServerAction::Send(response)],
            _ => return Vec::new(),
        }
        self.trying = None;
        self.response = Some(response.clone());
        vec![ServerAction::Send(response)]
    }
}

impl Machine for ServerInvite {
    type Action = ServerAction;

    fn deadline(&self) -> Option<Time> {
        earliest([self.trying, self.retransmit.map(|(at, _)| at), self.end])
    }

    fn handle_timeout(&mut self, now: Time, timers: &Timers) -> Vec<ServerAction> {
        if self.end.is_some_and(|at| at <= now) {
            let lost = self.state == State::Accepted && !self.acknowledged;
            return if lost { vec![ServerAction::Unacknowledged, ServerAction::End] } else { vec![ServerAction::End] };
        }
        if self.trying.is_some_and(|at| at <= now) {
            return self.respond(now, timers, build::trying(&self.request));
        }
        match self.retransmit {
            Some((at, interval)) if at <= now => {
                let interval = timers.doubled(interval);
                self.retransmit = Some((now + interval, interval));
                self.response.clone().map(ServerAction::Send).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn is_over(&self) -> bool {
        match self.state {
            State::Proceeding => false,
            State::Completed | State::Confirmed => true,
            State::Accepted => self.acknowledged,
        }
    }
}
