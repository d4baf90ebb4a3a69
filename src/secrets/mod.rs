//! Secrets, and how they are kept out of every file of a run. There are two kinds, and this is the one place that knows them.
//!
//! What a neighbour of the tester is told to prove who speaks (passwords of IMAP, credentials of HTTP and of SIP) is known by
//! where it stands, and blotted out as it goes into the evidence: each octet becomes an `x`, so that everything else stays
//! where it was, and is read as before. What the environment variables hold that a profile names is known by itself, and
//! blotted out of whatever hooks print and whatever is told of them.

mod http;
mod imap;
mod named;

use bytes::Bytes;
use http::Headers;
pub use http::of_sip;
use imap::Commands;
pub(crate) use named::HIDDEN;
pub use named::{Secrets, filled, names, without_credentials};

/// What each octet of a secret becomes: nothing that IMAP would not take for a password.
const BLOT: u8 = b'x';

/// Blots secrets out of what a neighbour is told on one connection, piece by piece.
#[derive(Debug)]
pub enum Blotter {
    /// A connection of IMAP.
    Imap(Box<Commands>),
    /// A connection of HTTP.
    Http(Box<Headers>),
}

impl Blotter {
    /// For a new connection of IMAP.
    #[must_use]
    pub fn imap() -> Blotter {
        Blotter::Imap(Box::default())
    }

    /// For a new connection of HTTP.
    #[must_use]
    pub fn http() -> Blotter {
        Blotter::Http(Box::default())
    }

    /// The next octets that came, without secrets.
    pub fn came(&mut self, octets: Bytes) -> Bytes {
        let secret = match self {
            Blotter::Imap(commands) => commands.came(&octets),
            Blotter::Http(headers) => headers.came(&octets),
        };
        blotted(octets, &secret)
    }

    /// What was answered meanwhile.
    pub fn answered(&mut self, octets: &[u8]) {
        match self {
            Blotter::Imap(commands) => commands.answered(octets),
            Blotter::Http(_) => {}
        }
    }
}

/// The octets, with those at `secret` blotted out.
fn blotted(octets: Bytes, secret: &[usize]) -> Bytes {
    if secret.is_empty() {
        return octets;
    }
    let mut shown = octets.to_vec();
    for at in secret {
        if let Some(octet) = shown.get_mut(*at) {
            *octet = BLOT;
        }
    }
    Bytes::from(shown)
}
