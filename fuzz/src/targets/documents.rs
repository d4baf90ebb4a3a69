//! Documents in XML: what was read of one and is written reads the same again.

use std::fmt::Debug;

use cpm_wire::conference_info::{self, Roster};
use cpm_wire::{group_state, imdn, pidf, reginfo, resource_lists};

fn comes_back<T: Debug + PartialEq, E: Debug + PartialEq>(
    octets: &[u8],
    parse: impl Fn(&[u8]) -> Result<T, E>,
    write: impl Fn(&T) -> String,
) {
    let Ok(document) = parse(octets) else { return };
    let text = write(&document);
    assert_eq!(parse(text.as_bytes()), Ok(document), "{text}");
}

/// RFC 5438.
pub fn imdn(octets: &[u8]) {
    comes_back(octets, imdn::Notification::parse, imdn::Notification::to_xml);
}

/// RFC 4826 and RFC 5364.
pub fn resource_lists(octets: &[u8]) {
    comes_back(octets, resource_lists::List::parse, resource_lists::List::to_xml);
}

/// RFC 3680 and RFC 5628.
pub fn reginfo(octets: &[u8]) {
    comes_back(octets, reginfo::Document::parse, reginfo::Document::to_xml);
}

/// RFC 3863.
pub fn pidf(octets: &[u8]) {
    comes_back(octets, pidf::Document::parse, pidf::Document::to_xml);
}

/// The state of a group as a message store keeps it.
pub fn group_state(octets: &[u8]) {
    comes_back(octets, group_state::GroupState::parse, group_state::GroupState::to_xml);
}

/// RFC 4575, document by document: a roster that is told everything at once is the one that was told bit by bit.
pub fn conference_info(octets: &[u8]) {
    comes_back(octets, conference_info::Document::parse, conference_info::Document::to_xml);
    let mut roster = Roster::inheriting();
    for octets in octets.split(|octet| *octet == 0) {
        if let Ok(document) = conference_info::Document::parse(octets) {
            let before = roster.clone();
            let _ = roster.apply(&document);
            told_at_once(&before, &roster);
        }
    }
}

fn told_at_once(before: &Roster, roster: &Roster) {
    let mut anew = Roster::inheriting();
    let whole = anew.apply(&roster.to_document(1));
    assert!(whole.is_ok());
    assert_eq!(anew.members(), roster.members());
    let mut changed = Roster::inheriting();
    let _ = changed.apply(&before.to_document(1));
    assert!(changed.apply(&roster.changes_since(before, 2)).is_ok());
    assert_eq!(changed.members(), roster.members());
}
