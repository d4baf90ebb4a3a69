//! traceability.csv of a run, as of RFC 4180: one line for each requirement, test purpose and scenario that belong together,
//! with what they came to and where the evidence is; and one for each test purpose that no scenario of the run serves.

use std::collections::BTreeSet;

use super::csv::line;
use super::results::{RequirementResult, Results};
use super::style::one_line;
use crate::requirements::{Catalogue, Requirement, TestPurpose};
use crate::verdict::Outcome;

/// What stands in each column.
const COLUMNS: [&str; 14] = [
    "requirement",
    "level",
    "source",
    "requirement_verdict",
    "test_purpose",
    "test_purpose_level",
    "sign",
    "scenario",
    "verdict",
    "blame",
    "why",
    "rules",
    "evidence",
    "sha256",
];

/// The table, with a heading.
#[must_use]
pub fn traceability(results: &Results, catalogue: &Catalogue) -> String {
    let mut text = line(&COLUMNS);
    for row in &results.requirements {
        let Some(requirement) = catalogue.requirement(&row.id) else { continue };
        for purpose in &requirement.test_purposes {
            of_purpose(&mut text, results, row, requirement, purpose);
        }
    }
    text
}

fn of_purpose(
    text: &mut String,
    results: &Results,
    row: &RequirementResult,
    requirement: &Requirement,
    purpose: &TestPurpose,
) {
    let source = requirement.source.to_string();
    let (level, sign) = (purpose.level.as_str(), purpose.sign.as_str());
    let head =
        [row.id.as_str(), row.level.as_str(), source.as_str(), row.verdict.as_str(), purpose.id.as_str(), level, sign];
    let own = results.scenarios.iter().filter(|own| row.scenarios.contains(&own.id));
    let before = text.len();
    for scenario in own.filter(|own| own.test_purposes.contains(&purpose.id)) {
        let rules: BTreeSet<&str> = scenario.findings.iter().map(|finding| finding.rule.as_str()).collect();
        let rules = rules.into_iter().collect::<Vec<_>>().join(" ");
        let why = one_line(scenario.reason.as_deref().unwrap_or_default());
        let blame = scenario.blame.map_or("", |blame| blame.as_str());
        let (file, digest) =
            scenario.evidence.as_ref().map_or(("", ""), |own| (own.pcapng.as_str(), own.sha256.as_str()));
        let tail = [scenario.id.as_str(), scenario.outcome.as_str(), blame, why.as_str(), rules.as_str(), file, digest];
        text.push_str(&line(&[head, tail].concat()));
    }
    if text.len() == before {
        let tail = ["", Outcome::NotRun.as_str(), "", "no scenario of this run serves it", "", "", ""];
        text.push_str(&line(&[head, tail].concat()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use pretty_assertions::assert_eq;

    #[test]
    fn each_test_purpose_has_its_line_with_or_without_a_scenario() {
        let catalogue = Catalogue::embedded();
        let whole = traceability(&samples::results_of(vec![samples::failed()]), &catalogue);
        let lines: Vec<&str> = whole.lines().collect();
        let of_role = catalogue.requirements().iter().filter(|own| own.subject.as_str() == "participating-function");
        assert_eq!(lines.len(), 1 + of_role.map(|own| own.test_purposes.len()).sum::<usize>());
        let failed: Vec<&&str> = lines.iter().filter(|line| line.contains("TP-CPM-CONV-058-01.sample")).collect();
        assert_eq!(failed.len(), 1);
        assert!(
            failed[0].starts_with("CPM-CONV-058,SHALL,\"") && failed[0].contains(",fail,target,,"),
            "{}",
            failed[0]
        );
        assert!(failed[0].ends_with(
            "missed_group_content.complete missed_group_content.once,evidence/TP-CPM-CONV-058-01.sample.pcapng,[sha256]"
        ));
        assert!(lines[2].contains(",not_run,,no scenario of this run serves it,,,"), "{}", lines[2]);
    }
}
