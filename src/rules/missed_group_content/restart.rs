//! With the final list the user can start an ended chat anew: the restart passes the target with it.

use std::collections::BTreeSet;

use cpm_wire::sip::identity_key;

use super::{CONV_058A, Chat, fail, harness, lists};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::legs::{End, Leg};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const RESTART_ROUTED: RuleEntry = RuleEntry {
    id: "missed_group_content.restart_routed",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L11"],
    stage3: false,
    what: "A restart at the conference factory passes the target with its Contribution-ID and the final list.",
    source: "CPM-CONV-058a, RFC 5366 section 5",
};

/// The restart of the group by the person reaches the conference factory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RestartRouted {
    /// Who restarts.
    pub person: String,
    /// Which group.
    pub group: String,
}

impl Rule for RestartRouted {
    fn entry(&self) -> &'static RuleEntry {
        &RESTART_ROUTED
    }

    fn expects(&self) -> String {
        format!("the restart of \"{}\" by {} reaches the conference factory", self.group, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let restart =
            story.device_legs(&self.person, &self.group).filter(|leg| !leg.by_target && leg.list.is_some()).last();
        let judgement = match restart {
            Some(sent) => self.routed(&chat, sent),
            None => harness(format!("no device of {} restarted \"{}\"", self.person, self.group)),
        };
        match (judgement, moment) {
            (Judgement::Met { checks }, _) => Judgement::Met { checks },
            (_, Moment::Open) => Judgement::Undecided,
            (judgement, Moment::Closed) => judgement,
        }
        .into()
    }
}

impl RestartRouted {
    fn routed(&self, chat: &Chat<'_>, sent: &Leg) -> Judgement {
        let Some(onward) = onward(chat.story, sent) else {
            let observed = match sent.answer {
                Some(answer) => {
                    format!("the target answered {} (frame {}) and sent nothing on", answer.status, answer.frame)
                }
                None => "the target sent nothing on".to_owned(),
            };
            return chat.missing(&RESTART_ROUTED, self.expects(), observed, Some(sent.invited));
        };
        if onward.contribution != sent.contribution {
            let text = |leg: &Leg| leg.contribution.clone().unwrap_or_else(|| "(none)".to_owned());
            let expected = format!("the restart keeps Contribution-ID {}", text(sent));
            return self.broken(expected, format!("it went on with {}", text(onward)), onward.invited);
        }
        let list = sent.list.as_deref().unwrap_or_default();
        if keys(list) != keys(onward.list.as_deref().unwrap_or_default()) {
            let expected = format!("the restart keeps its list: {}", list.join(", "));
            let observed =
                onward.list.as_deref().map_or("it went on without a list".to_owned(), |list| list.join(", "));
            return self.broken(expected, observed, onward.invited);
        }
        match lists::list_differs(chat, sent.invited, list) {
            None => Judgement::Met { checks: 2 + list.len() },
            Some(difference) if lists::told_right(chat) => {
                harness(format!("the device restarted with another list than it was given: {difference}"))
            }
            Some(difference) => {
                let expected = "the list that the device was given and restarts with is the final one".to_owned();
                self.broken(expected, difference, sent.invited)
            }
        }
    }

    fn broken(&self, expected: String, observed: String, frame: u64) -> Judgement {
        Judgement::Broken(fail(&RESTART_ROUTED, expected, observed, Some(frame)))
    }
}

/// The leg on which the target sends the restart on: to the same factory, and of the same chat rather than another.
pub(super) fn onward<'a>(story: &'a Story, sent: &Leg) -> Option<&'a Leg> {
    let factory = identity_key(&sent.request_uri);
    let later = || {
        let onward = story.legs().iter().filter(|leg| leg.end == End::Network && leg.by_target);
        onward.filter(|leg| leg.invited > sent.invited && identity_key(&leg.request_uri) == factory)
    };
    let of_chat = later().find(|leg| leg.contribution == sent.contribution);
    of_chat.or_else(|| later().find(|leg| leg.person.is_none() || leg.person == sent.person))
}

fn keys(list: &[String]) -> BTreeSet<String> {
    list.iter().map(|uri| identity_key(uri)).collect()
}
