//! What outlives the process: chats, their missed content, their lists, the registrations.
//!
//! The core never waits for a disk. It says what is to be written ([`Write`]) under a [`Token`], and goes on when
//! the token comes back: only then is a message acknowledged to its sender. A batch that could not be written comes back
//! with its writes. Of what waits outside sessions the contents stay on the disk, and are loaded for a delivery. Two stores
//! apply the writes: [`Memory`] for virtual time, [`Sqlite`] for real life.

mod memory;
mod record;
mod sqlite;

pub use memory::Memory;
pub use record::{
    ChargingRecord, ChatKind, ChatRecord, DeferredAbout, DeferredEntry, DeferredKind, DeferredRecord, Held,
    HistoryRecord, ItemKind, ItemRecord, RegistrationRecord, RosterRecord, StoredDialog, contribution_mark,
};
pub use sqlite::{Done, Sqlite, StoreError};

/// Names one batch of writes, or one load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// One change of the store. A record that is there already is replaced.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// A chat is as this says.
    Chat(Box<ChatRecord>),
    /// A chat is forgotten with all that belongs to it.
    ForgetChat(u64),
    /// An item is to be delivered.
    Item(ItemRecord),
    /// An item is delivered, or expired.
    ForgetItem(u64),
    /// One device has acknowledged an item that is kept for the others.
    Delivered {
        /// The item.
        item: u64,
        /// The key of the device.
        device: String,
    },
    /// The focus told the roster, or a change of it.
    Roster(RosterRecord),
    /// What was told of a roster before this place is told anew there.
    ForgetRosters {
        /// The chat.
        chat: u64,
        /// The first place that is kept.
        before: u64,
    },
    /// A message or a notification that came outside a session waits for its user.
    Deferred(Box<DeferredRecord>),
    /// It was delivered, rejected, or expired.
    ForgetDeferred(u64),
    /// A charging record waits for its server.
    Charging(ChargingRecord),
    /// The server has it.
    ForgetCharging(u64),
    /// An object is to be put into the message store of a user.
    History(Box<HistoryRecord>),
    /// It is there, or will never be.
    ForgetHistory(u64),
    /// A device is registered.
    Registration(RegistrationRecord),
    /// It is not any more.
    ForgetRegistration {
        /// The key of the user.
        user: String,
        /// The key of the device.
        device: String,
    },
}

/// All that a store holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// The chats, oldest first.
    pub chats: Vec<ChatRecord>,
    /// Their items in the order of arrival.
    pub items: Vec<ItemRecord>,
    /// What the focuses told of their rosters, in order.
    pub rosters: Vec<RosterRecord>,
    /// What waits outside sessions, in the order of arrival. The contents are loaded when they are needed.
    pub deferred: Vec<DeferredEntry>,
    /// The charging records that wait, in order.
    pub charging: Vec<ChargingRecord>,
    /// What the message stores of users have not taken yet, in order.
    pub history: Vec<HistoryRecord>,
    /// The registered devices.
    pub registrations: Vec<RegistrationRecord>,
}
