//! Which items wait for whom, and when they expire: a few dozen octets for each, however many there are. What they say is on
//! the disk.

use crate::store::{DeferredEntry, DeferredKind, Held};
use cpm_wire::time::Time;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// An item that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its number.
    pub id: u64,
    /// What stands for its Contribution-ID.
    pub contribution: u64,
    /// When it expires; the end of time for one that does not.
    expires: u64,
    octets: u32,
    /// What it is.
    pub kind: DeferredKind,
    /// Why it is not to be pushed yet.
    pub held: Option<Held>,
    /// Its sender wants to be told if it is not delivered.
    pub wants_failure: bool,
    /// Something is being done with it: nobody else may have it meanwhile.
    pub taken: bool,
}

impl Waiting {
    fn of(entry: &DeferredEntry) -> Waiting {
        Waiting {
            id: entry.id,
            contribution: entry.contribution,
            expires: entry.expires.unwrap_or(NEVER),
            octets: u32::try_from(entry.octets).unwrap_or(u32::MAX),
            kind: entry.kind,
            held: entry.held,
            wants_failure: entry.wants_failure,
            taken: false,
        }
    }

    /// True for a message, of which its user is told.
    pub fn is_message(&self) -> bool {
        self.kind != DeferredKind::Report
    }

    /// True for what can be told, fetched or pushed now.
    pub fn is_pending(&self, now: Time) -> bool {
        !self.taken && self.expires > now.as_nanos()
    }
}

const NEVER: u64 = u64::MAX;

/// All that wait, by user in the order of arrival.
#[derive(Debug, Default)]
pub struct Index {
    users: HashMap<Arc<str>, VecDeque<Waiting>>,
    /// By time and number.
    expiring: BTreeMap<(u64, u64), Arc<str>>,
}

impl Index {
    /// What waited before a restart. The items of a user share the user's name.
    pub fn restored(entries: Vec<DeferredEntry>) -> Index {
        let expires = |entry: &DeferredEntry| Some(((entry.expires?, entry.id), entry.user.clone()));
        // At once: a tree that is filled from what is sorted is filled faster.
        let expiring = entries.iter().filter_map(expires).collect();
        let mut index = Index { users: HashMap::new(), expiring };
        for entry in entries {
            index.queue(entry.user.clone(), Waiting::of(&entry));
        }
        index
    }

    /// One item more.
    pub fn insert(&mut self, entry: DeferredEntry) {
        let user = self.users.get_key_value(&*entry.user).map(|(user, _)| user.clone());
        let user = user.unwrap_or_else(|| entry.user.clone());
        if let Some(at) = entry.expires {
            self.expiring.insert((at, entry.id), user.clone());
        }
        self.queue(user, Waiting::of(&entry));
    }

    fn queue(&mut self, user: Arc<str>, waiting: Waiting) {
        // Most users have one, and a queue that grows by itself takes room for four.
        let queue = self.users.entry(user).or_insert_with(|| VecDeque::with_capacity(1));
        match queue.back().is_none_or(|last| last.id < waiting.id) {
            true => queue.push_back(waiting),
            // The disk may tell of two in another order than they came.
            false => queue.insert(queue.partition_point(|one| one.id < waiting.id), waiting),
        }
    }

