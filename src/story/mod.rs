//! The story of a scenario: what the evidence tells, put together once for all rules.
//!
//! One correlator reads the records in order and keeps facts: the legs between tester and target and whose they are, the
//! messages that crossed them, who acknowledged what, the notifications and what they report on, the rosters that a
//! device was given and those that the focus held. Rules read facts; none of them matches messages by itself.

mod asked;
pub mod cast;
mod changes;
pub mod charging;
pub mod client;
mod coding;
pub mod content;
pub mod deferred;
pub mod descriptions;
pub mod group_states;
pub mod history;
pub mod interception;
mod item;
mod leaks;
pub mod legs;
pub mod listings;
mod observe;
mod outcomes;
mod parties;
pub mod presence;
mod referrals;
mod session;
pub mod signals;
pub mod standalone;
pub mod subscriptions;
pub mod told;
mod transactions;
mod transfer_coding;
mod trouble;
mod wrong_calls;

use std::collections::HashMap;
use std::sync::Arc;

use cpm_wire::time::Time;
use serde_json::Value;

use crate::evidence::{Direction, Protocol, Record, What};
use asked::Asked;
use cast::Cast;
pub use changes::{Change, Interval};
use charging::{Charge, Charging, Standing};
use client::{Act, Clients, Notice, Shown};
use deferred::Deferred;
use group_states::GroupState;
use history::{History, Kept};
use interception::Interception;
pub use item::{Carriage, Flow, Item};
pub use leaks::Leak;
use legs::{End, Leg, Legs, When};
use listings::{Listing, Listings};
pub use outcomes::Outcome;
use outcomes::Outcomes;
use presence::{Presence, Publication, Watching};
pub use referrals::Referral;
use referrals::Referrals;
pub use session::Answer;
use session::Sessions;
use signals::{Signal, Signals};
use standalone::Passages;
use subscriptions::{Subscription, Subscriptions};
use told::Told;
use transactions::Transactions;
pub use trouble::Trouble;
use trouble::Troubles;
pub use wrong_calls::WrongCall;
use wrong_calls::WrongCalls;

/// Items kept of one scenario. More are a flood; the rules are then told that they do not see everything.
const ITEMS: usize = 20_000;

