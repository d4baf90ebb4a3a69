//! Missed group content [CPM-CONV-058, CPM-CONV-058a]: the function stands in for a served user who was invited to a
//! group chat and does not take part, stores what he misses, and delivers it once a client of his can be reached.
//!
//! | file | decides |
//! |---|---|
//! | `invitation` | who is called, when the function stands in |
//! | `stand_in` | what is taken and stored |
//! | `drain`, `deliver` | when a device is called, and what it gets in which order |
//! | `notice` | how a device is told, and fetches |
//! | `rejoin` | what happens when a device comes by itself |
//! | `roster`, `watchers`, `history` | participant information in both directions |
//! | `kept_states` | what of it the message store is given |
//! | `upward`, `notifications` | reports and messages of the user |
//! | `stored_notifications` | by which path notifications reach a device |
//! | `one_to_one` | what is other in a chat of two |
//! | `timers`, `recovery` | what comes due; what a restart leaves |

mod chat;
mod content;
mod deliver;
mod drain;
mod history;
mod in_dialog;
mod invitation;
mod items;
mod keeping;
mod kept_states;
mod lists;
mod notice;
mod notifications;
mod one_to_one;
mod recovery;
mod rejoin;
mod roster;
mod stand_in;
mod stored_notifications;
mod timers;
mod upward;
mod watchers;

use crate::call::legs::{LegEvent, LegId};
use crate::call::media::{MediaEvent, MediaId};
use crate::call::registrations::Device;
use crate::call::schedule::Schedule;
use crate::call::served::ServedUser;
use crate::call::{Mechanics, Owner, Usage};
use crate::config::Reports;
use crate::store::{Contents, Token, Write};
use chat::{Chat, Reporter};
pub use content::{About, Content, Report, content};
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use items::Item;
pub use notice::fetches;
pub use one_to_one::is_chat;
use std::collections::{BTreeSet, HashMap, HashSet};
pub use upward::{is_nobody, reports_in};

/// All chats of all served users.
#[derive(Default)]
pub struct MissedGroupContent {
    chats: HashMap<u64, Chat>,
    by_name: HashMap<(String, String), u64>,
    by_user: HashMap<String, BTreeSet<u64>>,
    /// Those with a leg to anybody.
    in_session: HashSet<u64>,
    due: Schedule<u64>,
    to_resume: Vec<u64>,
}

impl MissedGroupContent {
    /// What was stored before a restart. [`MissedGroupContent::resume`] takes the sessions up again.
    pub fn restored(m: &Mechanics, contents: Contents) -> MissedGroupContent {
        let mut all = MissedGroupContent::default();
        for record in contents.chats {
            let user = cpm_wire::sip::identity_key(&record.user);
            let policy = m.config.policy(&record.user);
            let id = record.id;
            if record.leg.is_some() {
                all.to_resume.push(id);
            }
            all.insert(Chat { known_to_user: true, established: true, ..Chat::new(record, user, policy) });
        }
        for item in contents.items {
            if let Some(chat) = all.chats.get_mut(&item.chat) {
                chat.items.held.push_back(Item::restored(item));
            }
        }
        for roster in contents.rosters {
            if let Some(chat) = all.chats.get_mut(&roster.chat) {
                chat.roster.restore(&roster);
            }
        }
        all
    }

    /// Takes the sessions up again that a restart interrupted.
    pub fn resume(&mut self, m: &mut Mechanics) {
        for id in std::mem::take(&mut self.to_resume) {
            self.with(m, id, |chat, m| chat.resume(m));
        }
        for id in self.chats.keys().copied().collect::<Vec<_>>() {
            self.settle(m, id);
        }
    }

    fn insert(&mut self, chat: Chat) {
        let id = chat.record.id;
        self.by_name.insert((chat.user.clone(), chat.record.contribution.clone()), id);
        self.by_user.entry(chat.user.clone()).or_default().insert(id);
        self.chats.insert(id, chat);
    }

    /// Does something with a chat, and sees to what follows from it.
    fn with<T>(&mut self, m: &mut Mechanics, id: u64, act: impl FnOnce(&mut Chat, &mut Mechanics) -> T) -> Option<T> {
        let done = act(self.chats.get_mut(&id)?, m);
        self.settle(m, id);
        Some(done)
    }

