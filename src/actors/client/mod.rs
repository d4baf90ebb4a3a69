//! A device of a served user: a CPM client at the far side of the serving CSCF.
//!
//! By default it does what a good client does: accepts sessions, answers each message, reports delivery where it was
//! asked for, subscribes to the conference of a group. A scenario can make it busy, silent, or break its connection.

pub mod deferred;
pub mod joining;
mod legs;
pub mod pulling;
pub mod reports;
mod subscriptions;

use super::media::{Media, MediaEvent};
use super::message::{Received, Receiving};
use super::serving_cscf;
use super::session::{CHAT_SERVICE, GROUP_SERVICE, Takes};
use super::signalling::{DeviceKey, Signalling};
use crate::evidence::Event;
use cpm_wire::io::Input;
use cpm_wire::sip::{Builder, Message, Method, Name};
use cpm_wire::time::Time;
use deferred::Waiting;
pub use legs::{Leg, LegState};
use pulling::Wish;
use std::collections::BTreeMap;
pub use subscriptions::Subscription;

/// What a device does with an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// Accepts at once.
    Accept,
    /// Rings, and never answers.
    Ring,
    /// Refuses with this status.
    Refuse(u16),
}

/// A device.
#[derive(Debug)]
pub struct Client {
    /// Whose device it is, and which.
    pub key: DeviceKey,
    /// The public identity of its user.
    pub identity: String,
    /// Its instance identifier, a URN.
    pub instance: String,
    /// Its contact address.
    pub contact: String,
    /// It can chat, and says so when it registers.
    pub can_chat: bool,
    /// It is registered.
    pub registered: bool,
    /// What it does with invitations.
    pub conduct: Conduct,
    /// What it does with messages.
    pub receiving: Receiving,
    /// The messages that it has taken outside of groups, in order.
    pub received: Vec<Received>,
    /// It lists disposition notifications among the types that it takes in a session.
    pub takes_notifications: bool,
    /// It rejoins a group at the very moment in which it is invited to it.
    pub crosses: bool,
    /// What it is going to do by itself.
    pub(super) wishes: Vec<Wish>,
    /// Its connection breaks after it has acknowledged so many messages of this chat in one session.
    pub breaks_after: Option<(String, usize)>,
    /// Its connection broke as it was told to.
    pub broke: bool,
    /// It stops reading in a session of this chat after so many messages.
    pub halts_after: Option<(String, usize)>,
    /// It stopped reading as it was told to.
    pub halted: bool,
    /// Its MSRP side.
    pub media: Media,
    /// Its sessions.
    pub legs: BTreeMap<u64, Leg>,
    /// Its conference subscriptions.
    pub subscriptions: BTreeMap<u64, Subscription>,
    /// What it does about messages that wait.
    pub waiting: Waiting,
    next: u64,
}

impl Client {
    /// A device that is switched off.
    pub fn new(
        key: DeviceKey,
        identity: &str,
        instance: String,
        contact: String,
        can_chat: bool,
        media: Media,
    ) -> Client {
        Client {
            key,
            identity: identity.to_owned(),
            instance,
            contact,
            can_chat,
            registered: false,
            conduct: Conduct::Accept,
            receiving: Receiving::default(),
            received: Vec::new(),
            takes_notifications: true,
            crosses: false,
            wishes: Vec::new(),
            breaks_after: None,
            broke: false,
            halts_after: None,
            halted: false,
            media,
            legs: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            waiting: Waiting::default(),
            next: 0,
        }
    }

    /// Contact with the feature tags of this device.
    pub fn contact_value(&self) -> String {
        let mut contact = format!("<{}>;+sip.instance=\"<{}>\"", self.contact, self.instance);
        if self.can_chat {
            contact.push_str(&format!(
                ";+g.3gpp.icsi-ref=\"{}\"",
                [super::session::MESSAGE_SERVICE, super::session::LARGE_SERVICE, CHAT_SERVICE, GROUP_SERVICE]
                    .map(|service| service.replace(':', "%3A"))
                    .join(",")
            ));
        }
        contact
    }

