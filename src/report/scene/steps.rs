//! The scenario as it was played: each step, and what came of it.

use std::fmt::Write;

use super::Scene;
use super::octets::visible;
use crate::evidence::{Event, Sentence, Stop, What};
use crate::report::page::escaped;
use crate::report::style::{cut, one_line};
use crate::verdict::FindingVerdict;

/// So many characters of a cell of a table are shown.
const CELL: usize = 400;
/// So many octets of a text below a sentence are shown.
const BELOW: usize = 4096;

/// A step that was begun.
struct Step {
    frame: u64,
    index: u32,
    keyword: String,
    text: String,
    line: u32,
    /// The record after its last.
    until: u64,
    /// The rules that it awaited.
    awaited: Vec<String>,
}

/// The steps as a list.
pub(super) fn steps(scene: &Scene<'_>) -> String {
    let (steps, stop) = played(scene);
    let mut html = "<ol class=\"steps\">\n".to_owned();
    let why = stop.map(|stop| {
        format!("<p class=\"stopped\">The scenario did not go on: {}.</p>", escaped(&one_line(&words(stop))))
    });
    for (place, step) in steps.iter().enumerate() {
        let ends = stop.is_some() && place + 1 == steps.len();
        let came = came_of(scene, &steps, place, ends);
        let _ = writeln!(
            html,
            "<li value=\"{}\" id=\"step-{0}\"><a href=\"#f{}\"><b>{}</b> {}</a> <small>line {}</small> {}{}{}</li>",
            step.index,
            step.frame,
            escaped(&step.keyword),
            escaped(&one_line(&step.text)),
            step.line,
            came,
            scene.header.sentences.iter().find(|own| own.line == step.line).map(below).unwrap_or_default(),
            why.as_deref().filter(|_| ends).unwrap_or_default()
        );
    }
    html.push_str(&unreached(scene, &steps));
    html.push_str("</ol>\n");
    html.push_str(why.as_deref().filter(|_| steps.is_empty()).unwrap_or_default());
    html
}

/// What stands below a sentence in the feature: its table, its text.
fn below(sentence: &Sentence) -> String {
    let mut html = String::new();
    let rows = sentence.table.iter().enumerate().map(|(place, row)| {
        let cells = row.iter().map(|cell| {
            let text = escaped(&cut(&one_line(cell), CELL));
            if place == 0 { format!("<th scope=\"col\">{text}</th>") } else { format!("<td>{text}</td>") }
        });
        format!("<tr>{}</tr>", cells.collect::<String>())
    });
    if !sentence.table.is_empty() {
        let _ = write!(html, "<table class=\"text\">{}</table>", rows.collect::<String>());
    }
    if let Some(text) = &sentence.text_below {
        html.push_str("<pre>");
        visible(&mut html, text.as_bytes(), 0..text.len().min(BELOW));
        html.push_str("</pre>");
        if text.len() > BELOW {
            let _ =
                write!(html, "<p class=\"cut\">{} octets are not shown; the feature has them</p>", text.len() - BELOW);
        }
    }
    html
}

/// The sentences of the feature that were never begun, since the scenario ended before.
fn unreached(scene: &Scene<'_>, steps: &[Step]) -> String {
    let begun = |own: &&Sentence| steps.iter().any(|step| step.line == own.line);
    let left = scene.header.sentences.iter().filter(|own| !begun(own));
    let item = |own: &Sentence| {
        format!(
            "<li class=\"unreached\"><b>{}</b> {} <small>line {}</small> <span class=\"verdict\">not reached</span>{}</li>\n",
            escaped(&one_line(&own.keyword)),
            escaped(&one_line(&own.text)),
            own.line,
            below(own)
        )
    };
    left.map(item).collect()
}

fn played<'a>(scene: &Scene<'a>) -> (Vec<Step>, Option<&'a Stop>) {
    let mut steps: Vec<Step> = Vec::new();
    let mut stop = None;
    for (frame, record) in (1..).zip(scene.records) {
        if let Some(step) = steps.last_mut() {
            step.until = frame + 1;
        }
        let What::Event(event) = &record.what else { continue };
        match (event, steps.last_mut()) {
            (Event::Step { index, keyword, text, line }, before) => {
                if let Some(before) = before {
                    before.until = frame;
                }
                let (keyword, text) = (keyword.clone(), text.clone());
                let (index, line, until) = (*index, *line, frame + 1);
                steps.push(Step { frame, index, keyword, text, line, until, awaited: Vec::new() });
            }
            (Event::Awaited { rule, .. }, Some(step)) => step.awaited.push(rule.clone()),
            (Event::Over { stop: why }, _) => stop = why.as_ref(),
            _ => {}
        }
    }
    (steps, stop)
}

/// What came of a step: a finding of the rule that it awaited last of all, else one about a message within it.
fn came_of(scene: &Scene<'_>, steps: &[Step], place: usize, stopped: bool) -> String {
    let Some(step) = steps.get(place) else { return String::new() };
    let awaits_last = |rule: &str| {
        let mut later = steps.iter().skip(place + 1);
        step.awaited.iter().any(|own| own == rule) && !later.any(|later| later.awaited.iter().any(|own| own == rule))
    };
    let within = |frame: Option<u64>| frame.is_some_and(|frame| (step.frame..step.until).contains(&frame));
    let mut own: Vec<(usize, FindingVerdict)> = Vec::new();
    for (number, finding) in scene.result.findings.iter().enumerate() {
        let awaited = steps.iter().any(|step| step.awaited.contains(&finding.rule));
        if awaits_last(&finding.rule) || !awaited && within(finding.frame) || stopped && finding.rule == "scenario" {
            own.push((number + 1, finding.verdict));
        }
    }
    let links: Vec<String> = own
        .iter()
        .map(|(number, verdict)| {
            let word = verdict.as_str();
            format!("<a class=\"verdict {word}\" href=\"#finding-{number}\">{word}</a>")
        })
        .collect();
    match (links.is_empty(), stopped, step.awaited.is_empty()) {
        (false, ..) => links.join(" "),
        (true, true, _) => "<span class=\"verdict inconclusive\">stopped here</span>".to_owned(),
        (true, false, false) => "<span class=\"verdict pass\">met</span>".to_owned(),
        (true, false, true) => "<span class=\"verdict\">done</span>".to_owned(),
    }
}

fn words(stop: &Stop) -> String {
    match stop {
        Stop::Broken => "the rule that was awaited last is broken".to_owned(),
        Stop::Unmet => "the rule that was awaited last could not be judged".to_owned(),
        Stop::Unseen { why, blame } => format!("{why} ({blame} is to be asked)"),
        Stop::Undecided { why, ledger } => format!("{why} (ledger {ledger})"),
        Stop::Harness(why) => format!("the suite is at fault: {why}"),
    }
}
