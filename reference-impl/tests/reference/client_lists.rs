//! Who takes part, as the reference client is told: by the focus, in sessions, by lists in invitations; and what it does with
//! that when it begins a chat anew. [CPM-CONV-058c, CPM-CONV-058d]

use crate::client_scene::words::*;
use crate::client_scene::{Home, media};
use cpm_reference::client::control::Act;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;

const ACTIVE: &str = "active;expires=3600";
const OVER: &str = "terminated;reason=noresource";
const NEW_FOCUS: &str = "sip:group-2@127.0.0.1:5060";

fn uris(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("sip:{name}@example.com")).collect()
}

/// The members that an INVITE to the factory lists.
fn listed(invite: &Message) -> Vec<String> {
    let body = String::from_utf8_lossy(invite.body()).into_owned();
    let entries = body.split("uri=\"").skip(1);
    entries.map(|entry| entry.split('"').next().unwrap().to_owned()).collect()
}

#[test]
fn the_focus_is_asked_and_its_changes_are_shown_where_they_happened() {
    let (mut home, contact) = Home::registered();
    home.invites_with(&contact, "1", "passive", "sendrecv", &[ALICE, BOB]);
    let mut watcher = home.watched();
    assert_eq!(watcher.subscribe.request_uri(), Some(FOCUS));
    assert_eq!(watcher.subscribe.header(&Name::Event), Some("conference"));
    assert_eq!(home.members(), uris(&["alice", "bob"]));
    assert_eq!(home.tells(&mut watcher, ACTIVE, &full(1, vec![is_in("alice"), is_in("bob"), is_in("carol")])), 200);
    home.say("1", "a", message("m1"));
    home.tells(&mut watcher, ACTIVE, &partial(2, vec![is_in("dave")]));
    home.say("1", "b", message("m2"));
    home.tells(&mut watcher, ACTIVE, &partial(3, vec![is_out("carol")]));
    assert_eq!(home.members(), uris(&["alice", "bob", "dave"]));
    let expected = ["sip:dave@example.com joined after 1", "sip:carol@example.com left after 2"];
    assert_eq!(home.changes(), expected);
}

