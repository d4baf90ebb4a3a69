//! The one message store of a run over sockets: a target has one address of it for all scenarios.
//!
//! What crosses a connection goes to the evidence of the scenario for whose user the target logged in; where it logs in
//! under a name of its own, each APPEND, with all that came before it, goes to the scenario that its object names.

use super::desk::Desk;
use super::link::LinkInput;
use super::switchboard::{Stray, Switchboard};
use crate::actors::message_store::{MessageStore, Outages, StoreEvent};
use cpm_wire::io::Input;
use cpm_wire::time::Time;
use std::net::SocketAddr;

/// Opens the store, which fails for some users; it lives as long as the run. Gives its address with the real port.
///
/// # Errors
/// When the address cannot be bound.
pub async fn open(address: SocketAddr, board: Switchboard, outages: Outages) -> std::io::Result<SocketAddr> {
    Desk::open(address, board, |address| MessageStore::new(address, outages), Desk::take).await
}

impl Desk<MessageStore> {
    fn take(&mut self, at: Time, input: Input) {
        self.neighbour.receive(input, &mut self.links);
        let ended = self.keep();
        while let Some(event) = self.neighbour.poll_event() {
            self.event(at, event);
        }
        for (connection, owner) in self.owned() {
            self.hand_over(at, connection, &owner);
        }
        for connection in ended {
            self.lines.remove(&connection);
        }
    }

    fn event(&mut self, at: Time, event: StoreEvent) {
        match event {
            StoreEvent::LoggedIn { connection, user } => {
                let owner =
                    ["", "sip:", "tel:"].iter().find_map(|scheme| self.board.owner_of(&format!("{scheme}{user}")));
                if let Some(line) = self.lines.get_mut(&connection) {
                    line.owner = owner;
                }
            }
            StoreEvent::Appended { connection, folder, object, .. } => {
                if self.lines.get(&connection).is_some_and(|line| line.owner.is_some()) {
                    return;
                }
                let named = addresses(&object).find_map(|uri| self.board.owner_of(uri));
                match named {
                    Some(owner) => self.hand_over(at, connection, &owner),
                    None => {
                        let what = format!("APPEND {folder:?} of an object that names no user of a scenario");
                        self.board.note_stray(Stray { at, what, from: self.neighbour.address });
                    }
                }
            }
        }
    }

    /// The connections of which it is known whose they are.
    fn owned(&self) -> Vec<(u64, String)> {
        let owned = self.lines.iter().filter(|(_, line)| !line.held.is_empty());
        owned.filter_map(|(connection, line)| Some((*connection, line.owner.clone()?))).collect()
    }

    fn hand_over(&mut self, at: Time, connection: u64, owner: &str) {
        let Some(line) = self.lines.get_mut(&connection) else { return };
        for what in line.held.drain(..) {
            self.board.give(owner, at, LinkInput::Seen(what));
        }
    }
}

/// The addresses in the head of an object: To before From, as they may stand in either order.
fn addresses(object: &[u8]) -> impl Iterator<Item = &str> {
    let head = std::str::from_utf8(object).unwrap_or_default().split("\r\n\r\n").next().unwrap_or_default();
    let of = move |name: &'static str| {
        head.lines().filter_map(move |line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().trim_start_matches('<').trim_end_matches('>'))
        })
    };
    of("to").chain(of("from"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Direction, What};
    use cpm_wire::net::Clock;
    use pretty_assertions::assert_eq;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::mpsc::Receiver;

    const ANY: &str = "127.0.0.1:0";

    async fn stage() -> (SocketAddr, Switchboard) {
        let board = Switchboard::open(ANY.parse().unwrap(), Clock::start()).await.unwrap();
        board.claim("s1", &["sip:bob@example.com".to_owned()]);
        board.claim("s2", &["tel:+49301".to_owned()]);
        (open(ANY.parse().unwrap(), board.clone(), Outages::default()).await.unwrap(), board)
    }

    fn append(tag: &str, to: &str) -> String {
        let object = format!("To: <{to}>\r\n\r\n");
        format!("{tag} APPEND INBOX {{{}+}}\r\n{object}\r\n", object.len())
    }

    /// Says all of it and hears how the last command ends.
    async fn talk(address: SocketAddr, text: &str, last: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        while !String::from_utf8_lossy(&heard).contains(&format!("\r\n{last} ")) {
            assert!(stream.read_buf(&mut heard).await.unwrap() > 0, "{}", String::from_utf8_lossy(&heard));
        }
        stream
    }

    /// What the target said, as far as it is evidence of a scenario.
    async fn said(line: &mut Receiver<(Time, LinkInput)>) -> String {
        let mut said = String::new();
        while let Ok(Some((_, input))) = tokio::time::timeout(Duration::from_millis(200), line.recv()).await {
            let LinkInput::Seen(what) = input else { panic!("{input:?}") };
            match what {
                What::Octets(octets) if octets.direction == Direction::Received => {
                    said.push_str(std::str::from_utf8(&octets.octets).unwrap());
                }
                What::Octets(_) => {}
                What::Connection(connection) => said.push_str(&format!("({:?})", connection.what)),
                What::Event(event) => panic!("{event:?}"),
            }
        }
        said
    }

    #[tokio::test]
    async fn a_connection_belongs_to_the_scenario_of_its_user() {
        let (address, board) = stage().await;
        let (mut bobs, mut others) = (board.join("s1"), board.join("s2"));
        let text = format!("a1 LOGIN bob@example.com \"\"\r\n{}", append("a2", "sip:bob@example.com"));
        drop(talk(address, &text, "a2").await);
        let said_of_bob = said(&mut bobs).await;
        let end = said_of_bob.strip_prefix(&format!("(Accepted){text}")).unwrap_or_default();
        assert!(end.contains("by_target: true"), "{said_of_bob}");
        assert_eq!(said(&mut others).await, "");
        assert!(board.strays().is_empty());
    }

    #[tokio::test]
    async fn under_a_name_of_its_own_the_objects_tell() {
        let (address, board) = stage().await;
        let (mut bobs, mut others) = (board.join("s1"), board.join("s2"));
        let login = "a1 LOGIN pf secret\r\n";
        let first = append("a2", "sip:bob@example.com");
        let mut stream = talk(address, &format!("{login}{first}"), "a2").await;
        assert_eq!(said(&mut bobs).await, format!("(Accepted)a1 LOGIN pf xxxxxx\r\n{first}"));
        let second = append("a3", "tel:+49301");
        stream.write_all(second.as_bytes()).await.unwrap();
        assert_eq!(said(&mut others).await, second);
        assert_eq!(said(&mut bobs).await, "");
    }

    #[tokio::test]
    async fn an_object_of_nobody_is_a_stray() {
        let (address, board) = stage().await;
        let text = format!("a1 LOGIN pf \"\"\r\n{}", append("a2", "sip:nobody@example.com"));
        drop(talk(address, &text, "a2").await);
        assert_eq!(board.strays().len(), 1);
        assert!(board.strays()[0].what.starts_with("APPEND \"INBOX\""), "{:?}", board.strays());
    }
}
