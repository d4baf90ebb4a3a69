//! How records become facts.

use cpm_wire::sip::{Message, Method, Name};

use super::content::{Content, Kind};
use super::legs::{self, End, When};
use super::parties::Parties;
use super::session::{Answer, Seen, Whole};
use super::told::Told;
use super::transactions::{Key, Purpose};
use super::{Carriage, Flow, ITEMS, Item, SessionRoster, Story};
use crate::evidence::{Connection, ConnectionWhat, Direction, Octets};

impl Story {
    pub(super) fn connection(&mut self, frame: u64, connection: &Connection) {
        let made = self.connections.entry(connection.actor.to_string()).or_default();
        match connection.what {
            ConnectionWhat::Opened | ConnectionWhat::Accepted => made.made += 1,
            ConnectionWhat::Refused | ConnectionWhat::Unreachable => made.failed = Some(frame),
            ConnectionWhat::Finished { by_target } | ConnectionWhat::Reset { by_target } => {
                self.closed.entry((connection.actor.clone(), connection.connection)).or_insert((frame, by_target));
            }
        }
    }

    pub(super) fn sip(&mut self, when: When, octets: &Octets) {
        let Ok(message) = Message::parse(octets.octets.clone()) else { return };
        let sent = octets.direction == Direction::Sent;
        self.overflow |= !self.signals.observe(when, sent, &message, &self.cast);
        if message.is_request() {
            self.charging.sip(&message);
            self.request(when, sent, &message);
        } else {
            self.response(when, sent, &message);
        }
    }

    fn request(&mut self, when: When, sent: bool, message: &Message) {
        let frame = when.frame;
        let Some(key) = Key::of(sent, message) else { return };
        if !sent {
            self.watch_request(frame, message);
        }
        if let Some(known) = self.transactions.purpose(&key) {
            if let Purpose::Invitation(leg) = known {
                self.legs.repeated(*leg);
            }
            return;
        }
        let purpose = self.purpose(when, sent, message, &key);
        self.transactions.begin(key, purpose);
    }

    fn purpose(&mut self, when: When, sent: bool, message: &Message, key: &Key) -> Purpose {
        let frame = when.frame;
        match message.method() {
            Method::Invite if message.to_tag().is_none() => return self.invitation(when, sent, message, key),
            method if legs::describes(&method) => {
                if let Some(leg) = self.legs.of_request(sent, message) {
                    return self.within_leg(frame, sent, message, leg);
                }
                return self.wrong_calls.call(frame, sent, message).map_or(Purpose::Other, Purpose::WrongCall);
            }
            Method::Bye => {
                let leg = self.legs.ended(when, sent, message);
                return leg.map_or(Purpose::Other, Purpose::Ending);
            }
            Method::Cancel => {
                if let Some(Purpose::Invitation(leg)) = self.transactions.purpose(&key.cancelled()).copied() {
                    self.legs.cancelled(frame, leg);
                    return Purpose::Cancellation(leg);
                }
            }
            Method::Refer => {
                let leg = self.legs.of_request(sent, message);
                let known = leg.and_then(|leg| self.legs.get(leg));
                return self
                    .referrals
                    .ask(frame, sent, message, known, &self.cast)
                    .map_or(Purpose::Other, Purpose::Referral);
            }
            Method::Message => return self.pager(when, sent, message),
            Method::Subscribe => {
                let watch = if sent { self.deferred.subscribe(frame, message, &self.cast) } else { None };
                if let Some(watch) = watch {
                    return Purpose::Watch(watch);
                }
                let presence = if sent { None } else { self.presence.subscribe(frame, message, &self.cast) };
                if let Some(watch) = presence {
                    return Purpose::PresenceWatch(watch);
                }
                let subscribed = self.subscriptions.subscribe(frame, sent, message, &self.cast);
                return subscribed.map_or(Purpose::Other, Purpose::Subscription);
            }
            Method::Publish if !sent => {
                let published = self.presence.publish(when, message, &self.cast);
                return published.map_or(Purpose::Other, Purpose::Publication);
            }
            Method::Notify => {
                if !sent {
                    self.deferred.notify(frame, message, &self.cast);
                } else if let Some((watch, news)) = self.presence.notify(frame, message) {
                    return Purpose::PresenceNews(watch, news);
                }
                let subscription = self.subscriptions.notify(frame, sent, message);
                let notice = subscription.and_then(|subscription| self.clients.notify(frame, message, subscription));
                return notice.map_or(Purpose::Other, Purpose::Notice);
            }
            _ => {}
        }
        Purpose::Other
    }

    fn invitation(&mut self, when: When, sent: bool, message: &Message, key: &Key) -> Purpose {
        let Some(leg) = self.legs.invitation(when, sent, message, &self.cast) else {
            self.overflow = true;
            return Purpose::Other;
        };
        if !sent && self.transactions.purpose(&key.returned()).is_some() {
            self.legs.echoed(leg);
        }
        self.passes_as_large(when, sent, message, leg);
        self.wrong_calls.call(when.frame, sent, message);
        Purpose::Invitation(leg)
    }

