//! What changed from one run to a later one, read from results.json and manifest.json of both. Of either no more is read than
//! is compared, so that runs of different versions of the suite can be held against each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::manifest::{self, Manifest};
use super::results::SCHEMA as RESULTS;
use super::style::one_line;
use crate::verdict::Outcome;

/// The shape of what is written as JSON.
const SCHEMA: &str = "cpm-diff/1";
/// A scenario that takes so many times as long is told, unless it is short all the same.
const SLOWER: u64 = 2;
/// Shorter than this is short, in milliseconds.
const SHORT_MS: u64 = 250;

/// One run, as far as it is compared.
#[derive(Clone, Debug)]
pub struct Run {
    told: Told,
    manifest: Option<Manifest>,
}

#[derive(Clone, Debug, Deserialize)]
struct Told {
    schema: String,
    run: Info,
    targets: Vec<Target>,
    requirements: Vec<Requirement>,
    scenarios: Vec<Scenario>,
}

#[derive(Clone, Debug, Deserialize)]
struct Info {
    id: String,
    seed: u64,
    suite_version: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Target {
    name: String,
    version: String,
    role: String,
    profile_sha256: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Requirement {
    id: String,
    verdict: Outcome,
}

#[derive(Clone, Debug, Deserialize)]
struct Scenario {
    id: String,
    requirements: Vec<String>,
    verdict: Outcome,
    duration_ms: u64,
    /// Runs of old did not count them.
    checks: Option<usize>,
    findings: Vec<Found>,
}

#[derive(Clone, Debug, Deserialize)]
struct Found {
    rule: String,
    verdict: String,
    observed: String,
}

/// Why something cannot be compared.
#[derive(Debug, thiserror::Error)]
#[error("not a report: {path}: {why}")]
pub struct NoRun {
    path: String,
    why: String,
}

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

impl Run {
    /// Reads the report in a folder.
    ///
    /// # Errors
    /// There is none.
    pub fn read(folder: &Path) -> Result<Run, NoRun> {
        let path = folder.join("results.json");
        let none = |why: String| NoRun { path: path.display().to_string(), why };
        let text = fs::read(&path).map_err(|error| none(error.to_string()))?;
        let told: Told = serde_json::from_slice(&text).map_err(|error| none(error.to_string()))?;
        if told.schema != RESULTS {
            return Err(none(format!("it follows the schema {:?}, not {RESULTS}", told.schema)));
        }
        let manifest = fs::read(folder.join(manifest::NAME)).ok().and_then(|text| Manifest::read(&text).ok());
        Ok(Run { told, manifest })
    }

    fn scenarios(&self) -> BTreeMap<&str, &Scenario> {
        self.told.scenarios.iter().map(|scenario| (scenario.id.as_str(), scenario)).collect()
    }

    fn requirements(&self) -> BTreeMap<&str, Outcome> {
        self.told.requirements.iter().map(|row| (row.id.as_str(), row.verdict)).collect()
    }
}

impl Scenario {
    fn calls_itself_flaky(&self) -> bool {
        self.findings.iter().any(|finding| finding.rule == "scenario" && finding.observed.starts_with("flaky"))
    }

    /// What it came to, in a line.
    fn found(&self) -> Option<String> {
        let worst = self.findings.iter().find(|finding| finding.verdict == self.verdict.as_str());
        worst.map(|finding| one_line(&format!("{}: {}", finding.rule, finding.observed)))
    }
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
        new: missing_in(&old, &new),
        removed: missing_in(&new, &old),
        requirement_changed: requirement_changed(before, after),
        fewer_checks: both.iter().filter_map(|(before, after)| fewer_checks(before, after)).collect(),
        slower: both.iter().filter_map(|(before, after)| slower(before, after)).collect(),
        inputs,
    }
}

/// What went into the runs and is not the same.
fn inputs(before: &Run, after: &Run) -> Vec<String> {
    let (old, new) = (&before.told, &after.told);
    let mut told = Vec::new();
    if old.run.suite_version != new.run.suite_version {
        told.push(format!("suite {}, before {}", new.run.suite_version, old.run.suite_version));
    } else if let (Some(old), Some(new)) = (&before.manifest, &after.manifest) {
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
    let changed = after.requirements().into_iter().filter_map(|(id, verdict)| {
        let before = *old.get(id)?;
        let change = Change { id: id.to_owned(), requirements: Vec::new(), before, after: verdict, found: None };
        (before != verdict).then_some(change)
    });
    changed.collect()
}

/// Requirements that both runs know, with another text.
fn requirement_changed(before: &Run, after: &Run) -> Vec<String> {
    let (Some(old), Some(new)) = (&before.manifest, &after.manifest) else { return Vec::new() };
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

impl Comparison {
    /// Whether anything got worse: a scenario, a requirement, or what is looked at.
    #[must_use]
    pub fn is_worse(&self) -> bool {
        let requirement = |change: &Change| is_worse(change.after, change.before);
        !self.regressed.is_empty()
            || !self.removed.is_empty()
            || !self.fewer_checks.is_empty()
            || self.requirements.iter().any(requirement)
    }

    /// Each sort of change with its lines, the worst first; those without any are left out.
    fn sections(&self) -> Vec<(&'static str, Vec<String>)> {
        let change = |change: &Change| {
            let of = if change.requirements.is_empty() {
                String::new()
            } else {
                format!(" ({})", change.requirements.join(", "))
            };
            let found = change.found.as_ref().map(|found| format!(": {found}")).unwrap_or_default();
            format!("{}{of}: {}, before {}{found}", change.id, change.after, change.before)
        };
        let shift = |unit: &'static str| {
            move |shift: &Shift| format!("{}: {}{unit}, before {}", shift.id, shift.after, shift.before)
        };
        let sections = [
            ("requirements", self.requirements.iter().map(change).collect()),
            ("regressed", self.regressed.iter().map(change).collect()),
            ("fixed", self.fixed.iter().map(change).collect()),
            ("flaky", self.flaky.clone()),
            ("removed", self.removed.clone()),
            ("new", self.new.clone()),
            ("fewer checks", self.fewer_checks.iter().map(shift("")).collect()),
            ("requirement changed", self.requirement_changed.clone()),
            ("slower", self.slower.iter().map(shift(" ms")).collect()),
            ("not the same", self.inputs.clone()),
        ];
        sections.into_iter().filter(|(_, lines): &(_, Vec<String>)| !lines.is_empty()).collect()
    }

    /// For people, on a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (name, lines) in self.sections() {
            for line in lines {
                let _ = writeln!(text, "{name:<20} {}", one_line(&line));
            }
        }
        let _ = writeln!(text, "{} against {}: {}", self.after, self.before, self.verdict());
        text
    }