    /// Forgets a chat that is over, and notes when the next thing of it comes due.
    fn settle(&mut self, m: &mut Mechanics, id: u64) {
        let Some(chat) = self.chats.get(&id) else { return };
        if chat.over {
            return self.forget(m, id);
        }
        match chat.is_in_session() {
            true => self.in_session.insert(id),
            false => self.in_session.remove(&id),
        };
        self.due.set(id, chat.poll_timeout(&m.config));
    }

    fn forget(&mut self, m: &mut Mechanics, id: u64) {
        let Some(mut chat) = self.chats.remove(&id) else { return };
        chat.end_roster(m);
        chat.end_notification_sessions(m, None);
        self.due.set(id, None);
        self.in_session.remove(&id);
        self.by_name.remove(&(chat.user.clone(), chat.record.contribution.clone()));
        if let Some(chats) = self.by_user.get_mut(&chat.user) {
            chats.remove(&id);
            if chats.is_empty() {
                self.by_user.remove(&chat.user);
            }
        }
        if chat.policy.store {
            m.write(vec![Write::ForgetChat(id)]);
        }
    }

    fn chats_of(&self, user: &str) -> Vec<u64> {
        self.by_user.get(user).into_iter().flatten().copied().collect()
    }

    /// The chat that this request belongs to, or a new one.
    fn chat_for(&mut self, m: &mut Mechanics, invite: &Message, served: &ServedUser, focus: &str) -> u64 {
        let contribution = invite.header(&Name::ContributionId).unwrap_or_default().to_owned();
        if let Some(id) = self.by_name.get(&(served.key.clone(), contribution)) {
            return *id;
        }
        let mut record = invitation::record_of(invite, &served.identity, focus);
        record.id = m.record_number();
        record.since = m.now.as_nanos();
        let id = record.id;
        let policy = m.config.policy(&served.identity);
        self.insert(Chat::new(record, served.key.clone(), policy));
        id
    }

    /// True when the INVITE belongs to a group chat that is known.
    pub fn knows(&self, served: &ServedUser, invite: &Message) -> bool {
        self.named(served, invite).is_some_and(|chat| !chat.is_one_to_one())
    }

    /// True when the INVITE belongs to a chat, of a group or of two.
    pub fn is_known(&self, served: &ServedUser, invite: &Message) -> bool {
        self.named(served, invite).is_some()
    }

    /// True when the INVITE belongs to a chat that is in session.
    pub fn is_in_session(&self, served: &ServedUser, invite: &Message) -> bool {
        self.named(served, invite).is_some_and(Chat::is_in_session)
    }

    /// The chat of the contribution that the INVITE names.
    fn named(&self, served: &ServedUser, invite: &Message) -> Option<&Chat> {
        let contribution = invite.header(&Name::ContributionId).unwrap_or_default().to_owned();
        self.chats.get(self.by_name.get(&(served.key.clone(), contribution))?)
    }

    /// How many chats are in session, each with however many devices of its user.
    pub fn sessions(&self) -> usize {
        self.in_session.len()
    }

    /// Somebody wants to talk to a served user who cannot be had: the function stands in. `called` takes the caller's
    /// leg for its owner.
    pub fn one_to_one(
        &mut self,
        m: &mut Mechanics,
        invite: &Message,
        served: &ServedUser,
        called: impl FnOnce(&mut Mechanics, Owner) -> LegId,
    ) {
        let caller = one_to_one::caller(invite);
        let id = self.chat_for(m, invite, served, &caller);
        let told = invitation::record_of(invite, &served.identity, &caller);
        let leg = called(m, Owner::Chat(id));
        self.with(m, id, |chat, m| chat.called_by(m, leg, told));
    }

    /// A focus invites a served user, who may be reached at these devices.
    pub fn invitation(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        invite: Message,
        served: &ServedUser,
        devices: Vec<Device>,
    ) {
        let focus = match invite.contacts().next() {
            Some(Ok(contact)) => contact.uri.to_owned(),
            _ => String::new(),
        };
        let id = self.chat_for(m, &invite, served, &focus);
        let told = invitation::record_of(&invite, &served.identity, &focus);
        let leg = m.called(Owner::Chat(id), server, invite);
        self.with(m, id, |chat, m| chat.invited(m, leg, told, devices));
    }

