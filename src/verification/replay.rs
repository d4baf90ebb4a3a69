//! Judging the evidence of a report again, and holding what comes of it against the files.

use crate::evidence::{Header, pcapng};
use crate::judging;
use crate::report::manifest::sha256;
use crate::report::{
    self, Difference, EvidenceRef, Results, RunInfo, ScenarioResult, Selection, TargetInfo, run_folder,
};
use crate::requirements::Catalogue;
use crate::run::{self, Planned};
use serde::Deserialize;
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
pub(super) fn replay(folder: &Path, text: &str, found: &Value, catalogue: &Catalogue) -> Result<Replayed, String> {
    let told = Told::deserialize(found).map_err(|error| error.to_string())?;
    let planned = run::planned(&told.targets).map_err(|error| error.to_string())?;
    let planned: BTreeMap<&str, &Planned> = planned.iter().map(|one| (one.written.id.as_str(), one)).collect();
    let mut differences = selected(folder, &told, &planned);
    let mut scenarios = Vec::new();
    for scenario in &told.scenarios {
        let Some(planned) = planned.get(scenario.id.as_str()) else {
            let place = format!("results.json/scenarios/{}", scenario.id);
            differences.push(Difference::new(place, "a scenario of the suite", "none that it has"));
            continue;
        };
        match judged_again(folder, &told, scenario, planned, &mut differences) {
            Ok(result) => scenarios.push(result),
            Err(difference) => differences.push(difference),
        }
    }
    let judged = scenarios.iter().filter(|scenario| scenario.evidence.is_some()).count();
    let results = report::results(told.run, told.targets, scenarios, catalogue, &told.remarks);
    differences.extend(rendered(folder, text, found, &results, catalogue)?);
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

/// What a scenario comes to by its evidence; one without any, by the statement.
pub(super) fn judged_again(
    folder: &Path,
    told: &Told,
    scenario: &ToldScenario,
    planned: &Planned,
    differences: &mut Vec<Difference>,
) -> Result<ScenarioResult, Difference> {
    if scenario.evidence.is_none() {
        return Ok(run::unrun(planned.clone()));
    }
    let file = format!("evidence/{}.pcapng", scenario.id);
    let unreadable =
        |why: &dyn std::fmt::Display| Difference::new(&file, "the evidence of the scenario", why.to_string());
    let octets = fs::read(folder.join(&file)).map_err(|error| unreadable(&error))?;
    let (header, records) = pcapng::read(&octets).map_err(|error| unreadable(&error))?;
    differences.extend(of_this_run(&file, &header, told, planned));
    let evidence = EvidenceRef { sha256: sha256(&octets), pcapng: file };
    Ok(judging::result(&header, &records, Some(evidence), scenario.duration_ms))
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
) -> Result<Vec<Difference>, String> {
    let expected = serde_json::to_value(results).map_err(|error| error.to_string())?;
    let mut differences = Difference::between("results.json", &expected, found);
    for (name, expected) in run_folder::rendered(results, catalogue).map_err(|error| error.to_string())? {
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
