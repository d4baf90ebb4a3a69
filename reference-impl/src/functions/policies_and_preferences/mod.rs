//! Policies of the provider and preferences of its users [PF-SES-03, PF-MSG-01, PF-PRF-01]: who may talk to whom, by which media,
//! whether a user is to be reached, who is told who calls.
//!
//! | file | decides |
//! |---|---|
//! | `deciding` | what rules come to for one request |
//! | `ruleset`, `reading` | what rules are, and how a document says them |
//! | `known`, `changes` | which documents are known, and whether they still hold |
//! | `parties` | who takes part, and how a name is hidden |
//! | `barring` | what is left of an offer |

mod barring;
mod changes;
mod deciding;
mod known;
mod parties;
mod reading;
mod ruleset;

pub use barring::Barred;
pub use deciding::Decision;
pub use parties::{with_privacy, without_name};

use crate::call::Mechanics;
use crate::call::offer::description;
use crate::call::registrations::Device;
use crate::call::schedule::Schedule;
use crate::call::served::{ServedUser, SessionCase};
use crate::config::PreferencesAccess;
use crate::functions::media_negotiation;
use crate::functions::messages::Body;
use crate::neighbours::preferences::{Outcome, Wanted};
use changes::{Told, Watch};
use cpm_wire::sip::{Message, Name, identity_key};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use deciding::Request;
use known::Known;
use ruleset::{Kind, Ruleset};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// The most users whose documents are kept.
const MOST_USERS: usize = 10_000;
/// The most that waits for documents.
const MOST_WAITING: usize = 1024;
/// How long a server that tells of no changes is not asked to.
const AGAIN: Duration = Duration::from_secs(60);
/// How long after the last use of a user's documents their changes are worth a subscription.
const OF_USE: Duration = Duration::from_secs(3600);

/// What depends on the documents of a user.
#[derive(Debug)]
pub enum Pending {
    /// A session is to begin.
    Session(Box<Beginning>),
    /// A message is to go on.
    Message(Box<Arrived>),
    /// A device of a user, by its canonical identity, can be reached.
    Registered(String, Device),
    /// A device of a user for whom something waits, by the same, takes messages.
    Reachable(String, Device),
}

/// A session that is to begin.
#[derive(Debug)]
pub struct Beginning {
    /// Its INVITE is to be answered here.
    pub server: ServerId,
    /// The INVITE.
    pub invite: Message,
    /// Whose it is.
    pub served: ServedUser,
    /// What it is.
    pub session: SessionKind,
}

/// A message that has come.
#[derive(Debug)]
pub struct Arrived {
    /// The MESSAGE is to be answered here.
    pub server: ServerId,
    /// The MESSAGE.
    pub request: Message,
    /// Whose it is.
    pub served: ServedUser,
    /// What it holds.
    pub body: Body,
}

/// What a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// One of two.
    OfTwo,
    /// One of a group.
    OfGroup,
    /// A device comes for what is stored.
    Fetch,
    /// One that carries a large message.
    Large,
}

impl Pending {
    fn user(&self) -> &str {
        match self {
            Pending::Session(beginning) => &beginning.served.key,
            Pending::Message(arrived) => &arrived.served.key,
            Pending::Registered(user, _) | Pending::Reachable(user, _) => user,
        }
    }
}

/// A user whose documents are known, or asked for.
#[derive(Default)]
struct User {
    known: Known,
    watch: Option<Watch>,
    /// No subscription before then.
    not_before: Option<Time>,
    used: Option<Time>,
}

/// The policies and preferences of all users.
#[derive(Default)]
pub struct Policies {
    users: BTreeMap<String, User>,
    /// What waits, and how long.
    waiting: VecDeque<(Time, Pending)>,
    ready: VecDeque<Pending>,
    /// The users whose documents have come anew.
    changed: VecDeque<String>,
    /// The users of the subscriptions.
    watched: BTreeMap<u64, String>,
    watches: u64,
    /// When each subscription wants to be looked after.
    due: Schedule<u64>,
}

impl Policies {
    /// Something depends on the documents of its user. [`Policies::poll_ready`] gives it back when they are known, or when
    /// it has waited long enough.
    pub fn wait(&mut self, m: &mut Mechanics, pending: Pending) {
        let config = m.config.clone();
        let Some(access) = &config.preferences else { return self.ready.push_back(pending) };
        let name = pending.user().to_owned();
        self.make_room(m, &name);
        let user = self.users.entry(name.clone()).or_default();
        user.used = Some(m.now);
        if user.is_fresh(m.now, access) || self.waiting.len() >= MOST_WAITING {
            return self.ready.push_back(pending);
        }
        self.waiting.push_back((m.now + access.patience, pending));
        user.ask(m, &name);
        self.watch(m, access, &name);
    }

    /// A user whose documents have come anew, and may say something else than before.
    pub fn poll_changed(&mut self) -> Option<String> {
        self.changed.pop_front()
    }

    /// How much waits for documents.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What need not wait any more.
    pub fn poll_ready(&mut self) -> Option<Pending> {
        self.ready.pop_front()
    }

