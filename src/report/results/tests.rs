use pretty_assertions::assert_eq;
use serde_json::json;

use super::*;
use crate::report::samples;
use Outcome::{Error, Fail, Inconclusive, NotApplicable, NotRun, Pass, Waived};

fn of(scenarios: Vec<ScenarioResult>, selection: Selection) -> Results {
    of_target(samples::target(), scenarios, selection)
}

fn of_target(target: TargetInfo, scenarios: Vec<ScenarioResult>, selection: Selection) -> Results {
    results(samples::run_of(selection), vec![target], scenarios, &Catalogue::embedded(), &[])
}

/// All test purposes passed, but for these.
fn all_but(other: &[(&str, Outcome)]) -> Vec<ScenarioResult> {
    let mut scenarios = samples::all_passed();
    for (purpose, outcome) in other {
        let place = scenarios.iter_mut().find(|own| own.test_purposes[0] == *purpose).unwrap();
        *place = samples::scenario(purpose, *outcome);
    }
    scenarios
}

fn verdict_of(results: &Results, id: &str) -> Outcome {
    results.requirements.iter().find(|row| row.id == id).unwrap().verdict
}

#[test]
fn what_becomes_of_one_test_purpose_decides_requirement_run_and_exit_code() {
    const POSITIVE: &str = "TP-CPM-CONV-058-01";
    const NEGATIVE: &str = "TP-CPM-CONV-058-07";
    const POLICY: &str = "TP-CPM-CONV-058-05";
    use RunVerdict::{Conformant, NonConformant};
    let table = [
        (POSITIVE, Pass, Pass, Conformant, 0),
        (POSITIVE, Fail, Fail, NonConformant, 1),
        (POSITIVE, Inconclusive, Inconclusive, RunVerdict::Inconclusive, 2),
        (POSITIVE, NotRun, NotRun, RunVerdict::Inconclusive, 2),
        (POSITIVE, Waived, Waived, RunVerdict::Inconclusive, 2),
        (POSITIVE, Error, Error, RunVerdict::Error, 3),
        (POSITIVE, NotApplicable, Pass, Conformant, 0),
        (NEGATIVE, Fail, Fail, NonConformant, 1),
        (NEGATIVE, Inconclusive, Inconclusive, RunVerdict::Inconclusive, 2),
        (NEGATIVE, NotRun, NotRun, RunVerdict::Inconclusive, 2),
        // Policy never carries a requirement, yet what breaks in it is broken.
        (POLICY, NotRun, Pass, RunVerdict::Inconclusive, 2),
        (POLICY, NotApplicable, Pass, Conformant, 0),
        (POLICY, Inconclusive, Pass, RunVerdict::Inconclusive, 2),
        (POLICY, Fail, Fail, NonConformant, 1),
        (POLICY, Error, Error, RunVerdict::Error, 3),
    ];
    for (purpose, outcome, requirement, run, code) in table {
        let results = of(all_but(&[(purpose, outcome)]), Selection::Full);
        let found = (verdict_of(&results, "CPM-CONV-058"), results.verdict, exit_code(&results));
        assert_eq!(found, (requirement, run, code), "{purpose} {outcome}");
        assert_eq!(verdict_of(&results, "CPM-CONV-058a"), Pass, "{purpose} {outcome}");
    }
}

#[test]
fn the_worst_of_several_wins() {
    let (one, other) = ("TP-CPM-CONV-058-01", "TP-CPM-CONV-058a-02");
    let table = [
        (Fail, Inconclusive, RunVerdict::NonConformant, 1),
        (Fail, Error, RunVerdict::Error, 3),
        (Inconclusive, Error, RunVerdict::Error, 3),
        (Inconclusive, NotApplicable, RunVerdict::Inconclusive, 2),
        (Fail, NotRun, RunVerdict::NonConformant, 1),
    ];
    for (left, right, verdict, code) in table {
        for outcomes in [[(one, left), (other, right)], [(one, right), (other, left)]] {
            let results = of(all_but(&outcomes), Selection::Full);
            assert_eq!((results.verdict, exit_code(&results)), (verdict, code), "{left} {right}");
        }
    }
}

