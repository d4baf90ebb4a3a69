//! Intermediate lists: shown where they belong by who claims them, borne by who does not (L23).

use super::CONV_058D;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const SHOWS_HISTORY: RuleEntry = RuleEntry {
    id: "client_deferred_content.shows_history",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "Who came and who went is shown at its place among the messages, and the members are those of the final list.",
    source: "CPM-CONV-058d, CPM-CONV-058b",
};

/// The person's client shows the history of the members.
#[derive(Clone, Debug)]
pub struct ShowsHistory {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ShowsHistory {
    fn entry(&self) -> &'static RuleEntry {
        &SHOWS_HISTORY
    }

    fn expects(&self) -> String {
        format!("the client of {} shows who came to \"{}\" and who went, where it happened", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const TOLERATES_INTERMEDIATE: RuleEntry = RuleEntry {
    id: "client_deferred_content.tolerates_intermediate",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "Intermediate lists are answered, used or not, and the session lives.",
    source: "CPM-CONV-058d, RFC 6665 section 4.1.3, RFC 4975 section 10.5",
};

/// The person's client bears intermediate lists.
#[derive(Clone, Debug)]
pub struct ToleratesIntermediate {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ToleratesIntermediate {
    fn entry(&self) -> &'static RuleEntry {
        &TOLERATES_INTERMEDIATE
    }

    fn expects(&self) -> String {
        format!("the client of {} bears the intermediate lists of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const KEEPS_WHAT_IT_KNEW: RuleEntry = RuleEntry {
    id: "client_deferred_content.keeps_what_it_knew",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "A delivery without a final list takes nothing away from what the client knew.",
    source: "CPM-CONV-058d",
};

/// The person's client keeps what it knew of a chat.
#[derive(Clone, Debug)]
pub struct KeepsWhatItKnew {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for KeepsWhatItKnew {
    fn entry(&self) -> &'static RuleEntry {
        &KEEPS_WHAT_IT_KNEW
    }

    fn expects(&self) -> String {
        format!("the client of {} keeps what it knew of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const TAKES_NEXT_DELIVERY: RuleEntry = RuleEntry {
    id: "client_deferred_content.takes_next_delivery",
    requirement: CONV_058D,
    level: Level::May,
    absence: false,
    ledger: &["L23"],
    stage3: false,
    what: "After a delivery without a final list the next delivery is taken.",
    source: "CPM-CONV-058d",
};

/// The person's client takes the delivery after one without a final list.
#[derive(Clone, Debug)]
pub struct TakesNextDelivery {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for TakesNextDelivery {
    fn entry(&self) -> &'static RuleEntry {
        &TAKES_NEXT_DELIVERY
    }

    fn expects(&self) -> String {
        format!("the client of {} takes the next delivery of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}
