//! What session descriptions say of MSRP sessions, for the rules of what is sent in them. Bounded.

use bytes::Bytes;

use super::exchange::Outline;
use super::read::{Description, Name};
use crate::rules::base::bounded::Bounded;
use crate::rules::base::digest::digest;
use crate::rules::base::piece::Piece;

/// What the owner of an MSRP URI has said.
#[derive(Clone, Debug)]
pub(in crate::rules::base) struct Session {
    /// The longest message that is wanted.
    pub max_size: Option<u64>,
    /// Whether the owner waits for the connection.
    pub passive: bool,
    types: Bytes,
}

impl Session {
    /// Whether content of this type was asked for.
    pub fn accepts(&self, kind: &str, sub: &str) -> bool {
        let types = std::str::from_utf8(&self.types).unwrap_or("*");
        types.split([' ', '\t']).any(|accepted| {
            let essence = accepted.split(';').next().unwrap_or_default();
            let whole = essence.split_once('/');
            let fits = |(own, own_sub): (&str, &str)| {
                own.eq_ignore_ascii_case(kind) && (own_sub == "*" || own_sub.eq_ignore_ascii_case(sub))
            };
            essence == "*" || essence == "*/*" || whole.is_some_and(fits)
        })
    }

    /// The types as they were said.
    pub fn types(&self) -> &str {
        std::str::from_utf8(&self.types).unwrap_or_default()
    }
}

/// Remembers sessions by the URI of their owner, the last one in a path.
#[derive(Debug)]
pub(in crate::rules::base) struct Sessions {
    sessions: Bounded<u64, Session>,
}

impl Sessions {
    pub fn new() -> Sessions {
        Sessions { sessions: Bounded::new(4096) }
    }

    /// Takes in what a description says, whose octets are these.
    pub fn learn(&mut self, description: &Description<'_>, own: &Outline) {
        let octets = &own.octets;
        for medium in description.media().filter(|medium| medium.is_msrp() && medium.is_in_use()) {
            let Some(owner) = medium.said(Name::Path).and_then(|path| path.text.split(' ').next_back()) else {
                continue;
            };
            let cut = |piece: Piece<'_>| {
                let (start, end) = piece.span();
                if end <= octets.len() { octets.slice(start..end) } else { Bytes::new() }
            };
            let session = Session {
                max_size: medium.said(Name::MaxSize).and_then(|size| size.text.trim().parse().ok()),
                passive: medium.setup(description.session()).is_some_and(|role| role.text == "passive"),
                types: medium.said(Name::AcceptTypes).map_or(Bytes::from_static(b"*"), cut),
            };
            self.sessions.insert(print(owner), session);
        }
    }

    /// What was said of the last URI of a path.
    pub fn of(&self, path: &str) -> Option<&Session> {
        self.sessions.get(&print(path.split(' ').next_back()?))
    }
}

/// The print of what names a session in a URI: what stands before its transport.
fn print(uri: &str) -> u64 {
    digest(uri.split(';').next().unwrap_or_default().as_bytes())
}
