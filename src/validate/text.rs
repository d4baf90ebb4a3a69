//! Findings for people.

use std::fmt::Write;

use super::{Found, Level, Validated};
use crate::report::style::{Style, one_line};
use crate::verdict::Outcome;

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Every finding.
    Findings,
    /// How often each rule spoke.
    Summary,
    /// How many there are: the findings themselves were told before.
    End,
}

/// Everything about some files.
#[must_use]
pub fn text(files: &[Validated], shown: Shown, style: Style) -> String {
    let mut out = String::new();
    for file in files {
        match shown {
            Shown::Findings => out.push_str(&told(&file.file, &file.findings, style)),
            Shown::Summary => summary(&mut out, file, style),
            Shown::End => {}
        }
        close(&mut out, file, style);
    }
    out
}

/// Findings about a file, one after the other.
#[must_use]
pub fn told(file: &str, findings: &[Found], style: Style) -> String {
    let mut out = String::new();
    findings.iter().for_each(|found| finding(&mut out, file, found, style));
    out
}

fn coloured(style: Style, level: Level) -> String {
    let outcome = match level {
        Level::Error => Outcome::Fail,
        Level::Warning => Outcome::Inconclusive,
        Level::Info => Outcome::NotApplicable,
    };
    style.outcome(outcome, level.as_str())
}

// Writing into a string does not fail.
fn finding(out: &mut String, file: &str, found: &Found, style: Style) {
    let between = found.between.as_deref().map(|between| format!("  {between}")).unwrap_or_default();
    let title = found.excerpt.as_ref().map(|excerpt| format!("  {}", excerpt.title)).unwrap_or_default();
    let _ = writeln!(out, "{}  {}  {file}:{}{between}{title}", coloured(style, found.level), found.rule, found.frame);
    if let Some(excerpt) = found.excerpt.as_ref().filter(|excerpt| !excerpt.line.is_empty())
        && let (Some((start, end)), Some(underline)) = (found.octets, excerpt.underline())
    {
        let _ = writeln!(out, "    {}\n    {underline} octets {start} to {end}", excerpt.line);
    }
    let _ = writeln!(out, "    expected {}", one_line(&found.expected));
    let _ = writeln!(out, "    observed {}", one_line(&found.observed));
    let _ = writeln!(out, "    {}: {}\n", found.source, found.message);
}

fn summary(out: &mut String, file: &Validated, style: Style) {
    let mut rules: Vec<(Level, &str, u64)> = Vec::new();
    for found in &file.findings {
        match rules.iter_mut().find(|(_, rule, _)| *rule == found.rule) {
            Some((_, _, times)) => *times += 1,
            None => {
                let more = file.more.get(&found.rule).map_or(0, |(_, times)| *times);
                rules.push((found.level, &found.rule, 1 + more));
            }
        }
    }
    rules.sort_by(|left, right| right.0.cmp(&left.0).then(right.2.cmp(&left.2)).then(left.1.cmp(right.1)));
    for (level, rule, times) in rules {
        let _ = writeln!(out, "{times:>8}  {}  {rule}", coloured(style, level));
    }
}

fn close(out: &mut String, file: &Validated, style: Style) {
    let kinds: Vec<String> = file.messages.iter().map(|(protocol, count)| format!("{count} {protocol}")).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let more: u64 = file.more.values().map(|(_, times)| times).sum();
    let more = if more == 0 { String::new() } else { format!("; {more} of them are counted and not shown") };
    let met = file.met().map_or_else(String::new, |met| format!("; {met} rules of requirements are met"));
    let name = &file.file;
    for note in &file.notes {
        let _ = writeln!(out, "{name}: {}", one_line(note));
    }
    if file.is_unreadable() {
        let why = file.error.as_deref().unwrap_or("no message of SIP, MSRP or Diameter was found");
        let _ = writeln!(out, "{name}: {}: {}", style.outcome(Outcome::Fail, "nothing was judged"), one_line(why));
        return;
    }
    if let Some(error) = &file.error {
        let _ = writeln!(out, "{name}: {}: {}", style.outcome(Outcome::Fail, "not read whole"), one_line(error));
    }
    let _ = writeln!(
        out,
        "{name}: {} messages{kinds}: {} errors, {} warnings, {} of level info{more}{met}",
        file.count(),
        file.of(Level::Error),
        file.of(Level::Warning),
        file.of(Level::Info),
    );
}
