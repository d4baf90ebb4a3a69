//! Which request a response answers, and which requests are retransmissions (RFC 3261 section 17.2.3).

use std::collections::{HashMap, VecDeque};

use cpm_wire::sip::{Message, Method};

/// Transactions kept; the oldest is forgotten first.
const KEPT: usize = 65_536;

/// What names a transaction here: who sent the request, the branch of its topmost Via, its method. The sender belongs to
/// it because a peer may send a message back as it got it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    by_tester: bool,
    branch: String,
    method: String,
}

impl Key {
    /// The key of a request, or of a response to one.
    pub fn of(by_tester: bool, message: &Message) -> Option<Key> {
        let branch = message.via().ok()?.branch()?.to_owned();
        Some(Key { by_tester, branch, method: message.method().as_str().to_owned() })
    }

    /// The key of the same request from the other side: a request that comes back as it was sent.
    pub fn returned(&self) -> Key {
        Key { by_tester: !self.by_tester, ..self.clone() }
    }

    /// The key of the INVITE that a CANCEL with this key cancels.
    pub fn cancelled(&self) -> Key {
        Key { method: Method::Invite.as_str().to_owned(), ..self.clone() }
    }
}

/// What a transaction is about.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// The INVITE of a leg.
    Invitation(usize),
    /// Another request within a leg.
    WithinLeg(usize),
    /// A change of a leg, by its place among them.
    Change(usize, usize),
    /// The BYE of a leg.
    Ending(usize),
    /// The CANCEL of the INVITE of a leg.
    Cancellation(usize),
    /// A call that is wrong.
    WrongCall(usize),
    /// A MESSAGE.
    Item(usize),
    /// A SUBSCRIBE to a roster.
    Subscription(usize),
    /// A SUBSCRIBE to word of what waits.
    Watch(usize),
    /// A REFER.
    Referral(usize),
    /// A notification to a client.
    Notice(usize),
    /// A PUBLISH of presence.
    Publication(usize),
    /// A SUBSCRIBE to the presence of a user.
    PresenceWatch(usize),
    /// What is told of the presence of a user: in which subscription, and its place there.
    PresenceNews(usize, usize),
    /// Nothing that a rule asks for.
    Other,
}

#[derive(Debug, Default)]
pub(super) struct Transactions {
    known: HashMap<Key, Purpose>,
    oldest: VecDeque<Key>,
}

impl Transactions {
    pub fn begin(&mut self, key: Key, purpose: Purpose) {
        if self.oldest.len() >= KEPT
            && let Some(oldest) = self.oldest.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.oldest.push_back(key.clone());
        self.known.insert(key, purpose);
    }

    pub fn purpose(&self, key: &Key) -> Option<&Purpose> {
        self.known.get(key)
    }
}
