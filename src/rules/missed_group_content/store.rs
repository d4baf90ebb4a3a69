//! The lists that the target keeps in the message store of a user (L11, L23).

use super::Chat;
use super::carriers::Brought;
use super::lists::{FINAL_LIST, drain_end, judged, without_marks};
use super::roster::{Presence, Presences, compare, key};
use crate::rules::Judgement;
use crate::story::group_states::GroupState;
use crate::verdict::Blame;

/// P3: the latest object in the message store.
pub(super) fn by_store(chat: &Chat<'_>) -> Brought {
    let Some(state) = group_states(chat).last() else { return Brought::Nothing(nothing_kept(chat)) };
    if let Some(fault) = &state.fault {
        return Brought::Wrong(format!("the object in the message store cannot be read: {fault}"), Some(state.frame));
    }
    without_marks(judged(compare(chat, drain_end(chat), &of_state(chat, state)), Some(state.frame)))
}

/// Why the message store has no object of the chat. Where nothing at all came to it, it may be out of the target's reach.
fn nothing_kept(chat: &Chat<'_>) -> Judgement {
    if !chat.story.store_was_used() {
        let why = "not observable: nothing came into the message store of the tester (L11)".to_owned();
        return Judgement::Unseen { why, blame: Blame::Configuration };
    }
    if chat.owed().is_empty() {
        return chat.nothing_owed(&FINAL_LIST);
    }
    let expected = format!("the message store gets the final list of \"{}\" for {}", chat.group, chat.person);
    chat.missing(&FINAL_LIST, expected, "no object came".to_owned(), None)
}

/// The objects of the chat in the person's message store, in order.
pub(super) fn group_states<'a>(chat: &Chat<'a>) -> impl Iterator<Item = &'a GroupState> {
    let (story, person, group) = (chat.story, chat.person, chat.group);
    let of_person = move |state: &GroupState| state.person.as_deref().is_none_or(|of| of == person);
    story.group_states().iter().filter(move |state| of_person(state) && state.group.as_deref() == Some(group))
}

/// The list in an object.
pub(super) fn of_state(chat: &Chat<'_>, state: &GroupState) -> Presences {
    state.members.iter().map(|uri| (key(chat, uri), Presence::Unmarked)).collect()
}
