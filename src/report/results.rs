//! What a run came to: the verdict of each requirement and of the run, the counts, the reasons, the exit code. It is
//! computed here and nowhere else, and serialises to results.json.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::enablers::{EnablerResult, enablers};
use super::event::{RunInfo, ScenarioResult, Selection, TargetInfo};
use super::seen::{ResponseTime, response_times};
use super::waivers::{WaiverResult, Waivers};
use crate::requirements::{Catalogue, Claim, Requirement, TestPurpose};
use crate::target::Role;
use crate::verdict::{Blame, Finding, FindingVerdict, Level, Outcome};

/// A whole run: what stands in results.json.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Results {
    /// The shape of the file.
    pub schema: &'static str,
    /// The run.
    pub run: RunInfo,
    /// What was tested.
    pub targets: Vec<TargetInfo>,
    /// What the run came to.
    pub verdict: RunVerdict,
    /// Why it came to that, one sentence each.
    pub reasons: Vec<String>,
    /// What belongs to no scenario, traffic of nobody for one. It is among the reasons, too.
    pub remarks: Vec<String>,
    /// How many scenarios of each level came to what.
    pub counts: Counts,
    /// What was seen of each enabler, and what the base rules made of it; reported, never scored.
    pub enablers: Vec<EnablerResult>,
    /// How long answers of the target took; for information.
    pub response_times: Vec<ResponseTime>,
    /// What became of each waiver; none when the run had no file of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waivers: Option<Vec<WaiverResult>>,
    /// Each requirement.
    pub requirements: Vec<RequirementResult>,
    /// Each scenario.
    pub scenarios: Vec<ScenarioResult>,
    /// The text of the waivers, which goes into the folder of the run.
    #[serde(skip)]
    pub waivers_text: Option<String>,
}

/// The schema that [`Results`] follows.
pub const SCHEMA: &str = "cpm-conformance/1";

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunVerdict {
    /// Everything was selected, and everything that is claimed was shown.
    Conformant,
    /// Something is broken.
    NonConformant,
    /// Nothing is broken, but something that is claimed was not shown.
    Inconclusive,
    /// The suite itself is at fault somewhere.
    Error,
    /// Part was selected, and all of that passed.
    PartialPass,
}

impl RunVerdict {
    /// The verdict in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            RunVerdict::Conformant => "conformant",
            RunVerdict::NonConformant => "non-conformant",
            RunVerdict::Inconclusive => "inconclusive",
            RunVerdict::Error => "error of the suite",
            RunVerdict::PartialPass => "partial pass",
        }
    }
}

/// What a requirement came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequirementResult {
    /// Its id.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// What it came to.
    pub verdict: Outcome,
    /// The scenarios that had a say.
    pub scenarios: Vec<String>,
    /// How many of its test purposes passed, and how many it has; for people.
    #[serde(skip)]
    pub test_purposes: (usize, usize),
    /// Why it is no pass; for people.
    #[serde(skip)]
    pub reason: Option<String>,
}

/// Scenarios by level and outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<Level, BTreeMap<&'static str, usize>>);

impl Counts {
    fn of(scenarios: &[ScenarioResult]) -> Counts {
        let mut counts = Counts::default();
        for level in Level::ALL {
            let row = counts.0.entry(level).or_default();
            for outcome in Outcome::ALL {
                let of_both = |scenario: &&ScenarioResult| scenario.level == level && scenario.outcome == outcome;
                row.insert(outcome.as_str(), scenarios.iter().filter(of_both).count());
            }
        }
        counts
    }

    /// How many scenarios of a level came to this.
    #[must_use]
    pub fn get(&self, level: Level, outcome: Outcome) -> usize {
        self.0.get(&level).and_then(|row| row.get(outcome.as_str())).copied().unwrap_or(0)
    }

    /// How many scenarios came to this, whatever their level.
    #[must_use]
    pub fn total(&self, outcome: Outcome) -> usize {
        Level::ALL.into_iter().map(|level| self.get(level, outcome)).sum()
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut levels = serializer.serialize_map(Some(Level::ALL.len()))?;
        for level in Level::ALL {
            let row: serde_json::Map<String, serde_json::Value> = Outcome::ALL
                .into_iter()
                .map(|outcome| (outcome.as_str().to_owned(), self.get(level, outcome).into()))
                .collect();
            levels.serialize_entry(&level, &row)?;
        }
        levels.end()
    }
}

