//! From evidence to the rows of a ladder: everybody gets a column, chunks become one arrow, and so does what is sent again.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::msrp::{self, Flag, Kind};
use cpm_wire::time::Time;

use super::drawing::{Arrow, Column, Ladder, Row, Wait};
use super::messages::Told;
use super::words::{about_msrp, about_sip, fate, first_line};
use crate::evidence::{Connection, Direction, Event, Header, Octets, Protocol, Record, What};

/// The ladder of a scenario.
pub(super) fn ladder(header: &Header, records: &[Record], messages: &[Vec<Told>]) -> Ladder {
    let columns = columns(header, records);
    let target = columns.iter().position(|column| column.actor.is_none()).unwrap_or_default();
    let began = records.first().map_or(Time::ZERO, |record| record.at);
    let ladder = Ladder { columns, target, rows: Vec::new(), waits: Vec::new(), began };
    let mut writer =
        Writer { ladder, labels: HashMap::new(), sent: HashMap::new(), chunks: HashMap::new(), open: Vec::new() };
    for ((frame, record), told) in (1..).zip(records).zip(messages) {
        match &record.what {
            What::Octets(octets) => told.iter().for_each(|told| writer.message(record.at, octets, told)),
            What::Connection(connection) => writer.connection(frame, record.at, connection),
            What::Event(event) => writer.event(frame, record.at, event),
        }
    }
    writer.ladder
}

/// Devices, then the serving CSCF, the target, and the others as they come.
fn columns(header: &Header, records: &[Record]) -> Vec<Column> {
    let mut actors: Vec<Arc<str>> = Vec::new();
    for record in records {
        let actor = match &record.what {
            What::Octets(octets) => &octets.actor,
            What::Connection(connection) => &connection.actor,
            What::Event(_) => continue,
        };
        if !actors.contains(actor) {
            actors.push(actor.clone());
        }
    }
    let mut columns: Vec<Column> = actors
        .into_iter()
        .map(|actor| Column { name: shown(&actor), actor: Some(actor) })
        .chain([Column { actor: None, name: format!("{} (target)", header.role.replace('-', " ")) }])
        .collect();
    columns.sort_by_key(|column| match column.actor.as_deref() {
        Some(actor) if actor.starts_with("device/") => 0,
        Some("serving_cscf") => 1,
        None => 2,
        Some(_) => 3,
    });
    columns
}

/// The name of an actor for people.
fn shown(actor: &str) -> String {
    let mut words = actor.splitn(3, '/');
    match (words.next(), words.next(), words.next()) {
        (Some("device"), Some(person), Some(device)) => format!("{person}'s {device}"),
        (Some("serving_cscf"), None, None) => "serving CSCF".to_owned(),
        (Some(kind), Some(name), None) => format!("{} of {name}", kind.replace('_', " ")),
        _ => actor.replace('_', " "),
    }
}

/// One direction of one connection of one actor.
type Way = (Arc<str>, u64, Direction);

struct Writer {
    ladder: Ladder,
    /// Labels of messages by their imdn.Message-ID.
    labels: HashMap<String, String>,
    /// SIP messages by their octets, and the row of each: the same octets again are a retransmission.
    sent: HashMap<(Arc<str>, Direction, Bytes), usize>,
    /// Messages in chunks by their Message-ID, answers to chunks by the transaction, and the row of each.
    chunks: HashMap<(Way, String), usize>,
    /// The waits that are not over.
    open: Vec<usize>,
}

impl Writer {
    fn message(&mut self, at: Time, octets: &Octets, told: &Told) {
        if self.folded(octets, told) {
            return;
        }
        let column = self.column(&octets.actor);
        let (by_target, protocol) = (octets.direction == Direction::Received, octets.protocol);
        let text = self.said(octets, told);
        let row = self.ladder.rows.len();
        self.remember(row, octets, told);
        let frames = told.frames().collect();
        let arrow = Arrow { column, by_target, protocol, text, frames, at, copies: 1, chunks: 1 };
        self.ladder.rows.push(Row::Arrow(arrow));
    }

    fn said(&self, octets: &Octets, told: &Told) -> String {
        let plain = first_line(octets.protocol, &told.octets);
        let about = match (&told.msrp, octets.protocol) {
            (Some(message), _) => about_msrp(message, |id| self.labels.get(id).cloned()),
            (None, Protocol::Sip) => about_sip(&told.octets),
            _ => None,
        };
        match (plain, about) {
            (Some(plain), Some(about)) if plain.starts_with(|first: char| first.is_ascii_digit()) => {
                format!("{plain} ({about})")
            }
            // Before a URI, which may be long.
            (Some(plain), Some(about)) => match plain.split_once(' ') {
                Some((method, uri)) => format!("{method} ({about}) {uri}"),
                None => format!("{plain} ({about})"),
            },
            (Some(plain), None) => plain,
            (None, _) if told.fault.is_some() => format!("{} octets that are no message", told.octets.len()),
            (None, _) => format!("{} octets", told.octets.len()),
        }
    }

