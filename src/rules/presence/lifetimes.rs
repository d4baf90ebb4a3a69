//! How long publications last: who publishes refreshes them in time, and asks for long enough (RFC 3903 section 4).

use super::availability::next_change;
use super::{Judged, PRS_01, missing, settled};
use crate::rules::sessions::attempt::asked;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::presence::{Answered, Publication};
use crate::target::statement::Statement;
use crate::verdict::Level;
use cpm_wire::time::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

pub(super) const KEPT_UP: RuleEntry = RuleEntry {
    id: "presence.kept_up",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &[],
    stage3: false,
    what: "While a user is there, what is published of the user is refreshed or published anew before its time is over.",
    source: "PF-PRS-01, RFC 3903 sections 4 and 4.1",
};

/// A refresh that was on its way in time counts.
const ALLOWANCE: Duration = Duration::from_secs(1);

/// What was published of the person never lapses.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptUp {
    /// Whose presence.
    pub person: String,
}

impl Rule for KeptUp {
    fn entry(&self) -> &'static RuleEntry {
        &KEPT_UP
    }

    fn expects(&self) -> String {
        format!("what is published of {} is kept up", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl KeptUp {
    fn judged(&self, story: &Story) -> Judged {
        let end = next_change(story, &self.person, asked(story, self));
        let own = story.publications_of(&self.person).filter(|one| one.frame < end);
        let all = own.filter_map(|one| Some((one, one.accepted()?)));
        let accepted: Vec<(&Publication, &Answered)> = all.collect();
        let Some(((first, answered), later)) = accepted.split_first() else {
            let observed = format!("nothing was published of {}", self.person);
            return Err(missing(story, &KEPT_UP, self.expects(), observed, None::<u64>));
        };
        let lapsed = |by: &Publication| {
            let observed = format!("the time of {} was over before anything else was published", by.told());
            missing(story, &KEPT_UP, self.expects(), observed, by.frame)
        };
        let (mut by, mut until) = (*first, lasts_until(first, answered));
        for (next, answered) in later {
            if next.at > until + ALLOWANCE {
                return Err(lapsed(by));
            }
            if lasts_until(next, answered) > until {
                (by, until) = (*next, lasts_until(next, answered));
            }
        }
        if end == u64::MAX && story.now() > until + ALLOWANCE {
            return Err(lapsed(by));
        }
        if later.is_empty() {
            let observed = format!("nothing was published after {}", first.told());
            return Err(missing(story, &KEPT_UP, self.expects(), observed, first.frame));
        }
        Ok(Judgement::Met { checks: later.len() })
    }
}

fn lasts_until(one: &Publication, answered: &Answered) -> Time {
    let seconds = answered.expires.or(one.expires).unwrap_or_default();
    answered.at + Duration::from_secs(seconds.into())
}

pub(super) const LONG_ENOUGH: RuleEntry = RuleEntry {
    id: "presence.long_enough",
    requirement: PRS_01,
    level: Level::May,
    absence: false,
    ledger: &[],
    stage3: false,
    what: "Who is told that a publication is too brief (423) publishes it for at least as long as is asked for, or gives it up.",
    source: "PF-PRS-01, RFC 3903 section 4",
};

/// After a 423, the person is published for long enough, or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LongEnough {
    /// Whose presence.
    pub person: String,
}

impl Rule for LongEnough {
    fn entry(&self) -> &'static RuleEntry {
        &LONG_ENOUGH
    }

    fn expects(&self) -> String {
        format!("{} is published for as long as the presence server asks for, or not at all", self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = self.judged(story);
        match (&judged, moment) {
            // Who has not asked again yet may do so.
            (Ok(Judgement::Met { checks: 1 }), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl LongEnough {
    fn judged(&self, story: &Story) -> Judged {
        let end = next_change(story, &self.person, asked(story, self));
        let all: Vec<&Publication> = story.publications_of(&self.person).filter(|one| one.frame < end).collect();
        let refused = all.iter().find_map(|one| one.refused_with(423));
        let Some((least, refused)) = refused.and_then(|refused| Some((refused.least?, refused.answer.frame))) else {
            return match all.iter().find(|one| one.accepted().is_some()) {
                Some(_) => Ok(Judgement::Met { checks: 2 }),
                None => {
                    let observed = format!("nothing was published of {}", self.person);
                    Err(missing(story, &LONG_ENOUGH, self.expects(), observed, None::<u64>))
                }
            };
        };
        let mut after = all.iter().filter(|one| one.frame > refused).peekable();
        if after.peek().is_none() {
            return Ok(Judgement::Met { checks: 1 });
        }
        match after.find(|one| one.expires.is_some_and(|expires| (1..least).contains(&expires))) {
            None => Ok(Judgement::Met { checks: 2 }),
            Some(short) => {
                let expires = short.expires.unwrap_or_default();
                let observed = format!("{} asks for {expires} seconds, after {least} in frame {refused}", short.told());
                Err(missing(story, &LONG_ENOUGH, self.expects(), observed, short.frame))
            }
        }
    }
}
