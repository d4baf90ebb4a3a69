//! The story of a scenario: what the evidence tells, put together once for all rules.
//!
//! One correlator reads the records in order and keeps facts: the legs between tester and target and whose they are, the
//! messages that crossed them, who acknowledged what, the notifications and what they report on, the rosters that a
//! device was given and those that the focus held. Rules read facts; none of them matches messages by itself.

pub mod cast;
pub mod content;
pub mod legs;
mod session;
pub mod subscriptions;
mod transactions;

use std::collections::HashMap;

use cpm_wire::conference_info::{Document, Roster};
use cpm_wire::sip::{Message, Method, Name};

use crate::evidence::{Connection, ConnectionWhat, Direction, Octets, Protocol, Record, What};
use cast::Cast;
use content::{Content, Kind};
use legs::{End, Leg, Legs, Parties};
pub use session::Answer;
use session::{Seen, Sessions, Whole};
use subscriptions::{Subscription, Subscriptions};
use transactions::{Key, Purpose, Transactions};

/// Items kept of one scenario. More are a flood; the rules are then told that they do not see everything.
const ITEMS: usize = 200_000;

/// Where a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// From the network to the target, for a served user.
    NetworkToTarget,
    /// From the target to a device.
    TargetToDevice,
    /// From a device to the target.
    DeviceToTarget,
    /// From the target to the network, on behalf of a served user.
    TargetToNetwork,
}

impl Flow {
    fn of(end: End, sent: bool) -> Flow {
        match (end, sent) {
            (End::Network, true) => Flow::NetworkToTarget,
            (End::Network, false) => Flow::TargetToNetwork,
            (End::Device, true) => Flow::DeviceToTarget,
            (End::Device, false) => Flow::TargetToDevice,
        }
    }
}

/// What brought a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carriage {
    /// A SEND, or several chunks of one, in the session of a leg.
    Session {
        /// The leg, when the path belongs to one.
        leg: Option<usize>,
        /// The MSRP Message-ID.
        message_id: String,
    },
    /// A MESSAGE with this Request-URI.
    Pager(String),
}

/// One whole message that crossed between tester and target.
#[derive(Clone, Debug)]
pub struct Item {
    /// Where it went.
    pub flow: Flow,
    /// What brought it.
    pub carriage: Carriage,
    /// The served user for or from whom it is.
    pub person: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// The chat.
    pub group: Option<String>,
    /// The frame with its first octets.
    pub first: u64,
    /// The frame that made it whole.
    pub frame: u64,
    /// The connection that brought it.
    pub connection: Option<u64>,
    /// The answer to what made it whole.
    pub answer: Option<Answer>,
    /// The first refusal of an earlier chunk.
    pub refused: Option<Answer>,
    /// Whether an answer is due at all (Failure-Report).
    pub expects_answer: bool,
    /// What it says.
    pub content: Content,
}

impl Item {
    /// Whether it counts as received: every chunk taken, or no answer was due.
    pub fn accepted(&self) -> bool {
        self.refused.is_none() && self.answer.map_or(!self.expects_answer, Answer::is_success)
    }

    /// The first refusal of it, if any.
    pub fn refusal(&self) -> Option<Answer> {
        self.refused.or(self.answer.filter(|answer| !answer.is_success()))
    }

    /// imdn.Message-ID of a chat message.
    pub fn chat_id(&self) -> Option<&str> {
        self.content.chat()?.message_id.as_deref()
    }

    /// The leg that brought it.
    pub fn leg(&self) -> Option<usize> {
        match self.carriage {
            Carriage::Session { leg, .. } => leg,
            Carriage::Pager(_) => None,
        }
    }
}

/// A list of participants that a device got in the session itself.
#[derive(Debug)]
pub struct SessionRoster {
    /// Whose device.
    pub person: Option<String>,
    /// The chat.
    pub group: Option<String>,
    /// The latest document.
    pub frame: u64,
    /// What the documents fold to.
    pub roster: Roster,
}

/// What became of an actor's connections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Connections {
    /// How many came to be.
    pub made: usize,
    /// The latest that the target did not take.
    pub failed: Option<u64>,
}

/// All facts of one scenario.
#[derive(Default)]
pub struct Story {
    cast: Cast,
    legs: Legs,
    sessions: Sessions,
    subscriptions: Subscriptions,
    transactions: Transactions,
    items: Vec<Item>,
    item_of: HashMap<u64, usize>,
    rosters: Vec<SessionRoster>,
    connections: HashMap<String, Connections>,
    closed: HashMap<u64, (u64, bool)>,
    frames: u64,
    received: u64,
    overflow: bool,
}

impl std::fmt::Debug for Story {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Story").field("frames", &self.frames).field("items", &self.items.len()).finish_non_exhaustive()
    }
}

