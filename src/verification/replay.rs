//! Judging the evidence of a report again, and holding what comes of it against the files.

use crate::evidence::{Header, Record, pcapng};
use crate::judging;
use crate::report::comparison::{self, Baseline, Inputs};
use crate::report::manifest::sha256;
use crate::report::waivers::{self, NoWaivers, Waivers};
use crate::report::{
    self, Difference, EvidenceRef, Results, RunInfo, ScenarioResult, Selection, TargetInfo, run_folder, scene,
};
use crate::requirements::Catalogue;
use crate::run::{self, Planned};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What results.json says that no evidence can: which run it was, against what, how long it took.
#[derive(Deserialize)]
pub(super) struct Told {
    pub run: RunInfo,
    pub targets: Vec<TargetInfo>,
    pub remarks: Vec<String>,
    pub scenarios: Vec<ToldScenario>,
    /// Whether there were any; what they excuse, their file says.
    waivers: Option<IgnoredAny>,
}

impl Told {
    /// The waivers of the run, which stand in its folder.
    ///
    /// # Errors
    /// They do not.
    pub fn excused_by(&self, folder: &Path) -> Result<Option<Waivers>, Difference> {
        let read = || Waivers::load(&folder.join(waivers::NAME));
        let gone = |why: NoWaivers| Difference::new(waivers::NAME, "the waivers of the run", why.to_string());
        self.waivers.as_ref().map(|_| read()).transpose().map_err(gone)
    }
}

/// The run that this one was held against, if any.
///
/// # Errors
/// Its file is not what a run leaves.
pub(super) fn before(folder: &Path) -> Result<Option<comparison::Run>, Difference> {
    let wrong = |why: String| Difference::new(comparison::BASELINE, "the earlier run, as it was compared", why);
    match fs::read(folder.join(comparison::BASELINE)) {
        Ok(text) => serde_json::from_slice(&text).map(Some).map_err(|why| wrong(why.to_string())),
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(wrong(why.to_string())),
    }
}

#[derive(Deserialize)]
pub(super) struct ToldScenario {
    pub id: String,
    duration_ms: u64,
    evidence: Option<EvidenceRef>,
}

/// What the evidence comes to.
pub(super) struct Replayed {
    pub results: Results,
    /// How many scenarios were judged again.
    pub scenarios: usize,
    pub differences: Vec<Difference>,
}

/// Judges everything again. `found` is what stands in results.json, `text` its text.
///
/// # Errors
/// results.json lacks what it takes; in words.
pub(super) fn replay(
    folder: &Path,
    text: &str,
    found: &Value,
    catalogue: &Catalogue,
    inputs: Option<Inputs>,
) -> Result<Replayed, String> {
    let told = Told::deserialize(found).map_err(|error| error.to_string())?;
    let planned = run::planned(&told.targets).map_err(|error| error.to_string())?;
    let planned: BTreeMap<&str, &Planned> = planned.iter().map(|one| (one.written.id.as_str(), one)).collect();
    let mut differences = selected(folder, &told, &planned);
    // What stands beside the evidence takes part where it can be read, and is missed where it cannot.
    let (waivers, before) = (told.excused_by(folder), before(folder));
    differences.extend(waivers.as_ref().err().cloned().into_iter().chain(before.as_ref().err().cloned()));
    let (waivers, before) = (waivers.unwrap_or_default(), before.unwrap_or_default());
    let excuses = waivers.as_ref().map(|waivers| waivers.in_run(&told.run, &told.targets));
    let (mut scenarios, mut pages) = (Vec::new(), Vec::new());
    for scenario in &told.scenarios {
        let Some(planned) = planned.get(scenario.id.as_str()) else {
            let place = format!("results.json/scenarios/{}", scenario.id);
            differences.push(Difference::new(place, "a scenario of the suite", "none that it has"));
            continue;
        };
        match judged_again(folder, &told, scenario, planned, &mut differences) {
            Ok(mut again) => {
                excuses.iter().for_each(|excuses| excuses.excuse(&mut again.result));
                pages.extend(again.pages(folder, catalogue));
                scenarios.push(again.result);
            }
            Err(difference) => differences.push(difference),
        }
    }
    let judged = scenarios.iter().filter(|scenario| scenario.evidence.is_some()).count();
    let baseline = before.map(|before| Baseline { before, inputs });
    let results =
        report::excused_results(told.run, told.targets, scenarios, catalogue, &told.remarks, waivers.as_ref());
    differences.extend(rendered(folder, text, found, &results, catalogue, baseline.as_ref())?);
    // Where the results differ, their place is told already.
    if differences.is_empty() {
        differences.extend(pages);
    }
    Ok(Replayed { results, scenarios: judged, differences })
}

/// Nothing that the run was to take is left out, and there is no evidence of anything else.
fn selected(folder: &Path, told: &Told, planned: &BTreeMap<&str, &Planned>) -> Vec<Difference> {
    let ids: BTreeSet<&str> = told.scenarios.iter().map(|scenario| scenario.id.as_str()).collect();
    let due = planned.keys().filter(|id| told.run.selection == Selection::Full && !ids.contains(*id));
    let missing = |id: &&str| Difference::new(format!("results.json/scenarios/{id}"), "the scenario", "none");
    let mut differences: Vec<Difference> = due.map(missing).collect();
    let named: BTreeSet<&str> =
        told.scenarios.iter().filter_map(|scenario| Some(scenario.evidence.as_ref()?.pcapng.as_str())).collect();
    match fs::read_dir(folder.join("evidence")) {
        Ok(entries) => {
            let files = entries.flatten().map(|entry| format!("evidence/{}", entry.file_name().to_string_lossy()));
            let nobodys = files.filter(|file| file.ends_with(".pcapng") && !named.contains(file.as_str()));
            let expected = "a scenario in results.json that it is the evidence of";
            differences.extend(nobodys.map(|file| Difference::new(file, expected, "none")));
        }
        Err(why) => differences.push(Difference::new("evidence", "the evidence of the run", why.to_string())),
    }
    differences
}

