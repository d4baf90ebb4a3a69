//! Which registered users say elsewhere that they take nothing now. Whoever says nothing can be had as the registration tells.

use std::collections::HashSet;

/// The users who are not to be had although they are registered, by their canonical identities.
#[derive(Debug, Default)]
pub struct Availability {
    closed: HashSet<String>,
}

impl Availability {
    /// A user says that nothing is taken. True when that is news.
    pub fn close(&mut self, user: &str) -> bool {
        self.closed.insert(user.to_owned())
    }

    /// A user says something else, or nothing. True when that is news.
    pub fn open(&mut self, user: &str) -> bool {
        self.closed.remove(user)
    }

    /// True for a user who says that nothing is taken.
    pub fn is_closed(&self, user: &str) -> bool {
        self.closed.contains(user)
    }
}
