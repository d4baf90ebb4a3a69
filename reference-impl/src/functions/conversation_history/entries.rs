//! What is kept of what was carried: messages, notifications and files as they were, and of a session that has ended what it
//! was. That somebody is composing is not kept.

use crate::call::carried::{Carried, Ended, InSession, Request, SessionKind, SessionOf};
use crate::call::served::{SessionCase, originator, served_user};
use crate::call::{Mechanics, bodies};
use crate::functions::messages::{self, Kind};
use crate::functions::missed_group_content::{About, Content, content, is_nobody};
use bytes::Bytes;
use cpm_wire::group_state::{GroupState, MEDIA_TYPE};
use cpm_wire::sip::{Message, Method, Name};
use std::fmt::Write;

/// Something that is kept.
#[derive(Debug)]
pub struct Entry {
    /// Whose history it belongs to.
    pub user: String,
    /// Conversation-ID.
    pub conversation: String,
    /// Contribution-ID.
    pub contribution: String,
    /// The user has sent it.
    pub sent: bool,
    /// Who said it.
    pub from: String,
    /// To whom.
    pub to: String,
    /// When, as its author says it (RFC 3339); the time of the function where nothing is said.
    pub date: String,
    /// Subject; empty for none.
    pub subject: String,
    /// Its own identifier.
    pub message_id: Option<String>,
    /// What it is known again by; none for what is written anew each time.
    pub name: Option<String>,
    /// What it is, for Message-Context (RFC 3458).
    pub context: &'static str,
    /// Content-Type.
    pub content_type: String,
    /// The octets.
    pub octets: Bytes,
}

/// Whose something is that was carried, and who the other is.
#[derive(Debug)]
pub struct User {
    /// The served user.
    pub user: String,
    /// The other user, or the group.
    pub other: String,
}

/// Whose this is; none for what is nobody's.
pub fn user_of(carried: &Carried) -> Option<User> {
    let of = |session: &SessionOf| Some(User { user: session.user.clone(), other: session.other.clone() });
    match carried {
        Carried::Request(one) => of_request(&one.request),
        Carried::InSession(one) => of(&one.session),
        Carried::Ended(one) => of(&one.session),
    }
}

fn of_request(request: &Message) -> Option<User> {
    let served = served_user(request)?;
    let other = match served.case {
        SessionCase::Originating => request.request_uri()?.to_owned(),
        SessionCase::Terminating => originator(request)?,
    };
    Some(User { user: served.identity, other })
}

/// What is kept of it.
pub fn of(m: &Mechanics, carried: Carried) -> Vec<Entry> {
    match carried {
        Carried::Request(one) => taken(m, &one).into_iter().collect(),
        Carried::InSession(one) => said(m, *one).into_iter().collect(),
        Carried::Ended(one) => ended(m, *one),
    }
}

/// A request outside sessions, or a large message.
fn taken(m: &Mechanics, one: &Request) -> Option<Entry> {
    let Request { request, content_type, content: octets } = one;
    let large = request.method() == Method::Invite;
    if !large && !matches!(messages::kind(request), Kind::Message(_) | Kind::Notification) {
        return None;
    }
    let kind = if large { SessionKind::Large } else { SessionKind::OfTwo };
    let User { user, other } = of_request(request)?;
    let session = SessionOf::begun_by(request, &user, other, kind, m.now);
    let sent = served_user(request)?.case == SessionCase::Originating;
    let envelope = bodies::envelope(content_type, octets).filter(|_| request.header(&Name::ContentEncoding).is_none());
    let (content_type, octets) = match envelope {
        Some(envelope) => ("message/cpim".to_owned(), envelope),
        None => (content_type.clone(), octets.clone()),
    };
    let context = if large { "large-message" } else { "pager-message" };
    entry(m, InSession { session, sent, content_type, octets }, context)
}

/// What was said in a session.
fn said(m: &Mechanics, one: InSession) -> Option<Entry> {
    let context = if one.session.kind == SessionKind::Large { "large-message" } else { "chat-message" };
    entry(m, one, context)
}

fn entry(m: &Mechanics, one: InSession, context: &'static str) -> Option<Entry> {
    let InSession { session, sent, content_type, octets } = one;
    let (about, context) = match content(&content_type, &octets) {
        Content::Transient => return None,
        Content::Message(about) => (about, context),
        Content::Notification(about, _) => (about, "disposition-notification"),
        Content::Refused(_) => (About::default(), "file-message"),
    };
    let known = |uri: Option<String>, or: &str| uri.filter(|uri| !is_nobody(uri)).unwrap_or_else(|| or.to_owned());
    let (author, addressee) = match sent {
        true => (&session.user, &session.other),
        false => (&session.other, &session.user),
    };
    let (from, to) = (known(about.author, author), known(about.to, addressee));
    Some(Entry {
        sent,
        from,
        to,
        date: about.date_time.unwrap_or_else(|| m.now.to_rfc3339()),
        name: about.message_id.clone(),
        message_id: about.message_id,
        context,
        content_type,
        octets,
        user: session.user,
        conversation: session.conversation,
        contribution: session.contribution,
        subject: session.subject,
    })
}

/// A session that has ended: what it was, and of a group its last state. A large message's session is no chat.
fn ended(m: &Mechanics, one: Ended) -> Vec<Entry> {
    if one.session.kind == SessionKind::Large {
        return Vec::new();
    }
    let info = session_info(&one);
    let of = |content_type: &str, text: String| Entry {
        user: one.session.user.clone(),
        conversation: one.session.conversation.clone(),
        contribution: one.session.contribution.clone(),
        sent: false,
        from: one.session.other.clone(),
        to: one.session.user.clone(),
        date: one.session.since.to_rfc3339(),
        subject: one.session.subject.clone(),
        message_id: None,
        name: None,
        context: "",
        content_type: content_type.to_owned(),
        octets: Bytes::from(text),
    };
    let state = one.state.as_ref().map(GroupState::to_xml);
    let state =
        state.map(|text| Entry { date: m.now.to_rfc3339(), ..of(&format!("{MEDIA_TYPE};charset=utf-8"), text) });
    [of("application/X-CPM-Session", info)].into_iter().chain(state).collect()
}

/// The session info object (OMA-TS-CPM_MessageStorage).
fn session_info(Ended { session, participants, .. }: &Ended) -> String {
    let kind = if session.kind == SessionKind::OfGroup { "Group" } else { "1-1" };
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<session>\r\n");
    // Writing to a String cannot fail.
    let _ = write!(text, "<session-type>{kind}</session-type>\r\n<invited-participants>");
    let named: Vec<String> = participants.iter().map(|uri| escaped(uri)).collect();
    text.push_str(&named.join(";"));
    text.push_str("</invited-participants>\r\n</session>\r\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