    /// A device of a served user comes for what is stored of a chat.
    pub fn fetch(&mut self, m: &mut Mechanics, server: ServerId, invite: Message, served: &ServedUser) {
        let contribution = invite.header(&Name::ContributionId).unwrap_or_default().to_owned();
        let Some(id) = self.by_name.get(&(served.key.clone(), contribution)).copied() else {
            return m.refuse(server, &invite, 404);
        };
        let device = caller(m, &invite, served);
        let leg = m.called(Owner::Chat(id), server, invite);
        self.with(m, id, |chat, m| chat.fetched_by(m, leg, device));
    }

    /// A device of a served user calls a focus or the factory.
    pub fn rejoin(&mut self, m: &mut Mechanics, server: ServerId, invite: Message, served: &ServedUser) {
        let focus = invite.request_uri().unwrap_or_default().to_owned();
        let device = caller(m, &invite, served);
        let id = self.chat_for(m, &invite, served, &focus);
        let leg = m.called(Owner::Chat(id), server, invite);
        self.with(m, id, |chat, m| chat.device_calls(m, leg, device));
    }

    /// A device calls, and names the leg of this chat whose place it takes; false when it is none of a device of its user.
    pub fn take_over(
        &mut self,
        m: &mut Mechanics,
        (id, old): (u64, LegId),
        server: ServerId,
        invite: &Message,
        served: &ServedUser,
    ) -> bool {
        let device = caller(m, invite, served);
        let own = |chat: &&Chat| chat.user == served.key && chat.has_other_device(old, &device);
        if self.chats.get(&id).filter(own).is_none() {
            return false;
        }
        let leg = m.called(Owner::Chat(id), server, invite.clone());
        self.with(m, id, |chat, m| chat.taken_over(m, leg, device, old)).is_some()
    }

    /// A device wants to know who is in a chat; false when the function knows of no such chat.
    pub fn subscription(
        &mut self,
        m: &mut Mechanics,
        server: ServerId,
        subscribe: &Message,
        served: &ServedUser,
    ) -> bool {
        let target = subscribe.request_uri().unwrap_or_default();
        let known = self
            .chats_of(&served.key)
            .into_iter()
            .rev()
            .find(|id| self.chats.get(id).is_some_and(|chat| !chat.is_one_to_one() && chat.is_named(target)));
        let device =
            subscribe.contacts().next().and_then(Result::ok).map(|contact| Device::of_contact(&contact, m.now));
        let device = device.map(|device| m.registrations.known(m.now, &served.key, device));
        known.and_then(|id| self.with(m, id, |chat, m| chat.watch(m, server, subscribe, device))).is_some()
    }

    /// What these authors have said is not for the user any more. They are not told.
    pub fn withhold(&mut self, m: &mut Mechanics, user: &str, blocked: impl Fn(&Mechanics, &str) -> bool) {
        for id in self.chats_of(user) {
            self.with(m, id, |chat, m| chat.withhold(m, &blocked));
        }
    }

    /// These devices of a user can be reached now.
    pub fn registered(&mut self, m: &mut Mechanics, user: &str, device: &Device) {
        for id in self.chats_of(user) {
            self.with(m, id, |chat, m| chat.reachable(m, device));
        }
    }

    /// A device of a user cannot be reached any more; none means all.
    pub fn deregistered(&mut self, m: &mut Mechanics, user: &str, device: Option<&str>) {
        for id in self.chats_of(user) {
            self.with(m, id, |chat, m| chat.unreachable(m, device));
        }
    }

    /// Something happened to a leg.
    pub fn leg(&mut self, m: &mut Mechanics, id: u64, leg: LegId, event: LegEvent) {
        self.with(m, id, |chat, m| match chat.device_at(leg) {
            _ if chat.focus.leg() == Some(leg) => chat.focus_leg(m, event),
            _ if chat.elsewhere.as_ref().is_some_and(|there| there.leg == leg) => chat.elsewhere_leg(m, event),
            Some(at) => chat.device_leg(m, at, event),
            None => chat.notification_leg(m, leg, event),
        });
    }

