//! The head of the page, which is what remains on paper: what was tested, what the run came to and why, and what decided it.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{PARTS, Shown, many};
use crate::report::event::{Selection, TargetInfo};
use crate::report::manifest;
use crate::report::page::{CLOSED, escaped, opened, shown};
use crate::report::results::{RequirementResult, RunVerdict};
use crate::report::seen::Seen;
use crate::verdict::{Level, Outcome};

/// How many reasons are shown.
const REASONS: usize = 40;

/// How many keys of a profile are shown.
const KEYS: usize = 150;

/// How many names of a product are shown.
const NAMES: usize = 4;

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
        ("Calls itself", names(page, target)),
        ("Clock", clock(page, target)),
        ("Doctor", "not known: a run does not ask it; <code>cpm-conformance doctor FILE</code> does".to_owned()),
        ("Profile", digest(&target.profile_sha256)),
    ];
    listed("target", &rows) + &network(target)
}

/// What was seen of a target by its scenarios.
fn seen<'a>(page: &'a Shown<'_>, target: &TargetInfo) -> impl Iterator<Item = &'a Seen> {
    let role = target.role.clone();
    page.results.scenarios.iter().filter(move |own| own.role == role).map(|own| &own.seen)
}

/// What the target says of itself in Server and User-Agent (RFC 3261 sections 20.35 and 20.41).
fn names(page: &Shown<'_>, target: &TargetInfo) -> String {
    let names: BTreeSet<&str> = seen(page, target).flat_map(|own| &own.names).map(String::as_str).collect();
    let told = names.iter().take(NAMES).map(|name| format!("<q>{}</q>", shown(name, 120)));
    match names.len() {
        0 => "not known: no Server or User-Agent of its own was seen".to_owned(),
        count if count > NAMES => {
            format!("{} and {} more", told.collect::<Vec<_>>().join(", "), count - NAMES)
        }
        _ => told.collect::<Vec<_>>().join(", "),
    }
}

/// How its clock goes against the tester's, by the Date of what it sent.
fn clock(page: &Shown<'_>, target: &TargetInfo) -> String {
    let spans: Vec<(i64, i64)> = seen(page, target).filter_map(|own| own.ahead_s).collect();
    let (least, most) = (spans.iter().map(|own| own.0).min(), spans.iter().map(|own| own.1).max());
    let side = |seconds: i64| match seconds {
        -1..=1 => "agrees with the tester's".to_owned(),
        2.. => format!("{seconds} s ahead of the tester's"),
        _ => format!("{} s behind the tester's", seconds.unsigned_abs()),
    };
    match (least, most) {
        (Some(least), Some(most)) if side(least) == side(most) => side(least),
        (Some(least), Some(most)) => format!("between {} and {}", side(least), side(most)),
        _ => "not known: nothing that it sent carries a Date of its own".to_owned(),
    }
}

/// What its profile says of the network.
fn network(target: &TargetInfo) -> String {
    if target.network.is_empty() {
        return String::new();
    }
    let name = shown(&target.name, 120);
    let mut html = format!(
        "<details class=\"screen\"><summary>Network of {name}: {}</summary>\n",
        many(target.network.len(), "key")
    );
    html.push_str(&opened("Keys of the profile; of secrets, the names of their variables alone", &["key", "value"]));
    for (key, value) in target.network.iter().take(KEYS) {
        let _ = writeln!(html, "<tr><th scope=\"row\">{}</th><td>{}</td></tr>", shown(key, 120), shown(value, 240));
    }
    html.push_str(CLOSED);
    if target.network.len() > KEYS {
        let _ = writeln!(html, "<p>And {} more in results.json.</p>", target.network.len() - KEYS);
    }
    html + "</details>\n"
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
        ("Tester", run.invocation.host.as_deref().map_or_else(|| "not known".to_owned(), |host| shown(host, 120))),
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
