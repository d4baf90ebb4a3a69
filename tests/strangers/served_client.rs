//! A client in a process of its own, and the suite in another: with hooks that stand for its user, without them, and
//! when nobody comes at all.

use crate::peers::served::{Serving, free};
use pretty_assertions::assert_eq;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cpm-conformance");

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("served-client").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// `serve client`, and the profile that fits it.
struct Served {
    _serving: Serving,
    profile: String,
}

impl Served {
    /// `more` is put before the configuration.
    fn start(folder: &Path, more: &str) -> Served {
        let network = free().to_string();
        let config = include_str!("../../fixtures/serve_client.yaml")
            .replace("127.0.0.1:5090", "127.0.0.1:0")
            .replace("127.0.0.1:2856", "127.0.0.1:0")
            .replace("127.0.0.1:5091", "127.0.0.1:0")
            .replace("127.0.0.1:5071", &network);
        fs::write(folder.join("client.yaml"), format!("{more}{config}")).unwrap();
        let serving = Serving::start("client", &folder.join("client.yaml"), []);
        assert_eq!(serving.ready["role"], "client");
        let profile = profile_at(&network).replace("127.0.0.1:5091", serving.ready["control"].as_str().unwrap());
        Served { _serving: serving, profile }
    }
}

fn profile_at(network: &str) -> String {
    include_str!("../../fixtures/targets/served_client.yaml").replace("127.0.0.1:5071", network)
}

fn run(folder: &Path, profile: &str, more: &[&str]) -> Output {
    fs::write(folder.join("profile.yaml"), profile).unwrap();
    Command::new(PROGRAM)
        .args(["run", "--target"])
        .arg(folder.join("profile.yaml"))
        .arg("--output")
        .arg(folder.join("run"))
        .args(more)
        .output()
        .unwrap()
}

/// The scenarios of a role with what they came to.
fn outcomes(folder: &Path, role: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join("run/results.json")).unwrap();
    let results: serde_json::Value = serde_json::from_str(&text).unwrap();
    let word = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let of_role = results["scenarios"].as_array().unwrap().iter().filter(|scenario| scenario["role"] == role);
    of_role.map(|scenario| (word(&scenario["id"]), word(&scenario["verdict"]))).collect()
}

#[test]
fn a_client_in_another_process_is_judged_whole() {
    let folder = folder("whole");
    let served = Served::start(&folder, "");
    let output = run(&folder, &served.profile, &[]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let own = outcomes(&folder, "client");
    assert!(own.len() >= 12 && own.iter().all(|(_, verdict)| verdict == "pass"), "{own:?}");
    // Of the participating function nothing is said.
    assert!(outcomes(&folder, "participating-function").iter().all(|(_, verdict)| verdict == "not_applicable"));
}

#[test]
fn without_hooks_a_client_is_judged_by_what_it_sends_and_no_more() {
    let folder = folder("mute");
    let served = Served::start(&folder, "register_at_start: true\n");
    let (profile, _) = served.profile.split_once("\ncontrol:").unwrap();
    let output = run(&folder, profile, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    let own = outcomes(&folder, "client");
    let with = |word: &str| own.iter().filter(|(_, verdict)| verdict == word).count();
    assert!(with("pass") > 0 && with("inconclusive") > 0, "{own:?}");
    assert_eq!(with("pass") + with("inconclusive"), own.len(), "{own:?}");
    // What nobody could show is not passed: the row of a restart needs a user who restarts.
    let restart = own.iter().find(|(id, _)| id.starts_with("TP-CPM-CONV-058c-03")).unwrap();
    assert_eq!(restart.1, "inconclusive");
}

#[test]
fn a_client_that_never_comes_is_inconclusive() {
    let folder = folder("nobody");
    let profile = profile_at(&free().to_string()).replace("answer_ms: 5000", "answer_ms: 300");
    let (profile, _) = profile.split_once("\ncontrol:").unwrap();
    let output = run(&folder, profile, &["--requirement", "CPM-CONV-058c"]);
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(outcomes(&folder, "client").iter().all(|(_, verdict)| verdict == "inconclusive"));
}
