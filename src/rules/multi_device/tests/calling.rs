use super::super::{OfferedToAll, OneAcceptance, WhoStaysTakesPart};
use super::*;
use crate::evidence::Direction::{Received, Sent};
use crate::rules::sessions::tests::script::stating;
use crate::verdict::Blame;

fn offered() -> OfferedToAll {
    OfferedToAll { session: owned(LUNCH), person: owned("Bob"), devices: vec![owned("phone"), owned("watch")] }
}

fn once(least: usize) -> OneAcceptance {
    OneAcceptance { session: owned(LUNCH), person: owned("Bob"), least }
}

fn part(label: &str) -> WhoStaysTakesPart {
    WhoStaysTakesPart { session: owned(LUNCH), person: owned("Bob"), label: owned(label) }
}

#[test]
fn each_device_is_offered_the_call_or_the_user_is() {
    let (talk, ..) = rings();
    assert_eq!(talk.met(&offered()), (4, vec![]));
    let mut one = Talk::new();
    one.calls(LUNCH, Alice);
    one.reaches(LUNCH, Bob);
    one.undecided(&offered());
    assert!(one.failed(&offered()).observed.contains("never offered to the watch"));
    let mut at_large = Talk::new();
    at_large.calls(LUNCH, Alice);
    at_large.reaches_as(LUNCH, Bob, |invite| invite.replace("sip:bob@192.0.2.10:5101", "sip:bob@example.com"));
    at_large.met(&offered());
    let mut elsewhere = Talk::new();
    elsewhere.calls(LUNCH, Alice);
    elsewhere.reaches(LUNCH, Bob);
    elsewhere.reaches_as(LUNCH, Watch, |invite| invite.replace("conversation-Lunch", "conversation-x"));
    assert!(elsewhere.failed(&offered()).observed.contains("conversation-x"));
    Talk::new().registered().unseen(&offered(), Blame::Harness);
}

#[test]
fn who_lost_is_told_that_it_is_over() {
    let (mut talk, near, phone, watch) = rings();
    talk.unseen(&once(1), Blame::Harness);
    picks_up(&mut talk, &near, &phone);
    talk.undecided(&once(1));
    assert!(talk.failed(&once(1)).observed.contains("the watch rings since"));
    talk.cancels(&watch);
    talk.answers(&watch, 487);
    talk.met(&once(1));
    // Where the serving CSCF forks, it tells.
    let mut forked = Talk::new();
    let near = forked.calls(LUNCH, Alice);
    let large = |invite: String| invite.replace("sip:bob@192.0.2.10:5101", "sip:bob@example.com");
    let phone = forked.reaches_as(LUNCH, Bob, large);
    forked.answers(&phone, 180);
    picks_up(&mut forked, &near, &phone);
    forked.met(&once(1));
}

#[test]
fn who_is_left_ringing_until_it_accepts_was_not_told() {
    let (mut talk, near, phone, watch) = rings();
    picks_up(&mut talk, &near, &phone);
    talk.answers(&watch, 200);
    talk.acknowledges(&watch);
    talk.byes(&watch, Received, 200);
    assert!(talk.failed(&once(1)).observed.contains("left ringing"));
    let (joined, ..) = together();
    assert_eq!(joined.met(&once(1)).1, vec![]);
    let warned = joined.judge_with(&once(1), &stating("device_mode", serde_json::json!(["pf_forks"])));
    assert_eq!(warned.warnings[0].interpretation.as_deref(), Some("L16"));
}

#[test]
fn acceptances_that_cross_leave_one_in_session_or_both() {
    let crossing = |ack: bool, bye: bool| {
        let (mut talk, near, phone, watch) = rings();
        talk.answers(&watch, 200);
        picks_up(&mut talk, &near, &phone);
        if ack {
            talk.acknowledges(&watch);
        }
        if bye {
            talk.byes(&watch, Received, 200);
        }
        talk
    };
    crossing(true, true).met(&once(2));
    crossing(true, false).met(&once(2));
    assert!(crossing(false, true).failed(&once(2)).observed.contains("never acknowledged"));
    let (mut alone, near, phone, _) = rings();
    picks_up(&mut alone, &near, &phone);
    alone.unseen(&once(2), Blame::Harness);
}

#[test]
fn two_acceptances_of_the_targets_own_are_one_too_many() {
    let (mut talk, near, phone, watch) = rings();
    talk.answers(&watch, 200);
    picks_up(&mut talk, &near, &phone);
    talk.acknowledges(&watch);
    talk.answers(&near.tagged("another"), 200);
    assert!(talk.failed(&once(2)).observed.contains("two acceptances"));
    // A proxy passes on what the devices say.
    let (mut proxy, near, phone, watch) = rings();
    for (line, tag) in [(&phone, "own2"), (&watch, "own3")] {
        proxy.answers(line, 200);
        proxy.answers(&near.tagged(tag), 200);
        proxy.acknowledges(line);
    }
    proxy.met(&once(2));
}

#[test]
fn a_call_that_nobody_hears_of_is_not_accepted_once() {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    talk.unanswered_or_nobody(&near);
    let (mut swallowed, _, phone, _) = rings();
    swallowed.answers(&phone, 200);
    assert!(swallowed.failed(&once(1)).observed.contains("the caller got nothing"));
}

impl Talk {
    fn unanswered_or_nobody(&mut self, near: &Line) {
        self.answers(near, 480);
        assert!(self.failed(&once(1)).observed.contains("came to no device"));
    }
}

#[test]
fn whose_acceptance_stands_gets_what_is_said() {
    let (mut talk, near, phone, watch) = rings();
    talk.answers(&watch, 200);
    picks_up(&mut talk, &near, &phone);
    talk.acknowledges(&watch);
    talk.unseen(&part("Hello"), Blame::Harness);
    says(&mut talk, &near, &[&phone], "Hello");
    assert!(talk.failed(&part("Hello")).observed.contains("the watch accepted"));
    talk.byes(&watch, Received, 200);
    talk.met(&part("Hello"));
    let (mut both, near, phone, watch) = together();
    says(&mut both, &near, &[&phone, &watch], "Hello");
    assert_eq!(both.met(&part("Hello")), (2, vec![]));
    both.byes(&phone, Sent, 200);
}
