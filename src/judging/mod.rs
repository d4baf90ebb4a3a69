//! A scenario as a whole, judged from its evidence alone: what a run finds and what a reader of its evidence finds agree,
//! because both ask here.
//!
//! The rules that were awaited are made again and judged at the places where they were, then once more at the end: an
//! absence is only proved when everything has been seen. The base rules and the second readers see every message.

mod awaited;
mod edges;
mod ending;
mod everywhere;
mod listings;
mod seen;
#[cfg(test)]
mod tests;
mod timing;

use crate::evidence::{Header, Record};
use crate::report::excerpt::excerpts;
use crate::report::{EvidenceRef, ScenarioResult, command, ladder};
use crate::verdict::{Blame, Finding, FindingVerdict, Outcome};

/// How many lines of the exchange a failure shows at most.
const LADDER: usize = 90;

/// What a scenario came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What it came to.
    pub outcome: Outcome,
    /// Who is to be asked, unless it passed.
    pub blame: Option<Blame>,
    /// Why it did not go on, where that is nothing that a rule says is broken.
    pub reason: Option<String>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// How many checks against the wire the rules that were met have made.
    pub checks: usize,
}

/// Judges a scenario by its evidence.
pub fn judge(header: &Header, records: &[Record]) -> Judged {
    let ending::Ended { mut findings, warnings, reason, blame, checks } = ending::ended(header, records);
    findings.extend(everywhere::base(records));
    findings.extend(everywhere::own_messages(records));
    findings.extend(warnings);
    findings.iter_mut().for_each(|finding| serve(finding, header));
    let reason = edges::weigh(header, records, &mut findings).or(reason);
    let outcome = outcome(&findings);
    let of_worst = || findings.iter().find(|finding| outcome_of(finding) == outcome).map(|finding| finding.blame);
    let blame = blame.or_else(of_worst).filter(|_| outcome != Outcome::Pass);
    Judged { outcome, blame, reason, findings, checks }
}

/// The same as it stands in the results of a run. `duration_ms` is how long the run says that it took.
pub fn result(header: &Header, records: &[Record], evidence: Option<EvidenceRef>, duration_ms: u64) -> ScenarioResult {
    let Judged { outcome, blame, reason, findings, checks } = judge(header, records);
    ScenarioResult {
        id: header.scenario_id.clone(),
        test_purposes: header.test_purposes.clone(),
        title: header.title.clone(),
        feature: header.feature.clone(),
        line: header.line,
        requirements: header.requirements.clone(),
        level: header.level,
        role: header.role.clone(),
        outcome,
        blame,
        duration_ms,
        checks,
        evidence,
        excerpts: excerpts(records, &findings),
        findings,
        reason,
        rerun: rerun(header),
        ladder: ladder::lines(records, LADDER),
        seen: seen::seen(records),
    }
}

/// The command that runs the scenario again, by itself: what else the run was narrowed by takes it as well.
fn rerun(header: &Header) -> String {
    let name = format!("^{}$", header.scenario_id.replace('.', "\\."));
    let seed = header.seed.to_string();
    let profile = header.profile.as_deref().map(|profile| ("--target", profile));
    command::line(profile.into_iter().chain([("--name", name.as_str()), ("--seed", seed.as_str())]))
}

/// What a scenario shows, it shows of its own requirements: the rules of storing judge deliveries as well.
fn serve(finding: &mut Finding, header: &Header) {
    if let Some(requirement) = &mut finding.requirement
        && !header.requirements.contains(requirement)
        && let Some(own) = header.requirements.first()
    {
        requirement.clone_from(own);
    }
}

fn outcome_of(finding: &Finding) -> Outcome {
    finding.verdict.verdict().into()
}

fn outcome(findings: &[Finding]) -> Outcome {
    let worst = findings.iter().map(|finding| finding.verdict.verdict()).max();
    worst.map_or(Outcome::Pass, Outcome::from)
}

/// A finding about the scenario itself and not about anything that was seen in it.
pub fn note(header: &Header, verdict: FindingVerdict, why: &str, blame: Blame) -> Finding {
    Finding {
        rule: "scenario".to_owned(),
        requirement: header.requirements.first().cloned(),
        level: header.level,
        verdict,
        expected: "the scenario runs to its end and sees what it has to judge".to_owned(),
        observed: why.to_owned(),
        frame: None,
        octets: None,
        source: header.test_purposes.first().cloned().unwrap_or_default(),
        interpretation: None,
        blame,
    }
}
