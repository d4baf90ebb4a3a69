//! traceability.csv, as of RFC 4180: one line for each sentence, requirement, test purpose and scenario that belong together.

use crate::coverage::{Coverage, Covered, Purpose, Traced};
use crate::report::csv::line;

/// The table, with a heading.
#[must_use]
pub fn table(coverage: &Coverage) -> String {
    let mut text =
        line(&["place", "says", "requirement", "level", "test_purpose", "scenario", "rules", "reference", "reason"]);
    for traced in &coverage.sentences {
        let rows = coverage.requirements.iter().filter(|own| traced.requirements.contains(&own.id));
        let before = text.len();
        rows.for_each(|own| of_requirement(&mut text, traced, own, coverage));
        if text.len() == before {
            let reason = traced.reason.as_deref().unwrap_or_default();
            text.push_str(&line(&[
                &traced.id,
                &traced.says,
                &traced.requirements.join(" "),
                "",
                "",
                "",
                "",
                "",
                reason,
            ]));
        }
    }
    text
}

/// The lines of a sentence and a requirement: of the test purposes that take up just this sentence, or of all.
fn of_requirement(text: &mut String, traced: &Traced, own: &Covered, coverage: &Coverage) {
    let taken_up = |purpose: &&Purpose| traced.test_purposes.is_empty() || traced.test_purposes.contains(&purpose.id);
    let reference = own.reference.iter().map(|place| place.file.as_str()).collect::<Vec<_>>().join(" ");
    let reason = traced.reason.as_deref().unwrap_or_default();
    for purpose in own.test_purposes.iter().filter(taken_up) {
        for scenario in coverage.scenarios.iter().filter(|scenario| purpose.scenarios.contains(&scenario.id)) {
            text.push_str(&line(&[
                &traced.id,
                &traced.says,
                &own.id,
                own.level.as_str(),
                &purpose.id,
                &scenario.id,
                &scenario.rules.join(" "),
                &reference,
                reason,
            ]));
        }
    }
}
