//! The interworking function behind the serving CSCF: what cannot be reached by CPM is sent to it, and it takes it, or refuses
//! it, as a scenario says. It tells authors that a message went on, and sends messages of its own for users whom it alone
//! reaches.
//!
//! A scenario that does not speak of it has one that reaches nobody: it refuses as the recipient's side has refused before.

mod sending;

use super::Ensemble;
use super::call::{Answering, Calls, Party};
use super::media::Media;
use super::message::{Receiving, Taken, refuse};
use crate::actors::client::Conduct;
use crate::evidence::Event;
use cpm_wire::sip::{Message, Method, Name, identity_key};
use cpm_wire::transaction::ServerId;

/// The name under which it takes part in sessions.
pub const INTERWORKING_FUNCTION: &str = "the interworking function";

/// What it does with what is sent to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// It reaches nobody.
    #[default]
    Nobody,
    /// It takes what comes, or refuses it.
    Told(Conduct),
}

/// The interworking function.
#[derive(Debug)]
pub struct InterworkingFunction {
    /// Its service identity.
    identity: String,
    /// What it does.
    reach: Reach,
}

impl InterworkingFunction {
    /// Whether a request is for it, or is to pass it.
    fn is_meant(&self, message: &Message) -> bool {
        let key = identity_key(&self.identity);
        let routes = message.routes().filter_map(Result::ok).any(|route| identity_key(route.uri) == key);
        routes || message.request_uri().is_some_and(|uri| identity_key(uri) == key)
    }
}

impl Ensemble {
    /// There is an interworking function with this service identity.
    pub fn interworks_at(&mut self, identity: &str) {
        let identity = identity.to_owned();
        self.signalling.links.out.event(Event::InterworkingFunction { identity: identity.clone() });
        self.interworking = Some(InterworkingFunction { identity, reach: Reach::default() });
    }

    /// What the interworking function does from now on, in either mode and in sessions; false where there is none.
    pub fn interworking_takes(&mut self, conduct: Conduct) -> bool {
        let Some(function) = self.interworking.as_mut() else { return false };
        function.reach = Reach::Told(conduct);
        let called = match conduct {
            Conduct::Accept => Answering::Accept,
            Conduct::Ring => Answering::Ring,
            Conduct::Refuse(status) => Answering::Refuse(status),
        };
        self.with_calls(&interworking_party(), |calls, _| calls.manner.called = called);
        true
    }

    /// Its end of sessions; none where there is no such function.
    pub fn interworking_end(&mut self, media: Media) -> Option<Party> {
        let identity = self.interworking.as_ref()?.identity.clone();
        let contact = format!("sip:{}@{}", self.signalling.ids.token(), self.signalling.cscf.advertise);
        let party = interworking_party();
        self.calls.insert(party.clone(), Calls::new(party.clone(), &identity, contact, None, media));
        Some(party)
    }

    /// A request of the target that goes to the interworking function; false when it is none.
    pub(super) fn at_interworking(&mut self, server: ServerId, message: &Message) -> bool {
        let Some(function) = self.interworking.as_ref().filter(|function| function.is_meant(message)) else {
            return false;
        };
        let reach = function.reach;
        match (reach, message.method()) {
            (_, Method::Options) => self.signalling.refuse(server, 200),
            (Reach::Nobody, Method::Message | Method::Invite) => {
                let contribution = message.header(&Name::ContributionId).unwrap_or_default();
                let status = self.signalling.refused_before(contribution).unwrap_or(480);
                refuse(&mut self.signalling, server, status);
            }
            (Reach::Told(conduct), Method::Message) => self.interworking_gets(server, message, conduct),
            (Reach::Told(_), Method::Invite) => self.interworking_called(server, message),
            _ => refuse(&mut self.signalling, server, 405),
        }
        true
    }

    fn interworking_gets(&mut self, server: ServerId, message: &Message, conduct: Conduct) {
        match (Receiving { conduct, reports: false }).take(message) {
            Taken::Ignored => {}
            Taken::Refused(status) => refuse(&mut self.signalling, server, status),
            Taken::Accepted(_) => self.signalling.refuse(server, 200),
        }
    }

    fn interworking_called(&mut self, server: ServerId, message: &Message) {
        let contribution = message.header(&Name::ContributionId).unwrap_or_default();
        let occasion = self.occasions.values().find(|known| known.contribution == contribution).cloned();
        let called = occasion.and_then(|occasion| {
            self.with_calls(&interworking_party(), |calls, signalling| {
                calls.invited(signalling, server, message, &occasion);
            })
        });
        if called.is_none() {
            self.signalling.refuse(server, 480);
        }
    }
}

/// Its end of sessions.
fn interworking_party() -> Party {
    Party { person: INTERWORKING_FUNCTION.to_owned(), device: None }
}
