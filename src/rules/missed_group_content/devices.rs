//! Several devices of one user, and one device that calls while it is called (L15, L16).

use super::{CONV_058A, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const EACH_DEVICE: RuleEntry = RuleEntry {
    id: "missed_group_content.each_device",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L14", "L15", "L16"],
    stage3: false,
    what: "Each device gets the content once, or the first alone, as declared; never one device twice; both hold the list.",
    source: "CPM-CONV-058a",
};

/// Both devices of the person are served as declared.
#[derive(Clone, Debug)]
pub struct EachDevice {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// The device that returned first.
    pub first: String,
    /// The other.
    pub second: String,
}

impl Rule for EachDevice {
    fn entry(&self) -> &'static RuleEntry {
        &EACH_DEVICE
    }

    fn expects(&self) -> String {
        format!("the {} and the {} of {} get \"{}\" as declared", self.first, self.second, self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const RETURNS_BY_PREFERENCE: RuleEntry = RuleEntry {
    id: "missed_group_content.returns_by_preference",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L16"],
    stage3: false,
    what: "A device that was live saw everything; one that returns gets what it missed, or nothing, as declared.",
    source: "CPM-CONV-058a",
};

/// One device was in the chat while the other was away.
#[derive(Clone, Debug)]
pub struct ReturnsByPreference {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// The device that was in the chat.
    pub live: String,
    /// The one that was away.
    pub returning: String,
}

impl Rule for ReturnsByPreference {
    fn entry(&self) -> &'static RuleEntry {
        &RETURNS_BY_PREFERENCE
    }

    fn expects(&self) -> String {
        format!(
            "the {} of {} saw all of \"{}\", and the {} gets it as declared",
            self.live, self.person, self.group, self.returning
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

pub(super) const REPORTS_COLLAPSED: RuleEntry = RuleEntry {
    id: "missed_group_content.reports_collapsed",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L15"],
    stage3: false,
    what: "The author gets one delivered report, or one for each device, and no more.",
    source: "CPM-CONV-058a, RFC 5438 section 8.3",
};

/// The author of a message gets as many delivered reports as are allowed.
#[derive(Clone, Debug)]
pub struct ReportsCollapsed {
    /// Who wrote it.
    pub author: String,
    /// Whose devices report.
    pub person: String,
    /// In which group.
    pub group: String,
    /// How the feature calls it.
    pub label: String,
}

impl Rule for ReportsCollapsed {
    fn entry(&self) -> &'static RuleEntry {
        &REPORTS_COLLAPSED
    }

    fn expects(&self) -> String {
        format!(
            "{} gets a delivered report of {} on \"{}\" of \"{}\", at most one for each device",
            self.author, self.person, self.label, self.group
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

pub(super) const ONE_STREAM: RuleEntry = RuleEntry {
    id: "missed_group_content.one_stream",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L06", "L07", "L14"],
    stage3: false,
    what: "A rejoin that crosses the delivery ends in one stream: complete, and no item twice.",
    source: "CPM-CONV-058a",
};

/// The device gets the group complete and once.
#[derive(Clone, Debug)]
pub struct OneStream {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// Which device.
    pub device: String,
}

impl Rule for OneStream {
    fn entry(&self) -> &'static RuleEntry {
        &ONE_STREAM
    }

    fn expects(&self) -> String {
        format!("the {} of {} gets every message of \"{}\" once", self.device, self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
