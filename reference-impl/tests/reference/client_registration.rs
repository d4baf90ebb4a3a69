//! The registration of the reference client: kept alive, tried again, ended. [CPM-CONV-058c]

use crate::client_scene::Home;
use crate::client_scene::words::*;
use cpm_reference::client::control::Act;
use cpm_wire::sip::{Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn it_registers_where_it_is_and_what_it_can() {
    let mut home = Home::new();
    assert!(home.act(Act::Register, None).ok);
    let register = home.request(Method::Register);
    assert_eq!(register.request_uri(), Some("sip:example.com"));
    let contact = register.contacts().next().unwrap().unwrap();
    assert_eq!(contact.param("+sip.instance").unwrap().as_deref(), Some("<urn:uuid:0b>"));
    assert!(register.header(&Name::Contact).unwrap().contains("oma.cpm.session.group"));
    assert_eq!(register.header(&Name::Supported), Some("path, gruu"));
    home.none(Method::Register);
}

#[test]
fn it_tries_again_after_a_failure_and_refreshes_in_time() {
    let mut home = Home::new();
    home.act(Act::Register, None);
    let first = home.request(Method::Register);
    home.answer(&first, 503, |response| response);
    home.none(Method::Register);
    home.pass(SECOND);
    let second = home.request(Method::Register);
    assert_eq!(second.call_id(), first.call_id());
    assert!(second.cseq().unwrap().number > first.cseq().unwrap().number);
    home.answer(&second, 423, |response| response.header(Name::MinExpires, 7200));
    home.pass(SECOND);
    let third = home.request(Method::Register);
    assert_eq!(third.expires(), Some(7200));
    home.answer(&third, 200, |response| response.header(Name::Expires, 100));
    home.pass(SECOND * 80);
    home.none(Method::Register);
    home.pass(SECOND * 15);
    home.request(Method::Register);
}

#[test]
fn a_registrar_that_grants_no_time_is_not_asked_without_end() {
    let mut home = Home::new();
    home.act(Act::Register, None);
    for _ in 0..3 {
        let register = home.request(Method::Register);
        home.answer(&register, 200, |response| response.header(Name::Expires, 0));
        home.none(Method::Register);
        home.pass(SECOND);
    }
}

#[test]
fn it_goes_the_way_that_the_registrar_told_and_knows_its_other_names() {
    let mut home = Home::new();
    home.act(Act::Register, None);
    let register = home.request(Method::Register);
    home.answer(&register, 200, |response| {
        response
            .header(Name::ServiceRoute, "<sip:orig@127.0.0.1:5061;lr>, <sip:second@example.com;lr>")
            .header(Name::PAssociatedUri, "<sip:bob@example.com>, <sip:robert@example.com>")
            .header(Name::Expires, 3600)
    });
    let contact = register.contacts().next().unwrap().unwrap().uri.to_owned();
    home.invites_with(&contact, "1", "passive", "sendonly", &[ALICE, "sip:robert@example.com"]);
    let subscribe = home.request(Method::Subscribe);
    let routes: Vec<String> = subscribe.routes().map(|route| route.unwrap().uri.to_owned()).collect();
    assert_eq!(routes, ["sip:127.0.0.1:5060;lr", "sip:orig@127.0.0.1:5061;lr", "sip:second@example.com;lr"]);
    assert!(home.act(Act::Restart, None).ok);
    let restart = home.request(Method::Invite);
    let body = String::from_utf8_lossy(restart.body()).into_owned();
    assert!(body.contains(ALICE) && !body.contains("robert"), "{body}");
}

#[test]
fn switched_off_it_forgets_its_sessions_and_leaves_no_chat() {
    let (mut home, contact) = Home::registered();
    let leg = home.invites(&contact, "1", "passive", "sendrecv");
    home.watched();
    home.say("1", "a", message("m1"));
    assert!(home.act(Act::Deregister, None).ok);
    let register = home.request(Method::Register);
    assert_eq!(register.expires(), Some(0));
    home.answer(&register, 200, |response| response);
    home.none(Method::Bye);
    home.send(&within(Method::Bye, &leg.invite, &leg.ok, 2).build());
    home.response(Method::Bye, 481);
    home.pass(SECOND * 10_000);
    home.none(Method::Register);
    // Back again: what it had is still shown, and the chat is watched anew.
    let contact = home.register();
    home.invites(&contact, "2", "passive", "sendrecv");
    home.watched();
    home.say("2", "b", message("m2"));
    assert_eq!(home.texts(), ["text of m1", "text of m2"]);
}

#[test]
fn users_of_one_process_know_nothing_of_each_other() {
    let (mut home, bob) = Home::registered();
    assert!(home.act_as(CAROL, Act::Register, None, None).ok);
    let register = home.request(Method::Register);
    home.answer(&register, 200, |response| response.header(Name::Expires, 3600));
    let carol = register.contacts().next().unwrap().unwrap().uri.to_owned();
    assert_ne!(bob, carol);
    home.invites(&carol, "c", "passive", "sendrecv");
    home.say("c", "a", message("m1"));
    assert_eq!((home.chats(BOB).len(), home.chats(CAROL).len()), (0, 1));
    // By identity as well as by Contact; a stranger is nobody.
    home.invites(BOB, "b", "passive", "sendrecv");
    assert_eq!(home.chats(BOB).len(), 1);
    assert!(!home.act_as("sip:mallory@example.com", Act::Register, None, None).ok);
    assert_eq!(home.chats("sip:mallory@example.com").len(), 0);
}
