//! The failure block: always the same nine lines about a scenario that is no pass, so that a reader knows without the
//! source of the test what was asked, what came, whose fault it looks like and where to look on.

use super::event::ScenarioResult;
use super::style::one_line;
use crate::evidence::pcapng::display_filter;
use crate::requirements::Catalogue;
use crate::verdict::{Blame, Finding, FindingVerdict};

/// One failure block: a heading and nine lines, each with its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureBlock {
    /// Id and title of the scenario.
    pub heading: String,
    /// Label and text of each line.
    pub lines: [(&'static str, String); 9],
}

/// How many lines of the exchange the block shows.
const LADDER: usize = 4;

impl FailureBlock {
    /// The block of a scenario, about its worst finding; none when nothing was found.
    #[must_use]
    pub fn of(scenario: &ScenarioResult, catalogue: &Catalogue) -> Option<FailureBlock> {
        Some(FailureBlock::about(scenario, worst_finding(&scenario.findings)?, catalogue))
    }

    /// The block of a scenario, about one of its findings.
    #[must_use]
    pub fn about(scenario: &ScenarioResult, finding: &Finding, catalogue: &Catalogue) -> FailureBlock {
        let id = finding.requirement.as_ref().or(scenario.requirements.first());
        let requirement = id.and_then(|id| catalogue.requirement(id));
        let asked = match (id, requirement) {
            (Some(id), Some(requirement)) => format!("{id} ({})", requirement.level),
            (Some(id), None) => format!("{id} ({})", finding.level),
            (None, _) => format!("none by name ({})", finding.level),
        };
        let lines = [
            ("requirement", asked),
            ("source", source(finding, requirement.map(|requirement| requirement.source.to_string()))),
            ("asks", requirement.map_or_else(|| one_line(&finding.expected), |own| one_line(&own.summary))),
            ("observed", observed(scenario, finding)),
            ("allowed", allowed(finding)),
            ("cause", cause(scenario.blame.unwrap_or(finding.blame)).to_owned()),
            ("exchange", exchange(scenario)),
            ("wireshark", wireshark(scenario, finding)),
            ("run again", one_line(&scenario.rerun)),
        ];
        FailureBlock { heading: format!("{}  {}", scenario.id, one_line(&scenario.title)), lines }
    }

    /// The block as text, every line with its end.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(|(label, text)| format!("  {label:<12} {text}\n")).collect();
        lines.concat()
    }
}

/// The finding that decided: the worst, and of several the first.
fn worst_finding(findings: &[Finding]) -> Option<&Finding> {
    let worst = findings.iter().map(|finding| finding.verdict.verdict()).max()?;
    findings.iter().find(|finding| finding.verdict.verdict() == worst)
}

fn source(finding: &Finding, paper: Option<String>) -> String {
    let rule = format!("rule {}", finding.rule);
    let own = (!finding.source.is_empty() && Some(&finding.source) != finding.requirement.as_ref())
        .then(|| finding.source.clone());
    [paper, own, Some(rule)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn observed(scenario: &ScenarioResult, finding: &Finding) -> String {
    let place = match (finding.frame, finding.octets) {
        (Some(frame), Some((from, to))) => format!("frame {frame}, octets {from} to {to}: "),
        (Some(frame), None) => format!("frame {frame}: "),
        _ => String::new(),
    };
    let more = scenario.findings.iter().filter(|other| other.verdict != FindingVerdict::Warning).count() - 1;
    let more = if more == 0 { String::new() } else { format!(" (and {more} more in results.json)") };
    format!("{place}{}{more}", one_line(&finding.observed))
}

fn allowed(finding: &Finding) -> String {
    let entry = finding.interpretation.as_ref().map(|id| format!(" (ledger {id})")).unwrap_or_default();
    format!("{}{entry}", one_line(&finding.expected))
}

const fn cause(blame: Blame) -> &'static str {
    match blame {
        Blame::Target => "target: the conduct of the element under test",
        Blame::Harness => "harness: this suite or the machine it runs on",
        Blame::Network => "network: the way between the tester and the target",
        Blame::Configuration => "configuration: the profile, the provisioning or an address",
        Blame::Unknown => "unknown: it cannot be told from what was seen",
    }
}

fn exchange(scenario: &ScenarioResult) -> String {
    let from = scenario.ladder.len().saturating_sub(LADDER);
    let lines: Vec<String> = scenario.ladder.iter().skip(from).map(|line| one_line(line)).collect();
    if lines.is_empty() { "nothing was exchanged".to_owned() } else { lines.join(" | ") }
}

fn wireshark(scenario: &ScenarioResult, finding: &Finding) -> String {
    let Some(evidence) = &scenario.evidence else { return "no evidence was written".to_owned() };
    let filter = finding.frame.map_or_else(|| "sip || msrp".to_owned(), display_filter);
    format!("{}  {filter}", evidence.pcapng)
}
