//! MSRP messages (RFC 4975): SEND, REPORT and their responses, told apart on a stream without copying bodies.

mod build;
mod framer;
mod head;
mod message;
#[cfg(test)]
mod tests;
mod uri;

pub use build::{Chunk, Report, answer, refusal, report, response, send};
pub use framer::{FrameError, Framer};
pub use message::{ByteRange, FailureReport, Field, Flag, Kind, Message, Method};
pub use uri::{DEFAULT_PORT, MsrpUri, MsrpUriError};