#[test]
fn stale_missing_strange_and_broken_documents_hurt_nobody() {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendrecv");
    let mut watcher = home.watched();
    home.tells(&mut watcher, ACTIVE, &full(3, vec![is_in("alice"), is_in("bob")]));
    assert_eq!(home.tells(&mut watcher, ACTIVE, &full(2, Vec::new())), 200);
    assert_eq!(home.members(), uris(&["alice", "bob"]));
    assert_eq!(home.tells(&mut watcher, ACTIVE, &partial(9, vec![is_in("eve")])), 200);
    // Full state is asked for, once.
    let again = home.request(Method::Subscribe);
    assert_eq!(again.call_id(), watcher.subscribe.call_id());
    home.answer(&again, 200, |response| {
        response.header(Name::Contact, format!("<{FOCUS}>")).header(Name::Expires, 3600)
    });
    home.tells(&mut watcher, ACTIVE, &partial(10, vec![is_in("eve")]));
    home.none(Method::Subscribe);
    let whole = full(11, vec![is_in("alice"), is_in("bob"), is_in("carol")]);
    let broken = &whole[..whole.len() / 2];
    let doctype = whole.replacen("<conference-info", "<!DOCTYPE x [<!ENTITY e \"e\">]><conference-info", 1);
    let deep = format!("{}{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
    let long = format!("<!--{}-->{whole}", "x".repeat(2 << 20));
    for hostile in [broken, &doctype, &deep, &long, "", "\u{1}\u{2}", "<conference-info/>"] {
        assert_eq!(home.tells(&mut watcher, ACTIVE, hostile), 200);
        assert_eq!(home.members(), uris(&["alice", "bob"]));
    }
    let strange = whole.replacen("<users", "<x:mood xmlns:x=\"urn:x\"><x:deep/></x:mood><users", 1);
    home.tells(&mut watcher, ACTIVE, &strange);
    assert_eq!(home.members(), uris(&["alice", "bob", "carol"]));
    assert_eq!(home.say("1", "a", message("m1")), Some(200));
}

#[test]
fn lists_kept_for_the_user_are_history_and_the_focus_has_the_last_word() {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendonly");
    let mut watcher = home.watched();
    home.tells(&mut watcher, ACTIVE, &full(1, vec![is_in("alice"), is_in("bob"), is_in("dave")]));
    assert_eq!(
        home.say_as("1", "d1", DOCUMENT, full(1, vec![is_in("alice"), is_in("bob"), is_in("carol")])),
        Some(200)
    );
    home.say("1", "a", message("m1"));
    assert_eq!(home.say_as("1", "d2", DOCUMENT, partial(2, vec![is_out("carol")])), Some(200));
    home.say("1", "b", message("m2"));
    assert_eq!(home.say_as("1", "d3", DOCUMENT, partial(3, vec![is_in("dave")])), Some(200));
    let expected = ["sip:carol@example.com left after 1", "sip:dave@example.com joined after 2"];
    assert_eq!(home.changes(), expected);
    assert_eq!(home.members(), uris(&["alice", "bob", "dave"]));
    assert_eq!(home.say_as("1", "d4", DOCUMENT, "<broken"), Some(200));
    assert_eq!(home.texts(), ["text of m1", "text of m2"]);
}

#[test]
fn a_list_in_a_session_is_the_last_word_of_a_chat_that_has_ended() {
    for (more, changes) in [("", vec!["sip:carol@example.com left after 1"]), ("intermediate_lists: false\n", vec![])] {
        let mut home = Home::with(more);
        let contact = home.register();
        let leg = home.invites(&contact, "1", "passive", "sendonly");
        let subscribe = home.request(Method::Subscribe);
        home.answer(&subscribe, 404, |response| response);
        home.say_as("1", "d1", DOCUMENT, full(1, vec![is_in("alice"), is_in("bob"), is_in("carol")]));
        home.say("1", "a", message("m1"));
        home.say_as("1", "d2", DOCUMENT, full(2, vec![is_in("alice"), is_in("bob")]));
        home.ends(&leg);
        assert_eq!(home.changes(), changes);
        assert_eq!(home.members(), uris(&["alice", "bob"]));
    }
}

#[test]
fn each_session_counts_its_lists_anew() {
    let (mut home, contact) = Home::registered();
    for (call_id, name) in [("1", "carol"), ("2", "dave")] {
        let leg = home.invites(&contact, call_id, "passive", "sendonly");
        home.say_as(call_id, "d1", DOCUMENT, full(1, vec![is_in("alice"), is_in(name)]));
        home.ends(&leg);
        assert_eq!(home.members(), uris(&["alice", name]));
    }
}

#[test]
fn a_list_in_the_invitation_to_a_delivery_counts_until_a_document_comes() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendrecv");
    let mut watcher = home.watched();
    home.tells(&mut watcher, OVER, &full(1, vec![is_in("alice"), is_in("bob")]));
    home.ends(&leg);
    home.invites_with(&contact, "2", "passive", "sendonly", &[ALICE, BOB, CAROL]);
    assert_eq!(home.members(), uris(&["alice", "bob", "carol"]));
    let mut watcher = home.watched();
    home.tells(&mut watcher, OVER, &full(1, vec![is_in("alice"), is_in("dave")]));
    assert_eq!(home.members(), uris(&["alice", "dave"]));
    assert_eq!(home.changes(), Vec::<String>::new());
}

/// A chat that has ended with Alice, Bob, Dave in it.
fn ended() -> Home {
    let (mut home, contact) = Home::registered();
    let leg = home.invites_with(&contact, "1", "passive", "sendonly", &[ALICE, BOB, CAROL]);
    let mut watcher = home.watched();
    home.say("1", "a", message("m1"));
    home.by_message();
    let last = vec![is_in("alice"), is_in("bob"), is_out("carol"), is_in("dave")];
    home.tells(&mut watcher, OVER, &full(1, last));
    home.ends(&leg);
    home
}

#[test]
fn a_chat_begins_anew_with_those_of_the_final_list() {
    let mut home = ended();
    home.none(Method::Invite);
    assert!(home.act(Act::Restart, None).ok);
    let restart = home.request(Method::Invite);
    assert_eq!(restart.request_uri(), Some(FACTORY));
    assert_eq!(restart.header(&Name::ContributionId), Some("contribution-1"));
    assert_eq!(restart.header(&Name::ConversationId), Some("conversation-1"));
    assert_eq!(restart.header(&Name::Require), Some("recipient-list-invite"));
    assert_eq!(listed(&restart), uris(&["alice", "dave"]));
    home.answer(&restart, 403, |response| response);
    assert!(!home.act(Act::Leave, None).ok);
    assert_eq!(home.texts(), ["text of m1"]);
}

