//! Live equals replay: whoever has the evidence of a scenario alone comes to what the run came to, to the field. Runs of all
//! sorts, so that every verdict is compared.

use crate::playing::{none, perform, references, troubles, virtually};
use cpm_conformance::evidence::{Event, Octets, Record, What, pcapng};
use cpm_conformance::judging;
use cpm_conformance::report::{Results, ScenarioResult};
use cpm_conformance::requirements::{Catalogue, FaultKind};
use cpm_conformance::rules;
use cpm_conformance::run::{LinkKind, Options};
use cpm_conformance::stage::null_targets::NullTarget;
use cpm_conformance::stage::trial::{Noise, Subject, Trial};
use cpm_conformance::target::Role;
use cpm_conformance::verdict::{FindingVerdict, Outcome};
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How often each verdict, of scenarios and of findings, was compared.
#[derive(Debug, Default)]
struct Compared {
    outcomes: BTreeMap<&'static str, usize>,
    findings: BTreeMap<&'static str, usize>,
}

impl Compared {
    fn outcome(&self, outcome: Outcome) -> usize {
        self.outcomes.get(outcome.as_str()).copied().unwrap_or(0)
    }

    fn finding(&self, verdict: FindingVerdict) -> usize {
        self.findings.get(verdict.as_str()).copied().unwrap_or(0)
    }

    /// Judges every scenario of a run again from its file.
    fn compare(&mut self, results: &Results, folder: &Path) {
        for live in results.scenarios.iter().filter(|scenario| scenario.outcome.ran() && scenario.reason_is_seen()) {
            let replayed = judged_again(live, folder);
            if replayed != *live {
                // The runner of the features takes the panic hook away.
                println!("{}: live\n{live:#?}\nreplayed\n{replayed:#?}", live.id);
            }
            assert!(replayed == *live, "{}", live.id);
            *self.outcomes.entry(live.outcome.as_str()).or_default() += 1;
            for finding in &live.findings {
                *self.findings.entry(finding.verdict.as_str()).or_default() += 1;
            }
        }
    }
}

/// Whether a scenario ran, or is inconclusive by the statement alone.
trait Seen {
    fn reason_is_seen(&self) -> bool;
}

impl Seen for ScenarioResult {
    fn reason_is_seen(&self) -> bool {
        let by_statement = |reason: &String| reason.starts_with("not observable: the statement says");
        !self.reason.as_ref().is_some_and(by_statement)
    }
}

fn judged_again(live: &ScenarioResult, folder: &Path) -> ScenarioResult {
    let evidence = live.evidence.clone().unwrap();
    let (header, records) = pcapng::read(&std::fs::read(folder.join(&evidence.pcapng)).unwrap()).unwrap();
    judging::result(&header, &records, Some(evidence), live.duration_ms)
}

/// A run, and the same judged again.
async fn run(compared: &mut Compared, change: impl FnOnce(&mut Options)) -> Results {
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(references(), 11, 16, folder.path());
    change(&mut options);
    let results = perform(options).await;
    compared.compare(&results, folder.path());
    results
}

