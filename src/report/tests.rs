//! Each report of one run that has everything in it.

use pretty_assertions::assert_eq;

use super::console::{Console, Progress};
use super::event::{ScenarioResult, Selection};
use super::failure::FailureBlock;
use super::ndjson::Ndjson;
use super::style::Style;
use super::{Event, Reporter, Results, junit, results, samples, summary};
use crate::requirements::Catalogue;
use crate::verdict::{Blame, Outcome};

fn sample() -> Results {
    let silent = ScenarioResult {
        blame: Some(Blame::Network),
        reason: Some("the target is silent".to_owned()),
        ..samples::scenario("TP-CPM-CONV-058-02", Outcome::Inconclusive)
    };
    let no_hook = ScenarioResult {
        reason: Some("control.restart is missing".to_owned()),
        feature: "features/missed_group_content/restart.feature".to_owned(),
        ..samples::scenario("TP-CPM-CONV-058-20", Outcome::NotApplicable)
    };
    let passed = samples::scenario("TP-CPM-CONV-058a-01", Outcome::Pass);
    let scenarios = vec![samples::failed(), silent, no_hook, passed];
    results(samples::run_of(Selection::Full), vec![samples::target()], scenarios, &Catalogue::embedded(), &[])
}

/// Every event of the sample, in order.
fn events() -> Vec<Event> {
    let results = sample();
    let finished = results.scenarios.iter().flat_map(|scenario| {
        let started = Event::ScenarioStarted { id: scenario.id.clone(), title: scenario.title.clone() };
        [started, Event::ScenarioFinished(Box::new(scenario.clone()))]
    });
    let mut events = vec![Event::RunStarted(results.run.clone())];
    events.extend(finished.collect::<Vec<_>>());
    events.push(Event::RunFinished(Box::new(results)));
    events
}

fn told(progress: Progress) -> String {
    let mut out = Vec::new();
    let mut console = Console::new(&mut out, Style::PLAIN, progress);
    events().iter().for_each(|event| console.event(event).unwrap());
    String::from_utf8(out).unwrap()
}

#[test]
fn the_console_tells_each_scenario_each_failure_and_each_requirement() {
    insta::assert_snapshot!(told(Progress::Lines));
}

#[test]
fn quiet_leaves_what_is_no_pass_and_the_verdict() {
    let quiet = told(Progress::Quiet);
    assert!(quiet.contains("FAIL  TP-CPM-CONV-058-01.sample") && quiet.contains("\nnon-conformant: 1 pass, 1 fail"));
    assert!(!quiet.contains("TP-CPM-CONV-058a-01.sample"));
}

#[test]
fn a_failure_block_has_nine_lines_and_nothing_that_a_terminal_obeys() {
    let block = FailureBlock::of(&samples::failed(), &Catalogue::embedded()).unwrap();
    assert_eq!(block.text().lines().count(), 9);
    assert!(block.text().chars().all(|character| character == '\n' || !character.is_control()));
    assert_eq!(FailureBlock::of(&samples::scenario("TP-CPM-CONV-058-01", Outcome::Pass), &Catalogue::embedded()), None);
}

#[test]
fn ndjson_has_one_object_a_line_and_the_scenarios_of_results_json() {
    let mut out = Vec::new();
    let mut ndjson = Ndjson::new(&mut out);
    events().iter().for_each(|event| ndjson.event(event).unwrap());
    let lines: Vec<serde_json::Value> =
        std::str::from_utf8(&out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), events().len());
    let streamed: Vec<_> = lines.iter().filter_map(|line| line.get("scenario").cloned()).collect();
    assert_eq!(serde_json::Value::from(streamed), serde_json::to_value(sample()).unwrap()["scenarios"]);
    assert_eq!(lines.last().unwrap()["verdict"], "non_conformant");
}

#[test]
fn junit_has_a_suite_for_each_feature_and_no_pass_for_what_is_none() {
    let xml = junit::junit(&sample(), &Catalogue::embedded()).unwrap();
    insta::assert_snapshot!(xml);
    let document = roxmltree::Document::parse(&xml).unwrap();
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    assert_eq!(["testsuite", "testcase", "failure", "error", "skipped"].map(count), [2, 4, 1, 1, 1]);
}

