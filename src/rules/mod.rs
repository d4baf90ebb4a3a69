//! The one judge: rules are pure functions of a story. No input, no clock, no step of a feature.
//!
//! Requirement rules stand in a folder of the function's word. A live run, and evidence that is read back, are judged
//! by the same functions, so that their verdicts agree.

pub mod base;
pub mod charging;
pub mod client_deferred_content;
pub mod conversation_history;
pub mod deferred_messages;
pub mod disposition_reports;
mod findings;
pub mod interworking;
pub mod lawful_interception;
pub mod media_negotiation;
pub mod messages;
pub mod missed_group_content;
pub mod multi_device;
mod named;
pub mod policies_and_preferences;
pub mod presence;
pub mod session_continuity;
pub mod sessions;

use std::fmt::Debug;
use std::sync::LazyLock;

use crate::story::Story;
use crate::target::statement::Statement;
use crate::verdict::{Blame, Finding, Level};
use named::Named;
pub use named::{Unknown, named, types};

/// What a rule says of the story so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Judgement {
    /// More has to be seen.
    Undecided,
    /// What was asked was seen.
    Met {
        /// How many positive checks were made on the wire. Never 0.
        checks: usize,
    },
    /// What was asked was not kept; the finding says whether that fails the requirement.
    Broken(Finding),
    /// What would have shown it did not happen.
    Unseen {
        /// What was lacking.
        why: String,
        /// Who is to be asked.
        blame: Blame,
    },
}

/// Whether more may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The deadline has not passed.
    Open,
    /// The deadline has passed, or the scenario is over: nothing more will come.
    Closed,
}

/// A judgement, with what is worth telling besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The judgement.
    pub judgement: Judgement,
    /// Legal, but not as declared, or not as customary.
    pub warnings: Vec<Finding>,
}

impl From<Judgement> for Assessment {
    fn from(judgement: Judgement) -> Assessment {
        Assessment { judgement, warnings: Vec::new() }
    }
}

/// So many checks held, or why it does not come to that.
impl From<Result<usize, Judgement>> for Assessment {
    fn from(checked: Result<usize, Judgement>) -> Assessment {
        checked.map_or_else(|judgement| judgement, |checks| Judgement::Met { checks }).into()
    }
}

/// What a rule is, for `list rules` and for the reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleEntry {
    /// Its name, `missed_group_content.complete`.
    pub id: &'static str,
    /// The requirement that it serves; none for a base rule.
    pub requirement: Option<&'static str>,
    /// How binding it is.
    pub level: Level,
    /// Whether it asserts that something did not happen, and so needs a contrast in its scenario.
    pub absence: bool,
    /// The ledger entries that it heeds.
    pub ledger: &'static [&'static str],
    /// Whether a detail known from stage 3 alone has a part in it; it then warns or ends inconclusive, and never fails.
    pub stage3: bool,
    /// What it asks, in one sentence.
    pub what: &'static str,
    /// Where that is written.
    pub source: &'static str,
}

impl RuleEntry {
    /// What a breach comes to: `error`, `warning`, or `info`. What may be declined is an error where it is claimed.
    pub fn severity(&self) -> &'static str {
        let own = base::catalogue().into_iter().find(|rule| rule.id == self.id);
        match self.level {
            _ if own.is_some() => own.map_or("", |rule| rule.severity.as_str()),
            Level::Shall | Level::May => "error",
            Level::Policy => "warning",
            Level::Context => "info",
        }
    }
}

/// A rule about certain persons, groups and messages of a scenario.
pub trait Rule: Debug + Send + Sync {
    /// What the rule is.
    fn entry(&self) -> &'static RuleEntry;

    /// One sentence of what this instance waits for, in the words of the scenario.
    fn expects(&self) -> String;

    /// What this rule itself says of the story. Asked through [`Rule::judge`].
    fn decide(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment;

    /// Judges the story so far.
    fn judge(&self, story: &Story, statement: &Statement, moment: Moment) -> Assessment {
        if let Some(elsewhere) = stored_elsewhere(self.entry(), statement) {
            return elsewhere.into();
        }
        if !story.target_spoke() {
            return silent(moment).into();
        }
        let mut assessment = self.decide(story, statement, moment);
        assessment.judgement = match (assessment.judgement, moment) {
            (Judgement::Unseen { .. }, Moment::Open) => Judgement::Undecided,
            (Judgement::Met { .. }, _) if story.overflowed() => Judgement::Unseen {
                why: "the target sent more than is kept of a scenario, so that not all of it was judged".to_owned(),
                blame: Blame::Target,
            },
            (Judgement::Met { checks: 0 }, _) => {
                Judgement::Unseen { why: "nothing was checked on the wire".to_owned(), blame: Blame::Harness }
            }
            (judgement, _) => judgement,
        };
        assessment
    }

    /// What it comes to when it is no longer awaited. Where the tester's own timers were `lagged`, neither a deadline
    /// that passed nor an absence proves anything.
    fn conclude(&self, story: &Story, statement: &Statement, moment: Moment, lagged: bool) -> Assessment {
        let mut assessment = self.judge(story, statement, moment);
        let proves_nothing = match assessment.judgement {
            Judgement::Broken(_) => lagged,
            Judgement::Met { .. } => lagged && self.absence(),
            Judgement::Undecided | Judgement::Unseen { .. } => false,
        };
        if proves_nothing {
            let why = "the tester's own timers were late, so that a deadline proves nothing".to_owned();
            assessment.judgement = Judgement::Unseen { why, blame: Blame::Harness };
        }
        assessment
    }

    /// The rule's name.
    fn id(&self) -> &'static str {
        self.entry().id
    }

