//! What served users wish in a scenario, and their provider orders: from the names of the scenario to documents.

use super::Ensemble;
use super::preference_server::{Change, DeviceWish, Owner, Way, document};
use crate::evidence::Event;

/// A document that is to be made known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The public identity of the served user.
    pub user: String,
    /// Whose word it is.
    pub owner: Owner,
    /// What it is in words, with identities.
    pub words: String,
    /// The document; none where nobody has a word to say any more.
    pub document: Option<String>,
}

impl Ensemble {
    /// Somebody wishes, or orders, something else from now on. None where somebody or something of it is not there.
    pub fn prefers(&mut self, person: &str, change: Change) -> Option<Wish> {
        let user = Some(self.identity_of(person)).filter(|identity| !identity.is_empty())?;
        let (owner, change) = (change.owner(), self.named(person, change)?);
        let words = change.to_string();
        let preferences = self.preferences.entry(person.to_owned()).or_default();
        preferences.change(change);
        let document = document(preferences, owner);
        self.signalling.links.out.event(Event::Preferred {
            person: person.to_owned(),
            owner: owner.document().to_owned(),
            document: document.clone(),
        });
        Some(Wish { user, owner, words, document })
    }

    /// Somebody is known by this identity; false where another is known already.
    pub fn known_as(&mut self, name: &str, identity: &str) -> bool {
        if !self.people.contains_key(name) {
            self.introduce(name, vec![identity.to_owned()], None);
        }
        self.identity_of(name) == identity
    }

    /// Which of the two the target serves, and so in which direction the one calls the other.
    pub fn serves(&self, caller: &str, callee: &str) -> Option<(String, Way)> {
        let is_served = |name: &str| self.people.get(name).is_some_and(|person| person.served);
        match (is_served(callee), is_served(caller)) {
            (true, _) => Some((callee.to_owned(), Way::Terminating)),
            (false, true) => Some((caller.to_owned(), Way::Originating)),
            (false, false) => None,
        }
    }

    /// The same with identities and instances for the names of the scenario.
    fn named(&mut self, person: &str, change: Change) -> Option<Change> {
        Some(match change {
            Change::Bars(way, other, yes) => Change::Bars(way, self.remote_member(&other), yes),
            Change::Ruled(way, other, allows) => Change::Ruled(way, self.remote_member(&other), allows),
            Change::Devices(Some(wish)) => {
                let instance = |name: &String| {
                    let device = self.devices.get(&(person.to_owned(), name.clone()))?;
                    Some(device.instance.clone())
                };
                let devices = wish.devices.iter().map(instance).collect::<Option<Vec<_>>>()?;
                Change::Devices(Some(DeviceWish { devices, ..wish }))
            }
            other => other,
        })
    }
}