    fn within_leg(&mut self, frame: u64, sent: bool, message: &Message, leg: usize) -> Purpose {
        self.legs.describe(frame, leg, sent, message);
        match message.method() {
            Method::Ack => {
                self.legs.acknowledged(frame, leg);
                self.legs.change_confirmed(leg, sent, message);
            }
            Method::Invite | Method::Update => {
                let change = self.legs.change(frame, leg, sent, message);
                return change.map_or(Purpose::WithinLeg(leg), |change| Purpose::Change(leg, change));
            }
            _ => {}
        }
        Purpose::WithinLeg(leg)
    }

    fn response(&mut self, when: When, sent: bool, message: &Message) {
        let frame = when.frame;
        let (Some(key), Some(status)) = (Key::of(!sent, message), message.status()) else { return };
        let answer = Answer { status, frame };
        if !sent {
            self.watch_response(frame, message, self.transactions.purpose(&key).copied());
        }
        match self.transactions.purpose(&key) {
            Some(Purpose::Referral(at)) if status >= 200 => self.referrals.answered(*at, answer),
            Some(Purpose::Invitation(leg)) => {
                let leg = *leg;
                self.legs.answered(when, leg, sent, message, &self.cast);
                let called = self.legs.get(leg).filter(|leg| !leg.by_target);
                if let Some(call_id) = called.map(|leg| leg.call_id.as_str()) {
                    self.wrong_calls.answered_on(call_id, answer);
                }
            }
            Some(Purpose::WithinLeg(leg)) => self.legs.describe(frame, *leg, sent, message),
            Some(Purpose::Change(leg, change)) => {
                let (leg, change) = (*leg, *change);
                self.legs.describe(frame, leg, sent, message);
                self.legs.change_answered(when, (leg, change), message);
            }
            Some(Purpose::Ending(leg)) if status >= 200 => self.legs.end_answered(*leg, answer),
            Some(Purpose::Cancellation(leg)) if status >= 200 => self.legs.cancel_answered(*leg, answer),
            Some(Purpose::WrongCall(at)) => self.wrong_calls.answered(*at, answer),
            Some(Purpose::Subscription(at)) if status >= 200 => self.subscriptions.answered(*at, answer),
            Some(Purpose::Watch(at)) if status >= 200 => self.deferred.subscribed(*at, answer),
            Some(Purpose::Publication(at)) if status >= 200 => self.presence.published(*at, when, answer, message),
            Some(Purpose::PresenceWatch(at)) if status >= 200 => self.presence.subscribed(*at, answer),
            Some(Purpose::PresenceNews(at, place)) if status >= 200 => self.presence.told((*at, *place), answer),
            Some(Purpose::Notice(at)) if status >= 200 => self.clients.answered(*at, answer),
            Some(Purpose::Item(at)) if status >= 200 => {
                if let Some(item) = self.items.get_mut(*at) {
                    item.answer.get_or_insert(answer);
                }
            }
            _ => {}
        }
    }

    /// Whether a request is one of the tester's, sent back as it was.
    pub(super) fn is_returned(&self, message: &Message) -> bool {
        Key::of(false, message).is_some_and(|key| self.transactions.purpose(&key.returned()).is_some())
    }

    fn pager(&mut self, when: When, sent: bool, message: &Message) -> Purpose {
        let frame = when.frame;
        let parties = Parties::of(sent, message, &self.cast);
        let contribution = message.header(&Name::ContributionId).map(str::trim);
        let group = self.cast.group_of(contribution, message.header(&Name::ConversationId).map(str::trim));
        let item = Item {
            flow: Flow::of(parties.end, sent),
            carriage: Carriage::Pager(message.request_uri().unwrap_or_default().to_owned()),
            person: parties.person.clone(),
            device: parties.device.clone(),
            group: group.map(|group| group.name.clone()),
            first: frame,
            frame,
            octets: (0, message.octets().len()),
            connection: None,
            answer: None,
            refused: None,
            expects_answer: true,
            content: said(message),
        };
        if item.flow == Flow::TargetToDevice {
            self.deferred.message(frame, item.content.inner_type.as_deref(), message, &self.cast);
        }
        let Some(item) = self.keep(item) else { return Purpose::Other };
        self.passes_as_pager(when, sent, message, &parties, item);
        Purpose::Item(item)
    }

    pub(super) fn msrp(&mut self, frame: u64, octets: &Octets) {
        let mut seen = Vec::new();
        self.sessions.observe(frame, octets, &mut seen);
        for seen in seen {
            match seen {
                Seen::Whole(whole) => self.whole(frame, octets, whole),
                Seen::Answered { transfer, answer, last_chunk } => self.answered(transfer, answer, last_chunk),
                Seen::Told(told) => self.outcomes.add(told, &self.legs),
            }
        }
    }

