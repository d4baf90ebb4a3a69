//! Messages outside sessions, in the words of the statement.

use serde::Deserialize;

/// What becomes of a pager message over the limit (statement key `over_pager_limit`).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum OverPagerLimit {
    /// It is refused.
    #[default]
    Refuse,
    /// It goes on as a large message.
    LargeMode,
}

/// How a message is asked to be deferred (statement key `deferral_request`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum DeferralRequest {
    /// The sender asks by `Request-Disposition: queue` (RFC 3841 section 9.1).
    SenderHeader,
    /// The recipient's document says so.
    RecipientSetting,
    /// The sender names the deferred service.
    FeatureTag,
    /// Nothing is pushed: the recipient comes for it.
    Fetch,
}
