//! Waivers: what a user excuses for a while, with a reason, an issue and a day on which that ends. They turn the findings of one
//! rule into *waived*, which is never conformant. An entry that is needed no more, is past its day or meets nothing is told
//! with its line and its cure, and the run ends with an exit code of its own: a list that nobody looks after lies.

mod file;
mod template;
mod versions;

use super::event::{RunInfo, ScenarioResult, Selection, TargetInfo};
use crate::requirements::Catalogue;
use crate::verdict::{FindingVerdict, Outcome};
use file::Entry;
pub use file::{NoWaivers, Waiver, Waivers};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
pub use template::template;

/// Its name in the folder of a run.
pub const NAME: &str = "waivers.yaml";

/// What became of a waiver in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverResult {
    /// Where it stands in the file, from 1.
    pub line: usize,
    /// What it says.
    #[serde(flatten)]
    pub waiver: Waiver,
    /// What became of it.
    pub status: Status,
    /// Why, and what is to be done about it; nothing where nothing is to be done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cure: String,
    /// The scenarios in which it excused something.
    pub scenarios: Vec<String>,
}

/// What became of a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It excused something.
    InForce,
    /// It is about something that was not selected, or did not run.
    NotAsked,
    /// What it is about could not be told.
    Untold,
    /// What it is about passes.
    Stale,
    /// Its day is over.
    Expired,
    /// It meets nothing: no such scenario, another version, another rule.
    Unmatched,
}

impl Status {
    /// The status in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::InForce => "in force",
            Status::NotAsked => "not asked",
            Status::Untold => "untold",
            Status::Stale => "stale",
            Status::Expired => "expired",
            Status::Unmatched => "unmatched",
        }
    }

    /// Whether somebody has to mend the file.
    #[must_use]
    pub const fn is_faulty(self) -> bool {
        matches!(self, Status::Stale | Status::Expired | Status::Unmatched)
    }
}

impl WaiverResult {
    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.waiver.scenario.as_deref().or(self.waiver.requirement.as_deref()).unwrap_or_default()
    }

    /// It in a line: where it stands, what it is about, and what is to be done.
    #[must_use]
    pub fn line(&self) -> String {
        let WaiverResult { line, waiver: Waiver { rule, reason, issue, expires, .. }, status, cure, .. } = self;
        let head = format!("waiver at line {line} {}: {} {rule}", status.as_str(), self.subject());
        if status.is_faulty() {
            format!("{head}: {cure}")
        } else {
            format!("{head}, until {expires}: {reason} ({issue})")
        }
    }
}

/// Waivers as they hold in one run: on its day, for the versions of its targets.
#[derive(Clone, Debug)]
pub struct Excuses {
    entries: Vec<Entry>,
    day: String,
    versions: BTreeMap<String, String>,
}

impl Waivers {
    /// These waivers in a run.
    #[must_use]
    pub fn in_run(&self, run: &RunInfo, targets: &[TargetInfo]) -> Excuses {
        let versions = targets.iter().map(|target| (target.role.clone(), target.version.clone())).collect();
        Excuses { entries: self.entries.clone(), day: run.started.chars().take(10).collect(), versions }
    }
}

impl Excuses {
    /// Excuses a scenario, if every finding that keeps it from a pass is waived. What is the suite's own fault never is.
    pub fn excuse(&self, scenario: &mut ScenarioResult) {
        if !matches!(scenario.outcome, Outcome::Fail | Outcome::Inconclusive) {
            return;
        }
        let by = |rule: &str| {
            let fits = |entry: &&Entry| self.holds(entry) && self.fits(entry, scenario) && entry.waiver.rule == rule;
            self.entries.iter().find(fits)
        };
        let against = scenario.findings.iter().filter(|finding| finding.verdict != FindingVerdict::Warning);
        let excused: Option<Vec<&Entry>> = against.map(|finding| by(&finding.rule)).collect();
        let Some(first) = excused.as_deref().and_then(<[&Entry]>::first) else { return };
        let Waiver { reason, issue, expires, .. } = &first.waiver;
        scenario.reason = Some(format!("{reason} ({issue}), until {expires}"));
        scenario.outcome = Outcome::Waived;
    }

    fn holds(&self, entry: &Entry) -> bool {
        self.day.as_str() <= entry.waiver.expires.as_str()
    }

    fn fits(&self, entry: &Entry, scenario: &ScenarioResult) -> bool {
        let version = self.versions.get(&scenario.role);
        concerns(&entry.waiver, scenario) && version.is_some_and(|version| entry.versions.contain(version))
    }

