//! Presence [PF-PRS-01]: the function publishes that users can be reached, and heeds what they say of it elsewhere. It does so for
//! users whose policy lets it, while they are registered, and through the serving CSCF, which knows their presence server.
//!
//! | file | does |
//! |---|---|
//! | `source` | publishes which devices there are |
//! | `watcher` | hears whether messages are taken |

mod source;
mod watcher;

use crate::call::Mechanics;
use crate::call::schedule::Schedule;
use crate::config::PresenceConduct;
use cpm_wire::pidf::Basic;
use cpm_wire::sip::{Builder, Message, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use source::Source;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use watcher::{News, Watcher};

/// The event package (RFC 3856).
const EVENT: &str = "presence";

/// A user who has presence, and a device, or something published yet.
struct Present {
    number: u64,
    /// The keys of the devices, as last told.
    devices: BTreeSet<String>,
    source: Option<Source>,
    watcher: Option<Watcher>,
}

/// The presence of all users.
#[derive(Default)]
pub struct Presence {
    users: BTreeMap<String, Present>,
    by_number: BTreeMap<u64, String>,
    last: u64,
    /// When something of a user is to be looked after.
    due: Schedule<u64>,
    /// The users who take messages again.
    opened: VecDeque<String>,
    /// The users who were registered when the function started.
    to_resume: Vec<String>,
}

impl Presence {
    /// These users were registered before a restart: once the function runs, it publishes and subscribes anew.
    pub fn restored(users: impl IntoIterator<Item = String>) -> Presence {
        Presence { to_resume: users.into_iter().collect::<BTreeSet<_>>().into_iter().collect(), ..Presence::default() }
    }

    /// A device of a user has come, or gone, or has registered again.
    pub fn registrations_changed(&mut self, m: &mut Mechanics, user: &str) {
        let config = m.config.clone();
        let Some(conduct) = config.presence.as_ref().filter(|_| config.policy(user).presence) else { return };
        let devices: BTreeSet<String> = m.registrations.devices(m.now, user).into_iter().map(|one| one.key).collect();
        let Some(number) = self.number_of(user, !devices.is_empty()) else { return };
        let Some(present) = self.users.get_mut(user) else { return };
        let (first, gone) = (present.devices.is_empty() && !devices.is_empty(), devices.is_empty());
        if conduct.source && devices != present.devices {
            let new = || Source::new(m, number, user, conduct.expires_s.get());
            let mut source = present.source.take().unwrap_or_else(new);
            source.tell(m, &devices, conduct.when_gone);
            present.source = Some(source);
        }
        present.devices = devices;
        if first && conduct.watcher {
            present.watch(m, user, conduct);
        }
        if gone {
            m.availability.open(user);
            present.watcher.take().into_iter().for_each(|watcher| watcher.end(m));
        }
        self.settle(m, user);
    }

    /// The number of a user; one who is not known gets one if there is something to be known of.
    fn number_of(&mut self, user: &str, new: bool) -> Option<u64> {
        if let Some(present) = self.users.get(user) {
            return Some(present.number);
        }
        if !new {
            return None;
        }
        self.last += 1;
        let present = Present { number: self.last, devices: BTreeSet::new(), source: None, watcher: None };
        self.users.insert(user.to_owned(), present);
        self.by_number.insert(self.last, user.to_owned());
        Some(self.last)
    }

    /// Notes when a user is to be looked after, or forgets a user of whom there is nothing left.
    fn settle(&mut self, m: &Mechanics, user: &str) {
        let Some(present) = self.users.get_mut(user) else { return };
        let number = present.number;
        present.source.take_if(|source| source.is_idle() && present.devices.is_empty());
        if present.devices.is_empty() && present.source.is_none() {
            self.users.remove(user);
            self.by_number.remove(&number);
            return self.due.set(number, None);
        }
        let lapses = m.registrations.devices(m.now, user).into_iter().map(|device| device.expires);
        let source = present.source.as_ref().and_then(Source::poll_timeout);
        let watcher = present.watcher.as_ref().and_then(Watcher::poll_timeout);
        self.due.set(number, lapses.chain(source).chain(watcher).min());
    }

    /// A PUBLISH or SUBSCRIBE is answered, or never will be.
    pub fn response(&mut self, m: &mut Mechanics, number: u64, client: ClientId, response: Option<&Message>) {
        let Some(user) = self.by_number.get(&number).cloned() else { return };
        let Some(present) = self.users.get_mut(&user) else { return };
        if !present.source.as_mut().is_some_and(|source| source.answered(m, client, response)) {
            let ended = present.watcher.take_if(|watcher| watcher.answered(m, client, response)).is_some();
            if ended {
                self.told(m, &user, News::State(None));
            }
        }
        self.settle(m, &user);
    }

    /// The presence server tells something of a user.
    pub fn notified(&mut self, m: &mut Mechanics, number: u64, server: ServerId, notify: &Message) {
        let user = self.by_number.get(&number).cloned();
        let watcher = user.as_ref().and_then(|user| self.users.get_mut(user)?.watcher.as_mut());
        let (Some(user), Some(watcher)) = (user, watcher) else { return m.refuse(server, notify, 481) };
        let news = watcher.notified(m, server, notify);
        self.told(m, &user, news);
        self.settle(m, &user);
    }

    /// What is said of a user who is registered: closed is heeded, anything else leaves it to the registration.
    fn told(&mut self, m: &mut Mechanics, user: &str, news: News) {
        match news {
            News::Nothing => {}
            News::State(Some(Basic::Closed)) => drop(m.availability.close(user)),
            News::State(_) => {
                if m.availability.open(user) {
                    self.opened.push_back(user.to_owned());
                }
            }
        }
    }

    /// A registered user who takes messages again.
    pub fn poll_opened(&mut self) -> Option<String> {
        self.opened.pop_front()
    }

    /// When [`Presence::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        match self.to_resume.is_empty() {
            true => self.due.next(),
            false => Some(Time::ZERO),
        }
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        for user in std::mem::take(&mut self.to_resume) {
            self.registrations_changed(m, &user);
        }
        for number in self.due.due(m.now) {
            let Some(user) = self.by_number.get(&number).cloned() else { continue };
            self.registrations_changed(m, &user);
            let Some(present) = self.users.get_mut(&user) else { continue };
            present.source.iter_mut().for_each(|source| source.handle_timeout(m));
            if present.watcher.take_if(|watcher| watcher.handle_timeout(m)).is_some() {
                self.told(m, &user, News::State(None));
            }
            self.settle(m, &user);
        }
    }
}

impl Present {
    fn watch(&mut self, m: &mut Mechanics, user: &str, conduct: &PresenceConduct) {
        if self.watcher.is_none() {
            self.watcher = Some(Watcher::begin(m, self.number, user, conduct.expires_s.get()));
        }
    }
}

/// The way of a request on a user's behalf: to the serving CSCF, as one that the user originates (TS 24.229 section 5.7.3).
fn route(m: &Mechanics) -> String {
    format!("<sip:{};lr;orig>", m.config.serving_cscf)
}

/// What a first request on a user's behalf says of the user.
fn on_behalf(m: &Mechanics, user: &str, request: Builder) -> Builder {
    let state = m.registration_state(user);
    request
        .header(Name::PServedUser, format!("<{user}>;sescase=orig;regstate={state}"))
        .header(Name::PAssertedIdentity, format!("<{user}>"))
}
