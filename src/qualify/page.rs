//! qualify.html: the kill matrix, one page that needs no network and no script.

use super::row::{Cells, FaultRow, NullRow};
use super::{Qualification, Sample};
use crate::report::page::{STYLE, escaped};
use crate::requirements::{Catalogue, FaultKind, Requirement};
use crate::verdict::Outcome;
use std::fmt::Write;

/// The page. `what` tells people what a fault, or a target that is none, does wrong.
pub fn page(whole: &Qualification, what: &dyn Fn(&str) -> String) -> String {
    let catalogue = Catalogue::embedded();
    let complaints: Vec<String> = whole.errors().into_iter().chain(whole.complaints()).collect();
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Kill matrix</title>\n<style>\n{STYLE}</style></head>\n\
         <body>\n<h1>What the suite sees, and what it does not pass</h1>\n{}\n",
        summary(whole, &complaints)
    );
    let requirements: Vec<&Requirement> = catalogue.requirements().iter().collect();
    html.push_str(
        "<div class=\"scroll\"><table>\n<caption>Each row is an element with one known fault, each column a \
                   test purpose.</caption>\n",
    );
    html.push_str(&columns(&requirements));
    for requirement in &requirements {
        let own: Vec<&FaultRow> = whole.faults.iter().filter(|fault| fault.requirement == requirement.id).collect();
        if !own.is_empty() {
            html.push_str(&faults(requirement, &own, &requirements, what));
        }
    }
    html.push_str(&nulls(&whole.null_targets, &requirements, what));
    html.push_str("</table></div>\n");
    html.push_str(&sample(&whole.sockets));
    html.push_str("</body></html>\n");
    html
}

fn summary(whole: &Qualification, complaints: &[String]) -> String {
    let killed = |kind: FaultKind| {
        let of = whole.faults.iter().filter(|fault| fault.kind == kind);
        (of.clone().filter(|fault| fault.killed).count(), of.count())
    };
    let (hard, hard_all) = killed(FaultKind::Hard);
    let (soft, soft_all) = killed(FaultKind::Soft);
    let right = whole.faults.iter().filter(|fault| fault.right_requirement).count();
    let passed: usize = whole.null_targets.iter().map(|null| null.passed).sum();
    let control: usize = whole.control.iter().map(|control| control.passed).sum();
    let mut text = format!(
        "<dl class=\"figures\"><div><dt>faults that must fail</dt><dd>{hard} of {hard_all} fail</dd></div>\
         <div><dt>faults that the ledger bears</dt><dd>{soft} of {soft_all} told as such</dd></div>\
         <div><dt>right requirement named</dt><dd>{right} of {}</dd></div>\
         <div><dt>scenarios that a null target passes</dt><dd>{passed}, of {} targets</dd></div>\
         <div><dt>scenarios that the reference passes</dt><dd>{control}</dd></div></dl>\n\
         <p class=\"legend\"><span class=\"fail\">F</span> fail <span class=\"inconclusive\">i</span> inconclusive \
         <span class=\"warning\">w</span> pass with the warning that the ledger wants \
         <span class=\"error\">E</span> error of the suite <span class=\"pass\">&middot;</span> pass \
         <span class=\"none\">&nbsp;</span> not applicable; framed: what is meant to show the fault</p>",
        whole.faults.len(),
        whole.null_targets.len(),
    );
    if !complaints.is_empty() {
        let items: String = complaints.iter().map(|one| format!("<li>{}</li>", escaped(one))).collect();
        let _ = write!(text, "<h2>What is wrong</h2><ul class=\"wrong\">{items}</ul>");
    }
    text
}

fn columns(requirements: &[&Requirement]) -> String {
    let mut groups = String::from(
        "<thead><tr><th rowspan=\"2\" scope=\"col\">element</th><th rowspan=\"2\" scope=\"col\">\
                                   seen</th>",
    );
    let mut purposes = String::from("<tr>");
    for requirement in requirements {
        let count = requirement.test_purposes.len();
        let _ = write!(groups, "<th colspan=\"{count}\" scope=\"colgroup\">{}</th>", requirement.id);
        for purpose in &requirement.test_purposes {
            let short = purpose.id.rsplit('-').next().unwrap_or_default();
            let (id, summary) = (&purpose.id, escaped(&purpose.summary));
            let _ = write!(purposes, "<th scope=\"col\" title=\"{id}: {summary}\">{short}</th>");
        }
    }
    format!("{groups}</tr>{purposes}</tr></thead>\n")
}