async fn with(compared: &mut Compared, trial: Trial) -> Results {
    run(compared, |options| {
        let role = trial.subject.role();
        options.profiles.retain(|profile| role.is_none_or(|role| profile.role == role));
        options.trial = trial;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_run_of_both_roles() {
    let mut compared = Compared::default();
    let results = run(&mut compared, |_| {}).await;
    none(&troubles(&results), "a whole run");
    assert!(compared.outcome(Outcome::Pass) >= 60, "{compared:?}");
}

/// Evidence without the rules that this does not keep. A rule that was awaited is followed by what became of it.
fn keeping(records: &[Record], keep: impl Fn(&str) -> bool) -> Vec<Record> {
    let mut kept = true;
    let wanted = |record: &&Record| {
        match &record.what {
            What::Event(Event::Awaited { rule, .. }) => kept = keep(rule),
            What::Event(Event::Decided { .. }) => return kept,
            _ => return true,
        }
        kept
    };
    records.iter().filter(wanted).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absence_without_its_contrast_is_an_error() {
    let absences: Vec<&str> = rules::catalogue().iter().filter(|rule| rule.absence).map(|rule| rule.id).collect();
    let folder = tempfile::tempdir().unwrap();
    perform(virtually(references(), 12, 16, folder.path())).await;
    let mut told = BTreeMap::new();
    for entry in std::fs::read_dir(folder.path().join("evidence")).unwrap() {
        let (header, records) = pcapng::read(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        assert_eq!(judging::judge(&header, &keeping(&records, |_| true)).outcome, Outcome::Pass);
        let alone = judging::judge(&header, &keeping(&records, |rule| absences.contains(&rule)));
        for finding in alone.findings.iter().filter(|finding| finding.rule == "scenario") {
            assert_eq!(alone.outcome, Outcome::Error, "{}", header.scenario_id);
            *told.entry(finding.observed.clone()).or_insert(0) += 1;
        }
    }
    let contrast = "the scenario asserts an absence and shows no contrast: the same behaviour, seen elsewhere";
    let nothing = "the scenario passed without a single check against the wire";
    println!("{told:?}");
    assert!(told.len() == 2 && told.contains_key(contrast) && told.contains_key(nothing), "{told:?}");
}

/// A notification like the last one, the next in its dialog.
fn next_notification(records: &[Record]) -> Octets {
    let told = records.iter().filter_map(|record| match &record.what {
        What::Octets(octets) if octets.octets.starts_with(b"NOTIFY ") => Some(octets),
        _ => None,
    });
    let last = told.last().unwrap();
    let text = std::str::from_utf8(&last.octets).unwrap();
    let number = text.split_once("CSeq: ").unwrap().1.split_once(' ').unwrap().0;
    let next = format!("CSeq: {} NOTIFY", number.parse::<u32>().unwrap() + 1);
    let text = text.replace(&format!("CSeq: {number} NOTIFY"), &next).replace("z9hG4bK", "z9hG4bKnext");
    Octets { octets: text.into_bytes().into(), ..last.clone() }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_owed_when_there_was_time_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = virtually(references(), 11, 16, folder.path());
    options.selection.name = Some(regex::Regex::new(r"^TP-CPM-CONV-058d-01\.in-the-session$").unwrap());
    options.profiles.retain(|profile| profile.role == Role::Client);
    let results = perform(options).await;
    let evidence = std::fs::read(folder.path().join(&results.scenarios[0].evidence.as_ref().unwrap().pcapng)).unwrap();
    let (header, mut records) = pcapng::read(&evidence).unwrap();
    let over = records.pop().unwrap();
    let answer = header.timers["answer_ms"].as_u64().unwrap();
    records.push(Record { at: over.at, what: What::Octets(next_notification(&records)) });
    let later = |ms: u64| {
        let over = Record { at: over.at + Duration::from_millis(ms), what: over.what.clone() };
        let judged = judging::judge(&header, &[records.as_slice(), &[over]].concat());
        (judged.outcome, judged.findings.into_iter().filter(|found| found.verdict == FindingVerdict::Fail).count())
    };
    assert_eq!(later(answer - 1), (Outcome::Pass, 0));
    assert_eq!(later(answer), (Outcome::Fail, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_over_sockets() {
    let mut compared = Compared::default();
    let results = run(&mut compared, |options| {
        options.link = LinkKind::Sockets;
        options.jobs = Some(64);
    })
    .await;
    none(&troubles(&results), "over sockets");
    assert!(compared.outcome(Outcome::Pass) >= 60, "{compared:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn references_with_faults() {
    let catalogue = Catalogue::embedded();
    let faults = || catalogue.requirements().iter().flat_map(|requirement| &requirement.faults);
    let of = |kind: FaultKind| faults().filter(move |fault| fault.kind == kind).map(|fault| fault.id.as_str());
    // Some of every requirement: the hard ones stand in the order of the catalogue.
    let hard: Vec<&str> = of(FaultKind::Hard).collect();
    let some = hard.iter().step_by(hard.len() / 9).copied();
    let tried: Vec<&str> = of(FaultKind::Soft).take(4).chain(some).collect();
    assert!(tried.len() >= 12, "{tried:?}");
    let mut compared = Compared::default();
    for id in tried {
        let subject = Subject::named(id).unwrap();
        with(&mut compared, Trial { subject, ..Trial::default() }).await;
    }
    assert!(compared.outcome(Outcome::Fail) >= 12, "{compared:?}");
    let seen = [FindingVerdict::Fail, FindingVerdict::Warning].map(|verdict| compared.finding(verdict));
    assert!(seen.iter().all(|count| *count > 0), "{compared:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_that_are_none_and_a_bad_network() {
    let mut compared = Compared::default();
    for null in NullTarget::ALL {
        with(&mut compared, Trial { subject: Subject::Null(null), ..Trial::default() }).await;
    }
    assert!(compared.outcome(Outcome::Inconclusive) > 100, "{compared:?}");
    let noisy = Trial { noise: Some(Noise::bad()), ..Trial::default() };
    with(&mut compared, noisy).await;
    assert!(compared.outcome(Outcome::Pass) > 0, "{compared:?}");
}
