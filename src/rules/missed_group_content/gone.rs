//! A deregistration makes nobody reachable (L06).

use super::{CONV_058A, fail, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const NOT_WHILE_GONE: RuleEntry = RuleEntry {
    id: "missed_group_content.not_while_gone",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: true,
    ledger: &["L01", "L06"],
    stage3: false,
    what: "No delivery begins between the deregistration of a device and its return.",
    source: "CPM-CONV-058a",
};

/// The target invites a device to nothing of the group while the device is gone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotWhileGone {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// Which device.
    pub device: String,
}

impl Rule for NotWhileGone {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_WHILE_GONE
    }

    fn expects(&self) -> String {
        format!("nothing of \"{}\" comes to {}'s {} while it is gone", self.group, self.person, self.device)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let ours = story.cast().reachability(&self.person).filter(|change| change.device == self.device);
        let changes = ours.map(|change| (change.frame, change.yes)).collect::<Vec<_>>();
        let gone = |frame: u64| changes.iter().rfind(|(at, _)| *at < frame).is_some_and(|(_, yes)| !yes);
        let drains = story.drains_of(&self.person, &self.group);
        let early = drains.filter(|leg| leg.device.as_ref().is_none_or(|device| *device == self.device));
        if let Some(leg) = early.into_iter().find(|leg| gone(leg.invited)) {
            let observed = format!("the target invited it in frame {}", leg.invited);
            return Judgement::Broken(fail(&NOT_WHILE_GONE, self.expects(), observed, Some(leg.invited))).into();
        }
        match (moment, changes.iter().filter(|(_, yes)| !yes).count()) {
            (Moment::Open, _) => Judgement::Undecided,
            (Moment::Closed, 0) => harness(format!("the {} of {} was never gone", self.device, self.person)),
            (Moment::Closed, checks) => Judgement::Met { checks },
        }
        .into()
    }
}
