use super::super::{MovedTo, StaysAt};
use super::*;
use crate::evidence::Direction::Sent;
use crate::verdict::Blame;

fn rule() -> MovedTo {
    MovedTo { session: owned(LUNCH), person: owned("Bob"), from: owned("phone"), to: owned("watch") }
}

fn stays() -> StaysAt {
    StaysAt { session: owned(LUNCH), person: owned("Bob"), device: owned("phone"), other: owned("watch") }
}

#[test]
fn it_has_moved_when_the_other_has_it_and_the_first_was_let_go() {
    let (mut talk, near, phone) = stands();
    talk.unseen(&rule(), Blame::Harness);
    let watch = talk.calls(LUNCH, Watch);
    talk.undecided(&rule());
    assert!(talk.failed(&rule()).observed.contains("never answered"));
    talk.answers(&watch, 200);
    assert!(talk.failed(&rule()).observed.contains("never acknowledged"));
    talk.acknowledges(&watch);
    assert!(talk.failed(&rule()).observed.contains("the phone was not let go"));
    talk.byes(&phone, Received, 200);
    assert_eq!(talk.met(&rule()), (4, vec![]));
    talk.byes(&near, Received, 200);
    assert!(talk.failed(&rule()).observed.contains("the session of the other side has ended"));
}

#[test]
fn the_other_side_may_be_called_anew_under_the_same_names() {
    let (mut talk, near, _, _) = moved();
    let again = talk.reaches(LUNCH, Alice);
    talk.answers(&again, 200);
    talk.acknowledges(&again);
    talk.byes(&near, Received, 200);
    talk.met(&rule());
    let (mut other, ..) = moved();
    other.reaches_as(LUNCH, Alice, |invite| invite.replace("contribution-Lunch", "contribution-x"));
    assert!(other.failed(&rule()).observed.contains("contribution-x"));
}

#[test]
fn nor_are_they_named_otherwise_in_an_answer() {
    let (mut talk, _, phone) = stands();
    let watch = talk.calls(LUNCH, Watch);
    talk.answers_with(&watch, 200, "Contribution-ID: contribution-x\r\n");
    talk.acknowledges(&watch);
    talk.byes(&phone, Received, 200);
    assert!(talk.failed(&rule()).observed.contains("named others"));
    let (mut same, _, phone) = stands();
    let watch = same.calls(LUNCH, Watch);
    same.answers_with(&watch, 200, "Contribution-ID: contribution-Lunch\r\n");
    same.acknowledges(&watch);
    same.byes(&phone, Received, 200);
    same.met(&rule());
}

#[test]
fn the_target_may_call_the_other_device_where_it_has_reason_to() {
    let (mut talk, _, phone) = stands();
    refers(&mut talk, &phone, 202);
    assert!(talk.failed(&rule()).observed.contains("the watch was never called"));
    let watch = reaches_watch(&mut talk, 200);
    talk.acknowledges(&watch);
    talk.byes(&phone, Received, 200);
    talk.met(&rule());
    let (mut gone, ..) = stands();
    gone.deregisters("Bob", "phone");
    assert!(gone.failed(&rule()).observed.contains("the watch was never called"));
    let watch = reaches_watch(&mut gone, 200);
    gone.acknowledges(&watch);
    gone.met(&rule());
}

#[test]
fn a_refused_move_is_none() {
    let (mut refused, ..) = stands();
    claims(&mut refused, 481);
    assert!(refused.failed(&rule()).observed.contains("the watch was told 481"));
    let (mut declined, _, phone) = stands();
    refers(&mut declined, &phone, 202);
    reaches_watch(&mut declined, 603);
    declined.unseen(&rule(), Blame::Harness);
}

#[test]
fn the_first_is_not_let_go_before_there_is_another() {
    let (mut talk, _, phone) = stands();
    talk.byes(&phone, Received, 200);
    let watch = claims(&mut talk, 200);
    talk.acknowledges(&watch);
    assert!(talk.failed(&rule()).observed.contains("before there was another"));
}

#[test]
fn it_stays_where_the_other_cannot_have_it() {
    let (mut talk, near, phone) = stands();
    talk.unseen(&stays(), Blame::Harness);
    let watch = talk.calls(LUNCH, Watch);
    talk.undecided(&stays());
    assert!(talk.failed(&stays()).observed.contains("never answered"));
    talk.answers(&watch, 488);
    assert_eq!(talk.met(&stays()), (3, vec![]));
    talk.byes(&phone, Received, 200);
    assert!(talk.failed(&stays()).observed.contains("it was ended there"));
    let (mut there, near_two, _) = stands();
    claims(&mut there, 400);
    there.byes(&near_two, Received, 200);
    assert!(there.failed(&stays()).observed.contains("the other side was told"));
    let (mut taken, ..) = stands();
    claims(&mut taken, 200);
    assert!(taken.failed(&stays()).observed.contains("nobody can use"));
    talk.byes(&near, Sent, 200);
}

#[test]
fn it_stays_where_the_other_refuses() {
    let (mut talk, _, phone) = stands();
    refers(&mut talk, &phone, 202);
    assert!(talk.failed(&stays()).observed.contains("never called"));
    reaches_watch(&mut talk, 486);
    talk.met(&stays());
    let (mut unasked, _, phone) = stands();
    refers(&mut unasked, &phone, 501);
    assert!(unasked.failed(&stays()).observed.contains("answered 501"));
}
