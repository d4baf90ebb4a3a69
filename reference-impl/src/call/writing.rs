//! What the store is asked for, and what becomes of it: batches of writes, and deferred items that are loaded. A batch that
//! somebody waits for and that cannot be written is his affair; any other is tried again until it can be.

use super::{Event, Mechanics, Owner};
use crate::store::{ChargingRecord, Contents, DeferredRecord, Token, Write};
use cpm_wire::diameter;
use std::time::Duration;

/// How long what nobody waits for and could not be written waits before it is tried again.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// Deferred items that are to be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// By which name.
    pub token: Token,
    /// Their numbers.
    pub ids: Vec<u64>,
    /// Whether with their contents.
    pub whole: bool,
}

impl Mechanics {
    /// The store has written a batch.
    pub fn handle_persisted(&mut self, token: Token) {
        if let Some(owner) = self.awaited.remove(&token) {
            self.events.push_back(Event::Persisted { owner, token });
        }
    }

    /// The store could not write a batch, or not read what was to be loaded.
    pub fn handle_failed(&mut self, token: Token, writes: Vec<Write>) {
        if let Some(owner) = self.awaited.remove(&token) {
            self.events.push_back(Event::Unwritten { owner, token });
        } else if self.loading.remove(&token) {
            self.events.push_back(Event::Loaded { token, records: None });
        } else {
            let (_, owed) = self.owed.get_or_insert_with(|| (self.now + WRITE_AGAIN, Vec::new()));
            owed.extend(writes);
        }
    }

    /// The store has read what was to be loaded.
    pub fn handle_loaded(&mut self, token: Token, records: Vec<DeferredRecord>) {
        if self.loading.remove(&token) {
            self.events.push_back(Event::Loaded { token, records: Some(records) });
        }
    }

    /// The next batch to be written.
    pub fn poll_writes(&mut self) -> Option<(Token, Vec<Write>)> {
        self.writes.pop_front()
    }

    /// The next thing to be loaded.
    pub fn poll_load(&mut self) -> Option<Load> {
        self.loads.pop_front()
    }

    /// Has deferred items loaded that are on the disk; without `whole` their contents are left out.
    pub fn load(&mut self, ids: Vec<u64>, whole: bool) -> Token {
        let token = Token(self.next());
        self.loading.insert(token);
        self.loads.push_back(Load { token, ids, whole });
        token
    }

    /// Has this written; nobody waits for it.
    pub fn write(&mut self, writes: Vec<Write>) {
        if writes.is_empty() {
            return;
        }
        // What is written later must not be overwritten by what is tried again.
        if let Some((_, owed)) = &mut self.owed {
            return owed.extend(writes);
        }
        let token = Token(self.next());
        self.writes.push_back((token, writes));
    }

    /// Has this written; the owner is told when it is on the disk.
    pub fn write_for(&mut self, owner: Owner, writes: Vec<Write>) -> Token {
        let token = Token(self.next());
        if writes.is_empty() {
            self.events.push_back(Event::Persisted { owner, token });
            return token;
        }
        // The store has failed a moment ago, and has older things to write first.
        if self.owed.is_some() {
            self.events.push_back(Event::Unwritten { owner, token });
            return token;
        }
        self.awaited.insert(token, owner);
        self.writes.push_back((token, writes));
        token
    }

    /// A number for a new record of the store.
    pub fn record_number(&mut self) -> u64 {
        self.records += 1;
        self.records
    }

    /// Numbers records from those that were stored before a restart.
    pub fn count_from(&mut self, contents: &Contents) {
        let chats = contents.chats.iter().map(|chat| chat.id);
        let items = contents.items.iter().map(|item| item.id);
        let deferred = contents.deferred.iter().map(|entry| entry.id);
        let history = contents.history.iter().map(|record| record.id);
        let rosters = contents.rosters.iter().map(|roster| roster.sequence);
        let charging = contents.charging.iter().map(|record| record.id);
        self.records =
            chats.chain(items).chain(deferred).chain(history).chain(rosters).chain(charging).max().unwrap_or(0);
    }

    /// Charging records that waited before a restart wait on. One that cannot be read any more is dropped.
    pub fn restore_charging(&mut self, records: Vec<ChargingRecord>) {
        let read = |record: ChargingRecord| Some((record.id, diameter::Message::parse(record.octets).ok()?));
        self.charging.restore(records.into_iter().filter_map(read));
    }

    /// What the message store has taken waits on the disk no more.
    pub fn forget_kept(&mut self) {
        let taken: Vec<Write> =
            std::iter::from_fn(|| self.message_store.poll_settled()).map(Write::ForgetHistory).collect();
        self.write(taken);
    }

    /// What nobody waits for and could not be written is tried again.
    pub(super) fn write_again(&mut self) {
        if let Some((_, owed)) = self.owed.take_if(|(at, _)| *at <= self.now) {
            self.write(owed);
        }
    }
}
