//! Of who is not under interception nothing is handed over, and of who is, nothing that is somebody else's.

use super::LI_01;
use super::affair::Affair;
use super::watched::Watched;
use crate::rules::sessions::{Judged, Unmet, harness, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::interception::{Copy, Order, Payload};
use crate::story::signals::Signal;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const NOTHING: RuleEntry = RuleEntry {
    id: "lawful_interception.nothing_handed_over",
    requirement: LI_01,
    level: Level::May,
    absence: true,
    ledger: &["L30"],
    stage3: false,
    what: "Nothing is handed over of a session or message of a user who is not under interception, or no longer, or by nobody's \
           authority.",
    source: "PF-LI-01",
};

/// Nothing of a session or message of the person is handed over, under whatever task.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NothingHandedOver {
    /// The session, chat or message.
    pub label: String,
    /// Whose.
    pub person: String,
}

impl Rule for NothingHandedOver {
    fn entry(&self) -> &'static RuleEntry {
        &NOTHING
    }

    fn expects(&self) -> String {
        format!("nothing of \"{}\" of {} is handed over", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        absent(self.judged(story), moment)
    }
}

fn absent(judged: Judged, moment: Moment) -> Assessment {
    match (&judged, moment) {
        (Ok(_), Moment::Open) => Judgement::Undecided.into(),
        _ => settled(judged, Vec::new(), moment),
    }
}

impl NothingHandedOver {
    fn judged(&self, story: &Story) -> Judged {
        let affair = Affair::of(story, &self.label, &self.person)?;
        asked(story, &self.person, &affair)?;
        for handed in story.interception().handed() {
            let Payload::Signal(signal) = &handed.payload else { continue };
            let of_message = affair.message_id.is_some() && signal.content.message_id.as_deref() == affair.message_id;
            if of_message || affair.call_ids.contains(&signal.call_id.as_str()) {
                let observed = format!("a {} of it is handed over in frame {}", signal.told(), handed.frame);
                return Err(unkept(&NOTHING, self.expects(), observed, handed.frame));
            }
        }
        let of_it = |copy: &&Copy| self.is_of(story, copy, &affair);
        match story.interception().copies().iter().find(of_it) {
            Some(copy) => {
                let observed = format!("content of it is handed over in frame {}", copy.frame);
                Err(unkept(&NOTHING, self.expects(), observed, copy.frame))
            }
            None => Ok(Judgement::Met { checks: 1 }),
        }
    }

    fn is_of(&self, story: &Story, copy: &Copy, affair: &Affair<'_>) -> bool {
        let of_message = affair.message_id.is_some() && copy.content.message_id.as_deref() == affair.message_id;
        let of_session = || {
            let leg = story.leg_at(&copy.session);
            leg.is_some_and(|leg| affair.call_ids.contains(&leg.call_id.as_str()))
        };
        of_message || of_session()
    }
}

/// Where a hook hands over, that it was asked about the person when the affair was over: what nobody asks for does not come.
fn asked(story: &Story, person: &str, affair: &Affair<'_>) -> Result<(), Unmet> {
    let interception = story.interception();
    let over = affair.sides.iter().flat_map(|side| &side.signals).map(|signal| signal.frame).max();
    if !interception.orders().iter().any(Order::by_hook) || interception.asked_about(person) > over {
        return Ok(());
    }
    Err(harness(format!("nobody asked control.li_delivery about {person} since")))
}

pub(super) const NOTHING_ELSE: RuleEntry = RuleEntry {
    id: "lawful_interception.nothing_else",
    requirement: LI_01,
    level: Level::May,
    absence: true,
    ledger: &["L30"],
    stage3: false,
    what: "What is handed over under a task is of the user whom the task is about.",
    source: "PF-LI-01",
};

/// Nothing of anybody else is handed over under the tasks about the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NothingElse {
    /// Who is under interception.
    pub person: String,
}

impl Rule for NothingElse {
    fn entry(&self) -> &'static RuleEntry {
        &NOTHING_ELSE
    }

    fn expects(&self) -> String {
        format!("what is handed over of {} is nobody else's", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        absent(self.judged(story), moment)
    }
}

impl NothingElse {
    fn judged(&self, story: &Story) -> Judged {
        let watched = Watched::new(story, &self.person);
        let mut checks = 0;
        for (handed, signal) in watched.signals() {
            checks += 1;
            if !self.is_own(story, signal) {
                let whose = signal.people.iter().next().map_or("nobody", String::as_str);
                let observed = format!("a {} of {whose} is handed over in frame {}", signal.told(), handed.frame);
                return Err(unkept(&NOTHING_ELSE, self.expects(), observed, handed.frame));
            }
        }
        for copy in watched.copies() {
            checks += 1;
            let whose = story.leg_at(&copy.session).and_then(|leg| leg.person.as_deref());
            if let Some(other) = whose.filter(|whose| *whose != self.person) {
                let observed = format!("content of a session of {other} is handed over in frame {}", copy.frame);
                return Err(unkept(&NOTHING_ELSE, self.expects(), observed, copy.frame));
            }
        }
        Ok(Judgement::Met { checks: checks.max(1) })
    }

    /// Whether a message names the user, or is of a dialog of the user's.
    fn is_own(&self, story: &Story, signal: &Signal) -> bool {
        let of_leg = || {
            let own = |leg: &&crate::story::legs::Leg| leg.person.as_deref() == Some(self.person.as_str());
            story.legs().iter().filter(own).any(|leg| leg.call_id == signal.call_id)
        };
        signal.people.contains(&self.person) || of_leg()
    }
}
