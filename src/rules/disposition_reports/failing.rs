//! What an author is told of a message that fails for good, and what not (L26).

use super::MSG_03;
use super::brought::{about, is_of_failure};
use crate::rules::deferred_messages::kept::Kept;
use crate::rules::sessions::{Judged, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Disposition;
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Level};
use serde::{Deserialize, Serialize};

pub(super) const FAILURE_TOLD: RuleEntry = RuleEntry {
    id: "disposition_reports.failure_told",
    requirement: MSG_03,
    level: Level::Shall,
    absence: false,
    ledger: &["L26"],
    stage3: false,
    what: "The author of a message that fails for good, who asked for that, gets an error as answer or a report of failure, \
           and never one of delivery besides.",
    source: "PF-MSG-03, RFC 5438 section 7.2.1.1",
};

/// The author of the message learns that it failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FailureTold {
    /// For whom the message was.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for FailureTold {
    fn entry(&self) -> &'static RuleEntry {
        &FAILURE_TOLD
    }

    fn expects(&self) -> String {
        format!("the author of \"{}\" learns that it failed, and not that it was delivered", self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl FailureTold {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let sent = kept.submitted()?;
        let id = kept.announced.message_id.as_deref().unwrap_or_default();
        let told = || about(story, Flow::TargetToNetwork, id);
        if let Some((item, _)) = told().find(|(_, report)| report.disposition == Disposition::Delivered) {
            let observed = format!("its author was told that it was delivered (frame {})", item.frame);
            return Err(unkept(&FAILURE_TOLD, self.expects(), observed, item));
        }
        let error = sent.answer().filter(|answer| !answer.is_success());
        if told().any(|(_, report)| is_of_failure(report)) || error.is_some() {
            return Ok(Judgement::Met { checks: 1 });
        }
        // Who tries again, and succeeds, has had no failure that is final.
        if kept.taken().next().is_some() {
            let why = format!("\"{}\" reached {} in the end", self.label, self.person);
            return Err(Judgement::Unseen { why, blame: Blame::Target }.into());
        }
        let observed = match sent.answer() {
            Some(answer) => format!("{} was taken ({}), and nobody was told anything else", sent.told(), answer.status),
            None => format!("{} was never answered, and nobody was told", sent.told()),
        };
        Err(missing(story, &FAILURE_TOLD, self.expects(), observed, sent.frame))
    }
}

pub(super) const NO_FAILURE_TOLD: RuleEntry = RuleEntry {
    id: "disposition_reports.no_failure_told",
    requirement: MSG_03,
    level: Level::Shall,
    absence: true,
    ledger: &["L26"],
    stage3: false,
    what: "An author who has not asked for it gets no report of failure.",
    source: "PF-MSG-03, RFC 5438 section 6.3",
};

/// The author of the message gets no report that it failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoFailureTold {
    /// For whom the message was.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for NoFailureTold {
    fn entry(&self) -> &'static RuleEntry {
        &NO_FAILURE_TOLD
    }

    fn expects(&self) -> String {
        format!("the author of \"{}\", who has not asked for it, gets no report of failure", self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story), moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl NoFailureTold {
    fn judged(&self, story: &Story) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        kept.submitted()?;
        let id = kept.announced.message_id.as_deref().unwrap_or_default();
        match about(story, Flow::TargetToNetwork, id).find(|(_, report)| report.disposition == Disposition::Failed) {
            Some((item, _)) => {
                let observed = format!("it got one (frame {})", item.frame);
                Err(unkept(&NO_FAILURE_TOLD, self.expects(), observed, item))
            }
            None => Ok(Judgement::Met { checks: 1 }),
        }
    }
}
