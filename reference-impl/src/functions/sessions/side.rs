//! One side of a session: a leg, the media on it, and how long it lasts.

use super::timer::Timer;
use crate::call::legs::LegId;
use crate::call::registrations::Device;
use crate::functions::media_negotiation::Side as Media;
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::ClientId;

/// One side.
pub(in crate::functions) struct Side {
    pub leg: LegId,
    /// Its media; the caller has none before the answer.
    pub media: Option<Media>,
    /// The device of the served user, if it is one.
    pub device: Option<Device>,
    /// The reliable provisional answer that has the answer to the offer (RFC 3262 section 5).
    pub early: Option<Box<Message>>,
    /// It is in the session, and no more called.
    pub joined: bool,
    /// Its last message with a session description, where a device may be called for it later.
    pub described: Option<Box<Message>>,
    /// Whether the peer takes UPDATE (RFC 3311 section 4), if it says.
    pub updates: Option<bool>,
    pub timer: Option<Timer>,
    /// The interval in the INVITE is what the callee asked for (RFC 4028 section 7.4).
    pub raised: bool,
    /// The own refresh that is under way.
    pub refreshing: Option<ClientId>,
    /// When a refresh that was refused is tried again.
    pub retry: Option<Time>,
}

impl Side {
    pub fn new(leg: LegId, media: Option<Media>, device: Option<Device>) -> Side {
        Side {
            leg,
            media,
            device,
            early: None,
            joined: false,
            described: None,
            updates: None,
            timer: None,
            raised: false,
            refreshing: None,
            retry: None,
        }
    }

    /// The peer has said what it takes.
    pub fn told(&mut self, message: &Message) {
        if message.header(&Name::Allow).is_some() {
            self.updates = Some(message.tokens(&Name::Allow).any(|method| method == "UPDATE"));
        }
    }

    /// When something about the timer is due.
    pub fn due(&self) -> Option<Time> {
        let timer = self.timer.as_ref().filter(|_| self.media.is_some())?;
        match self.retry {
            Some(retry) => Some(retry.min(timer.end())),
            None if self.refreshing.is_some() => Some(timer.end()),
            None => Some(timer.due()),
        }
    }
}