#[test]
fn a_part_exits_by_its_results_and_is_never_conformant() {
    let table = [
        (Pass, RunVerdict::PartialPass, 0),
        (Fail, RunVerdict::NonConformant, 1),
        (Inconclusive, RunVerdict::Inconclusive, 2),
        (Waived, RunVerdict::Inconclusive, 2),
        (NotApplicable, RunVerdict::Inconclusive, 2),
        (Error, RunVerdict::Error, 3),
        (NotRun, RunVerdict::Inconclusive, 6),
    ];
    for (outcome, verdict, code) in table {
        let results = of(vec![samples::scenario("TP-CPM-CONV-058-01", outcome)], Selection::Partial);
        assert_eq!((results.verdict, exit_code(&results)), (verdict, code), "{outcome}");
        assert_eq!(serde_json::to_value(&results).unwrap()["run"]["selection"], "partial");
    }
    // Even when the part is everything.
    assert_eq!(of(samples::all_passed(), Selection::Partial).verdict, RunVerdict::PartialPass);
}

#[test]
fn of_a_part_a_requirement_passes_only_when_all_of_its_test_purposes_did() {
    let one = vec![samples::scenario("TP-CPM-CONV-058-01", Pass)];
    let results = of(one, Selection::Partial);
    assert_eq!(results.requirements.len(), 1);
    assert_eq!(verdict_of(&results, "CPM-CONV-058"), NotRun);
    assert!(results.requirements[0].reason.as_ref().unwrap().contains(" test purposes passed"));
    let own = |scenario: &ScenarioResult| scenario.requirements[0] == "CPM-CONV-058a";
    let whole = samples::all_passed().into_iter().filter(own).collect();
    assert_eq!(verdict_of(&of(whole, Selection::Partial), "CPM-CONV-058a"), Pass);
}

#[test]
fn nothing_selected_is_6_and_nothing_run_is_never_0() {
    assert_eq!(exit_code(&of(Vec::new(), Selection::Partial)), 6);
    assert_eq!(exit_code(&of(Vec::new(), Selection::Full)), 6);
    let mut all = samples::all_passed();
    all.iter_mut().for_each(|scenario| scenario.outcome = NotApplicable);
    let results = of(all, Selection::Full);
    assert_eq!((results.verdict, exit_code(&results)), (RunVerdict::Inconclusive, 2));
    assert!(results.reasons.contains(&"no scenario ran".to_owned()));
}

#[test]
fn absences_alone_never_carry_a_requirement() {
    let mut catalogue = Catalogue::embedded().requirement("CPM-CONV-058").unwrap().clone();
    catalogue.test_purposes.retain(|purpose| !purpose.sign.carries());
    let catalogue = Catalogue::of(vec![catalogue]);
    let scenarios = samples::all_passed();
    let results = results(samples::run_of(Selection::Full), vec![samples::target()], scenarios, &catalogue, &[]);
    assert_eq!((results.requirements[0].verdict, results.verdict), (Inconclusive, RunVerdict::Inconclusive));
}

#[test]
fn a_requirement_that_cannot_be_seen_is_inconclusive_and_a_declined_one_fails() {
    let mut target = samples::target();
    target.statement = target.statement.with("storage_locus", json!("controlling_function")).unwrap();
    let seen = of_target(target.clone(), samples::all_passed(), Selection::Full);
    assert_eq!((verdict_of(&seen, "CPM-CONV-058"), exit_code(&seen)), (Inconclusive, 2));

    let not_run = || all_but(&[]).into_iter().map(|own| ScenarioResult { outcome: NotRun, ..own }).collect::<Vec<_>>();
    for (level, outcome, code) in [(Level::Shall, Fail, 1), (Level::May, NotApplicable, 6)] {
        let mut requirement = Catalogue::embedded().requirement("CPM-CONV-058").unwrap().clone();
        requirement.declined = std::mem::take(&mut requirement.not_observable);
        requirement.level = level;
        let catalogue = Catalogue::of(vec![requirement]);
        let results = results(samples::run_of(Selection::Full), vec![target.clone()], not_run(), &catalogue, &[]);
        assert_eq!((results.requirements[0].verdict, exit_code(&results)), (outcome, code), "{level}");
    }
}

