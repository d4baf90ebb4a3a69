//! Where the function stays out of the path of messages, it leaves the paths alone.

use super::super::findings::undeclared;
use super::super::sessions::attempt::{Attempt, asked};
use super::super::sessions::{Unmet, missing, settled, unkept};
use super::{SES_05, begun};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::story::descriptions::Exchange;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const PATHS_UNTOUCHED: RuleEntry = RuleEntry {
    id: "media_negotiation.paths_untouched",
    requirement: SES_05,
    level: Level::Shall,
    absence: false,
    ledger: &["L29"],
    stage3: false,
    what: "A function that stays out of the path of messages passes on the paths of both ends as they are.",
    source: "PF-SES-05, RFC 4975 section 8.2",
};

/// Each end has the path of the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PathsUntouched {
    /// The session.
    pub session: String,
    /// The served user.
    pub person: String,
}

impl Rule for PathsUntouched {
    fn entry(&self) -> &'static RuleEntry {
        &PATHS_UNTOUCHED
    }

    fn expects(&self) -> String {
        format!("each end of \"{}\" is given the path of the other", self.session)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        match self.passed(story) {
            Ok(Passed::As) => Judgement::Met { checks: 2 }.into(),
            Ok(Passed::Rewritten { frame }) => {
                let warning = undeclared(&PATHS_UNTOUCHED, statement, ("media_path", "in"), "L29", frame);
                settled(Ok(Judgement::Met { checks: 2 }), warning.into_iter().collect(), moment)
            }
            Err(unmet) => settled(Err(unmet), Vec::new(), moment),
        }
    }
}

/// What became of the paths.
enum Passed {
    /// They are as they were.
    As,
    /// The target put its own in their place, on both sides: it is in the path.
    Rewritten { frame: u64 },
}

impl PathsUntouched {
    fn passed(&self, story: &Story) -> Result<Passed, Unmet> {
        let attempt = Attempt::last(story, &self.session, &self.person, asked(story, self))?;
        let far = attempt.stood(&PATHS_UNTOUCHED, self.expects())?;
        let Some((near, far)) = begun(&attempt, far) else {
            let observed = "no media were agreed".to_owned();
            return Err(missing(story, &PATHS_UNTOUCHED, self.expects(), observed, attempt.calling.invited));
        };
        let path = |exchange: &Exchange, by_target| exchange.of(by_target)?.message()?.path();
        let onward = path(near, false) == path(far, true);
        let back = path(far, false) == path(near, true);
        let frame = far.offer.frame;
        match (onward, back) {
            (true, true) => Ok(Passed::As),
            (false, false) => Ok(Passed::Rewritten { frame }),
            (onward, _) => {
                let (kept, lost) = if onward { ("offer", "answer") } else { ("answer", "offer") };
                let observed = format!("the path of the {kept} passed as it was, that of the {lost} did not");
                Err(unkept(&PATHS_UNTOUCHED, self.expects(), observed, frame))
            }
        }
    }
}
