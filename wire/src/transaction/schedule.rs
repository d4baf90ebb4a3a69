//! Deadlines in order, so that the next one is known without asking every transaction.

use crate::time::Time;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// At most one deadline for each `K`.
pub(super) struct Schedule<K> {
    by_time: BTreeSet<(Time, K)>,
    by_key: HashMap<K, Time>,
}

impl<K: Copy + Ord + Hash> Schedule<K> {
    pub(super) fn new() -> Schedule<K> {
        Schedule { by_time: BTreeSet::new(), by_key: HashMap::new() }
    }

    /// Sets, moves or removes the deadline of `key`.
    pub(super) fn set(&mut self, key: K, deadline: Option<Time>) {
        let before = match deadline {
            Some(at) => self.by_key.insert(key, at),
            None => self.by_key.remove(&key),
        };
        if before == deadline {
            return;
        }
        if let Some(at) = before {
            self.by_time.remove(&(at, key));
        }
        if let Some(at) = deadline {
            self.by_time.insert((at, key));
        }
    }

    /// Sets the deadline of `key` unless it has one.
    pub(super) fn set_once(&mut self, key: K, deadline: Time) {
        if !self.by_key.contains_key(&key) {
            self.set(key, Some(deadline));
        }
    }

    /// The owner of the earliest deadline.
    pub(super) fn first(&self) -> Option<K> {
        self.by_time.first().map(|(_, key)| *key)
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Time> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// The owner of the earliest deadline that is not later than `now`; the deadline stays until it is set anew.
    pub(super) fn due(&self, now: Time) -> Option<K> {
        self.by_time.first().filter(|(at, _)| *at <= now).map(|(_, key)| *key)
    }
}
