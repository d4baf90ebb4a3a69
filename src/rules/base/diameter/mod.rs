//! Base rules of Diameter (RFC 6733, RFC 8506): each message by itself (`header`, `avps`, `presence`), the two ends of a
//! connection (`exchange`), and the records of a session (`sessions`). What began before the evidence did is not held
//! against anybody.

mod avps;
mod exchange;
mod grammar;
mod groups;
mod header;
mod presence;
mod sessions;
mod types;
mod view;

use std::sync::Arc;

use super::bounded::Bounded;
use super::sheet::{BaseRule, Sheet};
use crate::evidence::{Connection, ConnectionWhat, Octets};
use exchange::Exchange;
use sessions::Sessions;
use view::View;

/// The rules of this protocol.
pub(super) fn rules() -> impl Iterator<Item = &'static BaseRule> {
    [header::RULES, avps::RULES, types::RULES, groups::RULES, presence::RULES, exchange::RULES, sessions::RULES]
        .into_iter()
        .flatten()
        .copied()
}

/// So many connections are remembered.
const CONNECTIONS: usize = 1024;

/// Everything that was said in Diameter.
pub(super) struct Peers {
    /// By actor and number.
    exchanges: Bounded<(Arc<str>, Option<u64>), Exchange>,
    sessions: Sessions,
}

impl Peers {
    pub fn new() -> Peers {
        Peers { exchanges: Bounded::new(CONNECTIONS), sessions: Sessions::default() }
    }

    /// A connection begins, of this protocol or of another.
    pub fn connection(&mut self, connection: &Connection) {
        if matches!(connection.what, ConnectionWhat::Opened | ConnectionWhat::Accepted) {
            self.exchanges.insert((connection.actor.clone(), Some(connection.connection)), Exchange::from_start());
        }
    }

    /// Octets of a connection are not there: answers may lack their requests, and records may be told anew that were refused.
    pub fn lost(&mut self, actor: &Arc<str>, connection: u64) {
        if let Some(exchange) = self.exchanges.get_mut(&(actor.clone(), Some(connection))) {
            exchange.blur();
            self.sessions = Sessions::default();
        }
    }

    /// Takes one whole message.
    pub fn message(&mut self, sheet: &mut Sheet<'_>, record: &Octets) {
        let key = (record.actor.clone(), record.connection);
        let Some(exchange) = self.exchanges.entry(key, Exchange::default) else { return };
        let excused = record.malformed.is_some();
        let is_message = excused || header::is_message(sheet, &record.octets);
        let Some(view) = View::read(&record.octets).filter(|_| is_message) else { return exchange.blur() };
        if !excused {
            header::check(sheet, &view);
            avps::check(sheet, &view);
        }
        if !excused && view.fault.is_none() {
            presence::check(sheet, &view);
        }
        exchange.observe(sheet, &view, excused);
        self.sessions.observe(sheet, &view, excused || view.fault.is_some());
    }
}
