//! Runs of the features, for those tests that need the results of one.

use cpm_conformance::actors::ids::Ids;
use cpm_conformance::report::comparison;
use cpm_conformance::report::event::Event;
use cpm_conformance::report::run_folder::RunFolder;
use cpm_conformance::report::{Reporter, Results, RunInfo, ScenarioResult, Selection as Selected};
use cpm_conformance::run::{self, LinkKind, Options, Selection};
use cpm_conformance::stage::trial::Trial;
use cpm_conformance::target::Profile;
use cpm_conformance::verdict::Outcome;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// The references of both roles.
pub fn references() -> Vec<Profile> {
    vec![Profile::reference(), Profile::reference_client()]
}

/// A run of everything against embedded references in virtual time.
pub fn virtually(profiles: Vec<Profile>, seed: u64, jobs: usize, output: &Path) -> Options {
    Options {
        profiles,
        embedded: true,
        program: Some(PathBuf::from(env!("CARGO_BIN_EXE_cpm-conformance"))),
        selection: Selection::default(),
        jobs: Some(jobs),
        seed: Some(seed),
        output: Some(output.to_owned()),
        fail_fast: false,
        link: LinkKind::Virtual,
        trial: Trial::default(),
        waivers: None,
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
            parts: Vec::new(),
            invocation: Box::default(),
            scenarios: 0,
        },
    }
}

/// With this variable in the environment every seeded run is one of all scenarios.
const WHOLE: &str = "CPM_WHOLE_RUNS";

/// Whether seeded runs are to have everything.
pub fn whole() -> bool {
    std::env::var_os(WHOLE).is_some()
}

/// One of so many scenarios, drawn by the seed. Scenarios share nothing, so that seeded runs need not all have all of them.
pub fn drawn<'a>(ids: impl Iterator<Item = &'a String>, seed: u64, one_of: u64) -> Selection {
    if whole() {
        return Selection::default();
    }
    let mut chance = Ids::new("", seed);
    let drawn: Vec<String> = ids.filter(|_| chance.bits().is_multiple_of(one_of)).map(|id| regex::escape(id)).collect();
    Selection { name: Some(format!("^({})$", drawn.join("|")).parse().unwrap()), ..Selection::default() }
}

/// The features' runner takes the panic hook away while it runs, and runs side by side would keep it: what panics is to be read,
/// also in a test beside.
pub fn heard() {
    drop(std::panic::take_hook());
}

/// Runs, and waits for the results.
pub async fn perform(options: Options) -> Results {
    let (sink, mut events) = mpsc::unbounded_channel::<Event>();
    let draining = tokio::spawn(async move {
        while events.recv().await.is_some() {
            heard();
        }
    });
    let results = run::run(options, sink).await;
    heard();
    if let Err(error) = &results {
        println!("the run broke off: {error}");
    }
    draining.await.unwrap();
    results.unwrap()
}

/// Runs, and leaves the whole report in the folder of the run.
pub async fn reported(options: Options) -> Results {
    reported_against(options, None).await
}

/// The same, held against an earlier run.
pub async fn reported_against(options: Options, before: Option<comparison::Run>) -> Results {
    let mut folder = RunFolder::create(options.output.as_deref().unwrap()).unwrap().against(before);
    let (sink, mut events) = mpsc::unbounded_channel::<Event>();
    let writing = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            heard();
            folder.event(&event).unwrap();
        }
    });
    let results = run::run(options, sink).await;
    heard();
    writing.await.unwrap();
    results.unwrap()
}

/// What did not pass, in words that help.
pub fn troubles(results: &Results) -> Vec<String> {
    let fine = |scenario: &&ScenarioResult| matches!(scenario.outcome, Outcome::Pass | Outcome::NotApplicable);
    let failing = results.scenarios.iter().filter(|scenario| !fine(scenario));
    failing
        .map(|scenario| {
            let found = scenario.findings.iter().map(|f| format!("{}: {} | {}", f.rule, f.expected, f.observed));
            format!(
                "{} {}: {} {}\n{}",
                scenario.id,
                scenario.outcome,
                scenario.reason.as_deref().unwrap_or_default(),
                found.collect::<Vec<_>>().join(" // "),
                scenario.ladder.join("\n")
            )
        })
        .collect()
}

/// Asserts that there are none, and says which there are: printed, since the features' runner takes the panic hook away.
#[track_caller]
pub fn none(troubles: &[String], of: &str) {
    troubles.iter().for_each(|trouble| println!("{of}: {trouble}"));
    assert!(troubles.is_empty(), "{of}");
}
