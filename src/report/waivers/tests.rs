use super::*;
use crate::report::results::exit_code;
use crate::report::{Results, RunVerdict, excused_results, samples};
use pretty_assertions::assert_eq;

/// The rule that broke in the sample that failed.
const RULE: &str = "missed_group_content.complete";

/// An entry of a file, with these lines in place of its own.
fn entry(changes: &[(&str, &str)]) -> String {
    let own = [
        ("scenario", "TP-CPM-CONV-058-01.sample"),
        ("rule", RULE),
        ("versions", "\"*\""),
        ("reason", "lost after a failover"),
        ("issue", "https://tracker.example/17"),
        ("expires", "2026-12-31"),
    ];
    let subject = if changes.iter().any(|(key, _)| *key == "requirement") { 1 } else { 0 };
    let mut lines: Vec<String> = Vec::new();
    for (key, value) in own.iter().skip(subject).filter(|(key, _)| changes.iter().all(|(other, _)| key != other)) {
        lines.push(format!("{key}: {value}"));
    }
    lines.extend(changes.iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}: {value}")));
    format!("- {}\n", lines.join("\n  "))
}

fn scenarios(one: ScenarioResult) -> Vec<ScenarioResult> {
    let mut all = samples::all_passed();
    all.retain(|own| own.test_purposes != one.test_purposes);
    all.push(one);
    all
}

fn judged(text: &str, scenarios: Vec<ScenarioResult>, selection: Selection) -> Results {
    let waivers = Waivers::read(text.to_owned()).unwrap();
    let target = TargetInfo { version: "1.4.2".to_owned(), ..samples::target() };
    let (run, targets) = (samples::run_of(selection), vec![target]);
    excused_results(run, targets, scenarios, &Catalogue::embedded(), &[], Some(&waivers))
}

/// What became of the one waiver, and how the run ends.
fn of_one(changes: &[(&str, &str)], one: ScenarioResult) -> (Status, u8) {
    let results = judged(&entry(changes), scenarios(one), Selection::Full);
    (results.waivers.as_ref().unwrap()[0].status, exit_code(&results))
}

#[test]
fn what_is_waived_is_never_conformant_and_says_why() {
    let results = judged(&entry(&[]), scenarios(samples::failed()), Selection::Full);
    assert_eq!((results.verdict, exit_code(&results)), (RunVerdict::Inconclusive, 2));
    let row = results.requirements.iter().find(|row| row.id == "CPM-CONV-058").unwrap();
    assert_eq!(row.verdict, Outcome::Waived);
    let waiver = &results.waivers.as_ref().unwrap()[0];
    assert_eq!((waiver.status, waiver.line, waiver.scenarios.len()), (Status::InForce, 1, 1));
    assert!(results.reasons.iter().any(|why| why.contains("lost after a failover (https://tracker.example/17)")));
    let part = judged(&entry(&[]), vec![samples::failed()], Selection::Partial);
    assert_eq!((part.verdict, exit_code(&part)), (RunVerdict::Inconclusive, 2));
    // Excused once more it is the same: a run excuses while it goes, and when it is over.
    let again = judged(&entry(&[]), results.scenarios.clone(), Selection::Full);
    assert_eq!(again, results);
}

#[test]
fn a_waived_scenario_of_no_binding_level_keeps_its_requirement_from_a_pass() {
    let policy = ScenarioResult { level: crate::verdict::Level::Policy, ..samples::failed() };
    let all = samples::all_passed()
        .into_iter()
        .chain([ScenarioResult { id: "TP-CPM-CONV-058-01.policy".to_owned(), ..policy }]);
    let results = judged(&entry(&[("scenario", "TP-CPM-CONV-058-01.policy")]), all.collect(), Selection::Full);
    let row = results.requirements.iter().find(|row| row.id == "CPM-CONV-058").unwrap();
    assert_eq!((row.verdict, results.verdict), (Outcome::Waived, RunVerdict::Inconclusive));
}

#[test]
fn a_waiver_covers_its_rule_alone_and_never_the_suite() {
    let mut two = samples::failed();
    let other = two.findings.last().unwrap().clone();
    two.findings.push(crate::verdict::Finding { rule: "base.sip.cseq".to_owned(), ..other.clone() });
    let text = entry(&[]);
    let results = judged(&text, scenarios(two.clone()), Selection::Full);
    assert_eq!((results.verdict, exit_code(&results)), (RunVerdict::NonConformant, 1));
    let both = text + &entry(&[("rule", "base.sip.cseq")]);
    assert_eq!(exit_code(&judged(&both, scenarios(two), Selection::Full)), 2);
    let mut ours = samples::failed();
    ours.outcome = Outcome::Error;
    ours.findings.push(crate::verdict::Finding {
        rule: "scenario".to_owned(),
        verdict: FindingVerdict::Error,
        ..other
    });
    let all = entry(&[]) + &entry(&[("rule", "scenario")]);
    assert_eq!(exit_code(&judged(&all, scenarios(ours), Selection::Full)), 3);
}

