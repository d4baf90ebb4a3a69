//! What is for information: which scenarios took longest, and how the run is made again.

use std::fmt::Write;

use super::{Shown, heading, scenario};
use crate::report::command;
use crate::report::event::ScenarioResult;
use crate::report::page::{CLOSED, escaped, opened, shown};
use crate::report::style::{cut, one_line};
use crate::target::Profile;

/// How many scenarios are listed.
const SLOWEST: usize = 15;
/// How many characters of a command are shown.
const COMMAND: usize = 4000;

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

/// How long answers of the target took.
pub(super) fn times(page: &Shown<'_>) -> String {
    let mut html = heading("times");
    html.push_str(
        "<p>For information, and never a verdict: a target decides nothing by being quick. Times are read off the evidence, from \
         the first octets of a request to the answer, and contain what the tester's own actors and waits of the scenarios take.</p>\n",
    );
    if page.results.response_times.is_empty() {
        return html + "<p>Nothing was timed: the evidence holds no request of the tester that was answered.</p>\n";
    }
    html.push_str(&opened(
        "Response times",
        &["answer", "count", "median, ms", "90th percentile, ms", "99th percentile, ms"],
    ));
    for own in &page.results.response_times {
        let times: String = [own.median_us, own.p90_us, own.p99_us]
            .iter()
            .map(|us| format!("<td class=\"number\">{}.{:03}</td>", us / 1000, us % 1000))
            .collect();
        let (what, count) = (own.what.as_str(), own.count);
        let _ = writeln!(html, "<tr><th scope=\"row\">{what}</th><td class=\"number\">{count}</td>{times}</tr>");
    }
    html + CLOSED
}

/// How the run is made again, and how its verdict is derived again.
pub(super) fn again(page: &Shown<'_>) -> String {
    let run = &page.results.run;
    let embedded = [Profile::reference(), Profile::reference_client()].map(|own| own.sha256);
    let own = page.results.targets.iter().all(|target| embedded.contains(&target.profile_sha256));
    let mut html = heading("again");
    let command = cut(&one_line(&command::of_run(run)), COMMAND);
    let _ = writeln!(
        html,
        "<pre class=\"copy\" tabindex=\"0\" aria-label=\"Command\"><code>{}</code></pre>",
        escaped(&command)
    );
    html.push_str("<ul>\n");
    if !own && run.invocation.target.is_some() {
        html.push_str("<li>The profile is to be the one whose SHA-256 stands above.</li>\n");
    }
    if !own && run.invocation.target.is_none() {
        html.push_str(
            "<li>What the command said was not kept: <code>--target FILE</code> is to be added, with the profile whose SHA-256 stands above.</li>\n",
        );
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
