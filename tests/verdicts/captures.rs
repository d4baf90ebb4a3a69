//! The tester nowhere, with captures alone (`topology: capture_only`): they never come to a verdict of conformance, and show what is
//! broken.

use crate::playing;
use cpm_conformance::evidence::{Protocol, What, pcapng};
use cpm_conformance::run::Selection;
use cpm_conformance::target::Profile;
use pretty_assertions::assert_eq;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn program(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cpm-conformance")).args(arguments).output().unwrap()
}

/// Evidence of a run as the capture of another program, and the addresses of the target in it.
fn capture_of(evidence: &Path) -> (PathBuf, SocketAddr, SocketAddr) {
    let octets = fs::read(evidence).unwrap();
    let (_, records) = pcapng::read(&octets).unwrap();
    let remote = |protocol: Protocol| {
        records.iter().find_map(|record| match &record.what {
            What::Octets(octets) if octets.protocol == protocol => Some(octets.remote),
            _ => None,
        })
    };
    let (sip, msrp) = (remote(Protocol::Sip).unwrap(), remote(Protocol::Msrp).unwrap());
    let mark = b"cpm-conformance evidence 1";
    let at = octets.windows(mark.len()).position(|window| window == mark).unwrap();
    let mut plain = octets;
    plain[at..at + mark.len()].copy_from_slice(b"a capture of another progr");
    let path = evidence.with_extension("plain");
    fs::write(&path, plain).unwrap();
    (path, sip, msrp)
}

/// Runs a profile of captures in this folder; gives the exit code and the folder of the run.
fn run_captures(folder: &Path, captures: &[PathBuf], sip: SocketAddr, msrp: SocketAddr) -> (Option<i32>, PathBuf) {
    fs::create_dir(folder).unwrap();
    let listed: Vec<String> = captures.iter().map(|path| format!("\"{}\"", path.display())).collect();
    let profile = include_str!("../../fixtures/targets/served.yaml")
        .replace("topology: isc_direct", "topology: capture_only")
        .replace("127.0.0.1:5080", &sip.to_string())
        .replace("127.0.0.1:2855", &msrp.to_string())
        .replace("  quiet_ms: 150\n", &format!("  quiet_ms: 150\n  captures: [{}]\n", listed.join(", ")));
    let (path, run) = (folder.join("profile.yaml"), folder.join("run"));
    fs::write(&path, profile).unwrap();
    let words = ["run", "--target", "--output"].map(Path::new);
    (program(&[words[0], words[1], &path, words[2], &run]).status.code(), run)
}

async fn played(folder: &Path) -> (PathBuf, SocketAddr, SocketAddr) {
    let mut options = playing::virtually(vec![Profile::reference()], 3, 8, folder);
    let scenario = "^TP-PF-SES-01-01.accepted$".parse().unwrap();
    options.selection = Selection { name: Some(scenario), ..Selection::default() };
    playing::perform(options).await;
    capture_of(&folder.join("evidence/TP-PF-SES-01-01.accepted.pcapng"))
}

#[tokio::test]
async fn captures_alone_never_conform_and_show_what_is_broken() {
    let folder = tempfile::tempdir().unwrap();
    let within = |name: &str| folder.path().join(name);
    let results =
        |run: &Path| -> Value { serde_json::from_slice(&fs::read(run.join("results.json")).unwrap()).unwrap() };
    let (good, sip, msrp) = played(&within("played")).await;
    let (code, run) = run_captures(&within("good"), std::slice::from_ref(&good), sip, msrp);
    let found = results(&run);
    assert_eq!((code, found["verdict"].as_str()), (Some(2), Some("inconclusive")), "{:#}", found["scenarios"][0]);
    let of = |id: &str| found["scenarios"].as_array().unwrap().iter().find(|own| own["id"] == id);
    assert_eq!(of("capture-1.PF-SES-05").unwrap()["verdict"], "pass");
    assert_eq!(of("capture-1.base-rules").unwrap()["verdict"], "pass");
    assert_eq!(of("TP-CPM-CONV-058a-01.when-reachable").unwrap()["verdict"], "not_run");
    let requirements = found["requirements"].as_array().unwrap();
    assert!(requirements.iter().all(|own| own["verdict"] != "pass"), "{requirements:#?}");
    assert!(requirements.iter().any(|own| own["id"] == "PF-SES-05" && own["verdict"] == "inconclusive"));
    let verified = program(&[Path::new("report"), Path::new("verify"), &run]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));

    // What the target passed on has a number of hops that is none.
    let mut octets = fs::read(&good).unwrap();
    let (right, wrong) = (b"Max-Forwards: 68", b"Max-Forwards: x8");
    let places: Vec<usize> = (0..octets.len()).filter(|at| octets[*at..].starts_with(right)).collect();
    assert!(!places.is_empty());
    places.iter().for_each(|at| octets[*at..*at + wrong.len()].copy_from_slice(wrong));
    let bad = good.with_file_name("bad.plain");
    fs::write(&bad, octets).unwrap();
    let (code, run) = run_captures(&within("bad"), &[bad], sip, msrp);
    let found = results(&run);
    assert_eq!((code, found["verdict"].as_str()), (Some(1), Some("non_conformant")));
    assert!(found["scenarios"].to_string().contains("base.sip.max_forwards"));

    let (code, _) = run_captures(&within("none"), &[], sip, msrp);
    assert_eq!(code, Some(4));
}
