//! A session is at another device than before, or it stays where it was.

use super::{DEV_04, Judged, Sides, Unmet, asked, harness, is_lost, missing, own_accord, settled, spot, unkept};
use crate::rules::{Assessment, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::legs::Leg;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const MOVED_TO: RuleEntry = RuleEntry {
    id: "session_continuity.moved_to",
    requirement: DEV_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L18", "L29"],
    stage3: false,
    what: "A session that moves stands at the other device under the same identifiers, the first is let go, the other side stays.",
    source: "PF-DEV-04, RFC 3891 section 3, RFC 3515",
};

/// The session stands at a device and no longer at the one before; the other side noticed no end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MovedTo {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// Where it was.
    pub from: String,
    /// Where it is.
    pub to: String,
}

impl Rule for MovedTo {
    fn entry(&self) -> &'static RuleEntry {
        &MOVED_TO
    }

    fn expects(&self) -> String {
        format!("\"{}\" of {} has moved from the {} to the {}", self.session, self.person, self.from, self.to)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl MovedTo {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let sides = Sides::of(story, &self.session, &self.person, u64::MAX);
        let missing = |observed, frame: u64| missing(story, &MOVED_TO, self.expects(), observed, frame);
        let Some(before) = sides.taken_by(&self.from) else { return Err(self.never_stood(story, &sides)) };
        let Some(there) = sides.taken_by(&self.to).filter(|leg| leg.invited > before.invited) else {
            return Err(self.never_came(story, &sides, before));
        };
        self.same_names(before, there)?;
        let mut renamed = sides.network.iter().chain([&there]).filter_map(|leg| leg.renamed);
        if let Some(frame) = renamed.next() {
            let expected = "conversation and contribution stay what they were".to_owned();
            return Err(unkept(&MOVED_TO, expected, "the target named others".to_owned(), frame));
        }
        if there.acknowledged.is_none() {
            return Err(missing(
                format!("the acceptance in frame {} was never acknowledged", spot(there)),
                spot(there),
            ));
        }
        if let Some(ending) = own_accord(story, there) {
            return Err(missing(format!("the target ended it at the {} too", self.to), ending.frame));
        }
        self.released(story, before, there)?;
        if let Some(over) = sides.ended_there() {
            return Err(missing("the session of the other side has ended".to_owned(), over));
        }
        for leg in sides.network.iter().filter(|leg| leg.by_target && leg.invited > before.invited) {
            self.same_names(before, leg)?;
        }
        Ok(sides.met(&MOVED_TO, statement, 4))
    }

    /// Whether the device before was let go, and not before there was another.
    fn released(&self, story: &Story, before: &Leg, there: &Leg) -> Result<(), Unmet> {
        let gone = is_lost(story, before, there.invited);
        if before.ended.is_none() && !gone {
            let observed = format!("the {} was not let go", self.from);
            return Err(missing(story, &MOVED_TO, self.expects(), observed, spot(there)));
        }
        if let Some(left) = before.ended.as_ref().filter(|ending| ending.frame < there.invited) {
            let observed = format!("the {} was let go in frame {} before there was another", self.from, left.frame);
            // Where the device had gone, its leg may end at once.
            if left.by_target && !gone {
                return Err(unkept(&MOVED_TO, self.expects(), observed, left.frame));
            }
        }
        Ok(())
    }

    fn never_stood(&self, story: &Story, sides: &Sides<'_>) -> Unmet {
        let Some(called) = sides.network.iter().chain(&sides.devices).next() else {
            return harness(format!("nobody called for \"{}\"", self.session));
        };
        let observed = format!("it never came to be at the {}", self.from);
        missing(story, &MOVED_TO, self.expects(), observed, called.invited)
    }

    fn never_came(&self, story: &Story, sides: &Sides<'_>, before: &Leg) -> Unmet {
        let last = sides.last_of(&self.to).filter(|leg| leg.invited > before.invited);
        let (observed, frame) = match last.map(|leg| (leg, leg.answer)) {
            Some((leg, Some(answer))) if leg.by_target => {
                return harness(format!("the {} refused ({}, frame {})", self.to, answer.status, answer.frame));
            }
            Some((_, Some(answer))) => (format!("the {} was told {}", self.to, answer.status), answer.frame),
            Some((leg, None)) => (format!("the call in frame {} was never answered", leg.invited), leg.invited),
            None if self.was_asked(story, before) => (format!("the {} was never called", self.to), before.invited),
            None => return harness(format!("nobody asked for \"{}\" to move", self.session)),
        };
        missing(story, &MOVED_TO, self.expects(), observed, frame)
    }

    /// Whether the target had reason to call the other device: a request of the first, or its disappearance.
    fn was_asked(&self, story: &Story, before: &Leg) -> bool {
        let referred = story.referrals().iter().any(|referral| {
            !referral.by_target
                && referral.frame > before.invited
                && referral.group.as_deref() == Some(&self.session)
                && referral.person.as_deref() == Some(&self.person)
        });
        let lost = story.cast().losses_of(&self.person, &self.from);
        referred || lost.iter().any(|loss| *loss > before.invited)
    }

    fn same_names(&self, before: &Leg, after: &Leg) -> Result<(), Unmet> {
        let shown = |id: Option<&str>| id.unwrap_or("none").to_owned();
        let pairs = [
            ("Contribution-ID", before.contribution.as_deref(), after.contribution.as_deref()),
            ("Conversation-ID", before.conversation.as_deref(), after.conversation.as_deref()),
        ];
        let Some((name, was, is)) = pairs.into_iter().find(|(_, was, is)| was != is) else { return Ok(()) };
        let (expected, observed) = (format!("{name} {}", shown(was)), format!("{name} {}", shown(is)));
        Err(unkept(&MOVED_TO, expected, observed, after.invited))
    }
}