fn faults(
    requirement: &Requirement,
    own: &[&FaultRow],
    requirements: &[&Requirement],
    what: &dyn Fn(&str) -> String,
) -> String {
    let mut body =
        format!("<tbody><tr class=\"group\"><th colspan=\"2\" scope=\"rowgroup\">{}</th></tr>\n", requirement.id);
    for fault in own {
        let meant = requirement.faults.iter().find(|row| row.id == fault.id).map_or(&[][..], |row| &row.shown_by);
        let (word, class) = match (fault.killed, fault.right_requirement) {
            (true, true) => ("yes", "seen"),
            (true, false) => ("elsewhere", "elsewhere"),
            (false, _) => ("no", "unseen"),
        };
        let kind = if fault.kind == FaultKind::Soft { " <small>soft</small>" } else { "" };
        let _ = writeln!(
            body,
            "<tr><th scope=\"row\" title=\"{}\">{}{kind}</th><td class=\"{class}\">{word}</td>{}</tr>",
            escaped(&what(&fault.id)),
            fault.id,
            cells(fault, meant, requirements)
        );
    }
    body.push_str("</tbody>\n");
    body
}

fn nulls(nulls: &[NullRow], requirements: &[&Requirement], what: &dyn Fn(&str) -> String) -> String {
    let mut body = String::from(
        "<tbody><tr class=\"group\"><th colspan=\"2\" scope=\"rowgroup\">targets that are none</th></tr>\n",
    );
    for null in nulls {
        let (word, class) =
            if null.passed == 0 { ("none passes".to_owned(), "seen") } else { (null.passed.to_string(), "unseen") };
        let _ = writeln!(
            body,
            "<tr><th scope=\"row\" title=\"{}\">{}</th><td class=\"{class}\">{word}</td>{}</tr>",
            escaped(&what(&null.id)),
            null.id,
            row(&null.cells, requirements, |purpose, outcome| mark(outcome, purpose, &[], false))
        );
    }
    body.push_str("</tbody>\n");
    body
}

/// The cells of a fault: what is meant to show it is framed, and where the ledger bears it, its warning stands.
fn cells(fault: &FaultRow, meant: &[String], requirements: &[&Requirement]) -> String {
    let borne = |purpose: &String| fault.kind == FaultKind::Soft && fault.killed_by.contains(purpose);
    row(&fault.cells, requirements, |purpose, outcome| mark(outcome, purpose, meant, borne(purpose)))
}

fn row(cells: &Cells, requirements: &[&Requirement], mark: impl Fn(&String, Option<&Outcome>) -> String) -> String {
    let purposes = requirements.iter().flat_map(|requirement| &requirement.test_purposes);
    purposes.map(|purpose| mark(&purpose.id, cells.get(&purpose.id))).collect()
}

fn mark(outcome: Option<&Outcome>, purpose: &String, meant: &[String], borne: bool) -> String {
    let (class, letter) = match outcome {
        Some(Outcome::Fail) => ("fail", "F"),
        Some(Outcome::Inconclusive) => ("inconclusive", "i"),
        Some(Outcome::Error) => ("error", "E"),
        Some(Outcome::Pass) if borne => ("warning", "w"),
        Some(Outcome::Pass) => ("pass", "&middot;"),
        _ => ("none", ""),
    };
    let frame = if meant.contains(purpose) { " meant" } else { "" };
    format!("<td class=\"{class}{frame}\">{letter}</td>")
}

/// What was done again over sockets, in words.
fn sample(sample: &Sample) -> String {
    if sample.faults.is_empty() && sample.null_targets.is_empty() {
        return String::new();
    }
    let faults = sample.faults.iter().map(|fault| {
        let word = if fault.killed { "seen" } else { "not seen" };
        format!("<li>{}: {word} ({})</li>", fault.id, fault.killed_by.join(", "))
    });
    let nulls = sample.null_targets.iter().map(|null| format!("<li>{}: {} scenarios pass</li>", null.id, null.passed));
    format!("<h2>As processes behind sockets</h2><ul>{}</ul>\n", faults.chain(nulls).collect::<String>())
}
