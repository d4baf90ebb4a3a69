//! The folder of a run: which files there are, that a broken-off run leaves what it knew, and that two runs never mix.

use std::fs;
use std::path::{Path, PathBuf};

use cpm_conformance::report::run_folder::{RunFolder, link_latest};
use cpm_conformance::report::{self, Event, Excerpts, Reporter, RunInfo, ScenarioResult, Seen, Selection, TargetInfo};
use cpm_conformance::requirements::Catalogue;
use cpm_conformance::target::Profile;
use cpm_conformance::verdict::{Level, Outcome};
use pretty_assertions::assert_eq;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reports").join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn run() -> RunInfo {
    RunInfo {
        id: "20261121T120000Z-002a".to_owned(),
        started: "2026-11-21T12:00:00Z".to_owned(),
        duration_ms: 10,
        seed: 42,
        jobs: 1,
        shard: "1/1".to_owned(),
        selection: Selection::Partial,
        suite_version: "0.1.0".to_owned(),
        commit: String::new(),
        parts: Vec::new(),
        invocation: Box::default(),
        scenarios: 1,
    }
}

fn scenario() -> ScenarioResult {
    ScenarioResult {
        id: "TP-CPM-CONV-058-01.sample".to_owned(),
        test_purposes: vec!["TP-CPM-CONV-058-01".to_owned()],
        title: "A sample".to_owned(),
        feature: "features/missed_group_content/sample.feature".to_owned(),
        line: 3,
        requirements: vec!["CPM-CONV-058".to_owned()],
        role: "participating-function".to_owned(),
        outcome: Outcome::Pass,
        blame: None,
        duration_ms: 5,
        checks: 0,
        evidence: None,
        findings: Vec::new(),
        level: Level::Shall,
        reason: None,
        rerun: String::new(),
        ladder: Vec::new(),
        seen: Seen::default(),
        excerpts: Excerpts::default(),
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_run_leaves_every_file_and_takes_those_of_an_earlier_one_away() {
    let folder = folder("whole");
    fs::create_dir_all(folder.join("evidence")).unwrap();
    fs::create_dir_all(folder.join("scenario")).unwrap();
    for old in ["evidence/old.pcapng", "evidence/old.svg", "evidence/old.mmd", "scenario/old.html"] {
        fs::write(folder.join(old), "old").unwrap();
    }
    fs::write(folder.join("results.json"), "old").unwrap();
    fs::write(folder.join("notes.txt"), "the user's").unwrap();

    let mut files = RunFolder::create(&folder).unwrap();
    assert_eq!(names(&folder), ["evidence", "notes.txt", "results.ndjson", "scenario"]);
    let target = TargetInfo::of(&Profile::reference(), true);
    let results = report::results(run(), vec![target], vec![scenario()], &Catalogue::embedded(), &[]);
    files.event(&Event::RunStarted(run())).unwrap();
    files.event(&Event::ScenarioFinished(Box::new(scenario()))).unwrap();
    files.event(&Event::RunFinished(Box::new(results))).unwrap();

    assert_eq!(
        names(&folder),
        [
            "badge.json",
            "evidence",
            "index.html",
            "junit.xml",
            "manifest.json",
            "notes.txt",
            "results.json",
            "results.ndjson",
            "scenario",
            "summary.md",
            "traceability.csv",
        ]
    );
    assert!(names(&folder.join("evidence")).is_empty() && names(&folder.join("scenario")).is_empty());
    let json: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("results.json")).unwrap()).unwrap();
    assert_eq!((&json["schema"], &json["verdict"]), (&"cpm-conformance/1".into(), &"partial_pass".into()));
    assert_eq!(json["targets"][0]["profile_sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_run_that_breaks_off_leaves_what_was_judged() {
    let folder = folder("broken");
    let mut files = RunFolder::create(&folder).unwrap();
    files.event(&Event::RunStarted(run())).unwrap();
    files.event(&Event::ScenarioFinished(Box::new(scenario()))).unwrap();
    // Not even dropped: the lines have to be out by now.
    let lines = fs::read_to_string(folder.join("results.ndjson")).unwrap();
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.ends_with("}\n") && lines.contains("TP-CPM-CONV-058-01.sample"));
    assert_eq!(names(&folder), ["evidence", "results.ndjson", "scenario"]);
}

#[cfg(unix)]
#[test]
fn latest_points_at_the_newest_run() {
    let parent = folder("latest");
    for name in ["one", "two"] {
        fs::create_dir_all(parent.join(name)).unwrap();
        link_latest(&parent.join(name)).unwrap();
        assert_eq!(fs::read_link(parent.join("latest")).unwrap(), Path::new(name));
    }
    assert_eq!(names(&parent), ["latest", "one", "two"]);
}
