//! The words in which everything is judged: verdict, outcome, level, blame, finding (as in ISO/IEC 9646 and the ETSI
//! suites). Rules make findings, scenarios and requirements get outcomes; nothing here decides anything by itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a scenario that ran came to. The order is the lattice: the worst of several wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What the requirement asks was seen on the wire.
    Pass,
    /// Neither met nor broken: something that the harness or the network could not deliver, or could not see.
    Inconclusive,
    /// The requirement is broken.
    Fail,
    /// The suite itself is at fault; nothing is said of the target.
    Error,
}

impl Verdict {
    /// The worse of two verdicts.
    #[must_use]
    pub fn worst(self, other: Verdict) -> Verdict {
        self.max(other)
    }
}

/// What became of a scenario, a test purpose or a requirement, also when it never ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Met.
    Pass,
    /// Broken.
    Fail,
    /// Could not be told.
    Inconclusive,
    /// The statement declines the option, or the topology has no place for it.
    NotApplicable,
    /// Not selected, or not reached.
    NotRun,
    /// Broken or untold, and excused by a waiver of the user.
    Waived,
    /// The suite itself is at fault.
    Error,
}

impl Outcome {
    /// Every outcome, in the order in which counts are listed.
    pub const ALL: [Outcome; 7] = [
        Outcome::Pass,
        Outcome::Fail,
        Outcome::Inconclusive,
        Outcome::NotApplicable,
        Outcome::NotRun,
        Outcome::Waived,
        Outcome::Error,
    ];

    /// The word that stands in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Pass => "pass",
            Outcome::Fail => "fail",
            Outcome::Inconclusive => "inconclusive",
            Outcome::NotApplicable => "not_applicable",
            Outcome::NotRun => "not_run",
            Outcome::Waived => "waived",
            Outcome::Error => "error",
        }
    }

    /// Whether the scenario was carried out at all.
    pub const fn ran(self) -> bool {
        !matches!(self, Outcome::NotApplicable | Outcome::NotRun)
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Outcome {
        match verdict {
            Verdict::Pass => Outcome::Pass,
            Verdict::Inconclusive => Outcome::Inconclusive,
            Verdict::Fail => Outcome::Fail,
            Verdict::Error => Outcome::Error,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_str().replace('_', " "))
    }
}

/// How binding a requirement or a test purpose is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Level {
    /// The paper demands it.
    #[serde(rename = "SHALL")]
    Shall,
    /// The paper allows it; judged when the statement claims it.
    #[serde(rename = "MAY")]
    May,
    /// The paper leaves it open; judged against the statement alone, never a fail by itself.
    #[serde(rename = "policy")]
    Policy,
    /// Reported, never scored.
    #[serde(rename = "context")]
    #[default]
    Context,
}

impl Level {
    /// Every level, the most binding first.
    pub const ALL: [Level; 4] = [Level::Shall, Level::May, Level::Policy, Level::Context];

    /// The word that stands in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Level::Shall => "SHALL",
            Level::May => "MAY",
            Level::Policy => "policy",
            Level::Context => "context",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Who is to be asked about something that is not a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blame {
    /// The implementation under test.
    Target,
    /// This suite.
    Harness,
    /// The way between them.
    Network,
    /// The profile, the provisioning, the addresses.
    Configuration,
    /// It cannot be told.
    Unknown,
}

impl Blame {
    /// The word that stands in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Blame::Target => "target",
            Blame::Harness => "harness",
            Blame::Network => "network",
            Blame::Configuration => "configuration",
            Blame::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Blame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a finding says of the scenario in which it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingVerdict {
    /// The requirement is broken.
    Fail,
    /// It cannot be told whether it is.
    Inconclusive,
    /// Legal, but not as declared, or not as customary. Changes no verdict.
    Warning,
    /// The suite itself is at fault.
    Error,
}

impl FindingVerdict {
    /// The verdict that the finding brings on its scenario. A warning leaves a pass a pass.
    pub const fn verdict(self) -> Verdict {
        match self {
            FindingVerdict::Fail => Verdict::Fail,
            FindingVerdict::Inconclusive => Verdict::Inconclusive,
            FindingVerdict::Warning => Verdict::Pass,
            FindingVerdict::Error => Verdict::Error,
        }
    }

    /// The word that stands in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            FindingVerdict::Fail => "fail",
            FindingVerdict::Inconclusive => "inconclusive",
            FindingVerdict::Warning => "warning",
            FindingVerdict::Error => "error",
        }
    }
}

/// One observation that is worth telling: what was asked, what was seen instead, and where in the evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that speaks, `missed_group_content.complete` or `base.sip.mandatory_header`.
    pub rule: String,
    /// The requirement that it serves; none for a base rule.
    pub requirement: Option<String>,
    /// How binding what was asked is.
    pub level: Level,
    /// What it does to the scenario.
    pub verdict: FindingVerdict,
    /// What would have been right, in the words of the field.
    pub expected: String,
    /// What was seen instead.
    pub observed: String,
    /// The evidence record, counted from 1, which is the packet number in the pcapng.
    pub frame: Option<u64>,
    /// First octet, and the one after the last, within the octets of that record.
    pub octets: Option<(usize, usize)>,
    /// Where it is written: `RFC 4975 section 7.1.1`, or a requirement id.
    pub source: String,
    /// The ledger entry that had a say, `L08`.
    pub interpretation: Option<String>,
    /// Who is to be asked.
    pub blame: Blame,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_verdict_wins_whichever_comes_first() {
        let lattice = [Verdict::Pass, Verdict::Inconclusive, Verdict::Fail, Verdict::Error];
        for (low, left) in lattice.iter().enumerate() {
            for (high, right) in lattice.iter().enumerate() {
                assert_eq!(left.worst(*right), lattice[low.max(high)]);
            }
        }
    }

    #[test]
    fn words_in_files_are_those_of_the_contract() {
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        for level in Level::ALL {
            assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
        }
        for blame in [Blame::Target, Blame::Harness, Blame::Network, Blame::Configuration, Blame::Unknown] {
            assert_eq!(serde_json::to_value(blame).unwrap(), blame.as_str());
        }
        for verdict in
            [FindingVerdict::Fail, FindingVerdict::Inconclusive, FindingVerdict::Warning, FindingVerdict::Error]
        {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
        }
    }

    #[test]
    fn a_warning_leaves_a_pass_alone_and_nothing_else_does() {
        assert_eq!(FindingVerdict::Warning.verdict(), Verdict::Pass);
        for worse in [FindingVerdict::Fail, FindingVerdict::Inconclusive, FindingVerdict::Error] {
            assert!(worse.verdict() > Verdict::Pass);
        }
    }
}
