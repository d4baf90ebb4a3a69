//! What the target puts into the message store of its users, read again from the octets of each APPEND and of the answer to it
//! (RFC 3501 section 6.3.11): objects of conversations, whatever their form and wherever they lie.
//!
//! An object belongs to the user under whose name it was put there, or, where a target acts under a name of its own, to the
//! user whom its head names.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use cpm_wire::imap::types::command::CommandBody;
use cpm_wire::imap::types::extensions::binary::LiteralOrLiteral8;
use cpm_wire::imap::{self, Commands, FromClient, name_of};
use cpm_wire::sip::NameAddr;

use super::cast::Cast;
use super::content::{Content, essence};
use super::group_states::{GroupState, field, named, read_object, served, split};
use super::transfer_coding;
use crate::evidence::{Connection, ConnectionWhat, Direction, Octets};

/// Objects kept of one scenario.
const OBJECTS: usize = 4096;
/// Group-state objects kept of one scenario.
const GROUP_STATES: usize = 1000;
/// Connections read at a time.
const CONNECTIONS: usize = 64;
/// Octets of an object in which words are looked for.
const SEARCHED: usize = 256 * 1024;
/// Appends of one connection that wait for their answers.
const WAITING: usize = 256;

/// An object that the target put into a message store, or tried to.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The frame that made it whole.
    pub frame: u64,
    /// The frame in which the store took it.
    pub taken: Option<u64>,
    /// The served user in whose history it is.
    pub person: Option<String>,
    /// The names of the folders in which it lies, the outermost first.
    pub folders: Vec<String>,
    /// What its body says.
    pub content: Content,
    head: Vec<(String, String)>,
    octets: Bytes,
}

impl Kept {
    fn read(frame: u64, user: Option<&str>, folder: &str, octets: &[u8], cast: &Cast) -> Kept {
        let (head, body) = split(octets);
        let coding = field(&head, "content-transfer-encoding").unwrap_or_default();
        let body = transfer_coding::undone(coding, body);
        let content = Content::read(field(&head, "content-type"), &body);
        let address = |name: &str| field(&head, name).and_then(|value| served(value, cast));
        let by_head = || match field(&head, "message-direction") {
            Some(way) if way.eq_ignore_ascii_case("sent") => address("from"),
            _ => address("to").or_else(|| address("from")),
        };
        let person = user.and_then(|user| named(user, cast)).or_else(by_head);
        let folders = folder.split('/').map(str::to_owned).collect();
        Kept { frame, taken: None, person, folders, content, head, octets: body }
    }

    /// A field of its head.
    pub fn field(&self, name: &str) -> Option<&str> {
        field(&self.head, name)
    }

    /// The URI in a field of its head.
    pub fn address(&self, name: &str) -> Option<String> {
        let value = self.field(name)?;
        Some(NameAddr::parse(value).map_or_else(|_| value.to_owned(), |address| address.uri.to_owned()))
    }

    /// The type of what it is, without parameters.
    pub fn kind(&self) -> &str {
        essence(&self.content.content_type)
    }

    /// Whether it is the message with this imdn.Message-ID: by its head, by its envelope, or in the parts of its body. What
    /// reports on that message names it, too, and is none.
    pub fn is_message(&self, id: &str) -> bool {
        let told = self.field("imdn-message-id").or(self.content.message_id.as_deref());
        match told {
            Some(own) => own == id && self.content.reports().is_empty(),
            None => self.content.reports().is_empty() && self.holds(id.as_bytes()),
        }
    }

    /// Whether these octets stand somewhere in its body.
    pub fn holds(&self, octets: &[u8]) -> bool {
        let searched = self.octets.get(..SEARCHED).unwrap_or(&self.octets);
        !octets.is_empty() && memchr::memmem::find(searched, octets).is_some()
    }

    /// Whether it names this contribution: in its head, or where that names none, by its folders or in its body.
    pub fn names(&self, contribution: &str) -> bool {
        self.field("contribution-id").map_or_else(
            || self.folders.iter().any(|folder| folder == contribution) || self.holds(contribution.as_bytes()),
            |own| own == contribution,
        )
    }
}

/// A stream of commands, who sends them, and the objects that wait for an answer, by the tags of their commands.
struct Stream {
    commands: Commands,
    user: Option<String>,
    waiting: Vec<(String, usize)>,
}

/// All that went to message stores in the scenario.
#[derive(Default)]
pub(super) struct History {
    streams: HashMap<(Arc<str>, u64), Stream>,
    kept: Vec<Kept>,
    group_states: Vec<GroupState>,
}

impl History {
    pub(super) fn kept(&self) -> &[Kept] {
        &self.kept
    }

    pub(super) fn group_states(&self) -> &[GroupState] {
        &self.group_states
    }

    /// A connection that has ended is read no more, and its number may name another one.
    pub(super) fn connection(&mut self, connection: &Connection) {
        if matches!(connection.what, ConnectionWhat::Finished { .. } | ConnectionWhat::Reset { .. }) {
            self.streams.remove(&(connection.actor.clone(), connection.connection));
        }
    }

    /// Adds octets of a connection.
    pub(super) fn observe(&mut self, frame: u64, octets: &Octets, cast: &Cast) {
        let key = (octets.actor.clone(), octets.connection.unwrap_or_default());
        if octets.direction == Direction::Sent {
            return self.answers(&key, frame, &octets.octets);
        }
        if !self.streams.contains_key(&key) && self.streams.len() >= CONNECTIONS {
            return;
        }
        let stream = self.streams.entry(key).or_insert_with(|| Stream {
            commands: Commands::new(imap::LONGEST_COMMAND),
            user: None,
            waiting: Vec::new(),
        });
        stream.commands.push(&octets.octets);
        while let Some(read) = stream.commands.poll() {
            let FromClient::Command(command) = read else { continue };
            let command = *command;
            match command.body {
                CommandBody::Login { username, .. } => {
                    stream.user = Some(String::from_utf8_lossy(username.as_ref()).into_owned());
                }
                CommandBody::Append { mailbox, message: LiteralOrLiteral8::Literal(object), .. } => {
                    let (user, folder) = (stream.user.as_deref(), name_of(&mailbox));
                    if self.group_states.len() < GROUP_STATES {
                        self.group_states.extend(read_object(frame, user, &folder, object.data(), cast));
                    }
                    if self.kept.len() < OBJECTS && stream.waiting.len() < WAITING {
                        stream.waiting.push((command.tag.as_ref().to_owned(), self.kept.len()));
                        self.kept.push(Kept::read(frame, user, &folder, object.data(), cast));
                    }
                }
                _ => {}
            }
        }
    }

    /// What the store says: each of its answers is a line, and begins with the tag of the command.
    fn answers(&mut self, key: &(Arc<str>, u64), frame: u64, octets: &[u8]) {
        let Some(stream) = self.streams.get_mut(key) else { return };
        for line in octets.split(|octet| *octet == b'\n') {
            let line = String::from_utf8_lossy(line);
            let mut words = line.split_whitespace();
            let (Some(tag), Some(outcome)) = (words.next(), words.next()) else { continue };
            let Some(at) = stream.waiting.iter().position(|(own, _)| own == tag) else { continue };
            let (_, object) = stream.waiting.remove(at);
            if let Some(kept) = self.kept.get_mut(object).filter(|_| outcome.eq_ignore_ascii_case("OK")) {
                kept.taken = Some(frame);
            }
        }
    }
}
