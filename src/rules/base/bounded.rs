//! A map that forgets its oldest entry when it is full, so that a judge of endless traffic stays small.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    entries: HashMap<K, V>,
    order: VecDeque<K>,
    limit: usize,
    forgotten: bool,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    pub fn new(limit: usize) -> Bounded<K, V> {
        Bounded { entries: HashMap::new(), order: VecDeque::new(), limit, forgotten: false }
    }

    pub fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key)
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let before = self.entries.insert(key.clone(), value);
        if before.is_none() {
            self.order.push_back(key);
            if self.order.len() > self.limit
                && let Some(oldest) = self.order.pop_front()
            {
                self.entries.remove(&oldest);
                self.forgotten = true;
            }
        }
        before
    }

    pub fn entry(&mut self, key: K, value: impl FnOnce() -> V) -> Option<&mut V> {
        if !self.entries.contains_key(&key) {
            self.insert(key.clone(), value());
        }
        self.entries.get_mut(&key)
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.entries.remove(key)?;
        self.order.retain(|other| other != key);
        Some(value)
    }

    /// Whether an entry that is missing may have been there once.
    pub fn has_forgotten(&self) -> bool {
        self.forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entry_goes_first() {
        let mut map = Bounded::new(2);
        map.insert("a", 1);
        map.insert("b", 2);
        map.insert("a", 3);
        assert!(!map.has_forgotten());
        map.insert("c", 4);
        assert_eq!((map.get(&"a"), map.get(&"b"), map.get(&"c")), (None, Some(&2), Some(&4)));
        assert!(map.has_forgotten());
        assert_eq!(map.remove(&"b"), Some(2));
        *map.entry("d", || 5).unwrap() += 1;
        assert_eq!(map.get(&"d"), Some(&6));
    }
}
