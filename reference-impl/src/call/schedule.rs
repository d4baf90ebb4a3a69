//! Who wants to be woken when, so that none has to be asked.

use cpm_wire::time::Time;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

/// At most one time for each key.
#[derive(Clone, Debug)]
pub struct Schedule<K> {
    by_time: BTreeSet<(Time, K)>,
    by_key: HashMap<K, Time>,
}

impl<K> Default for Schedule<K> {
    fn default() -> Schedule<K> {
        Schedule { by_time: BTreeSet::new(), by_key: HashMap::new() }
    }
}

impl<K: Copy + Ord + Hash> Schedule<K> {
    /// Says when the key wants to be woken; none for not at all.
    pub fn set(&mut self, key: K, at: Option<Time>) {
        let before = match at {
            Some(at) => self.by_key.insert(key, at),
            None => self.by_key.remove(&key),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, key));
        }
        if let Some(at) = at {
            self.by_time.insert((at, key));
        }
    }

    /// The earliest time.
    pub fn next(&self) -> Option<Time> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// The keys whose time has come, earliest first.
    pub fn due(&self, now: Time) -> Vec<K> {
        self.by_time.iter().take_while(|(at, _)| *at <= now).map(|(_, key)| *key).collect()
    }

    /// The first key whose time has come.
    pub fn first_due(&self, now: Time) -> Option<K> {
        self.by_time.first().filter(|(at, _)| *at <= now).map(|(_, key)| *key)
    }

    /// How many keys want to be woken.
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// True when none does.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_key_has_one_time() {
        let at = Time::from_nanos;
        let mut schedule = Schedule::default();
        schedule.set('a', Some(at(5)));
        schedule.set('b', Some(at(3)));
        assert_eq!((schedule.next(), schedule.due(at(4)), schedule.len()), (Some(at(3)), vec!['b'], 2));
        schedule.set('b', Some(at(9)));
        assert_eq!(schedule.due(at(9)), ['a', 'b']);
        schedule.set('a', None);
        assert_eq!((schedule.next(), schedule.len()), (Some(at(9)), 1));
    }
}
