//! What a provider's quota leaves, and nothing but that.

use super::{CONV_058, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

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
#[derive(Clone, Debug)]
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

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
