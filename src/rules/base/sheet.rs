//! What a base rule is, and the sheet on which findings about one record are written.

use crate::verdict::{Blame, Finding, FindingVerdict, Level};

/// How sure a base rule is of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The document says MUST, or its grammar leaves no room: a fail.
    Must,
    /// A recommendation, or a custom of the field: a warning.
    Habit,
    /// No fault, but worth knowing of a capture. Runs are told nothing of it.
    Note,
}

impl Severity {
    /// The word that stands in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Must => "error",
            Severity::Habit => "warning",
            Severity::Note => "info",
        }
    }
}

/// One base rule.
#[derive(Debug, PartialEq, Eq)]
pub struct BaseRule {
    /// Its name, `base.sip.mandatory_header`.
    pub id: &'static str,
    /// How sure it is.
    pub severity: Severity,
    /// What it asks, in one sentence.
    pub what: &'static str,
    /// Where that is written.
    pub source: &'static str,
}

/// A rule whose breach fails.
pub(super) const fn must(id: &'static str, source: &'static str, what: &'static str) -> BaseRule {
    BaseRule { id, severity: Severity::Must, what, source }
}

/// A rule whose breach is worth a warning.
pub(super) const fn habit(id: &'static str, source: &'static str, what: &'static str) -> BaseRule {
    BaseRule { id, severity: Severity::Habit, what, source }
}

/// A rule that accuses nobody.
pub(super) const fn note(id: &'static str, source: &'static str, what: &'static str) -> BaseRule {
    BaseRule { id, severity: Severity::Note, what, source }
}

/// Who made the octets that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// This suite: a fault is our own error.
    Tester,
    /// The element under test.
    Target,
}

impl Side {
    /// The other one.
    pub(super) fn other(self) -> Side {
        match self {
            Side::Tester => Side::Target,
            Side::Target => Side::Tester,
        }
    }
}

/// Takes down what is found in one record.
pub(super) struct Sheet<'f> {
    pub frame: u64,
    pub side: Side,
    /// Where what is being checked begins within the octets of the record; none when it does not lie there in one piece.
    base: Option<usize>,
    findings: &'f mut Vec<Finding>,
}

impl<'f> Sheet<'f> {
    pub fn new(frame: u64, side: Side, findings: &'f mut Vec<Finding>) -> Sheet<'f> {
        Sheet { frame, side, base: Some(0), findings }
    }

    /// A sheet for something inside of the record: a body, a part of it.
    pub fn inside(&mut self, at: Option<usize>) -> Sheet<'_> {
        let base = self.base.zip(at).map(|(base, at)| base + at);
        Sheet { frame: self.frame, side: self.side, base, findings: self.findings }
    }

    /// Writes a finding down.
    pub fn find(
        &mut self,
        rule: &'static BaseRule,
        octets: Option<(usize, usize)>,
        expected: impl Into<String>,
        observed: impl Into<String>,
    ) {
        let sure = rule.severity == Severity::Must;
        let mut finding = Finding {
            rule: rule.id.to_owned(),
            requirement: None,
            level: if sure { Level::Shall } else { Level::Context },
            verdict: match rule.severity {
                Severity::Note => FindingVerdict::Inconclusive,
                Severity::Habit => FindingVerdict::Warning,
                Severity::Must => FindingVerdict::Fail,
            },
            expected: expected.into(),
            observed: observed.into(),
            frame: Some(self.frame),
            octets: self.base.zip(octets).map(|(base, (start, end))| (base + start, base + end)),
            source: rule.source.to_owned(),
            interpretation: None,
            blame: Blame::Target,
        };
        self.attribute(&mut finding);
        self.findings.push(finding);
    }

    /// How much is written down.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Writes down what was found in this record before its frame was known, and who made it. Places are right already.
    pub fn adopt(&mut self, mut findings: Vec<Finding>) {
        findings.iter_mut().for_each(|finding| self.attribute(finding));
        self.findings.append(&mut findings);
    }

    /// Names the record of a finding, and who is to blame for it.
    fn attribute(&self, finding: &mut Finding) {
        finding.frame = Some(self.frame);
        let (verdict, blame) = match self.side {
            Side::Target => (FindingVerdict::Fail, Blame::Target),
            Side::Tester => (FindingVerdict::Error, Blame::Harness),
        };
        finding.blame = blame;
        if !matches!(finding.verdict, FindingVerdict::Warning | FindingVerdict::Inconclusive) {
            finding.verdict = verdict;
        }
    }
}

/// So much of a text is shown in a finding.
pub(super) const SHOWN: usize = 120;

/// A text as it stands in a finding: in quotes, control characters named, not too long.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
