use super::super::CalledInTurn;
use super::*;
use crate::verdict::Blame;

fn turns(order: &[&str]) -> CalledInTurn {
    let order = order.iter().map(|name| owned(name)).collect();
    CalledInTurn { session: owned(LUNCH), person: owned("Bob"), order }
}

/// The watch is busy, and then the phone accepts.
fn after_another() -> Talk {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let watch = talk.reaches(LUNCH, Watch);
    talk.answers(&watch, 486);
    let phone = talk.reaches(LUNCH, Bob);
    picks_up(&mut talk, &near, &phone);
    talk
}

#[test]
fn devices_are_called_in_the_order_of_the_wish() {
    let talk = after_another();
    assert_eq!(talk.met(&turns(&["watch", "phone"])), (3, vec![]));
    talk.met(&turns(&[]));
    let reversed = talk.failed(&turns(&["phone", "watch"]));
    assert!(reversed.observed.contains("the watch was called in the place of the phone"), "{}", reversed.observed);
    assert!(talk.failed(&turns(&["watch"])).observed.contains("the phone was called too"));
}

#[test]
fn nobody_is_called_before_the_one_before_has_answered() {
    let (mut talk, near, phone, _) = rings();
    picks_up(&mut talk, &near, &phone);
    assert!(talk.failed(&turns(&["phone", "watch"])).observed.contains("was called while the phone was"));
    let mut large = Talk::new();
    let near = large.calls(LUNCH, Alice);
    let phone = large.reaches_as(LUNCH, Bob, |invite| invite.replace("sip:bob@192.0.2.10:5101", "sip:bob@example.com"));
    picks_up(&mut large, &near, &phone);
    assert!(large.failed(&turns(&[])).observed.contains("all of them at once"));
}

#[test]
fn who_gives_up_after_the_first_has_not_called_the_second() {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let watch = talk.reaches(LUNCH, Watch);
    talk.answers(&watch, 486);
    talk.undecided(&turns(&["watch", "phone"]));
    talk.answers(&near, 486);
    assert!(talk.failed(&turns(&["watch", "phone"])).observed.contains("went to 1 devices"));
    talk.unseen(&turns(&["watch"]), Blame::Harness);
}

#[test]
fn a_device_that_does_not_hear_is_called_no_longer() {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let watch = talk.reaches(LUNCH, Watch);
    talk.answers(&watch, 180);
    talk.cancels(&watch);
    talk.answers(&watch, 487);
    let phone = talk.reaches(LUNCH, Bob);
    picks_up(&mut talk, &near, &phone);
    talk.met(&turns(&["watch", "phone"]));
}
