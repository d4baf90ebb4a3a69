//! The catalogue: what the paper asks, requirement by requirement in our words, and the test purposes that show it. One
//! file for each word of the house, embedded in the program.

mod catalogue;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::target::{Role, Statement};
use crate::verdict::{FindingVerdict, Level};

pub use catalogue::Catalogue;

/// One requirement.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its id, which is never used again.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Who has to meet it.
    pub subject: Role,
    /// The release of CPM that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// Where the paper says it.
    pub source: Source,
    /// What it asks, in our words.
    pub summary: String,
    /// What is open about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Answers of the statement that decline it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub declined: BTreeMap<String, Vec<String>>,
    /// Answers of the statement of which one at least has to be given: a list without any of them declines it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub needs: BTreeMap<String, Vec<String>>,
    /// Answers of the statement with which nobody can see it at the target.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_observable: BTreeMap<String, Vec<String>>,
    /// What shows it.
    pub test_purposes: Vec<TestPurpose>,
    /// What must turn it red: ways for an element to break it, which the reference can be told to have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<SeededFault>,
    /// Why there is none of something that a requirement has otherwise: `sentences`, `scenarios`, `rules`, `code` or `faults`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub none: BTreeMap<String, String>,
    /// The word of the room in which it stands.
    #[serde(skip_deserializing)]
    pub word: String,
}

/// Where the paper says it: a pointer, none of its words.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Short name of the document.
    pub document: String,
    /// Number of the change in a change request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// Clause of the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The item within.
    pub item: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.document)?;
        if let Some(change) = &self.change {
            write!(f, ", change {change}")?;
        }
        if let Some(clause) = &self.clause {
            write!(f, ", clause {clause}")?;
        }
        write!(f, ", {}", self.item)
    }
}

/// One test purpose: something to be shown about a requirement.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestPurpose {
    /// Its id, which is never used again.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// Whether something has to happen.
    pub sign: Sign,
    /// Whether it lasts longer than 10 s on a real target by nature.
    #[serde(default)]
    pub slow: bool,
    /// The ledger entries that have a say.
    #[serde(default)]
    pub ledger: Vec<String>,
    /// What it shows, in our words.
    pub summary: String,
}

/// A way to break a requirement, and what a suite that sees has to say to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeededFault {
    /// Its name, which is the reference's name for it.
    pub id: String,
    /// Whether it has to fail.
    pub kind: FaultKind,
    /// Of a soft one: what has to be found instead of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<FindingVerdict>,
    /// Of a soft one: the ledger entry that bears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<String>,
    /// The test purposes that are meant to show it.
    pub shown_by: Vec<String>,
}

/// Whether a fault has to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultKind {
    /// It breaks the requirement, and has to end in a failure.
    Hard,
    /// The ledger bears it, or cannot decide: it has to end in the named warning or inconclusive finding, and in no failure.
    Soft,
}

impl FaultKind {
    /// The word that stands in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            FaultKind::Hard => "hard",
            FaultKind::Soft => "soft",
        }
    }
}

/// Whether something has to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    /// Something has to happen.
    #[serde(rename = "+")]
    Positive,
    /// Something must not happen, or has to fail well. It never carries a requirement alone.
    #[serde(rename = "-")]
    Negative,
    /// Both.
    #[serde(rename = "+/-")]
    Both,
}

impl Sign {
    /// The sign as it stands in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Sign::Positive => "+",
            Sign::Negative => "-",
            Sign::Both => "+/-",
        }
    }

    /// Whether a requirement rests on it.
    #[must_use]
    pub const fn carries(self) -> bool {
        !matches!(self, Sign::Negative)
    }
}

/// What a statement says of a requirement as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The target claims it.
    Claimed,
    /// The target declines it; with the answer that says so.
    Declined(String),
    /// The target meets it by means that nobody can see at it; with the answer that says so.
    NotObservable(String),
}

impl Requirement {
    /// What a statement says of this requirement.
    #[must_use]
    pub fn claim(&self, statement: &Statement) -> Claim {
        let answered = |answers: &BTreeMap<String, Vec<String>>| {
            let (key, _) = answers.iter().find(|(key, words)| words.iter().any(|word| statement.text(key) == word))?;
            Some(format!("the statement says {key}: {}", statement.text(key)))
        };
        if let Some(why) = answered(&self.declined) {
            return Claim::Declined(why);
        }
        let lacks = |(key, words): &(&String, &Vec<String>)| !words.iter().any(|word| statement.has(key, word));
        if let Some((key, words)) = self.needs.iter().find(lacks) {
            return Claim::Declined(format!("the statement does not name {} under {key}", words.join(" or ")));
        }
        answered(&self.not_observable).map_or(Claim::Claimed, Claim::NotObservable)
    }
}
