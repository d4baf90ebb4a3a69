//! What is kept, and how it is written.

use super::*;
use cpm_reference::config::Interworking;
use pretty_assertions::assert_eq;
use std::time::Duration;

#[test]
fn each_message_of_a_chat_of_two_is_kept_with_its_author_time_and_direction() {
    for (from, to) in [(ALICE, BOB), (BOB, ALICE)] {
        let mut scene = keeping();
        let talk = Talk::begin(&mut scene, from, to, "c", false);
        for (end, author, other, id) in [("alice", ALICE, BOB, "m1"), ("bob", BOB, ALICE, "m2")] {
            scene.say(end, id, &envelope(author, other, id));
            assert_eq!(scene.status_of(end, id), Some(200));
        }
        assert_eq!(ids(&scene), ["m1 received", "m2 sent"]);
        let (folder, text) = kept(&scene).remove(0);
        assert_eq!(folder, "conversation-c/contribution-c");
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            head.split("\r\n").collect::<Vec<_>>(),
            [
                "From: <sip:alice@example.com>",
                "To: <sip:bob@example.com>",
                "Date: Fri, 2 Jan 2026 03:04:05 +0000",
                "DateTime: 2026-01-02T03:04:05Z",
                "Conversation-ID: conversation-c",
                "Contribution-ID: contribution-c",
                "IMDN-Message-ID: m1",
                "Message-Direction: received",
                "Message-Context: chat-message",
                "MIME-Version: 1.0",
                "Content-Type: message/cpim",
                "Content-Transfer-Encoding: 8bit",
            ]
        );
        assert_eq!(body.as_bytes(), envelope(ALICE, BOB, "m1"));
        talk.end(&mut scene);
        let (_, info) = kept(&scene).pop().unwrap();
        assert!(info.contains("Content-Type: application/X-CPM-Session"), "{info}");
        assert!(info.contains("<session-type>1-1</session-type>") && info.contains("sip:alice@example.com"), "{info}");
        assert_eq!(kept(&scene).len(), 3);
    }
}

#[test]
fn a_message_in_chunks_is_kept_whole_and_one_that_is_given_up_or_refused_is_not() {
    let mut scene = keeping();
    Talk::begin(&mut scene, ALICE, BOB, "c", false);
    let long = envelope(ALICE, BOB, "m1");
    scene.say_as("alice", "m1", "message/cpim", &long, Some(50));
    assert_eq!(scene.status_of("alice", "m1"), Some(200));
    scene.say_and_abort("alice", "m2", &envelope(ALICE, BOB, "m2"), 50);
    scene.ends.get_mut("bob").unwrap().status = Some(403);
    scene.say("alice", "m3", &envelope(ALICE, BOB, "m3"));
    assert_eq!(ids(&scene), ["m1 received"]);
    assert!(kept(&scene)[0].1.as_bytes().ends_with(&long));
    // That somebody is composing is nothing to keep.
    scene.ends.get_mut("bob").unwrap().status = Some(200);
    scene.say_as("alice", "m4", "application/im-iscomposing+xml", &Bytes::from_static(b"<isComposing/>"), None);
    assert_eq!(kept(&scene).len(), 1);
    // A file is kept as its octets.
    scene.say_as("alice", "m5", "image/png", &Bytes::from_static(b"\x89PNG\x00"), None);
    let (_, file) = kept(&scene).pop().unwrap();
    assert!(
        file.contains("Message-Context: file-message\r\n") && file.contains("Content-Type: image/png\r\n"),
        "{file}"
    );
    assert!(file.ends_with("\r\n\r\niVBORwA=\r\n"), "{file}");
}

#[test]
fn messages_and_reports_outside_sessions_are_kept_once_taken() {
    let mut scene = keeping();
    taken(&mut scene, &message_of(ALICE, BOB, "m1").build());
    taken(&mut scene, &message_of(BOB, ALICE, "m2").build());
    assert_eq!(ids(&scene), ["m1 received", "m2 sent"]);
    let told =
        between(Method::Message, ALICE, BOB, "r").body("message/cpim", report("alice", "bob", "m2", "delivered"));
    taken(&mut scene, &told.build());
    let (folder, text) = kept(&scene).pop().unwrap();
    assert_eq!(folder, "conversation-r/contribution-r");
    assert!(text.contains("disposition-notification") && text.contains("<message-id>m2</message-id>"), "{text}");
    // Nobody takes it.
    scene.send(&message_of(BOB, ALICE, "m3").build());
    let onward = scene.request(Method::Message);
    scene.answer(&onward, 403, "", None);
    scene.response(Method::Message, 403);
    assert_eq!(kept(&scene).len(), 3);
}

