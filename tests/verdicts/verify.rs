//! `report verify`: what a run leaves is intact; whatever is altered afterwards is found, by its hash, or where the hashes
//! are made to fit, by the evidence.

mod signing;
mod waiving;

use crate::playing::{none, references, reported, virtually};
use cpm_conformance::evidence::{Direction, Event, Header, Protocol, Record, What, pcapng};
use cpm_conformance::report::manifest::{self, Manifest};
use cpm_conformance::report::{Results, RunVerdict, Selection};
use cpm_conformance::run::Options;
use cpm_conformance::stage::trial::{Subject, Trial};
use cpm_conformance::verification::verify;
use cpm_wire::time::Time;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small run with a verdict of each sort: what a faulty client makes of lists in between.
async fn small(folder: &Path, change: impl FnOnce(&mut Options)) -> Results {
    let mut options = virtually(references(), 5, 16, folder);
    options.selection.requirements = vec!["CPM-CONV-058d".to_owned()];
    options.info.selection = Selection::Partial;
    change(&mut options);
    reported(options).await
}

/// What is wrong with a report.
fn differences(folder: &Path) -> Vec<String> {
    verify(folder).unwrap().differences.iter().map(ToString::to_string).collect()
}

fn exit_code(folder: &Path) -> Option<i32> {
    let program = Path::new(env!("CARGO_BIN_EXE_cpm-conformance"));
    Command::new(program).args(["report", "verify"]).arg(folder).output().unwrap().status.code()
}

/// A copy of the report, to be altered.
fn copy(of: &Path, to: &Path) -> PathBuf {
    for place in ["evidence", "scenario"] {
        fs::create_dir_all(to.join(place)).unwrap();
    }
    for name in manifest::files(of).unwrap().keys().map(String::as_str).chain([manifest::NAME]) {
        fs::copy(of.join(name), to.join(name)).unwrap();
    }
    to.to_owned()
}

/// Makes the hashes fit again.
fn reseal(folder: &Path) {
    let sealed = Manifest::read(&fs::read(folder.join(manifest::NAME)).unwrap()).unwrap();
    let manifest = Manifest { files: manifest::files(folder).unwrap(), ..sealed };
    fs::write(folder.join(manifest::NAME), manifest.text().unwrap()).unwrap();
}

fn results(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("results.json")).unwrap()).unwrap()
}

fn edit_results(folder: &Path, edit: impl FnOnce(&mut Value)) {
    let mut results = results(folder);
    edit(&mut results);
    fs::write(folder.join("results.json"), format!("{results:#}\n")).unwrap();
}

/// Alters the evidence of a scenario, and the hash of it in results.json.
fn edit_evidence(folder: &Path, id: &str, edit: impl FnOnce(&mut Header, &mut Vec<Record>)) {
    let name = format!("evidence/{id}.pcapng");
    let (mut header, mut records) = pcapng::read(&fs::read(folder.join(&name)).unwrap()).unwrap();
    edit(&mut header, &mut records);
    let octets = pcapng::write(&header, &records).unwrap();
    fs::write(folder.join(&name), &octets).unwrap();
    edit_results(folder, |results| scenario(results, id)["evidence"]["sha256"] = manifest::sha256(&octets).into());
}

fn scenario<'a>(results: &'a mut Value, id: &str) -> &'a mut Value {
    let scenarios = results["scenarios"].as_array_mut().unwrap();
    scenarios.iter_mut().find(|scenario| scenario["id"] == id).unwrap()
}

