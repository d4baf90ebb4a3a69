//! Messages for a user with several devices: a copy for each, whatever one of them answers, unless the user wants one alone
//! to have them [PF-DEV-02].

use std::collections::BTreeSet;

use super::{harness, missing, settled, unkept};
use crate::rules::findings::{outside, undeclared};
use crate::rules::messages::course::{self, Course};
use crate::rules::messages::delivered::{as_sent, by_the_target, lacking, reaches, told};
use crate::rules::sessions::attempt::asked;
use crate::rules::sessions::{Judged, Unmet};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Disposition;
use crate::story::standalone::Standalone;
use crate::story::{Flow, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

const DEV_02: Option<&str> = Some("PF-DEV-02");

pub(super) const COPIED: RuleEntry = RuleEntry {
    id: "multi_device.copied",
    requirement: DEV_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L16"],
    stage3: false,
    what: "A message reaches every device of the user, in a copy for each or in one that the serving CSCF forks, and its sender \
           gets one answer.",
    source: "PF-DEV-02, RFC 3428 section 5",
};

/// The message reaches each of these devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Copied {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
    /// The devices.
    pub devices: Vec<String>,
}

impl Rule for Copied {
    fn entry(&self) -> &'static RuleEntry {
        &COPIED
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" reaches {}'s {}", self.label, self.person, self.devices.join(" and "))
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, warnings| self.judged(course, statement, warnings))
    }
}

impl Copied {
    fn judged(&self, course: &Course<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let mut checks = 1;
        for device in &self.devices {
            let first = at_device(&COPIED, self.expects(), course, &self.person, device)?;
            if let Some(passed) = by_the_target(&COPIED, course, &first, statement) {
                return Ok(passed);
            }
            if first.at_large && warnings.is_empty() {
                warnings.extend(undeclared(&COPIED, statement, ("device_mode", "s_cscf_forks"), "L16", first.frame));
            }
            checks += 1;
        }
        told(&COPIED, &self.expects(), course)?;
        Ok(Judgement::Met { checks })
    }
}

/// What came to a device and was taken there, as it was sent.
fn at_device<'a>(
    entry: &RuleEntry,
    expected: String,
    course: &Course<'a>,
    person: &str,
    device: &str,
) -> Result<Standalone<'a>, Unmet> {
    let came: Vec<Standalone<'a>> =
        course.to_devices(person).filter(|passage| reaches(passage, Some(device))).collect();
    let Some(first) = came.iter().find(|passage| passage.taken()) else {
        return Err(lacking(entry, expected, course, &came));
    };
    as_sent(entry, &expected, course, first)?;
    Ok(*first)
}

pub(super) const COPIED_IN_SPITE: RuleEntry = RuleEntry {
    id: "multi_device.copied_in_spite",
    requirement: DEV_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L16"],
    stage3: false,
    what: "That one device of the user fails keeps a message neither from the other one nor from its sender's success.",
    source: "PF-DEV-02, RFC 3261 section 16.7",
};

/// The message reaches one device, though another fails.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CopiedInSpite {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
    /// The device that takes it.
    pub device: String,
    /// The device that fails.
    pub other: String,
}

impl Rule for CopiedInSpite {
    fn entry(&self) -> &'static RuleEntry {
        &COPIED_IN_SPITE
    }

    fn expects(&self) -> String {
        let CopiedInSpite { label, person, device, other } = self;
        format!("the message \"{label}\" reaches {person}'s {device}, though the {other} fails")
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, _| self.judged(course, statement))
    }
}

impl CopiedInSpite {
    fn judged(&self, course: &Course<'_>, statement: &Statement) -> Judged {
        let first = at_device(&COPIED_IN_SPITE, self.expects(), course, &self.person, &self.device)?;
        let offered = |passage: &Standalone<'_>| reaches(passage, Some(&self.other));
        if !course.to_devices(&self.person).any(|passage| offered(&passage)) {
            let observed = format!("nothing of it came to the {}", self.other);
            return Err(missing(course.story, &COPIED_IN_SPITE, self.expects(), observed, course.sent.frame));
        }
        told(&COPIED_IN_SPITE, &self.expects(), course)?;
        let passed = by_the_target(&COPIED_IN_SPITE, course, &first, statement);
        Ok(passed.unwrap_or(Judgement::Met { checks: 3 }))
    }
}

