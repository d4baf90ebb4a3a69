//! After the last step: writing the evidence, and having it judged.

use super::features::Written;
use crate::evidence::{Event, Header, Record, Recorder, Stop, What, pcapng};
use crate::judging;
use crate::report::manifest::sha256;
use crate::report::{EvidenceRef, Excerpts, ScenarioResult, Seen};
use crate::verdict::{Blame, FindingVerdict, Outcome};
use cpm_wire::time::Time;
use std::path::Path;

/// Everything that one scenario left behind.
pub struct Finished {
    /// Why it stopped, if it did.
    pub stop: Option<Stop>,
    /// What was seen; none when the scenario never began or its task died.
    pub recorder: Option<Recorder>,
    /// How long it took.
    pub duration_ms: u64,
    /// The head of the evidence file.
    pub header: Header,
}

/// Judges a scenario by its evidence, as any reader of its file would, and writes that file into `folder`, if it is kept.
pub fn close(finished: Finished, folder: Option<&Path>) -> ScenarioResult {
    let Finished { stop, recorder, duration_ms, header } = finished;
    let died = || Some(Stop::Harness("the scenario's task has died".to_owned()));
    let stop = if recorder.is_none() { stop.or_else(died) } else { stop };
    let mut recorder = recorder.unwrap_or_default();
    let at = recorder.records().last().map_or(Time::ZERO, |record| record.at);
    recorder.push(at, What::Event(Event::Over { stop }));
    match folder.map(|folder| write_evidence(folder, &header, recorder.records())).transpose() {
        Ok(evidence) => judging::result(&header, recorder.records(), evidence, duration_ms),
        Err(why) => unwritten(judging::result(&header, recorder.records(), None, duration_ms), &header, why),
    }
}

/// A scenario that nobody can judge again is an error, whatever it came to.
fn unwritten(result: ScenarioResult, header: &Header, why: String) -> ScenarioResult {
    let mut findings = result.findings;
    findings.push(judging::note(header, FindingVerdict::Error, &why, Blame::Harness));
    ScenarioResult { findings, outcome: Outcome::Error, blame: Some(Blame::Harness), reason: Some(why), ..result }
}

fn write_evidence(folder: &Path, header: &Header, records: &[Record]) -> Result<EvidenceRef, String> {
    let octets = pcapng::write(header, records).map_err(|error| format!("the evidence cannot be written: {error}"))?;
    let name = format!("evidence/{}.pcapng", header.scenario_id);
    let path = folder.join(&name);
    std::fs::write(&path, &octets).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(EvidenceRef { pcapng: name, sha256: sha256(&octets) })
}

/// A scenario whose outcome is known without running it.
pub fn decided(written: Written, outcome: Outcome, why: String) -> ScenarioResult {
    let blame = matches!(outcome, Outcome::Inconclusive).then_some(Blame::Configuration);
    ScenarioResult {
        level: written.level(),
        id: written.id,
        test_purposes: written.test_purposes,
        title: written.title,
        feature: written.feature,
        line: written.line,
        requirements: written.requirements,
        role: written.role,
        outcome,
        blame,
        duration_ms: 0,
        checks: 0,
        evidence: None,
        findings: Vec::new(),
        reason: Some(why),
        rerun: String::new(),
        ladder: Vec::new(),
        seen: Seen::default(),
        excerpts: Excerpts::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Profile;
    use pretty_assertions::assert_eq;

    /// A scenario whose task died, closed into a folder with or without room for evidence.
    fn closed(with_room: bool) -> (ScenarioResult, Option<Vec<Record>>) {
        let folder = tempfile::tempdir().unwrap();
        if with_room {
            std::fs::create_dir(folder.path().join("evidence")).unwrap();
        }
        let features = crate::run::features::all().unwrap();
        let written = features[0].scenarios[0].clone();
        let run = crate::report::samples::run_of(crate::report::Selection::Full);
        let statement = Profile::reference().statement().to_json();
        let header = written.header(&run, "reference", statement, serde_json::Value::Null);
        let result = close(Finished { stop: None, recorder: None, duration_ms: 1, header }, Some(folder.path()));
        let read = |evidence: &EvidenceRef| std::fs::read(folder.path().join(&evidence.pcapng)).unwrap();
        let records = result.evidence.as_ref().map(|evidence| pcapng::read(&read(evidence)).unwrap().1);
        (result, records)
    }

    #[test]
    fn a_task_that_died_is_an_error_and_its_evidence_says_so() {
        let (result, records) = closed(true);
        assert_eq!((result.outcome, result.blame), (Outcome::Error, Some(Blame::Harness)));
        let stop = Some(Stop::Harness("the scenario's task has died".to_owned()));
        let over = Record { at: Time::ZERO, what: What::Event(Event::Over { stop }) };
        assert_eq!(records, Some(vec![over]));
    }

    #[test]
    fn a_scenario_without_evidence_is_an_error() {
        let (result, records) = closed(false);
        assert_eq!((result.outcome, result.blame, records), (Outcome::Error, Some(Blame::Harness), None));
        assert!(result.reason.is_some_and(|why| why.contains("pcapng")));
    }
}
