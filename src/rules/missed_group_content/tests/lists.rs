use pretty_assertions::assert_eq;

use super::super::{Carrier, FinalList};
use super::script::*;
use crate::evidence::MemberStatus::{Connected, Departed, Invited};
use crate::evidence::{Direction, Event};
use crate::rules::{Judgement, Moment, Rule};
use crate::verdict::{Blame, Finding, FindingVerdict};

fn rule() -> FinalList {
    FinalList { person: "Bob".to_owned(), group: BOOKS.to_owned(), carrier: Carrier::Declared }
}

/// Bob is away while Carol leaves and Dave joins; then one message is drained.
fn returned() -> Script {
    let mut script = Script::new();
    script.roster(BOOKS, &[("alice", Connected), ("carol", Connected), ("bob", Connected)]);
    let focus = script.invites(BOOKS, "Bob", 200);
    let message = text("m1", "sip:alice@example.com", "one");
    script.sends(&focus, &message.cpim(), 200);
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("dave", Connected), ("bob", Connected)]);
    script.registers("Bob", "phone");
    let drain = script.drains_with(BOOKS, "Bob", "phone", "sendrecv", 200, Some(INVITED));
    script.gets(&drain, &message.cpim(), 200);
    script
}

const INVITED: &[&str] = &["alice", "carol", "bob"];

/// The phone subscribes and gets these documents.
fn told(documents: &[(&str, &[(&str, &str)])]) -> Script {
    let mut script = returned();
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    for (version, (state, users)) in documents.iter().enumerate() {
        script.notifies(&call_id, &document(state, version as u32 + 1, users));
    }
    script
}

const ALL: &[(&str, &str)] =
    &[("alice", "connected"), ("dave", "connected"), ("bob", "connected"), ("carol", "disconnected")];
const NOW: &[(&str, &str)] = &[("alice", "connected"), ("dave", "connected")];

#[test]
fn a_full_document_is_the_final_list() {
    let script = told(&[("full", ALL)]);
    assert_eq!(script.judge(&rule(), Moment::Open).judgement, Judgement::Met { checks: 3 });
    assert_eq!(script.met(&rule()), (3, vec![]));
}

#[test]
fn an_accepted_form_that_is_not_the_declared_one_is_told() {
    let (_, warnings) = told(&[("full", NOW)]).met(&rule());
    let observed = warnings.iter().map(|warning| warning.observed.as_str()).collect::<Vec<_>>();
    assert_eq!(observed, ["final_list_self: self_out", "final_list_departed: departed_left_out"]);
    assert!(warnings.iter().all(|warning| warning.verdict == FindingVerdict::Warning));
}

/// The warnings but those on the declared form of the list.
fn others(warnings: Vec<Finding>) -> Vec<Finding> {
    warnings.into_iter().filter(|warning| !warning.observed.starts_with("final_list_")).collect()
}

#[test]
fn partial_documents_fold_to_it() {
    let first = &[("alice", "connected"), ("carol", "connected"), ("bob", "disconnected")][..];
    let script =
        told(&[("full", first), ("partial", &[("carol", "disconnected")]), ("partial", &[("dave", "connected")])]);
    script.met(&rule());
    let script = told(&[("full", first), ("partial", &[("carol", "deleted"), ("dave", "on-hold")])]);
    script.met(&rule());
}

#[test]
fn the_user_and_those_who_left_are_free() {
    for bob in ["connected", "disconnected", "dialing-out", "dialing-in", "pending", ""] {
        told(&[("full", &[("alice", "connected"), ("dave", "connected"), ("bob", bob)])]).met(&rule());
    }
    told(&[("full", &[("alice", "connected"), ("dave", "connected"), ("carol", "disconnected")])]).met(&rule());
}

#[test]
fn any_other_difference_fails() {
    let fails = |users: &[(&str, &str)], word: &str| {
        let finding = told(&[("full", users)]).failed(&rule());
        assert!(finding.observed.contains(word), "{finding:#?}");
    };
    fails(&[("alice", "connected")], "Dave is missing");
    fails(&[("alice", "connected"), ("dave", "disconnected")], "Dave is disconnected");
    fails(&[("alice", "connected"), ("dave", "pending")], "Dave is being invited");
    fails(&[("alice", "connected"), ("dave", "connected"), ("carol", "connected")], "Carol is connected");
    fails(&[("alice", "connected"), ("dave", "connected"), ("mallory", "connected")], "mallory");
    fails(&[("alice", "connected"), ("carol", "connected"), ("bob", "connected")], "Carol");
}

