//! Scenarios and runs for the tests of the reports. Nothing in them differs from run to run.

use crate::report::enablers::Seen;
use crate::report::event::{EvidenceRef, RunInfo, ScenarioResult, Selection, TargetInfo};
use crate::report::results::{Results, results};
use crate::requirements::Catalogue;
use crate::target::Profile;
use crate::verdict::{Blame, Finding, FindingVerdict, Level, Outcome};

/// A run of which everything is known.
pub(crate) fn run_of(selection: Selection) -> RunInfo {
    RunInfo {
        id: "20261121T120000Z-0000002a".to_owned(),
        started: "2026-11-21T12:00:00Z".to_owned(),
        duration_ms: 2345,
        seed: 42,
        jobs: 2,
        shard: "1/1".to_owned(),
        selection,
        suite_version: "0.1.0".to_owned(),
        commit: String::new(),
        parts: Vec::new(),
        scenarios: 3,
    }
}

/// The embedded reference as target.
pub(crate) fn target() -> TargetInfo {
    TargetInfo { profile_sha256: "[sha256]".to_owned(), ..TargetInfo::of(&Profile::reference(), true) }
}

/// A scenario of one test purpose of the room that is built.
pub(crate) fn scenario(purpose: &str, outcome: Outcome) -> ScenarioResult {
    let catalogue = Catalogue::embedded();
    let (requirement, own) = catalogue.test_purpose(purpose).unwrap();
    ScenarioResult {
        id: format!("{purpose}.sample"),
        test_purposes: vec![purpose.to_owned()],
        title: "A sample".to_owned(),
        feature: format!("features/{}/sample.feature", requirement.word),
        line: 7,
        requirements: vec![requirement.id.clone()],
        role: "participating-function".to_owned(),
        outcome,
        blame: None,
        duration_ms: 120,
        checks: 0,
        evidence: outcome.ran().then(|| EvidenceRef {
            pcapng: format!("evidence/{purpose}.sample.pcapng"),
            sha256: "[sha256]".to_owned(),
        }),
        findings: Vec::new(),
        level: own.level,
        reason: None,
        rerun: format!("cpm-conformance run --name '^{purpose}.sample$' --seed 42"),
        ladder: Vec::new(),
        seen: Seen::default(),
    }
}

/// One scenario for each test purpose, all of them passed.
pub(crate) fn all_passed() -> Vec<ScenarioResult> {
    let catalogue = Catalogue::embedded();
    let purposes = catalogue.requirements().iter().flat_map(|requirement| &requirement.test_purposes);
    purposes.map(|purpose| scenario(&purpose.id, Outcome::Pass)).collect()
}

/// What these scenarios come to.
pub(crate) fn results_of(scenarios: Vec<ScenarioResult>) -> Results {
    results(run_of(Selection::Full), vec![target()], scenarios, &Catalogue::embedded(), &[])
}

/// A scenario that failed, with everything that a report can tell of it.
pub(crate) fn failed() -> ScenarioResult {
    ScenarioResult {
        blame: Some(Blame::Target),
        findings: vec![
            Finding {
                rule: "missed_group_content.once".to_owned(),
                requirement: Some("CPM-CONV-058".to_owned()),
                level: Level::Shall,
                verdict: FindingVerdict::Warning,
                expected: "each message once".to_owned(),
                observed: "m1 came twice under the same message id".to_owned(),
                frame: Some(40),
                octets: None,
                source: "CPM-CONV-058".to_owned(),
                interpretation: Some("L14".to_owned()),
                blame: Blame::Target,
            },
            Finding {
                rule: "missed_group_content.complete".to_owned(),
                requirement: Some("CPM-CONV-058".to_owned()),
                level: Level::Shall,
                verdict: FindingVerdict::Fail,
                expected: "m2 of Alice (\"At my place then\") is delivered to a device of Bob".to_owned(),
                observed: "Bob's phone was given m1 and m3;\r\nm2 <never> came | \u{1b}[2J".to_owned(),
                frame: Some(41),
                octets: Some((120, 133)),
                source: "CPM-CONV-058".to_owned(),
                interpretation: None,
                blame: Blame::Target,
            },
        ],
        ladder: ["INVITE ->", "<- 200", "SEND m1 <-", "200 ->", "SEND m3 <-", "200 ->"].map(str::to_owned).to_vec(),
        title: "Bob was offline for the whole chat".to_owned(),
        ..scenario("TP-CPM-CONV-058-01", Outcome::Fail)
    }
}
