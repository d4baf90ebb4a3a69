//! A run in which nobody sends (topology `capture_only`): the captures that the profile names are judged as `validate` judges them,
//! and what they show stands in the files of a run. A scenario needs a stimulus, which no capture has: none runs, and nothing is
//! ever conformant by captures alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use tokio::sync::mpsc;

use super::{Options, RunError, plan};
use crate::report::event::Event;
use crate::report::{self, Excerpts, Results, RunInfo, ScenarioResult, Seen, TargetInfo};
use crate::requirements::Catalogue;
use crate::rules;
use crate::target::{Profile, Topology};
use crate::validate::{self, Found, Input, Known, Validated};
use crate::verdict::{Blame, Finding, FindingVerdict, Level, Outcome};

/// So much of what could not be decided is told of a capture.
const REMARKS: usize = 20;

/// The profile of a run of captures, if it is one.
pub(super) fn of(options: &Options) -> Option<&Profile> {
    options.profiles.iter().find(|profile| profile.topology == Topology::CaptureOnly)
}

/// Judges the captures. Each result goes to `sink` as soon as it is known.
///
/// # Errors
/// There is no capture, or none that holds a message.
pub(super) fn run(
    options: &Options,
    profile: &Profile,
    sink: &mpsc::UnboundedSender<Event>,
) -> Result<Results, RunError> {
    let started = Instant::now();
    let asked = asked(profile)?;
    let judged: Vec<Validated> =
        profile.network.captures.iter().map(|file| validate::validate(&Input::File(file.clone()), &asked)).collect();
    if judged.iter().all(Validated::is_unreadable) {
        return Err(RunError::Usage(
            "no capture of network.captures holds a message of SIP, MSRP or Diameter".to_owned(),
        ));
    }
    let catalogue = Catalogue::embedded();
    let info = RunInfo { selection: options.selection.is_full().into(), ..options.info.clone() };
    // A reader that has gone away does not stop the run.
    let _ = sink.send(Event::RunStarted(info.clone()));
    let all = (1..).zip(&judged).flat_map(|(number, capture)| rows(number, capture, profile, &catalogue));
    let wanted = |row: &ScenarioResult| {
        let ids = &options.selection.requirements;
        ids.is_empty() || row.requirements.iter().any(|own| ids.contains(own))
    };
    let mut results: Vec<ScenarioResult> = all.filter(wanted).collect();
    for row in &results {
        let _ = sink.send(Event::ScenarioFinished(Box::new(row.clone())));
    }
    results.extend(plan(&options.selection, &options.profiles, options.embedded)?.into_iter().map(super::unrun));
    let told = options.profiles.iter().map(|profile| TargetInfo::of(profile, options.embedded)).collect();
    let info = RunInfo { duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), ..info };
    let remarks: Vec<String> = judged.iter().flat_map(remarks).collect();
    let results = report::results(info, told, results, &catalogue, &remarks);
    let _ = sink.send(Event::RunFinished(Box::new(results.clone())));
    Ok(results)
}

fn asked(profile: &Profile) -> Result<validate::Options, RunError> {
    let target = profile.resolved_addresses();
    let lacking = match (profile.network.captures.is_empty(), target.is_empty()) {
        (true, _) => "network.captures names no file; in the topology capture_only there is nothing else to judge",
        (_, true) => "no address of network.target can be resolved; by them the target is known in captures",
        _ => {
            let (known, level) = (Some(Known::of(profile)), validate::Level::Warning);
            return Ok(validate::Options { target, known, level, ..validate::Options::default() });
        }
    };
    Err(RunError::Usage(lacking.to_owned()))
}

