//! The non-INVITE server transaction: RFC 3261 section 17.2.2 (figure 8) as RFC 4320 corrects it.

use super::machine::{Machine, ServerAction, earliest};
use super::{Timers, build};
use crate::sip::Message;
use crate::time::Time;

pub(super) struct ServerOther {
    /// Until it is answered.
    request: Option<Message>,
    reliable: bool,
    /// When 100 becomes allowed over an unreliable transport, and due over any (RFC 4320 section 4.1).
    trying: Time,
    /// The last response, for retransmissions of the request.
    response: Option<Message>,
    completed: bool,
    /// Timer J; before a final response the time at which the client has given up (timer F). A later response
    /// would only be noise (RFC 4320 section 4.2).
    end: Time,
}

impl ServerOther {
    pub(super) fn start(now: Time, timers: &Timers, request: Message, reliable: bool) -> ServerOther {
        ServerOther {
            request: Some(request),
            reliable,
            trying: now + timers.until_e_is_t2(),
            response: None,
            completed: false,
            end: now + timers.transaction(),
        }
    }

    /// The request came once more.
    pub(super) fn repeat(&self) -> Vec<ServerAction> {
        self.response.clone().map(ServerAction::Send).into_iter().collect()
    }

    pub(super) fn respond(&mut self, now: Time, timers: &Timers, response: Message) -> Vec<ServerAction> {
        if self.completed {
            return Vec::new();
        }
        match response.status().unwrap_or_default() {
            100 if self.reliable || now >= self.trying => {}
            // No other 1xx, and none so early (RFC 4320 section 4.1).
            100..=199 => return Vec::new(),
            status => {
                self.completed = true;
                // What lingers needs the answer alone.
                self.request = None;
                self.end = now + timers.j(self.reliable);
                if status == 408 {
                    // Forbidden (RFC 4320 section 4.2): who could not answer in time is silent.
                    self.response = None;
                    return Vec::new();
                }
            }
        }
        self.response = Some(response.clone());
        vec![ServerAction::Send(response)]
    }
}

impl Machine for ServerOther {
    type Action = ServerAction;

    fn deadline(&self) -> Option<Time> {
        let trying = (self.response.is_none() && !self.completed).then_some(self.trying);
        earliest([trying, Some(self.end)])
    }

    fn handle_timeout(&mut self, now: Time, timers: &Timers) -> Vec<ServerAction> {
        if self.end <= now {
            return vec![ServerAction::End];
        }
        if self.response.is_none()
            && self.trying <= now
            && let Some(request) = &self.request
        {
            let trying = build::trying(request);
            return self.respond(now, timers, trying);
        }
        Vec::new()
    }

    fn is_over(&self) -> bool {
        self.completed
    }
}
