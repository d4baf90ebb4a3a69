//! What the four machines have in common: they are told the time and what came, and say what is to be done.

use crate::sip::Message;
use crate::time::Time;

/// What a client machine wants done.
pub(super) enum ClientAction {
    /// Send this to the transaction's peer.
    Send(Message),
    /// Give a response to the owner.
    Deliver { message: Message, repeated: bool },
    /// Give the owner a response that this transaction has nothing to do with any more.
    Stray(Message),
    /// No response came in time.
    Timeout,
    /// The transaction is over and to be forgotten. Nothing follows.
    End,
}

/// What a server machine wants done.
pub(super) enum ServerAction {
    /// Send this to the transaction's peer.
    Send(Message),
    /// The ACK of the 2xx never came.
    Unacknowledged,
    /// The transaction is over and to be forgotten. Nothing follows.
    End,
}

/// One transaction in time.
pub(super) trait Machine {
    /// What it wants done.
    type Action;

    /// When [`Machine::handle_timeout`] is to be called next.
    fn deadline(&self) -> Option<Time>;

    /// Does what one due timer asks; called again while the deadline is not later than `now`.
    fn handle_timeout(&mut self, now: Time, timers: &super::Timers) -> Vec<Self::Action>;

    /// True when the transaction has its outcome and only lingers for retransmissions.
    fn is_over(&self) -> bool;
}

/// The first of some deadlines.
pub(super) fn earliest<const N: usize>(deadlines: [Option<Time>; N]) -> Option<Time> {
    deadlines.into_iter().flatten().min()
}
