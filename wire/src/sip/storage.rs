//! The octets of a message, and whether they are text.

use bytes::Bytes;
use bytestring::ByteString;
use std::ops::{Deref, Range};

/// The octets of a message. Nearly every message is text from its first octet to its last, and is checked for that once;
/// of any other the parts are checked when they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    /// All of it is UTF-8.
    Text(ByteString),
    /// The body is not.
    Octets(Bytes),
}

impl Storage {
    /// Looks at the octets of a message once and for all.
    pub fn of(octets: Bytes) -> Storage {
        // A failed conversion drops the octets, of which this keeps a handle.
        match ByteString::try_from(octets.clone()) {
            Ok(text) => Storage::Text(text),
            Err(_) => Storage::Octets(octets),
        }
    }

    /// True when all of it is text.
    pub const fn is_text(&self) -> bool {
        matches!(self, Storage::Text(_))
    }

    /// The text of a part; None when it is none.
    #[inline]
    pub fn text(&self, part: Range<usize>) -> Option<&str> {
        match self {
            Storage::Text(text) => text.get(part),
            Storage::Octets(octets) => std::str::from_utf8(octets.get(part)?).ok(),
        }
    }

    /// The octets.
    pub fn octets(&self) -> &Bytes {
        match self {
            Storage::Text(text) => text.as_bytes(),
            Storage::Octets(octets) => octets,
        }
    }
}

impl Deref for Storage {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.octets()
    }
}
