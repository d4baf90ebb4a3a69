//! Session timers (RFC 4028): a session that nobody refreshes ends, one that is refreshed stays.

use super::attempt::{Attempt, asked, refusal};
use super::findings::warning;
use super::{Judged, SES_01, Unmet, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{Ending, Leg};
use crate::story::{Change, Interval, Story};
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, Level};
use cpm_wire::time::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What timers and the way may add.
const SLACK: Duration = Duration::from_secs(1);
/// The least interval that may be asked for (RFC 4028 section 4), in seconds.
const LEAST: u32 = 90;

pub(super) const EXPIRES_IN_TIME: RuleEntry = RuleEntry {
    id: "sessions.expires_in_time",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L28", "L29"],
    stage3: false,
    what: "A session that nobody refreshes ends by its expiry, and not long before.",
    source: "PF-SES-01, RFC 4028 section 10",
};

/// Nobody refreshes the session, and the target ends it in time, on both sides.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExpiresInTime {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for ExpiresInTime {
    fn entry(&self) -> &'static RuleEntry {
        &EXPIRES_IN_TIME
    }

    fn expects(&self) -> String {
        format!("\"{}\", which nobody refreshes, ends by its expiry", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => settled(self.judged(&attempt, statement), self.late(&attempt).into_iter().collect(), moment),
            Err(nobody) => settled(Err(nobody), Vec::new(), moment),
        }
    }
}

impl ExpiresInTime {
    fn judged(&self, attempt: &Attempt<'_>, statement: &Statement) -> Judged {
        attempt.stood(&EXPIRES_IN_TIME, format!("\"{}\" stands", self.session))?;
        let last = timer(attempt, &EXPIRES_IN_TIME, &self.expects())?;
        let broken = |observed, frame: u64| unkept(&EXPIRES_IN_TIME, self.expects(), observed, frame);
        let Some(ending) = attempt.broken_off() else {
            if let Some((_, ending)) = attempt.hung_up() {
                return Err(harness(format!("somebody hung up in frame {}", ending.frame)));
            }
            if attempt.story.now() < last.expiry {
                return Err(harness(format!("the time of \"{}\" has not passed", self.session)));
            }
            if last.refreshed_by_target {
                let why = "the target is the one to refresh the session, and does".to_owned();
                return Err(Judgement::Unseen { why, blame: Blame::Configuration }.into());
            }
            let observed = format!("it has stood without a refresh since frame {}", last.frame);
            return Err(missing(attempt.story, &EXPIRES_IN_TIME, self.expects(), observed, last.frame));
        };
        if ending.at + SLACK < last.earliest {
            let before = last.expiry.since(ending.at).as_secs();
            return Err(broken(format!("the target ended it {before} s before its expiry"), ending.frame));
        }
        if let Some(there) = attempt.legs().find(|leg| leg.established() && leg.ended.is_none()) {
            let observed = format!("it was ended in frame {}, and stands on the other side", ending.frame);
            return Err(missing(attempt.story, &EXPIRES_IN_TIME, self.expects(), observed, there.invited));
        }
        Ok(attempt.met(&EXPIRES_IN_TIME, statement, 2))
    }

    /// An end after the expiry.
    fn late(&self, attempt: &Attempt<'_>) -> Option<Finding> {
        let (ending, last) = (attempt.broken_off()?, timer(attempt, &EXPIRES_IN_TIME, "").ok()?);
        if ending.at <= last.expiry + SLACK || attempt.story.trouble().is_some() {
            return None;
        }
        let observed = format!("it ended {} s after", ending.at.since(last.expiry).as_secs());
        Some(warning(&EXPIRES_IN_TIME, "L28", self.expects(), observed, ending.frame))
    }
}

/// When a session is over that nobody refreshes any longer.
struct Timer {
    frame: u64,
    expiry: Time,
    /// The earliest instant at which the other side gives it up: before the expiry by a third of it, or 32 s.
    earliest: Time,
    refreshed_by_target: bool,
}

/// The timer of the caller's leg as it was agreed last.
fn timer(attempt: &Attempt<'_>, entry: &RuleEntry, expected: &str) -> Result<Timer, Unmet> {
    let leg = attempt.calling;
    if leg.asked_interval.is_none() {
        return Err(harness("the caller asked for no session timer".to_owned()));
    }
    let agreed = leg.intervals.last();
    let Some((last, seconds)) = agreed.and_then(|last| Some((last, u64::from(last.seconds?)))) else {
        let observed = "the target agreed to no session timer".to_owned();
        return Err(missing(attempt.story, entry, expected.to_owned(), observed, leg.invited));
    };
    let span = Duration::from_secs(seconds);
    let grace = (span / 3).min(Duration::from_secs(32));
    let refreshes = |change: &Change| change.by_target && change.accepted();
    Ok(Timer {
        frame: last.frame,
        expiry: last.at + span,
        earliest: last.at + (span - grace),
        refreshed_by_target: leg.changes.iter().any(refreshes),
    })
}

