//! A call for a user with several devices: each is offered it, and what the target makes of several acceptances.

use super::attempt::{Attempt, asked, spot};
use super::{DEV_01, Judged, Unmet, accepted, device, harness, let_go, missing, said, settled, unkept};
use crate::rules::findings::undeclared;
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::legs::Leg;
use crate::story::{Item, Story};
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const OFFERED_TO_ALL: RuleEntry = RuleEntry {
    id: "multi_device.offered_to_all",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "A call is offered to every device of the user, by an invitation for each or by one that the serving CSCF forks.",
    source: "PF-DEV-01, TS 24.229 section 5.7.5",
};

/// The last call of a session is offered to each of these devices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OfferedToAll {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The devices.
    pub devices: Vec<String>,
}

impl Rule for OfferedToAll {
    fn entry(&self) -> &'static RuleEntry {
        &OFFERED_TO_ALL
    }

    fn expects(&self) -> String {
        format!("the call for \"{}\" is offered to {}'s {}", self.session, self.person, self.devices.join(" and "))
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl OfferedToAll {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let calling = attempt.calling;
        for name in &self.devices {
            let meant = |leg: &&&Leg| leg.at_large || leg.device.as_deref() == Some(name);
            let Some(offered) = attempt.called.iter().find(meant) else {
                let observed = format!("the call in frame {} was never offered to the {name}", calling.invited);
                return Err(missing(story, &OFFERED_TO_ALL, self.expects(), observed, calling.invited));
            };
            if offered.conversation != calling.conversation {
                let shown = |id: &Option<String>| id.clone().unwrap_or_else(|| "none".to_owned());
                let expected = format!("Conversation-ID {}", shown(&calling.conversation));
                let observed = format!("Conversation-ID {} towards the {name}", shown(&offered.conversation));
                return Err(unkept(&OFFERED_TO_ALL, expected, observed, offered.invited));
            }
        }
        Ok(attempt.met(&OFFERED_TO_ALL, statement, 2 * self.devices.len()))
    }
}

pub(super) const ONE_ACCEPTANCE: RuleEntry = RuleEntry {
    id: "multi_device.one_acceptance",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "The caller gets one acceptance; of the devices one stays, or all that accepted, and each other is told that it is over.",
    source: "PF-DEV-01, RFC 3261 sections 9.1, 13.2.2.4 and 16.7",
};

/// The last call of a session is accepted once, and no device is left behind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneAcceptance {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// How many devices have to have accepted for this to be put to the test.
    pub least: usize,
}

