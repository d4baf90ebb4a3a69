//! Faults in the final list of participants. [CPM-CONV-058a]

use super::documents::{document, with_document};
use super::editing::answer;
use super::lists::{Documents, always, is_addressee, is_there, users};
use super::passage::Way;
use super::scene::Scene;
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use crate::config::{Config, FinalList, Intermediate, InviteList};
use cpm_wire::conference_info::{Document, EndpointStatus, State, User};
use cpm_wire::sip::{Message, Method};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "final-list-is-the-initial-one",
        role: Role::ParticipatingFunction,
        what: "What the focus tells of its members is not read, so that the list of the invitation is the last one",
        make: || Documents::heard(|| Box::new(|_, _| None)),
    },
    Fault {
        id: "final-list-before-the-last-change",
        role: Role::ParticipatingFunction,
        what: "The members are asked for once more at the first change, and never again",
        make: || {
            Documents::heard(|| {
                let mut heard = 0;
                Box::new(move |_, document| {
                    heard += 1;
                    (heard <= 2).then_some(document)
                })
            })
        },
    },
    Fault {
        id: "final-list-has-a-departed-as-connected",
        role: Role::ParticipatingFunction,
        what: "Whoever left stays in the list as connected",
        make: || Documents::heard(|| always(nobody_leaves)),
    },
    Fault {
        id: "final-list-misses-one-who-joined",
        role: Role::ParticipatingFunction,
        what: "Whoever was not a member from the first is never added to the list",
        make: || {
            Documents::heard(|| {
                let mut first: Option<Vec<String>> = None;
                Box::new(move |_, mut document| {
                    let first = first.get_or_insert_with(|| document.users().map(|user| user.entity.clone()).collect());
                    users(&mut document)?.retain(|user| first.contains(&user.entity));
                    Some(document)
                })
            })
        },
    },
    Fault {
        id: "final-list-has-one-who-never-was",
        role: Role::ParticipatingFunction,
        what: "The conference factory is taken for a member",
        make: || Documents::heard(|| always(with_the_factory)),
    },
    Fault {
        id: "final-list-misses-the-anonymous",
        role: Role::ParticipatingFunction,
        what: "A member who hides who he is stands in no list",
        make: || {
            Documents::heard(|| {
                always(|document| {
                    users(document).into_iter().for_each(|users| users.retain(|user| !is_anonymous(user)))
                })
            })
        },
    },
    Fault {
        id: "no-final-list-at-all",
        role: Role::ParticipatingFunction,
        what: "The subscription of a device is accepted, and its notifications tell nothing",
        make: || Documents::told(|| Box::new(|_, _| None)),
    },
    Fault {
        id: "no-subscription-for-devices",
        role: Role::ParticipatingFunction,
        what: "No device gets a subscription to the members of a chat",
        make: || Box::new(NoSubscription),
    },
    Fault {
        id: "final-list-of-another-chat",
        role: Role::ParticipatingFunction,
        what: "A user's second chat gets the members of the first",
        make: || Box::new(MixesChats::default()),
    },
    Fault {
        id: "final-list-of-another-entity",
        role: Role::ParticipatingFunction,
        what: "Documents name the served user as the conference that they are about",
        make: || {
            Documents::told(|| {
                Box::new(|notify, document| Some(Document { entity: notify.to().ok()?.uri.to_owned(), ..document }))
            })
        },
    },
    Fault {
        id: "departed-left-out",
        role: Role::ParticipatingFunction,
        what: "Members who left stand in no list",
        make: || Documents::told(|| always(leave_departed_out)),
    },
    Fault {
        id: "self-left-out",
        role: Role::ParticipatingFunction,
        what: "The user does not stand in his own list",
        make: || {
            Documents::told(|| {
                Box::new(|notify, mut document| {
                    users(&mut document)?.retain(|user| !is_addressee(notify, user));
                    Some(document)
                })
            })
        },
    },
    Fault {
        id: "another-carrier-of-the-final-list",
        role: Role::ParticipatingFunction,
        what: "All lists come as documents among the messages, and no device gets a subscription",
        make: || Box::new(ListsAmongMessages),
    },
    Fault {
        id: "final-list-in-the-drain-invitation",
        role: Role::ParticipatingFunction,
        what: "The invitation of a delivery carries the list as it is now",
        make: || Box::new(InvitesWith(InviteList::Final)),
    },
    Fault {
        id: "no-list-in-the-drain-invitation",
        role: Role::ParticipatingFunction,
        what: "The invitation of a delivery carries no list",
        make: || Box::new(InvitesWith(InviteList::None)),
    },
];

fn nobody_leaves(document: &mut Document) {
    let Some(users) = users(document) else { return };
    users.retain(|user| user.state != State::Deleted);
    for endpoint in users.iter_mut().flat_map(|user| &mut user.endpoints) {
        endpoint.status = Some(EndpointStatus::Connected);
        (endpoint.disconnection_method, endpoint.disconnection_info) = (None, None);
    }
}

fn with_the_factory(document: &mut Document) {
    if document.state == State::Full
        && let Some(users) = users(document)
    {
        users.push(User::with_status("sip:conference-factory@example.com", EndpointStatus::Connected));
    }
}

fn is_anonymous(user: &User) -> bool {
    user.entity.ends_with("@anonymous.invalid")
}

fn leave_departed_out(document: &mut Document) {
    let full = document.state == State::Full;
    let Some(users) = users(document) else { return };
    users.retain(|user| !full || is_there(user));
    users.iter_mut().filter(|user| !is_there(user)).for_each(|user| *user = User::deleted(&user.entity));
}

/// A SUBSCRIBE of a device to who is in a chat is for an event that is not known (RFC 6665 section 8.3.2).
fn refuse_subscription(way: Way, message: &Message) -> Fate {
    let asked = way == Way::In && message.is_request() && message.method() == Method::Subscribe;
    if asked && message.event().is_some_and(|event| event.value == "conference") {
        Fate::Answered(answer(message, 489))
    } else {
        Fate::Pass
    }
}

struct NoSubscription;

impl Mischief for NoSubscription {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        refuse_subscription(way, message)
    }
}

struct ListsAmongMessages;

impl Mischief for ListsAmongMessages {
    fn configure(&self, config: &mut Config) {
        config.delivery.final_list = vec![FinalList::CarrierMsrp];
        config.delivery.intermediate = vec![Intermediate::MsrpDocuments];
    }

    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        refuse_subscription(way, message)
    }
}

struct InvitesWith(InviteList);

impl Mischief for InvitesWith {
    fn configure(&self, config: &mut Config) {
        config.delivery.invite_list = self.0;
    }
}

/// Who was told of in the first chat, by user.
#[derive(Default)]
struct MixesChats {
    first: std::collections::HashMap<String, Document>,
}

impl Mischief for MixesChats {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let told = document(message).filter(|document| way == Way::Out && document.state == State::Full);
        let Some((told, user)) = told.zip(message.to().ok().map(|to| to.uri.to_owned())) else { return Fate::Pass };
        let first = self.first.entry(user).or_insert_with(|| told.clone());
        if first.entity == told.entity {
            return Fate::Pass;
        }
        Fate::altered(with_document(message, &Document { users: first.users.clone(), ..told }))
    }
}