    /// The REGISTER that this device sent to its serving CSCF, for those who embed it.
    pub fn register_request(&self, signalling: &mut Signalling, expires: u32) -> Message {
        let domain = signalling.cscf.domain.clone();
        Builder::request(Method::Register, &format!("sip:{domain}"))
            .header(Name::Via, format!("SIP/2.0/UDP {};branch={}", signalling.cscf.advertise, signalling.ids.branch()))
            .header(Name::MaxForwards, 70)
            .header(Name::From, format!("<{}>;tag={}", self.identity, signalling.ids.token()))
            .header(Name::To, format!("<{}>", self.identity))
            .header(Name::CallId, format!("{}@{domain}", signalling.ids.token()))
            .header(Name::CSeq, "1 REGISTER")
            .header(Name::Contact, format!("{};expires={expires}", self.contact_value()))
            .header(Name::Supported, "path, gruu")
            .build()
    }

    /// What it takes in a session.
    pub(super) fn takes(&self) -> Takes {
        Takes { notifications: self.takes_notifications, lists: true }
    }

    /// The leg of a chat that is in use for both directions, the newest first.
    pub fn leg_of(&self, contribution: &str) -> Option<(u64, &Leg)> {
        self.legs
            .iter()
            .rev()
            .find(|(_, leg)| {
                leg.contribution == contribution && leg.state == LegState::Established && !leg.is_one_way()
            })
            .map(|(key, leg)| (*key, leg))
    }

    /// True when the device has an established session of this chat with its connection open.
    pub fn takes_part_in(&self, contribution: &str) -> bool {
        self.leg_of(contribution).is_some_and(|(_, leg)| leg.session.is_some_and(|key| self.media.is_bound(key)))
    }

    /// The device loses its connections without a word; with `goes` it also forgets its sessions.
    pub fn lose_connection(&mut self, signalling: &mut Signalling, how: &str) {
        let event = Event::Lost { person: self.key.0.clone(), device: self.key.1.clone(), how: how.to_owned() };
        signalling.links.out.event(event);
        for leg in self.legs.values_mut().filter(|leg| leg.state == LegState::Established) {
            if let Some(session) = leg.session {
                self.media.reset(session, &mut signalling.links);
            }
            leg.state = LegState::Lost;
        }
        self.subscriptions.clear();
        self.waiting.forget_watch();
    }

    /// The device answers nothing any more in its sessions, though its connections stay open.
    pub fn fall_silent(&mut self, signalling: &mut Signalling) {
        let event =
            Event::Lost { person: self.key.0.clone(), device: self.key.1.clone(), how: "falls silent".to_owned() };
        signalling.links.out.event(event);
        for leg in self.legs.values_mut().filter(|leg| leg.state == LegState::Established) {
            if let Some(session) = leg.session {
                self.media.fall_silent(session);
            }
            leg.state = LegState::Lost;
        }
    }

    /// The device leaves its session of a chat; false when it has none.
    pub fn leave_chat(&mut self, signalling: &mut Signalling, contribution: &str) -> bool {
        let Some((number, _)) = self.leg_of(contribution) else { return false };
        self.leave(signalling, number);
        true
    }

    /// Takes input of the device's own connections.
    pub fn receive(&mut self, signalling: &mut Signalling, input: Input) {
        self.media.receive(signalling.now, input, &mut signalling.links);
        self.handle_media(signalling);
    }

    /// When [`Client::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let subscriptions = self.subscriptions.values().filter_map(Subscription::poll_timeout);
        let waiting = self.waiting.poll_timeout();
        self.media.poll_timeout().into_iter().chain(subscriptions).chain(waiting).min()
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, signalling: &mut Signalling) {
        self.media.handle_timeout(signalling.now, &mut signalling.links);
        self.refresh_subscriptions(signalling);
        self.refresh_watch(signalling);
        self.handle_media(signalling);
    }

    pub(super) fn handle_media(&mut self, signalling: &mut Signalling) {
        while let Some(event) = self.media.poll_event() {
            match event {
                MediaEvent::Session(session, event) => self.session_event(signalling, session, *event),
                MediaEvent::Bound(_) => {}
                // The far end closed the stream: the session stays in SIP until somebody ends it.
                MediaEvent::Lost(..) => {}
            }
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn host(&self) -> String {
        serving_cscf::host_of(self.media.address)
    }
}
