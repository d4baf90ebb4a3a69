//! The members that the client shows, against those of the focus (L11).

use super::CONV_058C;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const SHOWS_ROSTER: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_roster",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "The members that are shown are those of the last good list.",
    source: "CPM-CONV-058c, RFC 4575 section 4.6",
};

/// The person's client shows the members of a chat as the focus holds them.
#[derive(Clone, Debug)]
pub struct ShowsRoster {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ShowsRoster {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_ROSTER
    }

    fn expects(&self) -> String {
        format!("the client of {} shows the members of \"{}\" as they are", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}