/// What one capture shows: of the base rules, and of each requirement of which it shows anything.
fn rows(number: usize, capture: &Validated, profile: &Profile, catalogue: &Catalogue) -> Vec<ScenarioResult> {
    let mut findings: BTreeMap<Option<&str>, Vec<Finding>> = BTreeMap::from([(None, Vec::new())]);
    for found in &capture.findings {
        findings.entry(found.requirement.as_deref()).or_default().push(finding(found));
    }
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for (rule, times) in capture.met.iter().flatten() {
        let entry = rules::catalogue().iter().find(|entry| entry.id == *rule);
        if let Some(requirement) = entry.and_then(|entry| entry.requirement) {
            *met.entry(requirement).or_default() += times;
            findings.entry(Some(requirement)).or_default();
        }
    }
    let row = |(requirement, findings): (Option<&str>, Vec<Finding>)| {
        let checks = requirement.map_or_else(
            || usize::try_from(capture.count()).unwrap_or(usize::MAX),
            |id| met.get(id).copied().unwrap_or_default(),
        );
        let level = requirement.and_then(|id| catalogue.requirement(id)).map_or(Level::Shall, |own| own.level);
        row(number, capture, profile, Of { requirement, level, checks, findings })
    };
    findings.into_iter().map(row).collect()
}

/// What of a capture is one result.
struct Of<'a> {
    requirement: Option<&'a str>,
    level: Level,
    checks: usize,
    findings: Vec<Finding>,
}

fn row(number: usize, capture: &Validated, profile: &Profile, of: Of<'_>) -> ScenarioResult {
    let Of { requirement, level, checks, findings } = of;
    let name =
        Path::new(&capture.file).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let broken = findings.iter().any(|finding| finding.verdict == FindingVerdict::Fail);
    let (outcome, blame, reason) = match (broken, checks) {
        (true, _) => (Outcome::Fail, Some(Blame::Target), None),
        (false, 0) => {
            let why = capture.error.clone().unwrap_or_else(|| "the capture decides nothing of it".to_owned());
            (Outcome::Inconclusive, Some(Blame::Configuration), Some(why))
        }
        (false, _) => (Outcome::Pass, None, None),
    };
    ScenarioResult {
        id: format!("capture-{number}.{}", requirement.unwrap_or("base-rules")),
        test_purposes: Vec::new(),
        title: format!("What {name} shows of {}", requirement.unwrap_or("the base rules")),
        feature: capture.file.clone(),
        line: 0,
        requirements: requirement.iter().map(|&id| id.to_owned()).collect(),
        role: profile.role_name().to_owned(),
        outcome,
        blame,
        duration_ms: 0,
        checks,
        evidence: None,
        findings,
        level,
        reason,
        rerun: format!("cpm-conformance validate --target PROFILE {}", capture.file),
        ladder: Vec::new(),
        seen: Seen::default(),
        excerpts: Excerpts::default(),
    }
}

/// A finding of the validator as one of a run.
fn finding(found: &Found) -> Finding {
    let verdict = match found.level {
        validate::Level::Error => FindingVerdict::Fail,
        validate::Level::Warning | validate::Level::Info => FindingVerdict::Warning,
    };
    Finding {
        rule: found.rule.clone(),
        requirement: found.requirement.clone(),
        level: if found.level == validate::Level::Error { Level::Shall } else { Level::Context },
        verdict,
        expected: found.expected.clone(),
        observed: found.observed.clone(),
        frame: Some(found.frame),
        octets: found.octets,
        source: found.source.clone(),
        interpretation: found.interpretation.clone(),
        blame: Blame::Target,
    }
}

/// What a capture leaves open, and how much of it could be read.
fn remarks(capture: &Validated) -> Vec<String> {
    let name = &capture.file;
    let unread = capture.error.iter().map(|why| format!("{name}: not read whole: {why}"));
    let open = capture.notes.iter().take(REMARKS).map(|note| format!("{name}: {note}"));
    let more = capture.notes.len().saturating_sub(REMARKS);
    let rest = (more > 0).then(|| format!("{name}: {more} more are told by validate"));
    unread.chain(open).chain(rest).collect()
}
