//! Faults in how a chat goes on that ended, moved or went on without the user. [CPM-CONV-058a]

use super::documents::{document, list, with_list};
use super::editing::{answer, with_field};
use super::passage::Way;
use super::scene::{Scene, Side};
use super::tampering::{Fate, Mischief};
use super::{Fault, Role};
use bytes::Bytes;
use cpm_wire::resource_lists::List;
use cpm_wire::sip::{Message, Method, Name};
use std::collections::HashMap;

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        id: "restart-with-the-initial-list",
        role: Role::ParticipatingFunction,
        what: "A device's restart goes to the factory with the list of the invitation",
        make: || Box::new(RestartsWithInitialList::default()),
    },
    Fault {
        id: "restart-without-a-list",
        role: Role::ParticipatingFunction,
        what: "A device's restart goes to the factory with a session description alone",
        make: || Box::new(Restart(|invite| with_list(invite, None))),
    },
    Fault {
        id: "restart-with-the-user-himself",
        role: Role::ParticipatingFunction,
        what: "A device's restart goes to the factory with the user in the list",
        make: || Box::new(Restart(with_the_user)),
    },
    Fault {
        id: "restart-under-another-contribution-id",
        role: Role::ParticipatingFunction,
        what: "A device's restart gets a Contribution-ID of the element's own",
        make: || {
            Box::new(Restart(|invite| with_field(invite, Name::ContributionId, "5f8ac1b2d3e44f60a1b2c3d4e5f60718")))
        },
    },
    Fault {
        id: "final-list-of-the-former-focus",
        role: Role::ParticipatingFunction,
        what: "What the focus tells to which a chat moved is not read",
        make: || Box::new(DeafToTheNew::default()),
    },
    Fault {
        id: "removal-goes-unnoticed",
        role: Role::ParticipatingFunction,
        what: "A removal is acknowledged, and the user stays a member as far as the element knows",
        make: || Box::new(IgnoresRemoval),
    },
];

/// An INVITE by which the element starts a chat for its user.
fn is_restart(scene: &Scene, way: Way, message: &Message) -> bool {
    let first = message.is_request() && message.method() == Method::Invite && message.to_tag().is_none();
    let remote = scene.leg(message).is_some_and(|leg| leg.side == Side::Remote);
    way == Way::Out && first && remote && list(message).is_some()
}

/// What a restart becomes.
struct Restart(fn(&Message) -> Bytes);

impl Mischief for Restart {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        if is_restart(scene, way, message) { Fate::altered((self.0)(message)) } else { Fate::Pass }
    }
}

fn with_the_user(invite: &Message) -> Bytes {
    let Some((mut list, from)) = list(invite).zip(invite.from().ok()) else { return invite.octets().clone() };
    list.entries.push(cpm_wire::resource_lists::Entry::new(from.uri));
    with_list(invite, Some(&list))
}

/// The lists of the invitations, by Contribution-ID.
#[derive(Default)]
struct RestartsWithInitialList {
    invited: HashMap<String, List>,
}

impl Mischief for RestartsWithInitialList {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        let Some(leg) = scene.leg(message) else { return Fate::Pass };
        if is_restart(scene, way, message) {
            let list = self.invited.get(&leg.contribution);
            return list.map_or(Fate::Pass, |list| Fate::altered(with_list(message, Some(list))));
        }
        if let Some(list) = list(message).filter(|_| way == Way::In && leg.side == Side::Remote) {
            let user = &leg.user;
            let others = list.entries.into_iter().filter(|entry| entry.uri != *user).collect();
            self.invited.insert(leg.contribution.clone(), List { entries: others });
        }
        Fate::Pass
    }
}

/// Where chats were first, and where they went.
#[derive(Default)]
struct Focuses {
    first: HashMap<String, String>,
    chats: HashMap<String, String>,
}

impl Focuses {
    fn note(&mut self, scene: &Scene, message: &Message) {
        let (Some(leg), Some(Ok(contact))) = (scene.leg(message), message.contacts().next()) else { return };
        if contact.param("isfocus").is_some() {
            let focus = contact.uri.to_owned();
            self.first.entry(leg.contribution.clone()).or_insert_with(|| focus.clone());
            self.chats.insert(focus, leg.contribution.clone());
        }
    }

    /// Where the chat of this focus was first, if that was elsewhere.
    fn before(&self, focus: &str) -> Option<&str> {
        let first = self.first.get(self.chats.get(focus)?)?;
        (first != focus).then_some(first)
    }
}

/// What becomes of a message on which a move of the chat has an influence.
#[derive(Default)]
struct DeafToTheNew {
    moved: Focuses,
}

impl Mischief for DeafToTheNew {
    fn sip(&mut self, scene: &Scene, way: Way, message: &Message) -> Fate {
        if way == Way::In {
            self.moved.note(scene, message);
        }
        let told = document(message).filter(|_| way == Way::In);
        match told.filter(|told| self.moved.before(&told.entity).is_some()) {
            Some(_) => Fate::altered(message.edit().no_body().finish().octets().clone()),
            None => Fate::Pass,
        }
    }
}

struct IgnoresRemoval;

impl Mischief for IgnoresRemoval {
    fn sip(&mut self, _: &Scene, way: Way, message: &Message) -> Fate {
        let removed = message.header(&Name::Reason).is_some_and(|reason| reason.contains("Booted"));
        let ends = way == Way::In && message.is_request() && message.method() == Method::Bye;
        if ends && removed { Fate::Answered(answer(message, 200)) } else { Fate::Pass }
    }
}
