//! Whether the target stands in for an absent user, and upon what: its first answer to the focus against the statement
//! (L02).
//!
//! The papers demand the content, whatever the first answer was. So nothing here fails anybody: what differs from the
//! statement is a warning, and what the statement does not name may be refused.

use super::{Chat, undeclared};
use crate::rules::RuleEntry;
use crate::story::Answer;
use crate::story::legs::Leg;
use crate::target::statement::Statement;
use crate::verdict::Finding;

/// The key of the statement that names upon what the target stands in.
const STAND_IN_ON: &str = "stand_in_on";

/// Where the target answered the user's invitation otherwise than the statement says, or came back to a focus that had given
/// up although the statement does not say so.
pub(super) fn differing(entry: &RuleEntry, chat: &Chat<'_>, statement: &Statement) -> Vec<Finding> {
    let mut invitations = chat.story.network_legs(chat.person, chat.group).filter(|leg| !leg.by_target);
    let Some(leg) = invitations.next() else { return Vec::new() };
    // The answer to an invitation that the focus gave up first is none of the target's choice.
    if let Some(given_up) = leg.cancelled {
        let again = came_back(chat, given_up).map(|frame| unnamed(entry, statement, &["focus_cancel"], frame));
        return again.flatten().into_iter().collect();
    }
    let Some(answer) = leg.answer else { return Vec::new() };
    answered(entry, chat, statement, (leg, answer)).into_iter().collect()
}

fn answered(
    entry: &RuleEntry,
    chat: &Chat<'_>,
    statement: &Statement,
    (leg, answer): (&Leg, Answer),
) -> Option<Finding> {
    let Absence::Because(triggers) = absence(chat, leg, answer) else { return None };
    let form = match answer.status {
        202 => "accepted_202",
        200..300 => "stand_in",
        _ => "refuse_then_fetch",
    };
    let unnamed = unnamed(entry, statement, &triggers, answer.frame);
    match form {
        // Where the target does not say that it stands in, it may refuse.
        "refuse_then_fetch" if unnamed.is_some() => None,
        "stand_in" if unnamed.is_some() => unnamed,
        _ => undeclared(entry, statement, ("first_answer", form), "L02", Some(answer.frame)),
    }
}

/// A warning when the statement names none of what the target may have stood in upon. Nothing is said of what has no word.
fn unnamed(entry: &RuleEntry, statement: &Statement, triggers: &[&'static str], frame: u64) -> Option<Finding> {
    if triggers.iter().any(|trigger| statement.has(STAND_IN_ON, trigger)) {
        return None;
    }
    undeclared(entry, statement, (STAND_IN_ON, triggers.first()?), "L02", Some(frame))
}

/// Whether the user took part when the focus was answered.
enum Absence {
    /// A device did.
    None,
    /// None did, for one or more of these reasons, in the words of the statement; without any, when it has no word for it.
    Because(Vec<&'static str>),
}

fn absence(chat: &Chat<'_>, leg: &Leg, answer: Answer) -> Absence {
    let before = |frame: u64| frame < answer.frame;
    let mut legs = chat.story.device_legs(chat.person, chat.group);
    if legs.any(|leg| leg.answer.is_some_and(|answer| answer.is_success() && before(answer.frame))) {
        return Absence::None;
    }
    let legs = chat.story.device_legs(chat.person, chat.group);
    let called: Vec<&Leg> =
        legs.filter(|called| called.by_target && called.invited > leg.invited && before(called.invited)).collect();
    if called.is_empty() {
        let offline = !is_reachable(chat, leg.invited);
        return Absence::Because(offline.then_some("offline").into_iter().collect());
    }
    let reasons: Vec<&[&str]> = called.into_iter().map(|called| refusal(called, answer.frame)).collect();
    // One that has no word may be the reason, and then nobody can tell.
    let told = reasons.iter().all(|reasons| !reasons.is_empty());
    Absence::Because(reasons.concat().into_iter().filter(|_| told).collect())
}

/// Why this device does not take part, by the time when the focus was answered.
fn refusal(called: &Leg, by: u64) -> &'static [&'static str] {
    let answer = called.answer.filter(|answer| answer.frame < by && called.cancelled.is_none());
    match answer.map(|answer| answer.status) {
        None if called.provisional.is_some() || called.cancelled.is_some() => &["no_answer"],
        // No answer whatever is as good as a 408 (RFC 3261 section 8.1.3.1).
        None => &["no_answer", "timeout_408"],
        Some(486) => &["busy_486"],
        Some(480) => &["unavailable_480"],
        Some(408) => &["timeout_408"],
        Some(_) => &[],
    }
}

/// Whether a device of the user could be reached in this frame.
fn is_reachable(chat: &Chat<'_>, frame: u64) -> bool {
    let changes = chat.story.cast().reachability(chat.person).filter(|change| change.frame < frame);
    let mut devices: Vec<(&str, bool)> = Vec::new();
    for change in changes {
        devices.retain(|(device, _)| *device != change.device);
        devices.push((&change.device, change.yes));
    }
    devices.iter().any(|(_, yes)| *yes)
}

/// Where the target joined by itself after the focus had given up: before any device was called anew, or came.
fn came_back(chat: &Chat<'_>, given_up: u64) -> Option<u64> {
    let mut legs = chat.story.network_legs(chat.person, chat.group);
    let back = legs.find(|leg| leg.by_target && leg.invited > given_up)?.invited;
    let mut devices = chat.story.device_legs(chat.person, chat.group);
    let on_behalf = devices.any(|device| (given_up..back).contains(&device.invited));
    (!on_behalf).then_some(back)
}