pub(super) const STAYS_AT: RuleEntry = RuleEntry {
    id: "session_continuity.stays_at",
    requirement: DEV_04,
    level: Level::Shall,
    absence: false,
    ledger: &["L18", "L29"],
    stage3: false,
    what: "Where a move comes to nothing, the session stays at its device and with the other side.",
    source: "PF-DEV-04, RFC 3891 section 3, RFC 3515",
};

/// A move to another device came to nothing, and the session is where it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StaysAt {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// Where it is.
    pub device: String,
    /// Where it was to go.
    pub other: String,
}

impl Rule for StaysAt {
    fn entry(&self) -> &'static RuleEntry {
        &STAYS_AT
    }

    fn expects(&self) -> String {
        format!("\"{}\" of {} stays at the {}", self.session, self.person, self.device)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl StaysAt {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let until = asked(story, self);
        let sides = Sides::of(story, &self.session, &self.person, until);
        let missing = |observed, frame: u64| missing(story, &STAYS_AT, self.expects(), observed, frame);
        let Some(own) = sides.taken_by(&self.device) else {
            let called = sides.network.iter().chain(&sides.devices).next();
            let Some(called) = called else { return Err(harness(format!("nobody called for \"{}\"", self.session))) };
            return Err(missing(format!("it never came to be at the {}", self.device), called.invited));
        };
        let tried = self.attempt(story, &sides, own)?;
        match tried.answer {
            None => {
                return Err(missing(
                    format!("the attempt in frame {} was never answered", tried.invited),
                    tried.invited,
                ));
            }
            Some(answer) if answer.is_success() && tried.by_target => {
                return Err(harness(format!("the {} did not refuse", self.other)));
            }
            Some(answer) if answer.is_success() => {
                let observed = format!("what nobody can use was answered {}", answer.status);
                return Err(unkept(&STAYS_AT, self.expects(), observed, answer.frame));
            }
            Some(_) => {}
        }
        if let Some(ending) = own_accord(story, own).filter(|ending| ending.frame < until) {
            return Err(unkept(&STAYS_AT, self.expects(), "it was ended there".to_owned(), ending.frame));
        }
        match sides.ended_there().filter(|over| *over < until) {
            Some(over) => {
                Err(unkept(&STAYS_AT, self.expects(), "the other side was told that it is over".to_owned(), over))
            }
            None => Ok(sides.met(&STAYS_AT, statement, 3)),
        }
    }

    /// The call of the other device, or to it.
    fn attempt<'a>(&self, story: &Story, sides: &Sides<'a>, own: &Leg) -> Result<&'a Leg, Unmet> {
        let missing = |observed, frame: u64| missing(story, &STAYS_AT, self.expects(), observed, frame);
        let Some(tried) = sides.last_of(&self.other).filter(|leg| leg.invited > own.invited) else {
            let referred =
                story.referrals().iter().find(|referral| referral.frame > own.invited && !referral.by_target);
            let refused = referred.and_then(|referral| referral.answer).filter(|answer| !answer.is_success());
            return Err(match (referred, refused) {
                (Some(_), Some(answer)) => {
                    missing(format!("the request to move was answered {}", answer.status), answer.frame)
                }
                (Some(referral), None) => missing(format!("the {} was never called", self.other), referral.frame),
                (None, _) => harness(format!("nobody asked for \"{}\" to move", self.session)),
            });
        };
        Ok(tried)
    }
}
