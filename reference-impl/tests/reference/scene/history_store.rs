//! The message store of the users: it takes every command, and remembers what was put where.

use bytes::Bytes;
use cpm_reference::config::MessageStoreAccess;
use cpm_wire::group_state::GroupState;
use cpm_wire::imap::types::command::CommandBody;
use cpm_wire::imap::types::extensions::binary::LiteralOrLiteral8;
use cpm_wire::imap::{Commands, FromClient, name_of};
use cpm_wire::io::{ConnectionId, Input, Output};
use std::collections::HashMap;
use std::net::SocketAddr;

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 143);

/// How the function gets there.
pub fn access() -> MessageStoreAccess {
    MessageStoreAccess { address: ADDRESS, user: "{user}".to_owned(), password_env: None }
}

#[derive(Default)]
pub struct HistoryStore {
    /// False for a store that cannot be reached.
    pub is_there: bool,
    /// True for a store that takes no object.
    pub refuses_objects: bool,
    /// The names of users who are not let in.
    pub locked_out: Vec<String>,
    /// Whose, in which folder, and what.
    pub objects: Vec<(String, String, Bytes)>,
    lines: HashMap<ConnectionId, (Commands, String)>,
}

impl HistoryStore {
    pub fn is_at(&self, address: SocketAddr) -> bool {
        self.is_there && address == ADDRESS
    }

    pub fn owns(&self, input: &Input) -> bool {
        match input {
            Input::Accepted { local, .. } => *local == ADDRESS,
            Input::Received { connection, .. } | Input::Closed { connection, .. } => {
                self.lines.contains_key(connection)
            }
            Input::Connected { .. } | Input::Authenticated { .. } | Input::Datagram { .. } => false,
        }
    }

    pub fn receive(&mut self, input: Input) -> Vec<Output> {
        let send = |connection, text: String| Output::Send { connection, octets: text.into() };
        match input {
            Input::Accepted { connection, .. } => {
                self.lines.insert(connection, (Commands::new(1 << 20), String::new()));
                vec![send(connection, "* OK ready\r\n".to_owned())]
            }
            Input::Received { connection, octets } => {
                let (mut commands, mut user) = self.lines.remove(&connection).unwrap();
                commands.push(&octets);
                let mut said = Vec::new();
                while let Some(read) = commands.poll() {
                    said.push(send(connection, self.answer(read, &mut user)));
                }
                self.lines.insert(connection, (commands, user));
                said
            }
            Input::Closed { connection, .. } => {
                self.lines.remove(&connection);
                Vec::new()
            }
            other => panic!("{other:?}"),
        }
    }

    fn answer(&mut self, read: FromClient, user: &mut String) -> String {
        let command = match read {
            FromClient::Command(command) => *command,
            FromClient::Announced => return "+ go on\r\n".to_owned(),
            other => panic!("{other:?}"),
        };
        let mut before = "";
        match command.body {
            CommandBody::Login { username, .. } => {
                *user = String::from_utf8(username.as_ref().to_vec()).unwrap();
                if self.locked_out.contains(user) {
                    return format!("{} NO who are you\r\n", command.tag.inner());
                }
            }
            CommandBody::Append { .. } if self.refuses_objects => {
                return format!("{} NO full\r\n", command.tag.inner());
            }
            CommandBody::List { .. } => before = "* LIST (\\Noselect) \"/\" \"\"\r\n",
            CommandBody::Append { mailbox, message: LiteralOrLiteral8::Literal(object), .. } => {
                self.objects.push((user.clone(), name_of(&mailbox), Bytes::from(object.into_inner().into_owned())));
            }
            _ => {}
        }
        format!("{before}{} OK done\r\n", command.tag.inner())
    }

    /// The group states of a folder, in order.
    pub fn states(&self, user: &str, folder: &str) -> Vec<GroupState> {
        let there = self.objects.iter().filter(|(own, at, _)| own == user && at == folder);
        let bodies = there.map(|(.., object)| {
            let at = object.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
            GroupState::parse(&object[at + 4..]).unwrap()
        });
        bodies.collect()
    }
}
