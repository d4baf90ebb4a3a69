//! How lists of participants are written and how they end: [CPM-CONV-058b] (L11, L23).

use super::{CONV_058B, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

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
#[derive(Clone, Debug)]
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

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
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
#[derive(Clone, Debug)]
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

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
