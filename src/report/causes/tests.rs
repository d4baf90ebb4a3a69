use super::*;
use crate::report::samples;
use crate::verdict::FindingVerdict;
use pretty_assertions::assert_eq;

fn finding(rule: &str, observed: &str) -> Finding {
    Finding { rule: rule.to_owned(), observed: observed.to_owned(), ..samples::failed().findings.remove(1) }
}

fn scenario(id: usize, findings: Vec<Finding>) -> ScenarioResult {
    ScenarioResult { id: format!("s{id}"), findings, ..samples::failed() }
}

/// The ids of the scenarios of each cause.
fn told(scenarios: &[ScenarioResult]) -> Vec<Vec<&str>> {
    let causes = causes(scenarios, Outcome::Fail);
    causes.iter().map(|cause| cause.scenarios.iter().map(|own| own.id.as_str()).collect()).collect()
}

const BREACH: &str = "base.sip.mandatory_header";

#[test]
fn the_same_rule_or_the_same_sight_is_one_cause() {
    let scenarios = [
        scenario(1, vec![finding("sessions.answered", "the function answered 500 to it")]),
        scenario(2, vec![finding("messages.answered", "the function answered 500 (frame 7) to it")]),
        scenario(3, vec![finding("messages.answered", "it never came")]),
        scenario(4, vec![finding("charging.recorded", "no record of it was ever sent")]),
    ];
    assert_eq!(told(&scenarios), [vec!["s1", "s2", "s3"], vec!["s4"]]);
    let first = &causes(&scenarios, Outcome::Fail)[0];
    assert_eq!(first.rules, BTreeMap::from([("messages.answered", 2), ("sessions.answered", 1)]));
    assert_eq!(first.finding.rule, "messages.answered");
}

#[test]
fn groups_that_a_later_scenario_joins_are_one() {
    let scenarios = [
        scenario(1, vec![finding("a.one", "alpha beta gamma delta")]),
        scenario(2, vec![finding("b.two", "one two three four five")]),
        scenario(3, vec![finding("b.two", "alpha beta gamma delta")]),
        scenario(4, vec![finding("a.one", "six seven eight nine ten")]),
    ];
    assert_eq!(told(&scenarios), [["s1", "s2", "s3", "s4"]]);
}

#[test]
fn a_breach_in_all_scenarios_hides_no_other_cause() {
    let mut scenarios: Vec<ScenarioResult> = (0..20).map(|id| scenario(id, vec![finding(BREACH, "none")])).collect();
    scenarios[3].findings.push(finding("charging.recorded", "no record of it was ever sent"));
    scenarios[4].findings.push(finding("messages.delivered", "it never came to a device"));
    let told = told(&scenarios);
    assert_eq!(told.len(), 3);
    assert_eq!((told[0].len(), &told[1], &told[2]), (20, &vec!["s3"], &vec!["s4"]));
}

#[test]
fn a_breach_that_comes_with_another_cause_is_told_with_it() {
    let both = || vec![finding(BREACH, "none"), finding("messages.delivered", "it never came to a device")];
    let scenarios = [
        scenario(1, both()),
        scenario(2, both()),
        scenario(3, vec![finding("messages.delivered", "it never came to a device")]),
    ];
    assert_eq!(told(&scenarios), [["s1", "s2", "s3"]]);
    assert_eq!(causes(&scenarios, Outcome::Fail)[0].finding.rule, "messages.delivered");
}

#[test]
fn warnings_and_other_outcomes_are_no_cause() {
    let warning = Finding { verdict: FindingVerdict::Warning, ..finding("a.one", "x") };
    let scenarios =
        [scenario(1, vec![warning, finding("b.two", "y")]), samples::scenario("TP-CPM-CONV-058-02", Outcome::Pass)];
    assert_eq!(causes(&scenarios, Outcome::Fail)[0].rules, BTreeMap::from([("b.two", 1)]));
    assert!(causes(&scenarios, Outcome::Error).is_empty());
}
