//! What each target declares in its statement, held against what the run saw: an answer that was seen otherwise, one that was
//! looked at and not seen otherwise, and one that nothing in the run depended on.

use std::fmt::Write;

use serde_json::Value;

use super::{Shown, heading, many, some_scenarios};
use crate::interpretations::Entry;
use crate::report::event::{ScenarioResult, TargetInfo};
use crate::report::page::{CLOSED, escaped, opened, shown};
use crate::verdict::{Blame, Finding, Outcome};

/// The tables of all targets.
pub(super) fn answers(page: &Shown<'_>) -> String {
    let mut html = heading("answers");
    html.push_str(
        "<p>The statement is the target's own word. What was seen otherwise changes no verdict by itself; the entry of the ledger \
         says what it does.</p>\n",
    );
    html.extend(page.results.targets.iter().map(|target| of_target(page, target)));
    html
}

fn of_target(page: &Shown<'_>, target: &TargetInfo) -> String {
    let caption = format!("Answers of {} ({})", cut(&target.name), target.role);
    let mut html = opened(&caption, &["question", "declared", "ledger", "observed"]);
    if let Value::Object(answers) = target.statement.to_json() {
        for (key, value) in &answers {
            html.push_str(&row(page, target, key, value));
        }
    }
    html + CLOSED
}

fn cut(name: &str) -> String {
    crate::report::style::one_line(name).chars().take(120).collect()
}

fn row(page: &Shown<'_>, target: &TargetInfo, key: &str, value: &Value) -> String {
    let entry = page.ledger.entries().iter().find(|entry| entry.statement.iter().any(|own| own == key));
    let link = entry.map_or_else(String::new, |own| format!("<a href=\"#{0}\">{0}</a>", escaped(&own.id)));
    let (class, observed) = observed(page, target, entry);
    let (key, value) = (escaped(key), shown(&words(value), super::TEXT));
    format!(
        "<tr><th scope=\"row\">{key}</th><td>{value}</td><td>{link}</td><td class=\"{class}\">{observed}</td></tr>\n"
    )
}

/// An answer as it stands in a profile.
fn words(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Array(all) => all.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            map.iter().map(|(key, own)| format!("{key}: {}", words(own))).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn observed(page: &Shown<'_>, target: &TargetInfo, entry: Option<&Entry>) -> (&'static str, String) {
    let Some(entry) = entry else {
        return ("quiet", "not compared: policy of the provider, or a claim that scenarios use as it is".to_owned());
    };
    let looked: Vec<&ScenarioResult> = looking(page, target, entry).collect();
    let cited = |own: &&ScenarioResult| own.findings.iter().any(|finding| is_about(finding, entry));
    let otherwise: Vec<&ScenarioResult> =
        page.results.scenarios.iter().filter(|own| own.role == target.role).filter(cited).collect();
    let first = otherwise.iter().flat_map(|own| &own.findings).find(|finding| is_about(finding, entry));
    if let Some(finding) = first {
        let mut text = format!("in {}: ", many(otherwise.len(), "scenario"));
        let _ = write!(text, "{}; expected {} ", shown(&finding.observed, 200), shown(&finding.expected, 200));
        text.push_str(&some_scenarios(otherwise.iter().copied(), 3));
        return ("elsewhere", text);
    }
    match looked.len() {
        0 => ("quiet", "unknown: nothing that passed looks at it".to_owned()),
        count => ("seen", format!("not otherwise, in {}", many(count, "scenario"))),
    }
}

/// The scenarios of a target that passed, so that they saw what they wanted to, and in which an entry has a say.
fn looking<'a>(
    page: &'a Shown<'_>,
    target: &'a TargetInfo,
    entry: &'a Entry,
) -> impl Iterator<Item = &'a ScenarioResult> {
    let depends = move |own: &&ScenarioResult| {
        own.test_purposes.iter().any(|id| {
            let purpose = page.catalogue.test_purpose(id);
            purpose.is_some_and(|(_, purpose)| purpose.ledger.contains(&entry.id))
        })
    };
    page.results
        .scenarios
        .iter()
        .filter(move |own| own.role == target.role && own.outcome == Outcome::Pass)
        .filter(depends)
}

/// Whether a finding tells of the target that it does otherwise than declared, by this entry.
fn is_about(finding: &Finding, entry: &Entry) -> bool {
    finding.interpretation.as_ref() == Some(&entry.id) && matches!(finding.blame, Blame::Target | Blame::Unknown)
}
