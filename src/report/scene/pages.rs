//! The page of a scenario, from its verdict down to its octets.

use std::fmt::Write;

use serde_json::Value;

use super::records::records;
use super::steps::steps;
use super::{Scene, svg};
use crate::evidence::pcapng::display_filter;
use crate::evidence::{Event, What};
use crate::report::contrast::contrasted;
use crate::report::ladder::Ladder;
use crate::report::ladder::messages::Told;
use crate::report::ladder::svg::Flags;
use crate::report::page::{escaped, page};
use crate::report::style::{cut, one_line};
use crate::verdict::Finding;

/// So many characters of a text of a target stand in one place.
const TEXT: usize = 2000;

/// The page.
pub(super) fn scenario(scene: &Scene<'_>, ladder: &Ladder, flags: &Flags, messages: &[Vec<Told>]) -> String {
    let id = &scene.result.id;
    let (drawing, diagram) = (format!("../evidence/{id}.svg"), format!("../evidence/{id}.mmd"));
    let evidence = format!("../{}", scene.result.evidence.as_ref().map_or("evidence", |own| &own.pcapng));
    let menu = [
        ("../index.html", "The run"),
        (drawing.as_str(), "Ladder as SVG"),
        (diagram.as_str(), "Ladder as Mermaid text"),
        (evidence.as_str(), "Evidence for Wireshark"),
    ];
    let mut body = verdict(scene);
    body.push_str(&contents(scene));
    body.push_str(&findings(scene));
    let _ = writeln!(body, "<h2 id=\"requirements\">Requirements</h2>\n{}", requirements(scene));
    let _ = writeln!(body, "<h2 id=\"steps\">Steps</h2>\n{}", steps(scene));
    let _ = writeln!(
        body,
        "<h2 id=\"ladder\">Ladder</h2>\n<p>SIP is solid, MSRP dashed, other protocols dotted. Each line leads to its octets. \
         <a href=\"#timers\">Past the ladder</a></p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"Ladder\">{}</div>",
        svg(ladder, &format!("Ladder of {id}"), flags, "")
    );
    body.push_str(&timers(scene, ladder));
    body.push_str(&notes(scene));
    let _ = writeln!(
        body,
        "<h2 id=\"records\">Records</h2>\n<p>Everything that was seen and done, in order. Times are seconds since the first \
         record.</p>\n{}",
        records(scene, ladder, messages)
    );
    page(&format!("{id}  {}", one_line(&scene.result.title)), &menu, &body)
}

fn verdict(scene: &Scene<'_>) -> String {
    let result = scene.result;
    let mut html = format!(
        "<p><span class=\"verdict {}\">{}</span> {}</p>\n",
        result.outcome.as_str(),
        result.outcome,
        escaped(&cut(&one_line(result.reason.as_deref().unwrap_or_default()), TEXT))
    );
    let blame = result.blame.map(|blame| blame.to_string());
    let figures = [
        ("target", Some(format!("{}, {}", scene.header.target_name, scene.header.role))),
        ("to be asked first", blame),
        ("checks against the wire", Some(result.checks.to_string())),
        ("took", Some(format!("{} ms", result.duration_ms))),
        ("run", Some(scene.header.run_id.clone())),
        ("suite", Some(scene.header.suite_version.clone())),
    ];
    html.push_str("<dl class=\"figures\">");
    for (name, value) in figures.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        let _ = write!(html, "<div><dt>{name}</dt><dd>{}</dd></div>", escaped(&cut(&one_line(&value), 120)));
    }
    let _ = writeln!(
        html,
        "</dl>\n<p>{}, line {}. Run it again: <code>{}</code></p>",
        escaped(&result.feature),
        result.line,
        escaped(&one_line(&result.rerun))
    );
    html
}

fn contents(scene: &Scene<'_>) -> String {
    let all = [
        ("findings", "Findings"),
        ("requirements", "Requirements"),
        ("steps", "Steps"),
        ("ladder", "Ladder"),
        ("timers", "Timers"),
        ("records", "Records"),
    ];
    let own = all.iter().filter(|(id, _)| *id != "findings" || !scene.result.findings.is_empty());
    let links: String = own.map(|(id, name)| format!("<li><a href=\"#{id}\">{name}</a></li>")).collect();
    format!("<nav aria-label=\"Contents\"><ul>{links}</ul></nav>\n")
}

fn findings(scene: &Scene<'_>) -> String {
    if scene.result.findings.is_empty() {
        return String::new();
    }
    let own = scene.result.findings.iter().enumerate().map(|(place, finding)| card(scene, place + 1, finding));
    format!("<h2 id=\"findings\">Findings</h2>\n{}", own.collect::<String>())
}

