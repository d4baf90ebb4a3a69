//! What one teller of members has told: a subscription, or the documents in one session. Each counts its own versions
//! (RFC 4575 section 4.4), so that what is kept for the user never meets what the focus says now.

use super::control::ShownChange;
use cpm_wire::conference_info::{Applied, Document, EndpointStatus, Roster, State};
use cpm_wire::sip::identity_key;
use std::collections::{BTreeMap, BTreeSet};

/// Members of one chat: more are no group of people.
const MOST_MEMBERS: usize = 10_000;
/// A longer identity is no identity.
const LONGEST_IDENTITY: usize = 1024;
/// The most octets of documents that are folded into one list before a whole one is wanted.
const MOST_OCTETS: usize = 4 << 20;

/// The members by the key of their identity.
pub type Members = BTreeMap<String, Known>;

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The identity, as it was told.
    pub entity: String,
    /// The word of the control protocol.
    pub status: &'static str,
    /// It is the user of this client.
    pub own: bool,
}

impl Known {
    /// True unless it has left.
    pub fn is_here(&self) -> bool {
        self.status != "departed"
    }
}

/// What a document did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It was understood, or is older than what is known.
    Understood,
    /// It cannot be read: nothing has changed.
    Skipped,
    /// Documents before it are missing: full state is to be asked for.
    Incomplete,
}

/// What one teller has told.
#[derive(Debug, Default)]
pub struct Listing {
    roster: Roster,
    octets: usize,
    begun: bool,
}

impl Listing {
    /// True once it has told a whole list.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// The members as a list of URIs tells them, a `resource-lists` body.
    pub fn of_uris<'a>(uris: impl Iterator<Item = &'a str>) -> Members {
        let known = |entity: &str| Known { entity: entity.to_owned(), status: "connected", own: false };
        uris.filter(|uri| uri.len() <= LONGEST_IDENTITY)
            .take(MOST_MEMBERS)
            .map(|entity| (identity_key(entity), known(entity)))
            .collect()
    }

    /// The members as told so far.
    pub fn members(&self) -> Members {
        let members = self.roster.members().iter().filter(|(entity, _)| entity.len() <= LONGEST_IDENTITY);
        let known = members.map(|(entity, member)| {
            let status = word(member.status());
            (identity_key(entity), Known { entity: entity.clone(), status, own: member.yourown })
        });
        known.collect()
    }

    /// Takes a document in; gives who came and went by it. The first list is where history begins: it changes nothing.
    pub fn take(&mut self, octets: &[u8]) -> (Told, Vec<ShownChange>) {
        let Ok(document) = Document::parse(octets) else { return (Told::Skipped, Vec::new()) };
        let whole = document.state == State::Full;
        if !whole && self.octets.saturating_add(octets.len()) > MOST_OCTETS {
            return (Told::Incomplete, Vec::new());
        }
        let mut folded = self.roster.clone();
        let applied = match folded.apply(&document) {
            Err(_) => return (Told::Incomplete, Vec::new()),
            Ok(Applied::Stale) => return (Told::Understood, Vec::new()),
            // Who was in it to the end is still worth knowing.
            Ok(Applied::Deleted) => return (Told::Skipped, Vec::new()),
            Ok(applied) => applied,
        };
        if folded.members().len() > MOST_MEMBERS {
            return (Told::Skipped, Vec::new());
        }
        let before = self.members();
        self.octets = if applied == Applied::Full { octets.len() } else { self.octets + octets.len() };
        self.roster = folded;
        let changes = if self.begun { changes(&before, &self.members()) } else { Vec::new() };
        self.begun = true;
        (Told::Understood, changes)
    }
}

/// Who came and went between two lists; the place is the chat's to say.
fn changes(before: &Members, after: &Members) -> Vec<ShownChange> {
    let here = |known: Option<&Known>| known.is_some_and(Known::is_here);
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |key: &String| {
        let (was, is) = (before.get(key), after.get(key));
        let what = match (here(was), here(is)) {
            (false, true) => "joined",
            (true, false) => "left",
            _ => return None,
        };
        let entity = is.or(was)?.entity.clone();
        Some(ShownChange { entity, what, after_messages: 0 })
    };
    keys.into_iter().filter_map(change).collect()
}

fn word(status: Option<&EndpointStatus>) -> &'static str {
    match status {
        Some(EndpointStatus::Disconnected | EndpointStatus::Disconnecting) => "departed",
        Some(status) if status.is_in() => "connected",
        Some(_) => "invited",
        None => "connected",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cpm_wire::conference_info::User;
    use pretty_assertions::assert_eq;

    const FOCUS: &str = "sip:focus@x";

    fn user(name: &str, status: EndpointStatus) -> User {
        User::with_status(&format!("sip:{name}@x"), status)
    }

    fn whats(changes: &[ShownChange]) -> Vec<String> {
        changes.iter().map(|change| format!("{} {}", change.entity, change.what)).collect()
    }

    #[test]
    fn history_begins_at_the_first_list() {
        let mut listing = Listing::default();
        let first = Document::full(FOCUS, 1, vec![user("a", EndpointStatus::Connected)]).to_xml();
        assert_eq!(listing.take(first.as_bytes()), (Told::Understood, Vec::new()));
        let users = vec![user("b", EndpointStatus::Connected), user("a", EndpointStatus::Disconnected)];
        let second = Document::partial(FOCUS, 2, users).to_xml();
        let (told, changes) = listing.take(second.as_bytes());
        assert_eq!((told, whats(&changes)), (Told::Understood, vec!["sip:a@x left".into(), "sip:b@x joined".into()]));
        let (told, changes) = listing.take(first.as_bytes());
        assert_eq!((told, changes), (Told::Understood, Vec::new()), "an older document changes nothing");
        let gap = Document::partial(FOCUS, 9, vec![user("c", EndpointStatus::Connected)]).to_xml();
        assert_eq!(listing.take(gap.as_bytes()).0, Told::Incomplete);
        assert_eq!(listing.members().len(), 2);
    }

    #[test]
    fn what_cannot_be_read_or_is_too_much_changes_nothing() {
        let mut listing = Listing::default();
        let entity = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><conference-info/>";
        let deep = "<a>".repeat(100_000);
        for hostile in ["", "<", entity, deep.as_str(), "\u{0}\u{1}", "<conference-info xmlns=\"urn:other\"/>"] {
            assert_eq!(listing.take(hostile.as_bytes()).0, Told::Skipped);
        }
        let crowd = (0..10_001).map(|n| User { entity: format!("sip:{n}"), ..User::default() }).collect();
        assert_eq!(listing.take(Document::full(FOCUS, 1, crowd).to_xml().as_bytes()).0, Told::Skipped);
        assert!(listing.members().is_empty());
        let alone = vec![user("a", EndpointStatus::Connected)];
        listing.take(Document::full(FOCUS, 1, alone).to_xml().as_bytes());
        let long = "x".repeat(900_000);
        let flood = |version: u32| {
            let user =
                User { display_text: Some(long.clone()), ..user(&version.to_string(), EndpointStatus::Connected) };
            Document::partial(FOCUS, version, vec![user]).to_xml()
        };
        let told: Vec<Told> = (2..10).map(|version| listing.take(flood(version).as_bytes()).0).collect();
        assert_eq!(told.iter().filter(|told| **told == Told::Understood).count(), 4);
        assert_eq!(told.last(), Some(&Told::Incomplete));
    }
}
