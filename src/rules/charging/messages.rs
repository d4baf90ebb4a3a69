//! A message is charged: by one record, or by credit.

use super::bill::{Bill, told};
use super::sessions::free;
use super::{Judged, L21, SES_04, Unmet, harness, missing, settled, unkept};
use crate::rules::findings::outside;
use crate::rules::messages::course::{self, Course};
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::charging::{Charge, Interface, Step};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const MESSAGE_RECORDED: RuleEntry = RuleEntry {
    id: "charging.message_recorded",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "A message of a user who is charged offline has one record of an event.",
    source: "PF-SES-04, RFC 6733 section 9.8.1",
};

/// The message is recorded once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageRecorded {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for MessageRecorded {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_RECORDED
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" of {} is recorded once", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        course::judge(self, &self.label, story, moment, |course, warnings| self.judged(course, warnings))
    }
}

impl MessageRecorded {
    fn judged(&self, course: &Course<'_>, warnings: &mut Vec<Finding>) -> Judged {
        let bill = Bill::of_course(course, &self.person);
        let events = bill.at(Interface::Offline, Step::Event);
        let Some(first) = events.first() else {
            let all: Vec<&Charge> = bill.charges();
            let records = all.iter().find(|charge| charge.interface == Interface::Offline);
            if let Some(record) = records {
                let finding = outside(&MESSAGE_RECORDED, L21, self.expects(), told(&all), record.frame);
                return Err(Judgement::Broken(finding).into());
            }
            return Err(bill.lacking(&MESSAGE_RECORDED, self.expects(), told(&all), course.sent.frame));
        };
        for event in &events {
            bill.identified(&MESSAGE_RECORDED, event)?;
        }
        let same = |one: &Charge| (one.icid.clone(), one.method.clone(), one.role);
        if let Some(again) = events.iter().skip(1).find(|event| same(event) == same(first)) {
            let observed = format!("there is {}, and {} of the same", first.told(), again.told());
            return Err(unkept(&MESSAGE_RECORDED, self.expects(), observed, again.frame));
        }
        warnings.extend(bill.anonymous(&MESSAGE_RECORDED, &events));
        Ok(Judgement::Met { checks: 1 })
    }
}

pub(super) const MESSAGE_DEBITED: RuleEntry = RuleEntry {
    id: "charging.message_debited",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "Credit for a message of a user who pays beforehand is asked for: in one request about the event, or in a first and \
           a last one.",
    source: "PF-SES-04, RFC 8506 sections 5 and 6",
};

/// Credit for the message is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageDebited {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for MessageDebited {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_DEBITED
    }

    fn expects(&self) -> String {
        format!("credit for the message \"{}\" of {} is asked for", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl MessageDebited {
    fn judged(&self, story: &Story) -> Judged {
        let course = Course::last(story, &self.label, asked(story, self))?;
        if course.sent.answer().is_none() {
            return Err(harness(format!("{} was not answered yet", course.sent.told())));
        }
        let bill = Bill::of_course(&course, &self.person);
        let first = requested(&MESSAGE_DEBITED, self.expects(), &course, &bill)?;
        bill.identified(&MESSAGE_DEBITED, first)?;
        if first.succeeded() && !course.came().any(|passage| passage.taken()) {
            let observed = format!("{} was granted, and {} came nowhere", first.told(), course.sent.told());
            return Err(missing(story, &MESSAGE_DEBITED, self.expects(), observed, first.frame));
        }
        if first.step == Step::Event {
            return Ok(Judgement::Met { checks: 1 });
        }
        let last = bill.at(Interface::Online, Step::End);
        if last.iter().any(|last| last.session == first.session) {
            return Ok(Judgement::Met { checks: 2 });
        }
        let observed = format!("{} is followed by no last one", first.told());
        Err(bill.lacking(&MESSAGE_DEBITED, self.expects(), observed, first.frame))
    }
}

/// The request by which credit for a message is asked for, before it goes on: about the event, or the first of a session.
pub(super) fn requested<'a>(
    entry: &RuleEntry,
    expected: String,
    course: &Course<'a>,
    bill: &Bill<'a>,
) -> Result<&'a Charge, Unmet> {
    let online = bill.charges().into_iter().filter(|charge| charge.interface == Interface::Online && !charge.refunds);
    let online: Vec<&Charge> = online.collect();
    let first = online.iter().find(|charge| matches!(charge.step, Step::Event | Step::Begin)).copied();
    first.ok_or_else(|| bill.lacking(entry, expected, told(&online), course.sent.frame))
}

pub(super) const MESSAGE_UNCHARGED: RuleEntry = RuleEntry {
    id: "charging.message_uncharged",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "A message for which the charging server says that no credit is needed goes on.",
    source: "PF-SES-04, RFC 8506 section 9.1",
};

/// The message goes on, though it is not charged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageUncharged {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for MessageUncharged {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_UNCHARGED
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" of {} goes on, for which no credit is needed", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl MessageUncharged {
    fn judged(&self, story: &Story) -> Judged {
        let course = Course::last(story, &self.label, asked(story, self))?;
        let bill = Bill::of_course(&course, &self.person);
        let first = requested(&MESSAGE_UNCHARGED, self.expects(), &course, &bill)?;
        free(first)?;
        if course.came().any(|passage| passage.taken()) && course.sent.taken() {
            return Ok(Judgement::Met { checks: 2 });
        }
        let observed = format!("{} was let through, and {} came nowhere", first.told(), course.sent.told());
        Err(bill.lacking(&MESSAGE_UNCHARGED, self.expects(), observed, course.sent.frame))
    }
}
