//! Faults in the lists of participants between the first and the last. [CPM-CONV-058b]

use super::documents::{document, with_document};
use super::editing::{answer, with_field};
use super::lists::{Documents, always, is_last, is_there, users};
use super::passage::Way;
use super::scene::Scene;
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use crate::config::{Config, Intermediate, InviteList};
use cpm_wire::conference_info::{Document, Roster, State, User};
use cpm_wire::sip::{Message, Method, Name, identity_key};
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// By how much a notification is late that comes after its message.
const LATE: Duration = Duration::from_millis(20);

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "initial-list-is-the-final-one",
        role: Role::ParticipatingFunction,
        what: "A device is told the list as it is now, in the invitation too, and nothing of what was before",
        make: || Box::new(TellsNothingBetween { invite_list: InviteList::Final }),
    },
    Fault {
        id: "tells-the-last-list-alone",
        role: Role::ParticipatingFunction,
        what: "A device is told the list as it is now, and nothing of what was before",
        make: || Box::new(TellsNothingBetween { invite_list: InviteList::Initial }),
    },
    Fault {
        id: "skips-a-change",
        role: Role::ParticipatingFunction,
        what: "Of two changes that are known, the earlier is told with the later, whatever was said in between",
        make: || Box::new(Pairs { heard: HashMap::new(), told: skipped }),
    },
    Fault {
        id: "tells-changes-in-the-wrong-order",
        role: Role::ParticipatingFunction,
        what: "Of two changes that are known, the later is told first",
        make: || Box::new(Pairs { heard: HashMap::new(), told: swapped }),
    },
    Fault {
        id: "tells-a-change-after-the-message-it-preceded",
        role: Role::ParticipatingFunction,
        what: "Messages do not wait for the change that came before them to be told",
        make: || Box::new(TellsLate),
    },
    Fault {
        id: "versions-do-not-grow",
        role: Role::ParticipatingFunction,
        what: "Every document has the version 1",
        make: || Documents::told(|| always(|document| document.version = Some(1))),
    },
    Fault {
        id: "versions-leave-gaps",
        role: Role::ParticipatingFunction,
        what: "Every other version is left out",
        make: || Documents::told(|| always(|document| document.version = document.version.map(|version| version * 2))),
    },
    Fault {
        id: "partial-before-full",
        role: Role::ParticipatingFunction,
        what: "The first document of a subscription says that it tells changes",
        make: || Documents::told(|| always(as_partial)),
    },
    Fault {
        id: "removed-not-marked",
        role: Role::ParticipatingFunction,
        what: "Members who left are simply missing in the changes",
        make: || Documents::told(|| always(hide_departures)),
    },
    Fault {
        id: "tells-the-seen-as-new",
        role: Role::ParticipatingFunction,
        what: "A device that comes back is told every change again, as if it had seen none",
        make: || Box::new(TellsAgain::default()),
    },
    Fault {
        id: "no-final-list-after-the-items",
        role: Role::ParticipatingFunction,
        what: "What ends the subscription to an ended chat is the first list once more",
        make: || {
            Documents::told(|| {
                let mut first: Option<Document> = None;
                Box::new(move |notify, document| {
                    let first = first.get_or_insert_with(|| document.clone());
                    let last = Document { version: document.version, ..first.clone() };
                    Some(if is_last(notify) { last } else { document })
                })
            })
        },
    },
    Fault {
        id: "nobody-left-after-the-end",
        role: Role::ParticipatingFunction,
        what: "What ends the subscription to an ended chat is an empty list",
        make: || {
            Documents::told(|| {
                Box::new(|notify, document| {
                    let version = document.version.unwrap_or_default();
                    let nobody = Document::full(&document.entity, version, Vec::new());
                    Some(if is_last(notify) { nobody } else { document })
                })
            })
        },
    },
    Fault {
        id: "subscription-left-open",
        role: Role::ParticipatingFunction,
        what: "The subscription to an ended chat goes on",
        make: || Box::new(EndsOtherwise { state: "active;expires=3600" }),
    },
    Fault {
        id: "subscription-ends-for-another-reason",
        role: Role::ParticipatingFunction,
        what: "The subscription to an ended chat ends as if it had not been refreshed",
        make: || Box::new(EndsOtherwise { state: "terminated;reason=timeout" }),
    },
    Fault {
        id: "live-subscription-ended",
        role: Role::ParticipatingFunction,
        what: "Once all changes are told the subscription ends as if the chat were no more",
        make: || Box::new(EndsLive::default()),
    },
    Fault {
        id: "another-carrier-of-intermediate-lists",
        role: Role::ParticipatingFunction,
        what: "What changed comes as documents among the messages",
        make: || Box::new(CarriesBetween(Intermediate::MsrpDocuments)),
    },
    Fault {
        id: "a-list-with-each-message",
        role: Role::ParticipatingFunction,
        what: "Each message has the whole list before it",
        make: || Box::new(CarriesBetween(Intermediate::PerMessageList)),
    },
];

struct TellsNothingBetween {
    invite_list: InviteList,
}

impl Mischief for TellsNothingBetween {
    fn configure(&self, config: &mut Config) {
        config.delivery.intermediate = Vec::new();
        config.delivery.invite_list = self.invite_list;
    }
}

struct CarriesBetween(Intermediate);

