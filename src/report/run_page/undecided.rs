//! What says nothing of the target, with who is to be asked and what is to be done next: errors of the suite, and what is
//! inconclusive. And warnings, which change no verdict.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::failures::cards;
use super::{Shown, heading, many, some_scenarios};
use crate::report::causes::{Cause, causes};
use crate::report::event::ScenarioResult;
use crate::report::page::{CLOSED, opened, shown};
use crate::verdict::{Blame, Finding, FindingVerdict, Outcome};

/// How many lines a table has.
const LINES: usize = 100;

/// All three parts.
pub(super) fn undecided(page: &Shown<'_>) -> String {
    format!("{}{}{}", errors(page), inconclusive(page), warnings(page))
}

fn errors(page: &Shown<'_>) -> String {
    let causes = causes(&page.results.scenarios, Outcome::Error);
    let none = "<p>The suite itself did not err.</p>\n".to_owned();
    heading("errors") + &if causes.is_empty() { none } else { cards(page, &causes, "error") }
}

fn inconclusive(page: &Shown<'_>) -> String {
    let causes = causes(&page.results.scenarios, Outcome::Inconclusive);
    let mut html = heading("inconclusive");
    if causes.is_empty() {
        return html + "<p>No scenario is inconclusive.</p>\n";
    }
    html.push_str(&opened(
        "What could not be told, and why",
        &["who is to be asked", "why", "what to do next", "scenarios"],
    ));
    html.extend(causes.iter().take(LINES).map(line));
    html.push_str(CLOSED);
    if causes.len() > LINES {
        let _ = writeln!(html, "<p>And {} in results.json.</p>", many(causes.len() - LINES, "other cause"));
    }
    html
}

fn line(cause: &Cause<'_>) -> String {
    let own = cause.scenario;
    let blame = own.blame.unwrap_or(cause.finding.blame);
    let entry = cause.finding.interpretation.as_ref().map(|id| format!(" (ledger {})", shown(id, 20)));
    format!(
        "<tr><th scope=\"row\">{blame}</th><td>{}{}</td><td>{}</td><td>{}</td></tr>\n",
        shown(&cause.finding.observed, super::TEXT),
        entry.unwrap_or_default(),
        next(own, blame, cause.finding),
        some_scenarios(cause.scenarios.iter().copied(), 10)
    )
}

/// What is to be done about something that could not be told.
fn next(own: &ScenarioResult, blame: Blame, finding: &Finding) -> &'static str {
    if own.reason.as_deref().is_some_and(|reason| reason.starts_with("flaky")) {
        return "hold the evidence of the attempts against each other: they disagree";
    }
    match blame {
        Blame::Target if finding.interpretation.is_some() => {
            "read the ledger entry: the form that was seen is none that it accepts; ask for it to be added, or change the target"
        }
        Blame::Target => "look at the target: it did not do what the scenario needs before there is anything to judge",
        Blame::Harness => {
            "run the scenario again by itself, with a smaller --jobs: this machine or the suite was not up to it"
        }
        Blame::Network => {
            "look at the way between tester and target: addresses, firewalls, lost datagrams; then run it again"
        }
        Blame::Configuration => "look at the profile: users, addresses, control and provisioning",
        Blame::Unknown => "open the evidence: it cannot be told from what was seen",
    }
}

/// Warnings by rule.
fn warnings(page: &Shown<'_>) -> String {
    let mut by_rule: BTreeMap<&str, Vec<(&ScenarioResult, &Finding)>> = BTreeMap::new();
    for own in &page.results.scenarios {
        for finding in own.findings.iter().filter(|finding| finding.verdict == FindingVerdict::Warning) {
            by_rule.entry(&finding.rule).or_default().push((own, finding));
        }
    }
    let mut html = heading("warnings");
    if by_rule.is_empty() {
        return html + "<p>There are none.</p>\n";
    }
    html.push_str("<p>Legal, but not as declared, or not as customary. They change no verdict.</p>\n");
    let columns = ["rule", "times", "observed, first", "expected", "source", "scenarios"];
    html.push_str(&opened("Warnings by rule", &columns));
    for (rule, all) in by_rule.iter().take(LINES) {
        let Some((_, first)) = all.first() else { continue };
        let mut scenarios: Vec<&ScenarioResult> = all.iter().map(|(own, _)| *own).collect();
        scenarios.dedup_by(|one, other| one.id == other.id);
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            shown(rule, 120),
            all.len(),
            shown(&first.observed, 200),
            shown(&first.expected, 200),
            shown(&first.source, 120),
            some_scenarios(scenarios, 5)
        );
    }
    html + CLOSED
}