    /// For a pull request: at most `most` lines of each sort.
    #[must_use]
    pub fn markdown(&self, most: usize) -> String {
        let mut text = format!("Against {}: {}\n", self.before, self.verdict());
        for (name, lines) in self.sections() {
            let _ = writeln!(text, "\n**{name}** ({})\n", lines.len());
            for line in lines.iter().take(most) {
                let _ = writeln!(text, "- {}", one_line(line).replace('<', "&lt;"));
            }
            if lines.len() > most {
                let _ = writeln!(text, "- and {} more", lines.len() - most);
            }
        }
        text
    }

    fn verdict(&self) -> String {
        let counts = format!("{} regressed, {} fixed", self.regressed.len(), self.fixed.len());
        if self.is_worse() {
            format!("worse: {counts}")
        } else if self.sections().iter().all(|(name, _)| matches!(*name, "slower" | "not the same")) {
            "no verdict differs".to_owned()
        } else {
            format!("no worse: {counts}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Results;
    use crate::report::samples;
    use pretty_assertions::assert_eq;

    fn run(results: &Results) -> Run {
        let told = serde_json::from_value(serde_json::to_value(results).unwrap()).unwrap();
        Run { told, manifest: None }
    }

    fn sample(change: impl FnOnce(&mut Results)) -> Run {
        let mut results = samples::results_of(samples::all_passed());
        change(&mut results);
        run(&results)
    }

    #[test]
    fn a_run_and_itself_do_not_differ() {
        let same = compare(&sample(|_| ()), &sample(|_| ()));
        assert!(!same.is_worse());
        assert!(same.sections().is_empty(), "{same:?}");
        assert!(same.text().ends_with(": no verdict differs\n"));
    }

    #[test]
    fn what_got_worse_is_told_with_its_requirement_and_what_was_found() {
        let failed = samples::failed();
        let others = samples::all_passed().into_iter().filter(|one| one.test_purposes != failed.test_purposes);
        let mut passed = failed.clone();
        passed.outcome = Outcome::Pass;
        passed.findings.clear();
        let before = run(&samples::results_of(others.clone().chain([passed]).collect()));
        let after = run(&samples::results_of(others.chain([failed.clone()]).collect()));
        let worse = compare(&before, &after);
        assert!(worse.is_worse());
        let [change] = worse.regressed.as_slice() else { panic!("{worse:?}") };
        assert_eq!((&change.id, &change.requirements), (&failed.id, &failed.requirements));
        assert_eq!((change.before, change.after), (Outcome::Pass, Outcome::Fail));
        let broken =
            failed.findings.iter().find(|finding| finding.verdict == crate::verdict::FindingVerdict::Fail).unwrap();
        assert!(change.found.as_ref().is_some_and(|found| found.starts_with(&broken.rule)), "{change:?}");
        assert!(worse.requirements.iter().any(|row| row.id == failed.requirements[0] && row.after == Outcome::Fail));
        // Nothing that the suite knows of is different: it may be flaky as well.
        assert_eq!(worse.flaky, std::slice::from_ref(&failed.id));
        let better = compare(&after, &before);
        assert!(!better.is_worse() && better.fixed.len() == 1 && better.regressed.is_empty());
    }

    #[test]
    fn scenarios_come_and_go_and_look_at_less() {
        let before = sample(|results| results.scenarios[0].checks = 5);
        let after = sample(|results| {
            results.scenarios[0].checks = 4;
            results.scenarios[0].duration_ms = 10_000;
            results.scenarios[1].id = "TP-PF-NEW-01.sample".to_owned();
            results.run.seed += 1;
            results.targets[0].version = "9".to_owned();
        });
        let Comparison { fewer_checks, new, removed, slower, inputs, .. } = compare(&before, &after);
        assert_eq!(fewer_checks.iter().map(|shift| (shift.before, shift.after)).collect::<Vec<_>>(), [(5, 4)]);
        assert_eq!((new.as_slice(), removed.len()), (["TP-PF-NEW-01.sample".to_owned()].as_slice(), 1));
        assert_eq!((slower.len(), inputs.len()), (1, 2));
        assert!(compare(&before, &after).is_worse());
    }

    #[test]
    fn not_to_apply_any_more_is_worse_than_to_pass() {
        use Outcome::{Error, Fail, Inconclusive, NotApplicable, Pass};
        for (before, after) in [(Pass, NotApplicable), (NotApplicable, Fail), (Pass, Inconclusive), (Fail, Error)] {
            assert!(is_worse(after, before) && !is_worse(before, before), "{before} {after}");
        }
        assert!(!is_worse(Pass, NotApplicable) && !is_worse(NotApplicable, Fail));
    }

    #[test]
    fn what_a_target_says_of_itself_becomes_no_markup() {
        let before = sample(|_| ());
        let after = sample(|results| results.targets[0].version = "<script>\u{1b}[31m".to_owned());
        let told = compare(&before, &after);
        assert!(!told.markdown(5).contains('<'), "{}", told.markdown(5));
        assert!(!told.text().contains('\u{1b}'));
    }
}