/// The first scenario that came to this, with evidence.
fn one(folder: &Path, verdict: &str) -> String {
    let results = results(folder);
    let scenarios = results["scenarios"].as_array().unwrap();
    let found = scenarios.iter().find(|scenario| scenario["verdict"] == verdict && !scenario["evidence"].is_null());
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_leaves_is_intact_whatever_its_verdict() {
    let place = tempfile::tempdir().unwrap();
    let (whole, faulty) = (place.path().join("whole"), place.path().join("faulty"));
    reported(virtually(references(), 5, 16, &whole)).await;
    let failing = small(&faulty, |options| {
        options.profiles.remove(0);
        options.trial = Trial { subject: Subject::named(CLIENT_FAULT).unwrap(), ..Trial::default() };
    });
    assert_eq!(failing.await.verdict, RunVerdict::NonConformant);
    for (folder, verdict) in [(&whole, RunVerdict::Conformant), (&faulty, RunVerdict::NonConformant)] {
        let verified = verify(folder).unwrap();
        let found: Vec<String> = verified.differences.iter().map(ToString::to_string).collect();
        none(&found, "what a run leaves");
        assert_eq!((verified.verdict, exit_code(folder)), (Some(verdict), Some(0)));
        assert!(verified.scenarios > 5 && verified.files > verified.scenarios);
    }
    // The later run names the earlier.
    let sealed = fs::read(whole.join(manifest::NAME)).unwrap();
    let chained = Manifest::read(&fs::read(faulty.join(manifest::NAME)).unwrap()).unwrap().previous.unwrap();
    assert_eq!((chained.folder.as_str(), chained.sha256), ("whole", manifest::sha256(&sealed)));
    assert_eq!(verify(&faulty).unwrap().remarks, ["the run before it is whole"]);
}

/// A fault of the client that fails some scenarios of lists in between, and not all.
const CLIENT_FAULT: &str = "ignores-the-history-of-the-roster";

#[tokio::test(flavor = "multi_thread")]
async fn every_flipped_bit_is_found() {
    let place = tempfile::tempdir().unwrap();
    small(place.path(), |_| {}).await;
    let sealed = fs::read(place.path().join(manifest::NAME)).unwrap();
    let manifest = Manifest::read(&sealed).unwrap();
    let mut files: BTreeMap<&str, Vec<u8>> =
        manifest.files.keys().map(|name| (name.as_str(), fs::read(place.path().join(name)).unwrap())).collect();
    files.insert(manifest::NAME, sealed);
    let names: Vec<&str> = files.keys().copied().collect();
    // xorshift64 (Marsaglia): the same flips in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(bound).unwrap()).unwrap()
    };
    for _ in 0..10_000 {
        let name = names[below(names.len())];
        let octets = files.get_mut(name).unwrap();
        let (at, bit) = (below(octets.len()), 1u8 << below(8));
        octets[at] ^= bit;
        let found = if name == manifest::NAME {
            Manifest::read(octets).is_err()
        } else {
            manifest.holds(name, octets).is_err()
        };
        octets[at] ^= bit;
        assert!(found, "{name} octet {at} bit {bit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_new_or_altered_is_named() {
    let place = tempfile::tempdir().unwrap();
    let report = place.path().join("report");
    small(&report, |_| {}).await;
    let altered = |name: &str, edit: &dyn Fn(&Path)| {
        let folder = copy(&report, &place.path().join(name));
        edit(&folder);
        assert_eq!(exit_code(&folder), Some(1), "{name}");
        differences(&folder)
    };
    let gone = altered("gone", &|folder| fs::remove_file(folder.join("summary.md")).unwrap());
    assert!(gone.contains(&"summary.md: expected the file that the run left; there is none".to_owned()), "{gone:?}");
    let new = altered("new", &|folder| fs::write(folder.join("evidence/notes.txt"), "").unwrap());
    let expected = "evidence/notes.txt: expected no such file; there is a file that the run did not leave";
    assert!(new.contains(&expected.to_owned()), "{new:?}");
    let line = altered("line", &|folder| {
        let text = fs::read_to_string(folder.join("junit.xml")).unwrap();
        fs::write(folder.join("junit.xml"), text.replacen("pass", "fail", 1)).unwrap();
    });
    assert!(line.iter().any(|told| told.starts_with("junit.xml: expected SHA-256")), "{line:?}");
    assert!(line.iter().any(|told| told.starts_with("junit.xml line ")), "{line:?}");
    let unsealed = altered("unsealed", &|folder| fs::remove_file(folder.join(manifest::NAME)).unwrap());
    assert!(unsealed.iter().any(|told| told.starts_with("manifest.json: expected")), "{unsealed:?}");
}

#[test]
fn what_is_no_report_is_4() {
    let place = tempfile::tempdir().unwrap();
    assert!(verify(place.path()).is_err());
    assert_eq!(exit_code(place.path()), Some(4));
    assert_eq!(exit_code(&place.path().join("nowhere")), Some(4));
}

type Edit = (&'static str, &'static str, fn(&Path));

/// Edits after which the hashes are made to fit, and what is said of each.
const EDITS: [Edit; 13] = [
    ("verdict of a scenario", "/verdict: expected \"fail\"; there is \"pass\"", |folder| {
        let id = one(folder, "fail");
        edit_results(folder, |results| scenario(results, &id)["verdict"] = json!("pass"));
    }),
    ("verdict of the run", "results.json/verdict: expected \"non_conformant\"; there is \"partial_pass\"", |folder| {
        edit_results(folder, |results| results["verdict"] = json!("partial_pass"));
    }),
    ("verdict of a requirement", "results.json/requirements/CPM-CONV-058d/verdict", |folder| {
        edit_results(folder, |results| {
            let rows = results["requirements"].as_array_mut().unwrap();
            let row = rows.iter_mut().find(|row| row["id"] == "CPM-CONV-058d");
            row.unwrap()["verdict"] = json!("pass");
        });
    }),
    ("a finding", "/findings/1/observed: expected", |folder| {
        let id = one(folder, "fail");
        edit_results(folder, |results| scenario(results, &id)["findings"][0]["observed"] = json!("nothing of note"));
    }),
    ("a message", "base.sip.", |folder| {
        let id = one(folder, "pass");
        edit_evidence(folder, &id, |_, records| {
            let octets = records.iter_mut().find_map(|record| match &mut record.what {
                What::Octets(octets) if octets.protocol == Protocol::Sip && octets.direction == Direction::Received => {
                    Some(octets)
                }
                _ => None,
            });
            let octets = octets.unwrap();
            let text = String::from_utf8(octets.octets.to_vec()).unwrap();
            let without = text.lines().filter(|line| !line.starts_with("CSeq:"));
            let text: String = without.map(|line| format!("{line}\r\n")).collect();
            octets.octets = text.into();
        });
    }),
    ("the awaited rules", "there is \"pass\"", |folder| {
        let id = one(folder, "pass");
        edit_evidence(folder, &id, |_, records| {
            records.retain(|record| !matches!(record.what, What::Event(Event::Awaited { .. } | Event::Decided { .. })));
        });
    }),
    ("the end", "the evidence breaks off before the scenario is over", |folder| {
        let id = one(folder, "pass");
        edit_evidence(folder, &id, |_, records| records.truncate(records.len() - 1));
    }),
    ("how it ended", "although the rule", |folder| {
        let id = one(folder, "fail");
        edit_evidence(folder, &id, |_, records| {
            records.pop();
            records.push(Record { at: Time::ZERO, what: What::Event(Event::Over { stop: None }) });
        });
    }),
    ("the statement", ".pcapng/statement/", |folder| {
        let id = one(folder, "fail");
        edit_evidence(folder, &id, |header, _| header.statement["intermediate"] = json!(["none"]));
    }),
    ("a scenario", "expected a scenario in results.json that it is the evidence of; there is none", |folder| {
        let id = one(folder, "fail");
        edit_results(folder, |results| {
            results["scenarios"].as_array_mut().unwrap().retain(|scenario| scenario["id"] != id);
        });
    }),
    ("its evidence", "/verdict: expected \"not_run\"; there is \"pass\"", |folder| {
        let id = one(folder, "pass");
        fs::remove_file(folder.join(format!("evidence/{id}.pcapng"))).unwrap();
        edit_results(folder, |results| scenario(results, &id)["evidence"] = Value::Null);
    }),
    ("the other reports", "summary.md line ", |folder| {
        let text = fs::read_to_string(folder.join("summary.md")).unwrap();
        fs::write(folder.join("summary.md"), text.replacen("non-conformant", "conformant", 1)).unwrap();
    }),
    ("the verdict on the page of a scenario", ".html line ", |folder| {
        let page = folder.join("scenario").join(format!("{}.html", one(folder, "fail")));
        let text = fs::read_to_string(&page).unwrap();
        fs::write(page, text.replacen("<span class=\"verdict fail\">fail", "<span class=\"verdict pass\">pass", 1))
            .unwrap();
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_the_evidence_does_not_say_is_found_where_all_hashes_are_right() {
    let place = tempfile::tempdir().unwrap();
    let report = place.path().join("report");
    small(&report, |options| {
        options.profiles.remove(0);
        options.trial = Trial { subject: Subject::named(CLIENT_FAULT).unwrap(), ..Trial::default() };
    })
    .await;
    none(&differences(&report), "before any edit");
    let mut wrong = Vec::new();
    for (number, (what, said, edit)) in EDITS.iter().enumerate() {
        let folder = copy(&report, &place.path().join(format!("{number}")));
        edit(&folder);
        reseal(&folder);
        let told = differences(&folder);
        // The page tells digests of its own.
        let hashed = |told: &String| told.contains("SHA-256") && !told.starts_with("index.html");
        if told.iter().any(hashed) || !told.iter().any(|told| told.contains(said)) {
            wrong.push(format!("{what}: {said:?} is not said in {told:#?}"));
        }
    }
    none(&wrong, "edits that are not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_that_leaves_no_evidence_is_missed_in_a_full_run() {
    let place = tempfile::tempdir().unwrap();
    let mut options = virtually(references(), 5, 16, place.path());
    options.profiles.remove(1);
    reported(options).await;
    none(&differences(place.path()), "before the edit");
    edit_results(place.path(), |results| {
        let scenarios = results["scenarios"].as_array_mut().unwrap();
        let at = scenarios.iter().position(|scenario| scenario["verdict"] == "not_applicable").unwrap();
        scenarios.remove(at);
    });
    reseal(place.path());
    let told = differences(place.path());
    assert!(told.iter().any(|told| told.ends_with("expected the scenario; there is none")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_another_version_is_told_as_such() {
    let place = tempfile::tempdir().unwrap();
    small(place.path(), |options| options.info.suite_version = "0.0.1".to_owned()).await;
    let verified = verify(place.path()).unwrap();
    assert_eq!(verified.differences, vec![]);
    assert!(verified.remarks.iter().any(|remark| remark.starts_with("the run is one of version 0.0.1")));
}
