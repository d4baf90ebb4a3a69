//! Who is named stays named, and who hides stays hidden (L27).

use super::{CONV_058A, harness};
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const IDENTITY_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.identity_kept",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: false,
    ledger: &["L01", "L27"],
    stage3: false,
    what: "An author who does not hide is named in what is delivered.",
    source: "CPM-CONV-058a, RFC 3862 section 2.1",
};

/// The messages of this member reach the person under the name of the member.
#[derive(Clone, Debug)]
pub struct IdentityKept {
    /// Whose.
    pub person: String,
    /// Of which group.
    pub group: String,
    /// Who wrote them.
    pub identity_name: String,
}

impl Rule for IdentityKept {
    fn entry(&self) -> &'static RuleEntry {
        &IDENTITY_KEPT
    }

    fn expects(&self) -> String {
        format!("the messages of {} in \"{}\" reach {} under that name", self.identity_name, self.group, self.person)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}

pub(super) const ANONYMITY_KEPT: RuleEntry = RuleEntry {
    id: "missed_group_content.anonymity_kept",
    requirement: CONV_058A,
    level: Level::Shall,
    absence: true,
    ledger: &["L01", "L27"],
    stage3: false,
    what: "The identity of a member who hides stands in no header, list or message that reaches a device.",
    source: "CPM-CONV-058a, RFC 3323 section 4",
};

/// The hidden identity reaches no device of the person.
#[derive(Clone, Debug)]
pub struct AnonymityKept {
    /// Who is not to learn it.
    pub person: String,
    /// In which group.
    pub group: String,
}

impl Rule for AnonymityKept {
    fn entry(&self) -> &'static RuleEntry {
        &ANONYMITY_KEPT
    }

    fn expects(&self) -> String {
        format!("nothing of \"{}\" tells {} who the hidden member is", self.group, self.person)
    }

    fn decide(&self, _: &Story, _: &Statement, moment: Moment) -> Assessment {
        match moment {
            Moment::Open => Judgement::Undecided,
            Moment::Closed => harness("this is not judged yet".to_owned()),
        }
        .into()
    }
}
