//! What a provider's quota leaves, and nothing but that.

use super::{CONV_058, Chat, fail, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Item, Story};
use crate::target::QuotaConduct;
use crate::target::statement::Statement;
use crate::verdict::{Blame, Level};
use serde::{Deserialize, Serialize};

pub(super) const QUOTA_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.quota_kept",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L19"],
    stage3: false,
    what: "Of a chat that outgrows the quota the user gets what the declared conduct keeps.",
    source: "CPM-CONV-058",
};

/// The person gets what the declared quota keeps of the group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuotaKept {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for QuotaKept {
    fn entry(&self) -> &'static RuleEntry {
        &QUOTA_KEPT
    }

    fn expects(&self) -> String {
        format!("{} gets of \"{}\" what the declared quota keeps", self.person, self.group)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let policy = statement.store_policy().and_then(|policy| Some((policy.quota?, policy.quota_conduct)));
        let Some((quota, conduct)) = policy else {
            let why = "the statement declares no quota (L19)".to_owned();
            return Judgement::Unseen { why, blame: Blame::Configuration }.into();
        };
        let Some(returned) = chat.reachable(None) else {
            return match moment {
                Moment::Open => Judgement::Undecided.into(),
                Moment::Closed => harness(format!("{} was never reachable", self.person)).into(),
            };
        };
        let stored = chat.owed().into_iter().filter(|item| item.frame < returned).collect::<Vec<_>>();
        let quota = usize::try_from(quota).unwrap_or(usize::MAX);
        let judgement = match stored.len().checked_sub(quota).filter(|beyond| *beyond > 0) {
            None if chat.owed().is_empty() => chat.nothing_owed(&QUOTA_KEPT),
            None => {
                harness(format!("{} messages of \"{}\" do not outgrow the quota of {quota}", stored.len(), self.group))
            }
            Some(beyond) => {
                let (kept, dropped) = match conduct {
                    QuotaConduct::RefuseNew => stored.split_at(quota),
                    QuotaConduct::DropOldest => {
                        let (dropped, kept) = stored.split_at(beyond);
                        (kept, dropped)
                    }
                };
                self.compare(&chat, kept, dropped)
            }
        };
        match (judgement, moment) {
            (broken @ Judgement::Broken(_), Moment::Closed) => broken,
            (_, Moment::Open) => Judgement::Undecided,
            (judgement, Moment::Closed) => judgement,
        }
        .into()
    }
}

impl QuotaKept {
    fn compare(&self, chat: &Chat<'_>, kept: &[&Item], dropped: &[&Item]) -> Judgement {
        let names = |items: &[&Item]| {
            items.iter().map(|item| chat.name(item.chat_id().unwrap_or_default())).collect::<Vec<_>>().join(", ")
        };
        let has = |item: &&&Item| item.chat_id().is_some_and(|id| chat.has(None, id));
        let expected = || format!("{}: {}", self.expects(), names(kept));
        if let Some(lost) = kept.iter().find(|item| !has(item)) {
            let observed = format!("{} (frame {}) never came", names(&[lost]), lost.frame);
            return chat.missing(&QUOTA_KEPT, expected(), observed, *lost);
        }
        if let Some(extra) = dropped.iter().find(has) {
            let observed = format!("{} (frame {}) came as well", names(&[extra]), extra.frame);
            return Judgement::Broken(fail(&QUOTA_KEPT, expected(), observed, *extra));
        }
        Judgement::Met { checks: kept.len() }
    }
}