    /// The requirement that it serves; empty for a base rule.
    fn requirement(&self) -> &'static str {
        self.entry().requirement.unwrap_or_default()
    }

    /// Whether it asserts an absence.
    fn absence(&self) -> bool {
        self.entry().absence
    }
}

/// Where the statement says that the controlling function stores, the participating function alone shows nothing (L01).
fn stored_elsewhere(entry: &RuleEntry, statement: &Statement) -> Option<Judgement> {
    let concerned = entry.ledger.contains(&"L01") && statement.has("storage_locus", "controlling_function");
    concerned.then(|| Judgement::Unseen {
        why: "not observable: the statement says that the controlling function stores (L01)".to_owned(),
        blame: Blame::Configuration,
    })
}

/// A target of which nothing at all was heard is not judged.
fn silent(moment: Moment) -> Judgement {
    match moment {
        Moment::Open => Judgement::Undecided,
        Moment::Closed => Judgement::Unseen {
            why: "the target is silent: not one octet of it was received".to_owned(),
            blame: Blame::Unknown,
        },
    }
}

impl From<&base::BaseRule> for RuleEntry {
    fn from(rule: &base::BaseRule) -> RuleEntry {
        let level = match rule.severity {
            base::Severity::Must => Level::Shall,
            base::Severity::Habit | base::Severity::Note => Level::Context,
        };
        let base::BaseRule { id, what, source, .. } = *rule;
        RuleEntry { id, requirement: None, level, absence: false, ledger: &[], stage3: false, what, source }
    }
}

/// Every rule that there is: those of the requirements, and the base rules.
pub fn catalogue() -> &'static [RuleEntry] {
    static CATALOGUE: LazyLock<Vec<RuleEntry>> = LazyLock::new(|| {
        let base = base::catalogue().into_iter().map(RuleEntry::from);
        named::all().map(Named::entry).chain(base).collect()
    });
    &CATALOGUE
}

/// That each rule of a function stands in its table once, and that something has been swept with it.
#[cfg(test)]
fn swept_are_all(table: &[Named], swept: &[Box<dyn Rule>]) {
    let mut listed: Vec<&str> = table.iter().map(|named| named.entry().id).collect();
    let mut swept: Vec<&str> = swept.iter().map(|rule| rule.id()).collect();
    listed.sort_unstable();
    swept.sort_unstable();
    swept.dedup();
    pretty_assertions::assert_eq!(listed, swept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Direction, Octets, Protocol, Record, Transport, What};
    use crate::target::Profile;
    use cpm_wire::time::Time;
    use pretty_assertions::assert_eq;

    const PRESENCE: RuleEntry = RuleEntry {
        id: "test.presence",
        requirement: None,
        level: Level::Shall,
        absence: false,
        ledger: &[],
        stage3: false,
        what: "",
        source: "",
    };
    const ABSENCE: RuleEntry = RuleEntry { absence: true, ..PRESENCE };

    /// A rule that always says this.
    #[derive(Debug)]
    struct Says(&'static RuleEntry, Judgement);

    impl Rule for Says {
        fn entry(&self) -> &'static RuleEntry {
            self.0
        }
        fn expects(&self) -> String {
            String::new()
        }
        fn decide(&self, _: &Story, _: &Statement, _: Moment) -> Assessment {
            self.1.clone().into()
        }
    }

    /// A story in which the target has spoken.
    fn story() -> Story {
        let end = ([127, 0, 0, 1], 5060).into();
        let octets = Octets {
            actor: "serving_cscf".into(),
            step: 0,
            protocol: Protocol::Sip,
            transport: Transport::Udp,
            direction: Direction::Received,
            local: end,
            remote: end,
            connection: None,
            octets: "x".into(),
            malformed: None,
        };
        let mut story = Story::new();
        story.observe(1, &Record { at: Time::ZERO, what: What::Octets(octets) });
        story
    }

    #[test]
    fn where_the_tester_was_late_neither_a_deadline_nor_an_absence_proves_anything() {
        let profile = Profile::reference();
        let broken = Judgement::Broken(findings::fail(&PRESENCE, "this".to_owned(), "that".to_owned(), 1u64));
        let met = Judgement::Met { checks: 1 };
        let why = "the tester's own timers were late, so that a deadline proves nothing".to_owned();
        let late = Judgement::Unseen { why, blame: Blame::Harness };
        for (entry, says, lagged, comes_to) in [
            (&PRESENCE, &broken, false, &broken),
            (&PRESENCE, &broken, true, &late),
            (&PRESENCE, &met, true, &met),
            (&ABSENCE, &met, false, &met),
            (&ABSENCE, &met, true, &late),
        ] {
            let rule = Says(entry, says.clone());
            let concluded = rule.conclude(&story(), profile.statement(), Moment::Closed, lagged);
            assert_eq!(&concluded.judgement, comes_to, "{} lagged: {lagged}", entry.id);
        }
    }
}
