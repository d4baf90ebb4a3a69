//! summary.md: at most 60 lines for a pull request or the summary of a CI job.

use std::fmt::Write;

use super::enablers;
use super::event::ScenarioResult;
use super::failure::FailureBlock;
use super::results::Results;
use super::style::one_line;
use crate::requirements::Catalogue;
use crate::verdict::{Level, Outcome};

/// The most lines of a summary.
const MOST: usize = 60;

/// The most failures that are shown in full.
const FAILURES: usize = 3;

/// The summary as Markdown.
#[must_use]
pub fn summary(results: &Results, catalogue: &Catalogue) -> String {
    let mut text = head(results);
    text.push_str(&requirements(results));
    text.push_str(&failures(results, catalogue));
    let reasons: Vec<String> = results.reasons.iter().map(|reason| format!("- {}\n", cell(reason))).collect();
    let room = (MOST - 3).saturating_sub(text.lines().count());
    if !reasons.is_empty() {
        text.push_str("\n**Why**\n\n");
        text.extend(reasons.iter().take(room.saturating_sub(1)).map(String::as_str));
        if reasons.len() > room.saturating_sub(1) {
            text.push_str("- and more in results.json\n");
        }
    }
    text
}

fn head(results: &Results) -> String {
    let mut text = String::new();
    for target in &results.targets {
        let name = one_line(&format!("{} {} {} ({})", target.vendor, target.name, target.version, target.role));
        let _ = writeln!(text, "## {name}: {}\n", results.verdict.as_str());
    }
    let seconds = results.run.duration_ms / 1000;
    let _ = writeln!(
        text,
        "Run {}, seed {}, {} at a time, {seconds} s, suite {}.\n",
        results.run.id, results.run.seed, results.run.jobs, results.run.suite_version
    );
    if let Some(line) = enablers::line(&results.enablers) {
        let _ = writeln!(text, "{line}\n");
    }
    text.push_str("| level | pass | fail | inconclusive | not applicable | not run | waived | error |\n");
    text.push_str("|---|---|---|---|---|---|---|---|\n");
    for level in Level::ALL {
        let row: Vec<String> =
            Outcome::ALL.into_iter().map(|outcome| results.counts.get(level, outcome).to_string()).collect();
        let _ = writeln!(text, "| {level} | {} |", row.join(" | "));
    }
    text
}

/// The requirements that did not pass each by itself, the others together.
fn requirements(results: &Results) -> String {
    let (passed, others): (Vec<_>, Vec<_>) = results.requirements.iter().partition(|row| row.verdict == Outcome::Pass);
    let mut text = String::new();
    if !others.is_empty() {
        text.push_str("\n| requirement | level | verdict | scenarios |\n|---|---|---|---|\n");
    }
    for row in others.iter().take(20) {
        let _ = writeln!(text, "| {} | {} | {} | {} |", row.id, row.level, row.verdict, row.scenarios.len());
    }
    if others.len() > 20 {
        let _ = writeln!(text, "| and {} more | | | |", others.len() - 20);
    }
    if !passed.is_empty() {
        let ids: Vec<&str> = passed.iter().map(|row| row.id.as_str()).collect();
        let _ = writeln!(text, "\nPass: {}", ids.join(", "));
    }
    text
}

fn failures(results: &Results, catalogue: &Catalogue) -> String {
    let failed = |scenario: &&ScenarioResult| matches!(scenario.outcome, Outcome::Fail | Outcome::Error);
    let mut text = String::new();
    for scenario in results.scenarios.iter().filter(failed).take(FAILURES) {
        let Some(block) = FailureBlock::of(scenario, catalogue) else { continue };
        let _ = writeln!(text, "\n**{}** {}", scenario.outcome, cell(&block.heading));
        for (label, line) in block.lines.iter().filter(|(label, _)| matches!(*label, "asks" | "observed" | "run again"))
        {
            let _ = writeln!(text, "- {label}: {}", cell(line));
        }
    }
    text
}

/// A text on one line in which nothing opens a table cell or a tag.
fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|").replace('<', "&lt;")
}
