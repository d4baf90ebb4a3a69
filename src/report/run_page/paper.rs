//! What stands on paper alone: the causes of failures in a line each, and room for who signs.

use std::fmt::Write;

use super::{Shown, many};
use crate::report::causes::causes;
use crate::report::page::shown;
use crate::verdict::Outcome;

/// How many causes fit on the two sheets.
const CAUSES: usize = 8;

/// The end of the statement on paper.
pub(super) fn paper(page: &Shown<'_>) -> String {
    let causes = causes(&page.results.scenarios, Outcome::Fail);
    let mut html = "<section aria-label=\"On paper\" class=\"paper\">\n".to_owned();
    if !causes.is_empty() {
        html.push_str("<h2>Failures by cause</h2>\n<ol>\n");
    }
    for cause in causes.iter().take(CAUSES) {
        let (rule, seen) = (shown(&cause.finding.rule, 80), shown(&cause.finding.observed, 120));
        let _ = writeln!(html, "<li>{rule}, in {}: {seen}</li>", many(cause.scenarios.len(), "scenario"));
    }
    if !causes.is_empty() {
        html.push_str("</ol>\n");
    }
    if causes.len() > CAUSES {
        let _ = writeln!(html, "<p>And {}.</p>", many(causes.len() - CAUSES, "other cause"));
    }
    html + "<p class=\"signed\">Laboratory, name, date, signature</p>\n</section>\n"
}
