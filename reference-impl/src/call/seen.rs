//! What passes the function, for who may see it. Nothing is remembered before somebody wants to see.

use cpm_wire::sip::Message;
use std::collections::VecDeque;
use std::net::SocketAddr;

/// A SIP message that came, or went.
#[derive(Clone, Debug)]
pub struct SipSeen {
    /// It came.
    pub inbound: bool,
    /// The message.
    pub message: Message,
    /// Where it came from, or went to.
    pub remote: SocketAddr,
}

/// What has passed and was not looked at yet.
#[derive(Debug)]
pub struct Seen<T>(Option<VecDeque<T>>);

impl<T> Default for Seen<T> {
    fn default() -> Seen<T> {
        Seen(None)
    }
}

impl<T> Seen<T> {
    /// Whether somebody wants to see.
    pub fn want(&mut self, wanted: bool) {
        match (wanted, &self.0) {
            (true, None) => self.0 = Some(VecDeque::new()),
            (false, Some(_)) => self.0 = None,
            _ => {}
        }
    }

    /// Something passes.
    pub fn note(&mut self, what: impl FnOnce() -> T) {
        if let Some(seen) = &mut self.0 {
            seen.push_back(what());
        }
    }

    /// The next thing that has passed.
    pub fn poll(&mut self) -> Option<T> {
        self.0.as_mut()?.pop_front()
    }
}
