//! badge.json: the run on a badge, in the shape that shields.io reads from an address (its endpoint badge, schema version 1).

use super::results::{Results, RunVerdict};
use crate::verdict::Outcome;
use serde::Serialize;

/// Its name in the folder.
pub const NAME: &str = "badge.json";

/// A badge. The names of its keys are those of shields.io.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Badge {
    schema_version: u8,
    label: &'static str,
    message: String,
    color: &'static str,
    is_error: bool,
}

impl Badge {
    /// The badge of a run. Green is what is conformant, and nothing else.
    #[must_use]
    pub fn of(results: &Results) -> Badge {
        let passed = results.requirements.iter().filter(|row| row.verdict == Outcome::Pass).count();
        let waived = match results.counts.total(Outcome::Waived) {
            0 => String::new(),
            number => format!(", {number} waived"),
        };
        let color = match results.verdict {
            RunVerdict::Conformant => "brightgreen",
            RunVerdict::PartialPass => "blue",
            RunVerdict::Inconclusive => "orange",
            RunVerdict::NonConformant => "red",
            RunVerdict::Error => "lightgrey",
        };
        Badge {
            schema_version: 1,
            label: "CPM conformance",
            message: format!(
                "{}, {passed} of {} requirements{waived}",
                results.verdict.as_str(),
                results.requirements.len()
            ),
            color,
            is_error: results.verdict == RunVerdict::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn a_badge_has_the_keys_that_shields_reads_and_is_green_for_conformant_alone() {
        let green = serde_json::to_value(Badge::of(&samples::results_of(samples::all_passed()))).unwrap();
        assert_eq!((&green["schemaVersion"], &green["color"]), (&json!(1), &json!("brightgreen")));
        for outcome in [Outcome::Fail, Outcome::Inconclusive, Outcome::Waived, Outcome::Error, Outcome::NotRun] {
            let mut scenarios = samples::all_passed();
            scenarios[0] = samples::scenario(&scenarios[0].test_purposes[0], outcome);
            let told = serde_json::to_value(Badge::of(&samples::results_of(scenarios))).unwrap();
            assert!(told["color"] != "brightgreen" && told["isError"] == json!(outcome == Outcome::Error), "{told}");
            let message = told["message"].as_str().unwrap();
            assert_eq!(message.contains("1 waived"), outcome == Outcome::Waived, "{message}");
        }
    }
}
