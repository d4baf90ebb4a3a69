//! A run with waivers: what is excused is waived everywhere and never conformant, the report is held against its evidence and its
//! waivers, and parts of a run come to what the whole comes to.

use super::{CLIENT_FAULT, differences, edit_results, exit_code, one, reseal, results};
use crate::playing::{none, references, reported, virtually};
use cpm_conformance::report::waivers::Status;
use cpm_conformance::report::{self, Results, RunVerdict, Selection as Selected, Waivers};
use cpm_conformance::run::{Options, Selection, Shard};
use cpm_conformance::stage::trial::{Subject, Trial};
use cpm_conformance::verdict::{FindingVerdict, Outcome};
use cpm_conformance::verification;
use pretty_assertions::assert_eq;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Lists in between, against a client that fails some of them.
fn options(folder: &Path, change: impl FnOnce(&mut Options)) -> Options {
    let mut options = virtually(references(), 5, 16, folder);
    options.profiles.remove(0);
    options.trial = Trial { subject: Subject::named(CLIENT_FAULT).unwrap(), ..Trial::default() };
    options.selection.requirements = vec!["CPM-CONV-058d".to_owned()];
    options.info.selection = Selected::Partial;
    change(&mut options);
    options
}

/// An entry for everything that was found, and one that is needed no more, for a scenario that passed.
fn waivers(results: &Results, stale: bool) -> String {
    let rules = |verdict: FindingVerdict| {
        let findings = results.scenarios.iter().flat_map(|own| own.findings.iter().map(move |found| (own, found)));
        findings.filter(move |(_, found)| found.verdict == verdict)
    };
    let mut entries: BTreeSet<(String, String)> = [FindingVerdict::Fail, FindingVerdict::Inconclusive]
        .into_iter()
        .flat_map(rules)
        .map(|(scenario, found)| (scenario.id.clone(), found.rule.clone()))
        .collect();
    if stale {
        let passed = results.scenarios.iter().find(|own| own.outcome == Outcome::Pass).unwrap();
        entries.insert((passed.id.clone(), "client_deferred_content.anything".to_owned()));
    }
    let entry = |(scenario, rule): &(String, String)| {
        format!(
            "- scenario: {scenario}\n  rule: {rule}\n  versions: \"*\"\n  reason: known\n  \
             issue: https://tracker.example/17\n  expires: 2026-01-01\n"
        )
    };
    entries.iter().map(entry).collect()
}

fn read(text: &str) -> Option<Waivers> {
    Some(Waivers::read(text.to_owned()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_waived_is_told_in_every_report_and_re_derived() {
    let place = tempfile::tempdir().unwrap();
    let (plain, folder) = (place.path().join("plain"), place.path().join("waived"));
    let before = reported(options(&plain, |_| {})).await;
    assert_eq!(before.verdict, RunVerdict::NonConformant);
    let text = waivers(&before, false);
    let waived = reported(options(&folder, |options| options.waivers = read(&text))).await;
    assert_eq!((waived.verdict, report::exit_code(&waived)), (RunVerdict::Inconclusive, 2), "{:?}", waived.reasons);
    let count = before.scenarios.iter().filter(|own| own.outcome == Outcome::Fail).count();
    assert_eq!(waived.counts.total(Outcome::Waived), count);
    assert!(waived.waivers.iter().flatten().all(|one| one.status == Status::InForce));

    assert_eq!(fs::read_to_string(folder.join("waivers.yaml")).unwrap(), text);
    let of = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(of("results.ndjson").matches("\"verdict\":\"waived\"").count() >= count);
    assert!(of("junit.xml").contains("<skipped message=\"waived: known (https://tracker.example/17)"));
    assert!(of("summary.md").contains("**Waivers**") && of("summary.md").lines().count() <= 60);
    assert!(of("badge.json").contains("waived") && !of("badge.json").contains("green"));
    none(&differences(&folder), "a report with waivers");
    assert_eq!(exit_code(&folder), Some(0));

    // Who excuses more afterwards, or hides what was excused, is found, whatever the hashes say.
    let id = one(&folder, "waived");
    edit_results(&folder, |results| {
        let scenarios = results["scenarios"].as_array_mut().unwrap();
        scenarios.iter_mut().find(|own| own["id"] == id.as_str()).unwrap()["verdict"] = "pass".into();
    });
    reseal(&folder);
    let told = differences(&folder);
    assert!(told.iter().any(|told| told.ends_with("/verdict: expected \"waived\"; there is \"pass\"")), "{told:?}");
    fs::remove_file(folder.join("waivers.yaml")).unwrap();
    reseal(&folder);
    let told = differences(&folder);
    assert!(told.iter().any(|told| told.starts_with("waivers.yaml: expected the waivers of the run")), "{told:?}");
    assert_eq!(exit_code(&folder), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_joined_are_judged_again_and_then_excused() {
    let place = tempfile::tempdir().unwrap();
    let whole = reported(options(&place.path().join("whole"), |_| {})).await;
    let text = waivers(&whole, true);
    let mut parts = Vec::new();
    for index in 1..=2 {
        let folder = place.path().join(index.to_string());
        let shard: Shard = format!("{index}/2").parse().unwrap();
        reported(options(&folder, |options| {
            options.selection = Selection { shard, ..options.selection.clone() };
            options.info.shard = shard.to_string();
            options.info.id = format!("part-{index}");
            options.waivers = read(&text);
        }))
        .await;
        parts.push(folder);
    }
    let output = place.path().join("merged");
    let merged = verification::merge(&parts, &output).unwrap();
    assert_eq!(merged.counts.total(Outcome::Waived), whole.counts.total(Outcome::Fail));
    assert_eq!(merged.counts.total(Outcome::Fail), 0);
    let stale: Vec<_> = merged.waivers.iter().flatten().filter(|one| one.status == Status::Stale).collect();
    assert_eq!((stale.len(), report::exit_code(&merged)), (1, 5), "{:?}", merged.reasons);
    assert!(results(&output)["reasons"][0].as_str().unwrap().contains("passes now; take the entry out"));
    let junit = fs::read_to_string(output.join("junit.xml")).unwrap();
    assert!(junit.contains("<testsuite name=\"waivers\"") && junit.contains("type=\"waiver\""), "{junit}");
    assert_eq!(fs::read_to_string(output.join("waivers.yaml")).unwrap(), text);
    none(&differences(&output), "what was joined");

    // Parts with other waivers are no parts of one run.
    let folder = place.path().join("other");
    reported(options(&folder, |options| {
        let shard: Shard = "2/2".parse().unwrap();
        options.selection = Selection { shard, ..options.selection.clone() };
        options.info.shard = shard.to_string();
    }))
    .await;
    let why = verification::merge(&[parts.remove(0), folder], &place.path().join("none")).unwrap_err();
    assert!(why.to_string().contains("its waivers are others"), "{why}");
}
