//! index.html of a run: what was tested, what it came to and why, what is wrong and where to look on. It is made of the
//! results alone, needs no network, and can be read without scripts; a script narrows the requirement tree by the address.
//! On paper the first part remains, the statement.

mod answers;
mod failures;
mod ledger;
mod paper;
mod score;
mod statement;
mod tree;
mod undecided;
mod working;

use std::collections::BTreeMap;

use super::comparison::Comparison;
use super::event::ScenarioResult;
use super::page::{escaped, page};
use super::results::Results;
use super::style::one_line;
use crate::interpretations::Ledger;
use crate::requirements::Catalogue;
use crate::verdict::Outcome;

/// What narrows the tree. It contains neither `<` nor `&`, so that the page is XML as well.
const SCRIPT: &str = include_str!("filter.js");

/// Other files of the folder, by address and name, for the menu.
const MENU: [(&str, &str); 4] = [
    ("traceability.csv", "Traceability"),
    ("results.json", "For programs"),
    ("junit.xml", "JUnit"),
    ("manifest.json", "Hashes of all files"),
];

/// The parts of the page that stay away from paper, by id and heading, in their order.
const PARTS: [(&str, &str); 10] = [
    ("answers", "Statement, declared and observed"),
    ("failures", "Failures by cause"),
    ("errors", "Errors of the suite"),
    ("inconclusive", "Inconclusive"),
    ("warnings", "Warnings"),
    ("ledger", "Ledger entries that the verdict depends on"),
    ("tree", "Requirements and scenarios"),
    ("slowest", "Slowest scenarios"),
    ("times", "Response times"),
    ("again", "How to run it again"),
];

/// How many characters of a text of the target are shown.
const TEXT: usize = 400;

/// What the parts of the page are made of.
struct Shown<'a> {
    results: &'a Results,
    catalogue: &'a Catalogue,
    ledger: Ledger,
    by_id: BTreeMap<&'a str, &'a ScenarioResult>,
    /// What changed since an earlier run, if the run was held against one.
    comparison: Option<&'a Comparison>,
}

/// The page; with a comparison, what it says of each scenario, too.
#[must_use]
pub fn index(results: &Results, catalogue: &Catalogue, comparison: Option<&Comparison>) -> String {
    let by_id = results.scenarios.iter().map(|scenario| (scenario.id.as_str(), scenario)).collect();
    let shown = Shown { results, catalogue, ledger: Ledger::embedded(), by_id, comparison };
    let mut body = statement::statement(&shown);
    body.push_str(&score::score(&shown));
    body.push_str(&paper::paper(&shown));
    body.push_str("<div class=\"screen\">\n");
    body.push_str(&answers::answers(&shown));
    body.push_str(&failures::failures(&shown));
    body.push_str(&undecided::undecided(&shown));
    body.push_str(&ledger::ledger(&shown));
    body.push_str(&tree::tree(&shown));
    body.push_str(&working::slowest(&shown));
    body.push_str(&working::times(&shown));
    body.push_str(&working::again(&shown));
    body.push_str("</div>\n<script>\n");
    body.push_str(SCRIPT);
    body.push_str("</script>\n");
    let diff = comparison.map(|_| ("diff.html", "What changed"));
    let menu: Vec<(&str, &str)> = diff.into_iter().chain(MENU).collect();
    page(&title(results), &menu, &body)
}

fn title(results: &Results) -> String {
    let names: Vec<String> = results.targets.iter().map(|target| one_line(&target.name)).collect();
    let names: String = names.join(", ").chars().take(120).collect();
    format!("{names}: {}", results.verdict.as_str())
}

/// The heading of a part.
fn heading(id: &str) -> String {
    let words = PARTS.iter().find(|(own, _)| *own == id).map_or("", |(_, words)| words);
    format!("<h2 id=\"{id}\">{words}</h2>\n")
}

/// A scenario, with a link to its page if it ran.
fn scenario(own: &ScenarioResult) -> String {
    let id = escaped(&own.id);
    if own.evidence.is_some() { format!("<a href=\"scenario/{id}.html\">{id}</a>") } else { id }
}

/// Scenarios, at most so many of them.
fn some_scenarios<'a>(all: impl IntoIterator<Item = &'a ScenarioResult>, most: usize) -> String {
    let all: Vec<&ScenarioResult> = all.into_iter().collect();
    let mut text = all.iter().take(most).map(|own| scenario(own)).collect::<Vec<_>>().join(" ");
    if all.len() > most {
        text.push_str(&format!(" and {} more", all.len() - most));
    }
    text
}

/// The area of a requirement, which is its word in all rooms; nothing for one that the catalogue does not have.
fn area<'a>(page: &Shown<'a>, requirement: &str) -> &'a str {
    page.catalogue.requirement(requirement).map_or("", |own| own.word.as_str())
}

/// A word for an outcome in its colour.
fn outcome(own: Outcome) -> String {
    format!("<span class=\"verdict {}\">{own}</span>", own.as_str())
}

/// So many of something.
fn many(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

#[cfg(test)]
mod tests;
