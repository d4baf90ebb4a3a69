//! Reports are passed on as they are or not at all, and none is made on a report (L15).

use super::MSG_03;
use super::brought::{Brought, all, is_of_failure};
use crate::rules::sessions::{Judged, harness, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Report;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const UNALTERED: RuleEntry = RuleEntry {
    id: "disposition_reports.unaltered",
    requirement: MSG_03,
    level: Level::Shall,
    absence: true,
    ledger: &["L15"],
    stage3: false,
    what: "A report that a user gets is one that somebody sent: the message that it names, and what it says, are the same.",
    source: "PF-MSG-03, RFC 5438 section 7.2",
};

/// The person gets no report that nobody sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unaltered {
    /// Who gets reports.
    pub person: String,
}

impl Rule for Unaltered {
    fn entry(&self) -> &'static RuleEntry {
        &UNALTERED
    }

    fn expects(&self) -> String {
        format!("each report that reaches {} says what somebody sent", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        absent(self.judged(story), moment)
    }
}

impl Unaltered {
    fn judged(&self, story: &Story) -> Judged {
        let of_ours = |(item, _): &Brought<'_>| item.person.as_deref() == Some(self.person.as_str());
        let sent: Vec<Brought<'_>> = all(story, Flow::NetworkToTarget).filter(of_ours).collect();
        if sent.is_empty() {
            return Err(harness(format!("nobody sent {} a report", self.person)));
        }
        // Of failure the function itself may tell, of a message that the user sent.
        let own = |report: &Report| {
            is_of_failure(report) && story.announced().iter().any(|a| a.message_id.as_ref() == Some(&report.about))
        };
        let known = |(_, came): &Brought<'_>| {
            sent.iter().any(|(_, sent)| sent.about == came.about && sent.disposition == came.disposition)
        };
        let mut came = all(story, Flow::TargetToDevice).filter(of_ours);
        match came.find(|brought| !known(brought) && !own(brought.1)) {
            Some((item, report)) => {
                let observed = format!(
                    "one says that {} was {} (frame {}), which nobody said",
                    report.about, report.disposition, item.frame
                );
                Err(unkept(&UNALTERED, self.expects(), observed, item))
            }
            None => Ok(Judgement::Met { checks: sent.len() }),
        }
    }
}

pub(super) const NONE_ON_REPORTS: RuleEntry = RuleEntry {
    id: "disposition_reports.none_on_reports",
    requirement: MSG_03,
    level: Level::Shall,
    absence: true,
    ledger: &["L15"],
    stage3: false,
    what: "No report is made on a report.",
    source: "PF-MSG-03, RFC 5438 section 6.3",
};

/// Nobody is told anything of a report to or from the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoneOnReports {
    /// Whose reports.
    pub person: String,
}

impl Rule for NoneOnReports {
    fn entry(&self) -> &'static RuleEntry {
        &NONE_ON_REPORTS
    }

    fn expects(&self) -> String {
        format!("nobody reports on a report to or of {}", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        absent(self.judged(story), moment)
    }
}

impl NoneOnReports {
    fn judged(&self, story: &Story) -> Judged {
        let is_report =
            |item: &&Item| !item.content.reports().is_empty() && item.person.as_deref() == Some(self.person.as_str());
        let reports: Vec<&Item> = story.items().iter().filter(is_report).collect();
        let names: Vec<&str> = reports.iter().filter_map(|item| item.content.message_id.as_deref()).collect();
        if names.is_empty() {
            return Err(harness(format!("no report of or to {} has a name", self.person)));
        }
        let told = [Flow::TargetToNetwork, Flow::TargetToDevice].into_iter().flat_map(|flow| all(story, flow));
        match told.into_iter().find(|(_, report)| names.contains(&report.about.as_str())) {
            Some((item, report)) => {
                let observed = format!("one names {}, which is a report itself (frame {})", report.about, item.frame);
                Err(unkept(&NONE_ON_REPORTS, self.expects(), observed, item))
            }
            None => Ok(Judgement::Met { checks: names.len() }),
        }
    }
}

/// What is said of an absence: as long as more may come, nothing.
fn absent(judged: Judged, moment: Moment) -> Assessment {
    match (&judged, moment) {
        (Ok(_), Moment::Open) => Judgement::Undecided.into(),
        _ => settled(judged, Vec::new(), moment),
    }
}
