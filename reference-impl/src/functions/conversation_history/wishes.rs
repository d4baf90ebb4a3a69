//! Whose history is kept: who wishes so by a setting, or asks for one session or message [L13].

use crate::call::served::{SessionCase, served_user};
use crate::config::{Config, HistoryRequest};
use crate::functions::messages::names_service;
use cpm_wire::sip::{Message, Name, identity_key};
use std::collections::HashSet;

/// The header by which a sender asks. No document names one: it is a form of this suite (L36).
const HEADER: &str = "X-CPM-History";
/// The sessions that are to be kept, at most.
const MOST_ASKED: usize = 100_000;

/// What a user's setting says, where settings count.
pub fn counts(config: &Config, wish: Option<bool>) -> Option<bool> {
    wish.filter(|_| config.history_request.contains(&HistoryRequest::RecipientSetting))
}

/// True for a request of a served user's device that asks for what it begins, or carries, to be kept.
pub fn asks(config: &Config, request: &Message) -> bool {
    let by = |how| config.history_request.contains(&how);
    let header = || request.headers(&Name::parse(HEADER)).any(|value| value.trim().eq_ignore_ascii_case("store"));
    let originating = || served_user(request).is_some_and(|served| served.case == SessionCase::Originating);
    originating()
        && (by(HistoryRequest::SenderHeader) && header()
            || by(HistoryRequest::FeatureTag) && names_service(request, "oma.cpm.history"))
}

/// The sessions that devices have asked to be kept: whose, and the contribution.
#[derive(Default)]
pub struct Asked {
    sessions: HashSet<(String, String)>,
}

impl Asked {
    /// A device asks for a session.
    pub fn note(&mut self, user: &str, contribution: &str) {
        if self.sessions.len() < MOST_ASKED {
            self.sessions.insert((identity_key(user), contribution.to_owned()));
        }
    }

    /// True for a session that is to be kept.
    pub fn has(&self, user: &str, contribution: &str) -> bool {
        !self.sessions.is_empty() && self.sessions.contains(&(identity_key(user), contribution.to_owned()))
    }

    /// The session is over.
    pub fn forget(&mut self, user: &str, contribution: &str) {
        self.sessions.remove(&(identity_key(user), contribution.to_owned()));
    }
}
