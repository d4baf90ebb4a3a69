//! How the roster of a chat came to be what it is: what it was at first, and each change at its place among the
//! messages. [CPM-CONV-058b, L23]

use cpm_wire::conference_info::{Document, Roster};
use std::collections::VecDeque;

/// The most changes that are remembered; older ones are taken as having been so from the first.
const MOST_STEPS: usize = 512;

/// One change.
#[derive(Clone, Debug)]
struct Step {
    /// Its place in the order of arrival, which it shares with the items.
    place: u64,
    /// What changed, without a version.
    change: Document,
}

/// The history of a roster.
#[derive(Clone, Debug)]
pub struct History {
    first: Roster,
    steps: VecDeque<Step>,
}

impl History {
    /// A history that begins with this.
    pub fn new(first: &Roster) -> History {
        History { first: complete(first), steps: VecDeque::new() }
    }

    /// The roster was one thing, and became the other at this place.
    pub fn note(&mut self, place: u64, before: &Roster, after: &Roster) {
        let same = before.members() == after.members()
            && before.description() == after.description()
            && before.conference_state() == after.conference_state();
        if same {
            return;
        }
        let change = Document { version: None, ..after.changes_since(before, 0) };
        self.steps.push_back(Step { place, change });
        if self.steps.len() > MOST_STEPS
            && let Some(oldest) = self.steps.pop_front()
        {
            fold(&mut self.first, &oldest.change);
        }
    }

    /// The roster as it was after all changes up to this place.
    pub fn at(&self, place: u64) -> Roster {
        let mut roster = self.first.clone();
        let past = self.steps.iter().take_while(|step| step.place <= place);
        past.for_each(|step| fold(&mut roster, &step.change));
        roster
    }

    /// The first change after this place: its own place, and what it made of the roster that was before.
    pub fn next(&self, place: u64, before: &Roster) -> Option<(u64, Roster)> {
        let step = self.steps.iter().find(|step| step.place > place)?;
        let mut after = before.clone();
        fold(&mut after, &step.change);
        Some((step.place, after))
    }

    /// The place of the first change after this one.
    pub fn next_place(&self, place: u64) -> Option<u64> {
        self.steps.iter().map(|step| step.place).find(|own| *own > place)
    }

    /// The place of the last change up to this place.
    pub fn place_at(&self, place: u64) -> u64 {
        self.steps.iter().map(|step| step.place).take_while(|own| *own <= place).last().unwrap_or(0)
    }

    /// The place of the last change.
    pub fn last_place(&self) -> u64 {
        self.steps.back().map_or(0, |step| step.place)
    }
}

/// A change without a version is never out of place.
fn fold(roster: &mut Roster, change: &Document) {
    let _ = roster.apply(change);
}

/// The same roster, ready to be changed.
fn complete(roster: &Roster) -> Roster {
    let mut complete = Roster::new();
    fold(&mut complete, &Document { version: None, ..roster.to_document(0) });
    complete
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::conference_info::{EndpointStatus, User};
    use pretty_assertions::assert_eq;

    fn of(names: &[&str]) -> Roster {
        let user = |name: &&str| User::with_status(&format!("sip:{name}@example.com"), EndpointStatus::Connected);
        let mut roster = Roster::new();
        roster.apply(&Document::full("sip:focus@example.com", 1, names.iter().map(user).collect())).unwrap();
        roster
    }

    fn names(roster: &Roster) -> Vec<&str> {
        roster.members().keys().filter_map(|uri| uri.strip_prefix("sip:")?.strip_suffix("@example.com")).collect()
    }

    #[test]
    fn each_change_stands_at_its_place() {
        let (one, two, three) = (of(&["a", "b"]), of(&["a", "b", "c"]), of(&["a", "c"]));
        let mut history = History::new(&one);
        history.note(5, &one, &two);
        history.note(6, &two, &two);
        history.note(9, &two, &three);
        assert_eq!([0, 5, 8, 9].map(|place| names(&history.at(place)).join("")), ["ab", "abc", "abc", "ac"]);
        let (place, after) = history.next(5, &history.at(5)).unwrap();
        assert_eq!((place, names(&after)), (9, vec!["a", "c"]));
        assert_eq!((history.next_place(9), history.last_place()), (None, 9));
    }

    #[test]
    fn what_is_too_long_ago_was_so_from_the_first() {
        let rosters = [of(&["a", "b"]), of(&["a"])];
        let mut history = History::new(&rosters[0]);
        for place in 1..=600 {
            history.note(place, &rosters[(place as usize + 1) % 2], &rosters[place as usize % 2]);
        }
        assert_eq!(names(&history.at(0)), names(&rosters[88 % 2]));
        assert_eq!(names(&history.at(600)), names(&rosters[0]));
    }
}
