//! A run that several machines share: its parts, joined, are the run.

use crate::playing::{references, reported, reported_against, virtually};
use cpm_conformance::report::comparison::Run;
use cpm_conformance::report::{Results, RunVerdict, Selection as Selected};
use cpm_conformance::run::{Selection, Shard};
use cpm_conformance::stage::trial::{Subject, Trial};
use cpm_conformance::verification::{self, NoMerge};
use pretty_assertions::assert_eq;
use std::fs;
use std::path::{Path, PathBuf};

const PARTS: usize = 3;

/// One part of a run of everything, and where its report is. Each has an id and a seed of its own, as on machines of their own.
async fn part(folder: &Path, index: usize) -> PathBuf {
    let folder = folder.join(index.to_string());
    let mut options = virtually(references(), u64::try_from(index).unwrap(), 4, &folder);
    let shard: Shard = format!("{index}/{PARTS}").parse().unwrap();
    options.selection = Selection { shard, ..Selection::default() };
    options.info.shard = shard.to_string();
    options.info.id = format!("part-{index}");
    // Each has users of its own, too: that is a profile of its own.
    options.profiles.iter_mut().for_each(|profile| profile.sha256 = format!("{index:064}"));
    let results = reported(options).await;
    assert_eq!(results.verdict, RunVerdict::PartialPass, "{:?}", results.reasons);
    folder
}

/// What people rely on: what each requirement and each scenario came to.
fn verdicts(results: &Results) -> (RunVerdict, Vec<String>, Vec<String>) {
    let requirements = results.requirements.iter().map(|row| format!("{} {}", row.id, row.verdict)).collect();
    let mut scenarios: Vec<String> =
        results.scenarios.iter().map(|scenario| format!("{} {}", scenario.id, scenario.outcome)).collect();
    scenarios.sort();
    (results.verdict, requirements, scenarios)
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_come_to_what_the_whole_comes_to() {
    let place = tempfile::tempdir().unwrap();
    let whole = reported(virtually(references(), 1, 4, &place.path().join("whole"))).await;
    let mut parts = Vec::new();
    for index in 1..=PARTS {
        parts.push(part(place.path(), index).await);
    }
    let output = place.path().join("merged");
    parts.rotate_left(1);
    let merged = verification::merge(&parts, &output).unwrap();
    assert_eq!(verdicts(&merged), verdicts(&whole));
    assert_eq!((merged.run.selection, merged.run.shard.as_str()), (Selected::Full, "1/1"));
    assert_eq!(merged.counts, whole.counts);
    assert_eq!(merged.remarks.iter().filter(|remark| remark.contains("a profile of its own")).count(), PARTS - 1);

    let verified = verification::verify(&output).unwrap();
    assert!(verified.differences.is_empty(), "{:?}", verified.differences);
    assert_eq!(verified.verdict, Some(RunVerdict::Conformant));

    // A part that is missing, or there twice, or that somebody has been at.
    let (last, others) = parts.split_last().unwrap();
    let less = verification::merge(others, &place.path().join("less")).unwrap();
    assert_eq!((less.verdict, less.run.selection), (RunVerdict::PartialPass, Selected::Partial));
    assert!(verification::verify(&place.path().join("less")).unwrap().differences.is_empty());
    let twice = verification::merge(&[last.clone(), last.clone()], &output).unwrap_err();
    assert!(matches!(twice, NoMerge::Foreign { .. }), "{twice}");
    let again = verification::merge(&[place.path().join("less"), last.clone()], &output).unwrap_err();
    assert!(again.to_string().contains("not joined again"), "{again}");
    let summary = last.join("summary.md");
    fs::write(&summary, fs::read_to_string(&summary).unwrap() + " ").unwrap();
    let altered = verification::merge(&parts, &output).unwrap_err();
    assert!(matches!(&altered, NoMerge::Altered { path } if path == last), "{altered}");
    // What stood there is as it was.
    assert!(verification::verify(&output).unwrap().differences.is_empty());
    assert!(matches!(verification::merge(&[place.path().join("nowhere")], &output), Err(NoMerge::Part { .. })));
}

/// Every sort of change that a comparison tells of results, and which lines of the page of the run differ.
fn changes(folder: &Path) -> (Vec<serde_json::Value>, usize) {
    let diff: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("diff.json")).unwrap()).unwrap();
    let sorts = [
        "requirements",
        "regressed",
        "fixed",
        "new",
        "removed",
        "requirement_changed",
        "fewer_checks",
        "stale_waivers",
    ];
    let index = fs::read_to_string(folder.join("index.html")).unwrap();
    (sorts.map(|sort| diff[sort].clone()).to_vec(), index.matches("data-is=\"different").count())
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_were_held_against_a_run_come_to_what_the_whole_comes_to() {
    let place = tempfile::tempdir().unwrap();
    let options = |name: &str, shard: &str, fault: Option<&str>| {
        let mut options = virtually(references(), 7, 4, &place.path().join(name));
        let shard: Shard = shard.parse().unwrap();
        options.selection = Selection { shard, requirements: vec!["CPM-CONV-058d".to_owned()], ..Selection::default() };
        (options.info.shard, options.info.selection) = (shard.to_string(), Selected::Partial);
        let subject = fault.map_or(Subject::Reference, |fault| Subject::named(fault).unwrap());
        options.trial = Trial { subject, ..Trial::default() };
        options
    };
    reported(options("before", "1/1", None)).await;
    let before = place.path().join("before");
    let fault = Some("misplaces-the-changes");
    let read = || Some(Run::read(&before).unwrap());
    reported_against(options("whole", "1/1", fault), read()).await;
    reported_against(options("one", "1/2", fault), read()).await;
    reported_against(options("two", "2/2", fault), read()).await;
    let [one, two, merged] = ["one", "two", "merged"].map(|name| place.path().join(name));
    verification::merge(&[one, two], &merged).unwrap();

    let (whole, differing) = changes(&place.path().join("whole"));
    assert!(!whole[0].as_array().unwrap().is_empty() && !whole[1].as_array().unwrap().is_empty(), "{whole:?}");
    assert!(differing > 0);
    assert_eq!(changes(&merged), (whole, differing));
    let verified = verification::verify(&merged).unwrap();
    assert!(verified.differences.is_empty(), "{:?}", verified.differences);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_different_selections_are_no_parts_of_one_run() {
    let place = tempfile::tempdir().unwrap();
    let mut folders = Vec::new();
    for (index, requirement) in [(1, "CPM-CONV-058a"), (2, "CPM-CONV-058b")] {
        let folder = place.path().join(index.to_string());
        let mut options = virtually(references(), 1, 4, &folder);
        let shard: Shard = format!("{index}/2").parse().unwrap();
        options.selection = Selection { shard, requirements: vec![requirement.to_owned()], ..Selection::default() };
        options.info.shard = shard.to_string();
        reported(options).await;
        folders.push(folder);
    }
    match verification::merge(&folders, &place.path().join("merged")) {
        // What both selected is in both, or nothing is: then it is a part of the whole.
        Err(why) => assert!(why.to_string().contains("not selected alike"), "{why}"),
        Ok(merged) => assert_eq!(merged.run.selection, Selected::Partial),
    }
}
