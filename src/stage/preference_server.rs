//! The one server of preferences of a run over sockets: a target has one address of it for all scenarios.
//!
//! What crosses a connection goes to the evidence of the scenario whose user's documents are asked for, request by request: a
//! target may ask for all of them on one connection.

use super::desk::Desk;
use super::link::LinkInput;
use super::switchboard::{Stray, Switchboard};
use crate::actors::preference_server::{Asked, Documents, PreferenceServer};
use crate::evidence::What;
use cpm_wire::io::Input;
use cpm_wire::time::Time;
use std::net::SocketAddr;

/// Opens the server of these documents; it lives as long as the run. Gives its address with the real port.
///
/// # Errors
/// When the address cannot be bound.
pub async fn open(address: SocketAddr, documents: Documents, board: Switchboard) -> std::io::Result<SocketAddr> {
    Desk::open(address, board, |address| PreferenceServer::new(address, documents), Desk::take).await
}

impl Desk<PreferenceServer> {
    fn take(&mut self, at: Time, input: Input) {
        self.neighbour.receive(input, &mut self.links);
        let ended = self.keep();
        while let Some(asked) = self.neighbour.poll_asked() {
            self.asked(at, &asked);
        }
        for connection in ended {
            let line = self.lines.remove(&connection).unwrap_or_default();
            self.hand_over(at, line.owner.as_deref(), line.held);
        }
    }

    fn asked(&mut self, at: Time, asked: &Asked) {
        let owner = asked.user.as_deref().and_then(|user| self.board.owner_of(user));
        // Reading ahead is no concern of anybody's; writing for nobody is.
        if owner.is_none() && asked.changing {
            let what = format!("a change of the documents of {}", asked.user.as_deref().unwrap_or("nobody"));
            self.board.note_stray(Stray { at, what, from: self.neighbour.address });
        }
        let Some(line) = self.lines.get_mut(&asked.connection) else { return };
        let held = std::mem::take(&mut line.held);
        line.owner = owner.or(line.owner.take());
        let owner = line.owner.clone();
        self.hand_over(at, owner.as_deref(), held);
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
    use crate::actors::preference_server::Place;
    use crate::evidence::Direction;
    use bytes::Bytes;
    use cpm_wire::net::Clock;
    use pretty_assertions::assert_eq;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::mpsc::Receiver;

    const ANY: &str = "127.0.0.1:0";

    fn get(user: &str) -> String {
        format!("GET /xcap-root/org.openmobilealliance.im-rules/users/{user}/index HTTP/1.1\r\nHost: x\r\n\r\n")
    }

    /// Asks and hears the answer.
    async fn ask(stream: &mut TcpStream, text: &str) -> String {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
            assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
        }
        String::from_utf8(heard).unwrap()
    }

    /// What the target said, as far as it is evidence of a scenario.
    async fn said(line: &mut Receiver<(Time, LinkInput)>) -> String {
        let mut said = String::new();
        while let Ok(Some((_, input))) = tokio::time::timeout(Duration::from_millis(200), line.recv()).await {
            match input {
                LinkInput::Seen(What::Octets(octets)) if octets.direction == Direction::Received => {
                    said.push_str(std::str::from_utf8(&octets.octets).unwrap());
                }
                LinkInput::Seen(_) => {}
                other => panic!("{other:?}"),
            }
        }
        said
    }

    #[tokio::test]
    async fn each_request_belongs_to_the_scenario_of_its_user() {
        let board = Switchboard::open(ANY.parse().unwrap(), Clock::start()).await.unwrap();
        board.claim("s1", &["sip:bob@example.com".to_owned()]);
        board.claim("s2", &["tel:+49301".to_owned()]);
        let (mut bobs, mut others) = (board.join("s1"), board.join("s2"));
        let documents = Documents::default();
        documents.set(&Place::new("sip:bob@example.com", "index"), Some(Bytes::from_static(b"<x/>")));
        let address = open(ANY.parse().unwrap(), documents, board.clone()).await.unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let first = ask(&mut stream, &get("sip:bob%40example.com")).await;
        assert!(first.starts_with("HTTP/1.1 200 OK\r\n") && first.contains("ETag: \"v1\"\r\n"), "{first}");
        let second = ask(&mut stream, &get("tel:+49301")).await;
        assert!(second.starts_with("HTTP/1.1 404 "), "{second}");
        assert_eq!(said(&mut bobs).await, get("sip:bob%40example.com"));
        assert_eq!(said(&mut others).await, get("tel:+49301"));
        assert!(board.strays().is_empty());
    }
}
