//! What was agreed changes, and there are several devices: the change reaches those that are in the session, and no other.

use super::attempt::{Attempt, asked};
use super::{DEV_01, Judged, Unmet, after_loss, device, harness, missing, settled, stood_at, unkept};
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg};
use crate::story::{Change, Story};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const CHANGE_REACHES_ONLY: RuleEntry = RuleEntry {
    id: "multi_device.change_reaches_only",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "A change of a session reaches the device that is in it, and no other device of the user.",
    source: "PF-DEV-01, RFC 3261 section 14, RFC 3311",
};

/// The last change that the caller asked for in a session reaches this device alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeReachesOnly {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The device.
    pub device: String,
}

impl Rule for ChangeReachesOnly {
    fn entry(&self) -> &'static RuleEntry {
        &CHANGE_REACHES_ONLY
    }

    fn expects(&self) -> String {
        format!("the change of \"{}\" reaches {}'s {}, and no other device", self.session, self.person, self.device)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl ChangeReachesOnly {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        let change = own_change(&attempt, until)?;
        let elsewhere = |leg: &&Leg| {
            leg.end == End::Device
                && leg.person.as_deref() == Some(&self.person)
                && leg.device.as_deref() != Some(&self.device)
        };
        for leg in story.legs().iter().filter(elsewhere) {
            // An invitation in the name of the session, or an offer as this one, that nobody there had a part in.
            let of_session = leg.by_target && leg.group.as_deref() == Some(&self.session);
            let invited = of_session && leg.invited > change.frame && !after_loss(&attempt, leg);
            let told = offers(leg, change).next().map(|there| there.frame);
            // What another session has to say afterwards is no part of this.
            let counts = |frame: &u64| leg.group.as_deref() == Some(&self.session) || *frame < until;
            if let Some(frame) = invited.then_some(leg.invited).or(told).filter(counts) {
                let observed = format!("the {} was asked too (frame {frame})", device(leg));
                return Err(unkept(&CHANGE_REACHES_ONLY, self.expects(), observed, frame));
            }
        }
        reached(&attempt, change, &self.device, &CHANGE_REACHES_ONLY, &self.expects())?;
        came_back(&attempt, change, &CHANGE_REACHES_ONLY, &self.expects())?;
        Ok(attempt.met(&CHANGE_REACHES_ONLY, statement, 2))
    }
}

pub(super) const CHANGE_REACHES_ALL: RuleEntry = RuleEntry {
    id: "multi_device.change_reaches_all",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "A change of a session that several devices have joined reaches each of them.",
    source: "PF-DEV-01, PF-DEV-05, RFC 3261 section 14, RFC 3311",
};

/// The last change that the caller asked for in a session reaches each of these devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeReachesAll {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The devices.
    pub devices: Vec<String>,
}

impl Rule for ChangeReachesAll {
    fn entry(&self) -> &'static RuleEntry {
        &CHANGE_REACHES_ALL
    }

    fn expects(&self) -> String {
        format!("the change of \"{}\" reaches {}'s {}", self.session, self.person, self.devices.join(" and "))
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl ChangeReachesAll {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        let change = own_change(&attempt, until)?;
        for device in &self.devices {
            reached(&attempt, change, device, &CHANGE_REACHES_ALL, &self.expects())?;
        }
        came_back(&attempt, change, &CHANGE_REACHES_ALL, &self.expects())?;
        Ok(attempt.met(&CHANGE_REACHES_ALL, statement, 1 + self.devices.len()))
    }
}

/// The last change that the caller asked for.
fn own_change<'a>(attempt: &Attempt<'a>, until: u64) -> Result<&'a Change, Unmet> {
    let own = attempt.calling.changes.iter().filter(|change| !change.by_target && change.describes);
    let last = own.rev().find(|change| change.frame < until);
    last.ok_or_else(|| harness("the caller changed nothing".to_owned()))
}

/// Offers of the target on a leg that are like a change after which they came.
fn offers<'a>(leg: &'a Leg, change: &Change) -> impl Iterator<Item = &'a Change> + use<'a> {
    let (since, offer) = (change.frame, change.offer);
    leg.changes.iter().filter(move |there| there.by_target && there.frame > since && there.offer == offer)
}

fn reached(
    attempt: &Attempt<'_>,
    change: &Change,
    name: &str,
    entry: &'static RuleEntry,
    expected: &str,
) -> Result<(), Unmet> {
    let missing = |observed| missing(attempt.story, entry, expected.to_owned(), observed, change.frame);
    let in_it = |leg: &&&Leg| leg.device.as_deref() == Some(name) && stood_at(leg, change.frame);
    let Some(leg) = attempt.called.iter().find(in_it) else {
        return Err(missing(format!("the {name} was not in the session when it was changed (frame {})", change.frame)));
    };
    match offers(leg, change).find(|there| there.accepted()) {
        Some(_) => Ok(()),
        None => Err(missing(format!("the change in frame {} never came to the {name}", change.frame))),
    }
}

fn came_back(attempt: &Attempt<'_>, change: &Change, entry: &'static RuleEntry, expected: &str) -> Result<(), Unmet> {
    let missing = |observed| missing(attempt.story, entry, expected.to_owned(), observed, change.frame);
    match change.answer {
        Some(answer) if answer.is_success() => Ok(()),
        Some(answer) => Err(missing(format!("the change in frame {} was answered {}", change.frame, answer.status))),
        None => Err(missing(format!("the change in frame {} was never answered", change.frame))),
    }
}
