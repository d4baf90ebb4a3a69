use super::*;
use crate::report::samples;
use crate::report::{ScenarioResult, Selection, Timed, Waivers};
use crate::verdict::Blame;

fn of(scenarios: Vec<ScenarioResult>) -> String {
    index(&samples::results_of(scenarios), &Catalogue::embedded(), None)
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
fn a_card_marks_the_octets_and_has_what_is_to_be_copied() {
    let records = samples::exchange();
    let mut failed = samples::failed_in(&records);
    failed.rerun = "cpm-conformance run --target 'my lab.yaml' --name x".to_owned();
    let html = of(but_one(failed));
    assert!(html.contains("&lt;status&gt;<mark>&lt;delivered/&gt;</mark>&lt;/status&gt;"), "{html}");
    assert!(html.contains("<code>cpm-conformance run --target 'my lab.yaml' --name x</code>"));
    let filter = "<code>frame.comment contains &quot;\\&quot;record\\&quot;:16,&quot;</code>";
    assert!(html.contains(filter), "{html}");
    let (_, template) = html.split_once("aria-label=\"Waiver\"><code>").unwrap();
    let (template, _) = template.split_once("</code>").unwrap();
    let text = template.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&");
    Waivers::read(text).unwrap();
}

#[test]
fn what_is_not_known_of_a_target_is_said() {
    let html = of(samples::all_passed());
    let row = |what: &str| {
        let from = html.find(&format!("<dt>{what}</dt><dd>")).unwrap();
        html[from..].split("</dd>").next().unwrap().to_owned()
    };
    let unknown = ["Calls itself", "Clock", "Doctor", "Tester"].map(row);
    assert!(unknown.iter().all(|own| own.contains("not known")), "{unknown:?}");
    assert!(html.contains("Nothing was timed"));

    let mut seen = samples::all_passed();
    seen[0].seen.name("PF <1.0>".to_owned());
    seen[0].seen.clock(-7);
    seen[0].seen.took(Timed::MsrpSend, 1_234);
    let mut results = samples::results_of(seen);
    results.run.invocation.host = Some("lab-7, linux x86_64".to_owned());
    results.targets[0].network.insert("network.tls.key_env".to_owned(), "LAB_<KEY>".to_owned());
    let html = index(&results, &Catalogue::embedded(), None);
    let told = ["<q>PF &lt;1.0&gt;</q>", "7 s behind the tester's", "lab-7, linux x86_64", "LAB_&lt;KEY&gt;"];
    assert!(told.iter().all(|own| html.contains(own)), "{html}");
    assert!(
        html.contains(
            "<th scope=\"row\">MSRP SEND, 200</th><td class=\"number\">1</td><td class=\"number\">1.234</td>"
        )
    );
}

#[test]
fn scenarios_are_counted_by_area() {
    let html = of(but_one(samples::failed()));
    let (_, table) = html.split_once("aria-label=\"Scenarios by area\"").unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    let row = table.split("<tr>").find(|row| row.contains("missed group content")).unwrap();
    assert!(row.contains("<td class=\"number fail\">1</td>"), "{row}");
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
        all.contains("cpm-conformance run --seed 42 --jobs 2<")
            && all.contains("<code>--target FILE</code> is to be added"),
        "another profile than the embedded one"
    );
    let mut part = samples::results_of(samples::all_passed());
    part.run.selection = Selection::Partial;
    part.run.shard = "2/3".to_owned();
    let html = index(&part, &Catalogue::embedded(), None);
    assert!(html.contains("--jobs 2 --shard 2/3<"), "{html}");
    part.run.invocation.target = Some("lab/pf.yaml".to_owned());
    part.run.invocation.tags = Some("@SHALL and not @slow".to_owned());
    let html = index(&part, &Catalogue::embedded(), None);
    let command =
        "cpm-conformance run --target lab/pf.yaml --tags '@SHALL and not @slow' --seed 42 --jobs 2 --shard 2/3<";
    assert!(html.contains(command) && html.contains("the one whose SHA-256 stands above"), "{html}");
}