    /// Something happened to a media session.
    pub fn media(&mut self, m: &mut Mechanics, id: u64, session: MediaId, event: MediaEvent) {
        self.with(m, id, |chat, m| {
            if chat.focus.local().is_some_and(|local| local.media == session) {
                chat.focus_media(m, event);
            } else if chat.notification_sessions.has_media(session) {
                chat.notification_media(m, session, event);
            } else {
                chat.device_media(m, session, event);
            }
        });
    }

    /// A request that a chat sent outside its legs was answered.
    pub fn response(&mut self, m: &mut Mechanics, id: u64, client: ClientId, response: Option<&Message>) {
        self.with(m, id, |chat, m| {
            if !chat.notification_answered(m, client, response) {
                chat.roster_response(m, client, response);
            }
        });
    }

    /// A request came within a subscription of a chat.
    pub fn in_subscription(&mut self, m: &mut Mechanics, usage: Usage, server: ServerId, request: &Message) {
        let (Usage::Subscriber(Owner::Chat(id)) | Usage::Notifier(Owner::Chat(id), _)) = usage else {
            return m.refuse(server, request, 481);
        };
        let handled = self.with(m, id, |chat, m| match usage {
            Usage::Notifier(_, number) => chat.watch_again(m, number, server, request),
            _ => chat.notified(m, server, request),
        });
        if handled.is_none() {
            m.refuse(server, request, 481);
        }
    }

    /// A batch is on the disk.
    pub fn persisted(&mut self, m: &mut Mechanics, id: u64, token: Token) {
        self.with(m, id, |chat, m| {
            if !chat.record_stored(m, token) {
                chat.item_stored(m, token);
            }
        });
    }

    /// A batch could not be written.
    pub fn unwritten(&mut self, m: &mut Mechanics, id: u64, token: Token) {
        self.with(m, id, |chat, m| {
            if !chat.record_not_stored(m, token) {
                chat.item_not_stored(m, token);
            }
        });
    }

    /// A device, which does not say its name, reports outside sessions. True when the author has heard it already.
    pub fn is_repeated_report(&mut self, m: &Mechanics, served: &ServedUser, request: &Message) -> bool {
        if m.config.delivery.reports == Reports::PerDevice {
            return false;
        }
        let reports = upward::reports_in(request);
        let Some(chat) = self.chat_reported_on(served, request, &reports) else { return false };
        let news: Vec<bool> = reports.into_iter().map(|report| chat.is_first(report, &Reporter::User)).collect();
        !news.contains(&true)
    }

    /// The report did not reach its author.
    pub fn report_failed(&mut self, served: &ServedUser, request: &Message) {
        let reports = upward::reports_in(request);
        if let Some(chat) = self.chat_reported_on(served, request, &reports) {
            reports.into_iter().for_each(|report| chat.take_back(report));
        }
    }

    /// The chat that a report names, or whose message it is about.
    fn chat_reported_on(&mut self, served: &ServedUser, request: &Message, reports: &[Report]) -> Option<&mut Chat> {
        let about = &reports.first()?.about;
        let contribution = request.header(&Name::ContributionId).unwrap_or_default().to_owned();
        let named = self.by_name.get(&(served.key.clone(), contribution)).copied();
        let knows = |id: &u64| self.chats.get(id).is_some_and(|chat| chat.knows_message(about));
        let id = named.or_else(|| self.chats_of(&served.key).into_iter().find(knows))?;
        self.chats.get_mut(&id)
    }

    /// When [`MissedGroupContent::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        if !self.to_resume.is_empty() {
            return Some(Time::ZERO);
        }
        self.due.next()
    }

    /// The clock has moved on.
    pub fn handle_timeout(&mut self, m: &mut Mechanics) {
        for id in self.due.due(m.now) {
            self.with(m, id, |chat, m| chat.handle_timeout(m));
        }
    }
}

/// The device that sends an INVITE.
fn caller(m: &Mechanics, invite: &Message, served: &ServedUser) -> Device {
    let device = match invite.contacts().next() {
        Some(Ok(contact)) => Device::of_contact(&contact, m.now),
        _ => Device::any(m.now),
    };
    m.registrations.known(m.now, &served.key, device)
}
