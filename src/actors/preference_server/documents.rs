//! The documents that are kept, each with the entity tag of its version (RFC 4825 section 8.5).

use bytes::Bytes;
use cpm_wire::sip::identity_key;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The application usage whose documents are kept.
pub const USAGE: &str = "org.openmobilealliance.im-rules";
/// The path of the XCAP root.
pub const ROOT: &str = "/xcap-root";
/// As many documents are kept; one more is refused.
const MOST_DOCUMENTS: usize = 10_000;

/// Which document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    user: String,
    document: String,
}

impl Place {
    /// A document of a user, by any spelling of the public identity.
    pub fn new(user: &str, document: &str) -> Place {
        Place { user: identity_key(user), document: document.to_owned() }
    }

    /// The comparable identity of the user.
    pub fn user(&self) -> &str {
        &self.user
    }
}

/// A version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its entity tag, without quotes.
    pub tag: String,
    /// Its octets.
    pub octets: Bytes,
}

#[derive(Debug, Default)]
struct Kept {
    documents: BTreeMap<Place, Version>,
    versions: u64,
}

/// All documents. Clones share them: a run over sockets has one server for all scenarios.
#[derive(Clone, Debug, Default)]
pub struct Documents(Arc<Mutex<Kept>>);

/// What a change did to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The tag before; none where there was no such document.
    pub before: Option<String>,
    /// The tag since; none where there is none any more.
    pub since: Option<String>,
}

impl Documents {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version of a document that holds.
    pub fn get(&self, place: &Place) -> Option<Version> {
        self.kept().documents.get(place).cloned()
    }

    /// Keeps a document, or takes it away. None where there is no room for one more.
    pub fn set(&self, place: &Place, octets: Option<Bytes>) -> Option<Changed> {
        let mut kept = self.kept();
        let before = kept.documents.get(place).map(|version| version.tag.clone());
        let Some(octets) = octets else {
            kept.documents.remove(place);
            return Some(Changed { before, since: None });
        };
        if before.is_none() && kept.documents.len() >= MOST_DOCUMENTS {
            return None;
        }
        kept.versions += 1;
        let tag = format!("v{}", kept.versions);
        kept.documents.insert(place.clone(), Version { tag: tag.clone(), octets });
        Some(Changed { before, since: Some(tag) })
    }

    /// The documents of a user that are there, with their tags.
    pub fn of(&self, user: &str) -> Vec<(String, String)> {
        let user = identity_key(user);
        let kept = self.kept();
        let own = kept.documents.iter().filter(|(place, _)| place.user == user);
        own.map(|(place, version)| (place.document.clone(), version.tag.clone())).collect()
    }
}

/// The path of a document below the XCAP root.
pub fn selector(user: &str, document: &str) -> String {
    format!("{USAGE}/users/{}/{document}", encoded(user))
}

/// As a segment of a path has it (RFC 3986 section 3.3).
fn encoded(user: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-._~:@+".contains(&octet);
    user.bytes().map(|o| if plain(o) { char::from(o).to_string() } else { format!("%{o:02X}") }).collect()
}

/// The octets of a segment of a path; none where the percents are wrong, or it is no text.
pub fn decoded(segment: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            octets.push(*first);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        octets.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    String::from_utf8(octets).ok()
}
