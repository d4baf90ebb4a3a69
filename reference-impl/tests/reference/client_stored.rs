//! Sessions that the reference client takes from the store of its user, or asks its user about. [CPM-CONV-058c, L27, L31]

use crate::client_scene::words::*;
use crate::client_scene::{Home, media};
use cpm_reference::client::control::Act;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Builder, Message, Method, Name};
use pretty_assertions::assert_eq;

fn from_store(contact: &str, call_id: &str, sdp: &str, asserted: Option<&str>) -> Message {
    let invite = of_chat(initial(Method::Invite, contact, STORE, call_id))
        .header(Name::Contact, "<sip:127.0.0.1:5060>")
        .body("application/sdp", sdp.as_bytes().to_vec());
    let assert = |invite: Builder, who| invite.header(Name::PAssertedIdentity, format!("<{who}>"));
    asserted.into_iter().fold(invite, assert).build()
}

#[test]
fn stored_notifications_are_taken_from_the_store_alone() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendrecv");
    home.watched();
    home.act(Act::Send, Some("first"));
    let id = home.chat().messages[0].message_id.clone();
    home.ends(&leg);
    let sdp = home.description("2", "actpass", "sendonly");
    for (call_id, asserted) in [("mallory-1", None), ("mallory-2", Some("sip:mallory@example.com"))] {
        home.send(&from_store(&contact, call_id, &sdp, asserted));
        home.response(Method::Invite, 403);
    }
    let notifications = home.opens(from_store(&contact, "2", &sdp, Some(STORE)), "2");
    assert_eq!(media(&notifications.ok).direction, Direction::RecvOnly);
    assert_eq!(home.say("2", "a", delivered(&id)), Some(200));
    assert_eq!(home.chat().messages[0].state, "delivered");
    home.none(Method::Message);
    home.none(Method::Subscribe);
    // What is no notification is not lost either.
    home.say("2", "b", message("m1"));
    assert_eq!(home.texts(), ["first", "text of m1"]);
    home.ends(&notifications);
}

#[test]
fn stored_notifications_that_are_not_claimed_are_refused() {
    let mut home = Home::with("stored_notifications: false\n");
    let contact = home.register();
    let sdp = home.description("1", "actpass", "sendonly");
    home.send(&from_store(&contact, "1", &sdp, Some(STORE)));
    home.response(Method::Invite, 403);
}

#[test]
fn stored_messages_of_a_chat_of_two_come_on_behalf_of_their_author() {
    let (mut home, contact) = Home::registered();
    let sdp = home.description("1", "actpass", "sendonly");
    let invite = from_store(&contact, "1", &sdp, Some(STORE)).edit().set(Name::ReferredBy, format!("<{ALICE}>"));
    home.opens(invite.finish(), "1");
    home.say("1", "a", message("m1"));
    assert_eq!(home.texts(), ["text of m1"]);
    assert_eq!(about(&home.by_message()), ["m1 delivered"]);
}

#[test]
fn what_asks_is_answered_by_the_user() {
    for accept in [true, false] {
        let (mut home, contact) = Home::registered();
        let sdp = home.description("1", "passive", "sendrecv");
        let invite = invitation(&contact, "1", FOCUS, &sdp, &[ALICE]);
        let invite = invite.edit().set(Name::AnswerMode, "Manual").finish();
        home.send(&invite);
        let ringing = home.response(Method::Invite, 180);
        if accept {
            assert!(home.act(Act::Accept, None).ok);
            assert_eq!(home.response(Method::Invite, 200).to_tag(), ringing.to_tag());
        } else {
            assert!(home.act(Act::Decline, None).ok);
            home.response(Method::Invite, 603);
        }
        assert!(!home.act(Act::Decline, None).ok);
    }
}
