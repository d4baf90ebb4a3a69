//! Several devices of one user report on one message (L15).

use std::collections::BTreeSet;

use super::chat::flowing;
use super::devices::settled;
use super::reports::{stripped, to_author};
use super::{CONV_058A, Chat, fail, harness, undeclared};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::{Disposition, Report};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const REPORTS_COLLAPSED: RuleEntry = RuleEntry {
    id: "missed_group_content.reports_collapsed",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L15"],
    stage3: false,
    what: "The author gets one delivered report, or one for each device, and no more.",
    source: "CPM-CONV-058a, RFC 5438 section 8.3",
};

/// The author of a message gets as many delivered reports as are allowed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReportsCollapsed {
    /// Who wrote it.
    pub author: String,
    /// Whose devices report.
    pub person: String,
    /// In which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for ReportsCollapsed {
    fn entry(&self) -> &'static RuleEntry {
        &REPORTS_COLLAPSED
    }

    fn expects(&self) -> String {
        format!(
            "{} gets a delivered report of {} on \"{}\" of \"{}\", at most one for each device",
            self.author, self.person, self.label, self.group
        )
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let id = match chat.called(&self.label) {
            Ok(id) => id,
            Err(_) if moment == Moment::Open => return Judgement::Undecided.into(),
            Err(unknown) => return (*unknown).into(),
        };
        if !story.cast().is_author(&id, &self.author) {
            return settled(harness(format!("{} is not of {}", chat.name(&id), self.author)), Vec::new(), moment);
        }
        let reports = |item: &&Item| {
            let ours = |report: &Report| {
                let of = report.reporter.as_deref().and_then(|uri| story.cast().person_of(uri));
                of.is_none_or(|person| person.name == self.person)
            };
            let all = item.content.reports().iter();
            { all }.any(|report| report.about == id && report.disposition == Disposition::Delivered && ours(report))
        };
        let made = flowing(story, Flow::DeviceToTarget).filter(reports);
        let made = made.filter(|item| item.person.as_deref().is_none_or(|person| person == self.person)).count();
        // A report by MESSAGE does not tell of which device it is; those that have the message are known.
        let holding = chat.delivered(None).filter(|item| item.chat_id() == Some(&id));
        let holders = holding.map(|item| item.device.as_deref()).collect::<BTreeSet<_>>().len();
        let devices = made.min(holders.max(1));
        let came = flowing(story, Flow::TargetToNetwork).filter(reports);
        let came = came.filter(|item| item.accepted() && to_author(&chat, item, &id)).collect::<Vec<_>>();
        let expected = || format!("{} on {}", self.expects(), chat.name(&id));
        if let Some(beyond) = came.get(devices.max(1)) {
            let observed = format!("{} came, the last in frame {}, of {} devices", came.len(), beyond.frame, devices);
            return Judgement::Broken(fail(&REPORTS_COLLAPSED, expected(), observed, *beyond)).into();
        }
        match (moment, devices, came.last()) {
            (Moment::Open, ..) => Judgement::Undecided.into(),
            (_, 0, _) => self.never_made(&chat, &id).into(),
            (_, _, None) => chat.missing(&REPORTS_COLLAPSED, expected(), "none came".to_owned(), None).into(),
            (_, devices, Some(last)) => {
                let word = if came.len() > 1 { "per_device" } else { "one" };
                let told = ("multi_device_reports", word);
                let differs = (devices > 1).then(|| undeclared(&REPORTS_COLLAPSED, statement, told, "L15", *last));
                let warnings = differs.flatten().into_iter().collect();
                Assessment { judgement: Judgement::Met { checks: came.len() }, warnings }
            }
        }
    }
}

impl ReportsCollapsed {
    fn never_made(&self, chat: &Chat<'_>, id: &str) -> Judgement {
        if chat.has(None, id) {
            return stripped(chat, &REPORTS_COLLAPSED, id, Disposition::Delivered)
                .unwrap_or_else(|| harness(format!("no device of {} reported on {}", self.person, chat.name(id))));
        }
        match chat.original(id) {
            None => chat.nothing_owed(&REPORTS_COLLAPSED),
            Some(original) => {
                let expected = format!("{} reaches {}, who then reports", chat.name(id), self.person);
                chat.missing(&REPORTS_COLLAPSED, expected, "it never came".to_owned(), original)
            }
        }
    }
}
