use super::*;
use crate::report::Results;
use crate::report::samples;
use crate::verdict::FindingVerdict;
use pretty_assertions::assert_eq;

fn run(results: &Results) -> Run {
    let told = serde_json::from_value(serde_json::to_value(results).unwrap()).unwrap();
    let read = Run { told, inputs: None, history: History::default() };
    assert_eq!(serde_json::to_value(&read).unwrap(), serde_json::to_value(Run::of(results, None)).unwrap());
    read
}

fn sample(change: impl FnOnce(&mut Results)) -> Run {
    let mut results = samples::results_of(samples::all_passed());
    change(&mut results);
    run(&results)
}

#[test]
fn a_run_and_itself_do_not_differ() {
    let same = compare(&sample(|_| ()), &sample(|_| ()));
    assert!(!same.is_worse());
    assert!(same.sections().is_empty(), "{same:?}");
    assert!(same.text().ends_with(": no verdict differs\n"));
}

#[test]
fn what_got_worse_is_told_with_its_requirement_and_what_was_found() {
    let failed = samples::failed();
    let others = samples::all_passed().into_iter().filter(|one| one.test_purposes != failed.test_purposes);
    let mut passed = failed.clone();
    passed.outcome = Outcome::Pass;
    passed.findings.clear();
    let before = run(&samples::results_of(others.clone().chain([passed]).collect()));
    let after = run(&samples::results_of(others.chain([failed.clone()]).collect()));
    let worse = compare(&before, &after);
    assert!(worse.is_worse());
    let [change] = worse.regressed.as_slice() else { panic!("{worse:?}") };
    assert_eq!((&change.id, &change.requirements), (&failed.id, &failed.requirements));
    assert_eq!((change.before, change.after), (Outcome::Pass, Outcome::Fail));
    let broken = failed.findings.iter().find(|finding| finding.verdict == FindingVerdict::Fail).unwrap();
    assert!(change.found.as_ref().is_some_and(|found| found.starts_with(&broken.rule)), "{change:?}");
    assert!(worse.requirements.iter().any(|row| row.id == failed.requirements[0] && row.after == Outcome::Fail));
    // Nothing that the suite knows of is different: it may be flaky as well.
    assert_eq!(worse.flaky, std::slice::from_ref(&failed.id));
    let better = compare(&after, &before);
    assert!(!better.is_worse() && better.fixed.len() == 1 && better.regressed.is_empty());
}

#[test]
fn scenarios_come_and_go_and_look_at_less() {
    let before = sample(|results| results.scenarios[0].checks = 5);
    let after = sample(|results| {
        results.scenarios[0].checks = 4;
        results.scenarios[0].duration_ms = 10_000;
        results.scenarios[1].id = "TP-PF-NEW-01.sample".to_owned();
        results.run.seed += 1;
        results.targets[0].version = "9".to_owned();
    });
    let Comparison { fewer_checks, new, removed, slower, inputs, .. } = compare(&before, &after);
    assert_eq!(fewer_checks.iter().map(|shift| (shift.before, shift.after)).collect::<Vec<_>>(), [(5, 4)]);
    assert_eq!((new.as_slice(), removed.len()), (["TP-PF-NEW-01.sample".to_owned()].as_slice(), 1));
    assert_eq!((slower.len(), inputs.len()), (1, 2));
    assert!(compare(&before, &after).is_worse());
}

#[test]
fn not_to_apply_any_more_is_worse_than_to_pass() {
    use Outcome::{Error, Fail, Inconclusive, NotApplicable, Pass};
    for (before, after) in [(Pass, NotApplicable), (NotApplicable, Fail), (Pass, Inconclusive), (Fail, Error)] {
        assert!(is_worse(after, before) && !is_worse(before, before), "{before} {after}");
    }
    assert!(!is_worse(Pass, NotApplicable) && !is_worse(NotApplicable, Fail));
}

#[test]
fn what_a_target_says_of_itself_becomes_no_markup() {
    let before = sample(|_| ());
    let after = sample(|results| results.targets[0].version = "<script>\u{1b}[31m".to_owned());
    let told = compare(&before, &after);
    assert!(!told.markdown(5).contains('<'), "{}", told.markdown(5));
    assert!(!told.page().contains("<script") && !told.page().contains('\u{1b}'));
    assert!(!told.text().contains('\u{1b}'));
}

#[test]
fn what_a_part_leaves_out_is_not_gone() {
    let whole = sample(|_| ());
    let part = sample(|results| {
        results.run.selection = Selection::Partial;
        results.scenarios.truncate(3);
        results.requirements[0].verdict = Outcome::NotRun;
    });
    let told = compare(&whole, &part);
    assert!(told.removed.is_empty() && told.requirements.is_empty() && !told.is_worse(), "{told:?}");
    let back = compare(&part, &whole);
    assert!(back.new.is_empty(), "{back:?}");
}

#[test]
fn what_takes_half_the_time_is_quicker() {
    let slow = sample(|results| results.scenarios[0].duration_ms = 9_000);
    let quick = sample(|results| results.scenarios[0].duration_ms = 1_000);
    let told = compare(&slow, &quick);
    assert_eq!(told.quicker.iter().map(|shift| (shift.before, shift.after)).collect::<Vec<_>>(), [(9_000, 1_000)]);
    assert!(told.slower.is_empty() && !told.is_worse());
}

#[test]
fn a_chain_of_runs_is_told_as_a_line_of_blocks() {
    let id = samples::all_passed()[0].id.clone();
    let came_to = |outcome: Outcome| sample(|results| results.scenarios[0].outcome = outcome);
    let kept = |run: Run, before: Run| Run { history: before.history.clone().then(&before), ..run };
    let second = kept(came_to(Outcome::Fail), came_to(Outcome::Pass));
    let told = compare(&second, &came_to(Outcome::Inconclusive));
    assert_eq!(told.history.sparkline(&id).as_deref(), Some("\u{2581}\u{2587}\u{2585}"));
    assert_eq!(told.history.sparkline("no such scenario"), None);
    // What is kept of an earlier run has the runs before it, and of these no more than twenty.
    let text = serde_json::to_string(&second.kept()).unwrap();
    let mut chain: Run = serde_json::from_str(&text).unwrap();
    for _ in 0..30 {
        chain = kept(came_to(Outcome::Pass), chain);
    }
    let told = compare(&chain, &came_to(Outcome::Fail));
    let line = told.history.sparkline(&id).unwrap();
    assert_eq!((line.chars().count(), line.chars().next_back()), (20, Some('\u{2587}')));
}

#[test]
fn what_differs_is_known_of_each_scenario() {
    let before = sample(|results| results.scenarios[1].checks = 5);
    let after = sample(|results| results.scenarios[0].outcome = Outcome::Fail);
    let told = compare(&before, &after);
    let ids: Vec<String> = samples::all_passed().into_iter().map(|own| own.id).collect();
    assert_eq!([0, 1, 2].map(|at| told.is_about(&ids[at])), [true, true, false]);
    let page = told.page();
    assert!(page.contains(&format!("<a href=\"index.html?q={0}#tree\">{0}</a>", ids[0])), "{page}");
}
