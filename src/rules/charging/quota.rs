//! The credit of a session is used up while it stands.

use super::bill::{Bill, told};
use super::{Judged, L21, SES_04, Unmet, harness, missing, settled, unkept};
use crate::rules::findings::undeclared;
use crate::rules::sessions::attempt::{Attempt, asked, spot};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::charging::{Charge, Interface, Last, Step, Verdict};
use crate::target::statement::Statement;
use crate::verdict::Level;
use cpm_wire::time::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far two clocks may be apart over some seconds.
const APART: Duration = Duration::from_millis(50);

pub(super) const ENDED_WITH_CREDIT: RuleEntry = RuleEntry {
    id: "charging.ended_with_credit",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "When the last granted units are used up, the session is ended on both sides, no earlier, and a last request tells \
           what was used.",
    source: "PF-SES-04, RFC 8506 sections 5.4 and 5.6.1",
};

/// The session ends on both sides when the credit is used up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedWithCredit {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for EndedWithCredit {
    fn entry(&self) -> &'static RuleEntry {
        &ENDED_WITH_CREDIT
    }

    fn expects(&self) -> String {
        format!(
            "\"{}\" ends on both sides with the credit of {}, who is told to have used it",
            self.session, self.person
        )
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl EndedWithCredit {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        attempt.stood(&ENDED_WITH_CREDIT, format!("\"{}\" stands", self.session))?;
        let bill = Bill::of_attempt(&attempt, &self.person);
        let (first, granted, over) = last_units(&ENDED_WITH_CREDIT, self.expects(), &attempt, &bill)?;
        for leg in attempt.legs().filter(|leg| leg.established()) {
            match &leg.ended {
                None => {
                    let observed = format!("its credit of frame {} is used up, and it stands", granted.frame);
                    return Err(missing(story, &ENDED_WITH_CREDIT, self.expects(), observed, spot(leg)));
                }
                Some(ending) if !ending.by_target => {
                    return Err(harness(format!("somebody hung up in frame {}", ending.frame)));
                }
                Some(ending) if ending.at + APART < over => {
                    let early = over.since(ending.at).as_millis();
                    let observed = format!("it was ended {early} ms before its credit was used up");
                    return Err(unkept(&ENDED_WITH_CREDIT, self.expects(), observed, ending.frame));
                }
                Some(_) => {}
            }
        }
        self.reported(&bill, first, granted)
    }

    /// That the last request tells what was used.
    fn reported(&self, bill: &Bill<'_>, first: &Charge, granted: Verdict) -> Judged {
        let of_session: Vec<&Charge> = bill.charges().into_iter().filter(|one| one.session == first.session).collect();
        let Some(last) = of_session.iter().find(|charge| charge.step == Step::End) else {
            let observed = format!("it was ended, and there is no last request; {}", told(&of_session));
            return Err(bill.lacking(&ENDED_WITH_CREDIT, self.expects(), observed, granted.frame));
        };
        let used: u64 = of_session.iter().filter_map(|charge| charge.used).sum();
        if last.used.is_none() || used == 0 {
            let observed = format!("{} tells of {used} units", last.told());
            return Err(unkept(&ENDED_WITH_CREDIT, self.expects(), observed, last.frame));
        }
        Ok(Judgement::Met { checks: 4 })
    }
}

/// The first request for credit, the answer that granted the last units of all, and an instant before which they cannot be used up:
/// none were granted before the call came, whenever that was written down.
fn last_units<'a>(
    entry: &RuleEntry,
    expected: String,
    attempt: &Attempt<'_>,
    bill: &Bill<'a>,
) -> Result<(&'a Charge, Verdict, Time), Unmet> {
    let online: Vec<&Charge> = bill.charges().into_iter().filter(|one| one.interface == Interface::Online).collect();
    let Some(first) = online.iter().find(|charge| charge.step == Step::Begin) else {
        return Err(bill.lacking(entry, expected, told(&online), attempt.calling.invited));
    };
    let mut granting = online.iter().filter_map(|charge| charge.answer).filter(|answer| answer.last.is_some());
    let granted = granting.next().ok_or_else(|| harness("the charging server did not grant last units".to_owned()))?;
    let seconds = granted.last.and_then(|last: Last| last.seconds).unwrap_or_default();
    Ok((first, granted, attempt.calling.invited_at + Duration::from_secs(u64::from(seconds))))
}

pub(super) const KEPT_AFTER_CREDIT: RuleEntry = RuleEntry {
    id: "charging.kept_after_credit",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "Where the statement says that the user is led elsewhere, or restricted, when the last granted units are used up, what \
           was used is told then.",
    source: "PF-SES-04, RFC 8506 sections 5.6.2 and 5.6.3",
};

/// The user is led elsewhere, or restricted, when the credit is used up; or the session ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptAfterCredit {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for KeptAfterCredit {
    fn entry(&self) -> &'static RuleEntry {
        &KEPT_AFTER_CREDIT
    }

    fn expects(&self) -> String {
        format!("what \"{}\" of {} has used is told when the credit is used up", self.session, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let attempt = match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => attempt,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let ended = attempt.legs().find_map(|leg| leg.ended.as_ref().filter(|ending| ending.by_target));
        let ended = ended.and_then(|ending| {
            undeclared(&KEPT_AFTER_CREDIT, statement, ("final_unit", "terminate"), L21, ending.frame)
        });
        settled(self.judged(&attempt), ended.into_iter().collect(), moment)
    }
}

impl KeptAfterCredit {
    fn judged(&self, attempt: &Attempt<'_>) -> Judged {
        attempt.stood(&KEPT_AFTER_CREDIT, format!("\"{}\" stands", self.session))?;
        let bill = Bill::of_attempt(attempt, &self.person);
        let (first, granted, over) = last_units(&KEPT_AFTER_CREDIT, self.expects(), attempt, &bill)?;
        let charges = bill.charges();
        let told_of = |one: &&&Charge| one.session == first.session && one.used.is_some_and(|used| used > 0);
        match charges.iter().find(told_of) {
            Some(charge) if charge.at + APART < over => {
                let observed = format!("{} came before they were used up", charge.told());
                Err(unkept(&KEPT_AFTER_CREDIT, self.expects(), observed, charge.frame))
            }
            Some(_) => Ok(Judgement::Met { checks: 2 }),
            None => {
                let observed = format!("the units of frame {} are used up; {}", granted.frame, told(&charges));
                Err(missing(attempt.story, &KEPT_AFTER_CREDIT, self.expects(), observed, granted.frame))
            }
        }
    }
}
