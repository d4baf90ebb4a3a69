//! What the suite made of one fault, or of one target that is none.

use crate::report::{Results, ScenarioResult};
use crate::requirements::{FaultKind, SeededFault};
use crate::verdict::{Finding, FindingVerdict, Outcome};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Per test purpose, the worst that its scenarios came to.
pub type Cells = BTreeMap<String, Outcome>;

/// The reference without a fault.
#[derive(Clone, Debug, Serialize)]
pub struct Control {
    /// How many scenarios pass.
    pub passed: usize,
    /// Those that neither pass nor do not apply.
    pub troubles: Vec<String>,
}

/// One fault.
#[derive(Clone, Debug, Serialize)]
pub struct FaultRow {
    /// Its name.
    pub id: String,
    /// The requirement that it breaks.
    pub requirement: String,
    /// Whether it must fail.
    pub kind: FaultKind,
    /// Whether the suite sees it.
    pub killed: bool,
    /// The test purposes of its requirement that show it.
    pub killed_by: Vec<String>,
    /// Whether a test purpose that is meant to show it does, and names the requirement.
    pub right_requirement: bool,
    /// What every test purpose came to.
    #[serde(skip)]
    pub cells: Cells,
    /// Scenarios in which the suite itself fell over.
    #[serde(skip)]
    pub errors: Vec<String>,
}

/// One target that is none.
#[derive(Clone, Debug, Serialize)]
pub struct NullRow {
    /// Its name.
    pub id: String,
    /// How many scenarios pass, or fail for bad manners alone.
    pub passed: usize,
    /// Which.
    #[serde(skip)]
    pub passing: Vec<String>,
    /// What every test purpose came to.
    #[serde(skip)]
    pub cells: Cells,
    /// Scenarios in which the suite itself fell over.
    #[serde(skip)]
    pub errors: Vec<String>,
}

impl Control {
    pub(super) fn of(results: &Results) -> Control {
        let fine = |scenario: &&ScenarioResult| matches!(scenario.outcome, Outcome::Pass | Outcome::NotApplicable);
        let troubles = results.scenarios.iter().filter(|scenario| !fine(scenario));
        Control {
            passed: count(results, Outcome::Pass),
            troubles: troubles.map(|scenario| format!("{} is {}", scenario.id, scenario.outcome)).collect(),
        }
    }
}

impl FaultRow {
    pub(super) fn of(requirement: &str, fault: &SeededFault, results: &Results) -> FaultRow {
        let own = || results.scenarios.iter().filter(|one| one.requirements.iter().any(|id| id == requirement));
        let accused = results.scenarios.iter().any(|scenario| scenario.outcome == Outcome::Fail);
        let shows = |scenario: &&ScenarioResult| match fault.kind {
            FaultKind::Hard => scenario.outcome == Outcome::Fail,
            // What the ledger bears must fail nowhere.
            FaultKind::Soft => !accused && scenario.findings.iter().any(|finding| is_meant(fault, finding)),
        };
        let killed_by: BTreeSet<&String> = own().filter(shows).flat_map(|scenario| &scenario.test_purposes).collect();
        let meant = |scenario: &ScenarioResult| scenario.test_purposes.iter().any(|id| fault.shown_by.contains(id));
        let named = |finding: &Finding| finding.requirement.as_deref() == Some(requirement) && is_meant(fault, finding);
        let right = own().filter(shows).any(|scenario| meant(scenario) && scenario.findings.iter().any(named));
        FaultRow {
            id: fault.id.clone(),
            requirement: requirement.to_owned(),
            kind: fault.kind,
            killed: !killed_by.is_empty(),
            killed_by: killed_by.into_iter().cloned().collect(),
            right_requirement: right,
            cells: cells(results),
            errors: errors(results),
        }
    }
}

impl NullRow {
    pub(super) fn of(id: &str, results: &Results) -> NullRow {
        let passing = results.scenarios.iter().filter(|scenario| passes(scenario));
        let passing: Vec<String> = passing.map(|scenario| scenario.id.clone()).collect();
        NullRow { id: id.to_owned(), passed: passing.len(), passing, cells: cells(results), errors: errors(results) }
    }
}

/// Whether nothing but manners kept a target that is none from passing: without a finding besides those of the base rules,
/// one that speaks better SIP would pass.
fn passes(scenario: &ScenarioResult) -> bool {
    let told = |finding: &Finding| finding.verdict != FindingVerdict::Warning && !finding.rule.starts_with("base.");
    scenario.outcome.ran() && !scenario.findings.iter().any(told)
}

/// Whether a finding is what the fault has to bring about.
fn is_meant(fault: &SeededFault, finding: &Finding) -> bool {
    match fault.kind {
        FaultKind::Hard => finding.verdict == FindingVerdict::Fail,
        FaultKind::Soft => Some(finding.verdict) == fault.verdict && finding.interpretation == fault.ledger,
    }
}

