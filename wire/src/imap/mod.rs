//! IMAP4rev1 octets (RFC 3501) for both ends of a connection to a message store: streams are cut into whole commands
//! and responses, within bounds, before anything is decoded. Literals may be non-synchronising (RFC 7888).
//!
//! The grammar itself is that of the crate `imap-codec`, which is named here alone. Commands are read by the letter of the
//! RFC; in responses a client bears a missing text and a stray space, as servers write them.

mod commands;
mod responses;
#[cfg(test)]
mod tests;

pub use commands::{Commands, FromClient};
pub use imap_codec::encode::Fragment;
pub use imap_codec::imap_types as types;
pub use responses::{FromServer, Responses};

use bytes::Bytes;
use imap_codec::encode::Encoder;
use imap_codec::imap_types::command::Command;
use imap_codec::imap_types::mailbox::Mailbox;
use imap_codec::imap_types::response::{Greeting, Response};
use imap_codec::{CommandCodec, GreetingCodec, ResponseCodec};

/// The longest command that a tester takes, its literals included. Whoever reads a stream again has to know: after a
/// literal that was refused comes the next command, and not the literal.
pub const LONGEST_COMMAND: u32 = 16 * 1024 * 1024;

/// The pieces of a command: the client waits for the server's `+` before each synchronising literal.
pub fn pieces(command: &Command<'_>) -> impl Iterator<Item = Fragment> + use<> {
    CommandCodec::new().encode(command)
}

/// The octets of a greeting.
pub fn greeting(greeting: &Greeting<'_>) -> Bytes {
    GreetingCodec::new().encode(greeting).dump().into()
}

/// The octets of a response. It has no literal that anybody would wait for.
pub fn response(response: &Response<'_>) -> Bytes {
    ResponseCodec::new().encode(response).dump().into()
}

/// The name of a mailbox; octets that are no UTF-8 become U+FFFD.
pub fn name_of(mailbox: &Mailbox<'_>) -> String {
    match mailbox {
        Mailbox::Inbox => "INBOX".to_owned(),
        Mailbox::Other(other) => String::from_utf8_lossy(other.inner().as_ref()).into_owned(),
    }
}
