//! Several sessions of one user at a time: each stays by itself, a limit is kept, none comes to be twice.

use super::attempt::{Attempt, asked, legs, onward, refusal};
use super::findings::warning;
use super::{Judged, SES_07, Unmet, harness, missing, settled, unkept};
use crate::evidence::ChatKind;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::legs::{End, Leg};
use crate::story::{Answer, Item, Story};
use crate::target::Refusal;
use crate::target::RefusedCase;
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const KEPT_APART: RuleEntry = RuleEntry {
    id: "sessions.kept_apart",
    requirement: SES_07,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "What is said in one of several conversations stays in it.",
    source: "PF-SES-06, PF-SES-07",
};

/// Messages and reports of each of these sessions arrive in it, and in no other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptApart {
    /// The served user.
    pub person: String,
    /// The sessions.
    pub sessions: Vec<String>,
}

impl Rule for KeptApart {
    fn entry(&self) -> &'static RuleEntry {
        &KEPT_APART
    }

    fn expects(&self) -> String {
        format!("what is said in {} of {} stays where it was said", self.sessions.join(", "), self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl KeptApart {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        if let Some((item, of)) = self.astray(story) {
            let came = item.group.as_deref().unwrap_or("a session that nobody knows");
            let observed = format!("something of {of} came in {came} (frame {})", item.frame);
            return Err(unkept(&KEPT_APART, self.expects(), observed, item));
        }
        let mut checks = 0;
        for session in &self.sessions {
            let attempt = Attempt::last(story, session, &self.person, asked(story, self))?;
            attempt.stood(&KEPT_APART, format!("\"{session}\" stands"))?;
            checks += self.carried(story, session)?;
            if let met @ Judgement::Broken(_) = attempt.met(&KEPT_APART, statement, checks) {
                return Err(met.into());
            }
        }
        match self.sessions.len() {
            0 | 1 => Err(harness("there are no sessions to be kept apart".to_owned())),
            _ => Ok(Judgement::Met { checks }),
        }
    }

    /// How many messages of a session arrived in it; all that were sent have to.
    fn carried(&self, story: &Story, session: &str) -> Result<usize, Unmet> {
        let sent = self.items(story, session).filter(|item| onward(item.flow).is_some() && item.chat_id().is_some());
        let mut checks = 0;
        for sent in sent {
            let goes_on = |item: &Item| Some(item.flow) == onward(sent.flow) && item.chat_id() == sent.chat_id();
            if !self.items(story, session).any(goes_on) {
                let observed = format!("something said in {session} (frame {}) never came", sent.frame);
                return Err(missing(story, &KEPT_APART, self.expects(), observed, sent));
            }
            checks += 1;
        }
        match checks {
            0 => Err(harness(format!("nothing was said in {session}"))),
            checks => Ok(checks),
        }
    }

    fn items<'a>(&'a self, story: &'a Story, session: &'a str) -> impl Iterator<Item = &'a Item> {
        let of_person = story.items().iter().filter(|item| item.person.as_ref() == Some(&self.person));
        of_person.filter(move |item| item.group.as_deref() == Some(session))
    }

    /// A message or a report of the target in another session than the one that it belongs to.
    fn astray<'a>(&self, story: &'a Story) -> Option<(&'a Item, String)> {
        let of = |id: &str| story.cast().label(id).and_then(|label| label.group.clone());
        let belongs = |item: &Item| {
            let about = item.content.reports().iter().map(|report| report.about.as_str());
            about.chain(item.chat_id()).find_map(of).filter(|of| self.sessions.contains(of))
        };
        let came = story.items().iter().filter(|item| onward(item.flow).is_none() && item.leg().is_some());
        came.filter_map(|item| Some((item, belongs(item)?))).find(|(item, of)| item.group.as_ref() != Some(of))
    }
}

pub(super) const LIMIT_KEPT: RuleEntry = RuleEntry {
    id: "sessions.limit_kept",
    requirement: SES_07,
    level: Level::Shall,
    absence: false,
    ledger: &["L19", "L29"],
    stage3: false,
    what: "A session beyond the limit of a user is refused, and one that comes when another has ended is not.",
    source: "PF-SES-07",
};

/// As many sessions as the statement says stand; one more is refused, the next one after an end is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LimitKept {
    /// The served user.
    pub person: String,
    /// The session beyond the limit.
    pub refused: String,
    /// The session that comes when another has ended.
    pub later: String,
}

impl Rule for LimitKept {
    fn entry(&self) -> &'static RuleEntry {
        &LIMIT_KEPT
    }

    fn expects(&self) -> String {
        format!("\"{}\" is beyond the limit of {} and refused, \"{}\" is not", self.refused, self.person, self.later)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let declared = self.undeclared(story, statement);
        settled(self.judged(story, statement), declared.into_iter().collect(), moment)
    }
}