impl Story {
    /// A story of which nothing is known yet.
    pub fn new() -> Story {
        Story::default()
    }

    /// Takes the next record. Frames are counted from 1, in the order of the evidence.
    pub fn observe(&mut self, frame: u64, record: &Record) {
        self.frames = frame;
        match &record.what {
            What::Event(event) => self.cast.observe(frame, event),
            What::Connection(connection) => self.connection(frame, connection),
            What::Octets(octets) => {
                self.received += u64::from(octets.direction == Direction::Received);
                match octets.protocol {
                    Protocol::Sip => self.sip(frame, octets),
                    Protocol::Msrp => self.msrp(frame, octets),
                }
            }
        }
    }

    /// Who takes part.
    pub fn cast(&self) -> &Cast {
        &self.cast
    }

    /// All legs, in the order of their INVITEs.
    pub fn legs(&self) -> &[Leg] {
        self.legs.all()
    }

    /// The leg of an item.
    pub fn leg_of(&self, item: &Item) -> Option<&Leg> {
        self.legs.get(item.leg()?)
    }

    /// All whole messages, in the order in which they became whole.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// All subscriptions to rosters.
    pub fn subscriptions(&self) -> &[Subscription] {
        self.subscriptions.all()
    }

    /// Lists of participants that came in a session.
    pub fn session_rosters(&self) -> &[SessionRoster] {
        &self.rosters
    }

    /// What became of the connections of an actor.
    pub fn connections_of(&self, actor: &str) -> Connections {
        self.connections.get(actor).copied().unwrap_or_default()
    }

    /// The frame in which a connection ended, and whether the target ended it.
    pub fn closing_of(&self, connection: u64) -> Option<(u64, bool)> {
        self.closed.get(&connection).copied()
    }

    /// Whether a single octet of the target was received.
    pub fn target_spoke(&self) -> bool {
        self.received > 0
    }

    /// Whether more came than is kept.
    pub fn overflowed(&self) -> bool {
        self.overflow
    }