impl Mischief for CarriesBetween {
    fn configure(&self, config: &mut Config) {
        config.delivery.intermediate = vec![self.0];
    }
}

/// What is told of a change in the place of it, by the one that came before or after it, and by whether it came first.
type Pairing = fn(own: Vec<User>, other: Vec<User>, first: bool) -> Vec<User>;

fn skipped(own: Vec<User>, other: Vec<User>, first: bool) -> Vec<User> {
    if first { Vec::new() } else { other.into_iter().chain(own).collect() }
}

fn swapped(_: Vec<User>, other: Vec<User>, _: bool) -> Vec<User> {
    other
}

/// Takes two and two the changes that were heard for each user of each conference. One without another passes.
struct Pairs {
    heard: HashMap<(String, String), Vec<Vec<User>>>,
    told: Pairing,
}

impl Pairs {
    fn instead_of(&self, chat: &(String, String), own: &[User]) -> Option<Vec<User>> {
        let heard = self.heard.get(chat)?;
        let is_own = |users: &Vec<User>| users.iter().map(|user| &user.entity).eq(own.iter().map(|user| &user.entity));
        let at = heard.iter().position(is_own)?;
        let other = heard.get(at ^ 1)?;
        Some((self.told)(own.to_vec(), other.clone(), at.is_multiple_of(2)))
    }
}

impl Mischief for Pairs {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let change = document(message).filter(|document| document.state == State::Partial);
        let Some((mut change, user)) = change.zip(message.to().ok()) else { return Fate::Pass };
        let chat = (identity_key(user.uri), change.entity.clone());
        let Some(users) = users(&mut change) else { return Fate::Pass };
        if way == Way::In {
            self.heard.entry(chat).or_default().push(users.clone());
            return Fate::Pass;
        }
        let Some(others) = self.instead_of(&chat, users) else { return Fate::Pass };
        *users = others;
        Fate::altered(with_document(message, &change))
    }
}

struct TellsLate;

impl Mischief for TellsLate {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let is_change = document(message).is_some_and(|document| document.state == State::Partial);
        if way == Way::Out && is_change { Fate::Overtaken(answer(message, 200), LATE) } else { Fate::Pass }
    }
}

fn as_partial(document: &mut Document) {
    document.state = State::Partial;
    document.users.iter_mut().for_each(|users| users.state = Some(State::Partial));
}

fn hide_departures(document: &mut Document) {
    if document.state == State::Partial
        && let Some(users) = users(document)
    {
        users.retain(is_there);
    }
}

/// What each user was told at first of each conference, and where each subscription stands.
#[derive(Default)]
struct TellsAgain {
    first: HashMap<(String, String), Roster>,
    subscriptions: HashMap<String, (Roster, Roster)>,
}

impl TellsAgain {
    /// What is told in the place of this document: from the first list of all on, what was not yet told here.
    fn told(&mut self, user: String, call_id: String, document: &Document) -> Option<Document> {
        let version = document.version?;
        let (truth, told) = self.subscriptions.entry(call_id).or_default();
        truth.apply(document).ok()?;
        if document.state == State::Full {
            let first =
                self.first.entry((identity_key(&user), document.entity.clone())).or_insert_with(|| truth.clone());
            *told = first.clone();
            return Some(told.to_document(version));
        }
        let changes = truth.changes_since(told, version);
        *told = truth.clone();
        Some(changes)
    }
}

impl Mischief for TellsAgain {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let Some(document) = document(message).filter(|_| way == Way::Out) else { return Fate::Pass };
        let (Ok(user), Some(call_id)) = (message.to(), message.call_id()) else { return Fate::Pass };
        match self.told(user.uri.to_owned(), call_id.to_owned(), &document) {
            Some(told) => Fate::altered(with_document(message, &told)),
            None => Fate::Pass,
        }
    }
}

/// What the last notification to a device says of its subscription instead.
struct EndsOtherwise {
    state: &'static str,
}

impl Mischief for EndsOtherwise {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let ends = way == Way::Out && message.method() == Method::Notify && is_last(message);
        if ends { Fate::altered(with_field(message, Name::SubscriptionState, self.state)) } else { Fate::Pass }
    }
}

/// What each conference told, and what each subscription was told.
#[derive(Default)]
struct EndsLive {
    heard: HashMap<String, Roster>,
    told: HashMap<String, Roster>,
    /// Subscriptions that are over, by Call-ID. Nothing more is told in them.
    ended: HashSet<String>,
}

impl Mischief for EndsLive {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let (Some(document), Some(call_id)) = (document(message), message.call_id()) else { return Fate::Pass };
        if way == Way::In {
            let _ = self.heard.entry(document.entity.clone()).or_default().apply(&document);
            return Fate::Pass;
        }
        if self.ended.contains(call_id) {
            return Fate::Answered(answer(message, 200));
        }
        let told = self.told.entry(call_id.to_owned()).or_default();
        let _ = told.apply(&document);
        let all = self.heard.get(&document.entity).is_some_and(|heard| heard.members() == told.members());
        if !all || document.state == State::Full || is_last(message) {
            return Fate::Pass;
        }
        self.ended.insert(call_id.to_owned());
        Fate::altered(with_field(message, Name::SubscriptionState, "terminated;reason=noresource"))
    }
}
