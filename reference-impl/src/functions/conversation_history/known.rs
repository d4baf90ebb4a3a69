//! What is kept already: a message that comes by several ways, as one that a device drains after it was stored, is kept once.

use super::entries::Entry;
use cpm_wire::sip::identity_key;
use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many are remembered.
const MOST_KNOWN: usize = 100_000;

/// Marks of what was kept last.
#[derive(Default)]
pub struct Known {
    marks: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Known {
    /// Notes an entry; false for one that was noted before.
    pub fn is_new(&mut self, entry: &Entry) -> bool {
        let Some(name) = &entry.name else { return true };
        let mut hasher = DefaultHasher::new();
        (identity_key(&entry.user), entry.sent, name).hash(&mut hasher);
        let mark = hasher.finish();
        if !self.marks.insert(mark) {
            return false;
        }
        self.order.push_back(mark);
        if self.order.len() > MOST_KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.marks.remove(&oldest);
        }
        true
    }
}
