use super::super::{ChangeReachesAll, ChangeReachesOnly};
use super::*;
use crate::evidence::Direction::{Received, Sent};
use crate::verdict::Blame;

fn only() -> ChangeReachesOnly {
    ChangeReachesOnly { session: owned(LUNCH), person: owned("Bob"), device: owned("phone") }
}

fn all() -> ChangeReachesAll {
    ChangeReachesAll { session: owned(LUNCH), person: owned("Bob"), devices: vec![owned("phone"), owned("watch")] }
}

/// The phone is in session, the watch was told that it is over.
fn one_in_session() -> (Talk, Line, Line, Line) {
    let (mut talk, near, phone, watch) = rings();
    picks_up(&mut talk, &near, &phone);
    talk.cancels(&watch);
    talk.answers(&watch, 487);
    (talk, near, phone, watch)
}

#[test]
fn a_change_is_for_who_is_in_session_alone() {
    let (mut talk, near, phone, watch) = one_in_session();
    talk.unseen(&only(), Blame::Harness);
    talk.changes(&near, Sent, ("INVITE", "sendonly"), (200, "recvonly"));
    talk.undecided(&only());
    assert!(talk.failed(&only()).observed.contains("never came to the phone"));
    talk.changes(&phone, Received, ("INVITE", "sendonly"), (200, "recvonly"));
    assert_eq!(talk.met(&only()), (2, vec![]));
    let mut within = talk.clone_talk();
    within.changes(&watch, Received, ("INVITE", "sendonly"), (481, ""));
    assert!(within.failed(&only()).observed.contains("the watch was asked too"));
    talk.reaches(LUNCH, Watch);
    assert!(talk.failed(&only()).observed.contains("the watch was asked too"));
}

#[test]
fn a_change_comes_back() {
    for status in [0, 488] {
        let (mut talk, near, phone, _) = one_in_session();
        talk.changes(&near, Sent, ("INVITE", "sendonly"), (status, ""));
        talk.changes(&phone, Received, ("INVITE", "sendonly"), (200, "recvonly"));
        talk.failed(&only());
    }
}

#[test]
fn a_change_is_for_all_who_have_joined() {
    let (mut talk, near, phone, watch) = together();
    talk.unseen(&all(), Blame::Harness);
    talk.changes(&near, Sent, ("INVITE", "sendonly"), (200, "recvonly"));
    talk.changes(&phone, Received, ("INVITE", "sendonly"), (200, "recvonly"));
    assert!(talk.failed(&all()).observed.contains("never came to the watch"));
    talk.changes(&watch, Received, ("UPDATE", "sendonly"), (200, "recvonly"));
    assert_eq!(talk.met(&all()), (3, vec![]));
    let (mut one, near, phone, _) = one_in_session();
    one.changes(&near, Sent, ("INVITE", "sendonly"), (200, "recvonly"));
    one.changes(&phone, Received, ("INVITE", "sendonly"), (200, "recvonly"));
    assert!(one.failed(&all()).observed.contains("the watch was not in the session"));
}
