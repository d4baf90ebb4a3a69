//! Joining the reports of the parts of a run. Nothing is believed that the parts say: each has to be intact, and the whole is
//! judged from their evidence, as `verify` would judge it.

use super::replay::{Told, before, judged_again};
use super::{NoReport, verify};
use crate::report::comparison;
use crate::report::run_folder::RunFolder;
use crate::report::{self, Event, Reporter as _, Results, RunInfo, ScenarioResult, Selection, TargetInfo, Waivers};
use crate::requirements::Catalogue;
use crate::run::{self, Planned, Shard};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Why there is no whole.
#[derive(Debug, thiserror::Error)]
pub enum NoMerge {
    /// One is none.
    #[error("{}: {why}", path.display())]
    Part {
        /// The folder.
        path: PathBuf,
        /// Why.
        why: NoReport,
    },
    /// One was altered.
    #[error("{} is not intact; `report verify {0}` says where", path.display())]
    Altered {
        /// The folder.
        path: PathBuf,
    },
    /// Two do not belong together.
    #[error("{} is no part of the same run as {}: {why}", path.display(), first.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The one that it was held against.
        first: PathBuf,
        /// What differs.
        why: String,
    },
    /// The features of this program are at fault.
    #[error("{0}")]
    Features(String),
    /// The whole cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Output {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A part, and where it is.
struct Part {
    folder: PathBuf,
    told: Told,
    waivers: Option<Waivers>,
    /// The run that it was held against.
    before: Option<comparison::Run>,
}

