//! What is not to be kept is not kept (L13).

use super::HIS_01;
use super::said::Said;
use crate::rules::sessions::{Judged, settled, unkept};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;
use serde::{Deserialize, Serialize};

pub(super) const NOTHING_KEPT: RuleEntry = RuleEntry {
    id: "conversation_history.nothing_kept",
    requirement: HIS_01,
    level: Level::Shall,
    absence: true,
    ledger: &["L13", "L22"],
    stage3: false,
    what: "Nothing is put into the history of a user for whom nobody asked for that.",
    source: "PF-HIS-01",
};

/// Something that was said is not kept in the history of the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NothingKept {
    /// What was said.
    pub label: String,
    /// In whose history.
    pub person: String,
}

impl Rule for NothingKept {
    fn entry(&self) -> &'static RuleEntry {
        &NOTHING_KEPT
    }

    fn expects(&self) -> String {
        format!("nothing of \"{}\" is kept in the history of {}", self.label, self.person)
    }

    fn decide(&self, story: &Story, _: &Statement, moment: Moment) -> Assessment {
        let judged = self.judged(story);
        match (&judged, moment) {
            (Ok(_), Moment::Open) => Judgement::Undecided.into(),
            _ => settled(judged, Vec::new(), moment),
        }
    }
}

impl NothingKept {
    fn judged(&self, story: &Story) -> Judged {
        let said = Said::last(story, &self.label)?;
        let words = said.envelope.body.head();
        match story.history_of(&self.person).find(|kept| kept.is_message(said.id) || kept.holds(words)) {
            Some(kept) => {
                let observed = format!("an object with it was put there in frame {}", kept.frame);
                Err(unkept(&NOTHING_KEPT, self.expects(), observed, kept.frame))
            }
            None => Ok(Judgement::Met { checks: 1 }),
        }
    }
}