#[test]
fn a_scenario_outside_the_score_changes_nothing_unless_the_suite_errs() {
    for (outcome, code) in [(Pass, 0), (Fail, 0), (Inconclusive, 0), (Error, 3)] {
        let outside = ScenarioResult {
            id: "ROBUSTNESS-01".to_owned(),
            level: Level::Context,
            requirements: Vec::new(),
            test_purposes: Vec::new(),
            ..samples::scenario("TP-CPM-CONV-058-01", outcome)
        };
        let scenarios = samples::all_passed().into_iter().chain([outside]).collect();
        assert_eq!(exit_code(&of(scenarios, Selection::Full)), code, "{outcome}");
    }
}

#[test]
fn attempts_that_disagree_are_flaky_whatever_their_order() {
    let table: [(&[Outcome], Outcome, u8, &str); 6] = [
        (&[Pass, Pass], Pass, 0, ""),
        (&[Fail, Pass], Inconclusive, 2, "flaky: fail, then pass"),
        (&[Pass, Fail], Inconclusive, 2, "flaky: pass, then fail"),
        (&[Fail, Fail, Pass], Inconclusive, 2, "flaky: fail, then pass"),
        (&[Fail, Fail], Fail, 1, ""),
        (&[Error, Pass], Error, 3, "flaky: error, then pass"),
    ];
    for (attempts, outcome, code, reason) in table {
        let mut scenarios = samples::all_passed();
        scenarios.retain(|own| own.test_purposes[0] != "TP-CPM-CONV-058-01");
        scenarios.extend(attempts.iter().map(|attempt| samples::scenario("TP-CPM-CONV-058-01", *attempt)));
        let results = of(scenarios, Selection::Full);
        let own = results.scenarios.iter().filter(|own| own.id == "TP-CPM-CONV-058-01.sample").collect::<Vec<_>>();
        assert_eq!(own.len(), 1);
        assert_eq!((own[0].outcome, exit_code(&results)), (outcome, code), "{attempts:?}");
        assert_eq!(own[0].reason.as_deref().unwrap_or(""), reason);
    }
}

#[test]
fn scenarios_of_one_test_purpose_count_together_and_a_policy_row_does_not_carry_it() {
    let mut rows = samples::all_passed();
    rows.retain(|own| own.test_purposes[0] != "TP-CPM-CONV-058a-06");
    let policy = ScenarioResult { level: Level::Policy, ..samples::scenario("TP-CPM-CONV-058a-06", Pass) };
    rows.push(policy);
    let results = of(rows, Selection::Full);
    assert_eq!((verdict_of(&results, "CPM-CONV-058a"), exit_code(&results)), (NotRun, 2));
}

#[test]
fn nothing_is_short_of_a_pass_without_a_finding() {
    for outcome in [Fail, Inconclusive, Error] {
        let scenario = ScenarioResult {
            reason: Some("the target is silent".to_owned()),
            blame: Some(Blame::Network),
            ..samples::scenario("TP-CPM-CONV-058-01", outcome)
        };
        let results = of(vec![scenario], Selection::Partial);
        let finding = &results.scenarios[0].findings[0];
        assert_eq!(Outcome::from(finding.verdict.verdict()), outcome);
        assert_eq!((finding.observed.as_str(), finding.blame), ("the target is silent", Blame::Network));
    }
}

#[test]
fn counts_are_of_scenarios_by_level() {
    let results = of(all_but(&[("TP-CPM-CONV-058-01", Fail)]), Selection::Full);
    let of_level = |level| results.scenarios.iter().filter(|scenario| scenario.level == level).count();
    assert_eq!(results.counts.get(Level::Shall, Fail), 1);
    assert_eq!(results.counts.get(Level::Shall, Pass), of_level(Level::Shall) - 1);
    assert_eq!(results.counts.get(Level::Policy, Pass), of_level(Level::Policy));
    assert_eq!(results.counts.total(Pass), results.scenarios.len() - 1);
    assert_eq!(results.counts.get(Level::May, Fail), 0);
}

#[test]
fn results_json_has_the_shape_of_the_contract() {
    let results = of(vec![samples::failed()], Selection::Partial);
    insta::assert_json_snapshot!(results);
}