fn count(results: &Results, outcome: Outcome) -> usize {
    results.scenarios.iter().filter(|scenario| scenario.outcome == outcome).count()
}

fn errors(results: &Results) -> Vec<String> {
    let errors = results.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Error);
    errors.map(|scenario| format!("{}: {}", scenario.id, what_fell(scenario))).collect()
}

/// Why the suite fell over in a scenario: by what it says, or by what it found its own messages to break.
fn what_fell(scenario: &ScenarioResult) -> String {
    let own = || scenario.findings.iter().find(|finding| finding.verdict == FindingVerdict::Error);
    let broken = || own().map(|finding| format!("{}: {}", finding.rule, finding.observed));
    scenario.reason.clone().or_else(broken).unwrap_or_default()
}

fn cells(results: &Results) -> Cells {
    let mut cells = Cells::new();
    for scenario in &results.scenarios {
        for purpose in &scenario.test_purposes {
            let cell = cells.entry(purpose.clone()).or_insert(scenario.outcome);
            if weight(scenario.outcome) > weight(*cell) {
                *cell = scenario.outcome;
            }
        }
    }
    cells
}

/// The worst outcome weighs most.
const fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::NotApplicable | Outcome::NotRun => 0,
        Outcome::Pass => 1,
        Outcome::Waived => 2,
        Outcome::Inconclusive => 3,
        Outcome::Fail => 4,
        Outcome::Error => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{all_passed, failed, results_of};
    use pretty_assertions::assert_eq;

    fn fault(kind: FaultKind, shown_by: &str) -> SeededFault {
        let soft = kind == FaultKind::Soft;
        SeededFault {
            id: "sample".to_owned(),
            kind,
            verdict: soft.then_some(FindingVerdict::Warning),
            ledger: soft.then(|| "L14".to_owned()),
            shown_by: vec![shown_by.to_owned()],
        }
    }

    /// One scenario that failed among all that passed.
    fn broken() -> Results {
        let failed = failed();
        let others = all_passed().into_iter().filter(|one| one.test_purposes != failed.test_purposes);
        results_of(others.chain([failed.clone()]).collect())
    }

    fn of_failed() -> (String, String) {
        let failed = failed();
        (failed.requirements[0].clone(), failed.test_purposes[0].clone())
    }

    #[test]
    fn a_hard_fault_is_seen_where_a_scenario_of_its_requirement_fails() {
        let (requirement, purpose) = of_failed();
        let row = FaultRow::of(&requirement, &fault(FaultKind::Hard, &purpose), &broken());
        assert!(row.killed && row.right_requirement);
        assert_eq!(row.killed_by, std::slice::from_ref(&purpose));
        assert_eq!(row.cells.get(&purpose), Some(&Outcome::Fail));
        let unseen = FaultRow::of(&requirement, &fault(FaultKind::Hard, &purpose), &results_of(all_passed()));
        assert!(!unseen.killed && !unseen.right_requirement);
        let elsewhere = FaultRow::of("CPM-CONV-058d", &fault(FaultKind::Hard, &purpose), &broken());
        assert!(!elsewhere.killed);
    }

    #[test]
    fn a_fault_that_another_test_purpose_shows_is_seen_and_not_for_the_right_reason() {
        let (requirement, _) = of_failed();
        let row = FaultRow::of(&requirement, &fault(FaultKind::Hard, "TP-CPM-CONV-058-20"), &broken());
        assert!(row.killed && !row.right_requirement);
    }

    #[test]
    fn a_soft_fault_is_not_seen_rightly_when_anything_fails() {
        let (requirement, purpose) = of_failed();
        assert!(!FaultRow::of(&requirement, &fault(FaultKind::Soft, &purpose), &broken()).killed);
        let mut warned = failed();
        warned.outcome = Outcome::Pass;
        warned.findings.retain(|finding| finding.verdict == FindingVerdict::Warning);
        let row = FaultRow::of(&requirement, &fault(FaultKind::Soft, &purpose), &results_of(vec![warned]));
        assert!(row.killed && row.right_requirement);
    }

    #[test]
    fn a_target_that_is_none_passes_when_manners_alone_fail_it() {
        let mut rude = failed();
        rude.findings.retain(|finding| finding.verdict == FindingVerdict::Fail);
        assert_eq!(NullRow::of("sample", &results_of(vec![rude.clone()])).passed, 0);
        rude.findings.iter_mut().for_each(|finding| finding.rule = "base.sip.max_forwards".to_owned());
        let row = NullRow::of("sample", &results_of(vec![rude.clone()]));
        assert_eq!((row.passed, row.passing), (1, vec![rude.id]));
    }
}
