//! A medium that is not wanted in sessions.

use super::{
    Assessment, Attempt, Judged, Judgement, Moment, RuleEntry, SES_03, asked, harness, missing, outside, refusal,
    settled, undeclared, unkept,
};
use crate::rules::Rule;
use crate::story::Story;
use crate::story::descriptions::{Description, Line};
use crate::story::legs::Leg;
use crate::target::RefusedCase;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const MEDIUM_BARRED: RuleEntry = RuleEntry {
    id: "policies_and_preferences.medium_barred",
    requirement: SES_03,
    level: Level::Shall,
    absence: true,
    ledger: &["L19"],
    stage3: false,
    what: "A medium that is barred is taken out of the offer or refused, and the others go on; or the whole offer is refused.",
    source: "PF-SES-03, RFC 3264 sections 5.1 and 6",
};

/// The medium of the call reaches nobody, and is not accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MediumBarred {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The medium: `audio`, `video`.
    pub medium: String,
}

impl Rule for MediumBarred {
    fn entry(&self) -> &'static RuleEntry {
        &MEDIUM_BARRED
    }

    fn expects(&self) -> String {
        format!("no {} in \"{}\" of {}, and the other media usable", self.medium, self.session, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let attempt = match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => attempt,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let warned = undeclared(&MEDIUM_BARRED, statement, &attempt, (RefusedCase::Media, "media"));
        settled(self.judged(&attempt), warned.into_iter().collect(), moment)
    }
}

impl MediumBarred {
    fn judged(&self, attempt: &Attempt<'_>) -> Judged {
        let calling = attempt.calling;
        if !usable(calling, false).any(|line| line.kind == self.medium) {
            return Err(harness(format!("the call for \"{}\" has no {}", self.session, self.medium)));
        }
        let broken = |observed, frame| Err(unkept(&MEDIUM_BARRED, self.expects(), observed, frame));
        let has_it = |leg: &&Leg| usable(leg, true).any(|line| line.kind == self.medium);
        if let Some(called) = attempt.called.iter().copied().find(has_it) {
            let observed = format!("{} was offered to the other side in frame {}", self.medium, called.invited);
            return broken(observed, called.invited);
        }
        match calling.answer {
            None => {
                let observed = format!("the call in frame {} was never answered", calling.invited);
                Err(missing(attempt.story, &MEDIUM_BARRED, self.expects(), observed, calling.invited))
            }
            // Nobody else refused it: the call as it was may not be.
            Some(_) if refusal(calling).is_some() && attempt.called.iter().all(|leg| refusal(leg).is_none()) => {
                Ok(Judgement::Met { checks: 1 })
            }
            Some(_) if refusal(calling).is_some() => {
                Err(harness(format!("\"{}\" was refused by who was called", self.session)))
            }
            Some(answer) if has_it(&calling) => {
                broken(format!("{} was accepted in frame {}", self.medium, answer.frame), answer.frame)
            }
            Some(answer) if attempt.called.is_empty() => {
                let observed = format!("the call was answered {}, and nobody was called", answer.status);
                let finding = outside(&MEDIUM_BARRED, "L19", self.expects(), observed, answer.frame);
                Err(Judgement::Broken(finding).into())
            }
            Some(_) if !usable(calling, false).any(|line| line.kind != self.medium) => Ok(Judgement::Met { checks: 1 }),
            Some(answer) => match attempt.called.iter().find(|leg| usable(leg, true).next().is_none()) {
                Some(bare) => broken("nothing else was offered to the other side".to_owned(), bare.invited),
                None if usable(calling, true).next().is_none() => {
                    broken("nothing else was accepted".to_owned(), answer.frame)
                }
                None => Ok(Judgement::Met { checks: 2 }),
            },
        }
    }
}

pub(super) const MEDIUM_HAD: RuleEntry = RuleEntry {
    id: "policies_and_preferences.medium_had",
    requirement: SES_03,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "A medium that nobody has anything against goes on, and is accepted.",
    source: "PF-SES-03, RFC 3264 section 5.1",
};

/// The medium of the call reaches the other side, and is accepted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MediumHad {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// The medium: `audio`, `video`.
    pub medium: String,
}

impl Rule for MediumHad {
    fn entry(&self) -> &'static RuleEntry {
        &MEDIUM_HAD
    }

    fn expects(&self) -> String {
        format!("{} in \"{}\" of {}", self.medium, self.session, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl MediumHad {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let far = attempt.stood(&MEDIUM_HAD, self.expects())?;
        let has = |leg: &Leg, by_target| usable(leg, by_target).any(|line| line.kind == self.medium);
        if !has(attempt.calling, false) || (has(far, true) && !has(far, false)) {
            return Err(harness(format!("\"{}\" was not offered or not taken with {}", self.session, self.medium)));
        }
        if has(far, true) && has(attempt.calling, true) {
            return Ok(Judgement::Met { checks: 2 });
        }
        // A medium that the target does not support is refused for everybody (L29); then nothing shows that it is barred.
        let observed = format!("{} does not go on in frame {}", self.medium, far.invited);
        Err(Judgement::Broken(outside(&MEDIUM_HAD, "L29", self.expects(), observed, far.invited)).into())
    }
}

/// The media that one side of a leg first described and did not refuse.
fn usable(leg: &Leg, by_target: bool) -> impl Iterator<Item = &Line> {
    let described: Option<&Description> = leg.exchanges.iter().find_map(|exchange| exchange.of(by_target));
    described.into_iter().flat_map(|of| &of.lines).filter(|line| !line.is_refused())
}
