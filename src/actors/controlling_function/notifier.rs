//! The conference notifier of the focus (RFC 4575): full state at first, then each change.

use super::Focus;
use crate::actors::participating_function::Telling;
use crate::actors::signalling::{Purpose, Signalling};
use crate::evidence::{ChatKind, Member, MemberStatus};
use bytes::Bytes;
use cpm_wire::conference_info::{DisconnectionMethod, Document, EndpointStatus, MEDIA_TYPE, State, User};
use cpm_wire::sip::{Builder, Message, Name, identity_key};
use cpm_wire::subscription::{Notifier, Reason};
use cpm_wire::transaction::ServerId;

/// One who watches the roster.
#[derive(Debug)]
pub struct Watcher {
    notifier: Notifier,
    /// The identity of who watches.
    who: String,
    version: u32,
    /// A NOTIFY waits for its answer; changes wait for it, because requests of one dialog may overtake each other.
    waits: bool,
    changed: Vec<String>,
    /// The subscription was refreshed meanwhile, so that full state is due.
    renewed: bool,
}

impl Focus {
    /// A SUBSCRIBE to the identity of the group session, new or refreshing.
    pub fn watched(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) {
        if request.event().is_none_or(|event| event.value != "conference") {
            let tag = signalling.ids.token();
            signalling.answer(server, 489, &tag, |response| response.header(Name::AllowEvents, "conference"));
            return;
        }
        if (self.ended && !self.kept_after_end) || self.kind == ChatKind::OneToOne {
            signalling.refuse(server, 404);
            return;
        }
        let who = watcher_of(request);
        if self.has_removed(&who) {
            signalling.refuse(server, 403);
            return;
        }
        let tag = signalling.ids.token();
        let accepted = Notifier::accept(signalling.now, request, &tag, 60, 3600);
        let (notifier, granted) = match accepted {
            Ok(accepted) => accepted,
            Err(refusal) => {
                signalling.answer(server, refusal.status, &tag, |response| {
                    refusal.headers.into_iter().fold(response, |response, (name, value)| response.header(name, value))
                });
                return;
            }
        };
        let contact = self.contact();
        signalling.answer(server, 200, &tag, |response| {
            response.header(Name::Contact, contact).header(Name::Expires, granted)
        });
        self.next += 1;
        let number = self.next;
        self.watchers
            .insert(number, Watcher { notifier, who, version: 0, waits: false, changed: Vec::new(), renewed: false });
        let list = self.told_from.clone().unwrap_or_else(|| self.members.clone());
        if self.ended && self.told_from.is_none() {
            return self.last_word(signalling, &[number], &Reason::Noresource);
        }
        self.notify(signalling, number, State::Full, &list);
    }

    /// From now on who watches is told what was missed: this list first, then each change of it.
    pub fn tell_from(&mut self, list: Vec<Member>) {
        self.told_from = Some(list);
    }

    /// Tells the next change of what was missed; false while nobody watches. When there is none, the telling goes on from
    /// what is true now.
    pub fn tell_missed(&mut self, signalling: &mut Signalling, change: Option<&Member>) -> bool {
        let Some(number) = self.watchers.keys().next_back().copied() else { return false };
        if self.watchers.get(&number).is_some_and(|watcher| watcher.waits) {
            return false;
        }
        let (Some(change), Some(list)) = (change, &mut self.told_from) else { return true };
        match list.iter_mut().find(|member| member.entity == change.entity) {
            Some(member) => member.status = change.status,
            None => list.push(change.clone()),
        }
        self.notify(signalling, number, State::Partial, std::slice::from_ref(change));
        true
    }

    /// Who watches, and was told nothing while away, is told the whole list as it stands.
    pub fn tell_what_is_true(&mut self, signalling: &mut Signalling) {
        if self.told_from.take().is_none() || self.ended {
            return;
        }
        let (numbers, everybody): (Vec<u64>, _) = (self.watchers.keys().copied().collect(), self.members.clone());
        for number in numbers {
            self.notify(signalling, number, State::Full, &everybody);
        }
    }

    /// All that was missed is told: what is true beyond it is told now, or the last word is; from now on changes are told as
    /// they come.
    pub fn told_all(&mut self, signalling: &mut Signalling) {
        if self.ended {
            self.told_from = None;
            self.end_watching(signalling);
        } else if self.told_from.as_ref().is_some_and(|told| *told != self.members) {
            self.tell_what_is_true(signalling);
        } else {
            self.told_from = None;
        }
    }

