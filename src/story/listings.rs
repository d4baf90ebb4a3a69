//! What the target says it has stored: the lists of a hook of the profile, each at its place in the scenario.

use crate::evidence::{Event, StoredItem};

/// Lists kept of one scenario.
const LISTS: usize = 1000;

/// What was stored of a user at one time.
#[derive(Clone, Debug)]
pub struct Listing {
    /// When it was asked for.
    pub frame: u64,
    /// Of whom.
    pub person: String,
    /// Everything that is listed.
    pub items: Vec<StoredItem>,
}

/// All lists of a scenario.
#[derive(Debug, Default)]
pub(super) struct Listings {
    all: Vec<Listing>,
}

impl Listings {
    pub fn all(&self) -> &[Listing] {
        &self.all
    }

    pub fn event(&mut self, frame: u64, event: &Event) {
        if let Event::Stored { person, items } = event
            && self.all.len() < LISTS
        {
            self.all.push(Listing { frame, person: person.clone(), items: items.clone() });
        }
    }
}
