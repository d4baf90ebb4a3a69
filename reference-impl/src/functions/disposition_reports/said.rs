//! What the authors of messages have heard already: of several devices of a user each kind of report goes on once, and who was
//! told that a message was delivered is not told that it failed, nor the other way round. [PF-MSG-03, L15]

use crate::call::Mechanics;
use crate::call::served::ServedUser;
use crate::config::Reports;
use crate::functions::missed_group_content::{Report, reports_in};
use cpm_wire::sip::{Message, identity_key};
use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The most reports that are remembered.
const MOST: usize = 100_000;

/// Who has reported what, on which message, to whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Heard {
    user: String,
    author: String,
    about: String,
    status: String,
}

impl Heard {
    /// What stands for it: so many are remembered that it matters how long it is.
    fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

/// The reports that went to authors.
#[derive(Default)]
pub struct Said {
    heard: HashSet<u64>,
    /// Oldest first.
    order: VecDeque<u64>,
}

const DELIVERED: &str = "delivered";
const DISPLAYED: &str = "displayed";
const FAILED: &str = "failed";

impl Said {
    /// A device of a served user reports. True when the author has heard all that it says already, or its contrary. A gathering
    /// of reports goes on whole as long as there is news in it.
    pub fn is_repeated(&mut self, m: &Mechanics, served: &ServedUser, request: &Message) -> bool {
        let heard = heard_in(served, request);
        if heard.is_empty() {
            return false;
        }
        if heard.iter().all(|one| self.is_contradicted(one)) {
            return true;
        }
        let news: Vec<bool> = heard.iter().map(|one| self.note(one)).collect();
        m.config.delivery.reports == Reports::One && !news.contains(&true)
    }

    /// A report did not reach its author.
    pub fn take_back(&mut self, served: &ServedUser, request: &Message) {
        for one in heard_in(served, request) {
            self.heard.remove(&one.mark());
        }
    }

    /// The function is to tell an author that a message was not delivered to a user. False when a device has said that it was.
    pub fn may_fail(&mut self, user: &str, author: &str, about: &str) -> bool {
        let (user, author) = (identity_key(user), identity_key(author));
        let failed = Heard { user, author, about: about.to_owned(), status: FAILED.to_owned() };
        !self.is_contradicted(&failed) && self.note(&failed)
    }

    fn is_contradicted(&self, one: &Heard) -> bool {
        let other = |status: &str| self.heard.contains(&Heard { status: status.to_owned(), ..one.clone() }.mark());
        match one.status.as_str() {
            DELIVERED | DISPLAYED => other(FAILED),
            FAILED => other(DELIVERED) || other(DISPLAYED),
            _ => false,
        }
    }

    fn note(&mut self, one: &Heard) -> bool {
        if !self.heard.insert(one.mark()) {
            return false;
        }
        self.order.push_back(one.mark());
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.heard.remove(&oldest);
        }
        true
    }
}

fn heard_in(served: &ServedUser, request: &Message) -> Vec<Heard> {
    let author = identity_key(request.request_uri().unwrap_or_default());
    let heard = |Report { about, status }| Heard { user: served.key.clone(), author: author.clone(), about, status };
    reports_in(request).into_iter().map(heard).collect()
}
