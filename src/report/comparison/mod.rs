//! What changed from one run to a later one, read from results.json and manifest.json of both. Of either no more is read than
//! is compared, so that runs of different versions of the suite can be held against each other.

mod history;
mod page;
mod run;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::style::one_line;
use super::{Results, Selection};
use crate::verdict::Outcome;
pub use history::History;
use run::Scenario;
pub use run::{Inputs, NoRun, Run};

/// The earlier run in the folder of a later one that was held against it, as far as it is compared.
pub const BASELINE: &str = "baseline.json";

/// The shape of what is written as JSON.
const SCHEMA: &str = "cpm-diff/1";
/// A scenario that takes so many times as long is told, unless it is short all the same.
const SLOWER: u64 = 2;
/// Shorter than this is short, in milliseconds.
const SHORT_MS: u64 = 250;

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The shape of the file.
    pub schema: &'static str,
    /// The id of the earlier run.
    pub before: String,
    /// The id of the later one.
    pub after: String,
    /// What differs in what went into the runs, one sentence each.
    pub inputs: Vec<String>,
    /// Requirements that came to something else.
    pub requirements: Vec<Change>,
    /// Scenarios that came to something worse.
    pub regressed: Vec<Change>,
    /// Scenarios that came to something better.
    pub fixed: Vec<Change>,
    /// Scenarios that differ although all that the suite knows of went in alike, or that say of themselves that they are flaky.
    pub flaky: Vec<String>,
    /// Scenarios that there were not.
    pub new: Vec<String>,
    /// Scenarios that there are no more.
    pub removed: Vec<String>,
    /// Requirements whose text, level or test purposes are not what they were.
    pub requirement_changed: Vec<String>,
    /// Scenarios that passed with fewer checks against the wire than before.
    pub fewer_checks: Vec<Shift>,
    /// Scenarios that take at least twice as long, in milliseconds.
    pub slower: Vec<Shift>,
    /// Scenarios that take half the time or less, in milliseconds.
    pub quicker: Vec<Shift>,
    /// Waivers of the later run that somebody has to mend.
    pub stale_waivers: Vec<String>,
    /// What each scenario came to in the runs before and in this one, as far as baselines tell.
    #[serde(skip)]
    pub history: History,
}

/// Something that came to something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// The requirements that it serves; none for a requirement itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// What it came to.
    pub before: Outcome,
    /// What it comes to.
    pub after: Outcome,
    /// The first thing that was found, if anything was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// A number that became another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shift {
    /// The scenario.
    pub id: String,
    /// What it was.
    pub before: u64,
    /// What it is.
    pub after: u64,
}

/// How bad an outcome is; what does not apply is neither better nor worse.
const fn weight(outcome: Outcome) -> Option<u8> {
    match outcome {
        Outcome::NotApplicable => None,
        Outcome::Pass => Some(0),
        Outcome::Waived => Some(1),
        Outcome::Inconclusive | Outcome::NotRun => Some(2),
        Outcome::Fail => Some(3),
        Outcome::Error => Some(4),
    }
}

/// Whether this is worse than that. A SHALL that is not shown any more because it is said not to apply is worse than a pass.
fn is_worse(after: Outcome, before: Outcome) -> bool {
    match (weight(before), weight(after)) {
        (Some(before), Some(after)) => after > before,
        (Some(before), None) => before == 0,
        (None, Some(after)) => after > 0,
        (None, None) => false,
    }
}

/// Holds a later run against an earlier one.
#[must_use]
pub fn compare(before: &Run, after: &Run) -> Comparison {
    let inputs = inputs(before, after);
    let (old, new) = (before.scenarios(), after.scenarios());
    let both: Vec<(&Scenario, &Scenario)> =
        new.iter().filter_map(|(id, after)| Some((*old.get(id)?, *after))).collect();
    let changed = || both.iter().filter(|(before, after)| before.verdict != after.verdict);
    let change = |(before, after): &(&Scenario, &Scenario)| Change {
        id: after.id.clone(),
        requirements: after.requirements.clone(),
        before: before.verdict,
        after: after.verdict,
        found: after.found(),
    };
    let worse = |(before, after): &&(&Scenario, &Scenario)| is_worse(after.verdict, before.verdict);
    let differs_by_itself = changed().filter(|_| inputs.is_empty()).map(|(_, after)| *after);
    let flaky: BTreeSet<String> = both
        .iter()
        .map(|(_, after)| *after)
        .filter(|scenario| scenario.calls_itself_flaky())
        .chain(differs_by_itself)
        .map(|scenario| scenario.id.clone())
        .collect();
    Comparison {
        schema: SCHEMA,
        before: before.told.run.id.clone(),
        after: after.told.run.id.clone(),
        requirements: requirements(before, after),
        regressed: changed().filter(worse).map(change).collect(),
        fixed: changed().filter(|pair| !worse(pair)).map(change).collect(),
        flaky: flaky.into_iter().collect(),
        // What a part leaves out is not gone, and what the whole has besides is not new.
        new: if whole_against_part(after, before) { Vec::new() } else { missing_in(&old, &new) },
        removed: if whole_against_part(before, after) { Vec::new() } else { missing_in(&new, &old) },
        requirement_changed: requirement_changed(before, after),
        fewer_checks: both.iter().filter_map(|(before, after)| fewer_checks(before, after)).collect(),
        slower: both.iter().filter_map(|(before, after)| slower(before, after)).collect(),
        quicker: both.iter().filter_map(|(before, after)| slower(after, before)).map(Shift::turned).collect(),
        stale_waivers: after.stale_waivers(),
        history: before.history.clone().then(before).then(after),
        inputs,
    }
}

