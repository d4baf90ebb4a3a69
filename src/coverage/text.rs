//! Coverage for a terminal: each requirement with what serves it, then what is missing.

use std::fmt::Write;

use super::baseline::Difference;
use super::{Coverage, Covered, Purpose};

/// So many lines of a difference are shown.
const SHOWN: usize = 20;

/// Each requirement, its test purposes, and what serves them.
#[must_use]
pub fn requirements(coverage: &Coverage) -> String {
    coverage.requirements.iter().map(requirement).collect()
}

fn requirement(own: &Covered) -> String {
    let (id, level, subject) = (&own.id, own.level, own.subject.as_str());
    let mut text = format!("{id} {level} {subject} ({})\n  {}\n", own.source, own.summary);
    let faults: Vec<&str> = own.faults.iter().map(|fault| fault.id.as_str()).collect();
    let reference: Vec<&str> = own.reference.iter().map(|place| place.module.as_str()).collect();
    line(&mut text, "said in", &own.sentences.join("; "), own.none.get("sentences"));
    line(&mut text, "ledger", &own.ledger.join(" "), None);
    line(&mut text, "rules", &own.rules.join(" "), own.none.get("rules"));
    line(&mut text, "reference", &reference.join(" "), own.none.get("code"));
    line(&mut text, "faults", &faults.join(" "), own.none.get("faults"));
    text.extend(own.test_purposes.iter().map(purpose));
    text
}

/// What there is of something, or why there is none.
fn line(text: &mut String, label: &str, what: &str, why: Option<&String>) {
    match (what, why) {
        ("", None) => {}
        ("", Some(why)) => drop(writeln!(text, "  {label:<9}  none: {why}")),
        _ => drop(writeln!(text, "  {label:<9}  {what}")),
    }
}

fn purpose(own: &Purpose) -> String {
    let (id, level, sign) = (&own.id, own.level, own.sign.as_str());
    let mut text = format!("  {id} {level} {sign} [{}]\n    {}\n", own.ledger.join(" "), own.summary);
    let slugs: Vec<&str> = own.scenarios.iter().map(|scenario| slug(scenario, id)).collect();
    let _ = writeln!(text, "    {} by {}", counted(slugs.len(), "scenario"), slugs.join(" "));
    if !own.rules.is_empty() {
        let _ = writeln!(text, "    judged by {}", own.rules.join(" "));
    }
    text
}

/// A scenario under its test purpose: the slug alone if it is named after that.
fn slug<'a>(scenario: &'a str, purpose: &str) -> &'a str {
    scenario.strip_prefix(purpose).and_then(|rest| rest.strip_prefix('.')).unwrap_or(scenario)
}

/// So many of something.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// How much there is, what is missing, and what is otherwise than in the baseline.
#[must_use]
pub fn summary(coverage: &Coverage, difference: &Difference) -> String {
    let counts = coverage.counts;
    let of = [
        (counts.sentences, "sentence"),
        (counts.requirements, "requirement"),
        (counts.test_purposes, "test purpose"),
        (counts.scenarios, "scenario"),
        (counts.rules, "rule"),
        (counts.faults, "fault"),
    ];
    let mut text = of.map(|(count, what)| counted(count, what)).join(", ");
    let _ = writeln!(text, "\n{}", if counts.gaps == 0 { "no gap".to_owned() } else { counted(counts.gaps, "gap") });
    for gap in &coverage.gaps {
        let _ = writeln!(text, "  {}: {}: {}", gap.kind.as_str(), gap.id, gap.why);
    }
    if difference.is_none() {
        text.push_str("as in the baseline\n");
        return text;
    }
    let (lost, new) = (&difference.lost, &difference.new);
    let _ = writeln!(text, "otherwise than in the baseline: {} lost, {} new", lost.len(), new.len());
    let signed = lost.iter().map(|fact| ('-', fact)).chain(new.iter().map(|fact| ('+', fact)));
    for (sign, fact) in signed.take(SHOWN) {
        let _ = writeln!(text, "  {sign} {fact}");
    }
    if lost.len() + new.len() > SHOWN {
        text.push_str("  and more\n");
    }
    text.push_str("if that is meant, renew it: cpm-conformance coverage --renew\n");
    text
}
