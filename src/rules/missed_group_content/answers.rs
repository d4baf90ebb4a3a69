//! What a device asks of the focus or the factory passes the target, and so does the answer.

use super::{CONV_058A, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const ANSWERED: RuleEntry = RuleEntry {
    id: "missed_group_content.answered",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L11", "L19"],
    stage3: false,
    what: "A request of a returned device reaches the newest focus, or the factory, and the answer reaches the device.",
    source: "CPM-CONV-058a, RFC 4579 section 5",
};

/// What a device asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To add a member, by REFER.
    Add,
    /// To start an ended chat anew, at the factory.
    Restart,
    /// To come back into the chat, at its focus.
    Rejoin,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A 2xx.
    Granted,
    /// Any other final answer.
    Refused,
}

/// A request of the person passes the target, and the answer comes back.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Who asks.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// What is asked.
    pub what: Asked,
    /// What the focus or the factory answers.
    pub outcome: Reply,
}

impl Rule for Answered {
    fn entry(&self) -> &'static RuleEntry {
        &ANSWERED
    }

    fn expects(&self) -> String {
        format!(
            "what {} asks of \"{}\" ({:?}) passes the target, and the answer comes back",
            self.person, self.group, self.what
        )
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
