//! Whoever has no credit gets no service: nothing goes on, and the sender hears it.

use super::bill::Bill;
use super::messages::requested;
use super::sessions::begun;
use super::{Judged, L21, SES_04, Unmet, harness, missing, settled, unkept};
use crate::rules::findings::{outside, warning};
use crate::rules::messages::course::Course;
use crate::rules::sessions::attempt::{Attempt, asked};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::charging::Charge;
use crate::story::standalone::Mode;
use crate::story::{Answer, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use cpm_wire::diameter::result;
use serde::{Deserialize, Serialize};

/// What the charging server says where there is no credit.
const REFUSALS: [u32; 5] = [
    result::END_USER_SERVICE_DENIED,
    result::CREDIT_LIMIT_REACHED,
    result::AUTHORIZATION_REJECTED,
    result::USER_UNKNOWN,
    result::RATING_FAILED,
];

pub(super) const SESSION_UNPAID: RuleEntry = RuleEntry {
    id: "charging.session_unpaid",
    requirement: SES_04,
    level: Level::Shall,
    absence: true,
    ledger: &["L19", L21],
    stage3: false,
    what: "A session for which credit is refused does not go on, and the caller gets a final refusal.",
    source: "PF-SES-04, RFC 8506 sections 5.2 and 9",
};

/// The session comes to nothing, for there is no credit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionUnpaid {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for SessionUnpaid {
    fn entry(&self) -> &'static RuleEntry {
        &SESSION_UNPAID
    }

    fn expects(&self) -> String {
        format!("\"{}\" comes to nothing, for {} has no credit", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl SessionUnpaid {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        if let Some(there) = attempt.called.first() {
            let observed = format!("it went on in frame {}", there.invited);
            return Err(unkept(&SESSION_UNPAID, self.expects(), observed, there.invited));
        }
        let bill = Bill::of_attempt(&attempt, &self.person);
        refused(begun(&SESSION_UNPAID, self.expects(), &attempt, &bill)?)?;
        let call = format!("the call in frame {}", attempt.calling.invited);
        let Some(answer) = attempt.calling.answer else {
            let observed = format!("{call} was never answered");
            return Err(missing(story, &SESSION_UNPAID, self.expects(), observed, attempt.calling.invited));
        };
        answered(&SESSION_UNPAID, self.expects(), answer)
    }
}

/// That the server refused credit.
fn refused(charge: &Charge) -> Result<(), Unmet> {
    match charge.answer {
        Some(answer) if REFUSALS.contains(&answer.result) => Ok(()),
        _ => Err(harness(format!("the charging server did not refuse {}", charge.told()))),
    }
}

/// A 4xx is what every caller understands; other refusals are beyond what the ledger knows.
fn answered(entry: &RuleEntry, expected: String, answer: Answer) -> Judged {
    let observed = format!("it was answered {} (frame {})", answer.status, answer.frame);
    match answer.status {
        400..=499 => Ok(Judgement::Met { checks: 2 }),
        200..=299 => Err(unkept(entry, expected, observed, answer.frame)),
        _ => Err(Judgement::Broken(outside(entry, L21, expected, observed, answer.frame)).into()),
    }
}

pub(super) const MESSAGE_UNPAID: RuleEntry = RuleEntry {
    id: "charging.message_unpaid",
    requirement: SES_04,
    level: Level::Shall,
    absence: true,
    ledger: &["L19", L21],
    stage3: false,
    what: "A message for which credit is refused goes nowhere, and its sender gets a final refusal, or it is let fall.",
    source: "PF-SES-04, RFC 8506 sections 6 and 9",
};

/// The message goes nowhere, for there is no credit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageUnpaid {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for MessageUnpaid {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_UNPAID
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" goes nowhere, for {} has no credit", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let course = match Course::last(story, &self.label, asked(story, self)) {
            Ok(course) => course,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        settled(self.judged(&course), self.discarded(&course).into_iter().collect(), moment)
    }
}

impl MessageUnpaid {
    fn judged(&self, course: &Course<'_>) -> Judged {
        if let Some(there) = course.came().next() {
            let observed = format!("{} brought it, or was to", there.told());
            return Err(unkept(&MESSAGE_UNPAID, self.expects(), observed, there.frame));
        }
        let bill = Bill::of_course(course, &self.person);
        refused(requested(&MESSAGE_UNPAID, self.expects(), course, &bill)?)?;
        match course.sent.answer() {
            None => {
                let observed = format!("{} was never answered", course.sent.told());
                Err(missing(course.story, &MESSAGE_UNPAID, self.expects(), observed, course.sent.frame))
            }
            Some(answer) if answer.is_success() && course.sent.mode == Mode::Pager => Ok(Judgement::Met { checks: 2 }),
            Some(answer) => answered(&MESSAGE_UNPAID, self.expects(), answer),
        }
    }

    /// To take a MESSAGE and to let it fall is legal (L19).
    fn discarded(&self, course: &Course<'_>) -> Option<Finding> {
        let answer = course.sent.answer().filter(|answer| answer.is_success())?;
        let observed = format!("{} was answered {}, and came nowhere", course.sent.told(), answer.status);
        Some(warning(&MESSAGE_UNPAID, "L19", "the sender gets a refusal".to_owned(), observed, answer.frame))
    }
}