pub(super) const REFRESH_KEEPS: RuleEntry = RuleEntry {
    id: "sessions.refresh_keeps",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L28", "L29"],
    stage3: false,
    what: "A session that is refreshed outlives its first expiry.",
    source: "PF-SES-01, RFC 4028 sections 7.4 and 9",
};

/// The caller refreshes the session, and it stands when its first time has passed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefreshKeeps {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for RefreshKeeps {
    fn entry(&self) -> &'static RuleEntry {
        &REFRESH_KEEPS
    }

    fn expects(&self) -> String {
        format!("\"{}\", which is refreshed, stays", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl RefreshKeeps {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, until)?;
        attempt.stood(&REFRESH_KEEPS, format!("\"{}\" stands", self.session))?;
        timer(&attempt, &REFRESH_KEEPS, &self.expects())?;
        let first = first_expiry(attempt.calling).unwrap_or_default();
        let broken = |observed, frame: u64| unkept(&REFRESH_KEEPS, self.expects(), observed, frame);
        let refreshes: Vec<&Change> = attempt
            .legs()
            .flat_map(|leg| &leg.changes)
            .filter(|change| !change.by_target && change.frame < until)
            .collect();
        if let Some(change) = refreshes.iter().find(|change| !change.accepted()) {
            let observed = match change.answer {
                Some(answer) => return Err(broken(format!("a refresh was answered {}", answer.status), answer.frame)),
                None => format!("the refresh in frame {} was not answered", change.frame),
            };
            return Err(missing(story, &REFRESH_KEEPS, self.expects(), observed, change.frame));
        }
        if let Some(ending) = attempt.broken_off() {
            return Err(broken("the target ended it".to_owned(), ending.frame));
        }
        let stood_until = attempt.hung_up().map_or(story.now(), |(_, ending): (&Leg, &Ending)| ending.at);
        if refreshes.is_empty() || stood_until <= first {
            return Err(harness(format!("\"{}\" was not refreshed until its first time had passed", self.session)));
        }
        Ok(attempt.met(&REFRESH_KEEPS, statement, 1 + refreshes.len()))
    }
}

/// When the session would have been over without any refresh.
fn first_expiry(leg: &Leg) -> Option<Time> {
    let first: &Interval = leg.intervals.first()?;
    Some(first.at + Duration::from_secs(u64::from(first.seconds?)))
}

pub(super) const SMALL_INTERVAL_HANDLED: RuleEntry = RuleEntry {
    id: "sessions.small_interval_handled",
    requirement: SES_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L28"],
    stage3: false,
    what: "A session interval that is too small is refused with 422, raised, or passed on.",
    source: "PF-SES-01, RFC 4028 sections 4, 8.1 and 9",
};

/// The call that asks for too small an interval is refused with 422, or accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SmallIntervalHandled {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for SmallIntervalHandled {
    fn entry(&self) -> &'static RuleEntry {
        &SMALL_INTERVAL_HANDLED
    }

    fn expects(&self) -> String {
        format!("the call for \"{}\" with too small an interval is answered 422 with Min-SE, or set up", self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl SmallIntervalHandled {
    fn judged(&self, story: &Story) -> Judged {
        let until = asked(story, self);
        let too_small = |attempt: &Attempt<'_>| {
            attempt.calling.invited < until && attempt.calling.asked_interval.is_some_and(|seconds| seconds < LEAST)
        };
        let calls = Attempt::all(story, &self.session, &self.person);
        let attempt = calls.into_iter().rev().find(too_small);
        let attempt = attempt.ok_or_else(|| harness("nobody asked for too small an interval".to_owned()))?;
        let calling = attempt.calling;
        let Some(answer) = refusal(calling) else {
            attempt.stood(&SMALL_INTERVAL_HANDLED, self.expects())?;
            return Ok(Judgement::Met { checks: 1 });
        };
        let broken = |observed: String| unkept(&SMALL_INTERVAL_HANDLED, self.expects(), observed, answer.frame);
        match (answer.status, calling.least_interval) {
            (422, Some(least)) if least >= LEAST => Ok(Judgement::Met { checks: 1 }),
            (422, Some(least)) => Err(broken(format!("it was answered 422 with Min-SE: {least}"))),
            (422, None) => Err(broken("it was answered 422 without Min-SE".to_owned())),
            (status, _) => Err(broken(format!("it was answered {status}"))),
        }
    }
}
