//! Two runs held against each other: what a fault did is told with the requirement that it breaks.

use crate::playing::{none, references, reported_against, virtually};
use cpm_conformance::report::comparison::{Run, compare};
use cpm_conformance::report::{Selection, manifest};
use cpm_conformance::stage::trial::{Subject, Trial};
use cpm_conformance::verification::verify;
use pretty_assertions::assert_eq;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const REQUIREMENT: &str = "CPM-CONV-058d";
/// A fault that breaks it.
const FAULT: &str = "takes-an-item-in-between-for-the-final-list";

async fn run(folder: &Path, subject: Subject, before: Option<&Path>) {
    let mut options = virtually(references(), 3, 16, folder);
    options.selection.requirements = vec![REQUIREMENT.to_owned()];
    options.info.selection = Selection::Partial;
    options.trial = Trial { subject, ..Trial::default() };
    reported_against(options, before.map(|before| Run::read(before).unwrap())).await;
}

fn diff(before: &Path, after: &Path, options: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"));
    program.args(["report", "diff"]).args([before, after]).args(options).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_told_with_the_requirement_that_it_breaks() {
    let place = tempfile::tempdir().unwrap();
    let [clean, again, faulty] = ["clean", "again", "faulty"].map(|name| place.path().join(name));
    run(&clean, Subject::Reference, None).await;
    run(&again, Subject::Reference, None).await;
    run(&faulty, Subject::named(FAULT).unwrap(), None).await;

    let same = compare(&Run::read(&clean).unwrap(), &Run::read(&again).unwrap());
    assert!(!same.is_worse() && same.regressed.is_empty() && same.flaky.is_empty(), "{same:?}");
    let worse = compare(&Run::read(&clean).unwrap(), &Run::read(&faulty).unwrap());
    assert!(worse.requirements.iter().any(|row| row.id == REQUIREMENT), "{worse:?}");
    assert!(!worse.regressed.is_empty());
    assert!(worse.regressed.iter().all(|change| change.found.is_some()), "{worse:?}");

    let told = |output: Output| (output.status.code(), String::from_utf8(output.stdout).unwrap());
    let (code, text) = told(diff(&clean, &faulty, &["--exit-code"]));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(&format!("requirements         {REQUIREMENT}: fail, before pass")), "{text}");
    assert_eq!(told(diff(&clean, &again, &["--exit-code"])).0, Some(0));
    assert_eq!(told(diff(&clean, &faulty, &[])).0, Some(0));
    let (_, json) = told(diff(&clean, &faulty, &["--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["schema"], json["regressed"].as_array().unwrap().len()),
        (&"cpm-diff/1".into(), worse.regressed.len())
    );
    let (_, markdown) = told(diff(&clean, &faulty, &["--format", "markdown"]));
    assert!(markdown.contains("**regressed**"), "{markdown}");
    assert_eq!(told(diff(&clean, place.path(), &[])).0, Some(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_tells_by_itself_what_changed_since_a_baseline() {
    let place = tempfile::tempdir().unwrap();
    let [clean, faulty] = ["clean", "faulty"].map(|name| place.path().join(name));
    run(&clean, Subject::Reference, None).await;
    run(&faulty, Subject::named(FAULT).unwrap(), Some(&clean)).await;
    let text = |name: &str| fs::read_to_string(faulty.join(name)).unwrap();
    let diff: serde_json::Value = serde_json::from_str(&text("diff.json")).unwrap();
    assert_eq!(diff["schema"], "cpm-diff/1");
    let rows = |key: &str| diff[key].as_array().unwrap().clone();
    assert!(rows("requirements").iter().any(|row| row["id"] == REQUIREMENT && row["after"] == "fail"), "{diff}");
    let regressed = rows("regressed");
    assert!(!regressed.is_empty());
    assert!(regressed.iter().all(|row| row["requirements"].to_string().contains(REQUIREMENT)), "{diff}");
    assert!(rows("flaky").is_empty() || rows("inputs").is_empty(), "{diff}");
    let (summary, page) = (text("summary.md"), text("diff.html"));
    assert!(summary.contains("worse: ") && summary.contains("**regressed**"), "{summary}");
    assert!(
        summary.contains(&format!("- {REQUIREMENT}: fail, before pass")) && summary.lines().count() <= 60,
        "{summary}"
    );
    assert!(page.contains("<h2 id=\"regressed\">") && !page.contains("<script") && !page.contains("http"), "{page}");

    // All of that follows from the evidence and from what was kept of the earlier run.
    let wrong: Vec<String> = verify(&faulty).unwrap().differences.iter().map(ToString::to_string).collect();
    none(&wrong, "a run with a baseline");
    fs::write(faulty.join("diff.json"), text("diff.json").replacen("\"fail\"", "\"pass\"", 1)).unwrap();
    let sealed = manifest::Manifest::read(text(manifest::NAME).as_bytes()).unwrap();
    let resealed = manifest::Manifest { files: manifest::files(&faulty).unwrap(), ..sealed };
    fs::write(faulty.join(manifest::NAME), resealed.text().unwrap()).unwrap();
    let told = verify(&faulty).unwrap().differences;
    assert!(told.iter().any(|told| told.place.starts_with("diff.json line ")), "{told:?}");
    // A run of its own in the same folder leaves nothing of it.
    run(&faulty, Subject::Reference, None).await;
    assert!(["diff.json", "diff.html", "baseline.json"].iter().all(|name| !faulty.join(name).exists()));
    assert!(verify(&faulty).unwrap().differences.is_empty());
}
