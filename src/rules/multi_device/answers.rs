//! Devices that refuse: one of them for itself, all of them, one of them for the user.

use super::attempt::{Attempt, asked, refusal, spot};
use super::{DEV_01, Judged, accepted, device, harness, let_go, missing, settled, to_device, unkept};
use crate::rules::findings::{outside, undeclared};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Answer, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const SUCCEEDS_AT: RuleEntry = RuleEntry {
    id: "multi_device.succeeds_at",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "A call that one device refuses and another accepts succeeds.",
    source: "PF-DEV-01, RFC 3261 section 16.7",
};

/// The last call of a session is accepted by this device, whatever others said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SucceedsAt {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The device.
    pub device: String,
}

impl Rule for SucceedsAt {
    fn entry(&self) -> &'static RuleEntry {
        &SUCCEEDS_AT
    }

    fn expects(&self) -> String {
        format!("the call for \"{}\" succeeds at {}'s {}", self.session, self.person, self.device)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl SucceedsAt {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let calling = attempt.calling;
        let missing = |observed, frame: u64| missing(story, &SUCCEEDS_AT, self.expects(), observed, frame);
        let there = to_device(&attempt, &self.device);
        if there.iter().any(|leg| refusal(leg).is_some() && leg.cancelled.is_none() && !leg.at_large) {
            return Err(harness(format!("the {} refused", self.device)));
        }
        let taken = there.iter().find(|leg| leg.established());
        match (accepted(&attempt), taken) {
            (Some(_), Some(leg)) if !let_go(attempt.story, leg) => match leg.acknowledged {
                Some(_) => Ok(attempt.met(&SUCCEEDS_AT, statement, 3)),
                None => Err(missing(format!("the {} was never acknowledged", self.device), spot(leg))),
            },
            (Some(told), Some(_)) => Err(missing(format!("the {} was sent away", self.device), told)),
            (Some(told), None) => Err(missing(format!("it was accepted without the {}", self.device), told)),
            (None, _) => {
                let heard = calling.answer.map_or("nothing".to_owned(), |answer| answer.status.to_string());
                Err(missing(format!("its caller got {heard}"), spot(calling)))
            }
        }
    }
}

pub(super) const BEST_ANSWER: RuleEntry = RuleEntry {
    id: "multi_device.best_answer",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L17", "L29"],
    stage3: false,
    what: "Of the refusals of all devices the caller gets one, of the class that RFC 3261 calls the best.",
    source: "PF-DEV-01, RFC 3261 section 16.7, step 6",
};

/// Every device refused the last call of a session, and its caller gets the best answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BestAnswer {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The devices that were to refuse.
    pub devices: Vec<String>,
}

impl Rule for BestAnswer {
    fn entry(&self) -> &'static RuleEntry {
        &BEST_ANSWER
    }

    fn expects(&self) -> String {
        format!("the caller of \"{}\" gets the best of the refusals of {}'s devices", self.session, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl BestAnswer {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let calling = attempt.calling;
        let missing = |observed, frame: u64| missing(story, &BEST_ANSWER, self.expects(), observed, frame);
        if attempt.taken().next().is_some() {
            return Err(harness("a device accepted".to_owned()));
        }
        let called =
            |name: &&String| attempt.called.iter().any(|leg| leg.at_large || leg.device.as_ref() == Some(name));
        if let Some(left_out) = self.devices.iter().find(|name| !called(name)) {
            return Err(missing(format!("the {left_out} was never called"), calling.invited));
        }
        let Some(heard) = calling.answer else {
            return Err(missing(format!("the call in frame {} was never answered", calling.invited), calling.invited));
        };
        let own = |leg: &&Leg| leg.cancelled.is_none();
        let said: Vec<Answer> = attempt.called.iter().copied().filter(own).filter_map(refusal).collect();
        if said.iter().filter(|answer| answer.frame < heard.frame).count() == 0 {
            return Err(missing(format!("the caller got {} before any device refused", heard.status), heard.frame));
        }
        let classes = best(&said, statement.has("six_xx", "ignored"));
        match classes.contains(&(heard.status / 100)) {
            true => Ok(attempt.met(&BEST_ANSWER, statement, said.len())),
            false => {
                let refusals: Vec<String> = said.iter().map(|answer| answer.status.to_string()).collect();
                let observed = format!("the devices said {}, and the caller got {}", refusals.join(", "), heard.status);
                Err(unkept(&BEST_ANSWER, self.expects(), observed, heard.frame))
            }
        }
    }
}

/// The classes of the best answer: 6xx before all, then the lowest. Where a 6xx ends nothing, either.
fn best(said: &[Answer], ignores_six: bool) -> Vec<u16> {
    let classes = said.iter().map(|answer| answer.status / 100);
    let six = classes.clone().find(|class| *class == 6);
    let lowest = classes.filter(|class| *class < 6).min();
    match six {
        Some(six) if ignores_six => std::iter::once(six).chain(lowest).collect(),
        Some(six) => vec![six],
        None => lowest.into_iter().collect(),
    }
}

pub(super) const DECLINED_FOR_USER: RuleEntry = RuleEntry {
    id: "multi_device.declined_for_user",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L17", "L29"],
    stage3: false,
    what: "A device that declines for the user ends the call for all, or the others go on and may accept it.",
    source: "PF-DEV-01, RFC 3261 section 16.7, step 5",
};

/// One device declined the last call of a session for the user, while another rang and then would have accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeclinedForUser {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The device that declined.
    pub device: String,
    /// The device that rang.
    pub other: String,
}

