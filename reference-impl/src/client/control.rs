//! The user of the client, as a program: what the user does, and what the client shows.

use serde::{Deserialize, Serialize};

/// The user does something.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Who, by public identity.
    pub user: String,
    /// With which device.
    #[serde(default)]
    pub device: String,
    /// What.
    pub act: Act,
    /// In which chat, by its Contribution-ID.
    #[serde(default)]
    pub chat: Option<String>,
    /// What the user says.
    #[serde(default)]
    pub text: Option<String>,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Switch the device on.
    Register,
    /// Switch it off in order.
    Deregister,
    /// Open a chat: what stands there is seen.
    Open,
    /// Say something.
    Send,
    /// Go back into a chat.
    Rejoin,
    /// Begin an ended chat anew with those who were in it.
    Restart,
    /// Leave a chat.
    Leave,
    /// Accept what the device asks about.
    Accept,
    /// Decline it.
    Decline,
}

/// Whether it could be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// It could.
    pub ok: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Reply {
    /// It is done, or begun.
    pub const fn done() -> Reply {
        Reply { ok: true, why: None }
    }

    /// It cannot be done.
    pub fn cannot(why: impl Into<String>) -> Reply {
        Reply { ok: false, why: Some(why.into()) }
    }
}

/// Whose client is looked at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// The public identity.
    pub user: String,
    /// The device.
    #[serde(default)]
    pub device: String,
}

/// What a client shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// Every chat.
    pub chats: Vec<ShownChat>,
}

/// A chat as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShownChat {
    /// Its Contribution-ID.
    pub contribution: String,
    /// The URI of the group session identity.
    pub focus: String,
    /// Who takes part.
    pub members: Vec<ShownMember>,
    /// What was said.
    pub messages: Vec<ShownMessage>,
    /// Who came and went.
    pub changes: Vec<ShownChange>,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownMember {
    /// The public identity.
    pub entity: String,
    /// `connected`, `invited` or `departed`.
    pub status: &'static str,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownMessage {
    /// imdn.Message-ID.
    pub message_id: String,
    /// Who wrote it.
    pub author: String,
    /// The text; empty for what is no text.
    pub text: String,
    /// `received`; of the user's own: `sent`, `delivered`, `displayed` or `failed`.
    pub state: &'static str,
}

/// A change of the members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownChange {
    /// The public identity.
    pub entity: String,
    /// `joined` or `left`.
    pub what: &'static str,
    /// How many messages stand before it.
    pub after_messages: usize,
}
