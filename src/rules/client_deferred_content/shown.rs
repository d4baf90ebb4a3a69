//! What the client shows its user, as an observer tells it: messages, states and chats.

use super::CONV_058C;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const SHOWS_STATE: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_state",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L04"],
    stage3: false,
    what: "A report changes the state of the message that it is about, and of no other.",
    source: "CPM-CONV-058c",
};

/// The person's client shows this state of a message of the user's own.
#[derive(Clone, Debug)]
pub struct ShowsState {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
    /// The message, by its label.
    pub label: String,
    /// `delivered`, `displayed`, `failed`.
    pub state: String,
}

impl Rule for ShowsState {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_STATE
    }

    fn expects(&self) -> String {
        format!("the client of {} shows {} of \"{}\" as {}", self.person, self.label, self.group, self.state)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const SHOWN_ONCE: RuleEntry = RuleEntry {
    id: "client_deferred_content.shown_once",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L14"],
    stage3: false,
    what: "A message is shown once, however often it comes under one imdn.Message-ID.",
    source: "CPM-CONV-058c",
};

/// The person's client shows a message once.
#[derive(Clone, Debug)]
pub struct ShownOnce {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
    /// The message, by its label.
    pub label: String,
}

impl Rule for ShownOnce {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWN_ONCE
    }

    fn expects(&self) -> String {
        format!("the client of {} shows {} of \"{}\" once", self.person, self.label, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const KEEPS_HISTORY: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_history",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L11"],
    stage3: false,
    what: "Whatever was delivered is still shown later.",
    source: "CPM-CONV-058c",
};

/// The person's client still shows what was delivered.
#[derive(Clone, Debug)]
pub struct KeepsHistory {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsHistory {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_HISTORY
    }

    fn expects(&self) -> String {
        format!("the client of {} still shows what was delivered of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const SHOWS_ONE_CHAT: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_one_chat",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L07"],
    stage3: false,
    what: "The sessions of one chat are shown as one chat.",
    source: "CPM-CONV-058c",
};

/// The person's client shows one chat.
#[derive(Clone, Debug)]
pub struct ShowsOneChat {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ShowsOneChat {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_ONE_CHAT
    }

    fn expects(&self) -> String {
        format!("the client of {} shows \"{}\" as one chat", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}
