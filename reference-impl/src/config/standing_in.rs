//! Upon what the function stands in for a user, in the words of the statement.

use super::Policy;
use serde::Deserialize;

/// Why a user takes no part in a chat (statement key `stand_in_on`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// No device can be reached.
    Offline,
    /// The devices ring, and nobody answers.
    NoAnswer,
    /// The focus gave up before anybody answered.
    FocusCancel,
    /// A device is busy.
    #[serde(rename = "busy_486")]
    Busy,
    /// A device is unavailable.
    #[serde(rename = "unavailable_480")]
    Unavailable,
    /// A device was not found in time.
    #[serde(rename = "timeout_408")]
    Timeout,
}

impl Absence {
    /// What a device's refusal of an invitation tells; none when it tells what the user wants, or wants to be (RFC 3261
    /// section 21).
    pub fn told_by(status: u16) -> Option<Absence> {
        match status {
            486 => Some(Absence::Busy),
            480 => Some(Absence::Unavailable),
            408 => Some(Absence::Timeout),
            487 => Some(Absence::NoAnswer),
            // The registration leads to no device.
            404 | 410 | 430 | 500 | 502 | 503 | 504 => Some(Absence::Offline),
            _ => None,
        }
    }
}

impl super::Config {
    /// Whether the function becomes the member in place of an absent user of this policy.
    pub fn stands_in(&self, policy: &Policy, absence: Absence) -> bool {
        policy.store && self.stand_in_on.contains(&absence)
    }
}
