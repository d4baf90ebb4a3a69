//! Where the membership that a user is told begins: [CPM-CONV-058b] (L10, L23).

use std::collections::BTreeSet;

use super::devices::settled;
use super::lists::no_list;
use super::roster::{Presence, Presences, key, shown};
use super::streams::{Form, in_force, matching, rosters, streams};
use super::{CONV_058B, Chat, fail, harness, undeclared};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const INITIAL_LIST: RuleEntry = RuleEntry {
    id: "missed_group_content.initial_list",
    requirement: CONV_058B,
    level: Level::May,
    absence: false,
    ledger: &["L01", "L10", "L23"],
    stage3: false,
    what: "The first list that the user gets is that of the invitation.",
    source: "CPM-CONV-058b, RFC 5366 section 4",
};

/// The person gets the list of the invitation to the group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InitialList {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for InitialList {
    fn entry(&self) -> &'static RuleEntry {
        &INITIAL_LIST
    }

    fn expects(&self) -> String {
        format!("{} gets the initial list of \"{}\"", self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = self.begun(&chat, statement, &mut warnings);
        settled(judgement, warnings, moment)
    }
}

impl InitialList {
    fn begun(&self, chat: &Chat<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judgement {
        let Some(invitation) = chat.story.network_legs(chat.person, chat.group).find(|leg| !leg.by_target) else {
            return chat.nothing_owed(&INITIAL_LIST);
        };
        let number = in_force(chat, invitation.invited);
        let members = rosters(chat).get(number).map(|(_, members)| members.as_slice()).unwrap_or_default();
        let listed = |uris: &[String]| uris.iter().map(|uri| key(chat, uri)).collect::<BTreeSet<_>>();
        let invited = invitation.list.as_deref().map(listed).map(|names| without(names, chat.person));
        if members.is_empty() && invited.is_none() {
            return harness(format!("the focus of \"{}\" holds no roster", self.group));
        }
        let of_roster = without(present(&shown(chat, members)), chat.person);
        let is_initial = |names: &BTreeSet<String>| Some(names) == invited.as_ref() || *names == of_roster;
        let wanted = invited.as_ref().unwrap_or(&of_roster);
        let mut others = None;
        for leg in chat.story.drains_of(chat.person, chat.group) {
            let Some(names) = leg.list.as_deref().map(listed).map(|names| without(names, chat.person)) else {
                continue;
            };
            if is_initial(&names) {
                let told = ("drain_invite_list", "initial");
                warnings.extend(undeclared(&INITIAL_LIST, statement, told, "L10", Some(leg.invited)));
                return Judgement::Met { checks: names.len() };
            }
            others.get_or_insert((words(&names), leg.invited));
        }
        for form in Form::in_order(statement) {
            for stream in streams(chat, form) {
                let Some(first) = stream.places.first() else { continue };
                if first.rosters.contains(&number) {
                    warnings.extend(super::history::form_differs(&INITIAL_LIST, statement, form, first.frame));
                    return Judgement::Met { checks: members.len().max(1) };
                }
                let told =
                    if first.difference.is_empty() { "the final list".to_owned() } else { "another list".to_owned() };
                others.get_or_insert((told, first.frame));
            }
        }
        match others {
            None => no_list(&INITIAL_LIST, chat),
            Some((observed, frame)) => {
                let expected = format!("{}: {}", self.expects(), words(wanted));
                chat.missing(
                    &INITIAL_LIST,
                    expected,
                    format!("the first list is {observed} (frame {frame})"),
                    Some(frame),
                )
            }
        }
    }
}

fn words(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn without(mut names: BTreeSet<String>, person: &str) -> BTreeSet<String> {
    names.remove(person);
    names
}

/// Those whom a list shows in the chat, or on their way.
fn present(held: &Presences) -> BTreeSet<String> {
    held.iter().filter(|(_, presence)| **presence != Presence::Out).map(|(name, _)| name.clone()).collect()
}

pub(super) const NOT_TOLD_AGAIN: RuleEntry = RuleEntry {
    id: "missed_group_content.not_told_again",
    requirement: CONV_058B,
    level: Level::May,
    absence: true,
    ledger: &["L01", "L23"],
    stage3: false,
    what: "Changes that the user saw live before the loss are not told again as new.",
    source: "CPM-CONV-058b",
};

/// Changes that the person had seen are not told again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotToldAgain {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for NotToldAgain {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_TOLD_AGAIN
    }

    fn expects(&self) -> String {
        format!("what {} had seen change in \"{}\" is not told as new", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let told = Form::ALL.into_iter().flat_map(|form| streams(&chat, form)).collect::<Vec<_>>();
        let mut checks = 0;
        let mut seen_any = false;
        for loss in story.cast().losses(&self.person) {
            let held_then = in_force(&chat, loss);
            for stream in &told {
                let before = told.iter().filter(|other| other.device == stream.device).flat_map(|other| &other.places);
                let seen = before.filter(|place| place.frame < loss).max_by_key(|place| place.frame);
                let Some(seen) = seen.and_then(|seen| seen.rosters.iter().rfind(|at| **at <= held_then)) else {
                    continue;
                };
                seen_any |= self.changed(&chat, *seen);
                for place in stream.places.iter().filter(|place| place.frame > loss && !place.rosters.is_empty()) {
                    checks += 1;
                    if place.rosters.iter().all(|at| at < seen) {
                        let expected = format!("{}, after the loss in frame {loss}", self.expects());
                        let observed = format!("the list in frame {} is older than what was seen before", place.frame);
                        return Judgement::Broken(fail(&NOT_TOLD_AGAIN, expected, observed, Some(place.frame))).into();
                    }
                }
            }
        }
        match (moment, checks) {
            (Moment::Open, _) => Judgement::Undecided,
            (_, _) if !seen_any => {
                harness(format!("{} saw nothing change in \"{}\" before a loss", self.person, self.group))
            }
            (_, 0) => {
                let observed = "after the loss no list came at all".to_owned();
                chat.missing(&NOT_TOLD_AGAIN, format!("{} is told what changed since", self.person), observed, None)
            }
            (_, checks) => Judgement::Met { checks },
        }
        .into()
    }
}

impl NotToldAgain {
    /// Whether a roster differs from that of the invitation.
    fn changed(&self, chat: &Chat<'_>, seen: usize) -> bool {
        let invited = chat.story.network_legs(chat.person, chat.group).map(|leg| leg.invited).min().unwrap_or_default();
        let first = in_force(chat, invited);
        let members = rosters(chat).get(first).map(|(_, members)| shown(chat, members)).unwrap_or_default();
        !matching(chat, &[members]).contains(&seen)
    }
}
