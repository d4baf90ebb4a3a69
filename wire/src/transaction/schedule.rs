//! Deadlines in order, so that the next one is known without asking every transaction; and the order in which transactions ended,
//! in which they go when room is needed.

use super::{ClientId, ServerId};
use crate::time::Time;
use std::collections::{BTreeSet, VecDeque};

/// A transaction of either kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Id {
    Client(ClientId),
    Server(ServerId),
}

/// The deadlines of all. Each transaction knows its own ([`Due`]), so that it is found here again.
#[derive(Default)]
pub(super) struct Schedule(BTreeSet<(Time, Id)>);

/// The deadline of one transaction as it stands in the schedule.
pub(super) type Due = Option<Time>;

impl Schedule {
    /// Sets, moves or removes the deadline of a transaction.
    pub(super) fn set(&mut self, id: Id, due: &mut Due, deadline: Due) {
        if *due == deadline {
            return;
        }
        if let Some(at) = *due {
            self.0.remove(&(at, id));
        }
        if let Some(at) = deadline {
            self.0.insert((at, id));
        }
        *due = deadline;
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<Time> {
        self.0.first().map(|(at, _)| *at)
    }

    /// The owner of the earliest deadline that is not later than `now`; the deadline stays until it is set anew.
    pub(super) fn due(&self, now: Time) -> Option<Id> {
        self.0.first().filter(|(at, _)| *at <= now).map(|(_, id)| *id)
    }

    /// Drops what belongs to no transaction.
    pub(super) fn drop_first(&mut self) {
        self.0.pop_first();
    }
}

/// Transactions that are over, by kind, since when; some of them may be forgotten meanwhile.
#[derive(Default)]
pub(super) struct Over {
    clients: VecDeque<(Time, ClientId)>,
    servers: VecDeque<(Time, ServerId)>,
}

impl Over {
    /// One is over from now on.
    pub(super) fn push(&mut self, id: Id, since: Time) {
        match id {
            Id::Client(client) => self.clients.push_back((since, client)),
            Id::Server(server) => self.servers.push_back((since, server)),
        }
    }

    /// The one that has been over for the longest time, of those that are still there.
    pub(super) fn first(&mut self, holds: impl Fn(Id) -> bool) -> Option<Id> {
        self.tidy(holds);
        let client = self.clients.front().map(|(since, client)| (*since, Id::Client(*client)));
        let server = self.servers.front().map(|(since, server)| (*since, Id::Server(*server)));
        client.into_iter().chain(server).min().map(|(_, id)| id)
    }

    /// Drops from the front those that were forgotten.
    pub(super) fn tidy(&mut self, holds: impl Fn(Id) -> bool) {
        while self.clients.front().is_some_and(|(_, client)| !holds(Id::Client(*client))) {
            self.clients.pop_front();
        }
        while self.servers.front().is_some_and(|(_, server)| !holds(Id::Server(*server))) {
            self.servers.pop_front();
        }
    }
}
