//! A change of a session is charged, and a message that waits is charged as it comes in or goes out.

use super::bill::{Bill, told};
use super::{Judged, L21, SES_04, harness, settled, unkept};
use crate::rules::messages::course::Course;
use crate::rules::sessions::attempt::{Attempt, asked};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::charging::{Charge, Interface, Step};
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) const CHANGE_CHARGED: RuleEntry = RuleEntry {
    id: "charging.change_charged",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "A change of what a session consists of is followed by a record in between, or by a request for more credit.",
    source: "PF-SES-04, RFC 6733 section 9.8.1, RFC 8506 section 5.3",
};

/// The change of the session is charged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeCharged {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for ChangeCharged {
    fn entry(&self) -> &'static RuleEntry {
        &CHANGE_CHARGED
    }

    fn expects(&self) -> String {
        format!("the change of \"{}\" of {} is charged", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl ChangeCharged {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        attempt.stood(&CHANGE_CHARGED, format!("\"{}\" stands", self.session))?;
        let own = attempt.legs().flat_map(|leg| &leg.changes).filter(|change| !change.by_target && change.accepted());
        let changed = own.map(|change| change.frame).min();
        let changed = changed.ok_or_else(|| harness(format!("nobody changed \"{}\"", self.session)))?;
        let bill = Bill::of_attempt(&attempt, &self.person);
        let charges = bill.charges();
        if charges.iter().any(|charge| charge.step == Step::Middle && charge.frame > changed) {
            return Ok(Judgement::Met { checks: 1 });
        }
        let observed = format!("it was changed in frame {changed}; {}", told(&charges));
        Err(bill.lacking(&CHANGE_CHARGED, self.expects(), observed, changed))
    }
}

pub(super) const ITEM_CHARGED: RuleEntry = RuleEntry {
    id: "charging.item_charged",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "A message that waits for its recipient is charged when it comes in, when it goes out, or both times, each time once.",
    source: "PF-SES-04",
};

/// The message that waited is charged, at most once each way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ItemCharged {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
}

impl Rule for ItemCharged {
    fn entry(&self) -> &'static RuleEntry {
        &ITEM_CHARGED
    }

    fn expects(&self) -> String {
        format!("the message \"{}\" is charged to {} as it comes in or goes out, once each", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl ItemCharged {
    fn judged(&self, story: &Story) -> Judged {
        let course = Course::last(story, &self.label, asked(story, self))?;
        let delivered = course.came().next().map(|passage| passage.frame);
        let delivered = delivered.ok_or_else(|| harness(format!("\"{}\" still waits", self.label)))?;
        let bill = Bill::of_course(&course, &self.person);
        let charges: Vec<&Charge> = bill.charges().into_iter().filter(|charge| !charge.refunds).collect();
        let mut checks = 0;
        if charges.iter().any(|charge| charge.handed_over) {
            return self.handed_over(&bill, &charges);
        }
        for interface in [Interface::Offline, Interface::Online] {
            let own = charges.iter().copied().filter(|charge| charge.interface == interface);
            let (before, after): (Vec<&Charge>, Vec<&Charge>) = own.partition(|charge| charge.frame < delivered);
            let known = sessions(&before);
            // What was begun before goes on after.
            let fresh: Vec<&Charge> =
                after.into_iter().filter(|charge| !known.contains(charge.session.as_str())).collect();
            for times in [&before, &fresh] {
                let sessions = sessions(times);
                checks += sessions.len();
                if let (2.., Some(last)) = (sessions.len(), times.last()) {
                    return Err(unkept(&ITEM_CHARGED, self.expects(), told(times), last.frame));
                }
            }
        }
        match checks {
            0 => Err(bill.lacking(&ITEM_CHARGED, self.expects(), told(&charges), course.sent.frame)),
            checks => Ok(Judgement::Met { checks }),
        }
    }
}

impl ItemCharged {
    /// Of records that a hook handed over nobody saw which was made as the message came in, and which as it went out: one of each
    /// is right, and more are too many.
    fn handed_over(&self, bill: &Bill<'_>, charges: &[&Charge]) -> Judged {
        let Some(first) = charges.first() else { return Err(harness("nothing was handed over".to_owned())) };
        bill.identified(&ITEM_CHARGED, first)?;
        match (sessions(charges).len(), charges.last()) {
            (3.., Some(last)) => Err(unkept(&ITEM_CHARGED, self.expects(), told(charges), last.frame)),
            (checks, _) => Ok(Judgement::Met { checks }),
        }
    }
}

/// The charging sessions of these requests.
fn sessions<'a>(charges: &[&'a Charge]) -> BTreeSet<&'a str> {
    charges.iter().map(|charge| charge.session.as_str()).collect()
}
