//! One test case of the specification: a scenario as a table of what it needs, what is done and what has to be seen.

use std::fmt::Write;

use super::{escaped, link, links};
use crate::coverage::Material;
use crate::run::{Procedure, Sentence};
use crate::steps::Keyword;

/// The table of a scenario.
pub(super) fn case(material: &Material, procedure: &Procedure) -> String {
    let own = &procedure.written;
    let id = escaped(&own.id);
    let mut html = format!(
        "<h4 id=\"{id}\">{id}</h4>\n<table class=\"text case\"><caption>{}</caption><tbody>\n",
        escaped(&own.title)
    );
    let purposes = links("index.html", own.test_purposes.iter().map(String::as_str));
    let mut ledger: Vec<&str> = Vec::new();
    for entry in
        own.test_purposes.iter().filter_map(|id| material.catalogue.test_purpose(id)).flat_map(|(_, own)| &own.ledger)
    {
        if !ledger.contains(&entry.as_str()) {
            ledger.push(entry);
        }
    }
    row(&mut html, "Test object", &format!("{}, {}", escaped(&own.role), escaped(&own.level)));
    row(&mut html, "Test purpose", &purposes);
    row(&mut html, "Specification", &specification(material, procedure));
    row(&mut html, "Applicability", &applicability(material, procedure));
    row(&mut html, "Preconditions", &listed(procedure, Keyword::Given, &|_| String::new()));
    row(&mut html, "Procedure", &listed(procedure, Keyword::When, &|_| String::new()));
    row(&mut html, "Pass criteria", &listed(procedure, Keyword::Then, &|said| wanted(material, said)));
    if !ledger.is_empty() {
        row(&mut html, "Interpretations", &links("", ledger));
    }
    html + "</tbody></table>\n"
}

fn row(html: &mut String, what: &str, text: &str) {
    let _ = writeln!(html, "<tr><th scope=\"row\">{what}</th><td>{text}</td></tr>");
}

fn specification(material: &Material, procedure: &Procedure) -> String {
    let own = procedure.written.requirements.iter().map(|id| {
        let source = material.catalogue.requirement(id).map(|own| own.source.to_string()).unwrap_or_default();
        format!("{} ({})", link("index.html", id), escaped(&source))
    });
    own.collect::<Vec<_>>().join("; ")
}

/// What the statement has to say for a scenario to apply, and what the profile has to have.
fn applicability(material: &Material, procedure: &Procedure) -> String {
    let own = &procedure.written;
    let mut needs: Vec<String> = Vec::new();
    let mut keys: Vec<&str> = Vec::new();
    for (key, _) in own.tags.iter().filter_map(|tag| tag.split_once('=')) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    for key in keys {
        let values = own.tags.iter().filter_map(|tag| tag.split_once('=')).filter(|(other, _)| *other == key);
        let values: Vec<String> = values.map(|(_, value)| escaped(value)).collect();
        needs.push(format!("<a href=\"#statement.{key}\">{key}</a>: {}", values.join(" or ")));
    }
    for requirement in own.requirements.iter().filter_map(|id| material.catalogue.requirement(id)) {
        let of = |what: &str, key: &String, values: &[String]| {
            format!("{what} <a href=\"#statement.{key}\">{key}</a>: {}", escaped(&values.join(" or ")))
        };
        needs.extend(requirement.needs.iter().map(|(key, values)| of("", key, values).trim_start().to_owned()));
        needs.extend(requirement.declined.iter().map(|(key, values)| of("not", key, values)));
        needs.extend(requirement.not_observable.iter().map(|(key, values)| of("not", key, values)));
    }
    let marks = [
        ("restart", "a way to restart the target (control.restart)"),
        ("admin_release", "a way to have a session ended (control.admin_release)"),
    ];
    needs.extend(
        marks.iter().filter(|(mark, _)| own.tags.iter().any(|tag| tag == mark)).map(|(_, what)| (*what).to_owned()),
    );
    let mut text = if needs.is_empty() { "always".to_owned() } else { needs.join("; ") };
    if own.tags.iter().any(|tag| tag == "slow") {
        text.push_str(" (lasts longer than 10 s by nature)");
    }
    text
}

/// The sentences of one sort, numbered as they stand in the scenario.
fn listed(procedure: &Procedure, keyword: Keyword, besides: &dyn Fn(&Sentence) -> String) -> String {
    let mut html = String::new();
    for (index, said) in procedure.sentences.iter().enumerate().filter(|(_, said)| said.keyword == keyword) {
        let _ =
            write!(html, "<li value=\"{}\">{}{}{}</li>", index + 1, escaped(&said.text), table(said), besides(said));
    }
    if html.is_empty() { "none".to_owned() } else { format!("<ol>{html}</ol>") }
}

fn table(said: &Sentence) -> String {
    let Some((heads, rows)) = said.table.split_first() else { return String::new() };
    let cells = |cells: &[String], open: &str, close: &str| -> String {
        cells.iter().map(|cell| format!("{open}{}{close}", escaped(cell))).collect()
    };
    let rows: String = rows.iter().map(|row| format!("<tr>{}</tr>", cells(row, "<td>", "</td>"))).collect();
    format!(
        "<table><thead><tr>{}</tr></thead><tbody>{rows}</tbody></table>",
        cells(heads, "<th scope=\"col\">", "</th>")
    )
}

/// What the rules behind a Then want.
fn wanted(material: &Material, said: &Sentence) -> String {
    let ids = material.behind(&said.text).into_iter().flatten();
    let rules = ids.filter_map(|id| material.rules.iter().find(|rule| rule.id == *id));
    rules.map(|rule| format!("<br/><small>{}: {}</small>", link("", rule.id), escaped(rule.what))).collect()
}
