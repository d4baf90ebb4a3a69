//! The link over real sockets: the run's serving-CSCF socket, and MSRP connections of the scenario's own.

use super::certificates::Certificates;
use super::link::LinkInput;
use super::switchboard::Switchboard;
use crate::actors::outbox::LinkOutput;
use cpm_wire::net::{Binding, Driver, Inputs};
use cpm_wire::time::Time;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::mpsc;

/// The sockets of one scenario.
pub struct SocketsLink {
    mark: String,
    board: Switchboard,
    line: mpsc::Receiver<(Time, LinkInput)>,
    driver: Driver,
    inputs: Inputs,
    host: IpAddr,
    mediation: Option<Mediation>,
}

/// Where the mediation function of a scenario listens, and what it shows.
pub struct Mediation {
    /// The address; port 0 for any.
    pub bind: SocketAddr,
    /// The certificates of the run.
    pub certificates: Arc<Certificates>,
}

impl SocketsLink {
    /// A link for the scenario with this mark; MSRP listeners are bound on `host`.
    pub fn new(mark: &str, board: Switchboard, host: IpAddr, mediation: Option<Mediation>) -> SocketsLink {
        let (driver, inputs) = Driver::new(*board.clock());
        if let Some(mediation) = &mediation {
            mediation.certificates.present(&driver);
        }
        SocketsLink { mark: mark.to_owned(), line: board.join(mark), board, driver, inputs, host, mediation }
    }

    pub(super) fn now(&self) -> Time {
        self.board.clock().now()
    }

    /// Datagrams that this machine dropped, of this scenario or of others.
    pub(super) fn dropped(&self) -> u64 {
        self.board.dropped()
    }

    pub(super) async fn next(&mut self, deadline: Option<Time>) -> Option<LinkInput> {
        let wait = deadline.map(|deadline| deadline.since(self.now()));
        let input = async {
            tokio::select! {
                biased;
                input = self.line.recv() => input.map(|(_, input)| input),
                input = self.inputs.recv() => input.map(|(_, input)| LinkInput::Net(input)),
            }
        };
        match wait {
            None => input.await,
            Some(wait) => tokio::time::timeout(wait, input).await.ok().flatten(),
        }
    }

    pub(super) fn perform(&mut self, output: LinkOutput) {
        match output {
            LinkOutput::Sip { message, peer } => self.board.send(message, peer),
            LinkOutput::Net(output) => self.driver.perform(output),
        }
    }

    pub(super) async fn listen(&mut self) -> std::io::Result<SocketAddr> {
        self.driver.bind(Binding { udp: false, tcp: true, address: SocketAddr::new(self.host, 0) }).await
    }

    pub(super) fn listen_secured(&mut self) -> std::io::Result<SocketAddr> {
        let missing = || std::io::Error::other("the run has no certificates");
        let mediation = self.mediation.as_ref().ok_or_else(missing)?;
        self.driver.bind_secured(mediation.bind, mediation.certificates.mediation())
    }

    pub(super) fn claim(&mut self, identities: &[String]) {
        self.board.claim(&self.mark, identities);
    }
}

impl Drop for SocketsLink {
    fn drop(&mut self) {
        self.board.leave(&self.mark);
    }
}
