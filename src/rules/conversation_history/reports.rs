//! Notifications belong to a conversation, and are kept with it.

use super::HIS_01;
use super::said::Said;
use crate::rules::sessions::{Judged, missing, settled};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Disposition;
use crate::story::{Story, history};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const REPORT_KEPT: RuleEntry = RuleEntry {
    id: "conversation_history.report_kept",
    requirement: HIS_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L22"],
    stage3: false,
    what: "A disposition notification on a message of a conversation that is to be kept stands in the history of the user.",
    source: "PF-HIS-01, RFC 5438 section 7.2",
};

/// The notification on a message is kept in the history of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportKept {
    /// What the message is called.
    pub label: String,
    /// In whose history.
    pub person: String,
    /// What it reports.
    pub kind: Disposition,
}

impl Rule for ReportKept {
    fn entry(&self) -> &'static RuleEntry {
        &REPORT_KEPT
    }

    fn expects(&self) -> String {
        format!("that \"{}\" was {} is kept in the history of {}", self.label, self.kind, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl ReportKept {
    fn judged(&self, story: &Story) -> Judged {
        let said = Said::last(story, &self.label)?;
        let mut kept = story.history_of(&self.person).filter(|kept| kept.taken.is_some());
        if kept.any(|kept| self.reports(kept, said.id)) {
            return Ok(Judgement::Met { checks: 1 });
        }
        let observed = "the history has no object with a notification that names it".to_owned();
        Err(missing(story, &REPORT_KEPT, self.expects(), observed, said.item))
    }

    /// Whether an object tells this of the message, as itself or in its parts.
    fn reports(&self, kept: &history::Kept, id: &str) -> bool {
        let told = kept.content.reports().iter().any(|report| report.about == id && report.disposition == self.kind);
        let holds = |text: &str| kept.holds(text.as_bytes());
        told || kept.content.reports().is_empty()
            && holds("message/imdn+xml")
            && holds(id)
            && holds(&format!("<{}/>", self.kind))
    }
}
