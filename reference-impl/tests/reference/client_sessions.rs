//! How the reference client takes what it missed, and reports on it. [CPM-CONV-058c]

use crate::client_scene::words::*;
use crate::client_scene::{Home, media};
use cpm_reference::client::control::Act;
use cpm_wire::imdn::{Kind, Status};
use cpm_wire::sdp::{Direction, Setup};
use cpm_wire::sip::Method;
use cpm_wire::sip::Name;
use pretty_assertions::assert_eq;
use std::time::Duration;

fn states(home: &Home) -> Vec<(String, String)> {
    home.chat().messages.into_iter().map(|message| (message.text, message.state.to_owned())).collect()
}

#[test]
fn an_invitation_is_taken_without_the_user_whoever_connects() {
    for (offered, answered) in [("actpass", Setup::Active), ("passive", Setup::Active), ("active", Setup::Passive)] {
        let (mut home, contact) = Home::registered();
        let leg = home.invites(&contact, "1", offered, "sendrecv");
        let answer = media(&leg.ok);
        assert_eq!((answer.setup, answer.direction), (Some(answered), Direction::SendRecv));
        for accepted in ["message/cpim", DOCUMENT] {
            assert!(answer.accept_types.iter().any(|own| own == accepted));
        }
        assert_eq!(answer.accept_wrapped_types, ["*"]);
        assert_eq!(home.say("1", "a", message("m1")), Some(200));
        assert_eq!(home.texts(), ["text of m1"]);
    }
}

#[test]
fn a_delivery_is_answered_as_configured_and_never_spoken_in() {
    let cases = [("recvonly", Direction::RecvOnly), ("sendrecv", Direction::SendRecv), ("mirror", Direction::SendOnly)];
    for (configured, direction) in cases {
        let mut home = Home::with(&format!("drain_answer: {configured}\n"));
        let contact = home.register();
        let leg = home.invites(&contact, "1", "actpass", "sendonly");
        assert_eq!(media(&leg.ok).direction, direction);
        home.say("1", "a", message("m1"));
        assert_eq!(home.heard("1").len(), 0);
        let reports = home.by_message();
        assert_eq!(about(&reports), ["m1 delivered"]);
        assert!(!home.act(Act::Send, Some("hello")).ok, "there is nobody to hear it");
    }
}

#[test]
fn each_message_that_asks_gets_one_report_of_each_kind() {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendrecv");
    home.say("1", "a", message("m1"));
    home.say("1", "b", asking("m2", &[]));
    home.say("1", "c", asking("m3", &["display"]));
    // Again, under another Message-ID of MSRP: acknowledged, shown and reported once.
    assert_eq!(home.say("1", "d", message("m1")), Some(200));
    assert_eq!(about(&home.heard("1")), ["m1 delivered"]);
    assert_eq!(home.texts(), ["text of m1", "text of m2", "text of m3"]);
    assert!(home.act(Act::Open, None).ok);
    assert!(home.act(Act::Open, None).ok);
    assert_eq!(about(&home.heard("1")), ["m1 delivered", "m1 displayed", "m3 displayed"]);
    home.none(Method::Message);
}

#[test]
fn after_the_session_reports_go_by_message() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendrecv");
    home.watched();
    home.say("1", "a", message("m1"));
    home.ends(&leg);
    assert!(home.act(Act::Open, None).ok);
    let request = home.request(Method::Message);
    assert_eq!(request.request_uri(), Some(ALICE));
    assert_eq!(request.header(&Name::ContributionId), Some("contribution-1"));
    assert_eq!(request.header(&Name::ConversationId), Some("conversation-1"));
    let body = String::from_utf8_lossy(request.body()).into_owned();
    assert_eq!(about(&[body]), ["m1 displayed"]);
}

#[test]
fn a_report_that_did_not_arrive_goes_by_message_and_one_that_did_does_not() {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendrecv");
    home.ends.get_mut("1").unwrap().status = Some(403);
    home.say("1", "a", message("m1"));
    assert_eq!(about(&home.by_message()), ["m1 delivered"]);
    // No answer at all, and then the connection breaks.
    home.ends.get_mut("1").unwrap().status = None;
    home.say("1", "b", message("m2"));
    home.none(Method::Message);
    home.drop_connection("1");
    assert_eq!(about(&home.by_message()), ["m2 delivered"]);
    home.pass(Duration::from_secs(5));
    home.none(Method::Message);
}

#[test]
fn the_end_of_a_session_does_not_repeat_a_report() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendrecv");
    home.ends.get_mut("1").unwrap().status = None;
    home.say("1", "a", message("m1"));
    home.ends(&leg);
    home.none(Method::Message);
    assert_eq!(home.closed, 0, "its answer is awaited");
    home.pass(Duration::from_secs(3));
    assert_eq!(about(&home.by_message()), ["m1 delivered"], "none came");
    assert_eq!(home.closed, 1);
}

