//! Deferred messaging [PF-MSG-04, PF-DEV-03]: what cannot be delivered now is on the disk before its sender hears that it was
//! taken, and reaches its user once a device can have it; or its sender hears, if that was asked for, that it never will.
//!
//! | file | decides |
//! |---|---|
//! | `storing`, `lifetime` | what is taken, and for how long |
//! | `index` | what waits for whom |
//! | `triggers` | when a device is told, or sent what waits |
//! | `pushing`, `carrying` | in which order items are sent, and how: in a MESSAGE, or in a session of their own |
//! | `fetching`, `transfer` | how a device comes for one |
//! | `notices`, `subscriptions`, `telling` | how devices are told of what waits |
//! | `rejecting` | what a device does not want |
//! | `expiring` | what nobody came for |

mod carrying;
mod expiring;
mod fetching;
mod index;
mod lifetime;
mod notices;
mod pushing;
mod rejecting;
mod storing;
mod subscriptions;
mod telling;
mod transfer;
mod triggers;

use crate::call::legs::{LegEvent, LegId};
use crate::call::media::MediaEvent;
use crate::call::schedule::Schedule;
use crate::call::{Mechanics, Owner, bodies};
use crate::functions::messages::LargeMessage;
use crate::functions::policies_and_preferences::Policies;
use crate::store::{DeferredEntry, DeferredKind, DeferredRecord, Token, Write};
use bytes::Bytes;
use cpm_wire::sip::Message;
use cpm_wire::time::Time;
use expiring::Failing;
pub use expiring::Failure;
use index::Index;
use pushing::{Outcome, Round};
use rejecting::Rejection;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use storing::Unanswered;
pub use subscriptions::EVENT;
use telling::Telling;
use transfer::Transfer;

/// The service identifier of deferred messages.
const SERVICE: &str = "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.deferred";
/// Its feature tag.
const TAG: &str = "+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.deferred\"";

/// What something was loaded for.
enum Loading {
    /// The next items of a round.
    Round(u64),
    /// The item that a session brings.
    Transfer(u64),
    /// The list of what waits for a user.
    List(String),
    /// Items that a device rejects.
    Rejection(Box<Rejection>),
    /// Items that are given up, whose senders are told.
    Failures(Arc<str>, Vec<u64>),
}

/// What a request of the function's own was for.
enum Errand {
    /// It brings a device an item of a round.
    Pager { round: u64, kind: DeferredKind },
    /// It tells a subscriber.
    Notify { watcher: u64 },
    /// It tells a device that has not subscribed: nothing depends on its answer.
    Notice,
    /// It tells a sender that an item was not delivered.
    Failure(Box<Failure>),
}

/// Everything that waits outside sessions, and what is being done about it.
#[derive(Default)]
pub struct DeferredMessages {
    index: Index,
    /// What is on its way to the disk.
    unanswered: HashMap<Token, Unanswered>,
    rejections: HashMap<Token, Rejection>,
    loading: HashMap<Token, Loading>,
    rounds: HashMap<u64, Round>,
    round_of: HashMap<String, u64>,
    transfers: HashMap<u64, Transfer>,
    errands: HashMap<u64, Errand>,
    /// Those who could not be told yet that an item was not delivered.
    failing: HashMap<u64, Failing>,
    /// Those who are to be told, if that is news.
    untold: VecDeque<Failure>,
    telling: Telling,
    /// What the messages in sessions of their own are to carry.
    large: VecDeque<(u64, LargeMessage)>,
    /// The rounds of those that were sent.
    large_sent: HashMap<u64, u64>,
    /// When rounds, transfers, subscriptions and failures are due, by their number.
    due: Schedule<u64>,
    last: u64,
}

