//! How a scenario ended, and what follows of it.

use super::awaited::Awaited;
use super::{listings, note};
use crate::evidence::{Direction, Event, Header, Record, Stop, What};
use crate::rules::Judgement;
use crate::story::{Story, Trouble};
use crate::target::Statement;
use crate::verdict::{Blame, Finding, FindingVerdict};
use serde_json::Value;
use std::time::Duration;

/// What the rules that were awaited come to together.
#[derive(Default)]
pub(super) struct Ended {
    /// What decides the scenario.
    pub findings: Vec<Finding>,
    /// What was legal but not as declared.
    pub warnings: Vec<Finding>,
    /// Why it did not go on, where that is nothing that a rule says is broken.
    pub reason: Option<String>,
    /// Who is to be asked about that.
    pub blame: Option<Blame>,
    /// How many checks against the wire the rules that were met have made.
    pub checks: usize,
}

/// Reads the evidence to its end.
pub(super) fn ended(header: &Header, records: &[Record]) -> Ended {
    let statement: Statement = match serde_json::from_value(header.statement.clone()) {
        Ok(statement) => statement,
        Err(why) => return harness(header, &format!("the statement in the evidence cannot be read: {why}")),
    };
    let awaited = match Awaited::replay(&statement, records) {
        Ok(awaited) => awaited,
        Err(why) => return harness(header, &why),
    };
    let doubts = listings::contradictions(header, &awaited.story);
    let mut ended = match records.last().map(|record| &record.what) {
        Some(What::Event(Event::Over { stop: None })) => closed(header, awaited, records),
        Some(What::Event(Event::Over { stop: Some(stop) })) => {
            let ended = stopped(header, stop, &awaited);
            Ended { checks: awaited.made(), warnings: awaited.warnings, ..ended }
        }
        _ => harness(header, "the evidence breaks off before the scenario is over"),
    };
    ended.warnings.extend(doubts);
    ended
}

/// Whether the tester sent this frame so shortly before the end that a target has had less time to answer than the profile
/// gives it.
fn is_late(header: &Header, records: &[Record], frame: u64) -> bool {
    let answer = header.timers.get("answer_ms").and_then(Value::as_u64).unwrap_or_default();
    let index = usize::try_from(frame).ok().and_then(|frame| frame.checked_sub(1));
    let (Some(asked), Some(over)) = (index.and_then(|index| records.get(index)), records.last()) else { return false };
    let sent = matches!(&asked.what, What::Octets(octets) if octets.direction == Direction::Sent);
    sent && over.at.since(asked.at) < Duration::from_millis(answer)
}

/// A scenario that went on to its end.
fn closed(header: &Header, mut awaited: Awaited<'_>, records: &[Record]) -> Ended {
    if let Some(why) = awaited.went_on() {
        return harness(header, &why);
    }
    let mut findings = awaited.close(|frame| is_late(header, records, frame));
    findings.extend(awaited.hollow().map(|why| note(header, FindingVerdict::Error, why, Blame::Harness)));
    Ended { findings, checks: awaited.made(), warnings: awaited.warnings, ..Ended::default() }
}

/// A scenario that did not.
fn stopped(header: &Header, stop: &Stop, awaited: &Awaited<'_>) -> Ended {
    match (stop, awaited.last()) {
        (Stop::Broken, Some(Judgement::Broken(finding))) => {
            Ended { findings: vec![finding.clone()], ..Ended::default() }
        }
        (Stop::Unmet, Some(Judgement::Unseen { why, blame })) | (Stop::Unseen { why, blame }, _) => {
            let (why, blame) = traced(why, *blame, &awaited.story);
            inconclusive(header, why, blame, None)
        }
        (Stop::Undecided { why, ledger }, _) => inconclusive(header, why.clone(), Blame::Target, Some(ledger)),
        (Stop::Harness(why), _) => harness(header, why),
        (Stop::Broken | Stop::Unmet, _) => {
            harness(header, "the scenario stopped at a rule that says nothing of the kind")
        }
    }
}

fn inconclusive(header: &Header, why: String, blame: Blame, ledger: Option<&String>) -> Ended {
    let finding = note(header, FindingVerdict::Inconclusive, &why, blame);
    let findings = vec![Finding { interpretation: ledger.cloned(), ..finding }];
    Ended { findings, reason: Some(why), blame: Some(blame), ..Ended::default() }
}

fn harness(header: &Header, why: &str) -> Ended {
    let findings = vec![note(header, FindingVerdict::Error, why, Blame::Harness)];
    Ended { findings, reason: Some(why.to_owned()), blame: Some(Blame::Harness), ..Ended::default() }
}

/// What could not be seen, and where it was lost if anything was. What a rule misses is traced there (`rules::findings`).
fn traced(why: &str, blame: Blame, story: &Story) -> (String, Blame) {
    match story.trouble() {
        _ if blame == Blame::Configuration => (why.to_owned(), blame),
        None => (why.to_owned(), blame),
        Some(Trouble::Tester(lost)) => (format!("{why}; but {lost}"), Blame::Harness),
        Some(Trouble::Network(lost)) => (format!("{why}; but {lost}"), Blame::Network),
        Some(Trouble::Record(lost)) => (format!("{why}; but {lost}"), Blame::Unknown),
    }
}
