//! What users have sent and got through the function, and the sessions in which they did: told by whatever carries it, for
//! whoever keeps it. Nothing is told where nobody keeps anything.

use super::Mechanics;
use bytes::Bytes;
use cpm_wire::group_state::GroupState;
use cpm_wire::sip::{Message, Name};
use cpm_wire::time::Time;

/// Something that a user has sent or got, or a session that has ended.
#[derive(Debug)]
pub enum Carried {
    /// A request outside sessions, or a large message, that was taken.
    Request(Box<Request>),
    /// A message, a notification or a file of a session.
    InSession(Box<InSession>),
    /// A session that has ended.
    Ended(Box<Ended>),
}

/// A request that was taken, and its content.
#[derive(Debug)]
pub struct Request {
    /// The MESSAGE, or the INVITE of a large message.
    pub request: Message,
    /// The Content-Type of the content.
    pub content_type: String,
    /// The content.
    pub content: Bytes,
}

/// What a session is, for one served user.
#[derive(Clone, Debug)]
pub struct SessionOf {
    /// The served user, as the serving CSCF named it.
    pub user: String,
    /// The other user, or the group.
    pub other: String,
    /// Conversation-ID.
    pub conversation: String,
    /// Contribution-ID.
    pub contribution: String,
    /// Subject; empty for none.
    pub subject: String,
    /// What it is for.
    pub kind: SessionKind,
    /// Since when it is.
    pub since: Time,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// A chat of two.
    OfTwo,
    /// A chat of a group.
    OfGroup,
    /// One large message.
    Large,
}

/// What was said in a session.
#[derive(Debug)]
pub struct InSession {
    /// In which.
    pub session: SessionOf,
    /// The served user has sent it.
    pub sent: bool,
    /// Content-Type.
    pub content_type: String,
    /// The octets.
    pub octets: Bytes,
}

/// A session that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Which.
    pub session: SessionOf,
    /// Those who took part, as far as they are known.
    pub participants: Vec<String>,
    /// The state of a group at its end.
    pub state: Option<GroupState>,
}

impl SessionOf {
    /// The session that an INVITE begins.
    pub fn begun_by(invite: &Message, user: &str, other: String, kind: SessionKind, since: Time) -> SessionOf {
        let header = |name: Name| invite.header(&name).unwrap_or_default().to_owned();
        SessionOf {
            user: user.to_owned(),
            other,
            conversation: header(Name::ConversationId),
            contribution: header(Name::ContributionId),
            subject: header(Name::Subject),
            kind,
            since,
        }
    }
}

impl Mechanics {
    /// Tells what was carried.
    pub fn carried(&mut self, carried: impl FnOnce() -> Carried) {
        if self.config.message_store.is_some() {
            self.carried.push_back(carried());
        }
    }

    /// The same of a request that has its content within.
    pub fn carried_request(&mut self, request: &Message) {
        self.carried(|| {
            let content_type = request.header(&Name::ContentType).unwrap_or_default().to_owned();
            let content = request.body_octets();
            Carried::Request(Box::new(Request { request: request.clone(), content_type, content }))
        });
    }

    /// The next thing that was carried.
    pub fn poll_carried(&mut self) -> Option<Carried> {
        self.carried.pop_front()
    }
}
