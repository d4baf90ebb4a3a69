//! What the target keeps of a chat in the message store of its users: the group-state objects, read again from the
//! octets of each APPEND (RFC 3501 section 6.3.11).
//!
//! An object belongs to the chat that its head names, or, when it names none, to that of its folder; and to the user to
//! whom it is addressed, or under whose name it was put there.

use cpm_wire::group_state::{self, GroupType};
use cpm_wire::sip::NameAddr;

use super::cast::Cast;
use super::content::{comparable_type, essence};
use crate::evidence::ChatKind;

/// A group-state object in the message store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupState {
    /// The frame that made it whole.
    pub frame: u64,
    /// The served user in whose history it is.
    pub person: Option<String>,
    /// Conversation-ID; empty when nothing names one.
    pub conversation: String,
    /// Contribution-ID; empty when nothing names one.
    pub contribution: String,
    /// The chat.
    pub group: Option<String>,
    /// The addresses of those who take part, in the order of the object.
    pub members: Vec<String>,
    /// The group session identity.
    pub focus: String,
    /// Open or closed.
    pub kind: ChatKind,
    /// What is wrong with the object; then nothing is known of who takes part.
    pub fault: Option<String>,
}

/// The group-state object in these octets, if they are one.
pub(super) fn read_object(
    frame: u64,
    user: Option<&str>,
    folder: &str,
    octets: &[u8],
    cast: &Cast,
) -> Option<GroupState> {
    let (head, body) = split(octets);
    let content_type = comparable_type(field(&head, "content-type")?);
    if essence(&content_type) != group_state::MEDIA_TYPE {
        return None;
    }
    let (document, fault) = match group_state::GroupState::parse(body) {
        Ok(document) => (document, None),
        Err(error) => (group_state::GroupState::default(), Some(error.to_string())),
    };
    let mut folders = folder.rsplit('/');
    let (inner, outer) = (folders.next().unwrap_or_default(), folders.next().unwrap_or_default());
    let contribution = field(&head, "contribution-id").or(document.contribution_id.as_deref()).unwrap_or(inner);
    let conversation = field(&head, "conversation-id").unwrap_or(outer);
    let group = cast.group_of(Some(contribution), Some(conversation)).map(|group| group.name.clone());
    Some(GroupState {
        frame,
        person: field(&head, "to").and_then(|to| served(to, cast)).or_else(|| named(user?, cast)),
        conversation: conversation.to_owned(),
        contribution: contribution.to_owned(),
        group,
        members: document.participants.into_iter().map(|participant| participant.comm_addr).collect(),
        focus: document.last_focus_session_id,
        kind: match document.group_type {
            GroupType::Open => ChatKind::Open,
            GroupType::Closed => ChatKind::Closed,
        },
        fault,
    })
}

/// The served user of an address.
pub(super) fn served(address: &str, cast: &Cast) -> Option<String> {
    let uri = NameAddr::parse(address).map_or_else(|_| address.trim().to_owned(), |address| address.uri.to_owned());
    cast.person_of(&uri).filter(|person| person.served).map(|person| person.name.clone())
}

/// The served user whose identity somebody logged in with; its scheme is often left out.
pub(super) fn named(user: &str, cast: &Cast) -> Option<String> {
    ["", "sip:", "tel:"].iter().find_map(|scheme| served(&format!("{scheme}{user}"), cast))
}

/// The fields of the head with their names in lower case, and the body (RFC 5322 section 2.1).
pub(super) fn split(octets: &[u8]) -> (Vec<(String, String)>, &[u8]) {
    let end = memchr::memmem::find(octets, b"\r\n\r\n");
    let (head, body) = match end.and_then(|end| Some((octets.get(..end)?, octets.get(end + 4..)?))) {
        Some(parts) => parts,
        None => (octets, &[][..]),
    };
    // A folded line goes on with the white space that it begins with (RFC 5322 section 2.2.3).
    let head = String::from_utf8_lossy(head).replace("\r\n ", " ").replace("\r\n\t", " ");
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    (fields.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned())).collect(), body)
}

pub(super) fn field<'a>(head: &'a [(String, String)], name: &str) -> Option<&'a str> {
    head.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
}
