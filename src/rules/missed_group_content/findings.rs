//! How a rule words what it found.

use crate::rules::{Judgement, RuleEntry};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, FindingVerdict, Level};

/// The stimulus did not happen, and that is ours.
pub(super) fn harness(why: String) -> Judgement {
    Judgement::Unseen { why, blame: Blame::Harness }
}

/// A finding that fails the requirement.
pub(super) fn fail(entry: &RuleEntry, expected: String, observed: String, frame: Option<u64>) -> Finding {
    Finding {
        rule: entry.id.to_owned(),
        requirement: entry.requirement.map(str::to_owned),
        level: entry.level,
        verdict: if entry.level == Level::Policy { FindingVerdict::Warning } else { FindingVerdict::Fail },
        expected,
        observed,
        frame,
        octets: None,
        source: entry.source.to_owned(),
        interpretation: None,
        blame: Blame::Target,
    }
}

/// A form outside the alternatives of a ledger entry.
pub(super) fn outside(
    entry: &RuleEntry,
    ledger: &str,
    expected: String,
    observed: String,
    frame: Option<u64>,
) -> Finding {
    Finding {
        verdict: FindingVerdict::Inconclusive,
        interpretation: Some(ledger.to_owned()),
        ..fail(entry, expected, observed, frame)
    }
}

/// Legal, but not as declared or not as customary.
pub(super) fn warning(
    entry: &RuleEntry,
    ledger: &str,
    expected: String,
    observed: String,
    frame: Option<u64>,
) -> Finding {
    Finding {
        verdict: FindingVerdict::Warning,
        interpretation: Some(ledger.to_owned()),
        ..fail(entry, expected, observed, frame)
    }
}

/// A warning when an accepted alternative is not among those that the statement declares.
pub(super) fn undeclared(
    entry: &RuleEntry,
    statement: &Statement,
    (key, value): (&str, &str),
    ledger: &str,
    frame: Option<u64>,
) -> Option<Finding> {
    let declared = statement.values(key);
    if declared.is_empty() || declared.contains(&value) {
        return None;
    }
    let expected = format!("{key}: {}, as the statement says", declared.join(", "));
    Some(warning(entry, ledger, expected, format!("{key}: {value}"), frame))
}

