//! Failures, grouped by their cause: a card for each, with the nine lines of the failure block about the scenario that shows
//! it best, and all scenarios that it spoils.

use std::fmt::Write;

use super::{Shown, TEXT, heading, many, outcome, scenario, some_scenarios};
use crate::report::causes::{Cause, causes};
use crate::report::contrast::contrasted;
use crate::report::failure::FailureBlock;
use crate::report::page::{CLOSED, escaped, opened, shown};
use crate::report::style::{cut, one_line};
use crate::report::waivers;
use crate::verdict::Outcome;

/// How many causes have a card; further ones have a line.
const CARDS: usize = 40;

/// How many scenarios a card names.
const NAMED: usize = 60;

/// How many characters of a text to copy are shown.
const COPIED: usize = 6000;

/// How many lines of the exchange a card shows, and how many characters of each.
const EXCHANGE: (usize, usize) = (14, 160);

/// The cards.
pub(super) fn failures(page: &Shown<'_>) -> String {
    let causes = causes(&page.results.scenarios, Outcome::Fail);
    let mut html = heading("failures");
    if causes.is_empty() {
        return html + "<p>No scenario failed.</p>\n";
    }
    let failed = page.results.counts.total(Outcome::Fail);
    let _ = writeln!(
        html,
        "<p>{} failed, for what looks like {}. What one cause explains stands on one card.</p>",
        many(failed, "scenario"),
        many(causes.len(), "cause")
    );
    html.push_str(&cards(page, &causes, "fail"));
    html
}

/// A card for each cause, and a line for each that is too many.
pub(super) fn cards(page: &Shown<'_>, causes: &[Cause<'_>], prefix: &str) -> String {
    let (carded, others) = causes.split_at_checked(CARDS).unwrap_or((causes, &[]));
    let mut html = String::new();
    for (number, cause) in (1..).zip(carded) {
        html.push_str(&card(page, cause, &format!("{prefix}.{number}")));
    }
    if !others.is_empty() {
        html.push_str(&opened("Further causes", &["rule", "observed", "allowed", "scenarios"]));
        html.extend(others.iter().map(line));
        html.push_str(CLOSED);
    }
    html
}

fn card(page: &Shown<'_>, cause: &Cause<'_>, id: &str) -> String {
    let own = cause.scenario;
    let block = FailureBlock::about(own, cause.finding, page.catalogue);
    let count = cause.scenarios.len();
    let mut html = format!(
        "<article class=\"cause {}\" aria-labelledby=\"{id}\">\n<h3 id=\"{id}\">{} {}</h3>\n<p>{}: {} <small>{}</small></p>\n<dl>\n",
        own.outcome.as_str(),
        outcome(own.outcome),
        shown(&cause.finding.rule, 120),
        scenario(own),
        shown(&own.title, TEXT),
        if count == 1 { String::new() } else { format!("and {}", many(count - 1, "other scenario")) }
    );
    let [expected, observed] = contrasted(&cause.finding.expected, &cause.finding.observed, TEXT);
    for (label, text) in &block.lines {
        let told = match *label {
            "observed" => around(text, &cause.finding.observed, &observed) + &field(cause),
            "allowed" => around(text, &cause.finding.expected, &expected),
            "exchange" => exchange(cause),
            "wireshark" => wireshark(cause, text),
            "run again" if text.is_empty() => "it was not run".to_owned(),
            "run again" => to_copy("Command", text),
            _ => shown(text, TEXT),
        };
        let class = if *label == "observed" { " class=\"observed\"" } else { "" };
        let _ = writeln!(html, "<dt>{label}</dt><dd{class}>{told}</dd>");
    }
    html.push_str("</dl>\n");
    html.push_str(&waiver(page, cause));
    if count > 1 {
        let rules = cause.rules.iter().map(|(rule, times)| format!("{} ({times})", shown(rule, 120)));
        let _ = writeln!(
            html,
            "<details><summary>All {}</summary><p>{}</p><p>Rules: {}</p></details>",
            many(count, "scenario"),
            some_scenarios(cause.scenarios.iter().copied(), NAMED),
            rules.take(NAMED).collect::<Vec<_>>().join(", ")
        );
    }
    html + "</article>\n"
}