#[test]
fn an_invited_member_is_shown_as_invited() {
    let mut script = returned();
    script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("dave", Invited)]);
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&call_id, &document("full", 1, &[("alice", "connected"), ("dave", "dialing-out")]));
    script.met(&rule());
    script.notifies(&call_id, &document("full", 2, &[("alice", "connected"), ("dave", "disconnected")]));
    script.failed(&rule());
}

#[test]
fn one_who_is_stood_in_for_may_look_anyhow_but_is_listed() {
    let mut script = returned();
    script.roster(BOOKS, &[("alice", Connected), ("dave", Connected), ("eve", Connected)]);
    script.registers("Bob", "phone");
    let focus = script.invites(BOOKS, "Bob", 200);
    let message = text("m2", "sip:alice@example.com", "two");
    script.sends(&focus, &message.cpim(), 200);
    let drain = script.drains(BOOKS, "Bob", "phone", "sendrecv", 200);
    script.gets(&drain, &message.cpim(), 200);
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    let with_eve = [("alice", "connected"), ("dave", "connected"), ("eve", "disconnected")];
    script.notifies(&call_id, &document("full", 1, &with_eve));
    script.met(&rule());
    script.notifies(&call_id, &document("full", 2, NOW));
    assert!(script.failed(&rule()).observed.contains("Eve is missing"));
}

#[test]
fn a_partial_document_without_a_full_one_is_no_list() {
    let script = told(&[("partial", NOW)]);
    script.undecided(&rule());
    assert!(script.failed(&rule()).observed.contains("partial state before full state"));
}

#[test]
fn a_gap_in_the_versions_is_told() {
    let mut script = returned();
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&call_id, &document("full", 1, &[("alice", "connected"), ("carol", "connected")]));
    script.notifies(&call_id, &document("partial", 3, &[("dave", "connected"), ("carol", "deleted")]));
    assert!(script.failed(&rule()).observed.contains("version 3 after 1"));
}

#[test]
fn partial_lists_without_a_mark_are_understood_with_a_warning() {
    let mut script = returned();
    let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&call_id, &document("full", 1, &[("alice", "connected"), ("carol", "connected")]));
    let unmarked = document("partial", 2, &[("dave", "connected"), ("carol", "deleted")]);
    script.notifies(&call_id, &unmarked.replace("<users state=\"partial\">", "<users>"));
    assert_eq!(others(script.met(&rule()).1).len(), 1);
}

#[test]
fn the_list_of_a_moment_before_the_delivery_is_not_final() {
    let mut script = told(&[("full", NOW)]);
    script.met(&rule());
    // A later change need not have come yet, and may have.
    script.roster(BOOKS, &[("alice", Connected), ("dave", Departed)]);
    script.met(&rule());
    // The list of the invitation is never the final one.
    told(&[("full", &[("alice", "connected"), ("carol", "connected"), ("bob", "connected")])]).failed(&rule());
}

#[test]
fn nothing_told_or_refused() {
    let mut refused = returned();
    refused.subscribes(BOOKS, "Bob", "phone", 489);
    assert!(refused.failed(&rule()).observed.contains("489"));
    let mut unanswered = returned();
    unanswered.subscribes(BOOKS, "Bob", "phone", 0);
    unanswered.failed(&rule());
    told(&[]).failed(&rule());
    let mut garbage = returned();
    let call_id = garbage.subscribes(BOOKS, "Bob", "phone", 200);
    garbage.notifies(&call_id, "<conference-info");
    assert!(garbage.failed(&rule()).observed.contains("cannot be read"));
}

