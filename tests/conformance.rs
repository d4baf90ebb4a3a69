//! The features against the embedded reference, on both links, as a whole and shuffled.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use cpm_conformance::report::event::Event;
use cpm_conformance::report::{Results, RunInfo, Selection as Selected};
use cpm_conformance::run::{self, LinkKind, Options, Selection};
use cpm_conformance::target::Profile;
use cpm_conformance::verdict::Outcome;
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

fn options(link: LinkKind, seed: u64, jobs: usize, output: &Path) -> Options {
    Options {
        profile: Profile::reference(),
        embedded: true,
        program: Some(PathBuf::from(env!("CARGO_BIN_EXE_cpm-conformance"))),
        selection: Selection::default(),
        jobs: Some(jobs),
        seed: Some(seed),
        output: output.to_owned(),
        fail_fast: false,
        link,
        info: RunInfo {
            id: "test".to_owned(),
            started: "2026-01-01T00:00:00.000Z".to_owned(),
            duration_ms: 0,
            seed,
            jobs,
            shard: "1/1".to_owned(),
            selection: Selected::Full,
            suite_version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: String::new(),
            scenarios: 0,
        },
    }
}

async fn perform(options: Options) -> Results {
    let (sink, mut events) = mpsc::unbounded_channel::<Event>();
    let draining = tokio::spawn(async move { while events.recv().await.is_some() {} });
    let results = run::run(options, sink).await.unwrap();
    draining.await.unwrap();
    results
}

/// What did not pass, in words that help.
fn troubles(results: &Results) -> Vec<String> {
    results
        .scenarios
        .iter()
        .filter(|scenario| !matches!(scenario.outcome, Outcome::Pass | Outcome::NotApplicable))
        .map(|scenario| {
            let found = scenario.findings.iter().map(|f| format!("{}: {} | {}", f.rule, f.expected, f.observed));
            format!(
                "{} {}: {}\n{}",
                scenario.id,
                scenario.outcome,
                found.collect::<Vec<_>>().join(" // "),
                scenario.ladder.join("\n")
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_conforms_over_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let results = perform(options(LinkKind::Sockets, 1, 64, folder.path())).await;
    assert_eq!(troubles(&results), Vec::<String>::new());
    assert!(results.scenarios.len() >= 24);
    strangers_read(&folder.path().join("evidence"));
}

/// tshark finds no malformed frame in the evidence of a run. Where it is not installed, that is said and no more.
fn strangers_read(evidence: &Path) {
    for entry in std::fs::read_dir(evidence).unwrap() {
        let path = entry.unwrap().path();
        let mut tshark = std::process::Command::new("tshark");
        // SIP is wherever the run put it; MSRP is found by its first line.
        tshark.args(["-d", "udp.port==1024-65535,sip", "-Y", "_ws.malformed", "-r"]).arg(&path);
        let Ok(output) = tshark.output() else {
            println!("skipped: tshark is not installed");
            return;
        };
        assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_conforms_in_virtual_time_whatever_the_seed_and_the_order() {
    let mut verdicts: Option<BTreeMap<String, Outcome>> = None;
    for (seed, jobs) in [(1, 64), (2, 1), (3, 2), (4, 7), (5, 16)] {
        let folder = tempfile::tempdir().unwrap();
        let results = perform(options(LinkKind::Virtual, seed, jobs, folder.path())).await;
        assert_eq!(troubles(&results), Vec::<String>::new(), "seed {seed}, jobs {jobs}");
        let these = results.scenarios.iter().map(|s| (s.id.clone(), s.outcome)).collect();
        assert_eq!(verdicts.get_or_insert_with(|| BTreeMap::clone(&these)), &these);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_scenario_alone_gives_the_verdict_that_it_gives_among_others() {
    let planned = run::plan(&Selection::default(), &Profile::reference(), true).unwrap();
    for planned in planned {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options(LinkKind::Virtual, 9, 1, folder.path());
        let exact = format!("^{}$", regex::escape(&planned.written.id));
        options.selection.name = Some(regex::Regex::new(&exact).unwrap());
        let results = perform(options).await;
        assert_eq!(results.scenarios.len(), 1);
        assert_eq!(troubles(&results), Vec::<String>::new());
    }
}
