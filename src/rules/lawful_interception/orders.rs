//! What becomes of orders: that of the administration is obeyed, that of anybody else is not.

use super::LI_01;
use crate::rules::sessions::{Unmet, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::interception::Order;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const IN_FORCE: RuleEntry = RuleEntry {
    id: "lawful_interception.in_force",
    requirement: LI_01,
    level: Level::May,
    absence: false,
    ledger: &["L30"],
    stage3: false,
    what: "What the administration orders is obeyed: a task begins, and ends.",
    source: "PF-LI-01",
};

/// The last order of the administration about the person is obeyed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InForce {
    /// Whose interception was ordered, or its end.
    pub person: String,
}

impl Rule for InForce {
    fn entry(&self) -> &'static RuleEntry {
        &IN_FORCE
    }

    fn expects(&self) -> String {
        format!("the order of the administration about {} is obeyed", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = last(story, &self.person, true).and_then(|order| match &order.reply {
            Some(reply) if reply.accepted => Ok(Judgement::Met { checks: 1 }),
            Some(reply) => Err(unkept(&IN_FORCE, self.expects(), refused(order, &reply.told), reply.frame)),
            None => Err(missing(story, &IN_FORCE, self.expects(), unanswered(order), order.frame)),
        });
        settled(judged, Vec::new(), moment)
    }
}

pub(super) const REFUSED: RuleEntry = RuleEntry {
    id: "lawful_interception.refused",
    requirement: LI_01,
    level: Level::May,
    absence: false,
    ledger: &["L30"],
    stage3: false,
    what: "Whoever is not the administration that the function knows orders no interception.",
    source: "PF-LI-01",
};

/// The last order about the person, of somebody who may not give it, is refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// Whose interception was ordered.
    pub person: String,
}

impl Rule for Refused {
    fn entry(&self) -> &'static RuleEntry {
        &REFUSED
    }

    fn expects(&self) -> String {
        format!("the order of somebody without authority about {} is refused", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = last(story, &self.person, false).and_then(|order| match &order.reply {
            Some(reply) if reply.accepted => {
                let observed = format!("the order in frame {} was answered {}", order.frame, reply.told);
                Err(unkept(&REFUSED, self.expects(), observed, reply.frame))
            }
            Some(_) => Ok(Judgement::Met { checks: 1 }),
            None => Err(missing(story, &REFUSED, self.expects(), unanswered(order), order.frame)),
        });
        settled(judged, Vec::new(), moment)
    }
}

fn last<'a>(story: &'a Story, person: &str, authorised: bool) -> Result<&'a Order, Unmet> {
    let of_person = |order: &&Order| order.person == person && order.authorised == authorised;
    let last = story.interception().orders().iter().rfind(of_person);
    last.ok_or_else(|| harness(format!("nobody ordered the interception of {person}")))
}

fn unanswered(order: &Order) -> String {
    format!("the order in frame {} was never answered", order.frame)
}

pub(super) fn refused(order: &Order, told: &str) -> String {
    let what = if order.ends { "the end of the interception" } else { "the interception" };
    format!("{what}, ordered in frame {}, was answered {told}", order.frame)
}
