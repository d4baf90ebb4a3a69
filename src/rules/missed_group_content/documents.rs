//! How lists of participants are written and how they end: [CPM-CONV-058b] (L11, L23).

use super::carriers::{Brought, Carrier};
use super::devices::settled;
use super::lists::{brought, no_list, session_rosters, subscriptions};
use super::streams::{Form, streams};
use super::{CONV_058B, Chat, fail, outside, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::subscriptions::Subscription;
use crate::story::told::{Telling, Told};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const VERSIONS_GROW: RuleEntry = RuleEntry {
    id: "missed_group_content.versions_grow",
    requirement: CONV_058B,
    level: Level::May,
    absence: false,
    ledger: &["L01", "L11", "L23"],
    stage3: false,
    what: "Within a subscription versions grow, full state comes first, and a new one starts full.",
    source: "CPM-CONV-058b, RFC 4575 sections 4.4 to 4.6",
};

/// The documents of each subscription of the person to the group are in sequence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VersionsGrow {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for VersionsGrow {
    fn entry(&self) -> &'static RuleEntry {
        &VERSIONS_GROW
    }

    fn expects(&self) -> String {
        format!("the lists of \"{}\" that {} gets are in sequence", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = match self.in_sequence(&chat, &mut warnings) {
            Err(finding) => return Judgement::Broken(*finding).into(),
            Ok(0) => match moment {
                Moment::Open => Judgement::Undecided,
                Moment::Closed => no_list(&VERSIONS_GROW, &chat),
            },
            Ok(checks) => match moment {
                Moment::Open => Judgement::Undecided,
                Moment::Closed => Judgement::Met { checks },
            },
        };
        settled(judgement, warnings, moment)
    }
}

impl VersionsGrow {
    fn in_sequence(&self, chat: &Chat<'_>, warnings: &mut Vec<Finding>) -> Result<usize, Box<Finding>> {
        let mut checks = 0;
        for subscription in subscriptions(chat) {
            checks += self.readable(&subscription.told)?;
            let mut before: Option<&Telling> = None;
            for document in &subscription.told.documents {
                self.next(before, document, warnings)?;
                before = Some(document);
            }
        }
        for held in session_rosters(chat) {
            checks += self.readable(&held.told)?;
            let documents = &held.told.documents;
            for pair in documents.windows(2) {
                if let [before, after] = pair
                    && after.version.zip(before.version).is_some_and(|(after, before)| after <= before)
                {
                    let expected = "the versions of the lists in a session grow".to_owned();
                    let observed = format!("{} in frame {}", numbers(before, after), after.frame);
                    warnings.push(warning(&VERSIONS_GROW, "L23", expected, observed, Some(after.frame)));
                }
            }
        }
        Ok(checks)
    }

    /// How many documents there are; none of them broken, nor partial where nothing full came before it.
    fn readable(&self, told: &Told) -> Result<usize, Box<Finding>> {
        let gap = told.documents.iter().find_map(|document| Some((document.frame, document.gap.as_ref()?.as_str())));
        let broken = told.fault.as_ref().map(|(frame, fault)| (*frame, fault.as_str()));
        match gap.or(broken) {
            None => Ok(told.documents.len()),
            Some((frame, fault)) => {
                let observed = format!("{fault} (frame {frame})");
                Err(fail(&VERSIONS_GROW, self.expects(), observed, Some(frame)).into())
            }
        }
    }

    /// Compares a notification with the one before it.
    fn next(
        &self,
        before: Option<&Telling>,
        document: &Telling,
        warnings: &mut Vec<Finding>,
    ) -> Result<(), Box<Finding>> {
        let spot = Some(document.frame);
        let Some(before) = before.filter(|_| !document.first) else { return Ok(()) };
        match (before.version, document.version) {
            (Some(earlier), Some(later)) if later == earlier.wrapping_add(1) => Ok(()),
            (Some(_), Some(_)) => {
                let expected = "each notification of a subscription has the next version".to_owned();
                let observed = format!("{} in frame {}", numbers(before, document), document.frame);
                Err(fail(&VERSIONS_GROW, expected, observed, spot).into())
            }
            _ => {
                let expected = "each list has a version by which it can be ordered".to_owned();
                let observed = format!("that in frame {} has none", document.frame);
                warnings.push(warning(&VERSIONS_GROW, "L23", expected, observed, spot));
                Ok(())
            }
        }
    }
}

