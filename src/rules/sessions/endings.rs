//! A session ends: by one side, by who called before it stood, by the network.

use super::attempt::{Attempt, asked, refusal, spot};
use super::{Judged, SES_01, Unmet, fail, harness, missing, settled, unkept};
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::legs::{End, Leg};
use crate::target::statement::Statement;
use crate::verdict::{Finding, FindingVerdict, Level};
use serde::{Deserialize, Serialize};

pub(super) const ENDED_ON_BOTH_SIDES: RuleEntry = RuleEntry {
    id: "sessions.ended_on_both_sides",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "A session that one side ends is ended on the other side.",
    source: "PF-SES-01, RFC 3261 section 15",
};

/// One side hangs up, and the other is told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndedOnBothSides {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for EndedOnBothSides {
    fn entry(&self) -> &'static RuleEntry {
        &ENDED_ON_BOTH_SIDES
    }

    fn expects(&self) -> String {
        format!("\"{}\" has ended on both sides", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl EndedOnBothSides {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        attempt.stood(&ENDED_ON_BOTH_SIDES, format!("\"{}\" stands", self.session))?;
        let broken = |observed, frame: u64| unkept(&ENDED_ON_BOTH_SIDES, self.expects(), observed, frame);
        let missing = |observed, frame: u64| missing(story, &ENDED_ON_BOTH_SIDES, self.expects(), observed, frame);
        if let Some(ending) = attempt.broken_off() {
            return Err(broken("the target ended it before anybody hung up".to_owned(), ending.frame));
        }
        let Some((leg, ending)) = attempt.hung_up() else {
            return Err(harness(format!("nobody hung up \"{}\"", self.session)));
        };
        if let Some(there) = others(&attempt, leg).find(|leg| leg.ended.is_none()) {
            let observed =
                format!("it was ended in frame {}, and stands there since frame {}", ending.frame, spot(there));
            return Err(missing(observed, ending.frame));
        }
        match ending.answer {
            Some(answer) if answer.is_success() => Ok(attempt.met(&ENDED_ON_BOTH_SIDES, statement, 2)),
            Some(answer) => Err(broken(format!("its end was answered {}", answer.status), answer.frame)),
            None => Err(missing(format!("its end in frame {} was not answered", ending.frame), ending.frame)),
        }
    }
}

/// The legs on the other side of this one that came to be.
fn others<'a>(attempt: &Attempt<'a>, leg: &Leg) -> impl Iterator<Item = &'a Leg> + use<'a> {
    let end = leg.end;
    let legs: Vec<&Leg> = attempt.legs().filter(|other| other.end != end && other.established()).collect();
    legs.into_iter()
}

pub(super) const CALL_WITHDRAWN: RuleEntry = RuleEntry {
    id: "sessions.call_withdrawn",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "A call that its caller takes back is answered 487, and rings nowhere any longer.",
    source: "PF-SES-01, RFC 3261 section 9",
};

