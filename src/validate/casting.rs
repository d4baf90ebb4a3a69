//! Who takes part in a capture of a participating function: what the tester of a live run would have announced, read from the
//! octets that come to the target (3GPP TS 24.229 section 5.4.1.7, RFC 4575, RFC 5502, RFC 5366).
//!
//! Only what somebody else than the target said is taken for a fact. What nobody said stays unknown, and the rules
//! that need it stay undecided.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cpm_wire::conference_info::{DisconnectionMethod, Document, EndpointStatus, Roster};
use cpm_wire::multipart;
use cpm_wire::sip::{Message, Method, Name, NameAddr, identity_key};

use crate::evidence::{ChatKind, Direction, Event, Member, MemberStatus};

/// So many users, chats and subscriptions are known; a capture of more is judged for these.
const LIMIT: usize = 4096;

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Casting {
    /// Names of served users by each of their identities.
    people: BTreeMap<String, String>,
    devices: BTreeSet<(String, String)>,
    /// The contacts of devices that nothing but a call of the target for their user told.
    contacts: BTreeSet<String>,
    /// The URIs of the foci of each chat, by its Contribution-ID.
    chats: BTreeMap<String, BTreeSet<String>>,
    invited: BTreeSet<(String, String)>,
    /// The chat of each subscription, by Call-ID.
    subscribed: HashMap<String, String>,
    rosters: HashMap<String, Roster>,
    /// Who called, or was called, for which chat.
    called: BTreeSet<(String, String)>,
    /// The chats that somebody showed to be of a group.
    groups: BTreeSet<String>,
    /// The users whom the target called and who have not answered yet, and the chats of calls of devices, by Call-ID.
    calling: HashMap<String, Pending>,
}

/// A call that is not answered.
#[derive(Debug)]
enum Pending {
    /// The target calls a user.
    Of { person: String },
    /// A device calls the target, and if a focus answers, it is for this group.
    By { chat: String, group: Event },
}

impl Casting {
    /// With the served users that the profile of the target names, by all their identities.
    pub fn new(served: &[Vec<String>]) -> (Casting, Vec<Event>) {
        let mut casting = Casting::default();
        let events = served.iter().filter_map(|identities| casting.person(identities)).collect();
        (casting, events)
    }

    /// Every user and chat between which there is an invitation.
    pub fn invited(&self) -> impl Iterator<Item = (&str, &str)> {
        self.invited.iter().map(|(person, chat)| (person.as_str(), chat.as_str()))
    }

    /// Every user and session between two for which there is a call of either.
    pub fn talks(&self) -> impl Iterator<Item = (&str, &str)> {
        let of_two = self.called.iter().filter(|(_, chat)| !self.groups.contains(chat));
        of_two.map(|(person, chat)| (person.as_str(), chat.as_str()))
    }

    /// The identities of a served user, comparable.
    pub fn identities<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a str> {
        self.people.iter().filter(move |(_, name)| *name == person).map(|(identity, _)| identity.as_str())
    }

