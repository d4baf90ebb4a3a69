//! Where calls of the reference client and to it cross, fork, or are given up. [CPM-CONV-058c]

use crate::client_scene::Home;
use crate::client_scene::words::*;
use cpm_reference::client::control::Act;
use cpm_wire::sip::{Builder, Message, Method, Name, reason_phrase};
use pretty_assertions::assert_eq;
use std::time::Duration;

/// A client that has called the focus, which has not answered yet.
fn calling() -> (Home, Message) {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendonly");
    home.watched();
    home.ends(&leg);
    assert!(home.act(Act::Rejoin, None).ok);
    let rejoin = home.request(Method::Invite);
    (home, rejoin)
}

fn accepts(home: &mut Home, invite: &Message, tag: &str) {
    let sdp = home.description(tag, "passive", "sendrecv");
    let ok = Builder::response(invite, 200, reason_phrase(200)).to_tag(tag);
    let ok = ok.header(Name::Contact, format!("<{FOCUS}>;isfocus")).body("application/sdp", sdp).build();
    home.send(&ok);
}

#[test]
fn of_two_that_answer_one_session_is_kept() {
    let (mut home, rejoin) = calling();
    accepts(&mut home, &rejoin, "first");
    home.request(Method::Ack);
    home.start("first", &rejoin, false);
    accepts(&mut home, &rejoin, "second");
    assert_eq!(home.request(Method::Ack).to_tag(), Some("second"));
    assert_eq!(home.request(Method::Bye).to_tag(), Some("second"));
    // The same answer again wants the same acknowledgement, and no more.
    accepts(&mut home, &rejoin, "first");
    assert_eq!(home.request(Method::Ack).to_tag(), Some("first"));
    home.none(Method::Bye);
    assert_eq!(home.say("first", "a", message("m1")), Some(200));
}

#[test]
fn a_call_that_the_user_gives_up_is_cancelled_and_a_late_answer_ended() {
    let (mut home, rejoin) = calling();
    home.answer(&rejoin, 180, |response| response);
    assert!(home.act(Act::Leave, None).ok);
    let cancel = home.request(Method::Cancel);
    home.answer(&cancel, 200, |response| response);
    accepts(&mut home, &rejoin, "late");
    home.request(Method::Ack);
    assert_eq!(home.request(Method::Bye).to_tag(), Some("late"));
    assert!(!home.act(Act::Send, Some("hello")).ok);
}

#[test]
fn an_invitation_that_is_withdrawn_asks_no_more() {
    let (mut home, contact) = Home::registered();
    let sdp = home.description("1", "passive", "sendrecv");
    let invite = invitation(&contact, "1", FOCUS, &sdp, &[ALICE]).edit().set(Name::AnswerMode, "Manual").finish();
    home.send(&invite);
    home.response(Method::Invite, 180);
    let cancel = Builder::request(Method::Cancel, &contact)
        .header(Name::Via, invite.header(&Name::Via).unwrap())
        .header(Name::MaxForwards, 68)
        .header(Name::From, invite.header(&Name::From).unwrap())
        .header(Name::To, invite.header(&Name::To).unwrap())
        .header(Name::CallId, "1")
        .header(Name::CSeq, "1 CANCEL");
    home.send(&cancel.build());
    home.response(Method::Cancel, 200);
    home.response(Method::Invite, 487);
    assert!(!home.act(Act::Accept, None).ok);
}

#[test]
fn a_session_that_nobody_acknowledges_is_ended() {
    let (mut home, contact) = Home::registered();
    let sdp = home.description("1", "passive", "sendrecv");
    home.send(&invitation(&contact, "1", FOCUS, &sdp, &[ALICE]));
    home.response(Method::Invite, 200);
    home.pass(Duration::from_secs(40));
    assert_eq!(home.request(Method::Bye).call_id(), Some("1"));
}

#[test]
fn a_connection_that_breaks_ends_no_session() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "active", "sendrecv");
    home.say("1", "a", message("m1"));
    home.drop_connection("1");
    assert!(!home.act(Act::Send, Some("nobody hears this")).ok);
    home.none(Method::Bye);
    // The far end connects again, and goes on.
    home.start("1", &leg.ok, true);
    assert_eq!(home.say("1", "b", message("m2")), Some(200));
    assert_eq!(home.texts(), ["text of m1", "text of m2"]);
    assert!(home.act(Act::Send, Some("hello")).ok);
}
