use super::super::{BestAnswer, DeclinedForUser, SucceedsAt};
use super::*;
use crate::evidence::Direction::Received;
use crate::rules::sessions::tests::script::stating;
use crate::verdict::Blame;
use serde_json::json;

fn succeeds() -> SucceedsAt {
    SucceedsAt { session: owned(LUNCH), person: owned("Bob"), device: owned("watch") }
}

fn best() -> BestAnswer {
    BestAnswer { session: owned(LUNCH), person: owned("Bob"), devices: vec![owned("phone"), owned("watch")] }
}

fn declined() -> DeclinedForUser {
    DeclinedForUser { session: owned(LUNCH), person: owned("Bob"), device: owned("phone"), other: owned("watch") }
}

/// Both refuse, and Alice gets this.
fn refused(phone: u16, watch: u16, heard: u16) -> Talk {
    let (mut talk, near, one, other) = rings();
    talk.answers(&one, phone);
    talk.answers(&other, watch);
    talk.answers(&near, heard);
    talk
}

#[test]
fn what_one_refuses_another_may_accept() {
    let (mut talk, near, phone, watch) = rings();
    talk.answers(&phone, 486);
    talk.undecided(&succeeds());
    let mut gives_up = Talk::new();
    let early = gives_up.calls(LUNCH, Alice);
    let busy = gives_up.reaches(LUNCH, Bob);
    gives_up.answers(&busy, 486);
    gives_up.answers(&early, 486);
    assert!(gives_up.failed(&succeeds()).observed.contains("its caller got 486"));
    picks_up(&mut talk, &near, &watch);
    assert_eq!(talk.met(&succeeds()), (3, vec![]));
    talk.byes(&watch, Received, 200);
    assert!(talk.failed(&succeeds()).observed.contains("sent away"));
    refused(486, 486, 486).unseen(&succeeds(), Blame::Harness);
}

#[test]
fn the_best_of_refusals_is_of_the_lowest_class_or_a_6xx() {
    for (phone, watch, heard) in [(486, 480, 486), (486, 480, 480), (486, 500, 486), (500, 503, 500), (486, 603, 603)] {
        refused(phone, watch, heard).met(&best());
    }
    for (phone, watch, heard) in [(486, 500, 500), (486, 480, 603), (486, 603, 486), (486, 480, 200)] {
        refused(phone, watch, heard).failed(&best());
    }
    let ignored = stating("six_xx", json!("ignored"));
    let assessed = refused(486, 603, 486).judge_with(&best(), &ignored);
    assert!(matches!(assessed.judgement, crate::rules::Judgement::Met { .. }), "{assessed:?}");
    let (accepted, ..) = together();
    accepted.unseen(&best(), Blame::Harness);
}

#[test]
fn no_answer_is_the_best_before_there_is_one() {
    let (mut talk, near, phone, watch) = rings();
    talk.answers(&phone, 486);
    talk.answers(&watch, 480);
    assert!(talk.failed(&best()).observed.contains("never answered"));
    talk.undecided(&best());
    let mut early = Talk::new();
    let line = early.calls(LUNCH, Alice);
    early.answers(&line, 480);
    assert!(early.failed(&best()).observed.contains("the phone was never called"));
    talk.answers(&near, 480);
    talk.met(&best());
}

#[test]
fn who_declines_for_the_user_ends_the_call_or_does_not() {
    let (mut ends, near, phone, watch) = rings();
    ends.answers(&phone, 603);
    ends.undecided(&declined());
    ends.answers(&near, 603);
    assert!(ends.failed(&declined()).observed.contains("the watch rings on"));
    ends.cancels(&watch);
    ends.answers(&watch, 487);
    assert_eq!(ends.met(&declined()), (2, vec![]));
    let (mut goes_on, near, phone, watch) = rings();
    goes_on.answers(&phone, 603);
    picks_up(&mut goes_on, &near, &watch);
    let warned = goes_on.met(&declined()).1;
    assert_eq!(warned[0].interpretation.as_deref(), Some("L17"));
    assert!(goes_on.judge_with(&declined(), &stating("six_xx", json!("ignored"))).warnings.is_empty());
    let (mut other, near, phone, watch) = rings();
    other.answers(&phone, 603);
    other.cancels(&watch);
    other.answers(&watch, 487);
    other.answers(&near, 480);
    other.outside(&declined(), "L17");
    rings().0.unseen(&declined(), Blame::Harness);
}
