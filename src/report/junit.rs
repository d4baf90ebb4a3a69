//! junit.xml: a suite for each feature, a case for each scenario. What is inconclusive is an error of type
//! `inconclusive`, so that no CI takes it for a pass.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::event::ScenarioResult;
use super::failure::FailureBlock;
use super::results::Results;
use crate::requirements::Catalogue;
use crate::verdict::Outcome;

/// The report as XML.
///
/// # Errors
/// The XML writer failed.
pub fn junit(results: &Results, catalogue: &Catalogue) -> Result<String, SerializeError> {
    let mut report = Report::new("cpm-conformance");
    report.set_time(Duration::from_millis(results.run.duration_ms));
    let mut suites: Vec<TestSuite> = Vec::new();
    for scenario in &results.scenarios {
        let case = case(scenario, results.run.seed, catalogue);
        if let Some(suite) = suites.iter_mut().find(|suite| suite.name.as_str() == scenario.feature) {
            suite.add_test_case(case);
        } else {
            let mut suite = TestSuite::new(scenario.feature.as_str());
            suite.add_test_case(case);
            suites.push(suite);
        }
    }
    suites.extend(waivers(results));
    report.add_test_suites(suites);
    // The writer leaves out what no XML may hold, but for these two (XML 1.0 section 2.2).
    Ok(report.to_string()?.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}"))
}

/// The waivers that somebody has to mend, each a case that errs: they decide how the run ends.
fn waivers(results: &Results) -> Option<TestSuite> {
    let mut suite = TestSuite::new("waivers");
    for waiver in results.waivers.iter().flatten().filter(|waiver| waiver.status.is_faulty()) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("waiver");
        status.set_message(waiver.line());
        let mut case = TestCase::new(format!("line {} {}", waiver.line, waiver.subject()), status);
        case.set_classname("waivers");
        case.set_time(Duration::ZERO);
        suite.add_test_case(case);
    }
    (!suite.test_cases.is_empty()).then_some(suite)
}

fn case(scenario: &ScenarioResult, seed: u64, catalogue: &Catalogue) -> TestCase {
    let name = format!("{} {}", scenario.id, scenario.title);
    let mut case = TestCase::new(name, status(scenario, catalogue));
    case.set_classname(scenario.feature.as_str());
    case.set_time(Duration::from_millis(scenario.duration_ms));
    let blame = scenario.blame.map_or("", |blame| blame.as_str());
    let pcap = scenario.evidence.as_ref().map_or("", |evidence| evidence.pcapng.as_str());
    let requirements = scenario.requirements.join(" ");
    let properties = [
        ("requirement", requirements.as_str()),
        ("level", scenario.level.as_str()),
        ("verdict", scenario.outcome.as_str()),
        ("blame", blame),
        ("pcap", pcap),
        ("seed", &seed.to_string()),
    ];
    case.add_properties(properties.map(|(name, value)| Property::new(name, value)));
    if scenario.outcome == Outcome::Waived {
        case.add_properties([Property::new("waiver", scenario.reason.as_deref().unwrap_or_default())]);
    }
    if let Some(evidence) = &scenario.evidence {
        case.set_system_out(format!("[[ATTACHMENT|{}]]", evidence.pcapng));
    }
    case
}

fn status(scenario: &ScenarioResult, catalogue: &Catalogue) -> TestCaseStatus {
    let (kind, word) = match scenario.outcome {
        Outcome::Pass => return TestCaseStatus::success(),
        Outcome::NotApplicable | Outcome::NotRun | Outcome::Waived => return skipped(scenario),
        Outcome::Fail => (NonSuccessKind::Failure, "nonconformant"),
        Outcome::Inconclusive => (NonSuccessKind::Error, "inconclusive"),
        Outcome::Error => (NonSuccessKind::Error, "harness"),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(word);
    if let Some(block) = FailureBlock::of(scenario, catalogue) {
        let line = |label: &str| block.lines.iter().find(|(own, _)| *own == label).map_or("", |(_, text)| text);
        status.set_message(format!("{}: {}", line("requirement"), line("observed")));
        status.set_description(block.text());
    }
    status
}

fn skipped(scenario: &ScenarioResult) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    let why = scenario.reason.as_deref().unwrap_or("no reason was given");
    status.set_message(format!("{}: {why}", scenario.outcome));
    status
}
