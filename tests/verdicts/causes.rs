//! Failures are told by cause: what one seeded fault does wrong stands on one card, and what two do on two.
//! With `CPM_WHOLE_RUNS` in the environment every fault of the catalogue is tried.

use crate::playing::{none, perform, references, virtually, whole};
use cpm_conformance::qualify;
use cpm_conformance::report::ScenarioResult;
use cpm_conformance::report::causes::{Cause, causes};
use cpm_conformance::requirements::{Catalogue, FaultKind};
use cpm_conformance::run::LinkKind;
use cpm_conformance::stage::trial::Trial;
use cpm_conformance::verdict::Outcome;
use std::collections::BTreeSet;

/// One fault of so many is tried.
const ONE_OF: usize = 60;

/// Of the scenarios of other requirements a fault meets one in so many.
const OTHERS: u64 = 60;

/// What failed under each fault that has to fail.
async fn failures() -> Vec<(&'static str, Vec<ScenarioResult>)> {
    let catalogue = Catalogue::embedded();
    let is_hard = |id: &str| catalogue.fault(id).is_some_and(|(_, own)| own.kind == FaultKind::Hard);
    let folder = tempfile::tempdir().unwrap();
    let every = if whole() { 1 } else { ONE_OF };
    let cases = qualify::everything(LinkKind::Virtual).into_iter().filter(|case| !case.again);
    let hard = cases.filter(|case| case.subject.fault().is_some_and(|fault| is_hard(fault.id)));
    let mut failures = Vec::new();
    for case in qualify::narrowed(hard.step_by(every).collect(), OTHERS).unwrap() {
        let profiles = references().into_iter().filter(|own| case.subject.role() == Some(own.role)).collect();
        let mut options = virtually(profiles, 1, 8, folder.path());
        options.selection = case.selection;
        options.trial = Trial { subject: case.subject, ..Trial::default() };
        let mut scenarios = perform(options).await.scenarios;
        scenarios.retain(|own| own.outcome == Outcome::Fail);
        let id = case.subject.fault().unwrap().id;
        println!("{id}: {} failed", scenarios.len());
        failures.push((id, scenarios));
    }
    failures
}

fn rules<'a>(causes: &[Cause<'a>]) -> BTreeSet<&'a str> {
    causes.iter().flat_map(|cause| cause.rules.keys().copied()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fault_is_one_cause_and_two_are_two() {
    let failures = failures().await;
    let mut counts: Vec<usize> = Vec::new();
    for (id, scenarios) in &failures {
        let causes = causes(scenarios, Outcome::Fail);
        let told: Vec<_> = causes.iter().map(|cause| (cause.scenarios.len(), &cause.rules)).collect();
        println!("{id}: {told:?}");
        assert!(causes.iter().all(|cause| cause.scenarios.iter().any(|own| own.id == cause.scenario.id)));
        let on_cards: BTreeSet<&str> =
            causes.iter().flat_map(|cause| cause.scenarios.iter().map(|own| own.id.as_str())).collect();
        assert_eq!(on_cards.len(), scenarios.len(), "{id}: a failed scenario stands on no card");
        counts.push(causes.len());
    }
    counts.sort_unstable();
    assert!(counts.len() > 5 && counts[0] > 0, "{counts:?}");
    assert_eq!(counts[counts.len() / 2], 1, "the median: {counts:?}");
    let most = counts.iter().sum::<usize>() * 2;
    assert!(most <= counts.len() * 3, "more than one and a half cards for a fault: {counts:?}");

    let mut joined = Vec::new();
    for pair in failures.windows(2) {
        let [(one, of_one), (other, of_other)] = pair else { continue };
        let (alone, beside) = (causes(of_one, Outcome::Fail), causes(of_other, Outcome::Fail));
        let both: Vec<ScenarioResult> = of_one.iter().chain(of_other).cloned().collect();
        let apart = rules(&alone).is_disjoint(&rules(&beside));
        if apart && causes(&both, Outcome::Fail).len() != alone.len() + beside.len() {
            joined.push(format!("{one} and {other}"));
        }
    }
    let kept_apart = failures.len() - joined.len();
    assert!(kept_apart * 10 >= failures.len() * 8, "{joined:?}");
    none(
        &failures.iter().filter(|(_, own)| own.is_empty()).map(|(id, _)| (*id).to_owned()).collect::<Vec<_>>(),
        "unseen",
    );
}
