//! The entries of the ledger of interpretations on which the verdict depends: those that a finding cites, and those that had a
//! say in what ran.

use std::collections::BTreeMap;

use super::{Shown, heading, some_scenarios};
use crate::interpretations::Entry;
use crate::report::event::ScenarioResult;
use crate::report::page::{CLOSED, escaped, opened};

/// The table.
pub(super) fn ledger(page: &Shown<'_>) -> String {
    let mut html = heading("ledger");
    let used = used(page);
    html.push_str(
        "<p>What the papers leave open. A detail of these alone never fails a target; each form that is accepted passes.</p>\n",
    );
    html.push_str(&opened(
        "Entries that had a say in this run",
        &["entry", "what is open", "declared", "accepted", "scenarios", "cited by findings"],
    ));
    let had = |entry: &Entry| used.get(entry.id.as_str()).copied().unwrap_or_default();
    let mut entries: Vec<(Vec<&ScenarioResult>, &Entry)> =
        page.ledger.entries().iter().map(|entry| (citing(page, entry), entry)).collect();
    // What findings cite first, and what had no say last.
    entries.sort_by_key(|(citing, entry)| (citing.is_empty(), had(entry) == 0));
    html.extend(entries.iter().map(|(citing, entry)| row(page, entry, had(entry), citing)));
    html + CLOSED
}

/// How many scenarios that ran have to do with each entry.
fn used<'a>(page: &'a Shown<'_>) -> BTreeMap<&'a str, usize> {
    let mut used = BTreeMap::new();
    for scenario in page.results.scenarios.iter().filter(|own| own.outcome.ran()) {
        let purposes = scenario.test_purposes.iter().filter_map(|id| page.catalogue.test_purpose(id));
        let mut entries: Vec<&str> = purposes.flat_map(|(_, own)| own.ledger.iter().map(String::as_str)).collect();
        entries.sort_unstable();
        entries.dedup();
        entries.into_iter().for_each(|entry| *used.entry(entry).or_default() += 1);
    }
    used
}

/// The scenarios of which a finding cites an entry.
fn citing<'a>(page: &'a Shown<'_>, entry: &Entry) -> Vec<&'a ScenarioResult> {
    let cites =
        |own: &&ScenarioResult| own.findings.iter().any(|found| found.interpretation.as_ref() == Some(&entry.id));
    page.results.scenarios.iter().filter(cites).collect()
}

fn row(page: &Shown<'_>, entry: &Entry, used: usize, citing: &[&ScenarioResult]) -> String {
    let accepted = entry.accepted.iter().map(|word| {
        let meaning = entry.alternatives.get(word).map_or("", String::as_str);
        format!("<li>{}: {}</li>", escaped(word), escaped(meaning))
    });
    let declared =
        entry.statement.iter().map(|key| format!("<li>{}: {}</li>", escaped(key), escaped(&said(page, key))));
    format!(
        "<tr><th scope=\"row\" id=\"{0}\">{0}</th><td>{1}</td><td><ul>{2}</ul></td><td><ul>{3}</ul></td>\
         <td class=\"number\">{used}</td><td>{4}</td></tr>\n",
        escaped(&entry.id),
        escaped(&entry.question),
        declared.collect::<String>(),
        accepted.collect::<String>(),
        if citing.is_empty() { "none".to_owned() } else { some_scenarios(citing.iter().copied(), 3) },
    )
}

/// What the targets answer to a question.
fn said(page: &Shown<'_>, key: &str) -> String {
    let answers = page.results.targets.iter().map(|target| target.statement.values(key).join(", "));
    let answers: Vec<String> = answers.filter(|answer| !answer.is_empty()).collect();
    if answers.is_empty() { "as in the table of answers".to_owned() } else { answers.join(" / ") }
}
