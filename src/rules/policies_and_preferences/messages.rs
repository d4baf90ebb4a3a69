//! A message that may not be delivered, in either direction: refused, or taken and let fall, and nothing on the other side.

use super::{
    Assessment, Judged, Judgement, Moment, PRF_01, RuleEntry, asked, missing, outside, settled, unkept, warning,
};
use crate::rules::Rule;
use crate::rules::messages::course::Course;
use crate::story::Story;
use crate::story::standalone::{Mode, Standalone};
use crate::target::statement::Statement;
use crate::target::{Refusal, RefusedCase};
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

const MSG_01: Option<&str> = Some("PF-MSG-01");

pub(super) const MESSAGE_REFUSED: RuleEntry = RuleEntry {
    id: "policies_and_preferences.message_refused",
    requirement: MSG_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L12", "L19"],
    stage3: false,
    what: "A message that the user does not want, or cannot have now, is refused, let fall or kept, and no device of the user \
           sees it.",
    source: "PF-MSG-01, RFC 3428 section 7",
};

/// No device of the user sees the message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageRefused {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
    /// Why: `block`, `anonymous`, `unavailable`.
    pub case: String,
}

impl Rule for MessageRefused {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_REFUSED
    }

    fn expects(&self) -> String {
        format!("no device of {} sees the message \"{}\"", self.person, self.label)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let course = match Course::last(story, &self.label, asked(story, self)) {
            Ok(course) => course,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let case = match self.case.as_str() {
            "anonymous" => RefusedCase::Anonymous,
            "unavailable" => RefusedCase::Unavailable,
            _ => RefusedCase::Block,
        };
        let seen = course.to_devices(&self.person).next();
        let judged = stopped(&MESSAGE_REFUSED, self.expects(), &course, seen, case);
        let warned = undeclared(&MESSAGE_REFUSED, statement, &course, (case, &self.case));
        settled_absence(judged, warned, moment)
    }
}

pub(super) const MESSAGE_NOT_LET_OUT: RuleEntry = RuleEntry {
    id: "policies_and_preferences.message_not_let_out",
    requirement: PRF_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L19"],
    stage3: false,
    what: "A message of the user that is barred is refused or let fall, and nothing of it leaves the function.",
    source: "PF-PRF-01, RFC 3428 section 7",
};

/// Nothing of the message of the user goes out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageNotLetOut {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for MessageNotLetOut {
    fn entry(&self) -> &'static RuleEntry {
        &MESSAGE_NOT_LET_OUT
    }

    fn expects(&self) -> String {
        format!("nothing of the message \"{}\" of {} goes out", self.label, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let course = match Course::last(story, &self.label, asked(story, self)) {
            Ok(course) => course,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let judged = stopped(&MESSAGE_NOT_LET_OUT, self.expects(), &course, course.came().next(), RefusedCase::Block);
        let warned = undeclared(&MESSAGE_NOT_LET_OUT, statement, &course, (RefusedCase::Block, "block"));
        settled_absence(judged, warned, moment)
    }
}

/// Whether nobody on the other side saw a message, and its sender heard what there is to say of it. To take and let fall is
/// an answer to a MESSAGE; a session that is accepted for nothing is not (L19), unless its message is kept (L12).
fn stopped(
    entry: &RuleEntry,
    expected: String,
    course: &Course<'_>,
    seen: Option<Standalone<'_>>,
    case: RefusedCase,
) -> Judged {
    let sent = course.sent;
    if let Some(seen) = seen {
        let observed = format!("{} brought it, or was to", seen.told());
        return Err(unkept(entry, expected, observed, seen.frame));
    }
    match sent.answer() {
        None => {
            let observed = format!("{} was never answered", sent.told());
            Err(missing(course.story, entry, expected, observed, sent.frame))
        }
        Some(answer) if answer.is_success() && sent.mode == Mode::Large && case != RefusedCase::Unavailable => {
            let observed = format!("{} was answered {}, and nobody was called", sent.told(), answer.status);
            Err(Judgement::Broken(outside(entry, "L19", expected, observed, answer.frame)).into())
        }
        Some(_) => Ok(Judgement::Met { checks: 1 }),
    }
}

/// Another answer to a case than the declared ones (L19).
fn undeclared(
    entry: &RuleEntry,
    statement: &Statement,
    course: &Course<'_>,
    (case, word): (RefusedCase, &str),
) -> Vec<Finding> {
    let answer = course.sent.answer();
    let (declared, differs) = match (statement.refusal(case), answer) {
        (Some(Refusal::Codes(codes)), Some(answer)) => (format!("{codes:?}"), !codes.contains(&answer.status)),
        (Some(Refusal::Silent), Some(answer)) => ("silent".to_owned(), !answer.is_success()),
        _ => return Vec::new(),
    };
    let observed = answer.map(|answer| answer.status.to_string()).unwrap_or_default();
    let expected = format!("refusals: {word}: {declared}, as the statement says");
    let frame = answer.map(|answer| answer.frame);
    differs.then(|| warning(entry, "L19", expected, observed, frame)).into_iter().collect()
}

/// What is said of an absence: as long as more may come, somebody may still see it.
fn settled_absence(judged: Judged, warnings: Vec<Finding>, moment: Moment) -> Assessment {
    match (&judged, moment) {
        (Ok(_), Moment::Open) => Judgement::Undecided.into(),
        _ => settled(judged, warnings, moment),
    }
}
