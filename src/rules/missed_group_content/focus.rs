//! What the user is told of a chat that went on, moved or closed: its newest focus, its kind, the user's removal.

use super::{CONV_058A, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const NEWEST_FOCUS: RuleEntry = RuleEntry {
    id: "missed_group_content.newest_focus",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L11"],
    stage3: false,
    what: "Of a chat that moved the user gets all content, and the identity and list of its newest focus.",
    source: "CPM-CONV-058a, RFC 4579 section 4.2",
};

/// The person gets the content of all foci of the group, and is led to the newest.
#[derive(Clone, Debug)]
pub struct NewestFocus {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for NewestFocus {
    fn entry(&self) -> &'static RuleEntry {
        &NEWEST_FOCUS
    }

    fn expects(&self) -> String {
        format!("{} gets all of \"{}\", and is led to its newest focus", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const KIND_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.kind_kept",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L19"],
    stage3: false,
    what: "A closed group is not shown as an open one, nor a chat of two as a group.",
    source: "CPM-CONV-058a",
};

/// The group stays of its kind in what reaches the person.
#[derive(Clone, Debug)]
pub struct KindKept {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for KindKept {
    fn entry(&self) -> &'static RuleEntry {
        &KIND_KEPT
    }

    fn expects(&self) -> String {
        format!("\"{}\" reaches {} as the chat that it is", self.group, self.person)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const UP_TO_REMOVAL: RuleEntry = RuleEntry {
    id: "missed_group_content.up_to_removal",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L05"],
    stage3: false,
    what: "One who was removed gets everything up to the removal.",
    source: "CPM-CONV-058a",
};

/// The person gets everything of the group up to the removal.
#[derive(Clone, Debug)]
pub struct UpToRemoval {
    /// Who was removed.
    pub person: String,
    /// From which group.
    pub group: String,
}

impl Rule for UpToRemoval {
    fn entry(&self) -> &'static RuleEntry {
        &UP_TO_REMOVAL
    }

    fn expects(&self) -> String {
        format!("{} gets everything of \"{}\" up to the removal", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