#[test]
fn without_a_delivery_no_list_came_and_without_a_question_none_was_asked_for() {
    let mut away = Script::new();
    let focus = away.invites(BOOKS, "Bob", 200);
    away.sends(&focus, &text("m1", "sip:alice@example.com", "one").cpim(), 200);
    away.registers("Bob", "phone");
    away.undecided(&rule());
    assert!(away.failed(&rule()).observed.contains("no delivery"));
    returned().unseen(&rule(), Blame::Harness);
    Script::new().unseen(&rule(), Blame::Unknown);
}

#[test]
fn a_list_in_the_invitation_counts_where_it_is_declared_final() {
    let with = |list: &[&str]| {
        let mut script = Script::new();
        script.roster(BOOKS, &[("alice", Connected), ("carol", Connected)]);
        let focus = script.invites(BOOKS, "Bob", 200);
        script.sends(&focus, &text("m1", "sip:alice@example.com", "one").cpim(), 200);
        script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("dave", Connected)]);
        script.registers("Bob", "phone");
        script.drains_with(BOOKS, "Bob", "phone", "sendrecv", 200, Some(list));
        script
    };
    let by_invitation = FinalList { carrier: Carrier::DrainInvitation, ..rule() };
    let (_, warnings) = with(&["alice", "dave", "bob"]).met(&by_invitation);
    assert_eq!(others(warnings), vec![]);
    let (_, warnings) = with(&["alice", "dave", "carol"]).met(&by_invitation);
    assert_eq!(others(warnings).len(), 1);
    with(&["alice", "carol", "bob"]).failed(&by_invitation);
    with(&["alice", "dave", "mallory"]).failed(&by_invitation);

    let declared = stating("drain_invite_list", "final".into());
    let assessment = with(&["alice", "dave"]).judge_with(&rule(), &declared);
    assert!(matches!(assessment.judgement, Judgement::Met { .. }), "{assessment:#?}");
    // Not declared final, it is the initial list, and no other carrier was asked.
    with(&["alice", "dave"]).unseen(&rule(), Blame::Harness);
}

#[test]
fn a_list_in_the_session_is_a_carrier_too() {
    let mut script = returned();
    let drain = script.drains_with(BOOKS, "Bob", "phone", "sendrecv", 200, Some(INVITED));
    let document = document("full", 1, NOW);
    script.send(&drain, Direction::Received, "application/conference-info+xml", document.as_bytes(), 200);
    script.met(&FinalList { carrier: Carrier::Session, ..rule() });
    let warnings = others(script.met(&rule()).1);
    assert_eq!((warnings.len(), warnings[0].verdict), (1, FindingVerdict::Warning));
}

#[test]
fn another_carrier_than_the_one_that_is_asked_for_is_a_warning() {
    let mut script = told(&[("full", ALL)]);
    let by_notifications = FinalList { carrier: Carrier::Notifications, ..rule() };
    script.met(&by_notifications);
    let by_session = FinalList { carrier: Carrier::Session, ..rule() };
    script.undecided(&by_session);
    let (_, warnings) = script.met(&by_session);
    assert_eq!((warnings.len(), warnings[0].interpretation.as_deref()), (1, Some("L11")));
    let again = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.notifies(&again, &document("full", 1, &[("alice", "connected")]));
    script.failed(&by_notifications);
    script.failed(&by_session);
}

#[test]
fn a_list_about_another_conference_is_none_of_this_chat() {
    let about = |entity: &str| {
        let mut script = returned();
        let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
        script.notifies(&call_id, &document("full", 1, ALL).replace("sip:conf-books@focus.example.com", entity));
        script
    };
    about("sip:conf-books@FOCUS.example.com;transport=tcp").met(&rule());
    let finding = about("sip:bob@example.com").failed(&rule());
    assert!(finding.observed.contains("about sip:bob@example.com"), "{finding:#?}");
    about("sip:conf-chess@focus.example.com").failed(&rule());
}

