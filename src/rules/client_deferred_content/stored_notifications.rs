//! Sessions with stored notifications, opened in the name of the store (L27, L31).

use super::CONV_058C;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const ANSWERS_STORED_NOTIFICATIONS: RuleEntry = RuleEntry {
    id: "client_deferred_content.answers_stored_notifications",
    requirement: CONV_058C,
    level: Level::Policy,
    absence: false,
    ledger: &["L27", "L31"],
    stage3: true,
    what: "A session with stored notifications is taken without the user when the name of the store is asserted, else refused.",
    source: "CPM-CONV-058c",
};

/// The person's client takes, or refuses, a session with stored notifications.
#[derive(Clone, Debug)]
pub struct AnswersStoredNotifications {
    /// Whose client.
    pub person: String,
    /// Whether it is to be taken: the one that is asserted is, the other is not.
    pub accepted: bool,
}

impl Rule for AnswersStoredNotifications {
    fn entry(&self) -> &'static RuleEntry {
        &ANSWERS_STORED_NOTIFICATIONS
    }

    fn expects(&self) -> String {
        format!(
            "the client of {} {} the session with stored notifications",
            self.person,
            if self.accepted { "takes" } else { "refuses" }
        )
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}
