//! What is for information: which scenarios took longest, and how the run is made again.

use std::fmt::Write;

use super::{Shown, heading, scenario};
use crate::report::event::{ScenarioResult, Selection};
use crate::report::page::{CLOSED, escaped, opened, shown};
use crate::target::Profile;

/// How many scenarios are listed.
const SLOWEST: usize = 15;

/// The scenarios that took longest.
pub(super) fn slowest(page: &Shown<'_>) -> String {
    let mut all: Vec<&ScenarioResult> = page.results.scenarios.iter().filter(|own| own.outcome.ran()).collect();
    all.sort_by_key(|own| std::cmp::Reverse(own.duration_ms));
    let mut html = heading("slowest");
    html.push_str("<p>For information: what lasts long by nature is not slow.</p>\n");
    html.push_str(&opened("How long scenarios took", &["scenario", "title", "ms", "checks against the wire"]));
    for own in all.into_iter().take(SLOWEST) {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
            scenario(own),
            shown(&own.title, super::TEXT),
            own.duration_ms,
            own.checks
        );
    }
    html + CLOSED
}

/// How the run is made again, and how its verdict is derived again.
pub(super) fn again(page: &Shown<'_>) -> String {
    let run = &page.results.run;
    let embedded = [Profile::reference(), Profile::reference_client()].map(|own| own.sha256);
    let own = page.results.targets.iter().all(|target| embedded.contains(&target.profile_sha256));
    let target = if own { "" } else { " --target FILE" };
    let shard =
        if run.shard == "1/1" || !run.parts.is_empty() { String::new() } else { format!(" --shard {}", run.shard) };
    let mut html = heading("again");
    let command = format!("cpm-conformance run{target} --seed {} --jobs {}{shard}", run.seed, run.jobs);
    let _ = writeln!(html, "<pre tabindex=\"0\"><code>{}</code></pre>", escaped(&command));
    html.push_str("<ul>\n");
    if !own {
        html.push_str("<li>FILE is the profile whose SHA-256 stands above.</li>\n");
    }
    if run.selection == Selection::Partial {
        html.push_str("<li>A part was selected: the options that chose it, such as --requirement, --tags or --name, are to be added.</li>\n");
    }
    if !run.parts.is_empty() {
        let parts: Vec<String> = run.parts.iter().map(|part| format!("{} ({})", part.id, part.shard)).collect();
        let _ = writeln!(html, "<li>The run was joined from {}.</li>", shown(&parts.join(", "), super::TEXT));
    }
    html.push_str(
        "<li>The verdict is derived again from the evidence by <code>cpm-conformance report verify DIR</code>, DIR being this folder.</li>\n</ul>\n",
    );
    html
}
