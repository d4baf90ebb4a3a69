//! The features against the embedded reference, on both links, as a whole and shuffled.

use crate::playing::{none, perform, references, troubles, virtually};
use cpm_conformance::run::{self, LinkKind, Options, Selection};
use cpm_conformance::verdict::Outcome;
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_conforms_over_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let results = perform(Options { link: LinkKind::Sockets, ..virtually(references(), 1, 64, folder.path()) }).await;
    none(&troubles(&results), "alone or over sockets");
    assert!(results.scenarios.len() >= 24);
    strangers_read(&folder.path().join("evidence"));
}

/// tshark finds no malformed frame in the evidence of a run. Where it is not installed, that is said and no more.
fn strangers_read(evidence: &Path) {
    let files: Vec<PathBuf> = std::fs::read_dir(evidence).unwrap().map(|entry| entry.unwrap().path()).collect();
    let next = AtomicUsize::new(0);
    let read = || {
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            stranger_reads(path);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(read);
        scope.spawn(read);
    });
}

fn stranger_reads(path: &Path) {
    let mut tshark = std::process::Command::new("tshark");
    // SIP is wherever the run put it; MSRP is found by its first line.
    // tshark takes each chunk for an envelope of its own, which the first one alone begins. What is malformed on purpose says so.
    let malformed = "_ws.malformed && !(msrp.byte.range && !(msrp.byte.range matches \"^1-\")) \
                         && !(frame.comment contains \"\\\"malformed\\\":\\\"\")";
    // The system may give a port that is registered for something else: what is on it says what it is.
    tshark.args(["-d", "udp.port==1024-65535,sip", "-o", "tcp.try_heuristic_first:TRUE"]);
    tshark.args(["-Y", malformed, "-r"]).arg(path);
    let Ok(output) = tshark.output() else {
        println!("skipped: tshark is not installed");
        return;
    };
    let of = path.display().to_string();
    let failed = (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned());
    none(&failed.into_iter().collect::<Vec<_>>(), &of);
    none(&String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>(), &of);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_conforms_in_virtual_time_whatever_the_seed_and_the_order() {
    let mut verdicts: Option<BTreeMap<String, Outcome>> = None;
    for (seed, jobs) in [(1, 64), (2, 1), (3, 2), (4, 7), (5, 16)] {
        let folder = tempfile::tempdir().unwrap();
        let results = perform(virtually(references(), seed, jobs, folder.path())).await;
        none(&troubles(&results), &format!("seed {seed}, jobs {jobs}"));
        let these = results.scenarios.iter().map(|s| (s.id.clone(), s.outcome)).collect();
        assert_eq!(verdicts.get_or_insert_with(|| BTreeMap::clone(&these)), &these);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_scenario_alone_gives_the_verdict_that_it_gives_among_others() {
    let planned = run::plan(&Selection::default(), &references(), true).unwrap();
    for planned in planned {
        let folder = tempfile::tempdir().unwrap();
        let mut options = virtually(references(), 9, 1, folder.path());
        let exact = format!("^{}$", regex::escape(&planned.written.id));
        options.selection.name = Some(regex::Regex::new(&exact).unwrap());
        let results = perform(options).await;
        assert_eq!(results.scenarios.len(), 1);
        none(&troubles(&results), "alone or over sockets");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conference_factory_is_where_the_profile_has_it() {
    let mut profiles = references();
    for profile in &mut profiles {
        profile.network.psi.factory = Some(serde_json::from_str(r#""sip:rooms@groups.example.com""#).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(profiles, 3, 8, folder.path());
    options.selection.name = Some("^TP-CPM-CONV-058(a-04.restart-with-the-list|c-06)".parse().unwrap());
    let results = perform(options).await;
    none(&troubles(&results), "a factory of another name");
    assert!(results.scenarios.iter().filter(|scenario| scenario.outcome == Outcome::Pass).count() > 3);
}
