//! What is true of every rule: it is listed once, it names entries that exist, and it passes nobody who showed nothing.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use proptest::sample::Index;

use super::super::*;
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::interpretations::Ledger;
use crate::rules::{Judgement, Moment, Rule, catalogue};
use crate::target::Profile;
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
    let listed = super::super::CATALOGUE.iter().map(|named| named.entry().id).collect::<Vec<_>>();
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
    for entry in super::super::CATALOGUE.iter().map(|named| named.entry()) {
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

/// A bit of everything.
fn eventful() -> Script {
    const BOB: &str = "sip:bob@example.com";
    let by_bob = |about, status| Notice { about, status, from: BOB }.cpim();
    let mut script = Script::new();
    let live = script.goes_on();
    script.says(&live, &text("o1", BOB, "words").cpim());
    let drain = script.offers(&Offer { list: Some(&["alice", "carol"]), ..Offer::default() });
    let asked = script.subscribes(FOCUS);
    script.notifies(asked, &document("full", 1, &[("alice", "connected"), ("carol", "connected")]), 200);
    script.sends(&drain, &text("m1", ALICE, "one").cpim(), 200);
    script.says(&drain, &by_bob("m1", "delivered"));
    script.changes();
    let later = document("partial", 2, &[("carol", "disconnected"), ("dave", "connected")]);
    script.notifies(asked, &later, 200);
    script.sends(&live, &text("m2", ALICE, "two").cpim(), 200);
    script.sends(&drain, &delivered("o1", CAROL).cpim(), 200);
    script.pages(Received, &by_bob("m2", "delivered"));
    script.acts("open");
    script.says(&live, &by_bob("m1", "displayed"));
    script.ends(&drain, Sent, "sip:bob@192.0.2.77:5070");
    let store = script.offers(&Offer { from: STORE, asserted: Some(STORE), at_focus: false, ..Offer::default() });
    script.sends(&store, &delivered("o1", ALICE).cpim(), 200);
    script.acts("restart");
    script.at_focus(NEW_FOCUS);
    let own = script.calls(FACTORY, Some(&["alice", "dave"]), CONTRIBUTION);
    script.subscribes(NEW_FOCUS);
    script.acts("leave");
    script.ends(&own, Received, NEW_FOCUS);
    let messages = [("o1", "delivered"), ("m1", "received"), ("m2", "received")];
    script.shows(&[shown(&messages, &[("alice", "connected"), ("dave", "connected")])]);
    script
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_lost_or_garbled_no_rule_goes_down(lost: Index, garbled: Index, place: Index, octet: u8) {
        let mut script = eventful();
        script.drop_record(lost);
        script.garble(garbled, place, octet);
        let (story, statement) = (script.story(), Profile::reference().statement);
        for rule in all() {
            for moment in [Moment::Open, Moment::Closed] {
                let assessment = rule.judge(&story, &statement, moment);
                let open = moment == Moment::Open;
                prop_assert!(!open || !matches!(assessment.judgement, Judgement::Unseen { .. }), "{}", rule.id());
            }
        }
    }
}

#[test]
fn the_eventful_evening_meets_most_rules() {
    let script = eventful();
    let met = |rule: &dyn Rule| matches!(script.judge(rule, Moment::Closed).judgement, Judgement::Met { .. });
    let unmet = all().into_iter().filter(|rule| !met(&**rule)).map(|rule| rule.id()).collect::<Vec<_>>();
    assert_eq!(
        unmet,
        [
            "client_deferred_content.displayed_after_opening",
            "client_deferred_content.shows_state",
            "client_deferred_content.shown_once",
            "client_deferred_content.shows_history",
            "client_deferred_content.takes_next_delivery",
        ]
    );
}