impl Rule for OneAcceptance {
    fn entry(&self) -> &'static RuleEntry {
        &ONE_ACCEPTANCE
    }

    fn expects(&self) -> String {
        let caller = format!("the caller of \"{}\" gets one acceptance", self.session);
        format!("{caller}, and each device of {} is in the session or told that it is over", self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => settled(self.judged(&attempt, statement), joined_unasked(&attempt, statement), moment),
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

impl OneAcceptance {
    fn judged(&self, attempt: &Attempt<'_>, statement: &Statement) -> Judged {
        let calling = attempt.calling;
        let missing = |observed, frame: u64| missing(attempt.story, &ONE_ACCEPTANCE, self.expects(), observed, frame);
        let taken: Vec<&Leg> = attempt.taken().collect();
        if taken.len() < self.least {
            return Err(self.too_few(attempt, taken.len()));
        }
        let Some(told) = accepted(attempt) else {
            let heard = calling.answer.map_or("nothing".to_owned(), |answer| answer.status.to_string());
            return Err(missing(format!("a device accepted, and the caller got {heard}"), spot(calling)));
        };
        self.one_success(attempt)?;
        if let Some(unheard) = taken.iter().find(|leg| leg.acknowledged.is_none()) {
            let observed = format!("the acceptance of the {} was never acknowledged", device(unheard));
            return Err(missing(observed, spot(unheard)));
        }
        let stay = taken.iter().filter(|leg| !let_go(attempt.story, leg)).count();
        match stay {
            0 => return Err(missing("the target ended every leg that was accepted".to_owned(), told)),
            1 => {}
            several if several == taken.len() => {}
            several => return Err(missing(format!("{several} of {} devices stay in it", taken.len()), told)),
        }
        for leg in &attempt.called {
            self.not_left_ringing(attempt, leg, told)?;
        }
        Ok(attempt.met(&ONE_ACCEPTANCE, statement, 1 + taken.len() + attempt.called.len()))
    }

    fn too_few(&self, attempt: &Attempt<'_>, taken: usize) -> Unmet {
        let called = attempt.calling.invited;
        if attempt.called.is_empty() {
            let observed = format!("the call in frame {called} came to no device");
            return missing(attempt.story, &ONE_ACCEPTANCE, self.expects(), observed, called);
        }
        harness(format!("{taken} devices accepted the call in frame {called}, and {} were to", self.least))
    }

    /// A second success is legal where a proxy forks: then its tag is that of a device (RFC 3261 section 16.7, step 5).
    fn one_success(&self, attempt: &Attempt<'_>) -> Result<(), Unmet> {
        let of_device = |tag: &str| attempt.called.iter().any(|leg| leg.own_tag.as_deref() == Some(tag));
        let successes = &attempt.calling.successes;
        let second = successes.get(1).filter(|_| successes.iter().any(|(tag, _)| !of_device(tag)));
        let Some((_, frame)) = second else { return Ok(()) };
        let observed = "the caller got two acceptances, and not those of devices".to_owned();
        Err(unkept(&ONE_ACCEPTANCE, self.expects(), observed, *frame))
    }

    /// A device that rang is told that it is over, unless the serving CSCF tells it, or it comes to be in the session too.
    fn not_left_ringing(&self, attempt: &Attempt<'_>, leg: &Leg, told: u64) -> Result<(), Unmet> {
        let Some(rang) = leg.provisional.filter(|_| !leg.at_large) else { return Ok(()) };
        let name = device(leg);
        match leg.answer {
            _ if leg.cancelled.is_some() => Ok(()),
            None => {
                let observed = format!("the {name} rings since frame {}, and is told nothing", rang.frame);
                Err(missing(attempt.story, &ONE_ACCEPTANCE, self.expects(), observed, rang.frame))
            }
            // It was free to accept long after another had, and then it was sent away.
            Some(answer) if answer.is_success() && let_go(attempt.story, leg) && answer.frame > told => {
                let observed = format!("the {name} was left ringing until it accepted in frame {}", answer.frame);
                Err(unkept(&ONE_ACCEPTANCE, self.expects(), observed, answer.frame))
            }
            Some(_) => Ok(()),
        }
    }
}

/// Several devices stay, and the statement does not say that they may.
fn joined_unasked(attempt: &Attempt<'_>, statement: &Statement) -> Vec<Finding> {
    let stay: Vec<&Leg> = attempt.taken().filter(|leg| !let_go(attempt.story, leg)).collect();
    let second = stay.get(1).and_then(|leg| leg.answer);
    let finding = second
        .and_then(|answer| undeclared(&ONE_ACCEPTANCE, statement, ("device_mode", "all_joined"), "L16", answer.frame));
    finding.into_iter().collect()
}

pub(super) const WHO_STAYS_TAKES_PART: RuleEntry = RuleEntry {
    id: "multi_device.who_stays_takes_part",
    requirement: DEV_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L16", "L29"],
    stage3: false,
    what: "A device that accepted and was not told that it is over gets what is said in the session.",
    source: "PF-DEV-01, RFC 3261 section 13.2.2.4",
};

/// Each device whose acceptance stands gets what the caller said.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WhoStaysTakesPart {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// What was said.
    pub label: String,
}

impl Rule for WhoStaysTakesPart {
    fn entry(&self) -> &'static RuleEntry {
        &WHO_STAYS_TAKES_PART
    }

    fn expects(&self) -> String {
        format!("every device of {} that is in \"{}\" gets \"{}\"", self.person, self.session, self.label)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl WhoStaysTakesPart {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let missing = |observed, frame: u64| missing(story, &WHO_STAYS_TAKES_PART, self.expects(), observed, frame);
        if accepted(&attempt).is_none() {
            return Err(missing("the call was not accepted".to_owned(), spot(attempt.calling)));
        }
        let sent = said(story, &self.session, &self.label)?;
        let stay: Vec<&Leg> = attempt.taken().filter(|leg| !let_go(attempt.story, leg)).collect();
        if stay.is_empty() {
            return Err(missing("no device is in it any longer".to_owned(), spot(attempt.calling)));
        }
        let came = |leg: &Leg, item: &Item| {
            story.leg_of(item).is_some_and(|of| std::ptr::eq(of, leg)) && item.chat_id() == sent.chat_id()
        };
        for leg in &stay {
            if !story.items().iter().any(|item| came(leg, item) && item.accepted()) {
                let observed = format!("the {} accepted, was not told that it is over, and never got it", device(leg));
                return Err(missing(observed, spot(leg)));
            }
        }
        Ok(attempt.met(&WHO_STAYS_TAKES_PART, statement, stay.len()))
    }
}