/// Judges a run by what the scenarios that were selected came to. A scenario may stand several times, once for each
/// attempt. `remarks` are reasons that belong to no scenario, traffic of nobody for one.
#[must_use]
pub fn results(
    run: RunInfo,
    targets: Vec<TargetInfo>,
    scenarios: Vec<ScenarioResult>,
    catalogue: &Catalogue,
    remarks: &[String],
) -> Results {
    excused_results(run, targets, scenarios, catalogue, remarks, None)
}

/// The same, with what the user excuses for a while.
#[must_use]
pub fn excused_results(
    run: RunInfo,
    targets: Vec<TargetInfo>,
    scenarios: Vec<ScenarioResult>,
    catalogue: &Catalogue,
    remarks: &[String],
    waivers: Option<&Waivers>,
) -> Results {
    let selection = run.selection;
    let mut scenarios: Vec<ScenarioResult> = attempts_joined(scenarios).into_iter().map(explained).collect();
    let excuses = waivers.map(|waivers| waivers.in_run(&run, &targets));
    excuses.iter().for_each(|excuses| scenarios.iter_mut().for_each(|scenario| excuses.excuse(scenario)));
    let requirements = requirement_results(&targets, &scenarios, catalogue, selection);
    let (verdict, mut reasons) = judge(&scenarios, &requirements, selection);
    let waived = excuses.map(|excuses| excuses.results(&scenarios, selection, catalogue));
    let faulty = waived.iter().flatten().filter(|waiver| waiver.status.is_faulty());
    reasons.splice(0..0, faulty.map(WaiverResult::line));
    reasons.extend_from_slice(remarks);
    Results {
        schema: SCHEMA,
        run,
        targets,
        verdict,
        reasons,
        remarks: remarks.to_vec(),
        counts: Counts::of(&scenarios),
        enablers: enablers(&scenarios),
        response_times: response_times(&scenarios),
        waivers: waived,
        requirements,
        scenarios,
        waivers_text: waivers.map(|waivers| waivers.text().to_owned()),
    }
}

/// One result for each scenario id. Attempts that disagree are flaky and count as inconclusive.
fn attempts_joined(attempts: Vec<ScenarioResult>) -> Vec<ScenarioResult> {
    let mut joined: Vec<ScenarioResult> = Vec::new();
    for attempt in attempts {
        let Some(first) = joined.iter_mut().find(|own| own.id == attempt.id) else {
            joined.push(attempt);
            continue;
        };
        let error = first.outcome == Outcome::Error || attempt.outcome == Outcome::Error;
        if first.outcome != attempt.outcome {
            let before = first.reason.take().filter(|reason| reason.starts_with("flaky"));
            let before = before.unwrap_or_else(|| format!("flaky: {}", first.outcome));
            first.reason = Some(format!("{before}, then {}", attempt.outcome));
            first.outcome = if error { Outcome::Error } else { Outcome::Inconclusive };
            first.blame = first.blame.or(attempt.blame).or(Some(Blame::Unknown));
        }
        first.duration_ms += attempt.duration_ms;
        first.checks = first.checks.min(attempt.checks);
        first.seen.join(&attempt.seen);
        first.excerpts.extend(attempt.excerpts);
        first.findings.extend(attempt.findings);
    }
    joined
}

/// Nothing is short of a pass without a finding that says why.
fn explained(mut scenario: ScenarioResult) -> ScenarioResult {
    let due = match scenario.outcome {
        Outcome::Fail => FindingVerdict::Fail,
        Outcome::Inconclusive => FindingVerdict::Inconclusive,
        Outcome::Error => FindingVerdict::Error,
        _ => return scenario,
    };
    let told = scenario.findings.iter().any(|finding| finding.verdict == due);
    let flaky = scenario.reason.as_deref().is_some_and(|reason| reason.starts_with("flaky"));
    if !told || flaky {
        scenario.findings.push(Finding {
            rule: "scenario".to_owned(),
            requirement: scenario.requirements.first().cloned(),
            level: scenario.level,
            verdict: due,
            expected: "the scenario runs to its end and can be judged".to_owned(),
            observed: scenario.reason.clone().unwrap_or_else(|| "no reason was given".to_owned()),
            frame: None,
            octets: None,
            source: scenario.requirements.first().cloned().unwrap_or_default(),
            interpretation: None,
            blame: scenario.blame.unwrap_or(Blame::Unknown),
        });
    }
    scenario
}

