//! Cutting a stream into PDUs: each says how long it is.

use super::read::{Lengths, PduError};
use bytes::{Bytes, BytesMut};

/// Cuts a stream into the octets of PDUs. Only what makes the next PDU unfindable is an error here; what is inside,
/// [`super::Pdu::parse`] tells.
#[derive(Debug, Default)]
pub struct Framer {
    buffer: BytesMut,
    failed: bool,
}

impl Framer {
    /// Takes octets of the stream, cut anywhere.
    pub fn push(&mut self, octets: &[u8]) {
        if !self.failed {
            self.buffer.extend_from_slice(octets);
        }
    }

    /// The octets of the next whole PDU, if they are there. After an error nothing follows.
    #[allow(clippy::should_implement_trait, reason = "more may follow after None, when more octets were pushed")]
    pub fn next(&mut self) -> Option<Result<Bytes, PduError>> {
        if self.failed {
            return None;
        }
        match Lengths::of(&self.buffer) {
            Ok(Some(lengths)) if lengths.whole() <= self.buffer.len() => {
                Some(Ok(self.buffer.split_to(lengths.whole()).freeze()))
            }
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
