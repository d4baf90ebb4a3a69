//! Reports find their way: from the devices of a recipient to the author, and from the network to an author who may be away
//! (L04, L06, L14, L15).

use super::MSG_03;
use super::brought::{Brought, about, is_of_failure, saying};
use crate::rules::deferred_messages::kept::Kept;
use crate::rules::findings::{same_author, undeclared, warning};
use crate::rules::sessions::{Judged, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Disposition;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const REACHES_AUTHOR: RuleEntry = RuleEntry {
    id: "disposition_reports.reaches_author",
    requirement: MSG_03,
    level: Level::Shall,
    absence: false,
    ledger: &["L04", "L15"],
    stage3: false,
    what: "What a recipient's devices report of a message reaches its author, at least once and once for each device that \
           reports at most, and not before a device has it.",
    source: "PF-MSG-03, RFC 5438 section 6",
};

/// The reports of the person's devices on a message reach its author.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReachesAuthor {
    /// Whose devices report.
    pub person: String,
    /// What the message is called.
    pub label: String,
    /// What is reported.
    pub kind: Disposition,
}

impl Rule for ReachesAuthor {
    fn entry(&self) -> &'static RuleEntry {
        &REACHES_AUTHOR
    }

    fn expects(&self) -> String {
        format!("the author of \"{}\" is told that it was {} to {}", self.label, self.kind, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = self.judged(story, statement, &mut warnings);
        match (&judged, moment) {
            // More of them may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, warnings, moment),
        }
    }
}

impl ReachesAuthor {
    fn judged(&self, story: &Story, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let kept = Kept::of(story, &self.person, &self.label)?;
        let id = kept.announced.message_id.as_deref().unwrap_or_default();
        let sent: Vec<Brought<'_>> = saying(story, Flow::DeviceToTarget, id, self.kind).collect();
        let told: Vec<Brought<'_>> = saying(story, Flow::TargetToNetwork, id, self.kind).collect();
        let Some((first, _)) = told.first() else {
            let Some((report, _)) = sent.first() else {
                return self.unreported(&kept);
            };
            let observed = format!("the {} reported it (frame {}), and nobody was told", device(report), report.frame);
            return Err(missing(story, &REACHES_AUTHOR, self.expects(), observed, *report));
        };
        if let Some(early) = told.iter().find(|(item, _)| !kept.taken().any(|had| had.frame <= item.frame)) {
            let observed = format!("its author was told in frame {}, and no device had it", early.0.frame);
            return Err(unkept(&REACHES_AUTHOR, self.expects(), observed, early.0));
        }
        // Each device of the tester reports once.
        let devices = sent.len();
        if told.len() > devices.max(1) {
            let observed = format!("{devices} devices reported it, and its author was told {} times", told.len());
            return Err(unkept(
                &REACHES_AUTHOR,
                self.expects(),
                observed,
                told.last().map_or(*first, |(item, _)| item),
            ));
        }
        if let Some((item, _)) = about(story, Flow::TargetToNetwork, id).find(|(_, report)| is_of_failure(report)) {
            let observed = format!("its author was told that it failed, too (frame {})", item.frame);
            return Err(unkept(&REACHES_AUTHOR, self.expects(), observed, item));
        }
        let way = if told.len() > 1 { "per_device" } else { "one" };
        if devices > 1 {
            warnings.extend(undeclared(&REACHES_AUTHOR, statement, ("multi_device_reports", way), "L15", *first));
        }
        Ok(Judgement::Met { checks: told.len() })
    }

    /// No device reported anything: it never had the message, or not with the request for it.
    fn unreported(&self, kept: &Kept<'_>) -> Judged {
        let sent = kept.submitted()?;
        let asked = sent.envelope().is_some_and(|envelope| !envelope.dispositions.is_empty());
        match kept.taken().next() {
            Some(item) if asked && item.content.chat().is_some_and(|came| came.dispositions.is_empty()) => {
                let observed = format!("it came without any request for reports (frame {})", item.frame);
                Err(unkept(&REACHES_AUTHOR, self.expects(), observed, item))
            }
            Some(_) => Err(harness(format!("no device of {} reported \"{}\"", self.person, self.label))),
            None => {
                let observed = format!("{} was sent, and no device has it", sent.told());
                Err(missing(kept.story, &REACHES_AUTHOR, self.expects(), observed, sent.frame))
            }
        }
    }
}