    /// Whether it became part of an arrow that is there.
    fn folded(&mut self, octets: &Octets, told: &Told) -> bool {
        let row = match &told.msrp {
            None => self.sent.get(&(octets.actor.clone(), octets.direction, told.octets.clone())).copied(),
            Some(message) => self.chunk_of(octets, message),
        };
        let Some(row) = row else { return false };
        if let Some(message) = told.msrp.as_ref().filter(|message| message.status().is_none()) {
            // The answer to this chunk belongs to the answer to the first.
            self.expect(octets, message, row);
        }
        let Some(Row::Arrow(arrow)) = self.ladder.rows.get_mut(row) else { return false };
        arrow.frames.extend(told.frames());
        if told.msrp.is_some() {
            arrow.chunks += 1
        } else {
            arrow.copies += 1
        }
        true
    }

    /// The row of the chunks before this one, or of the answer to them.
    fn chunk_of(&self, octets: &Octets, message: &msrp::Message) -> Option<usize> {
        let key = match &message.kind {
            Kind::Request { .. } => message.message_id()?.to_owned(),
            Kind::Response { status, .. } => {
                let first = self.chunks.get(&(way(octets), format!(" {}", message.transaction)))?;
                format!(" {first} {status}")
            }
        };
        self.chunks.get(&(way(octets), key)).copied()
    }

    /// The answer to a chunk, which comes the other way, is one to the arrow in this row.
    fn expect(&mut self, octets: &Octets, message: &msrp::Message, row: usize) {
        let (actor, connection, direction) = way(octets);
        let back = match direction {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        };
        self.chunks.insert(((actor, connection, back), format!(" {}", message.transaction)), row);
    }

    fn remember(&mut self, row: usize, octets: &Octets, told: &Told) {
        let Some(message) = &told.msrp else {
            if octets.protocol == Protocol::Sip {
                self.sent.insert((octets.actor.clone(), octets.direction, told.octets.clone()), row);
            }
            return;
        };
        match &message.kind {
            Kind::Request { .. } if message.flag == Flag::More => {
                if let Some(id) = message.message_id() {
                    self.chunks.insert((way(octets), id.to_owned()), row);
                    self.expect(octets, message, row);
                }
            }
            Kind::Request { .. } => {}
            Kind::Response { status, .. } => {
                let key = (way(octets), format!(" {}", message.transaction));
                if let Some(first) = self.chunks.get(&key).copied() {
                    self.chunks.insert((way(octets), format!(" {first} {status}")), row);
                }
            }
        }
    }

    fn connection(&mut self, frame: u64, at: Time, connection: &Connection) {
        if let Some(text) = fate(connection.what) {
            let column = self.column(&connection.actor);
            self.ladder.rows.push(Row::Note { column, text, frame, at });
        }
    }

    fn event(&mut self, frame: u64, at: Time, event: &Event) {
        let target = self.ladder.target;
        let mut note = |column, text| self.ladder.rows.push(Row::Note { column, text, frame, at });
        match event {
            Event::Step { index, keyword, text, .. } => {
                self.ladder.rows.push(Row::Step { index: *index, text: format!("{keyword} {text}"), frame });
            }
            Event::Message { label, message_id, .. } => {
                self.labels.insert(message_id.clone(), label.clone());
            }
            Event::Standalone { label, message_id: Some(id), .. } => {
                self.labels.insert(id.clone(), label.clone());
            }
            Event::Lost { person, device, how } => {
                let column = self.column(&format!("device/{person}/{device}"));
                self.ladder.rows.push(Row::Note { column, text: format!("{person}'s {device}: {how}"), frame, at });
            }
            Event::Target { what } => note(target, format!("the target is {what}")),
            Event::Acted { person, device, act, .. } => note(target, format!("{person}'s {device} is told to {act}")),
            Event::Lag { ms } => note(target, format!("a timer of the tester was late by {ms} ms")),
            Event::Dropped { datagrams } => note(target, format!("the tester's kernel dropped {datagrams} datagrams")),
            Event::NetworkLost { datagrams } => note(target, format!("the network lost {datagrams} datagrams")),
            Event::Awaited { rule, ms, .. } => self.wait(frame, at, rule, *ms),
            Event::Quiet { for_ms } => self.wait(frame, at, "quiet", *for_ms),
            Event::Decided { closed, .. } => self.waited(at, *closed),
            Event::QuietEnded => self.waited(at, false),
            Event::Over { .. } => {
                while !self.open.is_empty() {
                    self.waited(at, false);
                }
            }
            _ => {}
        }
    }

    fn wait(&mut self, frame: u64, at: Time, what: &str, most_ms: u64) {
        self.open.push(self.ladder.waits.len());
        let (from, what) = (self.ladder.rows.len(), what.to_owned());
        self.ladder.waits.push(Wait { from, what, most_ms, began: at, ended: None, frame, over: false });
    }

    fn waited(&mut self, at: Time, over: bool) {
        let Some(open) = self.open.pop() else { return };
        if let Some(wait) = self.ladder.waits.get_mut(open) {
            (wait.ended, wait.over) = (Some(at), over);
            self.ladder.rows.push(Row::Waited(open));
        }
    }

    /// The column of an actor; that of the target for one that says nothing in the whole scenario.
    fn column(&self, actor: &str) -> usize {
        let place = self.ladder.columns.iter().position(|column| column.actor.as_deref() == Some(actor));
        place.unwrap_or(self.ladder.target)
    }
}

fn way(octets: &Octets) -> Way {
    (octets.actor.clone(), octets.connection.unwrap_or_default(), octets.direction)
}
