//! The final list of participants reaches the user, by a carrier of the ledger (L10, L11).

use std::collections::BTreeMap;

use cpm_wire::sip::identity_key;

use super::carriers::{Brought, Carrier, declared_carriers, final_list};
use super::drain_list::drain_list_differs;
use super::roster::{Compared, Equal, Presence, compare, focus_word, key, presences};
use super::store::by_store;
use super::{CONV_058A, Chat, harness, outside, undeclared, warning};
use crate::evidence::Member;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::subscriptions::Subscription;
use crate::story::told::Held;
use crate::story::{SessionRoster, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const FINAL_LIST: RuleEntry = RuleEntry {
    id: "missed_group_content.final_list",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L10", "L11", "L24"],
    stage3: false,
    what: "The list that a device holds after the delivery is the roster of the focus.",
    source: "CPM-CONV-058a, RFC 4575 sections 4.4 to 4.6",
};

/// The person holds the focus's roster after the delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FinalList {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// By which carrier.
    pub carrier: Carrier,
}

impl Rule for FinalList {
    fn entry(&self) -> &'static RuleEntry {
        &FINAL_LIST
    }

    fn expects(&self) -> String {
        format!("{} holds the final list of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        match final_list(&chat, statement, &self.carriers(statement), None, moment) {
            Brought::Right { equal, mut warnings } => {
                warnings.extend(drain_list_differs(&chat, statement));
                right(statement, &equal, warnings)
            }
            _ if moment == Moment::Open => Judgement::Undecided.into(),
            Brought::Wrong(observed, frame) => self.wrong(&chat, statement, observed, frame).into(),
            Brought::Nothing(judgement) => judgement.into(),
        }
    }
}

impl FinalList {
    fn carriers(&self, statement: &Statement) -> Vec<Carrier> {
        if self.carrier == Carrier::Declared { declared_carriers(statement) } else { vec![self.carrier] }
    }

    fn wrong(&self, chat: &Chat<'_>, statement: &Statement, observed: String, frame: Option<u64>) -> Judgement {
        let roster = chat.story.cast().group(chat.group).and_then(|group| group.rosters.last());
        let wanted = roster.map(|(_, members)| shown(members)).unwrap_or_default();
        let expected = format!("{}: {wanted}", self.expects());
        let live = chat.story.cast().group(chat.group).is_some_and(|group| group.ended.is_none());
        if live && statement.has("final_list_moment", "at_teardown") {
            return Judgement::Broken(outside(&FINAL_LIST, "L11", expected, observed, frame));
        }
        chat.missing(&FINAL_LIST, expected, observed, frame)
    }
}