fn device(item: &Item) -> &str {
    item.device.as_deref().unwrap_or("device")
}

pub(super) const REACHES_USER: RuleEntry = RuleEntry {
    id: "disposition_reports.reaches_user",
    requirement: MSG_03,
    level: Level::Shall,
    absence: false,
    ledger: &["L06", "L14"],
    stage3: false,
    what: "Each report on a message of a served user reaches a device of the user, if need be once there is one.",
    source: "PF-MSG-03, RFC 5438 section 6",
};

/// The reports of recipients on a message of the person reach the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReachesUser {
    /// Whose message it is.
    pub person: String,
    /// Its imdn.Message-ID.
    pub about: String,
    /// What it is called.
    pub label: String,
    /// What is reported.
    pub kind: Disposition,
}

impl Rule for ReachesUser {
    fn entry(&self) -> &'static RuleEntry {
        &REACHES_USER
    }

    fn expects(&self) -> String {
        format!("the reports that \"{}\" was {} reach {}", self.label, self.kind, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = self.judged(story, &mut warnings);
        settled(judged, warnings, moment)
    }
}

impl ReachesUser {
    fn judged(&self, story: &Story, warnings: &mut Vec<Finding>) -> Judged {
        let of_ours = |(item, _): &Brought<'_>| item.person.as_deref() == Some(self.person.as_str());
        let all: Vec<Brought<'_>> =
            saying(story, Flow::NetworkToTarget, &self.about, self.kind).filter(of_ours).collect();
        // Who does not understand a content coding may say so (RFC 3261 section 21.4.13); then nothing is owed.
        let declined = |item: &Item| item.content.coded && item.answer.is_some_and(|answer| answer.status == 415);
        let sent: Vec<Brought<'_>> = all.iter().filter(|(item, _)| !declined(item)).copied().collect();
        let came: Vec<Brought<'_>> = saying(story, Flow::TargetToDevice, &self.about, self.kind)
            .filter(of_ours)
            .filter(|(item, _)| item.accepted())
            .collect();
        if sent.is_empty() && !all.is_empty() {
            return Ok(Judgement::Met { checks: all.len() });
        }
        let Some((first, _)) = sent.first() else {
            return Err(harness(format!("nobody sent {} a report on \"{}\"", self.person, self.label)));
        };
        let early = came.iter().find(|(item, _)| item.frame < first.first);
        if let Some((item, _)) = early {
            let observed = format!("it came in frame {}, before anybody reported anything", item.frame);
            return Err(unkept(&REACHES_USER, self.expects(), observed, *item));
        }
        if let Some((item, report)) = unmatched(&sent, &came) {
            let reporter = report.reporter.as_deref().unwrap_or("somebody");
            let answer = item.answer.map_or_else(|| "never answered".to_owned(), |answer| answer.status.to_string());
            let observed =
                format!("that of {reporter}, sent to the target (frame {}, {answer}), never did", item.frame);
            return Err(missing(story, &REACHES_USER, self.expects(), observed, item));
        }
        warnings.extend(self.repeats(&came));
        Ok(Judgement::Met { checks: sent.len() })
    }

    fn repeats(&self, came: &[Brought<'_>]) -> Vec<Finding> {
        let again = came.iter().enumerate().filter_map(|(at, (item, report))| {
            let same = |(earlier, known): &&Brought<'_>| known == report && earlier.device == item.device;
            let (earlier, _) = came.iter().take(at).find(same)?;
            let expected = format!("a report on \"{}\" comes once", self.label);
            let observed = format!("it came in frame {} and again in frame {}", earlier.frame, item.frame);
            Some(warning(&REACHES_USER, "L14", expected, observed, *item))
        });
        again.collect()
    }
}

/// The first report that was sent and did not come. Reports are told apart by who makes them; where that is hidden, by
/// their number.
fn unmatched<'a>(sent: &[Brought<'a>], came: &[Brought<'a>]) -> Option<Brought<'a>> {
    let names = |(_, sent): &Brought<'_>, (_, came): &Brought<'_>| {
        same_author(sent.reporter.as_deref(), came.reporter.as_deref())
    };
    let missing = sent.iter().filter(|sent| !came.iter().any(|came| names(sent, came))).collect::<Vec<_>>();
    let nameless = came.iter().filter(|came| !sent.iter().any(|sent| names(sent, came))).count();
    missing.get(nameless).map(|missing| **missing)
}
