//! What the function does not carry in a MESSAGE: what is over its limit, and what is no message.

use super::course::{self, Course};
use super::delivered::as_sent;
use super::{Judged, MSG_02, missing, unkept};
use crate::rules::findings::{outside, undeclared, warning};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::standalone::Mode;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const OVER_LIMIT: RuleEntry = RuleEntry {
    id: "messages.over_limit",
    requirement: MSG_02,
    level: Level::Shall,
    absence: true,
    ledger: &["L19", "L25"],
    stage3: false,
    what: "A MESSAGE over the limit that the statement names is refused, or comes in large message mode.",
    source: "PF-MSG-02, RFC 3428 section 8, RFC 3261 section 21.4.11",
};

/// The message is refused for its size, or converted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OverLimit {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for OverLimit {
    fn entry(&self) -> &'static RuleEntry {
        &OVER_LIMIT
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" of {} is refused for its size, or comes as a large one", self.label, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, warnings| self.judged(course, statement, warnings))
    }
}

impl OverLimit {
    fn judged(&self, course: &Course<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let sent = course.sent;
        if let Some(came) = course.came().find(|passage| passage.mode == Mode::Pager) {
            let observed = format!("{} brought all of its {} octets", came.told(), came.octets);
            return Err(unkept(&OVER_LIMIT, self.expects(), observed, came.frame));
        }
        if let Some(came) = course.came().find(|passage| passage.taken()) {
            as_sent(&OVER_LIMIT, &self.expects(), course, &came)?;
            warnings.extend(undeclared(&OVER_LIMIT, statement, (LIMIT, "large_mode"), "L25", came.frame));
            return Ok(Judgement::Met { checks: 2 });
        }
        match sent.answer() {
            Some(answer) if answer.is_success() => {
                let observed = format!("it was answered {}, and nothing of it came", answer.status);
                let finding = outside(&OVER_LIMIT, "L19", self.expects(), observed, answer.frame);
                Err(Judgement::Broken(finding).into())
            }
            Some(answer) => {
                warnings.extend(undeclared(&OVER_LIMIT, statement, (LIMIT, "refuse"), "L25", answer.frame));
                if !matches!(answer.status, 413 | 513) {
                    let (expected, observed) = ("413 or 513".to_owned(), answer.status.to_string());
                    warnings.push(warning(&OVER_LIMIT, "L25", expected, observed, answer.frame));
                }
                Ok(Judgement::Met { checks: 1 })
            }
            None => {
                let observed = format!("{} was never answered", sent.told());
                Err(missing(course.story, &OVER_LIMIT, self.expects(), observed, sent.frame))
            }
        }
    }
}

/// The key of the statement that says what becomes of what is too large.
const LIMIT: &str = "over_pager_limit";

pub(super) const NO_MESSAGE: RuleEntry = RuleEntry {
    id: "messages.no_message",
    requirement: MSG_02,
    level: Level::Shall,
    absence: false,
    ledger: &["L19"],
    stage3: false,
    what: "What is sent without envelope, of an unknown type or in a broken envelope is refused.",
    source: "PF-MSG-02, RFC 3428 section 7, RFC 3261 sections 21.4.1 and 21.4.13",
};

/// What is no message is refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoMessage {
    /// What it is called.
    pub label: String,
}

impl Rule for NoMessage {
    fn entry(&self) -> &'static RuleEntry {
        &NO_MESSAGE
    }

    fn expects(&self) -> String {
        format!("\"{}\" is refused, for it is no message", self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, warnings| self.judged(course, warnings))
    }
}

impl NoMessage {
    fn judged(&self, course: &Course<'_>, warnings: &mut Vec<Finding>) -> Judged {
        let sent = course.sent;
        let Some(answer) = sent.answer() else {
            let observed = format!("{} was never answered", sent.told());
            return Err(missing(course.story, &NO_MESSAGE, self.expects(), observed, sent.frame));
        };
        if answer.is_success() {
            // Its sender is told that it was taken, whatever became of it.
            let became = course
                .came()
                .next()
                .map_or("nothing of it came".to_owned(), |came| format!("{} brought it", came.told()));
            let observed = format!("it was answered {}, and {became}", answer.status);
            return Err(unkept(&NO_MESSAGE, self.expects(), observed, answer.frame));
        }
        if !(400..500).contains(&answer.status) {
            // Refused by another class (L19).
            let (expected, observed) = ("a 4xx".to_owned(), answer.status.to_string());
            warnings.push(warning(&NO_MESSAGE, "L19", expected, observed, answer.frame));
        }
        Ok(Judgement::Met { checks: 1 })
    }
}
