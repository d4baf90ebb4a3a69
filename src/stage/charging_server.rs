//! The one charging server of a run over sockets: a target has one address of it for all scenarios.
//!
//! What crosses a connection goes to the evidence of the scenario whose user is charged, message by message: a target charges all
//! its users over one connection. What the two nodes say of themselves goes with the next that is charged.

use super::desk::Desk;
use super::link::LinkInput;
use super::switchboard::{Stray, Switchboard};
use crate::actors::charging_server::{Accounts, ChargingServer, Identity, Told};
use crate::evidence::What;
use cpm_wire::io::Input;
use cpm_wire::time::Time;
use std::net::SocketAddr;

/// Opens the server of these accounts; it lives as long as the run. Gives its address with the real port.
///
/// # Errors
/// When the address cannot be bound.
pub async fn open(
    address: SocketAddr,
    identity: Identity,
    accounts: Accounts,
    board: Switchboard,
) -> std::io::Result<SocketAddr> {
    Desk::open(address, board, |address| ChargingServer::new(address, identity, accounts, false), Desk::take).await
}

impl Desk<ChargingServer> {
    fn take(&mut self, at: Time, input: Input) {
        self.neighbour.receive(at, input, &mut self.links);
        // Each message before the next: they may be of different scenarios.
        loop {
            let told = self.neighbour.next(at, &mut self.links);
            let ended = self.keep();
            if let Some(told) = &told {
                self.told(at, told);
            }
            for connection in ended {
                let line = self.lines.remove(&connection).unwrap_or_default();
                self.hand_over(at, line.owner.as_deref(), line.held);
            }
            if told.is_none() {
                return;
            }
        }
    }

    fn told(&mut self, at: Time, told: &Told) {
        let owner = told.users.iter().find_map(|user| self.board.owner_of(user));
        let Some(line) = self.lines.get_mut(&told.connection) else { return };
        let held = std::mem::take(&mut line.held);
        let Some(owner) = owner else {
            let whom = told.users.first().map_or("nobody", String::as_str);
            let what = format!("a charge to {whom}");
            self.board.note_stray(Stray { at, what, from: self.neighbour.address });
            return;
        };
        line.owner = Some(owner.clone());
        self.hand_over(at, Some(&owner), held);
    }

    fn hand_over(&self, at: Time, owner: Option<&str>, held: Vec<What>) {
        let Some(owner) = owner else { return };
        for what in held {
            self.board.give(owner, at, LinkInput::Seen(what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::charging_server::Account;
    use crate::evidence::Direction;
    use cpm_wire::diameter::dictionary::*;
    use cpm_wire::diameter::{Message, application, command};
    use cpm_wire::net::Clock;
    use pretty_assertions::assert_eq;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::mpsc::Receiver;

    const ANY: &str = "127.0.0.1:0";

    fn cer() -> Message {
        let cer = Message::request(command::CAPABILITIES_EXCHANGE, application::COMMON);
        let cer = Identity::charging("pf.example.com", "example.com", "pf").sign(cer);
        cer.avp(&AUTH_APPLICATION_ID, 4u32).avp(&ACCT_APPLICATION_ID, 3u32).build().unwrap()
    }

    fn acr(user: &str, number: u32) -> Message {
        let acr = Message::request(command::ACCOUNTING, application::ACCOUNTING).identifiers(number, number);
        let acr = acr.avp(&SESSION_ID, format!("pf.example.com;{number}").as_str());
        acr.avp(&ACCOUNTING_RECORD_TYPE, 1)
            .avp(&ACCOUNTING_RECORD_NUMBER, 0u32)
            .group(&SUBSCRIPTION_ID, |group| group.avp(&SUBSCRIPTION_ID_TYPE, 2).avp(&SUBSCRIPTION_ID_DATA, user))
            .build()
            .unwrap()
    }

    /// The commands of the target, as far as they are evidence of a scenario, and how many answers.
    async fn said(line: &mut Receiver<(Time, LinkInput)>) -> (Vec<u32>, usize) {
        let (mut said, mut answered) = (Vec::new(), 0);
        while let Ok(Some((_, input))) = tokio::time::timeout(Duration::from_millis(200), line.recv()).await {
            match input {
                LinkInput::Seen(What::Octets(octets)) => {
                    let message = Message::parse(octets.octets).unwrap();
                    match octets.direction {
                        Direction::Received => said.push(message.header().command),
                        Direction::Sent => answered += 1,
                    }
                }
                LinkInput::Seen(_) => {}
                other => panic!("{other:?}"),
            }
        }
        (said, answered)
    }

    #[tokio::test]
    async fn each_charge_belongs_to_the_scenario_of_its_user() {
        let board = Switchboard::open(ANY.parse().unwrap(), Clock::start()).await.unwrap();
        board.claim("s1", &["sip:bob@example.com".to_owned()]);
        board.claim("s2", &["tel:+49301".to_owned(), "sip:eve@example.com".to_owned()]);
        let (mut bobs, mut others) = (board.join("s1"), board.join("s2"));
        let accounts = Accounts::default();
        accounts.set(&["sip:eve@example.com".to_owned()], Account::Silent);
        let identity = Identity::charging("charging.example.com", "example.com", "cpm-conformance");
        let address = open(ANY.parse().unwrap(), identity, accounts, board.clone()).await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut octets = cer().octets().to_vec();
        for charge in [acr("sip:bob@example.com", 1), acr("sip:eve@example.com", 2), acr("sip:nobody@example.com", 3)] {
            octets.extend_from_slice(charge.octets());
        }
        stream.write_all(&octets).await.unwrap();
        let mut heard = Vec::new();
        stream.read_buf(&mut heard).await.unwrap();
        assert_eq!(said(&mut bobs).await, (vec![command::CAPABILITIES_EXCHANGE, command::ACCOUNTING], 2));
        // The server is silent for Eve alone.
        assert_eq!(said(&mut others).await, (vec![command::ACCOUNTING], 0));
        let strays = board.strays();
        assert_eq!((strays.len(), strays[0].what.as_str()), (1, "a charge to sip:nobody@example.com"));
    }
}
