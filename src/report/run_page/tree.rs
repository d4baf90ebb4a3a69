//! The requirement tree: each requirement with its test purposes and scenarios. A form narrows it by what stands in the address,
//! so that a view can be passed on; without scripts it shows everything.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Shown, heading, outcome, scenario};
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
        html.push_str(&scenarios("Scenarios of no requirement", &others, ""));
        html.push_str("</section>\n");
    }
    html
}

/// What the tree can be narrowed by. It comes to life with the script.
fn form(page: &Shown<'_>) -> String {
    let words: BTreeSet<&str> = page.results.requirements.iter().map(|row| word(page, &row.id)).collect();
    let levels: Vec<&str> = Level::ALL.iter().map(|level| level.as_str()).collect();
    let outcomes: Vec<&str> = Outcome::ALL.iter().map(|own| own.as_str()).collect();
    let choices = [
        choice("level", "Level", &levels),
        choice("status", "Verdict", &outcomes),
        choice("area", "Area", &words.into_iter().collect::<Vec<_>>()),
    ];
    format!(
        "<form id=\"filter\" role=\"search\" aria-label=\"Scenarios\" hidden=\"hidden\">\n{}\
         <label>Words <input type=\"search\" name=\"q\" autocomplete=\"off\" placeholder=\"in id, title or test purpose\"/></label>\n\
         <button type=\"reset\">Show all</button>\n<p id=\"told\" role=\"status\"></p>\n</form>\n",
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

fn word<'a>(page: &Shown<'a>, requirement: &str) -> &'a str {
    page.catalogue.requirement(requirement).map_or("", |own| own.word.as_str())
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
    html.push_str(&scenarios(&format!("Scenarios of {}", row.id), &own, word(page, &row.id)));
    html + "</section>\n"
}

fn scenarios(caption: &str, own: &[&ScenarioResult], area: &str) -> String {
    let mut html = opened(caption, &["scenario", "title", "also shows", "level", "verdict", "why"]);
    for one in own {
        let also: Vec<&str> = one.test_purposes.iter().skip(1).map(String::as_str).collect();
        let why = one.reason.as_deref().filter(|_| one.outcome != Outcome::Pass).or_else(|| found(one));
        let _ = writeln!(
            html,
            "<tr data-level=\"{0}\" data-status=\"{1}\" data-area=\"{2}\"><th scope=\"row\">{3}</th><td>{4}</td><td>{5}</td>\
             <td>{0}</td><td>{6}</td><td>{7}</td></tr>",
            one.level,
            one.outcome.as_str(),
            escaped(area),
            scenario(one),
            shown(&one.title, 200),
            escaped(&also.join(" ")),
            outcome(one.outcome),
            why.map(|why| shown(why, 160)).unwrap_or_default()
        );
    }
    html + CLOSED
}

/// What was found in a scenario that did not pass.
fn found(own: &ScenarioResult) -> Option<&str> {
    let worst =
        own.findings.iter().filter(|_| own.outcome != Outcome::Pass).max_by_key(|finding| finding.verdict.verdict())?;
    Some(&worst.observed)
}
