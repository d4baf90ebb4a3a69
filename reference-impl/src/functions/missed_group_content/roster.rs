//! Participant information: what the focus tells of its members is kept as it comes (RFC 4575, RFC 6665).
//! [CPM-CONV-058]

use super::chat::{Chat, Focus};
use super::history::History;
use super::kept_states::KeptStates;
use super::watchers::Watcher;
use crate::call::sip::PRODUCT;
use crate::call::{GROUP_SERVICE, Mechanics, Usage};
use crate::store::{ChatRecord, RosterRecord, Write};
use bytes::Bytes;
use cpm_wire::conference_info::{self, Applied, Document, EndpointStatus, Gap, Roster, State, User};
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Builder, Message, Name};
use cpm_wire::subscription::{Reason, Subscriber, SubscriberEvent, SubscriptionState, Wanted};
use cpm_wire::time::Time;
use cpm_wire::transaction::{ClientId, ServerId, Timers};
use std::time::Duration;

/// The event package.
pub const CONFERENCE: &str = "conference";
/// How long the subscription at the focus is asked for, in seconds.
const EXPIRES: u32 = 3600;
/// How long the last word of a focus on an ended chat is waited for.
const LAST_WORD: Duration = Duration::from_secs(1);
/// The most documents of a chat's roster that are stored.
const MOST_DOCUMENTS: u64 = 512;
/// The most former focuses that a chat remembers.
const MOST_FORMER: usize = 16;
/// How long a subscription that the focus ended waits before it is made anew, unless the focus says more.
const AGAIN: Duration = Duration::from_secs(1);

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
    /// How it came to be what it is.
    pub history: History,
    /// How far the message store has been told.
    pub kept: KeptStates,
    /// How many documents are stored.
    stored: u64,
    subscription: Option<Subscription>,
    last_word: Option<Time>,
    again: Option<Time>,
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
        let known = invited(record);
        RosterKeeper {
            history: History::new(&known),
            kept: KeptStates::default(),
            known,
            told: false,
            watchers: Vec::new(),
            watched: 0,
            stored: 0,
            subscription: None,
            last_word: None,
            again: None,
        }
    }

    /// What the focus told before a restart.
    pub fn restore(&mut self, record: &RosterRecord) {
        self.stored += 1;
        // Full state may be the first of another subscription, which counts anew.
        if Document::parse(&record.document).is_ok_and(|document| document.state == State::Full) {
            self.known.subscribed_anew();
        }
        // What could not be folded when it came was not stored.
        let _ = self.fold(&record.document, record.sequence);
    }

    /// Folds one document in, unless documents before it are missing.
    fn fold(&mut self, document: &[u8], place: u64) -> Result<Applied, Gap> {
        let Ok(document) = Document::parse(document) else { return Ok(Applied::Stale) };
        let before = self.known.clone();
        if !self.told {
            self.known = Roster::new();
        }
        let applied = self.known.apply(&document);
        if applied.is_err() {
            self.known = before;
            return applied;
        }
        self.told = true;
        self.history.note(place, &before, &self.known);
        applied
    }

    /// When [`Chat::roster_due`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let own = self.subscription.as_ref().and_then(|held| held.subscriber.poll_timeout());
        let watchers = self.watchers.iter().filter_map(Watcher::due);
        watchers.chain(own).chain(self.last_word).chain(self.again).min()
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
    /// The chat goes on at another focus: what that one told is no news of this one.
    pub fn moved(&mut self, m: &mut Mechanics, focus: String) {
        let former = std::mem::replace(&mut self.record.focus, focus);
        self.record.former.retain(|known| *known != former && *known != self.record.focus);
        // A device that starts a chat knows the factory alone.
        if self.established {
            self.record.former.push(former);
        }
        let surplus = self.record.former.len().saturating_sub(MOST_FORMER);
        self.record.former.drain(..surplus);
        self.drop_subscription(m);
        let before = std::mem::replace(&mut self.roster.known, invited(&self.record));
        self.roster.told = false;
        self.roster.history.note(m.record_number(), &before, &self.roster.known);
    }

    /// Subscribes at the focus, unless the subscription is there.
    pub fn follow_roster(&mut self, m: &mut Mechanics) {
        self.roster.last_word = None;
        if self.roster.subscription.is_some() || self.is_one_to_one() {
            return;
        }
        let record = &self.record;
        let wanted = Wanted {
            target: record.focus.clone(),
            routes: vec![format!("<sip:{};lr;orig>", m.config.serving_cscf)],
            local_uri: record.user.clone(),
            remote_uri: record.focus.clone(),
            local_tag: m.tokens.tag(),
            call_id: m.tokens.token(),
            event: CONFERENCE.to_owned(),
            expires: EXPIRES,
        };
        m.route(&wanted.call_id, &wanted.local_tag, Usage::Subscriber(self.owner()));
        let (call_id, local_tag) = (wanted.call_id.clone(), wanted.local_tag.clone());
        let timers = Timers { t1: m.config.t1, ..Timers::default() };
        let subscriber = Subscriber::new(wanted, &timers);
        self.roster.subscription = Some(Subscription { subscriber, call_id, local_tag, client: None });
        self.subscribe(m);
    }

    /// Sends the SUBSCRIBE that is due: the first, or one that refreshes and so asks for full state.
    fn subscribe(&mut self, m: &mut Mechanics) {
        let owner = self.owner();
        let Some(held) = self.roster.subscription.as_mut().filter(|held| held.client.is_none()) else { return };
        let first = held.subscriber.dialog().is_none();
        let request = held.subscriber.subscribe(m.now);
        let request = request.header(Name::Contact, m.own_contact()).header(Name::Accept, conference_info::MEDIA_TYPE);
        let state = m.registration_state(&self.record.user);
        let request = if first { introduced(request, &self.record, state) } else { request };
        held.client = Some(m.send(owner, request.build()));
        self.roster.known.subscribed_anew();
    }

    /// The focus, or a device, has answered a request of a subscription.
    pub fn roster_response(&mut self, m: &mut Mechanics, client: ClientId, response: Option<&Message>) {
        let Some(held) = self.roster.subscription.as_mut().filter(|held| held.client == Some(client)) else {
            return self.watcher_response(m, client, response);
        };
        if response.and_then(Message::status).is_some_and(|status| status < 200) {
            return;
        }
        held.client = None;
        match response.map(|response| held.subscriber.response(m.now, response)) {
            Some(None) => {}
            Some(Some(SubscriberEvent::Subscribe)) => self.subscribe(m),
            Some(Some(_)) | None => self.subscription_ended(m, None),
        }
    }

    /// The focus tells of its members.
    pub fn notified(&mut self, m: &mut Mechanics, server: ServerId, notify: &Message) {
        let Some(held) = &mut self.roster.subscription else { return m.refuse(server, notify, 481) };
        let said = match held.subscriber.notified(m.now, notify) {
            Ok(said) => said,
            Err(refusal) => return m.sip.respond(m.now, server, refusal.response(notify).build()),
        };
        m.refuse(server, notify, 200);
        let complete = said.body.is_empty() || self.document(m, said.body);
        if said.state == SubscriptionState::Terminated {
            let welcome = said.reason.as_ref().is_none_or(Reason::allows_another);
            let wait = said.retry_after.map_or(AGAIN, |seconds| Duration::from_secs(seconds.into()));
            let again = (welcome && matches!(self.focus, Focus::Live { .. })).then(|| m.now + wait);
            self.subscription_ended(m, again);
        } else if !complete {
            self.subscribe(m);
        }
        self.keep_owed_list(m);
        self.tell_watchers(m);
        self.pump(m);
    }

    /// Keeps one document; false when documents before it are missing.
    fn document(&mut self, m: &mut Mechanics, document: Bytes) -> bool {
        let (chat, sequence) = (self.record.id, m.record_number());
        let folded = self.roster.fold(&document, sequence);
        if self.roster.history.last_place() == sequence {
            self.keep_change(m, sequence);
        }
        if !self.policy.store || matches!(folded, Err(_) | Ok(Applied::Stale)) {
            return folded.is_ok();
        }
        self.roster.stored += 1;
        if self.roster.stored <= MOST_DOCUMENTS {
            m.write(vec![Write::Roster(RosterRecord { chat, sequence, document })]);
        } else {
            // What all those documents come to takes their place.
            self.roster.stored = 1;
            let document = Bytes::from(self.roster.known.to_document(1).to_xml());
            let anew = Write::Roster(RosterRecord { chat, sequence, document });
            m.write(vec![Write::ForgetRosters { chat, before: sequence }, anew]);
        }
        true
    }

    /// The focus tells no more, until it is asked again; when it is not, what is known is all there is.
    fn subscription_ended(&mut self, m: &mut Mechanics, again: Option<Time>) {
        self.drop_subscription(m);
        self.roster.again = again;
        self.roster.told |= again.is_none();
        self.keep_owed_list(m);
        self.tell_watchers(m);
        self.pump(m);
    }

    fn drop_subscription(&mut self, m: &mut Mechanics) {
        self.roster.last_word = None;
        self.roster.again = None;
        let Some(mut held) = self.roster.subscription.take() else { return };
        let lasts =
            held.subscriber.dialog().is_some() && held.subscriber.state() != Some(SubscriptionState::Terminated);
        if !lasts {
            return m.unroute(&held.call_id, &held.local_tag);
        }
        let last = held.subscriber.unsubscribe(m.now);
        let last = last.header(Name::Contact, m.own_contact()).header(Name::Accept, conference_info::MEDIA_TYPE);
        m.send(self.owner(), last.build());
        m.part(&held.call_id, &held.local_tag);
    }

    /// The chat has ended: the last word of the focus is waited for, but not for long.
    pub fn end_watching(&mut self, m: &mut Mechanics) {
        if self.roster.is_final() {
            self.subscription_ended(m, None);
        } else {
            self.roster.last_word = Some(m.now + LAST_WORD);
        }
    }

    /// A subscription comes due.
    pub fn roster_due(&mut self, m: &mut Mechanics) {
        if self.roster.last_word.is_some_and(|at| at <= m.now) {
            self.subscription_ended(m, None);
        }
        if self.roster.again.is_some_and(|at| at <= m.now) {
            self.roster.again = None;
            self.follow_roster(m);
        }
        while let Some(held) = &mut self.roster.subscription {
            match held.subscriber.handle_timeout(m.now) {
                Some(SubscriberEvent::Subscribe) => self.subscribe(m),
                Some(_) => self.subscription_ended(m, None),
                None => break,
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

/// What the first SUBSCRIBE tells the serving CSCF and the focus.
fn introduced(request: Builder, record: &ChatRecord, state: &str) -> Builder {
    request
        .header(Name::PServedUser, format!("<{}>;sescase=orig;regstate={state}", record.user))
        .header(Name::PAssertedIdentity, format!("<{}>", record.user))
        .header(Name::PAssertedService, GROUP_SERVICE)
        .header(Name::ContributionId, &record.contribution)
        .header(Name::ConversationId, &record.conversation)
        .header(Name::UserAgent, PRODUCT)
}