/// Joins the reports in `folders` into one in `output`, and says what the whole comes to.
///
/// # Errors
/// See [`NoMerge`].
pub fn merge(folders: &[PathBuf], output: &Path) -> Result<Results, NoMerge> {
    let parts = folders.iter().map(|folder| Part::read(folder)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = parts.first() else { return Err(NoMerge::Features("there are no parts".to_owned())) };
    for (at, part) in parts.iter().enumerate() {
        parts.iter().take(at).try_for_each(|before| part.goes_with(before))?;
    }
    let planned = run::planned(&first.told.targets).map_err(|error| NoMerge::Features(error.to_string()))?;
    let place: BTreeMap<&str, usize> =
        planned.iter().enumerate().map(|(place, one)| (one.written.id.as_str(), place)).collect();
    let mut scenarios: Vec<(usize, &Part, ScenarioResult)> = Vec::new();
    for part in &parts {
        for (place, planned) in part.planned(&planned, &place)? {
            scenarios.push((place, part, part.judged(planned)?));
        }
    }
    scenarios.sort_by_key(|(place, ..)| *place);
    let twice = scenarios.iter().zip(scenarios.iter().skip(1)).find(|(one, other)| one.0 == other.0);
    if let Some(((_, one, scenario), (_, other, _))) = twice {
        let why = format!("both have {}: they were not selected alike", scenario.id);
        return Err(NoMerge::Foreign { path: other.folder.clone(), first: one.folder.clone(), why });
    }
    let whole = scenarios.len() == planned.len();
    let written = |source| NoMerge::Output { path: output.to_owned(), source };
    let mut folder = RunFolder::create(output).map_err(written)?.against(first.before.clone());
    for (_, part, scenario) in &scenarios {
        if let Some(evidence) = &scenario.evidence {
            fs::copy(part.folder.join(&evidence.pcapng), output.join(&evidence.pcapng)).map_err(written)?;
        }
    }
    let info = joined(&parts, Selection::from(whole));
    let remarks = parts.iter().flat_map(|part| part.told.remarks.iter().cloned().chain(part.own_profile(first)));
    let remarks: Vec<String> = remarks.collect();
    let scenarios: Vec<ScenarioResult> = scenarios.into_iter().map(|(.., scenario)| scenario).collect();
    let (targets, waivers) = (first.told.targets.clone(), first.waivers.as_ref());
    let results = report::excused_results(info.clone(), targets, scenarios, &Catalogue::embedded(), &remarks, waivers);
    let finished = results.scenarios.iter().map(|scenario| Event::ScenarioFinished(Box::new(scenario.clone())));
    let events = std::iter::once(Event::RunStarted(info)).chain(finished);
    for event in events.chain([Event::RunFinished(Box::new(results.clone()))]) {
        folder.event(&event).map_err(written)?;
    }
    Ok(results)
}

/// The run that the parts were together. Parts run beside each other: it took as long as the longest.
fn joined(parts: &[Part], selection: Selection) -> RunInfo {
    let infos: Vec<RunInfo> = parts.iter().map(|part| part.told.run.clone()).collect();
    let earliest = infos.iter().min_by(|one, other| one.started.cmp(&other.started)).cloned();
    let shards: Vec<&str> = infos.iter().map(|info| info.shard.as_str()).collect();
    let shard = if selection == Selection::Full { Shard::WHOLE.to_string() } else { shards.join("+") };
    let duration_ms = infos.iter().map(|info| info.duration_ms).max().unwrap_or_default();
    let jobs = infos.iter().map(|info| info.jobs).sum();
    let first = earliest.unwrap_or_else(|| unreachable!("there is a part"));
    RunInfo { id: format!("{}-merged", first.id), shard, duration_ms, jobs, selection, parts: infos, ..first }
}

impl Part {
    fn read(folder: &Path) -> Result<Part, NoMerge> {
        let none = |why| NoMerge::Part { path: folder.to_owned(), why };
        let altered = || NoMerge::Altered { path: folder.to_owned() };
        if !verify(folder).map_err(none)?.differences.is_empty() {
            return Err(altered());
        }
        let text = fs::read(folder.join("results.json")).map_err(|why| none(NoReport(why.to_string())))?;
        let told: Told = serde_json::from_slice(&text).map_err(|why| none(NoReport(why.to_string())))?;
        let waivers = told.excused_by(folder).map_err(|_| altered())?;
        let before = before(folder).map_err(|_| altered())?;
        Ok(Part { folder: folder.to_owned(), told, waivers, before })
    }

    /// Whether both are parts of one run: the same suite, targets and number of parts, and not the same part.
    fn goes_with(&self, before: &Part) -> Result<(), NoMerge> {
        let (own, other) = (&self.told, &before.told);
        let of = |told: &Told| told.run.shard.split_once('/').map(|(_, of)| of.to_owned());
        let why = if [own, other].iter().any(|told| !told.run.parts.is_empty()) {
            "what was joined is not joined again".to_owned()
        } else if own.run.suite_version != other.run.suite_version || own.run.commit != other.run.commit {
            format!("it is of version {}, the other of {}", own.run.suite_version, other.run.suite_version)
        } else if self.claims() != before.claims() {
            "its target or statement is another".to_owned()
        } else if self.waivers != before.waivers {
            "its waivers are others".to_owned()
        } else if self.before != before.before {
            "it was held against another run".to_owned()
        } else if of(own) != of(other) {
            format!("it is part {}, the other {}", own.run.shard, other.run.shard)
        } else if own.run.shard == other.run.shard {
            format!("both are part {}", own.run.shard)
        } else {
            return Ok(());
        };
        Err(NoMerge::Foreign { path: self.folder.clone(), first: before.folder.clone(), why })
    }

    /// What was tested, and by what it is judged. Where and with which users a part plays is its own affair.
    fn claims(&self) -> Vec<TargetInfo> {
        let targets = self.told.targets.iter().cloned();
        targets.map(|target| TargetInfo { profile_sha256: String::new(), network: BTreeMap::new(), ..target }).collect()
    }

    /// That this part was played with another profile than the first, whose hashes stand for the whole.
    fn own_profile(&self, first: &Part) -> Option<String> {
        let other = self.told.targets.iter().find(|target| !first.told.targets.contains(target))?;
        Some(format!(
            "part {} was played with a profile of its own, SHA-256 {}",
            self.told.run.shard, other.profile_sha256
        ))
    }

    /// The scenarios of this part with their places in the whole.
    fn planned<'a>(
        &self,
        planned: &'a [Planned],
        place: &BTreeMap<&str, usize>,
    ) -> Result<Vec<(usize, &'a Planned)>, NoMerge> {
        let scenarios = self.told.scenarios.iter().map(|scenario| {
            let known = place.get(scenario.id.as_str()).and_then(|place| Some((*place, planned.get(*place)?)));
            known.ok_or_else(|| NoMerge::Altered { path: self.folder.clone() })
        });
        scenarios.collect()
    }

    fn judged(&self, planned: &Planned) -> Result<ScenarioResult, NoMerge> {
        let altered = || NoMerge::Altered { path: self.folder.clone() };
        let told = self.told.scenarios.iter().find(|scenario| scenario.id == planned.written.id).ok_or_else(altered)?;
        let mut differences = Vec::new();
        let again = judged_again(&self.folder, &self.told, told, planned, &mut differences).map_err(|_| altered())?;
        if differences.is_empty() { Ok(again.result) } else { Err(altered()) }
    }
}