impl DeferredMessages {
    /// What waited before a restart.
    pub fn restored(entries: Vec<DeferredEntry>) -> DeferredMessages {
        DeferredMessages { index: Index::restored(entries), ..DeferredMessages::default() }
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Sends a request; what becomes of it is told by its errand.
    fn send(&mut self, m: &mut Mechanics, errand: Errand, request: Message) -> u64 {
        let number = self.next();
        self.errands.insert(number, errand);
        m.send(Owner::Deferred(number), request);
        number
    }

    /// A request was answered, or never will be.
    pub fn response(&mut self, m: &mut Mechanics, number: u64, response: Option<&Message>) {
        let status = response.and_then(Message::status);
        if status.is_some_and(|status| status < 200) {
            return;
        }
        match self.errands.remove(&number) {
            Some(Errand::Pager { round, kind }) => self.pushed(m, round, number, Outcome::of(kind, status)),
            Some(Errand::Notify { watcher }) => self.notify_answered(m, watcher, response),
            Some(Errand::Failure(failure)) => self.failure_told(m, *failure, status),
            Some(Errand::Notice) | None => {}
        }
    }

    /// Items were loaded; none when they cannot be read.
    pub fn loaded(
        &mut self,
        m: &mut Mechanics,
        policies: &Policies,
        token: Token,
        records: Option<Vec<DeferredRecord>>,
    ) {
        let Some(loading) = self.loading.remove(&token) else { return };
        let Some(records) = records else { return self.not_loaded(m, loading) };
        match loading {
            Loading::Round(round) => self.round_loaded(m, policies, round, records),
            Loading::Transfer(number) => self.fetch_loaded(m, number, records.into_iter().next()),
            Loading::List(user) => self.list_loaded(m, policies, &user, records),
            Loading::Rejection(rejection) => self.rejection_loaded(m, *rejection, records),
            Loading::Failures(..) => records.into_iter().for_each(|record| self.tell_failed(m, record)),
        }
    }

    /// The disk cannot be read: what it was for is tried again at its next trigger, or after a while.
    fn not_loaded(&mut self, m: &mut Mechanics, loading: Loading) {
        match loading {
            Loading::Round(round) => self.end_round(round),
            Loading::Transfer(number) => self.not_there(m, number, 500),
            Loading::List(user) => self.list_not_loaded(&user),
            Loading::Rejection(rejection) => self.rejection_failed(m, *rejection, 500),
            Loading::Failures(user, ids) => self.tell_later(m, Failing::Unread(user, ids), 0),
        }
    }

    /// Has items loaded.
    fn load(&mut self, m: &mut Mechanics, why: Loading, ids: Vec<u64>, whole: bool) {
        let token = m.load(ids, whole);
        self.loading.insert(token, why);
    }

    /// Something happened to a leg.
    pub fn leg(&mut self, m: &mut Mechanics, number: u64, leg: LegId, event: LegEvent) {
        self.transfer_leg(m, number, leg, event);
    }

    /// Something happened to a media session.
    pub fn media(&mut self, m: &mut Mechanics, number: u64, event: MediaEvent) {
        self.transfer_media(m, number, event);
    }

    /// A large message that is to be sent to a device, under the number by which its outcome is told.
    pub fn poll_large(&mut self) -> Option<(u64, LargeMessage)> {
        self.large.pop_front()
    }

    /// An item waits no more.
    fn forget(&mut self, m: &mut Mechanics, user: &str, id: u64) {
        if self.index.remove(user, id).is_some() {
            m.write(vec![Write::ForgetDeferred(id)]);
            self.changed(m, user);
        }
    }

    /// When [`DeferredMessages::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        [self.index.next_expiry(), self.due.next()].into_iter().flatten().min()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        self.expire(m);
        for number in self.due.due(m.now) {
            self.due.set(number, None);
            if self.rounds.contains_key(&number) {
                self.round_due(m, number);
            } else if self.transfers.contains_key(&number) {
                self.transfer_due(m, number);
            } else {
                self.subscription_due(m, number);
                self.failure_due(m, number);
            }
        }
    }
}

/// The request that brought an item, without its body.
fn head(record: &DeferredRecord) -> Option<Message> {
    Message::parse(record.head.clone()).ok()
}

/// True for a request to the service at which deferred messages are had.
pub fn is_to_service(request: &Message) -> bool {
    crate::functions::missed_group_content::fetches(request)
}

/// True when a MESSAGE to the service is about what waits there.
fn notice_in(request: &Message) -> Option<Bytes> {
    let parts = bodies::parts(request);
    parts.into_iter().find(|part| part.essence == notices::MEDIA_TYPE).map(|part| part.octets)
}
