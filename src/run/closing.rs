//! After the last step: judging what was recorded as a whole, writing the evidence, and saying what became of it.

use super::features::Written;
use crate::evidence::{Direction, Header, Protocol, Record, What, pcapng};
use crate::report::{EvidenceRef, ScenarioResult};
use crate::rules::{self, Judgement, Moment};
use crate::second_reader;
use crate::stage::Left;
use crate::target::Statement;
use crate::verdict::{Blame, Finding, FindingVerdict, Level, Outcome};
use crate::world::{Check, Stop};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Everything that one scenario left behind.
pub struct Finished {
    /// The scenario.
    pub written: Written,
    /// What was met.
    pub checks: Vec<Check>,
    /// What was legal but not as declared.
    pub warnings: Vec<Finding>,
    /// Why it stopped, if it did.
    pub stop: Option<Stop>,
    /// What was seen; none when the scenario never began or its task died.
    pub left: Option<Left>,
    /// How long it took.
    pub duration_ms: u64,
    /// Datagrams that the tester lost in its time.
    pub dropped: u64,
    /// The head of the evidence file.
    pub header: Header,
    /// The command that runs it again.
    pub rerun: String,
}

/// Judges a scenario as a whole and writes its evidence into `folder`.
pub fn close(finished: Finished, statement: &Statement, folder: &Path) -> ScenarioResult {
    let Finished { written, checks, mut warnings, stop, left, duration_ms, dropped, header, rerun } = finished;
    let mut findings = Vec::new();
    let mut reason = None;
    let mut blame = None;
    match stop {
        None => {}
        Some(Stop::Broken(finding)) => findings.push(*finding),
        Some(Stop::Unseen { why, blame: whose }) => {
            findings.push(note(&written, FindingVerdict::Inconclusive, &why, whose));
            (reason, blame) = (Some(why), Some(whose));
        }
        Some(Stop::Harness(why)) => {
            findings.push(note(&written, FindingVerdict::Error, &why, Blame::Harness));
            (reason, blame) = (Some(why), Some(Blame::Harness));
        }
    }
    let stopped = !findings.is_empty();
    let mut evidence = None;
    let mut ladder = Vec::new();
    if let Some(left) = &left {
        if !stopped {
            close_rules(&checks, left, statement, &mut findings, &mut warnings);
            findings.extend(honesty(&written, &checks));
        }
        findings.extend(base(left.recorder.records()));
        findings.extend(own_messages(left.recorder.records()));
        ladder = crate::report::ladder::lines(left.recorder.records(), 90);
        match write_evidence(folder, &written.id, &header, left.recorder.records()) {
            Ok(written) => evidence = Some(written),
            Err(why) => findings.push(note(&written, FindingVerdict::Error, &why, Blame::Harness)),
        }
    } else if !stopped {
        findings.push(note(&written, FindingVerdict::Error, "the scenario's task has died", Blame::Harness));
    }
    if dropped > 0 {
        excuse(&mut findings, &format!("the tester lost {dropped} datagrams"));
    }
    findings.extend(warnings);
    let outcome = outcome(&findings);
    if outcome != Outcome::Pass && blame.is_none() {
        blame = findings.iter().find(|finding| outcome_of(finding) == outcome).map(|finding| finding.blame);
    }
    ScenarioResult {
        id: written.id,
        test_purposes: written.test_purposes,
        title: written.title,
        feature: written.feature,
        line: written.line,
        requirements: written.requirements,
        level: level(&written.level),
        role: written.role,
        outcome,
        blame: if outcome == Outcome::Pass { None } else { blame },
        duration_ms,
        evidence,
        findings,
        reason,
        rerun,
        ladder,
    }
}

