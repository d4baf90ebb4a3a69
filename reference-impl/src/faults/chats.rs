//! Faults with the chat that is delivered: its identifiers, its focus, its kind, its members. [CPM-CONV-058a]

use super::editing::{answer, answers_own, call, own_send, with_body, with_field, with_header, with_text};
use super::missed::{Chat, Missed, chat, delivered};
use super::passage::Way;
use super::scene::{Leg, Scene, Side};
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use bytes::Bytes;
use cpm_wire::sip::{Method, Name};
use cpm_wire::{msrp, sip};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "joins-two-chats-in-one-leg",
        role: Role::ParticipatingFunction,
        what: "What waits of several chats comes in the session of one of them",
        make: || Box::new(JoinsChats::default()),
    },
    Fault {
        id: "new-contribution-id-in-the-drain",
        role: Role::ParticipatingFunction,
        what: "A delivery has a Contribution-ID of its own",
        make: || Box::new(OwnId { missed: Missed::default(), name: Name::ContributionId }),
    },
    Fault {
        id: "gives-its-own-conversation-id",
        role: Role::ParticipatingFunction,
        what: "A delivery has a Conversation-ID of its own",
        make: || Box::new(OwnId { missed: Missed::default(), name: Name::ConversationId }),
    },
    Fault {
        id: "leads-to-the-old-focus",
        role: Role::ParticipatingFunction,
        what: "A delivery names the focus of the first invitation, wherever the chat is now",
        make: || Box::new(OldFocus::default()),
    },
    Fault {
        id: "opens-a-closed-group",
        role: Role::ParticipatingFunction,
        what: "A delivery does not say that its group is closed",
        make: || Box::new(OpensGroups),
    },
    Fault {
        id: "adds-to-a-closed-group",
        role: Role::ParticipatingFunction,
        what: "The wish to add a member to a closed group is accepted",
        make: || Box::new(AddsToClosed::default()),
    },
    Fault {
        id: "lets-the-removed-rejoin",
        role: Role::ParticipatingFunction,
        what: "A member who was removed is let in again, into nothing",
        make: || Box::new(LetsRejoin::default()),
    },
    Fault {
        id: "names-the-anonymous",
        role: Role::ParticipatingFunction,
        what: "A directory tells the name of who hides",
        make: || Box::new(Renames { whom: |from| from.contains("anonymous"), to: named }),
    },
    Fault {
        id: "names-the-anonymous-in-its-invitation",
        role: Role::ParticipatingFunction,
        what: "The list of a delivery's invitation tells the name of who hides",
        make: || Box::new(NamesInTheList),
    },
    Fault {
        id: "makes-all-anonymous",
        role: Role::ParticipatingFunction,
        what: "All authors are hidden",
        make: || Box::new(Renames { whom: |from| !from.contains("anonymous"), to: hidden }),
    },
];

#[derive(Default)]
struct JoinsChats {
    missed: Missed,
    held: HashMap<String, Vec<(Chat, Bytes)>>,
    begun: HashSet<Chat>,
}

impl Mischief for JoinsChats {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if answers_own(way, message) {
            return Fate::LOST;
        }
        let Some(item) = delivered(scene, way, message).filter(|item| !item.is_notification) else {
            self.missed.watch(scene, way, message);
            return Fate::Pass;
        };
        let (user, own) = (item.leg.user.clone(), chat(item.leg));
        let first = self.begun.insert(own.clone());
        self.missed.watch(scene, way, message);
        if first && self.missed.chats(&user).any(|other| !self.begun.contains(other)) {
            self.held.entry(user).or_default().push((own, item.envelope.octets().clone()));
            return Fate::Answered(msrp::response(message, 200));
        }
        let held = self.held.remove(&user).unwrap_or_default();
        let (same, held): (Vec<_>, Vec<_>) = held.into_iter().partition(|(of, _)| *of == own);
        self.held.insert(user, same);
        let sends = held.iter().enumerate().map(|(n, (_, octets))| {
            (Duration::from_millis(1), own_send(message, &format!("{}{n}", message.transaction), octets))
        });
        Fate::Followed(sends.collect())
    }
}

struct OwnId {
    missed: Missed,
    name: Name,
}

impl Mischief for OwnId {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let waits = call(scene, way, message).is_some_and(|leg| !self.missed.of(&chat(leg)).is_empty());
        let Some(id) = message.header(&self.name).filter(|_| waits) else { return Fate::Pass };
        // An identifier read backwards is another one of the same form.
        let other: String = id.chars().rev().collect();
        Fate::altered(with_field(message, self.name.clone(), other))
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        self.missed.watch(scene, way, message);
        Fate::Pass
    }
}

#[derive(Default)]
struct OldFocus {
    first: HashMap<Chat, String>,
}

impl Mischief for OldFocus {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let contact = || message.header(&Name::Contact).map(str::to_owned);
        if let Some(leg) = invited(scene, way, message) {
            let contact = contact().unwrap_or_default();
            self.first.entry(chat(leg)).or_insert(contact);
            return Fate::Pass;
        }
        let old = call(scene, way, message).and_then(|leg| self.first.get(&chat(leg)));
        match old.filter(|old| contact().is_some_and(|contact| contact != **old)) {
            Some(old) => Fate::altered(with_field(message, Name::Contact, old)),
            None => Fate::Pass,
        }
    }
}

