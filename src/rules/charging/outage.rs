//! The charging server does not answer: what is recorded is recorded later, and who pays beforehand is treated as configured.

use super::bill::{Bill, told};
use super::sessions::recorded;
use super::{Judged, L21, SES_04, Unmet, harness, missing, settled, unkept};
use crate::rules::sessions::attempt::{Attempt, asked, refusal};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::charging::Interface;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const RECORDED_LATER: RuleEntry = RuleEntry {
    id: "charging.recorded_later",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "A session whose records cannot be handed over stands all the same, and its records follow when they can.",
    source: "PF-SES-04, RFC 6733 section 9.4",
};

/// The session stood while the charging server was away, and is recorded since it is back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedLater {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for RecordedLater {
    fn entry(&self) -> &'static RuleEntry {
        &RECORDED_LATER
    }

    fn expects(&self) -> String {
        format!("\"{}\" of {} is recorded when the charging server is back", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let attempt = match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => attempt,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let mut warnings = Vec::new();
        let bill = Bill::of_attempt(&attempt, &self.person);
        let judged = away(&attempt, &self.person).and_then(|_| {
            if let Some(ending) = attempt.broken_off() {
                let observed = "the target ended it before anybody hung up".to_owned();
                return Err(unkept(&RECORDED_LATER, self.expects(), observed, ending.frame));
            }
            let answered = bill.charges().iter().all(|charge| charge.answer.is_some());
            let checks = recorded(&RECORDED_LATER, self.expects(), &attempt, &bill, &mut warnings);
            match checks {
                Err(_) if !answered => {
                    let observed = format!("{}, and not all of it was handed over since", told(&bill.charges()));
                    Err(missing(story, &RECORDED_LATER, self.expects(), observed, attempt.calling.invited))
                }
                other => other,
            }
        });
        settled(judged.map(|checks| Judgement::Met { checks: checks + 1 }), warnings, moment)
    }
}

/// That the server did not answer for the user when the call came.
fn away(attempt: &Attempt<'_>, person: &str) -> Result<(), Unmet> {
    let before = |frame: u64| frame < attempt.calling.invited;
    let mut standings = attempt.story.standings().iter().filter(|one| one.person == person && before(one.frame));
    match standings.next_back() {
        Some(standing) if !standing.answers => Ok(()),
        _ => Err(harness(format!("the charging server answered for {person} all the time"))),
    }
}

pub(super) const GOES_ON_WITHOUT: RuleEntry = RuleEntry {
    id: "charging.goes_on_without",
    requirement: SES_04,
    level: Level::Shall,
    absence: false,
    ledger: &[L21],
    stage3: false,
    what: "Where the statement says so, a session for which nobody answers about credit goes on.",
    source: "PF-SES-04, RFC 8506 sections 5.7 and 8.14",
};

/// The session stands, though the charging server does not answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GoesOnWithout {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for GoesOnWithout {
    fn entry(&self) -> &'static RuleEntry {
        &GOES_ON_WITHOUT
    }

    fn expects(&self) -> String {
        format!("\"{}\" of {} goes on without the charging server, as the statement says", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl GoesOnWithout {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        away(&attempt, &self.person)?;
        attempt.stood(&GOES_ON_WITHOUT, self.expects())?;
        match attempt.broken_off() {
            Some(ending) => {
                let observed = "the target ended it before anybody hung up".to_owned();
                Err(unkept(&GOES_ON_WITHOUT, self.expects(), observed, ending.frame))
            }
            None => Ok(Judgement::Met { checks: 1 }),
        }
    }
}

pub(super) const ENDS_WITHOUT: RuleEntry = RuleEntry {
    id: "charging.ends_without",
    requirement: SES_04,
    level: Level::Shall,
    absence: true,
    ledger: &[L21],
    stage3: false,
    what: "Where the statement says so, a session for which nobody answers about credit comes to nothing.",
    source: "PF-SES-04, RFC 8506 sections 5.7 and 8.14",
};

/// The session comes to nothing, for the charging server does not answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndsWithout {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for EndsWithout {
    fn entry(&self) -> &'static RuleEntry {
        &ENDS_WITHOUT
    }

    fn expects(&self) -> String {
        format!("\"{}\" of {} comes to nothing without the charging server", self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl EndsWithout {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        away(&attempt, &self.person)?;
        let bill = Bill::of_attempt(&attempt, &self.person);
        if let Some(granted) = bill.charges().iter().find(|one| one.interface == Interface::Online && one.succeeded()) {
            return Err(harness(format!("the charging server answered {}", granted.told())));
        }
        if let Some(there) = attempt.taken().find(|leg| leg.ended.is_none()) {
            let observed = format!("it went on in frame {}", there.invited);
            return Err(unkept(&ENDS_WITHOUT, self.expects(), observed, there.invited));
        }
        let ended = attempt.calling.ended.as_ref().is_some_and(|ending| ending.by_target);
        match (attempt.calling.answer, refusal(attempt.calling)) {
            (_, Some(_)) => Ok(Judgement::Met { checks: 1 }),
            (Some(_), None) if ended => Ok(Judgement::Met { checks: 1 }),
            (Some(answer), None) => {
                Err(unkept(&ENDS_WITHOUT, self.expects(), format!("it was answered {}", answer.status), answer.frame))
            }
            (None, None) => {
                let observed = format!("the call in frame {} was never answered", attempt.calling.invited);
                Err(missing(story, &ENDS_WITHOUT, self.expects(), observed, attempt.calling.invited))
            }
        }
    }
}
