//! Two runs held against each other: what a fault did is told with the requirement that it breaks.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod playing;

use cpm_conformance::report::comparison::{Run, compare};
use cpm_conformance::stage::trial::{Subject, Trial};
use playing::{references, reported, virtually};
use pretty_assertions::assert_eq;
use std::path::Path;
use std::process::{Command, Output};

const REQUIREMENT: &str = "CPM-CONV-058d";

async fn run(folder: &Path, subject: Subject) {
    let mut options = virtually(references(), 3, 16, folder);
    options.selection.requirements = vec![REQUIREMENT.to_owned()];
    options.trial = Trial { subject, ..Trial::default() };
    reported(options).await;
}

fn diff(before: &Path, after: &Path, options: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_cpm-conformance"));
    program.args(["report", "diff"]).args([before, after]).args(options).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_told_with_the_requirement_that_it_breaks() {
    let place = tempfile::tempdir().unwrap();
    let [clean, again, faulty] = ["clean", "again", "faulty"].map(|name| place.path().join(name));
    run(&clean, Subject::Reference).await;
    run(&again, Subject::Reference).await;
    run(&faulty, Subject::named("takes-an-item-in-between-for-the-final-list").unwrap()).await;

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