#[test]
fn the_summary_stays_within_60_lines_however_much_there_is_to_tell() {
    insta::assert_snapshot!(summary::summary(&sample(), &Catalogue::embedded(), None));
    let mut scenarios = Vec::new();
    for n in 0..200 {
        scenarios.push(ScenarioResult { id: format!("TP-CPM-CONV-058-01.{n}"), ..samples::failed() });
        let silent = samples::scenario("TP-CPM-CONV-058-02", Outcome::Inconclusive);
        scenarios.push(ScenarioResult { id: format!("TP-CPM-CONV-058-02.{n}"), ..silent });
    }
    let catalogue = Catalogue::embedded();
    let results = results(samples::run_of(Selection::Full), vec![samples::target()], scenarios, &catalogue, &[]);
    assert!(summary::summary(&results, &catalogue, None).lines().count() <= 60);
}

/// Every outcome, waivers of every sort, and texts of a target that would be markup.
fn everything() -> Results {
    let mut scenarios = Vec::new();
    for (n, outcome) in Outcome::ALL.into_iter().enumerate() {
        let own =
            if outcome == Outcome::Fail { samples::failed() } else { samples::scenario("TP-CPM-CONV-058-02", outcome) };
        let title = "]]><script>\u{1}\u{fffe}\u{202e}&\"'".to_owned();
        scenarios.push(ScenarioResult { id: format!("TP-CPM-CONV-058-02.{n}"), title, ..own });
    }
    let waiver = |n: usize, rule: &str, expires: &str| {
        format!(
            "- {{scenario: TP-CPM-CONV-058-02.{n}, rule: {rule}, versions: '*', reason: \"<b>|\", issue: 'https://a', \
             expires: {expires}}}\n"
        )
    };
    let text = waiver(0, "a", "2026-12-31") + &waiver(1, "b", "2026-12-31") + &waiver(1, "c", "2020-01-01");
    let text = text + &waiver(99, "d", "2026-12-31");
    let waivers = super::Waivers::read(text).unwrap();
    let (run, targets) = (samples::run_of(Selection::Full), vec![samples::target()]);
    super::excused_results(run, targets, scenarios, &Catalogue::embedded(), &[], Some(&waivers))
}

#[test]
fn junit_is_what_the_systems_read_that_show_it() {
    let xml = junit::junit(&everything(), &Catalogue::embedded()).unwrap();
    assert!(xml.contains("<testsuite name=\"waivers\" tests=\"4\""), "{xml}");
    let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas/junit.xsd");
    let file = tempfile::NamedTempFile::new().unwrap();
    let judged = |xml: &str| {
        std::fs::write(file.path(), xml).unwrap();
        let mut xmllint = std::process::Command::new("xmllint");
        xmllint.args(["--nonet", "--noout", "--schema"]).arg(&schema).arg(file.path()).output()
    };
    let Ok(output) = judged(&xml) else {
        eprintln!("skipped: xmllint is not installed");
        return;
    };
    assert!(output.status.success(), "{}\n{xml}", String::from_utf8_lossy(&output.stderr));
    // The schema asks for what those systems would miss.
    for (right, wrong) in
        [(" type=\"nonconformant\"", ""), (" classname=", " klass="), (" time=\"0.120\"", " time=\"soon\"")]
    {
        assert!(xml.contains(right), "{right}");
        assert!(!judged(&xml.replace(right, wrong)).unwrap().status.success(), "{right}");
    }
}

#[test]
fn the_summary_stays_within_60_lines_with_waivers_and_a_baseline_and_lets_nothing_be_markup() {
    let catalogue = Catalogue::embedded();
    let before = super::comparison::Run::of(&samples::results_of(samples::all_passed()), None);
    let mut whole = everything();
    let failed: Vec<_> = samples::all_passed()
        .into_iter()
        .map(|own| ScenarioResult { outcome: Outcome::Fail, findings: samples::failed().findings, ..own })
        .collect();
    whole.scenarios.extend(failed);
    whole
        .scenarios
        .iter_mut()
        .for_each(|own| own.findings.iter_mut().for_each(|found| found.observed = "x".repeat(1 << 20)));
    whole.targets.push(samples::target());
    let comparison = super::comparison::compare(&before, &super::comparison::Run::of(&whole, None));
    let text = summary::summary(&whole, &catalogue, Some(&comparison));
    assert!(text.lines().count() <= 60 && text.len() < 30_000, "{} {}", text.lines().count(), text.len());
    assert!(!text.contains("<script") && !text.contains("<b>"), "{text}");
    for told in ["**Waivers**", "waiver at line 3 expired", "**regressed**", "**fail**"] {
        assert!(text.contains(told), "{told} in {text}");
    }
    let page = comparison.page();
    assert!(page.len() < 1_000_000 && !page.contains("<script"), "{}", page.len());
}
