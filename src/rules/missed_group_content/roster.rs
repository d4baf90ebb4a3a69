//! Whether a list of participants is the roster of the focus (L11, L24).

use std::collections::BTreeMap;

use cpm_wire::conference_info::{EndpointStatus, Roster};
use cpm_wire::sip::identity_key;

use super::{Chat, harness};
use crate::evidence::{Member, MemberStatus};
use crate::rules::Judgement;

/// How a list shows somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    In,
    Coming,
    Out,
    Unmarked,
}

impl Presence {
    fn word(self) -> &'static str {
        match self {
            Presence::In => "connected",
            Presence::Coming => "being invited",
            Presence::Out => "disconnected",
            Presence::Unmarked => "listed",
        }
    }
}

pub(super) type Presences = BTreeMap<String, Presence>;

pub(super) fn presences(chat: &Chat<'_>, roster: &Roster) -> Presences {
    let shown = |status: Option<&EndpointStatus>| match status {
        None => Presence::Unmarked,
        Some(status) if status.is_in() => Presence::In,
        Some(EndpointStatus::Disconnected | EndpointStatus::Disconnecting) => Presence::Out,
        Some(_) => Presence::Coming,
    };
    roster.members().iter().map(|(entity, member)| (key(chat, entity), shown(member.status()))).collect()
}

/// One name for all public identities of somebody.
pub(super) fn key(chat: &Chat<'_>, uri: &str) -> String {
    chat.story.cast().person_of(uri).map_or_else(|| identity_key(uri), |person| person.name.clone())
}

/// What a comparison gave.
pub(super) enum Compared {
    /// The list is the roster.
    Equal(Equal),
    /// It is not; the first difference.
    Differs(String),
    /// There is nothing to compare it with.
    Untold(Judgement),
}

/// How a list that is the roster shows those of whom the ledger leaves it open.
pub(super) struct Equal {
    /// Members compared.
    pub checks: usize,
    /// Members who left and are listed without a mark.
    pub unmarked: Vec<String>,
    /// Whether the user's own entry is in it; none when the user is out of the chat, and may be left out like all who are.
    pub with_self: Option<bool>,
    /// Whether those who left are in it; none when nobody left.
    pub with_departed: Option<bool>,
}

/// Compares a list with the rosters that the focus held from a frame on. One that equals is enough.
pub(super) fn compare(chat: &Chat<'_>, from: Option<u64>, held: &Presences) -> Compared {
    let Some(group) = chat.story.cast().group(chat.group).filter(|group| !group.rosters.is_empty()) else {
        return Compared::Untold(harness(format!("the focus of \"{}\" holds no roster", chat.group)));
    };
    let Some(from) = from else {
        return Compared::Untold(harness(format!("{} was never reachable", chat.person)));
    };
    let in_force = group.rosters.iter().rposition(|(since, _)| *since <= from).unwrap_or(0);
    let mut difference = String::new();
    for (_, members) in group.rosters.iter().skip(in_force) {
        match differs(chat, members, held) {
            None => return equal(chat, members, held),
            Some(found) => difference = found,
        }
    }
    Compared::Differs(difference)
}

fn equal(chat: &Chat<'_>, members: &[Member], held: &Presences) -> Compared {
    let others = members.iter().map(|member| (key(chat, &member.entity), member.status));
    let others = others.filter(|(name, _)| name != chat.person).collect::<Vec<_>>();
    if others.is_empty() {
        return Compared::Untold(harness(format!("nobody but {} ever was in \"{}\"", chat.person, chat.group)));
    }
    let out = members.iter().any(|member| key(chat, &member.entity) == chat.person && gone(member.status));
    let departed = others.iter().filter(|(_, status)| gone(*status)).map(|(name, _)| name);
    let unmarked = departed.clone().filter(|name| held.get(*name) == Some(&Presence::Unmarked)).cloned().collect();
    Compared::Equal(Equal {
        checks: others.len(),
        unmarked,
        with_self: (!out).then(|| held.contains_key(chat.person)),
        with_departed: departed.clone().next().map(|_| departed.clone().any(|name| held.contains_key(name))),
    })
}

