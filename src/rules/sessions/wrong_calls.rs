//! Calls that are wrong, or ask for what is not to be had, get the answer that is due to them.

use super::attempt::{asked, opposite};
use super::findings::undeclared;
use super::{Judged, SES_01, Unmet, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Answer, Story, WrongCall};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const REFUSED_WELL: RuleEntry = RuleEntry {
    id: "sessions.refused_well",
    requirement: SES_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L09", "L28"],
    stage3: false,
    what: "A call that is wrong, or asks too much, gets the answer that is due to it.",
    source: "PF-SES-01, RFC 3261 sections 8.2, 12.2.2 and 16.3",
};

/// The last call that was wrong in this way got the answer that is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefusedWell {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// In what way it is wrong, as the event before it says.
    pub what: String,
}

impl Rule for RefusedWell {
    fn entry(&self) -> &'static RuleEntry {
        &REFUSED_WELL
    }

    fn expects(&self) -> String {
        format!("a call for \"{}\" that is wrong ({}) is answered {}", self.session, self.what, self.due())
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let judged = self.call(story).and_then(|wrong| self.judged(story, wrong));
        let warnings = self.call(story).ok().and_then(|wrong| self.undeclared(story, statement, wrong));
        settled(judged, warnings.into_iter().collect(), moment)
    }
}

impl RefusedWell {
    /// The answers that are right, in words.
    fn due(&self) -> &'static str {
        match self.what.as_str() {
            "unknown dialog" => "481",
            "bad description" => "488 or 400",
            "without identifiers" => "4xx, or goes on, with identifiers or without",
            "unknown extension" => "420, or goes on and requires the same of the other side",
            "unknown proxy extension" => "420, or goes on",
            "no hops left" => "483",
            _ => "as it should be",
        }
    }

    fn call<'a>(&self, story: &'a Story) -> Result<&'a WrongCall, Unmet> {
        let until = asked(story, self);
        let same = |wrong: &&WrongCall| wrong.session == self.session && wrong.what == self.what;
        let mut sent = story.wrong_calls().iter().rev().filter(same);
        let last = sent.find(|wrong| wrong.frame.is_some_and(|at| at < until));
        last.ok_or_else(|| harness(format!("nobody called for \"{}\" like that: {}", self.session, self.what)))
    }

    fn judged(&self, story: &Story, wrong: &WrongCall) -> Judged {
        let onward = onward(story, wrong, &self.person);
        let Some(answer) = wrong.answer else {
            let observed = "it was not answered".to_owned();
            return Err(missing(story, &REFUSED_WELL, self.expects(), observed, wrong.frame));
        };
        let broken = |observed: String, frame: u64| unkept(&REFUSED_WELL, self.expects(), observed, frame);
        if self.what == "without identifiers"
            && let Some(other) = unstable(&onward)
        {
            return Err(broken("it goes on with several identifiers".to_owned(), other.invited));
        }
        if self.is_due(answer, &onward) {
            return Ok(Judgement::Met { checks: 1 });
        }
        let whither = match onward.first() {
            Some(leg) => format!(" after it went on (frame {})", leg.invited),
            None => String::new(),
        };
        Err(broken(format!("it was answered {}{whither}", answer.status), answer.frame))
    }

    fn is_due(&self, answer: Answer, onward: &[&Leg]) -> bool {
        match self.what.as_str() {
            "unknown dialog" => answer.status == 481,
            "bad description" => matches!(answer.status, 400 | 488),
            "without identifiers" => (400..500).contains(&answer.status) || !onward.is_empty(),
            // Whoever knows what it requires not is to refuse it; who only passes it on has to pass that on, too.
            "unknown extension" => answer.status == 420 || onward.iter().any(|leg| !leg.required.is_empty()),
            "unknown proxy extension" => answer.status == 420 || !onward.is_empty(),
            "no hops left" => answer.status == 483,
            _ => false,
        }
    }

    /// What the target makes of a call without identifiers, against the statement.
    fn undeclared(&self, story: &Story, statement: &Statement, wrong: &WrongCall) -> Option<Finding> {
        if self.what != "without identifiers" {
            return None;
        }
        let conduct = match onward(story, wrong, &self.person).first() {
            None => "refuse_4xx",
            Some(leg) if leg.contribution.is_some() || leg.conversation.is_some() => "insert",
            Some(_) => "pass_on",
        };
        undeclared(&REFUSED_WELL, statement, ("missing_ids", conduct), "L09", wrong.frame)
    }
}

/// The legs by which a call went on to the other side: those that the target opened there for the user before the next
/// call. They need not have its identifiers.
fn onward<'a>(story: &'a Story, wrong: &WrongCall, person: &str) -> Vec<&'a Leg> {
    let own = |leg: &&Leg| !leg.by_target && leg.call_id == wrong.call_id;
    let Some(calling) = story.legs().iter().find(own) else { return Vec::new() };
    let later = story.legs().iter().filter(|leg| !leg.by_target && leg.invited > calling.invited);
    let until = later.map(|leg| leg.invited).min().unwrap_or(u64::MAX);
    let of_user = |leg: &&Leg| leg.person.as_deref() == Some(person) && leg.end == opposite(calling.end);
    let opened = story.legs().iter().filter(|leg| leg.by_target && !leg.echoed).filter(of_user);
    opened.filter(|leg| (calling.invited..until).contains(&leg.invited)).collect()
}

/// A leg with other identifiers than the first: what the target inserts is to be the same everywhere (L09).
fn unstable<'a>(onward: &[&'a Leg]) -> Option<&'a Leg> {
    let first = onward.first()?;
    let other = |leg: &&&Leg| leg.contribution != first.contribution || leg.conversation != first.conversation;
    onward.iter().find(other).copied()
}
