//! Cutting a stream into messages (RFC 6733 section 3): every message says how long it is.

use super::error::DiameterError;
use super::header::Header;
use bytes::{Bytes, BytesMut};

/// The longest message that is read. Records of charging have some thousand octets.
pub const MAX_MESSAGE: usize = 1 << 20;

/// Cuts a stream into the octets of messages, shared and not copied once they are together. Only what makes the next
/// message unfindable is an error here; what is inside, [`super::Message::parse`] tells.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    failed: bool,
}

impl Framer {
    /// Takes octets of the stream, cut anywhere.
    pub fn push(&mut self, octets: Bytes) {
        if self.failed {
            return;
        }
        if self.buffer.is_empty() {
            // Octets that nobody else holds are taken over as they are.
            match octets.try_into_mut() {
                Ok(own) => self.buffer = own,
                Err(shared) => self.buffer.extend_from_slice(&shared),
            }
        } else {
            self.buffer.extend_from_slice(&octets);
        }
    }

    /// The octets of the next whole message, if they are there. After an error nothing follows.
    #[allow(clippy::should_implement_trait, reason = "more may follow after None, when more octets were pushed")]
    pub fn next(&mut self) -> Option<Result<Bytes, DiameterError>> {
        if self.failed {
            return None;
        }
        match length(&self.buffer) {
            Ok(Some(length)) if length <= self.buffer.len() => Some(Ok(self.buffer.split_to(length).freeze())),
            Ok(_) => None,
            Err(error) => {
                self.failed = true;
                self.buffer = BytesMut::new();
                Some(Err(error))
            }
        }
    }

    /// The octets that wait for more.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }
}

/// How long the message at the beginning is, once its header is there.
fn length(octets: &[u8]) -> Result<Option<usize>, DiameterError> {
    match Header::parse(octets) {
        Ok(header) if header.length as usize > MAX_MESSAGE => Err(DiameterError::TooLong(header.length as usize)),
        Ok(header) => Ok(Some(header.length as usize)),
        // A wrong version is told before the whole header has come.
        Err(DiameterError::Short(_)) => match octets.first() {
            Some(version) if *version != 1 => Err(DiameterError::Version(*version)),
            _ => Ok(None),
        },
        Err(error) => Err(error),
    }
}