/// The far end accepts an INVITE of the client.
fn takes(home: &mut Home, invite: &Message, end: &str, focus: &str) {
    let sdp = home.description(end, "passive", "sendrecv");
    home.answer(invite, 200, |response| {
        response.header(Name::Contact, format!("<{focus}>;isfocus")).body("application/sdp", sdp)
    });
    home.request(Method::Ack);
    home.start(end, invite, false);
}

#[test]
fn the_focus_that_the_factory_names_is_followed_and_history_is_kept() {
    let mut home = ended();
    home.act(Act::Restart, None);
    let restart = home.request(Method::Invite);
    takes(&mut home, &restart, "new", NEW_FOCUS);
    assert_eq!(home.chat().focus, NEW_FOCUS);
    let subscribe = home.request(Method::Subscribe);
    assert_eq!(subscribe.request_uri(), Some(NEW_FOCUS));
    home.none(Method::Subscribe);
    home.say("new", "b", message("m2"));
    assert_eq!(home.texts(), ["text of m1", "text of m2"]);
    assert_eq!(about(&home.heard("new")), ["m2 delivered"]);
    assert!(home.act(Act::Leave, None).ok);
    let bye = home.request(Method::Bye);
    assert_eq!((bye.request_uri(), bye.call_id()), (Some(NEW_FOCUS), restart.call_id()));
    home.answer(&bye, 200, |response| response);
    assert_eq!(home.texts().len(), 2);
}

#[test]
fn what_the_former_focus_still_says_counts_no_more() {
    let (mut home, contact) = Home::registered();
    home.invites(&contact, "1", "passive", "sendrecv");
    let mut former = home.watched();
    home.tells(&mut former, ACTIVE, &full(1, vec![is_in("alice"), is_in("bob")]));
    home.act(Act::Restart, None);
    let restart = home.request(Method::Invite);
    takes(&mut home, &restart, "new", NEW_FOCUS);
    let subscribe = home.request(Method::Subscribe);
    assert_eq!(subscribe.request_uri(), Some(NEW_FOCUS));
    home.none(Method::Subscribe);
    assert_eq!(home.tells(&mut former, ACTIVE, &full(2, Vec::new())), 481);
    assert_eq!(home.members(), uris(&["alice", "bob"]));
}

#[test]
fn the_user_goes_back_into_a_chat_and_leaves_it() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendonly");
    home.watched();
    home.ends(&leg);
    home.none(Method::Invite);
    assert!(home.act(Act::Rejoin, None).ok);
    let rejoin = home.request(Method::Invite);
    assert_eq!(rejoin.request_uri(), Some(FOCUS));
    assert_eq!(rejoin.header(&Name::ContributionId), Some("contribution-1"));
    assert_eq!(media(&rejoin).direction, cpm_wire::sdp::Direction::SendRecv);
    takes(&mut home, &rejoin, "live", FOCUS);
    home.say("live", "a", message("m1"));
    assert_eq!(about(&home.heard("live")), ["m1 delivered"]);
    assert!(home.act(Act::Leave, None).ok);
    let bye = home.request(Method::Bye);
    assert!(bye.header(&Name::Reason).unwrap().contains("cause=200"));
}

#[test]
fn it_goes_back_by_itself_only_when_it_is_to() {
    let mut home = Home::with("rejoin_after_drain: true\n");
    let contact = home.register();
    let leg = home.invites(&contact, "1", "passive", "sendonly");
    home.ends(&leg);
    let rejoin = home.request(Method::Invite);
    assert_eq!(rejoin.request_uri(), Some(FOCUS));
    home.answer(&rejoin, 404, |response| response);
    home.none(Method::Invite);
}

#[test]
fn a_long_list_goes_by_tcp() {
    let (mut home, contact) = Home::registered();
    let uris: Vec<String> = (0..100).map(|n| format!("sip:member-{n}@example.com")).collect();
    let uris: Vec<&str> = uris.iter().map(String::as_str).collect();
    home.invites_with(&contact, "1", "passive", "sendonly", &uris);
    home.act(Act::Restart, None);
    let restart = home.request(Method::Invite);
    assert_eq!(listed(&restart).len(), 100);
    assert!(restart.header(&Name::Via).unwrap().starts_with("SIP/2.0/TCP"));
    takes(&mut home, &restart, "new", NEW_FOCUS);
    assert_eq!(home.chat().focus, NEW_FOCUS);
}