fn shown(members: &[Member]) -> String {
    members
        .iter()
        .map(|member| format!("{} {}", member.entity, focus_word(member.status)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// What a carrier brought to a device; to each of the person's, when none is named.
pub(super) fn brought(chat: &Chat<'_>, carrier: Carrier, device: Option<&str>) -> Brought {
    match carrier {
        Carrier::Declared | Carrier::Notifications => by_notifications(chat, device),
        Carrier::DrainInvitation => by_invitation(chat, device),
        Carrier::Store => by_store(chat),
        Carrier::Session => by_session(chat, device),
    }
}

/// What a comparison says of a carrier.
pub(super) fn judged(compared: Compared, frame: Option<u64>) -> Brought {
    match compared {
        Compared::Untold(judgement) => Brought::Nothing(judgement),
        Compared::Differs(difference) => Brought::Wrong(difference, frame),
        Compared::Equal(equal) => {
            let unmarked = equal.unmarked.iter().map(|name| {
                let expected = format!("{name}, who left, stands in the list marked, or not at all");
                warning(&FINAL_LIST, "L11", expected, format!("{name} is listed without a mark"), frame)
            });
            let warnings = unmarked.collect();
            Brought::Right { equal, warnings }
        }
    }
}

/// Met; with a warning for each form that is accepted and not declared.
fn right(statement: &Statement, equal: &Equal, mut warnings: Vec<Finding>) -> Assessment {
    if let Some(with_self) = equal.with_self {
        let own = if with_self { "self_in" } else { "self_out" };
        warnings.extend(undeclared(&FINAL_LIST, statement, ("final_list_self", own), "L11", None));
    }
    if let Some(with_departed) = equal.with_departed {
        let departed = if with_departed { "departed_listed" } else { "departed_left_out" };
        warnings.extend(undeclared(&FINAL_LIST, statement, ("final_list_departed", departed), "L11", None));
    }
    Assessment { judgement: Judgement::Met { checks: equal.checks }, warnings }
}

/// P1: what the notifications of each device's latest subscription fold to.
fn by_notifications(chat: &Chat<'_>, device: Option<&str>) -> Brought {
    let mut latest: BTreeMap<Option<&str>, &Subscription> = BTreeMap::new();
    for subscription in subscriptions(chat).filter(|known| device.is_none() || known.device.as_deref() == device) {
        let known = latest.entry(subscription.device.as_deref()).or_insert(subscription);
        // Until another subscription has brought anything, the device holds what the one before did.
        if subscription.told.brought_any() || !known.told.brought_any() {
            *known = subscription;
        }
    }
    each_right(latest.values().map(|subscription| by_subscription(chat, subscription)), chat)
}

/// Right when each is; else the first that is not.
fn each_right(each: impl Iterator<Item = Brought>, chat: &Chat<'_>) -> Brought {
    let mut told = None;
    for brought in each {
        match brought {
            right @ Brought::Right { .. } => told = Some(right),
            other => return other,
        }
    }
    told.unwrap_or_else(|| Brought::Nothing(no_list(&FINAL_LIST, chat)))
}

/// The subscriptions of the person's devices to the chat.
pub(super) fn subscriptions<'a>(chat: &Chat<'a>) -> impl Iterator<Item = &'a Subscription> {
    let (story, person, group) = (chat.story, chat.person, chat.group);
    story.subscriptions().iter().filter(move |known| {
        !known.by_target && known.person.as_deref() == Some(person) && known.group.as_deref() == Some(group)
    })
}

/// Why no list came, once nothing more will come.
pub(super) fn no_list(entry: &RuleEntry, chat: &Chat<'_>) -> Judgement {
    let expected = format!("{} gets lists of \"{}\"", chat.person, chat.group);
    if let Some(asked) = subscriptions(chat).last() {
        return chat.missing(entry, expected, why_nothing(asked), asked.notified.or(Some(asked.frame)));
    }
    if chat.story.device_legs(chat.person, chat.group).any(|leg| leg.established()) {
        return harness(format!("no device of {} asked for the roster of \"{}\"", chat.person, chat.group));
    }
    if chat.story.network_legs(chat.person, chat.group).next().is_none() {
        return harness(format!("the focus of \"{}\" sent {} no invitation", chat.group, chat.person));
    }
    chat.missing(entry, expected, "no delivery to a device began, so no list came".to_owned(), None)
}

fn by_subscription(chat: &Chat<'_>, subscription: &Subscription) -> Brought {
    let Some(held) = &subscription.told.held else {
        return Brought::Wrong(why_nothing(subscription), subscription.notified.or(Some(subscription.frame)));
    };
    by_documents(chat, held, subscription.notified, subscription.told.fault.as_ref())
}

/// Why a subscription brought nothing that can be folded.
fn why_nothing(subscription: &Subscription) -> String {
    match (&subscription.answer, &subscription.told.fault) {
        (Some(answer), _) if !answer.is_success() => {
            format!("the subscription (frame {}) was refused with {}", subscription.frame, answer.status)
        }
        (_, Some((frame, fault))) => format!("the notification in frame {frame} cannot be read: {fault}"),
        _ => format!("no list came for the subscription (frame {})", subscription.frame),
    }
}

/// What documents of one stream fold to.
fn by_documents(chat: &Chat<'_>, held: &Held, last: Option<u64>, fault: Option<&(u64, String)>) -> Brought {
    let entity = held.by_schema.entity();
    if !names_chat(chat, entity) {
        return Brought::Wrong(format!("the list is about {entity}, which is not the chat"), last);
    }
    let from = drain_end(chat);
    let strict = judged(compare(chat, from, &presences(chat, &held.by_schema)), last);
    let Brought::Wrong(observed, frame) = strict else { return strict };
    match judged(compare(chat, from, &presences(chat, &held.by_habit)), last) {
        Brought::Right { equal, mut warnings } => {
            let expected = "partial lists of users are marked state=\"partial\" (RFC 4575 section 5.5)".to_owned();
            let observed = "they are not marked, and mean the state of the document".to_owned();
            warnings.push(warning(&FINAL_LIST, "L11", expected, observed, last));
            Brought::Right { equal, warnings }
        }
        _ => {
            let gap = fault.map(|(frame, fault)| format!("; {fault} (frame {frame})"));
            Brought::Wrong(observed + &gap.unwrap_or_default(), frame)
        }
    }
}

/// Whether a document's conference URI (RFC 4575 section 5.2) is one by which the chat is known: the identity of a focus,
/// or the Contact that the target gave a device.
fn names_chat(chat: &Chat<'_>, entity: &str) -> bool {
    let same = |other: &String| identity_key(other) == identity_key(entity);
    let at_focus = chat.story.cast().group_at(entity).is_some_and(|group| group.name == chat.group);
    at_focus
        || subscriptions(chat).any(|known| same(&known.request_uri))
        || chat.story.drains_of(chat.person, chat.group).any(|leg| leg.contact.as_ref().is_some_and(same))
}

/// P2: the list of the latest invitation of the target to each device.
fn by_invitation(chat: &Chat<'_>, device: Option<&str>) -> Brought {
    let mut latest: BTreeMap<Option<&str>, &Leg> = BTreeMap::new();
    for leg in chat.story.drains_of(chat.person, chat.group) {
        if device.is_none() || leg.device.as_deref() == device {
            latest.insert(leg.device.as_deref(), leg);
        }
    }
    let listed = |leg: &Leg| match &leg.list {
        None => Brought::Wrong("the drain invitation carries no list".to_owned(), Some(leg.invited)),
        Some(list) => {
            let listed = list.iter().map(|uri| (key(chat, uri), Presence::Unmarked)).collect();
            without_marks(judged(compare(chat, Some(leg.invited), &listed), Some(leg.invited)))
        }
    };
    each_right(latest.values().map(|leg| listed(leg)), chat)
}

/// A list without a word for how somebody stands in the chat leaves out those who left; that is no choice of the target.
pub(super) fn without_marks(brought: Brought) -> Brought {
    match brought {
        Brought::Right { equal, warnings } => {
            let with_departed = equal.with_departed.filter(|with| *with);
            Brought::Right { equal: Equal { with_departed, ..equal }, warnings }
        }
        other => other,
    }
}

/// P4: documents in the latest session of each device that brought any. A device whose session was over before the delivery was
/// has left the rest, and the list, to another.
fn by_session(chat: &Chat<'_>, device: Option<&str>) -> Brought {
    let mut latest: BTreeMap<Option<&str>, &SessionRoster> = BTreeMap::new();
    let end = drain_end(chat);
    let stays = |held: &SessionRoster| {
        let ended = held.leg.and_then(|leg| chat.story.legs().get(leg)?.ended.as_ref());
        ended.zip(end).is_none_or(|(ended, end)| ended.frame > end)
    };
    let of_device = |held: &&SessionRoster| device.is_none() || held.device.as_deref() == device;
    for held in session_rosters(chat).filter(of_device).filter(|held| stays(held)) {
        latest.insert(held.device.as_deref(), held);
    }
    if latest.is_empty() {
        return match chat.story.device_legs(chat.person, chat.group).next() {
            None => Brought::Nothing(no_list(&FINAL_LIST, chat)),
            Some(_) => Brought::Wrong("no list came in the session".to_owned(), None),
        };
    }
    let listed = |roster: &SessionRoster| {
        let last = roster.told.documents.last().map(|document| document.frame);
        match (&roster.told.held, &roster.told.fault) {
            (Some(held), fault) => by_documents(chat, held, last, fault.as_ref()),
            (None, Some((frame, fault))) => Brought::Wrong(format!("the list cannot be read: {fault}"), Some(*frame)),
            (None, None) => Brought::Wrong("no list came in the session".to_owned(), None),
        }
    };
    each_right(latest.values().map(|roster| listed(roster)), chat)
}

/// The lists that came in sessions of the chat.
pub(super) fn session_rosters<'a>(chat: &Chat<'a>) -> impl Iterator<Item = &'a SessionRoster> {
    let (story, person, group) = (chat.story, chat.person, chat.group);
    story
        .session_rosters()
        .iter()
        .filter(move |held| held.person.as_deref() == Some(person) && held.group.as_deref() == Some(group))
}