    /// The items of a user, oldest first.
    pub fn of<'a>(&'a self, user: &str) -> impl Iterator<Item = &'a Waiting> + use<'a> {
        self.users.get(user).into_iter().flatten()
    }

    /// True when something waits for a user.
    pub fn has(&self, user: &str) -> bool {
        self.users.contains_key(user)
    }

    /// How many messages wait for a user.
    pub fn messages(&self, user: &str) -> usize {
        self.users.get(user).map_or(0, |queue| queue.iter().filter(|one| one.is_message()).count())
    }

    /// An item of a user.
    pub fn get(&self, user: &str, id: u64) -> Option<&Waiting> {
        let queue = self.users.get(user)?;
        queue.get(queue.binary_search_by_key(&id, |one| one.id).ok()?)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, user: &str, id: u64) -> Option<&mut Waiting> {
        let queue = self.users.get_mut(user)?;
        let at = queue.binary_search_by_key(&id, |one| one.id).ok()?;
        queue.get_mut(at)
    }

    /// Somebody has an item now. False when there is none, or somebody has it already.
    pub fn take(&mut self, user: &str, id: u64) -> bool {
        let Some(one) = self.get_mut(user, id).filter(|one| !one.taken) else { return false };
        one.taken = true;
        true
    }

    /// Nobody has an item any more: it waits as before, or expires.
    pub fn give_back(&mut self, user: &str, id: u64) {
        let Some((user, queue)) = self.users.get_key_value(user) else { return };
        let (user, at) = (user.clone(), queue.binary_search_by_key(&id, |one| one.id));
        let Some(one) = at.ok().and_then(|at| self.users.get_mut(&user)?.get_mut(at)) else { return };
        one.taken = false;
        if one.expires != NEVER {
            self.expiring.insert((one.expires, id), user);
        }
    }

    /// All items of a user are held for this reason no more.
    pub fn release(&mut self, user: &str, reason: Held) {
        let held = self.users.get_mut(user).into_iter().flatten().filter(|one| one.held == Some(reason));
        held.for_each(|one| one.held = None);
    }

    /// An item waits no more.
    pub fn remove(&mut self, user: &str, id: u64) -> Option<Waiting> {
        let queue = self.users.get_mut(user)?;
        let at = queue.binary_search_by_key(&id, |one| one.id).ok()?;
        let waiting = queue.remove(at);
        if queue.is_empty() {
            self.users.remove(user);
        }
        self.no_expiry(waiting.as_ref());
        waiting
    }

    fn no_expiry(&mut self, waiting: Option<&Waiting>) {
        if let Some(one) = waiting {
            self.expiring.remove(&(one.expires, one.id));
        }
    }

    /// The items after this one that may be pushed, as many as are to be read at a time.
    pub fn next_batch(&self, user: &str, after: u64, now: Time, most: (usize, u64)) -> Vec<u64> {
        let Some(queue) = self.users.get(user) else { return Vec::new() };
        let first = queue.partition_point(|one| one.id <= after);
        let free = queue.range(first..).filter(|one| one.is_pending(now) && one.held != Some(Held::BySender));
        let mut octets = 0;
        let fits = |(number, one): &(usize, &Waiting)| {
            octets += u64::from(one.octets);
            *number == 0 || octets <= most.1
        };
        free.take(most.0).enumerate().take_while(fits).map(|(_, one)| one.id).collect()
    }

    /// The earliest expiry.
    pub fn next_expiry(&self) -> Option<Time> {
        self.expiring.first_key_value().map(|((at, _), _)| Time::from_nanos(*at))
    }

    /// Items that have expired, at most so many of them: nobody else has them from now on, and they are not told of again.
    /// What somebody has at this moment is left to him.
    pub fn expired(&mut self, now: Time, most: usize) -> Vec<(Arc<str>, Waiting)> {
        let due = self.expiring.range(..=(now.as_nanos(), u64::MAX)).take(most);
        let due: Vec<(u64, u64)> = due.map(|(key, _)| *key).collect();
        let expired = due.into_iter().filter_map(|key| {
            let user = self.expiring.remove(&key)?;
            self.take(&user, key.1).then_some(())?;
            let waiting = self.get(&user, key.1)?.clone();
            Some((user, waiting))
        });
        expired.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn entry(id: u64, user: &str, expires: Option<u64>) -> DeferredEntry {
        DeferredEntry { id, user: user.into(), octets: 10, expires, ..DeferredEntry::default() }
    }

    fn index() -> Index {
        let restored = vec![entry(1, "bob", Some(50)), entry(3, "bob", None), entry(4, "carol", Some(20))];
        let mut index = Index::restored(restored);
        index.insert(entry(2, "bob", Some(40)));
        index
    }

    fn ids(index: &Index, after: u64, now: u64, most: (usize, u64)) -> Vec<u64> {
        index.next_batch("bob", after, Time::from_nanos(now), most)
    }

    #[test]
    fn items_are_in_the_order_of_arrival_and_read_in_batches() {
        let mut index = index();
        assert_eq!(index.of("bob").map(|one| one.id).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(ids(&index, 0, 0, (2, 1000)), [1, 2]);
        assert_eq!(ids(&index, 1, 0, (9, 1000)), [2, 3]);
        // One at least, however large.
        assert_eq!(ids(&index, 0, 0, (9, 5)), [1]);
        assert_eq!(ids(&index, 0, 0, (9, 20)), [1, 2]);
        assert_eq!(ids(&index, 0, 45, (9, 1000)), [1, 3]);
        assert!(index.take("bob", 1) && !index.take("bob", 1));
        assert_eq!(ids(&index, 0, 0, (9, 1000)), [2, 3]);
        index.get_mut("bob", 2).unwrap().held = Some(Held::BySender);
        assert_eq!(ids(&index, 0, 0, (9, 1000)), [3]);
        index.release("bob", Held::BySender);
        assert_eq!(ids(&index, 0, 0, (9, 1000)), [2, 3]);
    }

    #[test]
    fn what_expires_is_told_once_in_order() {
        let mut index = index();
        assert_eq!(index.next_expiry(), Some(Time::from_nanos(20)));
        assert!(index.take("bob", 1));
        let mut expired = |now: u64| {
            let expired = index.expired(Time::from_nanos(now), 9).into_iter();
            expired.map(|(user, one)| (user.to_string(), one.id)).collect::<Vec<_>>()
        };
        assert_eq!(expired(45), [("carol".to_owned(), 4), ("bob".to_owned(), 2)]);
        assert_eq!(expired(60), []);
        index.give_back("bob", 1);
        assert_eq!(index.next_expiry(), Some(Time::from_nanos(50)));
        assert_eq!(index.expired(Time::from_nanos(60), 9).len(), 1);
        index.give_back("bob", 3);
        assert_eq!(index.next_expiry(), None);
    }

    #[test]
    fn a_user_without_items_is_forgotten() {
        let mut index = index();
        assert_eq!(index.remove("carol", 4).map(|one| one.id), Some(4));
        assert!(!index.has("carol") && index.has("bob"));
        assert_eq!((index.remove("carol", 4), index.next_expiry()), (None, Some(Time::from_nanos(40))));
        assert_eq!(index.messages("bob"), 3);
    }
}
