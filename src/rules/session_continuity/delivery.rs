//! A delivery of what was missed of a group moves to another device while it goes on.

use super::{DEV_04, Judged, harness, missing, settled};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const COMPLETE_AT_BOTH: RuleEntry = RuleEntry {
    id: "session_continuity.complete_at_both",
    requirement: DEV_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L14", "L18"],
    stage3: false,
    what: "What two devices have got of a delivery that moved is together everything that was missed.",
    source: "PF-DEV-04, CPM-CONV-058a",
};

/// A delivery began at one device and went on at another, and the two have everything together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CompleteAtBoth {
    /// The group.
    pub group: String,
    /// The served user.
    pub person: String,
    /// Where the delivery began.
    pub from: String,
    /// Where it went on.
    pub to: String,
}

impl Rule for CompleteAtBoth {
    fn entry(&self) -> &'static RuleEntry {
        &COMPLETE_AT_BOTH
    }

    fn expects(&self) -> String {
        let (from, to) = (&self.from, &self.to);
        format!("{}'s {from} and {to} have every message of \"{}\" together", self.person, self.group)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl CompleteAtBoth {
    fn judged(&self, story: &Story) -> Judged {
        let missing = |observed, spot: &Item| missing(story, &COMPLETE_AT_BOTH, self.expects(), observed, spot);
        let owed: Vec<&Item> =
            story.from_network(&self.person, &self.group).filter(|item| item.chat_id().is_some()).collect();
        let Some(first) = owed.first() else {
            return Err(harness(format!("nothing was said to {} in \"{}\"", self.person, self.group)));
        };
        let has = |device: &str, id: Option<&str>| {
            let mut taken = story.to_devices(&self.person, &self.group).filter(|item| item.accepted());
            taken.any(|item| item.device.as_deref() == Some(device) && item.chat_id() == id)
        };
        if !owed.iter().any(|item| has(&self.from, item.chat_id())) {
            return Err(missing(format!("the delivery to the {} never began", self.from), first));
        }
        if owed.iter().all(|item| has(&self.from, item.chat_id())) {
            return Err(harness(format!("the {} had everything before it could move", self.from)));
        }
        let lost = |item: &&&Item| !has(&self.from, item.chat_id()) && !has(&self.to, item.chat_id());
        match owed.iter().find(lost) {
            Some(lost) => {
                let count =
                    owed.iter().filter(|item| !has(&self.from, item.chat_id()) && !has(&self.to, item.chat_id()));
                Err(missing(format!("{} of {} came to neither", count.count(), owed.len()), lost))
            }
            None => Ok(Judgement::Met { checks: owed.len() }),
        }
    }
}
