//! The requirement tree: each requirement with its test purposes and scenarios. A form narrows it by what stands in the address,
//! so that a view can be passed on; without scripts it shows everything.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Shown, area, heading, outcome, scenario};
use crate::report::comparison::Comparison;
use crate::report::event::ScenarioResult;
use crate::report::page::{CLOSED, escaped, opened, shown};
use crate::report::results::RequirementResult;
use crate::verdict::{Level, Outcome};

/// The tree, with its form.
pub(super) fn tree(page: &Shown<'_>) -> String {
    let mut html = heading("tree") + &form(page);
    for row in &page.results.requirements {
        html.push_str(&requirement(page, row));
    }
    let listed: BTreeSet<&str> =
        page.results.requirements.iter().flat_map(|row| row.scenarios.iter().map(String::as_str)).collect();
    let others: Vec<&ScenarioResult> =
        page.results.scenarios.iter().filter(|own| !listed.contains(own.id.as_str())).collect();
    if !others.is_empty() {
        html.push_str(
            "<section class=\"requirement\" aria-labelledby=\"r.none\">\n<h3 id=\"r.none\">Of no requirement</h3>\n",
        );
        html.push_str(&scenarios(page, "Scenarios of no requirement", &others, ""));
        html.push_str("</section>\n");
    }
    html
}

/// What the tree can be narrowed by. It comes to life with the script.
fn form(page: &Shown<'_>) -> String {
    let words: BTreeSet<&str> = page.results.requirements.iter().map(|row| area(page, &row.id)).collect();
    let levels: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
    let outcomes: Vec<&str> = Outcome::ALL.iter().map(|own| own.as_str()).collect();
    let choices = [
        choice("level", "Level", &levels),
        choice("status", "Verdict", &outcomes),
        choice("area", "Area", &words.into_iter().collect::<Vec<_>>()),
    ];
    let compared = if page.comparison.is_some() { " data-compared=\"yes\"" } else { "" };
    format!(
        "<form id=\"filter\" role=\"search\" aria-label=\"Scenarios\" hidden=\"hidden\"{compared}>\n{}\
         <label class=\"query\">Query <input type=\"search\" name=\"q\" autocomplete=\"off\" spellcheck=\"false\" \
         aria-describedby=\"queries\"/></label>\n\
         <button type=\"reset\">Show all</button>\n<p id=\"told\" role=\"status\"></p>\n\
         <p id=\"queries\"><small>Words of id, title or reason, and <code>status:fail</code> <code>level:SHALL</code> \
         <code>area:messages</code> <code>req:CPM-CONV-058</code> <code>is:different</code> <code>is:flaky</code>; values between \
         commas are either, a minus before one is not: <code>status:fail,error -area:charging</code>. The address keeps it.</small></p>\n</form>\n",
        choices.concat()
    )
}

fn choice(name: &str, words: &str, values: &[&str]) -> String {
    let mut html = format!("<label>{words} <select name=\"{name}\"><option value=\"\">any</option>");
    for value in values {
        let _ = write!(html, "<option value=\"{}\">{}</option>", escaped(value), escaped(&value.replace('_', " ")));
    }
    html + "</select></label>\n"
}

fn requirement(page: &Shown<'_>, row: &RequirementResult) -> String {
    let id = escaped(&row.id);
    let mut html = format!(
        "<section class=\"requirement\" aria-labelledby=\"r.{id}\">\n<h3 id=\"r.{id}\">{} {id} <small>{}</small></h3>\n",
        outcome(row.verdict),
        row.level
    );
    if let Some(own) = page.catalogue.requirement(&row.id) {
        let _ = writeln!(html, "<p>{} <small>{}</small></p>", escaped(&own.summary), escaped(&own.source.to_string()));
    }
    if let Some(reason) = row.reason.as_ref().filter(|_| row.verdict != Outcome::Pass) {
        let _ = writeln!(html, "<p>Why: {}</p>", shown(reason, super::TEXT));
    }
    let own: Vec<&ScenarioResult> =
        row.scenarios.iter().filter_map(|id| page.by_id.get(id.as_str()).copied()).collect();
    html.push_str(&scenarios(page, &format!("Scenarios of {}", row.id), &own, &row.id));
    html + "</section>\n"
}

fn scenarios(page: &Shown<'_>, caption: &str, own: &[&ScenarioResult], requirement: &str) -> String {
    let compared = page.comparison.map(|_| "runs before and this").into_iter();
    let columns: Vec<&str> =
        ["scenario", "title", "also shows", "level", "verdict", "why"].into_iter().chain(compared).collect();
    let mut html = opened(caption, &columns);
    for one in own {
        let also: Vec<&str> = one.test_purposes.iter().skip(1).map(String::as_str).collect();
        let why = one.reason.as_deref().filter(|_| one.outcome != Outcome::Pass).or_else(|| found(one));
        let _ = writeln!(
            html,
            "<tr data-level=\"{0}\" data-status=\"{1}\" data-area=\"{2}\" data-req=\"{8}\" data-is=\"{9}\"><th scope=\"row\">{3}</th><td>{4}</td><td>{5}</td>\
             <td>{0}</td><td>{6}</td><td>{7}</td>{10}</tr>",
            one.level,
            one.outcome.as_str(),
            escaped(area(page, requirement)),
            scenario(one),
            shown(&one.title, 200),
            escaped(&also.join(" ")),
            outcome(one.outcome),
            why.map(|why| shown(why, 160)).unwrap_or_default(),
            escaped(requirement),
            marks(page, one),
            page.comparison.map(|comparison| before(comparison, &one.id)).unwrap_or_default()
        );
    }
    html + CLOSED
}

/// What a query asks for by `is:`: whether a scenario differs from the earlier run, and whether it is flaky.
fn marks(page: &Shown<'_>, own: &ScenarioResult) -> String {
    let flaky = own.reason.as_deref().is_some_and(|reason| reason.starts_with("flaky"));
    let flaky = flaky || page.comparison.is_some_and(|comparison| comparison.flaky.contains(&own.id));
    let different = page.comparison.is_some_and(|comparison| comparison.is_about(&own.id));
    let marks = [("different", different), ("flaky", flaky)];
    marks.iter().filter(|(_, holds)| *holds).map(|(word, _)| *word).collect::<Vec<_>>().join(" ")
}

/// What a scenario came to in the runs before and in this one, the higher the worse.
fn before(comparison: &Comparison, id: &str) -> String {
    let line = comparison.history.sparkline(id).unwrap_or_default();
    let runs = comparison.history.runs.len().saturating_sub(1);
    let own = comparison.history.scenarios.get(id);
    let passed = own.map_or(0, |own| own.iter().take(runs).filter(|outcome| **outcome == Outcome::Pass).count());
    format!("<td class=\"history\"><span aria-hidden=\"true\">{line}</span> passed in {passed} of {runs} before</td>")
}

/// What was found in a scenario that did not pass.
fn found(own: &ScenarioResult) -> Option<&str> {
    let worst =
        own.findings.iter().filter(|_| own.outcome != Outcome::Pass).max_by_key(|finding| finding.verdict.verdict())?;
    Some(&worst.observed)
}