    /// An INVITE that waits is withdrawn: it is given back, to be answered.
    pub fn withdrawn(&mut self, server: ServerId) -> Option<Message> {
        let is_it = |(_, pending): &(Time, Pending)| match pending {
            Pending::Session(beginning) => beginning.server == server,
            Pending::Message(_) | Pending::Registered(..) | Pending::Reachable(..) => false,
        };
        let at = self.waiting.iter().position(is_it)?;
        match self.waiting.remove(at)? {
            (_, Pending::Session(beginning)) => Some(beginning.invite),
            (_, Pending::Message(_) | Pending::Registered(..) | Pending::Reachable(..)) => None,
        }
    }

    /// The document server has told something, or nothing.
    pub fn told(&mut self, m: &mut Mechanics, wanted: Wanted, outcome: Outcome) {
        let Some(user) = self.users.get_mut(&wanted.user) else { return };
        if !user.known.told(m.now, wanted.document, outcome) {
            return;
        }
        match user.known.is_to_be_asked_again() {
            true => user.ask(m, &wanted.user),
            false => {
                self.release(|_, pending| pending.user() == wanted.user);
                self.changed.push_back(wanted.user);
            }
        }
    }

    fn release(&mut self, which: impl Fn(Time, &Pending) -> bool) {
        let (ready, waiting): (VecDeque<_>, _) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(due, pending)| which(*due, pending));
        self.waiting = waiting;
        self.ready.extend(ready.into_iter().map(|(_, pending)| pending));
    }

    /// What becomes of a session that is to begin.
    pub fn decide(&self, m: &Mechanics, served: &ServedUser, invite: &Message) -> Decision {
        self.decide_on(m, served, Kind::Session, invite, parties::others(invite, served.case))
    }

    /// What becomes of a message in a request of its own, or in a session of its own.
    pub fn decide_message(&self, m: &Mechanics, served: &ServedUser, request: &Message) -> Decision {
        self.decide_on(m, served, Kind::Message, request, parties::others(request, served.case))
    }

    /// What becomes of a message of the served user for one of several.
    pub fn decide_copy(&self, m: &Mechanics, served: &ServedUser, request: &Message, recipient: &str) -> Decision {
        self.decide_on(m, served, Kind::Message, request, vec![identity_key(recipient)])
    }

    fn decide_on(
        &self,
        m: &Mechanics,
        served: &ServedUser,
        kind: Kind,
        request: &Message,
        others: Vec<String>,
    ) -> Decision {
        let anonymous = served.case == SessionCase::Terminating && parties::is_anonymous(request);
        let decision = self.asked(m, &served.key, &Request { case: served.case, kind, others: &others, anonymous });
        let closed = served.case == SessionCase::Terminating && m.availability.is_closed(&served.key);
        Decision { available: decision.available && !closed, ..decision }
    }

    /// Whether a user wants what is said with another kept: the user's document counts before the policy; none where neither
    /// says anything.
    pub fn history(&self, m: &Mechanics, user: &str, other: &str) -> Option<bool> {
        let others = [identity_key(other)];
        let request =
            Request { case: SessionCase::Terminating, kind: Kind::Session, others: &others, anonymous: false };
        self.asked(m, &identity_key(user), &request).history.or(m.config.policy(user).history)
    }

    /// True when a user does not let somebody call.
    pub fn blocks(&self, m: &Mechanics, user: &str, author: &str) -> bool {
        let others = [identity_key(author)];
        let request =
            Request { case: SessionCase::Terminating, kind: Kind::Session, others: &others, anonymous: false };
        self.asked(m, user, &request).refusal().is_some()
    }

    fn asked(&self, m: &Mechanics, user: &str, request: &Request<'_>) -> Decision {
        let preset = Ruleset::preset(&m.config.policy(user).preferences);
        let decision = match self.users.get(user) {
            Some(user) => user.known.documents(&preset).decide(request),
            None => Known::default().documents(&preset).decide(request),
        };
        decision.among(m.config.interworking.is_some())
    }

    /// No device of a user can be reached any more: nobody needs to hear of changes.
    pub fn gone(&mut self, m: &mut Mechanics, user: &str) {
        if let Some(watch) = self.users.get_mut(user).and_then(|user| user.watch.take()) {
            self.watched.remove(&watch.number);
            self.due.set(watch.number, None);
            watch.end(m);
        }
    }

    /// Subscribes to the changes of a user's documents, where that is to be and is not so.
    fn watch(&mut self, m: &mut Mechanics, access: &PreferencesAccess, name: &str) {
        let (Some(server), Some(user)) = (&access.server, self.users.get_mut(name)) else { return };
        if user.watch.is_some() || user.not_before.is_some_and(|then| m.now < then) {
            return;
        }
        self.watches += 1;
        self.watched.insert(self.watches, name.to_owned());
        user.watch = Some(Watch::begin(m, access, server, self.watches, name));
        self.note_due(self.watches);
    }

    /// Notes when a subscription wants to be looked after.
    fn note_due(&mut self, number: u64) {
        let user = self.watched.get(&number).and_then(|name| self.users.get(name));
        let due = user.and_then(|user| user.watch.as_ref()?.poll_timeout());
        self.due.set(number, due);
    }

    /// Forgets whose documents were not used for longest, when there are too many.
    fn make_room(&mut self, m: &mut Mechanics, name: &str) {
        if self.users.len() < MOST_USERS || self.users.contains_key(name) {
            return;
        }
        let idle = self.users.iter().filter(|(_, user)| !user.known.is_asked());
        if let Some(oldest) = idle.min_by_key(|(_, user)| user.used).map(|(name, _)| name.clone()) {
            self.gone(m, &oldest);
            self.users.remove(&oldest);
        }
    }

    /// A SUBSCRIBE is answered, or never will be.
    pub fn response(&mut self, m: &mut Mechanics, number: u64, client: ClientId, response: Option<&Message>) {
        let config = m.config.clone();
        let (Some(access), Some(user)) = (&config.preferences, self.watched_user(number)) else { return };
        let lasts = user.watch.as_mut().is_none_or(|watch| watch.answered(m, access, client, response));
        match lasts {
            true => self.note_due(number),
            false => self.unwatched(m, number),
        }
    }

    /// The server tells of changes.
    pub fn notified(&mut self, m: &mut Mechanics, number: u64, server: ServerId, notify: &Message) {
        let config = m.config.clone();
        let auid = config.preferences.as_ref().map_or("", |access| access.auid.as_str());
        let Some(name) = self.watched.get(&number).cloned() else { return m.refuse(server, notify, 481) };
        let Some(user) = self.users.get_mut(&name) else { return m.refuse(server, notify, 481) };
        let Some(watch) = &mut user.watch else { return m.refuse(server, notify, 481) };
        let first = !watch.is_active();
        let Some(told) = watch.notified(m, auid, server, notify) else { return self.note_due(number) };
        let over = watch.is_over();
        let news = match told {
            // What was fetched before the subscription stood may have changed before it stood. First all are listed (RFC 5875).
            Told::Documents(all) if first => user.known.listed(&all),
            Told::Something => true,
            Told::Documents(all) => {
                all.iter().fold(false, |news, (document, etag)| user.known.changed(*document, etag.as_deref()) || news)
            }
        };
        if news {
            user.known.doubt();
            user.ask(m, &name);
        }
        match over {
            true => self.unwatched(m, number),
            false => self.note_due(number),
        }
    }

    fn watched_user(&mut self, number: u64) -> Option<&mut User> {
        self.users.get_mut(self.watched.get(&number)?)
    }

    /// There is no subscription any more: whoever depends on the documents asks, until there is one again.
    fn unwatched(&mut self, m: &mut Mechanics, number: u64) {
        let now = m.now;
        if let Some(user) = self.watched_user(number) {
            user.not_before = Some(now + AGAIN);
            if let Some(watch) = user.watch.take() {
                watch.end(m);
            }
        }
        self.watched.remove(&number);
        self.due.set(number, None);
    }

    /// When [`Policies::handle_timeout`] is due. All wait equally long, so that the first has waited for longest.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.waiting.front().map(|(due, _)| *due).into_iter().chain(self.due.next()).min()
    }

    /// The clock has moved on: nobody waits for ever.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        let now = m.now;
        self.release(|due, _| due <= now);
        let config = m.config.clone();
        let Some(access) = &config.preferences else { return };
        for number in self.due.due(now) {
            let Some(user) = self.watched_user(number) else { continue };
            let Some(watch) = &mut user.watch else { continue };
            let of_use = m.registrations.has(now, watch.user()) || user.used.is_some_and(|used| now < used + OF_USE);
            match watch.handle_timeout(m, access, of_use) {
                true => self.note_due(number),
                false => self.unwatched(m, number),
            }
        }
    }
}

