//! ets.html: the features as a specification of tests, in the layout of the enabler test specifications of OMA: scope, references,
//! the questions to an implementation, which of them decide about which test, the test cases, and the rules by which is judged.

use std::fmt::Write;

use super::{CLOSED, cases, escaped, link, links, opened};
use crate::coverage::Material;
use crate::run::{Procedure, Switched, switches};
use crate::target::questions::question;
use crate::target::template::{self, Asked};

/// What stands in the page.
pub(super) fn body(material: &Material) -> String {
    let chapters = chapters(material);
    let keys = template::keys();
    let (statement, network): (Vec<&Asked>, Vec<&Asked>) =
        keys.iter().partition(|asked| asked.key.starts_with("statement."));
    let mut html = scope(material);
    html.push_str(&contents(&chapters));
    html.push_str(&references(material));
    html.push_str(&ics(material, &statement));
    html.push_str(&ixit(&network));
    html.push_str(&mapping(material));
    html.push_str("<h2 id=\"cases\">Test cases</h2>\n");
    for (feature, own) in &chapters {
        html.push_str(&chapter(material, feature, own));
    }
    html.push_str(&rules(material));
    html
}

/// The scenarios by feature, in the order of the features.
fn chapters(material: &Material) -> Vec<(&str, Vec<&Procedure>)> {
    let mut chapters: Vec<(&str, Vec<&Procedure>)> = Vec::new();
    for procedure in &material.procedures {
        let feature = procedure.written.feature.as_str();
        match chapters.last_mut().filter(|(last, _)| *last == feature) {
            Some((_, own)) => own.push(procedure),
            None => chapters.push((feature, vec![procedure])),
        }
    }
    chapters
}

fn scope(material: &Material) -> String {
    format!(
        "<h2 id=\"scope\">Scope</h2>\n<p>{} test cases for the participating function of OMA Converged IP Messaging, and for its \
         client. The element under test stands alone; the tester plays everything around it, and judges the octets that it sees. \
         What the papers leave open is answered in a statement; a detail that they do not fix cites an entry of the ledger of \
         interpretations and never fails a target by itself.</p>\n\
         <p>Each test case is a scenario: its preconditions are brought about first, then it is gone through in the order of its \
         numbers. It passes when each pass criterion was seen, and every message of the element kept the base rules.</p>\n",
        material.procedures.len()
    )
}

fn contents(chapters: &[(&str, Vec<&Procedure>)]) -> String {
    let parts = [
        ("references", "References"),
        ("ics", "Statement (ICS)"),
        ("ixit", "Network and control (IXIT)"),
        ("mapping", "Which answer decides about which test"),
        ("cases", "Test cases"),
        ("rules", "Rules"),
    ];
    let mut html = "<nav class=\"toc\" aria-label=\"Contents\">\n<ul>\n".to_owned();
    for (id, words) in parts {
        let _ = writeln!(html, "<li><a href=\"#{id}\">{words}</a></li>");
    }
    for (feature, own) in chapters {
        let title = own.first().map(|first| first.chapter.as_str()).unwrap_or_default();
        let _ = writeln!(html, "<li><a href=\"#{}\">{}</a> ({})</li>", escaped(feature), escaped(title), own.len());
    }
    html + "</ul>\n</nav>\n"
}

fn references(material: &Material) -> String {
    let mut html = "<h2 id=\"references\">References</h2>\n<dl>\n".to_owned();
    for document in &material.traceability.documents {
        let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", escaped(&document.id), escaped(&document.title));
    }
    html.push_str("</dl>\n");
    html.push_str(&opened(
        "The ledger of interpretations",
        &["entry", "what is open", "accepted", "done by the reference"],
    ));
    for entry in material.ledger.entries() {
        let accepted = entry.accepted.iter().map(|word| {
            let meaning = entry.alternatives.get(word).map(String::as_str).unwrap_or_default();
            format!("<li>{}: {}</li>", escaped(word), escaped(meaning))
        });
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" id=\"{0}\">{0}</th><td>{1}</td><td><ul>{2}</ul></td><td>{3}</td></tr>",
            escaped(&entry.id),
            escaped(&entry.question),
            accepted.collect::<String>(),
            escaped(&entry.default.join(", ")),
        );
    }
    html + CLOSED
}

