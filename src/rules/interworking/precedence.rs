//! What comes first for a recipient who is offline: to be kept, or to be interworked (L12).

use super::IWF_01;
use super::tried::Tried;
use crate::rules::sessions::attempt::asked;
use crate::rules::sessions::{Judged, harness, missing, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const PRECEDENCE: RuleEntry = RuleEntry {
    id: "interworking.precedence",
    requirement: IWF_01,
    level: Level::Shall,
    absence: false,
    ledger: &["L12"],
    stage3: false,
    what: "A message to a user who is offline, which could be kept and could be interworked, meets what the statement, or by \
           it the user, puts first.",
    source: "PF-IWF-01, PF-MSG-04",
};

/// The message is kept, or interworked, whichever comes first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Precedence {
    /// The message.
    pub label: String,
    /// The served user.
    pub person: String,
    /// Whether the user wishes that messages are interworked.
    pub wished: bool,
}

impl Rule for Precedence {
    fn entry(&self) -> &'static RuleEntry {
        &PRECEDENCE
    }

    fn expects(&self) -> String {
        let wish = if self.wished { "wishes" } else { "does not wish" };
        format!("what comes first becomes of \"{}\": {} {wish} that messages are interworked", self.label, self.person)
    }

    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        let judged = Tried::last(story, &self.label, &self.person, asked(story, self))
            .and_then(|tried| self.judged(&tried, self.interworking_first(statement)));
        match (&judged, moment) {
            // What is kept may still go on.
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl Precedence {
    fn interworking_first(&self, statement: &Statement) -> bool {
        match statement.text("offline_precedence") {
            "deferral" => false,
            "interworking" => true,
            _ => self.wished,
        }
    }

    fn judged(&self, tried: &Tried<'_>, interworking: bool) -> Judged {
        if let Some(refusal) = tried.refusal() {
            return Err(harness(format!("{} was not offline, and refused with {}", self.person, refusal.status)));
        }
        match (interworking, tried.gone.first()) {
            (true, _) => {
                let gone = tried.went(&PRECEDENCE, self.expects())?;
                gone.as_it_came(&PRECEDENCE, &self.expects(), &self.person)?;
            }
            (false, Some(gone)) => {
                let observed = format!("it went to the interworking function in frame {}", gone.frame);
                return Err(unkept(&PRECEDENCE, self.expects(), observed, gone.frame));
            }
            (false, None) => {}
        }
        match tried.heard {
            Some(heard) if heard.is_success() => Ok(Judgement::Met { checks: 2 }),
            Some(heard) => {
                let observed = format!("{} {}", tried.told, tried.heard_told());
                Err(unkept(&PRECEDENCE, self.expects(), observed, heard.frame))
            }
            None => {
                let observed = format!("{} was never answered", tried.told);
                Err(missing(tried.story, &PRECEDENCE, self.expects(), observed, tried.frame))
            }
        }
    }
}
