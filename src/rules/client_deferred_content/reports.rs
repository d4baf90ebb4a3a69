//! The client reports on the messages that were deferred, as they ask for it, and on nothing else (L04).

use super::CONV_058C;
use crate::rules::{Assessment, Judgement, Moment, Rule, RuleEntry};
use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::Level;

pub(super) const REPORTS_DELIVERED: RuleEntry = RuleEntry {
    id: "client_deferred_content.reports_delivered",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L04", "L14"],
    stage3: false,
    what: "Each deferred message that asks for it is reported as delivered, once and under its own imdn.Message-ID.",
    source: "CPM-CONV-058c, RFC 5438 section 7.2.1.1",
};

/// The person's client reports what was delivered.
#[derive(Clone, Debug)]
pub struct ReportsDelivered {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for ReportsDelivered {
    fn entry(&self) -> &'static RuleEntry {
        &REPORTS_DELIVERED
    }

    fn expects(&self) -> String {
        format!("the client of {} reports what was delivered of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const DISPLAYED_AFTER_OPENING: RuleEntry = RuleEntry {
    id: "client_deferred_content.displayed_after_opening",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: false,
    ledger: &["L04", "L14"],
    stage3: false,
    what: "Each deferred message that asks for it is reported as displayed once the user has opened the chat, and not before.",
    source: "CPM-CONV-058c, RFC 5438 section 7.2.1.2",
};

/// The person's client reports as displayed what the user has opened.
#[derive(Clone, Debug)]
pub struct DisplayedAfterOpening {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for DisplayedAfterOpening {
    fn entry(&self) -> &'static RuleEntry {
        &DISPLAYED_AFTER_OPENING
    }

    fn expects(&self) -> String {
        format!("the client of {} reports \"{}\" as displayed when it is opened", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}

pub(super) const NO_REPORT_ON_REPORT: RuleEntry = RuleEntry {
    id: "client_deferred_content.no_report_on_report",
    requirement: CONV_058C,
    level: Level::Shall,
    absence: true,
    ledger: &["L04"],
    stage3: false,
    what: "A disposition notification is not itself reported on.",
    source: "CPM-CONV-058c, RFC 5438 section 5",
};

/// The person's client reports on no notification.
#[derive(Clone, Debug)]
pub struct NoReportOnReport {
    /// Whose client.
    pub person: String,
    /// Which chat.
    pub group: String,
}

impl Rule for NoReportOnReport {
    fn entry(&self) -> &'static RuleEntry {
        &NO_REPORT_ON_REPORT
    }

    fn expects(&self) -> String {
        format!("the client of {} reports on no notification of \"{}\"", self.person, self.group)
    }

    fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
        Judgement::Undecided.into()
    }
}
