//! traceability.html: every sentence of the source documents with what became of it.

use std::fmt::Write;

use super::{CLOSED, escaped, links, opened};
use crate::coverage::{Coverage, Material, Traced};

/// What stands in the page.
pub(super) fn body(material: &Material, coverage: &Coverage) -> String {
    let mut html = "<p>Each sentence and bullet in our words, numbered in the order of the text, with the requirement to which it \
                    led, or the reason for none. <a href=\"traceability.csv\">The same as a table for programs</a>, with the \
                    scenarios.</p>\n"
        .to_owned();
    for document in &material.traceability.documents {
        let id = escaped(&document.id);
        let _ = writeln!(html, "<h2 id=\"{id}\">{id}: {}</h2>", escaped(&document.title));
        let columns = ["place", "says", "requirements", "test purposes", "scenarios", "reason or remark"];
        html.push_str(&opened(&format!("Sentences of {}", document.id), &columns));
        for said in &document.sentences {
            let place = format!("{} {}", document.id, said.place);
            let traced = coverage.sentences.iter().find(|own| own.id == place);
            html.extend(traced.map(|own| row(own, &said.place, coverage)));
        }
        html.push_str(CLOSED);
    }
    html
}

fn row(own: &Traced, place: &str, coverage: &Coverage) -> String {
    let scenarios = coverage.scenarios.iter().filter(|scenario| {
        let purposes = &own.test_purposes;
        scenario.requirements.iter().any(|id| own.requirements.contains(id))
            && (purposes.is_empty() || scenario.test_purposes.iter().any(|id| purposes.contains(id)))
    });
    let is_there = |id: &&String| coverage.requirements.iter().any(|covered| covered.id == **id);
    let (there, missing): (Vec<&String>, Vec<&String>) = own.requirements.iter().partition(is_there);
    let missing: String =
        missing.iter().map(|id| format!(" <span class=\"wrong\">{} (not there)</span>", escaped(id))).collect();
    format!(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}{missing}</td><td>{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
        escaped(place),
        escaped(&own.says),
        links("index.html", there.into_iter().map(String::as_str)),
        links("index.html", own.test_purposes.iter().map(String::as_str)),
        scenarios.count(),
        escaped(own.reason.as_deref().unwrap_or_default()),
    )
}
