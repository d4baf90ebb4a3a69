//! A map that forgets its oldest entry when it is full, so that a judge of endless traffic stays small.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::digest::Prints;

#[derive(Debug)]
pub(super) struct Bounded<K, V> {
    entries: HashMap<K, V, Prints>,
    order: VecDeque<K>,
    limit: usize,
    forgotten: bool,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    pub fn new(limit: usize) -> Bounded<K, V> {
        Bounded { entries: HashMap::with_hasher(Prints), order: VecDeque::new(), limit, forgotten: false }
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
            self.begun(key);
        }
        before
    }

    pub fn entry(&mut self, key: K, value: impl FnOnce() -> V) -> Option<&mut V> {
        if let Entry::Vacant(vacant) = self.entries.entry(key.clone()) {
            vacant.insert(value());
            self.begun(key.clone());
        }
        self.entries.get_mut(&key)
    }

    /// There is another one, and perhaps one too many.
    fn begun(&mut self, key: K) {
        self.order.push_back(key);
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.entries.remove(&oldest);
            self.forgotten = true;
        }
    }

    pub fn remove(&mut self, key: &K) -> Option<V> {
        let value = self.entries.remove(key)?;
        if let Some(place) = self.order.iter().position(|other| other == key) {
            self.order.remove(place);
        }
        Some(value)
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.entries.values()
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }

    /// Forgets the older half, and gives its room back.
    pub fn halve(&mut self) {
        for oldest in self.order.drain(..self.order.len().div_ceil(2)) {
            self.entries.remove(&oldest);
            self.forgotten = true;
        }
        self.order.shrink_to_fit();
        self.entries.shrink_to_fit();
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

    #[test]
    fn the_older_half_goes_first() {
        let mut map = Bounded::new(9);
        for number in 0..5 {
            map.insert(number, ());
        }
        map.halve();
        assert_eq!((map.len(), map.get(&2), map.get(&3), map.has_forgotten()), (2, None, Some(&()), true));
    }
}
