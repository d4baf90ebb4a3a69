//! What is not interworked, and what the interworking function does not manage (L19, L20).

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

pub(super) const NOT_INTERWORKED: RuleEntry = RuleEntry {
    id: "interworking.not_interworked",
    requirement: IWF_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L20"],
    stage3: false,
    what: "What the recipient's side refuses with a code that does not lead to interworking is not sent to the \
           interworking function.",
    source: "PF-IWF-01",
};

/// The message or session does not go to the interworking function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotInterworked {
    /// What it is called.
    pub label: String,
    /// For whom it is; of a session, the served user.
    pub person: String,
}

impl Rule for NotInterworked {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_INTERWORKED
    }

    fn expects(&self) -> String {
        format!("\"{}\" does not go to the interworking function", self.label)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = Tried::last(story, &self.label, &self.person, asked(story, self))
            .and_then(|tried| self.judged(&tried, statement, &mut warnings));
        match (&judged, moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, warnings, moment),
        }
    }
}

impl NotInterworked {
    fn judged(&self, tried: &Tried<'_>, statement: &Statement, warnings: &mut Vec<Finding>) -> Judged {
        let codes = statement.interworking_codes();
        let Some(refusal) = tried.refusal() else {
            return Err(missing(
                tried.story,
                &NOT_INTERWORKED,
                format!("{}, and is tried by CPM", self.expects()),
                format!("{} {}, and nobody was asked", tried.told, tried.heard_told()),
                tried.frame,
            ));
        };
        if codes.contains(&refusal.status) {
            return Err(harness(format!("{} was refused with {}, which leads there", tried.told, refusal.status)));
        }
        if let Some(gone) = tried.gone.first() {
            let observed = format!("it went there in frame {} after a {}", gone.frame, refusal.status);
            if statement.codes("iwf_codes").is_some() {
                return Err(unkept(&NOT_INTERWORKED, self.expects(), observed, gone.frame));
            }
            warnings.push(warning(&NOT_INTERWORKED, "L20", self.expects(), observed, gone.frame));
        }
        match tried.heard {
            Some(_) => Ok(Judgement::Met { checks: 1 }),
            None => {
                let observed = format!("{} was never answered", tried.told);
                Err(missing(tried.story, &NOT_INTERWORKED, self.expects(), observed, tried.frame))
            }
        }
    }
}

pub(super) const FAILS_WELL: RuleEntry = RuleEntry {
    id: "interworking.fails_well",
    requirement: IWF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L12", "L19", "L20"],
    stage3: false,
    what: "Where the interworking function refuses, the sender gets a refusal: that one, or the one of the recipient's side.",
    source: "PF-IWF-01",
};

/// The interworking function refuses, and the sender hears so.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FailsWell {
    /// What it is called.
    pub label: String,
    /// For whom it is; of a session, the served user.
    pub person: String,
}

impl Rule for FailsWell {
    fn entry(&self) -> &'static RuleEntry {
        &FAILS_WELL
    }

    fn expects(&self) -> String {
        format!("\"{}\" goes to the interworking function in vain, and its sender gets a refusal", self.label)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let mut warnings = Vec::new();
        let judged = Tried::last(story, &self.label, &self.person, asked(story, self))
            .and_then(|tried| self.judged(&tried, &mut warnings));
        settled(judged, warnings, moment)
    }
}

impl FailsWell {
    fn judged(&self, tried: &Tried<'_>, warnings: &mut Vec<Finding>) -> Judged {
        let gone = tried.went(&FAILS_WELL, self.expects())?;
        let refused = tried.gone.iter().filter_map(|gone| gone.answer).filter(|answer| !answer.is_success());
        let refused: Vec<u16> = refused.map(|answer| answer.status).collect();
        if refused.is_empty() {
            return Err(harness(format!("the interworking function did not refuse what came in frame {}", gone.frame)));
        }
        let Some(heard) = tried.heard else {
            let observed = format!("{} was never answered", tried.told);
            return Err(missing(tried.story, &FAILS_WELL, self.expects(), observed, tried.frame));
        };
        let observed = format!("{} {}", tried.told, tried.heard_told());
        if heard.status == 202 {
            // As who keeps it for later says (RFC 3428 section 8).
            return Err(Judgement::Broken(outside(&FAILS_WELL, "L12", self.expects(), observed, heard.frame)).into());
        }
        if heard.is_success() {
            return Err(unkept(&FAILS_WELL, self.expects(), observed, heard.frame));
        }
        let own = refused.iter().copied().chain(tried.refusals.iter().map(|answer| answer.status));
        let own: Vec<u16> = own.collect();
        if !own.contains(&heard.status) {
            let expected = format!("one of {own:?}");
            warnings.push(warning(&FAILS_WELL, "L19", expected, heard.status.to_string(), heard.frame));
        }
        Ok(Judgement::Met { checks: 2 })
    }
}
