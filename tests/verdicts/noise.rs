//! The suite over a bad network, in virtual time: whatever is lost, doubled, overtaken or cut on the way, nobody is accused
//! of it. A scenario comes to what it comes to over a good network, or to inconclusive, and then the network is to blame. Over
//! a slow one, which loses nothing, it always comes to the same.

use crate::playing::{drawn, none, perform, references, virtually};
use cpm_conformance::evidence::{Event, What, pcapng};
use cpm_conformance::report::ScenarioResult;
use cpm_conformance::run::Selection;
use cpm_conformance::stage::trial::{Cut, Noise, Trial};
use cpm_conformance::target::Profile;
use cpm_conformance::verdict::{Blame, Outcome};
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// So many runs, each with a seed of its own. The seed decides in which order the scenarios begin, too, and how many are under
/// way at a time differs.
const RUNS: u64 = 200;
/// Each run is one of a part of the scenarios, one of so many.
const ONE_OF: u64 = 8;
/// In one run of so many every stream comes octet by octet; whatever the jobs, of which there are five numbers.
const OCTET_BY_OCTET: u64 = 19;

/// So many runs over a network that is only slow.
const SLOW_RUNS: u64 = 10;

/// Nothing is lost, but everything takes up to 60 ms, and every second datagram four times as long: signalling lags behind
/// what it is about.
const SLOW: Noise = Noise { loss: 0, duplication: 0, reordering: 500, delay_ms: 0, jitter_ms: 60, cut: Cut::Nowhere };

/// The network of the run with this seed.
fn bad(seed: u64) -> Noise {
    let cut = if seed.is_multiple_of(OCTET_BY_OCTET) { Cut::Everywhere } else { Cut::Anywhere };
    Noise { cut, ..Noise::bad() }
}

/// The references as a user would describe them behind such a network: 140 ms there and back, where a lost datagram is sent
/// again after 0.5 s, 1.5 s, 3.5 s, 7.5 s (RFC 3261 section 17.1.1.2, T1 500 ms).
fn behind_a_bad_network() -> Vec<Profile> {
    let mut profiles = references();
    for profile in &mut profiles {
        let network = &mut profile.network;
        network.rtt_allowance_ms = 2_000;
        network.answer_ms = 20_000;
        network.drain_ms = 30_000;
        network.quiet_ms = 10_000;
        network.no_answer_ms = 30_000;
        network.retry_ms = 20_000;
        network.expiry_ms = 120_000;
        network.msrp_response_ms = 30_000;
        // A notice of a change that is lost is sent again, too.
        profile.provisioning.settle = Duration::from_secs(20);
    }
    profiles
}

/// What a run over this network came to, and how many datagrams the network lost in it.
async fn over(noise: Option<Noise>, seed: u64, selection: Selection) -> (Vec<ScenarioResult>, u64) {
    let folder = tempfile::tempdir().unwrap();
    let jobs = [1, 2, 7, 16, 64].into_iter().cycle().nth(usize::try_from(seed).unwrap()).unwrap();
    let mut options = virtually(behind_a_bad_network(), seed, jobs, folder.path());
    options.selection = selection;
    options.trial = Trial { noise, shuffled: noise.is_some(), ..Trial::default() };
    let results = perform(options).await;
    let files = std::fs::read_dir(folder.path().join("evidence")).unwrap();
    (results.scenarios, files.map(|file| lost_in(&file.unwrap().path())).sum())
}

fn lost_in(evidence: &Path) -> u64 {
    let (_, records) = pcapng::read(&std::fs::read(evidence).unwrap()).unwrap();
    let lost = records.iter().map(|record| match record.what {
        What::Event(Event::NetworkLost { datagrams }) => datagrams,
        _ => 0,
    });
    lost.sum()
}

fn told(scenario: &ScenarioResult) -> String {
    let found = scenario.findings.iter().map(|f| format!("{}: {} | {}", f.rule, f.expected, f.observed));
    let (blame, reason) = (scenario.blame, scenario.reason.as_deref().unwrap_or_default());
    let found = found.collect::<Vec<_>>().join(" // ");
    format!("{} {} {blame:?}: {reason} {found}\n{}", scenario.id, scenario.outcome, scenario.ladder.join("\n"))
}

/// All runs together.
#[derive(Default)]
struct Tally {
    accused: Vec<String>,
    same: usize,
    all: usize,
    lost: u64,
}

impl Tally {
    fn count(&mut self, plain: &BTreeMap<String, Outcome>, seed: u64, (scenarios, lost): (Vec<ScenarioResult>, u64)) {
        self.lost += lost;
        self.all += scenarios.len();
        for scenario in scenarios {
            let excused = (scenario.outcome, scenario.blame) == (Outcome::Inconclusive, Some(Blame::Network));
            if plain.get(&scenario.id) == Some(&scenario.outcome) {
                self.same += 1;
            } else if !excused {
                self.accused.push(format!("seed {seed}: {}", told(&scenario)));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_accused_of_what_the_network_did() {
    let (plain, lost) = over(None, 1, Selection::default()).await;
    assert_eq!(lost, 0);
    let plain: BTreeMap<String, Outcome> = plain.into_iter().map(|scenario| (scenario.id, scenario.outcome)).collect();
    let mut tally = Tally::default();
    for seed in (1..=RUNS).step_by(2) {
        let run = |seed| over(Some(bad(seed)), seed, drawn(plain.keys(), seed, ONE_OF));
        let (one, other) = tokio::join!(run(seed), run(seed + 1));
        tally.count(&plain, seed, one);
        tally.count(&plain, seed + 1, other);
    }
    none(&tally.accused, "over a bad network");
    let Tally { same, all, lost, .. } = tally;
    println!("{same} of {all} outcomes are those over a good network; {lost} datagrams were lost");
    assert!(lost > 5 * RUNS);
    assert!(same * 10 >= all * 9, "noise excuses too much");
}

/// Where nothing is lost, nothing excuses anybody: all outcomes are those of a network that takes no time.
#[tokio::test(flavor = "multi_thread")]
async fn over_a_slow_network_everything_comes_to_the_same() {
    let (plain, _) = over(None, 1, Selection::default()).await;
    let plain: BTreeMap<String, Outcome> = plain.into_iter().map(|scenario| (scenario.id, scenario.outcome)).collect();
    let mut tally = Tally::default();
    for seed in (1..=SLOW_RUNS).step_by(2) {
        let run = |seed| over(Some(SLOW), seed, Selection::default());
        let (one, other) = tokio::join!(run(seed), run(seed + 1));
        tally.count(&plain, seed, one);
        tally.count(&plain, seed + 1, other);
    }
    none(&tally.accused, "over a slow network");
    assert_eq!((tally.same, tally.lost), (tally.all, 0));
}
