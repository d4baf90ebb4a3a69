//! What several devices of one user do to a session, in the words of the statement.

use serde::Deserialize;

/// What a 6xx of one device does to the others (statement key `six_xx`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum SixXx {
    /// The call ends (RFC 3261 section 16.7).
    #[default]
    EndsAll,
    /// The others are called on.
    Ignored,
}

/// How a session moves from one device of a user to another (statement key `continuity`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Continuity {
    /// The other device sends an INVITE with Replaces (RFC 3891).
    Replaces,
    /// The old device sends a REFER (RFC 3515).
    Refer,
    /// The other device sends an INVITE with the contribution of the session.
    SameContribution,
    /// The function calls the other device when the old one is gone.
    InternalSwitch,
}
