//! What happens for a user under interception is handed over.

use super::affair::{Affair, Side};
use super::watched::{Watched, form};
use super::{L30, LI_01};
use crate::rules::findings::warning;
use crate::rules::sessions::{Judged, Unmet, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::interception::{Handed, Kind, Way, format};
use crate::story::legs::End;
use crate::story::signals::Signal;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) const EVENTS: RuleEntry = RuleEntry {
    id: "lawful_interception.events_handed_over",
    requirement: LI_01,
    level: Level::May,
    absence: false,
    ledger: &["L30"],
    stage3: false,
    what: "Of a session or message of a user under interception that is handed over which begins it, answers that and ends it, \
           as it passed on one side of the target at least.",
    source: "PF-LI-01",
};

/// The events of a session or message of the person are handed over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EventsHandedOver {
    /// The session, chat or message.
    pub label: String,
    /// Who is under interception.
    pub person: String,
}

impl Rule for EventsHandedOver {
    fn entry(&self) -> &'static RuleEntry {
        &EVENTS
    }

    fn expects(&self) -> String {
        format!("what happened in \"{}\" is handed over of {}", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = self.judged(story, &mut warnings);
        settled(judged, warnings, moment)
    }
}

impl EventsHandedOver {
    fn judged(&self, story: &Story, warnings: &mut Vec<Finding>) -> Judged {
        let affair = Affair::of(story, &self.label, &self.person)?;
        let watched = Watched::new(story, &self.person);
        let reported: Vec<(&Handed, &Signal)> = watched.signals().collect();
        let mut checks = 0;
        let mut lacking: Option<(usize, &Signal)> = None;
        for side in &affair.sides {
            let none = |signal: &&&Signal| !reported.iter().any(|(_, report)| report.is(signal));
            let gaps: Vec<&Signal> = side.signals.iter().filter(none).copied().collect();
            match gaps.first() {
                None => {
                    self.unaltered(side, &reported)?;
                    warnings.extend(details(side, &reported));
                    checks += side.signals.len();
                }
                Some(first) if lacking.is_none_or(|(least, _)| gaps.len() < least) => {
                    lacking = Some((gaps.len(), first))
                }
                Some(_) => {}
            }
        }
        match lacking.filter(|_| checks == 0) {
            None => Ok(Judgement::Met { checks }),
            Some((_, signal)) => {
                let observed = format!("the {} in frame {} is handed over nowhere", signal.told(), signal.frame);
                Err(watched.lacking(&EVENTS, self.expects(), observed, signal.call_id.as_bytes(), signal.frame))
            }
        }
    }

    /// What the tester sent is handed over as it was. What the target makes may still be written otherwise on its way out.
    fn unaltered(&self, side: &Side<'_>, reported: &[(&Handed, &Signal)]) -> Result<(), Unmet> {
        for signal in side.signals.iter().filter(|signal| signal.sent) {
            let same: Vec<_> = reported.iter().filter(|(_, report)| report.is(signal)).collect();
            let Some((first, _)) =
                same.first().filter(|_| !same.iter().any(|(_, report)| report.content.body == signal.content.body))
            else {
                continue;
            };
            let observed = format!(
                "the {} in frame {} has another body in what is handed over in frame {}",
                signal.told(),
                signal.frame,
                first.frame
            );
            return Err(unkept(&EVENTS, self.expects(), observed, first.frame));
        }
        Ok(())
    }
}

/// Details of the form that are other than TS 103 221-2 has them, one of each kind.
fn details(side: &Side<'_>, reported: &[(&Handed, &Signal)]) -> Vec<Finding> {
    let mut details = Vec::new();
    let mut correlations = BTreeSet::new();
    let mut last = None;
    for signal in &side.signals {
        let same: Vec<&Handed> =
            reported.iter().filter(|(_, report)| report.is(signal)).map(|(handed, _)| *handed).collect();
        details.extend(same.iter().find_map(|handed| form(&EVENTS, handed, (Kind::X2, format::SIP))));
        details.extend(turned(side.end, signal, &same));
        correlations.extend(same.iter().map(|handed| handed.correlation));
        last = same.last().copied().or(last);
    }
    if let Some(last) = last.filter(|_| correlations.len() > 1) {
        let observed = format!("{} correlations", correlations.len());
        details.push(warning(&EVENTS, L30, "one correlation for all of it".to_owned(), observed, last.frame));
    }
    let mut known = BTreeSet::new();
    details.retain(|finding| known.insert(finding.expected.clone()));
    details
}

/// Where no report says which way the message went, seen from the user, but the other way round.
fn turned(end: End, signal: &Signal, same: &[&Handed]) -> Option<Finding> {
    let from_user = (end == End::Device) == signal.sent;
    let (right, wrong) = if from_user { (Way::FromTarget, Way::ToTarget) } else { (Way::ToTarget, Way::FromTarget) };
    let first = same.first().filter(|_| same.iter().all(|handed| handed.way == wrong))?;
    let expected = format!(
        "a direction as it went: {right:?} for what went {}",
        if from_user { "from the user" } else { "to the user" }
    );
    let observed = format!("{:?} for the {} in frame {}", first.way, signal.told(), signal.frame);
    Some(warning(&EVENTS, L30, expected, observed, first.frame))
}
