//! What the presence server shows of a user: a document of RFC 3863.

use bytes::Bytes;
use cpm_wire::pidf::{Basic, Document, Tuple};

/// What is shown of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Somebody is there.
    Open,
    /// Nobody is there.
    Closed,
    /// Nothing is known.
    Nothing,
}

impl Shown {
    /// The document that says so of the user with this public identity.
    pub(super) fn document(self, entity: &str) -> Bytes {
        let basic = match self {
            Shown::Open => Some(Basic::Open),
            Shown::Closed => Some(Basic::Closed),
            Shown::Nothing => None,
        };
        let tuples = basic.into_iter().map(|basic| Tuple::new("composed", basic)).collect();
        Document::new(entity, tuples).to_xml().into()
    }
}