pub(super) const MESSAGE_ONLY_THERE: RuleEntry = RuleEntry {
    id: "multi_device.message_only_there",
    requirement: DEV_02,
    level: Level::Shall,
    absence: true,
    ledger: &["L16"],
    stage3: false,
    what: "A user who wants one device alone to be reached gets messages there and on no other.",
    source: "PF-DEV-02",
};

/// The message reaches this device, and no other one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageOnlyThere {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
    /// The device.
    pub device: String,
}

impl Rule for MessageOnlyThere {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_ONLY_THERE
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" reaches {}'s {} alone", self.label, self.person, self.device)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = Course::last(story, &self.label, asked(story, self)).and_then(|course| self.judged(&course));
        match (&judged, moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl MessageOnlyThere {
    fn judged(&self, course: &Course<'_>) -> Judged {
        let elsewhere = |passage: &Standalone<'_>| !is_at(passage, &self.device);
        if let Some(other) = course.to_devices(&self.person).find(elsewhere) {
            let whose = other.device.as_deref().unwrap_or("every device");
            let observed = format!("{} was for {whose}", other.told());
            return Err(unkept(&MESSAGE_ONLY_THERE, self.expects(), observed, other.frame));
        }
        at_device(&MESSAGE_ONLY_THERE, self.expects(), course, &self.person, &self.device)?;
        told(&MESSAGE_ONLY_THERE, &self.expects(), course)?;
        Ok(Judgement::Met { checks: 2 })
    }
}

/// Whether a passage goes to this device and to no other: a session to the user at large is where it is answered.
fn is_at(passage: &Standalone<'_>, device: &str) -> bool {
    !passage.at_large && passage.device.as_deref().is_none_or(|own| own == device) && reaches(passage, Some(device))
}

pub(super) const REPORTED_BY_DEVICES: RuleEntry = RuleEntry {
    id: "multi_device.reported_by_devices",
    requirement: DEV_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L15"],
    stage3: true,
    what: "The author of a message that reached several devices hears once of its delivery, or once for each device.",
    source: "PF-DEV-02, RFC 5438 section 6",
};

/// The author hears of the delivery, at most once for each of these devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportedByDevices {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
    /// The devices.
    pub devices: Vec<String>,
}

impl Rule for ReportedByDevices {
    fn entry(&self) -> &'static RuleEntry {
        &REPORTED_BY_DEVICES
    }

    fn expects(&self) -> String {
        let devices = self.devices.join(" and ");
        format!("the author of \"{}\" hears of its delivery once, or once for each of {devices}", self.label)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = Course::last(story, &self.label, asked(story, self))
            .and_then(|course| self.judged(&course, statement, &mut warnings));
        match (&judged, moment) {
            // One more may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, warnings, moment),
        }
    }
}

impl ReportedByDevices {
    fn judged(&self, course: &Course<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let id = course.announced.message_id.as_deref().ok_or_else(|| harness("it has no envelope".to_owned()))?;
        let told: BTreeSet<u64> = course
            .story
            .standalone()
            .filter(|passage| passage.flow == Flow::TargetToNetwork)
            .filter(|passage| {
                let reports = passage.content().map(|content| content.reports()).unwrap_or_default();
                reports.iter().any(|report| report.about == id && report.disposition == Disposition::Delivered)
            })
            .map(|passage| passage.frame)
            .collect();
        let last = told.last().copied().unwrap_or(course.sent.frame);
        if told.is_empty() || told.len() > self.devices.len() {
            let observed = format!("{} notifications of delivery went to its author", told.len());
            let finding = outside(&REPORTED_BY_DEVICES, "L15", self.expects(), observed, last);
            return Err(Judgement::Broken(finding).into());
        }
        let word = if told.len() == 1 { "one" } else { "per_device" };
        let mode = ("multi_device_reports", word);
        warnings.extend(undeclared(&REPORTED_BY_DEVICES, statement, mode, "L15", last).filter(|_| told.len() > 1));
        Ok(Judgement::Met { checks: told.len() })
    }
}