fn whole_against_part(whole: &Run, part: &Run) -> bool {
    whole.told.run.selection == Some(Selection::Full) && part.told.run.selection == Some(Selection::Partial)
}

/// What went into the runs and is not the same.
fn inputs(before: &Run, after: &Run) -> Vec<String> {
    let (old, new) = (&before.told, &after.told);
    let mut told = Vec::new();
    if old.run.suite_version != new.run.suite_version {
        told.push(format!("suite {}, before {}", new.run.suite_version, old.run.suite_version));
    } else if let (Some(old), Some(new)) = (&before.inputs, &after.inputs) {
        if old.program != new.program {
            told.push("the program of the suite is another".to_owned());
        }
        if old.catalogue != new.catalogue {
            told.push("the catalogue of requirements is another".to_owned());
        }
        if old.waivers != new.waivers {
            told.push("the waivers are others".to_owned());
        }
    }
    for target in &new.targets {
        match old.targets.iter().find(|own| own.role == target.role) {
            None => told.push(format!("a {} was not tested before", target.role)),
            Some(own) if (&own.name, &own.version) != (&target.name, &target.version) => {
                told.push(format!("{} {}, before {} {}", target.name, target.version, own.name, own.version));
            }
            Some(own) if own != target => told.push(format!("the profile of {} is another", target.name)),
            Some(_) => {}
        }
    }
    let gone = old.targets.iter().filter(|own| new.targets.iter().all(|target| target.role != own.role));
    told.extend(gone.map(|own| format!("a {} is not tested any more", own.role)));
    if old.run.seed != new.run.seed {
        told.push(format!("seed {}, before {}", new.run.seed, old.run.seed));
    }
    told.iter().map(|line| one_line(line)).collect()
}

fn requirements(before: &Run, after: &Run) -> Vec<Change> {
    let old = before.requirements();
    let after_is_part = whole_against_part(before, after);
    let changed = after.requirements().into_iter().filter_map(|(id, verdict)| {
        let before = *old.get(id)?;
        // A part shows little of most requirements.
        if after_is_part && verdict == Outcome::NotRun {
            return None;
        }
        let change = Change { id: id.to_owned(), requirements: Vec::new(), before, after: verdict, found: None };
        (before != verdict).then_some(change)
    });
    changed.collect()
}

/// Requirements that both runs know, with another text.
fn requirement_changed(before: &Run, after: &Run) -> Vec<String> {
    let (Some(old), Some(new)) = (&before.inputs, &after.inputs) else { return Vec::new() };
    let changed =
        new.requirements.iter().filter(|(id, text)| old.requirements.get(*id).is_some_and(|own| own != *text));
    changed.map(|(id, _)| id.clone()).collect()
}

fn missing_in(there: &BTreeMap<&str, &Scenario>, of: &BTreeMap<&str, &Scenario>) -> Vec<String> {
    of.keys().filter(|id| !there.contains_key(*id)).map(|id| (*id).to_owned()).collect()
}

fn fewer_checks(before: &Scenario, after: &Scenario) -> Option<Shift> {
    let (old, new) = (before.checks?, after.checks?);
    let passed = before.verdict == Outcome::Pass && after.verdict == Outcome::Pass;
    let shift = || Shift { id: after.id.clone(), before: old as u64, after: new as u64 };
    (passed && new < old).then(shift)
}

fn slower(before: &Scenario, after: &Scenario) -> Option<Shift> {
    let (old, new) = (before.duration_ms, after.duration_ms);
    let shift = || Shift { id: after.id.clone(), before: old, after: new };
    (old > 0 && new >= SHORT_MS && new >= old.saturating_mul(SLOWER)).then(shift)
}

impl Shift {
    /// Seen from the other end of time.
    fn turned(self) -> Shift {
        Shift { before: self.after, after: self.before, ..self }
    }
}

/// An earlier run, and what went into the one that is held against it.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The earlier run.
    pub before: Run,
    /// What went into the later one.
    pub inputs: Option<Inputs>,
}

impl Baseline {
    /// What changed since.
    #[must_use]
    pub fn against(&self, results: &Results) -> Comparison {
        compare(&self.before, &Run::of(results, self.inputs.clone()))
    }
}

impl Comparison {
    /// Whether a scenario is not what it was: another verdict, flaky, new, or with fewer checks than before.
    #[must_use]
    pub fn is_about(&self, scenario: &str) -> bool {
        let changed = self.regressed.iter().chain(&self.fixed).any(|change| change.id == scenario);
        let named = self.flaky.iter().chain(&self.new).any(|id| id == scenario);
        changed || named || self.fewer_checks.iter().any(|shift| shift.id == scenario)
    }

    /// Whether anything got worse: a scenario, a requirement, or what is looked at.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let requirement = |change: &Change| is_worse(change.after, change.before);
        !self.regressed.is_empty()
            || !self.removed.is_empty()
            || !self.fewer_checks.is_empty()
            || self.requirements.iter().any(requirement)
    }
}

#[cfg(test)]
mod tests;