fn requirement_results(
    targets: &[TargetInfo],
    scenarios: &[ScenarioResult],
    catalogue: &Catalogue,
    selection: Selection,
) -> Vec<RequirementResult> {
    let mut rows = Vec::new();
    for role in [Role::ParticipatingFunction, Role::Client] {
        for target in targets.iter().filter(|target| target.role == role.as_str()) {
            let of_role = catalogue.of_role(role).map(|requirement| requirement_result(target, requirement, scenarios));
            // Of a part, only the requirements that it touches are told.
            rows.extend(of_role.filter(|row| selection == Selection::Full || !row.scenarios.is_empty()));
        }
    }
    rows
}

fn requirement_result(
    target: &TargetInfo,
    requirement: &Requirement,
    scenarios: &[ScenarioResult],
) -> RequirementResult {
    let own: Vec<&ScenarioResult> = scenarios
        .iter()
        .filter(|scenario| scenario.requirements.contains(&requirement.id) && scenario.role == target.role)
        .collect();
    let shown: Vec<(&TestPurpose, Outcome)> =
        requirement.test_purposes.iter().map(|purpose| (purpose, purpose_outcome(purpose, &own))).collect();
    let (verdict, reason) = requirement_outcome(requirement, &claim(target, requirement), &shown, &own);
    RequirementResult {
        id: requirement.id.clone(),
        level: requirement.level,
        verdict,
        scenarios: own.iter().map(|scenario| scenario.id.clone()).collect(),
        test_purposes: (shown.iter().filter(|(_, outcome)| *outcome == Outcome::Pass).count(), shown.len()),
        reason,
    }
}

/// What the target claims of a requirement, by its statement and its hooks.
fn claim(target: &TargetInfo, requirement: &Requirement) -> Claim {
    let shown = requirement.not_observable.keys().any(|question| target.shows(question));
    match requirement.claim(&target.statement) {
        Claim::NotObservable(_) if shown => Claim::Claimed,
        claim => claim,
    }
}

/// What the scenarios of a test purpose come to together. Scenarios of level policy or context, which are judged by the
/// statement alone, carry no test purpose that the paper demands.
fn purpose_outcome(purpose: &TestPurpose, scenarios: &[&ScenarioResult]) -> Outcome {
    let own = scenarios.iter().filter(|scenario| scenario.test_purposes.contains(&purpose.id));
    let binding = own.filter(|scenario| scenario.level == purpose.level);
    worst(binding.map(|scenario| scenario.outcome)).unwrap_or(Outcome::NotRun)
}

/// The worst outcome; one that does not apply gives way to any other.
fn worst(outcomes: impl Iterator<Item = Outcome>) -> Option<Outcome> {
    outcomes.max_by_key(|outcome| match outcome {
        Outcome::NotApplicable => 0,
        Outcome::Pass => 1,
        Outcome::NotRun => 2,
        Outcome::Waived => 3,
        Outcome::Inconclusive => 4,
        Outcome::Fail => 5,
        Outcome::Error => 6,
    })
}

fn requirement_outcome(
    requirement: &Requirement,
    claim: &Claim,
    purposes: &[(&TestPurpose, Outcome)],
    scenarios: &[&ScenarioResult],
) -> (Outcome, Option<String>) {
    if let Claim::Declined(why) = claim {
        return match requirement.level {
            Level::Shall => (Outcome::Fail, Some(format!("declined: {why}"))),
            _ => (Outcome::NotApplicable, Some(why.clone())),
        };
    }
    // What breaks a scenario breaks the requirement, whatever the level of the scenario.
    let broken = worst(scenarios.iter().map(|scenario| scenario.outcome));
    if let Some(outcome @ (Outcome::Error | Outcome::Fail)) = broken {
        return (outcome, Some(listed(scenarios, outcome)));
    }
    if let Claim::NotObservable(why) = claim {
        return (Outcome::Inconclusive, Some(format!("not observable: {why}")));
    }
    let binding: Vec<_> = purposes.iter().filter(|(purpose, _)| purpose.level == requirement.level).collect();
    match worst(binding.iter().map(|(_, outcome)| *outcome)) {
        // What is excused is not shown, whatever the level of the scenario.
        Some(Outcome::Pass) if scenarios.iter().any(|scenario| scenario.outcome == Outcome::Waived) => {
            (Outcome::Waived, Some(listed(scenarios, Outcome::Waived)))
        }
        // What is only reported rests on nothing.
        Some(Outcome::Pass)
            if requirement.level == Level::Context
                || binding.iter().any(|(purpose, outcome)| carries(purpose, *outcome)) =>
        {
            (Outcome::Pass, None)
        }
        Some(Outcome::Pass) => {
            (Outcome::Inconclusive, Some("only test purposes that show an absence passed".to_owned()))
        }
        Some(Outcome::NotRun) | None if scenarios.iter().any(|own| of_capture(own)) => {
            let why =
                "captures show nothing that breaks it; what needs a stimulus, and what did not come, is not judged";
            (Outcome::Inconclusive, Some(why.to_owned()))
        }
        Some(Outcome::NotRun) | None => {
            let passed = binding.iter().filter(|(_, outcome)| *outcome == Outcome::Pass).count();
            let reason = format!("{passed} of {} test purposes passed, the others did not run", binding.len());
            (Outcome::NotRun, Some(reason))
        }
        Some(outcome) => (outcome, Some(listed(scenarios, outcome))),
    }
}

