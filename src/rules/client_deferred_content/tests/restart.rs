use super::super::{FollowsFocus, RestartsWithFinalList};
use super::script::*;
use crate::evidence::Direction::Received;
use crate::verdict::{Blame, FindingVerdict};

fn restarts() -> RestartsWithFinalList {
    RestartsWithFinalList { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

fn follows() -> FollowsFocus {
    FollowsFocus { person: "Bob".to_owned(), group: BOOKS.to_owned() }
}

/// Carol left and Dave came; the client was told, and its user restarts the chat.
fn told() -> Script {
    let mut script = Script::new();
    script.drains();
    let asked = script.subscribes(FOCUS);
    script.notifies(asked, &document("full", 1, &[("alice", "connected"), ("carol", "connected")]), 200);
    script.changes();
    let list = [("dave", "connected"), ("carol", "disconnected")];
    script.notifies(asked, &document("partial", 2, &list), 200);
    script.acts("restart");
    script
}

fn restarted(list: &[&str]) -> Script {
    let mut script = told();
    script.calls(FACTORY, Some(list), CONTRIBUTION);
    script
}

#[test]
fn a_restart_invites_the_others_of_the_final_list() {
    let script = restarted(&["dave", "alice"]);
    assert_eq!(script.met(&restarts()), 3);
    told().undecided(&restarts());
}

#[test]
fn a_restart_with_another_list_fails() {
    for list in [&["alice", "carol"][..], &["alice", "dave", "carol"], &["alice"], &["alice", "dave", "mallory"]] {
        restarted(list).failed(&restarts());
    }
}

#[test]
fn who_restarts_a_chat_may_stand_in_its_list() {
    let (checks, warnings) = restarted(&["alice", "dave", "bob"]).warned(&restarts());
    assert_eq!((checks, warnings.len()), (3, 1));
    assert_eq!(warnings[0].interpretation.as_deref(), Some("L11"));
}

#[test]
fn a_list_that_the_client_has_not_acknowledged_yet_does_not_bind_it() {
    let mut script = Script::new();
    script.drains();
    let asked = script.subscribes(FOCUS);
    script.changes();
    script.notifies(asked, &document("full", 1, &[("alice", "connected"), ("dave", "connected")]), 0);
    script.acts("restart");
    script.calls(FACTORY, Some(&["alice", "carol"]), CONTRIBUTION);
    script.unseen(&restarts(), Blame::Harness);
}

#[test]
fn a_list_that_comes_when_the_user_has_asked_already_does_not_bind_the_client() {
    let mut script = Script::new();
    script.drains();
    let asked = script.subscribes(FOCUS);
    script.changes();
    script.acts("restart");
    script.notifies(asked, &document("full", 1, &[("alice", "connected"), ("dave", "connected")]), 200);
    script.calls(FACTORY, Some(&["alice", "carol"]), CONTRIBUTION);
    script.unseen(&restarts(), Blame::Harness);
}

#[test]
fn a_restart_in_another_contribution_fails() {
    let mut script = told();
    script.calls(FACTORY, Some(&["alice", "dave"]), "contribution-new");
    assert!(script.failed(&restarts()).contains("contribution-new"));
}

#[test]
fn a_restart_without_a_list_is_another_form() {
    let mut script = told();
    script.calls(FACTORY, None, CONTRIBUTION);
    script.outside(&restarts(), "L11");
}

#[test]
fn a_client_that_never_asked_for_the_list_cannot_be_judged_by_it() {
    let mut script = Script::new();
    script.drains();
    script.changes();
    script.acts("restart");
    script.calls(FACTORY, Some(&["alice", "carol"]), CONTRIBUTION);
    script.outside(&restarts(), "L11");

    let mut untold = Script::new();
    untold.drains();
    untold.subscribes(FOCUS);
    untold.changes();
    untold.acts("restart");
    untold.calls(FACTORY, Some(&["alice", "carol"]), CONTRIBUTION);
    let why = untold.judge(&restarts(), crate::rules::Moment::Closed).judgement;
    assert!(matches!(why, crate::rules::Judgement::Unseen { blame: Blame::Harness, .. }), "{why:?}");
}

#[test]
fn a_final_list_that_came_by_invitation_or_in_the_session_counts() {
    let list = ["alice", "dave", "bob"];
    let mut listed = Script::new();
    listed.changes();
    listed.offers(&Offer { list: Some(&list), ..Offer::default() });
    listed.acts("restart");
    let mut wrong = listed.clone();
    listed.calls(FACTORY, Some(&["alice", "dave"]), CONTRIBUTION);
    listed.met(&restarts());
    wrong.calls(FACTORY, Some(&["alice", "carol"]), CONTRIBUTION);
    wrong.failed(&restarts());

    let mut sent = Script::new();
    let earlier = sent.drains();
    let known = document("full", 5, &[("alice", "connected"), ("carol", "connected")]);
    sent.send(&earlier, crate::evidence::Direction::Sent, "application/conference-info+xml", &known, 200);
    sent.changes();
    let drain = sent.drains();
    let whole = document("full", 1, &[("alice", "connected"), ("dave", "connected"), ("carol", "disconnected")]);
    sent.send(&drain, crate::evidence::Direction::Sent, "application/conference-info+xml", &whole, 200);
    sent.acts("restart");
    sent.calls(FACTORY, Some(&["alice", "carol"]), CONTRIBUTION);
    sent.failed(&restarts());
}

#[test]
fn unseen_when_nobody_restarts() {
    let mut script = Script::new();
    script.drains();
    script.unseen(&restarts(), Blame::Harness);
    // To rejoin is not to restart.
    script.calls(FOCUS, None, CONTRIBUTION);
    script.unseen(&restarts(), Blame::Harness);
    told().unseen(&restarts(), Blame::Target);
}

fn at_new_focus() -> (Script, super::super::super::missed_group_content::tests::script::Wire) {
    let mut script = told();
    script.at_focus(NEW_FOCUS);
    let leg = script.calls(FACTORY, Some(&["alice", "dave"]), CONTRIBUTION);
    (script, leg)
}

#[test]
fn after_a_restart_the_client_turns_to_the_new_focus() {
    let (mut script, leg) = at_new_focus();
    script.unseen(&follows(), Blame::Target);
    script.subscribes(NEW_FOCUS);
    assert_eq!(script.met(&follows()), 1);
    script.acts("leave");
    script.unseen(&follows(), Blame::Target);
    script.ends(&leg, Received, NEW_FOCUS);
    assert_eq!(script.met(&follows()), 2);
}

#[test]
fn who_turns_to_the_old_focus_fails() {
    let (mut asks, leg) = at_new_focus();
    asks.subscribes(FOCUS);
    assert!(asks.failed(&follows()).contains("SUBSCRIBE"));

    let (mut rejoins, _) = at_new_focus();
    rejoins.calls(FOCUS, None, CONTRIBUTION);
    assert!(rejoins.failed(&follows()).contains("INVITE"));

    let (mut leaves, _) = at_new_focus();
    leaves.subscribes(NEW_FOCUS);
    leaves.acts("leave");
    leaves.ends(&leg, Received, FOCUS);
    assert!(leaves.failed(&follows()).contains("BYE"));
}

#[test]
fn what_crosses_the_answer_of_the_new_focus_may_go_to_the_old_one() {
    let (mut crossing, _) = at_new_focus();
    crossing.subscribes(FOCUS);
    // The ACK is behind the SUBSCRIBE and its answer.
    crossing.comes_late(2);
    crossing.subscribes(NEW_FOCUS);
    assert_eq!(crossing.met(&follows()), 1);
}

#[test]
fn over_a_network_that_loses_datagrams_a_request_may_be_an_old_one() {
    let (mut lossy, _) = at_new_focus();
    lossy.subscribes(FOCUS);
    lossy.event(crate::evidence::Event::NetworkLost { datagrams: 1 });
    let judged = lossy.judge(&follows(), crate::rules::Moment::Closed).judgement;
    let crate::rules::Judgement::Broken(finding) = judged else { panic!("{judged:?}") };
    assert_eq!((finding.verdict, finding.blame), (FindingVerdict::Inconclusive, Blame::Network));
}

#[test]
fn who_leaves_the_old_session_instead_of_the_new_one_fails() {
    let mut script = Script::new();
    let old = script.goes_on();
    script.acts("restart");
    script.at_focus(NEW_FOCUS);
    script.calls(FACTORY, Some(&["alice", "carol"]), CONTRIBUTION);
    script.subscribes(NEW_FOCUS);
    script.acts("leave");
    script.ends(&old, Received, FOCUS);
    assert!(script.failed(&follows()).contains("older session"));
}

#[test]
fn a_chat_with_one_focus_shows_nothing() {
    let mut script = restarted(&["alice", "dave"]);
    script.subscribes(FOCUS);
    script.unseen(&follows(), Blame::Harness);
    let mut unrestarted = Script::new();
    unrestarted.at_focus(NEW_FOCUS);
    unrestarted.drains();
    unrestarted.unseen(&follows(), Blame::Harness);
}