#[test]
fn another_list_in_the_invitation_than_declared_is_told() {
    let with = |list: Option<&[&str]>| {
        let mut script = Script::new();
        script.roster(BOOKS, &[("alice", Connected), ("carol", Connected)]);
        let focus = script.invites_with(BOOKS, "Bob", 200, Some(INVITED));
        let message = text("m1", "sip:alice@example.com", "one");
        script.sends(&focus, &message.cpim(), 200);
        script.roster(BOOKS, &[("alice", Connected), ("carol", Departed), ("dave", Connected)]);
        script.registers("Bob", "phone");
        let drain = script.drains_with(BOOKS, "Bob", "phone", "sendrecv", 200, list);
        script.gets(&drain, &message.cpim(), 200);
        let call_id = script.subscribes(BOOKS, "Bob", "phone", 200);
        script.notifies(&call_id, &document("full", 1, ALL));
        let warnings = script.met(&rule()).1;
        assert!(warnings.iter().all(|warning| warning.interpretation.as_deref() == Some("L10")), "{warnings:#?}");
        warnings.into_iter().map(|warning| warning.observed).collect::<Vec<_>>()
    };
    assert_eq!(with(Some(INVITED)), [""; 0]);
    assert_eq!(with(Some(&["alice", "dave", "bob"])), ["drain_invite_list: final"]);
    assert_eq!(with(None), ["drain_invite_list: none"]);
    // What is neither was meant for neither.
    assert_eq!(with(Some(&["alice"])), [""; 0]);
}

#[test]
fn only_the_message_store_is_declared() {
    let script = returned();
    let assessment = script.judge_with(&rule(), &stating("final_list_carrier", serde_json::json!(["carrier_store"])));
    assert!(matches!(assessment.judgement, Judgement::Unseen { blame: Blame::Configuration, .. }), "{assessment:#?}");
}

#[test]
fn the_moment_of_teardown_cannot_be_told_while_the_chat_lives() {
    let script = told(&[("full", &[("alice", "connected"), ("carol", "connected")])]);
    let statement = stating("final_list_moment", "at_teardown".into());
    let Judgement::Broken(finding) = script.judge_with(&rule(), &statement).judgement else { panic!("not broken") };
    assert_eq!((finding.verdict, finding.interpretation.as_deref()), (FindingVerdict::Inconclusive, Some("L11")));
    let mut ended = script;
    ended.event(Event::GroupEnded { group: BOOKS.to_owned() });
    let Judgement::Broken(finding) = ended.judge_with(&rule(), &statement).judgement else { panic!("not broken") };
    assert_eq!(finding.verdict, FindingVerdict::Fail);
}

#[test]
fn an_object_in_the_message_store_is_a_carrier_too() {
    let declared = stating("final_list_carrier", serde_json::json!(["carrier_store"]));
    let kept = |members: &[&str]| {
        let mut script = returned();
        script.keeps("Open", members);
        script.judge_with(&rule(), &declared)
    };
    let assessment = kept(&["alice", "dave", "bob"]);
    assert_eq!((assessment.judgement, assessment.warnings), (Judgement::Met { checks: 3 }, vec![]));
    assert!(matches!(kept(&["alice", "carol", "bob"]).judgement, Judgement::Broken(_)));
    assert!(matches!(kept(&["alice"]).judgement, Judgement::Broken(_)));
    let mut script = returned();
    script.keeps("Ajar", &["alice", "dave"]);
    let Judgement::Broken(finding) = script.judge_with(&rule(), &declared).judgement else { panic!("not broken") };
    assert!(finding.observed.contains("cannot be read"), "{finding:#?}");
}

#[test]
fn an_undeclared_carrier_counts_only_when_the_declared_one_has_not_come() {
    let script = told(&[("full", ALL)]);
    let declared = stating("final_list_carrier", serde_json::json!(["carrier_msrp"]));
    assert_eq!(rule().judge(&script.story(), &declared, Moment::Open).judgement, Judgement::Undecided);
    assert_eq!(others(script.judge_with(&rule(), &declared).warnings).len(), 1);
}

#[test]
fn a_subscription_that_has_brought_nothing_yet_takes_nothing_away() {
    let mut script = told(&[("full", ALL)]);
    script.subscribes(BOOKS, "Bob", "phone", 0);
    script.met(&rule());
    let again = script.subscribes(BOOKS, "Bob", "phone", 200);
    script.met(&rule());
    script.notifies(&again, &document("full", 1, &[("alice", "connected")]));
    script.failed(&rule());
}