    /// A SUBSCRIBE inside a subscription; false when it is in none.
    pub fn watched_again(&mut self, signalling: &mut Signalling, server: ServerId, request: &Message) -> bool {
        let found = self.watchers.iter_mut().find(|(_, watcher)| watcher.notifier.dialog.matches(request));
        let Some((number, watcher)) = found else { return false };
        let number = *number;
        match watcher.notifier.resubscribe(signalling.now, request) {
            Err(refusal) => signalling.refuse(server, refusal.status),
            Ok(0) => {
                let contact = self.contact();
                signalling.answer(server, 200, "", |response| {
                    response.header(Name::Contact, contact).header(Name::Expires, 0)
                });
                if let Some(mut watcher) = self.watchers.remove(&number) {
                    let last = watcher.notifier.terminate(&Reason::Timeout);
                    self.send_notify(signalling, number, last);
                }
            }
            Ok(granted) => {
                let contact = self.contact();
                signalling.answer(server, 200, "", |response| {
                    response.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                if let Some(watcher) = self.watchers.get_mut(&number) {
                    watcher.renewed = true;
                }
                self.notify_changes(signalling, number);
            }
        }
        true
    }

    pub(super) fn notify_change(&mut self, signalling: &mut Signalling, entity: &str) {
        if self.told_from.is_some() {
            return;
        }
        let numbers: Vec<u64> = self.watchers.keys().copied().collect();
        for number in numbers {
            if let Some(watcher) = self.watchers.get_mut(&number) {
                watcher.changed.push(entity.to_owned());
            }
            self.notify_changes(signalling, number);
        }
    }

    fn notify_changes(&mut self, signalling: &mut Signalling, number: u64) {
        let Some(watcher) = self.watchers.get_mut(&number).filter(|watcher| !watcher.waits) else { return };
        let entities = std::mem::take(&mut watcher.changed);
        if std::mem::take(&mut watcher.renewed) {
            let everybody: Vec<Member> = self.members.clone();
            return self.notify(signalling, number, State::Full, &everybody);
        }
        if entities.is_empty() {
            return;
        }
        let changed: Vec<Member> =
            self.members.iter().filter(|member| entities.contains(&member.entity)).cloned().collect();
        self.notify(signalling, number, State::Partial, &changed);
    }

    /// Everybody who watches is told in some way out of the ordinary. A document that is wrong on purpose is declared so.
    pub fn tell(&mut self, signalling: &mut Signalling, telling: Telling) {
        let numbers: Vec<u64> = self.watchers.keys().copied().collect();
        for number in numbers {
            let Some(watcher) = self.watchers.get_mut(&number) else { continue };
            let (body, version) = telling.document(&self.uri, watcher.version, &self.members);
            watcher.version = version;
            watcher.waits = true;
            if let Some(why) = telling.wrong() {
                signalling.declare_malformed(body.clone(), why);
            }
            let request = watcher.notifier.notify(signalling.now, Some((MEDIA_TYPE, body)));
            self.send_notify(signalling, number, request);
        }
    }

    /// The last NOTIFY to a watcher was answered.
    pub fn notified(&mut self, signalling: &mut Signalling, number: u64) {
        if let Some(watcher) = self.watchers.get_mut(&number) {
            watcher.waits = false;
        }
        self.notify_changes(signalling, number);
    }

    pub(super) fn end_watching(&mut self, signalling: &mut Signalling) {
        let all: Vec<u64> = self.watchers.keys().copied().collect();
        self.last_word(signalling, &all, &Reason::Noresource);
    }

    /// One who may not watch any more gets the last word.
    pub(super) fn stop_watching(&mut self, signalling: &mut Signalling, identity: &str, reason: &Reason) {
        let who = identity_key(identity);
        let theirs: Vec<u64> =
            self.watchers.iter().filter(|(_, watcher)| watcher.who == who).map(|(number, _)| *number).collect();
        self.last_word(signalling, &theirs, reason);
    }

    fn last_word(&mut self, signalling: &mut Signalling, numbers: &[u64], reason: &Reason) {
        let everybody: Vec<Member> = self.members.clone();
        for number in numbers {
            let Some(mut watcher) = self.watchers.remove(number) else { continue };
            watcher.version += 1;
            let body = document(&self.uri, watcher.version, State::Full, &everybody);
            let last = watcher.notifier.terminate(reason).body("application/conference-info+xml", body);
            self.send_notify(signalling, *number, last);
        }
    }

    /// A watcher's NOTIFY failed: it is gone (RFC 6665 section 4.2.2).
    pub fn unwatched(&mut self, subscription: u64) {
        self.watchers.remove(&subscription);
    }

    fn notify(&mut self, signalling: &mut Signalling, number: u64, state: State, members: &[Member]) {
        let Some(watcher) = self.watchers.get_mut(&number) else { return };
        watcher.version += 1;
        watcher.waits = true;
        let body = document(&self.uri, watcher.version, state, members);
        let request = watcher.notifier.notify(signalling.now, Some(("application/conference-info+xml", body)));
        self.send_notify(signalling, number, request);
    }

    fn send_notify(&mut self, signalling: &mut Signalling, number: u64, request: Builder) {
        let request = request.header(Name::Contact, self.contact());
        let purpose = Purpose::Notify { group: self.name.clone(), subscription: number };
        signalling.in_dialog(request, purpose);
    }
}

/// The identity of who watches, as asserted.
fn watcher_of(request: &Message) -> String {
    let asserted = request.asserted_identities().filter_map(Result::ok).map(|address| identity_key(address.uri)).next();
    asserted.or_else(|| request.from().ok().map(|from| identity_key(from.uri))).unwrap_or_default()
}

fn document(uri: &str, version: u32, state: State, members: &[Member]) -> Bytes {
    let users = members.iter().map(user).collect();
    let document = match state {
        State::Partial => Document::partial(uri, version, users),
        State::Full | State::Deleted => Document::full(uri, version, users),
    };
    Bytes::from(document.to_xml())
}

/// A member as a document tells it.
pub(in crate::actors) fn user(member: &Member) -> User {
    let (status, method) = match member.status {
        MemberStatus::Connected => (EndpointStatus::Connected, None),
        MemberStatus::Invited => (EndpointStatus::DialingOut, None),
        MemberStatus::Departed => (EndpointStatus::Disconnected, Some(DisconnectionMethod::Departed)),
        MemberStatus::Removed => (EndpointStatus::Disconnected, Some(DisconnectionMethod::Booted)),
    };
    let mut user = User::with_status(&member.entity, status);
    for endpoint in &mut user.endpoints {
        endpoint.disconnection_method = method.clone();
    }
    user
}