#[test]
fn reports_on_own_messages_change_their_state_and_are_not_reported_on() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendrecv");
    assert!(home.act(Act::Send, Some("first")).ok);
    assert!(home.act(Act::Send, Some("second")).ok);
    let ids: Vec<String> = home.chat().messages.into_iter().map(|message| message.message_id).collect();
    home.ends(&leg);
    home.invites(&contact, "2", "passive", "sendonly");
    home.say("2", "a", delivered(&ids[0]));
    home.say("2", "b", notification(&ids[1], Kind::Display, Status::Displayed));
    home.say("2", "c", delivered(&ids[1]));
    home.say("2", "d", delivered("nobody's"));
    home.say("2", "e", message("m1"));
    let state = |text: &str, state: &str| (text.to_owned(), state.to_owned());
    let expected = [state("first", "delivered"), state("second", "displayed"), state("text of m1", "received")];
    assert_eq!(states(&home), expected);
    assert_eq!(about(&home.by_message()), ["m1 delivered"]);
}

#[test]
fn a_message_that_nobody_took_is_shown_as_failed() {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendrecv");
    home.ends.get_mut("1").unwrap().status = Some(413);
    home.act(Act::Send, Some("too much"));
    assert_eq!(states(&home), [("too much".to_owned(), "failed".to_owned())]);
}

#[test]
fn two_sessions_are_one_chat_and_each_reports_where_it_may() {
    let (mut home, contact) = Home::registered();
    let drain = home.invites(&contact, "drain", "passive", "sendonly");
    home.watched();
    home.invites(&contact, "live", "passive", "sendrecv");
    home.none(Method::Bye);
    home.say("drain", "a", message("m1"));
    home.say("live", "b", message("m2"));
    home.say("drain", "c", message("m3"));
    assert_eq!(home.texts(), ["text of m1", "text of m2", "text of m3"]);
    assert_eq!(home.heard("drain").len(), 0);
    assert_eq!(about(&home.heard("live")), ["m1 delivered", "m2 delivered", "m3 delivered"]);
    home.ends(&drain);
    assert_eq!(home.say("live", "d", message("m4")), Some(200));
    assert!(home.act(Act::Leave, None).ok);
    assert_eq!(home.request(Method::Bye).call_id(), Some("live"));
}

#[test]
fn an_inviter_who_hides_or_is_missing_keeps_nobody_out() {
    let (mut home, contact) = Home::registered();
    let sdp = home.description("1", "passive", "sendonly");
    let invite = of_chat(initial(Method::Invite, &contact, "sip:anonymous@anonymous.invalid", "1"))
        .header(Name::Contact, format!("<{FOCUS}>;isfocus"))
        .header(Name::ReferredBy, "<sip:anonymous@anonymous.invalid>")
        .body("application/sdp", sdp)
        .build();
    home.opens(invite, "1");
    let hidden = String::from_utf8_lossy(&message("m1")).replace(ALICE, "sip:anonymous@anonymous.invalid");
    home.say("1", "a", hidden);
    let request = home.request(Method::Message);
    assert_eq!(request.request_uri(), Some(FOCUS), "the group knows who it was");
}

#[test]
fn a_chat_of_two_is_taken_as_well() {
    let (mut home, contact) = Home::registered();
    let sdp = home.description("1", "actpass", "sendrecv");
    let invite = of_chat(initial(Method::Invite, &contact, ALICE, "1"))
        .header(Name::Contact, "<sip:alice@127.0.0.1:5060>")
        .body("application/sdp", sdp)
        .build();
    home.opens(invite, "1");
    home.none(Method::Subscribe);
    home.say("1", "a", message("m1"));
    assert!(home.act(Act::Send, Some("hello")).ok);
    assert_eq!(home.texts(), ["text of m1", "hello"]);
    assert!(!home.act(Act::Rejoin, None).ok);
}

#[test]
fn a_session_is_changed_and_refreshed_in_place() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendrecv");
    home.send(&within(Method::Update, &leg.invite, &leg.ok, 2).build());
    home.response(Method::Update, 200);
    home.send(&within(Method::Invite, &leg.invite, &leg.ok, 3).build());
    let offer = home.response(Method::Invite, 200);
    assert_eq!(media(&offer).path, media(&leg.ok).path);
    home.send(&within(Method::Ack, &leg.invite, &leg.ok, 3).build());
    // The far end moves.
    let sdp = home.description("moved", "passive", "sendrecv");
    home.send(&within(Method::Invite, &leg.invite, &leg.ok, 4).body("application/sdp", sdp).build());
    let moved = home.response(Method::Invite, 200);
    assert_ne!(media(&moved).path, media(&leg.ok).path);
    home.send(&within(Method::Ack, &leg.invite, &leg.ok, 4).build());
    home.start("moved", &moved, false);
    assert_eq!(home.say("moved", "a", message("m1")), Some(200));
    assert_eq!(about(&home.heard("moved")), ["m1 delivered"]);
}
