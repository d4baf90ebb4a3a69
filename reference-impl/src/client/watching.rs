//! Watching who is in a chat: subscriptions to the conference event package (RFC 4575, RFC 6665).

use super::account::Account;
use super::chat::{By, Chat, Told};
use super::core::{Core, Purpose, Usage};
use cpm_wire::conference_info;
use cpm_wire::sip::{Message, Name};
use cpm_wire::subscription::{Subscriber, SubscriberEvent, SubscriptionState, Wanted};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ServerId, Timers};

const EVENT: &str = "conference";
const EXPIRES: u32 = 3600;

/// One subscription.
#[derive(Debug)]
pub(super) struct Watch {
    account: usize,
    contribution: String,
    subscriber: Subscriber,
    call_id: String,
    local_tag: String,
    asking: bool,
    /// Full state is asked for already.
    asked_again: bool,
}

impl Watch {
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        self.subscriber.poll_timeout()
    }
}

impl Core {
    pub(super) fn chat(&self, at: usize, contribution: &str) -> Option<&Chat> {
        self.accounts.get(at)?.chats.get(contribution)
    }

    pub(super) fn chat_mut(&mut self, at: usize, contribution: &str) -> Option<&mut Chat> {
        self.accounts.get_mut(at)?.chats.get_mut(contribution)
    }

    /// Subscribes at the focus of a chat, unless that is done.
    pub(super) fn watch(&mut self, at: usize, contribution: &str) {
        let watched = |watch: &Watch| watch.account == at && watch.contribution == contribution;
        if self.watches.values().any(watched) {
            return;
        }
        let Some(focus) = self.chat(at, contribution).map(|chat| chat.focus.clone()).filter(|focus| !focus.is_empty())
        else {
            return;
        };
        let identity = self.accounts.get(at).map(|account: &Account| account.user.identity.clone()).unwrap_or_default();
        let (call_id, local_tag) = (self.tokens.token(), self.tokens.tag());
        let wanted = Wanted {
            target: focus.clone(),
            routes: self.way(at),
            local_uri: identity,
            remote_uri: focus,
            local_tag: local_tag.clone(),
            call_id: call_id.clone(),
            event: EVENT.to_owned(),
            expires: EXPIRES,
        };
        let number = self.number();
        let subscriber = Subscriber::new(wanted, &Timers { t1: self.config.t1, ..Timers::default() });
        self.dialogs.insert((call_id.clone(), local_tag.clone()), Usage::Watch(number));
        let contribution = contribution.to_owned();
        let watch =
            Watch { account: at, contribution, subscriber, call_id, local_tag, asking: false, asked_again: false };
        self.watches.insert(number, watch);
        self.subscribe(number, true);
    }

    fn subscribe(&mut self, number: u64, wanted: bool) {
        let now = self.now;
        let Some(watch) = self.watches.get_mut(&number).filter(|watch| !watch.asking || !wanted) else { return };
        let first = watch.subscriber.dialog().is_none();
        let request = if wanted { watch.subscriber.subscribe(now) } else { watch.subscriber.unsubscribe(now) };
        watch.asking = true;
        let (at, contribution) = (watch.account, watch.contribution.clone());
        let identity = self.accounts.get(at).map(|account| account.user.identity.clone()).unwrap_or_default();
        let mut request = request
            .header(Name::Contact, self.contact(at))
            .header(Name::Accept, conference_info::MEDIA_TYPE)
            .header(Name::UserAgent, crate::call::sip::PRODUCT);
        if first {
            request = request
                .header(Name::PPreferredIdentity, format!("<{identity}>"))
                .header(Name::ContributionId, &contribution);
        }
        if let Some(chat) = self.chat_mut(at, &contribution) {
            chat.watched_anew();
        }
        self.send(request.build(), Purpose::Subscribe(number));
    }

    pub(super) fn subscribe_answered(&mut self, number: u64, response: Option<&Message>) {
        let now = self.now;
        if response.and_then(Message::status).is_some_and(|status| status < 200) {
            return;
        }
        let Some(watch) = self.watches.get_mut(&number) else { return };
        watch.asking = false;
        match response.map(|response| watch.subscriber.response(now, response)) {
            Some(None) => {}
            Some(Some(SubscriberEvent::Subscribe)) => self.subscribe(number, true),
            Some(Some(_)) | None => self.drop_watch(number),
        }
    }

    /// The focus tells who is in a chat.
    pub(super) fn notified(&mut self, server: ServerId, number: u64, notify: &Message) {
        let now = self.now;
        let Some(watch) = self.watches.get_mut(&number) else { return self.refuse(server, notify, 481) };
        let said = match watch.subscriber.notified(now, notify) {
            Ok(said) => said,
            Err(refusal) => return self.sip.respond(now, server, refusal.response(notify).build()),
        };
        let (at, contribution) = (watch.account, watch.contribution.clone());
        // What cannot be read was received all the same: the subscription lives.
        self.refuse(server, notify, 200);
        let history = self.config.intermediate_lists;
        let fits = said.content_type.as_deref().is_some_and(|kind| conference_info::MEDIA_TYPE == essence(kind));
        let told = match self.chat_mut(at, &contribution).filter(|_| fits && !said.body.is_empty()) {
            Some(chat) => chat.told(By::Subscription, &said.body, history),
            None => Told::Skipped,
        };
        if said.state == SubscriptionState::Terminated {
            return self.drop_watch(number);
        }
        let again = self.watches.get_mut(&number).is_some_and(|watch| match told {
            Told::Incomplete => !std::mem::replace(&mut watch.asked_again, true),
            Told::Understood => {
                watch.asked_again = false;
                false
            }
            Told::Skipped => false,
        });
        if again {
            self.subscribe(number, true);
        }
    }

    /// What subscriptions want done by now.
    pub(super) fn watches_due(&mut self) {
        let now = self.now;
        let numbers: Vec<u64> = self.watches.keys().copied().collect();
        for number in numbers {
            while let Some(event) = self.watches.get_mut(&number).and_then(|watch| watch.subscriber.handle_timeout(now))
            {
                match event {
                    SubscriberEvent::Subscribe => self.subscribe(number, true),
                    _ => self.drop_watch(number),
                }
            }
        }
    }

    /// The user leaves a chat, or its focus is another one now.
    pub(super) fn unwatch(&mut self, at: usize, contribution: &str) {
        let watched = |watch: &Watch| watch.account == at && watch.contribution == contribution;
        let found: Vec<u64> = self.watches.iter().filter(|(_, watch)| watched(watch)).map(|(n, _)| *n).collect();
        for number in found {
            if self.watches.get(&number).is_some_and(|watch| watch.subscriber.dialog().is_some()) {
                self.subscribe(number, false);
            }
            // The last NOTIFY is answered while the dialog is known; the chat does not wait for it.
            if let Some(watch) = self.watches.get_mut(&number) {
                watch.contribution.clear();
            }
        }
    }

    fn drop_watch(&mut self, number: u64) {
        if let Some(watch) = self.watches.remove(&number) {
            self.dialogs.remove(&(watch.call_id, watch.local_tag));
            if let Some(chat) = self.chat_mut(watch.account, &watch.contribution) {
                chat.unwatched();
            }
        }
    }
}

fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
