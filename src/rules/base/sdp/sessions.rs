//! What session descriptions say of MSRP sessions, for the rules of what is sent in them. Bounded.

use bytes::Bytes;

use super::exchange::Outline;
use super::read::{Description, Medium, Name};
use crate::rules::base::bounded::Bounded;
use crate::rules::base::digest::digest;
use crate::rules::base::piece::Piece;

/// So many sessions are remembered.
const SESSIONS: usize = 4096;

/// What the owner of an MSRP URI has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rules::base) struct Session {
    /// The longest message that is wanted.
    pub max_size: Option<u64>,
    /// Whether the owner waits for the connection.
    pub passive: bool,
    /// Whether the owner takes content: the direction is sendrecv or recvonly.
    pub receives: bool,
    types: Bytes,
    wrapped: Option<Bytes>,
}

impl Session {
    /// Whether content of this type was asked for.
    pub fn accepts(&self, kind: &str, sub: &str) -> bool {
        has(&self.types, kind, sub)
    }

    /// Whether content of this type was asked for inside of an envelope. What may stand alone may stand there too, and who
    /// lists no types for it has not said.
    pub fn accepts_wrapped(&self, kind: &str, sub: &str) -> bool {
        self.wrapped.as_ref().is_none_or(|wrapped| has(wrapped, kind, sub)) || self.accepts(kind, sub)
    }

    /// The types as they were said.
    pub fn types(&self) -> &str {
        std::str::from_utf8(&self.types).unwrap_or_default()
    }

    /// The types within envelopes as they were said.
    pub fn wrapped_types(&self) -> &str {
        self.wrapped.as_deref().and_then(|wrapped| std::str::from_utf8(wrapped).ok()).unwrap_or_default()
    }

    /// The same session described otherwise, later or on another hop: it is not known which description has reached whom, so
    /// what either lets through is let through.
    fn widen(&mut self, other: Session) {
        self.max_size = self.max_size.zip(other.max_size).map(|(own, other)| own.max(other));
        self.passive &= other.passive;
        self.receives |= other.receives;
        self.types = both(&self.types, &other.types);
        self.wrapped = self.wrapped.take().zip(other.wrapped).map(|(own, other)| both(&own, &other));
    }
}

/// Whether a list of types has this one.
fn has(types: &[u8], kind: &str, sub: &str) -> bool {
    let types = std::str::from_utf8(types).unwrap_or("*");
    types.split([' ', '\t']).any(|accepted| {
        let essence = accepted.split(';').next().unwrap_or_default();
        let whole = essence.split_once('/');
        let fits = |(own, own_sub): (&str, &str)| {
            own.eq_ignore_ascii_case(kind) && (own_sub == "*" || own_sub.eq_ignore_ascii_case(sub))
        };
        essence == "*" || essence == "*/*" || whole.is_some_and(fits)
    })
}

/// So long a list of types is kept. A longer one might hold anything.
const LONGEST_LIST: usize = 2048;

fn both(one: &Bytes, other: &Bytes) -> Bytes {
    match one == other {
        true => one.clone(),
        false if one.len() + other.len() > LONGEST_LIST => Bytes::from_static(b"*"),
        false => Bytes::from([&one[..], b" ", &other[..]].concat()),
    }
}

/// What descriptions have said of sessions, for who judges MSRP elsewhere.
pub type Promises = Vec<Promise>;

/// What one description has said of one session.
#[derive(Clone, Debug)]
pub struct Promise {
    owner: u64,
    session: Session,
}

/// Remembers sessions by the URI of their owner, the last one in a path.
#[derive(Debug)]
pub(in crate::rules::base) struct Sessions {
    sessions: Bounded<u64, Session>,
    /// What was learnt since it was last asked for, where somebody asks; nobody else does then.
    news: Option<Promises>,
}

impl Sessions {
    pub fn new() -> Sessions {
        Sessions { sessions: Bounded::new(SESSIONS), news: None }
    }

    /// From now on somebody asks for what is learnt.
    pub fn report(&mut self) {
        self.news.get_or_insert_default();
    }

    /// What was learnt since this was last asked.
    pub fn news(&mut self) -> Promises {
        self.news.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Takes in what others have learnt.
    pub fn hear(&mut self, promises: Promises) {
        for Promise { owner, session } in promises {
            match self.sessions.get_mut(&owner) {
                Some(known) if *known != session => known.widen(session),
                Some(_) => {}
                None => drop(self.sessions.insert(owner, session)),
            }
        }
    }

    /// Forgets the older half.
    pub fn halve(&mut self) {
        self.sessions.halve();
    }

    /// Takes in what a description says.
    pub fn learn(&mut self, mut promises: Promises) {
        match &mut self.news {
            Some(news) if news.len() < SESSIONS => news.append(&mut promises),
            Some(_) => {}
            None => {
                promises.into_iter().for_each(|Promise { owner, session }| drop(self.sessions.insert(owner, session)))
            }
        }
    }

    /// What was said of the last URI of a path.
    pub fn of(&self, path: &str) -> Option<&Session> {
        self.sessions.get(&print(path.split(' ').next_back()?))
    }
}

/// What a description says, whose octets are these.
pub(in crate::rules::base) fn promises(description: &Description<'_>, own: &Outline) -> Promises {
    let promise = |medium: Medium<'_, '_>| {
        let owner = medium.said(Name::Path).and_then(|path| path.text.split(' ').next_back())?;
        Some(Promise { owner: print(owner), session: session(description, &medium, &own.octets) })
    };
    description.media().filter(|medium| medium.is_msrp() && medium.is_in_use()).filter_map(promise).collect()
}

/// What a medium says of its session.
fn session<'a>(description: &Description<'a>, medium: &Medium<'_, 'a>, octets: &Bytes) -> Session {
    let cut = |piece: Piece<'_>| {
        let (start, end) = piece.span();
        // A slice would keep the whole description.
        octets.get(start..end).map_or_else(Bytes::new, Bytes::copy_from_slice)
    };
    let session = description.session();
    let deaf = |direction: Piece<'_>| matches!(direction.text, "sendonly" | "inactive");
    Session {
        max_size: medium.said(Name::MaxSize).and_then(|size| size.text.trim().parse().ok()),
        passive: medium.setup(session).is_some_and(|role| role.text == "passive"),
        receives: !medium.direction(session).is_some_and(deaf),
        types: medium.said(Name::AcceptTypes).map_or(Bytes::from_static(b"*"), cut),
        wrapped: medium.said(Name::AcceptWrappedTypes).map(cut),
    }
}

/// The print of what names a session in a URI: what stands before its transport.
fn print(uri: &str) -> u64 {
    digest(uri.split(';').next().unwrap_or_default().as_bytes())
}