/// The frame in which the last message that was stored before its leg began reached a device; failing that, the latest
/// trigger.
pub(super) fn drain_end(chat: &Chat<'_>) -> Option<u64> {
    let stored = chat.delivered(None).filter(|item| {
        let begun = chat.story.leg_of(item).map(|leg| leg.invited);
        let original = item.chat_id().and_then(|id| chat.original(id));
        begun.zip(original).is_some_and(|(begun, original)| original.frame < begun)
    });
    let triggers = chat.story.cast().reachability(chat.person).filter(|change| change.yes);
    stored.map(|item| item.frame).max().or(triggers.last().map(|change| change.frame))
}

/// The difference between a plain list of URIs and the roster that the focus held in a frame, if there is one.
pub(super) fn list_differs(chat: &Chat<'_>, frame: u64, list: &[String]) -> Option<String> {
    let listed = list.iter().map(|uri| (key(chat, uri), Presence::Unmarked)).collect();
    match compare(chat, Some(frame), &listed) {
        Compared::Differs(difference) => Some(difference),
        _ => None,
    }
}

/// Whether what a device was told is the roster of the focus.
pub(super) fn told_right(chat: &Chat<'_>) -> bool {
    [Carrier::Notifications, Carrier::DrainInvitation, Carrier::Store, Carrier::Session]
        .into_iter()
        .any(|carrier| matches!(brought(chat, carrier, None), Brought::Right { .. }))
}
