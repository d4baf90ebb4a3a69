//! TLS 1.2 (RFC 5246) and 1.3 (RFC 8446), read with secrets that somebody who took part has written down. Nothing is
//! broken here, and nothing trusted: certificates and signatures are passed over.
//!
//! records of both directions -> handshake in the clear -> suite and secrets -> keys -> what was said.

mod agreed;
mod block;
mod derive;
mod direction;
mod fields;
mod handshake;
mod hello;
mod key_log;
mod opener;
mod record;
mod sealed;
mod session;
mod suite;
#[cfg(test)]
pub(super) mod testing;

pub use key_log::{KeyLog, KeyLogError};
pub use sealed::{Sealed, SealedAt};

pub(super) use record::begins;
pub(super) use session::Session;