fn gone(status: MemberStatus) -> bool {
    matches!(status, MemberStatus::Departed | MemberStatus::Removed)
}

/// The first difference between the focus's roster and a list.
pub(super) fn differs(chat: &Chat<'_>, members: &[Member], held: &Presences) -> Option<String> {
    differences(chat, members, held).into_iter().next()
}

/// What differs between the focus's roster and a list. The user's own entry and those of members who left are free, as long
/// as nobody who left is shown present.
pub(super) fn differences(chat: &Chat<'_>, members: &[Member], held: &Presences) -> Vec<String> {
    let members = members.iter().map(|member| (key(chat, &member.entity), member.status)).collect::<Vec<_>>();
    let is_known = |name: &String| members.iter().any(|(known, _)| known == name);
    let others = members.iter().filter(|(name, _)| name != chat.person);
    let differing = others.filter_map(|(name, status)| differs_in(chat, name, *status, held.get(name).copied()));
    let strangers =
        held.iter().filter(|(name, presence)| *name != chat.person && !is_known(name) && **presence != Presence::Out);
    let strangers = strangers.map(|(name, presence)| format!("{name} is {}, and is no member", presence.word()));
    differing.chain(strangers).collect()
}

/// Whether a list is on its way from one roster to the next: everybody in it stands as in the one or as in the other.
pub(super) fn between(chat: &Chat<'_>, left: &[Member], right: &[Member], held: &Presences) -> bool {
    let statuses = |members: &[Member]| {
        members.iter().map(|member| (key(chat, &member.entity), member.status)).collect::<BTreeMap<_, _>>()
    };
    let (left, right) = (statuses(left), statuses(right));
    let names = left.keys().chain(right.keys()).chain(held.keys()).filter(|name| *name != chat.person);
    let fits = |name: &String, of: &BTreeMap<String, MemberStatus>| match (of.get(name), held.get(name).copied()) {
        (Some(status), shown) => differs_in(chat, name, *status, shown).is_none(),
        (None, shown) => matches!(shown, None | Some(Presence::Out)),
    };
    names.into_iter().all(|name| fits(name, &left) || fits(name, &right))
}

/// What a list says that shows a roster as it is.
pub(super) fn shown(chat: &Chat<'_>, members: &[Member]) -> Presences {
    let presence = |status: MemberStatus| match status {
        MemberStatus::Connected => Presence::In,
        MemberStatus::Invited => Presence::Coming,
        MemberStatus::Departed | MemberStatus::Removed => Presence::Out,
    };
    members.iter().map(|member| (key(chat, &member.entity), presence(member.status))).collect()
}

fn differs_in(chat: &Chat<'_>, name: &str, status: MemberStatus, held: Option<Presence>) -> Option<String> {
    // A member who is stood in for may look anyhow, but is listed (L24).
    let stood_in_for = chat.story.cast().person(name).is_some_and(|person| person.served);
    let fits = match (status, held) {
        (MemberStatus::Departed | MemberStatus::Removed, shown) => {
            !matches!(shown, Some(Presence::In | Presence::Coming))
        }
        (_, Some(_)) if stood_in_for => true,
        (MemberStatus::Connected, shown) => matches!(shown, Some(Presence::In | Presence::Unmarked)),
        (MemberStatus::Invited, shown) => matches!(shown, Some(Presence::Coming | Presence::Unmarked)),
    };
    let word = held.map_or("missing", Presence::word);
    (!fits).then(|| format!("{name} is {word}, and the focus holds {name} {}", focus_word(status)))
}

pub(super) fn focus_word(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Connected => "connected",
        MemberStatus::Invited => "invited",
        MemberStatus::Departed => "departed",
        MemberStatus::Removed => "removed",
    }
}
