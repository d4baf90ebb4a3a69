//! The membership between the user's invitation and the end, told in order: [CPM-CONV-058b] (L23).

use super::{CONV_058B, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const INITIAL_LIST: RuleEntry = RuleEntry {
    id: "missed_group_content.initial_list",
    requirement: CONV_058B,
    level: Level::May,
    absence: false,
    ledger: &["L01", "L10", "L23"],
    stage3: false,
    what: "The first list that the user gets is that of the invitation.",
    source: "CPM-CONV-058b, RFC 5366 section 4",
};

/// The person gets the list of the invitation to the group.
#[derive(Clone, Debug)]
pub struct InitialList {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for InitialList {
    fn entry(&self) -> &'static RuleEntry {
        &INITIAL_LIST
    }

    fn expects(&self) -> String {
        format!("{} gets the initial list of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const ROSTER_HISTORY: RuleEntry = RuleEntry {
    id: "missed_group_content.roster_history",
    requirement: CONV_058B,
    level: Level::May,
    absence: false,
    ledger: &["L01", "L23"],
    stage3: false,
    what: "The lists fold to the final one, and at each message give the membership of that moment.",
    source: "CPM-CONV-058b, RFC 4575 sections 4.4 to 4.6",
};

/// The lists that reach the person tell how the membership of the group changed.
#[derive(Clone, Debug)]
pub struct RosterHistory {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for RosterHistory {
    fn entry(&self) -> &'static RuleEntry {
        &ROSTER_HISTORY
    }

    fn expects(&self) -> String {
        format!("{} can follow who was in \"{}\" at each message", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const NOT_TOLD_AGAIN: RuleEntry = RuleEntry {
    id: "missed_group_content.not_told_again",
    requirement: CONV_058B,
    level: Level::May,
    absence: true,
    ledger: &["L01", "L23"],
    stage3: false,
    what: "Changes that the user saw live before the loss are not told again as new.",
    source: "CPM-CONV-058b",
};

/// Changes that the person had seen are not told again.
#[derive(Clone, Debug)]
pub struct NotToldAgain {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for NotToldAgain {
    fn entry(&self) -> &'static RuleEntry {
        &NOT_TOLD_AGAIN
    }

    fn expects(&self) -> String {
        format!("what {} had seen change in \"{}\" is not told as new", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
