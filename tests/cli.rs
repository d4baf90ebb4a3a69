//! The command line as a user and his CI meet it: what is printed, and how the program ends.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use pretty_assertions::assert_eq;

fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cpm-conformance")).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A file in a folder of this test alone.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// The one place in which what differs from machine to machine is taken out of a text.
fn redacted(text: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli");
    text.replace(folder.to_str().unwrap(), "[folder]").replace(env!("CARGO_PKG_VERSION"), "[version]")
}

#[test]
fn bad_usage_is_4_and_help_is_0() {
    let table: [(&[&str], i32); 15] = [
        (&["--help"], 0),
        (&["--version"], 0),
        (&["run", "--help"], 0),
        (&[], 4),
        (&["walk"], 4),
        (&["run", "--frob"], 4),
        (&["run", "--jobs", "0"], 4),
        (&["run", "--seed", "many"], 4),
        (&["run", "--name", "("], 4),
        (&["run", "--requirement", "CPM-CONV-059"], 4),
        (&["list", "walls"], 4),
        (&["serve", "everybody"], 4),
        (&["serve", "client", "--fault", "nothing-known"], 4),
        (&["qualify", "--fault", "nothing-known"], 4),
        (&["qualify", "--link", "paper"], 4),
    ];
    for (arguments, code) in table {
        assert_eq!(program(arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn the_help_names_every_option_and_the_exit_codes() {
    insta::assert_snapshot!(redacted(&out(&program(&["--help"]))));
    insta::assert_snapshot!(redacted(&out(&program(&["run", "--help"]))));
}

#[test]
fn a_broken_profile_is_4_with_its_place_and_what_is_allowed() {
    let served = include_str!("../fixtures/targets/served.yaml");
    let table = [
        ("unknown_key", served.replace("vendor:", "vender:")),
        ("wrong_type", served.replace("answer_ms: 5000", "answer_ms: soon")),
        ("bad_value", served.replace("drain_order: completion", "drain_order: alphabetical")),
        ("missing_answer", served.replace("  drain_order: completion\n", "")),
        ("no_yaml", "{".to_owned()),
        ("topology", served.replace("topology: isc_direct", "topology: ims_core")),
    ];
    let mut told = String::new();
    for (name, text) in table {
        let path = file(&format!("{name}.yaml"), &text);
        let output = program(&["run", "--target", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(4), "{name}");
        told.push_str(&complaint(&output));
    }
    let missing = program(&["run", "--target", "no/such/profile.yaml"]);
    assert_eq!(missing.status.code(), Some(4));
    told.push_str(&complaint(&missing));
    insta::assert_snapshot!(redacted(&told));
}

#[test]
fn a_configuration_that_cannot_be_read_is_4() {
    let output = program(&["serve", "participating-function", "--config", "no/such/configuration.yaml"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(complaint(&output).contains("no/such/configuration.yaml"));
}

#[test]
fn every_list_is_told_to_people_and_to_programs() {
    for (what, some) in [
        ("requirements", "CPM-CONV-058a"),
        ("interpretations", "L32"),
        ("scenarios", "TP-CPM-CONV-058-01.offline-from-the-start"),
        ("steps", "registers"),
        ("rules", "missed_group_content.complete"),
        ("faults", "loses-one-in-ten"),
    ] {
        let text = program(&["list", what]);
        assert!(text.status.success() && out(&text).contains(some), "{what}");
        let json = program(&["list", what, "--format", "json"]);
        let rows: serde_json::Value = serde_json::from_str(&out(&json)).unwrap();
        assert!(rows.as_array().is_some_and(|rows| !rows.is_empty()), "{what}");
        assert!(out(&json).contains(some), "{what}");
    }
}

#[test]
fn nothing_selected_is_6_and_leaves_no_folder() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cli-nothing");
    for option in [["--name", "no scenario is called that"], ["--tags", "@no-such-tag"]] {
        let output = program(&["run", option[0], option[1], "--output", folder.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(6), "{option:?}: {}", complaint(&output));
        assert!(!folder.exists());
        assert_eq!(program(&["run", "--plan", option[0], option[1]]).status.code(), Some(6));
    }
}

#[test]
fn the_plan_says_what_would_run_and_runs_nothing() {
    let output = program(&["run", "--plan", "--requirement", "CPM-CONV-058a"]);
    assert!(output.status.success());
    let text = out(&output);
    assert!(text.contains("runs           TP-CPM-CONV-058a-02.in-order"), "{text}");
    assert!(!text.contains("TP-CPM-CONV-058-01"));
}

#[test]
fn a_fault_is_tried_by_itself_and_the_matrix_is_written() {
    let folder = file("none", "").with_file_name("qualified");
    let output = program(&["qualify", "--fault", "forgets-on-restart", "--output", folder.to_str().unwrap()]);
    assert_eq!((output.status.code(), complaint(&output).as_str()), (Some(0), ""), "{}", out(&output));
    assert!(out(&output).contains("CPM-CONV-058 forgets-on-restart  by TP-CPM-CONV-058-20"), "{}", out(&output));
    let json = fs::read_to_string(folder.join("qualify.json")).unwrap();
    let whole: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(whole.pointer("/faults/0/killed"), Some(&serde_json::Value::Bool(true)), "{json}");
    assert!(fs::read_to_string(folder.join("qualify.html")).unwrap().contains("forgets-on-restart"));
}
