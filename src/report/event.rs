//! The events of a run: the only thing that reporters know of it.

use std::collections::BTreeMap;

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::excerpt::Excerpts;
use super::results::Results;
use super::seen::Seen;
use crate::target::{Profile, Statement, Topology};
use crate::verdict::{Blame, Finding, Level, Outcome};

/// Something that a reporter may want to tell.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins.
    RunStarted(RunInfo),
    /// A scenario begins.
    ScenarioStarted {
        /// Its id.
        id: String,
        /// Its title.
        title: String,
    },
    /// A scenario has been judged, and its evidence is written.
    ScenarioFinished(Box<ScenarioResult>),
    /// The run is over and has its verdict.
    RunFinished(Box<Results>),
}

/// What holds for a run as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// UTC time and seed; the name of the run's folder.
    pub id: String,
    /// When it began, as of RFC 3339.
    pub started: String,
    /// How long it took.
    pub duration_ms: u64,
    /// The seed of everything that is random in it.
    pub seed: u64,
    /// How many scenarios ran at a time.
    pub jobs: usize,
    /// Which part of the whole this is, `1/1` when it is the whole.
    pub shard: String,
    /// Whether everything was selected.
    pub selection: Selection,
    /// Version of the suite.
    pub suite_version: String,
    /// Commit from which the suite was built; empty when the build did not say.
    pub commit: String,
    /// The runs of which it was joined; none for one that took place by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<RunInfo>,
    /// What the command said.
    #[serde(default)]
    pub invocation: Box<Invocation>,
    /// How many scenarios will run, for a progress bar.
    #[serde(skip)]
    pub scenarios: usize,
}

impl RunInfo {
    /// The run that left evidence under this id: itself, or one of its parts.
    #[must_use]
    pub fn of_evidence(&self, id: &str) -> &RunInfo {
        self.parts.iter().find(|part| part.id == id).unwrap_or(self)
    }
}

/// What a command said of a run, and where it was given: by these the run is made again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invocation {
    /// The profile as it was named; none for the embedded references.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The requirements that were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<String>,
    /// The expression of tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<String>,
    /// The pattern of titles and ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The file of waivers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waivers: Option<String>,
    /// Whether no scenario was begun after the first that did not pass.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fail_fast: bool,
    /// The machine of the tester: its name, system and processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// Whether everything was selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// Everything.
    Full,
    /// Part of it: the verdict is never "conformant".
    Partial,
}

impl From<bool> for Selection {
    /// `true` is everything.
    fn from(everything: bool) -> Selection {
        if everything { Selection::Full } else { Selection::Partial }
    }
}

/// One element that was tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetInfo {
    /// Name of the product.
    pub name: String,
    /// Who makes it.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// Which side of CPM it is.
    pub role: String,
    /// Where the tester stood.
    #[serde(default, skip_serializing_if = "Topology::is_direct")]
    pub topology: Topology,
    /// SHA-256 of its profile.
    pub profile_sha256: String,
    /// Whether the tester can restart it.
    pub restartable: bool,
    /// Whether its operator can be made to end a session.
    #[serde(default)]
    pub releasable: bool,
    /// Whether its charging records are handed over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub records: bool,
    /// Whether what it intercepts is handed over otherwise than to the tester.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interception: bool,
    /// What it claims.
    pub statement: Statement,
    /// What its profile says of the network, key by key; of secrets the names of their variables alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub network: BTreeMap<String, String>,
}

impl TargetInfo {
    /// The target of a profile; an embedded one the tester has started itself.
    #[must_use]
    pub fn of(profile: &Profile, embedded: bool) -> TargetInfo {
        TargetInfo {
            name: profile.name.clone(),
            vendor: profile.vendor.clone(),
            version: profile.version.clone(),
            role: profile.role.as_str().to_owned(),
            topology: profile.topology,
            profile_sha256: profile.sha256.clone(),
            restartable: embedded || profile.can_restart(),
            releasable: embedded || profile.control.admin_release.is_some(),
            records: profile.hands_over_records(),
            interception: profile.hands_over_interception(),
            statement: profile.statement.clone(),
            network: profile.keys.clone(),
        }
    }

    /// Whether hooks of the profile show what the statement says under this question, which else nobody could see.
    #[must_use]
    pub fn shows(&self, question: &str) -> bool {
        match question {
            "charging_interface" => self.records,
            "li_form" => self.interception,
            _ => false,
        }
    }
}

/// What a scenario came to, with everything that is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScenarioResult {
    /// First test purpose, `.`, slug, and the row in an outline.
    pub id: String,
    /// The test purposes that it serves.
    pub test_purposes: Vec<String>,
    /// Its title.
    pub title: String,
    /// The feature file.
    pub feature: String,
    /// Its line there.
    pub line: u32,
    /// The requirements that it serves.
    pub requirements: Vec<String>,
    /// Which side of CPM it tests.
    pub role: String,
    /// What it came to.
    #[serde(rename = "verdict")]
    pub outcome: Outcome,
    /// Who is to be asked, unless it passed.
    pub blame: Option<Blame>,
    /// How long it took.
    pub duration_ms: u64,
    /// How many checks against the wire the rules that were met have made.
    pub checks: usize,
    /// Where its evidence is; none when it did not run.
    pub evidence: Option<EvidenceRef>,
    /// What was found.
    #[serde(serialize_with = "without_blame")]
    pub findings: Vec<Finding>,
    /// How binding it is.
    #[serde(skip)]
    pub level: Level,
    /// Why it is inconclusive, not applicable, not run or an error.
    #[serde(skip)]
    pub reason: Option<String>,
    /// The command that runs it alone.
    #[serde(skip)]
    pub rerun: String,
    /// The last lines of the exchange, for the failure block.
    #[serde(skip)]
    pub ladder: Vec<String>,
    /// What else was seen of the target.
    #[serde(skip)]
    pub seen: Seen,
    /// The octets that findings are about, by frame and octets.
    #[serde(skip)]
    pub excerpts: Excerpts,
}

/// Where the evidence of a scenario is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRef {
    /// File, seen from the run's folder.
    pub pcapng: String,
    /// Its SHA-256.
    pub sha256: String,
}

/// The blame stands with the scenario in results.json.
fn without_blame<S: Serializer>(findings: &[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Entry<'a> {
        rule: &'a str,
        requirement: Option<&'a str>,
        level: Level,
        verdict: &'static str,
        expected: &'a str,
        observed: &'a str,
        frame: Option<u64>,
        octets: Option<(usize, usize)>,
        source: &'a str,
        interpretation: Option<&'a str>,
    }
    serializer.collect_seq(findings.iter().map(|finding| Entry {
        rule: &finding.rule,
        requirement: finding.requirement.as_deref(),
        level: finding.level,
        verdict: finding.verdict.as_str(),
        expected: &finding.expected,
        observed: &finding.observed,
        frame: finding.frame,
        octets: finding.octets,
        source: &finding.source,
        interpretation: finding.interpretation.as_deref(),
    }))
}
