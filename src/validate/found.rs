//! A finding as the validator tells it.

use serde::Serialize;

use super::excerpt::Excerpt;
use crate::verdict::FindingVerdict;

/// How bad it is. The order is that of seriousness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth knowing.
    #[default]
    Info,
    /// Against a recommendation or a custom of the field, or something that only a ledger entry decides.
    Warning,
    /// Against what a document demands.
    Error,
}

impl Level {
    /// The word that stands in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

impl From<FindingVerdict> for Level {
    fn from(verdict: FindingVerdict) -> Level {
        match verdict {
            // A fault of either end: which of them is the tester, if one is, makes no difference here.
            FindingVerdict::Fail | FindingVerdict::Error => Level::Error,
            FindingVerdict::Warning => Level::Warning,
            FindingVerdict::Inconclusive => Level::Info,
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub level: Level,
    /// The packet of a capture, or the message of a file, counted from 1.
    pub frame: u64,
    /// First octet, and the one after the last, within the message.
    pub octets: Option<(usize, usize)>,
    /// What the rule wants, in one sentence.
    pub message: String,
    /// What would have been right.
    pub expected: String,
    /// What was seen instead.
    pub observed: String,
    /// Where it is written.
    pub source: String,
    /// The requirement that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The entry of the interpretation ledger that had a say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpretation: Option<String>,
    /// Who sent it to whom, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<String>,
    /// The place in the message.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
}
