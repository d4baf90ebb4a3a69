//! What hooks of the profile hand over, in the shapes of docs/control-hooks.md. A key that is not known is refused: what a hook
//! means by it, nobody here would heed.

use serde::{Deserialize, Serialize};

/// Something that the target has stored for a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredItem {
    /// What it is: `message`, `notification`, `roster` or any other word.
    pub kind: String,
    /// imdn.Message-ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Contribution-ID of the chat or message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution: Option<String>,
}

impl StoredItem {
    /// Why nobody can tell what it is, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let named = self.message_id.is_some() || self.contribution.is_some();
        (!named).then_some("an item has neither message_id nor contribution")
    }
}

/// What a charging record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordOf {
    /// The beginning of a session.
    Start,
    /// Something in between.
    Interim,
    /// The end of a session.
    Stop,
    /// An event, which is all there is.
    Event,
}

/// On whose side of a session or message the charged user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargedRole {
    /// The user called, or wrote.
    Originating,
    /// The user was called, or written to.
    Terminating,
}

/// A charging record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChargingRecord {
    /// What it is of.
    pub record: RecordOf,
    /// The charging session: what the records of one session have in common, and those of two do not.
    pub id: String,
    /// Who is charged, a public identity.
    pub user: String,
    /// Its number within the charging session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// The icid-value of P-Charging-Vector (RFC 7315 section 5.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icid: Option<String>,
    /// A Call-ID of the session or message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Its Contribution-ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution: Option<String>,
    /// The SIP method that is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// On whose side the user is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<ChargedRole>,
    /// When it was made, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// For how many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// For how many octets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub octets: Option<u64>,
}

impl ChargingRecord {
    /// Why nobody can tell what it is about, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let named = self.icid.is_some() || self.call_id.is_some() || self.contribution.is_some();
        let is_uri = ["sip:", "sips:", "tel:"].iter().any(|scheme| self.user.starts_with(scheme));
        match (named, is_uri) {
            (false, _) => Some("a record has none of icid, call_id and contribution"),
            (_, false) => Some("the user of a record is no public identity (sip:, sips: or tel:)"),
            (true, true) => None,
        }
    }
}

/// Which way something went, seen from the user under interception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Towards {
    /// To the user.
    ToUser,
    /// From the user.
    FromUser,
}

/// What was intercepted is said in this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterceptedAs {
    /// A SIP message.
    Sip,
    /// A request of MSRP.
    Msrp,
    /// Anything else, which is not judged.
    Other,
}

/// One thing that was intercepted, as it passed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intercepted {
    /// What it is.
    pub protocol: InterceptedAs,
    /// Which way it went.
    pub direction: Towards,
    /// The octets of the message, as text.
    pub message: String,
    /// Whether that text is base64 (RFC 4648) of them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base64: bool,
    /// What binds together the parts of one communication.
    #[serde(default)]
    pub correlation: u64,
}

impl Intercepted {
    /// Why it cannot be read, if so.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        self.message.is_empty().then_some("something that was intercepted has an empty message")
    }
}