/// True when the request is refused, and answered.
pub fn refused(m: &mut Mechanics, server: ServerId, request: &Message, decision: &Decision) -> bool {
    let Some((status, why)) = decision.refusal() else { return false };
    m.reply(server, request, status, |refusal| refusal.header(Name::Warning, format!("399 cpm-reference \"{why}\"")));
    true
}

/// The INVITE with what is left of its offer; none when it is refused, and answered.
pub fn admitted(m: &mut Mechanics, server: ServerId, invite: Message, decision: &Decision) -> Option<Message> {
    if refused(m, server, &invite, decision) {
        return None;
    }
    if decision.barred.0.is_empty() {
        return Some(invite);
    }
    let left = decision.barred.taken_from(invite.clone());
    let left =
        left.ok().filter(|left| media_negotiation::refusal(&m.config.media, description(left).as_ref()).is_none());
    if left.is_none() {
        m.refuse(server, &invite, 488);
    }
    left
}

impl User {
    fn is_fresh(&self, now: Time, access: &PreferencesAccess) -> bool {
        self.known.is_fresh(now, self.watch.as_ref().is_some_and(Watch::is_active), access.fresh)
    }

    fn ask(&mut self, m: &mut Mechanics, name: &str) {
        if !self.known.is_asked() {
            self.known.ask(name).into_iter().for_each(|wanted| m.preferences.fetch(m.now, wanted));
        }
    }
}
