//! Coverage against the one that is kept, `reports/baseline/coverage.json`: what was lost is told, and what is new.

use std::collections::BTreeSet;

use serde_json::Value;

/// The coverage that is kept.
pub const KEPT: &str = include_str!("../../reports/baseline/coverage.json");

/// How two coverages differ, one line for each fact that one of them has alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// What the kept one has alone.
    pub lost: Vec<String>,
    /// What the present one has alone.
    pub new: Vec<String>,
}

impl Difference {
    /// How `present` differs from what is `kept`.
    #[must_use]
    pub fn between(kept: &Value, present: &Value) -> Difference {
        let (kept, present) = (facts(kept), facts(present));
        let alone = |own: &BTreeSet<String>, other: &BTreeSet<String>| own.difference(other).cloned().collect();
        Difference { lost: alone(&kept, &present), new: alone(&present, &kept) }
    }

    /// True when they say the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.lost.is_empty() && self.new.is_empty()
    }
}

/// Each fact of a coverage as a line: the way to it, by keys and ids, and its value.
fn facts(value: &Value) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    collect(value, String::new(), &mut facts);
    facts
}

fn collect(value: &Value, way: String, facts: &mut BTreeSet<String>) {
    match value {
        Value::Object(keys) => {
            for (key, value) in keys {
                collect(value, format!("{way} {key}").trim_start().to_owned(), facts);
            }
        }
        Value::Array(items) => {
            for item in items {
                let id = item.get("id").and_then(Value::as_str);
                collect(item, id.map_or_else(|| way.clone(), |id| format!("{way} {id}")), facts);
            }
        }
        Value::String(text) => drop(facts.insert(format!("{way}: {text}"))),
        other => drop(facts.insert(format!("{way}: {other}"))),
    }
}
