//! Notifications of many members, alone or several in one message (L04).

use super::chat::flowing;
use super::devices::settled;
use super::reports::path_of;
use super::{CONV_058A, Chat, harness, undeclared, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::content::Report;
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const ALL_REPORTS_REACH: RuleEntry = RuleEntry {
    id: "missed_group_content.all_reports_reach",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L04", "L14"],
    stage3: false,
    what: "Each pair of message and reporter reaches the user, however the notifications are put together.",
    source: "CPM-CONV-058a, RFC 5438 section 8.3",
};

/// The reports of all these members on a message of the person reach the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AllReportsReach {
    /// Whose message it is.
    pub person: String,
    /// In which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
    /// Who reports.
    pub reporters: Vec<String>,
}

impl Rule for AllReportsReach {
    fn entry(&self) -> &'static RuleEntry {
        &ALL_REPORTS_REACH
    }

    fn expects(&self) -> String {
        format!(
            "the reports of {} on \"{}\" of \"{}\" reach {}",
            self.reporters.join(", "),
            self.label,
            self.group,
            self.person
        )
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let chat = Chat::new(story, &self.person, &self.group);
        let mut warnings = Vec::new();
        let judgement = match chat.called(&self.label) {
            Ok(id) => self.reached(&chat, statement, &id, &mut warnings),
            Err(unknown) => *unknown,
        };
        settled(judgement, warnings, moment)
    }
}

impl AllReportsReach {
    fn reached(&self, chat: &Chat<'_>, statement: &Statement, id: &str, warnings: &mut Vec<Finding>) -> Judgement {
        let sent = pairs(chat, Flow::NetworkToTarget, id);
        let came = pairs(chat, Flow::TargetToDevice, id);
        let came = came.into_iter().filter(|(item, _)| item.accepted()).collect::<Vec<_>>();
        let mut checks = 0;
        for reporter in &self.reporters {
            let theirs = |(_, report): &&(&Item, &Report)| is_by(chat, report, reporter);
            let mut made = sent.iter().filter(theirs).peekable();
            if made.peek().is_none() {
                return harness(format!("the focus sent {} no report of {reporter} on {}", self.person, chat.name(id)));
            }
            for (item, report) in made {
                if !chat.takes(item) {
                    let why = "the target takes no disposition notification in its session with the focus".to_owned();
                    return Judgement::Unseen { why, blame: Blame::Configuration };
                }
                let brought = came.iter().filter(theirs).filter(|(_, came)| came.disposition == report.disposition);
                let brought = brought.collect::<Vec<_>>();
                let [first, more @ ..] = brought.as_slice() else {
                    let expected = format!(
                        "the report \"{}\" of {reporter} on {} reaches {}",
                        report.disposition,
                        chat.name(id),
                        self.person
                    );
                    let observed = format!("sent towards the target in frame {}, it never did", item.frame);
                    return chat.missing(&ALL_REPORTS_REACH, expected, observed, *item);
                };
                if let Some((again, _)) = more.iter().find(|(again, _)| again.device == first.0.device) {
                    let expected = format!("a report of {reporter} on {} comes once", chat.name(id));
                    let observed = format!("it came again in frame {}", again.frame);
                    warnings.push(warning(&ALL_REPORTS_REACH, "L14", expected, observed, *again));
                }
                checks += 1;
            }
        }
        if let Some((item, _)) = came.first() {
            let told = ("notification_path", path_of(chat, item));
            warnings.extend(undeclared(&ALL_REPORTS_REACH, statement, told, "L04", *item));
        }
        match checks {
            0 => harness("no reporter is named".to_owned()),
            checks => Judgement::Met { checks },
        }
    }
}

/// Each report on a message, and what brought it.
fn pairs<'a>(chat: &Chat<'a>, flow: Flow, id: &str) -> Vec<(&'a Item, &'a Report)> {
    let ours = flowing(chat.story, flow).filter(|item| item.person.as_deref() == Some(chat.person));
    let ours = ours.filter(|item| item.group.as_deref().is_none_or(|group| group == chat.group));
    ours.flat_map(|item| item.content.reports().iter().map(move |report| (item, report)))
        .filter(|(_, report)| report.about == id)
        .collect()
}

fn is_by(chat: &Chat<'_>, report: &Report, reporter: &str) -> bool {
    let person = report.reporter.as_deref().and_then(|uri| chat.story.cast().person_of(uri));
    person.is_some_and(|person| person.name == reporter)
}
