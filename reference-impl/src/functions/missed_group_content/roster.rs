//! Participant information: what the focus tells of its members is kept as it comes (RFC 4575, RFC 6665).
//! [CPM-CONV-058]

use super::chat::{Chat, Focus};
use super::watchers::Watcher;
use crate::call::{Mechanics, Usage};
use crate::store::{ChatRecord, RosterRecord, Write};
use cpm_wire::conference_info::{self, Document, EndpointStatus, Roster, User};
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Message, Method, Name};
use cpm_wire::subscription::{Subscriber, SubscriberEvent};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId};
use std::time::Duration;

/// The event package.
pub const CONFERENCE: &str = "conference";
/// How long the subscription at the focus is asked for, in seconds.
const EXPIRES: u32 = 3600;
/// How long the last word of a focus on an ended chat is waited for.
const LAST_WORD: Duration = Duration::from_secs(1);

/// What is known of the members, and who wants to know.
pub struct RosterKeeper {
    /// What the focus told, folded; before that the list of the invitation.
    pub known: Roster,
    /// True once the focus has told anything, or there is nothing more to wait for.
    pub told: bool,
    /// The devices that want to know.
    pub watchers: Vec<Watcher>,
    /// How many there were.
    pub watched: u64,
    documents: u64,
    subscription: Option<Subscription>,
    last_word: Option<Time>,
}

/// The subscription at the focus.
struct Subscription {
    subscriber: Subscriber,
    call_id: String,
    local_tag: String,
    client: Option<ClientId>,
}

impl RosterKeeper {
    /// What the invitation tells.
    pub fn new(record: &ChatRecord) -> RosterKeeper {
        RosterKeeper {
            known: invited(record),
            told: false,
            watchers: Vec::new(),
            watched: 0,
            documents: 0,
            subscription: None,
            last_word: None,
        }
    }

    /// What the focus told before a restart.
    pub fn restore(&mut self, record: &RosterRecord) {
        self.documents = self.documents.max(record.sequence + 1);
        self.fold(&record.document);
        self.known.subscribed_anew();
    }

    /// Folds one document in; false when documents before it are missing.
    fn fold(&mut self, document: &[u8]) -> bool {
        let Ok(document) = Document::parse(document) else { return true };
        if !self.told {
            self.known = Roster::new();
        }
        let folded = self.known.apply(&document).is_ok();
        self.told |= folded;
        folded
    }

    /// When [`Chat::roster_due`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let own = self.subscription.as_ref().and_then(|held| held.subscriber.poll_timeout());
        let watchers = self.watchers.iter().filter_map(Watcher::due);
        watchers.chain(own).chain(self.last_word).min()
    }

    /// True when the focus will tell no more.
    pub fn is_final(&self) -> bool {
        self.subscription.is_none()
    }
}

/// The list of the invitation as a roster: who is named in it is taken to be connected, as the focus said no more.
fn invited(record: &ChatRecord) -> Roster {
    let mut roster = Roster::new();
    let list = record.invited.as_deref().and_then(|list| List::parse(list.as_bytes()).ok());
    let users = list.iter().flat_map(|list| &list.entries);
    let users = users.map(|entry| User::with_status(&entry.uri, EndpointStatus::Connected)).collect();
    // A full document is never out of place.
    let _ = roster.apply(&Document::full(&record.focus, 0, users));
    roster.subscribed_anew();
    roster
}

impl Chat {
    /// Subscribes at the focus, unless the subscription is there.
    pub fn follow_roster(&mut self, m: &mut Mechanics) {
        self.roster.last_word = None;
        if self.roster.subscription.is_none() {
            self.subscribe(m);
        }
    }

    fn subscribe(&mut self, m: &mut Mechanics) {
        let record = &self.record;
        let request = m.own_request(Method::Subscribe, &record.focus, &record.user, true);
        let request = request
            .header(Name::From, format!("<{}>;tag={}", record.user, m.tokens.tag()))
            .header(Name::To, format!("<{}>", record.focus))
            .header(Name::Contact, m.own_contact())
            .header(Name::PAssertedIdentity, format!("<{}>", record.user))
            .header(Name::PAssertedService, crate::call::GROUP_SERVICE)
            .header(Name::ContributionId, &record.contribution)
            .header(Name::Event, CONFERENCE)
            .header(Name::Accept, conference_info::MEDIA_TYPE)
            .header(Name::Expires, EXPIRES)
            .build();
        let call_id = request.call_id().unwrap_or_default().to_owned();
        let local_tag = request.from_tag().unwrap_or_default().to_owned();
        m.route(&call_id, &local_tag, Usage::Subscriber(self.owner()));
        let subscriber = Subscriber::new(m.now, &request, EXPIRES, m.config.t1);
        let client = Some(m.send(self.owner(), request));
        self.roster.known.subscribed_anew();
        self.roster.subscription = Some(Subscription { subscriber, call_id, local_tag, client });
    }

