//! How what was missed is delivered, in virtual time. [CPM-CONV-058a]

use crate::scene::messages::*;
use crate::scene::{Scene, header, media};
use cpm_wire::io::Closing;
use cpm_wire::sdp::Direction;
use cpm_wire::sip::{Message, Method, Name};
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn a_chat_that_goes_on_is_drained_and_then_live() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2", "m3"]);
    assert_eq!(scene.store.contents().items.len(), 3);
    scene.none(Method::Invite);

    scene.register("reg-1");
    let (drain, _) = scene.answer_drain("phone", "sendrecv");
    assert_eq!(drain.request_uri(), Some(CONTACT));
    assert_eq!(header(&drain, Name::ContributionId), "contribution-1");
    assert_eq!(header(&drain, Name::ConversationId), "conversation-1");
    assert_eq!(header(&drain, Name::Subject), "Lunch");
    assert_eq!(header(&drain, Name::ReferredBy), "<sip:alice@example.com>");
    assert_eq!(header(&drain, Name::PAssertedIdentity), format!("<{FOCUS}>"));
    assert_eq!(header(&drain, Name::Route), format!("<sip:{CSCF};lr>"));
    // The Contact is the group's, but the dialog stays with the function.
    assert_eq!(header(&drain, Name::RecordRoute), format!("<sip:{TARGET};lr>"));
    assert!(header(&drain, Name::Contact).starts_with(&format!("<{FOCUS}>;isfocus")));
    let text = String::from_utf8_lossy(drain.body()).into_owned();
    assert!(text.contains("recipient-list-history;handling=optional") && text.contains("carol@example.com"), "{text}");
    assert_eq!(media(&drain).direction, Direction::SendRecv);
    assert_eq!(scene.heard("phone"), sent);

    let live = scene.focus_says("1", &["m4"]);
    assert_eq!(scene.heard("phone").last(), live.last());
    let own = message("bob", "m5", "hello");
    scene.say("phone", "p1", &own);
    assert_eq!(scene.heard("focus-1"), [own]);
    assert_eq!(scene.status_of("phone", "p1"), Some(200));
}

#[test]
fn an_ended_chat_is_drained_sendonly_and_the_session_ended() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    let (drain, _) = scene.answer_drain("phone", "recvonly");
    assert_eq!(media(&drain).direction, Direction::SendOnly);
    assert_eq!(scene.heard("phone"), sent);
    // The reports that were asked for are waited for, and go to the author.
    scene.none(Method::Bye);
    for id in ["m1", "m2"] {
        scene.say("phone", &format!("r-{id}"), &report("bob", "alice", id, "delivered"));
        assert_eq!(scene.status_of("phone", &format!("r-{id}")), Some(200));
        let message = scene.request(Method::Message);
        assert_eq!(message.request_uri(), Some("sip:alice@example.com"));
        assert_eq!(header(&message, Name::Route), format!("<sip:{CSCF};lr;orig>"));
        assert_eq!(message.body(), &report("bob", "alice", id, "delivered")[..]);
        scene.accept(&message);
    }
    let bye = scene.request(Method::Bye);
    assert_eq!(bye.headers(&Name::Route).collect::<Vec<_>>(), [format!("<sip:{CSCF};lr>")]);
    scene.accept(&bye);
}

#[test]
fn the_session_of_an_ended_chat_does_not_wait_for_reports_for_ever() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    scene.pass(Duration::from_secs(1));
    scene.request(Method::Bye);
}

#[test]
fn nothing_is_delivered_twice() {
    let mut scene = Scene::new();
    let (invite, ok) = scene.stand_in("1");
    scene.focus_says("1", &["m1", "m2"]);
    scene.focus_ends(&invite, &ok);
    scene.register("reg-1");
    scene.answer_drain("phone", "recvonly");
    scene.pass(Duration::from_secs(1));
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    scene.register("reg-2");
    scene.pass(Duration::from_secs(60));
    scene.none(Method::Invite);

    // Another device of the user gets the set once too.
    let tablet = register("reg-3", "urn:uuid:tablet", "sip:bob@192.0.2.8", &format!(";{GROUP_TAG}"), 600_000);
    scene.send(&tablet);
    let (drain, _) = scene.answer_drain("tablet", "recvonly");
    assert_eq!(drain.request_uri(), Some("sip:bob@192.0.2.8"));
    assert_eq!(scene.heard("tablet").len(), 2);
}

