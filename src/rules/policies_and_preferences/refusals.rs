//! Calls that may not come to be, in either direction: a final refusal, and nothing on the other side.

use super::{
    Assessment, Attempt, Judged, Judgement, Moment, PRF_01, RuleEntry, SES_03, asked, missing, outside, refusal,
    settled, undeclared, unkept,
};
use crate::rules::Rule;
use crate::story::Story;
use crate::target::RefusedCase;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const REFUSED: RuleEntry = RuleEntry {
    id: "policies_and_preferences.refused",
    requirement: SES_03,
    level: Level::Shall,
    absence: true,
    ledger: &["L12", "L19"],
    stage3: false,
    what: "A call that the user does not want, or the provider forbids, is refused, and no device of the user hears of it.",
    source: "PF-SES-03, RFC 3261 section 13.3.1.3",
};

/// The call to the user is refused by the target itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
    /// Why: `block`, `anonymous`, `unavailable`.
    pub case: String,
}

impl Rule for Refused {
    fn entry(&self) -> &'static RuleEntry {
        &REFUSED
    }

    fn expects(&self) -> String {
        format!("the call for \"{}\" is refused, and no device of {} hears of it", self.session, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let attempt = match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => attempt,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let warned = undeclared(&REFUSED, statement, &attempt, (self.case(), &self.case));
        settled_absence(self.judged(&attempt), warned.into_iter().collect(), moment)
    }
}

impl Refused {
    fn case(&self) -> RefusedCase {
        match self.case.as_str() {
            "anonymous" => RefusedCase::Anonymous,
            "unavailable" => RefusedCase::Unavailable,
            _ => RefusedCase::Block,
        }
    }

    fn judged(&self, attempt: &Attempt<'_>) -> Judged {
        // Who is unavailable may be kept for later (L12); nobody else is.
        let ledger = if self.case() == RefusedCase::Unavailable { "L12" } else { "L19" };
        let rings = attempt.calling.provisional.filter(|answer| answer.status == 180);
        if let Some(answer) = rings.filter(|_| self.case() == RefusedCase::Unavailable) {
            let observed = format!("the caller was told that it rings (180) in frame {}", answer.frame);
            return Err(unkept(&REFUSED, self.expects(), observed, answer.frame));
        }
        alone(&REFUSED, self.expects(), ledger, attempt)
    }
}

pub(super) const NOT_LET_OUT: RuleEntry = RuleEntry {
    id: "policies_and_preferences.not_let_out",
    requirement: PRF_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L19"],
    stage3: false,
    what: "A call of the user that is barred is refused, and nothing of it leaves the function.",
    source: "PF-PRF-01, RFC 3261 section 13.3.1.3",
};

/// The call of the user is refused by the target itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotLetOut {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for NotLetOut {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_LET_OUT
    }

    fn expects(&self) -> String {
        format!("the call of {} for \"{}\" is refused, and nothing of it goes out", self.person, self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let attempt = match Attempt::last(story, &self.session, &self.person, asked(story, self)) {
            Ok(attempt) => attempt,
            Err(nobody) => return settled(Err(nobody), Vec::new(), moment),
        };
        let warned = undeclared(&NOT_LET_OUT, statement, &attempt, (RefusedCase::Block, "block"));
        settled_absence(alone(&NOT_LET_OUT, self.expects(), "L19", &attempt), warned.into_iter().collect(), moment)
    }
}

/// Whether a call had its final refusal, and nobody on the other side was called for it.
fn alone(entry: &RuleEntry, expected: String, ledger: &'static str, attempt: &Attempt<'_>) -> Judged {
    let calling = attempt.calling;
    if let Some(called) = attempt.called.first() {
        let observed = format!("the other side was called in frame {}", called.invited);
        return Err(unkept(entry, expected, observed, called.invited));
    }
    match (calling.answer, refusal(calling)) {
        (_, Some(_)) => Ok(Judgement::Met { checks: 1 }),
        (Some(answer), None) => {
            let observed = format!("the call in frame {} was answered {}", calling.invited, answer.status);
            let finding = outside(entry, ledger, expected, format!("{observed}, and nobody was called"), answer.frame);
            Err(Judgement::Broken(finding).into())
        }
        (None, None) => {
            let observed = format!("the call in frame {} was never answered", calling.invited);
            Err(missing(attempt.story, entry, expected, observed, calling.invited))
        }
    }
}

/// What is said of an absence: as long as more may come, the other side may still be called.
fn settled_absence(judged: Judged, warnings: Vec<crate::verdict::Finding>, moment: Moment) -> Assessment {
    match (&judged, moment) {
        (Ok(_), Moment::Open) => Judgement::Undecided.into(),
        _ => settled(judged, warnings, moment),
    }
}
