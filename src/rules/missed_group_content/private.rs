//! Messages that are not everybody's or not whole: private ones, those that were given up, states that pass.

use super::{CONV_058, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const NEVER_REACHES: RuleEntry = RuleEntry {
    id: "missed_group_content.never_reaches",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L08"],
    stage3: false,
    what: "A message that is private to another, or that its author gave up, never reaches the user.",
    source: "CPM-CONV-058, RFC 4975 section 7.1",
};

/// This message never reaches a device of the person.
#[derive(Clone, Debug)]
pub struct NeverReaches {
    /// Who.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for NeverReaches {
    fn entry(&self) -> &'static RuleEntry {
        &NEVER_REACHES
    }

    fn expects(&self) -> String {
        format!("\"{}\" of \"{}\" never reaches {}", self.label, self.group, self.person)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const PRIVATE_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.private_kept",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01"],
    stage3: false,
    what: "A private message reaches the one it is for, and still is for that one alone.",
    source: "CPM-CONV-058, RFC 7701 section 6",
};

/// The private message reaches the person, and is still private.
#[derive(Clone, Debug)]
pub struct PrivateKept {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for PrivateKept {
    fn entry(&self) -> &'static RuleEntry {
        &PRIVATE_KEPT
    }

    fn expects(&self) -> String {
        format!(
            "the private message \"{}\" of \"{}\" reaches {} and stays private",
            self.label, self.group, self.person
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

pub(super) const CAME_WHOLE: RuleEntry = RuleEntry {
    id: "missed_group_content.came_whole",
    requirement: CONV_058,
    level: Level::Shall,
    absence: false,
    ledger: &["L01"],
    stage3: false,
    what: "A message comes whole, to the octet, however it was cut into chunks.",
    source: "CPM-CONV-058, RFC 4975 section 5.1",
};

/// The message reaches the person to the octet.
#[derive(Clone, Debug)]
pub struct CameWhole {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for CameWhole {
    fn entry(&self) -> &'static RuleEntry {
        &CAME_WHOLE
    }

    fn expects(&self) -> String {
        format!("\"{}\" of \"{}\" reaches {} whole", self.label, self.group, self.person)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const NOTHING_TRANSIENT: RuleEntry = RuleEntry {
    id: "missed_group_content.nothing_transient",
    requirement: CONV_058,
    level: Level::Shall,
    absence: true,
    ledger: &["L01"],
    stage3: false,
    what: "States that pass, and SENDs without content, are not kept and delivered as items.",
    source: "CPM-CONV-058, RFC 3994, RFC 4975 section 5.4",
};

/// No state that passed while the person was away reaches the person.
#[derive(Clone, Debug)]
pub struct NothingTransient {
    /// Who.
    pub person: String,
    /// Of which group.
    pub group: String,
}

impl Rule for NothingTransient {
    fn entry(&self) -> &'static RuleEntry {
        &NOTHING_TRANSIENT
    }

    fn expects(&self) -> String {
        format!("no state that passed in \"{}\" reaches {} as an item", self.group, self.person)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
