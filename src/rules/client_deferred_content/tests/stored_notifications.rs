use pretty_assertions::assert_eq;
use serde_json::json;

use super::super::{AcceptsDelivery, AnswersStoredNotifications};
use super::script::*;
use crate::rules::{Judgement, Rule};
use crate::verdict::{Blame, Level};

fn answers(accepted: bool) -> AnswersStoredNotifications {
    AnswersStoredNotifications { person: "Bob".to_owned(), accepted }
}

fn asserted() -> Offer<'static> {
    Offer { from: STORE, asserted: Some(STORE), at_focus: false, ..Offer::default() }
}

fn unasserted() -> Offer<'static> {
    Offer { asserted: None, status: 403, ..asserted() }
}

#[test]
fn the_session_that_is_asserted_is_taken_and_the_other_refused() {
    let mut script = Script::new();
    let leg = script.offers(&asserted());
    script.sends(&leg, &delivered("o1", CAROL).cpim(), 200);
    script.unseen(&answers(false), Blame::Harness);
    script.offers(&unasserted());
    assert_eq!(script.met(&answers(true)), 2);
    assert_eq!(script.met(&answers(false)), 1);
    assert_eq!(answers(true).entry().level, Level::Policy);
    // It is no delivery of the chat.
    script.unseen(&AcceptsDelivery { person: "Bob".to_owned(), group: BOOKS.to_owned() }, Blame::Harness);
}

#[test]
fn somebody_else_who_is_asserted_does_not_speak_for_the_store() {
    let mut script = Script::new();
    script.offers(&Offer { asserted: Some(ALICE), ..unasserted() });
    script.met(&answers(false));
    script.unseen(&answers(true), Blame::Harness);
}

#[test]
fn an_unasserted_session_that_is_taken_is_frowned_upon() {
    let mut script = Script::new();
    script.offers(&Offer { status: 200, ..unasserted() });
    script.frowned_upon(&answers(false), Some("L27"));
}

#[test]
fn a_refusal_of_another_class_is_a_refusal() {
    let mut script = Script::new();
    script.offers(&Offer { status: 603, ..unasserted() });
    assert_eq!(script.warned(&answers(false)).1[0].interpretation.as_deref(), Some("L27"));
}

#[test]
fn who_claims_it_and_refuses_is_outside_the_ledger_and_who_does_not_is_not_judged() {
    let mut script = Script::new();
    script.offers(&Offer { status: 480, ..asserted() });
    script.outside(&answers(true), "L31");
    let judged = script.judge_with(&answers(true), "client_stored_notifications", json!(false));
    assert!(matches!(judged.judgement, Judgement::Unseen { blame: Blame::Configuration, .. }));
}

#[test]
fn who_claims_it_and_asks_the_user_is_warned() {
    let mut asks = Script::new();
    asks.offers(&Offer { status: 0, rings: true, ..asserted() });
    asks.undecided(&answers(true));
    assert_eq!(asks.warned(&answers(true)).1[0].interpretation.as_deref(), Some("L31"));
    let judged = asks.judge_with(&answers(true), "client_stored_notifications", json!(false));
    assert_eq!(judged.warnings, vec![]);
    let mut nobody = Script::new();
    nobody.offers(&Offer { status: 0, rings: true, ..unasserted() });
    nobody.unseen(&answers(false), Blame::Configuration);
    let mut silent = Script::new();
    silent.subscribes(FOCUS);
    silent.offers(&Offer { status: 0, ..asserted() });
    silent.frowned_upon(&answers(true), None);

    let mut accepted = Script::new();
    let leg = accepted.offers(&Offer { rings: true, status: 0, ..asserted() });
    accepted.acts("accept");
    accepted.takes(&leg, &asserted());
    let (_, warnings) = accepted.warned(&answers(true));
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L31"));
    let judged = accepted.judge_with(&answers(true), "client_stored_notifications", json!(false));
    assert_eq!((judged.judgement, judged.warnings), (Judgement::Met { checks: 1 }, vec![]));
}

#[test]
fn who_does_not_claim_it_and_takes_it_at_once_is_warned() {
    let mut script = Script::new();
    script.offers(&asserted());
    let judged = script.judge_with(&answers(true), "client_stored_notifications", json!(false));
    assert_eq!(judged.judgement, Judgement::Met { checks: 1 });
    assert_eq!(judged.warnings[0].interpretation.as_deref(), Some("L31"));
}

#[test]
fn notifications_that_are_not_acknowledged_are_frowned_upon() {
    let mut script = Script::new();
    let leg = script.offers(&asserted());
    script.sends(&leg, &delivered("o1", CAROL).cpim(), 0);
    script.undecided(&answers(true));
    script.frowned_upon(&answers(true), None);
}
