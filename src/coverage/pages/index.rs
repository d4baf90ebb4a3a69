//! index.html: what there is, what is missing, and each requirement with all that serves it.

use std::fmt::Write;

use super::{CLOSED, escaped, link, links, opened, or_none};
use crate::coverage::{Coverage, Covered, Purpose};

/// What stands in the page.
pub(super) fn body(coverage: &Coverage) -> String {
    let mut html = figures(coverage);
    html.push_str(&gaps(coverage));
    html.push_str(&overview(coverage));
    html.push_str("<h2 id=\"requirements\">The requirements one by one</h2>\n");
    html.extend(coverage.requirements.iter().map(requirement));
    html
}

fn figures(coverage: &Coverage) -> String {
    let counts = coverage.counts;
    let all = [
        ("sentences", counts.sentences),
        ("requirements", counts.requirements),
        ("test purposes", counts.test_purposes),
        ("scenarios", counts.scenarios),
        ("rules", counts.rules),
        ("seeded faults", counts.faults),
        ("ledger entries", counts.ledger),
        ("gaps", counts.gaps),
    ];
    let all: String = all.iter().map(|(what, count)| format!("<div><dt>{what}</dt><dd>{count}</dd></div>")).collect();
    format!("<dl class=\"figures\">{all}</dl>\n")
}

fn gaps(coverage: &Coverage) -> String {
    if coverage.gaps.is_empty() {
        return "<h2 id=\"gaps\">Gaps</h2>\n<p>There is no gap: each sentence has its row, each requirement and test purpose \
                its scenarios, each scenario its requirement, each rule who asks it, each fault who shows it.</p>\n"
            .to_owned();
    }
    let mut html = "<h2 id=\"gaps\">Gaps</h2>\n".to_owned();
    html.push_str(&opened("What is missing", &["what", "where", "what is to be done"]));
    for gap in &coverage.gaps {
        let (kind, id, why) = (gap.kind.as_str(), escaped(&gap.id), escaped(&gap.why));
        let _ = writeln!(html, "<tr><td>{kind}</td><th scope=\"row\" class=\"wrong\">{id}</th><td>{why}</td></tr>");
    }
    html + CLOSED
}

fn overview(coverage: &Coverage) -> String {
    let columns =
        ["requirement", "level", "subject", "asks", "test purposes", "scenarios", "rules", "reference files", "faults"];
    let mut html = "<h2 id=\"overview\">Overview</h2>\n".to_owned();
    html.push_str(&opened("How much serves each requirement", &columns));
    for own in &coverage.requirements {
        let scenarios = coverage.scenarios.iter().filter(|scenario| scenario.requirements.contains(&own.id)).count();
        let numbers = [own.test_purposes.len(), scenarios, own.rules.len(), own.reference.len(), own.faults.len()];
        let numbers: String = numbers.iter().map(|number| format!("<td class=\"number\">{number}</td>")).collect();
        let (level, subject) = (own.level, own.subject.as_str());
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{level}</td><td>{subject}</td><td>{}</td>{numbers}</tr>",
            link("", &own.id),
            escaped(&own.summary)
        );
    }
    html + CLOSED
}

fn requirement(own: &Covered) -> String {
    let id = escaped(&own.id);
    let mut html = format!(
        "<section aria-labelledby=\"{id}\">\n<h3 id=\"{id}\">{id} <small>{} {}</small></h3>\n<p>{}</p>\n<dl>\n",
        own.level,
        own.subject.as_str(),
        escaped(&own.summary)
    );
    let reference = own
        .reference
        .iter()
        .map(|place| format!("<code>{}</code> (<code>{}</code>)", escaped(&place.file), escaped(&place.module)));
    let faults = own.faults.iter().map(|fault| {
        format!(
            "{} ({}, shown by {})",
            escaped(&fault.id),
            fault.kind.as_str(),
            links("", fault.shown_by.iter().map(String::as_str))
        )
    });
    let said = own.sentences.iter().map(|sentence| escaped(sentence)).collect::<Vec<_>>().join("; ");
    let rows = [
        ("source", escaped(&own.source)),
        ("said in", or_none(said, own.none.get("sentences"))),
        ("ledger", or_none(own.ledger.join(" "), None)),
        ("rules", or_none(links("ets.html", own.rules.iter().copied()), own.none.get("rules"))),
        ("reference", or_none(reference.collect::<Vec<_>>().join(", "), own.none.get("code"))),
        ("faults", or_none(faults.collect::<Vec<_>>().join("; "), own.none.get("faults"))),
    ];
    for (what, text) in rows {
        let _ = writeln!(html, "<dt>{what}</dt><dd>{text}</dd>");
    }
    html.push_str("</dl>\n");
    html.push_str(&opened(
        &format!("Test purposes of {}", own.id),
        &["test purpose", "level", "sign", "shows", "ledger", "scenarios", "rules"],
    ));
    html.extend(own.test_purposes.iter().map(purpose));
    html + CLOSED + "</section>\n"
}

fn purpose(own: &Purpose) -> String {
    let id = escaped(&own.id);
    format!(
        "<tr><th scope=\"row\" id=\"{id}\">{id}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        own.level,
        own.sign.as_str(),
        escaped(&own.summary),
        own.ledger.join(" "),
        links("ets.html", own.scenarios.iter().map(String::as_str)),
        links("ets.html", own.rules.iter().copied()),
    )
}
