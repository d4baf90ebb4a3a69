//! No verdict depends on the words that a target chooses: whole runs, in which the references say everything in other
//! legal words.

use crate::playing::{drawn, none, perform, references, virtually};
use cpm_conformance::evidence::{Direction, Octets, Protocol, What, pcapng};
use cpm_conformance::report::ScenarioResult;
use cpm_conformance::run::{Options, Selection};
use cpm_conformance::stage::rewriting::Variety;
use cpm_conformance::stage::rewriting::freedoms::{Freedom, Freedoms};
use cpm_conformance::stage::trial::Trial;
use cpm_conformance::verdict::Outcome;
use cpm_wire::msrp::Framer;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// So many runs, in each of which the scenarios begin in another order.
const RUNS: u64 = 500;
/// Each run is one of a part of the scenarios, one of so many.
const ONE_OF: u64 = 10;

/// Freedoms for which no scenario gives occasion: nobody in them has a display name; the references wait with a message
/// for the answer to the one before, and open each connection of MSRP with a SEND of their own.
const NO_OCCASION: [Freedom; 4] =
    [Freedom::SipDisplayQuotes, Freedom::CpimFormalName, Freedom::MsrpInterleaving, Freedom::MsrpOpeningSend];

/// Each selected scenario with what became of it.
async fn outcomes(seed: u64, selection: Selection, variety: Option<Variety>) -> Vec<ScenarioResult> {
    let mut options = Options { output: None, ..virtually(references(), seed, 64, Path::new("")) };
    options.selection = selection;
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
        outcomes(1, Selection::default(), None).await.into_iter().map(|result| (result.id, result.outcome)).collect();
    let variety = Variety::of(Freedoms::all());
    let (mut others, mut times) = (Vec::new(), BTreeMap::<String, u64>::new());
    for seed in (1..=RUNS).step_by(2) {
        let run = |seed| outcomes(seed, drawn(plain.keys(), seed, ONE_OF), Some(variety.clone()));
        let (one, other) = tokio::join!(run(seed), run(seed + 1));
        for (seed, results) in [(seed, one), (seed + 1, other)] {
            for result in &results {
                *times.entry(result.id.clone()).or_default() += 1;
            }
            let other = results.iter().filter(|result| plain.get(&result.id) != Some(&result.outcome));
            others.extend(other.map(|result| told(seed, result, plain.get(&result.id).copied())));
        }
    }
    none(&others, "what is legal changed a verdict");
    assert!(plain.keys().all(|id| times.get(id).is_some_and(|times| *times > RUNS / ONE_OF / 2)), "{times:?}");
    let unused: Vec<&str> = Freedom::ALL
        .iter()
        .filter(|freedom| !NO_OCCASION.contains(freedom) && variety.uses().of(**freedom) == 0)
        .map(|freedom| freedom.as_str())
        .collect();
    assert_eq!(unused, [""; 0], "freedoms that were never taken");
}

/// The octets that each chunk from the target carried.
fn chunk_sizes(evidence: &Path) -> BTreeSet<usize> {
    let (_, records) = pcapng::read(&std::fs::read(evidence).unwrap()).unwrap();
    let mut streams: BTreeMap<(String, Option<u64>), Framer> = BTreeMap::new();
    let mut sizes = BTreeSet::new();
    for record in records {
        let What::Octets(Octets {
            actor,
            protocol: Protocol::Msrp,
            direction: Direction::Received,
            connection,
            octets,
            ..
        }) = record.what
        else {
            continue;
        };
        let stream = streams.entry((actor.to_string(), connection)).or_default();
        stream.push(octets);
        while let Some(Ok(message)) = stream.next() {
            sizes.extend(message.body().map(|body| body.len()));
        }
    }
    sizes
}

/// A message of more than a megabyte comes in chunks of any size: some seeds make one of a megabyte exactly, others single
/// octets.
#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_of_a_megabyte_and_one_of_an_octet_are_delivered_like_any_other() {
    const ID: &str = "TP-CPM-CONV-058-16.more-than-a-megabyte";
    const MEGABYTE: usize = 1_048_576;
    let variety = Variety::of(Freedoms::only(Freedom::MsrpChunks));
    let mut sizes = BTreeSet::new();
    for seed in 1..=100 {
        let folder = tempfile::tempdir().unwrap();
        let mut options = virtually(references(), seed, 1, folder.path());
        options.selection = Selection { name: Some(ID.parse().unwrap()), ..Selection::default() };
        options.trial = Trial { variety: Some(variety.clone()), ..Trial::default() };
        let results = perform(options).await.scenarios;
        let wanted = results.iter().find(|result| result.id == ID).unwrap();
        let failed = Some(wanted).filter(|result| result.outcome != Outcome::Pass);
        none(
            &failed.map(|result| told(seed, result, Some(Outcome::Pass))).into_iter().collect::<Vec<_>>(),
            "in chunks",
        );
        let files = std::fs::read_dir(folder.path().join("evidence")).unwrap();
        sizes.extend(files.flat_map(|file| chunk_sizes(&file.unwrap().path())));
    }
    assert!(sizes.contains(&1) && sizes.contains(&MEGABYTE), "{sizes:?}");
    assert!(sizes.range(64 * 1024 + 1..MEGABYTE).count() > 10, "{sizes:?}");
}
