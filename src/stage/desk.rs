//! A neighbour of the target that serves a whole run over sockets: its loop, and what crossed its connections until it is known
//! whose that is.

use super::switchboard::Switchboard;
use crate::actors::media::Links;
use crate::actors::outbox::LinkOutput;
use crate::evidence::What;
use cpm_wire::io::Input;
use cpm_wire::net::{Binding, Driver};
use cpm_wire::time::Time;
use std::collections::HashMap;
use std::net::SocketAddr;

/// As many records of a connection wait until it is known whose they are.
const MOST_HELD: usize = 10_000;

/// One connection: whose it is, and what waits until that is known.
#[derive(Default)]
pub(super) struct Line {
    pub owner: Option<String>,
    pub held: Vec<What>,
}

/// A neighbour at work for all scenarios.
pub(super) struct Desk<N> {
    pub neighbour: N,
    pub links: Links,
    pub lines: HashMap<u64, Line>,
    pub board: Switchboard,
}

impl<N: Send + 'static> Desk<N> {
    /// Opens it; it lives as long as the run. Gives its address with the real port.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn open(
        address: SocketAddr,
        board: Switchboard,
        neighbour: impl FnOnce(SocketAddr) -> N,
        take: fn(&mut Desk<N>, Time, Input),
    ) -> std::io::Result<SocketAddr> {
        let (driver, mut inputs) = Driver::new(*board.clock());
        let address = driver.bind(Binding { udp: false, tcp: true, address }).await?;
        let neighbour = neighbour(address);
        let mut desk = Desk { neighbour, links: Links::default(), lines: HashMap::new(), board };
        tokio::spawn(async move {
            while let Some((at, input)) = inputs.recv().await {
                take(&mut desk, at, input);
                while let Some(output) = desk.links.out.next_output() {
                    if let LinkOutput::Net(output) = output {
                        driver.perform(output);
                    }
                }
            }
        });
        Ok(address)
    }

    /// Keeps what has crossed the connections; gives those that ended.
    pub fn keep(&mut self) -> Vec<u64> {
        let mut ended = Vec::new();
        while let Some(what) = self.links.out.next_evidence() {
            let Some(connection) = what.connection() else { continue };
            if what.ends_connection() {
                ended.push(connection);
            }
            let line = self.lines.entry(connection).or_default();
            if line.held.len() < MOST_HELD {
                line.held.push(what);
            }
        }
        ended
    }
}
