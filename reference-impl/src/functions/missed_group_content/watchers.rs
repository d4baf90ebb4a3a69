//! The user's devices ask who is in the chat, and are told from what is known here: all that is known first, then
//! each change; of an ended chat the final list, and that there will be no more. [CPM-CONV-058a, L11]

use super::chat::{Chat, Focus};
use crate::call::{Mechanics, Usage};
use bytes::Bytes;
use cpm_wire::conference_info::{self, Roster};
use cpm_wire::sip::{Message, Name, Uri};
use cpm_wire::subscription::{Notifier, Reason};
use cpm_wire::transaction::{ClientId, ServerId};

/// The shortest and the longest subscription, in seconds.
const EXPIRES: (u32, u32) = (60, 3600);

/// A device's subscription.
pub struct Watcher {
    /// RFC 6665.
    pub notifier: Notifier,
    number: u64,
    version: u32,
    seen: Option<Roster>,
    busy: Option<ClientId>,
    ending: bool,
}

impl Watcher {
    /// When the subscription ends, unless it is refreshed.
    pub fn due(&self) -> Option<cpm_wire::time::Time> {
        self.notifier.poll_timeout().filter(|_| !self.ending)
    }
}

impl Chat {
    /// True when a device means this chat by a URI.
    pub fn is_named(&self, target: &str) -> bool {
        let same = |focus: &String| match (Uri::parse(target), Uri::parse(focus)) {
            (Ok(target), Ok(focus)) => target.equals(&focus),
            _ => target == focus,
        };
        same(&self.record.focus) || self.record.former.iter().any(same)
    }

    /// A device subscribes.
    pub fn watch(&mut self, m: &mut Mechanics, server: ServerId, subscribe: &Message) {
        let local_tag = m.tokens.tag();
        let accepted = Notifier::accept(m.now, subscribe, &local_tag, EXPIRES.0, EXPIRES.1);
        let (notifier, granted) = match accepted {
            Ok(accepted) => accepted,
            Err(refusal) => {
                let response = refusal.response(subscribe).to_tag(&local_tag);
                return m.sip.respond(m.now, server, response.build());
            }
        };
        self.roster.watched += 1;
        let number = self.roster.watched;
        let contact = m.own_contact();
        let response = cpm_wire::sip::Builder::response(subscribe, 200, "OK").to_tag(&local_tag);
        let response = response.header(Name::Contact, contact).header(Name::Expires, granted);
        m.sip.respond(m.now, server, response.build());
        let call_id = subscribe.call_id().unwrap_or_default();
        m.route(call_id, &local_tag, Usage::Notifier(self.owner(), number));
        let ending = granted == 0;
        self.roster.watchers.push(Watcher { notifier, number, version: 0, seen: None, busy: None, ending });
        self.tell_watcher(m, number, true);
    }

    /// A device refreshes its subscription, or ends it.
    pub fn watch_again(&mut self, m: &mut Mechanics, number: u64, server: ServerId, subscribe: &Message) {
        let contact = m.own_contact();
        let Some(watcher) = self.roster.watchers.iter_mut().find(|watcher| watcher.number == number) else {
            return m.refuse(server, subscribe, 481);
        };
        match watcher.notifier.resubscribe(m.now, subscribe) {
            Ok(granted) => {
                watcher.seen = None;
                watcher.ending |= granted == 0;
                m.reply(server, subscribe, 200, |answer| {
                    answer.header(Name::Contact, contact).header(Name::Expires, granted)
                });
                self.tell_watcher(m, number, true);
            }
            Err(refusal) => m.sip.respond(m.now, server, refusal.response(subscribe).build()),
        }
    }

    /// Tells every device what it does not know.
    pub fn tell_watchers(&mut self, m: &mut Mechanics) {
        for number in self.roster.watchers.iter().map(|watcher| watcher.number).collect::<Vec<_>>() {
            self.tell_watcher(m, number, false);
        }
    }

    /// One notification at a time, so that none overtakes another.
    fn tell_watcher(&mut self, m: &mut Mechanics, number: u64, at_once: bool) {
        let owner = self.owner();
        let contact = m.own_contact();
        let over = matches!(self.focus, Focus::Absent) && self.roster.is_final();
        let roster = &self.roster.known;
        let told = self.roster.told || over;
        let Some(watcher) = self.roster.watchers.iter_mut().find(|watcher| watcher.number == number) else { return };
        if watcher.busy.is_some() {
            return;
        }
        let ends = watcher.ending || over;
        let news = told && watcher.seen.as_ref() != Some(roster);
        if !(news || ends || at_once) {
            return;
        }
        let document = match &watcher.seen {
            _ if !told => None,
            Some(seen) if news => Some(roster.changes_since(seen, watcher.version + 1)),
            Some(_) => None,
            None => Some(roster.to_document(watcher.version + 1)),
        };
        let body = document.map(|document| {
            watcher.version += 1;
            watcher.seen = Some(roster.clone());
            (conference_info::MEDIA_TYPE, Bytes::from(document.to_xml()))
        });
        watcher.ending = ends;
        let notify = match ends {
            true => watcher.notifier.terminate(if over { &Reason::Noresource } else { &Reason::Timeout }),
            false => watcher.notifier.notify(m.now, None),
        };
        let notify = notify.header(Name::Contact, contact);
        let notify = match body {
            Some((content_type, document)) => notify.body(content_type, document),
            None => notify,
        };
        watcher.busy = Some(m.send(owner, notify.build()));
    }

    /// A device has answered a notification.
    pub fn watcher_response(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) {
        let Some(at) = self.roster.watchers.iter().position(|watcher| watcher.busy == Some(client)) else { return };
        let Some(watcher) = self.roster.watchers.get_mut(at) else { return };
        if response.and_then(Message::status).is_some_and(|status| status < 200) {
            return;
        }
        watcher.busy = None;
        if !watcher.notifier.answered(response) || watcher.ending {
            self.drop_watcher(m, at);
        } else {
            let number = watcher.number;
            self.tell_watcher(m, number, false);
        }
    }

    fn drop_watcher(&mut self, m: &mut Mechanics, at: usize) {
        let watcher = self.roster.watchers.remove(at);
        let id = &watcher.notifier.dialog.id;
        m.unroute(&id.call_id, &id.local_tag);
    }

    /// Subscriptions that were not refreshed end.
    pub fn watchers_due(&mut self, m: &mut Mechanics) {
        let due = self.roster.watchers.iter_mut().filter(|watcher| watcher.due().is_some_and(|at| at <= m.now));
        for number in due.map(|watcher| (watcher.ending = true, watcher.number).1).collect::<Vec<_>>() {
            self.tell_watcher(m, number, false);
        }
    }

    /// The chat is forgotten.
    pub fn end_watchers(&mut self, m: &mut Mechanics) {
        while !self.roster.watchers.is_empty() {
            if let Some(watcher) = self.roster.watchers.first_mut()
                && watcher.busy.is_none()
                && !watcher.ending
            {
                let contact = m.own_contact();
                let notify = watcher.notifier.terminate(&Reason::Noresource).header(Name::Contact, contact);
                m.send(self.owner(), notify.build());
            }
            self.drop_watcher(m, 0);
        }
    }
}
