//! Findings as SARIF 2.1.0 (OASIS), which code forges and editors show.

use serde_json::{Value, json};

use super::{Found, Level, Validated};

/// Everything about some files.
#[must_use]
pub fn sarif(files: &[Validated]) -> Value {
    let results: Vec<Value> =
        files.iter().flat_map(|file| file.findings.iter().map(|found| result(&file.file, found))).collect();
    let failures = files.iter().filter_map(|file| {
        let why = file.error.as_ref()?;
        Some(told("error", file, why))
    });
    let notes = files.iter().flat_map(|file| file.notes.iter().map(|note| told("note", file, note)));
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "cpm-conformance",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules(files),
            }},
            "invocations": [{
                "executionSuccessful": files.iter().all(|file| file.error.is_none()),
                "toolExecutionNotifications": failures.chain(notes).collect::<Vec<_>>(),
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// What is said of a file as a whole.
fn told(level: &str, file: &Validated, words: &str) -> Value {
    json!({"level": level, "message": {"text": format!("{}: {words}", file.file)}})
}

/// The rules that speak.
fn rules(files: &[Validated]) -> Vec<Value> {
    let mut found: Vec<&Found> = files.iter().flat_map(|file| &file.findings).collect();
    found.sort_by(|left, right| left.rule.cmp(&right.rule));
    found.dedup_by(|left, right| left.rule == right.rule);
    let rule = |found: &&Found| {
        json!({
            "id": found.rule,
            "shortDescription": {"text": found.message},
            "help": {"text": found.source},
            "defaultConfiguration": {"level": level(found.level)},
        })
    };
    found.iter().map(rule).collect()
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn result(file: &str, found: &Found) -> Value {
    let place = match found.octets {
        Some((start, end)) => format!("frame {}, octets {start} to {end}", found.frame),
        None => format!("frame {}", found.frame),
    };
    json!({
        "ruleId": found.rule,
        "level": level(found.level),
        "message": {"text": format!("{place}: expected {}, observed {}", found.expected, found.observed)},
        "locations": [{
            "physicalLocation": {"artifactLocation": {"uri": uri(file)}},
            "logicalLocations": [{"fullyQualifiedName": place, "kind": "object"}],
        }],
        "properties": {"frame": found.frame, "octets": found.octets, "between": found.between},
    })
}

/// A path as a relative reference: what may not stand in one is escaped.
fn uri(file: &str) -> String {
    let mut uri = String::with_capacity(file.len());
    for octet in file.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(octet)),
            _ => uri.push_str(&format!("%{octet:02X}")),
        }
    }
    uri
}