/// What was met must still hold at the end: an absence is only proved when everything has been seen.
fn close_rules(
    checks: &[Check],
    left: &Left,
    statement: &Statement,
    findings: &mut Vec<Finding>,
    warnings: &mut Vec<Finding>,
) {
    for check in checks {
        let assessment = check.rule.judge(&left.story, statement, Moment::Closed);
        for warning in assessment.warnings {
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        if let Judgement::Broken(finding) = assessment.judgement {
            findings.push(finding);
        }
    }
}

/// A scenario that made no positive check against the wire, or asserts an absence without its contrast, proves nothing.
fn honesty(written: &Written, checks: &[Check]) -> Option<Finding> {
    let positive = checks.iter().filter(|check| !check.rule.absence()).map(|check| check.checks).sum::<usize>();
    let absent = checks.iter().any(|check| check.rule.absence());
    let why = match (positive, absent) {
        (0, true) => "the scenario asserts an absence and shows no contrast: the same behaviour, seen elsewhere",
        (0, false) => "the scenario passed without a single check against the wire",
        _ => return None,
    };
    Some(note(written, FindingVerdict::Error, why, Blame::Harness))
}

/// The base rules over everything, for the target and for the tester itself.
fn base(records: &[Record]) -> Vec<Finding> {
    let mut checker = rules::base::Checker::default();
    let mut findings = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let frame = u64::try_from(at).unwrap_or(u64::MAX).saturating_add(1);
        let sent = matches!(&record.what, What::Octets(octets) if octets.direction == Direction::Sent);
        for mut finding in checker.observe(frame, record) {
            if sent {
                // Our own message breaks a rule that we judge others by: then nothing that followed proves anything.
                finding.blame = Blame::Harness;
                if finding.verdict == FindingVerdict::Fail {
                    finding.verdict = FindingVerdict::Error;
                }
            }
            findings.push(finding);
        }
    }
    findings
}

/// Second readers read back every SIP message that the tester sent.
fn own_messages(records: &[Record]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let What::Octets(octets) = &record.what else { continue };
        let plain =
            octets.direction == Direction::Sent && octets.protocol == Protocol::Sip && octets.malformed.is_none();
        if !plain {
            continue;
        }
        if let Err(disagreement) = second_reader::agrees(&octets.octets) {
            findings.push(Finding {
                rule: "base.sip.second_reader".to_owned(),
                requirement: None,
                level: Level::Context,
                verdict: FindingVerdict::Error,
                expected: "another SIP parser reads the tester's message as it was meant".to_owned(),
                observed: disagreement.to_string(),
                frame: u64::try_from(at).ok().map(|at| at.saturating_add(1)),
                octets: None,
                source: "RFC 3261".to_owned(),
                interpretation: None,
                blame: Blame::Harness,
            });
        }
    }
    findings
}

/// The tester lost something itself: what looks like a failure of the target proves nothing.
fn excuse(findings: &mut [Finding], why: &str) {
    for finding in findings.iter_mut().filter(|finding| finding.verdict == FindingVerdict::Fail) {
        finding.verdict = FindingVerdict::Inconclusive;
        finding.blame = Blame::Harness;
        finding.observed.push_str(&format!(" ({why})"));
    }
}

fn outcome_of(finding: &Finding) -> Outcome {
    match finding.verdict {
        FindingVerdict::Fail => Outcome::Fail,
        FindingVerdict::Inconclusive => Outcome::Inconclusive,
        FindingVerdict::Warning => Outcome::Pass,
        FindingVerdict::Error => Outcome::Error,
    }
}

fn outcome(findings: &[Finding]) -> Outcome {
    let worst = findings.iter().map(|finding| finding.verdict.verdict()).max();
    match worst {
        None => Outcome::Pass,
        Some(verdict) => verdict.into(),
    }
}

fn level(text: &str) -> Level {
    Level::ALL.into_iter().find(|level| level.as_str() == text).unwrap_or(Level::Context)
}

fn note(written: &Written, verdict: FindingVerdict, why: &str, blame: Blame) -> Finding {
    Finding {
        rule: "scenario".to_owned(),
        requirement: written.requirements.first().cloned(),
        level: level(&written.level),
        verdict,
        expected: "the scenario runs to its end and sees what it has to judge".to_owned(),
        observed: why.to_owned(),
        frame: None,
        octets: None,
        source: written.test_purposes.first().cloned().unwrap_or_default(),
        interpretation: None,
        blame,
    }
}

fn write_evidence(folder: &Path, id: &str, header: &Header, records: &[Record]) -> Result<EvidenceRef, String> {
    let octets = pcapng::write(header, records).map_err(|error| format!("the evidence cannot be written: {error}"))?;
    let name = format!("evidence/{id}.pcapng");
    let path = folder.join(&name);
    std::fs::write(&path, &octets).map_err(|error| format!("{}: {error}", path.display()))?;
    let digest = Sha256::digest(&octets);
    let sha256 = digest.iter().map(|octet| format!("{octet:02x}")).collect();
    Ok(EvidenceRef { pcapng: name, sha256 })
}

/// A scenario whose outcome is known without running it.
pub fn decided(written: Written, outcome: Outcome, why: String) -> ScenarioResult {
    let blame = matches!(outcome, Outcome::Inconclusive).then_some(Blame::Configuration);
    ScenarioResult {
        level: level(&written.level),
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
        evidence: None,
        findings: Vec::new(),
        reason: Some(why),
        rerun: String::new(),
        ladder: Vec::new(),
    }
}
