//! Participant information: what the focus tells of its members is kept as it comes, and told to the user's devices
//! on their own subscriptions (RFC 4575, RFC 6665). [CPM-CONV-058, CPM-CONV-058a]

use super::chat::{Chat, Focus};
use crate::call::{Mechanics, Owner, Usage};
use crate::store::{ChatRecord, RosterRecord, Write};
use bytes::Bytes;
use cpm_wire::conference_info::{self, Document, EndpointStatus, Roster, User};
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Message, Method, Name, Uri};
use cpm_wire::subscription::{Notifier, Subscriber, SubscriberEvent};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};

/// What is known of the members, and who wants to know.
pub struct RosterKeeper {
    /// What the focus told, folded.
    pub known: Roster,
    /// True once the focus has told anything.
    pub told: bool,
    documents: u64,
    subscriber: Option<Subscriber>,
    subscribing: Option<ClientId>,
    watchers: Vec<Watcher>,
    last_watcher: u64,
}

/// A device's subscription.
struct Watcher {
    number: u64,
    notifier: Notifier,
    version: u32,
    seen: Roster,
    complete: bool,
}
