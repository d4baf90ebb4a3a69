//! summary.md: at most 60 lines for a pull request or the summary of a CI job.

use std::fmt::Write;

use super::comparison::Comparison;
use super::enablers;
use super::event::ScenarioResult;
use super::failure::FailureBlock;
use super::results::Results;
use super::style::{cut, one_line};
use super::waivers::Status;
use crate::requirements::Catalogue;
use crate::verdict::{Level, Outcome};

/// The most lines of a summary.
const MOST: usize = 60;

/// The most failures that are shown in full.
const FAILURES: usize = 3;

/// The most lines of what changed since an earlier run, and of each sort of change.
const CHANGES: (usize, usize) = (16, 3);

/// The most waivers that are told each by itself.
const WAIVERS: usize = 4;

/// The most requirements that are told each by itself; fewer where there is more to tell.
const REQUIREMENTS: (usize, usize) = (20, 8);

/// The most characters of a line.
const WIDE: usize = 600;

/// The summary as Markdown, with what changed since an earlier run where there is one.
#[must_use]
pub fn summary(results: &Results, catalogue: &Catalogue, comparison: Option<&Comparison>) -> String {
    let mut text = head(results);
    text.push_str(&waivers(results));
    let rows = if comparison.is_some() || results.waivers.is_some() { REQUIREMENTS.1 } else { REQUIREMENTS.0 };
    text.extend(comparison.map(changes));
    text.push_str(&requirements(results, rows));
    text.push_str(&failures(results, catalogue));
    let reasons: Vec<String> = results.reasons.iter().map(|reason| format!("- {}\n", cell(reason))).collect();
    let room = (MOST - 3).saturating_sub(text.lines().count());
    if !reasons.is_empty() && room > 1 {
        text.push_str("\n**Why**\n\n");
        text.extend(reasons.iter().take(room.saturating_sub(1)).map(String::as_str));
        if reasons.len() > room.saturating_sub(1) {
            text.push_str("- and more in results.json\n");
        }
    }
    within(text, MOST, "- and more in results.json")
}

/// The first lines of a text, and a last one that says that there were more.
fn within(text: String, most: usize, more: &str) -> String {
    if text.lines().count() <= most {
        return text;
    }
    let mut lines: Vec<&str> = text.lines().take(most - 1).collect();
    lines.push(more);
    lines.join("\n") + "\n"
}

/// Each waiver, those that somebody has to mend first.
fn waivers(results: &Results) -> String {
    let asked = results.waivers.iter().flatten().filter(|waiver| waiver.status != Status::NotAsked);
    let all: Vec<_> = asked.collect();
    if all.is_empty() {
        return String::new();
    }
    let (faulty, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|waiver| waiver.status.is_faulty());
    let mut text = "\n**Waivers**, which never make anything conformant\n\n".to_owned();
    for waiver in faulty.iter().chain(&others).take(WAIVERS) {
        let _ = writeln!(text, "- {}", cell(&waiver.line()));
    }
    if let Some(more) = (faulty.len() + others.len()).checked_sub(WAIVERS).filter(|more| *more > 0) {
        let _ = writeln!(text, "- and {more} more in results.json");
    }
    text
}

fn changes(comparison: &Comparison) -> String {
    format!("\n{}", within(comparison.markdown(CHANGES.1), CHANGES.0, "- and more in diff.html"))
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
fn requirements(results: &Results, most: usize) -> String {
    let (passed, others): (Vec<_>, Vec<_>) = results.requirements.iter().partition(|row| row.verdict == Outcome::Pass);
    let mut text = String::new();
    if !others.is_empty() {
        text.push_str("\n| requirement | level | verdict | scenarios |\n|---|---|---|---|\n");
    }
    for row in others.iter().take(most) {
        let _ = writeln!(text, "| {} | {} | {} | {} |", row.id, row.level, row.verdict, row.scenarios.len());
    }
    if others.len() > most {
        let _ = writeln!(text, "| and {} more | | | |", others.len() - most);
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
    cut(&one_line(text), WIDE).replace('|', "\\|").replace('<', "&lt;")
}
