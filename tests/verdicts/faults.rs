//! The suite against seeded faults and null targets, as `qualify` tries them, and against what it saw when the baseline was
//! committed. Whoever adds a fault renews reports/baseline/qualify.json with `cpm-conformance qualify --output reports/baseline`.

use crate::playing::heard;
use cpm_conformance::qualify::{self, Qualification};
use cpm_conformance::requirements::{Catalogue, FaultKind};
use cpm_conformance::run::LinkKind;
use cpm_conformance::stage::trial::Subject;
use cpm_conformance::verdict::Level;
use pretty_assertions::assert_eq;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{OnceLock, mpsc};

/// Of the scenarios of other requirements a fault meets one in so many here.
const ONE_OF: u64 = 20;

/// Everything, once for all tests of this file.
fn qualified() -> &'static Qualification {
    static WHOLE: OnceLock<Qualification> = OnceLock::new();
    WHOLE.get_or_init(|| {
        let cases = qualify::narrowed(qualify::everything(LinkKind::Virtual), ONE_OF).unwrap();
        let (told, _) = mpsc::channel();
        let whole = qualify::qualify(cases, Some(PathBuf::from(env!("CARGO_BIN_EXE_cpm-conformance"))), &told);
        heard();
        whole.unwrap()
    })
}

fn baseline() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/baseline/qualify.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn ids(list: &Value) -> BTreeSet<&str> {
    list.as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect()
}

#[test]
fn nothing_is_wrong_with_the_suite() {
    let whole = qualified();
    assert_eq!(whole.errors(), Vec::<String>::new());
    assert_eq!(whole.complaints(), Vec::<String>::new());
    assert!(whole.faults.len() >= 25 && whole.null_targets.len() == 8);
    assert!(!whole.sockets.faults.is_empty() && !whole.sockets.null_targets.is_empty());
}

#[test]
fn every_requirement_has_faults_that_turn_it_red() {
    for requirement in Catalogue::embedded().requirements() {
        let red = qualified().faults.iter().filter(|fault| {
            fault.requirement == requirement.id
                && fault.kind == FaultKind::Hard
                && fault.killed
                && fault.right_requirement
        });
        let least = match requirement.level {
            Level::Shall => 5,
            Level::May => 2,
            // What is reported and never scored turns nothing red.
            Level::Policy | Level::Context => 0,
        };
        assert!(red.clone().count() >= least, "{}: {}", requirement.id, red.count());
    }
}

#[test]
fn no_kill_of_the_baseline_is_lost() {
    let now = serde_json::to_value(qualified()).unwrap();
    for before in baseline()["faults"].as_array().unwrap() {
        let id = before["id"].as_str().unwrap();
        let after = now["faults"].as_array().unwrap().iter().find(|fault| fault["id"] == id);
        let after = after.unwrap_or_else(|| panic!("{id} is gone"));
        for key in ["requirement", "kind", "killed", "right_requirement"] {
            assert_eq!(after[key], before[key], "{id}: {key}");
        }
        let lost: Vec<&str> = ids(&before["killed_by"]).difference(&ids(&after["killed_by"])).copied().collect();
        assert_eq!(lost, Vec::<&str>::new(), "{id} is not shown by these any more");
    }
    let told = |whole: &Value| -> BTreeSet<String> {
        let rows = whole["faults"].as_array().unwrap().iter().chain(whole["null_targets"].as_array().unwrap());
        rows.map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(told(&now), told(&baseline()), "reports/baseline/qualify.json is not renewed");
}

#[test]
fn every_fault_of_the_catalogue_was_tried() {
    let catalogue = Catalogue::embedded();
    let told = catalogue.requirements().iter().flat_map(|requirement| &requirement.faults);
    let told: BTreeSet<&str> = told.map(|fault| fault.id.as_str()).collect();
    let tried: BTreeSet<&str> = qualified().faults.iter().map(|fault| fault.id.as_str()).collect();
    assert_eq!(tried, told);
    assert!(told.iter().all(|id| matches!(Subject::named(id), Some(Subject::Faulty(_)))));
}
