//! TCP put together (RFC 9293): the connections of a capture, and which of them a segment belongs to. What is remembered
//! of all of them has a bound; the oldest that rests is forgotten first.

mod connection;
mod half;
mod http;
mod reader;
mod secured;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use super::ip::Segment;
use super::seen::{Moment, Output};
use super::side::Side;
use super::tally::Skip;
use connection::Connection;

/// So many connections are known at a time.
const MAX_CONNECTIONS: usize = 32_768;
/// So many octets wait in all connections for what is missing.
const MAX_WAITING: usize = 64 << 20;

/// The two ends, the lower one first.
type Pair = [SocketAddr; 2];

/// All connections.
#[derive(Debug, Default)]
pub(super) struct Streams {
    connections: HashMap<Pair, Box<Connection>>,
    /// From the oldest on; one that was used in between is passed over once.
    order: VecDeque<Pair>,
    /// The number of the youngest.
    youngest: u64,
    waiting: usize,
}

impl Streams {
    /// Takes a segment.
    pub fn segment(
        &mut self,
        moment: Moment,
        (source, destination): (SocketAddr, SocketAddr),
        segment: &Segment<'_>,
        output: &mut Output,
    ) -> Result<(), Skip> {
        let (pair, side) = match source < destination {
            true => ([source, destination], Side::Low),
            false => ([destination, source], Side::High),
        };
        let known = self.connections.get(&pair);
        let another = segment.syn && known.is_some_and(|known| known.is_replaced_by(side, segment));
        if another || known.is_none() {
            // What brings nothing tells no connection.
            if !segment.syn && (segment.octets.is_empty() || segment.reset) {
                return Err(Skip::OutsideConnection);
            }
            self.begin(pair, output);
        }
        let Some(connection) = self.connections.get_mut(&pair) else { return Err(Skip::OutsideConnection) };
        let before = connection.waiting();
        let taken = connection.segment(moment, side, segment, output);
        self.waiting = self.waiting + connection.waiting() - before;
        if self.waiting > MAX_WAITING {
            self.waiting -= connection.waiting();
            connection.forsake(output);
            self.waiting += connection.waiting();
        }
        taken
    }

    /// Nothing follows: what waits is told.
    pub fn end(&mut self, output: &mut Output) {
        for pair in std::mem::take(&mut self.order) {
            if let Some(mut connection) = self.connections.remove(&pair) {
                connection.end(output);
            }
        }
        self.waiting = 0;
    }

    fn begin(&mut self, pair: Pair, output: &mut Output) {
        if self.connections.len() >= MAX_CONNECTIONS {
            self.forget_one(output);
        }
        self.youngest += 1;
        output.tally.connections += 1;
        let begun = Box::new(Connection::new(self.youngest, pair));
        match self.connections.insert(pair, begun) {
            Some(mut replaced) => self.leave(&mut replaced, output),
            None => self.order.push_back(pair),
        }
    }

    fn forget_one(&mut self, output: &mut Output) {
        while let Some(pair) = self.order.pop_front() {
            if self.connections.get_mut(&pair).is_some_and(|connection| connection.take_used()) {
                self.order.push_back(pair);
            } else if let Some(mut connection) = self.connections.remove(&pair) {
                output.tally.forgotten += u64::from(!connection.is_over());
                return self.leave(&mut connection, output);
            }
        }
    }

    fn leave(&mut self, connection: &mut Connection, output: &mut Output) {
        self.waiting -= connection.waiting();
        connection.end(output);
    }
}
