//! Watching who is in a chat: subscriptions to the conference event package (RFC 4575, RFC 6665).

use super::account::Account;
use super::chat::Chat;
use super::core::{Core, Purpose, Usage};
use super::lists::{Listing, Told};
use super::messages::essence;
use cpm_wire::conference_info;
use cpm_wire::sip::{Message, Name, identity_key};
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
    /// Where it is: another focus is another conference.
    focus: String,
    /// What it has told.
    listing: Listing,
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

    /// A chat of a user, made when there is none; none when there is no room for it.
    pub(super) fn chat_or_new(&mut self, at: usize, contribution: &str, conversation: &str) -> Option<&mut Chat> {
        let legs = &self.legs;
        let busy = |chat: &str| legs.values().any(|leg| leg.account == at && leg.contribution == chat);
        self.accounts.get_mut(at)?.chat(contribution, conversation, busy)?;
        // One that gave way is watched no more.
        let known = |watch: &Watch| watch.contribution.is_empty() || self.chat(at, &watch.contribution).is_some();
        let orphans = self.watches.iter().filter(|(_, watch)| watch.account == at && !known(watch));
        let orphans: Vec<u64> = orphans.map(|(number, _)| *number).collect();
        orphans.into_iter().for_each(|number| self.drop_watch(number));
        self.chat_mut(at, contribution)
    }

    /// True while the focus of a chat tells who takes part.
    pub(super) fn is_watched(&self, contribution: &str, at: usize) -> bool {
        let own = |watch: &&Watch| watch.account == at && watch.contribution == contribution;
        self.watches.values().filter(own).any(|watch| watch.listing.has_begun())
    }

    /// Subscribes at the focus of a chat, or asks there for the whole list again.
    pub(super) fn watch(&mut self, at: usize, contribution: &str) {
        let Some(focus) = self.chat(at, contribution).map(|chat| chat.focus.clone()).filter(|focus| !focus.is_empty())
        else {
            return;
        };
        let own = |watch: &Watch| watch.account == at && watch.contribution == contribution;
        let found = self.watches.iter().find(|(_, watch)| own(watch));
        if let Some((number, watch)) = found.map(|(number, watch)| (*number, watch)) {
            if identity_key(&watch.focus) == identity_key(&focus) {
                return self.subscribe(number, true);
            }
            // That conference is no more, or is not the user's: what it still tells finds nobody.
            self.drop_watch(number);
        }
        let identity = self.accounts.get(at).map(|account: &Account| account.user.identity.clone()).unwrap_or_default();
        let (call_id, local_tag) = (self.tokens.token(), self.tokens.tag());
        let wanted = Wanted {
            target: focus.clone(),
            routes: self.way(at),
            local_uri: identity,
            remote_uri: focus.clone(),
            local_tag: local_tag.clone(),
            call_id: call_id.clone(),
            event: EVENT.to_owned(),
            expires: EXPIRES,
        };
        let number = self.number();
        let subscriber = Subscriber::new(wanted, &Timers { t1: self.config.t1, ..Timers::default() });
        self.dialogs.insert((call_id.clone(), local_tag.clone()), Usage::Watch(number));
        let contribution = contribution.to_owned();
        let (listing, asking, asked_again) = (Listing::default(), false, false);
        let watch =
            Watch { account: at, contribution, focus, listing, subscriber, call_id, local_tag, asking, asked_again };
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
        let (told, changes) = match self.watches.get_mut(&number).filter(|_| fits && !said.body.is_empty()) {
            Some(watch) => watch.listing.take(&said.body),
            None => (Told::Skipped, Vec::new()),
        };
        let members = self.watches.get(&number).map(|watch| watch.listing.members()).unwrap_or_default();
        if let Some(chat) = self.chat_mut(at, &contribution).filter(|_| told == Told::Understood) {
            chat.listed(members);
            if history {
                chat.remember(changes);
            }
        }
        if said.state == SubscriptionState::Terminated {
            return self.drop_watch(number);
        }
        if contribution.is_empty() {
            // The user had left before the subscription was there.
            return self.subscribe(number, false);
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

    /// The device is switched off.
    pub(super) fn forget_watches(&mut self, at: usize) {
        let own = |watch: &Watch| watch.account == at;
        let numbers: Vec<u64> =
            self.watches.iter().filter(|(_, watch)| own(watch)).map(|(number, _)| *number).collect();
        numbers.into_iter().for_each(|number| self.drop_watch(number));
    }

    fn drop_watch(&mut self, number: u64) {
        if let Some(watch) = self.watches.remove(&number) {
            self.dialogs.remove(&(watch.call_id, watch.local_tag));
        }
    }
}
