//! What has outlived its lifetime does not come, and its author is told if that was asked for (L26).

use super::MSG_04;
use super::kept::Kept;
use crate::rules::disposition_reports::brought::about;
use crate::rules::findings::warning;
use crate::rules::sessions::{Unmet, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Disposition;
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const EXPIRED: RuleEntry = RuleEntry {
    id: "deferred_messages.expired",
    requirement: MSG_04,
    level: Level::Shall,
    absence: true,
    ledger: &["L13", "L26"],
    stage3: false,
    what: "A message that has outlived its lifetime is offered to no device, and nobody is told that it was delivered.",
    source: "PF-MSG-04, RFC 3428 section 7, RFC 5438",
};

/// The message has outlived its lifetime and never comes to the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expired {
    /// Whose.
    pub person: String,
    /// What it is called.
    pub label: String,
}

impl Rule for Expired {
    fn entry(&self) -> &'static RuleEntry {
        &EXPIRED
    }

    fn expects(&self) -> String {
        format!("\"{}\" has outlived its lifetime and never comes to {}", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story), moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (Ok(untold), Moment::Closed) => {
                settled(Ok(Judgement::Met { checks: 1 }), untold.into_iter().collect(), moment)
            }
            (Err(unmet), moment) => settled(Err(unmet), Vec::new(), moment),
        }
    }
}

impl Expired {
    /// What is worth telling where it did not come.
    fn judged(&self, story: &Story) -> Result<Option<Finding>, Unmet> {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let sent = kept.submitted()?;
        let broken = |observed: String, frame: u64| unkept(&EXPIRED, self.expects(), observed, frame);
        if let Some(offer) = kept.offers().next() {
            return Err(broken(format!("{} offers it to a device", offer.told()), offer.frame));
        }
        if let Some(item) = kept.arrivals().next() {
            return Err(broken(format!("it came in frame {}", item.frame), item.frame));
        }
        let id = kept.announced.message_id.as_deref().unwrap_or_default();
        let told = |kind| about(story, Flow::TargetToNetwork, id).find(|(_, report)| report.disposition == kind);
        if let Some((item, _)) = told(Disposition::Delivered) {
            return Err(broken(
                format!("its author was told that it was delivered (frame {})", item.frame),
                item.frame,
            ));
        }
        let asked = sent.envelope().is_some_and(|envelope| envelope.dispositions.contains("negative-delivery"));
        let failed = told(Disposition::Failed).or_else(|| told(Disposition::Other));
        let untold = asked && failed.is_none() && sent.answer().is_some_and(|answer| answer.is_success());
        Ok(untold.then(|| {
            let expected = "its author, who asked for it, is told of the failure".to_owned();
            warning(&EXPIRED, "L26", expected, "nobody was told".to_owned(), sent.frame)
        }))
    }
}