    /// What a SIP message tells of the cast, to be known before the message itself is read.
    pub fn observe(&mut self, message: &Message, direction: Direction) -> Vec<Event> {
        if !message.is_request() {
            return self.answer(message, direction);
        }
        match (direction, message.method()) {
            (Direction::Sent, Method::Register) => self.registration(message),
            (Direction::Sent, Method::Invite) if message.to_tag().is_none() => self.invitation(message),
            (Direction::Sent, Method::Message) => self.served(message).into_iter().collect(),
            (Direction::Received, Method::Invite) if message.to_tag().is_none() => {
                self.onward(message).into_iter().collect()
            }
            (Direction::Received, Method::Subscribe) => {
                self.subscription(message);
                Vec::new()
            }
            (Direction::Sent, Method::Notify) => self.notification(message).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// A served user, if it is a new one.
    fn person(&mut self, identities: &[String]) -> Option<Event> {
        let name = identities.first()?;
        if self.people.len() >= LIMIT || self.people.contains_key(&identity_key(name)) {
            return None;
        }
        for identity in identities {
            self.people.insert(identity_key(identity), name.clone());
        }
        let identities = identities.to_vec();
        Some(Event::Person { name: name.clone(), served: true, identities, class: None })
    }

    fn name_of(&self, uri: &str) -> Option<&String> {
        self.people.get(&identity_key(uri))
    }

    /// The registration of a device, which the serving CSCF reports.
    fn registration(&mut self, message: &Message) -> Vec<Event> {
        let Ok(to) = message.to() else { return Vec::new() };
        let mut events: Vec<Event> = self.person(&[to.uri.to_owned()]).into_iter().collect();
        let Some(person) = self.name_of(to.uri).cloned() else { return events };
        let embedded = message
            .header(&Name::ContentType)
            .and_then(|kind| multipart::find(kind, &message.body_octets(), "message/sip"))
            .and_then(|body| Message::parse(body).ok());
        // Without the registration of the device all that is known is that the user has one.
        let device = match embedded.as_ref().and_then(|register| self.device(&person, register, &mut events)) {
            Some(device) => device,
            None => "a device".to_owned(),
        };
        let expires = message.header(&Name::Expires).and_then(|value| value.trim().parse::<u32>().ok());
        let (yes, trigger) = (expires != Some(0), "registration".to_owned());
        events.push(Event::Reachable { person, device, yes, trigger });
        events
    }

    /// The device that a request of it names in Contact, announced if it is new.
    fn device(&mut self, person: &str, message: &Message, events: &mut Vec<Event>) -> Option<String> {
        let contact = message.contacts().next()?.ok()?;
        let instance = contact.param("+sip.instance").flatten().map(|id| id.into_owned());
        let bare = |id: &str| id.trim_matches(['"', '<', '>', ' ']).to_owned();
        let device = instance.as_deref().map_or_else(|| contact.uri.to_owned(), bare);
        let known = self.devices.len() >= LIMIT || self.contacts.contains(contact.uri);
        if !known && self.devices.insert((person.to_owned(), device.clone())) {
            events.push(Event::Device {
                person: person.to_owned(),
                device: device.clone(),
                instance: instance.unwrap_or_default(),
                contact: contact.uri.to_owned(),
                tags: Vec::new(),
            });
        }
        Some(device)
    }

    /// The user for whom the serving CSCF has the target act (RFC 5502), if it is a new one.
    fn served(&mut self, message: &Message) -> Option<Event> {
        let served = NameAddr::parse(message.header(&Name::PServedUser)?).ok()?.uri.to_owned();
        self.person(&[served])
    }

    /// An invitation: of a served user to a chat, or by a device of one.
    fn invitation(&mut self, message: &Message) -> Vec<Event> {
        let mut events = Vec::new();
        let served = message.header(&Name::PServedUser).and_then(|value| NameAddr::parse(value).ok());
        let originating = served.as_ref().is_some_and(|served| {
            served.param("sescase").flatten().is_some_and(|case| case.eq_ignore_ascii_case("orig"))
        });
        if let Some(served) = &served {
            events.extend(self.person(&[served.uri.to_owned()]));
        }
        let named = served.as_ref().map(|served| served.uri).or(message.request_uri());
        let Some(person) = named.and_then(|uri| self.name_of(uri)).cloned() else { return events };
        let focus = match originating {
            true => {
                self.device(&person, message, &mut events);
                message.request_uri().map(str::to_owned)
            }
            false => message.contacts().flatten().next().map(|contact| contact.uri.to_owned()),
        };
        let (Some(chat), Some(focus)) = (header(message, &Name::ContributionId), focus) else { return events };
        if is_large_message(message) {
            return events;
        }
        if self.called.len() < LIMIT {
            self.called.insert((person.clone(), chat.clone()));
        }
        let by_device = originating && (self.is_known_focus(&focus) || resource_list(message));
        if is_focus(message) || is_closed(message) || by_device {
            self.groups.insert(chat.clone());
        } else if let Some(call_id) = message.call_id().filter(|_| originating) {
            let group = announced(&chat, focus.clone(), true, message);
            self.await_answer(call_id, Pending::By { chat: chat.clone(), group });
        }
        let of_group = self.groups.contains(&chat);
        // Who calls, or is called, in a session between two may be in others at the same time: that is no name of it.
        let focus = if of_group { focus } else { String::new() };
        events.extend(self.chat(&chat, focus, originating, message));
        if !originating && self.chats.contains_key(&chat) && self.invited.insert((person.clone(), chat.clone())) {
            events.push(Event::Invited { group: chat, person });
        }
        events
    }

    /// The chat of an invitation, if it is a new one or is at a new focus.
    fn chat(&mut self, chat: &str, focus: String, originating: bool, message: &Message) -> Option<Event> {
        let known = self.chats.contains_key(chat);
        if !known && self.chats.len() >= LIMIT || known && originating {
            return None;
        }
        if !self.chats.entry(chat.to_owned()).or_default().insert(identity_key(&focus)) {
            return None;
        }
        Some(announced(chat, focus, self.groups.contains(chat), message))
    }

    /// A call of the target. One for a user whom somebody calls at this moment goes to a device, whose registration may lie
    /// before the capture.
    fn onward(&mut self, message: &Message) -> Option<Event> {
        let (uri, call_id) = (message.request_uri()?.to_owned(), message.call_id()?);
        let to = message.to().ok()?.uri.to_owned();
        let named = self.name_of(&uri).or_else(|| self.name_of(&to))?.clone();
        self.await_answer(call_id, Pending::Of { person: named.clone() });
        let chat = header(message, &Name::ContributionId)?;
        if self.name_of(&uri).is_some() || !self.called.contains(&(named.clone(), chat)) {
            return None;
        }
        let new = self.devices.len() < LIMIT && !self.contacts.contains(&uri) && self.contacts.insert(uri.clone());
        new.then(|| Event::Device {
            person: named,
            device: uri.clone(),
            instance: String::new(),
            contact: uri,
            tags: Vec::new(),
        })
    }

    fn await_answer(&mut self, call_id: &str, pending: Pending) {
        if self.calling.len() < LIMIT {
            self.calling.insert(call_id.to_owned(), pending);
        }
    }

    /// An answer to a call: of a device that was not known, or of a focus.
    fn answer(&mut self, message: &Message, direction: Direction) -> Vec<Event> {
        let mut events = Vec::new();
        let Some(call_id) = message.call_id().filter(|_| message.status().is_some_and(|status| status > 100)) else {
            return events;
        };
        match (self.calling.get(call_id), direction) {
            (Some(Pending::Of { person }), Direction::Sent) => {
                let person = person.clone();
                self.device(&person, message, &mut events);
            }
            (Some(Pending::By { chat, group }), Direction::Received) if is_focus(message) => {
                let (chat, group) = (chat.clone(), group.clone());
                if self.groups.insert(chat.clone())
                    && let Event::Group { focus, .. } = &group
                {
                    self.chats.entry(chat).or_default().insert(identity_key(focus));
                    events.push(group);
                }
            }
            _ => {}
        }
        events
    }

    fn is_known_focus(&self, uri: &str) -> bool {
        let focus = identity_key(uri);
        self.chats.values().any(|foci| foci.contains(&focus))
    }

    /// A subscription of the target to the roster of a chat.
    fn subscription(&mut self, message: &Message) {
        let (Some(uri), Some(call_id)) = (message.request_uri(), message.call_id()) else { return };
        let focus = identity_key(uri);
        let chat = self.chats.iter().find(|(_, foci)| foci.contains(&focus)).map(|(chat, _)| chat.clone());
        if let Some(chat) = chat.filter(|_| self.subscribed.len() < LIMIT) {
            self.subscribed.entry(call_id.to_owned()).or_insert(chat);
        }
    }

    /// What the focus tells the target of the roster.
    fn notification(&mut self, message: &Message) -> Option<Event> {
        let chat = self.subscribed.get(message.call_id()?)?.clone();
        let kind = message.header(&Name::ContentType)?;
        let octets = multipart::find(kind, &message.body_octets(), "application/conference-info+xml")?;
        let roster = self.rosters.entry(chat.clone()).or_default();
        roster.apply(&Document::parse(&octets).ok()?).ok()?;
        let members = roster.members().iter().map(|(entity, member)| Member {
            entity: entity.clone(),
            status: status(member.status(), member.disconnection_method()),
        });
        Some(Event::Roster { group: chat, members: members.collect() })
    }
}

fn header(message: &Message, name: &Name) -> Option<String> {
    message.header(name).map(|value| value.trim().to_owned())
}

/// Whether the Contact of a message is that of a focus (RFC 4579 section 5.1).
fn is_focus(message: &Message) -> bool {
    message.contacts().flatten().any(|contact| contact.param("isfocus").is_some())
}

/// Whether an INVITE is for one message in large message mode, which is no session between two.
fn is_large_message(message: &Message) -> bool {
    let named = [Name::PAssertedService, Name::PPreferredService, Name::AcceptContact];
    let mut values = named.iter().flat_map(|name| message.headers(name));
    values.any(|value| value.contains("oma.cpm.largemsg") || value.contains("oma.cpm.deferred"))
}

/// Whether an invitation is to a closed group.
fn is_closed(message: &Message) -> bool {
    let mut named = message.headers(&Name::Contact).chain(message.headers(&Name::AcceptContact));
    named.any(|value| value.contains("closedgroupchat"))
}

/// A chat as an invitation tells of it.
fn announced(chat: &str, focus: String, of_group: bool, message: &Message) -> Event {
    let kind = match of_group {
        _ if is_closed(message) => ChatKind::Closed,
        true => ChatKind::Open,
        false => ChatKind::OneToOne,
    };
    Event::Group {
        group: chat.to_owned(),
        contribution: chat.to_owned(),
        conversation: header(message, &Name::ConversationId).unwrap_or_default(),
        focus,
        subject: header(message, &Name::Subject).unwrap_or_default(),
        kind,
    }
}

/// Whether an INVITE names those who are to be invited (RFC 5366).
fn resource_list(message: &Message) -> bool {
    let kind = message.header(&Name::ContentType);
    kind.is_some_and(|kind| multipart::find(kind, &message.body_octets(), "application/resource-lists+xml").is_some())
}

fn status(status: Option<&EndpointStatus>, method: Option<&DisconnectionMethod>) -> MemberStatus {
    match status {
        Some(status) if status.is_in() => MemberStatus::Connected,
        Some(EndpointStatus::Disconnected | EndpointStatus::Disconnecting) => match method {
            Some(DisconnectionMethod::Booted) => MemberStatus::Removed,
            _ => MemberStatus::Departed,
        },
        _ => MemberStatus::Invited,
    }
}
