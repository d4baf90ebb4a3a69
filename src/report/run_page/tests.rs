use super::*;
use crate::report::samples;
use crate::report::{ScenarioResult, Selection};
use crate::verdict::Blame;

fn of(scenarios: Vec<ScenarioResult>) -> String {
    index(&samples::results_of(scenarios), &Catalogue::embedded())
}

/// All passed but the first, which came to this.
fn but_one(other: ScenarioResult) -> Vec<ScenarioResult> {
    let others = samples::all_passed().into_iter().filter(|own| own.test_purposes != other.test_purposes);
    std::iter::once(other.clone()).chain(others).collect()
}

#[test]
fn the_statement_says_why() {
    let conformant = of(samples::all_passed());
    assert!(conformant.contains("each requirement that is claimed was shown"), "{conformant}");
    let broken = of(but_one(samples::failed()));
    assert!(broken.contains("1 requirement is broken (CPM-CONV-058), and 1 scenario failed."));
    let silent = samples::scenario("TP-CPM-CONV-058-01", Outcome::Inconclusive);
    let untold = of(but_one(silent));
    assert!(untold.contains("Nothing is broken, but 1 requirement is not shown (CPM-CONV-058)."));
    let fell = of(but_one(samples::scenario("TP-CPM-CONV-058-01", Outcome::Error)));
    assert!(fell.contains("fell over in 1 scenario,"));
}

#[test]
fn a_card_has_the_nine_lines_and_marks_the_message() {
    let mut failed = samples::failed();
    failed.ladder = vec!["40 focus/g -> SEND".to_owned(), "41 focus/g <- 200 OK".to_owned(), "42 end".to_owned()];
    let html = of(but_one(failed));
    let labels =
        ["requirement", "source", "asks", "observed", "allowed", "cause", "exchange", "wireshark", "run again"];
    assert!(labels.iter().all(|label| html.contains(&format!("<dt>{label}</dt>"))));
    assert!(html.contains("<mark>41 focus/g &lt;- 200 OK</mark>"));
    assert!(html.contains("<a href=\"scenario/TP-CPM-CONV-058-01.sample.html\">"));
    assert!(html.contains("<a href=\"evidence/TP-CPM-CONV-058-01.sample.svg\">"));
}

#[test]
fn what_was_seen_otherwise_than_declared_is_told_and_what_is_not_known_too() {
    let html = of(vec![samples::failed(), samples::scenario("TP-CPM-CONV-058-03", Outcome::Pass)]);
    let row = |key: &str| {
        let from = html.find(&format!("<th scope=\"row\">{key}</th>")).unwrap();
        html[from..].split("</tr>").next().unwrap().to_owned()
    };
    assert!(row("duplicates").contains("in 1 scenario: m1 came twice"), "{}", row("duplicates"));
    assert!(row("charging_interface").contains("unknown: nothing that passed looks at it"));
    assert!(row("storage_locus").contains("not otherwise, in 1 scenario"));
    assert!(row("drain_retries").contains("not compared"));
}

#[test]
fn what_could_not_be_told_has_its_next_step() {
    let silent = ScenarioResult {
        blame: Some(Blame::Network),
        reason: Some("nothing came".to_owned()),
        ..samples::scenario("TP-CPM-CONV-058-01", Outcome::Inconclusive)
    };
    let html = of(but_one(silent));
    assert!(html.contains("nothing came") && html.contains("look at the way between tester and target"));
}

#[test]
fn the_command_that_makes_the_run_again_is_whole() {
    let all = of(samples::all_passed());
    assert!(
        all.contains("cpm-conformance run --target FILE --seed 42 --jobs 2<"),
        "another profile than the embedded one"
    );
    let mut part = samples::results_of(samples::all_passed());
    part.run.selection = Selection::Partial;
    part.run.shard = "2/3".to_owned();
    let html = index(&part, &Catalogue::embedded());
    assert!(html.contains("--jobs 2 --shard 2/3<") && html.contains("options that chose it"));
}