/// The caller takes the call back, and it is over on both sides.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallWithdrawn {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for CallWithdrawn {
    fn entry(&self) -> &'static RuleEntry {
        &CALL_WITHDRAWN
    }

    fn expects(&self) -> String {
        format!("the call for \"{}\" is taken back on both sides", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => {
                settled(self.judged(&attempt, statement), self.customary(&attempt).into_iter().collect(), moment)
            }
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

impl CallWithdrawn {
    fn judged(&self, attempt: &Attempt<'_>, statement: &Statement) -> Judged {
        let calling = attempt.calling;
        let Some(cancelled) = calling.cancelled else {
            return Err(harness(format!("nobody took the call for \"{}\" back", self.session)));
        };
        let broken = |observed, frame: u64| unkept(&CALL_WITHDRAWN, self.expects(), observed, frame);
        let missing = |observed, frame: u64| missing(attempt.story, &CALL_WITHDRAWN, self.expects(), observed, frame);
        let Some(answer) = calling.answer else {
            return Err(missing(format!("the call, taken back in frame {cancelled}, was not answered"), cancelled));
        };
        if answer.frame < cancelled {
            return Err(harness(format!("the call had been answered {} before", answer.status)));
        }
        if attempt.called.is_empty() {
            return Err(missing("nobody had been called on the other side".to_owned(), calling.invited));
        }
        // An answer of the other side that crossed the CANCEL is to be ended by BYE (RFC 3261 section 9.1).
        let stands = |leg: &&&Leg| leg.answer.is_none() || leg.established() && leg.ended.is_none();
        if let Some(there) = attempt.called.iter().find(stands) {
            let observed = format!("taken back in frame {cancelled}, it goes on there since frame {}", there.invited);
            return Err(missing(observed, cancelled));
        }
        if answer.is_success() {
            return Err(broken(format!("the caller got {}", answer.status), answer.frame));
        }
        Ok(attempt.met(&CALL_WITHDRAWN, statement, 2))
    }

    /// A final answer other than 487 is legal, and not what RFC 3261 section 9.2 recommends.
    fn customary(&self, attempt: &Attempt<'_>) -> Option<Finding> {
        let answer = refusal(attempt.calling).filter(|answer| answer.status != 487)?;
        let observed = format!("the caller got {}", answer.status);
        let finding = fail(&CALL_WITHDRAWN, "the caller gets 487".to_owned(), observed, answer.frame);
        Some(Finding { verdict: FindingVerdict::Warning, ..finding })
    }
}

pub(super) const RELEASED: RuleEntry = RuleEntry {
    id: "sessions.released",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L28", "L29"],
    stage3: false,
    what: "A session that the network has to end is ended towards the other side.",
    source: "PF-SES-01, PF-SES-02",
};

/// The session ends although neither side hung up.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Released {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// Why: `deregistered`, when the device is gone, or anything else, when the operator ends it.
    pub why: String,
}

impl Rule for Released {
    fn entry(&self) -> &'static RuleEntry {
        &RELEASED
    }

    fn expects(&self) -> String {
        format!("\"{}\" is ended by the target ({})", self.session, self.why)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl Released {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        let reason = self.reason(&attempt, until)?;
        let broken = |observed, frame: u64| unkept(&RELEASED, self.expects(), observed, frame);
        let mut checks = 0;
        if !attempt.calling.established() {
            return self.given_up(&attempt, reason, statement);
        }
        attempt.stood(&RELEASED, format!("\"{}\" stands", self.session))?;
        let to_be_told = |leg: &&Leg| leg.established() && (leg.end == End::Network || !self.by_registration());
        for leg in attempt.legs().filter(to_be_told) {
            match &leg.ended {
                Some(ending) if ending.by_target && ending.frame < reason => {
                    return Err(broken("the target ended it before there was a reason".to_owned(), ending.frame));
                }
                Some(ending) if ending.by_target => checks += 1,
                Some(ending) => return Err(harness(format!("somebody hung up in frame {}", ending.frame))),
                None => {
                    let observed = format!("it stands there since frame {}", spot(leg));
                    return Err(missing(story, &RELEASED, self.expects(), observed, spot(leg)));
                }
            }
        }
        Ok(attempt.met(&RELEASED, statement, checks))
    }

    fn by_registration(&self) -> bool {
        self.why == "deregistered"
    }

    /// The frame from which on the target has to end it.
    fn reason(&self, attempt: &Attempt<'_>, until: u64) -> Result<u64, Unmet> {
        let since = attempt.calling.invited;
        if !self.by_registration() {
            return Ok(since);
        }
        let gone = attempt.story.cast().reachability(&self.person).filter(|change| !change.yes);
        let gone = gone.map(|change| change.frame).filter(|frame| (since..until).contains(frame)).last();
        gone.ok_or_else(|| harness(format!("{} was not deregistered meanwhile", self.person)))
    }

    /// A call that does not stand yet: refused to its caller, and it rings nowhere.
    fn given_up(&self, attempt: &Attempt<'_>, reason: u64, statement: &Statement) -> Judged {
        let missing = |observed| missing(attempt.story, &RELEASED, self.expects(), observed, reason);
        let Some(answer) = refusal(attempt.calling) else {
            return Err(missing(format!("the call in frame {} goes on", attempt.calling.invited)));
        };
        if answer.frame < reason {
            return Err(harness(format!("the call was answered {} before", answer.status)));
        }
        if let Some(there) = attempt.called.iter().find(|leg| leg.answer.is_none() && leg.cancelled.is_none()) {
            return Err(missing(format!("it was answered {}, and rings since frame {}", answer.status, there.invited)));
        }
        match attempt.called.len() {
            0 => Err(missing(format!("it was answered {}, and nobody had been called", answer.status))),
            called => Ok(attempt.met(&RELEASED, statement, 1 + called)),
        }
    }
}
