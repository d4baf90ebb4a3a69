//! What senders of messages in sessions were told of them: REPORTs, and refusals of chunks of what never came whole (RFC
//! 4975 sections 7.1.2 and 7.2).

use super::legs::Legs;
use super::session::Told;

/// Outcomes kept of one scenario.
const OUTCOMES: usize = 20_000;

/// What the sender of a message was told of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where.
    pub frame: u64,
    /// Whether the tester sent the message, and was told; otherwise the target.
    pub to_tester: bool,
    /// The leg of the session.
    pub leg: Option<usize>,
    /// The MSRP Message-ID of the message.
    pub message_id: String,
    /// What was told.
    pub status: u16,
    /// Whether it was told by a REPORT; otherwise by the answer to a chunk.
    pub by_report: bool,
    /// The last octet that is meant.
    pub until: Option<u64>,
}

impl Outcome {
    /// Whether it is a 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

#[derive(Debug, Default)]
pub(super) struct Outcomes {
    all: Vec<Outcome>,
}

impl Outcomes {
    pub fn all(&self) -> &[Outcome] {
        &self.all
    }

    pub fn add(&mut self, told: Told, legs: &Legs) {
        if self.all.len() < OUTCOMES {
            let Told { frame, to_tester, session, message_id, status, by_report, until } = told;
            let leg = legs.at_session(&session);
            self.all.push(Outcome { frame, to_tester, leg, message_id, status, by_report, until });
        }
    }
}