/// Whether a result is what a capture shows, which serves no test purpose.
fn of_capture(scenario: &ScenarioResult) -> bool {
    scenario.test_purposes.is_empty()
}

fn carries(purpose: &TestPurpose, outcome: Outcome) -> bool {
    outcome == Outcome::Pass && purpose.sign.carries()
}

/// The scenarios with this outcome, for people.
fn listed(scenarios: &[&ScenarioResult], outcome: Outcome) -> String {
    let own = scenarios.iter().filter(|scenario| scenario.outcome == outcome);
    own.map(|scenario| scenario.id.as_str()).collect::<Vec<_>>().join(", ")
}

/// The verdict of the run and its reasons.
fn judge(
    scenarios: &[ScenarioResult],
    requirements: &[RequirementResult],
    selection: Selection,
) -> (RunVerdict, Vec<String>) {
    // Scenarios outside the score say something of the suite when they err, and nothing of conformance.
    let scored = |scenario: &&ScenarioResult| scenario.level != Level::Context || scenario.outcome == Outcome::Error;
    let of_scenarios = scenarios.iter().filter(scored).map(|scenario| scenario.outcome);
    let of_score = requirements.iter().filter(|row| row.level != Level::Context || row.verdict == Outcome::Error);
    let of_requirements = of_score.map(|requirement| requirement.verdict);
    let has = |sought: Outcome| of_scenarios.clone().chain(of_requirements.clone()).any(|outcome| outcome == sought);
    let ran = scenarios.iter().any(|scenario| scenario.outcome.ran());
    let unshown = requirements.iter().any(|row| row.level == Level::Shall && row.verdict != Outcome::Pass);
    let verdict = if has(Outcome::Error) {
        RunVerdict::Error
    } else if has(Outcome::Fail) {
        RunVerdict::NonConformant
    } else if !ran || has(Outcome::Inconclusive) || has(Outcome::Waived) {
        RunVerdict::Inconclusive
    } else if selection == Selection::Partial {
        RunVerdict::PartialPass
    } else if unshown || has(Outcome::NotRun) {
        RunVerdict::Inconclusive
    } else {
        RunVerdict::Conformant
    };
    (verdict, reasons(scenarios, requirements, selection, ran))
}

fn reasons(
    scenarios: &[ScenarioResult],
    requirements: &[RequirementResult],
    selection: Selection,
    ran: bool,
) -> Vec<String> {
    let mut reasons = Vec::new();
    if !ran {
        reasons.push("no scenario ran".to_owned());
    }
    if selection == Selection::Partial {
        reasons.push("only a part was selected, which never proves conformance".to_owned());
    }
    for row in requirements.iter().filter(|row| row.verdict != Outcome::Pass) {
        let why = row.reason.as_deref().unwrap_or("");
        reasons.push(format!("{} {} {}: {why}", row.id, row.level, row.verdict));
    }
    for scenario in scenarios {
        let why = scenario.reason.as_deref().unwrap_or("no reason was given");
        if matches!(scenario.outcome, Outcome::NotApplicable | Outcome::Inconclusive | Outcome::Waived | Outcome::Error)
        {
            reasons.push(format!("{} {}: {why}", scenario.id, scenario.outcome));
        }
    }
    reasons
}

/// The exit code of `run`. 4 and the harness errors that leave no results are the caller's.
#[must_use]
pub fn exit_code(results: &Results) -> u8 {
    let selected = results.scenarios.iter().any(|scenario| scenario.outcome != Outcome::NotRun);
    match results.verdict {
        RunVerdict::Error => 3,
        // A waiver that is past its day or of no use is mended first: what it was to excuse is judged without it.
        _ if results.waivers.iter().flatten().any(|waiver| waiver.status.is_faulty()) => 5,
        RunVerdict::NonConformant => 1,
        _ if !selected => 6,
        RunVerdict::Inconclusive => 2,
        RunVerdict::Conformant | RunVerdict::PartialPass => 0,
    }
}

#[cfg(test)]
mod tests;