fn ics(material: &Material, statement: &[&Asked]) -> String {
    let mut html =
        "<h2 id=\"ics\">Statement (ICS)</h2>\n<p>One answer to each question, under <code>statement</code> in the \
                    profile of the target.</p>\n"
            .to_owned();
    html.push_str(&opened(
        "Questions of the statement",
        &["question", "what is asked", "ledger", "answer of the reference"],
    ));
    for asked in statement {
        let key = asked.key.trim_start_matches("statement.");
        let own = material.ledger.entries().iter().filter(|entry| entry.statement.iter().any(|own| own == key));
        let form = question(key).map(|question| format!(" Answer: {}.", question.form)).unwrap_or_default();
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" id=\"{}\">{}</th><td>{}</td><td>{}</td><td><code>{}</code></td></tr>",
            escaped(&asked.key),
            escaped(key),
            escaped(&format!("{}{form}", asked.meaning)),
            links("", own.map(|entry| entry.id.as_str())),
            escaped(&asked.value),
        );
    }
    html + CLOSED
}

fn ixit(network: &[&Asked]) -> String {
    let mut html =
        "<h2 id=\"ixit\">Network and control (IXIT)</h2>\n<p>The other keys of the profile: where the target and the \
                    tester are, whom the target serves, its times, and what the tester may do with it.</p>\n"
            .to_owned();
    html.push_str(&opened("Keys of the profile", &["key", "what it is", "in the template"]));
    for asked in network {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td><code>{}</code></td></tr>",
            escaped(&asked.key),
            escaped(&asked.meaning),
            escaped(&asked.value),
        );
    }
    html + CLOSED
}

fn switched(what: &Switched) -> String {
    match what {
        Switched::Claims(id) => format!("claims {}", link("index.html", id)),
        Switched::Declines(id) => format!("declines {}", link("index.html", id)),
        Switched::Hides(id) => format!("makes unobservable {}", link("index.html", id)),
        Switched::Runs(id) => link("", id),
    }
}

/// Which answers decide about which requirements and tests.
fn mapping(material: &Material) -> String {
    let deciding = switches(&material.catalogue, material.procedures.iter().map(|procedure| &procedure.written));
    let mut html =
        "<h2 id=\"mapping\">Which answer decides about which test</h2>\n<p>Every other test case applies whatever the \
                    answers are; those to which a rule holds the target are named in the ledger.</p>\n"
            .to_owned();
    html.push_str(&opened("From the statement to the tests", &["question", "answer", "what depends on it"]));
    for ((key, answer), what) in deciding {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\"><a href=\"#statement.{key}\">{key}</a></th><td>{}</td><td>{}</td></tr>",
            escaped(&answer),
            what.iter().map(switched).collect::<Vec<_>>().join(", ")
        );
    }
    html + CLOSED
}

fn chapter(material: &Material, feature: &str, own: &[&Procedure]) -> String {
    let Some(first) = own.first() else { return String::new() };
    let id = escaped(feature);
    let mut html = format!("<section aria-labelledby=\"{id}\">\n<h3 id=\"{id}\">{}</h3>\n", escaped(&first.chapter));
    if !first.introduction.is_empty() {
        let _ = writeln!(html, "<p>{}</p>", escaped(&first.introduction));
    }
    html.extend(own.iter().map(|procedure| cases::case(material, procedure)));
    html + "</section>\n"
}

fn rules(material: &Material) -> String {
    let mut html = "<h2 id=\"rules\">Rules</h2>\n".to_owned();
    html.push_str(&opened("The rules of the requirements", &["rule", "requirement", "asks", "source", "ledger"]));
    for rule in &material.rules {
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" id=\"{0}\">{0}</th><td>{1}</td><td>{2}</td><td>{3}</td><td>{4}</td></tr>",
            escaped(rule.id),
            link("index.html", rule.requirement.unwrap_or_default()),
            escaped(rule.what),
            escaped(rule.source),
            links("", rule.ledger.iter().copied()),
        );
    }
    html + CLOSED
}