/// A line of the block, in which a text of the finding is shown as it was marked.
fn around(line: &str, text: &str, marked: &str) -> String {
    match line.split_once(&one_line(text)) {
        Some((before, after)) if !text.trim().is_empty() => {
            format!("{}{marked}{}", escaped(before), shown_after(after))
        }
        _ => shown(line, TEXT),
    }
}

fn shown_after(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" {}", shown(text, TEXT)) }
}

/// The octets that the finding is about, in their line of the message.
fn field(cause: &Cause<'_>) -> String {
    let place = cause.finding.frame.zip(cause.finding.octets);
    let Some(own) = place.and_then(|place| cause.scenario.excerpts.get(&place)) else { return String::new() };
    let name = own.field.as_ref().map(|name| format!("Field {}: ", shown(name, 60))).unwrap_or_default();
    format!(
        "<pre tabindex=\"0\" aria-label=\"Octets of the finding\">{name}{}<mark>{}</mark>{}</pre>",
        piece(&own.before),
        piece(&own.marked),
        piece(&own.after)
    )
}

/// A piece of a line, blanks at its ends kept.
fn piece(text: &str) -> String {
    let plain: String = text.chars().map(|own| if own.is_whitespace() { ' ' } else { own }).collect();
    let visible: Vec<String> = plain.split(' ').map(one_line).collect();
    escaped(&cut(&visible.join(" "), TEXT))
}

/// A text that is there to be copied: one click takes all of it.
fn to_copy(name: &str, text: &str) -> String {
    format!(
        "<pre class=\"copy\" tabindex=\"0\" aria-label=\"{name}\"><code>{}</code></pre>",
        escaped(&cut(text, COPIED))
    )
}

/// What would excuse all that the card is about, for a while.
fn waiver(page: &Shown<'_>, cause: &Cause<'_>) -> String {
    let (text, more) = waivers::template(cause, &page.results.run, &page.results.targets);
    let more = if more == 0 { String::new() } else { format!(" Of the entries {more} more are left out.") };
    format!(
        "<details><summary>Waiver to copy</summary><p>For <code>run --waivers FILE</code>, with a reason and a link of yours. \
         What is waived is never conformant.{more}</p>{}</details>\n",
        to_copy("Waiver", text.trim_end())
    )
}

/// The last messages before the end, with the one marked that the finding is about.
fn exchange(cause: &Cause<'_>) -> String {
    let own = cause.scenario;
    if own.ladder.is_empty() {
        return "nothing was exchanged".to_owned();
    }
    let about = cause.finding.frame.map(|frame| format!("{frame} "));
    let at = about.as_ref().and_then(|about| own.ladder.iter().position(|line| line.starts_with(about.as_str())));
    let end = at.map_or(own.ladder.len(), |at| (at + 4).min(own.ladder.len()));
    let from = end.saturating_sub(EXCHANGE.0);
    let mut lines = String::new();
    for (index, line) in own.ladder.iter().enumerate().take(end).skip(from) {
        let text = shown(line, EXCHANGE.1);
        let _ = if Some(index) == at { writeln!(lines, "<mark>{text}</mark>") } else { writeln!(lines, "{text}") };
    }
    let ladder = own
        .evidence
        .as_ref()
        .map_or_else(String::new, |_| format!("<a href=\"evidence/{}.svg\">as a ladder</a>", escaped(&own.id)));
    format!("<pre tabindex=\"0\" aria-label=\"Exchange\">{lines}</pre>{ladder}")
}

/// The evidence, and a display filter for the packet.
fn wireshark(cause: &Cause<'_>, text: &str) -> String {
    let Some(evidence) = &cause.scenario.evidence else { return shown(text, TEXT) };
    let file = escaped(&evidence.pcapng);
    let filter = text.strip_prefix(&evidence.pcapng).unwrap_or(text).trim();
    format!("<a href=\"{file}\">{file}</a>{}", to_copy("Display filter", filter))
}

fn line(cause: &Cause<'_>) -> String {
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        shown(&cause.finding.rule, 120),
        shown(&cause.finding.observed, 160),
        shown(&cause.finding.expected, 160),
        some_scenarios(cause.scenarios.iter().copied(), 5)
    )
}