    /// The focus, or a device, has answered a request of a subscription; true when it was one.
    pub fn roster_response(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) -> bool {
        let Some(held) = self.roster.subscription.as_mut().filter(|held| held.client == Some(client)) else {
            return self.watcher_response(m, client, response);
        };
        if response.and_then(Message::status).is_some_and(|status| status < 200) {
            return true;
        }
        held.client = None;
        match held.subscriber.response(m.now, response) {
            Some(SubscriberEvent::Ended) => self.subscription_ended(m),
            _ => {}
        }
        true
    }

    /// The focus tells of its members.
    pub fn notified(&mut self, m: &mut Mechanics, server: ServerId, notify: &Message) {
        let Some(held) = &mut self.roster.subscription else { return m.refuse(server, notify, 481) };
        let notified = match held.subscriber.notified(m.now, notify) {
            Ok(notified) => notified,
            Err(refusal) => return m.reply(server, notify, refusal.status, |answer| refusal.fill(answer)),
        };
        m.refuse(server, notify, 200);
        let complete = notify.body().is_empty() || self.document(m, notify);
        if notified.is_terminated() {
            self.subscription_ended(m);
        } else if !complete {
            self.refresh(m);
        }
        self.tell_watchers(m);
    }

    /// Keeps one document; false when documents before it are missing.
    fn document(&mut self, m: &mut Mechanics, notify: &Message) -> bool {
        let document = notify.body_octets();
        let complete = self.roster.fold(&document);
        if self.policy.store {
            let sequence = self.roster.documents;
            m.write(vec![Write::Roster(RosterRecord { chat: self.record.id, sequence, document })]);
        }
        self.roster.documents += 1;
        complete
    }

    fn refresh(&mut self, m: &mut Mechanics) {
        let owner = self.owner();
        let contact = m.own_contact();
        let Some(held) = &mut self.roster.subscription else { return };
        if held.client.is_none()
            && let Some(request) = held.subscriber.refresh(EXPIRES)
        {
            let request = request.header(Name::Contact, contact).header(Name::Accept, conference_info::MEDIA_TYPE);
            held.client = Some(m.send(owner, request.build()));
            self.roster.known.subscribed_anew();
        }
    }

    /// The focus tells no more: while the chat goes on it is asked again, else what is known is final.
    fn subscription_ended(&mut self, m: &mut Mechanics) {
        self.drop_subscription(m);
        self.roster.told |= !matches!(self.focus, Focus::Live { .. });
        self.tell_watchers(m);
    }

    fn drop_subscription(&mut self, m: &mut Mechanics) {
        self.roster.last_word = None;
        if let Some(held) = self.roster.subscription.take() {
            m.unroute(&held.call_id, &held.local_tag);
        }
    }

    /// The chat has ended: the last word of the focus is waited for, but not for long.
    pub fn end_watching(&mut self, m: &mut Mechanics) {
        if self.roster.is_final() {
            self.subscription_ended(m);
        } else {
            self.roster.last_word = Some(m.now + LAST_WORD);
        }
    }

    /// A subscription comes due.
    pub fn roster_due(&mut self, m: &mut Mechanics) {
        if self.roster.last_word.is_some_and(|at| at <= m.now) {
            self.subscription_ended(m);
        }
        if let Some(held) = &mut self.roster.subscription {
            match held.subscriber.handle_timeout(m.now) {
                Some(SubscriberEvent::Refresh) => self.refresh(m),
                Some(SubscriberEvent::Ended) => self.subscription_ended(m),
                None => {}
            }
        }
        self.watchers_due(m);
    }

    /// The chat is forgotten: so are its subscriptions.
    pub fn end_roster(&mut self, m: &mut Mechanics) {
        self.drop_subscription(m);
        self.end_watchers(m);
    }
}
