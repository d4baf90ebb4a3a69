//! The client starts a chat again with the final list, and follows the focus that answers (L11).

use super::CONV_058C;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const RESTARTS_WITH_FINAL_LIST: RuleEntry = RuleEntry {
    id: "client_deferred_content.restarts_with_final_list",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "A restart invites the others of the final list, and nobody else, in the same contribution.",
    source: "CPM-CONV-058c, RFC 5366 section 4",
};

/// The person's client starts a chat again with its final list.
#[derive(Clone, Debug)]
pub struct RestartsWithFinalList {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for RestartsWithFinalList {
    fn entry(&self) -> &'static RuleEntry {
        &RESTARTS_WITH_FINAL_LIST
    }

    fn expects(&self) -> String {
        format!("the client of {} starts \"{}\" again with the final list", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const FOLLOWS_FOCUS: RuleEntry = RuleEntry {
    id: "client_deferred_content.follows_focus",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "After a restart the client asks for the roster, and leaves, at the focus that answered.",
    source: "CPM-CONV-058c, RFC 3261 section 12.2.1.1, RFC 4579 section 5.2",
};

/// The person's client follows a chat to its new focus.
#[derive(Clone, Debug)]
pub struct FollowsFocus {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for FollowsFocus {
    fn entry(&self) -> &'static RuleEntry {
        &FOLLOWS_FOCUS
    }

    fn expects(&self) -> String {
        format!("the client of {} follows \"{}\" to its newest focus", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}
