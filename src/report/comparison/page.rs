//! A comparison as a page for a browser, which lies in the folder of the later run: what came to something else as tables, the
//! worse first, and each id leads to its lines in the page of the run.

use std::fmt::Write;

use super::{Change, Comparison};
use crate::report::page::{CLOSED, escaped, opened, page, shown};
use crate::verdict::Outcome;

/// What each sort of change means, for who has not met it before.
const MEANING: [(&str, &str); 12] = [
    ("requirements", "requirements that came to another verdict"),
    ("regressed", "scenarios that came to something worse"),
    ("fixed", "scenarios that came to something better"),
    ("flaky", "scenarios that differ although the same went in, or whose attempts did"),
    ("removed", "scenarios that are not there any more"),
    ("new", "scenarios that were not there"),
    ("fewer checks", "scenarios that passed with fewer checks against the wire than before"),
    ("requirement changed", "what the catalogue asks is another text, level or set of test purposes"),
    ("stale waivers", "waivers that are needed no more, past their day or about nothing"),
    ("slower", "scenarios that took twice as long or longer; information"),
    ("quicker", "scenarios that took half the time or less; information"),
    ("not the same", "what went into the two runs and differs"),
];

/// How many lines of one sort the page has; the file for programs has all.
const LINES: usize = 500;
/// How many characters of a text of a target are shown.
const TEXT: usize = 400;

impl Comparison {
    /// As a page.
    #[must_use]
    pub fn page(&self) -> String {
        let sections = self.sections();
        let mut body = self.head();
        let tally = |(name, lines): &(&str, Vec<String>)| {
            format!("<li><a href=\"#{}\">{name}</a> ({})</li>", name.replace(' ', "-"), lines.len())
        };
        if sections.is_empty() {
            body.push_str("<p>Nothing differs: every scenario and every requirement came to what it did before.</p>\n");
        } else {
            let links: String = sections.iter().map(tally).collect();
            let _ = writeln!(body, "<nav class=\"toc\" aria-label=\"Sorts of change\"><ul>{links}</ul></nav>");
        }
        for (name, lines) in &sections {
            let meaning = MEANING.iter().find(|(own, _)| own == name).map_or("", |(_, meaning)| meaning);
            let id = name.replace(' ', "-");
            let count = lines.len();
            let _ = writeln!(body, "<section aria-labelledby=\"{id}\"><h2 id=\"{id}\">{name} ({count})</h2>");
            body.push_str(&self.told(name, meaning, lines));
            if count > LINES {
                let _ = writeln!(body, "<p>And {} more in diff.json.</p>", count - LINES);
            }
            body.push_str("</section>\n");
        }
        page("What changed", &[("index.html", "The run"), ("diff.json", "For programs")], &body)
    }

    fn head(&self) -> String {
        let class = if self.is_worse() { "fail" } else { "pass" };
        let (before, after) = (shown(&self.before, 120), shown(&self.after, 120));
        format!(
            "<p class=\"banner {class}\"><strong>{}</strong> Run {after} held against run {before}.</p>\n\
             <p><a href=\"index.html?q=is%3Adifferent#tree\">The scenarios that differ, in the page of the run</a></p>\n",
            escaped(&self.verdict())
        )
    }

    fn told(&self, name: &str, meaning: &str, lines: &[String]) -> String {
        match name {
            "requirements" => table(meaning, &self.requirements),
            "regressed" => table(meaning, &self.regressed),
            "fixed" => table(meaning, &self.fixed),
            "flaky" | "new" | "removed" => {
                list(meaning, lines.iter().map(|id| if name == "removed" { shown(id, TEXT) } else { linked(id) }))
            }
            _ => list(meaning, lines.iter().map(|line| shown(line, TEXT))),
        }
    }
}

fn list(meaning: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.take(LINES).map(|line| format!("<li>{line}</li>\n")).collect();
    format!("<p>{meaning}</p>\n<ul class=\"changes\">\n{lines}</ul>\n")
}

/// Changes of verdict, those to the worst first.
fn table(caption: &str, changes: &[Change]) -> String {
    let is_of_scenarios = changes.iter().any(|change| !change.requirements.is_empty());
    let columns: &[&str] = if is_of_scenarios {
        &["scenario", "before", "now", "requirements", "what was found"]
    } else {
        &["requirement", "before", "now"]
    };
    let mut html = opened(caption, columns);
    let mut changes: Vec<&Change> = changes.iter().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(super::weight(change.after)));
    for change in changes.into_iter().take(LINES) {
        let _ = write!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td>",
            linked(&change.id),
            pill(change.before),
            pill(change.after)
        );
        if is_of_scenarios {
            let requirements: Vec<String> = change.requirements.iter().map(|id| linked(id)).collect();
            let found = change.found.as_deref().map(|found| shown(found, TEXT)).unwrap_or_default();
            let _ = write!(html, "<td class=\"ids\">{}</td><td>{found}</td>", requirements.join(" "));
        }
        html.push_str("</tr>\n");
    }
    html + CLOSED
}

/// An id of the suite, which leads to its lines in the page of the run.
fn linked(id: &str) -> String {
    let plain = id.chars().all(|own| own.is_ascii_alphanumeric() || "-._".contains(own));
    let text = shown(id, 200);
    if plain { format!("<a href=\"index.html?q={text}#tree\">{text}</a>") } else { text }
}

fn pill(outcome: Outcome) -> String {
    format!("<span class=\"verdict {}\">{outcome}</span>", outcome.as_str())
}
