//! One direction of a connection: what it has said, and the keys that open what it says next.

use std::collections::VecDeque;

use super::agreed::{Ahead, Keys};
use super::handshake::Messages;
use super::opener::Opener;
use super::record::{HEADER, Record, Records};
use crate::capture::seen::Moment;

#[derive(Debug, Default)]
pub(super) struct Direction {
    pub records: Records,
    /// Records that are not read yet: the other side's hello must come first.
    pub waiting: VecDeque<(Moment, Record)>,
    pub messages: Messages,
    /// Whether it has begun with a hello.
    pub greeted: bool,
    /// None as long as it speaks in the clear.
    pub opener: Option<Opener>,
    pub ahead: Ahead,
    /// Whether a handshake of TLS 1.3 is over in this direction.
    pub finished: bool,
    /// Whether records that the keys do not open may be early data.
    pub early: bool,
}

impl Direction {
    /// How many octets it keeps.
    pub fn waiting(&self) -> usize {
        let records: usize = self.waiting.iter().map(|(_, record)| HEADER + record.fragment.len()).sum();
        records + self.records.waiting() + self.messages.waiting()
    }

    /// Takes the keys that were agreed upon.
    pub fn agree(&mut self, keys: Keys, early: bool) {
        // Of TLS 1.2 those in force stay so, where a handshake comes again (RFC 5246 section 7.4.1.1).
        if keys.now.is_some() {
            self.opener = keys.now;
            self.early = early;
        }
        self.ahead = keys.ahead;
    }

    /// Brings the next keys in force. Tells whether there are any.
    pub fn next_keys(&mut self) -> bool {
        let next = self.ahead.take();
        let any = next.is_some();
        self.opener = next.or_else(|| self.opener.take());
        any
    }
}