#[test]
fn what_is_deferred_is_kept_at_once_and_not_again_when_it_is_delivered() {
    let mut scene = with_history(Some(true), |_| {});
    let message = between(Method::Message, ALICE, BOB, "m1").set_case("unreg");
    scene.send(&message);
    scene.response(Method::Message, 202);
    assert_eq!(ids(&scene), ["m1 received"]);
    scene.register("reg-1");
    let pushed = scene.request(Method::Message);
    scene.accept(&pushed);
    assert_eq!(ids(&scene), ["m1 received"]);
}

#[test]
fn what_a_group_says_is_kept_once_and_the_group_when_it_has_ended() {
    let mut scene = with_history(Some(true), |_| {});
    let (invite, ok) = scene.stand_in("1");
    scene.focus_says("1", &["m1", "m2"]);
    assert_eq!(ids(&scene), ["m1 received", "m2 received"]);
    scene.register("reg-1");
    scene.answer_drain("phone", "sendrecv");
    assert_eq!(scene.heard("phone").len(), 2);
    scene.say("phone", "p1", &message("bob", "m3", "from Bob"));
    assert_eq!(ids(&scene), ["m1 received", "m2 received", "m3 sent"]);
    scene.focus_ends(&invite, &ok);
    scene.pass(Duration::from_secs(1));
    let types: Vec<bool> = ["application/X-CPM-Session", "application/group-state-object+xml"]
        .iter()
        .map(|kind| kept(&scene).iter().any(|(_, text)| text.contains(&format!("Content-Type: {kind}"))))
        .collect();
    assert_eq!(types, [true, true]);
    assert_eq!(kept(&scene).len(), 5);
}

#[test]
fn what_is_interworked_is_kept_once_it_is_taken() {
    let interworking = Some(Interworking::at("sip:iwf@example.com"));
    let mut scene = with_history(Some(true), |config| config.interworking = interworking);
    for (id, status) in [("m1", 200), ("m2", 403)] {
        scene.send(&message_of(BOB, ALICE, id).build());
        let onward = scene.request(Method::Message);
        scene.answer(&onward, 404, "", None);
        let interworked = scene.request(Method::Message);
        scene.answer(&interworked, status, "", None);
        scene.response(Method::Message, status);
    }
    assert_eq!(ids(&scene), ["m1 sent"]);
}

#[test]
fn a_large_message_is_kept_when_it_is_deferred() {
    let mut scene = with_history(Some(true), |_| {});
    let invite = between(Method::Invite, ALICE, BOB, "c")
        .header(Name::PAssertedService, "urn:urn-7:3gpp-service.ims.icsi.oma.cpm.largemsg")
        .header(Name::Contact, "<sip:caller@192.0.2.1>")
        .body("application/sdp", scene.end("alice", "actpass", "sendonly"))
        .build();
    let unregistered = format!("<{BOB}>;sescase=term;regstate=unreg");
    let invite = invite.edit().set(Name::PServedUser, unregistered).finish();
    scene.send(&invite);
    let ok = scene.response(Method::Invite, 200);
    scene.send(&in_dialog(Method::Ack, &invite, &ok, 1).build());
    scene.start("alice", &ok, false);
    scene.say("alice", "m1", &envelope(ALICE, BOB, "m1"));
    assert_eq!(scene.status_of("alice", "m1"), Some(200));
    scene.send(&in_dialog(Method::Bye, &invite, &ok, 2).build());
    assert_eq!(ids(&scene), ["m1 received"]);
    let (_, text) = kept(&scene).pop().unwrap();
    assert!(text.contains("Message-Context: large-message\r\n"), "{text}");
}

/// The served user is not registered.
trait Unregistered {
    fn set_case(self, state: &str) -> Message;
}

impl Unregistered for Builder {
    fn set_case(self, state: &str) -> Message {
        let message = self.body("message/cpim", envelope(ALICE, BOB, "m1")).build();
        message.edit().set(Name::PServedUser, format!("<{BOB}>;sescase=term;regstate={state}")).finish()
    }
}
