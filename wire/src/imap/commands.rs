//! What a server reads: commands, and the announcements of literals that it has to answer.

use imap_codec::CommandCodec;
use imap_codec::fragmentizer::{FragmentInfo, Fragmentizer};
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::command::Command;
use imap_codec::imap_types::core::{LiteralMode, Tag};

/// What a client sent.
#[derive(Clone, Debug, PartialEq)]
pub enum FromClient {
    /// A whole command.
    Command(Box<Command<'static>>),
    /// A literal is announced, and waits for the server's `+`.
    Announced,
    /// A literal larger than is taken was announced, and is not sent once the command is refused with NO.
    Refused {
        /// The tag of the command.
        tag: Option<Tag<'static>>,
    },
    /// A line that is no command of RFC 3501.
    Malformed {
        /// Its tag, if it has one.
        tag: Option<Tag<'static>>,
    },
    /// More octets than are taken came without a pause in which they could have been refused. Nothing follows.
    Flooded,
}

/// Cuts the stream of a client into commands.
#[derive(Debug)]
pub struct Commands {
    fragmentizer: Fragmentizer,
    most_octets: u32,
    flooded: bool,
}

impl Commands {
    /// A stream whose commands have at most `most_octets`, literals included.
    pub fn new(most_octets: u32) -> Commands {
        Commands { fragmentizer: Fragmentizer::new(most_octets), most_octets, flooded: false }
    }

    /// Takes octets of the stream.
    pub fn push(&mut self, octets: &[u8]) {
        if !self.flooded {
            self.fragmentizer.enqueue_bytes(octets);
        }
    }

    /// The next thing in the stream; none when more octets are needed, and for ever after a flood.
    pub fn poll(&mut self) -> Option<FromClient> {
        while !self.flooded {
            let fragment = self.fragmentizer.progress();
            if self.fragmentizer.is_max_message_size_exceeded() {
                self.flooded = true;
                self.fragmentizer = Fragmentizer::new(0);
                return Some(FromClient::Flooded);
            }
            let told = match fragment? {
                FragmentInfo::Line { announcement: Some(literal), .. } if literal.mode == LiteralMode::Sync => {
                    Some(self.announced(literal.length))
                }
                _ if self.fragmentizer.is_message_complete() => Some(self.command()),
                _ => None,
            };
            if told.is_some() {
                return told;
            }
        }
        None
    }

    fn announced(&mut self, length: u32) -> FromClient {
        let so_far = u32::try_from(self.fragmentizer.message_bytes().len()).unwrap_or(u32::MAX);
        if so_far.saturating_add(length) < self.most_octets {
            return FromClient::Announced;
        }
        let tag = self.tag();
        self.fragmentizer.skip_message();
        FromClient::Refused { tag }
    }

    fn command(&self) -> FromClient {
        match self.fragmentizer.decode_message(&CommandCodec::new()) {
            Ok(command) => FromClient::Command(Box::new(command.into_static())),
            Err(_) => FromClient::Malformed { tag: self.tag() },
        }
    }

    fn tag(&self) -> Option<Tag<'static>> {
        self.fragmentizer.decode_tag().map(IntoStatic::into_static)
    }
}