/// The leg that the far side opens with this message.
fn invited<'a>(scene: &'a Scene, way: Way, message: &sip::Message) -> Option<&'a Leg> {
    let opens = way == Way::In && message.is_request() && message.method() == Method::Invite;
    let leg = scene.leg(message).filter(|leg| leg.side == Side::Remote)?;
    (opens && message.to_tag().is_none()).then_some(leg)
}

/// The feature tag that says of a group that it is closed.
const CLOSED: &str = ";+g.3gpp.iari-ref=\"urn%3Aurn-7%3A3gpp-application.ims.iari.rcs.closedgroupchat\"";

struct OpensGroups;

impl Mischief for OpensGroups {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let contact = message.header(&Name::Contact).filter(|_| call(scene, way, message).is_some());
        match contact.filter(|contact| contact.contains(CLOSED)) {
            Some(contact) => Fate::altered(with_field(message, Name::Contact, contact.replace(CLOSED, ""))),
            None => Fate::Pass,
        }
    }
}

#[derive(Default)]
struct AddsToClosed {
    closed: HashSet<Chat>,
}

impl Mischief for AddsToClosed {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        if message.header(&Name::Contact).is_some_and(|contact| contact.contains(CLOSED)) {
            self.closed.insert(chat(leg));
        }
        let wish = way == Way::In && message.is_request() && message.method() == Method::Refer;
        if wish && leg.side == Side::Device && self.closed.contains(&chat(leg)) {
            return Fate::Answered(answer(message, 202));
        }
        Fate::Pass
    }
}

#[derive(Default)]
struct LetsRejoin {
    removed: HashSet<Chat>,
    /// The own session description of the last leg to each user, and the calls that the fault has taken.
    described: HashMap<Chat, String>,
    taken: HashSet<String>,
}

impl LetsRejoin {
    /// The wish of one who was removed.
    fn wish(&self, way: Way, message: &sip::Message, leg: &Leg) -> bool {
        let invites = message.is_request() && message.method() == Method::Invite;
        way == Way::In && leg.side == Side::Device && invites && self.removed.contains(&chat(leg))
    }

    fn taken(&mut self, message: &sip::Message, leg: &Leg) -> Option<Fate> {
        let description = self.described.get(&chat(leg))?.clone();
        self.taken.insert(leg.call_id.clone());
        let target = message.request_uri()?;
        let accepted = sip::Builder::response(message, 200, "OK")
            .to_tag("fault")
            .header(Name::Contact, format!("<{target}>;isfocus"))
            .body("application/sdp", description);
        Some(Fate::Answered(accepted.build().octets().clone()))
    }
}

impl Mischief for LetsRejoin {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        if message.header(&Name::Reason).is_some_and(|reason| reason.contains("Booted")) {
            self.removed.insert(chat(leg));
        }
        if way == Way::Out && leg.side == Side::Remote && message.status() == Some(200) && !message.body().is_empty() {
            let body = String::from_utf8_lossy(message.body()).replace("a=setup:active", "a=setup:passive");
            self.described.insert(chat(leg), body);
        }
        if self.wish(way, message, leg) {
            return self.taken(message, leg).unwrap_or_default();
        }
        match (self.taken.contains(&leg.call_id) && way == Way::In, message.method()) {
            (true, Method::Ack) => Fate::LOST,
            (true, Method::Bye) => Fate::Answered(answer(message, 200)),
            _ => Fate::Pass,
        }
    }
}

struct NamesInTheList;

impl Mischief for NamesInTheList {
    fn sip(&mut self, scene: &Scene, way: Way, message: &sip::Message) -> Fate {
        let body = String::from_utf8_lossy(message.body());
        let hidden = body.split('"').find(|uri| uri.contains("@anonymous.invalid"));
        match hidden.filter(|_| call(scene, way, message).is_some()) {
            Some(hidden) => Fate::altered(with_text(message, hidden, named(hidden).trim_matches(['<', '>']))),
            None => Fate::Pass,
        }
    }
}

struct Renames {
    whom: fn(&str) -> bool,
    to: fn(&str) -> String,
}

/// Who hides is the member of whom nobody has heard.
fn named(from: &str) -> String {
    let mark = from.split_once("sip:").and_then(|(_, rest)| rest.split_once('-')).map_or("", |(mark, _)| mark);
    format!("<sip:dave@{mark}.remote.example>")
}

fn hidden(_from: &str) -> String {
    "<sip:anonymous@anonymous.invalid>".to_owned()
}

impl Mischief for Renames {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        let Some(item) = delivered(scene, way, message).filter(|item| !item.is_notification && item.is_whole) else {
            return Fate::Pass;
        };
        match item.envelope.from().filter(|from| (self.whom)(from)).map(self.to) {
            Some(other) => Fate::altered(with_body(message, &with_header(&item.envelope, None, "From", &other))),
            None => Fate::Pass,
        }
    }
}