    fn answered(&mut self, transfer: u64, answer: Answer, last_chunk: bool) {
        let Some(item) = self.item_of.get(&transfer).and_then(|at| self.items.get_mut(*at)) else { return };
        if last_chunk {
            item.answer.get_or_insert(answer);
        } else if !answer.is_success() {
            item.refused.get_or_insert(answer);
        }
    }

    fn whole(&mut self, frame: u64, octets: &Octets, whole: Whole) {
        let place = Place::of(&octets.actor);
        let at = self.legs.at_session(&whole.session);
        if let (Some(at), Place::Device { person, device }) = (at, &place) {
            self.legs.used_by(at, person, device);
        }
        let leg = at.and_then(|at| self.legs.get(at));
        let end = match leg {
            _ if !self.cast.clients().is_empty() => End::Client,
            // Whose sockets they were is not known of a capture that others made.
            Some(leg) if matches!(place, Place::Elsewhere) => leg.end,
            _ => place.end(),
        };
        let item = Item {
            flow: Flow::of(end, octets.direction == Direction::Sent),
            carriage: Carriage::Session { leg: at, message_id: whole.message_id },
            person: place.person().map(str::to_owned).or_else(|| leg.and_then(|leg| leg.person.clone())),
            device: match place {
                Place::Elsewhere => leg.and_then(|leg| leg.device.clone()),
                _ => place.device().map(str::to_owned),
            },
            group: leg.map_or_else(|| place.group().map(str::to_owned), |leg| leg.group.clone()),
            first: whole.first,
            frame,
            octets: whole.span,
            connection: octets.connection.map(|connection| (octets.actor.clone(), connection)),
            answer: None,
            refused: whole.refused,
            expects_answer: whole.expects_answer,
            content: Content::read(whole.content_type.as_deref(), &whole.octets),
        };
        self.participants(&item);
        self.watch_item(&item);
        let transfer = whole.transfer;
        if let Some(at) = self.keep(item) {
            self.item_of.insert(transfer, at);
        }
    }

    fn keep(&mut self, item: Item) -> Option<usize> {
        if self.items.len() >= ITEMS {
            self.overflow = true;
            return None;
        }
        self.items.push(item);
        Some(self.items.len() - 1)
    }

    fn participants(&mut self, item: &Item) {
        let (Flow::TargetToDevice | Flow::ToClient, Kind::Participants(octets)) = (item.flow, &item.content.kind)
        else {
            return;
        };
        let leg = item.leg();
        let known = self.rosters.iter().position(|held| {
            held.leg == leg && held.person == item.person && held.device == item.device && held.group == item.group
        });
        let at = known.unwrap_or_else(|| {
            self.rosters.push(SessionRoster {
                person: item.person.clone(),
                device: item.device.clone(),
                group: item.group.clone(),
                leg,
                told: Told::default(),
            });
            self.rosters.len() - 1
        });
        if let Some(held) = self.rosters.get_mut(at) {
            held.told.take_in_session(item.frame, octets);
        }
    }
}

/// What a MESSAGE says. Beside a list of recipients its envelope is a part of the body (RFC 5365 section 5).
fn said(message: &Message) -> Content {
    if let Some(coding) = message.header(&Name::ContentEncoding) {
        return Content::read_coded(message.header(&Name::ContentType), coding, &message.body_octets());
    }
    let beside_list = legs::part(message, "application/resource-lists+xml").is_some();
    match legs::part(message, "message/cpim").filter(|_| beside_list) {
        Some(envelope) => Content::read(Some("message/cpim"), &envelope),
        None => Content::read(message.header(&Name::ContentType), &message.body_octets()),
    }
}

/// Where an MSRP connection of the tester ends, as the name of its actor says.
enum Place<'a> {
    Focus { group: &'a str },
    Device { person: &'a str, device: &'a str },
    Elsewhere,
}

impl<'a> Place<'a> {
    fn of(actor: &'a str) -> Place<'a> {
        match actor.split_once('/') {
            Some(("focus", group)) => Place::Focus { group },
            Some(("device", rest)) => match rest.split_once('/') {
                Some((person, device)) => Place::Device { person, device },
                None => Place::Elsewhere,
            },
            _ => Place::Elsewhere,
        }
    }

    fn end(&self) -> End {
        match self {
            Place::Device { .. } => End::Device,
            _ => End::Network,
        }
    }

    fn person(&self) -> Option<&str> {
        match self {
            Place::Device { person, .. } => Some(person),
            _ => None,
        }
    }

    fn device(&self) -> Option<&str> {
        match self {
            Place::Device { device, .. } => Some(device),
            _ => None,
        }
    }

    fn group(&self) -> Option<&str> {
        match self {
            Place::Focus { group } => Some(group),
            _ => None,
        }
    }
}
