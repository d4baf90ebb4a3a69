use super::super::OnBehalf;
use super::script::Who::{Alice, Bob};
use super::script::*;
use crate::evidence::Direction::{Received, Sent};
use crate::evidence::Event;
use crate::verdict::Blame;

fn rule() -> OnBehalf {
    OnBehalf { group: LUNCH.to_owned(), person: "Bob".to_owned() }
}

fn words() -> Text {
    text("m1", "sip:alice@example.com", "Where are you?")
}

/// The focus invites Bob, who is away; the target stands in and takes a message.
fn stood_in() -> (Talk, Line) {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    talk.answers(&near, 200);
    talk.acknowledges(&near);
    talk.sends(&near.wire, &words().cpim(), 200);
    (talk, near)
}

/// Then it invites Bob's phone; the invitation is edited.
fn delivered(edit: impl Fn(String) -> String) -> (Talk, Line) {
    let (mut talk, _) = stood_in();
    let drain = talk.reaches_as(LUNCH, Bob, edit);
    talk.answers(&drain, 200);
    talk.acknowledges(&drain);
    talk.gets(&drain.wire, &words().cpim(), 200);
    (talk, drain)
}

#[test]
fn a_delivery_is_a_session_of_its_own() {
    let (mut talk, drain) = delivered(|invite| invite);
    assert_eq!(talk.met(&rule()), (5, vec![]));
    talk.byes(&drain, Received, 200);
    assert_eq!(talk.met(&rule()).0, 6);
}

#[test]
fn its_names_are_no_other_legs() {
    let observed = |from: &'static str, to: &'static str| {
        let (talk, _) = delivered(move |invite| invite.replace(from, to));
        talk.failed(&rule()).observed
    };
    assert!(observed("talk-Lunch-3", "talk-Lunch-1").contains("has the Call-ID"));
    assert!(observed("tag=target3", "tag=own1").contains("has a tag"));
    assert!(observed("contribution-Lunch", "contribution-x").contains("contribution-x"));
    assert!(observed("Conversation-ID: conversation-Lunch\r\n", "").contains("None"));
    let served = "P-Served-User: <sip:eve@example.com>;sescase=term\r\nContribution-ID";
    assert!(observed("Contribution-ID", served).contains("sip:eve"));
}

#[test]
fn its_identity_is_one_of_the_ledger() {
    let asserting =
        |uri: &'static str| delivered(move |invite| invite.replace("Identity: <sip:alice@example.com>", uri)).0;
    let store = asserting("Identity: <sip:rcse-standfw@example.com>").met(&rule()).1;
    assert_eq!(store[0].observed, "drain_identity: rcse_standfw");
    asserting("Identity: <sip:nobody@elsewhere.example>").outside(&rule(), "L27");
}

#[test]
fn what_was_answered_is_ended_by_bye() {
    let (mut over, drain) = delivered(|invite| invite);
    over.event(Event::GroupEnded { group: LUNCH.to_owned() });
    over.undecided(&rule());
    over.failed(&rule());
    over.byes(&drain, Received, 200);
    over.met(&rule());
    let (mut one_way, drain) = delivered(|invite| invite.replace("a=sendrecv", "a=sendonly"));
    one_way.undecided(&rule());
    one_way.failed(&rule());
    one_way.deregisters("Bob", "phone");
    one_way.met(&rule());
    one_way.byes(&drain, Received, 200);
    one_way.met(&rule());
    let (mut cancelled, drain) = delivered(|invite| invite);
    cancelled.cancels(&drain);
    assert!(cancelled.failed(&rule()).observed.contains("cancelled"));
}

#[test]
fn towards_the_network_it_speaks_for_the_user() {
    let rejoined = |edit: &dyn Fn(String) -> String| {
        let (mut talk, near) = stood_in();
        talk.byes(&near, Sent, 200);
        let back = talk.reaches_as(LUNCH, Alice, edit);
        talk.answers(&back, 200);
        talk.acknowledges(&back);
        talk
    };
    rejoined(&|invite| invite).met(&rule());
    let other = |invite: String| invite.replace("Identity: <sip:bob@", "Identity: <sip:carol@");
    // The user is named as the one who is served, and is not the one who speaks.
    let served = |invite: String| {
        let invite = other(invite);
        invite.replace("Contribution-ID", "P-Served-User: <sip:bob@example.com>;sescase=orig\r\nContribution-ID")
    };
    assert!(rejoined(&served).failed(&rule()).observed.contains("sip:carol"));
}

#[test]
fn a_device_may_come_and_fetch_by_itself() {
    let (mut talk, _) = stood_in();
    talk.failed(&rule());
    let own = talk.calls(LUNCH, Bob);
    talk.answers(&own, 200);
    talk.acknowledges(&own);
    talk.failed(&rule());
    talk.gets(&own.wire, &words().cpim(), 200);
    talk.met(&rule());
}

#[test]
fn what_the_focus_asked_for_is_on_nobodys_behalf() {
    let mut talk = Talk::new();
    let near = talk.calls(LUNCH, Alice);
    let far = talk.reaches(LUNCH, Bob);
    talk.answers(&far, 200);
    talk.answers(&near, 200);
    talk.failed(&rule());
    for status in [200, 486, 500] {
        let mut nobody = Talk::new();
        let near = nobody.calls(LUNCH, Alice);
        nobody.answers(&near, status);
        nobody.failed(&rule());
    }
    Talk::new().registered().unseen(&rule(), Blame::Harness);
}
