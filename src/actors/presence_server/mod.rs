//! The presence server behind the serving CSCF: it takes what is published of users (RFC 3903 section 6), and tells who
//! watches them (RFC 3856, RFC 6665). What it shows of a user is the scenario's to say, whatever was published.
//!
//! A scenario that does not speak of it has one that takes everything, and shows everybody who is registered as open.

mod document;
mod publications;
#[cfg(test)]
mod tests;
mod watching;

pub use document::Shown;

use super::Ensemble;
use super::signalling::Signalling;
use cpm_wire::pidf::MEDIA_TYPE;
use cpm_wire::sip::{Builder, Message, Name, identity_key};
use cpm_wire::transaction::ServerId;
use publications::Publications;
use std::collections::BTreeMap;
use watching::Watch;

/// The event package (RFC 3856 section 6.1).
const PACKAGE: &str = "presence";
/// The packages that the serving CSCF and who stands behind it serve, where presence is refused.
const OTHER_PACKAGES: &str = "conference, reg";

/// What becomes of requests about a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conduct {
    /// They are taken.
    #[default]
    Takes,
    /// They are refused.
    Refuses(u16),
    /// They are not answered.
    Silent,
}

/// The presence server.
#[derive(Debug, Default)]
pub struct PresenceServer {
    people: BTreeMap<String, Presentity>,
    watches: u64,
}

/// What it knows of a user, and does with what is asked of it.
#[derive(Debug, Default)]
struct Presentity {
    publishing: Conduct,
    watching: Conduct,
    publications: Publications,
    /// What a scenario has it show; none where nothing was said.
    shown: Option<Shown>,
    watches: Vec<Watch>,
}

impl PresenceServer {
    fn presentity(&mut self, person: &str) -> &mut Presentity {
        self.people.entry(person.to_owned()).or_default()
    }

    /// What becomes of what is published of a person from now on.
    pub fn publishing(&mut self, person: &str, conduct: Conduct) {
        self.presentity(person).publishing = conduct;
    }

    /// What becomes from now on of who wants to watch a person.
    pub fn watching(&mut self, person: &str, conduct: Conduct) {
        self.presentity(person).watching = conduct;
    }

    /// Forgets what was published of a person.
    pub fn forgets(&mut self, person: &str) {
        self.presentity(person).publications.forget();
    }

    /// Keeps what is published of a person for so many seconds at least, and at most.
    pub fn keeps(&mut self, person: &str, least: Option<u32>, most: Option<u32>) {
        self.presentity(person).publications.keeps(least, most);
    }
}

impl Ensemble {
    /// The person whom a request about presence is for.
    fn presentity_of(&self, request: &Message) -> Option<String> {
        let key = request.request_uri().map(identity_key)?;
        let served = self.people.values().filter(|person| person.served);
        let mut own = served.filter(|person| person.identities.iter().any(|identity| identity_key(identity) == key));
        own.next().map(|person| person.name.clone())
    }
}

/// Whether a request is about presence.
fn is_about_presence(request: &Message) -> bool {
    request.event().is_some_and(|event| event.value.eq_ignore_ascii_case(PACKAGE))
}

/// Refuses a request about presence, and says what its status has to say (RFC 3903 sections 5 and 6, RFC 6665 section
/// 8.3.2).
fn refuse(signalling: &mut Signalling, server: ServerId, status: u16, least: u32) {
    let tag = signalling.ids.token();
    let more = |response: Builder| match status {
        415 => response.header(Name::Accept, MEDIA_TYPE),
        423 => response.header(Name::MinExpires, least),
        489 => response.header(Name::AllowEvents, OTHER_PACKAGES),
        _ => response,
    };
    signalling.answer(server, status, &tag, more);
}
