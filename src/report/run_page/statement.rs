//! The head of the page, which is what remains on paper: what was tested, what the run came to and why, and what decided it.

use std::fmt::Write;

use super::{PARTS, Shown, many};
use crate::report::event::{Selection, TargetInfo};
use crate::report::manifest;
use crate::report::page::{escaped, shown};
use crate::report::results::{RequirementResult, RunVerdict};
use crate::verdict::{Level, Outcome};

/// How many reasons are shown.
const REASONS: usize = 40;

/// How many ids a sentence names.
const NAMED: usize = 12;

/// The head of the page.
pub(super) fn statement(page: &Shown<'_>) -> String {
    let results = page.results;
    let mut html = format!(
        "<section aria-labelledby=\"statement\" class=\"statement\">\n<h2 id=\"statement\">Statement</h2>\n\
         <p class=\"banner {}\"><strong>{}</strong> {}</p>\n",
        class(results.verdict),
        results.verdict.as_str(),
        escaped(&why(page))
    );
    html.push_str(&targets(page));
    html.push_str(&decided(page));
    html.push_str("</section>\n");
    html.push_str(&reasons(page));
    html + &contents(page)
}

const fn class(verdict: RunVerdict) -> &'static str {
    match verdict {
        RunVerdict::Conformant | RunVerdict::PartialPass => "pass",
        RunVerdict::NonConformant => "fail",
        RunVerdict::Inconclusive => "inconclusive",
        RunVerdict::Error => "error",
    }
}

/// Why the run came to its verdict, in a sentence.
fn why(page: &Shown<'_>) -> String {
    let results = page.results;
    let rows = |verdict: Outcome| results.requirements.iter().filter(move |row| row.verdict == verdict);
    let failed = results.counts.total(Outcome::Fail);
    match results.verdict {
        RunVerdict::Conformant => format!(
            "All was run, and each requirement that is claimed was shown: {} of {} requirements passed, in {}.",
            rows(Outcome::Pass).count(),
            results.requirements.len(),
            many(results.counts.total(Outcome::Pass), "scenario")
        ),
        RunVerdict::NonConformant => format!(
            "{} broken ({}), and {} failed.",
            is_or_are(rows(Outcome::Fail).count(), "requirement"),
            named(rows(Outcome::Fail)),
            many(failed, "scenario")
        ),
        RunVerdict::Inconclusive => {
            let unshown =
                || results.requirements.iter().filter(|row| row.level == Level::Shall && row.verdict != Outcome::Pass);
            let ids = named(unshown());
            let ids = if ids.is_empty() { String::new() } else { format!(" ({ids})") };
            format!("Nothing is broken, but {} not shown{ids}.", is_or_are(unshown().count(), "requirement"))
        }
        RunVerdict::Error => format!(
            "This suite itself fell over in {}, which says nothing of the target.",
            many(results.counts.total(Outcome::Error), "scenario")
        ),
        RunVerdict::PartialPass => {
            let passed = many(results.counts.total(Outcome::Pass), "scenario");
            format!("What was selected passed ({passed}), but a part never proves conformance.")
        }
    }
}

fn is_or_are(count: usize, one: &str) -> String {
    format!("{} {}", many(count, one), if count == 1 { "is" } else { "are" })
}

fn named<'a>(rows: impl Iterator<Item = &'a RequirementResult>) -> String {
    let ids: Vec<&str> = rows.map(|row| row.id.as_str()).collect();
    let more = ids.len().saturating_sub(NAMED);
    let named = ids.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

fn targets(page: &Shown<'_>) -> String {
    page.results.targets.iter().map(|target| block(page, target)).collect()
}

fn block(page: &Shown<'_>, target: &TargetInfo) -> String {
    let can = |can: bool, what: &str| if can { what.to_owned() } else { format!("not {what}") };
    let control =
        format!("{}, {}", can(target.restartable, "restarted"), can(target.releasable, "made to end a session"));
    let played = page.results.scenarios.iter().filter(|own| own.role == target.role && own.outcome.ran()).count();
    let rows = [
        ("Product", shown(&target.name, 120)),
        ("Vendor", shown(&target.vendor, 120)),
        ("Version", shown(&target.version, 120)),
        ("Role", escaped(&target.role.replace('-', " "))),
        ("Scenarios", played.to_string()),
        ("Can be", control),
        ("Profile", digest(&target.profile_sha256)),
    ];
    listed("target", &rows)
}

/// What decided the verdict, and when and with what it was made.
fn decided(page: &Shown<'_>) -> String {
    let run = &page.results.run;
    let commit = if run.commit.is_empty() { "commit not told by the build".to_owned() } else { shown(&run.commit, 60) };
    let selection = match run.selection {
        Selection::Full => "everything".to_owned(),
        Selection::Partial => format!("a part (shard {})", shown(&run.shard, 60)),
    };
    let waived = page.results.counts.total(Outcome::Waived);
    let rows = [
        ("Run", shown(&run.id, 80)),
        ("Begun", shown(&run.started, 40)),
        ("Took", format!("{}.{:03} s", run.duration_ms / 1000, run.duration_ms % 1000)),
        ("Selected", selection),
        ("Suite", format!("{} ({commit})", shown(&run.suite_version, 40))),
        ("Requirements", digest(&manifest::of_catalogue(page.catalogue))),
        ("Waived", many(waived, "scenario")),
    ];
    listed("decided", &rows)
}

fn digest(sha256: &str) -> String {
    format!("<span class=\"digest\">SHA-256 <code>{}</code></span>", shown(sha256, 64))
}

fn listed(class: &str, rows: &[(&str, String)]) -> String {
    let rows: String = rows.iter().map(|(what, text)| format!("<div><dt>{what}</dt><dd>{text}</dd></div>")).collect();
    format!("<dl class=\"facts {class}\">{rows}</dl>\n")
}

/// All that kept the verdict from being better.
fn reasons(page: &Shown<'_>) -> String {
    let reasons = &page.results.reasons;
    if reasons.is_empty() {
        return String::new();
    }
    let mut html = format!("<details class=\"screen\"><summary>All reasons ({})</summary>\n<ul>\n", reasons.len());
    for reason in reasons.iter().take(REASONS) {
        let _ = writeln!(html, "<li>{}</li>", shown(reason, super::TEXT));
    }
    if reasons.len() > REASONS {
        let _ = writeln!(html, "<li>and {} more in results.json</li>", reasons.len() - REASONS);
    }
    html + "</ul></details>\n"
}

fn contents(page: &Shown<'_>) -> String {
    let links = PARTS.iter().map(|(id, words)| format!("<li><a href=\"#{id}\">{words}</a>{}</li>", tally(page, id)));
    format!("<nav class=\"screen\" aria-label=\"Contents\"><ul>{}</ul></nav>\n", links.collect::<String>())
}

/// How much there is in a part.
fn tally(page: &Shown<'_>, id: &str) -> String {
    let outcome = match id {
        "failures" => Outcome::Fail,
        "errors" => Outcome::Error,
        "inconclusive" => Outcome::Inconclusive,
        _ => return String::new(),
    };
    format!(" ({})", page.results.counts.total(outcome))
}