fn card(scene: &Scene<'_>, number: usize, finding: &Finding) -> String {
    let word = finding.verdict.as_str();
    let mut html = format!(
        "<section class=\"finding {word}\" id=\"finding-{number}\"><h3>{word}: {}</h3><dl>",
        escaped(&one_line(&finding.rule))
    );
    let mut row = |name: &str, value: String| {
        let _ = write!(html, "<dt>{name}</dt><dd>{value}</dd>");
    };
    let text = |text: &str| escaped(&cut(&one_line(text), TEXT));
    if let Some(requirement) = &finding.requirement {
        let own = if scene.result.requirements.contains(requirement) {
            format!("<a href=\"#{0}\">{0}</a>", escaped(requirement))
        } else {
            escaped(requirement)
        };
        row("requirement", format!("{own} ({})", finding.level));
    }
    let [expected, observed] = contrasted(&finding.expected, &finding.observed, TEXT);
    row("expected", expected);
    row("observed", observed);
    row("source", text(&finding.source));
    if let Some(entry) = &finding.interpretation {
        row("ledger", text(entry));
    }
    row("to be asked first", finding.blame.to_string());
    match (finding.frame, finding.octets) {
        (Some(frame), octets) => {
            let octets = octets.map(|(from, to)| format!(", octets {from} to {to}")).unwrap_or_default();
            row("where", format!("<a href=\"#place-{number}\">record {frame}{octets}</a>"));
            row("wireshark", format!("<code>{}</code>", escaped(&display_filter(frame))));
        }
        (None, _) => row("where", "nowhere: something was not seen".to_owned()),
    }
    html + "</dl></section>\n"
}

fn requirements(scene: &Scene<'_>) -> String {
    let mut html = String::new();
    for id in &scene.result.requirements {
        let shown = escaped(id);
        let Some(own) = scene.catalogue.requirement(id) else {
            let _ = writeln!(
                html,
                "<section class=\"card\" id=\"{shown}\"><h3>{shown}</h3><p>not in the catalogue</p></section>"
            );
            continue;
        };
        let _ = write!(
            html,
            "<section class=\"card\" id=\"{shown}\"><h3>{shown} ({})</h3><p>{}</p><p><small>{}</small></p>",
            own.level,
            escaped(&one_line(&own.summary)),
            escaped(&own.source.to_string())
        );
        let served = own.test_purposes.iter().filter(|purpose| scene.result.test_purposes.contains(&purpose.id));
        let served: String = served
            .map(|purpose| {
                let ledger = if purpose.ledger.is_empty() {
                    String::new()
                } else {
                    format!(" (ledger {})", purpose.ledger.join(", "))
                };
                format!(
                    "<li>{} {}{}</li>",
                    escaped(&purpose.id),
                    escaped(&one_line(&purpose.summary)),
                    escaped(&ledger)
                )
            })
            .collect();
        if !served.is_empty() {
            let _ = write!(html, "<p>Shown here:</p><ul>{served}</ul>");
        }
        html.push_str("</section>\n");
    }
    html
}

fn timers(scene: &Scene<'_>, ladder: &Ladder) -> String {
    let mut html = "<h2 id=\"timers\">Timers</h2>\n".to_owned();
    if ladder.waits.is_empty() {
        html.push_str("<p>Nothing was waited for.</p>\n");
    } else {
        html.push_str(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Waits\"><table class=\"text\"><caption>What was \
             waited for</caption><thead><tr><th scope=\"col\">record</th><th scope=\"col\">for</th><th scope=\"col\">took</th>\
             <th scope=\"col\">at most</th></tr></thead><tbody>\n",
        );
        for wait in &ladder.waits {
            let took = wait.ended.map(|ended| format!("{} ms", ended.since(wait.began).as_millis()));
            let over = if wait.over { ", its time was over" } else { "" };
            let _ = writeln!(
                html,
                "<tr><td class=\"number\"><a href=\"#f{0}\">{0}</a></td><td>{1}</td><td class=\"number\">{2}{over}</td>\
                 <td class=\"number\">{3} ms</td></tr>",
                wait.frame,
                escaped(&one_line(&wait.what)),
                took.unwrap_or_else(|| "the scenario ended before".to_owned()),
                wait.most_ms
            );
        }
        html.push_str("</tbody></table></div>\n");
    }
    html.push_str(&settings("The times of the network", &scene.header.timers));
    html.push_str(&settings("The statement by which it was judged", &scene.header.statement));
    html
}

/// Keys and values of the profile.
fn settings(name: &str, value: &Value) -> String {
    let Some(entries) = value.as_object() else { return String::new() };
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let rows: String = entries
        .iter()
        .map(|(key, value)| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                escaped(key),
                escaped(&cut(&one_line(&shown(value)), 200))
            )
        })
        .collect();
    format!("<details><summary>{name}</summary><table class=\"text\"><tbody>{rows}</tbody></table></details>\n")
}

fn notes(scene: &Scene<'_>) -> String {
    let mut html = String::new();
    for (frame, record) in (1u64..).zip(scene.records) {
        let text = match &record.what {
            What::Event(Event::Note { text }) => text.clone(),
            What::Event(Event::Lag { ms }) => format!("a timer of the tester was late by {ms} ms"),
            What::Event(Event::Dropped { datagrams }) => format!("the tester's kernel dropped {datagrams} datagrams"),
            What::Event(Event::NetworkLost { datagrams }) => format!("the network lost {datagrams} datagrams"),
            _ => continue,
        };
        let _ = writeln!(
            html,
            "<li><a href=\"#f{frame}\">record {frame}</a> {}</li>",
            escaped(&cut(&one_line(&text), TEXT))
        );
    }
    if html.is_empty() { html } else { format!("<h2 id=\"notes\">Notes</h2>\n<ul>\n{html}</ul>\n") }
}