/// Lists of participants that a device got in a session itself.
#[derive(Debug)]
pub struct SessionRoster {
    /// Whose device.
    pub person: Option<String>,
    /// Which device.
    pub device: Option<String>,
    /// The chat.
    pub group: Option<String>,
    /// The leg of the session.
    pub leg: Option<usize>,
    /// The documents, and what they fold to.
    pub told: Told,
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
    troubles: Troubles,
    legs: Legs,
    sessions: Sessions,
    subscriptions: Subscriptions,
    deferred: Deferred,
    clients: Clients,
    passages: Passages,
    transactions: Transactions,
    wrong_calls: WrongCalls,
    asked: Asked,
    items: Vec<Item>,
    item_of: HashMap<u64, usize>,
    outcomes: Outcomes,
    rosters: Vec<SessionRoster>,
    referrals: Referrals,
    leaks: Vec<Leak>,
    charging: Charging,
    presence: Presence,
    history: History,
    interception: Interception,
    listings: Listings,
    signals: Signals,
    store_used: bool,
    connections: HashMap<String, Connections>,
    closed: HashMap<(Arc<str>, u64), (u64, bool)>,
    frames: u64,
    now: Time,
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
        self.now = record.at;
        match &record.what {
            What::Event(event) => {
                self.cast.observe(frame, event);
                self.troubles.observe(event);
                self.clients.event(frame, event);
                self.wrong_calls.observe(event);
                self.asked.observe(frame, event);
                self.passages.event(frame, event);
                self.listings.event(frame, event);
                let when = When { frame, at: record.at };
                self.overflow |= !self.charging.event(when, event, &self.cast);
                if self.interception.event(frame, event) {
                    self.signals.want();
                }
                self.overflow |= !self.interception.handed_over(when, event, &self.cast);
            }
            What::Connection(connection) => {
                self.connection(frame, connection);
                self.history.connection(connection);
                self.interception.connection(frame, connection);
            }
            What::Octets(octets) => {
                // Whoever greets the charging server, or the mediation function, has not said a word of what is judged.
                let greets = matches!(octets.protocol, Protocol::Diameter | Protocol::X2x3);
                let spoken = octets.direction == Direction::Received && !greets;
                self.received += u64::from(spoken);
                match octets.protocol {
                    Protocol::Sip => self.sip(When { frame, at: record.at }, octets),
                    Protocol::Msrp => self.msrp(frame, octets),
                    Protocol::Imap => {
                        self.store_used = true;
                        self.history.observe(frame, octets, &self.cast);
                    }
                    Protocol::Diameter => {
                        let when = When { frame, at: record.at };
                        self.overflow |= !self.charging.observe(when, octets, &self.cast);
                    }
                    Protocol::X2x3 => {
                        let when = When { frame, at: record.at };
                        self.overflow |= !self.interception.observe(when, octets, &self.cast);
                    }
                    // How the target learns what its users wish is no part of a conversation.
                    Protocol::Http => self.interception.ordered(frame, octets),
                }
            }
        }
    }

    /// What tester or network did that something missing may come of.
    pub fn trouble(&self) -> Option<Trouble> {
        self.troubles.worst()
    }

    /// From now on nothing that is missing proves anything, for this reason; or it does again.
    pub fn doubt(&mut self, why: Option<String>) {
        self.troubles.doubt(why);
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

    /// The leg whose media have this path, on either side; comparable, as [`legs::Media`] has it.
    pub fn leg_at(&self, session: &str) -> Option<&Leg> {
        let has = |media: &Option<legs::Media>| media.as_ref().is_some_and(|media| media.session == session);
        self.legs.all().iter().find(|leg| has(&leg.own) || has(&leg.target))
    }

    /// All whole messages, in the order in which they became whole.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What senders of messages in sessions were told of them, beside the answers to what is whole.
    pub fn outcomes(&self) -> &[Outcome] {
        self.outcomes.all()
    }

    /// The place of a leg among all.
    pub fn place_of(&self, leg: &Leg) -> Option<usize> {
        self.legs.all().iter().position(|other| std::ptr::eq(other, leg))
    }

    /// All subscriptions to rosters.
    pub fn subscriptions(&self) -> &[Subscription] {
        self.subscriptions.all()
    }

    /// Word of messages that wait, to devices of the person, in order.
    pub fn words_to<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a deferred::Notice> {
        self.deferred.notices().iter().filter(move |notice| notice.person.as_deref() == Some(person))
    }

    /// All subscriptions of devices to such word.
    pub fn watches(&self) -> &[deferred::Watch] {
        self.deferred.watches()
    }

    /// What users of clients under test did.
    pub fn acts(&self) -> &[Act] {
        self.clients.acts()
    }

    /// What clients under test showed, each time somebody looked.
    pub fn shown(&self) -> &[Shown] {
        self.clients.shown()
    }

    /// Notifications of conference subscriptions, with their answers.
    pub fn notices(&self) -> &[Notice] {
        self.clients.notices()
    }

    /// Lists of participants that came in a session.
    pub fn session_rosters(&self) -> &[SessionRoster] {
        &self.rosters
    }

    /// Requests to bring somebody into a chat, or out of it.
    pub fn referrals(&self) -> &[Referral] {
        self.referrals.all()
    }

    /// Where the identity of a member who hides was seen on its way to a device.
    pub fn leaks(&self) -> &[Leak] {
        &self.leaks
    }

    /// The group-state objects that the target put into the message store, in order.
    pub fn group_states(&self) -> &[GroupState] {
        self.history.group_states()
    }

    /// What the target had stored of users, each time that a hook of the profile listed it.
    pub fn listings(&self) -> &[Listing] {
        self.listings.all()
    }

    /// Everything that the target put into the history of the person, or tried to, in order.
    pub fn history_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Kept> {
        self.history.kept().iter().filter(move |kept| kept.person.as_deref() == Some(person))
    }

    /// What the target published of the person, in order.
    pub fn publications_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Publication> {
        self.presence.publications().iter().filter(move |published| published.person.as_deref() == Some(person))
    }

    /// The subscriptions of the target to the presence of the person, in order.
    pub fn watchers_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Watching> {
        self.presence.watches().iter().filter(move |watch| watch.person.as_deref() == Some(person))
    }

    /// What the target charged, in order.
    pub fn charges(&self) -> &[Charge] {
        self.charging.all()
    }

    /// From when on the charging server answered for whom, and for whom it did not, in order.
    pub fn standings(&self) -> &[Standing] {
        self.charging.standings()
    }

    /// What was ordered of interception, and what was handed over.
    pub fn interception(&self) -> &Interception {
        &self.interception
    }

    /// All SIP messages, in order, from the first order of interception on.
    pub fn signals(&self) -> &[Signal] {
        self.signals.all()
    }

    /// Whether any SIP message bore this charging identifier.
    pub fn is_charging_identifier(&self, icid: &str) -> bool {
        self.charging.knows(icid)
    }

    /// Whether anything was said to the message store of the tester.
    pub fn store_was_used(&self) -> bool {
        self.store_used
    }

    /// What became of the connections of an actor.
    pub fn connections_of(&self, actor: &str) -> Connections {
        self.connections.get(actor).copied().unwrap_or_default()
    }

    /// The latest connection, of any actor, that the target did not take.
    pub fn connection_failed(&self) -> Option<u64> {
        self.connections.values().filter_map(|connections| connections.failed).max()
    }

    /// How many connections came to be, over all actors.
    pub fn connections_made(&self) -> usize {
        self.connections.values().map(|connections| connections.made).sum()
    }

    /// The frame in which the connection of an item ended, and whether the target ended it.
    pub fn closing_of(&self, item: &Item) -> Option<(u64, bool)> {
        self.closed.get(item.connection.as_ref()?).copied()
    }

    /// Whether a single octet of the target was received.
    pub fn target_spoke(&self) -> bool {
        self.received > 0
    }

    /// Whether more came than is kept.
    pub fn overflowed(&self) -> bool {
        self.overflow
    }

    /// Calls that were wrong on purpose, in order.
    pub fn wrong_calls(&self) -> &[WrongCall] {
        self.wrong_calls.all()
    }

    /// The frame in which the rule of this name was last awaited with these arguments; none when it never was, as of what
    /// others recorded.
    pub fn asked(&self, rule: &str, arguments: &Value) -> Option<u64> {
        self.asked.last(rule, arguments)
    }

    /// The instant of the latest frame.
    pub fn now(&self) -> Time {
        self.now
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

    /// Legs of a chat that the target opened to the devices of a person: drains, and invitations of a live chat. Those
    /// for stored notifications alone are not among them.
    pub fn drains_of<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Leg> {
        self.device_legs(person, group).filter(|leg| leg.by_target && !self.is_for_notifications(leg))
    }

    /// Whether a leg is a session of its own for stored notifications: of the store-and-forward identity, of no focus,
    /// with a session description alone, and no message came in it.
    pub fn is_for_notifications(&self, leg: &Leg) -> bool {
        let in_it = |item: &Item| {
            let of = item.leg().and_then(|at| self.legs.get(at));
            of.is_some_and(|of| of.invited == leg.invited && of.device == leg.device)
        };
        leg.by_target
            && leg.end == End::Device
            && leg.of_standing_store()
            && !leg.at_focus
            && leg.list.is_none()
            && !self.items.iter().any(|item| in_it(item) && item.chat_id().is_some())
    }

    /// Legs of a chat between the target and the devices of a person, whoever opened them.
    pub fn device_legs<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Leg> {
        self.legs_at(End::Device, person, group)
    }

    /// Legs of a chat between the focus and the target, for a person.
    pub fn network_legs<'a>(&'a self, person: &'a str, group: &'a str) -> impl Iterator<Item = &'a Leg> {
        self.legs_at(End::Network, person, group)
    }

    /// Octets of the largest message that the target takes from the focus of a chat, if it says so on any leg.
    pub fn most_octets_to_target(&self, group: &str) -> Option<u64> {
        let of_group = |leg: &&Leg| leg.end == End::Network && leg.group.as_deref() == Some(group);
        self.legs.all().iter().filter(of_group).filter_map(|leg| leg.target.as_ref()?.max_octets).min()
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
}
