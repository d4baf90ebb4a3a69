//! What nobody came for: it is deleted, and its sender is told that it was not delivered, if that was asked for. The record goes
//! when the sender has been told: a function that dies in between tells after its restart. [PF-MSG-04, PF-MSG-03, L26]

use super::index::Waiting;
use super::{DeferredMessages, Errand, Loading};
use crate::call::Mechanics;
use crate::functions::disposition_reports::failed;
use crate::store::DeferredRecord;
use std::collections::HashMap;
use std::sync::Arc;

/// The most that expire at a time.
const MOST: usize = 256;

/// A sender who is to be told that an item was not delivered.
pub struct Failure {
    user: Arc<str>,
    id: u64,
    /// What is told.
    pub failure: failed::Failure,
    attempts: u32,
}

/// What waits until a sender can be told.
pub enum Failing {
    /// The network could not tell.
    Untold(Failure),
    /// What is to be told could not be read.
    Unread(Arc<str>, Vec<u64>),
}

impl DeferredMessages {
    /// What has outlived its time is not delivered any more.
    pub(super) fn expire(&mut self, m: &mut Mechanics) {
        let mut to_tell: HashMap<Arc<str>, Vec<u64>> = HashMap::new();
        for (user, waiting) in self.index.expired(m.now, MOST) {
            match waiting.is_message() && waiting.wants_failure {
                true => to_tell.entry(user.clone()).or_default().push(waiting.id),
                false => self.forget(m, &user, waiting.id),
            }
        }
        for (user, ids) in to_tell {
            self.changed(m, &user);
            self.load(m, Loading::Failures(user, ids.clone()), ids, false);
        }
    }

    /// A message will not be delivered. Somebody has it already.
    pub(super) fn give_up(&mut self, m: &mut Mechanics, user: &str, waiting: &Waiting) {
        match waiting.wants_failure {
            true => self.load(m, Loading::Failures(user.into(), vec![waiting.id]), vec![waiting.id], false),
            false => self.forget(m, user, waiting.id),
        }
    }

    /// Tells the sender of a message, which somebody has, that it was not delivered; then it is forgotten.
    pub(super) fn tell_failed(&mut self, m: &mut Mechanics, record: DeferredRecord) {
        let (user, id) = (record.entry.user.clone(), record.entry.id);
        match failed::Failure::of(m, &record) {
            Some(failure) => self.untold.push_back(Failure { user, id, failure, attempts: 0 }),
            None => self.forget(m, &user, id),
        }
    }

    /// A sender who is to be told, if that is news: [`DeferredMessages::tell_or_forget`] does it.
    pub fn poll_untold(&mut self) -> Option<Failure> {
        self.untold.pop_front()
    }

    /// Tells a sender, if a device has not said otherwise.
    pub fn tell_or_forget(&mut self, m: &mut Mechanics, failure: Failure, news: bool) {
        match news {
            true => self.tell_failure(m, failure),
            false => self.forget(m, &failure.user, failure.id),
        }
    }

    fn tell_failure(&mut self, m: &mut Mechanics, failure: Failure) {
        let request = failure.failure.request(m);
        self.send(m, Errand::Failure(Box::new(failure)), request);
    }

    /// The sender has been told, or the network could not; then it is tried again, some times.
    pub(super) fn failure_told(&mut self, m: &mut Mechanics, mut failure: Failure, status: Option<u16>) {
        let not_now = status.is_none_or(|status| matches!(status, 408 | 500 | 502 | 503 | 504));
        if !not_now || failure.attempts >= m.config.drain_retries {
            return self.forget(m, &failure.user, failure.id);
        }
        let attempts = failure.attempts;
        failure.attempts += 1;
        self.tell_later(m, Failing::Untold(failure), attempts);
    }

    /// Waits before it is tried again, each time twice as long.
    pub(super) fn tell_later(&mut self, m: &mut Mechanics, failing: Failing, attempts: u32) {
        let wait = m.config.retry * 2_u32.saturating_pow(attempts);
        let number = self.next();
        self.failing.insert(number, failing);
        self.due.set(number, Some(m.now + wait));
    }

    /// A sender is to be told once more.
    pub(super) fn failure_due(&mut self, m: &mut Mechanics, number: u64) {
        match self.failing.remove(&number) {
            Some(Failing::Untold(failure)) => self.tell_failure(m, failure),
            Some(Failing::Unread(user, ids)) => self.load(m, Loading::Failures(user, ids.clone()), ids, false),
            None => {}
        }
    }
}
