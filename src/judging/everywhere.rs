//! What holds everywhere: the base rules over every message, and second readers over what the tester sent.

use crate::evidence::{Direction, Protocol, Record, What};
use crate::rules;
use crate::second_reader;
use crate::verdict::{Blame, Finding, FindingVerdict, Level};

/// The base rules over everything, for the target and for the tester itself.
pub(super) fn base(records: &[Record]) -> Vec<Finding> {
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

/// Second readers read back every SIP and Diameter message that the tester sent.
pub(super) fn own_messages(records: &[Record]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let What::Octets(octets) = &record.what else { continue };
        if octets.direction != Direction::Sent || octets.malformed.is_some() {
            continue;
        }
        let (rule, source, read) = match octets.protocol {
            Protocol::Sip => ("base.sip.second_reader", "RFC 3261", second_reader::agrees(&octets.octets)),
            Protocol::Diameter => {
                ("base.diameter.second_reader", "RFC 6733", second_reader::charging::agrees(&octets.octets))
            }
            _ => continue,
        };
        if let Err(disagreement) = read {
            findings.push(Finding {
                rule: rule.to_owned(),
                requirement: None,
                level: Level::Context,
                verdict: FindingVerdict::Error,
                expected: "another parser reads the tester's message as it was meant".to_owned(),
                observed: disagreement.to_string(),
                frame: u64::try_from(at).ok().map(|at| at.saturating_add(1)),
                octets: None,
                source: source.to_owned(),
                interpretation: None,
                blame: Blame::Harness,
            });
        }
    }
    findings
}