    /// The latest frame.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// imdn.Message-IDs of the chat messages of a group that a device of the person took, in order, each once.
    pub fn messages_delivered_to(&self, person: &str, group: &str) -> Vec<String> {
        let mut ids = Vec::new();
        for item in self.to_devices(person, group).filter(|item| item.accepted()) {
            let Some(id) = item.chat_id() else { continue };
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        ids
    }

    /// Legs of a chat that the target opened to the devices of a person: drains, and invitations of a live chat.
    pub fn drains_of<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Leg> {
        self.device_legs(person, group).filter(|leg| leg.by_target)
    }

    /// Legs of a chat between the target and the devices of a person, whoever opened them.
    pub fn device_legs<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Leg> {
        self.legs_at(End::Device, person, group)
    }

    /// Legs of a chat between the focus and the target, for a person.
    pub fn network_legs<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Leg> {
        self.legs_at(End::Network, person, group)
    }

    fn legs_at<'a>(&'a self, end: End, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Leg> {
        self.legs.all().iter().filter(move |leg| {
            leg.end == end && leg.person.as_deref() == Some(person) && leg.group.as_deref() == Some(group)
        })
    }

    /// Everything that came to devices of a person in the sessions of a chat.
    pub fn to_devices<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| {
            item.flow == Flow::TargetToDevice
                && item.person.as_deref() == Some(person)
                && item.group.as_deref() == Some(group)
                && matches!(item.carriage, Carriage::Session { .. })
        })
    }

    /// Everything that the focus sent towards a person in a chat.
    pub fn from_network<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| {
            item.flow == Flow::NetworkToTarget
                && item.person.as_deref() == Some(person)
                && item.group.as_deref() == Some(group)
        })
    }

    fn connection(&mut self, frame: u64, connection: &Connection) {
        let made = self.connections.entry(connection.actor.to_string()).or_default();
        match connection.what {
            ConnectionWhat::Opened | ConnectionWhat::Accepted => made.made += 1,
            ConnectionWhat::Refused | ConnectionWhat::Unreachable => made.failed = Some(frame),
            ConnectionWhat::Finished { by_target } | ConnectionWhat::Reset { by_target } => {
                self.closed.entry(connection.connection).or_insert((frame, by_target));
            }
        }
    }

    fn sip(&mut self, frame: u64, octets: &Octets) {
        let Ok(message) = Message::parse(octets.octets.clone()) else { return };
        let sent = octets.direction == Direction::Sent;
        if message.is_request() {
            self.request(frame, sent, &message);
        } else {
            self.response(frame, sent, &message);
        }
    }

    fn request(&mut self, frame: u64, sent: bool, message: &Message) {
        let Some(key) = Key::of(sent, message) else { return };
        if self.transactions.purpose(&key).is_some() {
            return;
        }
        let purpose = self.purpose(frame, sent, message, &key);
        self.transactions.begin(key, purpose);
    }

    fn purpose(&mut self, frame: u64, sent: bool, message: &Message, key: &Key) -> Purpose {
        match message.method() {
            Method::Invite if message.to_tag().is_none() => {
                return Purpose::Invitation(self.legs.invitation(frame, sent, message, &self.cast));
            }
            method if legs::describes(&method) => {
                if let Some(leg) = self.legs.of_request(sent, message) {
                    self.legs.describe(leg, sent, message);
                    return Purpose::WithinLeg(leg);
                }
            }
            Method::Bye => self.legs.ended(frame, sent, message),
            Method::Cancel => {
                if let Some(Purpose::Invitation(leg)) = self.transactions.purpose(&key.cancelled()) {
                    self.legs.cancelled(frame, *leg);
                }
            }
            Method::Message => return self.pager(frame, sent, message),
            Method::Subscribe => {
                let subscribed = self.subscriptions.subscribe(frame, sent, message, &self.cast);
                return subscribed.map_or(Purpose::Other, Purpose::Subscription);
            }
            Method::Notify => self.subscriptions.notify(frame, sent, message),
            _ => {}
        }
        Purpose::Other
    }

    fn response(&mut self, frame: u64, sent: bool, message: &Message) {
        let (Some(key), Some(status)) = (Key::of(!sent, message), message.status()) else { return };
        let answer = Answer { status, frame };
        match self.transactions.purpose(&key) {
            Some(Purpose::Invitation(leg)) => self.legs.answered(frame, *leg, sent, message, &self.cast),
            Some(Purpose::WithinLeg(leg)) => self.legs.describe(*leg, sent, message),
            Some(Purpose::Subscription(at)) if status >= 200 => self.subscriptions.answered(*at, answer),
            Some(Purpose::Item(at)) if status >= 200 => {
                if let Some(item) = self.items.get_mut(*at) {
                    item.answer.get_or_insert(answer);
                }
            }
            _ => {}
        }
    }

    fn pager(&mut self, frame: u64, sent: bool, message: &Message) -> Purpose {
        let parties = Parties::of(sent, message, &self.cast);
        let contribution = message.header(&Name::ContributionId).map(str::trim);
        let group = self.cast.group_of(contribution, message.header(&Name::ConversationId).map(str::trim));
        let item = Item {
            flow: Flow::of(parties.end, sent),
            carriage: Carriage::Pager(message.request_uri().unwrap_or_default().to_owned()),
            person: parties.person,
            device: parties.device,
            group: group.map(|group| group.name.clone()),
            first: frame,
            frame,
            connection: None,
            answer: None,
            refused: None,
            expects_answer: true,
            content: Content::read(message.header(&Name::ContentType), &message.body_octets()),
        };
        self.keep(item).map_or(Purpose::Other, Purpose::Item)
    }

    fn msrp(&mut self, frame: u64, octets: &Octets) {
        let mut seen = Vec::new();
        self.sessions.observe(frame, octets, &mut seen);
        for seen in seen {
            match seen {
                Seen::Whole(whole) => self.whole(frame, octets, whole),
                Seen::Answered { transfer, answer, last_chunk } => self.answered(transfer, answer, last_chunk),
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
        let item = Item {
            flow: Flow::of(place.end(), octets.direction == Direction::Sent),
            carriage: Carriage::Session { leg: at, message_id: whole.message_id },
            person: place.person().map(str::to_owned).or_else(|| leg.and_then(|leg| leg.person.clone())),
            device: place.device().map(str::to_owned),
            group: leg.map_or_else(|| place.group().map(str::to_owned), |leg| leg.group.clone()),
            first: whole.first,
            frame,
            connection: octets.connection,
            answer: None,
            refused: whole.refused,
            expects_answer: whole.expects_answer,
            content: Content::read(whole.content_type.as_deref(), &whole.octets),
        };
        self.participants(&item);
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
        let (Flow::TargetToDevice, Kind::Participants(octets)) = (item.flow, &item.content.kind) else { return };
        let Ok(document) = Document::parse(octets) else { return };
        let known = self.rosters.iter().position(|held| held.person == item.person && held.group == item.group);
        let at = known.unwrap_or_else(|| {
            self.rosters.push(SessionRoster {
                person: item.person.clone(),
                group: item.group.clone(),
                frame: item.frame,
                roster: Roster::default(),
            });
            self.rosters.len() - 1
        });
        if let Some(held) = self.rosters.get_mut(at)
            && held.roster.apply(&document).is_ok()
        {
            held.frame = item.frame;
        }
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
