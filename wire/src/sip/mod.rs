//! SIP messages (RFC 3261): lossless, octet for octet.
//!
//! [`Message`] keeps the octets as they came and knows where each line, name and value stands in them; what a field
//! means is read on demand. [`Builder`] and [`Editor`] make new messages; the editor leaves untouched fields as they
//! are, so that a message passed on is still the one that came.

mod build;
mod check;
mod edit;
mod headers;
mod lists;
mod message;
mod method;
mod name;
mod params;
mod parse;
mod reason;
pub mod stream;
#[cfg(test)]
mod tests;
mod uri;

pub use build::Builder;
pub use check::Malformed;
pub use edit::Editor;
pub use headers::{CSeq, HeaderError, MediaType, NameAddr, Tokenized, Via};
pub use lists::split_list;
pub use message::{Field, Message, Span, StartLine};
pub use method::Method;
pub use name::Name;
pub use params::Params;
pub use parse::{ParseError, ParseErrorKind};
pub use reason::reason_phrase;
pub use uri::{SipUri, TelUri, Uri, UriError, identity_key};