impl LimitKept {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let Some(limit) = statement.number("max_sessions") else {
            let why = "the statement names no limit of sessions".to_owned();
            return Err(Judgement::Unseen { why, blame: Blame::Configuration }.into());
        };
        let until = asked(story, self);
        let beyond = Attempt::last(story, &self.refused, &self.person, until)?;
        let stood = self.standing(story, beyond.calling.invited);
        if u64::try_from(stood).unwrap_or(u64::MAX) < limit {
            let observed = format!("only {stood} sessions stood before the call in frame {}", beyond.calling.invited);
            return Err(missing(
                story,
                &LIMIT_KEPT,
                format!("{limit} sessions stand"),
                observed,
                beyond.calling.invited,
            ));
        }
        self.beyond(&beyond)?;
        let later = Attempt::last(story, &self.later, &self.person, until)?;
        if self.standing(story, later.calling.invited) >= stood {
            return Err(harness(format!("no session ended before \"{}\"", self.later)));
        }
        later.stood(&LIMIT_KEPT, self.expects())?;
        Ok(later.met(&LIMIT_KEPT, statement, 2 + stood))
    }

    /// The call beyond the limit is refused by the target.
    fn beyond(&self, attempt: &Attempt<'_>) -> Result<Answer, Unmet> {
        let calling = attempt.calling;
        if attempt.called.iter().any(|leg| refusal(leg).is_some()) {
            return Err(harness(format!("\"{}\" was refused by who was called", self.refused)));
        }
        let broken = |observed, frame| unkept(&LIMIT_KEPT, self.expects(), observed, frame);
        match calling.answer {
            Some(answer) if answer.is_success() => {
                Err(broken(format!("the call beyond it was answered {}", answer.status), answer.frame))
            }
            Some(answer) => Ok(answer),
            None => {
                let observed = format!("the call in frame {} was never answered", calling.invited);
                Err(missing(attempt.story, &LIMIT_KEPT, self.expects(), observed, calling.invited))
            }
        }
    }

    /// How many sessions of the user stood on both sides in a frame.
    fn standing(&self, story: &Story, frame: u64) -> usize {
        let between_two = |leg: &&Leg| {
            let group = leg.group.as_deref().and_then(|group| story.cast().group(group));
            leg.person.as_ref() == Some(&self.person) && group.is_some_and(|group| group.kind == ChatKind::OneToOne)
        };
        let stood = |leg: &&Leg| {
            leg.answer.is_some_and(|answer| answer.is_success() && answer.frame < frame) && leg.alive_at(frame)
        };
        let at = |end: End| story.legs().iter().filter(between_two).filter(stood).filter(move |leg| leg.end == end);
        at(End::Network).filter(|near| at(End::Device).any(|far| far.group == near.group)).count()
    }

    /// Another refusal than the declared ones (L19).
    fn undeclared(&self, story: &Story, statement: &Statement) -> Option<Finding> {
        let Some(Refusal::Codes(codes)) = statement.refusal(RefusedCase::Limit) else { return None };
        let attempt = Attempt::last(story, &self.refused, &self.person, asked(story, self)).ok()?;
        let answer = refusal(attempt.calling).filter(|answer| !codes.contains(&answer.status))?;
        let expected = format!("refusals: limit: {codes:?}, as the statement says");
        Some(warning(&LIMIT_KEPT, "L19", expected, format!("{}", answer.status), answer.frame))
    }
}

pub(super) const NO_SECOND_SESSION: RuleEntry = RuleEntry {
    id: "sessions.no_second_session",
    requirement: SES_07,
    level: Level::Shall,
    absence: true,
    ledger: &["L29"],
    stage3: false,
    what: "An invitation that comes twice makes one session.",
    source: "PF-SES-07, RFC 3261 sections 8.2.2.2 and 17.2.1",
};

/// The invitation of the session came again, as it was or by another way, and made no second session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoSecondSession {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for NoSecondSession {
    fn entry(&self) -> &'static RuleEntry {
        &NO_SECOND_SESSION
    }

    fn expects(&self) -> String {
        format!("\"{}\" is one session, however often its invitation came", self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        match (self.judged(story), moment) {
            // What is not there yet may come.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            (judged, moment) => settled(judged, Vec::new(), moment),
        }
    }
}

impl NoSecondSession {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        attempt.stood(&NO_SECOND_SESSION, format!("\"{}\" stands", self.session))?;
        let calling = attempt.calling;
        let twice = |leg: &&Leg| leg.merged && leg.call_id == calling.call_id && leg.cseq == calling.cseq;
        let merged: Vec<&Leg> = legs(story, &self.session, &self.person).filter(twice).collect();
        if merged.is_empty() && calling.repeated == 0 {
            return Err(harness(format!("the invitation of \"{}\" was sent once", self.session)));
        }
        let broken = |observed, frame| unkept(&NO_SECOND_SESSION, self.expects(), observed, frame);
        if let Some(second) = merged.iter().find(|leg| leg.established() && leg.target_tag != calling.target_tag) {
            let frame = second.answer.map_or(second.invited, |answer| answer.frame);
            return Err(broken("the same invitation by another way was accepted as another session".to_owned(), frame));
        }
        let taken: Vec<&Leg> = attempt.taken().collect();
        let mut later = taken.iter().enumerate().filter(|(at, leg)| {
            taken.iter().take(*at).any(|first| first.device == leg.device && first.alive_at(leg.invited))
        });
        if let Some((_, second)) = later.next() {
            return Err(broken("a second session was opened on the other side".to_owned(), second.invited));
        }
        Ok(Judgement::Met { checks: 1 })
    }
}
