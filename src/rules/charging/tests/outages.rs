//! The charging server is away.

use super::*;
use crate::rules::charging::*;
use crate::verdict::Blame;
use pretty_assertions::assert_eq;

fn later() -> RecordedLater {
    RecordedLater { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn on() -> GoesOnWithout {
    GoesOnWithout { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn ends() -> EndsWithout {
    EndsWithout { session: LUNCH.to_owned(), person: "Bob".to_owned() }
}

#[test]
fn records_follow_when_the_server_is_back() {
    for how in ["down", "silent"] {
        let mut talk = Talk::new().registered();
        account(&mut talk, how);
        let near = called(&mut talk);
        let far = goes_on(&mut talk, &near);
        asks(&mut talk, &Slip::record(2));
        hangs_up(&mut talk, &near, &far);
        assert!(talk.failed(&later()).observed.contains("not all of it was handed over"));
        account(&mut talk, "unlimited");
        charges(&mut talk, &Slip::record(2), 2001);
        talk.failed(&later());
        charges(&mut talk, &Slip::record(4), 2001);
        assert_eq!(talk.met(&later()).0, 3);
    }
}

#[test]
fn a_session_that_is_cut_for_want_of_a_server_is_no_service() {
    let mut talk = Talk::new().registered();
    account(&mut talk, "down");
    let near = called(&mut talk);
    let far = goes_on(&mut talk, &near);
    talk.byes(&near, Received, 200);
    talk.byes(&far, Received, 200);
    assert!(talk.failed(&later()).observed.contains("the target ended it"));
    assert!(talk.failed(&on()).observed.contains("the target ended it"));
    assert_eq!(talk.met(&ends()).0, 1);
}

#[test]
fn a_server_that_was_there_shows_nothing() {
    let mut talk = Talk::new().registered();
    account(&mut talk, "down");
    account(&mut talk, "unlimited");
    let near = called(&mut talk);
    let far = goes_on(&mut talk, &near);
    hangs_up(&mut talk, &near, &far);
    for rule in [&later() as &dyn crate::rules::Rule, &on(), &ends()] {
        talk.unseen(rule, Blame::Harness);
    }
}

#[test]
fn without_a_server_it_goes_on_or_ends_as_stated() {
    let mut talk = Talk::new().registered();
    account(&mut talk, "silent");
    let near = called(&mut talk);
    asks(&mut talk, &Slip::request(1));
    talk.failed(&on());
    talk.failed(&ends());
    let mut refused = talk.clone_talk();
    refused.answers(&near, 503);
    assert_eq!(refused.met(&ends()).0, 1);
    refused.failed(&on());
    goes_on(&mut talk, &near);
    assert_eq!(talk.met(&on()).0, 1);
    assert!(talk.failed(&ends()).observed.contains("it went on"));
}
