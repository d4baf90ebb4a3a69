//! Absent users for whom the function does not stand in as it should. [CPM-CONV-058]

use super::arriving;
use super::sent::{Sent, answers_repeated};
use crate::faults::Fault;
use crate::faults::passage::Way;
use crate::faults::scene::{Leg, Scene, Side};
use crate::faults::tampering::{Fate, Mischief};
use bytes::Bytes;
use cpm_wire::imdn::{self, Notification};
use cpm_wire::sip::{Builder, Message, Method, Name, NameAddr, identity_key, reason_phrase};
use cpm_wire::{cpim, msrp};
use std::collections::{HashMap, HashSet};

pub(in crate::faults) const FAULTS: &[Fault] = &[
    Fault::of_function("never-stands-in", "An invitation for an absent user is refused with 480", || {
        Box::new(NeverStandsIn::default())
    }),
    Fault::of_function("refuses-when-nobody-answers", "A device that only rings makes the function refuse", || {
        Box::new(RefusesUnanswered::default())
    }),
    Fault::of_function("stays-away-when-the-group-gives-up", "A cancelled invitation is never made good", || {
        Box::new(StaysAway::default())
    }),
    Fault::of_function("leaves-in-the-users-name", "A deregistration is taken for the wish to leave", || {
        Box::new(LeavesInTheUsersName::default())
    }),
    Fault::of_function("loses-what-was-in-flight", "What was sent to a device counts as delivered", || {
        Box::new(LosesInFlight)
    }),
    Fault::of_function("reports-delivered-while-only-stored", "Authors hear of a delivery upon storing", || {
        Box::new(ReportsOnStoring)
    }),
    Fault::of_function("loses-the-list-on-quota", "With three messages there is no room for the list any more", || {
        Box::new(LosesTheList::default())
    }),
];

/// True for a request of this method.
fn is(message: &Message, method: Method) -> bool {
    message.is_request() && message.method() == method
}

/// The final answer to an invitation in the core's or the peer's stead.
fn refusal(invite: &Message, status: u16) -> Bytes {
    Builder::response(invite, status, reason_phrase(status)).to_tag("refused").build().octets().clone()
}

/// The calls that were refused.
#[derive(Default)]
struct NeverStandsIn(HashSet<String>);

impl Mischief for NeverStandsIn {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message).filter(|leg| way == Way::In && leg.side == Side::Remote) else {
            return Fate::Pass;
        };
        if is(message, Method::Invite) && !leg.registered && message.to_tag().is_none() {
            self.0.insert(leg.call_id.clone());
            return Fate::Answered(refusal(message, 480));
        }
        if self.0.contains(&leg.call_id) { Fate::LOST } else { Fate::Pass }
    }
}

/// The invitations of the group, the chats in which no device answered, and the calls that were refused.
#[derive(Default)]
struct RefusesUnanswered {
    invites: HashMap<String, Message>,
    unanswered: HashSet<(String, String)>,
    refused: HashSet<String>,
}

impl Mischief for RefusesUnanswered {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        let chat = (leg.user.clone(), leg.contribution.clone());
        if is(message, Method::Cancel) && leg.side == Side::Device {
            self.unanswered.insert(chat);
            return Fate::Pass;
        }
        if is(message, Method::Invite) && way == Way::In && message.to_tag().is_none() {
            self.invites.insert(leg.call_id.clone(), message.clone());
        }
        let accepts = way == Way::Out && leg.side == Side::Remote && message.status() == Some(200);
        if accepts && message.method() == Method::Invite && self.unanswered.contains(&chat) {
            let first = self.refused.insert(leg.call_id.clone());
            let invite = self.invites.get(&leg.call_id).filter(|_| first);
            return invite.map_or(Fate::LOST, |invite| Fate::altered(refusal(invite, 480)));
        }
        Fate::Pass
    }
}

/// The chats that a group gave up to invite for, and the calls back to it.
#[derive(Default)]
struct StaysAway {
    given_up: HashSet<(String, String)>,
    refused: HashSet<String>,
}

impl Mischief for StaysAway {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message).filter(|leg| leg.side == Side::Remote) else { return Fate::Pass };
        let chat = (leg.user.clone(), leg.contribution.clone());
        match way {
            Way::In if is(message, Method::Cancel) => {
                self.given_up.insert(chat);
                Fate::Pass
            }
            Way::Out if is(message, Method::Invite) && leg.invited && self.given_up.contains(&chat) => {
                self.refused.insert(leg.call_id.clone());
                Fate::Answered(refusal(message, 404))
            }
            Way::Out if self.refused.contains(&leg.call_id) => Fate::LOST,
            _ => Fate::Pass,
        }
    }
}

/// By call the user and the BYE that his device could send, and the calls in which it was.
#[derive(Default)]
struct LeavesInTheUsersName {
    contacts: HashMap<String, String>,
    byes: HashMap<String, (String, Bytes)>,
    left: HashSet<String>,
}