impl Rule for DeclinedForUser {
    fn entry(&self) -> &'static RuleEntry {
        &DECLINED_FOR_USER
    }

    fn expects(&self) -> String {
        let (session, device, other) = (&self.session, &self.device, &self.other);
        format!("\"{session}\" is over when the {device} declines it, or goes on at the {other}")
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => settled(self.judged(&attempt, statement), differing(&attempt, statement), moment),
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

impl DeclinedForUser {
    fn judged(&self, attempt: &Attempt<'_>, statement: &Statement) -> Judged {
        let calling = attempt.calling;
        let missing =
            |observed, frame: u64| missing(attempt.story, &DECLINED_FOR_USER, self.expects(), observed, frame);
        let said = |leg: &&Leg| leg.device.as_deref() == Some(&self.device) || leg.at_large;
        let declined =
            attempt.called.iter().copied().filter(said).filter_map(refusal).find(|answer| answer.status >= 600);
        let seen_by_cscf = attempt.called.iter().any(|leg| leg.at_large);
        if declined.is_none() && !seen_by_cscf {
            if to_device(attempt, &self.device).is_empty() {
                return Err(missing(format!("the {} was never called", self.device), calling.invited));
            }
            return Err(harness(format!("the {} declined nothing", self.device)));
        }
        let Some(heard) = calling.answer else {
            return Err(missing(format!("the call in frame {} was never answered", calling.invited), calling.invited));
        };
        if heard.is_success() {
            return self.went_on(attempt, heard, statement);
        }
        let rings = |leg: &&&Leg| leg.answer.is_none() && leg.provisional.is_some() && leg.cancelled.is_none();
        if let Some(there) = attempt.called.iter().filter(|leg| !leg.at_large).find(rings) {
            let observed = format!("the caller got {}, and the {} rings on", heard.status, device(there));
            return Err(missing(observed, heard.frame));
        }
        if let Some(there) = attempt.taken().find(|leg| !let_go(attempt.story, leg)) {
            let observed = format!("the caller got {}, and the {} is in session", heard.status, device(there));
            return Err(missing(observed, heard.frame));
        }
        if heard.status < 600 {
            let expected = "the caller gets the 6xx of the device".to_owned();
            let observed = format!("the caller got {}", heard.status);
            return Err(Judgement::Broken(outside(&DECLINED_FOR_USER, "L17", expected, observed, heard.frame)).into());
        }
        Ok(attempt.met(&DECLINED_FOR_USER, statement, 2))
    }

    fn went_on(&self, attempt: &Attempt<'_>, heard: Answer, statement: &Statement) -> Judged {
        if to_device(attempt, &self.other).iter().any(|leg| leg.established() && !let_go(attempt.story, leg)) {
            return Ok(attempt.met(&DECLINED_FOR_USER, statement, 2));
        }
        let observed = format!("the caller got {}, and the {} had not accepted", heard.status, self.other);
        Err(unkept(&DECLINED_FOR_USER, self.expects(), observed, heard.frame))
    }
}

/// It went otherwise than the statement says. Where the serving CSCF forked, the target had no part in it.
fn differing(attempt: &Attempt<'_>, statement: &Statement) -> Vec<Finding> {
    let Some(heard) = attempt.calling.answer.filter(|_| !attempt.called.iter().any(|leg| leg.at_large)) else {
        return Vec::new();
    };
    let form = if heard.is_success() { "ignored" } else { "ends_all" };
    undeclared(&DECLINED_FOR_USER, statement, ("six_xx", form), "L17", heard.frame).into_iter().collect()
}
