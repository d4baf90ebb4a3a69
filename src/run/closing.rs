//! After the last step: judging what was recorded as a whole, writing the evidence, and saying what became of it.

use super::features::Written;
use crate::evidence::{Direction, Header, Protocol, Record, What, pcapng};
use crate::report::{EvidenceRef, ScenarioResult};
use crate::rules::{self, Judgement, Moment};
use crate::second_reader;
use crate::stage::Left;
use crate::story::Trouble;
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
    /// The head of the evidence file.
    pub header: Header,
    /// The command that runs it again.
    pub rerun: String,
}

/// Judges a scenario as a whole and writes its evidence into `folder`.
pub fn close(finished: Finished, statement: &Statement, folder: &Path) -> ScenarioResult {
    let Finished { written, checks, mut warnings, stop, left, duration_ms, header, rerun } = finished;
    let mut findings = Vec::new();
    let mut reason = None;
    let mut blame = None;
    match stop {
        None => {}
        Some(Stop::Broken(finding)) => findings.push(*finding),
        Some(Stop::Unseen { why, blame: whose }) => {
            let (why, whose) = traced(why, whose, left.as_ref());
            findings.push(note(&written, FindingVerdict::Inconclusive, &why, whose));
            (reason, blame) = (Some(why), Some(whose));
        }
        Some(Stop::Undecided { why, ledger }) => {
            let finding = note(&written, FindingVerdict::Inconclusive, &why, Blame::Target);
            findings.push(Finding { interpretation: Some(ledger.to_owned()), ..finding });
            (reason, blame) = (Some(why), Some(Blame::Target));
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
    findings.extend(warnings);
    findings.iter_mut().for_each(|finding| serve(finding, &written));
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

/// What a scenario shows, it shows of its own requirements: the rules of storing judge deliveries as well.
fn serve(finding: &mut Finding, written: &Written) {
    if let Some(requirement) = &mut finding.requirement
        && !written.requirements.contains(requirement)
        && let Some(own) = written.requirements.first()
    {
        requirement.clone_from(own);
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

/// What could not be seen, and where it was lost if anything was. What a rule misses is traced there (`rules::findings`).
fn traced(why: String, blame: Blame, left: Option<&Left>) -> (String, Blame) {
    match left.and_then(|left| left.story.trouble()) {
        _ if blame == Blame::Configuration => (why, blame),
        None => (why, blame),
        Some(Trouble::Tester(lost)) => (format!("{why}; but {lost}"), Blame::Harness),
        Some(Trouble::Network(lost)) => (format!("{why}; but {lost}"), Blame::Network),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Event, Octets, Recorder, Transport};
    use crate::rules::{Assessment, Rule, RuleEntry};
    use crate::story::Story;
    use crate::target::Profile;
    use bytes::Bytes;
    use cpm_wire::time::Time;
    use pretty_assertions::assert_eq;
    use std::sync::Arc;

    const POSITIVE: RuleEntry = RuleEntry {
        id: "test.positive",
        requirement: Some("CPM-CONV-058"),
        level: Level::Shall,
        absence: false,
        ledger: &[],
        stage3: false,
        what: "",
        source: "",
    };
    const ABSENCE: RuleEntry = RuleEntry { id: "test.absence", absence: true, ..POSITIVE };

    #[derive(Debug)]
    struct Says(&'static RuleEntry);

    impl Rule for Says {
        fn entry(&self) -> &'static RuleEntry {
            self.0
        }
        fn expects(&self) -> String {
            String::new()
        }
        fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
            Judgement::Met { checks: 1 }.into()
        }
    }

    fn finished(checks: Vec<Check>, records: Vec<Octets>, left: bool) -> Finished {
        let written = Written {
            id: "TP-CPM-CONV-058-01.test".to_owned(),
            title: "A test".to_owned(),
            feature: "features/test.feature".to_owned(),
            line: 1,
            test_purposes: vec!["TP-CPM-CONV-058-01".to_owned()],
            requirements: vec!["CPM-CONV-058".to_owned()],
            level: "SHALL".to_owned(),
            role: "participating-function".to_owned(),
            tags: Vec::new(),
        };
        let mut recorder = Recorder::new();
        for octets in records {
            recorder.push(Time::from_nanos(1), What::Octets(octets));
        }
        Finished {
            written,
            checks,
            warnings: Vec::new(),
            stop: None,
            left: left.then(|| Left { recorder, story: Story::new() }),
            duration_ms: 1,
            header: Header {
                suite_version: String::new(),
                run_id: String::new(),
                scenario_id: String::new(),
                title: String::new(),
                target_name: String::new(),
                statement: serde_json::Value::Null,
                timers: serde_json::Value::Null,
                seed: 0,
            },
            rerun: String::new(),
        }
    }

    fn check(entry: &'static RuleEntry) -> Check {
        Check { rule: Arc::new(Says(entry)), checks: 1 }
    }

    fn sip(text: &str, malformed: Option<String>) -> Octets {
        Octets {
            actor: "serving_cscf".into(),
            step: 1,
            protocol: Protocol::Sip,
            transport: Transport::Udp,
            direction: Direction::Sent,
            local: ([127, 0, 0, 1], 5060).into(),
            remote: ([127, 0, 0, 1], 5070).into(),
            connection: None,
            octets: Bytes::copy_from_slice(text.as_bytes()),
            malformed,
        }
    }

    fn closed(finished: Finished) -> ScenarioResult {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("evidence")).unwrap();
        close(finished, Profile::reference().statement(), folder.path())
    }

    #[test]
    fn a_scenario_that_checked_nothing_is_an_error() {
        assert_eq!(closed(finished(Vec::new(), Vec::new(), true)).outcome, Outcome::Error);
        assert_eq!(closed(finished(vec![check(&POSITIVE)], Vec::new(), true)).outcome, Outcome::Pass);
    }

    #[test]
    fn an_absence_without_its_contrast_is_an_error() {
        assert_eq!(closed(finished(vec![check(&ABSENCE)], Vec::new(), true)).outcome, Outcome::Error);
        let both = vec![check(&ABSENCE), check(&POSITIVE)];
        assert_eq!(closed(finished(both, Vec::new(), true)).outcome, Outcome::Pass);
    }

    #[test]
    fn a_task_that_died_is_an_error() {
        let result = closed(finished(vec![check(&POSITIVE)], Vec::new(), false));
        assert_eq!((result.outcome, result.blame), (Outcome::Error, Some(Blame::Harness)));
    }

    #[test]
    fn a_malformed_message_of_our_own_is_an_error_unless_it_was_declared() {
        let text = "OPTIONS sip:a@127.0.0.1 SIP/2.0\r\nCall-ID: x\r\n\r\n";
        let undeclared = closed(finished(vec![check(&POSITIVE)], vec![sip(text, None)], true));
        assert_eq!((undeclared.outcome, undeclared.blame), (Outcome::Error, Some(Blame::Harness)));
        let declared = sip(text, Some("the mandatory fields are left out".to_owned()));
        assert_eq!(closed(finished(vec![check(&POSITIVE)], vec![declared], true)).outcome, Outcome::Pass);
    }

    #[test]
    fn a_finding_is_of_a_requirement_that_the_scenario_serves() {
        let mut delivering = finished(vec![check(&POSITIVE)], Vec::new(), true);
        let lost = Finding {
            requirement: Some("CPM-CONV-058".to_owned()),
            ..note(&delivering.written, FindingVerdict::Fail, "nothing came", Blame::Target)
        };
        delivering.written.requirements = vec!["CPM-CONV-058a".to_owned()];
        delivering.stop = Some(Stop::Broken(Box::new(lost)));
        let result = closed(delivering);
        let named: Vec<_> = result.findings.iter().map(|finding| finding.requirement.as_deref()).collect();
        assert_eq!(named, [Some("CPM-CONV-058a")]);
    }

    /// A scenario in which this was lost.
    fn lossy(event: Event) -> Finished {
        let mut lossy = finished(vec![check(&POSITIVE)], Vec::new(), true);
        let lost = Record { at: Time::from_nanos(1), what: What::Event(event) };
        lossy.left.iter_mut().for_each(|left| left.story.observe(1, &lost));
        lossy
    }

    #[test]
    fn what_could_not_be_seen_is_traced_to_where_something_was_lost() {
        let (dropped, lost) = (Event::Dropped { datagrams: 1 }, Event::NetworkLost { datagrams: 1 });
        for (event, blame, traced) in [
            (dropped, Blame::Unknown, Blame::Harness),
            (lost.clone(), Blame::Unknown, Blame::Network),
            (lost, Blame::Configuration, Blame::Configuration),
            (Event::QuietEnded, Blame::Unknown, Blame::Unknown),
        ] {
            let stop = Some(Stop::Unseen { why: "nothing came".to_owned(), blame });
            let result = closed(Finished { stop, ..lossy(event) });
            assert_eq!((result.outcome, result.blame), (Outcome::Inconclusive, Some(traced)));
        }
    }

    #[test]
    fn a_loss_excuses_no_finding_of_content() {
        let lossy = lossy(Event::NetworkLost { datagrams: 1 });
        let wrong = note(&lossy.written, FindingVerdict::Fail, "a wrong octet", Blame::Target);
        let result = closed(Finished { stop: Some(Stop::Broken(Box::new(wrong))), ..lossy });
        assert_eq!((result.outcome, result.blame), (Outcome::Fail, Some(Blame::Target)));
    }
}
