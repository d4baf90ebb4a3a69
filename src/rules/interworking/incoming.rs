//! What comes from the interworking function ends at the devices of the served user as CPM (L09).

use super::IWF_01;
use crate::rules::findings::undeclared;
use crate::rules::messages::course::{self, Course};
use crate::rules::messages::delivered::{as_sent, by_the_target, came_to, lacking, told};
use crate::rules::sessions::{Judged, missing, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const TERMINATED: RuleEntry = RuleEntry {
    id: "interworking.terminated",
    requirement: IWF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16"],
    stage3: false,
    what: "A message that the interworking function brings from another service reaches a device of the served user as a \
           message of CPM, from the telephone number of its author, and its sender is told so.",
    source: "PF-IWF-01, RFC 3428 sections 5 and 7",
};

/// A message of the interworking function comes to the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Terminated {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
    /// The device.
    pub device: String,
}

impl Rule for Terminated {
    fn entry(&self) -> &'static RuleEntry {
        &TERMINATED
    }

    fn expects(&self) -> String {
        format!("\"{}\" of the interworking function reaches {}'s {}", self.label, self.person, self.device)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, _| self.judged(course, statement))
    }
}

impl Terminated {
    fn judged(&self, course: &Course<'_>, statement: &Statement) -> Judged {
        let came = came_to(course, &self.person, Some(&self.device))?;
        let Some(first) = came.iter().find(|passage| passage.taken()) else {
            return Err(lacking(&TERMINATED, self.expects(), course, &came));
        };
        as_sent(&TERMINATED, &self.expects(), course, first)?;
        told(&TERMINATED, &self.expects(), course)?;
        Ok(by_the_target(&TERMINATED, course, first, statement).unwrap_or(Judgement::Met { checks: 3 }))
    }
}

pub(super) const UNNAMED: RuleEntry = RuleEntry {
    id: "interworking.unnamed",
    requirement: IWF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L09"],
    stage3: false,
    what: "A message from another service that names no conversation and no contribution is refused, or delivered as it is or \
           with names that the function gives it.",
    source: "PF-IWF-01",
};

/// A message of the interworking function without names is refused or delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unnamed {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for Unnamed {
    fn entry(&self) -> &'static RuleEntry {
        &UNNAMED
    }

    fn expects(&self) -> String {
        format!("\"{}\", which names no conversation, is refused, or delivered to {}", self.label, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, warnings| self.judged(course, statement, warnings))
    }
}

impl Unnamed {
    fn judged(&self, course: &Course<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let sent = course.sent;
        let came = came_to(course, &self.person, None)?;
        let mut declared = |way: &str, frame: u64| {
            warnings.extend(undeclared(&UNNAMED, statement, ("missing_ids", way), "L09", frame));
        };
        if let Some(first) = came.iter().find(|passage| passage.taken()) {
            as_sent(&UNNAMED, &self.expects(), course, first)?;
            told(&UNNAMED, &self.expects(), course)?;
            declared(if first.contribution.is_some() { "insert" } else { "pass_on" }, first.frame);
            return Ok(Judgement::Met { checks: 3 });
        }
        match sent.answer() {
            Some(answer) if (400..500).contains(&answer.status) && came.is_empty() => {
                declared("refuse_4xx", answer.frame);
                Ok(Judgement::Met { checks: 1 })
            }
            Some(answer) => {
                let observed = format!("{} was answered {}, and nothing of it came", sent.told(), answer.status);
                Err(unkept(&UNNAMED, self.expects(), observed, answer.frame))
            }
            None => {
                let observed = format!("{} was never answered", sent.told());
                Err(missing(course.story, &UNNAMED, self.expects(), observed, sent.frame))
            }
        }
    }
}
