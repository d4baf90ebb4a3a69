//! Calls for a user who is not there, as presence says: no device hears of them (L12).

use super::availability::{closed_at, until};
use super::{Judged, PRS_01, missing, settled, unkept};
use crate::rules::sessions::attempt::{Attempt, asked};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::legs::End;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const CALL_WITHHELD: RuleEntry = RuleEntry {
    id: "presence.call_withheld",
    requirement: PRS_01,
    level: Level::May,
    absence: true,
    ledger: &["L12"],
    stage3: false,
    what: "A call for a user whose presence is closed reaches no device of the user, and is answered.",
    source: "PF-PRS-01, RFC 3863 section 4.1.4",
};

/// No device of the person hears of the call while presence is closed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallWithheld {
    /// The session.
    pub session: String,
    /// Whose.
    pub person: String,
}

impl Rule for CallWithheld {
    fn entry(&self) -> &'static RuleEntry {
        &CALL_WITHHELD
    }

    fn expects(&self) -> String {
        format!("no device of {}, whose presence is closed, hears of the call for \"{}\"", self.person, self.session)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = self.judged(story);
        match (&judged, moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl CallWithheld {
    fn judged(&self, story: &Story) -> Judged {
        let asked = asked(story, self);
        let attempt = Attempt::last(story, &self.session, &self.person, asked)?;
        let calling = attempt.calling;
        closed_at(story, &self.person, calling.invited, &CALL_WITHHELD, &self.expects())?;
        let until = until(story, &self.person, asked);
        let hears = attempt.called.iter().find(|leg| leg.end == End::Device && leg.invited < until);
        if let Some(leg) = hears {
            let observed = format!("a device was called in frame {}", leg.invited);
            return Err(unkept(&CALL_WITHHELD, self.expects(), observed, leg.invited));
        }
        match calling.answer {
            Some(_) => Ok(Judgement::Met { checks: 2 }),
            None => {
                let observed = format!("the call in frame {} was never answered", calling.invited);
                Err(missing(story, &CALL_WITHHELD, self.expects(), observed, calling.invited))
            }
        }
    }
}