impl LeavesInTheUsersName {
    /// Notes down how a device could leave.
    fn note(&mut self, leg: &Leg, way: Way, message: &Message) -> Option<()> {
        if way == Way::Out && message.is_request() {
            let contact = message.contacts().find_map(Result::ok)?.uri.to_owned();
            self.contacts.insert(leg.call_id.clone(), contact);
        } else if way == Way::In && message.status() == Some(200) {
            let bye = Builder::request(Method::Bye, self.contacts.get(&leg.call_id)?)
                .header(Name::Via, format!("SIP/2.0/TCP away.invalid;branch=z9hG4bK{}", self.byes.len()))
                .header(Name::MaxForwards, 70)
                .header(Name::From, message.header(&Name::To)?)
                .header(Name::To, message.header(&Name::From)?)
                .header(Name::CallId, &leg.call_id)
                .header(Name::CSeq, "1 BYE")
                .header(Name::Reason, "SIP;cause=200;text=\"Call completed\"")
                .build();
            self.byes.insert(leg.call_id.clone(), (leg.user.clone(), bye.octets().clone()));
        }
        Some(())
    }

    /// What the devices of a user would say if he left everything.
    fn leave(&mut self, user: &str) -> Vec<Bytes> {
        let (left, rest) = std::mem::take(&mut self.byes).into_iter().partition(|(_, (of, _))| of == user);
        self.byes = rest;
        self.left.extend(left.keys().cloned());
        left.into_values().map(|(_, bye)| bye).collect()
    }
}

impl Mischief for LeavesInTheUsersName {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        if way == Way::In && is(message, Method::Register) && message.expires() == Some(0) {
            let user = message.to().map(|to| identity_key(to.uri)).unwrap_or_default();
            return Fate::Instead(self.leave(&user).into_iter().chain([message.octets().clone()]).collect());
        }
        let Some(leg) = scene.leg(message).filter(|leg| leg.side == Side::Device && leg.invited) else {
            return Fate::Pass;
        };
        if message.method() == Method::Invite {
            self.note(leg, way, message);
        }
        let answers = way == Way::Out && message.method() == Method::Bye && message.status().is_some();
        if answers && self.left.contains(&leg.call_id) { Fate::LOST } else { Fate::Pass }
    }
}

/// Answers in the device's stead.
struct LosesInFlight;

impl Mischief for LosesInFlight {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if !scene.faces_device(way, message) {
            return Fate::Pass;
        }
        match way {
            Way::Out if message.is(&msrp::Method::Send) => Fate::Replied(vec![msrp::response(message, 200)]),
            Way::In if message.status().is_some() => Fate::LOST,
            _ => Fate::Pass,
        }
    }
}

/// Reports upon storing.
struct ReportsOnStoring;

impl Mischief for ReportsOnStoring {
    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if way == Way::In && answers_repeated(message) {
            return Fate::LOST;
        }
        let leg = arriving(scene, way, message).filter(|leg| !leg.registered);
        let report = leg.and_then(|leg| delivered(scene, leg, Sent::of(message)?));
        report.map_or(Fate::Pass, |report| Fate::Replied(vec![report.octets()]))
    }
}

/// The report on a message that it was delivered, where one was asked for.
fn delivered(scene: &Scene, leg: &Leg, sent: Sent) -> Option<Sent> {
    let envelope =
        sent.envelope().filter(|envelope| envelope.dispositions().any(|wish| wish == "positive-delivery"))?;
    let (id, date_time) = (envelope.imdn_message_id()?, envelope.date_time()?);
    let notification = Notification::new(id, date_time, imdn::Kind::Delivery, imdn::Status::Delivered);
    let author = NameAddr::parse(envelope.from()?).ok()?.uri.to_owned();
    let report = cpim::Builder::new(&leg.user, &author)
        .date_time(&scene.now.to_rfc3339())
        .message_id(&format!("{id}-stored"))
        .content_disposition("notification")
        .content(imdn::MEDIA_TYPE, notification.to_xml())
        .build();
    Some(sent.back().with(report))
}

/// How many messages came for each user, and whose the subscriptions are.
#[derive(Default)]
struct LosesTheList {
    kept: HashMap<String, usize>,
    subscribers: HashMap<String, String>,
}

impl Mischief for LosesTheList {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let call_id = message.call_id().unwrap_or_default();
        if way == Way::Out && is(message, Method::Subscribe) {
            let user = message.from().map(|from| identity_key(from.uri)).unwrap_or_default();
            self.subscribers.insert(call_id.to_owned(), user);
        }
        let full = self.subscribers.get(call_id).and_then(|user| self.kept.get(user)).is_some_and(|kept| *kept >= 3);
        if way == Way::In && is(message, Method::Notify) && full {
            return Fate::Answered(Builder::response(message, 200, "OK").build().octets().clone());
        }
        Fate::Pass
    }

    fn msrp(&mut self, scene: &Scene, way: Way, message: &msrp::Message) -> Fate {
        if let Some(leg) = arriving(scene, way, message) {
            *self.kept.entry(leg.user.clone()).or_default() += 1;
        }
        Fate::Pass
    }
}
