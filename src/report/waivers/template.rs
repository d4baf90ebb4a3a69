//! Waivers to copy: entries that excuse what one cause spoils, in the form that `run --waivers` takes. Reason, issue and day are
//! there to be replaced.

use super::file::Waiver;
use super::versions::Versions;
use crate::report::causes::Cause;
use crate::report::event::{RunInfo, TargetInfo};
use crate::report::style::is_unseen;
use cpm_wire::time::Time;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

/// So many entries are written.
const ENTRIES: usize = 12;
/// A version of more octets is none that a range names.
const VERSION: usize = 100;
/// For so long.
const DAYS: u64 = 30;

/// The entries, and how many more there would be.
#[must_use]
pub fn template(cause: &Cause<'_>, run: &RunInfo, targets: &[TargetInfo]) -> (String, usize) {
    let versions = targets.iter().find(|target| target.role == cause.scenario.role).map_or("*", |own| &own.version);
    let all = entries(cause);
    let mut text = String::new();
    for (subject, rule) in all.iter().take(ENTRIES) {
        let waiver = Waiver {
            requirement: subject.strip_prefix(REQUIREMENT).map(str::to_owned),
            scenario: subject.strip_prefix(SCENARIO).map(str::to_owned),
            rule: (*rule).to_owned(),
            versions: range(versions),
            reason: "to be filled in: why this may stay as it is for a while".to_owned(),
            issue: "https://tracker.example/to-be-filled-in".to_owned(),
            expires: last_day(run),
        };
        let _ = write!(text, "{}", written(&waiver));
    }
    (text, all.len().saturating_sub(ENTRIES))
}

const REQUIREMENT: &str = "requirement ";
const SCENARIO: &str = "scenario ";

/// What is excused: of one scenario that scenario alone, of several the requirements that they serve.
fn entries<'a>(cause: &Cause<'a>) -> Vec<(String, &'a str)> {
    let mut all = BTreeSet::new();
    for scenario in &cause.scenarios {
        let subject = match (cause.scenarios.len(), scenario.requirements.first()) {
            (2.., Some(requirement)) => format!("{REQUIREMENT}{requirement}"),
            _ => format!("{SCENARIO}{}", scenario.id),
        };
        let spoke = |rule: &&&str| scenario.findings.iter().any(|finding| finding.rule == **rule);
        all.extend(cause.rules.keys().filter(spoke).map(|rule| (subject.clone(), *rule)));
    }
    all.into_iter().collect()
}

/// This version alone; every version where it cannot be told from others.
fn range(version: &str) -> String {
    let own = format!("={version}");
    let plain = version.len() <= VERSION && !version.contains(',') && !version.chars().any(is_unseen);
    let told = plain && own.parse::<Versions>().is_ok_and(|range| range.contain(version));
    if told { own } else { "*".to_owned() }
}

/// The last day, seen from that of the run.
fn last_day(run: &RunInfo) -> String {
    let began = Time::parse_rfc3339(&run.started).unwrap_or_default();
    let day = (began + Duration::from_secs(DAYS * 24 * 60 * 60)).to_rfc3339();
    day.get(..10).unwrap_or_default().to_owned()
}

/// An entry as YAML, whose strings may be written as those of JSON (YAML 1.2 section 7.3.1).
fn written(waiver: &Waiver) -> String {
    let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
    let (key, subject) = match (&waiver.requirement, &waiver.scenario) {
        (Some(id), _) => ("requirement", id.as_str()),
        (None, id) => ("scenario", id.as_deref().unwrap_or_default()),
    };
    let rest = [
        ("rule", &waiver.rule),
        ("versions", &waiver.versions),
        ("reason", &waiver.reason),
        ("issue", &waiver.issue),
        ("expires", &waiver.expires),
    ];
    let rest: String = rest.iter().map(|(key, value)| format!("  {key}: {}\n", quoted(value))).collect();
    format!("- {key}: {}\n{rest}", quoted(subject))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;
    use crate::report::causes::causes;
    use crate::report::results::excused_results;
    use crate::report::waivers::{Status, Waivers};
    use crate::report::{Selection, exit_code, samples};
    use crate::requirements::Catalogue;
    use crate::verdict::Outcome;

    #[test]
    fn a_template_that_is_fed_back_excuses_the_whole_card() {
        let other = |id: &str| crate::report::ScenarioResult { id: id.to_owned(), ..samples::failed() };
        for failed in [vec![samples::failed()], vec![samples::failed(), other("TP-CPM-CONV-058-01.other")]] {
            for version in ["1.4.2", "2.0-rc1", "build, of <b>\"today\"\u{1b}", ""] {
                let target = TargetInfo { version: version.to_owned(), ..samples::target() };
                let run = samples::run_of(Selection::Full);
                let own = causes(&failed, Outcome::Fail);
                let (text, more) = template(&own[0], &run, std::slice::from_ref(&target));
                assert_eq!((own.len(), more), (1, 0));
                let waivers = Waivers::read(text.clone()).unwrap_or_else(|fault| panic!("{text}: {fault:?}"));
                let results =
                    excused_results(run, vec![target], failed.clone(), &Catalogue::embedded(), &[], Some(&waivers));
                assert!(results.scenarios.iter().all(|own| own.outcome == Outcome::Waived), "{text}");
                let statuses: Vec<Status> = results.waivers.iter().flatten().map(|own| own.status).collect();
                assert!(statuses.iter().all(|own| *own == Status::InForce), "{statuses:?} {text}");
                assert_eq!(exit_code(&results), 2);
            }
        }
    }

    #[test]
    fn it_holds_for_thirty_days() {
        let run = samples::run_of(Selection::Full);
        assert_eq!(last_day(&run), "2026-12-21");
        assert_eq!((range("1.4"), range("1, 2"), range("")), ("=1.4".to_owned(), "*".to_owned(), "*".to_owned()));
    }
}