#[test]
fn what_somebody_has_to_mend_is_5_with_its_line_and_its_cure() {
    let passed = || samples::scenario("TP-CPM-CONV-058-01", Outcome::Pass);
    let broken = samples::failed;
    use Status::{Expired, InForce, NotAsked, Stale, Unmatched, Untold};
    let silent = || ScenarioResult {
        reason: Some("silent".to_owned()),
        ..samples::scenario("TP-CPM-CONV-058-01", Outcome::Inconclusive)
    };
    type Row = (&'static [(&'static str, &'static str)], ScenarioResult, Status, u8);
    let table: [Row; 15] = [
        (&[], broken(), InForce, 2),
        (&[("requirement", "CPM-CONV-058")], broken(), InForce, 2),
        (&[("versions", "\">=1.4\"")], broken(), InForce, 2),
        (&[("expires", "2026-11-21")], broken(), InForce, 2),
        (&[("expires", "2026-11-20")], broken(), Expired, 5),
        (&[("expires", "2026-11-20")], passed(), Expired, 5),
        (&[], passed(), Stale, 5),
        (&[("requirement", "CPM-CONV-058")], passed(), Stale, 5),
        (&[("requirement", "CPM-CONV-059")], broken(), Unmatched, 5),
        (&[("scenario", "TP-CPM-CONV-058-01.smaple")], broken(), Unmatched, 5),
        (&[("rule", "missed_group_content.once")], broken(), Unmatched, 5),
        (&[("versions", "<1.4")], broken(), Unmatched, 5),
        (&[], samples::scenario("TP-CPM-CONV-058-01", Outcome::NotApplicable), Unmatched, 5),
        (&[], silent(), Untold, 2),
        (&[], samples::scenario("TP-CPM-CONV-058-01", Outcome::NotRun), NotAsked, 2),
    ];
    for (changes, one, status, code) in table {
        assert_eq!(of_one(changes, one.clone()), (status, code), "{changes:?} {}", one.outcome);
    }
    let text = entry(&[]) + "# one more\n" + &entry(&[("rule", "nobody.knows")]);
    let results = judged(&text, scenarios(broken()), Selection::Full);
    let line = results.reasons.first().unwrap();
    assert!(line.starts_with("waiver at line 8 unmatched: TP-CPM-CONV-058-01.sample nobody.knows: "), "{line}");
    assert!(line.contains(RULE) && line.ends_with("take the entry out, or correct its rule"), "{line}");
}

#[test]
fn of_a_part_what_is_not_selected_asks_for_nothing() {
    let one = || vec![samples::scenario("TP-CPM-CONV-058-01", Outcome::Pass)];
    for changes in [
        &[("scenario", "TP-CPM-CONV-058-02.elsewhere")][..],
        &[("requirement", "CPM-CONV-058a")],
        &[("requirement", "CPM-CONV-058")],
    ] {
        let results = judged(&entry(changes), one(), Selection::Partial);
        assert_eq!(results.waivers.as_ref().unwrap()[0].status, Status::NotAsked, "{changes:?}");
        assert_eq!(exit_code(&results), 0, "{changes:?}");
    }
    let stale = judged(&entry(&[]), one(), Selection::Partial);
    assert_eq!((stale.verdict, exit_code(&stale)), (RunVerdict::PartialPass, 5));
}

#[test]
fn a_file_that_is_none_is_refused_with_its_place() {
    let table = [
        (entry(&[("scenario", "")]), (1, "one of the keys `requirement` and `scenario` is missing")),
        (
            entry(&[("requirement", "A"), ("scenario", "B")]),
            (7, "an entry has `requirement` or `scenario`, and not both"),
        ),
        (entry(&[("expires", "2026-02-29")]), (6, "expires: `2026-02-29` is no day")),
        (entry(&[("expires", "soon")]), (6, "expires: `soon` is no day")),
        (entry(&[("issue", "CPM-17")]), (6, "issue: expected a link")),
        (entry(&[("versions", "\"=>1\"")]), (6, "versions: `=>1` is no range of versions")),
        (entry(&[("reason", "\"\"")]), (6, "reason: there is nothing")),
        (entry(&[("rule", "")]), (1, "missing key `rule`")),
        (entry(&[("until", "2026-12-31")]), (7, "unknown key `until`")),
        ("waivers: []\n".to_owned(), (1, "expected a list")),
    ];
    for (text, (line, message)) in table {
        let fault = Waivers::read(text.clone()).unwrap_err();
        assert!(fault.message.contains(message), "{fault:?} in\n{text}");
        assert_eq!(fault.line, line, "{fault:?} in\n{text}");
    }
    assert_eq!(Waivers::read("[]\n".to_owned()).unwrap().text(), "[]\n");
}
