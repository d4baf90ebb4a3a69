//! What is true of every rule: it is listed once, it names entries that exist, and it passes nobody who showed nothing.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;

use super::super::*;
use super::script::*;
use crate::interpretations::Ledger;
use crate::rules::{Judgement, Moment, Rule, catalogue};
use crate::verdict::Level;

/// One instance of every rule.
pub fn all() -> Vec<Box<dyn Rule>> {
    let mut rules: Vec<Box<dyn Rule>> = Vec::new();
    macro_rules! add {
        ($($rule:ident { $($field:ident: $value:expr),* }),* $(,)?) => {
            $(rules.push(Box::new($rule { person: "Bob".to_owned(), group: BOOKS.to_owned(), $($field: $value),* }));)*
        };
    }
    add!(
        AcceptsDelivery {},
        KeepsChat {},
        KeepsBothLegs {},
        ReportsDelivered {},
        DisplayedAfterOpening {},
        NoReportOnReport {},
        RestartsWithFinalList {},
        FollowsFocus {},
        ShowsState { label: "m0".to_owned(), state: "delivered".to_owned() },
        ShownOnce { label: "m1".to_owned() },
        KeepsHistory {},
        ShowsOneChat {},
        ShowsRoster {},
        ShowsHistory {},
        ToleratesIntermediate {},
        KeepsWhatItKnew {},
        TakesNextDelivery {},
    );
    rules.push(Box::new(AnswersStoredNotifications { person: "Bob".to_owned(), accepted: true }));
    rules
}

#[test]
fn every_rule_is_in_the_catalogue_once_and_swept_here() {
    let listed = super::super::CATALOGUE.iter().map(|entry| entry.id).collect::<Vec<_>>();
    let unique = listed.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(listed.len(), unique.len());
    assert_eq!(unique, all().iter().map(|rule| rule.id()).collect());
    assert!(unique.iter().all(|id| id.starts_with("client_deferred_content.")));
    let all = catalogue().iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert!(unique.iter().all(|id| all.contains(id)));
}

#[test]
fn every_rule_cites_what_it_rests_on() {
    let ledger = Ledger::embedded();
    for entry in super::super::CATALOGUE {
        assert!(entry.ledger.iter().all(|id| ledger.entry(id).is_some()), "{}", entry.id);
        assert!(!entry.stage3 || !entry.ledger.is_empty(), "{}", entry.id);
        assert!(entry.requirement.is_some_and(|id| entry.source.contains(id)), "{}", entry.id);
        let level = match entry.requirement {
            Some("CPM-CONV-058d") => Level::May,
            _ if entry.id.ends_with("answers_stored_notifications") => Level::Policy,
            _ => Level::Shall,
        };
        assert_eq!(entry.level, level, "{}", entry.id);
    }
}

#[test]
fn a_client_that_merely_is_there_meets_no_rule() {
    let mut script = Script::new();
    script.subscribes(FOCUS);
    for rule in all() {
        script.undecided(&*rule);
        let judged = script.judge(&*rule, Moment::Closed).judgement;
        assert!(matches!(judged, Judgement::Unseen { .. }), "{}: {judged:?}", rule.id());
    }
}