/// A scenario that was judged again.
pub(super) struct Again {
    pub result: ScenarioResult,
    /// By this, if it left any.
    evidence: Option<(Header, Vec<Record>)>,
}

/// What a scenario comes to by its evidence; one without any, by the statement.
pub(super) fn judged_again(
    folder: &Path,
    told: &Told,
    scenario: &ToldScenario,
    planned: &Planned,
    differences: &mut Vec<Difference>,
) -> Result<Again, Difference> {
    if scenario.evidence.is_none() {
        return Ok(Again { result: run::unrun(planned.clone()), evidence: None });
    }
    let file = format!("evidence/{}.pcapng", scenario.id);
    let unreadable =
        |why: &dyn std::fmt::Display| Difference::new(&file, "the evidence of the scenario", why.to_string());
    let octets = fs::read(folder.join(&file)).map_err(|error| unreadable(&error))?;
    let (header, records) = pcapng::read(&octets).map_err(|error| unreadable(&error))?;
    differences.extend(of_this_run(&file, &header, told, planned));
    let evidence = EvidenceRef { sha256: sha256(&octets), pcapng: file };
    let result = judging::result(&header, &records, Some(evidence), scenario.duration_ms);
    Ok(Again { result, evidence: Some((header, records)) })
}

impl Again {
    /// What its page and its ladders should say and do not. A report of before there were any has none.
    fn pages(&self, folder: &Path, catalogue: &Catalogue) -> Vec<Difference> {
        let Some((header, records)) = &self.evidence else { return Vec::new() };
        let mut differences = Vec::new();
        for (name, expected) in scene::files(header, records, &self.result, catalogue) {
            match fs::read_to_string(folder.join(&name)) {
                Ok(found) if found == expected => {}
                Ok(found) => differences.extend(Difference::of_lines(&name, &expected, &found)),
                Err(why) if why.kind() == std::io::ErrorKind::NotFound => {}
                Err(why) => differences.push(Difference::new(&name, "the page of the scenario", why.to_string())),
            }
        }
        differences
    }
}

/// The head of evidence says of which scenario and run it is, and by which statement it is judged.
fn of_this_run(file: &str, header: &Header, told: &Told, planned: &Planned) -> Vec<Difference> {
    let written = &planned.written;
    let Some(target) = told.targets.iter().find(|target| target.role == written.role) else {
        return vec![Difference::new("results.json/targets", format!("a {}", written.role), "none")];
    };
    let timers = header.timers.clone();
    let run = told.run.of_evidence(&header.run_id);
    let expected = written.header(run, &target.name, target.statement.to_json(), timers);
    let value = |header: &Header| serde_json::to_value(header).unwrap_or_default();
    Difference::between(file, &value(&expected), &value(header))
}

/// What the files of the report should say.
fn rendered(
    folder: &Path,
    text: &str,
    found: &Value,
    results: &Results,
    catalogue: &Catalogue,
    baseline: Option<&Baseline>,
) -> Result<Vec<Difference>, String> {
    let expected = serde_json::to_value(results).map_err(|error| error.to_string())?;
    let mut differences = Difference::between("results.json", &expected, found);
    for (name, expected) in run_folder::rendered(results, catalogue, baseline).map_err(|error| error.to_string())? {
        // Where the results themselves differ, their place is told already.
        let known = name == "results.json" && !differences.is_empty();
        let found = if name == "results.json" { Ok(text.to_owned()) } else { fs::read_to_string(folder.join(name)) };
        match found {
            Ok(found) if !known => differences.extend(Difference::of_lines(name, &expected, &found)),
            Ok(_) => {}
            Err(why) => differences.push(Difference::new(name, "the report", why.to_string())),
        }
    }
    differences.extend(streamed(folder, results));
    Ok(differences)
}

/// results.ndjson tells each scenario as results.json does.
fn streamed(folder: &Path, results: &Results) -> Vec<Difference> {
    let name = "results.ndjson";
    let text = match fs::read_to_string(folder.join(name)) {
        Ok(text) => text,
        Err(why) => return vec![Difference::new(name, "the results as they came", why.to_string())],
    };
    let mut differences = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let place = format!("{name} line {number}");
        let scenario = line.get("scenario");
        let id = scenario.and_then(|scenario| scenario.get("id")).and_then(Value::as_str);
        if let (Some(scenario), Some(id)) = (scenario, id) {
            let own = results.scenarios.iter().find(|own| own.id == id);
            let own = own.and_then(|own| serde_json::to_value(own).ok()).unwrap_or_default();
            differences.extend(Difference::between(&place, &own, scenario));
        } else if let Some(found) = line.get("verdict") {
            let own = serde_json::to_value(results.verdict).unwrap_or_default();
            differences.extend(Difference::between(&format!("{place}/verdict"), &own, found));
        }
    }
    differences
}