fn numbers(before: &Telling, after: &Telling) -> String {
    let number = |version: Option<u32>| version.map_or("none".to_owned(), |version| version.to_string());
    format!("version {} after {}", number(after.version), number(before.version))
}

pub(super) const LISTS_END_WELL: RuleEntry = RuleEntry {
    id: "missed_group_content.lists_end_well",
    requirement: CONV_058B,
    level: Level::May,
    absence: false,
    ledger: &["L01", "L11", "L23"],
    stage3: false,
    what: "The lists end with the final one, in a live subscription or in one that is terminated for the lack of the chat.",
    source: "CPM-CONV-058b, RFC 6665 section 4.1.3",
};

/// The lists that the person gets end with the final one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListsEndWell {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for ListsEndWell {
    fn entry(&self) -> &'static RuleEntry {
        &LISTS_END_WELL
    }

    fn expects(&self) -> String {
        format!("the lists of \"{}\" that {} gets end as the chat does", self.group, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = self.ended(&chat, statement, &mut warnings);
        settled(judgement, warnings, moment)
    }
}

impl ListsEndWell {
    fn ended(&self, chat: &Chat<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judgement {
        let told = Form::in_order(statement).into_iter().find(|form| !streams(chat, *form).is_empty());
        let carrier = match told {
            None => return no_list(&LISTS_END_WELL, chat),
            Some(Form::Chain) => Carrier::Notifications,
            Some(Form::Session) => Carrier::Session,
            Some(Form::Store) => Carrier::Store,
        };
        let checks = match brought(chat, carrier, None) {
            Brought::Right { equal, .. } => equal.checks,
            Brought::Nothing(judgement) => return judgement,
            Brought::Wrong(observed, frame) => {
                let expected = format!("the last list of \"{}\" is the final one", self.group);
                return chat.missing(&LISTS_END_WELL, expected, observed, frame);
            }
        };
        if carrier != Carrier::Notifications {
            return Judgement::Met { checks };
        }
        let ended = chat.story.cast().group(chat.group).and_then(|group| group.ended);
        for subscription in subscriptions(chat).filter(|known| known.given_up.is_none() && !replaced(chat, known)) {
            if let Some(judgement) = self.state(subscription, ended.is_some(), warnings) {
                return judgement;
            }
        }
        Judgement::Met { checks: checks + 1 }
    }

    /// What is wrong with the state of the subscription that a device has last.
    fn state(&self, subscription: &Subscription, ended: bool, warnings: &mut Vec<Finding>) -> Option<Judgement> {
        let spot = subscription.notified;
        let expected = match ended {
            true => format!("\"{}\" has ended: the subscription is terminated, reason noresource", self.group),
            false => format!("\"{}\" goes on: the subscription lives", self.group),
        };
        let observed = match (&subscription.terminated, ended) {
            (None, false) => return None,
            (None, true) => "it lives on".to_owned(),
            (Some(reason), true) if reason.eq_ignore_ascii_case("noresource") => return None,
            (Some(reason), true) if reason.is_empty() => {
                let observed = "it is terminated without a reason".to_owned();
                warnings.push(warning(&LISTS_END_WELL, "L23", expected, observed, spot));
                return None;
            }
            (Some(reason), _) => format!("it is terminated, reason \"{reason}\""),
        };
        Some(Judgement::Broken(outside(&LISTS_END_WELL, "L23", expected, observed, spot)))
    }
}

/// Whether another subscription of the same device counts: one that was made later and has brought something, or one that
/// has while this has not.
fn replaced(chat: &Chat<'_>, known: &Subscription) -> bool {
    let counts =
        |other: &Subscription| other.told.brought_any() && (other.frame > known.frame || !known.told.brought_any());
    subscriptions(chat).any(|other| other.device == known.device && other.frame != known.frame && counts(other))
}
