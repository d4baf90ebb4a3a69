//! What the recipient's side refuses with a code that leads to interworking goes on to the interworking function (L20).

use super::IWF_01;
use super::tried::Tried;
use crate::rules::findings::{outside, warning};
use crate::rules::sessions::attempt::asked;
use crate::rules::sessions::{Judged, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::{Finding, Level};
use serde::{Deserialize, Serialize};

pub(super) const INTERWORKED: RuleEntry = RuleEntry {
    id: "interworking.interworked",
    requirement: IWF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L12", "L14", "L20"],
    stage3: false,
    what: "What the recipient's side refuses with a code that leads to interworking goes to the interworking function as it \
           was, for the same recipient, and its sender is told of the success there.",
    source: "PF-IWF-01",
};

/// The message or session goes on to the interworking function, which takes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interworked {
    /// What it is called.
    pub label: String,
    /// For whom it is; of a session, the served user.
    pub person: String,
}

impl Rule for Interworked {
    fn entry(&self) -> &'static RuleEntry {
        &INTERWORKED
    }

    fn expects(&self) -> String {
        format!(
            "\"{}\" goes on to the interworking function as it was, and its sender hears of the success",
            self.label
        )
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = Tried::last(story, &self.label, &self.person, asked(story, self))
            .and_then(|tried| self.judged(&tried, statement, &mut warnings));
        settled(judged, warnings, moment)
    }
}

impl Interworked {
    fn judged(&self, tried: &Tried<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let codes = statement.interworking_codes();
        if let Some(other) = tried.refusals.iter().find(|answer| !codes.contains(&answer.status)) {
            return Err(harness(format!("{} was refused with {}, which leads nowhere", tried.told, other.status)));
        }
        // Who cannot be reached now may get it later (L12).
        let may_wait = |status: u16| matches!(status, 408 | 480);
        if tried.gone.is_empty()
            && tried.refusals.iter().any(|answer| may_wait(answer.status))
            && let Some(heard) = tried.heard.filter(|heard| heard.is_success())
        {
            let observed = format!("{} {}, as if it were kept", tried.told, tried.heard_told());
            return Err(Judgement::Broken(outside(&INTERWORKED, "L12", self.expects(), observed, heard.frame)).into());
        }
        let gone = tried.went(&INTERWORKED, self.expects())?;
        gone.as_it_came(&INTERWORKED, &self.expects(), &self.person)?;
        let taken = tried.gone.iter().find(|gone| gone.taken);
        let Some(taken) = taken else {
            let Some(answer) = gone.answer.filter(|answer| !answer.is_success()) else {
                let observed = format!("the request in frame {} brought nothing whole", gone.frame);
                return Err(missing(tried.story, &INTERWORKED, self.expects(), observed, gone.frame));
            };
            return Err(harness(format!("the interworking function refused it ({})", answer.status)));
        };
        if let Some(again) = tried.gone.iter().filter(|gone| gone.taken).nth(1) {
            let observed = format!("it went there in frame {} and in frame {}", taken.frame, again.frame);
            warnings.push(warning(&INTERWORKED, "L14", "it goes there once".to_owned(), observed, again.frame));
        }
        self.relayed(tried)
    }

    /// That the sender hears of the success.
    fn relayed(&self, tried: &Tried<'_>) -> Judged {
        match tried.heard {
            _ if tried.taken => Ok(Judgement::Met { checks: 3 }),
            Some(heard) if !heard.is_success() => {
                let observed = format!("{} {}, and the interworking function took it", tried.told, tried.heard_told());
                Err(unkept(&INTERWORKED, self.expects(), observed, heard.frame))
            }
            _ => {
                let observed = format!("{} {}", tried.told, tried.heard_told());
                Err(missing(tried.story, &INTERWORKED, self.expects(), observed, tried.frame))
            }
        }
    }
}
