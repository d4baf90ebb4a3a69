//! SIP messages (RFC 3261): lossless, octet for octet.
//!
//! [`Message`] keeps the octets as they came and knows where each line, name and value stands in them; what a field
//! means is read on demand. [`Builder`] and [`Editor`] make new messages; the editor leaves untouched fields as they
//! are, so that a message passed on is still the one that came.

mod access;
mod address;
mod build;
mod cardinality;
mod check;
mod edit;
mod fields;
pub(crate) mod grammar;
mod headers;
mod lists;
mod message;
mod method;
mod name;
mod params;
mod parse;
mod reason;
mod sip_uri;
mod storage;
pub mod stream;
mod tel_uri;
#[cfg(test)]
mod tests;
mod uri;
mod via;
mod write;

pub use address::NameAddr;
pub use build::Builder;
pub use check::Malformed;
pub use edit::Editor;
pub use headers::{CSeq, HeaderError, MediaType, Tokenized};
pub use lists::split_list;
pub use message::{Field, Message, Span, StartLine};
pub use method::Method;
pub use name::{Name, Unknown};
pub use params::Params;
pub use parse::{ParseError, ParseErrorKind};
pub use reason::reason_phrase;
pub use sip_uri::SipUri;
pub use tel_uri::TelUri;
pub use uri::{Uri, UriError, identity_key};
pub use via::Via;
