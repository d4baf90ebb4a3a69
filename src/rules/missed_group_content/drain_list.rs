//! Which list the invitation of a delivery carries (L10).

use std::collections::BTreeSet;

use super::lists::{FINAL_LIST, list_differs};
use super::roster::key;
use super::{Chat, undeclared};
use crate::target::statement::Statement;
use crate::verdict::Finding;

/// Those whom a list names besides the person.
pub(super) fn others(chat: &Chat<'_>, uris: &[String]) -> BTreeSet<String> {
    uris.iter().map(|uri| key(chat, uri)).filter(|name| name != chat.person).collect()
}

/// A warning when the latest invitation of a delivery carries another list than declared. Where the initial list is the
/// final one, or it is neither, nobody can tell which was meant.
pub(super) fn drain_list_differs(chat: &Chat<'_>, statement: &Statement) -> Option<Finding> {
    let invitation = chat.story.network_legs(chat.person, chat.group).filter(|leg| !leg.by_target).last()?;
    let drain = chat.story.drains_of(chat.person, chat.group).last()?;
    let word = match &drain.list {
        None => "none",
        Some(list) => {
            let initial = others(chat, list) == others(chat, invitation.list.as_deref()?);
            match (initial, list_differs(chat, drain.invited, list).is_none()) {
                (true, false) => "initial",
                (false, true) => "final",
                _ => return None,
            }
        }
    };
    undeclared(&FINAL_LIST, statement, ("drain_invite_list", word), "L10", Some(drain.invited))
}
