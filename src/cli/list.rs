//! `list`: what there is, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{Exit, Format, ListArgs, Listed, complain, print};
use crate::interpretations::Ledger;
use crate::requirements::Catalogue;
use crate::run::{self, Selection};
use crate::setup::guidance;
use crate::stage::null_targets::NullTarget;
use crate::stage::trial::Subject;
use crate::target::{Profile, Role};
use crate::validate::needed_of_captures;

/// The command.
pub(super) fn list(arguments: &ListArgs) -> Exit {
    let made = match arguments.what {
        Listed::Requirements => Ok(requirements(arguments.format)),
        Listed::Scenarios => scenarios(arguments.format),
        Listed::Steps => Ok(steps(arguments.format)),
        Listed::Rules => Ok(rules(arguments.format)),
        Listed::Interpretations => Ok(interpretations(arguments.format)),
        Listed::Faults => Ok(faults(arguments.format)),
        Listed::Questions => questions(arguments.format),
    };
    match made {
        Ok(text) => print(&text),
        Err(why) => {
            complain(why);
            Exit::Harness
        }
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn requirements(format: Format) -> String {
    let catalogue = Catalogue::embedded();
    if let Format::Json = format {
        return pretty(&json!(catalogue.requirements()));
    }
    let mut text = String::new();
    for requirement in catalogue.requirements() {
        let (id, level, subject) = (&requirement.id, requirement.level, requirement.subject.as_str());
        let _ = writeln!(text, "{id} {level} {subject} ({})\n  {}", requirement.source, requirement.summary);
        for purpose in &requirement.test_purposes {
            let slow = if purpose.slow { " slow" } else { "" };
            let ledger = purpose.ledger.join(" ");
            let _ = writeln!(text, "  {} {}{slow} [{ledger}]\n    {}", purpose.id, purpose.level, purpose.summary);
        }
    }
    text
}

fn scenarios(format: Format) -> Result<String, String> {
    let planned = run::plan(&Selection::default(), &[Profile::reference(), Profile::reference_client()], true)
        .map_err(|error| error.to_string())?;
    let written = planned.into_iter().map(|planned| planned.written);
    if let Format::Json = format {
        let rows = written.map(|own| {
            json!({
                "id": own.id,
                "title": own.title,
                "feature": own.feature,
                "line": own.line,
                "test_purposes": own.test_purposes,
                "requirements": own.requirements,
                "level": own.level,
                "role": own.role,
                "tags": own.tags,
            })
        });
        return Ok(pretty(&rows.collect()));
    }
    let mut text = String::new();
    for own in written {
        let _ = writeln!(text, "{} {}  {}  {}:{}", own.id, own.level, own.title, own.feature, own.line);
    }
    Ok(text)
}

fn steps(format: Format) -> String {
    let entries = crate::steps::catalogue();
    let keywords = |entry: &crate::steps::StepEntry| {
        entry.keywords.iter().map(|keyword| keyword.as_str()).collect::<Vec<_>>().join("/")
    };
    if let Format::Json = format {
        let rows =
            entries.iter().map(|own| json!({"keyword": keywords(own), "pattern": own.pattern, "what": own.what}));
        return pretty(&rows.collect());
    }
    let mut text = String::new();
    for own in entries {
        let _ = writeln!(text, "{} {}\n  {}", keywords(own), own.pattern.trim_matches(['^', '$']), own.what);
    }
    text
}

fn rules(format: Format) -> String {
    let entries = crate::rules::catalogue();
    if let Format::Json = format {
        let rows = entries.iter().map(|own| {
            json!({
                "id": own.id,
                "requirement": own.requirement,
                "severity": own.severity(),
                "level": own.level,
                "absence": own.absence,
                "ledger": own.ledger,
                "stage3": own.stage3,
                "what": own.what,
                "source": own.source,
                "of_captures": needed_of_captures(own.id),
            })
        });
        return pretty(&rows.collect());
    }
    let mut text = String::new();
    for own in entries {
        let kind = if own.absence { " absence" } else { "" };
        let ledger = own.ledger.join(" ");
        let (severity, level) = (own.severity(), own.level);
        let _ = writeln!(text, "{} {severity} {level}{kind} [{ledger}] ({})\n  {}", own.id, own.source, own.what);
        if let Some(needs) = needed_of_captures(own.id) {
            let _ = writeln!(text, "  Asked of captures that hold {needs}.");
        }
    }
    text
}

fn interpretations(format: Format) -> String {
    let ledger = Ledger::embedded();
    if let Format::Json = format {
        return pretty(&json!(ledger.entries()));
    }
    let mut text = String::new();
    for entry in ledger.entries() {
        let _ = writeln!(text, "{} {}", entry.id, entry.question);
        for (word, meaning) in &entry.alternatives {
            let accepted = if entry.accepted.contains(word) { "accepted" } else { "not accepted" };
            let default = if entry.default.contains(word) { ", done by the reference" } else { "" };
            let effect = entry.effect.get(word).map_or("", String::as_str);
            let _ = writeln!(text, "  {word}: {meaning} ({accepted}{default}); {effect}");
        }
        let _ = writeln!(text, "  statement: {}", entry.statement.join(", "));
    }
    text
}

/// One row of `list faults`: a fault of the catalogue, or a target that is none.
fn faults(format: Format) -> String {
    let catalogue = Catalogue::embedded();
    let seeded = catalogue.requirements().iter().flat_map(|one| one.faults.iter().map(move |fault| (one, fault)));
    let nulls = NullTarget::ALL.into_iter();
    if let Format::Json = format {
        let seeded = seeded.map(|(requirement, fault)| {
            json!({
                "id": fault.id,
                "requirement": requirement.id,
                "kind": fault.kind,
                "verdict": fault.verdict,
                "ledger": fault.ledger,
                "shown_by": fault.shown_by,
                "what": Subject::what(&fault.id),
            })
        });
        let nulls = nulls.map(|none| json!({"id": none.as_str(), "kind": "null", "what": none.what()}));
        return pretty(&seeded.chain(nulls).collect());
    }
    let mut text = String::new();
    for (requirement, fault) in seeded {
        let (kind, shown) = (fault.kind.as_str(), fault.shown_by.join(" "));
        let _ = writeln!(text, "{} {} {kind} [{shown}]\n  {}", requirement.id, fault.id, Subject::what(&fault.id));
    }
    for null in nulls {
        let _ = writeln!(text, "null {}\n  {}", null.as_str(), null.what());
    }
    text
}

fn questions(format: Format) -> Result<String, String> {
    let all = guidance(Role::ParticipatingFunction).map_err(|error| error.to_string())?;
    if let Format::Json = format {
        return Ok(pretty(&json!(all)));
    }
    let mut text = String::new();
    for own in &all {
        let _ = writeln!(text, "{}  {}\n  {}", own.key, own.asks, own.lines(2).join("\n  "));
    }
    Ok(text)
}
