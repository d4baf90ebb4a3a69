//! A call that comes to nothing.

use super::attempt::{Attempt, asked, refusal, spot};
use super::{Judged, SES_01, Unmet, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const NOT_ESTABLISHED: RuleEntry = RuleEntry {
    id: "sessions.not_established",
    requirement: SES_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L19"],
    stage3: false,
    what: "A call that may not come to be is refused or ended, and nothing of it stands.",
    source: "PF-SES-01, RFC 3261 section 13.3.1",
};

/// The call is refused, or ended by the target, and nothing of it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotEstablished {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for NotEstablished {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_ESTABLISHED
    }

    fn expects(&self) -> String {
        format!("the call for \"{}\" comes to nothing", self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story), Vec::new(), moment)
    }
}

impl NotEstablished {
    fn judged(&self, story: &Story) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let calling = attempt.calling;
        let broken = |observed, frame: u64| unkept(&NOT_ESTABLISHED, self.expects(), observed, frame);
        if let Some(there) = attempt.taken().find(|leg| leg.ended.is_none()) {
            return Err(broken(format!("it stands on the other side since frame {}", spot(there)), spot(there)));
        }
        match (calling.answer, &calling.ended) {
            (None, _) => {
                let observed = format!("the call in frame {} was never answered", calling.invited);
                Err(missing(story, &NOT_ESTABLISHED, self.expects(), observed, calling.invited))
            }
            (Some(answer), _) if !answer.is_success() => Ok(Judgement::Met { checks: 1 }),
            (Some(_), Some(ending)) if ending.by_target => Ok(Judgement::Met { checks: 1 }),
            (Some(answer), _) => Err(broken(format!("it was answered {}", answer.status), answer.frame)),
        }
    }
}

pub(super) const REFUSAL_CARRIED: RuleEntry = RuleEntry {
    id: "sessions.refusal_carried",
    requirement: SES_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "A refusal of the called side reaches the caller as a final answer.",
    source: "PF-SES-01, RFC 3261 sections 13.3.1.3 and 16.7",
};

/// Who is called refuses, and the caller hears it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RefusalCarried {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for RefusalCarried {
    fn entry(&self) -> &'static RuleEntry {
        &REFUSAL_CARRIED
    }

    fn expects(&self) -> String {
        format!("the refusal of \"{}\" reaches its caller", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        settled(self.judged(story, statement), Vec::new(), moment)
    }
}

impl RefusalCarried {
    fn judged(&self, story: &Story, statement: &Statement) -> Judged {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let refused = attempt.called.iter().filter_map(|leg| refusal(leg)).max_by_key(|answer| answer.frame);
        let Some(theirs) = refused else { return Err(self.not_refused(&attempt)) };
        let Some(ours) = attempt.calling.answer else {
            let observed = format!("it was refused in frame {}, and the caller heard nothing", theirs.frame);
            return Err(missing(story, &REFUSAL_CARRIED, self.expects(), observed, theirs.frame));
        };
        let broken = |observed| unkept(&REFUSAL_CARRIED, self.expects(), observed, ours.frame);
        if ours.is_success() {
            return Err(broken(format!(
                "it was refused in frame {}, and the caller got {}",
                theirs.frame, ours.status
            )));
        }
        if ours.frame < theirs.frame {
            return Err(broken(format!(
                "the caller got {} before it was refused (frame {})",
                ours.status, theirs.frame
            )));
        }
        Ok(attempt.met(&REFUSAL_CARRIED, statement, 2))
    }

    /// Nobody refused: because nobody was asked, or because the tester did something else.
    fn not_refused(&self, attempt: &Attempt<'_>) -> Unmet {
        if !attempt.called.is_empty() {
            return harness(format!("who was called for \"{}\" did not refuse", self.session));
        }
        let calling = attempt.calling;
        let observed = match calling.answer {
            Some(answer) => format!("the caller got {} (frame {}), and nobody was called", answer.status, answer.frame),
            None => format!("nobody was called after the call in frame {}", calling.invited),
        };
        missing(attempt.story, &REFUSAL_CARRIED, self.expects(), observed, spot(calling))
    }
}
