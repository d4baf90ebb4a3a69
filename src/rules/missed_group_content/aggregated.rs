//! Notifications of many members, alone or several in one message (L04).

use super::{CONV_058A, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const ALL_REPORTS_REACH: RuleEntry = RuleEntry {
    id: "missed_group_content.all_reports_reach",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L04", "L14"],
    stage3: false,
    what: "Each pair of message and reporter reaches the user, however the notifications are put together.",
    source: "CPM-CONV-058a, RFC 5438 section 8.3",
};

/// The reports of all these members on a message of the person reach the person.
#[derive(Clone, Debug)]
pub struct AllReportsReach {
    /// Whose message it is.
    pub person: String,
    /// In which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
    /// Who reports.
    pub reporters: Vec<String>,
}

impl Rule for AllReportsReach {
    fn entry(&self) -> &'static RuleEntry {
        &ALL_REPORTS_REACH
    }

    fn expects(&self) -> String {
        format!(
            "the reports of {} on \"{}\" of \"{}\" reach {}",
            self.reporters.join(", "),
            self.label,
            self.group,
            self.person
        )
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