#[test]
fn a_broken_drain_goes_on_at_the_first_message_that_was_not_acknowledged() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1", "m2", "m3"]);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    let sdp = scene.end("phone", "passive", "sendrecv");
    scene.answer(&invite, 200, &format!("<{CONTACT}>"), Some(sdp));
    scene.start("phone", &invite, false);
    // All were acknowledged but what is sent from now on.
    assert_eq!(scene.heard("phone"), sent);
    scene.ends.get_mut("phone").unwrap().status = None;
    let more = scene.focus_says("1", &["m4", "m5"]);
    assert_eq!(scene.heard("phone").last(), more.first());
    scene.drop_connection("phone", Closing::Reset);
    scene.pass(Duration::from_secs(2));
    scene.none(Method::Invite);
    scene.register("reg-2");
    let drain = scene.take("a drain", |one| one.method() == Method::Invite);
    let sdp = scene.end("again", "active", "sendrecv");
    scene.answer_with(drain, "again", sdp);
    assert_eq!(scene.heard("again"), more);
}

#[test]
fn a_refused_drain_is_tried_again_and_then_at_the_next_trigger() {
    for status in [486, 480, 408] {
        let mut scene = Scene::with(|config| config.drain_retries = 2);
        scene.stand_in("1");
        let sent = scene.focus_says("1", &["m1"]);
        scene.register("reg-1");
        let mut tried = 0;
        for _ in 0..10 {
            if let Some(at) = scene.sip.iter().position(|one| one.method() == Method::Invite && one.is_request()) {
                let invite = scene.sip.remove(at).unwrap();
                scene.answer(&invite, status, "", None);
                tried += 1;
            }
            scene.pass(Duration::from_secs(10));
        }
        assert_eq!(tried, 3, "{status}");
        scene.register("reg-2");
        scene.answer_drain("phone", "sendrecv");
        assert_eq!(scene.heard("phone"), sent);
    }
}

#[test]
fn a_drain_that_nobody_answers_is_cancelled() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    scene.answer(&invite, 180, "", None);
    scene.pass(Duration::from_secs(6));
    let cancel = scene.request(Method::Cancel);
    scene.accept(&cancel);
    scene.answer(&invite, 487, "", None);
    scene.pass(Duration::from_secs(11));
    scene.request(Method::Invite);
}

#[test]
fn a_device_that_registers_while_it_is_called_is_called_again_at_once() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    scene.answer(&invite, 180, "", None);
    scene.register("reg-2");
    scene.none(Method::Invite);
    scene.pass(Duration::from_millis(5001));
    let cancel = scene.request(Method::Cancel);
    scene.accept(&cancel);
    scene.answer(&invite, 487, "", None);
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_declined_drain_ends_the_interest() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.focus_says("1", &["m1"]);
    scene.register("reg-1");
    let invite = scene.request(Method::Invite);
    scene.answer(&invite, 603, "", None);
    let bye = scene.request(Method::Bye);
    scene.accept(&bye);
    scene.register("reg-2");
    scene.pass(Duration::from_secs(60));
    scene.none(Method::Invite);
    assert_eq!(scene.store.contents().chats.len(), 0);
    assert_eq!(scene.store.contents().items.len(), 0);
}

#[test]
fn only_a_device_that_can_chat_is_drained() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    scene.send(&register("reg-1", INSTANCE, CONTACT, "", 600_000));
    scene.none(Method::Invite);
    scene.register("reg-2");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn a_registration_that_says_nothing_of_the_device_will_do() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    let sent = scene.focus_says("1", &["m1"]);
    scene.send(&register_of("reg-1", 600_000).build());
    let (drain, _) = scene.answer_drain("phone", "sendrecv");
    assert_eq!(drain.request_uri(), Some(BOB));
    assert!(header(&drain, Name::AcceptContact).contains("oma.cpm.session.group"));
    assert_eq!(scene.heard("phone"), sent);
}

#[test]
fn chats_are_kept_apart() {
    let mut scene = Scene::new();
    scene.stand_in("1");
    scene.stand_in("2");
    let one = scene.focus_says("1", &["m1", "m2"]);
    let two = scene.focus_says("2", &["n1"]);
    scene.register("reg-1");
    let drains: Vec<Message> = (0..2).map(|_| scene.request(Method::Invite)).collect();
    for drain in drains {
        let end = header(&drain, Name::ContributionId).to_owned();
        let sdp = scene.end(&end, "active", "sendrecv");
        scene.answer_with(drain, &end, sdp);
    }
    assert_eq!(scene.heard("contribution-1"), one);
    assert_eq!(scene.heard("contribution-2"), two);
}
