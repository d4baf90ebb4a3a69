//! A device of somebody else names the dialog of a session.

use super::{DEV_04, Judged, Sides, asked, harness, legs, missing, own_accord, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::{Flow, Item, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const STRANGER_KEPT_OUT: RuleEntry = RuleEntry {
    id: "session_continuity.stranger_kept_out",
    requirement: DEV_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L18", "L19"],
    stage3: false,
    what: "Who names the dialog of somebody else's session is refused and gets nothing of it, and the session lives.",
    source: "PF-DEV-04, RFC 3891 sections 3 and 8",
};

/// A stranger asked for the session and did not get it; it stays at the device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StrangerKeptOut {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The device that has it.
    pub device: String,
    /// Who asked for it.
    pub stranger: String,
}

impl Rule for StrangerKeptOut {
    fn entry(&self) -> &'static RuleEntry {
        &STRANGER_KEPT_OUT
    }

    fn expects(&self) -> String {
        format!("{} is kept out of \"{}\" of {}", self.stranger, self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl StrangerKeptOut {
    fn judged(&self, story: &Story) -> Judged {
        let until = asked(story, self);
        let broken = |observed, frame: u64| unkept(&STRANGER_KEPT_OUT, self.expects(), observed, frame);
        let missing = |observed, frame: u64| missing(story, &STRANGER_KEPT_OUT, self.expects(), observed, frame);
        let sides = Sides::of(story, &self.session, &self.person, until);
        let Some(own) = sides.taken_by(&self.device) else {
            let called = sides.network.iter().chain(&sides.devices).next();
            let Some(called) = called else { return Err(harness(format!("nobody called for \"{}\"", self.session))) };
            return Err(missing(format!("it never came to be at the {}", self.device), called.invited));
        };
        let attempts = legs(story, &self.session, &self.stranger).filter(|leg| !leg.by_target && leg.invited < until);
        let Some(attempt) = attempts.last() else {
            return Err(harness(format!("{} did not ask for \"{}\"", self.stranger, self.session)));
        };
        match attempt.answer {
            None => {
                return Err(missing(
                    format!("the call in frame {} was never answered", attempt.invited),
                    attempt.invited,
                ));
            }
            Some(answer) if answer.is_success() => {
                return Err(broken(format!("{} was answered {}", self.stranger, answer.status), answer.frame));
            }
            Some(_) => {}
        }
        if let Some(item) = story.items().iter().find(|item| self.leaked(story, item)) {
            let observed = format!("something of it came to {}", self.stranger);
            return Err(unkept(&STRANGER_KEPT_OUT, self.expects(), observed, item));
        }
        if let Some(ending) = own_accord(story, own).filter(|ending| ending.frame < until) {
            return Err(broken(format!("the {} was told that it is over", self.device), ending.frame));
        }
        match sides.ended_there().filter(|over| *over < until) {
            Some(over) => Err(broken("the other side was told that it is over".to_owned(), over)),
            None => Ok(Judgement::Met { checks: 3 }),
        }
    }

    /// Whether a message of the session came to the stranger.
    fn leaked(&self, story: &Story, item: &Item) -> bool {
        let of_session = |id: &str| {
            let label = story.cast().label(id);
            label.is_some_and(|label| label.group.as_deref() == Some(&self.session))
        };
        item.flow == Flow::TargetToDevice
            && item.person.as_deref() == Some(&self.stranger)
            && item.chat_id().is_some_and(of_session)
    }
}