    /// What became of each waiver, once every scenario is excused that can be.
    pub(super) fn results(
        &self,
        scenarios: &[ScenarioResult],
        selection: Selection,
        catalogue: &Catalogue,
    ) -> Vec<WaiverResult> {
        let each = self.entries.iter().map(|entry| {
            let (status, cure) = self.status(entry, scenarios, selection, catalogue);
            let own = |scenario: &&ScenarioResult| {
                status == Status::InForce && scenario.outcome == Outcome::Waived && self.meets(entry, scenario)
            };
            let scenarios = scenarios.iter().filter(own).map(|scenario| scenario.id.clone()).collect();
            WaiverResult { line: entry.line, waiver: entry.waiver.clone(), status, cure, scenarios }
        });
        each.collect()
    }

    /// Whether something was found that the entry is about.
    fn meets(&self, entry: &Entry, scenario: &ScenarioResult) -> bool {
        self.fits(entry, scenario) && broken(scenario).any(|rule| rule == entry.waiver.rule)
    }

    fn status(
        &self,
        entry: &Entry,
        scenarios: &[ScenarioResult],
        selection: Selection,
        catalogue: &Catalogue,
    ) -> (Status, String) {
        let Waiver { expires, versions, rule, .. } = &entry.waiver;
        if !self.holds(entry) {
            let cure =
                format!("{expires} is over and it excuses nothing; take the entry out, or renew its day and say why");
            return (Status::Expired, cure);
        }
        let concerned: Vec<&ScenarioResult> =
            scenarios.iter().filter(|scenario| concerns(&entry.waiver, scenario)).collect();
        if concerned.is_empty() {
            return unknown(&entry.waiver, selection, catalogue);
        }
        let own: Vec<&ScenarioResult> = concerned.into_iter().filter(|scenario| self.fits(entry, scenario)).collect();
        if own.is_empty() {
            let found: Vec<&str> = self.versions.values().map(String::as_str).collect();
            let cure = format!(
                "the version under test, {}, is not in `{versions}`; take the entry out, or correct its versions",
                found.join(" and ")
            );
            return (Status::Unmatched, cure);
        }
        if own.iter().any(|scenario| self.meets(entry, scenario)) {
            return (Status::InForce, String::new());
        }
        // Of a part, what is not selected may still need the entry.
        let whole = selection == Selection::Full || entry.waiver.scenario.is_some();
        let came_to = |sought: Outcome| own.iter().any(|scenario| scenario.outcome == sought);
        let others: BTreeSet<&str> = own.iter().flat_map(|scenario| broken(scenario)).collect();
        if !whole || came_to(Outcome::NotRun) {
            (Status::NotAsked, String::new())
        } else if came_to(Outcome::Fail) || came_to(Outcome::Waived) {
            let others = others.into_iter().collect::<Vec<_>>().join(", ");
            let cure = format!("{rule} found nothing, but {others} did; take the entry out, or correct its rule");
            (Status::Unmatched, cure)
        } else if came_to(Outcome::Inconclusive) || came_to(Outcome::Error) {
            (Status::Untold, String::new())
        } else if came_to(Outcome::Pass) {
            (Status::Stale, "what it excuses passes now; take the entry out".to_owned())
        } else {
            (Status::Unmatched, "nothing of it applies to this target; take the entry out".to_owned())
        }
    }
}

/// What became of a waiver that is about no scenario of the run.
fn unknown(waiver: &Waiver, selection: Selection, catalogue: &Catalogue) -> (Status, String) {
    let known = waiver.requirement.as_ref().is_none_or(|id| catalogue.requirement(id).is_some());
    if known && selection == Selection::Partial {
        return (Status::NotAsked, String::new());
    }
    let cure = match (&waiver.requirement, known) {
        (Some(id), false) => format!("there is no requirement {id}; `cpm-conformance list requirements` shows them"),
        (Some(id), true) => format!("no scenario of this run serves {id}; take the entry out"),
        (None, _) => "there is no such scenario; `cpm-conformance list scenarios` shows them".to_owned(),
    };
    (Status::Unmatched, cure)
}

fn concerns(waiver: &Waiver, scenario: &ScenarioResult) -> bool {
    waiver.scenario.as_ref().is_some_and(|id| *id == scenario.id)
        || waiver.requirement.as_ref().is_some_and(|id| scenario.requirements.contains(id))
}

/// The rules that keep a scenario from a pass, or kept it from one until it was excused.
fn broken(scenario: &ScenarioResult) -> impl Iterator<Item = &str> {
    let against = scenario.findings.iter().filter(|finding| finding.verdict != FindingVerdict::Warning);
    against.map(|finding| finding.rule.as_str())
}

#[cfg(test)]
mod tests;
