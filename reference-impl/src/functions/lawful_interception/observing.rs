//! Whose messages pass: which call is about which tasked user, and which media session belongs to it.

use crate::call::bodies;
use crate::call::seen::SipSeen;
use crate::call::served::{SessionCase, served_user};
use cpm_wire::msrp;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::uuid::Uuid;
use cpm_wire::x2x3::{Direction, Kind};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The most calls, media sessions and sequences that are remembered, each; the oldest gives way.
const MOST: usize = 65_536;
/// Messages among which a retransmission is known.
const RECENT: usize = 4096;

/// About whom something is that has passed.
pub(super) struct Found {
    pub(super) user: String,
    pub(super) direction: Direction,
    pub(super) correlation: u64,
}

/// One call, by its Call-ID.
#[derive(Clone)]
struct Call {
    user: String,
    case: SessionCase,
    /// It leads to a device of the user, not to the far side.
    to_device: bool,
    correlation: u64,
}

/// A table that forgets what is oldest.
struct Table<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Table<K, V> {
        Table { entries: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Table<K, V> {
    fn insert(&mut self, key: K, value: V) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
        }
    }
}

/// What is known of calls of tasked users.
#[derive(Default)]
pub(super) struct Observing {
    calls: Table<String, Call>,
    /// The calls of media sessions, by the session id in the own path.
    media: Table<String, String>,
    /// The next number of each sequence (TS 103 221-2 section 5.3.9).
    numbers: Table<(Uuid, u64, bool), u32>,
    recent: HashSet<u64>,
    recent_order: VecDeque<u64>,
}

impl Observing {
    /// Nobody is tasked any more.
    pub(super) fn forget(&mut self) {
        *self = Observing::default();
    }

    /// About whom a SIP message is, if that is a tasked user. One that was sent or came before is none.
    pub(super) fn sip(&mut self, seen: &SipSeen, tasked: impl Fn(&str) -> bool) -> Option<Found> {
        let message = &seen.message;
        let call_id = message.call_id()?.to_owned();
        let begins = message.is_request() && matches!(message.method(), Method::Invite | Method::Message);
        if begins && message.to_tag().is_none() {
            self.begins(seen, &call_id, tasked);
        }
        let call = self.calls.entries.get(&call_id)?.clone();
        if self.is_repeated(seen) {
            return None;
        }
        if let Some(session) = bodies::own_session(message).filter(|_| !seen.inbound) {
            self.media.insert(session, call_id);
        }
        let direction = call.direction(seen.inbound, message);
        Some(Found { user: call.user, direction, correlation: call.correlation })
    }

    fn begins(&mut self, seen: &SipSeen, call_id: &str, tasked: impl Fn(&str) -> bool) {
        let Some(served) = served_user(&seen.message).filter(|served| tasked(&served.key)) else { return };
        // What comes for a user comes from the far side, and what goes out for him goes to his device.
        let to_device = seen.inbound == (served.case == SessionCase::Originating);
        let whole = seen.message.header(&Name::ContributionId).filter(|id| !id.is_empty()).unwrap_or(call_id);
        let mut hasher = DefaultHasher::new();
        (&served.key, whole).hash(&mut hasher);
        let call = Call { user: served.key, case: served.case, to_device, correlation: hasher.finish() };
        self.calls.insert(call_id.to_owned(), call);
    }

    /// True for what passed before in the same way: a retransmission.
    fn is_repeated(&mut self, seen: &SipSeen) -> bool {
        let mut hasher = DefaultHasher::new();
        (seen.inbound, seen.message.octets()).hash(&mut hasher);
        let mark = hasher.finish();
        if !self.recent.insert(mark) {
            return true;
        }
        self.recent_order.push_back(mark);
        if self.recent_order.len() > RECENT
            && let Some(oldest) = self.recent_order.pop_front()
        {
            self.recent.remove(&oldest);
        }
        false
    }

    /// About whom a chunk of MSRP is that came.
    pub(super) fn msrp(&self, chunk: &msrp::Message) -> Option<Found> {
        let call_id = self.media.entries.get(chunk.local_session_id()?)?;
        let call = self.calls.entries.get(call_id)?;
        let direction = if call.to_device { Direction::FromTarget } else { Direction::ToTarget };
        Some(Found { user: call.user.clone(), direction, correlation: call.correlation })
    }

    /// The next number of a sequence.
    pub(super) fn number(&mut self, xid: Uuid, correlation: u64, kind: Kind) -> u32 {
        let key = (xid, correlation, kind == Kind::X3);
        let number = self.numbers.entries.get(&key).copied().unwrap_or_default();
        self.numbers.insert(key, number.wrapping_add(1));
        number
    }
}

impl Call {
    /// Which way a message of the call goes, seen from the user.
    fn direction(&self, inbound: bool, message: &Message) -> Direction {
        let from_target = match message.method() {
            // It passes with the same Call-ID on both sides, and its answer goes back.
            Method::Message => message.is_request() == (self.case == SessionCase::Originating),
            _ => inbound == self.to_device,
        };
        if from_target { Direction::FromTarget } else { Direction::ToTarget }
    }
}
