//! The score: scenarios by level and by area, and each requirement by what its scenarios came to.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Shown, area, outcome};
use crate::report::page::{CLOSED, escaped, opened};
use crate::report::results::RequirementResult;
use crate::verdict::{Level, Outcome};

/// All tables.
pub(super) fn score(page: &Shown<'_>) -> String {
    format!(
        "<section aria-labelledby=\"score\" class=\"score\">\n<h2 id=\"score\">Score</h2>\n<div class=\"beside\">{}<div class=\"areas\">{}</div></div>\
         <div class=\"requirements\">{}</div>\n</section>\n",
        by_level(page),
        by_area(page),
        by_requirement(page)
    )
}

fn heads(caption: &str, before: &[&str]) -> String {
    let words = before.iter().map(|word| (*word).to_owned()).chain(Outcome::ALL.iter().map(ToString::to_string));
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    opened(caption, &words)
}

fn by_level(page: &Shown<'_>) -> String {
    let mut html = heads("Scenarios by level", &["level"]);
    for level in Level::ALL {
        let cells: String = Outcome::ALL.iter().map(|own| cell(*own, page.results.counts.get(level, *own))).collect();
        let _ = writeln!(html, "<tr><th scope=\"row\">{level}</th>{cells}</tr>");
    }
    html + CLOSED
}

/// Scenarios by the area of the first requirement that they serve; what serves none has no area.
fn by_area(page: &Shown<'_>) -> String {
    let mut areas: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for own in &page.results.scenarios {
        let area = own.requirements.first().map_or("", |id| area(page, id));
        *areas.entry(area).or_default().entry(own.outcome.as_str()).or_default() += 1;
    }
    let mut html = heads("Scenarios by area", &["area"]);
    for (area, counts) in &areas {
        let count = |own: &Outcome| counts.get(own.as_str()).copied().unwrap_or(0);
        let cells: String = Outcome::ALL.iter().map(|own| cell(*own, count(own))).collect();
        let words = if area.is_empty() { "none".to_owned() } else { escaped(&area.replace('_', " ")) };
        let _ = writeln!(html, "<tr><th scope=\"row\">{words}</th>{cells}</tr>");
    }
    html + CLOSED
}

/// A number in the colour of its outcome, or a quiet nought.
fn cell(own: Outcome, count: usize) -> String {
    let class = if count == 0 { "nought" } else { own.as_str() };
    format!("<td class=\"number {class}\">{count}</td>")
}

fn by_requirement(page: &Shown<'_>) -> String {
    let columns = ["requirement", "asks", "level", "verdict", "test purposes passed"];
    let mut html = heads("Requirements, with their scenarios", &columns);
    let mut room = "";
    for row in &page.results.requirements {
        let requirement = page.catalogue.requirement(&row.id);
        let word = requirement.map_or("", |own| own.word.as_str());
        if word != room {
            let across = columns.len() + Outcome::ALL.len();
            let words = escaped(&word.replace('_', " "));
            let _ = writeln!(html, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{across}\">{words}</th></tr>");
            room = word;
        }
        html.push_str(&line(page, row, requirement.map_or("", |own| own.summary.as_str())));
    }
    html + CLOSED
}

fn line(page: &Shown<'_>, row: &RequirementResult, asks: &str) -> String {
    let (id, (passed, of)) = (escaped(&row.id), row.test_purposes);
    let own = |sought: Outcome| {
        let of_row = row.scenarios.iter().filter_map(|id| page.by_id.get(id.as_str()));
        of_row.filter(|scenario| scenario.outcome == sought).count()
    };
    let cells: String = Outcome::ALL.iter().map(|sought| cell(*sought, own(*sought))).collect();
    format!(
        "<tr><th scope=\"row\"><a href=\"#r.{id}\">{id}</a></th><td class=\"asks\">{}</td><td>{}</td><td>{}</td>\
         <td class=\"number\">{passed} of {of}</td>{cells}</tr>\n",
        escaped(asks),
        row.level,
        outcome(row.verdict),
    )
}
