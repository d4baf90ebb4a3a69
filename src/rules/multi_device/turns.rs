//! A user wants to be called at one device after the other.

use super::attempt::{Attempt, asked, spot};
use super::{DEV_01, Judged, after_loss, device, harness, missing, settled, unkept};
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::legs::Leg;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const CALLED_IN_TURN: RuleEntry = RuleEntry {
    id: "multi_device.called_in_turn",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "Devices are called in the order of the user's wish, each when the one before has answered or was called no longer.",
    source: "PF-DEV-01, RFC 3261 section 16.6",
};

/// The last call of a session went to these devices, one after the other, and to no other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CalledInTurn {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The devices that are called, the first one first; empty where nobody knows the order.
    pub order: Vec<String>,
}

impl Rule for CalledInTurn {
    fn entry(&self) -> &'static RuleEntry {
        &CALLED_IN_TURN
    }

    fn expects(&self) -> String {
        let of_whom = format!("the call for \"{}\" goes to {}'s devices", self.session, self.person);
        match self.order.is_empty() {
            true => format!("{of_whom}, one after the other"),
            false => format!("{of_whom}, one after the other: {}", self.order.join(", ")),
        }
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl CalledInTurn {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let broken = |observed, frame: u64| unkept(&CALLED_IN_TURN, self.expects(), observed, frame);
        let legs: Vec<&Leg> = attempt.called.iter().copied().filter(|leg| !after_loss(&attempt, leg)).collect();
        if let Some(leg) = legs.iter().find(|leg| leg.at_large) {
            let observed = format!("the invitation in frame {} is for all of them at once", leg.invited);
            return Err(broken(observed, leg.invited));
        }
        for (at, leg) in legs.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| legs.get(at));
            if let Some(before) = before.filter(|before| !over_before(before, leg.invited)) {
                let observed = format!("the {} was called while the {} was", device(leg), device(before));
                return Err(broken(observed, leg.invited));
            }
            let other = self.order.get(at).filter(|name| *name != device(leg));
            if let Some(name) = other {
                return Err(broken(format!("the {} was called in the place of the {name}", device(leg)), leg.invited));
            }
            if at >= self.order.len() && !self.order.is_empty() {
                return Err(broken(format!("the {} was called too", device(leg)), leg.invited));
            }
        }
        let calling = attempt.calling;
        if legs.len() < self.order.len().max(1) {
            let observed = format!("the call in frame {} went to {} devices", calling.invited, legs.len());
            return Err(missing(story, &CALLED_IN_TURN, self.expects(), observed, calling.invited));
        }
        if legs.last().is_none_or(|last| !last.established()) {
            return Err(harness("the last of them did not accept".to_owned()));
        }
        match calling.answer {
            Some(answer) if answer.is_success() => Ok(attempt.met(&CALLED_IN_TURN, statement, legs.len() + 1)),
            _ => Err(missing(
                story,
                &CALLED_IN_TURN,
                self.expects(),
                "its caller was not told".to_owned(),
                spot(calling),
            )),
        }
    }
}

/// Whether a device had answered, or was told that it is over, before this frame.
fn over_before(leg: &Leg, frame: u64) -> bool {
    let answered = leg.answer.map(|answer| answer.frame);
    answered.into_iter().chain(leg.cancelled).any(|over| over < frame)
}
