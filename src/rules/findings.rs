//! How a rule words what it found, also of a message that is not what was sent.

use cpm_wire::sip::identity_key;

use crate::rules::{Judgement, RuleEntry};
use crate::story::content::Envelope;
use crate::story::{Item, Story, Trouble};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, FindingVerdict, Level};

/// Where in the evidence something was seen, or not seen.
#[derive(Clone, Copy)]
pub(in crate::rules) struct Spot {
    frame: Option<u64>,
    octets: Option<(usize, usize)>,
}

impl From<Option<u64>> for Spot {
    fn from(frame: Option<u64>) -> Spot {
        Spot { frame, octets: None }
    }
}

impl From<u64> for Spot {
    fn from(frame: u64) -> Spot {
        Some(frame).into()
    }
}

impl From<&Item> for Spot {
    fn from(item: &Item) -> Spot {
        Spot { frame: Some(item.frame), octets: Some(item.octets) }
    }
}

/// The stimulus did not happen, and that is ours.
pub(in crate::rules) fn harness(why: String) -> Judgement {
    Judgement::Unseen { why, blame: Blame::Harness }
}

/// A finding that fails the requirement.
pub(in crate::rules) fn fail(entry: &RuleEntry, expected: String, observed: String, spot: impl Into<Spot>) -> Finding {
    let spot = spot.into();
    Finding {
        rule: entry.id.to_owned(),
        requirement: entry.requirement.map(str::to_owned),
        level: entry.level,
        verdict: if entry.level == Level::Policy { FindingVerdict::Warning } else { FindingVerdict::Fail },
        expected,
        observed,
        frame: spot.frame,
        octets: spot.octets,
        source: entry.source.to_owned(),
        interpretation: None,
        blame: Blame::Target,
    }
}

/// A finding that does not fail by itself, because of a ledger entry.
fn by_ledger(finding: Finding, verdict: FindingVerdict, ledger: &str) -> Finding {
    Finding { verdict, interpretation: Some(ledger.to_owned()), ..finding }
}

/// A form outside the alternatives of a ledger entry.
pub(in crate::rules) fn outside(
    entry: &RuleEntry,
    ledger: &str,
    expected: String,
    observed: String,
    spot: impl Into<Spot>,
) -> Finding {
    by_ledger(fail(entry, expected, observed, spot), FindingVerdict::Inconclusive, ledger)
}

/// What was to come by now and has not. When the tester was late, or datagrams were lost, nobody can tell.
pub(in crate::rules) fn missing(
    story: &Story,
    entry: &RuleEntry,
    expected: String,
    observed: String,
    spot: impl Into<Spot>,
) -> Judgement {
    Judgement::Broken(excused(story, fail(entry, expected, observed, spot)))
}

/// What was no longer to come by now, and came. A datagram that was lost is sent again, and what was sent in time comes late.
pub(in crate::rules) fn untimely(
    story: &Story,
    entry: &RuleEntry,
    expected: String,
    observed: String,
    spot: impl Into<Spot>,
) -> Judgement {
    Judgement::Broken(excused(story, fail(entry, expected, observed, spot)))
}

/// A finding that trouble may explain. One of content never is.
fn excused(story: &Story, mut finding: Finding) -> Finding {
    if let Some(trouble) = story.trouble().filter(|_| finding.verdict == FindingVerdict::Fail) {
        let (blame, why) = match trouble {
            Trouble::Tester(why) => (Blame::Harness, why),
            Trouble::Network(why) => (Blame::Network, why),
            Trouble::Record(why) => (Blame::Unknown, why),
        };
        finding.verdict = FindingVerdict::Inconclusive;
        finding.blame = blame;
        finding.observed = format!("{}; but {why}", finding.observed);
    }
    finding
}

/// Legal, but not as declared or not as customary.
pub(in crate::rules) fn warning(
    entry: &RuleEntry,
    ledger: &str,
    expected: String,
    observed: String,
    spot: impl Into<Spot>,
) -> Finding {
    by_ledger(fail(entry, expected, observed, spot), FindingVerdict::Warning, ledger)
}

/// A warning when an accepted alternative is not among those that the statement declares.
pub(in crate::rules) fn undeclared(
    entry: &RuleEntry,
    statement: &Statement,
    (key, value): (&str, &str),
    ledger: &str,
    spot: impl Into<Spot>,
) -> Option<Finding> {
    let declared = statement.values(key);
    if declared.is_empty() || declared.contains(&value) {
        return None;
    }
    let expected = format!("{key}: {}, as the statement says", declared.join(", "));
    Some(warning(entry, ledger, expected, format!("{key}: {value}"), spot))
}

/// Whether two URIs name one author.
pub(in crate::rules) fn same_author(left: Option<&str>, right: Option<&str>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => left == right || identity_key(left) == identity_key(right),
        (left, right) => left == right,
    }
}

/// What a message was sent with and came without, and what it came with: author, instant, requested dispositions, type,
/// octets. None when it is the same.
pub(in crate::rules) fn difference(sent: &Envelope, came: &Envelope) -> Option<(String, String)> {
    let text = |value: Option<&str>| value.unwrap_or("(none)").to_owned();
    if !same_author(sent.from.as_deref(), came.from.as_deref()) {
        return Some((
            format!("its author {}", text(sent.from.as_deref())),
            format!("From {}", text(came.from.as_deref())),
        ));
    }
    if sent.date_time.is_some() && sent.date_time != came.date_time && !same_instant(sent, came) {
        return Some((
            format!("the instant of its DateTime, {}", text(sent.date_time.as_deref())),
            format!("DateTime {}", text(came.date_time.as_deref())),
        ));
    }
    if sent.dispositions != came.dispositions {
        let list = |envelope: &Envelope| format!("{:?}", envelope.dispositions);
        return Some((
            format!("the requested disposition notifications {}", list(sent)),
            format!("imdn.Disposition-Notification {}", list(came)),
        ));
    }
    if sent.content_type != came.content_type {
        return Some((
            format!("its content type {}", sent.content_type),
            format!("content type {}", came.content_type),
        ));
    }
    if sent.body != came.body {
        let at = sent.body.first_difference(&came.body);
        return Some((
            format!("its {} octets, at octet {at} {}", sent.body.length, sent.body.excerpt(at)),
            format!("{} octets, at octet {at} {}", came.body.length, came.body.excerpt(at)),
        ));
    }
    None
}

fn same_instant(sent: &Envelope, came: &Envelope) -> bool {
    sent.instant.is_some() && sent.instant == came.instant
}
