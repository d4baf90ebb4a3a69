//! No verdict depends on the words that a target chooses: whole runs, in which the references say everything in other
//! legal words.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod playing;

use cpm_conformance::report::ScenarioResult;
use cpm_conformance::stage::rewriting::Variety;
use cpm_conformance::stage::rewriting::freedoms::{Freedom, Freedoms};
use cpm_conformance::stage::trial::Trial;
use cpm_conformance::verdict::Outcome;
use playing::{none, perform, references, virtually};
use std::collections::BTreeMap;

/// So many whole runs, in each of which the scenarios begin in another order.
const RUNS: u64 = 500;

/// Freedoms for which no scenario gives occasion: nobody in them has a display name; the references wait with a message
/// for the answer to the one before, and open each connection of MSRP with a SEND of their own.
const NO_OCCASION: [Freedom; 4] =
    [Freedom::SipDisplayQuotes, Freedom::CpimFormalName, Freedom::MsrpInterleaving, Freedom::MsrpOpeningSend];

/// Each scenario with what became of it.
async fn outcomes(seed: u64, variety: Option<Variety>) -> Vec<ScenarioResult> {
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(references(), seed, 64, folder.path());
    options.trial = Trial { shuffled: variety.is_some(), variety, ..Trial::default() };
    perform(options).await.scenarios
}

/// What a scenario came to, in words that let it be run again with one freedom alone.
fn told(seed: u64, result: &ScenarioResult, plain: Option<Outcome>) -> String {
    let found = result.findings.iter().map(|f| format!("{}: {} | {}", f.rule, f.expected, f.observed));
    format!(
        "seed {seed}, {}: {} and not {plain:?}; {} {}\n{}",
        result.id,
        result.outcome,
        result.reason.as_deref().unwrap_or_default(),
        found.collect::<Vec<_>>().join(" // "),
        result.ladder.join("\n")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verdict_is_that_of_the_plain_run() {
    let plain: BTreeMap<String, Outcome> =
        outcomes(1, None).await.into_iter().map(|result| (result.id, result.outcome)).collect();
    let variety = Variety::of(Freedoms::all());
    let mut others = Vec::new();
    for seed in (1..=RUNS).step_by(2) {
        let run = |seed| outcomes(seed, Some(variety.clone()));
        let (one, other) = tokio::join!(run(seed), run(seed + 1));
        for (seed, results) in [(seed, one), (seed + 1, other)] {
            assert_eq!(results.len(), plain.len());
            let other = results.iter().filter(|result| plain.get(&result.id) != Some(&result.outcome));
            others.extend(other.map(|result| told(seed, result, plain.get(&result.id).copied())));
        }
    }
    none(&others, "what is legal changed a verdict");
    let unused: Vec<&str> = Freedom::ALL
        .iter()
        .filter(|freedom| !NO_OCCASION.contains(freedom) && variety.uses().of(**freedom) == 0)
        .map(|freedom| freedom.as_str())
        .collect();
    assert_eq!(unused, [""; 0], "freedoms that were never taken");
}
