//! A run as far as it is compared: read from the folder of its report, or taken from results that are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::BASELINE;
use super::history::History;
use crate::report::event::{RunInfo, ScenarioResult, Selection, TargetInfo};
use crate::report::manifest::{self, Manifest};
use crate::report::results::{RequirementResult, Results, SCHEMA as RESULTS};
use crate::report::style::{cut, one_line};
use crate::report::waivers::WaiverResult;
use crate::verdict::{Finding, Outcome};

/// So many characters of what was found are told.
const FOUND: usize = 300;

/// One run, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub(super) told: Told,
    pub(super) inputs: Option<Inputs>,
    /// The runs before, if it was held against one itself.
    #[serde(default, skip_serializing_if = "History::is_empty")]
    pub(super) history: History,
}

/// What went into a run, by SHA-256, as its manifest tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The program.
    pub program: Option<String>,
    /// The catalogue of requirements.
    pub catalogue: String,
    /// The waivers.
    pub waivers: Option<String>,
    /// Each requirement.
    pub requirements: BTreeMap<String, String>,
}

impl From<Manifest> for Inputs {
    fn from(manifest: Manifest) -> Inputs {
        let Manifest { program, catalogue, waivers, requirements, .. } = manifest;
        Inputs { program, catalogue, waivers, requirements }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    pub schema: String,
    pub run: Info,
    pub targets: Vec<Target>,
    pub requirements: Vec<Requirement>,
    pub scenarios: Vec<Scenario>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waivers: Option<Vec<WaiverResult>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Info {
    pub id: String,
    pub seed: u64,
    pub suite_version: String,
    /// Runs of old did not say.
    #[serde(default)]
    pub selection: Option<Selection>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Target {
    pub name: String,
    pub version: String,
    pub role: String,
    pub profile_sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Requirement {
    pub id: String,
    pub verdict: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Scenario {
    pub id: String,
    pub requirements: Vec<String>,
    pub verdict: Outcome,
    pub duration_ms: u64,
    /// Runs of old did not count them.
    pub checks: Option<usize>,
    pub findings: Vec<Found>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    pub rule: String,
    pub verdict: String,
    pub observed: String,
}

/// Why something cannot be compared.
#[derive(Debug, thiserror::Error)]
#[error("not a report: {path}: {why}")]
pub struct NoRun {
    path: String,
    why: String,
}

impl Run {
    /// Reads the report in a folder.
    ///
    /// # Errors
    /// There is none.
    pub fn read(folder: &Path) -> Result<Run, NoRun> {
        let path = folder.join("results.json");
        let none = |why: String| NoRun { path: path.display().to_string(), why };
        let text = fs::read(&path).map_err(|error| none(error.to_string()))?;
        let told: Told = serde_json::from_slice(&text).map_err(|error| none(error.to_string()))?;
        if told.schema != RESULTS {
            return Err(none(format!("it follows the schema {:?}, not {RESULTS}", told.schema)));
        }
        let manifest = fs::read(folder.join(manifest::NAME)).ok().and_then(|text| Manifest::read(&text).ok());
        // A baseline that cannot be read is the matter of whoever verifies that run; here it is no history.
        let before = fs::read(folder.join(BASELINE)).ok().and_then(|text| serde_json::from_slice::<Run>(&text).ok());
        let history = before.map(|before| before.history.clone().then(&before)).unwrap_or_default();
        Ok(Run { told, inputs: manifest.map(Inputs::from), history })
    }

    /// A run that is over just now.
    #[must_use]
    pub fn of(results: &Results, inputs: Option<Inputs>) -> Run {
        let RunInfo { id, seed, suite_version, selection, .. } = results.run.clone();
        let target = |own: &TargetInfo| Target {
            name: own.name.clone(),
            version: own.version.clone(),
            role: own.role.clone(),
            profile_sha256: own.profile_sha256.clone(),
        };
        let requirement = |row: &RequirementResult| Requirement { id: row.id.clone(), verdict: row.verdict };
        let told = Told {
            schema: RESULTS.to_owned(),
            run: Info { id, seed, suite_version, selection: Some(selection) },
            targets: results.targets.iter().map(target).collect(),
            requirements: results.requirements.iter().map(requirement).collect(),
            scenarios: results.scenarios.iter().map(Scenario::of).collect(),
            waivers: results.waivers.clone(),
        };
        Run { told, inputs, history: History::default() }
    }

    /// What is needed of it once a later run is held against it.
    #[must_use]
    pub fn kept(mut self) -> Run {
        self.told.scenarios.iter_mut().for_each(|scenario| scenario.findings.clear());
        self.told.waivers = None;
        self
    }

    /// The waivers that somebody has to mend, a line each.
    pub(super) fn stale_waivers(&self) -> Vec<String> {
        let faulty = self.told.waivers.iter().flatten().filter(|waiver| waiver.status.is_faulty());
        faulty.map(|waiver| one_line(&waiver.line())).collect()
    }

    pub(super) fn scenarios(&self) -> BTreeMap<&str, &Scenario> {
        self.told.scenarios.iter().map(|scenario| (scenario.id.as_str(), scenario)).collect()
    }

    pub(super) fn requirements(&self) -> BTreeMap<&str, Outcome> {
        self.told.requirements.iter().map(|row| (row.id.as_str(), row.verdict)).collect()
    }
}

impl Scenario {
    fn of(own: &ScenarioResult) -> Scenario {
        let found = |finding: &Finding| Found {
            rule: finding.rule.clone(),
            verdict: finding.verdict.as_str().to_owned(),
            observed: finding.observed.clone(),
        };
        Scenario {
            id: own.id.clone(),
            requirements: own.requirements.clone(),
            verdict: own.outcome,
            duration_ms: own.duration_ms,
            checks: Some(own.checks),
            findings: own.findings.iter().map(found).collect(),
        }
    }

    pub(super) fn calls_itself_flaky(&self) -> bool {
        self.findings.iter().any(|finding| finding.rule == "scenario" && finding.observed.starts_with("flaky"))
    }

    /// What it came to, in a line.
    pub(super) fn found(&self) -> Option<String> {
        let worst = self.findings.iter().find(|finding| finding.verdict == self.verdict.as_str());
        worst.map(|finding| cut(&one_line(&format!("{}: {}", finding.rule, finding.observed)), FOUND))
    }
}
