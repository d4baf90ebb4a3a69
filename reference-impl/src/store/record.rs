//! The records of the store.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What kind of chat a chat is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatKind {
    /// A group session with a focus.
    #[default]
    Group,
    /// A session with one other user.
    OneToOne,
}

/// A chat of one served user: what the drain invitation needs, and the leg to the focus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ChatRecord {
    /// The number of the chat.
    pub id: u64,
    /// What kind it is.
    #[serde(default)]
    pub kind: ChatKind,
    /// The served user, as the serving CSCF named it.
    pub user: String,
    /// Contribution-ID: names the chat for its whole life.
    pub contribution: String,
    /// Conversation-ID.
    pub conversation: String,
    /// The URI of the group session identity; of a chat of two, the other user.
    pub focus: String,
    /// Where the group session was before, oldest first.
    #[serde(default)]
    pub former: Vec<String>,
    /// From of the invitation, without its tag.
    pub from: String,
    /// To of the invitation, without a tag.
    pub to: String,
    /// P-Asserted-Identity of the invitation.
    pub asserted: Vec<String>,
    /// Referred-By: the inviter.
    pub referred_by: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// P-Asserted-Service.
    pub service: Option<String>,
    /// What the Contact of the invitation says that the session is: feature tags (RFC 3840), each after a semicolon.
    #[serde(default)]
    pub features: String,
    /// Privacy (RFC 3323).
    #[serde(default)]
    pub privacy: Option<String>,
    /// Accept-Contact values.
    pub accept_contact: Vec<String>,
    /// The list of the invitation (RFC 5366), as it came.
    pub invited: Option<String>,
    /// When the user was invited, in nanoseconds since the Unix epoch.
    pub since: u64,
    /// When the chat ended, in the same unit.
    pub ended: Option<u64>,
    /// The keys of the devices that know of the chat.
    #[serde(default)]
    pub informed: Vec<String>,
    /// The keys of the devices that have left while others went on.
    #[serde(default)]
    pub left: Vec<String>,
    /// Up to which place of the roster's history each device has been told.
    #[serde(default)]
    pub rosters_told: Vec<(String, u64)>,
    /// False once the user has declined or left: nothing is stored any more.
    pub interested: bool,
    /// The dialog with the focus, while there is one.
    pub leg: Option<StoredDialog>,
}

/// A dialog (RFC 3261 section 12), enough to send a request in it after a restart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StoredDialog {
    /// Call-ID.
    pub call_id: String,
    /// The own tag.
    pub local_tag: String,
    /// The peer's tag.
    pub remote_tag: String,
    /// The own URI.
    pub local_uri: String,
    /// The peer's URI.
    pub remote_uri: String,
    /// Where the peer wants its requests.
    pub remote_target: String,
    /// The route set.
    pub route_set: Vec<String>,
    /// The last own CSeq number.
    pub local_cseq: u32,
    /// The last CSeq number of the peer.
    pub remote_cseq: Option<u32>,
    /// The version of the own session description.
    pub sdp_version: u64,
    /// The identifier of the own session description.
    pub sdp_session: u64,
}

/// What kind of thing an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ItemKind {
    /// A chat message.
    Message,
    /// A disposition notification.
    Notification,
}

/// A message or notification of a chat, exactly as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRecord {
    /// The number of the item; later ones are greater.
    pub id: u64,
    /// Its chat.
    pub chat: u64,
    /// What it is.
    pub kind: ItemKind,
    /// Content-Type of the SEND.
    pub content_type: String,
    /// The octets of the SEND's body.
    pub octets: Bytes,
    /// When it was complete, in nanoseconds since the Unix epoch.
    pub received: u64,
    /// When it expires.
    pub expires: Option<u64>,
    /// The keys of the devices that have it.
    pub delivered: Vec<String>,
}

/// What the focus told of its roster at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterRecord {
    /// The chat.
    pub chat: u64,
    /// Place in the order of arrival, which it shares with the items.
    pub sequence: u64,
    /// The document (RFC 4575).
    pub document: Bytes,
}

/// What waits for a user outside sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeferredKind {
    /// A message that came as a MESSAGE.
    #[default]
    Pager,
    /// A message that came in a session of its own.
    Large,
    /// A disposition notification, or a word of the system, that came as a MESSAGE.
    Report,
}

/// Upon what a deferred message is kept although a device of its user could be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Its user wishes so.
    BySetting,
    /// Its sender has asked for it.
    BySender,
}

/// What is known of a deferred item without its contents: of each of a million there is one in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeferredEntry {
    /// The number of the item; later ones are greater.
    pub id: u64,
    /// The key of the user.
    pub user: Arc<str>,
    /// What stands for its Contribution-ID ([`contribution_mark`]).
    pub contribution: u64,
    /// How many octets its content has.
    pub octets: u64,
    /// When it expires, in nanoseconds since the Unix epoch.
    pub expires: Option<u64>,
    /// What it is.
    pub kind: DeferredKind,
    /// Why it is kept, when not for want of a device.
    pub held: Option<Held>,
    /// Its sender wants to be told if it is not delivered.
    pub wants_failure: bool,
}

/// What a deferred message says of itself: enough to tell its user of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeferredAbout {
    /// imdn.Message-ID.
    pub message_id: Option<String>,
    /// Who gets to hear of it: the asserted identity of the sender, else the URI in From.
    pub originator: String,
    /// The URI in From of the envelope.
    pub author: Option<String>,
    /// The URI in To of the envelope, or the one before a list server changed it.
    pub to: Option<String>,
    /// DateTime of the envelope.
    pub date_time: Option<String>,
    /// The media type within the envelope.
    pub media_type: String,
}

/// A deferred item as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeferredRecord {
    /// What is in the index.
    pub entry: DeferredEntry,
    /// The served user, as the serving CSCF named it.
    pub identity: String,
    /// What it says of itself.
    pub about: DeferredAbout,
    /// The request that brought it, without its body and what is of its way alone.
    pub head: Bytes,
    /// Content-Type of its content.
    pub content_type: String,
    /// Its content, octet for octet; empty where it was not asked for.
    pub octets: Bytes,
}

/// An object that is to be put into the message store of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryRecord {
    /// The number of the object; later ones are greater.
    pub id: u64,
    /// The user, as the serving CSCF named it.
    pub user: String,
    /// Conversation-ID.
    pub conversation: String,
    /// Contribution-ID.
    pub contribution: String,
    /// The object.
    pub object: Bytes,
}

/// A number that stands for a Contribution-ID where many are remembered. Two may have one number: whoever finds one by it
/// looks at the identifier itself (FNV-1a; SQLite has 63 bits for what is not negative).
pub fn contribution_mark(contribution: &str) -> u64 {
    let mixed = |mark: u64, octet: u8| (mark ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3);
    contribution.bytes().fold(0xcbf2_9ce4_8422_2325, mixed) >> 1
}

/// A charging record that the server has not taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargingRecord {
    /// The number of the record; later ones are greater.
    pub id: u64,
    /// The request that carries it (RFC 6733).
    pub octets: Bytes,
}

/// A device that the serving CSCF has told of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationRecord {
    /// The key of the user.
    pub user: String,
    /// The key of the device.
    pub device: String,
    /// Its registered contact, when known.
    pub contact: Option<String>,
    /// Its `+sip.instance`, when known.
    pub instance: Option<String>,
    /// Whether it can take part in chats.
    pub chat: bool,
    /// Whether it takes messages outside sessions.
    #[serde(default)]
    pub messages: bool,
    /// When the registration ends, in nanoseconds since the Unix epoch.
    pub expires: u64,
}
