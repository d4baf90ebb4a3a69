//! The client takes what is delivered: it accepts the session and acknowledges what comes in it (L07, L29).

use super::CONV_058C;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const ACCEPTS_DELIVERY: RuleEntry = RuleEntry {
    id: "client_deferred_content.accepts_delivery",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L07", "L29"],
    stage3: true,
    what: "A session with missed content is accepted, its media can be reached, and every message in it is acknowledged.",
    source: "CPM-CONV-058c, RFC 4975 sections 5.4 and 7.2",
};

/// The person's client takes the delivery of a chat.
#[derive(Clone, Debug)]
pub struct AcceptsDelivery {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for AcceptsDelivery {
    fn entry(&self) -> &'static RuleEntry {
        &ACCEPTS_DELIVERY
    }

    fn expects(&self) -> String {
        format!("the client of {} takes the delivery of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const KEEPS_CHAT: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_chat",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L14"],
    stage3: false,
    what: "Whatever odd thing came, the session and the subscription live on and later messages are acknowledged.",
    source: "CPM-CONV-058c, RFC 4975 section 7.2",
};

/// The person's client goes on with a chat, whatever came in it.
#[derive(Clone, Debug)]
pub struct KeepsChat {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsChat {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_CHAT
    }

    fn expects(&self) -> String {
        format!("the client of {} goes on with \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const KEEPS_BOTH_LEGS: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_both_legs",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L07"],
    stage3: false,
    what: "A session with missed content and the live session of one chat stand side by side.",
    source: "CPM-CONV-058c",
};

/// The person's client keeps two sessions of one chat.
#[derive(Clone, Debug)]
pub struct KeepsBothLegs {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsBothLegs {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_BOTH_LEGS
    }

    fn expects(&self) -> String {
        format!("the client of {} keeps both sessions of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}
