//! The score: scenarios by level, and each requirement by what its scenarios came to.

use std::fmt::Write;

use super::{Shown, outcome};
use crate::report::page::{CLOSED, escaped, opened};
use crate::report::results::RequirementResult;
use crate::verdict::{Level, Outcome};

/// Both tables.
pub(super) fn score(page: &Shown<'_>) -> String {
    format!(
        "<section aria-labelledby=\"score\" class=\"score\">\n<h2 id=\"score\">Score</h2>\n{}\
         <div class=\"requirements\">{}</div>\n</section>\n",
        by_level(page),
        by_requirement(page)
    )
}

fn heads(before: &[&str]) -> String {
    let words = before.iter().map(|word| (*word).to_owned()).chain(Outcome::ALL.iter().map(ToString::to_string));
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    opened(if before.len() > 1 { "Requirements, with their scenarios" } else { "Scenarios by level" }, &words)
}

fn by_level(page: &Shown<'_>) -> String {
    let mut html = heads(&["level"]);
    for level in Level::ALL {
        let cells: String = Outcome::ALL.iter().map(|own| cell(*own, page.results.counts.get(level, *own))).collect();
        let _ = writeln!(html, "<tr><th scope=\"row\">{level}</th>{cells}</tr>");
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
    let mut html = heads(&columns);
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
